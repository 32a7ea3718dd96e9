//! P7: what must not be seen is not seen, anywhere.

mod internal;
mod modes;

use crate::env::Env;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// Stands in every text that must not leave the source.
const CANARY: &str = "canary-4711";

fn secret(env: &Env) {
    let source = env.source();
    source.issue(1, "title: Public", "Text.");
    source.comment(1, 1, "author: bob", "Seen by all.");
    source.comment(
        1,
        2,
        "author: bob\ninternal: true",
        &format!("Internal {CANARY}."),
    );
    source.issue(
        2,
        &format!(
            "title: Secret {CANARY}\nconfidential: true\nlabels: [{CANARY}]\nauthor: {CANARY}"
        ),
        &format!("Text {CANARY}."),
    );
    source.comment(2, 3, "author: bob", &format!("Comment {CANARY}."));
}

/// The canary is nowhere: not on the target, not in the store, not in what a run says.
fn nowhere(env: &Env) {
    for (path, bytes) in env.target().bytes() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(CANARY), "{}", path.display());
    }
    let store = fs::read(env.path("issue-mirror.db")).unwrap();
    assert!(!String::from_utf8_lossy(&store).contains(CANARY), "store");
}

fn says_nothing(env: &Env, args: &[&str]) {
    let run = env.run(args);
    assert!(!run.shown().contains(CANARY), "{}", run.shown());
}

#[test]
fn p7_confidential_issues_and_internal_comments_stay_where_they_are() {
    let env = Env::new("");
    secret(&env);
    for args in [
        &["sync", "--dry-run"][..],
        &["sync", "--dry-run", "--output", "json"],
        &["-vv", "sync"],
        &["sync", "--full"],
        &["sync", "demo", "--issue", "2"],
        &["status", "--issues"],
        &["status", "--output", "json"],
    ] {
        says_nothing(&env, args);
    }
    nowhere(&env);
    let pair = env.sync_with(&["--full"], 0);
    assert_eq!(pair["skipped_because"]["confidential"], 1);
    let issue = env.target().read(1);
    assert_eq!(issue.comments.len(), 1);
}

#[test]
fn p7_a_broken_confidential_issue_gives_nothing_away() {
    let env = Env::new("");
    let source = env.source();
    source.issue(
        1,
        &format!("title: Secret {CANARY}\nconfidential: true\nlables: [x]"),
        &format!("Text {CANARY}."),
    );
    for args in [
        &["-vv", "sync"][..],
        &["status"],
        &["sync", "--output", "json"],
    ] {
        says_nothing(&env, args);
    }
    nowhere(&env);
}

#[test]
fn p7_what_becomes_confidential_is_hidden_whatever_else_is_set() {
    for toggles in ["", "update_existing: false", "only: { labels: [none] }"] {
        let env = Env::new("");
        let source = env.source();
        source.issue(1, "title: T\nauthor: a", "Text.");
        source.comment(1, 1, "author: bob", "Comment.");
        env.sync();
        env.configure(toggles);
        source.edit(
            "issues/1/issue.md",
            "title: T",
            &format!("confidential: true\ntitle: {CANARY}"),
        );
        source.comment(1, 2, "author: bob", CANARY);
        let pair = env.sync();
        assert_eq!(pair["hidden"], 1, "{toggles}");
        let issue = env.target().read(1);
        assert_eq!(issue.field("confidential"), true);
        for file in ["issue.md", "comment-0001.md"] {
            let path = env.target().path(&format!("issues/1/{file}"));
            let mode = fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{file}");
        }
        nowhere(&env);
        let idle = env.sync_idle();
        assert_eq!(idle["skipped_because"]["confidential"], 1);
    }
}

#[test]
fn p7_what_may_be_seen_again_is_shown_again() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: T\nauthor: a", "Text.");
    source.comment(1, 1, "author: bob", "Comment.");
    env.sync();
    source.edit(
        "issues/1/issue.md",
        "title: T",
        "confidential: true\ntitle: T",
    );
    env.sync();
    source.edit(
        "issues/1/issue.md",
        "confidential: true\ntitle: T",
        "title: U",
    );
    env.sync();
    let issue = env.target().read(1);
    assert!(issue.field("confidential").is_null());
    assert_eq!(issue.field("title"), "U");
    let path = env.target().path("issues/1/comment-0001.md");
    assert_ne!(fs::metadata(path).unwrap().permissions().mode() & 0o044, 0);
    env.sync_idle();
}

#[test]
fn p7_a_label_that_excludes_hides_like_confidentiality() {
    let env = Env::new("only: { exclude_labels: [secret] }");
    let source = env.source();
    source.issue(1, "title: T\nauthor: a", "Text.");
    env.sync();
    source.edit(
        "issues/1/issue.md",
        "title: T",
        &format!("labels: [secret]\ntitle: {CANARY}"),
    );
    assert_eq!(env.sync()["hidden"], 1);
    assert_eq!(env.target().read(1).field("confidential"), true);
    nowhere(&env);
}

#[test]
fn p7_switched_on_they_stay_confidential_on_the_target() {
    let env = Env::new("sync_confidential: true\nsync_internal_notes: true");
    secret(&env);
    fs::create_dir_all(env.path("source/attachments")).unwrap();
    fs::write(env.path("source/attachments/plan.txt"), CANARY).unwrap();
    env.source().edit(
        "issues/2/issue.md",
        "Text",
        "[plan](../../attachments/plan.txt)",
    );
    env.sync();
    let issue = env.target().read(2);
    assert_eq!(issue.field("confidential"), true);
    assert_eq!(env.target().read(1).comments[1].head["internal"], true);
    let mut private = 0;
    for (path, bytes) in env.target().bytes() {
        if String::from_utf8_lossy(&bytes).contains(CANARY) && !path.ends_with("labels.yaml") {
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{}", path.display());
            private += 1;
        }
    }
    assert_eq!(private, 4, "issue, comment, internal comment, attachment");
}

