//! Issues that fail, wait, are left, or are not due.

use crate::env::Env;
use rusqlite::Connection;

fn sql(env: &Env, statement: &str) {
    let store = Connection::open(env.path("issue-mirror.db")).unwrap();
    store.execute_batch(statement).unwrap();
}

#[test]
fn p2_one_broken_issue_is_reported_with_file_and_line_and_the_others_go_on() {
    let env = Env::new("");
    let source = env.source();
    for number in 1..=4 {
        source.issue(number, &format!("title: T{number}"), "x");
    }
    source.issue(2, "title: T2\nlables: [x]", "x");
    source.comment(3, 1, "author: a\ncreated_at: yesterday", "x");
    source.write("issues/5/notes.txt", "no issue here");
    source.write("issues/README.md", "hello");
    let run = env.run(&["sync"]);
    assert_eq!(
        run.shown(),
        "exit 3
--- stdout
demo: not complete; 5 issues seen: 2 created, 3 failed.
  labels       1 created or changed
  queue        3 to be tried again (see `status`)
  requests     7 to the source, 5 to the target, in TIME
  note: source/issues/README.md is not read: an issue is a folder issues/N with issue.md in it.
  #2 (read): reading source/issues/2/issue.md: line 3: `lables` is not a field; did you mean `labels`?
    hint: if it is a file, mend it; the next pass tries again as soon as it changed.
  #3 (read): reading source/issues/3/comment-0001.md: line 3: `created_at` must be a time such as `WHEN`; found `yesterday`.
    hint: if it is a file, mend it; the next pass tries again as soon as it changed.
  #5 (read): reading source/issues/5/issue.md: it is not there
"
    );
    assert_eq!(env.target().numbers(), [1, 2]);
    // Waiting is not success, and asks for nothing again.
    let pair = env.sync_with(&[], 3);
    assert_eq!(pair["issues"]["left"], 3);
    assert_eq!(pair["retries"], 3);
    assert_eq!(pair["requests"]["source"], 1);
    // Mended, it is tried at once.
    source.issue(2, "title: T2", "x");
    source.comment(3, 1, "author: a", "x");
    std::fs::remove_dir_all(source.path("issues/5")).unwrap();
    let pair = env.sync();
    assert_eq!(pair["issues"]["created"], 2);
    assert_eq!(pair["retries"], 0);
    let titles: Vec<String> = env
        .target()
        .issues()
        .values()
        .map(|issue| issue.field("title").to_string())
        .collect();
    assert_eq!(titles, ["\"T1\"", "\"T4\"", "\"T2\"", "\"T3\""]);
}

#[test]
fn p2_a_text_that_is_no_utf8_is_reported_with_file_and_line_and_the_others_go_on() {
    let env = Env::new("");
    let source = env.source();
    for number in 1..=4 {
        source.issue(number, &format!("title: T{number}"), "x");
    }
    source.comment(3, 1, "author: a", "y");
    source.issue(4, "title: T4", "a\0b [c](/uploads/\0) `\0`");
    let break_it = |relative: &str, end: &[u8]| {
        let path = source.path(relative);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(path, [&whole, end].concat()).unwrap();
        whole
    };
    // Latin 1, and a character that is cut off.
    let issue = break_it("issues/2/issue.md", b"\nCaf\xe9 @all\n");
    let comment = break_it("issues/3/comment-0001.md", b"\n\n\xf0\x9f\x98");
    let run = env.run(&["sync"]);
    assert_eq!(run.code, 3, "{}", run.shown());
    for said in [
        "demo: not complete; 4 issues seen: 2 created, 2 failed.",
        "#2 (read): reading source/issues/2/issue.md: line 7: it is not UTF-8",
        "#3 (read): reading source/issues/3/comment-0001.md: line 8: it is not UTF-8",
        "hint: if it is a file, mend it; the next pass tries again as soon as it changed.",
    ] {
        assert!(run.stdout.contains(said), "{}", run.shown());
    }
    assert_eq!(run.stderr, "");
    assert_eq!(env.target().numbers(), [1, 2]);
    // What is nothing is UTF-8, and files can hold it.
    assert!(env.target().read(2).text.starts_with("a\0b [c]"));
    std::fs::write(source.path("issues/2/issue.md"), issue).unwrap();
    std::fs::write(source.path("issues/3/comment-0001.md"), comment).unwrap();
    let pair = env.sync();
    assert_eq!(pair["issues"]["created"], 2);
    // What was carried is broken later.
    break_it("issues/1/issue.md", b"\xff");
    let pair = env.sync_with(&[], 3);
    assert_eq!(pair["failures"][0]["source_number"], 1);
    assert_eq!(env.target().numbers(), [1, 2, 3, 4]);
}

