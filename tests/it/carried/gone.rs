//! What is deleted, missing or empty: on the target, or on the source.

use super::rich;
use crate::env::Env;

#[test]
fn a_full_pass_counts_what_people_changed_and_deleted() {
    let env = Env::new("");
    let source = rich(&env);
    source.issue(2, "title: Two", "x");
    env.sync();
    let target = env.target();
    target.edit("issues/1/issue.md", "weight: 3", "weight: 8");
    target.edit("issues/1/comment-0001.md", "Here too.", "Changed.");
    target.remove("issues/1/comment-0002.md");
    std::fs::remove_dir_all(target.path("issues/2")).unwrap();
    let before = target.bytes();
    let pair = env.sync_with(&["--full"], 0);
    assert_eq!(pair["mode"], "full");
    assert_eq!(pair["drift"], 2, "weight and a comment");
    assert_eq!(pair["gone"], 2, "an issue and a comment");
    assert_eq!(before, target.bytes(), "looking changes nothing");
    // Reported once, not made again.
    let pair = env.sync_with(&["--full"], 0);
    assert_eq!(pair["gone"], 0);
    assert_eq!(pair["skipped_because"]["gone"], 1);
    source.edit("issues/2/issue.md", "Two", "Too");
    env.sync();
    assert_eq!(env.target().numbers(), [1]);
}

#[test]
fn a_counterpart_that_is_gone_is_noticed_when_it_is_to_be_changed() {
    let env = Env::new("");
    let source = rich(&env);
    source.issue(2, "title: Two", "x");
    env.sync();
    std::fs::remove_dir_all(env.target().path("issues/2")).unwrap();
    source.edit("issues/2/issue.md", "Two", "Too");
    let pair = env.sync();
    assert_eq!(pair["gone"], 1);
    assert_eq!(env.target().numbers(), [1]);
    // Its number is not given again, or the next edit would hit another issue.
    source.issue(3, "title: Three", "x");
    env.sync();
    assert_eq!(env.target().numbers(), [1, 3]);
}

#[test]
fn p13_that_every_counterpart_is_gone_is_not_believed() {
    let env = Env::new("");
    let source = rich(&env);
    source.issue(2, "title: Two", "x");
    env.sync();
    for number in [1, 2] {
        std::fs::remove_dir_all(env.target().path(&format!("issues/{number}"))).unwrap();
    }
    let pair = env.sync_with(&["--full"], 3);
    assert_eq!(pair["outcome"], "partial");
    assert!(
        pair["failures"][0]["error"]
            .as_str()
            .unwrap()
            .contains("2 of 2 counterparts are not in target any more"),
        "{pair:#}"
    );
    assert_eq!(
        env.run(&["status", "--issues"])
            .stdout
            .matches("gone")
            .count(),
        0
    );
    // Whoever means it says so; and what comes back is found again by a full pass.
    let kept = env.target().bytes();
    assert!(!kept.keys().any(|path| path.ends_with("issue.md")));
    let pair = env.sync_with(&["--full", "--allow-deletions", "2"], 0);
    assert_eq!(pair["gone"], 2);
    assert_eq!(env.sync_with(&["--full"], 0)["skipped_because"]["gone"], 2);
}

#[test]
fn p13_others_that_nobody_asked_for_are_looked_at_before_one_is_taken_for_deleted() {
    let env = Env::new("");
    let source = env.source();
    for number in 1..=5 {
        source.issue(number, &format!("title: T{number}"), "x");
    }
    env.sync();
    let away = env.path("away");
    std::fs::rename(env.target().path("issues"), &away).unwrap();
    // Only one counterpart is asked for, but the others are missing as well.
    source.edit("issues/2/issue.md", "T2", "New");
    let pair = env.sync_with(&[], 3);
    let said = pair["failures"][0]["error"].as_str().unwrap();
    assert!(
        said.contains("4 of 5 counterparts are not in target any more"),
        "{said}"
    );
    assert_eq!(pair["gone"], 0);
    std::fs::rename(&away, env.target().path("issues")).unwrap();
    let pair = env.sync();
    assert_eq!(pair["issues"]["updated"], 1);
    assert_eq!(env.target().read(2).field("title"), "New");
}

#[test]
fn a_counterpart_that_comes_back_is_carried_on() {
    let env = Env::new("");
    let source = env.source();
    for number in 1..=3 {
        source.issue(number, &format!("title: T{number}"), "x");
    }
    env.sync();
    let away = env.path("away");
    std::fs::rename(env.target().path("issues/2"), &away).unwrap();
    assert_eq!(env.sync_with(&["--full"], 0)["gone"], 1);
    source.edit("issues/2/issue.md", "T2", "New");
    assert_eq!(env.sync()["skipped_because"]["gone"], 1);
    std::fs::rename(&away, env.target().path("issues/2")).unwrap();
    assert_eq!(env.sync_with(&["--full"], 0)["issues"]["updated"], 1);
    assert_eq!(env.target().read(2).field("title"), "New");
    env.sync_idle();
}

#[test]
fn p13_a_source_that_looks_empty_is_told_and_nothing_is_done() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: One", "x");
    source.issue(2, "title: Two", "x");
    source.issue(3, "title: Three\noops: 1", "x");
    env.sync_with(&[], 3);
    let away = env.path("away");
    std::fs::rename(source.path("issues"), &away).unwrap();
    let pair = env.sync_with(&[], 1);
    let said = pair["failures"][0]["error"].as_str().unwrap();
    assert!(
        said.contains("plans has no issue any more, and 2 of it are mirrored"),
        "{said}"
    );
    std::fs::rename(&away, source.path("issues")).unwrap();
    assert_eq!(env.sync_with(&[], 3)["retries"], 1, "it still waits");
    std::fs::rename(source.path("issues"), &away).unwrap();
    let pair = env.sync_with(&["--allow-deletions", "2"], 0);
    assert_eq!(pair["vanished"], 2);
    assert_eq!(env.target().numbers(), [1, 2]);
}
