//! What stands on the target, field by field, to be compared with what we wrote and with what we want.

use super::fields::{bool_word, epic_word, shown};
use crate::model::{Digest, Field, Issue};
use crate::text::{envelope, maestro};
use std::collections::BTreeMap;

/// Digests of what an issue on the target holds, field by field, to be compared with what we wrote
/// and with what we want.
pub fn digests(issue: &Issue) -> BTreeMap<Field, Digest> {
    let split = envelope::split_description(&issue.text);
    let (text, envelope) = match &split {
        Some(split) => (split.text, Digest::of(split.envelope())),
        None => (text_alone(&issue.text), Digest::of(["none"])),
    };
    let value = |text: &str| Digest::of([text]);
    BTreeMap::from([
        (Field::Title, value(&issue.title)),
        (Field::Text, value(text)),
        // What was rewritten is part of the text.
        (Field::Rewriting, value(text)),
        (Field::Envelope, envelope),
        (Field::State, value(issue.state.word())),
        (Field::Confidential, value(bool_word(issue.confidential))),
        (Field::Type, value(issue.issue_type.word())),
        (Field::Locked, value(bool_word(issue.locked))),
        (Field::Iteration, value(&shown(issue.iteration.as_ref()))),
        (Field::Epic, value(&epic_word(issue.epic.as_ref()))),
        (Field::Weight, value(&shown(issue.weight))),
        (
            Field::Milestone,
            value(issue.milestone.as_ref().map_or("", |m| m.title.as_str())),
        ),
        (Field::DueDate, value(&shown(issue.due_date))),
        (Field::TimeEstimate, value(&issue.time_estimate.to_string())),
        (Field::TimeSpent, value(&issue.time_spent.to_string())),
    ])
}

/// The text of people in a description that has no envelope of ours.
pub fn text_alone(description: &str) -> &str {
    maestro::split(description).map_or(description, |found| found.text)
}

/// Digests of what a comment on the target holds.
pub fn comment_digests(body: &str) -> BTreeMap<Field, Digest> {
    let split = envelope::split_comment(body);
    let (text, envelope) = match &split {
        Some(split) => (split.text, Digest::of(split.envelope())),
        None => (body, Digest::of(["none"])),
    };
    BTreeMap::from([
        (Field::Text, Digest::of([text])),
        (Field::Rewriting, Digest::of([text])),
        (Field::Envelope, envelope),
    ])
}
