//! `sync_deletions`: what vanished on the source is closed or deleted on the target, once, and never
//! because a source looks emptier than it is (P13).

mod server;

use crate::env::Env;
use std::fs;

/// Five issues that are mirrored.
fn env(toggles: &str) -> Env {
    let env = Env::new(toggles);
    for number in 1..=5 {
        let head = format!("title: T{number}\nauthor: alice");
        env.source().issue(number, &head, "x");
    }
    assert_eq!(env.sync()["issues"]["created"], 5);
    env
}

fn vanish(env: &Env, number: u64) {
    let from = env.source().path(&format!("issues/{number}"));
    fs::rename(from, env.path(format!("away-{number}"))).unwrap();
}

fn come_back(env: &Env, number: u64) {
    let to = env.source().path(&format!("issues/{number}"));
    fs::rename(env.path(format!("away-{number}")), to).unwrap();
}

#[test]
fn what_vanished_is_closed_once_and_reopened_when_it_is_back() {
    let env = env("sync_deletions: close");
    vanish(&env, 2);
    assert_eq!(env.sync()["closed"], 0, "only a full pass believes it");
    assert_eq!(env.target().read(2).field("state"), "open");
    let pair = env.sync_with(&["--full"], 0);
    assert_eq!((&pair["closed"], &pair["vanished"]), (&1.into(), &1.into()));
    assert_eq!(env.target().read(2).field("state"), "closed");
    // Once: what people do then stays.
    let there = env.target().bytes();
    let pair = env.sync_with(&["--full"], 0);
    assert_eq!((&pair["closed"], &pair["vanished"]), (&0.into(), &0.into()));
    assert_eq!(env.target().bytes(), there);
    come_back(&env, 2);
    assert_eq!(env.sync()["issues"]["updated"], 1);
    assert_eq!(env.target().read(2).field("state"), "open");
    env.sync_idle();
    // And again.
    vanish(&env, 2);
    assert_eq!(env.sync_with(&["--full"], 0)["closed"], 1);
}

#[test]
fn what_vanished_is_deleted_and_made_again_when_it_is_back() {
    let env = env("sync_deletions: delete");
    vanish(&env, 2);
    let plan = env.run(&["sync", "--full", "--dry-run"]);
    assert!(plan.stdout.contains("delete #2"), "{}", plan.shown());
    assert_eq!(env.target().numbers(), [1, 2, 3, 4, 5]);
    let run = env.run(&["sync", "--full"]);
    let said = "1 not there any more; deleted on the target";
    assert!(run.stdout.contains(said), "{}", run.shown());
    assert_eq!(env.target().numbers(), [1, 3, 4, 5]);
    let there = env.target().bytes();
    assert_eq!(env.sync_with(&["--full"], 0)["deleted"], 0);
    assert_eq!(env.target().bytes(), there);
    come_back(&env, 2);
    assert_eq!(env.sync()["issues"]["created"], 1);
    assert_eq!(env.target().read(6).field("title"), "T2");
    env.sync_idle();
}

#[test]
fn p3_what_is_back_is_known_again_by_an_older_store_that_says_it_was_deleted() {
    let env = env("sync_deletions: delete");
    vanish(&env, 2);
    assert_eq!(env.sync_with(&["--full"], 0)["deleted"], 1);
    let older = fs::read(env.path("issue-mirror.db")).unwrap();
    come_back(&env, 2);
    assert_eq!(env.sync()["issues"]["created"], 1);
    fs::write(env.path("issue-mirror.db"), older).unwrap();
    assert_eq!(env.sync()["issues"]["created"], 0);
    assert_eq!(env.target().numbers(), [1, 3, 4, 5, 6]);
    env.sync_idle();
}

#[test]
fn what_vanished_stays_without_the_setting_and_what_was_hidden_goes_with_it() {
    let env = env("");
    vanish(&env, 1);
    let there = env.target().bytes();
    let pair = env.sync_with(&["--full"], 0);
    assert_eq!((&pair["closed"], &pair["vanished"]), (&0.into(), &1.into()));
    assert_eq!(env.target().bytes(), there);
    // A setting that changed reaches what vanished before.
    env.source()
        .edit("issues/2/issue.md", "title", "confidential: true\ntitle");
    env.configure("sync_deletions: delete");
    assert_eq!(env.sync()["hidden"], 1);
    vanish(&env, 2);
    assert_eq!(env.sync_with(&["--full"], 0)["deleted"], 2);
    assert_eq!(env.target().numbers(), [3, 4, 5]);
}

#[test]
fn p13_all_that_is_left_is_not_taken_for_deleted() {
    for (setting, word) in [("close", "closed"), ("delete", "deleted")] {
        let env = env(&format!("sync_deletions: {setting}"));
        let source = env.source();
        source.issue(6, "title: New\nauthor: alice", "x");
        for number in 1..=5 {
            vanish(&env, number);
        }
        let pair = env.sync_with(&["--full"], 3);
        let said = pair["failures"][0]["error"].as_str().unwrap();
        assert!(said.contains("5 of 5 mirrored issues"), "{said}");
        assert!(said.contains("--allow-deletions 5"), "{said}");
        assert_eq!(pair[word], 0);
        assert_eq!(env.target().numbers(), [1, 2, 3, 4, 5, 6]);
        for number in 1..=5 {
            assert_eq!(env.target().read(number).field("state"), "open");
        }
        let pair = env.sync_with(&["--full", "--allow-deletions", "5"], 0);
        assert_eq!(pair[word], 5, "{pair:#}");
    }
}

