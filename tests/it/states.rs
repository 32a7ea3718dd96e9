//! `status --issues`: each state that an issue can be in, in the table, in JSON and by `--only`.

use crate::env::{Env, Run};
use crate::lab::Lab;
use forge_sim::{Fault, Role, When};
use issue_mirror::model::RowState;
use serde_json::Value;
use std::fs;

/// Asserts the state of one issue everywhere it is shown, and that no other state lists it.
fn assert_state(run: &dyn Fn(&[&str]) -> Run, number: u64, state: &str) -> Value {
    let table = run(&["status", "--issues"]).stdout;
    let row = format!("#{number} ");
    let line = table
        .lines()
        .find(|line| line.starts_with(&row) && !line.contains('('));
    let shown = line.and_then(|line| line.split_whitespace().nth(2));
    assert_eq!(shown, Some(state), "{table}");
    let json = |args: &[&str]| -> Value {
        let run = run(&[&["status", "--output", "json"], args].concat());
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        document["pairs"][0].clone()
    };
    let rows = |pair: &Value| pair["issues"].as_array().unwrap().clone();
    let is_it = |row: &Value| row["source_number"] == number;
    let all = json(&["--issues"]);
    let found = rows(&all).into_iter().find(is_it).unwrap();
    assert_eq!(found["state"], state);
    for (word, ..) in RowState::WORDS {
        let listed = rows(&json(&["--only", word])).iter().any(is_it);
        let expected = word == state || word == "error" && state == "contested";
        assert_eq!(listed, expected, "--only {word}");
    }
    // What is counted as in step is what is listed so.
    let synced = rows(&all)
        .iter()
        .filter(|row| row["state"] == "synced")
        .count();
    assert_eq!(all["synced"], synced);
    found
}

/// Three issues in files, mirrored.
fn env(toggles: &str) -> Env {
    let env = Env::new(toggles);
    for number in 1..=3 {
        let head = format!("title: T{number}\nlabels: [carried]");
        env.source().issue(number, &head, "x");
    }
    env.sync();
    assert_state(&|args| env.run(args), 2, "synced");
    env
}

fn is(env: &Env, state: &str) -> Value {
    let row = assert_state(&|args| env.run(args), 2, state);
    assert_state(&|args| env.run(args), 1, "synced");
    row
}

fn break_source(env: &Env) {
    env.source()
        .edit("issues/2/issue.md", "title", "nope: 1\ntitle");
}

#[test]
fn pending_and_error_say_why() {
    let env = env("");
    break_source(&env);
    env.sync_with(&[], 3);
    let row = is(&env, "pending");
    assert!(row["error"].as_str().unwrap().contains("nope"), "{row}");
    while env
        .run(&["status", "--only", "error"])
        .stdout
        .contains("no issue is")
    {
        env.retry_now();
        env.sync_with(&[], 3);
    }
    is(&env, "error");
    env.source()
        .edit("issues/2/issue.md", "nope: 1\ntitle", "title");
    env.sync();
    is(&env, "synced");
}

#[test]
fn a_create_of_unknown_fate_is_pending_before_it_has_a_counterpart() {
    // Killed when it had just been created.
    let created = (1..).find_map(|request| {
        let lab = Lab::new("");
        lab.open("A", "x");
        lab.sim.advance(300);
        assert!(lab.killed(&["sync"], request, true), "it never got so far");
        (lab.mirrored().len() == 1).then_some(lab)
    });
    let lab = created.unwrap();
    let waiting = assert_state(&|args| lab.run(args), 1, "pending");
    assert_eq!(waiting["target_number"], Value::Null);
    lab.sim.advance(300);
    lab.sync();
    assert_state(&|args| lab.run(args), 1, "synced");
}

