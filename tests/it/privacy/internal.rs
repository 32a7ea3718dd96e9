//! P7 of internal comments: they stay where they are, and one that becomes internal is taken away.

use super::{CANARY, nowhere, secret};
use crate::env::Env;

#[test]
fn p7_internal_comments_are_counted() {
    let env = Env::new("");
    secret(&env);
    assert_eq!(env.sync()["comments"]["skipped"], 1);
}

#[test]
fn p7_a_comment_that_becomes_internal_is_taken_away_even_where_nothing_else_follows() {
    for toggles in ["", "update_existing: false", "sync_comments: false"] {
        let env = Env::new("");
        let source = env.source();
        source.issue(1, "title: T", "Text.");
        source.comment(1, 1, "author: bob", "Oops.");
        source.comment(1, 2, "author: bob", "Fine.");
        env.sync();
        env.configure(toggles);
        source.edit(
            "issues/1/comment-0001.md",
            "author: bob",
            "author: bob\ninternal: true",
        );
        source.edit("issues/1/comment-0001.md", "Oops.", CANARY);
        let pair = env.sync();
        assert_eq!(pair["comments"]["deleted"], 1, "{toggles}");
        let texts: Vec<String> = env
            .target()
            .read(1)
            .comments
            .iter()
            .map(|c| c.mirrored_text().to_owned())
            .collect();
        assert_eq!(texts, ["Fine."]);
        nowhere(&env);
        env.sync_idle();
        // Public again, it is mirrored again.
        source.edit("issues/1/comment-0001.md", "internal: true\n", "");
        env.configure("");
        assert_eq!(env.sync()["comments"]["created"], 1);
    }
}

#[test]
fn p7_a_comment_that_becomes_internal_goes_also_from_an_issue_that_left_the_selection() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: T\nlabels: [public]", "Text.");
    source.comment(1, 1, "author: bob", "Oops.");
    env.sync();
    env.configure("only: { labels: [public] }");
    source.edit("issues/1/issue.md", "[public]", "[]");
    source.edit(
        "issues/1/comment-0001.md",
        "author: bob",
        "author: bob\ninternal: true",
    );
    let pair = env.sync();
    assert_eq!(pair["comments"]["deleted"], 1);
    assert!(env.target().read(1).comments.is_empty());
    assert!(
        env.target().read(1).labels().contains(&"public"),
        "the rest stays"
    );
    env.sync_idle();
}

#[test]
fn p7_a_comment_that_becomes_internal_goes_whatever_is_carried() {
    for toggles in [
        "sync_internal_notes: true\nsync_comments: false",
        "sync_internal_notes: true\nupdate_existing: false",
    ] {
        let env = Env::new("");
        let source = env.source();
        source.issue(1, "title: T", "Text.");
        source.comment(1, 1, "author: bob", "Oops.");
        env.sync();
        env.configure(toggles);
        source.edit(
            "issues/1/comment-0001.md",
            "author: bob",
            "author: bob\ninternal: true",
        );
        assert_eq!(env.sync()["comments"]["deleted"], 1, "{toggles}");
        assert!(env.target().read(1).comments.is_empty(), "{toggles}");
        env.sync_idle();
    }
}
