//! P7: comments that must not be seen any more, where deleting one fails.

use super::{becomes_confidential, carries_confidential, comments, is_confidential};
use crate::env::Env;
use crate::faulty::{Faulty, everything, pass};
use issue_mirror::forge::ErrorKind;
use issue_mirror::model::Outcome;
use issue_mirror::plan::policy::Policy;
use std::fs;

pub(super) fn becomes_internal(env: &Env) {
    env.source().edit(
        "issues/1/comment-0001.md",
        "author: bob",
        "author: bob\ninternal: true",
    );
}

#[test]
fn p7_a_comment_that_cannot_be_deleted_is_withdrawn_and_made_once_for_fewer() {
    let policy = Policy {
        internal_notes: true,
        ..everything()
    };
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: T\nauthor: a", "x");
    source.comment(1, 1, "author: bob", "Oops.");
    pass(&env, &Faulty::new(&env, None), &policy).unwrap();
    becomes_internal(&env);
    source.edit("issues/1/issue.md", "title: T", "title: U");
    let mut target = Faulty::new(&env, None);
    target.no_delete = Some(ErrorKind::Denied);
    let report = pass(&env, &target, &policy).unwrap();
    assert_eq!(report.outcome, Outcome::Success);
    assert_eq!(env.target().read(1).field("title"), "U", "the rest arrives");
    let there = env.target().read(1).comments;
    assert_eq!((there.len(), &there[1].head["internal"]), (2, &true.into()));
    assert!(!comments(&env)[0].contains("Oops."), "{:?}", comments(&env));
    let idle = Faulty::new(&env, None);
    let report = pass(&env, &idle, &policy).unwrap();
    assert_eq!((report.outcome, idle.writes()), (Outcome::Success, 0));
}

#[test]
fn p13_one_answer_that_a_comment_is_not_there_proves_nothing() {
    let env = Env::new("");
    for number in 1..=5 {
        env.source().issue(number, "title: T\nauthor: a", "x");
    }
    env.source().comment(1, 1, "author: bob", "Oops.");
    env.sync();
    becomes_internal(&env);
    fs::rename(env.target().path("issues"), env.path("away")).unwrap();
    env.sync_with(&[], 3);
    fs::rename(env.path("away"), env.target().path("issues")).unwrap();
    assert_eq!(env.sync()["comments"]["deleted"], 1);
    assert!(comments(&env).is_empty());
}

#[test]
fn p7_a_comment_that_fails_does_not_keep_an_issue_public() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: T\nauthor: a", "x");
    source.comment(1, 1, "author: bob", "Oops.");
    pass(&env, &Faulty::new(&env, None), &carries_confidential()).unwrap();
    becomes_confidential(&env, 1);
    becomes_internal(&env);
    let mut target = Faulty::new(&env, None);
    target.no_delete = Some(ErrorKind::Unavailable);
    let report = pass(&env, &target, &carries_confidential()).unwrap();
    assert_eq!(report.outcome, Outcome::Partial);
    assert!(is_confidential(&env, 1));
}
