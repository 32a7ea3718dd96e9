use crate::model::Longest;
use std::fmt;

/// A request that failed: what was done, what was said, and what a caller can make of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgeError {
    /// What the caller can do.
    pub kind: ErrorKind,
    /// Whether a write may have happened nevertheless.
    pub fate: Fate,
    /// What was being done: a method and an address without its query, or a file.
    pub doing: String,
    /// What the forge said, for a person.
    pub said: String,
    /// The status of the answer, where one came over HTTP.
    pub status: Option<u16>,
    /// How long the text may be for which alone it was refused.
    pub longest: Option<Longest>,
}

/// What a caller can do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// It is not there, or may not be seen.
    NotFound,
    /// The account lacks a right.
    Denied,
    /// The token opens nothing, or not enough: nothing else that is asked with it will succeed.
    Token,
    /// It is at another address, which somebody has to write into the configuration.
    Moved,
    /// The forge understood and refused; the same request will be refused again.
    Rejected,
    /// It may work later.
    Unavailable,
    /// What was read is not of the form it should have.
    Malformed,
    /// The forge cannot do this at all.
    Unsupported,
    /// The run is to end, so it was not waited for; nothing was sent.
    Interrupted,
}

/// Whether a write that failed may have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It surely did not.
    NotDone,
    /// Nobody knows: look before it is sent again.
    Unknown,
}

impl ForgeError {
    /// A failure after which nothing has changed.
    pub fn new(kind: ErrorKind, doing: impl Into<String>, said: impl Into<String>) -> Self {
        Self {
            kind,
            fate: Fate::NotDone,
            doing: doing.into(),
            said: said.into(),
            status: None,
            longest: None,
        }
    }

    /// The same failure, after which a write may have happened.
    #[must_use]
    pub fn of_unknown_fate(self) -> Self {
        Self {
            fate: Fate::Unknown,
            ..self
        }
    }
}

impl fmt::Display for ForgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.doing, self.said)
    }
}

impl std::error::Error for ForgeError {}