#[test]
fn p2_a_broken_edit_leaves_the_counterpart_as_it_was() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: T", "x");
    env.sync();
    let before = env.target().bytes();
    source.edit("issues/1/issue.md", "title", "state: done\ntitle");
    env.sync_with(&[], 3);
    assert_eq!(env.target().bytes(), before);
    source.edit("issues/1/issue.md", "done", "closed");
    env.sync();
    assert_eq!(env.target().read(1).field("state"), "closed");
}

#[test]
fn p2_what_fails_too_often_becomes_a_dead_letter_that_is_reported_once() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: T\noops: 1", "x");
    source.issue(2, "title: Fine", "x");
    for attempt in 1..=10 {
        let pair = env.sync_with(&[], 3);
        assert_eq!(pair["issues"]["failed"], 1, "attempt {attempt}");
        assert_eq!(pair["dead_letters"], u64::from(attempt == 10));
        // Time passes.
        sql(&env, "UPDATE retry SET next_at = 0");
    }
    let pair = env.sync_with(&[], 0);
    assert_eq!(pair["dead_letters"], 1);
    assert_eq!(pair["issues"]["left"], 1);
    let status = env.run(&["status"]);
    assert_eq!(
        status.shown(),
        "exit 0
--- stdout
PAIR  LAST PASS  OUTCOME  NEXT DUE  SYNCED  PENDING  CONFLICT  ERROR
demo  AGO    success  now       1       0        0         1
demo #1 (read, given up after 10 attempts): reading source/issues/1/issue.md: line 3: `oops` is not a field; known are: title, state, type, confidential, locked, author, posted_by, created_at, closed_at, closed_by, labels, milestone, iteration, epic, assignees, weight, due_date, time_estimate, time_spent, links.
"
    );
    // Asked for, it is tried at once; mended, it comes by itself.
    env.sync_with(&["demo", "--issue", "1"], 3);
    source.edit("issues/1/issue.md", "oops: 1\n", "");
    assert_eq!(env.sync()["issues"]["created"], 1);
}

