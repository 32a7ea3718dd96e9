//! Who may read the files of a tracker.

use super::{CANARY, nowhere, secret};
use crate::env::Env;
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn p7_the_store_is_for_its_owner_alone() {
    let env = Env::new("");
    secret(&env);
    env.sync();
    let mode = fs::metadata(env.path("issue-mirror.db"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

fn mode(env: &Env, relative: &str) -> u32 {
    let meta = fs::metadata(env.target().path(relative)).unwrap();
    meta.permissions().mode() & 0o777
}

#[test]
fn p7_a_comment_that_changes_who_may_see_it_is_replaced() {
    let env = Env::new("sync_internal_notes: true");
    let source = env.source();
    source.issue(1, "title: T", "Text.");
    source.comment(1, 1, "author: bob", "Oops.");
    source.comment(1, 2, "author: bob\ninternal: true", "Later for all.");
    env.sync();
    source.edit(
        "issues/1/comment-0001.md",
        "author: bob",
        "author: bob\ninternal: true",
    );
    source.edit("issues/1/comment-0002.md", "internal: true\n", "");
    let pair = env.sync();
    assert_eq!(
        (&pair["comments"]["deleted"], &pair["comments"]["created"]),
        (&2.into(), &2.into())
    );
    let comments = env.target().read(1).comments;
    let seen: Vec<_> = comments
        .iter()
        .map(|c| (c.mirrored_text(), c.head["internal"] == true))
        .collect();
    assert_eq!(seen, [("Oops.", true), ("Later for all.", false)]);
    env.sync_idle();
    // Switched off, what was mirrored as internal stays so: it is not ours for as long.
    env.configure("");
    source.edit("issues/1/comment-0001.md", "Oops.", CANARY);
    env.sync();
    assert_eq!(env.target().read(1).comments.len(), 2);
    nowhere(&env);
}

#[test]
fn p7_attachments_are_as_private_as_the_texts_that_link_to_them() {
    let env = Env::new("sync_internal_notes: true");
    let source = env.source();
    source.write("attachments/plan.txt", "plan");
    source.write("attachments/note.txt", "note");
    source.issue(1, "title: T\nauthor: a", "[p](../../attachments/plan.txt)");
    source.comment(
        1,
        1,
        "author: bob\ninternal: true",
        "[n](../../attachments/note.txt)",
    );
    env.sync();
    let file = |end: &str| {
        let names = fs::read_dir(env.target().path("attachments")).unwrap();
        let mut names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        format!(
            "attachments/{}",
            names.find(|name| name.ends_with(end)).unwrap()
        )
    };
    let (plan, note) = (file("plan.txt"), file("note.txt"));
    assert_ne!(mode(&env, &plan) & 0o044, 0);
    assert_eq!(mode(&env, &note), 0o600);
    source.edit("issues/1/issue.md", "title", "confidential: true\ntitle");
    env.sync();
    assert_eq!((mode(&env, &plan), mode(&env, &note)), (0o600, 0o600));
    source.edit("issues/1/issue.md", "confidential: true\n", "");
    env.sync();
    assert_ne!(mode(&env, &plan) & 0o044, 0);
    assert_eq!(mode(&env, &note), 0o600);
    // Once a public text links to it, it is public.
    source.issue(2, "title: U", "[n](../../attachments/note.txt)");
    env.sync();
    assert_ne!(mode(&env, &note) & 0o044, 0);
}

#[test]
fn who_may_read_a_file_stays_as_people_set_it() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: T\nauthor: a", "Text.");
    source.comment(1, 1, "author: a", "C");
    env.sync();
    for file in ["issues/1/issue.md", "issues/1/comment-0001.md"] {
        fs::set_permissions(env.target().path(file), fs::Permissions::from_mode(0o640)).unwrap();
    }
    source.edit("issues/1/issue.md", "title: T", "title: U");
    source.edit("issues/1/comment-0001.md", "C", "D");
    env.sync();
    assert_eq!(mode(&env, "issues/1/issue.md"), 0o640);
    assert_eq!(mode(&env, "issues/1/comment-0001.md"), 0o640);
}
