//! `link_existing: by_title`: the first pass joins what is on both sides under one title.

mod once;

use crate::env::Env;
use crate::lab::{Lab, author_text};
use forge_sim::Role;

/// Opens an issue on the target, as somebody who is not our account, or as that.
fn there(lab: &Lab, ours: bool, title: &str) -> u64 {
    let mut world = lab.sim.world();
    let author = if ours {
        world.tokens["writer"].user
    } else {
        lab.alice
    };
    world.open_issue(lab.target, author, title, &format!("{title} there."))
}

/// Alpha, Beta and Gamma on the source; Alpha by somebody and Beta by our account on the target.
fn lab(toggles: &str) -> Lab {
    let lab = Lab::new(&format!("link_existing: by_title\n{toggles}"));
    for title in ["Alpha", "Beta", "Gamma"] {
        let iid = lab.open(title, &format!("{title} here."));
        lab.edit(iid, |issue| {
            issue.labels.insert("bug".to_owned());
        });
        lab.comment(iid, &format!("On {title}."));
    }
    there(&lab, true, "Beta");
    there(&lab, false, "Alpha");
    lab.sim.advance(300);
    lab
}

fn titles(lab: &Lab) -> Vec<String> {
    let issues = lab.mirrored();
    issues.iter().map(|issue| issue.title.clone()).collect()
}

fn text(lab: &Lab, at: usize) -> String {
    lab.mirrored()[at].description.clone().unwrap_or_default()
}

