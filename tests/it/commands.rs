//! What people see: whole outputs of the real binary.

use crate::env::Env;

fn two_pairs(env: &Env) {
    env.write(
        "mirror.yaml",
        "instances:
  here: { forge: directory, path: source }
  there: { forge: directory, path: target }
defaults: { sync_existing_issues: true }
pairs:
  - name: team-a
    source: { instance: here, project: a }
    target: { instance: there, project: a }
  - name: team-b
    source: { instance: here, project: b }
    target: { instance: there, project: b }
  - name: other
    enabled: false
    source: { instance: here, project: c }
    target: { instance: there, project: c }
",
    );
    for name in ["a", "b"] {
        let tracker = crate::tracker::Tracker::begin(
            env.path(format!("source/{name}")),
            &format!("tracker-{name}"),
            name,
        );
        tracker.issue(1, &format!("title: Of {name}"), "x");
    }
}

#[test]
fn a_pass_and_an_idle_pass_and_where_things_stand() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: One\nlabels: [bug]", "x");
    source.comment(1, 1, "author: a", "x");
    source.issue(2, "title: Two\nstate: closed", "x");
    assert_eq!(
        env.run(&["status"]).shown(),
        "exit 0
--- stdout
PAIR  LAST PASS  OUTCOME  NEXT DUE  SYNCED  PENDING  CONFLICT  ERROR
demo  -          never    now       0       0        0         0
"
    );
    assert_eq!(
        env.run(&["sync"]).shown(),
        "exit 0
--- stdout
demo: 2 issues seen: 1 created, 1 skipped (1 closed).
  comments     1 created
  labels       2 created or changed
  requests     4 to the source, 6 to the target, in TIME
"
    );
    assert_eq!(
        env.run(&["sync"]).shown(),
        "exit 0
--- stdout
demo: 2 issues seen: nothing changed, 1 unchanged, 1 skipped (1 closed).
  requests     1 to the source, 0 to the target, in TIME
"
    );
    assert_eq!(env.run(&["-q", "sync"]).shown(), "exit 0\n");
    assert_eq!(
        env.run(&["status", "--issues"]).shown(),
        "exit 0
--- stdout
PAIR  LAST PASS  OUTCOME  NEXT DUE  SYNCED  PENDING  CONFLICT  ERROR
demo  AGO    success  now       1       0        0         0

demo
SOURCE  TARGET  STATE   SOURCE URL                TARGET URL
#1      #1      synced  source/issues/1/issue.md  target/issues/1/issue.md
"
    );
}

#[test]
fn a_trial_run_shows_the_plan_by_issue_and_field() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: One\nlabels: [bug]\nweight: 3", "x");
    source.comment(1, 1, "author: a", "x");
    source.issue(2, "title: Two\nstate: closed", "x");
    source.issue(3, "title: Secret\nconfidential: true", "x");
    assert_eq!(
        env.run(&["sync", "--dry-run"]).shown(),
        "exit 0
--- stdout
demo: trial run, nothing is written. 1 issue to create, 0 to change, 0 unchanged, 2 skipped, 0 left for later; about 4 writes.
  create #1 One
         title, text, footer, labels, weight; 1 new comment
         labels +Mirrored-From::plans +bug
  skip   #2 Two
         closed
  skip   #3
         confidential
  create 2 labels: Mirrored-From::plans, bug
"
    );
    env.sync();
    source.edit(
        "issues/1/issue.md",
        "title: One",
        "title: Uno\nmilestone: v1",
    );
    source.edit("issues/1/issue.md", "[bug]", "[ui]");
    source.comment(1, 2, "author: a", "y");
    source.remove("issues/1/comment-0001.md");
    assert_eq!(
        env.run(&["sync", "--dry-run"]).shown(),
        "exit 0
--- stdout
demo: trial run, nothing is written. 0 issues to create, 1 to change, 0 unchanged, 2 skipped, 0 left for later; about 5 writes.
  change #1 Uno
         title, footer, labels; 1 new comment; 1 deleted comment
         labels +Milestone::v1 +ui -bug
  create 2 labels: Milestone::v1, ui
"
    );
    let run = env.run(&["sync", "--dry-run", "--output", "json"]);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let pair = &document["pairs"][0];
    assert_eq!(pair["mode"], "dry_run");
    assert_eq!(
        pair["plan"],
        serde_json::json!([{
            "source_number": 1,
            "title": "Uno",
            "action": "update",
            "fields": ["title", "footer", "labels"],
            "add_labels": ["Milestone::v1", "ui"],
            "remove_labels": ["bug"],
            "comments": {"create": 1, "update": 0, "delete": 1},
            "attachments": 0,
            "links": {"create": 0, "delete": 0},
            "writes": 3
        }])
    );
    assert_eq!(
        pair["plan_beside"],
        serde_json::json!({
            "labels": {"create": ["Milestone::v1", "ui"], "update": []},
            "milestones": {"create": [], "update": []},
            "writes": 2
        })
    );
}

