//! `provenance: opaque`: nothing that is sent to the target tells where it came from or who wrote it.

mod chain;
mod joined;
mod stores;
mod two;

use crate::env::Env;
use serde_json::Value;
use two::{Two, tells};

const SECRET: &str = "66dbcd21ec5d24ed6ea225176098d52b";

const KEY: &str = "a secret that nobody guesses";

#[test]
fn p7_nothing_that_is_sent_tells_of_the_source() {
    for toggles in [
        "",
        "assignee_strategy: by_username\nassignee_fallback: bot",
        "assignee_strategy: by_email",
        "sync_attachments: false\nnotice: true\nmilestone_strategy: by_title\nmilestone_auto_create: true",
    ] {
        let two = Two::new();
        two.opaque(toggles);
        two.open("One");
        two.open("Two");
        two.sync();
        assert_eq!(two.mirrored().len(), 2);
        two.live();
        two.tells_nothing(0);
        let shown = two.shown();
        assert!(shown.contains("Mirrored-From::opaque"), "{shown}");
        assert!(shown.contains("Comment · 2026-01-01T"), "{shown}");
        assert!(shown.contains("- **Created:** 2026-01-01T"), "{shown}");
        let writes = two.there.world().writes();
        two.sync();
        assert_eq!(two.there.world().writes(), writes);
    }
}

#[test]
fn p10_what_was_told_before_is_taken_back_in_the_next_pass() {
    let two = Two::new();
    two.configure("");
    two.open("One");
    two.open("Two");
    two.sync();
    let told = two.shown();
    assert!(
        told.contains("canaryalice") && told.contains("4711"),
        "{told}"
    );
    two.opaque("");
    let pair = two.sync();
    assert_eq!(pair["issues"]["updated"], 2);
    let shown = two.shown();
    for canary in two.canaries() {
        assert!(tells(&told, &canary) || canary == "4713", "{canary}");
        assert!(!tells(&shown, &canary), "{canary} in {shown}");
    }
    let said = pair["warnings"].to_string();
    assert!(
        said.contains("2 mirrored issues told where they came from"),
        "{said}"
    );
    assert!(said.contains("history"), "{said}");
    let writes = two.there.world().writes();
    let pair = two.sync();
    assert_eq!(two.there.world().writes(), writes);
    assert_eq!(pair["warnings"].as_array().unwrap().len(), 0, "{pair:#}");
    // Another secret, then none, and back: each arrives, and everything is known.
    let run = two.run(&["sync"], "another secret that is long");
    assert_eq!(run.code, 0, "{}", run.shown());
    assert!(two.there.world().writes() > writes);
    two.env.lose_store();
    for sim in [&two.here, &two.there] {
        sim.advance(600);
    }
    let run = two.run(&["sync"], "another secret that is long");
    assert_eq!(run.code, 0, "{}", run.shown());
    two.configure("");
    two.sync();
    let told = two.shown();
    assert!(
        told.contains("canaryalice") && told.contains("4711"),
        "{told}"
    );
    assert_eq!(two.mirrored().len(), 2);
}

#[test]
fn p5_what_came_through_an_opaque_pair_does_not_go_back() {
    let env = Env::empty();
    env.source()
        .issue(1, "title: One\nauthor: alice", "One here.");
    let back = |second: &str| {
        env.write(
            "mirror.yaml",
            &format!(
                "instances:
  here: {{ forge: directory, path: source }}
  there: {{ forge: directory, path: target }}
pairs:
  - name: forth
    source: {{ instance: here, project: . }}
    target: {{ instance: there, project: . }}
    sync_existing_issues: true
    provenance: opaque
    provenance_key_env: KEY
  - name: back
    source: {{ instance: there, project: . }}
    target: {{ instance: here, project: . }}
    sync_existing_issues: true
{second}"
            ),
        );
    };
    let key = [("KEY", KEY), ("OTHER", "another secret that is long")];
    for second in [
        "    provenance_key_env: KEY\n",
        "    provenance: opaque\n    provenance_key_env: KEY\n",
        "    provenance_key_env: OTHER\n",
        "",
    ] {
        back(second);
        for _ in 0..2 {
            let run = env.run_with(&["sync"], &key);
            assert_eq!(run.code, 0, "{}", run.shown());
        }
        assert_eq!(env.source().numbers(), [1], "{second}");
        assert_eq!(env.target().numbers(), [1], "{second}");
    }
    // Files name nobody either.
    let file = env.target().path("issues/1/issue.md");
    let text = std::fs::read_to_string(file).unwrap();
    assert!(!text.contains("alice") && !text.contains("plans"), "{text}");
}

