//! Labels of every kind: odd titles, case, scopes that exclude each other, archived ones, those of the
//! group, and those that people had there before.

mod again;
mod scoped;

use crate::lab::Lab;
use forge_sim::{Issue, Label, Project};
use serde_json::Value;

/// The labels of a mirrored issue, without the one that says where it comes from.
fn labels(issue: &Issue) -> Vec<&str> {
    let labels = issue.labels.iter().map(String::as_str);
    labels
        .filter(|l| !l.starts_with("Mirrored-From::"))
        .collect()
}

fn shown(lab: &Lab) -> Vec<String> {
    let issue = lab.mirrored().remove(0);
    labels(&issue).into_iter().map(str::to_owned).collect()
}

/// Puts these labels on an issue of the source and takes every other one off.
fn label(lab: &Lab, iid: u64, names: &[&str]) {
    lab.edit(iid, |issue| {
        issue.labels = names.iter().map(ToString::to_string).collect();
    });
}

/// One issue of the source, number 1, with these labels.
fn labelled(names: &[&str]) -> Lab {
    let lab = Lab::new("");
    let iid = lab.open("T", "x");
    label(&lab, iid, names);
    lab
}

fn on_target<T>(lab: &Lab, change: impl FnOnce(&mut Project) -> T) -> T {
    let mut world = lab.sim.world();
    change(world.projects.get_mut(&lab.target).unwrap())
}

fn told(pair: &Value) -> Vec<(String, u64)> {
    let rows = pair["not_carried"].as_array().unwrap().iter();
    rows.map(|row| {
        let why = row["why"].as_str().unwrap().to_owned();
        (why, row["count"].as_u64().unwrap())
    })
    .collect()
}

#[test]
fn p9_a_title_that_is_not_taken_arrives_as_one_that_is() {
    let long = "t".repeat(300);
    let odd = ["a,b", "List<T>", "two\nlines\u{7}", long.as_str()];
    let lab = labelled(&odd);
    let pair = lab.sync();
    assert_eq!(told(&pair), []);
    let cut = format!("{}…", "t".repeat(254));
    let expected = ["List‹T>", "a;b", cut.as_str(), "two lines"];
    assert_eq!(shown(&lab), expected);
    lab.sim.advance(300);
    lab.idle();
    // One more is one write, and the others are known again.
    label(&lab, 1, &[&odd[..], &["x,y"]].concat());
    assert_eq!(lab.writes(), 2, "a label and the issue");
    lab.sim.advance(300);
    lab.env.lose_store();
    lab.sync();
    lab.sim.advance(300);
    lab.idle();
    label(&lab, 1, &["x,y"]);
    lab.sync();
    assert_eq!(shown(&lab), ["x;y"]);
}

#[test]
fn p9_a_title_that_would_become_another_one_is_told_and_costs_no_issue() {
    let lab = labelled(&["a &amp; b", "bug"]);
    let pair = lab.sync();
    assert_eq!(shown(&lab), ["bug"]);
    let why = "the target takes no label a &amp; b: it would be called `a & b` there";
    assert_eq!(told(&pair), [(why.to_owned(), 1)]);
    lab.sim.advance(300);
    lab.idle();
    // A full pass tries it once more, whichever issues have it.
    assert_eq!(told(&lab.sync_with(&["--full"], 0)).len(), 1);
    // Called otherwise it arrives.
    lab.configure("labels: { 'a &amp; b': both }");
    assert_eq!(told(&lab.sync()), []);
    assert_eq!(shown(&lab), ["both", "bug"]);
    lab.configure("");
    lab.sync();
    lab.sim.advance(300);
    lab.idle();
    // Alone it costs nothing either, and the others go on.
    let second = lab.open("U", "x");
    label(&lab, second, &["a &amp; b"]);
    lab.sync();
    label(&lab, second, &["a &amp; b", "bug"]);
    lab.sync();
    assert_eq!(labels(&lab.mirrored()[1]), ["bug"]);
}

