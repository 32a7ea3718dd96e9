//! Several pairs: there and back, in a ring, into one target.

use crate::env::Env;
use crate::tracker::{Issue, Tracker};

/// Trackers `a`, `b`, `c` with one issue each, mirrored along these pairs until all are in step.
fn graph(pairs: &[(&str, &str)]) -> Env {
    let env = Env::empty();
    let pairs: String = pairs
        .iter()
        .map(|(from, to)| {
            format!("  - {{ name: {from}{to}, source: {{ instance: d, project: {from} }}, target: {{ instance: d, project: {to} }} }}\n")
        })
        .collect();
    env.write(
        "mirror.yaml",
        &format!("instances: {{ d: {{ forge: directory, path: . }} }}\ndefaults: {{ sync_existing_issues: true }}\npairs:\n{pairs}"),
    );
    for name in ["a", "b", "c"] {
        let tracker = Tracker::begin(env.path(name), &format!("tracker-{name}"), name);
        tracker.issue(
            1,
            &format!("title: Of {name}\nauthor: alice"),
            &format!("Text of {name}."),
        );
        tracker.comment(1, 1, "author: bob", "Comment.");
    }
    for _ in 0..3 {
        assert_eq!(env.run(&["sync"]).code, 0);
    }
    let run = env.run(&["sync", "--output", "json"]);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    for pair in document["pairs"].as_array().unwrap() {
        assert_eq!(pair["requests"]["target"], 0, "comes to rest: {pair:#}");
    }
    env
}

fn titles(env: &Env, name: &str) -> Vec<String> {
    let tracker = Tracker::at(env.path(name));
    let issues = tracker.issues();
    let title = |issue: &Issue| issue.field("title").as_str().unwrap().to_owned();
    let mut titles: Vec<String> = issues.values().map(title).collect();
    titles.sort();
    titles
}

#[test]
fn p5_there_and_back_ends() {
    let env = graph(&[("a", "b"), ("b", "a")]);
    assert_eq!(titles(&env, "a"), ["Of a", "Of b"]);
    assert_eq!(titles(&env, "b"), ["Of a", "Of b"]);
}

#[test]
fn p5_a_ring_ends() {
    let env = graph(&[("a", "b"), ("b", "c"), ("c", "a")]);
    for name in ["a", "b", "c"] {
        assert_eq!(titles(&env, name), ["Of a", "Of b", "Of c"], "{name}");
    }
    // Text that came through another project has one envelope, and who wrote it stays known.
    let third = Tracker::at(env.path("c"));
    let issues = third.issues();
    let of_a = issues
        .values()
        .find(|issue| issue.field("title") == "Of a")
        .unwrap();
    assert_eq!(of_a.mirrored_text(), "Text of a.");
    assert_eq!(of_a.text.matches("[issue-mirror]").count(), 1);
    assert_eq!(of_a.field("author"), "alice");
    assert_eq!(of_a.comments[0].mirrored_text(), "Comment.");
    assert_eq!(of_a.labels(), ["Mirrored-From::b"]);
}

#[test]
fn two_pairs_share_a_target() {
    let env = Env::empty();
    env.write(
        "mirror.yaml",
        "instances: { d: { forge: directory, path: . } }
defaults: { sync_existing_issues: true }
pairs:
  - { name: one, source: { instance: d, project: a }, target: { instance: d, project: both } }
  - { name: two, source: { instance: d, project: b }, target: { instance: d, project: both } }
",
    );
    for name in ["a", "b"] {
        let tracker = Tracker::begin(env.path(name), &format!("tracker-{name}"), name);
        for number in 1..4 {
            tracker.issue(number, &format!("title: {name}{number}"), "x");
        }
    }
    assert_eq!(env.run(&["sync"]).code, 0);
    Tracker::at(env.path("b")).edit("issues/2/issue.md", "b2", "b2 edited");
    let run = env.run(&["sync"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    let titles: Vec<String> = Tracker::at(env.path("both"))
        .issues()
        .values()
        .map(|issue| issue.field("title").as_str().unwrap().to_owned())
        .collect();
    assert_eq!(titles, ["a1", "a2", "a3", "b1", "b2 edited", "b3"]);
}
