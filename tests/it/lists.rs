//! P7 beside the issues: the lists of labels and milestones, which everybody reads who sees the target.
//! Here that of labels.

mod milestones;

use crate::env::Env;
use crate::lab::Lab;
use forge_sim::Label;
use milestones::add_milestone;
use std::fs;

const CARRIED: &str = "sync_confidential: true";

const CREATED: &str =
    "sync_confidential: true\nmilestone_strategy: by_title\nmilestone_auto_create: true";

/// A source that only members see, and a target that everybody sees.
fn open_lab(toggles: &str) -> Lab {
    Lab::with(toggles, |world| {
        let target = *world.projects.keys().last().unwrap();
        world.projects.get_mut(&target).unwrap().public = true;
    })
}

/// An issue with these labels.
fn labelled(lab: &Lab, hidden: bool, labels: &[&str]) -> u64 {
    let iid = lab.open("Title", "Text.");
    for name in labels {
        add_label(lab, name, &format!("About {name}."));
    }
    lab.edit(iid, |issue| {
        issue.confidential = hidden;
        issue.labels = labels.iter().map(ToString::to_string).collect();
    });
    iid
}

fn add_label(lab: &Lab, name: &str, description: &str) {
    let mut world = lab.sim.world();
    let id = world.fresh_id();
    let labels = &mut world.projects.get_mut(&lab.source).unwrap().labels;
    if labels.iter().all(|label| label.name != name) {
        labels.push(Label {
            id,
            name: name.to_owned(),
            color: "#ff0000".to_owned(),
            description: Some(description.to_owned()),
            of_group: false,
        });
    }
}

/// Titles in the target's list of labels, but for the one that every mirrored issue has.
fn list(lab: &Lab) -> Vec<String> {
    let world = lab.sim.world();
    let all = world.projects[&lab.target].labels.iter();
    let all = all.filter(|label| !label.name.starts_with("Mirrored-From::"));
    all.map(|label| label.name.clone()).collect()
}

fn described(lab: &Lab, name: &str) -> Option<String> {
    let world = lab.sim.world();
    let mut all = world.projects[&lab.target].labels.iter();
    let label = all.find(|label| label.name == name).unwrap();
    label
        .description
        .clone()
        .filter(|description| !description.is_empty())
}

/// Labels of a counterpart, but for the one that all have.
fn labels(lab: &Lab, iid: u64) -> Vec<String> {
    let issue = lab.sim.world().issue(lab.target, iid).clone();
    let labels = issue.labels.into_iter();
    labels
        .filter(|l| !l.starts_with("Mirrored-From::"))
        .collect()
}

fn text(lab: &Lab, iid: u64) -> String {
    let issue = lab.sim.world().issue(lab.target, iid).clone();
    issue.description.unwrap()
}

/// Nothing that was sent to the target names this, but what changed an issue that is hidden there.
fn said_at_hidden_ones_only(lab: &Lab, canary: &str) {
    let world = lab.sim.world();
    let hidden: Vec<u64> = world.projects[&lab.target]
        .issues
        .values()
        .filter(|issue| issue.confidential)
        .map(|issue| issue.iid)
        .collect();
    for logged in &world.log {
        let path = &logged.target;
        let to_target =
            path.contains(&format!("projects/{}", lab.target)) || path.contains("mirrors%2Fapp");
        let mut changed = hidden.iter();
        let is_change = changed.any(|iid| path.ends_with(&format!("/issues/{iid}")));
        let is_create = path.ends_with("/issues") && logged.body.contains("\"confidential\":true");
        assert!(
            !to_target
                || is_change
                || is_create
                || !format!("{path} {}", logged.body).contains(canary),
            "{logged:#?}"
        );
    }
}

#[test]
fn p7_a_label_that_only_confidential_issues_have_is_not_in_the_list_of_a_more_public_target() {
    let lab = open_lab(CARRIED);
    labelled(&lab, false, &["bug"]);
    labelled(&lab, true, &["bug", "CANARY"]);
    let pair = lab.sync();
    assert_eq!(pair["issues"]["created"], 2);
    assert_eq!(list(&lab), ["bug"]);
    assert_eq!(labels(&lab, 2), ["bug"]);
    assert!(lab.mirrored()[1].confidential);
    assert!(text(&lab, 2).contains("- **Labels:** CANARY"));
    said_at_hidden_ones_only(&lab, "CANARY");
    // It is told, once, and not by its title.
    let told = pair["not_carried"].to_string();
    assert!(told.contains("only confidential issues have it"), "{told}");
    assert!(!told.contains("CANARY"), "{told}");
    lab.sim.advance(300);
    lab.idle();
    lab.sim.advance(300);
    lab.sync_with(&["--full"], 0);
    lab.edit(2, |issue| issue.title = "Other".to_owned());
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(
        pair["not_carried"].as_array().map(Vec::len),
        Some(0),
        "{pair:#}"
    );
    said_at_hidden_ones_only(&lab, "CANARY");
}