#[test]
fn p8_what_acts_in_texts_is_a_label_like_any_other() {
    let names = ["#1", "/close", "@bob", "\"quoted\"", "it's", "~tilde"];
    let lab = labelled(&names);
    lab.sync();
    let mut expected = names;
    expected.sort_unstable();
    assert_eq!(shown(&lab), expected);
    assert!(lab.mirrored()[0].open);
    assert!(lab.sim.world().mails.is_empty());
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p6_titles_that_differ_in_case_are_two_labels_where_they_are() {
    let lab = labelled(&["Bug", "bug"]);
    lab.sync();
    assert_eq!(shown(&lab), ["Bug", "bug"]);
    lab.sim.advance(300);
    lab.idle();
    label(&lab, 1, &["bug"]);
    assert_eq!(lab.writes(), 1);
    assert_eq!(shown(&lab), ["bug"]);
}

#[test]
fn p6_a_label_that_people_had_there_stays_when_the_source_gets_and_loses_it() {
    let lab = Lab::new("");
    let iid = lab.open("T", "x");
    lab.sync();
    on_target(&lab, |project| {
        let issue = project.issues.values_mut().next().unwrap();
        issue.labels.extend(["bug".to_owned(), "theirs".to_owned()]);
    });
    label(&lab, iid, &["bug", "ui"]);
    assert_eq!(lab.writes(), 2, "the label `ui`, and the issue");
    lab.sim.advance(300);
    lab.idle();
    label(&lab, iid, &[]);
    lab.sync();
    assert_eq!(shown(&lab), ["bug", "theirs"]);
    // Once people took it away, it is set like any other.
    on_target(&lab, |project| {
        let issue = project.issues.values_mut().next().unwrap();
        issue.labels.remove("bug");
    });
    label(&lab, iid, &["bug"]);
    lab.sync();
    assert_eq!(shown(&lab), ["bug", "theirs"]);
    label(&lab, iid, &[]);
    lab.sync();
    assert_eq!(shown(&lab), ["theirs"]);
}

#[test]
fn p9_an_archived_label_is_told_and_not_sent() {
    let lab = Lab::new("");
    let (first, second) = (lab.open("T", "x"), lab.open("U", "x"));
    label(&lab, first, &["old", "ui"]);
    lab.sync();
    on_target(&lab, |project| {
        project.archived_labels.insert("old".to_owned())
    });
    label(&lab, second, &["old", "ui"]);
    let pair = lab.sync();
    assert_eq!(
        told(&pair),
        [("old is archived on the target".to_owned(), 1)]
    );
    assert_eq!(labels(&lab.mirrored()[1]), ["ui"]);
    assert_eq!(shown(&lab), ["old", "ui"], "where it is it stays");
    lab.sim.advance(300);
    lab.idle();
    // It can be taken away, and comes back once it is not archived any more.
    label(&lab, first, &["ui"]);
    lab.sync();
    assert_eq!(shown(&lab), ["ui"]);
    on_target(&lab, |project| project.archived_labels.clear());
    lab.sim.advance(300);
    lab.idle();
    lab.sync_with(&["--full"], 0);
    assert_eq!(labels(&lab.mirrored()[1]), ["old", "ui"]);
    label(&lab, second, &["old"]);
    lab.sync();
    assert_eq!(labels(&lab.mirrored()[1]), ["old"]);
}

#[test]
fn a_label_of_the_group_is_found_and_a_rename_arrives() {
    let lab = labelled(&["bug"]);
    let id = lab.sim.world().fresh_id();
    on_target(&lab, |project| {
        project.labels.push(Label {
            id,
            name: "bug".to_owned(),
            color: "#112233".to_owned(),
            description: Some("Theirs.".to_owned()),
            of_group: true,
        });
    });
    lab.sync();
    let named = |name: &str| {
        on_target(&lab, |project| {
            let all = project.labels.iter().filter(|label| label.name == name);
            all.cloned().collect::<Vec<_>>()
        })
    };
    assert_eq!(
        (shown(&lab), named("bug").len()),
        (vec!["bug".to_owned()], 1)
    );
    // A rename moves the time of no issue: it is found by reading everything.
    {
        let mut world = lab.sim.world();
        let label = Label {
            id: 77,
            name: "defect".to_owned(),
            color: "#445566".to_owned(),
            description: Some("What broke.".to_owned()),
            of_group: false,
        };
        world
            .projects
            .get_mut(&lab.source)
            .unwrap()
            .labels
            .push(label);
        world.issue_mut(lab.source, 1).labels = ["defect".to_owned()].into();
    }
    lab.sim.advance(300);
    lab.sync_with(&["--full"], 0);
    assert_eq!(shown(&lab), ["defect"]);
    let made = &named("defect")[0];
    assert_eq!(
        (made.color.as_str(), made.description.as_deref()),
        ("#445566", Some("What broke."))
    );
    let theirs = &named("bug")[0];
    assert_eq!(theirs.description.as_deref(), Some("Theirs."));
    lab.sim.advance(300);
    lab.idle();
}
