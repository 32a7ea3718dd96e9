//! What a pass did, counted.

mod books;
mod planned;
mod report;

pub(super) use books::Books;
pub use planned::{Beside, Planned, PlannedAction};
pub(super) use report::named;
pub use report::{PairReport, Requests, Stopped};

use super::failure::Failure;
use crate::model::IssueNumber;
use crate::plan::selection::SkipReason;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is counted. Every issue that was seen is in exactly one of the counts of
/// [`Issues`]; seen is what the source listed or what was left from earlier passes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Issues.
    pub issues: Issues,
    /// Comments.
    pub comments: Comments,
    /// Attachments.
    pub attachments: Attachments,
    /// Why issues were not mirrored.
    pub skipped_because: BTreeMap<SkipReason, u64>,
    /// What the target did not keep or could not have: by field and reason.
    pub not_carried: BTreeMap<(&'static str, String), NotCarried>,
    /// Issues that are queued for another try, by this pass or an earlier one.
    pub retries: u64,
    /// Issues that were given up, by this pass or an earlier one.
    pub dead_letters: u64,
    /// Dead letters among the issues that were left.
    pub(super) left_dead: u64,
    /// Issues that are mirrored.
    pub links: u64,
    /// Fields that people changed on the target.
    pub drift: u64,
    /// The same, each with the counterpart that it is of.
    pub drifted: BTreeMap<IssueNumber, BTreeSet<String>>,
    /// Counterparts that were found deleted.
    pub gone: u64,
    /// Counterparts that were found again and told what was last written into them.
    pub rebuilt: Rebuilt,
    /// There were counterparts that the store did not know.
    pub(super) found_again: bool,
    /// Mirrored issues that the source does not have any more, but for those of which an earlier pass
    /// closed or deleted the counterparts.
    pub vanished: u64,
    /// Counterparts that were closed because their originals vanished.
    pub closed: u64,
    /// Counterparts that were deleted because their originals vanished.
    pub deleted: u64,
    /// Issues that were there and were joined by their titles.
    pub joined: u64,
    /// Mirrored issues that left the selection; their counterparts stay. Each counts once.
    pub left_selection: u64,
    /// Counterparts that were hidden.
    pub hidden: u64,
    /// Counterparts whose texts were put right, because something that they refer to was mirrored or
    /// taken away later.
    pub put_right: u64,
    /// Labels that were created or changed.
    pub labels_written: u64,
    /// What went wrong.
    pub failures: Vec<Failure>,
    /// What people should know, in words.
    pub warnings: Vec<String>,
}

/// Counterparts that were found again, by what they held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// What the source has.
    pub equal: u64,
    /// What we wrote and the source changed since: brought up to date.
    pub overwritten: u64,
    /// A title or text that people wrote: it stays.
    pub kept: u64,
}

/// How often something was not carried, by issues of the source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotCarried(BTreeMap<IssueNumber, Times>);

/// How often of one issue. One that is looked at again in a pass, because something that it refers to
/// arrived, counts as it did where most was not carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Times {
    before: u64,
    now: u64,
}

impl NotCarried {
    /// How often.
    pub fn count(&self) -> u64 {
        let times = self.0.values();
        times.map(|times| times.before.max(times.now)).sum()
    }

    /// In which issues: the first few.
    pub fn issues(&self) -> impl Iterator<Item = IssueNumber> + '_ {
        const NAMED: usize = 5;
        self.0.keys().copied().take(NAMED)
    }
}

/// Issues by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Issues {
    /// All that the source listed, and those that wait for another try: the sum of the others.
    pub seen: u64,
    /// Mirrored for the first time.
    pub created: u64,
    /// Brought up to date.
    pub updated: u64,
    /// In step already.
    pub unchanged: u64,
    /// Not mirrored.
    pub skipped: u64,
    /// Failed.
    pub failed: u64,
    /// In conflict.
    pub conflicts: u64,
    /// Left for a later run.
    pub left: u64,
}

/// Comments by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comments {
    /// Mirrored for the first time.
    pub created: u64,
    /// Brought up to date.
    pub updated: u64,
    /// Deleted on the target.
    pub deleted: u64,
    /// Internal ones that were not mirrored, of the issues that were read.
    pub skipped: u64,
}

/// Attachments by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attachments {
    /// Uploaded.
    pub copied: u64,
    /// On the target already.
    pub reused: u64,
    /// Larger than is allowed; the link to the source stays.
    pub too_large: u64,
    /// Not to be had; the link to the source stays.
    pub failed: u64,
    /// Sent, and nobody knows whether they arrived: if they did, nothing links to them.
    pub unreferenced: u64,
    /// Deleted there, because no text may lead to them any more.
    pub deleted: u64,
}

impl Issues {
    /// What was not reached before a pass ended early is left for a later one.
    pub(super) fn leave_the_rest(&mut self) {
        let Self {
            seen,
            created,
            updated,
            unchanged,
            skipped,
            failed,
            conflicts,
            left,
        } = *self;
        let reached = created + updated + unchanged + skipped + failed + conflicts + left;
        self.left += seen.saturating_sub(reached);
    }
}

impl Tally {
    /// Counts an issue that is not mirrored.
    pub(super) fn skip(&mut self, reason: SkipReason) {
        self.issues.skipped += 1;
        *self.skipped_because.entry(reason).or_default() += 1;
    }

    /// Counts something that the target did not keep.
    pub(super) fn not_carried(
        &mut self,
        issue: IssueNumber,
        field: &'static str,
        why: impl Into<String>,
    ) {
        let entry = self.not_carried.entry((field, why.into())).or_default();
        entry.0.entry(issue).or_default().now += 1;
    }

    /// An issue is looked at once more in this pass.
    pub(super) fn looks_again(&mut self, issue: IssueNumber) {
        for entry in self.not_carried.values_mut() {
            if let Some(times) = entry.0.get_mut(&issue) {
                times.before = times.before.max(times.now);
                times.now = 0;
            }
        }
    }

    /// Whether anything was written on the target.
    pub fn wrote(&self) -> bool {
        let Comments {
            created,
            updated,
            deleted,
            ..
        } = self.comments;
        self.issues.created
            + self.issues.updated
            + created
            + updated
            + deleted
            + self.attachments.copied
            + self.labels_written
            + self.put_right
            + self.closed
            + self.deleted
            > 0
    }
}
