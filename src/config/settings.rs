//! The keys that `defaults` and every pair may have.

use super::inert_keys::inert_keys;
use super::problem::Problems;
use super::section::{Section, Words, text, wrong};
use crate::model::{IssueNumber, IssueType, Timestamp, is_account};
use crate::plan::policy::{
    AssigneeFallback, AssigneeStrategy, Deletions, Policy, Selection, Since,
};
use crate::text::yaml::Value;
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// What a pair is set to.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) enabled: bool,
    /// The target is mirrored to the source.
    pub(super) reversed: bool,
    pub(super) policy: Policy,
    pub(super) provenance_key_env: Option<String>,
    pub(super) interval: Option<SignedDuration>,
    pub(super) full_every: SignedDuration,
    pub(super) max_creates: u64,
}

impl Settings {
    /// Reads a pair that has its defaults already, or the defaults alone.
    pub(super) fn read(section: &mut Section, problems: &mut Problems) -> Self {
        let enabled = section.bool("enabled", problems).unwrap_or(true);
        let reversed = section
            .word(
                "direction",
                &[
                    ("source_to_target", Some(false)),
                    ("target_to_source", Some(true)),
                    ("bidirectional", None),
                ],
                problems,
            )
            .unwrap_or(false);
        let policy = policy(section, problems);
        let minutes = section.number("sync_interval_minutes", 1..=10080, problems);
        let settings = Self {
            enabled,
            reversed,
            policy,
            provenance_key_env: section.text("provenance_key_env", problems),
            interval: minutes
                .and_then(|minutes| i64::try_from(minutes).ok())
                .map(SignedDuration::from_mins),
            full_every: section
                .duration("full_every", problems)
                .unwrap_or(SignedDuration::from_hours(7 * 24)),
            max_creates: section
                .number("max_creates", 1..=1_000_000_000, problems)
                .unwrap_or(1000),
        };
        later_versions(section, problems);
        settings
    }
}

