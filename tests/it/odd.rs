//! Answers that are not of the form that they should have, and labels that say where an issue is
//! from.

use crate::lab::Lab;
use forge_sim::{Fault, Role, Sim, When, World};
use serde_json::{Value, json};

/// One issue with a comment that is mirrored, changed since.
fn changed() -> Lab {
    let lab = Lab::new("");
    let iid = lab.open("Title", "Text");
    lab.edit(iid, |issue| {
        issue.labels.insert("bug".to_owned());
    });
    lab.comment(iid, "Comment.");
    lab.sim.advance(300);
    lab.sync();
    lab.sim.advance(600);
    lab.edit(iid, |issue| issue.due_date = Some("2026-03-01".to_owned()));
    lab.sim.advance(300);
    lab
}

/// The mirrored issue, without what time does to it.
fn state(lab: &Lab) -> (String, Vec<String>, bool, usize) {
    let issue = &lab.mirrored()[0];
    let labels = issue.labels.iter().cloned().collect();
    let comments = issue.comments().len();
    (issue.title.clone(), labels, issue.open, comments)
}

#[test]
fn p2_an_answer_that_is_cut_stops_the_pair_and_the_next_run_goes_on() {
    let lab = changed();
    let listing = When::Every("GET", "/issues");
    lab.sim.world().plan(listing, Fault::HalfBody);
    let run = lab.run(&["sync"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    let said = "team%2Fapp/issues: its answer ends in the middle";
    assert!(run.stdout.contains(said), "{}", run.shown());
    lab.sim.world().faults.clear();
    lab.sync();
    assert_eq!(lab.mirrored()[0].due_date.as_deref(), Some("2026-03-01"));
}

#[test]
fn p1_a_write_whose_answer_is_cut_or_is_no_json_is_done_once() {
    for fault in [Fault::HalfBody, Fault::Field("id", Value::Null)] {
        for write in 1..=3 {
            let lab = Lab::new("");
            let iid = lab.open("T", "x");
            lab.comment(iid, "C");
            lab.sim.advance(300);
            lab.sim.world().plan(When::Write(write), fault.clone());
            lab.run(&["sync"]);
            for _ in 0..3 {
                lab.sim.advance(300);
                lab.retry_now();
                lab.run(&["sync"]);
            }
            let issues = lab.mirrored();
            let comments: Vec<usize> = issues.iter().map(|i| i.comments().len()).collect();
            assert_eq!(comments, [1], "{fault:?} at write {write}");
        }
    }
}

#[test]
fn fields_that_nobody_knows_change_nothing() {
    let lab = changed();
    let new = Fault::Field("brand_new", json!({"of": ["a", "later", "version"]}));
    for (method, end) in [("GET", ""), ("PUT", ""), ("POST", "")] {
        lab.sim.world().plan(When::Every(method, end), new.clone());
    }
    lab.comment(1, "Second.");
    let pair = lab.sync();
    assert_eq!(
        (&pair["issues"]["updated"], &pair["comments"]["created"]),
        (&json!(1), &json!(1))
    );
    lab.sim.advance(600);
    lab.idle();
}

#[test]
fn p7_null_where_a_value_was_is_not_taken_for_nothing() {
    for field in ["title", "labels", "state", "confidential", "created_at"] {
        let lab = changed();
        let before = state(&lab);
        let null = Fault::Field(field, Value::Null);
        lab.sim.world().plan(When::Every("GET", "/issues"), null);
        let pair = lab.sync_with(&["--full"], 3);
        let failure = pair["failures"][0].to_string();
        let said = "what the server answers is not of the form that it should have";
        assert!(failure.contains(said), "{field}: {failure}");
        assert!(
            failure.contains("issue #1 of team/app"),
            "{field}: {failure}"
        );
        assert_eq!(state(&lab), before, "{field}");
        lab.sim.world().faults.clear();
        lab.retry_now();
        lab.sync();
        assert_eq!(lab.mirrored()[0].due_date.as_deref(), Some("2026-03-01"));
    }
    // What has nothing at all in place of a number cannot be told from the others.
    for field in ["id", "iid", "updated_at"] {
        let lab = changed();
        let before = state(&lab);
        let null = Fault::Field(field, Value::Null);
        lab.sim.world().plan(When::Every("GET", "/issues"), null);
        let pair = lab.sync_with(&[], 1);
        let failure = pair["failures"][0].to_string();
        assert!(failure.contains("is not of the form"), "{field}: {failure}");
        assert_eq!(state(&lab), before, "{field}");
    }
    // And what may be nothing is.
    for field in [
        "description",
        "author",
        "milestone",
        "web_url",
        "time_stats",
        "assignees",
    ] {
        let lab = changed();
        let before = state(&lab);
        let null = Fault::Field(field, Value::Null);
        lab.sim.world().plan(When::Every("GET", "/issues"), null);
        lab.sync();
        assert_eq!(state(&lab), before, "{field}");
    }
}

#[test]
fn p7_a_comment_that_does_not_say_who_may_see_it_is_not_shown_to_anybody() {
    let lab = changed();
    lab.comment(1, "Second.");
    let path = "/issues/1/notes";
    for field in ["internal", "confidential"] {
        let null = Fault::Field(field, Value::Null);
        lab.sim.world().plan(When::Every("GET", path), null);
        let written = lab.mirrored()[0].comments().len();
        // The older name of the same is enough, and so is the newer one.
        lab.sync();
        lab.sim.world().faults.clear();
        assert_eq!(
            lab.mirrored()[0].comments().len(),
            if field == "internal" {
                written + 1
            } else {
                written
            }
        );
        lab.sim.advance(600);
        lab.edit(1, |issue| issue.title = format!("Without {field}"));
        lab.sim.advance(300);
    }
    lab.comment(1, "Third.");
    lab.sim.advance(300);
    lab.sim.world().plan(
        When::Every("GET", path),
        Fault::Fields(vec![
            ("internal", Value::Null),
            ("confidential", Value::Null),
        ]),
    );
    let pair = lab.sync_with(&[], 3);
    assert!(
        pair["failures"].to_string().contains("who may see it"),
        "{pair:#}"
    );
    assert_eq!(lab.mirrored()[0].comments().len(), 2);
}

#[test]
fn p5_a_label_says_where_an_issue_is_from_with_a_port_that_is_not_the_usual_one() {
    let lab = Lab::new("");
    let mut world = World::default();
    let bot = world.add_user("mirror-bot");
    world.add_token("writer", bot);
    let target = world.add_project("mirrors/app");
    world.set_role(target, bot, Role::Maintainer);
    let other = Sim::start(world);
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    let (before, behind) = config.split_once("backup:").unwrap();
    let behind = behind.replace(&lab.sim.url(), &other.url());
    lab.env
        .write("mirror.yaml", &format!("{before}backup:{behind}"));
    // Without a marker only the label tells, and only by the very name of the target.
    for (title, label) in [
        ("Back", format!("Mirrored-From::127.0.0.1:{}", other.port())),
        ("Of another", "Mirrored-From::127.0.0.1".to_owned()),
        ("Plain", "bug".to_owned()),
    ] {
        let iid = lab.open(title, "x");
        lab.edit(iid, |issue| {
            issue.labels.insert(label);
        });
    }
    lab.sim.advance(300);
    other.advance(300);
    let run = lab.run(&["sync"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    let from = format!("Mirrored-From::127.0.0.1:{}", lab.sim.port());
    let world = other.world();
    let found: Vec<(String, Vec<String>)> = world.projects[&target]
        .issues
        .values()
        .map(|issue| (issue.title.clone(), issue.labels.iter().cloned().collect()))
        .collect();
    let expected = [
        ("Of another".to_owned(), vec![from.clone()]),
        ("Plain".to_owned(), vec![from, "bug".to_owned()]),
    ];
    assert_eq!(found, expected);
}

#[test]
fn p5_a_host_with_the_usual_port_is_named_without_one() {
    let lab = Lab::new("");
    lab.open("T", "x");
    // The simulator answers for any host, as a proxy does for the forge behind it.
    let proxy = lab.sim.url();
    for url in [
        "http://gitlab.example.test",
        "http://gitlab.example.test:80",
    ] {
        let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
        let config = config.replace(&proxy, url);
        lab.env.write("mirror.yaml", &config);
        let variables = [
            ("READER", "reader"),
            ("WRITER", "writer"),
            ("http_proxy", &proxy),
        ];
        let run = lab.env.run_with(&["sync"], &variables);
        assert_eq!(run.code, 0, "{}", run.shown());
        let labels: Vec<String> = lab.mirrored()[0].labels.iter().cloned().collect();
        assert_eq!(labels, ["Mirrored-From::gitlab.example.test"]);
        assert_eq!(lab.mirrored().len(), 1, "one place, however it is written");
        lab.configure("");
    }
}
