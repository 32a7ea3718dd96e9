use super::IssueNumber;
use std::collections::BTreeSet;

/// How an issue relates to another one of its project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelationKind {
    /// They have to do with each other.
    Relates,
    /// The other one waits for it.
    Blocks,
    /// It waits for the other one.
    BlockedBy,
}

impl RelationKind {
    /// Every kind with the word that stands for it in the store.
    pub const WORDS: [(&'static str, Self); 3] = [
        ("relates", Self::Relates),
        ("blocks", Self::Blocks),
        ("blocked_by", Self::BlockedBy),
    ];

    /// The word that stands for it in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Relates => "relates",
            Self::Blocks => "blocks",
            Self::BlockedBy => "blocked_by",
        }
    }

    /// The same as the other end has it.
    #[must_use]
    pub fn turned(self) -> Self {
        match self {
            Self::Relates => Self::Relates,
            Self::Blocks => Self::BlockedBy,
            Self::BlockedBy => Self::Blocks,
        }
    }
}

/// What links an issue to another one, as seen from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Relation {
    /// The other issue, of the same project.
    pub other: IssueNumber,
    /// How it relates to it.
    pub kind: RelationKind,
}

/// What links an issue to others of its project: one relation at most to each of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relations {
    /// Those that are known.
    pub known: BTreeSet<Relation>,
    /// Issues of which it cannot be told whether they relate to it.
    pub unclear: BTreeSet<IssueNumber>,
}

impl Relations {
    /// How the issue relates to another one.
    pub fn to(&self, other: IssueNumber) -> Option<RelationKind> {
        let mut known = self.known.iter();
        let found = known.find(|relation| relation.other == other);
        found.map(|relation| relation.kind)
    }
}
