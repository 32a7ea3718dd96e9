//! P1 and P2: nothing twice and nothing lost, whatever dies when; at every write of two passes.

mod dropped;
mod killed;
mod store;
mod unsure;

use crate::env::Env;
use crate::faulty::{Fault, Faulty, everything, full_pass, pass, pass_from};
use crate::tracker::Tracker;
use issue_mirror::model::Outcome;
use regex::Regex;
use std::collections::BTreeMap;
use std::path::PathBuf;

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
            env.retry_now();
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
