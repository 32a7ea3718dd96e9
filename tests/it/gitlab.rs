//! GitLab as source and as target.

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
    assert_eq!(issues[0].title, "@\u{2060}all look at #\u{2060}1");
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
fn p9_what_a_low_role_drops_without_a_word_is_said() {
    let lab = Lab::with("", |world| {
        let (bot, target) = (
            world.tokens["writer"].user,
            world
                .projects
                .values()
                .find(|p| p.path == "mirrors/app")
                .unwrap()
                .id,
        );
        world.set_role(target, bot, forge_sim::Role::Guest);
        for name in ["bug", "Mirrored-From::x"] {
            let id = world.fresh_id();
            world
                .projects
                .get_mut(&target)
                .unwrap()
                .labels
                .push(forge_sim::Label {
                    id,
                    name: name.to_owned(),
                    color: "#000000".to_owned(),
                    description: None,
                    of_group: false,
                });
        }
    });
    let iid = lab.open("T", "x");
    lab.edit(iid, |issue| issue.due_date = Some("2026-03-01".into()));
    lab.sim.advance(300);
    let run = lab.run(&["sync"]);
    // A guest may not even create the label that says where an issue comes from; the issue is there
    // nevertheless, and says itself what could not be kept.
    assert_eq!(run.code, 0, "{}", run.shown());
    assert!(
        run.stdout.contains("labels") && run.stdout.contains("it takes the role Planner"),
        "{}",
        run.shown()
    );
    assert_eq!(lab.mirrored().len(), 1);
    let run = lab.run(&["sync", "--full"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    let text = lab.mirrored()[0].description.clone().unwrap();
    assert!(text.contains("- **Due date:** 2026-03-01"), "{text}");
}

#[test]
fn an_owner_sets_the_times_of_the_original() {
    let lab = Lab::with("", |world| {
        let bot = world.tokens["writer"].user;
        let target = world
            .projects
            .values()
            .find(|p| p.path == "mirrors/app")
            .unwrap()
            .id;
        world.set_role(target, bot, forge_sim::Role::Owner);
    });
    let iid = lab.open("T", "x");
    let note = lab.comment(iid, "C");
    lab.edit(iid, |issue| {
        issue.created_at = "2020-01-02T03:04:05Z".parse().unwrap();
        let note = issue.notes.iter_mut().find(|n| n.id == note).unwrap();
        note.created_at = "2020-02-03T04:05:06Z".parse().unwrap();
    });
    lab.sim.advance(300);
    lab.sync();
    let issue = &lab.mirrored()[0];
    assert_eq!(issue.created_at.to_string(), "2020-01-02T03:04:05Z");
    assert_eq!(
        issue.comments()[0].created_at.to_string(),
        "2020-02-03T04:05:06Z"
    );
    // A lost answer is found nevertheless: by what our account changed, not by what it created.
    lab.open("U", "x");
    lab.sim.world().plan(
        forge_sim::When::Every("POST", "/issues"),
        forge_sim::Fault::DropAnswer,
    );
    lab.sim.advance(300);
    lab.sync_with(&[], 3);
    lab.sim.world().faults.clear();
    lab.sim.advance(300);
    lab.retry_now();
    lab.sync();
    assert_eq!(lab.mirrored().len(), 2);
}

#[test]
fn p1_a_lost_answer_makes_no_duplicate() {
    for fault in [
        forge_sim::Fault::DropAnswer,
        forge_sim::Fault::StatusAfter(502),
        forge_sim::Fault::CutBody,
        forge_sim::Fault::CloseBefore,
        forge_sim::Fault::ApplyLater(jiff::SignedDuration::from_secs(90)),
    ] {
        for write in 1..=6 {
            let lab = Lab::new("");
            for number in 1..=2 {
                let iid = lab.open(&format!("T{number}"), "x");
                lab.comment(iid, "C");
            }
            lab.sim.advance(300);
            lab.sim
                .world()
                .plan(forge_sim::When::Write(write), fault.clone());
            lab.run(&["sync"]);
            for _ in 0..4 {
                lab.sim.advance(300);
                lab.retry_now();
                lab.run(&["sync"]);
            }
            let issues = lab.mirrored();
            let titles: std::collections::BTreeSet<&str> =
                issues.iter().map(|issue| issue.title.as_str()).collect();
            assert_eq!(issues.len(), 2, "{fault:?} at write {write}: {titles:?}");
            assert_eq!(titles.len(), 2, "{fault:?} at write {write}");
            for issue in &issues {
                assert_eq!(issue.comments().len(), 1, "{fault:?} at write {write}");
            }
            lab.sim.advance(600);
            lab.idle();
        }
    }
}

#[test]
fn reads_are_repeated_after_faults_and_writes_are_not() {
    use forge_sim::{Fault, When};
    for fault in [
        Fault::Status(502),
        Fault::Status(500),
        Fault::CloseBefore,
        Fault::CutBody,
    ] {
        let lab = Lab::new("");
        lab.open("T", "x");
        lab.sim.advance(300);
        lab.sim.world().plan(When::Request(1), fault.clone());
        let run = lab.run(&["sync", "--output", "json"]);
        assert_eq!(run.code, 0, "{fault:?}: {}", run.shown());
        let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert!(
            document["pairs"][0]["waited_ms"].as_u64().unwrap() > 0,
            "{fault:?}"
        );
    }
}

#[test]
fn what_is_wrong_with_a_server_is_said_and_other_pairs_go_on() {
    let said = |lab: &Lab, expected: &[&str]| {
        let run = lab.run(&["sync"]);
        assert_eq!(run.code, 1, "{}", run.shown());
        for part in expected {
            assert!(run.stdout.contains(part), "{part}: {}", run.shown());
        }
        assert!(!run.shown().contains("reader"), "no token: {}", run.shown());
    };
    let lab = Lab::new("");
    lab.open("T", "x");
    lab.sim.world().tokens.get_mut("reader").unwrap().revoked = true;
    said(
        &lab,
        &[
            "app: failed.",
            "/api/v4/projects/team%2Fapp",
            "401 invalid_token: Token was revoked.",
            "hint: ",
        ],
    );
    lab.sim.world().tokens.get_mut("reader").unwrap().revoked = false;
    lab.sim.world().tokens.get_mut("reader").unwrap().scopes = vec!["read_user"];
    said(&lab, &["403 insufficient_scope"]);
    lab.sim.world().tokens.get_mut("reader").unwrap().scopes = vec!["api"];
    let source = lab.source;
    lab.sim
        .world()
        .projects
        .get_mut(&source)
        .unwrap()
        .members
        .clear();
    said(&lab, &["404 Project Not Found", "no member of it"]);
    let lab = Lab::new("");
    let source = lab.source;
    lab.sim
        .world()
        .projects
        .get_mut(&source)
        .unwrap()
        .issues_enabled = false;
    said(&lab, &["403 Forbidden", "are issues switched on"]);
    // A project that was renamed: said before anything is taken for deleted.
    let lab = one("");
    lab.sim.world().projects.get_mut(&lab.source).unwrap().path = "team/new".into();
    lab.sim
        .world()
        .projects
        .get_mut(&lab.source)
        .unwrap()
        .old_paths = vec!["team/app".into()];
    said(
        &lab,
        &["301", "was moved to team/new", "write `project: team/new`"],
    );
    // Another project at the same path.
    let lab = one("");
    {
        let mut world = lab.sim.world();
        world.projects.get_mut(&lab.source).unwrap().path = "team/old".into();
        let other = world.add_project("team/app");
        let (bot, alice) = (world.tokens["reader"].user, lab.alice);
        world.set_role(other, bot, forge_sim::Role::Reporter);
        world.open_issue(other, alice, "Another", "x");
    }
    said(&lab, &["another project is at team/app now"]);
    // HTML instead of JSON.
    let lab = Lab::new("");
    lab.sim.world().plan(
        forge_sim::When::Every("GET", "/issues"),
        forge_sim::Fault::Html,
    );
    said(&lab, &["a page of HTML instead of JSON"]);
    // Nobody there.
    let lab = Lab::new("");
    let url = lab.sim.url();
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    lab.env
        .write("mirror.yaml", &config.replace(&url, "http://127.0.0.1:9"));
    said(&lab, &["127.0.0.1:9", "onnection refused", "is it up?"]);
}

#[test]
fn a_token_that_is_not_there_is_a_wrong_configuration() {
    let lab = Lab::new("");
    let run = lab.env.run_with(&["sync"], &[("READER", " ")]);
    assert_eq!(run.code, 2);
    for part in [
        "READER holds no token",
        "WRITER is not set",
        "Nothing was contacted.",
    ] {
        assert!(run.stderr.contains(part), "{}", run.shown());
    }
    assert!(lab.sim.world().log.is_empty());
    // From a file and from a program.
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    lab.env.write("token", "reader\n");
    let config = config
        .replace("token_env: READER", "token_file: token")
        .replace("token_env: WRITER", "token_command: [printf, writer]");
    lab.env.write("mirror.yaml", &config);
    assert_eq!(
        lab.env
            .run_with(&["sync"], &[("PATH", "/usr/bin:/bin")])
            .code,
        0
    );
}

#[test]
fn one_bad_issue_does_not_stop_the_others() {
    let lab = Lab::new("");
    let comma = lab.open("Comma", "x");
    lab.edit(comma, |issue| {
        issue.labels.insert("a,b".into());
    });
    lab.open("Fine", "x");
    lab.sim.world().text_limit = 2000;
    lab.open("Long", &"x".repeat(3000));
    lab.sim.advance(300);
    let pair = lab.sync_with(&[], 3);
    assert_eq!(pair["issues"]["created"], 2);
    let failures = pair["failures"].to_string();
    for part in [
        "description is too long",
        "change it on the source, and the next pass tries again",
    ] {
        assert!(failures.contains(part), "{part}: {failures}");
    }
    let titles: Vec<String> = lab.mirrored().into_iter().map(|i| i.title).collect();
    assert_eq!(titles, ["Comma", "Fine"]);
}

#[test]
fn pages_are_followed_whatever_moves_in_between() {
    for version in ["17.0.0-ee", "18.3.0-ee"] {
        let lab = Lab::with("max_creates: 5000", |world| {
            world.version = version.to_owned();
        });
        {
            let mut world = lab.sim.world();
            let (source, alice) = (lab.source, lab.alice);
            for number in 1..=250 {
                world.open_issue(source, alice, &format!("T{number}"), "x");
                // The first 120 have one and the same time, as after an import.
                if number > 120 {
                    world.clock.advance(jiff::SignedDuration::from_secs(1));
                }
            }
        }
        lab.sim.advance(300);
        let pair = lab.sync();
        assert_eq!(pair["issues"]["created"], 250, "{version}");
        let titles: Vec<String> = lab.mirrored().into_iter().map(|i| i.title).collect();
        let expected: Vec<String> = (1..=250).map(|number| format!("T{number}")).collect();
        assert_eq!(titles, expected, "in the order of their numbers");
        lab.sim.advance(600);
        assert_eq!(lab.idle(), 1);
    }
}

#[test]
fn an_installation_below_an_address_and_a_project_by_its_number_are_found() {
    let lab = Lab::with("", |world| world.relative_url = "/git".to_owned());
    lab.open("T", "x");
    lab.sim.advance(300);
    assert_eq!(lab.sync()["issues"]["created"], 1);
    // By number it is the same project, whatever its path is then.
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    let by_number = config.replace("project: team/app", &format!("project: {}", lab.source));
    lab.env.write("mirror.yaml", &by_number);
    lab.sim.world().projects.get_mut(&lab.source).unwrap().path = "team/new".into();
    lab.sim.advance(600);
    lab.edit(1, |issue| issue.title = "New".into());
    assert_eq!(lab.sync()["issues"]["created"], 0);
    assert_eq!(lab.mirrored()[0].title, "New");
}

#[test]
fn p1_while_the_server_may_still_be_working_an_issue_waits() {
    let lab = Lab::new("");
    lab.open("One", "x");
    lab.sim.advance(300);
    // Write 1 creates the label, 2 the issue.
    let late = forge_sim::Fault::ApplyLater(jiff::SignedDuration::from_secs(90));
    lab.sim.world().plan(forge_sim::When::Write(2), late);
    assert_eq!(lab.run(&["sync"]).code, 3);
    for _ in 0..3 {
        lab.sim.advance(25);
        lab.retry_now();
        let writes = lab.sim.world().writes();
        let pair = lab.sync_with(&[], 3);
        assert_eq!(pair["failures"][0]["stage"], "recover", "{pair:#}");
        assert!(lab.sim.world().writes() == writes && lab.mirrored().is_empty());
    }
    lab.sim.advance(100);
    lab.retry_now();
    lab.sync();
    assert_eq!(lab.mirrored().len(), 1);
    lab.sim.advance(600);
    lab.idle();
}

#[test]
fn a_pass_ends_when_its_time_is_up_and_the_next_one_goes_on() {
    let lab = Lab::with("", |world| {
        world.latency = std::time::Duration::from_millis(30);
    });
    for number in 1..=40 {
        lab.open(&format!("T{number}"), "x");
    }
    lab.sim.advance(300);
    let pair = lab.sync_with(&["--max-time", "1s"], 3);
    let created = pair["issues"]["created"].as_u64().unwrap();
    assert!((1..40).contains(&created), "{created} were created");
    assert!(
        pair["stopped"]
            .as_str()
            .unwrap()
            .contains("--max-time is used up")
    );
    lab.sim.world().latency = std::time::Duration::ZERO;
    assert_eq!(lab.sync()["issues"]["created"], 40 - created);
    let run = lab.run(&["sync", "--max-time", "soon"]);
    assert_eq!(run.code, 2, "{}", run.shown());
}

#[test]
fn an_authority_of_a_company_is_trusted_where_the_configuration_names_it() {
    let mut lab = Lab::new("");
    lab.open("T", "x");
    let world = std::mem::take(&mut *lab.sim.world());
    lab.sim = forge_sim::Sim::start_tls(world);
    lab.configure("");
    let run = lab.run(&["sync"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(run.stdout.contains("`ca_file`"), "{}", run.shown());
    assert!(lab.sim.world().log.is_empty());

    lab.env.write("ca.pem", forge_sim::AUTHORITY);
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    let config = config.replace("forge: gitlab,", "forge: gitlab, ca_file: ca.pem,");
    lab.env.write("mirror.yaml", &config);
    lab.sync();
    assert_eq!(lab.mirrored().len(), 1);
    lab.idle();

    lab.env.write("ca.pem", "not a certificate");
    let run = lab.run(&["sync"]);
    assert_eq!(run.code, 2, "{}", run.shown());
    assert!(run.stderr.contains("`ca_file`"), "{}", run.shown());
}

#[test]
fn a_proxy_of_the_environment_is_used() {
    let lab = Lab::new("");
    lab.open("T", "x");
    // The simulator answers for any host, as a proxy does for the forge behind it.
    let proxy = lab.sim.url();
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    let config = config.replace(&proxy, "http://gitlab.example.test");
    lab.env.write("mirror.yaml", &config);
    let tokens = [("READER", "reader"), ("WRITER", "writer")];
    let with = |variables: &[(&str, &str)]| {
        let all: Vec<_> = tokens.iter().chain(variables).copied().collect();
        lab.env.run_with(&["sync"], &all)
    };
    let run = with(&[("http_proxy", &proxy), ("no_proxy", "example.test")]);
    assert_eq!(run.code, 1, "no proxy for this host: {}", run.shown());
    assert!(lab.sim.world().log.is_empty());
    let run = with(&[("http_proxy", &proxy)]);
    assert_eq!(run.code, 0, "{}", run.shown());
    let mirrored = lab.mirrored();
    assert_eq!(mirrored.len(), 1);
    assert!(
        mirrored[0]
            .labels
            .iter()
            .any(|label| label.contains("gitlab.example.test")),
        "it is known by its own name: {:?}",
        mirrored[0].labels
    );
}

#[test]
fn a_machine_without_certificates_can_mirror_where_none_are_needed() {
    let lab = Lab::new("");
    lab.open("T", "x");
    let none = [("SSL_CERT_FILE", "/dev/null"), ("SSL_CERT_DIR", "/nowhere")];
    let tokens = [("READER", "reader"), ("WRITER", "writer")];
    let run = lab.env.run_with(&["sync"], &[tokens, none].concat());
    assert_eq!(run.code, 0, "{}", run.shown());
    assert_eq!(lab.mirrored().len(), 1);
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
