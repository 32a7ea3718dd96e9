//! P1 and P2: nothing twice and nothing lost, whatever dies when.

use crate::env::Env;
use crate::faulty::{Fault, Faulty, everything, full_pass, pass, pass_from};
use crate::tracker::{Comment, Tracker};
use issue_mirror::model::Outcome;
use issue_mirror::sync::PairReport;
use regex::Regex;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Stdio;

/// A source with something of everything: 6 issues, 9 comments, labels, attachments, times.
fn source(env: &Env) -> Tracker {
    let source = env.source();
    source.write("attachments/a.txt", "attachment");
    source.write("labels.yaml", "bug: {color: \"#ff0000\"}\n");
    for number in 1..=6 {
        source.issue(
            number,
            &format!(
                "title: T{number}\nauthor: alice\nlabels: [bug, l{number}]\ntime_spent: {number}h"
            ),
            &format!(
                "Text {number}, see #{} and [a](../../attachments/a.txt).",
                number + 1
            ),
        );
        for comment in 0..number % 4 {
            source.comment(
                number,
                number * 10 + comment,
                "author: bob",
                &format!("Comment {comment} of {number}."),
            );
        }
    }
    source
}

/// What changes between the first and the second pass.
fn change(source: &Tracker) {
    source.edit(
        "issues/1/issue.md",
        "title: T1",
        "title: Changed\ntime_estimate: 2h",
    );
    source.edit("issues/2/issue.md", "time_spent: 2h", "time_spent: 5h");
    source.edit("issues/3/issue.md", "Text 3", "Text three");
    source.edit("issues/3/comment-0031.md", "Comment", "Edited comment");
    source.remove("issues/3/comment-0030.md");
    source.edit("issues/4/issue.md", "title", "state: closed\ntitle");
    source.comment(5, 59, "author: carol", "Later.");
    source.issue(7, "title: T7", "New.");
    source.comment(7, 70, "author: carol", "First.");
}

/// Every file of the target with what is drawn at random masked. Comments are counted within their
/// issue: which of two issues that are carried at the same time gets the next number is chance.
fn shown(env: &Env) -> BTreeMap<PathBuf, String> {
    let key = Regex::new("imk[0-9a-z]{20}").unwrap();
    let id = Regex::new("(id: |directory:)[0-9a-z]{16}").unwrap();
    let root = env.path("target");
    let mut comments: BTreeMap<PathBuf, u64> = BTreeMap::new();
    env.target()
        .bytes()
        .into_iter()
        .map(|(path, bytes)| {
            let text = String::from_utf8(bytes).unwrap();
            let text = key.replace_all(&text, "KEY");
            let text = id.replace_all(&text, "${1}ID").into_owned();
            let mut path = path.strip_prefix(&root).unwrap().to_owned();
            let name = path.file_name().unwrap().to_str().unwrap();
            if name.starts_with("comment-") {
                let count = comments.entry(path.with_file_name("")).or_default();
                *count += 1;
                path.set_file_name(format!("comment {count}"));
            }
            (path, text)
        })
        .collect()
}

/// The target after both passes, undisturbed, and how many writes each took.
fn undisturbed() -> (BTreeMap<PathBuf, String>, [u64; 2]) {
    let env = Env::new("");
    let source = source(&env);
    let first = Faulty::new(&env, None);
    assert_eq!(
        pass(&env, &first, &everything()).unwrap().outcome,
        Outcome::Success
    );
    change(&source);
    let second = Faulty::new(&env, None);
    assert_eq!(
        pass(&env, &second, &everything()).unwrap().outcome,
        Outcome::Success
    );
    (shown(&env), [first.writes(), second.writes()])
}

/// Both passes, with a fault at one write of one of them, then passes until all is in step.
fn disturbed(which: usize, at: u64, fault: Fault, incremental: bool) -> Env {
    let env = Env::new("");
    let source = source(&env);
    for number in 0..2 {
        if number == 1 {
            change(&source);
        }
        if number == which {
            let target = Faulty::new(&env, Some((at, fault)));
            let source = Faulty::source(&env, incremental);
            let died = pass_from(&env, &source, &target, &everything()).is_none();
            assert_eq!(died, matches!(fault, Fault::DieBefore | Fault::DieAfter));
            let store = Connection::open(env.path("issue-mirror.db")).unwrap();
            store.execute_batch("UPDATE retry SET next_at = 0").unwrap();
        }
        let target = Faulty::new(&env, None);
        let source = Faulty::source(&env, incremental);
        let report = pass_from(&env, &source, &target, &everything()).unwrap();
        assert_eq!(
            report.outcome,
            Outcome::Success,
            "pass {which}, write {at}, {fault:?}: {report:#?}"
        );
    }
    if fault == Fault::Reject {
        // A label that was refused is made by the next pass that reads everything.
        let report = full_pass(&env, &Faulty::new(&env, None), &everything()).unwrap();
        assert_eq!(report.outcome, Outcome::Success);
    }
    let idle = Faulty::new(&env, None);
    pass(&env, &idle, &everything()).unwrap();
    assert_eq!(
        idle.writes(),
        0,
        "in step after write {at} of pass {which}, {fault:?}"
    );
    env
}