#[test]
fn what_is_on_both_sides_is_joined_and_the_rest_is_made() {
    let lab = lab("");
    let run = lab.run(&["sync"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    let said = "2 issues with those of the same title on the target";
    assert!(run.stdout.contains(said), "{}", run.shown());
    assert_eq!(titles(&lab), ["Beta", "Alpha", "Gamma"]);
    // What people wrote there stays; labels and comments come.
    assert_eq!(author_text(&text(&lab, 0)), "Beta there.");
    assert_eq!(text(&lab, 1), "Alpha there.");
    for issue in lab.mirrored() {
        assert!(issue.labels.contains("bug"), "{}", issue.title);
    }
    let comments: Vec<usize> = lab.mirrored().iter().map(|i| i.comments().len()).collect();
    assert_eq!(comments, [1, 2, 1], "and the one that marks Alpha");
    lab.sim.advance(600);
    lab.idle();
    // The source wins where it changes, and only there.
    lab.edit(1, |issue| issue.title = "Alpha 2".to_owned());
    lab.sim.advance(300);
    assert_eq!(lab.sync()["issues"]["updated"], 1);
    assert_eq!(titles(&lab), ["Beta", "Alpha 2", "Gamma"]);
    assert_eq!(text(&lab, 1), "Alpha there.");
    // All of it is known again without a store, and titles join nothing any more.
    lab.env.lose_store();
    lab.sim.advance(600);
    there(&lab, false, "Delta");
    lab.open("Delta", "Delta here.");
    let pair = lab.sync();
    assert_eq!(
        (&pair["joined"], &pair["issues"]["created"]),
        (&0.into(), &1.into()),
        "{pair:#}"
    );
    assert_eq!(titles(&lab), ["Beta", "Alpha 2", "Gamma", "Delta", "Delta"]);
}

#[test]
fn only_the_first_pass_joins() {
    let lab = lab("");
    assert_eq!(lab.sync()["joined"], 2);
    lab.sim.advance(600);
    there(&lab, false, "Delta");
    lab.open("Delta", "Delta here.");
    lab.sim.advance(300);
    let pair = lab.sync_with(&["--full"], 0);
    assert_eq!(
        (&pair["joined"], &pair["issues"]["created"]),
        (&0.into(), &1.into())
    );
    // Nor does one that comes after others without the setting.
    let lab = lab_without();
    lab.configure("link_existing: by_title");
    there(&lab, false, "Delta");
    lab.open("Delta", "Delta here.");
    lab.sim.advance(300);
    assert_eq!(lab.sync()["joined"], 0);
}

fn lab_without() -> Lab {
    let lab = lab("");
    lab.configure("");
    assert_eq!(lab.sync()["joined"], 0);
    assert_eq!(titles(&lab), ["Beta", "Alpha", "Alpha", "Beta", "Gamma"]);
    lab.sim.advance(600);
    lab
}

#[test]
fn without_existing_issues_what_is_on_both_sides_is_joined_and_nothing_else_is_made() {
    let lab = lab("sync_existing_issues: false");
    let pair = lab.sync();
    assert_eq!(
        (&pair["joined"], &pair["issues"]["created"]),
        (&2.into(), &0.into())
    );
    assert_eq!(pair["skipped_because"]["baseline"], 1);
    assert_eq!(titles(&lab), ["Beta", "Alpha"]);
    lab.sim.advance(600);
    lab.idle();
    lab.edit(2, |issue| issue.title = "Beta 2".to_owned());
    lab.open("New", "New here.");
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(
        (&pair["issues"]["updated"], &pair["issues"]["created"]),
        (&1.into(), &1.into())
    );
    assert_eq!(titles(&lab), ["Beta 2", "Alpha", "New"]);
    // Also where the store is lost: the marker knows from where on.
    lab.env.lose_store();
    lab.sim.advance(600);
    assert_eq!(lab.sync()["issues"]["created"], 0);
}

#[test]
fn what_leaves_a_doubt_is_told_and_not_joined() {
    let lab =
        Lab::new("link_existing: by_title\nsync_confidential: true\nsync_closed_issues: true");
    for title in [
        "Twice here",
        "Twice here",
        "Twice there",
        "Hidden here",
        "Hidden there",
    ] {
        lab.open(title, "x");
    }
    lab.edit(3, |issue| issue.open = false);
    lab.edit(4, |issue| issue.confidential = true);
    for title in [
        "Twice here",
        "Twice there",
        "Twice there",
        "Hidden here",
        "Hidden there",
        " twice here",
    ] {
        there(&lab, false, title);
    }
    lab.sim.world().issue_mut(lab.target, 3).open = false;
    lab.sim.world().issue_mut(lab.target, 5).confidential = true;
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(
        (&pair["joined"], &pair["issues"]["created"]),
        (&0.into(), &5.into()),
        "{pair:#}"
    );
    let said = pair["warnings"].to_string();
    assert!(
        said.contains("not joined by title: #1, #2, #3 (more than"),
        "{said}"
    );
    assert!(said.contains("not joined by title: #4, #5 (the issue of the same title on the target is seen by other"), "{said}");
    assert!(!said.contains("Hidden"), "{said}");
    for (number, at) in [(4, 3), (5, 4)] {
        let issue = &lab.mirrored()[at];
        assert_eq!(issue.comments().len(), 0, "#{number} is untouched");
    }
    // Where both are hidden nothing is told by it.
    let lab = Lab::new("link_existing: by_title\nsync_confidential: true");
    let (here, there) = (lab.open("Both", "x"), there(&lab, false, "Both"));
    lab.edit(here, |issue| issue.confidential = true);
    lab.sim.world().issue_mut(lab.target, there).confidential = true;
    assert_eq!(lab.sync()["joined"], 1);
    assert!(lab.mirrored()[0].confidential);
    lab.sim.advance(600);
    lab.idle();
}

#[test]
fn what_is_closed_on_one_side_stays_so_until_the_source_changes() {
    let lab = lab("");
    lab.sim.world().issue_mut(lab.target, 1).open = false;
    assert_eq!(lab.sync()["joined"], 2);
    assert!(!lab.mirrored()[0].open);
    lab.edit(2, |issue| issue.weight = Some(3));
    lab.sim.advance(300);
    lab.sync();
    assert!(!lab.mirrored()[0].open, "nobody said anything of it");
    lab.edit(2, |issue| issue.open = false);
    lab.sim.advance(300);
    lab.sync();
    lab.edit(2, |issue| issue.open = true);
    lab.sim.advance(300);
    lab.sync();
    assert!(lab.mirrored()[0].open, "the source did");
}

#[test]
fn what_another_pair_mirrors_is_not_joined_and_what_is_not_selected_neither() {
    let lab = lab("only: { labels: [bug] }");
    lab.sync();
    let other = {
        let mut world = lab.sim.world();
        let other = world.add_project("team/other");
        let bot = world.tokens["reader"].user;
        world.set_role(other, bot, Role::Reporter);
        world.open_issue(other, lab.alice, "Gamma", "Gamma elsewhere.");
        world.open_issue(other, lab.alice, "Alpha", "Alpha elsewhere.");
        other
    };
    let url = lab.sim.url();
    lab.env.write(
        "mirror.yaml",
        &format!(
            "instances:
  prod: {{ forge: gitlab, url: '{url}', token_env: READER }}
  backup: {{ forge: gitlab, url: '{url}', token_env: WRITER, timeout_seconds: 5 }}
pairs:
  - name: app
    source: {{ instance: prod, project: team/other }}
    target: {{ instance: backup, project: mirrors/app }}
    sync_existing_issues: true
    link_existing: by_title
    only: {{ issues: [1] }}
"
        ),
    );
    lab.sim.advance(600);
    let pair = lab.sync();
    let said = pair["warnings"].to_string();
    assert_eq!(pair["joined"], 0);
    assert!(
        said.contains(
            "#1 (the issue of the same title on the target is the counterpart of another one)"
        ),
        "{said}"
    );
    assert!(!said.contains("#2"), "{said}");
    assert_eq!(titles(&lab), ["Beta", "Alpha", "Gamma", "Gamma"]);
    assert!(other > 0);
}

#[test]
fn p6_what_one_pair_joined_another_one_does_not_join_as_well() {
    let lab = lab("");
    assert_eq!(lab.sync()["joined"], 2);
    {
        let mut world = lab.sim.world();
        let other = world.add_project("team/other");
        let bot = world.tokens["reader"].user;
        world.set_role(other, bot, Role::Reporter);
        world.open_issue(other, lab.alice, "Alpha", "Alpha elsewhere.");
    }
    let mut text = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    text += "
  - name: other
    source: { instance: prod, project: team/other }
    target: { instance: backup, project: mirrors/app }
    sync_existing_issues: true
    link_existing: by_title
";
    lab.env.write("mirror.yaml", &text);
    lab.sim.advance(600);
    let run = lab.run(&["link", "other", "1", "2"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(run.stdout.contains("by another pair"), "{}", run.shown());
    let run = lab.run(&["sync"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    let said = "#1 (the issue of the same title on the target is the counterpart of another one)";
    assert!(run.stdout.contains(said), "{}", run.shown());
    assert_eq!(titles(&lab), ["Beta", "Alpha", "Gamma", "Alpha"]);
    assert_eq!(text_of_comments(&lab, 1).matches("Mirrors ").count(), 1);
}

fn text_of_comments(lab: &Lab, at: usize) -> String {
    let issue = &lab.mirrored()[at];
    let notes = issue.comments();
    notes.iter().map(|note| note.body.as_str()).collect()
}

#[test]
fn a_trial_run_writes_nothing_into_what_was_parted() {
    let lab = Lab::new("link_existing: by_title");
    lab.open("Alpha", "Alpha here.");
    there(&lab, false, "Alpha");
    assert_eq!(lab.sync()["joined"], 1);
    let run = lab.run(&["unlink", "app", "1"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    let before = text_of_comments(&lab, 0);
    assert!(before.contains("Does not mirror any more"), "{before}");
    // Without the label nobody looks for the comment.
    let iid = lab.mirrored()[0].iid;
    lab.sim.world().issue_mut(lab.target, iid).labels.clear();
    lab.env.lose_store();
    lab.sim.advance(600);
    let writes = lab.sim.world().writes();
    let run = lab.run(&["sync", "--dry-run"]);
    assert!(run.stdout.contains("join   #1"), "{}", run.shown());
    assert_eq!(lab.sim.world().writes(), writes);
    assert_eq!(text_of_comments(&lab, 0), before);
}

#[test]
fn a_trial_run_shows_what_would_be_joined() {
    let lab = lab("");
    let before = lab.sim.world().writes();
    let run = lab.run(&["sync", "--dry-run"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    for line in [
        "join   #1 Alpha\n         with #2 of the target, by its title; 1 new comment\n",
        "join   #2 Beta\n         with #1 of the target, by its title\n",
        "create #3 Gamma\n",
    ] {
        assert!(run.stdout.contains(line), "{line}{}", run.shown());
    }
    let pair = lab.sync_with(&["--dry-run"], 0);
    assert_eq!(pair["plan"][0]["action"], "join");
    assert_eq!(pair["plan"][0]["target_number"], 2);
    assert_eq!(lab.sim.world().writes(), before);
    assert_eq!(lab.sync()["joined"], 2, "nothing of it was remembered");
}

#[test]
fn trackers_of_files_are_joined_too() {
    let env = Env::new("link_existing: by_title");
    env.source()
        .issue(1, "title: One\nauthor: alice", "One here.");
    env.source()
        .issue(2, "title: Two\nauthor: alice", "Two here.");
    let target = crate::tracker::Tracker::begin(env.path("target"), "target-1", "there");
    target.issue(7, "title: Two\nauthor: bob", "Two there.");
    let pair = env.sync();
    assert_eq!(
        (&pair["joined"], &pair["issues"]["created"]),
        (&1.into(), &1.into())
    );
    assert_eq!(env.target().numbers(), [7, 8]);
    assert_eq!(env.target().read(7).text.trim(), "Two there.");
    env.sync_idle();
    env.lose_store();
    assert_eq!(env.sync()["issues"]["created"], 0);
    assert_eq!(env.target().numbers(), [7, 8]);
}