fn policy(section: &mut Section, problems: &mut Problems) -> Policy {
    let standard = Policy::default();
    let affix = label_affix(section, problems);
    let mut toggle = |name, default| section.bool(name, problems).unwrap_or(default);
    let mut policy = Policy {
        comments: toggle("sync_comments", standard.comments),
        labels: toggle("sync_labels", standard.labels),
        label_auto_create: toggle("label_auto_create", standard.label_auto_create),
        attachments: toggle("sync_attachments", standard.attachments),
        weight: toggle("sync_weight", standard.weight),
        due_date: toggle("sync_due_date", standard.due_date),
        time_estimate: toggle("sync_time_estimate", standard.time_estimate),
        time_spent: toggle("sync_time_spent", standard.time_spent),
        milestones: toggle("sync_milestones", standard.milestones),
        milestone_auto_create: toggle("milestone_auto_create", standard.milestone_auto_create),
        assignees: toggle("sync_assignees", standard.assignees),
        iterations: toggle("sync_iterations", standard.iterations),
        epics: toggle("sync_epics", standard.epics),
        issue_links: toggle("sync_issue_links", standard.issue_links),
        closed_issues: toggle("sync_closed_issues", standard.closed_issues),
        confidential: toggle("sync_confidential", standard.confidential),
        internal_notes: toggle("sync_internal_notes", standard.internal_notes),
        accept_low_role: toggle("accept_low_role", standard.accept_low_role),
        existing_issues: toggle("sync_existing_issues", standard.existing_issues),
        update_existing: toggle("update_existing", standard.update_existing),
        preserve_numbers: toggle("preserve_numbers", standard.preserve_numbers),
        notice: toggle("notice", standard.notice),
        label_affix: affix,
        ..standard
    };
    if let Some(megabytes) = section.number("attachment_max_mb", 1..=1_000_000, problems) {
        policy.attachment_max_bytes = megabytes * 1024 * 1024;
    }
    policy.notify_mentions = section
        .word(
            "mentions",
            &[("text", Some(false)), ("notify", Some(true))],
            problems,
        )
        .unwrap_or(false);
    policy.inert_keys = inert_keys(section, problems);
    policy.milestone_by_title = section
        .word(
            "milestone_strategy",
            &[("as_label", Some(false)), ("by_title", Some(true))],
            problems,
        )
        .unwrap_or(false);
    policy.assignee_strategy = section
        .word(
            "assignee_strategy",
            &[
                ("as_label", Some(AssigneeStrategy::AsLabel)),
                ("by_username", Some(AssigneeStrategy::ByUsername)),
                ("by_email", Some(AssigneeStrategy::ByEmail)),
            ],
            problems,
        )
        .unwrap_or(policy.assignee_strategy);
    if let Some(node) = section.take("assignee_fallback") {
        let place = node.place.clone();
        let name = text("assignee_fallback", node, problems).unwrap_or_else(|| "unassign".into());
        match name.trim_start_matches('@') {
            "unassign" => policy.assignee_fallback = AssigneeFallback::Unassign,
            "bot" => policy.assignee_fallback = AssigneeFallback::Bot,
            name if is_account(name) => {
                policy.assignee_fallback = AssigneeFallback::Account(name.to_owned());
            }
            name => problems.add(
                place,
                format!("`assignee_fallback` cannot be `{name}`"),
                "expected `unassign`, `bot` or the name of one account of the target",
            ),
        }
    }
    policy.deletions = section
        .word(
            "sync_deletions",
            &[
                ("ignore", Some(Deletions::Ignore)),
                ("close", Some(Deletions::Close)),
                ("delete", Some(Deletions::Delete)),
            ],
            problems,
        )
        .unwrap_or_default();
    policy.opaque = section
        .word(
            "provenance",
            &[("full", Some(false)), ("opaque", Some(true))],
            problems,
        )
        .unwrap_or(false);
    policy.link_by_title = section
        .word(
            "link_existing",
            &[("never", Some(false)), ("by_title", Some(true))],
            problems,
        )
        .unwrap_or(false);
    policy.mirror_since = mirror_since(section, policy.existing_issues, problems);
    policy.label_map = nullable(section, "labels", problems);
    policy.milestone_map = nullable(section, "milestones", problems);
    policy.users = users(section, problems);
    policy.only = only(section, problems);
    policy
}

fn label_affix(section: &mut Section, problems: &mut Problems) -> (String, String) {
    let affix = section
        .word(
            "label_strategy",
            &[("exact", Some(false)), ("affix", Some(true))],
            problems,
        )
        .unwrap_or(false);
    let mut part = |name| {
        let node = section.take(name)?;
        let place = node.place.clone();
        let part = text(name, node, problems)?;
        if !affix {
            problems.add(
                place,
                format!("`{name}` has no effect with `label_strategy: exact`"),
                "add `label_strategy: affix`",
            );
        }
        Some(part)
    };
    (
        part("label_prefix").unwrap_or_default(),
        part("label_suffix").unwrap_or_default(),
    )
}

fn mirror_since(section: &mut Section, existing: bool, problems: &mut Problems) -> Option<Since> {
    const NAME: &str = "mirror_since";
    let node = section.take(NAME)?;
    let since = match &node.value {
        Value::Int(number) if *number > 0 => u64::try_from(*number)
            .ok()
            .map(|number| Since::Number(IssueNumber(number))),
        Value::Text(text) => text.parse().ok().map(Since::Date),
        _ => None,
    };
    if existing {
        problems.add(
            node.place.clone(),
            "`mirror_since` says less than `sync_existing_issues: true`",
            "remove one of the two",
        );
    }
    if since.is_none() {
        let help = "expected the number of an issue or a day such as `2026-01-31`";
        wrong(NAME, node.place, &node.value, help, problems);
    }
    since
}

/// A mapping in which `null` means "not carried".
fn nullable(
    section: &mut Section,
    name: &'static str,
    problems: &mut Problems,
) -> BTreeMap<String, Option<String>> {
    section
        .mapping(name, problems)
        .unwrap_or_default()
        .into_iter()
        .map(|(from, (to, _))| (from, to))
        .collect()
}