#[test]
fn p7_nobody_reads_who_is_assigned_to_it_which_kind_it_is_or_which_milestone_it_has() {
    let lab = open_lab(CARRIED);
    let iid = labelled(&lab, true, &[]);
    let id = add_milestone(&lab, "CANARY");
    let alice = lab.alice;
    lab.edit(iid, |issue| {
        issue.milestone = Some(id);
        issue.assignees = vec![alice];
        "incident".clone_into(&mut issue.issue_type);
    });
    lab.sync();
    assert_eq!(list(&lab), Vec::<String>::new());
    let text = text(&lab, 1);
    for line in ["**Milestone:** CANARY", "**Assignees:** "] {
        assert!(text.contains(line), "{text}");
    }
    said_at_hidden_ones_only(&lab, "CANARY");
    said_at_hidden_ones_only(&lab, "alice");
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p7_on_a_target_that_only_members_see_every_label_is_made() {
    let lab = Lab::new(CARRIED);
    let iid = labelled(&lab, true, &["secret plan"]);
    let alice = lab.alice;
    lab.edit(iid, |issue| issue.assignees = vec![alice]);
    lab.sync();
    assert_eq!(list(&lab), ["Assignee::@alice", "secret plan"]);
    assert!(!text(&lab, 1).contains("**Labels:**"));
}

#[test]
fn p7_what_the_source_lists_for_everybody_is_listed_and_what_only_the_issue_says_is_not() {
    let lab = open_lab(CARRIED);
    let source = lab.source;
    lab.sim.world().projects.get_mut(&source).unwrap().public = true;
    let iid = labelled(&lab, true, &["known"]);
    let alice = lab.alice;
    lab.edit(iid, |issue| issue.assignees = vec![alice]);
    lab.sync();
    assert_eq!(list(&lab), ["known"]);
    assert_eq!(labels(&lab, 1), ["known"]);
}

#[test]
fn p7_a_label_arrives_once_an_issue_that_everybody_sees_brings_it() {
    let lab = open_lab(CARRIED);
    labelled(&lab, true, &["late"]);
    lab.sync();
    assert_eq!(labels(&lab, 1), Vec::<String>::new());
    labelled(&lab, false, &["late"]);
    // The label, its issue, and the one that waited for it.
    assert_eq!(lab.later().0, 3);
    assert_eq!(labels(&lab, 1), ["late"]);
    assert!(!text(&lab, 1).contains("**Labels:**"));
    assert_eq!(described(&lab, "late").as_deref(), Some("About late."));
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p7_a_label_arrives_in_the_same_pass_whichever_comes_first() {
    let lab = open_lab(CARRIED);
    labelled(&lab, true, &["both"]);
    labelled(&lab, false, &["both"]);
    lab.sync();
    assert_eq!(labels(&lab, 1), ["both"]);
    assert_eq!(labels(&lab, 2), ["both"]);
    assert!(!text(&lab, 1).contains("**Labels:**"));
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p7_a_label_arrives_with_an_issue_that_becomes_public_and_stays_where_one_becomes_confidential() {
    let lab = open_lab(CARRIED);
    labelled(&lab, true, &["then"]);
    lab.sync();
    lab.sim.advance(300);
    lab.edit(1, |issue| issue.confidential = false);
    lab.sync();
    assert_eq!(
        (labels(&lab, 1), list(&lab)),
        (vec!["then".to_owned()], vec!["then".to_owned()])
    );
    assert!(!text(&lab, 1).contains("**Labels:**"));
    assert!(!lab.mirrored()[0].confidential);
    lab.sim.advance(300);
    lab.idle();
    add_label(&lab, "CANARY", "x");
    lab.edit(1, |issue| {
        issue.confidential = true;
        issue.labels.insert("CANARY".to_owned());
    });
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(
        (labels(&lab, 1), list(&lab)),
        (vec!["then".to_owned()], vec!["then".to_owned()])
    );
    assert!(text(&lab, 1).contains("**Labels:** CANARY"));
    said_at_hidden_ones_only(&lab, "CANARY");
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p7_a_label_that_people_made_there_is_set() {
    let lab = open_lab(CARRIED);
    labelled(&lab, true, &["Theirs"]);
    lab.sync();
    {
        let mut world = lab.sim.world();
        let id = world.fresh_id();
        let labels = &mut world.projects.get_mut(&lab.target).unwrap().labels;
        labels.push(Label {
            id,
            name: "Theirs".to_owned(),
            color: "#000000".to_owned(),
            description: None,
            of_group: true,
        });
    }
    lab.sim.advance(300);
    lab.sync_with(&["--full"], 0);
    assert_eq!(labels(&lab, 1), ["Theirs"]);
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p7_what_a_label_is_about_is_told_by_an_issue_that_everybody_sees_only() {
    let lab = open_lab(CARRIED);
    let iid = labelled(&lab, false, &["topic"]);
    labelled(&lab, true, &["topic"]);
    lab.sync();
    let describe = |text: &str| {
        let mut world = lab.sim.world();
        let labels = &mut world.projects.get_mut(&lab.source).unwrap().labels;
        let label = labels.iter_mut().find(|label| label.name == "topic");
        label.unwrap().description = Some(text.to_owned());
    };
    lab.sim.advance(300);
    lab.edit(iid, |issue| {
        issue.labels.clear();
    });
    describe("CANARY");
    lab.sync();
    assert_eq!(described(&lab, "topic").as_deref(), Some("About topic."));
    said_at_hidden_ones_only(&lab, "CANARY");
    describe("For all.");
    lab.edit(iid, |issue| {
        issue.labels.insert("topic".to_owned());
    });
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(described(&lab, "topic").as_deref(), Some("For all."));
}

#[test]
fn p7_a_title_of_the_settings_is_made_and_nothing_else_of_its_label() {
    let lab = open_lab(&format!("{CARRIED}\nlabels: {{ CANARY: plain }}"));
    labelled(&lab, true, &["CANARY"]);
    lab.sync();
    assert_eq!(
        (list(&lab), labels(&lab, 1)),
        (vec!["plain".to_owned()], vec!["plain".to_owned()])
    );
    assert_eq!(described(&lab, "plain"), None);
    said_at_hidden_ones_only(&lab, "CANARY");
    lab.sim.advance(300);
    lab.idle();
    labelled(&lab, false, &["CANARY"]);
    lab.sync();
    assert_eq!(described(&lab, "plain").as_deref(), Some("About CANARY."));
}

#[test]
fn p3_after_a_lost_store_nothing_is_written_and_what_was_withheld_still_arrives() {
    let lab = open_lab(CARRIED);
    labelled(&lab, true, &["late"]);
    lab.sync();
    lab.sim.advance(300);
    lab.env.lose_store();
    assert_eq!(lab.later().0, 0);
    labelled(&lab, false, &["late"]);
    assert_eq!(lab.later().0, 3);
    assert_eq!(labels(&lab, 1), ["late"]);
}

#[test]
fn p7_files_keep_the_label_of_a_hidden_issue_in_its_own_file_only() {
    let env = Env::new(CARRIED);
    let source = env.source();
    source.write(
        "labels.yaml",
        "CANARY: {color: \"#ff0000\", description: About}\nbug: {color: \"#00ff00\"}\n",
    );
    source.issue(1, "title: A\nauthor: a\nlabels: [bug]", "x");
    source.issue(
        2,
        "title: B\nauthor: a\nconfidential: true\nlabels: [CANARY, bug]",
        "x",
    );
    let pair = env.sync();
    let listed = || fs::read_to_string(env.target().path("labels.yaml")).unwrap();
    assert!(listed().contains("bug") && !listed().contains("CANARY"));
    let file = fs::read_to_string(env.target().path("issues/2/issue.md")).unwrap();
    assert!(
        file.contains("labels:") && file.contains("CANARY"),
        "{file}"
    );
    assert!(!file.contains("**Labels:**"), "{file}");
    let told = pair["not_carried"].to_string();
    assert!(told.contains("colour and description"), "{told}");
    env.sync_idle();
    env.source()
        .issue(3, "title: C\nauthor: a\nlabels: [CANARY]", "x");
    env.sync();
    assert!(
        listed().contains("CANARY") && listed().contains("About"),
        "{}",
        listed()
    );
    env.sync_idle();
}
