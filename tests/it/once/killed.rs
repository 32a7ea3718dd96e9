//! The program itself, killed or asked to end.

use crate::env::Env;
use rusqlite::Connection;
use std::process::Stdio;

#[test]
fn p1_the_program_killed_again_and_again_mirrors_everything_once() {
    let env = Env::new("sync_closed_issues: true");
    let source = env.source();
    for number in 1..=40 {
        source.issue(number, &format!("title: T{number}"), "x");
        source.comment(number, number, "author: a", "c");
    }
    let issues = || std::fs::read_dir(env.path("target/issues")).map_or(0, Iterator::count);
    let mut kills = 0;
    for goal in (3..40).step_by(4) {
        let mut child = env
            .command(&["sync"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Kill it as soon as it got so far, wherever it then is.
        loop {
            if issues() >= goal {
                child.kill().unwrap();
                kills += 1;
                break;
            }
            if child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::yield_now();
        }
        child.wait().unwrap();
    }
    assert!(kills > 0);
    env.sync();
    let mirrored = env.target().issues();
    assert_eq!(mirrored.len(), 40);
    for (number, issue) in mirrored {
        assert_eq!(issue.field("title"), &format!("T{number}"));
        assert_eq!(issue.comments.len(), 1);
    }
    env.sync_idle();
}

#[test]
fn a_signal_ends_a_pass_after_the_write_in_flight() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let env = Env::new("");
        let source = env.source();
        for number in 1..=400 {
            source.issue(number, &format!("title: T{number}"), "x");
        }
        let child = env
            .command(&["sync", "--output", "json"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        while std::fs::read_dir(env.path("target/issues")).map_or(0, Iterator::count) < 3 {
            std::thread::yield_now();
        }
        let kill = std::process::Command::new("kill")
            .args([format!("-{signal}"), child.id().to_string()])
            .status()
            .unwrap();
        assert!(kill.success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let pair = &document["pairs"][0];
        assert_eq!(document["exit_code"], code);
        assert_eq!(pair["outcome"], "interrupted");
        let created = pair["issues"]["created"].as_u64().unwrap();
        assert_eq!(
            created,
            env.target().numbers().len() as u64,
            "what was written is recorded"
        );
        assert!(created < 400);
        let store = Connection::open(env.path("issue-mirror.db")).unwrap();
        let open: i64 = store
            .query_row("SELECT count(*) FROM intent", [], |row| row.get(0))
            .unwrap();
        assert_eq!(open, 0, "nothing is left open");
        drop(store);
        assert_eq!(env.sync()["issues"]["created"], 400 - created);
    }
}
