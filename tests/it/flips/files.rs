//! The same in trackers of files: the lines that a flip changes there.

mod rows;

use self::rows::{ROWS, Row};
use super::world::{SECRET, shown};
use crate::env::Env;
use issue_mirror::config::pair_keys;
use std::collections::{BTreeMap, BTreeSet};

fn name(row: &Row) -> String {
    format!("{:?} -> {:?}", row.0, row.1)
}

fn env(toggles: &str) -> Env {
    let env = Env::new(toggles);
    let source = env.source();
    source.write("attachments/shot.png", &"x".repeat(1_500_000));
    source.issue(
        1,
        "title: Rich
author: alice
labels: [bug, internal]
milestone: v1
iteration: Sprint
epic: 4
assignees: [alice, bob]
weight: 3
due_date: 2026-12-24
time_estimate: 1h
time_spent: 30m
links: {relates: [2]}",
        "Ask @bob.\n\n![shot](../../attachments/shot.png)",
    );
    source.comment(1, 1, "author: alice", "Comment for @bob.");
    source.comment(1, 2, "author: alice\nreply_to: 1", "Answer.");
    source.comment(1, 3, "author: alice\ninternal: true", "Internal.");
    source.issue(2, "title: Plain\nlabels: [ui]", "Text.");
    source.issue(3, "title: Task\ntype: task", "Text.");
    source.issue(4, "title: Closed\nstate: closed", "Text.");
    source.issue(5, "title: Secret\nconfidential: true", "Text.");
    pass(&env);
    assert!(pass(&env).is_empty());
    env
}

/// A pass; answers the lines that it changed.
fn pass(env: &Env) -> Vec<String> {
    let before = lines(env);
    let run = env.run_with(&["sync"], &[SECRET]);
    assert_eq!(run.code, 0, "{}", run.shown());
    difference(&before, &lines(env))
}

/// Every line of every file that people read, by the file, with how often it is there.
fn lines(env: &Env) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    if !env.path("target").exists() {
        return lines;
    }
    for (path, bytes) in env.target().bytes() {
        let path = path
            .to_string_lossy()
            .replace("issues/", "")
            .replace(".md", "");
        let file = path.rsplit("target/").next().unwrap().replace("/issue", "");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if file.starts_with("attachments/") {
            lines.insert("an attachment".to_owned(), 1);
            continue;
        }
        for line in text.lines() {
            // What says which counterpart it is differs from run to run.
            let is_shown = !line.starts_with("[issue-mirror]") && !line.contains("attachments/");
            if line.starts_with("links: ") {
                // It stands in whichever of the two was carried later.
                lines.insert("linked".to_owned(), 1);
            } else if is_shown && file != "counters.yaml" {
                *lines.entry(format!("{file}: {line}")).or_default() += 1;
            }
        }
    }
    lines
}

fn difference(before: &BTreeMap<String, usize>, after: &BTreeMap<String, usize>) -> Vec<String> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut changed = Vec::new();
    let file = |line: &str| line.split(": ").next().unwrap().to_owned();
    let files: BTreeSet<String> = before.keys().map(|line| file(line)).collect();
    for name in names {
        // A file that is new stands for its lines.
        if !files.contains(&file(name)) && name.contains(": ") {
            let new = format!("+ {}", file(name));
            if !changed.contains(&new) {
                changed.push(new);
            }
            continue;
        }
        let (old, new) = (before.get(name).copied(), after.get(name).copied());
        match old.unwrap_or(0).cmp(&new.unwrap_or(0)) {
            std::cmp::Ordering::Less => changed.push(format!("+ {name}")),
            std::cmp::Ordering::Equal => {}
            std::cmp::Ordering::Greater => changed.push(format!("- {name}")),
        }
    }
    changed
}

#[test]
fn p10_every_setting_is_flipped_in_trackers_of_files() {
    let keys: BTreeSet<&str> = pair_keys().into_iter().collect();
    let key = |row: &Row| row.1.split(':').next().unwrap();
    let flipped: BTreeSet<&str> = ROWS.iter().map(key).collect();
    assert_eq!(flipped, keys);
}

#[test]
fn p10_each_setting_flipped_alone_changes_exactly_these_lines() {
    let mut wrong = String::new();
    for row in ROWS {
        let (before, after, told, stays) = *row;
        let env = env(before);
        let first = lines(&env);
        env.configure(after);
        let (forth, again) = (pass(&env), pass(&env));
        env.configure(before);
        let (_, back_again) = (pass(&env), pass(&env));
        let last = difference(&first, &lines(&env));
        for (what, seen, told) in [
            ("forth", &forth, told),
            ("again", &again, &[]),
            ("back again", &back_again, &[]),
            ("stays", &last, stays),
        ] {
            if shown(seen) != shown(told) {
                wrong += &format!("{}\n  {what}: {}", name(row), shown(seen));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn p6_with_update_existing_off_no_line_of_what_exists_changes() {
    for (before, after, told, _) in ROWS {
        if told.is_empty() || after.starts_with("update_existing") {
            continue;
        }
        let with = |toggles: &str| format!("{toggles}\nupdate_existing: false");
        let env = env(&with(before));
        env.configure(&with(after));
        let changed = pass(&env);
        // What is new comes, and one that may not be seen any more is hidden.
        let allowed = |line: &&String| {
            let is_issue = line[2..].parse::<u64>().is_ok();
            let labels = line.ends_with(" labels.yaml");
            is_issue || labels || line.ends_with(": confidential: true")
        };
        let touched: Vec<&String> = changed.iter().filter(|line| !allowed(line)).collect();
        assert!(touched.is_empty(), "{after}: {touched:#?}");
    }
}
