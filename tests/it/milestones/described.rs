//! Descriptions of milestones: they arrive as text that does nothing, and follow.

use super::ours::{edit, made};
use super::{CREATED, lab, milestone, titled};
use crate::lab::Lab;

/// The description of the only milestone of the target.
fn described(lab: &Lab) -> String {
    made(lab).remove(0).description
}

fn describe(lab: &Lab, project: u64, title: &str, text: &str) {
    edit(lab, project, title, |one| {
        text.clone_into(&mut one.description);
    });
}

#[test]
fn p8_a_description_arrives_as_text_that_does_nothing_and_follows() {
    const FILE: &str = "66dbcd21ec5d24ed6ea225176098d52b";
    let lab = lab(CREATED);
    lab.open("Second", "x");
    let text = format!(
        "Ask @bob or @all about #2 and #99, !3, ~bug.\n\n/close\n\n![a](/uploads/{FILE}/a.png) and [more](docs/more.md)\n"
    );
    describe(&lab, lab.source, "v1", &text);
    lab.sync();
    // What refers to what is mirrored later leads to the source, and nothing else is hit.
    let there = described(&lab);
    let reading = lab.sim.world().reads(lab.target, &there);
    assert_eq!(reading.commands, Vec::<String>::new(), "{there}");
    assert!(reading.mentions.is_empty(), "{there}");
    assert_eq!(reading.references.len(), 0, "{there}");
    let visible = reading.visible().replace('\u{2060}', "");
    for seen in ["@bob", "@all", "/close", "#2", "#99"] {
        assert!(visible.contains(seen), "{seen} in {there}");
    }
    let links: Vec<&str> = reading
        .links
        .iter()
        .map(|link| link.href.as_str())
        .collect();
    for part in ["/uploads/", "docs/more.md"] {
        let link = links.iter().find(|link| link.contains(part)).unwrap();
        assert!(
            link.contains("team/app") || link.contains("/-/project/"),
            "{links:?}"
        );
    }
    assert!(lab.sim.world().mails.is_empty());
    lab.sim.advance(300);
    lab.idle();
    // It follows by itself, in a full pass or with other work, and leads to what is mirrored by now.
    describe(&lab, lab.source, "v1", "Now #2.");
    let before = lab.sim.world().writes();
    lab.sync_with(&["--full"], 0);
    assert_eq!(lab.sim.world().writes() - before, 1);
    assert_eq!(described(&lab), "Now #2.");
    // What people wrote stays until the source says something else.
    describe(&lab, lab.target, "v1", "Theirs.");
    edit(&lab, lab.source, "v1", |one| one.closed = false);
    lab.sync_with(&["--full"], 0);
    assert_eq!(
        (described(&lab).as_str(), made(&lab)[0].closed),
        ("Theirs.", false)
    );
    describe(&lab, lab.source, "v1", "");
    lab.sync_with(&["--full"], 0);
    assert_eq!(described(&lab), "");
    // One of an older store was made without.
    describe(&lab, lab.source, "v1", "From the beginning.");
    let forget = || {
        let store = rusqlite::Connection::open(lab.env.path("issue-mirror.db")).unwrap();
        store
            .execute_batch("UPDATE milestone SET described = NULL")
            .unwrap();
    };
    forget();
    lab.sync_with(&["--full"], 0);
    assert_eq!(described(&lab), "From the beginning.");
    forget();
    describe(&lab, lab.target, "v1", "Of people.");
    lab.sync_with(&["--full"], 0);
    assert_eq!(described(&lab), "Of people.");
}

#[test]
fn p3_after_a_lost_store_ours_follow_and_those_of_people_do_not() {
    let lab = lab(CREATED);
    milestone(&lab, lab.target, titled("theirs"));
    let second = lab.open("Second", "x");
    let id = milestone(&lab, lab.source, titled("theirs"));
    lab.edit(second, |issue| issue.milestone = Some(id));
    describe(&lab, lab.source, "v1", "About @bob.");
    lab.sync();
    edit(&lab, lab.target, "v1", |one| {
        one.due_date = Some("2026-05-05".to_owned());
    });
    lab.env.lose_store();
    lab.sim.advance(600);
    assert_eq!(lab.writes(), 0);
    for (from, to) in [("v1", "v2"), ("theirs", "of the source")] {
        edit(&lab, lab.source, from, |one| to.clone_into(&mut one.title));
        describe(&lab, lab.source, to, "Another.");
    }
    lab.sync_with(&["--full"], 0);
    let find = |title: &str| made(&lab).into_iter().find(|one| one.title == title);
    let ours = find("v2").unwrap();
    assert_eq!(ours.description, "Another.");
    assert_eq!(ours.due_date.as_deref(), Some("2026-05-05"));
    assert_eq!(find("v1"), None);
    // It stays as it is, and there is a new one beside it.
    assert_eq!(find("theirs").unwrap(), titled("theirs"));
    assert_eq!(find("of the source").unwrap().description, "Another.");
    lab.sim.advance(300);
    lab.idle();
    let before = lab.sim.world().writes();
    lab.sync_with(&["--full"], 0);
    assert_eq!(lab.sim.world().writes(), before);
}

#[test]
fn p6_after_a_lost_store_a_description_that_people_emptied_stays_so() {
    let lab = lab(CREATED);
    describe(&lab, lab.source, "v1", "Text.");
    lab.sync();
    describe(&lab, lab.target, "v1", "");
    lab.env.lose_store();
    lab.sim.advance(600);
    assert_eq!(lab.writes(), 0);
    lab.sync_with(&["--full"], 0);
    assert_eq!(described(&lab), "");
    // What the source says from then on arrives.
    describe(&lab, lab.source, "v1", "Another.");
    lab.sync_with(&["--full"], 0);
    assert_eq!(described(&lab), "Another.");
}
