//! The fields that are carried by value: each is ours where the pair carries it and the target has it.

use super::{Draft, Setting};
use crate::model::{Digest, Epic, Field, Issue, IssueType, State, StateChange};
use crate::text::escape::one_line;

impl Draft {
    /// All of them but the milestone.
    pub(super) fn simple_fields(&mut self, issue: &Issue, setting: Setting<'_>) {
        let (policy, target) = (setting.policy, setting.target);
        let closed = issue.state == State::Closed;
        self.values.state = Some(StateChange {
            state: issue.state,
            closed_at: issue.closed_at.filter(|_| closed),
            closed_by: issue.closed_by.clone().filter(|_| closed),
        });
        self.simple(Field::State, issue.state.word(), !closed);
        if policy.confidential && target.confidential {
            self.values.confidential = Some(issue.confidential);
            self.simple(
                Field::Confidential,
                bool_word(issue.confidential),
                !issue.confidential,
            );
        }
        if target.can_hold(Field::Type) {
            // A kind that the target does not keep is a label.
            let kept = Some(issue.issue_type).filter(|kind| target.can_be(*kind));
            let kind = kept.unwrap_or_default();
            self.values.issue_type = Some(kind);
            self.simple(Field::Type, kind.word(), kind == IssueType::Issue);
        }
        if target.can_hold(Field::Locked) {
            self.values.locked = Some(issue.locked);
            self.simple(Field::Locked, bool_word(issue.locked), !issue.locked);
        }
        if policy.iterations && target.can_hold(Field::Iteration) {
            let title = issue.iteration.as_ref().map(|title| one_line(title));
            let title = title.filter(|title| !title.is_empty());
            self.simple(Field::Iteration, &shown(title.as_ref()), title.is_none());
            self.values.iteration = Some(title);
        }
        if policy.epics && target.can_hold(Field::Epic) {
            // Its number is one of the source.
            let epic = issue.epic.as_ref().filter(|_| !policy.opaque);
            if policy.opaque {
                self.retired.insert(Field::Epic);
            }
            let epic = epic.map(|epic| Epic {
                title: epic.title.as_ref().map(|title| one_line(title)),
                number: epic.number,
            });
            let epic = epic.map(|epic| Epic {
                title: epic.title.filter(|title| !title.is_empty()),
                ..epic
            });
            self.simple(Field::Epic, &epic_word(epic.as_ref()), epic.is_none());
            self.values.epic = Some(epic);
        }
        if policy.weight && target.can_hold(Field::Weight) {
            self.values.weight = Some(issue.weight);
            self.simple(Field::Weight, &shown(issue.weight), issue.weight.is_none());
        }
        if policy.due_date && target.can_hold(Field::DueDate) {
            self.values.due_date = Some(issue.due_date);
            self.simple(
                Field::DueDate,
                &shown(issue.due_date),
                issue.due_date.is_none(),
            );
        }
        if policy.time_estimate && target.can_hold(Field::TimeEstimate) {
            self.values.time_estimate = Some(issue.time_estimate);
            self.simple(
                Field::TimeEstimate,
                &issue.time_estimate.to_string(),
                issue.time_estimate == 0,
            );
        }
        if policy.time_spent && target.can_hold(Field::TimeSpent) {
            self.time_spent = Some(issue.time_spent);
            self.ours(
                Field::TimeSpent,
                &issue.time_spent.to_string(),
                issue.time_spent == 0,
            );
        }
    }

    /// `title`: what the target calls it, if it can be set there.
    pub(super) fn milestone(&mut self, title: Option<&String>, setting: Setting<'_>) {
        if !setting.policy.milestones || !setting.target.can_hold(Field::Milestone) {
            return;
        }
        self.values.milestone = Some(title.cloned());
        self.simple(Field::Milestone, &shown(title), title.is_none());
        if !setting.policy.milestone_by_title {
            self.retired.insert(Field::Milestone);
        }
    }

    fn simple(&mut self, field: Field, value: &str, says_nothing: bool) {
        self.ours(field, value, says_nothing);
        self.wanted.insert(field, Digest::of([value]));
    }
}

pub(super) fn bool_word(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

pub(super) fn epic_word(epic: Option<&Epic>) -> String {
    epic.map_or_else(String::new, |epic| {
        let title = epic.title.as_deref().unwrap_or("");
        format!("{} {title}", epic.number)
    })
}

pub(super) fn shown<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
