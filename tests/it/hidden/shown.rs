//! P7: what becomes public, and what of it and when.

use super::comments::becomes_internal;
use super::{becomes_confidential, carries_confidential, comments, is_confidential};
use crate::env::Env;
use crate::faulty::{Fault, Faulty, everything, pass, pass_from};
use issue_mirror::forge::ErrorKind;
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn p7_becoming_public_is_the_last_thing_that_happens() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: T\nauthor: a\nconfidential: true", "x");
    source.comment(1, 1, "author: bob", "SECRET.");
    pass(&env, &Faulty::new(&env, None), &carries_confidential()).unwrap();
    source.edit("issues/1/issue.md", "\nconfidential: true", "");
    source.remove("issues/1/comment-0001.md");
    let mut target = Faulty::new(&env, None);
    target.no_delete = Some(ErrorKind::Unavailable);
    pass(&env, &target, &carries_confidential()).unwrap();
    assert!(is_confidential(&env, 1), "the comment is there still");
    env.retry_now();
    pass(&env, &Faulty::new(&env, None), &carries_confidential()).unwrap();
    assert!(!is_confidential(&env, 1) && comments(&env).is_empty());
    // What was hidden, redacted and may be seen again is never seen as it was.
    let writes = 4;
    for at in 1..=writes {
        let env = Env::new("");
        let source = env.source();
        source.issue(1, "title: T\nauthor: a\nconfidential: true", "SECRET");
        pass(&env, &Faulty::new(&env, None), &carries_confidential()).unwrap();
        pass(&env, &Faulty::new(&env, None), &everything()).unwrap();
        source.edit("issues/1/issue.md", "\nconfidential: true", "");
        source.edit("issues/1/issue.md", "SECRET", "redacted");
        pass(
            &env,
            &Faulty::new(&env, Some((at, Fault::DieAfter))),
            &everything(),
        );
        let text = env.target().content("issues/1/issue.md");
        assert!(
            is_confidential(&env, 1) || !text.contains("SECRET"),
            "write {at}"
        );
        pass(&env, &Faulty::new(&env, None), &everything()).unwrap();
        assert!(!is_confidential(&env, 1));
        assert_eq!(env.target().read(1).mirrored_text(), "redacted");
    }
}

#[test]
fn p7_a_file_is_as_public_as_the_most_public_text_that_links_to_it() {
    let mode = |env: &Env| {
        let files = fs::read_dir(env.target().path("attachments")).unwrap();
        let file = files.map(|file| file.unwrap()).next().unwrap();
        file.metadata().unwrap().permissions().mode() & 0o777
    };
    for toggles in ["", "sync_internal_notes: true"] {
        let env = Env::new(toggles);
        env.source().write("attachments/n.txt", "note");
        env.source().issue(1, "title: T\nauthor: a", "x");
        env.source()
            .comment(1, 1, "author: bob", "[n](../../attachments/n.txt)");
        env.sync();
        becomes_internal(&env);
        env.sync();
        assert_eq!(mode(&env), 0o600, "{toggles}");
    }
    let env = Env::new("");
    env.source().write("attachments/n.txt", "note");
    for number in [1, 2] {
        env.source().issue(
            number,
            "title: T\nauthor: a",
            "[n](../../attachments/n.txt)",
        );
    }
    env.sync();
    becomes_confidential(&env, 1);
    env.sync();
    assert_ne!(mode(&env) & 0o044, 0, "a public issue links to it");
    becomes_confidential(&env, 2);
    env.sync();
    assert_eq!(mode(&env), 0o600);
    env.source()
        .issue(3, "title: V\nauthor: a", "[n](../../attachments/n.txt)");
    env.sync();
    assert_ne!(mode(&env) & 0o044, 0, "another public issue links to it");
}

#[test]
fn p2_a_counterpart_that_comes_back_gets_what_it_missed() {
    let env = Env::new("");
    let source = env.source();
    for number in 1..=4 {
        source.issue(number, &format!("title: T{number}\nauthor: a"), "x");
    }
    let from = Faulty::source(&env, true);
    pass_from(&env, &from, &Faulty::new(&env, None), &everything()).unwrap();
    let keep = env.path("keep");
    fs::rename(env.target().path("issues/2"), &keep).unwrap();
    source.edit("issues/2/issue.md", "T2", "New");
    let report = pass_from(&env, &from, &Faulty::new(&env, None), &everything()).unwrap();
    assert_eq!(report.tally.gone, 1);
    source.edit("issues/2/issue.md", "New", "Newer");
    fs::rename(&keep, env.target().path("issues/2")).unwrap();
    pass_from(&env, &from, &Faulty::new(&env, None), &everything()).unwrap();
    assert_eq!(env.target().read(2).field("title"), "Newer");
    // Also if what it missed is that it must be hidden.
    fs::rename(env.target().path("issues/3"), &keep).unwrap();
    source.edit("issues/3/issue.md", "T3", "New");
    pass_from(&env, &from, &Faulty::new(&env, None), &everything()).unwrap();
    fs::rename(&keep, env.target().path("issues/3")).unwrap();
    becomes_confidential(&env, 3);
    pass_from(&env, &from, &Faulty::new(&env, None), &everything()).unwrap();
    assert!(is_confidential(&env, 3));
}
