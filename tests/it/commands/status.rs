//! `status`: whether pairs are too old, and what is linked and what failed.

use crate::env::Env;

#[test]
fn a_health_check_tells_when_a_pair_is_too_old() {
    let env = Env::new("");
    env.source().issue(1, "title: One", "x");
    assert_eq!(
        env.run(&["status", "--max-age", "1h"]).code,
        3,
        "never passed"
    );
    env.sync();
    assert_eq!(
        env.run(&["-q", "status", "--max-age", "1h"]).shown(),
        "exit 0\n"
    );
    let store = rusqlite::Connection::open(env.path("issue-mirror.db")).unwrap();
    store
        .execute_batch("UPDATE pass SET started_at = started_at - 2 * 3600 * 1000")
        .unwrap();
    let run = env.run(&["-q", "status", "--max-age", "1h"]);
    assert_eq!(run.code, 3);
    assert!(
        run.stdout
            .contains("demo: the last success is too long ago."),
        "{}",
        run.shown()
    );
    assert_eq!(
        env.run(&["status", "--max-age", "soon"]).shown(),
        "exit 2\n--- stderr\nerror: --max-age soon is no length of time; write one such as 90m, 12h or 7d.\n"
    );
}

#[test]
fn status_for_machines_lists_links_and_failures() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: One", "x");
    source.issue(2, "title: Two\noops: 1", "x");
    env.sync_with(&[], 3);
    let run = env.run(&["status", "--issues", "--output", "json"]);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let pair = &document["pairs"][0];
    assert_eq!(pair["outcome"], "partial");
    assert_eq!((&pair["synced"], &pair["pending"]), (&1.into(), &1.into()));
    assert_eq!(pair["issues"][0]["target_url"], "target/issues/1/issue.md");
    assert_eq!(pair["retries"][0]["source_number"], 2);
    assert_eq!(pair["retries"][0]["stage"], "read");
    // An issue that was mirrored and cannot be read any more.
    source.edit("issues/1/issue.md", "title", "nope: 1\ntitle");
    env.sync_with(&[], 3);
    let run = env.run(&["status", "--issues", "--only", "pending"]);
    assert!(
        run.stdout.contains("#1      #1      pending"),
        "{}",
        run.shown()
    );
    let run = env.run(&["status", "--issues", "--only", "synced"]);
    assert!(
        run.stdout.contains("no issue is mirrored"),
        "{}",
        run.shown()
    );
}
