//! Each field with what people change of it on the target, and what the source changes later.

use crate::lab::author_text;
use forge_sim::Issue;

/// A change by people on the target, the word for it, and a change of that field on the source.
pub(super) struct Row {
    /// `""`: it is theirs, and no drift.
    pub(super) word: &'static str,
    pub(super) toggles: &'static str,
    pub(super) theirs: fn(&mut Issue, u64),
    /// Whether it is still as people made it.
    pub(super) stays: fn(&Issue) -> bool,
    pub(super) source: fn(&mut Issue),
}

pub(super) fn text(issue: &Issue) -> &str {
    issue.description.as_deref().unwrap_or_default()
}

pub(super) fn replace(issue: &mut Issue, from: &str, to: &str) {
    let text = text(issue).to_owned();
    assert!(text.contains(from), "{from} in {text}");
    issue.description = Some(text.replacen(from, to, 1));
}

pub(super) const ROWS: &[Row] = &[
    Row {
        word: "title",
        toggles: "",
        theirs: |issue, _| "Theirs".clone_into(&mut issue.title),
        stays: |issue| issue.title == "Theirs",
        source: |issue| "Of the source".clone_into(&mut issue.title),
    },
    Row {
        word: "text",
        toggles: "",
        theirs: |issue, _| replace(issue, "Text.", "Theirs."),
        stays: |issue| author_text(text(issue)) == "Theirs.",
        source: |issue| issue.description = Some("Of the source.".to_owned()),
    },
    Row {
        word: "footer",
        toggles: "",
        theirs: |issue, _| replace(issue, "- **Author:** ", "- **Author:** Theirs, "),
        stays: |issue| text(issue).contains("Theirs, "),
        // Another line of the footer.
        source: |issue| issue.start_date = Some("2027-01-01".to_owned()),
    },
    Row {
        word: "labels",
        toggles: "",
        theirs: |issue, _| issue.labels.retain(|label| label != "bug"),
        stays: |issue| !issue.labels.contains("bug"),
        source: |issue| issue.labels.clear(),
    },
    Row {
        word: "",
        toggles: "",
        theirs: |issue, _| {
            issue.labels.insert("theirs".to_owned());
        },
        stays: |issue| issue.labels.contains("theirs"),
        source: |_| {},
    },
    Row {
        word: "state",
        toggles: "",
        theirs: |issue, who| {
            issue.open = false;
            issue.closed = Some((issue.updated_at, who));
        },
        stays: |issue| !issue.open,
        source: |_| {},
    },
    Row {
        word: "due_date",
        toggles: "",
        theirs: |issue, _| issue.due_date = Some("2030-01-01".to_owned()),
        stays: |issue| issue.due_date.as_deref() == Some("2030-01-01"),
        source: |issue| issue.due_date = Some("2027-02-02".to_owned()),
    },
    Row {
        word: "weight",
        toggles: "",
        theirs: |issue, _| issue.weight = None,
        stays: |issue| issue.weight.is_none(),
        source: |issue| issue.weight = Some(8),
    },
    Row {
        word: "time_estimate",
        toggles: "",
        theirs: |issue, _| issue.time_estimate = 60,
        stays: |issue| issue.time_estimate == 60,
        source: |issue| issue.time_estimate = 7200,
    },
    Row {
        // Hours that people log are meant to be there.
        word: "",
        toggles: "",
        theirs: |issue, _| issue.time_spent += 60,
        stays: |issue| issue.time_spent % 1800 == 60,
        source: |issue| issue.time_spent = 3600,
    },
    Row {
        word: "milestone",
        toggles: "milestone_strategy: by_title",
        theirs: |issue, _| issue.milestone = None,
        stays: |issue| issue.milestone.is_none(),
        source: |issue| issue.milestone = Some(102),
    },
    Row {
        // As a label it is no milestone of ours.
        word: "",
        toggles: "",
        theirs: |issue, _| issue.milestone = Some(202),
        stays: |issue| issue.milestone == Some(202),
        source: |issue| issue.milestone = Some(102),
    },
    Row {
        word: "assignees",
        toggles: "assignee_strategy: by_username",
        theirs: |issue, _| issue.assignees.clear(),
        stays: |issue| issue.assignees.is_empty(),
        source: |issue| issue.assignees.clear(),
    },
    Row {
        word: "confidential",
        toggles: "sync_confidential: true",
        theirs: |issue, _| issue.confidential = true,
        stays: |issue| issue.confidential,
        source: |_| {},
    },
    Row {
        // It is not ours.
        word: "",
        toggles: "",
        theirs: |issue, _| issue.confidential = true,
        stays: |issue| issue.confidential,
        source: |_| {},
    },
    Row {
        word: "type",
        toggles: "",
        theirs: |issue, _| "incident".clone_into(&mut issue.issue_type),
        stays: |issue| issue.issue_type == "incident",
        source: |issue| "task".clone_into(&mut issue.issue_type),
    },
    Row {
        word: "locked",
        toggles: "",
        theirs: |issue, _| issue.locked = false,
        stays: |issue| !issue.locked,
        source: |_| {},
    },
    Row {
        // What was ours before and is not any more.
        word: "",
        toggles: "sync_weight: false\nsync_due_date: false",
        theirs: |issue, _| issue.weight = Some(77),
        stays: |issue| issue.weight == Some(77),
        source: |issue| issue.weight = Some(8),
    },
];
