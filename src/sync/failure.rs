//! What went wrong with one issue, or with a whole pair.

use crate::forge::{ErrorKind, Fate, ForgeError};
use crate::model::{IssueNumber, Stage};
use crate::store::StoreError;

/// Something that went wrong: an outcome, not an exit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The issue's number on the source; `None` if it concerns the pair.
    pub number: Option<IssueNumber>,
    /// Where an operator finds the issue on the source.
    pub location: Option<String>,
    /// Where on its way it failed.
    pub stage: FailedAt,
    /// What was said.
    pub error: String,
    /// What can be done about it.
    pub cause: Cause,
}

/// Where a failure happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailedAt {
    /// On the way of one issue.
    Issue(Stage),
    /// Finding out what became of a write whose answer was lost.
    Recover,
    /// Opening a project.
    Open,
    /// Listing what changed.
    List,
    /// In the store.
    Store,
}

impl FailedAt {
    /// The word that stands for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Issue(stage) => stage.word(),
            Self::Recover => "recover",
            Self::Open => "open",
            Self::List => "list",
            Self::Store => "store",
        }
    }
}

/// What a failure was about, for the hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A forge said so.
    Forge(ErrorKind),
    /// Nobody knows whether a write happened; the next passes find out before they send it again.
    UnknownFate,
    /// The store failed.
    Store,
    /// An issue that was asked for by its number is not there.
    NoSuchIssue,
    /// The configuration names one thing twice.
    SameProject,
    /// More counterparts are missing than people delete.
    ManyGone,
    /// More originals are missing than people delete.
    ManyVanished,
    /// The account may not delete issues of the target.
    MayNotDelete,
    /// More comments are missing than people delete.
    ManyComments,
    /// The source lists nothing any more.
    SourceEmpty,
    /// The target holds counterparts that another account wrote and the store knows nothing of.
    Forgotten,
    /// The store was lost, and what was sent before may still be carried out.
    JustLost,
    /// What is on the target was sealed by another secret.
    Sealed,
    /// A host seems to have another name than it had.
    Renamed,
    /// Only a person can tell which issue is the counterpart.
    Contested,
    /// Where a project was, there is another one.
    Moved,
}

impl Failure {
    /// A forge refused something that concerns the whole pair.
    pub fn of_pair(stage: FailedAt, error: &ForgeError) -> Self {
        Self {
            number: None,
            location: None,
            stage,
            error: error.to_string(),
            cause: Cause::Forge(error.kind),
        }
    }

    /// The store failed.
    pub fn of_store(error: &StoreError) -> Self {
        Self {
            number: None,
            location: None,
            stage: FailedAt::Store,
            error: error.to_string(),
            cause: Cause::Store,
        }
    }

    /// Something about the whole pair that is not as it should be.
    pub fn of_whole(stage: FailedAt, cause: Cause, error: String) -> Self {
        Self {
            number: None,
            location: None,
            stage,
            error,
            cause,
        }
    }
}

/// Why the way of one issue ended early.
#[derive(Debug)]
pub(super) enum Trouble {
    /// This issue failed; the others go on.
    Issue(Stage, ForgeError),
    /// The end was asked for; what was begun is recorded.
    Stopped,
    /// The store failed: the run cannot go on.
    Store(StoreError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Trouble {
    /// The forge understood and will say the same again; nothing happened.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::Issue(_, error)
        if error.fate == Fate::NotDone
            && matches!(
                error.kind,
                ErrorKind::Rejected | ErrorKind::Denied | ErrorKind::Malformed
            ))
    }
}

impl Trouble {
    /// The same, as something about what must not be seen any more.
    pub(super) fn about_hiding(self) -> Self {
        match self {
            Self::Issue(_, error) => Self::Issue(Stage::Hide, error),
            other => other,
        }
    }
}

/// Names the stage at which a forge refused.
pub(super) trait At<T> {
    fn at(self, stage: Stage) -> Result<T, Trouble>;
}

impl<T> At<T> for Result<T, ForgeError> {
    fn at(self, stage: Stage) -> Result<T, Trouble> {
        self.map_err(|error| Trouble::Issue(stage, error))
    }
}

/// What a failure of one issue is about.
pub(super) fn cause(error: &ForgeError) -> Cause {
    match error.fate {
        Fate::Unknown => Cause::UnknownFate,
        Fate::NotDone => Cause::Forge(error.kind),
    }
}