/// An issue of which everything names somebody.
const RICH: &str = "title: One
author: {username: canaryalice, name: Canary Alice}
created_at: 2026-01-02T00:00:00Z
state: closed
closed_by: canarybob
closed_at: 2026-01-03T00:00:00Z
assignees: [canarybob, canarycarol]
epic: {number: 4712, title: Big thing}
iteration: Sprint 3
labels: [bug]";

#[test]
fn p10_files_name_nobody_and_after_a_change_of_the_settings_nobody_any_more() {
    for toggles in ["", "assignee_strategy: by_username"] {
        let env = Env::empty();
        let source = crate::tracker::Tracker::begin(env.path("source"), "source-1", "canaryplans");
        source.issue(4711, RICH, "One here. [x](lost.txt)");
        source.comment(4711, 1, "author: canarybob", "It is so.");
        let full = format!("sync_closed_issues: true\nusers: {{ canarybob: robert }}\n{toggles}");
        let opaque = format!("provenance: opaque\nprovenance_key_env: KEY\n{full}");
        let run = |toggles: &str| {
            env.configure(toggles);
            let run = env.run_with(&["sync"], &[("KEY", KEY)]);
            assert_eq!(run.code, 0, "{}", run.shown());
            let files = env.target().bytes().into_iter();
            let files = files.filter(|(path, _)| !path.ends_with("labels.yaml"));
            files
                .map(|(path, bytes)| format!("{path:?} {}\n", String::from_utf8_lossy(&bytes)))
                .collect::<String>()
        };
        let names_nobody = |shown: &str| {
            for canary in ["canary", "4711", "4712", "source-1"] {
                assert!(!tells(shown, canary), "{canary} in {shown}");
            }
            assert!(shown.contains("robert"), "{shown}");
        };
        let shown = run(&opaque);
        names_nobody(&shown);
        assert_eq!(run(&opaque), shown);
        let told = run(&full);
        for canary in ["canaryalice", "canarycarol", "canaryplans", "4711", "4712"] {
            assert!(tells(&told, canary), "{canary} in {told}");
        }
        names_nobody(&run(&opaque));
        assert_eq!(env.target().numbers(), [1]);
    }
}

#[test]
fn a_secret_that_is_not_there_or_can_be_guessed_is_a_mistake() {
    let two = Two::new();
    two.opaque("");
    let run = two.run(&["sync"], "short");
    assert_eq!(run.code, 2, "{}", run.shown());
    assert!(
        run.stderr.contains("less than 16 characters"),
        "{}",
        run.shown()
    );
    assert!(!run.stderr.contains("short"), "{}", run.shown());
    let run = two
        .env
        .run_with(&["sync"], &[("READER", "reader"), ("WRITER", "writer")]);
    assert_eq!(run.code, 2, "{}", run.shown());
    let said =
        "the environment variable KEY is not set (`provenance_key_env`). Nothing was contacted.";
    assert!(run.stderr.contains(said), "{}", run.shown());
    two.configure("provenance: opaque\npreserve_numbers: true");
    let run = two.run(&["sync"], KEY);
    assert_eq!(run.code, 2, "{}", run.shown());
    for said in [
        "`provenance: opaque` needs a `provenance_key_env`",
        "`preserve_numbers` tells what `provenance: opaque` hides",
    ] {
        assert!(run.stderr.contains(said), "{}", run.shown());
    }
    assert_eq!(two.there.world().received, 0);
}

#[test]
fn check_says_what_is_not_told() {
    let two = Two::new();
    two.opaque("");
    let run = two.run(&["check"], KEY);
    let line = |what: &str| {
        let mut lines = run.stdout.lines();
        let found = lines.find(|line| line.trim_start().starts_with(what));
        found.unwrap_or_default().to_owned()
    };
    let missing = line("not carried");
    for part in ["number", "author"] {
        assert!(missing.contains(part), "{part}: {}", run.shown());
    }
    assert!(
        line("as labels").contains("assignees (else not carried)"),
        "{}",
        run.shown()
    );
}

#[test]
fn a_text_that_names_the_source_itself_stays_and_is_told() {
    let two = Two::new();
    two.opaque("");
    let url = two.here.url();
    two.open("One");
    let iid = two.here.world().open_issue(
        two.source,
        two.alice,
        "Two",
        &format!("See {url}/canarygroup/canaryapp/-/wikis/x."),
    );
    let pair = two.sync();
    let told = pair["not_carried"].as_array().unwrap().iter();
    let told: Vec<&Value> = told.filter(|row| row["field"] == "provenance").collect();
    assert_eq!(told.len(), 1, "{pair:#}");
    assert_eq!(told[0]["issues"], serde_json::json!([iid]));
    let text = two.mirrored()[1].description.clone().unwrap();
    assert!(text.contains("/canarygroup/canaryapp/-/wikis/x"), "{text}");
}