#[test]
fn p1_a_pass_that_dies_at_any_write_leaves_no_duplicate_and_no_gap() {
    let (expected, writes) = undisturbed();
    let mut points = 0;
    for (which, writes) in writes.into_iter().enumerate() {
        for at in 1..=writes {
            for fault in [Fault::DieBefore, Fault::DieAfter] {
                // A source that lists only what changed forgives less.
                let env = disturbed(which, at, fault, true);
                let point = format!("pass {which}, write {at}, {fault:?}");
                same(&shown(&env), &expected, &point);
                points += 1;
            }
        }
    }
    assert!(points >= 60, "only {points} points were tried");
}

#[test]
fn p1_a_lost_answer_is_looked_for_before_anything_is_sent_again() {
    let (expected, writes) = undisturbed();
    for (which, writes) in writes.into_iter().enumerate() {
        for at in 1..=writes {
            for incremental in [false, true] {
                let env = disturbed(which, at, Fault::LoseAnswer, incremental);
                let point = format!("pass {which}, write {at}, answer lost, {incremental}");
                same(&by_title(&shown(&env)), &by_title(&expected), &point);
            }
        }
    }
}

#[test]
fn p2_a_write_that_is_refused_is_tried_again_and_the_others_go_on() {
    let (expected, writes) = undisturbed();
    for (which, writes) in writes.into_iter().enumerate() {
        for at in 1..=writes {
            for fault in [Fault::Refuse, Fault::Reject] {
                let env = disturbed(which, at, fault, true);
                let point = format!("pass {which}, write {at}, {fault:?}");
                let (mut after, mut expected) = (by_title(&shown(&env)), by_title(&expected));
                if fault == Fault::Reject {
                    // Later comments did not wait for one that was refused for good.
                    for texts in after.values_mut().chain(expected.values_mut()) {
                        texts.sort();
                    }
                }
                same(&after, &expected, &point);
            }
        }
    }
}

#[test]
fn p3_without_the_journal_the_markers_tell_what_was_created() {
    let (_, writes) = undisturbed();
    let mut found = 0;
    for at in 1..=writes[0] {
        let env = Env::new("");
        source(&env);
        // One issue after the other, so that the same write is the same every time.
        let alone = |target: Faulty| target.claiming(|c| c.concurrency = 1);
        let target = alone(Faulty::new(&env, Some((at, Fault::DieAfter))));
        pass(&env, &target, &everything());
        let store = Connection::open(env.path("issue-mirror.db")).unwrap();
        store.execute_batch("DELETE FROM intent").unwrap();
        drop(store);
        let report = pass(&env, &alone(Faulty::new(&env, None)), &everything()).unwrap();
        // What the store does not know of is seen from its marker, and not made again.
        found += u64::from(!report.tally.warnings.is_empty());
        for issue in env.target().issues().values() {
            let texts: BTreeSet<&str> = issue.comments.iter().map(Comment::mirrored_text).collect();
            assert_eq!(texts.len(), issue.comments.len(), "write {at}");
        }
        assert_eq!(env.target().numbers(), [1, 2, 3, 4, 5, 6], "write {at}");
    }
    assert_eq!(found, 6, "creates of issues that were found again");
}

#[test]
fn p3_with_the_store_lost_nothing_is_made_a_second_time() {
    let env = Env::new("");
    source(&env);
    env.sync();
    let older = std::fs::read(env.path("issue-mirror.db")).unwrap();
    let target = env.target().bytes();
    std::fs::remove_file(env.path("issue-mirror.db")).unwrap();
    assert_eq!(
        env.run(&["sync"]).shown(),
        "exit 0
--- stdout
demo: 6 issues seen: nothing changed, 6 unchanged.
  requests     8 to the source, 8 to the target, in TIME
  note: nothing was remembered of this pair; 6 mirrored issues were found again on the target. What `map-user` had set is lost with a store.
"
    );
    assert_eq!(env.target().bytes(), target);
    env.sync_idle();
    // A copy that is older than the last issue.
    env.source().issue(7, "title: T7", "x");
    env.sync();
    let target = env.target().bytes();
    std::fs::write(env.path("issue-mirror.db"), &older).unwrap();
    let pair = env.sync();
    let said = pair["warnings"][0].as_str().unwrap();
    assert!(said.contains("knew nothing of"), "{said}");
    assert_eq!(env.target().bytes(), target);
    env.sync_idle();
}