fn users(section: &mut Section, problems: &mut Problems) -> BTreeMap<String, String> {
    let mut users = BTreeMap::new();
    for (from, (to, place)) in section.mapping("users", problems).unwrap_or_default() {
        let from = from.trim_start_matches('@');
        let to = to.as_deref().map(|to| to.trim_start_matches('@'));
        // The case of a name does not count.
        let key = from.to_ascii_lowercase();
        match to {
            Some(_) if users.contains_key(&key) => problems.add(
                place,
                format!("`users` maps `{from}` twice"),
                "the case of its letters does not count; keep one of them",
            ),
            Some(to) if is_account(to) => {
                users.insert(key, to.to_owned());
            }
            Some(to) => problems.add(
                place,
                format!("`users` maps `{from}` to `{to}`, which is no account"),
                "expected the name of one account: letters, digits, `_`, `.` and `-`; groups and `all` are none",
            ),
            None => problems.add(
                place,
                format!("`users` maps `{from}` to nothing"),
                "leave out who has no account on the target",
            ),
        }
    }
    users
}

fn only(section: &mut Section, problems: &mut Problems) -> Selection {
    let Some(mut only) = section
        .take("only")
        .and_then(|node| Section::of(node, "`only`", problems))
    else {
        return Selection::default();
    };
    let selection = Selection {
        labels: only.texts("labels", problems).unwrap_or_default(),
        exclude_labels: only.texts("exclude_labels", problems).unwrap_or_default(),
        milestone: only.text("milestone", problems),
        author: only
            .text("author", problems)
            .map(|author| author.trim_start_matches('@').to_owned()),
        types: types(&mut only, problems),
        created_after: created_after(&mut only, problems),
        issues: numbers(&mut only, problems),
    };
    only.finish(problems);
    selection
}

fn types(only: &mut Section, problems: &mut Problems) -> Vec<IssueType> {
    let mut types = Vec::new();
    for node in only.list("types", problems).unwrap_or_default() {
        let found = match &node.value {
            Value::Text(text) => IssueType::from_word(text),
            _ => None,
        };
        match found {
            Some(found) => types.push(found),
            None => wrong(
                "types",
                node.place,
                &node.value,
                "expected `issue`, `incident`, `task` or `test_case`",
                problems,
            ),
        }
    }
    types
}

fn created_after(only: &mut Section, problems: &mut Problems) -> Option<Timestamp> {
    const NAME: &str = "created_after";
    let node = only.take(NAME)?;
    let moment = match &node.value {
        Value::Text(text) => text.parse::<Timestamp>().ok().or_else(|| {
            let day: Date = text.parse().ok()?;
            Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
        }),
        _ => None,
    };
    if moment.is_none() {
        let help = "expected a day such as `2026-01-31` or a time such as `2026-01-31T09:30:00Z`";
        wrong(NAME, node.place, &node.value, help, problems);
    }
    moment
}

fn numbers(only: &mut Section, problems: &mut Problems) -> Vec<IssueNumber> {
    let mut numbers = Vec::new();
    for node in only.list("issues", problems).unwrap_or_default() {
        match node.value {
            Value::Int(number) if number > 0 => {
                numbers.extend(u64::try_from(number).ok().map(IssueNumber));
            }
            other => wrong(
                "issues",
                node.place,
                &other,
                "expected numbers of issues such as `[1, 5, 9]`",
                problems,
            ),
        }
    }
    numbers
}

/// What the file may say one day. A value that means "as this version does it" is accepted.
fn later_versions(section: &mut Section, problems: &mut Problems) {
    let words: [(&'static str, Words<()>); 2] = [
        ("bulk_import", &[("never", Some(())), ("auto", None)]),
        (
            "conflict_resolution",
            &[
                ("source", Some(())),
                ("target", None),
                ("last_write", None),
                ("manual", None),
            ],
        ),
    ];
    for (name, words) in words {
        section.word(name, words, problems);
    }
}
