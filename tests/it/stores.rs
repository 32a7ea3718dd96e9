//! The store: locked, damaged, newer, read-only, on a full disk.

use crate::env::{Env, PROGRAM};
use rusqlite::Connection;
use std::fs;

fn synced() -> Env {
    let env = Env::new("");
    env.source().issue(1, "title: T", "x");
    env.sync();
    env
}

#[test]
fn a_second_run_at_the_same_time_exits_75_and_status_still_answers() {
    let env = synced();
    let store = fs::File::open(env.path("issue-mirror.db")).unwrap();
    store.try_lock().unwrap();
    let run = env.run(&["sync"]);
    assert_eq!(
        run.shown(),
        "exit 75\n--- stderr\nerror: another run holds the store issue-mirror.db.\n"
    );
    assert_eq!(env.run(&["-q", "sync"]).shown(), "exit 75\n");
    assert_eq!(env.run(&["status"]).code, 0);
    assert_eq!(env.run(&["sync", "--dry-run"]).code, 0);
    // Held for too long, cron is told.
    let file = Connection::open(env.path("issue-mirror.db")).unwrap();
    file.execute_batch("INSERT INTO holder VALUES (1, 4711, 1700000000000)")
        .unwrap();
    drop(file);
    let run = env.run(&["-q", "sync"]);
    assert_eq!(
        run.shown(),
        "exit 75\n--- stderr\nerror: another run holds the store issue-mirror.db (process PID, since WHEN).\n"
    );
    // The system frees the lock of whoever ends.
    drop(store);
    assert_eq!(env.run(&["sync"]).code, 0);
}