#[test]
fn p13_what_is_mirrored_after_the_brake_does_not_let_it_go() {
    for first in ["--full", "-v"] {
        let env = env("sync_deletions: delete");
        for number in 1..=5 {
            vanish(&env, number);
        }
        // What is listed is empty, which no pass believes, or holds one that is new.
        if first == "--full" {
            env.source().issue(6, "title: T6\nauthor: alice", "x");
        }
        let code = if first == "--full" { 3 } else { 1 };
        assert_eq!(env.run(&["sync", first]).code, code);
        for number in 6..=20 {
            let head = format!("title: T{number}\nauthor: alice");
            env.source().issue(number, &head, "x");
        }
        assert!(env.sync()["issues"]["created"].as_u64().unwrap() >= 14);
        for _ in 0..2 {
            let pair = env.sync_with(&["--full"], 3);
            assert_eq!(
                pair["deleted"], 0,
                "5 of 20, and all of those that were there"
            );
        }
        // Some that come back end it.
        come_back(&env, 1);
        assert_eq!(env.sync_with(&["--full"], 0)["deleted"], 4);
        for number in 2..=5 {
            come_back(&env, number);
        }
        assert_eq!(env.sync()["issues"]["created"], 4);
        // What was settled counts as mirrored from now on.
        env.sync_with(&["--full"], 0);
        vanish(&env, 1);
        vanish(&env, 6);
        assert_eq!(env.sync_with(&["--full"], 0)["deleted"], 2);
    }
}

#[test]
fn p13_new_issues_between_two_full_passes_do_not_hide_that_all_others_are_gone() {
    let env = env("sync_deletions: close");
    for number in 1..=5 {
        vanish(&env, number);
    }
    for number in 6..=20 {
        let head = format!("title: T{number}\nauthor: alice");
        env.source().issue(number, &head, "x");
    }
    assert_eq!(env.sync()["issues"]["created"], 15);
    assert_eq!(env.sync_with(&["--full"], 3)["closed"], 0);
    let pair = env.sync_with(&["--full", "--allow-deletions", "5"], 0);
    assert_eq!(pair["closed"], 5);
}

#[test]
fn p13_the_last_issue_of_a_source_is_not_taken_for_deleted_unasked() {
    let env = Env::new("sync_deletions: delete");
    env.source().issue(1, "title: T\nauthor: alice", "x");
    env.sync();
    vanish(&env, 1);
    let pair = env.sync_with(&["--full"], 3);
    assert_eq!(pair["deleted"], 0);
    let pair = env.sync_with(&["--full", "--allow-deletions", "1"], 0);
    assert_eq!(pair["deleted"], 1);
}

#[test]
fn what_was_deleted_and_is_back_is_mirrored_although_it_is_closed_now() {
    let env = env("sync_deletions: delete\nsync_closed_issues: false");
    vanish(&env, 2);
    assert_eq!(env.sync_with(&["--full"], 0)["deleted"], 1);
    come_back(&env, 2);
    env.source()
        .edit("issues/2/issue.md", "title", "state: closed\ntitle");
    assert_eq!(env.sync()["issues"]["created"], 1);
    assert_eq!(env.target().read(6).field("state"), "closed");
}

#[test]
fn what_comes_back_confidential_is_neither_shown_nor_made_again() {
    let env = env("sync_deletions: delete");
    vanish(&env, 2);
    assert_eq!(env.sync_with(&["--full"], 0)["deleted"], 1);
    come_back(&env, 2);
    env.source()
        .edit("issues/2/issue.md", "title", "confidential: true\ntitle");
    let pair = env.sync();
    assert_eq!(pair["issues"]["created"], 0);
    assert_eq!(pair["skipped_because"]["confidential"], 1);
    assert_eq!(env.target().numbers(), [1, 3, 4, 5]);
}

#[test]
fn p13_more_than_ten_and_more_than_five_percent_are_not_taken_for_deleted() {
    let env = Env::new("sync_deletions: delete");
    for number in 1..=30 {
        let head = format!("title: T{number}\nauthor: alice");
        env.source().issue(number, &head, "x");
    }
    env.sync();
    for number in 1..=11 {
        vanish(&env, number);
    }
    assert_eq!(env.sync_with(&["--full"], 3)["deleted"], 0);
    assert_eq!(
        env.sync_with(&["--full", "--allow-deletions", "10"], 3)["deleted"],
        0
    );
    assert_eq!(env.target().numbers().len(), 30);
    let pair = env.sync_with(&["--full", "--allow-deletions", "11"], 0);
    assert_eq!(pair["deleted"], 11);
    assert_eq!(env.target().numbers().len(), 19);
}
