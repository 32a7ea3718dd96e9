//! GitLab as source and as target.

mod faults;
mod reached;
mod roles;

use crate::lab::{Lab, author_comment, author_text};

fn texts(lab: &Lab, at: usize) -> Vec<String> {
    let issues = lab.mirrored();
    let comments = issues[at].comments();
    comments
        .iter()
        .map(|note| author_comment(&note.body).1.to_owned())
        .collect()
}

#[test]
fn a_project_arrives_and_the_next_pass_asks_once_and_writes_nothing() {
    let lab = Lab::new("sync_closed_issues: true");
    for number in 1..=3 {
        let iid = lab.open(&format!("T{number}"), &format!("Text {number}."));
        lab.comment(iid, &format!("First of {number}."));
        lab.comment(iid, &format!("Second of {number}."));
    }
    lab.edit(2, |issue| {
        issue.labels.insert("bug".to_owned());
        issue.due_date = Some("2026-03-01".to_owned());
        issue.time_estimate = 5400;
        issue.time_spent = 60;
        issue.open = false;
    });
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["issues"]["created"], 3);
    assert_eq!(pair["comments"]["created"], 6);
    let issues = lab.mirrored();
    let titles: Vec<&str> = issues.iter().map(|issue| issue.title.as_str()).collect();
    assert_eq!(titles, ["T1", "T2", "T3"]);
    assert_eq!(
        author_text(issues[1].description.as_deref().unwrap()),
        "Text 2."
    );
    assert!(issues[1].labels.contains("bug") && !issues[1].open);
    assert_eq!(issues[1].due_date.as_deref(), Some("2026-03-01"));
    assert_eq!((issues[1].time_estimate, issues[1].time_spent), (5400, 60));
    assert_eq!(texts(&lab, 0), ["First of 1.", "Second of 1."]);
    lab.sim.advance(600);
    lab.idle();
    lab.sim.advance(600);
    assert_eq!(lab.idle(), 1);
}

/// A project with one issue that has something in every field, mirrored and at rest.
fn one(toggles: &str) -> Lab {
    let lab = Lab::new(toggles);
    let iid = lab.open("Title", "Text.");
    lab.edit(iid, |issue| {
        issue.labels.insert("bug".to_owned());
        issue.due_date = Some("2026-03-01".to_owned());
        issue.time_estimate = 3600;
        issue.time_spent = 600;
    });
    lab.comment(iid, "Comment.");
    lab.sim.advance(300);
    lab.sync();
    lab.sim.advance(300);
    lab.idle();
    lab
}

#[test]
fn each_change_alone_arrives_and_nothing_else_is_sent() {
    type Change = fn(&mut forge_sim::Issue);
    type Seen = fn(&forge_sim::Issue) -> bool;
    let cases: [(&str, Change, Seen, &[&str]); 10] = [
        (
            "title",
            |i| i.title = "New".into(),
            |i| i.title == "New",
            &["title", "description"],
        ),
        (
            "text",
            |i| i.description = Some("New.".into()),
            |i| i.description.as_deref().unwrap().starts_with("New."),
            &["description"],
        ),
        (
            "label added",
            |i| {
                i.labels.insert("ui".into());
            },
            |i| i.labels.contains("ui"),
            &["add_labels"],
        ),
        (
            "label gone",
            |i| {
                i.labels.remove("bug");
            },
            |i| !i.labels.contains("bug"),
            &["remove_labels"],
        ),
        (
            "due date",
            |i| i.due_date = Some("2027-01-01".into()),
            |i| i.due_date.as_deref() == Some("2027-01-01"),
            &["due_date"],
        ),
        (
            "no due date",
            |i| i.due_date = None,
            |i| i.due_date.is_none(),
            &["due_date"],
        ),
        (
            "estimate",
            |i| i.time_estimate = 7200,
            |i| i.time_estimate == 7200,
            &["duration"],
        ),
        (
            "no estimate",
            |i| i.time_estimate = 0,
            |i| i.time_estimate == 0,
            &[],
        ),
        (
            "spent",
            |i| i.time_spent = 900,
            |i| i.time_spent == 900,
            &["duration"],
        ),
        ("closed", |i| i.open = false, |i| !i.open, &["state_event"]),
    ];
    for (name, change, seen, sent) in cases {
        let lab = one("");
        lab.edit(1, change);
        let before = lab.sim.world().log.len();
        let pair = lab.sync();
        assert_eq!(pair["issues"]["updated"], 1, "{name}");
        assert!(seen(&lab.mirrored()[0]), "{name}");
        let world = lab.sim.world();
        let bodies: Vec<&str> = world.log[before..]
            .iter()
            .filter(|logged| logged.method == "PUT" || logged.method == "POST")
            .filter(|logged| !logged.target.ends_with("/labels"))
            .map(|logged| logged.body.as_str())
            .collect();
        let names: std::collections::BTreeSet<String> = bodies
            .iter()
            .filter(|body| !body.is_empty())
            .flat_map(|body| {
                let value: serde_json::Value = serde_json::from_str(body).unwrap();
                value
                    .as_object()
                    .unwrap()
                    .keys()
                    .cloned()
                    .collect::<Vec<_>>()
            })
            .collect();
        let expected: std::collections::BTreeSet<String> =
            sent.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(names, expected, "{name}: {bodies:?}");
        assert_eq!(bodies.len(), 1, "{name}: {bodies:?}");
        drop(world);
        lab.sim.advance(600);
        lab.idle();
    }
}

