//! What an issue on GitLab can hold, and what each field takes.

use super::abilities::{self, PLANS, PREMIUM};
use super::lengths;
use crate::forge::{Acts, Capabilities};
use crate::model::{Field, Fields, LabelTitles, Need, Types};
use std::time::Duration;

/// What an issue can have. Iterations and epics belong to groups and are made by people.
const HOLDS: &[Field] = &[
    Field::Title,
    Field::Text,
    Field::Rewriting,
    Field::Envelope,
    Field::Labels,
    Field::State,
    Field::Confidential,
    Field::Type,
    Field::Locked,
    Field::Weight,
    Field::Milestone,
    Field::Assignees,
    Field::DueDate,
    Field::TimeEstimate,
    Field::TimeSpent,
];

/// What the creating request can carry; the others follow.
const ON_CREATE: &[Field] = &[
    Field::Title,
    Field::Text,
    Field::Rewriting,
    Field::Envelope,
    Field::Labels,
    Field::Confidential,
    Field::Type,
    Field::Locked,
    Field::DueDate,
    Field::Weight,
    Field::Milestone,
    Field::Assignees,
];

/// What takes more than to be somebody who may write issues. What is missing is dropped without a
/// word, or refused for the times.
pub(super) const NEEDS: &[(Field, Need)] = &[
    (Field::Labels, Need::role(PLANS)),
    (Field::Locked, Need::role(PLANS)),
    (Field::Milestone, Need::role(PLANS)),
    (Field::Assignees, Need::role(PLANS)),
    (Field::DueDate, Need::role(PLANS)),
    (Field::TimeEstimate, Need::role(PLANS)),
    (Field::TimeSpent, Need::role(PLANS)),
    (
        Field::Weight,
        Need {
            licence: Some(PREMIUM),
            ..Need::role(PLANS)
        },
    ),
];

/// Labels are listed with commas in between.
const LABEL_TITLES: LabelTitles = LabelTitles {
    instead: &[(',', ';')],
    cuts_tags: true,
    longest: 255,
    ignores_case: false,
};

/// What GitLab holds, with what each takes. `timeout`: how long an answer is waited for.
pub fn capabilities(timeout: Duration) -> Capabilities {
    let twice = u32::try_from(timeout.as_secs().saturating_mul(2)).unwrap_or(u32::MAX);
    Capabilities {
        // Weights too: what a licence drops without a word is heard from the answer.
        holds: HOLDS,
        needs: NEEDS,
        offers: abilities::OFFERS,
        lost: Fields::NONE,
        type_needs: abilities::TYPE_NEEDS,
        lost_types: Types::NONE,
        label_titles: LABEL_TITLES,
        unlisted_labels: false,
        files_by_link: true,
        one_of_a_scope: false,
        on_create: ON_CREATE,
        confidential: true,
        internal_notes: true,
        threads: true,
        front_matter: true,
        description_lists: true,
        acts: Acts::EVERYTHING,
        longest: lengths::LENGTHS,
        concurrency: 8,
        settles_after_seconds: twice.max(120),
    }
}

/// The same of a server that looks for commands anywhere.
pub(super) fn early(timeout: Duration) -> Capabilities {
    let mut early = capabilities(timeout);
    early.acts.anywhere = true;
    early
}
