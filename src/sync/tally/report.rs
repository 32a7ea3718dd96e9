//! What a pass over one pair hands over when it ends.

use super::{Beside, Planned, Tally};
use crate::model::{Issue, Mode, Outcome, Timestamp};
use crate::sync::failure::Failure;

/// The outcome of a pass over one pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairReport {
    /// What the pair is called.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What kind of pass it was; `None` if it was skipped.
    pub mode: Option<Mode>,
    /// What was counted.
    pub tally: Tally,
    /// Requests that were made.
    pub requests: Requests,
    /// What would be done, in a trial run.
    pub plan: Option<Vec<Planned>>,
    /// What would be done beside the issues, in a trial run.
    pub beside: Beside,
    /// Why it stopped before its end.
    pub stopped: Option<Stopped>,
    /// Where it begins, if this pass set that.
    pub baseline: Option<String>,
    /// When it is due, if it was skipped because it is not.
    pub due_at: Option<Timestamp>,
    /// How long limits and faults of the forges made it wait.
    pub waited_ms: u64,
    /// How long it took.
    pub duration_ms: u64,
}

/// Requests of a pass, by forge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// To the source.
    pub source: u64,
    /// To the target.
    pub target: u64,
}

/// Why a pass stopped before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It would create more issues than `max_creates` allows, so it created none and changed none;
    /// only what must not be seen any more was taken away.
    Guard {
        /// How many it would create.
        would_create: u64,
        /// How many are allowed.
        allowed: u64,
    },
    /// `--max-time` was used up.
    Time,
    /// `--max-requests` was used up.
    Requests,
    /// `--max-creates` was used up.
    Budget {
        /// How many were allowed.
        allowed: u64,
    },
}

impl PairReport {
    /// The report of a pass that is about to begin.
    pub fn new(name: &str, outcome: Outcome) -> Self {
        Self {
            name: name.to_owned(),
            outcome,
            mode: None,
            tally: Tally::default(),
            requests: Requests::default(),
            plan: None,
            beside: Beside::default(),
            stopped: None,
            baseline: None,
            due_at: None,
            waited_ms: 0,
            duration_ms: 0,
        }
    }

    /// The report of a pair that could not even begin.
    pub fn failed(name: &str, failure: Failure) -> Self {
        let mut report = Self::new(name, Outcome::Failed);
        report.tally.failures.push(failure);
        report
    }
}

/// What an issue calls something, for a report: more people may read that than a confidential issue.
pub(in crate::sync) fn named<'a>(issue: &Issue, name: &'a str, instead: &'a str) -> &'a str {
    if issue.confidential { instead } else { name }
}