#[test]
fn p2_comments_within_the_throttle_arrive() {
    for wait in [10, 40, 100, 200] {
        let lab = one("");
        lab.edit(1, |issue| issue.title = "New".into());
        lab.sync();
        lab.sim.advance(wait);
        lab.comment(1, "Late.");
        let edited = lab.sim.world().issue(lab.source, 1).notes[0].id;
        {
            let mut world = lab.sim.world();
            let now = world.clock.now();
            let issue = world.issue_mut(lab.source, 1);
            let note = issue
                .notes
                .iter_mut()
                .find(|note| note.id == edited)
                .unwrap();
            note.body = "Comment, edited.".to_owned();
            note.updated_at = now;
            issue.touch(now);
        }
        lab.sync();
        assert_eq!(
            texts(&lab, 0),
            ["Comment, edited.", "Late."],
            "after {wait} s"
        );
        lab.sim.advance(600);
        lab.sync();
        lab.sim.advance(600);
        assert_eq!(lab.idle(), 1);
    }
}

#[test]
fn p2_comments_that_are_written_while_the_throttle_holds_arrive_with_the_next_pass() {
    // A comment right after the issue changed leaves no trace in its time.
    let lab = one("");
    lab.edit(1, |issue| issue.title = "New".into());
    lab.sim.advance(5);
    lab.sync();
    lab.sim.advance(20);
    lab.comment(1, "Unseen by the time.");
    lab.sim.advance(400);
    lab.sync();
    assert_eq!(texts(&lab, 0), ["Comment.", "Unseen by the time."]);
    lab.sim.advance(600);
    lab.idle();
}

#[test]
fn p6_what_people_do_on_the_target_stays() {
    let lab = one("");
    {
        let mut world = lab.sim.world();
        let (target, alice) = (lab.target, lab.alice);
        world.issue_mut(target, 1).labels.insert("theirs".into());
        world.issue_mut(target, 1).time_spent += 3600;
        world.comment(target, 1, alice, "Ours here.");
    }
    lab.edit(1, |issue| {
        issue.labels.remove("bug");
        issue.time_spent += 60;
        issue.title = "New".into();
    });
    lab.sync();
    let issue = &lab.mirrored()[0];
    assert!(issue.labels.contains("theirs") && !issue.labels.contains("bug"));
    assert_eq!(issue.time_spent, 600 + 3600 + 60);
    assert_eq!(issue.comments().len(), 2);
}

#[test]
fn the_first_pass_sets_the_baseline_by_the_growing_id() {
    let lab = Lab::new("sync_existing_issues: false");
    for number in 1..=3 {
        lab.open(&format!("Old {number}"), "x");
    }
    assert_eq!(lab.sync()["mode"], "baseline");
    assert!(lab.mirrored().is_empty());
    // An import says that it is old, and is new.
    let iid = lab.open("New", "x");
    lab.edit(iid, |issue| {
        issue.created_at = "2001-01-01T00:00:00Z".parse().unwrap();
    });
    lab.edit(1, |issue| issue.title = "Old, edited".into());
    assert_eq!(lab.sync()["issues"]["created"], 1);
    assert_eq!(lab.mirrored()[0].title, "New");
}

#[test]
fn p8_nothing_in_a_text_is_carried_out_on_the_target() {
    let lab = Lab::new("");
    let iid = lab.open(
        "@all look at #1",
        "/close\n\n@alice see #1 and team/app#1\n\n/label ~owned\n\n<details>\n\n/confidential\n\n</details>",
    );
    lab.comment(iid, "/close");
    lab.comment(iid, "Hi @bob\n/title Owned");
    lab.open("Second", "See #1.");
    lab.sim.advance(300);
    lab.sim.world().mails.clear();
    lab.sync();
    let issues = lab.mirrored();
    assert!(issues[0].open && !issues[0].confidential, "{:?}", issues[0]);
    assert!(!issues[0].labels.contains("owned"));
    // It names itself.
    assert_eq!(issues[0].title, "@\u{2060}all look at #1");
    assert_eq!(issues[0].comments().len(), 2);
    // The second one leads to the first, and to nothing else.
    let traces = issues[0].notes.iter().filter(|note| note.system);
    let traces: Vec<&str> = traces.map(|note| note.body.as_str()).collect();
    assert_eq!(traces, ["mentioned in issue mirrors/app#2"]);
    assert!(issues[1].notes.iter().all(|note| !note.system));
    let world = lab.sim.world();
    assert!(world.mails.is_empty(), "{:?}", world.mails);
    assert!(
        world
            .issue(lab.source, 1)
            .notes
            .iter()
            .all(|note| !note.system)
    );
}