#[test]
fn the_json_has_every_key_of_the_contract() {
    let env = Env::new("");
    env.source().issue(1, "title: One", "x");
    let pair = env.sync();
    for key in [
        "name",
        "outcome",
        "mode",
        "issues",
        "comments",
        "attachments",
        "skipped_because",
        "not_carried",
        "requests",
        "waited_ms",
        "retries",
        "dead_letters",
        "links",
        "drift",
        "gone",
        "rebuilt",
        "duration_ms",
        "failures",
    ] {
        assert!(pair.get(key).is_some(), "{key}");
    }
    for key in [
        "seen",
        "created",
        "updated",
        "unchanged",
        "skipped",
        "failed",
        "conflicts",
    ] {
        assert!(pair["issues"][key].is_u64(), "{key}");
    }
    assert_eq!(
        pair["rebuilt"],
        serde_json::json!({"equal": 0, "overwritten": 0, "kept": 0})
    );
}

#[test]
fn pairs_are_chosen_by_name_and_glob_and_a_disabled_one_is_skipped() {
    let env = Env::empty();
    two_pairs(&env);
    assert_eq!(
        env.run(&["sync", "team-*", "other"]).shown(),
        "exit 0
--- stdout
team-a: 1 issue seen: 1 created.
  labels       1 created or changed
  requests     3 to the source, 4 to the target, in TIME
team-b: 1 issue seen: 1 created.
  labels       1 created or changed
  requests     3 to the source, 4 to the target, in TIME
other: disabled in the configuration; skipped.
3 pairs: 2 in step, 1 disabled.
"
    );
    assert_eq!(
        env.run(&["sync", "team-c", "x*"]).shown(),
        "exit 2\n--- stderr\nerror: no pair is called team-c, x*; there are: team-a, team-b, other.\n"
    );
    assert_eq!(
        env.run(&["sync", "--issue", "1"]).shown(),
        "exit 2\n--- stderr\nerror: --issue needs exactly one PAIR.\n"
    );
    assert_eq!(env.run(&["sync", "team-*", "--issue", "1"]).code, 2);
}

#[test]
fn one_pair_that_fails_does_not_stop_the_others() {
    let env = Env::empty();
    two_pairs(&env);
    std::fs::remove_dir_all(env.path("source/a")).unwrap();
    let run = env.run(&["sync"]);
    assert_eq!(
        run.shown(),
        "exit 1
--- stdout
team-a: failed.
  error: opening source/a: there is no such directory
team-b: 1 issue seen: 1 created.
  labels       1 created or changed
  requests     3 to the source, 4 to the target, in TIME
other: disabled in the configuration; skipped.
3 pairs: 1 in step, 1 failed, 1 disabled.
"
    );
}

#[test]
fn a_first_pass_without_existing_issues_says_where_it_begins() {
    let env = Env::new("sync_existing_issues: false");
    let source = env.source();
    source.issue(41, "title: Old", "x");
    assert_eq!(
        env.run(&["sync"]).shown(),
        "exit 0
--- stdout
demo: first pass, from nothing: issues up to 41 were there before and stay unmirrored; those that come from now on are mirrored (`sync_existing_issues: true` mirrors all, `mirror_since` those from a number or day on).
  requests     1 to the source, 1 to the target, in TIME
"
    );
    assert_eq!(
        env.run(&["sync"]).shown(),
        "exit 0
--- stdout
demo: 1 issue seen: nothing changed, 1 skipped (1 older than the pair).
  requests     1 to the source, 0 to the target, in TIME
"
    );
}

#[test]
fn a_configuration_that_is_wrong_is_shown_line_by_line_and_nothing_is_contacted() {
    let env = Env::empty();
    env.write(
        "mirror.yaml",
        "instances:
  here: { forge: directory, path: source }
pairs:
  - name: demo
    source: { instance: heer, project: a }
    target: { instance: here, project: b }
    sync_coments: true
    sync_labels: yes
",
    );
    assert_eq!(
        env.run(&["sync"]).shown(),
        "exit 2
--- stderr
error: there is no instance `heer`
 --> mirror.yaml:5:25
  |
5 |     source: { instance: heer, project: a }
  |                         ^^^^ did you mean `here`?
error: `sync_coments` is not a key of the pair `demo`
 --> mirror.yaml:7:5
  |
7 |     sync_coments: true
  |     ^^^^^^^^^^^^ did you mean `sync_comments`?
error: `sync_labels` cannot be `yes`
 --> mirror.yaml:8:18
  |
8 |     sync_labels: yes
  |                  ^^^ write `true`
error: 3 problems in mirror.yaml; nothing was contacted.
"
    );
    assert_eq!(std::fs::read_dir(env.path("")).unwrap().count(), 1);
    assert_eq!(
        env.run(&["sync", "--config", "missing.yaml"]).shown(),
        "exit 2\n--- stderr\nerror: missing.yaml: there is no such file. Name one with --config, or copy mirror.example.yaml and change it.\n"
    );
}

