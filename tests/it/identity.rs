//! A tracker, an issue and a comment are the same under another name, number or store.

use crate::env::Env;
use crate::hidden::comments;
use std::fs;

#[test]
fn p3_an_older_store_doubles_no_comment() {
    let env = Env::new("");
    env.source().issue(1, "title: T1\nauthor: a", "x");
    env.sync();
    let older = fs::read(env.path("issue-mirror.db")).unwrap();
    env.source().comment(1, 1, "author: bob", "C");
    env.sync();
    let target = env.target().bytes();
    fs::write(env.path("issue-mirror.db"), older).unwrap();
    let pair = env.sync();
    assert_eq!(pair["issues"]["unchanged"], 1);
    assert_eq!(comments(&env), ["C"]);
    assert_eq!(env.target().bytes(), target);
    env.sync_idle();
    // It is known again: an edit arrives in it.
    env.source().comment(1, 1, "author: bob", "Other.");
    env.sync();
    assert_eq!(comments(&env), ["Other."]);
}

#[test]
fn a_number_that_was_given_twice_belongs_to_whoever_is_there() {
    let env = Env::new("");
    for number in 1..=4 {
        env.source()
            .issue(number, &format!("title: T{number}\nauthor: a"), "x");
    }
    env.sync();
    // An older copy of the target, without #4, is put in its place; then the newer one comes back.
    let keep = env.path("keep");
    fs::rename(env.target().path("issues/4"), &keep).unwrap();
    env.target().remove("counters.yaml");
    assert_eq!(env.sync_with(&["--full"], 0)["gone"], 1);
    env.source().issue(5, "title: T5\nauthor: a", "x");
    env.sync();
    assert_eq!(env.target().read(4).field("title"), "T5");
    fs::remove_dir_all(env.target().path("issues/4")).unwrap();
    fs::rename(&keep, env.target().path("issues/4")).unwrap();
    for _ in 0..2 {
        env.sync_with(&["--full"], 0);
    }
    let status = env.run(&["status", "--only", "gone"]).stdout;
    assert!(status.contains("#5      #4      gone"), "{status}");
}

#[test]
fn a_mapping_is_for_the_pair_that_has_these_ends_now() {
    let env = Env::new("");
    env.source()
        .issue(1, "title: T1\nauthor: a\nassignees: [alice]", "x");
    env.sync();
    let config = fs::read_to_string(env.path("mirror.yaml")).unwrap();
    env.write(
        "mirror.yaml",
        &config.replace("path: target", "path: other"),
    );
    assert_eq!(
        env.run(&["map-user", "alice", "al", "--pair", "demo"]).code,
        0
    );
    env.sync();
    let there = fs::read_to_string(env.path("other/issues/1/issue.md")).unwrap();
    assert!(there.contains("Assignee::@al\n"), "{there}");
    // Under another name it is the same pair, also before the next pass.
    let config = config.replace("path: target", "path: other");
    env.write("mirror.yaml", &config.replace("name: demo", "name: third"));
    assert_eq!(
        env.run(&["map-user", "alice", "--remove", "--pair", "third"])
            .code,
        0
    );
}

#[test]
fn another_way_to_a_tracker_makes_no_new_one() {
    let env = Env::new("");
    env.source().issue(1, "title: T\nauthor: a", "x");
    std::os::unix::fs::symlink(env.path("target"), env.path("alias")).unwrap();
    env.write(
        "mirror.yaml",
        "instances:
  here: { forge: directory, path: source }
  there: { forge: directory, path: target }
  alias: { forge: directory, path: alias }
  third: { forge: directory, path: third }
defaults: { sync_existing_issues: true }
pairs:
  - name: one
    source: { instance: here, project: . }
    target: { instance: there, project: . }
  - name: two
    source: { instance: alias, project: . }
    target: { instance: third, project: . }
",
    );
    assert_eq!(env.run(&["sync"]).code, 0);
    fs::rename(env.path("target"), env.path("away")).unwrap();
    assert_eq!(env.run(&["sync"]).code, 1);
    assert!(!env.path("target").exists());
}

#[test]
fn a_tracker_that_lost_its_identity_is_no_new_one() {
    let env = Env::new("");
    env.source().issue(1, "title: T1\nauthor: a", "x");
    env.sync();
    for file in ["tracker.yaml", "labels.yaml", "counters.yaml"] {
        env.target().remove(file);
    }
    fs::remove_file(env.path("issue-mirror.db")).unwrap();
    let run = env.run(&["sync"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout
            .contains("it holds other files and no tracker.yaml"),
        "{}",
        run.shown()
    );
}
