//! What goes wrong with requests: repeated, waited for, told, and nothing twice.

use super::one;
use crate::lab::Lab;

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
fn one_bad_issue_does_not_stop_the_others() {
    let lab = Lab::with("", |world| {
        world.version = "19.1.0-ee".into();
        world.text_limit = 1000;
    });
    let comma = lab.open("Comma", "x");
    lab.edit(comma, |issue| {
        issue.labels.insert("a,b".into());
    });
    lab.open("Fine", "x");
    // A title that is cut is whole in the footer, and what stands around a text is never cut.
    lab.open(&format!("{} #9", "\u{1f600}".repeat(252)), "x");
    lab.sim.advance(300);
    let pair = lab.sync_with(&[], 3);
    assert_eq!(pair["issues"]["created"], 2);
    let failures = pair["failures"].to_string();
    for part in [
        "the target takes 1000 bytes at most, which is too short for its footer alone",
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
