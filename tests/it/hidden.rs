//! P7 where something else fails, stops or is missing: what must not be seen is hidden all the same.

mod comments;
mod shown;

use crate::env::Env;
use crate::faulty::{Fault, Faulty, everything, pass, pass_from};
use issue_mirror::model::Outcome;
use issue_mirror::plan::policy::Policy;
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::PermissionsExt;

fn carries_confidential() -> Policy {
    Policy {
        confidential: true,
        ..everything()
    }
}

fn is_confidential(env: &Env, number: u64) -> bool {
    env.target()
        .content(&format!("issues/{number}/issue.md"))
        .contains("\nconfidential: true\n")
}

fn becomes_confidential(env: &Env, number: u64) {
    env.source().edit(
        &format!("issues/{number}/issue.md"),
        "title",
        "confidential: true\ntitle",
    );
}

pub(crate) fn comments(env: &Env) -> Vec<String> {
    let comments = env.target().read(1).comments;
    comments
        .iter()
        .map(|c| c.mirrored_text().to_owned())
        .collect()
}

#[test]
fn p7_a_hide_that_failed_or_died_is_done_by_the_next_pass() {
    for policy in [carries_confidential(), everything()] {
        for fault in [
            Fault::Refuse,
            Fault::Reject,
            Fault::DieBefore,
            Fault::DieAfter,
            Fault::LoseAnswer,
        ] {
            let env = Env::new("");
            env.source().issue(1, "title: T\nauthor: a", "x");
            pass(&env, &Faulty::new(&env, None), &policy).unwrap();
            becomes_confidential(&env, 1);
            pass(&env, &Faulty::new(&env, Some((1, fault))), &policy);
            // It does not wait.
            let report = pass(&env, &Faulty::new(&env, None), &policy).unwrap();
            assert_eq!(report.outcome, Outcome::Success, "{fault:?}");
            assert!(is_confidential(&env, 1), "{fault:?}");
            let idle = Faulty::new(&env, None);
            pass(&env, &idle, &policy).unwrap();
            assert_eq!(idle.writes(), 0, "{fault:?}");
            // And it is shown again.
            env.source()
                .edit("issues/1/issue.md", "confidential: true\n", "");
            pass(&env, &Faulty::new(&env, None), &policy).unwrap();
            assert!(!is_confidential(&env, 1), "{fault:?}");
        }
    }
}

#[test]
fn p7_a_guard_or_a_lost_store_hides_also_what_is_carried_as_confidential() {
    let env = Env::new("sync_confidential: true");
    env.source().issue(1, "title: T\nauthor: a", "x");
    env.sync();
    env.configure("sync_confidential: true\nmax_creates: 1");
    becomes_confidential(&env, 1);
    env.source().issue(4, "title: T4", "Text.");
    env.source().issue(5, "title: T5", "Text.");
    env.sync_with(&[], 3);
    assert!(is_confidential(&env, 1));
    // The same with a store that is too old.
    let env = Env::new("sync_confidential: true");
    env.source().issue(1, "title: T\nauthor: a", "x");
    env.sync();
    let store = fs::read(env.path("issue-mirror.db")).unwrap();
    env.source().issue(2, "title: U\nauthor: a", "x");
    env.sync();
    fs::write(env.path("issue-mirror.db"), store).unwrap();
    becomes_confidential(&env, 1);
    env.sync();
    assert!(is_confidential(&env, 1));
}

#[test]
fn p7_p10_what_waits_is_hidden_as_soon_as_the_settings_say_so() {
    for dead in [false, true] {
        let env = Env::new("");
        let source = env.source();
        source.issue(1, "title: T\nauthor: a\nlabels: [secret]", "x");
        source.comment(1, 1, "author: bob", "Hm.");
        env.sync();
        let kept = env.target().content("issues/1/comment-0001.md");
        env.target()
            .edit("issues/1/comment-0001.md", "author", "auhtor");
        source.edit("issues/1/comment-0001.md", "Hm", "Hmm");
        env.sync_with(&[], 3);
        if dead {
            let store = Connection::open(env.path("issue-mirror.db")).unwrap();
            store.execute_batch("UPDATE retry SET dead = 1").unwrap();
        }
        env.target().write("issues/1/comment-0001.md", &kept);
        env.configure("only: { exclude_labels: [secret] }");
        assert_eq!(env.sync()["hidden"], 1, "{dead}");
        assert!(is_confidential(&env, 1));
    }
}

