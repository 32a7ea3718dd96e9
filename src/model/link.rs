use super::{Bases, CommentId, Digest, IssueId, IssueNumber, Timestamp, Version};

/// A row of the store that joins a source issue or comment with its counterpart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub i64);

/// A source issue and its counterpart on the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueLink {
    /// Its row.
    pub id: LinkId,
    /// The source's own id of the issue.
    pub source_id: IssueId,
    /// Its number on the source.
    pub source_number: IssueNumber,
    /// The target's own id of the counterpart.
    pub target_id: IssueId,
    /// Its number on the target.
    pub target_number: IssueNumber,
    /// The key in its marker.
    pub key: String,
    /// Whether it is still carried.
    pub state: LinkState,
    /// Digest of the source's version and the settings with which everything was last in step;
    /// `None` while something is left to do.
    pub settled: Option<Digest>,
    /// Version of the counterpart when it was last looked at.
    pub verified: Option<Version>,
    /// Found by its marker: what was last written into it is not known yet.
    pub found: bool,
    /// Somebody else wrote the counterpart, and a person joined it: its text gets no envelope.
    pub theirs: bool,
}

/// A source comment and its counterpart on the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentLink {
    /// Its row.
    pub id: LinkId,
    /// The source's own id of the comment.
    pub source_id: CommentId,
    /// The target's own id of the counterpart.
    pub target_id: CommentId,
    /// The key in its marker.
    pub key: String,
    /// Whether it is still carried.
    pub state: LinkState,
    /// What we last wrote.
    pub bases: Bases,
}

/// What became of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkState {
    /// Carried.
    Active,
    /// Somebody deleted the counterpart on the target; reported once, not made again.
    Gone,
    /// The source became confidential and the counterpart was hidden.
    Hidden,
    /// We are about to delete the counterpart, and do not know that it is done.
    Leaving,
    /// We deleted the counterpart, because the original vanished or may not be shown any more.
    Removed,
    /// Nobody but a person can tell which issue of the target is the counterpart, or whether one is:
    /// nothing is made and nothing changed until one says so.
    Contested,
    /// Somebody parted the two: neither joined nor made again by itself.
    Parted,
}

impl LinkState {
    /// Every state with the word that stands for it in the store.
    pub const WORDS: [(&'static str, Self); 7] = [
        ("active", Self::Active),
        ("gone", Self::Gone),
        ("hidden", Self::Hidden),
        ("leaving", Self::Leaving),
        ("removed", Self::Removed),
        ("contested", Self::Contested),
        ("parted", Self::Parted),
    ];

    /// The word that stands for it in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Gone => "gone",
            Self::Hidden => "hidden",
            Self::Leaving => "leaving",
            Self::Removed => "removed",
            Self::Contested => "contested",
            Self::Parted => "parted",
        }
    }
}

/// A label that we set on the counterpart, and for the sake of which field; or somebody whom we
/// assigned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OurLabel {
    /// Its title on the target; of [`LabelOrigin::Assigned`], the account there.
    pub name: String,
    /// Why it is there.
    pub origin: LabelOrigin,
}

impl OurLabel {
    /// Somebody whom we assigned.
    pub fn assigned(account: &str) -> Self {
        Self {
            name: account.to_owned(),
            origin: LabelOrigin::Assigned,
        }
    }

    /// It is a label, and nobody.
    pub fn is_label(&self) -> bool {
        self.origin != LabelOrigin::Assigned
    }

    /// It is this label, which the target has not or did not keep.
    pub fn is_missing(&self, name: &str) -> bool {
        self.origin == LabelOrigin::NotKept && self.name == name
    }

    /// It is a label that we set, and may take away.
    pub fn is_label_of_ours(&self) -> bool {
        let others = [LabelOrigin::NotOurs, LabelOrigin::NotKept];
        self.is_label() && !others.contains(&self.origin)
    }
}

/// The field for the sake of which a label stands on the target.
///
/// A label whose toggle was switched off is not ours any more for as long: it is neither taken away
/// nor set again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LabelOrigin {
    /// A label of the source.
    Label,
    /// `Milestone::…`
    Milestone,
    /// `Iteration::…`
    Iteration,
    /// `Epic::…`
    Epic,
    /// `Assignee::…`
    Assignee,
    /// `Type::…`
    Type,
    /// `Mirrored-From::…`
    MirroredFrom,
    /// Wanted, and neither set nor taken away by us: people had it there before.
    NotOurs,
    /// Wanted, and the target has no such label or did not keep it: it is sent again with the next change
    /// that is written, with other settings, and by a full pass.
    NotKept,
    /// No label: somebody who is assigned.
    Assigned,
}

impl LabelOrigin {
    /// Every origin with the word that stands for it in the store.
    pub const WORDS: [(&'static str, Self); 10] = [
        ("label", Self::Label),
        ("milestone", Self::Milestone),
        ("iteration", Self::Iteration),
        ("epic", Self::Epic),
        ("assignee", Self::Assignee),
        ("type", Self::Type),
        ("mirrored_from", Self::MirroredFrom),
        ("not_ours", Self::NotOurs),
        ("not_kept", Self::NotKept),
        ("assigned", Self::Assigned),
    ];

    /// The word that stands for it in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Milestone => "milestone",
            Self::Iteration => "iteration",
            Self::Epic => "epic",
            Self::Assignee => "assignee",
            Self::Type => "type",
            Self::MirroredFrom => "mirrored_from",
            Self::NotOurs => "not_ours",
            Self::NotKept => "not_kept",
            Self::Assigned => "assigned",
        }
    }
}

/// Something that must happen once and was about to be sent (P1 a).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Its row.
    pub id: i64,
    /// The random key that the created thing carries in its marker.
    pub key: String,
    /// What was about to be sent.
    pub kind: IntendedKind,
    /// By the target's clock, just before it was sent.
    pub sent_at: Timestamp,
    /// By the same clock, when the last try to send it ended; if it was never known to, as above.
    pub tried_at: Timestamp,
    /// The bases that hold once it is done.
    pub bases: Bases,
    /// The labels that are ours once it is done.
    pub labels: Vec<OurLabel>,
}

/// What an intent is about to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntendedKind {
    /// Create the counterpart of an issue.
    Issue {
        /// The source's own id.
        id: IssueId,
        /// Its number on the source.
        number: IssueNumber,
    },
    /// Create the counterpart of a comment.
    Comment {
        /// The link of its issue.
        parent: LinkId,
        /// The source's own id of the comment.
        id: CommentId,
    },
    /// Log time on the counterpart of an issue.
    TimeSpent {
        /// The link of the issue.
        link: LinkId,
        /// The target's total in seconds before.
        before: u64,
        /// The source's total in seconds that will then be mirrored.
        mirrored: u64,
    },
}
