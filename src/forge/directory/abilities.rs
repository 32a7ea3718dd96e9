//! What files hold: whatever is written into them, and they act on nothing of it.

use crate::model::{
    Acts, Capabilities, Extra, Field, Fields, LabelTitles, Lengths, Longest, Need, Types,
};

/// Everything that an issue can have; `Rewriting` and `Envelope` are part of its text.
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
    Field::Iteration,
    Field::Epic,
    Field::DueDate,
    Field::TimeEstimate,
    Field::TimeSpent,
];

/// Files take whatever is written into them.
const OFFERS: &[(Extra, Need)] = &[
    (Extra::Authors, Need::NOTHING),
    (Extra::Times, Need::NOTHING),
    (Extra::Numbers, Need::NOTHING),
    (Extra::Milestones, Need::NOTHING),
    (Extra::SeveralAssignees, Need::NOTHING),
    (Extra::Blocks, Need::NOTHING),
    (Extra::InternalNotes, Need::NOTHING),
    (Extra::Hiding, Need::NOTHING),
    (Extra::OthersComments, Need::NOTHING),
    (Extra::Downloads, Need::NOTHING),
];

/// What files hold.
pub const CAPABILITIES: Capabilities = Capabilities {
    holds: HOLDS,
    needs: &[],
    offers: OFFERS,
    lost: Fields::NONE,
    type_needs: &[],
    lost_types: Types::NONE,
    label_titles: LabelTitles::ANY,
    unlisted_labels: true,
    files_by_link: false,
    one_of_a_scope: false,
    on_create: HOLDS,
    confidential: true,
    internal_notes: true,
    threads: true,
    front_matter: false,
    description_lists: false,
    acts: Acts::NOTHING,
    longest: Lengths {
        title: Longest::Any,
        text: Longest::Any,
        comment: Longest::Any,
    },
    // Files are written one after the other anyway; two keep reading and writing apart.
    concurrency: 2,
    // A system call that failed does not go on working.
    settles_after_seconds: 0,
};