#[test]
fn p7_what_cannot_be_read_on_the_target_is_hidden_too() {
    let env = Env::new("");
    env.source().issue(1, "title: T\nauthor: a", "x");
    env.sync();
    let broken = env.target().path("issues/1/comment-0009.md");
    fs::write(&broken, [0x2d, 0xff, 0xfe]).unwrap();
    becomes_confidential(&env, 1);
    env.sync();
    assert!(is_confidential(&env, 1));
    assert_eq!(
        fs::metadata(&broken).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn p7_a_hide_that_keeps_failing_is_told_every_time() {
    let env = Env::new("");
    env.source().issue(1, "title: T\nauthor: a", "x");
    env.sync();
    env.target().edit("issues/1/issue.md", "title", "titel");
    becomes_confidential(&env, 1);
    for _ in 0..12 {
        let pair = env.sync_with(&[], 3);
        assert_eq!(pair["failures"][0]["stage"], "hide");
        assert!(
            pair["failures"][0]["hint"]
                .as_str()
                .unwrap()
                .contains("may still be seen")
        );
    }
    env.target().edit("issues/1/issue.md", "titel", "title");
    env.sync();
    assert!(is_confidential(&env, 1));
}

#[test]
fn p7_a_foreign_file_on_the_target_stops_neither_creating_nor_hiding() {
    let env = Env::new("");
    for number in 1..=3 {
        env.source()
            .issue(number, &format!("title: T{number}\nauthor: a"), "x");
    }
    env.sync();
    fs::create_dir_all(env.target().path("issues/9")).unwrap();
    fs::write(env.target().path("issues/9/issue.md"), [0x2d, 0xff, 0xfe]).unwrap();
    env.source().issue(4, "title: T4\nauthor: a", "x");
    becomes_confidential(&env, 1);
    let pair = env.sync();
    assert_eq!(
        (&pair["issues"]["created"], &pair["hidden"]),
        (&1.into(), &1.into())
    );
    // If nobody can say what is ours, nothing is created, and what must be hidden is.
    let env = Env::new("");
    env.source().issue(1, "title: T\nauthor: a", "x");
    pass(&env, &Faulty::new(&env, None), &everything()).unwrap();
    env.target().issue(9, "title: Theirs", "x");
    env.source().issue(2, "title: U\nauthor: a", "x");
    becomes_confidential(&env, 1);
    let mut target = Faulty::new(&env, None);
    target.blind = true;
    let report = pass(&env, &target, &everything()).unwrap();
    assert_eq!((report.outcome, report.tally.hidden), (Outcome::Failed, 1));
    assert_eq!(env.target().numbers(), [1, 9]);
}

#[test]
fn a_label_that_may_not_be_changed_stops_no_issue() {
    let env = Env::new("");
    let source = env.source();
    source.write("labels.yaml", "bug: {color: \"#ff0000\"}\n");
    source.issue(1, "title: T1\nauthor: a\nlabels: [bug]", "x");
    pass(&env, &Faulty::new(&env, None), &everything()).unwrap();
    source.write("labels.yaml", "bug: {color: \"#00ff00\"}\n");
    source.issue(2, "title: T2\nauthor: a\nlabels: [new]", "x");
    let mut target = Faulty::new(&env, None);
    target.no_label_update = true;
    let report = pass(&env, &target, &everything()).unwrap();
    assert_eq!(report.tally.issues.created, 1);
    assert_eq!(report.tally.failures.len(), 1);
    assert_eq!(report.outcome, Outcome::Partial);
}

#[test]
fn p13_a_few_deletions_among_many_are_believed() {
    let env = Env::new("");
    let source = env.source();
    for number in 1..=60 {
        source.issue(number, &format!("title: T{number}\nauthor: a"), "x");
    }
    let from = Faulty::source(&env, true);
    pass_from(&env, &from, &Faulty::new(&env, None), &everything()).unwrap();
    for number in [1, 2, 3, 50] {
        fs::remove_dir_all(env.target().path(&format!("issues/{number}"))).unwrap();
    }
    source.edit("issues/50/issue.md", "T50", "New");
    let report = pass_from(&env, &from, &Faulty::new(&env, None), &everything()).unwrap();
    assert_eq!(report.outcome, Outcome::Success);
    // The first one was looked at as a sample.
    assert_eq!((report.tally.gone, report.tally.issues.skipped), (2, 1));
}

#[test]
fn p12_an_issue_that_waits_says_so_and_is_hidden_meanwhile() {
    let env = Env::new("");
    env.source().issue(1, "title: T\nauthor: a", "x");
    env.source().comment(1, 1, "author: bob", "C");
    // Write 1 is the label, 2 the issue, 3 the comment.
    pass(
        &env,
        &Faulty::new(&env, Some((3, Fault::DieAfter))),
        &everything(),
    );
    let broken = env.target().path("issues/1/comment-0009.md");
    fs::write(&broken, [0x2d, 0xff, 0xfe]).unwrap();
    becomes_confidential(&env, 1);
    let pair = env.sync_with(&[], 3);
    assert_eq!(pair["failures"][0]["source_number"], 1);
    assert_eq!(pair["failures"][0]["stage"], "recover");
    assert!(is_confidential(&env, 1));
    let status = env.run(&["status", "--output", "json"]).stdout;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!(
        (
            &status["pairs"][0]["synced"],
            &status["pairs"][0]["pending"]
        ),
        (&0.into(), &1.into())
    );
    fs::remove_file(&broken).unwrap();
    env.sync();
    env.sync_idle();
}

#[test]
fn a_full_pass_reads_of_the_source_only_what_changed() {
    let env = Env::new("");
    for number in 1..=20 {
        env.source().issue(number, "title: T\nauthor: a", "x");
    }
    env.sync();
    let pair = env.sync_with(&["--full"], 0);
    // One listing, and the labels.
    assert_eq!(pair["requests"]["source"], 2);
}

#[test]
fn p7_a_trial_run_does_not_tell_the_title_of_what_a_label_excludes() {
    let env = Env::new("only: { exclude_labels: [secret] }");
    env.source()
        .issue(1, "title: canary-4711\nauthor: a\nlabels: [secret]", "x");
    let run = env.run(&["sync", "--dry-run"]);
    assert!(run.stdout.contains("skip   #1\n"), "{}", run.shown());
}