#[test]
fn p7_confidential_issues_and_internal_notes_stay_on_the_source() {
    let lab = Lab::new("");
    let iid = lab.open("Public", "x");
    let note = lab.comment(iid, "canary-4711");
    lab.edit(iid, |issue| {
        issue
            .notes
            .iter_mut()
            .find(|n| n.id == note)
            .unwrap()
            .internal = true;
    });
    let secret = lab.open("canary-4711", "canary-4711");
    lab.edit(secret, |issue| issue.confidential = true);
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["skipped_because"]["confidential"], 1);
    let world = lab.sim.world();
    for logged in world.log.iter().filter(|logged| logged.method != "GET") {
        assert!(!logged.body.contains("canary-4711"), "{logged:?}");
    }
    drop(world);
    // And what becomes confidential is hidden.
    lab.edit(iid, |issue| issue.confidential = true);
    assert_eq!(lab.sync()["hidden"], 1);
    assert!(lab.mirrored()[0].confidential);
}

#[test]
fn files_are_copied_once_and_their_links_follow() {
    let lab = Lab::new("");
    let secret = "66dbcd21ec5d24ed6ea225176098d52b";
    {
        let mut world = lab.sim.world();
        let project = world.projects.get_mut(&lab.source).unwrap();
        project
            .uploads
            .insert((secret.to_owned(), "a.png".to_owned()), b"png".to_vec());
    }
    let iid = lab.open(
        "T",
        &format!("![a](/uploads/{secret}/a.png) and [b](/team/app/uploads/{secret}/a.png)"),
    );
    lab.comment(iid, &format!("<img src=\"/uploads/{secret}/a.png\">"));
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["attachments"]["copied"], 1);
    let world = lab.sim.world();
    let uploads = &world.projects[&lab.target].uploads;
    assert_eq!(uploads.len(), 1);
    let ((secret, name), content) = uploads.iter().next().unwrap();
    assert_eq!(content, b"png");
    let text = world.issue(lab.target, 1).description.clone().unwrap();
    let link = format!("/uploads/{secret}/{name}");
    assert_eq!(author_text(&text), format!("![a]({link}) and [b]({link})"));
}

#[test]
fn a_directory_and_a_server_are_source_and_target_alike() {
    let lab = Lab::new("");
    let url = lab.sim.url();
    let config = |from: &str, to: &str| {
        lab.env.write(
            "mirror.yaml",
            &format!(
                "instances:
  lab: {{ forge: gitlab, url: '{url}', token_env: WRITER }}
  files: {{ forge: directory, path: . }}
pairs:
  - name: there
    source: {from}
    target: {to}
    sync_existing_issues: true
"
            ),
        );
    };
    let iid = lab.open("Title", "Text, with\n\n- a list\n");
    lab.comment(iid, "Comment.");
    lab.sim.advance(300);
    config(
        "{ instance: lab, project: team/app }",
        "{ instance: files, project: archive }",
    );
    assert_eq!(lab.sync()["issues"]["created"], 1);
    let archive = crate::tracker::Tracker::at(lab.env.path("archive"));
    assert_eq!(archive.read(1).field("title"), "Title");
    assert_eq!(archive.read(1).comments[0].mirrored_text(), "Comment.");
    config(
        "{ instance: files, project: archive }",
        "{ instance: lab, project: mirrors/app }",
    );
    assert_eq!(lab.sync()["issues"]["created"], 1);
    let mirrored = lab.mirrored();
    let text = mirrored[0].description.as_deref().unwrap();
    // GitLab cuts off blanks at the end of a text.
    assert_eq!(author_text(text), "Text, with\n\n- a list");
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p2_a_label_that_was_renamed_arrives_with_a_full_pass() {
    let lab = one("");
    {
        // Nothing of the issue says so (reference §9.2).
        let mut world = lab.sim.world();
        let project = world.projects.get_mut(&lab.source).unwrap();
        for label in &mut project.labels {
            if label.name == "bug" {
                label.name = "defect".to_owned();
            }
        }
        let labels = &mut world.issue_mut(lab.source, 1).labels;
        labels.remove("bug");
        labels.insert("defect".to_owned());
    }
    lab.sim.advance(600);
    lab.idle();
    lab.sync_with(&["--full"], 0);
    let labels = &lab.mirrored()[0].labels;
    assert!(
        labels.contains("defect") && !labels.contains("bug"),
        "{labels:?}"
    );
}
