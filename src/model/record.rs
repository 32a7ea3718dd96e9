use super::{IssueNumber, Timestamp};

/// How a pass over one pair ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Everything is in step.
    Success,
    /// Some issues failed, wait, or were left for the next run.
    Partial,
    /// The pair failed as a whole.
    Failed,
    /// Skipped: `sync_interval_minutes` says that it is not due.
    NotDue,
    /// Skipped: `enabled: false`.
    Disabled,
    /// Stopped by a signal.
    Interrupted,
}

impl Outcome {
    /// Every outcome with the word that stands for it in JSON and in the store.
    pub const WORDS: [(&'static str, Self); 6] = [
        ("success", Self::Success),
        ("partial", Self::Partial),
        ("failed", Self::Failed),
        ("not_due", Self::NotDue),
        ("disabled", Self::Disabled),
        ("interrupted", Self::Interrupted),
    ];

    /// The word that stands for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::NotDue => "not_due",
            Self::Disabled => "disabled",
            Self::Interrupted => "interrupted",
        }
    }
}

/// What kind of pass it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The first pass of a pair that mirrors only what comes later.
    Baseline,
    /// What changed since the last pass.
    Incremental,
    /// Everything was read, the target included.
    Full,
    /// Nothing was written.
    DryRun,
}

impl Mode {
    /// The word that stands for it in JSON and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Incremental => "incremental",
            Self::Full => "full",
            Self::DryRun => "dry_run",
        }
    }
}

/// Where on its way an issue failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Reading the issue from the source.
    Read,
    /// Copying an attachment.
    Attachment,
    /// Creating or finding a label.
    Label,
    /// Creating the counterpart.
    Create,
    /// Changing the counterpart.
    Update,
    /// Writing a comment.
    Comment,
    /// Taking away what must not be seen any more: tried at every pass and never given up.
    Hide,
}

impl Stage {
    /// Every stage with the word that stands for it in JSON and in the store.
    pub const WORDS: [(&'static str, Self); 7] = [
        ("read", Self::Read),
        ("attachment", Self::Attachment),
        ("label", Self::Label),
        ("create", Self::Create),
        ("update", Self::Update),
        ("comment", Self::Comment),
        ("hide", Self::Hide),
    ];

    /// The word that stands for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Attachment => "attachment",
            Self::Label => "label",
            Self::Create => "create",
            Self::Update => "update",
            Self::Comment => "comment",
            Self::Hide => "hide",
        }
    }
}

/// An issue that failed and is tried again by later passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Its number on the source.
    pub number: IssueNumber,
    /// Where it failed.
    pub stage: Stage,
    /// What was said.
    pub error: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Not before this moment.
    pub next_at: Timestamp,
    /// Tried too often: left alone until it changes or somebody asks for it.
    pub dead: bool,
}

/// What the store remembers of a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassRecord {
    /// When it began.
    pub started_at: Timestamp,
    /// How it ended; `None` if it was killed or is still running.
    pub outcome: Option<Outcome>,
}

/// What `status` says of a pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PairStatus {
    /// The last pass that was not skipped.
    pub last: Option<PassRecord>,
    /// When everything was last read.
    pub last_full_at: Option<Timestamp>,
    /// Issues that are mirrored, in step or not.
    pub links: u64,
    /// Linked issues in step.
    pub synced: u64,
    /// Issues that wait for another try or for a lost answer.
    pub pending: u64,
    /// Issues in conflict.
    pub conflict: u64,
    /// Issues that were given up.
    pub error: u64,
    /// Counterparts that people deleted.
    pub gone: u64,
    /// Why issues wait or were given up.
    pub retries: Vec<Retry>,
    /// What people changed on the target.
    pub drifted: Vec<Drifted>,
}

/// What people changed of one counterpart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drifted {
    /// Its number on the target.
    pub target_number: IssueNumber,
    /// Words of the fields, and `comments`.
    pub fields: Vec<String>,
}

impl Drifted {
    /// One line: the number and the fields.
    pub fn words(&self) -> String {
        format!("#{} ({})", self.target_number, self.fields.join(", "))
    }
}

/// One line of `status --issues`: an issue that is mirrored, or was to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    /// Number on the source.
    pub source_number: IssueNumber,
    /// Number on the target, if it was ever mirrored.
    pub target_number: Option<IssueNumber>,
    /// Where an operator finds the source issue, where that is known.
    pub source_location: Option<String>,
    /// Where an operator finds the counterpart, if there is one.
    pub target_location: Option<String>,
    /// How it stands.
    pub state: RowState,
    /// Why it waits or was given up.
    pub error: Option<String>,
}

/// How a mirrored issue stands, or one that was to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowState {
    /// Everything is in step.
    Synced,
    /// It failed and is tried again, or an answer was lost.
    Pending,
    /// It failed too often.
    Error,
    /// Only a person can tell which issue of the target belongs to it.
    Contested,
    /// People deleted the counterpart.
    Gone,
    /// It may not be seen, and neither may the counterpart.
    Hidden,
    /// It is not on the source any more.
    Vanished,
    /// We are about to delete the counterpart.
    Leaving,
    /// We deleted the counterpart.
    Removed,
    /// A person parted the two.
    Parted,
    /// It left the selection.
    Outside,
}

impl RowState {
    /// Every state with its word and what that means, for people.
    pub const WORDS: [(&'static str, Self, &'static str); 11] = [
        ("synced", Self::Synced, "everything is in step"),
        (
            "pending",
            Self::Pending,
            "it failed and is tried again, or an answer was lost",
        ),
        ("error", Self::Error, "it failed too often and was given up"),
        (
            "contested",
            Self::Contested,
            "only a person can tell which issue of the target is its counterpart",
        ),
        ("gone", Self::Gone, "people deleted the counterpart"),
        (
            "hidden",
            Self::Hidden,
            "it may not be seen, and the counterpart was hidden",
        ),
        (
            "vanished",
            Self::Vanished,
            "it is not on the source any more; the counterpart is there",
        ),
        (
            "leaving",
            Self::Leaving,
            "the counterpart was to be deleted, and nobody knows yet whether it was",
        ),
        (
            "removed",
            Self::Removed,
            "the mirror deleted the counterpart",
        ),
        ("parted", Self::Parted, "`unlink` parted the two"),
        (
            "outside",
            Self::Outside,
            "it left the selection, and the counterpart stays as it is",
        ),
    ];

    /// The word for it in tables and in JSON.
    pub fn word(self) -> &'static str {
        let mut words = Self::WORDS.into_iter();
        let found = words.find(|(_, state, _)| *state == self);
        found.map_or("", |(word, ..)| word)
    }

    /// Reads [`Self::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        let mut words = Self::WORDS.into_iter();
        let found = words.find(|(there, ..)| *there == word);
        found.map(|(_, state, _)| state)
    }
}

/// What a manual mapping is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapped {
    /// An account, by `map-user`.
    User,
    /// A label, by `map-label`.
    Label,
    /// A milestone, by `map-milestone`.
    Milestone,
}

impl Mapped {
    /// As people and the store call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Label => "label",
            Self::Milestone => "milestone",
        }
    }
}

/// A manual mapping, set by `map-user`, `map-label` or `map-milestone`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The pair it holds for; `None`: every pair.
    pub pair: Option<String>,
    /// What it is called on the source.
    pub source: String,
    /// What it is called on the target; `None`: it is not carried.
    pub target: Option<String>,
}