#[test]
fn mappings_wait_for_a_pass_and_then_say_who_holds_the_store() {
    let env = synced();
    let store = fs::File::open(env.path("issue-mirror.db")).unwrap();
    store.try_lock().unwrap();
    let begun = std::time::Instant::now();
    let run = env.run(&["map-user", "a", "b"]);
    assert_eq!(run.code, 75, "{}", run.shown());
    assert!(
        run.stderr.contains("another run holds the store"),
        "{}",
        run.shown()
    );
    assert!(
        begun.elapsed() >= std::time::Duration::from_secs(5),
        "it was patient"
    );
    let waiting = env
        .command(&["map-user", "a", "b"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(store);
    assert!(waiting.wait_with_output().unwrap().status.success());
    assert!(env.run(&["map-user", "--list"]).stdout.contains("a  ->  b"));
}

#[test]
fn a_store_that_fails_in_the_middle_stops_the_run_and_every_pair_says_why() {
    let env = Env::new("");
    env.source().issue(1, "title: T", "x");
    let config = fs::read_to_string(env.path("mirror.yaml")).unwrap();
    let second = config
        .split_once("pairs:\n")
        .unwrap()
        .1
        .replace("name: demo", "name: second")
        .replace(
            "instance: there, project: .",
            "instance: there, project: second",
        );
    env.write(
        "mirror.yaml",
        &format!("{config}{second}").replacen("there, project: .", "there, project: first", 1),
    );
    env.run(&["sync", "--dry-run"]);
    env.sync();
    let store = Connection::open(env.path("issue-mirror.db")).unwrap();
    store
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON pass BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END")
        .unwrap();
    drop(store);
    let run = env.run(&["sync"]);
    assert_eq!(
        run.shown(),
        "exit 1
--- stdout
demo: failed.
  error: the store cannot be read or written: database or disk is full.
    hint: nothing that was written is lost; make room, or move a damaged store away (the next pass then finds out from the target what is mirrored), and run again.
second: failed.
  error: it was not passed, because the store failed before.
    hint: nothing that was written is lost; make room, or move a damaged store away (the next pass then finds out from the target what is mirrored), and run again.
2 pairs: 2 failed.
"
    );
}

#[test]
fn a_result_that_cannot_be_written_is_a_failure() {
    let env = synced();
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = env.command(&["sync"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("the result cannot be written"), "{said}");
}

#[test]
fn another_tracker_is_not_taken_for_the_one_that_was_there() {
    let env = synced();
    let (source, target) = (env.source(), env.target());
    for (tracker, id) in [(&source, "source-1"), (&target, "")] {
        let before = tracker.content("tracker.yaml");
        let id = if id.is_empty() {
            let line = before
                .lines()
                .find(|line| line.starts_with("id: "))
                .unwrap();
            line[4..].to_owned()
        } else {
            id.to_owned()
        };
        tracker.edit("tracker.yaml", &format!("id: {id}"), "id: another-one");
        let run = env.run(&["sync"]);
        assert_eq!(run.code, 1, "{}", run.shown());
        let said = format!("was directory:{id} at the last pass and is directory:another-one now");
        assert!(run.stdout.contains(&said), "{}", run.shown());
        tracker.write("tracker.yaml", &before);
    }
    env.sync_idle();
}

#[test]
fn a_tracker_that_was_moved_is_still_the_same() {
    let env = synced();
    fs::rename(env.path("target"), env.path("elsewhere")).unwrap();
    let config = fs::read_to_string(env.path("mirror.yaml")).unwrap();
    env.write(
        "mirror.yaml",
        &config.replace("path: target", "path: elsewhere"),
    );
    let pair = env.sync();
    assert_eq!(pair["issues"]["unchanged"], 1);
    // Where it was, another one may begin.
    env.write("mirror.yaml", &config);
    assert_eq!(env.sync()["issues"]["created"], 1);
    assert!(env.path("target/tracker.yaml").exists());
}

#[test]
fn what_is_no_store_or_a_newer_one_is_refused_and_left_alone() {
    let env = synced();
    let path = env.path("issue-mirror.db");
    let good = fs::read(&path).unwrap();
    let newer = {
        let file = Connection::open(&path).unwrap();
        file.pragma_update(None, "user_version", 99).unwrap();
        drop(file);
        fs::read(&path).unwrap()
    };
    let cases: [(&[u8], &str); 3] = [
        (
            b"this is a letter, and long enough to be one",
            "or move it away",
        ),
        (&good[..good.len() / 2], "is damaged"),
        (&newer, "was written by a newer issue-mirror (schema 99"),
    ];
    let target = env.target().bytes();
    for (content, said) in cases {
        fs::write(&path, content).unwrap();
        for args in [
            &["sync"][..],
            &["sync", "--dry-run"],
            &["status"],
            &["map-user", "a", "b"],
        ] {
            let run = env.run(args);
            assert_eq!(run.code, 1, "{args:?}: {}", run.shown());
            assert!(run.stderr.contains(said), "{args:?}: {}", run.shown());
            assert_eq!(run.stdout, "");
        }
        assert_eq!(fs::read(&path).unwrap(), content, "left alone");
    }
    assert_eq!(env.target().bytes(), target);
    fs::write(&path, good).unwrap();
    env.sync_idle();
}

#[test]
fn a_trial_run_writes_nothing_anywhere() {
    let env = Env::new("");
    env.source().issue(1, "title: T", "x");
    let all = |env: &Env| crate::tracker::Tracker::at(env.path("")).bytes();
    let before = all(&env);
    assert_eq!(env.run(&["sync", "--dry-run"]).code, 0);
    assert_eq!(all(&env), before, "before the first pass");
    env.sync();
    env.source()
        .edit("issues/1/issue.md", "title: T", "title: U");
    let before = all(&env);
    for args in [
        &["sync", "--dry-run"][..],
        &["sync", "--dry-run", "--full"],
        &["sync", "demo", "--dry-run", "--issue", "1"],
        &["status", "--issues"],
    ] {
        assert_eq!(env.run(args).code, 0);
        assert_eq!(all(&env), before, "{args:?}");
    }
}

#[test]
fn the_state_can_be_elsewhere() {
    let env = Env::new("");
    env.source().issue(1, "title: T", "x");
    assert_eq!(env.run(&["sync", "--state", "other.db"]).code, 0);
    assert!(env.path("other.db").exists() && !env.path("issue-mirror.db").exists());
    let config = fs::read_to_string(env.path("mirror.yaml")).unwrap();
    env.write("mirror.yaml", &format!("state: third.db\n{config}"));
    fs::remove_dir_all(env.path("target")).unwrap();
    assert_eq!(env.run(&["sync"]).code, 0);
    assert!(env.path("third.db").exists());
    let run = env.run(&["sync", "--state", "missing/x.db"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr
            .contains("missing/x.db cannot be used: No such file"),
        "{}",
        run.shown()
    );
}

#[test]
fn renaming_a_pair_an_instance_or_a_directory_keeps_its_links() {
    let env = synced();
    assert_eq!(env.run(&["map-user", "a", "b", "--pair", "demo"]).code, 0);
    let config = fs::read_to_string(env.path("mirror.yaml")).unwrap();
    fs::rename(env.path("target"), env.path("moved")).unwrap();
    env.write(
        "mirror.yaml",
        &config
            .replace("name: demo", "name: renamed")
            .replace("there", "elsewhere")
            .replace("path: target", "path: moved"),
    );
    env.source()
        .edit("issues/1/issue.md", "title: T", "title: U");
    assert_eq!(env.run(&["sync"]).code, 0);
    let moved = crate::tracker::Tracker::at(env.path("moved"));
    assert_eq!(moved.numbers(), [1]);
    assert_eq!(moved.read(1).field("title"), "U");
    assert!(
        env.run(&["map-user", "--list"])
            .stdout
            .contains("for renamed")
    );
}

#[test]
fn a_target_that_is_missing_is_not_begun_anew() {
    let env = synced();
    fs::rename(env.path("target"), env.path("unmounted")).unwrap();
    let run = env.run(&["sync"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("is a disk missing?"), "{}", run.shown());
    assert!(!env.path("target").exists());
    fs::rename(env.path("unmounted"), env.path("target")).unwrap();
    env.sync_idle();
}

#[test]
fn a_directory_with_other_files_is_no_target() {
    let env = Env::new("");
    env.source().issue(1, "title: T", "x");
    env.write("target/thesis.txt", "years of work");
    let run = env.run(&["sync"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout
            .contains("it holds other files and no tracker.yaml"),
        "{}",
        run.shown()
    );
    assert_eq!(fs::read_dir(env.path("target")).unwrap().count(), 1);
}

#[test]
fn a_source_must_be_a_tracker_and_two_ends_must_differ() {
    let env = Env::empty();
    env.configure("");
    let run = env.run(&["sync"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout
            .contains("opening source: there is no such directory"),
        "{}",
        run.shown()
    );
    env.write("source/issues/1/issue.md", "---\ntitle: T\n---\n");
    let run = env.run(&["sync"]);
    assert!(
        run.stdout
            .contains("put a file tracker.yaml in it that says:"),
        "{}",
        run.shown()
    );
    // A copy is another tracker only with another id.
    env.source();
    env.write("target/tracker.yaml", "format: 1\nid: source-1\n");
    let run = env.run(&["sync"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout.contains("both ends of the pair are one project"),
        "{}",
        run.shown()
    );
    env.write("target/tracker.yaml", "format: 2\nid: other-1\n");
    let run = env.run(&["sync"]);
    assert!(run.stdout.contains("newer format"), "{}", run.shown());
}

#[test]
fn a_disk_that_becomes_full_loses_nothing() {
    let mut fell_short = 0;
    // So many blocks of 512 bytes may a file have; the store needs more the further it gets.
    for blocks in [8, 200, 260, 320, 400] {
        let env = Env::new("");
        for number in 1..=30 {
            env.source()
                .issue(number, &format!("title: T{number}"), "x");
        }
        let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" sync");
        let output = std::process::Command::new("sh")
            .args(["-c", &limited, PROGRAM])
            .current_dir(env.path("."))
            .env_clear()
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        if output.status.code() != Some(0) {
            fell_short += 1;
            assert_eq!(output.status.code(), Some(1), "{blocks}: {said}");
            assert!(said.contains("store"), "{blocks}: {said}");
        }
        env.sync();
        let numbers: Vec<u64> = (1..=30).collect();
        assert_eq!(env.target().numbers(), numbers, "{blocks}");
        env.sync_idle();
    }
    assert!(fell_short >= 2, "{fell_short} of the limits were reached");
}