#[test]
fn what_people_do_on_the_target_is_not_taken_for_a_lost_store() {
    let env = Env::new("");
    let source = source(&env);
    env.sync();
    let target = env.target();
    target.issue(20, "title: Theirs", "Own.");
    // A copy of a counterpart, marker and all.
    let copy = target.content("issues/1/issue.md");
    target.write("issues/21/issue.md", &copy);
    source.issue(7, "title: T7", "x");
    assert_eq!(env.sync()["issues"]["created"], 1);
    assert_eq!(target.numbers(), [1, 2, 3, 4, 5, 6, 20, 21, 22]);
}

/// Fails with the first difference alone.
fn same<K: Ord + std::fmt::Debug, V: PartialEq + std::fmt::Debug>(
    left: &BTreeMap<K, V>,
    right: &BTreeMap<K, V>,
    point: &str,
) {
    for key in left.keys().chain(right.keys()) {
        let (left, right) = (left.get(key), right.get(key));
        assert!(
            left == right,
            "{point}, {key:?}:\n{left:#?}\ninstead of\n{right:#?}"
        );
    }
}

/// Issues by title with what is in them, whatever numbers they and their comments have: an issue
/// that had to wait comes after others that did not.
fn by_title(files: &BTreeMap<PathBuf, String>) -> BTreeMap<String, Vec<String>> {
    let mut issues: BTreeMap<PathBuf, (String, Vec<String>)> = BTreeMap::new();
    for (path, text) in files {
        let Ok(inside) = path.strip_prefix("issues") else {
            continue;
        };
        let entry = issues
            .entry(inside.parent().unwrap().to_owned())
            .or_default();
        if path.ends_with("issue.md") {
            let title = text
                .lines()
                .find(|line| line.starts_with("title:"))
                .unwrap();
            title.clone_into(&mut entry.0);
            entry.1.insert(0, text.clone());
        } else {
            entry.1.push(text.clone());
        }
    }
    let count = issues.len();
    // What a text refers to by its number it refers to by its title here.
    let titles: BTreeMap<String, String> = issues
        .iter()
        .map(|(path, (title, _))| {
            let number = path.file_name().unwrap().to_str().unwrap();
            (format!("see #{number} "), format!("see {title} "))
        })
        .collect();
    let digest = Regex::new(r"\.[0-9a-f]{12} lineage").unwrap();
    for text in issues.values_mut().flat_map(|(_, texts)| texts) {
        let named = titles.iter().find(|(named, _)| text.contains(*named));
        if let Some((named, title)) = named {
            *text = digest
                .replace(&text.replace(named, title), " lineage")
                .into_owned();
        }
    }
    let by_title: BTreeMap<String, Vec<String>> = issues.into_values().collect();
    assert_eq!(by_title.len(), count, "a title twice");
    by_title
}

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
    store.execute_batch("UPDATE retry SET next_at = 0").unwrap();
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
    store.execute_batch("UPDATE retry SET next_at = 0").unwrap();
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
    store.execute_batch("UPDATE retry SET next_at = 0").unwrap();
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
    let store = Connection::open(env.path("issue-mirror.db")).unwrap();
    store.execute_batch("UPDATE retry SET next_at = 0").unwrap();
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
fn p9_what_the_target_drops_without_a_word_is_counted_and_not_sent_for_ever() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: T\nweight: 3\nlabels: [bug, ui]", "x");
    let forgetful = || Faulty::new(&env, None).forgetful();
    let report = pass(&env, &forgetful(), &everything()).unwrap();
    let said: Vec<_> = report.tally.not_carried.keys().cloned().collect();
    let expected = [
        ("labels", "the target did not keep bug".to_owned()),
        ("weight", "the target did not keep it".to_owned()),
    ];
    assert_eq!(said, expected);
    let idle = forgetful();
    pass(&env, &idle, &everything()).unwrap();
    assert_eq!(idle.writes(), 0);
    source.edit("issues/1/issue.md", "weight: 3", "weight: 4");
    source.edit("issues/1/issue.md", "[bug, ui]", "[bug, ui, new]");
    let report = pass(&env, &forgetful(), &everything()).unwrap();
    let said: Vec<_> = report.tally.not_carried.keys().cloned().collect();
    assert_eq!(said, expected);
    // With the right role it arrives with the next change.
    source.edit("issues/1/issue.md", "weight: 4", "weight: 5");
    pass(&env, &Faulty::new(&env, None), &everything()).unwrap();
    let issue = env.target().read(1);
    assert_eq!(issue.field("weight"), 5);
    assert_eq!(issue.labels(), ["Mirrored-From::plans", "bug", "new", "ui"]);
}