#[test]
fn p7_where_confidential_issues_are_carried_one_that_does_not_follow_is_hidden() {
    for toggles in ["update_existing: false", "only: { labels: [none] }"] {
        let env = Env::new("sync_confidential: true");
        let source = env.source();
        source.issue(1, "title: T\nauthor: a", "Text.");
        env.sync();
        env.configure(&format!("sync_confidential: true\n{toggles}"));
        source.edit(
            "issues/1/issue.md",
            "title: T",
            &format!("confidential: true\ntitle: {CANARY}"),
        );
        assert_eq!(env.sync()["hidden"], 1, "{toggles}");
        assert_eq!(env.target().read(1).field("confidential"), true);
        nowhere(&env);
        env.sync_idle();
        // And once it follows again, it is like any other.
        env.configure("sync_confidential: true");
        env.sync();
        assert_eq!(env.target().read(1).field("title"), CANARY);
        assert_eq!(env.target().read(1).field("confidential"), true);
        source.edit("issues/1/issue.md", "confidential: true\n", "");
        env.sync();
        assert!(env.target().read(1).field("confidential").is_null());
        env.sync_idle();
    }
}

#[test]
fn p7_a_guard_that_stops_a_pass_does_not_stop_hiding() {
    let env = Env::new("");
    let source = env.source();
    for number in 1..=3 {
        source.issue(number, &format!("title: T{number}\nauthor: a"), "Text.");
        source.comment(number, number, "author: bob", "Oops.");
    }
    env.sync();
    env.configure("max_creates: 1");
    source.edit("issues/1/issue.md", "title", "confidential: true\ntitle");
    source.edit(
        "issues/2/comment-0002.md",
        "author: bob",
        "author: bob\ninternal: true",
    );
    source.edit("issues/3/issue.md", "T3", "New");
    source.issue(4, "title: T4", "Text.");
    source.issue(5, "title: T5", "Text.");
    let pair = env.sync_with(&[], 3);
    assert!(pair["stopped"].as_str().unwrap().contains("max_creates: 1"));
    assert_eq!(pair["hidden"], 1);
    assert_eq!(pair["comments"]["deleted"], 1);
    let target = env.target();
    assert_eq!(target.read(1).field("confidential"), true);
    assert!(target.read(2).comments.is_empty());
    assert_eq!(
        target.read(3).field("title"),
        "T3",
        "nothing else was written"
    );
    assert_eq!(target.numbers(), [1, 2, 3]);
    let pair = env.sync_with(&["--max-creates", "5"], 0);
    assert_eq!(pair["issues"]["created"], 2);
    assert_eq!(target.read(3).field("title"), "New");
}

#[test]
fn p7_what_is_broken_and_hidden_is_told_without_a_word_of_it() {
    let heads = [
        format!("title: T\nconfidential: true\nweight: {CANARY}"),
        format!("title: T\nconfidential: true\n{CANARY}: x"),
        format!("confidential: {CANARY}\ntitle: T"),
        format!("title: T\n'confidential' : true\nstate: {CANARY}"),
        format!("title: T\nconfidential: true\nlabels: [{CANARY}\n"),
        format!("{{title: T, confidential: true, {CANARY}: 1}}"),
    ];
    for head in heads {
        let env = Env::new("");
        env.source().issue(1, &head, "Text.");
        for args in [
            &["-vv", "sync"][..],
            &["sync", "--full", "--output", "json"],
            &["status"],
        ] {
            says_nothing(&env, args);
        }
        nowhere(&env);
    }
    for (issue, comment) in [
        (
            "title: T\nconfidential: true",
            format!("author: a\ncreated_at: {CANARY}"),
        ),
        (
            "title: T",
            format!("author: a\ninternal: true\n{CANARY}: 1"),
        ),
    ] {
        let env = Env::new("");
        env.source().issue(1, issue, "Text.");
        env.source().comment(1, 1, &comment, "x");
        let run = env.run(&["sync"]);
        assert!(
            run.stdout.contains("more is not told of what is hidden"),
            "{}",
            run.shown()
        );
        assert!(!run.shown().contains(CANARY), "{}", run.shown());
        nowhere(&env);
    }
}

#[test]
fn p6_what_people_hid_is_not_shown() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: T\nauthor: a", "Text.");
    env.sync();
    env.target()
        .edit("issues/1/issue.md", "author", "confidential: true\nauthor");
    source.edit("issues/1/issue.md", "title", "confidential: true\ntitle");
    let pair = env.sync();
    assert_eq!(pair["hidden"], 0, "it was hidden already");
    assert_eq!(pair["skipped_because"]["confidential"], 1);
    source.edit(
        "issues/1/issue.md",
        "confidential: true\ntitle: T",
        "title: U",
    );
    env.sync();
    let issue = env.target().read(1);
    assert_eq!(issue.field("title"), "U");
    assert_eq!(issue.field("confidential"), true);
    env.sync_idle();
}

#[test]
fn a_trial_run_says_what_would_be_hidden_and_shown() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: T\nauthor: a", "Text.");
    env.sync();
    source.edit("issues/1/issue.md", "title", "confidential: true\ntitle");
    let run = env.run(&["sync", "--dry-run"]);
    assert!(run.stdout.contains("hide   #1\n"), "{}", run.shown());
    env.sync();
    source.edit("issues/1/issue.md", "confidential: true\n", "");
    let run = env.run(&["sync", "--dry-run"]);
    assert!(run.stdout.contains("show   #1 T\n"), "{}", run.shown());
    assert!(run.stdout.contains("about 1 write."), "{}", run.shown());
}