#[test]
fn gone_hidden_and_outside_and_back() {
    let env = env("only: { labels: [carried] }");
    env.source()
        .edit("issues/2/issue.md", "title", "confidential: true\ntitle");
    env.sync();
    is(&env, "hidden");
    env.source()
        .edit("issues/2/issue.md", "confidential: true\ntitle", "title");
    env.sync();
    is(&env, "synced");
    env.source().edit("issues/2/issue.md", "[carried]", "[]");
    env.sync();
    is(&env, "outside");
    env.source().edit("issues/2/issue.md", "[]", "[carried]");
    env.sync();
    is(&env, "synced");
    fs::remove_dir_all(env.target().path("issues/2")).unwrap();
    env.sync_with(&["--full"], 0);
    is(&env, "gone");
}

#[test]
fn what_vanished_is_told_and_removed_where_that_is_asked_for() {
    let env = env("");
    let (there, away) = (env.source().path("issues/2"), env.path("away"));
    let move_away = || fs::rename(&there, &away).unwrap();
    move_away();
    env.sync();
    is(&env, "vanished");
    fs::rename(&away, &there).unwrap();
    env.sync();
    is(&env, "synced");
    move_away();
    env.sync();
    env.configure("sync_deletions: close");
    env.sync_with(&["--full"], 0);
    is(&env, "vanished");
    assert_eq!(env.target().read(2).field("state"), "closed");
    fs::rename(&away, &there).unwrap();
    env.sync();
    is(&env, "synced");
    env.configure("sync_deletions: delete");
    move_away();
    assert_eq!(env.sync_with(&["--full"], 0)["deleted"], 1);
    is(&env, "removed");
}

#[test]
fn parted_and_contested_wait_for_a_person() {
    let env = env("");
    assert_eq!(env.run(&["unlink", "demo", "2"]).code, 0);
    is(&env, "parted");
    env.sync();
    is(&env, "parted");
    // Two that name one original, which nothing remembers.
    let copy = env.target().content("issues/1/issue.md");
    env.target().write("issues/9/issue.md", &copy);
    env.lose_store();
    env.sync_with(&[], 3);
    let row = assert_state(&|args| env.run(args), 1, "contested");
    assert!(row["error"].as_str().unwrap().contains("#9"), "{row}");
    env.sync();
    assert_state(&|args| env.run(args), 1, "contested");
}

#[test]
fn leaving_until_it_is_known_what_became_of_it() {
    let lab = Lab::with("sync_deletions: delete", |world| {
        let bot = world.tokens["writer"].user;
        let target = *world.projects.keys().max().unwrap();
        world.set_role(target, bot, Role::Owner);
    });
    for title in ["A", "B", "C"] {
        lab.open(title, "x");
    }
    lab.sync();
    lab.sim.advance(300);
    {
        let mut world = lab.sim.world();
        let source = world.projects.get_mut(&lab.source).unwrap();
        source.issues.remove(&2).unwrap();
        world.plan(When::Write(1), Fault::DropAnswer);
    }
    lab.run(&["sync", "--full"]);
    assert_state(&|args| lab.run(args), 2, "leaving");
    lab.sim.advance(300);
    lab.retry_now();
    lab.sync();
    assert_state(&|args| lab.run(args), 2, "removed");
}

#[test]
fn what_vanished_is_in_step_again_once_it_was_read() {
    let lab = Lab::new("");
    for title in ["A", "B", "C"] {
        lab.open(title, "x");
    }
    lab.sync();
    lab.sim.advance(300);
    let issues = |change: &dyn Fn(&mut std::collections::BTreeMap<u64, forge_sim::Issue>)| {
        let mut world = lab.sim.world();
        change(&mut world.projects.get_mut(&lab.source).unwrap().issues);
    };
    let away = lab.sim.world().issue(lab.source, 2).clone();
    issues(&|all| drop(all.remove(&2)));
    lab.sync();
    assert_state(&|args| lab.run(args), 2, "synced");
    assert_eq!(lab.sync_with(&["--full"], 0)["vanished"], 1);
    assert_state(&|args| lab.run(args), 2, "vanished");
    lab.sim.advance(300);
    issues(&|all| drop(all.insert(2, away.clone())));
    lab.edit(2, |issue| issue.title = "B again".to_owned());
    lab.sync();
    assert_state(&|args| lab.run(args), 2, "synced");
}