#[test]
fn p9_a_label_that_was_dropped_is_sent_again_by_a_full_pass_and_is_of_people_once_they_set_it() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: T\nlabels: [bug, ui]", "x");
    source.issue(2, "title: U\nlabels: [ui]", "x");
    let forgetful = || Faulty::new(&env, None).forgetful();
    let told = |report: &PairReport| report.tally.not_carried.len();
    let labels = || env.target().read(1).labels().join(" ");
    assert_eq!(told(&pass(&env, &forgetful(), &everything()).unwrap()), 1);
    // A comment is no reason to send it again, and neither is another issue.
    source.comment(1, 1, "author: a", "c");
    source.edit("issues/2/issue.md", "title: U", "title: V");
    let target = forgetful();
    let report = pass(&env, &target, &everything()).unwrap();
    assert_eq!((told(&report), target.writes()), (0, 2));
    // A full pass tries once more, and tells it once more.
    let target = forgetful();
    let report = full_pass(&env, &target, &everything()).unwrap();
    assert_eq!((told(&report), target.writes()), (1, 1));
    assert_eq!(report.tally.drift, 0);
    let target = Faulty::new(&env, None);
    let report = full_pass(&env, &target, &everything()).unwrap();
    assert_eq!((told(&report), target.writes()), (0, 1));
    assert_eq!(labels(), "Mirrored-From::plans bug ui");
    let target = Faulty::new(&env, None);
    full_pass(&env, &target, &everything()).unwrap();
    assert_eq!(target.writes(), 0);
    // It is ours now, and goes with the source; what people set meanwhile would stay.
    source.edit("issues/1/issue.md", "[bug, ui]", "[ui]");
    pass(&env, &forgetful(), &everything()).unwrap();
    source.edit("issues/1/issue.md", "[ui]", "[bug, ui]");
    pass(&env, &forgetful(), &everything()).unwrap();
    assert_eq!(labels(), "Mirrored-From::plans ui");
    let set = |from: &str, to: &str| env.target().edit("issues/1/issue.md", from, to);
    set("- ui", "- bug\n  - ui");
    let target = Faulty::new(&env, None);
    full_pass(&env, &target, &everything()).unwrap();
    assert_eq!(target.writes(), 0);
    source.edit("issues/1/issue.md", "[bug, ui]", "[ui]");
    pass(&env, &Faulty::new(&env, None), &everything()).unwrap();
    assert_eq!(labels(), "Mirrored-From::plans bug ui");
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
    let store = Connection::open(env.path("issue-mirror.db")).unwrap();
    store.execute_batch("UPDATE retry SET next_at = 0").unwrap();
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

#[test]
fn p1_the_program_killed_again_and_again_mirrors_everything_once() {
    let env = Env::new("sync_closed_issues: true");
    let source = env.source();
    for number in 1..=40 {
        source.issue(number, &format!("title: T{number}"), "x");
        source.comment(number, number, "author: a", "c");
    }
    let issues = || std::fs::read_dir(env.path("target/issues")).map_or(0, Iterator::count);
    let mut kills = 0;
    for goal in (3..40).step_by(4) {
        let mut child = env
            .command(&["sync"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Kill it as soon as it got so far, wherever it then is.
        loop {
            if issues() >= goal {
                child.kill().unwrap();
                kills += 1;
                break;
            }
            if child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::yield_now();
        }
        child.wait().unwrap();
    }
    assert!(kills > 0);
    env.sync();
    let mirrored = env.target().issues();
    assert_eq!(mirrored.len(), 40);
    for (number, issue) in mirrored {
        assert_eq!(issue.field("title"), &format!("T{number}"));
        assert_eq!(issue.comments.len(), 1);
    }
    env.sync_idle();
}

#[test]
fn a_signal_ends_a_pass_after_the_write_in_flight() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let env = Env::new("");
        let source = env.source();
        for number in 1..=400 {
            source.issue(number, &format!("title: T{number}"), "x");
        }
        let child = env
            .command(&["sync", "--output", "json"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        while std::fs::read_dir(env.path("target/issues")).map_or(0, Iterator::count) < 3 {
            std::thread::yield_now();
        }
        let kill = std::process::Command::new("kill")
            .args([format!("-{signal}"), child.id().to_string()])
            .status()
            .unwrap();
        assert!(kill.success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let pair = &document["pairs"][0];
        assert_eq!(document["exit_code"], code);
        assert_eq!(pair["outcome"], "interrupted");
        let created = pair["issues"]["created"].as_u64().unwrap();
        assert_eq!(
            created,
            env.target().numbers().len() as u64,
            "what was written is recorded"
        );
        assert!(created < 400);
        let store = Connection::open(env.path("issue-mirror.db")).unwrap();
        let open: i64 = store
            .query_row("SELECT count(*) FROM intent", [], |row| row.get(0))
            .unwrap();
        assert_eq!(open, 0, "nothing is left open");
        drop(store);
        assert_eq!(env.sync()["issues"]["created"], 400 - created);
    }
}
