//! What of a write nobody knows yet: it waits, and the others go on.

use super::source;
use crate::env::Env;
use crate::faulty::{Fault, Faulty, everything, pass, pass_from};
use issue_mirror::model::Outcome;
use rusqlite::Connection;

#[test]
fn p1_while_the_server_may_still_be_working_an_issue_waits_and_the_others_go_on() {
    let env = Env::new("");
    source(&env);
    let slow = |target: Faulty| target.claiming(|c| c.settles_after_seconds = 120);
    // Write 1 is the upload, 2 and 3 the labels of the first issue: number 4 creates it.
    let at = (1..20)
        .find(|at| {
            let probe = Env::new("");
            source(&probe);
            let target = Faulty::new(&probe, Some((*at, Fault::DieAfter)));
            pass(&probe, &target, &everything());
            probe.target().path("issues/1").exists()
        })
        .unwrap();
    let target = slow(Faulty::new(&env, Some((at, Fault::LoseAnswer))));
    let report = pass(&env, &target, &everything()).unwrap();
    assert_eq!(report.outcome, Outcome::Partial);
    assert_eq!(report.tally.issues.created, 5, "the others went on");
    // The server did not do it after all, but that is not known yet.
    std::fs::remove_dir_all(env.target().path("issues/1")).unwrap();
    let store = Connection::open(env.path("issue-mirror.db")).unwrap();
    env.retry_now();
    let target = slow(Faulty::new(&env, None));
    let report = pass(&env, &target, &everything()).unwrap();
    assert_eq!(report.outcome, Outcome::Partial, "it waits");
    assert_eq!(report.tally.issues.left, 1);
    assert_eq!(target.writes(), 0);
    // Long enough after it was sent, nothing found means not done.
    store
        .execute_batch("UPDATE intent SET tried_at = tried_at - 121 * 1000")
        .unwrap();
    let target = slow(Faulty::new(&env, None));
    let report = pass(&env, &target, &everything()).unwrap();
    assert_eq!(report.outcome, Outcome::Success);
    assert_eq!(report.tally.issues.created, 1);
    assert_eq!(env.target().numbers().len(), 6);
}

#[test]
fn p1_a_look_up_begins_before_the_intent_and_a_failed_one_means_wait() {
    let env = Env::new("");
    env.source().issue(1, "title: T", "x");
    // Write 1 is the label, 2 the issue.
    let target = Faulty::new(&env, Some((2, Fault::LoseAnswer)));
    pass(&env, &target, &everything()).unwrap();
    let store = Connection::open(env.path("issue-mirror.db")).unwrap();
    env.retry_now();
    let sent: i64 = store
        .query_row("SELECT sent_at FROM intent", [], |row| row.get(0))
        .unwrap();
    let source = Faulty::source(&env, true);
    let mut target = Faulty::new(&env, None);
    target.blind = true;
    let report = pass_from(&env, &source, &target, &everything()).unwrap();
    assert_eq!(report.outcome, Outcome::Partial);
    assert_eq!((report.tally.issues.left, target.writes()), (1, 0));
    let failure = &report.tally.failures[0];
    let number = failure.number.map(|number| number.0);
    assert_eq!(
        (number, failure.error.as_str()),
        (Some(1), "listing what is ours: down")
    );
    let asked = target.asked.lock().unwrap()[0];
    assert_eq!(sent - asked.as_millisecond(), 120_000);
    // One that people broke still has its key.
    let issue = env.target().path("issues/1/issue.md");
    let kept = std::fs::read(&issue).unwrap();
    let mut broken = kept.clone();
    broken.splice(4..4, [0xff, 0xfe]);
    std::fs::write(&issue, &broken).unwrap();
    pass_from(&env, &source, &Faulty::new(&env, None), &everything()).unwrap();
    assert_eq!(env.target().path("issues").read_dir().unwrap().count(), 1);
    std::fs::write(&issue, kept).unwrap();
    env.retry_now();
    let report = pass_from(&env, &source, &Faulty::new(&env, None), &everything()).unwrap();
    assert_eq!(report.outcome, Outcome::Success);
    assert_eq!(env.target().numbers(), [1]);
}

#[test]
fn p13_a_target_that_is_not_well_has_lost_nothing() {
    let env = Env::new("");
    let source = env.source();
    for number in 1..=3 {
        source.issue(number, &format!("title: T{number}"), "x");
    }
    let from = Faulty::source(&env, true);
    pass_from(&env, &from, &Faulty::new(&env, None), &everything()).unwrap();
    source.edit("issues/2/issue.md", "T2", "New");
    source.edit("issues/2/issue.md", "title", "milestone: v1\ntitle");
    let sick = Faulty::new(&env, Some((1, Fault::Vanish))).sick();
    let report = pass_from(&env, &from, &sick, &everything()).unwrap();
    assert_eq!(report.outcome, Outcome::Partial);
    assert_eq!((report.tally.gone, report.tally.issues.failed), (0, 1));
    env.retry_now();
    let report = pass_from(&env, &from, &Faulty::new(&env, None), &everything()).unwrap();
    assert_eq!(report.tally.issues.updated, 1);
    assert_eq!(env.target().read(2).field("title"), "New");
}

#[test]
fn p2_an_edit_waits_for_counterparts_that_are_missing_and_not_taken_for_deleted() {
    let env = Env::new("");
    let source = env.source();
    for number in 1..=3 {
        source.issue(number, &format!("title: T{number}"), "x");
    }
    let from = Faulty::source(&env, true);
    pass_from(&env, &from, &Faulty::new(&env, None), &everything()).unwrap();
    source.edit("issues/2/issue.md", "T2", "New");
    let away = env.path("away");
    std::fs::rename(env.target().path("issues"), &away).unwrap();
    let report = pass_from(&env, &from, &Faulty::new(&env, None), &everything()).unwrap();
    assert_eq!(report.outcome, Outcome::Partial);
    std::fs::rename(&away, env.target().path("issues")).unwrap();
    let report = pass_from(&env, &from, &Faulty::new(&env, None), &everything()).unwrap();
    assert_eq!(report.tally.issues.updated, 1, "without another edit");
    assert_eq!(env.target().read(2).field("title"), "New");
}

#[test]
fn p1_a_comment_that_is_refused_for_good_does_not_stop_the_later_ones() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: T", "x");
    for number in 1..=4 {
        source.comment(1, number, "author: a", &format!("C{number}"));
    }
    // Write 1 is the label, 2 the issue, 3 to 6 are the comments.
    let target = Faulty::new(&env, Some((4, Fault::Reject)));
    let report = pass(&env, &target, &everything()).unwrap();
    assert_eq!(report.outcome, Outcome::Partial);
    assert_eq!(report.tally.comments.created, 3);
    assert_eq!(report.tally.failures.len(), 1);
    // One of unknown fate blocks the rest of its own issue, or the order would not be kept.
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: T", "x");
    for number in 1..=4 {
        source.comment(1, number, "author: a", &format!("C{number}"));
    }
    let target = Faulty::new(&env, Some((4, Fault::LoseAnswer)));
    let report = pass(&env, &target, &everything()).unwrap();
    assert_eq!(report.tally.comments.created, 1);
    env.retry_now();
    pass(&env, &Faulty::new(&env, None), &everything()).unwrap();
    let texts: Vec<String> = env
        .target()
        .read(1)
        .comments
        .iter()
        .map(|c| c.mirrored_text().to_owned())
        .collect();
    assert_eq!(texts, ["C1", "C2", "C3", "C4"]);
}
