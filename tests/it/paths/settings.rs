//! What a case draws from, and the configurations that it draws.

use std::collections::BTreeSet;
use std::fmt::Write;

/// What a case draws from.
#[derive(Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..10 {
            chance.below(2);
        }
        chance
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    pub(super) fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// Each line stands for one choice; the first is the default.
const CHOICES: &[&[&str]] = &[
    &[
        "",
        "label_strategy: affix\nlabel_prefix: 'p-'",
        "label_strategy: affix\nlabel_suffix: '-s'",
    ],
    &[
        "",
        "labels: { bug: defect, wish: null }",
        "labels: { bug: desire }",
        "labels: { 'a::one': other }",
    ],
    &[
        "",
        "users: { alice: carol }",
        "users: { alice: bob, bob: alice }",
    ],
    &[
        "",
        "milestones: { 'v1': 'one' }",
        "milestones: { 'v1': null }",
        "milestones: { 'v2': 'v1' }",
    ],
    &[
        "",
        "milestone_strategy: by_title\nmilestone_auto_create: true",
    ],
    &[
        "",
        "assignee_strategy: by_username",
        "assignee_strategy: by_username\nassignee_fallback: bot",
        "assignee_strategy: by_username\nassignee_fallback: carol",
    ],
    &["", "notice: true"],
    &["", "provenance: opaque\nprovenance_key_env: SEAL"],
    &["", "mentions: notify"],
    &["", "sync_deletions: close"],
];

/// What may be set on the way, and not at the end.
const MEANWHILE: &[&str] = &[
    // What was made meanwhile is there.
    "label_auto_create: false",
    "sync_comments: false",
    "sync_labels: false",
    "sync_attachments: false",
    "sync_weight: false",
    "sync_due_date: false",
    "sync_time_estimate: false",
    "sync_time_spent: false",
    "sync_milestones: false",
    "sync_assignees: false",
    "sync_iterations: false",
    "sync_epics: false",
    "sync_issue_links: false",
    "update_existing: false",
    "only: { labels: [bug] }",
    "only: { author: alice }",
    "only: { exclude_labels: [secret] }",
    "only: { milestone: v1 }",
    "only: { issues: [1, 3] }",
    "only: { types: [incident] }",
];

/// One at random; the last one carries everything.
pub(super) fn configuration(chance: &mut Chance, last: bool) -> String {
    let mut text = "sync_closed_issues: true\n".to_owned();
    for line in ["sync_confidential: true", "sync_internal_notes: true"] {
        if last || !chance.once_in(4) {
            writeln!(text, "{line}").unwrap();
        }
    }
    for choices in CHOICES {
        let choice = if chance.once_in(3) {
            chance.of(choices)
        } else {
            choices[0]
        };
        if !choice.is_empty() {
            writeln!(text, "{choice}").unwrap();
        }
    }
    if !last {
        let mut drawn = BTreeSet::new();
        for _ in 0..chance.below(4) {
            drawn.insert(chance.of(MEANWHILE));
        }
        let mut only = false;
        for line in drawn {
            if line.starts_with("only") && std::mem::replace(&mut only, true) {
                continue;
            }
            writeln!(text, "{line}").unwrap();
        }
    }
    text
}
