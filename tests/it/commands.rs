//! What people see: whole outputs of the real binary. Here those of `sync`.

mod configuration;
mod status;
mod terminal;
mod users;

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
