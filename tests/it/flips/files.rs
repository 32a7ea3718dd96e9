//! The same in trackers of files: the lines that a flip changes there.

use super::world::{SECRET, shown};
use crate::env::Env;
use issue_mirror::config::pair_keys;
use std::collections::{BTreeMap, BTreeSet};

/// What is flipped, from what, to what; the lines that change; the lines that are other than at first
/// when it was set back.
type Row = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const ROWS: &[Row] = &[
    ("sync_comments: true", "sync_comments: false", &[], &[]),
    (
        "sync_comments: false",
        "sync_comments: true",
        &["+ 1/comment-0001", "+ 1/comment-0002"],
        &["+ 1/comment-0001", "+ 1/comment-0002"],
    ),
    ("sync_labels: true", "sync_labels: false", &[], &[]),
    (
        "sync_labels: false",
        "sync_labels: true",
        &[
            "+ 1:   - bug",
            "+ 1:   - internal",
            "+ 2:   - ui",
            "+ labels.yaml: bug: {}",
            "+ labels.yaml: internal: {}",
            "+ labels.yaml: ui: {}",
        ],
        &[
            "+ 1:   - bug",
            "+ 1:   - internal",
            "+ 2:   - ui",
            "+ labels.yaml: bug: {}",
            "+ labels.yaml: internal: {}",
            "+ labels.yaml: ui: {}",
        ],
    ),
    (
        "label_strategy: exact",
        "label_strategy: affix\nlabel_prefix: up/",
        &[
            "+ 1:   - up/bug",
            "+ 1:   - up/internal",
            "+ 2:   - up/ui",
            "+ labels.yaml: up/bug: {}",
            "+ labels.yaml: up/internal: {}",
            "+ labels.yaml: up/ui: {}",
            "- 1:   - bug",
            "- 1:   - internal",
            "- 2:   - ui",
        ],
        &[
            "+ labels.yaml: up/bug: {}",
            "+ labels.yaml: up/internal: {}",
            "+ labels.yaml: up/ui: {}",
        ],
    ),
    (
        "label_strategy: affix\nlabel_prefix: up/",
        "label_prefix: src/\nlabel_strategy: affix",
        &[
            "+ 1:   - src/bug",
            "+ 1:   - src/internal",
            "+ 2:   - src/ui",
            "+ labels.yaml: src/bug: {}",
            "+ labels.yaml: src/internal: {}",
            "+ labels.yaml: src/ui: {}",
            "- 1:   - up/bug",
            "- 1:   - up/internal",
            "- 2:   - up/ui",
        ],
        &[
            "+ labels.yaml: src/bug: {}",
            "+ labels.yaml: src/internal: {}",
            "+ labels.yaml: src/ui: {}",
        ],
    ),
    (
        "label_strategy: affix",
        "label_suffix: '*'\nlabel_strategy: affix",
        &[
            "+ 1:   - bug*",
            "+ 1:   - internal*",
            "+ 2:   - ui*",
            "+ labels.yaml: bug*: {}",
            "+ labels.yaml: internal*: {}",
            "+ labels.yaml: ui*: {}",
            "- 1:   - bug",
            "- 1:   - internal",
            "- 2:   - ui",
        ],
        &[
            "+ labels.yaml: bug*: {}",
            "+ labels.yaml: internal*: {}",
            "+ labels.yaml: ui*: {}",
        ],
    ),
    (
        "label_auto_create: true",
        "label_auto_create: false",
        &[],
        &[],
    ),
    (
        "label_auto_create: false",
        "label_auto_create: true",
        &[
            "+ 1:   - bug",
            "+ 1:   - internal",
            "+ 2:   - ui",
            "+ labels.yaml: bug: {}",
            "+ labels.yaml: internal: {}",
            "+ labels.yaml: ui: {}",
        ],
        &[
            "+ 1:   - bug",
            "+ 1:   - internal",
            "+ 2:   - ui",
            "+ labels.yaml: bug: {}",
            "+ labels.yaml: internal: {}",
            "+ labels.yaml: ui: {}",
        ],
    ),
    (
        "sync_attachments: true",
        "sync_attachments: false",
        &[],
        &[],
    ),
    (
        "sync_attachments: false",
        "sync_attachments: true",
        &["+ an attachment"],
        &["+ an attachment"],
    ),
    (
        "attachment_max_mb: 1",
        "attachment_max_mb: 2",
        &["+ an attachment"],
        &["+ an attachment"],
    ),
    ("attachment_max_mb: 2", "attachment_max_mb: 1", &[], &[]),
    ("sync_weight: true", "sync_weight: false", &[], &[]),
    (
        "sync_weight: false",
        "sync_weight: true",
        &["+ 1: weight: 3"],
        &["+ 1: weight: 3"],
    ),
    ("sync_due_date: true", "sync_due_date: false", &[], &[]),
    (
        "sync_due_date: false",
        "sync_due_date: true",
        &["+ 1: due_date: 2026-12-24"],
        &["+ 1: due_date: 2026-12-24"],
    ),
    (
        "sync_time_estimate: true",
        "sync_time_estimate: false",
        &[],
        &[],
    ),
    (
        "sync_time_estimate: false",
        "sync_time_estimate: true",
        &["+ 1: time_estimate: 1h"],
        &["+ 1: time_estimate: 1h"],
    ),
    ("sync_time_spent: true", "sync_time_spent: false", &[], &[]),
    (
        "sync_time_spent: false",
        "sync_time_spent: true",
        &["+ 1: time_spent: 30m"],
        &["+ 1: time_spent: 30m"],
    ),
    (
        "sync_milestones: true",
        "sync_milestones: false",
        &["- 1: - **Milestone:** v1"],
        &[],
    ),
    (
        "sync_milestones: false",
        "sync_milestones: true",
        &[
            "+ 1:   - Milestone::v1",
            "+ 1: - **Milestone:** v1",
            "+ labels.yaml: Milestone::v1: {}",
        ],
        &["+ 1:   - Milestone::v1", "+ labels.yaml: Milestone::v1: {}"],
    ),
    (
        "milestone_strategy: as_label",
        "milestone_strategy: by_title",
        &[
            "+ 1: milestone: v1",
            "- 1:   - Milestone::v1",
            "- 1: - **Milestone:** v1",
        ],
        &[],
    ),
    (
        "milestone_strategy: by_title",
        "milestone_strategy: as_label",
        &[
            "+ 1:   - Milestone::v1",
            "+ 1: - **Milestone:** v1",
            "+ labels.yaml: Milestone::v1: {}",
            "- 1: milestone: v1",
        ],
        &["+ labels.yaml: Milestone::v1: {}"],
    ),
    (
        "milestone_strategy: by_title",
        "milestone_auto_create: true\nmilestone_strategy: by_title",
        &[],
        &[],
    ),
    (
        "milestone_strategy: by_title",
        "sync_milestones: false\nmilestone_strategy: by_title",
        &[],
        &[],
    ),
    (
        "sync_assignees: true",
        "sync_assignees: false",
        &["- 1: - **Assignees:** `alice`, `bob`"],
        &[],
    ),
    (
        "sync_assignees: false",
        "sync_assignees: true",
        &[
            "+ 1:   - Assignee::@alice",
            "+ 1:   - Assignee::@bob",
            "+ 1: - **Assignees:** `alice`, `bob`",
            "+ labels.yaml: Assignee::@alice: {}",
            "+ labels.yaml: Assignee::@bob: {}",
        ],
        &[
            "+ 1:   - Assignee::@alice",
            "+ 1:   - Assignee::@bob",
            "+ labels.yaml: Assignee::@alice: {}",
            "+ labels.yaml: Assignee::@bob: {}",
        ],
    ),
    (
        "assignee_strategy: as_label",
        "assignee_strategy: by_username",
        &[
            "+ 1:   - alice",
            "+ 1:   - bob",
            "+ 1: assignees:",
            "- 1:   - Assignee::@alice",
            "- 1:   - Assignee::@bob",
            "- 1: - **Assignees:** `alice`, `bob`",
        ],
        &[],
    ),
    (
        "assignee_strategy: by_username",
        "assignee_strategy: as_label",
        &[
            "+ 1:   - Assignee::@alice",
            "+ 1:   - Assignee::@bob",
            "+ 1: - **Assignees:** `alice`, `bob`",
            "+ labels.yaml: Assignee::@alice: {}",
            "+ labels.yaml: Assignee::@bob: {}",
            "- 1:   - alice",
            "- 1:   - bob",
            "- 1: assignees:",
        ],
        &[
            "+ labels.yaml: Assignee::@alice: {}",
            "+ labels.yaml: Assignee::@bob: {}",
        ],
    ),
    (
        "assignee_strategy: by_username",
        "sync_assignees: false\nassignee_strategy: by_username",
        &[],
        &[],
    ),
    (
        "assignee_strategy: by_email",
        "assignee_fallback: robert\nassignee_strategy: by_email",
        &[
            "+ 1:   - robert",
            "+ 1: assignees:",
            "- 1:   - Assignee::@alice",
            "- 1:   - Assignee::@bob",
            "- 1: - **Assignees:** `alice`, `bob`",
        ],
        &[],
    ),
    ("sync_iterations: true", "sync_iterations: false", &[], &[]),
    (
        "sync_iterations: false",
        "sync_iterations: true",
        &["+ 1: iteration: Sprint"],
        &["+ 1: iteration: Sprint"],
    ),
    ("sync_epics: true", "sync_epics: false", &[], &[]),
    (
        "sync_epics: false",
        "sync_epics: true",
        &["+ 1: epic: 4"],
        &["+ 1: epic: 4"],
    ),
    (
        "sync_issue_links: true",
        "sync_issue_links: false",
        &[],
        &[],
    ),
    (
        "sync_issue_links: false",
        "sync_issue_links: true",
        &["+ linked"],
        &["+ linked"],
    ),
    (
        "sync_closed_issues: false",
        "sync_closed_issues: true",
        &["+ 4"],
        &["+ 4"],
    ),
    (
        "sync_confidential: false",
        "sync_confidential: true",
        &["+ 4"],
        &["+ 4"],
    ),
    (
        "sync_confidential: true",
        "sync_confidential: false",
        &[],
        &[],
    ),
    (
        "sync_internal_notes: false",
        "sync_internal_notes: true",
        &["+ 1/comment-0003"],
        &["+ 1/comment-0003"],
    ),
    (
        "sync_internal_notes: true",
        "sync_internal_notes: false",
        &[],
        &[],
    ),
    ("accept_low_role: false", "accept_low_role: true", &[], &[]),
    (
        "sync_existing_issues: true",
        "sync_existing_issues: false",
        &[],
        &[],
    ),
    (
        "sync_existing_issues: false",
        "mirror_since: 3\nsync_existing_issues: false",
        &["+ 1", "+ labels.yaml"],
        &["+ 1", "+ labels.yaml"],
    ),
    (
        "notice: false",
        "labels: { bug: defect, internal: null }",
        &[
            "+ 1:   - defect",
            "+ labels.yaml: defect: {}",
            "- 1:   - bug",
            "- 1:   - internal",
        ],
        &["+ labels.yaml: defect: {}"],
    ),
    (
        "notice: false",
        "users: { alice: alice.a, bob: robert }",
        &[
            "+ 1/comment-0001: `alice.a` · `plans#1`",
            "+ 1/comment-0002: `alice.a` · `plans#1`",
            "+ 1:   - Assignee::@alice.a",
            "+ 1:   - Assignee::@robert",
            "+ 1: - **Assignees:** `alice.a`, `robert`",
            "+ 1: - **Author:** `alice.a`",
            "+ labels.yaml: Assignee::@alice.a: {}",
            "+ labels.yaml: Assignee::@robert: {}",
            "- 1/comment-0001: `alice` · `plans#1`",
            "- 1/comment-0002: `alice` · `plans#1`",
            "- 1:   - Assignee::@alice",
            "- 1:   - Assignee::@bob",
            "- 1: - **Assignees:** `alice`, `bob`",
            "- 1: - **Author:** `alice`",
        ],
        &[
            "+ labels.yaml: Assignee::@alice.a: {}",
            "+ labels.yaml: Assignee::@robert: {}",
        ],
    ),
    (
        "assignee_strategy: by_username",
        "users: { bob: robert }\nassignee_strategy: by_username",
        &["+ 1:   - robert", "- 1:   - bob"],
        &[],
    ),
    (
        "notice: false",
        "milestones: { v1: one }",
        &[
            "+ 1:   - Milestone::one",
            "+ 1: - **Milestone:** one",
            "+ labels.yaml: Milestone::one: {}",
            "- 1:   - Milestone::v1",
            "- 1: - **Milestone:** v1",
        ],
        &["+ labels.yaml: Milestone::one: {}"],
    ),
    (
        "notice: false",
        "milestones: { v1: null }",
        &["- 1:   - Milestone::v1", "- 1: - **Milestone:** v1"],
        &[],
    ),
    (
        "milestone_strategy: by_title",
        "milestones: { v1: one }\nmilestone_strategy: by_title",
        &["+ 1: milestone: one", "- 1: milestone: v1"],
        &[],
    ),
    (
        "users: { bob: robert }",
        "mentions: notify\nusers: { bob: robert }",
        &[
            "+ 1/comment-0001: Comment for @robert.",
            "+ 1: Ask @robert.",
            "- 1/comment-0001: Comment for @bob.",
            "- 1: Ask @bob.",
        ],
        &[],
    ),
    (
        "notice: false",
        "notice: true",
        &[
            "+ 1: - **Note:** this is a mirror; changes made here may be overwritten.",
            "+ 2: - **Note:** this is a mirror; changes made here may be overwritten.",
            "+ 3: - **Note:** this is a mirror; changes made here may be overwritten.",
        ],
        &[],
    ),
    ("notice: false", "only: { labels: [ui] }", &[], &[]),
    (
        "notice: false",
        "only: { exclude_labels: [ui] }",
        &["+ 2: confidential: true"],
        &[],
    ),
    ("notice: false", "only: { types: [issue] }", &[], &[]),
    (
        "only: { issues: [1] }",
        "only: { issues: [1, 3] }",
        &["+ 2"],
        &["+ 2"],
    ),
    ("update_existing: true", "update_existing: false", &[], &[]),
    (
        "preserve_numbers: false",
        "preserve_numbers: true",
        &[],
        &[],
    ),
    ("link_existing: never", "link_existing: by_title", &[], &[]),
    ("sync_deletions: ignore", "sync_deletions: close", &[], &[]),
    ("sync_deletions: ignore", "sync_deletions: delete", &[], &[]),
    (
        "conflict_resolution: source",
        "conflict_resolution: source",
        &[],
        &[],
    ),
    (
        "provenance: full",
        "provenance: opaque\nprovenance_key_env: SECRET",
        &[
            "+ 1/comment-0001: Comment",
            "+ 1/comment-0001: author: unknown",
            "+ 1/comment-0002: Comment",
            "+ 1/comment-0002: author: unknown",
            "+ 1:   - Mirrored-From::opaque",
            "+ 1: author: unknown",
            "+ 2:   - Mirrored-From::opaque",
            "+ 3:   - Mirrored-From::opaque",
            "+ labels.yaml: Mirrored-From::opaque: {color: \"#0052CC\", description: Mirrored issue}",
            "- 1/comment-0001: `alice` · `plans#1`",
            "- 1/comment-0001: author: alice",
            "- 1/comment-0002: `alice` · `plans#1`",
            "- 1/comment-0002: author: alice",
            "- 1:   - Assignee::@alice",
            "- 1:   - Assignee::@bob",
            "- 1:   - Mirrored-From::plans",
            "- 1: - **Assignees:** `alice`, `bob`",
            "- 1: - **Author:** `alice`",
            "- 1: - **Source:** `plans#1`",
            "- 1: author: alice",
            "- 1: epic: 4",
            "- 2: ",
            "- 2:   - Mirrored-From::plans",
            "- 2: - **Author:** `unknown`",
            "- 2: - **Source:** `plans#2`",
            "- 3: ",
            "- 3:   - Mirrored-From::plans",
            "- 3: - **Author:** `unknown`",
            "- 3: - **Source:** `plans#3`",
        ],
        &[
            "+ labels.yaml: Mirrored-From::opaque: {color: \"#0052CC\", description: Mirrored issue}",
        ],
    ),
    (
        "provenance: full",
        "provenance_key_env: SECRET\nprovenance: opaque",
        &[
            "+ 1/comment-0001: Comment",
            "+ 1/comment-0001: author: unknown",
            "+ 1/comment-0002: Comment",
            "+ 1/comment-0002: author: unknown",
            "+ 1:   - Mirrored-From::opaque",
            "+ 1: author: unknown",
            "+ 2:   - Mirrored-From::opaque",
            "+ 3:   - Mirrored-From::opaque",
            "+ labels.yaml: Mirrored-From::opaque: {color: \"#0052CC\", description: Mirrored issue}",
            "- 1/comment-0001: `alice` · `plans#1`",
            "- 1/comment-0001: author: alice",
            "- 1/comment-0002: `alice` · `plans#1`",
            "- 1/comment-0002: author: alice",
            "- 1:   - Assignee::@alice",
            "- 1:   - Assignee::@bob",
            "- 1:   - Mirrored-From::plans",
            "- 1: - **Assignees:** `alice`, `bob`",
            "- 1: - **Author:** `alice`",
            "- 1: - **Source:** `plans#1`",
            "- 1: author: alice",
            "- 1: epic: 4",
            "- 2: ",
            "- 2:   - Mirrored-From::plans",
            "- 2: - **Author:** `unknown`",
            "- 2: - **Source:** `plans#2`",
            "- 3: ",
            "- 3:   - Mirrored-From::plans",
            "- 3: - **Author:** `unknown`",
            "- 3: - **Source:** `plans#3`",
        ],
        &[
            "+ labels.yaml: Mirrored-From::opaque: {color: \"#0052CC\", description: Mirrored issue}",
        ],
    ),
    ("bulk_import: never", "bulk_import: never", &[], &[]),
    ("enabled: true", "enabled: false", &[], &[]),
    (
        "direction: source_to_target",
        "direction: target_to_source",
        &[],
        &[],
    ),
    ("notice: false", "sync_interval_minutes: 1", &[], &[]),
    ("full_every: 7d", "full_every: 1d", &[], &[]),
    ("max_creates: 1000", "max_creates: 5", &[], &[]),
];

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
