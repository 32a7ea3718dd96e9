use super::Digest;
use std::collections::BTreeMap;
use std::fmt;

/// A field of a mirrored issue or comment that is compared and written by itself.
///
/// Description and comment bodies are two fields each: the text of the author and the envelope
/// (marker, footer, attribution) that we put around it. `Rewriting` is what we changed *inside* the
/// text (links of attachments, mentions, references) and inside the title: it has a base of its own,
/// because a change of it alone must not overwrite what people wrote on the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The title.
    Title,
    /// The author's text.
    Text,
    /// What was rewritten inside text and title.
    Rewriting,
    /// Marker, footer, attribution.
    Envelope,
    /// Labels that we set.
    Labels,
    /// Open or closed, with who closed it and when.
    State,
    /// Hidden from the public.
    Confidential,
    /// Issue, incident, task, test case.
    Type,
    /// Only members comment.
    Locked,
    /// Weight.
    Weight,
    /// Milestone, where the target has them.
    Milestone,
    /// Assignees that we set, where the target has them.
    Assignees,
    /// Iteration, where the target has them.
    Iteration,
    /// Epic, where the target has them.
    Epic,
    /// Due date.
    DueDate,
    /// Estimated time.
    TimeEstimate,
    /// Time spent, mirrored by difference.
    TimeSpent,
}

impl Field {
    /// Every field, in the order in which plans show them.
    pub const ALL: [Self; 17] = [
        Self::Title,
        Self::Text,
        Self::Rewriting,
        Self::Envelope,
        Self::Labels,
        Self::State,
        Self::Confidential,
        Self::Type,
        Self::Locked,
        Self::Weight,
        Self::Milestone,
        Self::Assignees,
        Self::Iteration,
        Self::Epic,
        Self::DueDate,
        Self::TimeEstimate,
        Self::TimeSpent,
    ];

    /// The word for it in plans, in JSON and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Text => "text",
            Self::Rewriting => "rewriting",
            Self::Envelope => "footer",
            Self::Labels => "labels",
            Self::State => "state",
            Self::Confidential => "confidential",
            Self::Type => "type",
            Self::Locked => "locked",
            Self::Weight => "weight",
            Self::Milestone => "milestone",
            Self::Assignees => "assignees",
            Self::Iteration => "iteration",
            Self::Epic => "epic",
            Self::DueDate => "due_date",
            Self::TimeEstimate => "time_estimate",
            Self::TimeSpent => "time_spent",
        }
    }

    /// Reads [`Self::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.word() == word)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What we last wrote into one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// Digest of the source's value and of the settings that shaped it: if it is the same, there is
    /// nothing to write, however a newer version of the program would render it.
    pub from: Digest,
    /// Digest of the value as the target returned it: if the target's is another, people changed it.
    pub wrote: Digest,
    /// The value itself where a difference is written instead of a value (time spent, in seconds); of
    /// what was withdrawn because it could not be hidden, as whom that was; of a title, that people wrote
    /// it before it was joined.
    pub value: Option<u64>,
}

/// The bases of one link, by field. A field that is not there was never ours.
pub type Bases = BTreeMap<Field, Base>;