#[test]
fn the_distance_between_tries_grows() {
    let env = Env::new("");
    env.source().issue(1, "title: T\noops: 1", "x");
    let mut last = 0;
    for _ in 0..4 {
        env.sync_with(&[], 3);
        let store = Connection::open(env.path("issue-mirror.db")).unwrap();
        let wait: i64 = store
            .query_row(
                "SELECT next_at - (SELECT max(started_at) FROM pass) FROM retry",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert!(wait > last * 3 / 2, "{wait} after {last}");
        last = wait;
        drop(store);
        sql(&env, "UPDATE retry SET next_at = 0");
    }
}

#[test]
fn a_guard_keeps_a_pass_from_creating_too_much() {
    let env = Env::new("max_creates: 2");
    let source = env.source();
    for number in 1..=4 {
        source.issue(number, &format!("title: T{number}"), "x");
    }
    let run = env.run(&["sync"]);
    assert_eq!(
        run.shown(),
        "exit 3
--- stdout
demo: not complete; 4 issues seen: nothing changed, 4 left for later.
  requests     5 to the source, 1 to the target, in TIME
  stopped: nothing was created: this pass would create 4 issues, more than max_creates: 2 allows. If that is meant, run: issue-mirror sync demo --max-creates 4
"
    );
    assert!(env.target().numbers().is_empty());
    // As a budget: lowest numbers first, and the next run goes on.
    let pair = env.sync_with(&["--max-creates", "3"], 3);
    assert_eq!(pair["issues"]["created"], 3);
    assert_eq!(pair["issues"]["left"], 1);
    assert!(
        pair["stopped"]
            .as_str()
            .unwrap()
            .contains("the next run goes on")
    );
    let pair = env.sync();
    assert_eq!(pair["issues"]["created"], 1);
    assert_eq!(env.target().read(4).field("title"), "T4");
}

#[test]
fn the_guard_counts_what_would_really_be_created() {
    let env = Env::new("max_creates: 2");
    let source = env.source();
    source.issue(1, "title: A\nconfidential: true", "x");
    source.issue(2, "title: B\nstate: closed", "x");
    source.issue(3, "title: C", "x");
    source.issue(4, "title: D", "x");
    assert_eq!(env.sync()["issues"]["created"], 2);
}

#[test]
fn a_pass_before_it_is_due_is_skipped() {
    let env = Env::new("sync_interval_minutes: 15");
    let source = env.source();
    source.issue(1, "title: A", "x");
    env.sync();
    source.issue(2, "title: B", "x");
    let run = env.run(&["sync"]);
    assert_eq!(
        run.shown(),
        "exit 0\n--- stdout\ndemo: not due before WHEN; skipped (--force ignores that).\n"
    );
    assert_eq!(env.sync_with(&["--force"], 0)["issues"]["created"], 1);
    // A quarter of an hour later, by the crontab's clock.
    sql(
        &env,
        "UPDATE pass SET started_at = started_at - 15 * 60 * 1000",
    );
    source.issue(3, "title: C", "x");
    assert_eq!(env.sync()["issues"]["created"], 1);
}

#[test]
fn a_full_pass_happens_by_itself() {
    let env = Env::new("full_every: 2d");
    env.source().issue(1, "title: A", "x");
    assert_eq!(env.sync()["mode"], "full");
    assert_eq!(env.sync()["mode"], "incremental");
    sql(
        &env,
        "UPDATE pair SET last_full_at = last_full_at - 2 * 86400 * 1000",
    );
    assert_eq!(env.sync()["mode"], "full");
}

#[test]
fn one_issue_alone_moves_nothing_else() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: A", "x");
    source.issue(2, "title: B", "x");
    let pair = env.sync_with(&["demo", "--issue", "2"], 0);
    assert_eq!(pair["issues"]["created"], 1);
    assert_eq!(env.target().read(1).field("title"), "B");
    assert_eq!(env.run(&["status"]).stdout.matches("never").count(), 1);
    assert_eq!(env.sync()["issues"]["created"], 1);
    let pair = env.sync_with(&["demo", "--issue", "9"], 3);
    assert!(
        pair["failures"][0]["error"]
            .as_str()
            .unwrap()
            .contains("it is not there")
    );
    assert!(
        pair["failures"][0]["hint"]
            .as_str()
            .unwrap()
            .contains("is the number right?")
    );
    // It never was, so nothing waits for it.
    assert_eq!(env.sync_with(&[], 0)["retries"], 0);
}

#[test]
fn one_issue_alone_begins_no_pair() {
    let env = Env::new("sync_existing_issues: false");
    let source = env.source();
    source.issue(1, "title: A", "x");
    // It was there before, as it would be for a first pass.
    let pair = env.sync_with(&["demo", "--issue", "1"], 0);
    assert_eq!(pair["skipped_because"]["baseline"], 1);
    assert_eq!(pair["mode"], "incremental");
    source.issue(2, "title: B", "x");
    let pair = env.sync();
    assert_eq!(pair["mode"], "baseline");
    source.issue(3, "title: C", "x");
    assert_eq!(env.sync()["issues"]["created"], 1);
}

