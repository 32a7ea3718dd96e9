//! Which issues the configuration selects, from where on, and which of them follow.

use super::mirrored;
use crate::env::Env;

#[test]
fn the_first_pass_sets_the_baseline_and_later_issues_are_mirrored() {
    let env = Env::new("sync_existing_issues: false");
    let source = env.source();
    source.issue(1, "title: Old", "x");
    source.issue(2, "title: Older", "x");
    let pair = env.sync();
    assert_eq!(pair["mode"], "baseline");
    assert!(env.target().numbers().is_empty());
    // An old issue that changes stays out; a new one that says it is old comes.
    source.edit("issues/1/issue.md", "Old", "Old, edited");
    source.issue(3, "title: New\ncreated_at: 2001-01-01T00:00:00Z", "x");
    let pair = env.sync();
    assert_eq!(pair["skipped_because"]["baseline"], 2);
    assert_eq!(pair["issues"]["created"], 1);
    assert_eq!(env.target().read(1).field("title"), "New");
    // And everything, once it is asked for.
    env.configure("");
    let pair = env.sync();
    assert_eq!(pair["issues"]["created"], 2);
}

#[test]
fn the_baseline_can_be_set_by_hand() {
    for (since, created) in [("3", 1), ("2026-01-02", 2)] {
        let env = Env::new(&format!(
            "sync_existing_issues: false\nmirror_since: {since}"
        ));
        let source = env.source();
        source.issue(1, "title: A\ncreated_at: 2026-01-01T23:59:59Z", "x");
        source.issue(2, "title: B\ncreated_at: 2026-01-02T00:00:00Z", "x");
        source.issue(3, "title: C\ncreated_at: 2026-01-03T00:00:00Z", "x");
        let pair = env.sync();
        assert_eq!(pair["issues"]["created"], created, "{since}");
        env.sync_idle();
    }
}

#[test]
fn only_selects() {
    let env = Env::new("only: { labels: [public], exclude_labels: [secret], author: alice }");
    let source = env.source();
    source.issue(1, "title: A\nauthor: alice\nlabels: [public]", "x");
    source.issue(2, "title: B\nauthor: bob\nlabels: [public]", "x");
    source.issue(3, "title: C\nauthor: alice\nlabels: [public, secret]", "x");
    source.issue(4, "title: D\nauthor: alice", "x");
    let pair = env.sync();
    assert_eq!(pair["issues"]["created"], 1);
    assert_eq!(pair["skipped_because"]["filtered"], 3);
    // One that enters the selection is mirrored with its history, one that leaves stays.
    source.comment(4, 1, "author: bob", "Before.");
    source.edit(
        "issues/4/issue.md",
        "author: alice",
        "author: alice\nlabels: [public]",
    );
    source.edit("issues/1/issue.md", "[public]", "[private]");
    let pair = env.sync();
    assert_eq!(pair["issues"]["created"], 1);
    assert_eq!(env.target().read(2).comments.len(), 1);
    assert!(env.target().read(1).labels().contains(&"public"));
    env.sync_idle();
}

#[test]
fn closed_issues_are_left_out_when_first_seen_and_closed_when_they_close() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: Done\nstate: closed", "x");
    source.issue(2, "title: Open", "x");
    env.sync();
    assert_eq!(env.target().numbers(), [1]);
    source.edit("issues/2/issue.md", "title", "state: closed\ntitle");
    env.sync();
    assert_eq!(env.target().read(1).field("state"), "closed");
    env.configure("sync_closed_issues: true");
    env.sync();
    assert_eq!(env.target().read(2).field("title"), "Done");
    assert_eq!(env.target().read(2).field("state"), "closed");
}

#[test]
fn update_existing_off_makes_new_ones_and_never_touches_others() {
    let env = mirrored("update_existing: false");
    assert_eq!(env.target().read(1).comments.len(), 1, "with its comments");
    let before = env.target().content("issues/1/issue.md");
    let source = env.source();
    source.edit("issues/1/issue.md", "title: T", "title: U");
    source.comment(1, 2, "author: bob", "Later.");
    source.issue(2, "title: New", "x");
    env.sync();
    assert_eq!(env.target().content("issues/1/issue.md"), before);
    assert_eq!(env.target().read(1).comments.len(), 1);
    assert_eq!(env.target().read(2).field("title"), "New");
    // Switched on, everything follows.
    env.configure("");
    env.sync();
    assert_eq!(env.target().read(1).field("title"), "U");
    assert_eq!(env.target().read(1).comments.len(), 2);
}

#[test]
fn update_existing_off_stays_off_after_a_failure() {
    let env = mirrored("update_existing: false");
    let source = env.source();
    source.edit("issues/1/issue.md", "title: T", "title: U\noops: 1");
    env.sync_with(&[], 3);
    source.edit("issues/1/issue.md", "oops: 1\n", "");
    env.sync();
    assert_eq!(env.target().read(1).field("title"), "T");
}