#[test]
fn the_configuration_comes_from_a_variable_or_from_standard_input() {
    use std::io::Write;
    let env = Env::new("");
    env.source().issue(1, "title: One", "x");
    std::fs::rename(env.path("mirror.yaml"), env.path("other.yaml")).unwrap();
    let output = env
        .command(&["sync"])
        .env("ISSUE_MIRROR_CONFIG", "other.yaml")
        .output()
        .unwrap();
    assert!(output.status.success());
    let mut child = env
        .command(&["sync", "--config", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let config = std::fs::read(env.path("other.yaml")).unwrap();
    child.stdin.take().unwrap().write_all(&config).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("nothing changed")
    );
}

#[test]
fn colours_and_logs_go_where_they_are_wanted() {
    let env = Env::new("");
    env.source().issue(1, "title: One", "x");
    let run = env.run(&["sync", "--color", "always", "--dry-run"]);
    assert!(run.stdout.contains("\u{1b}["));
    let run = env.run(&["-v", "sync"]);
    assert!(
        !run.stdout.contains("\u{1b}[") && !run.stderr.contains("\u{1b}["),
        "{}",
        run.shown()
    );
    assert!(run.stderr.contains("issue created"), "{}", run.shown());
    env.source().edit("issues/1/issue.md", "One", "Uno");
    let run = env.run(&["-v", "--log-format", "json", "sync"]);
    let line: serde_json::Value = serde_json::from_str(run.stderr.lines().next().unwrap()).unwrap();
    assert_eq!(line["fields"]["message"], "issue changed");
    assert_eq!(env.run(&["-v", "-q", "sync"]).code, 2);
}

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

#[test]
fn users_are_mapped_listed_and_removed() {
    let env = Env::new("");
    assert_eq!(
        env.run(&["map-user", "--list"]).shown(),
        "exit 0\n--- stdout\nno user is mapped by hand.\n"
    );
    assert!(
        !env.path("issue-mirror.db").exists(),
        "listing creates nothing"
    );
    assert_eq!(
        env.run(&["map-user", "@alice", "alice.smith"]).shown(),
        "exit 0\n--- stdout\nalice is alice.smith for every pair; the next pass applies it.\n"
    );
    assert_eq!(
        env.run(&["map-user", "bo", "bob", "--pair", "demo"]).code,
        0
    );
    assert_eq!(
        env.run(&["map-user", "--list"]).shown(),
        "exit 0
--- stdout
alice  ->  alice.smith  for every pair
bo     ->  bob          for demo
"
    );
    assert_eq!(
        env.run(&["map-user", "--list", "--output", "yaml"]).stdout,
        "defaults:
  users:
    \"alice\": \"alice.smith\"
pairs:
  - name: \"demo\"
    users:
      \"alice\": \"alice.smith\"
      \"bo\": \"bob\"
"
    );
    let run = env.run(&["map-user", "--list", "--pair", "demo", "--output", "json"]);
    let list: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        list,
        serde_json::json!([
            {"pair": null, "source": "alice", "target": "alice.smith"},
            {"pair": "demo", "source": "bo", "target": "bob"}
        ])
    );
    assert_eq!(
        env.run(&["map-user", "alice", "--remove"]).shown(),
        "exit 0\n--- stdout\nalice is not mapped any more for every pair; the next pass applies it.\n"
    );
    assert_eq!(
        env.run(&["map-user", "alice", "--remove"]).shown(),
        "exit 2\n--- stderr\nerror: alice is not mapped for every pair.\n"
    );
    for args in [
        &["map-user", "alice"][..],
        &["map-user"],
        &["map-user", "a b", "c"],
        &["map-user", "@", "c"],
        &["map-user", "a", "b", "--pair", "nope"],
        &["map-user", "a", "b", "--list"],
    ] {
        assert_eq!(env.run(args).code, 2, "{args:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let env = Env::new("");
    env.source().issue(1, "title: One", "x");
    let mut child = env
        .command(&["sync"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn nothing_from_the_outside_reaches_the_terminal_as_a_command() {
    let env = Env::new("");
    let source = env.source();
    source.issue(
        1,
        "title: \"T\\e[31mred\\a\\u202e\"\nlabels: [\"l\\e[2J\"]",
        "x",
    );
    source.issue(2, "title: T\nweight: \"\\e[2J\"", "x");
    for args in [
        &["sync", "--dry-run"][..],
        &["sync"],
        &["status", "--issues"],
    ] {
        let run = env.run(args);
        for text in [&run.stdout, &run.stderr] {
            assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
        }
    }
}