#[test]
fn what_is_asked_for_by_hand_does_not_wait() {
    let env = Env::new("sync_interval_minutes: 60");
    let source = env.source();
    source.issue(1, "title: A", "x");
    env.sync();
    for (args, mode) in [
        (&["demo", "--issue", "1"][..], "incremental"),
        (&["--full"], "full"),
        (&["--dry-run"], "dry_run"),
    ] {
        assert_eq!(env.sync_with(args, 0)["mode"], mode);
    }
    assert_eq!(env.sync()["outcome"], "not_due");
}

#[test]
fn a_budget_reads_no_more_than_it_needs_and_says_how_to_go_on() {
    let env = Env::new("");
    let source = env.source();
    for number in 1..=160 {
        source.issue(number, &format!("title: T{number}"), "x");
    }
    let run = env.run(&[
        "sync",
        "--config",
        "mirror.yaml",
        "--state",
        "my store.db",
        "--max-creates",
        "3",
    ]);
    assert_eq!(run.code, 3);
    let said = "the next run goes on: issue-mirror --state 'my store.db' sync demo --max-creates 3";
    assert!(run.stdout.contains(said), "{}", run.shown());
    assert!(
        run.stdout.contains("3 created, 157 left for later"),
        "{}",
        run.shown()
    );
    let pair = env.sync_with(&["--state", "my store.db", "--max-creates", "3"], 3);
    assert_eq!(pair["issues"]["created"], 3);
    assert!(
        pair["requests"]["source"].as_u64().unwrap() <= 102,
        "{pair:#}"
    );
    assert_eq!(env.target().numbers(), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn an_issue_that_waits_is_counted_once() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: A\noops: 1", "x");
    source.issue(2, "title: B", "x");
    env.sync_with(&[], 3);
    let rows = env.run(&["status", "--only", "pending"]);
    assert!(
        rows.stdout
            .contains("#1      -       pending  -           -"),
        "{}",
        rows.shown()
    );
    assert!(
        rows.stdout.contains("failed once, tried again in"),
        "{}",
        rows.shown()
    );
}

#[test]
fn an_issue_that_vanishes_from_the_source_keeps_its_counterpart() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: A", "x");
    source.issue(2, "title: B", "x");
    env.sync();
    std::fs::remove_dir_all(source.path("issues/1")).unwrap();
    let pair = env.sync_with(&["--full"], 0);
    assert_eq!(pair["issues"]["seen"], 1);
    assert_eq!(pair["vanished"], 1);
    assert_eq!(env.target().numbers(), [1, 2]);
    let run = env.run(&["sync"]);
    assert!(
        run.stdout
            .contains("1 mirrored before and not there any more; the counterparts stay"),
        "{}",
        run.shown()
    );
}

#[test]
fn p13_many_comments_that_are_missing_at_once_are_not_taken_for_deleted() {
    let env = Env::new("");
    let source = env.source();
    for number in 1..=10 {
        source.issue(number, &format!("title: T{number}"), "x");
        for comment in 1..=3 {
            source.comment(number, comment, "author: a", "C");
        }
    }
    env.sync();
    let comments = || -> usize {
        let issues = env.target().issues();
        issues.values().map(|issue| issue.comments.len()).sum()
    };
    assert_eq!(comments(), 30);
    // A few are.
    for number in 1..=5 {
        std::fs::remove_file(env.path(format!("source/issues/{number}/comment-0001.md"))).unwrap();
    }
    assert_eq!(env.sync()["comments"]["deleted"], 5);
    for number in 1..=10 {
        for comment in 2..=3 {
            let file = format!("source/issues/{number}/comment-000{comment}.md");
            std::fs::remove_file(env.path(file)).unwrap();
        }
    }
    source.issue(11, "title: New", "x");
    let pair = env.sync_with(&[], 3);
    assert_eq!(pair["comments"]["deleted"], 10);
    assert_eq!(pair["issues"]["created"], 1);
    let said = pair["failures"][0]["error"].as_str().unwrap();
    assert!(
        said.contains("10 and more comments are not in plans any more"),
        "{said}"
    );
    assert_eq!(comments(), 15);
    let pair = env.sync_with(&["--allow-deletions", "20"], 0);
    assert_eq!(pair["comments"]["deleted"], 10);
    env.sync_idle();
}
