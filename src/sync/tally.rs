//! What a pass did, counted.

use super::failure::Failure;
use crate::model::{Field, Issue, IssueNumber, Mode, Outcome, Timestamp};
use crate::plan::selection::SkipReason;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

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

/// How often something was not carried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotCarried {
    /// How often.
    pub count: u64,
    /// In which issues of the source: the first few.
    pub issues: BTreeSet<IssueNumber>,
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

/// What a trial run would do with one issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Its number on the source.
    pub number: IssueNumber,
    /// Its title on the source; empty where it must not be shown.
    pub title: String,
    /// What would happen.
    pub action: PlannedAction,
    /// Which fields would be written.
    pub fields: Vec<Field>,
    /// Labels that would be added.
    pub add_labels: Vec<String>,
    /// Labels that would be taken away.
    pub remove_labels: Vec<String>,
    /// What would happen to comments.
    pub comments: Comments,
    /// How many attachments of its texts the target has not.
    pub attachments: u64,
    /// How many links to other issues would be made. One that two issues name counts once.
    pub add_links: u64,
    /// How many would be taken away.
    pub remove_links: u64,
}

/// What a trial run would do beside the issues, by the titles on the target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// Labels that would be created.
    pub new_labels: BTreeSet<String>,
    /// Labels that would be changed.
    pub changed_labels: BTreeSet<String>,
    /// Milestones that would be created.
    pub new_milestones: BTreeSet<String>,
    /// Milestones that would be changed.
    pub changed_milestones: BTreeSet<String>,
}

impl Beside {
    /// A title as a report names it: one that a confidential issue brings by its place among those.
    pub(super) fn add(titles: &mut BTreeSet<String>, title: &str, hidden: Option<IssueNumber>) {
        let Some(number) = hidden else {
            titles.insert(title.to_owned());
            return;
        };
        let mut place = 1;
        while !titles.insert(format!("{place} of #{number}")) {
            place += 1;
        }
    }

    /// How many writes it would take.
    pub fn writes(&self) -> u64 {
        let all = [
            &self.new_labels,
            &self.changed_labels,
            &self.new_milestones,
            &self.changed_milestones,
        ];
        all.iter().map(|titles| titles.len() as u64).sum()
    }
}

/// What would happen to an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlannedAction {
    /// A counterpart would be created.
    Create,
    /// The counterpart would be changed.
    Update,
    /// The counterpart would be hidden.
    Hide,
    /// The counterpart would be shown again, and changed where it lags behind.
    Show,
    /// It would be joined with this issue of the target, which has its title.
    Join(IssueNumber),
    /// The counterpart would be closed, because the original vanished.
    Close,
    /// The counterpart would be deleted, because the original vanished.
    Delete,
    /// Nothing: it is not mirrored.
    Skip(SkipReason),
}

impl Planned {
    /// How many writes it would take.
    pub fn writes(&self) -> u64 {
        let comments = self.comments.created + self.comments.updated + self.comments.deleted;
        let issue = match self.action {
            PlannedAction::Create
            | PlannedAction::Hide
            | PlannedAction::Close
            | PlannedAction::Delete => 1,
            PlannedAction::Show => 1 + u64::from(!self.fields.is_empty()),
            PlannedAction::Update => u64::from(!self.fields.is_empty()),
            PlannedAction::Skip(_) | PlannedAction::Join(_) => 0,
        };
        issue + comments + self.attachments + self.add_links + self.remove_links
    }

    /// Takes in what else would be done with the same issue.
    fn add(&mut self, more: Self) {
        self.fields.extend(more.fields);
        self.fields.sort();
        self.fields.dedup();
        self.add_labels.extend(more.add_labels);
        self.remove_labels.extend(more.remove_labels);
        self.comments.created += more.comments.created;
        self.comments.updated += more.comments.updated;
        self.comments.deleted += more.comments.deleted;
        self.attachments += more.attachments;
        self.add_links += more.add_links;
        self.remove_links += more.remove_links;
    }
}

/// What an issue calls something, for a report: more people may read that than a confidential issue.
pub(super) fn named<'a>(issue: &Issue, name: &'a str, instead: &'a str) -> &'a str {
    if issue.confidential { instead } else { name }
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
        const NAMED: usize = 5;
        let entry = self.not_carried.entry((field, why.into())).or_default();
        entry.count += 1;
        if entry.issues.len() < NAMED {
            entry.issues.insert(issue);
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

/// What is written down while a pass runs, by issues that are carried at the same time.
#[derive(Debug, Default)]
pub(super) struct Books(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    tally: Tally,
    planned: Vec<Planned>,
    beside: Beside,
}

impl Books {
    fn lock(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts something, or looks at a count.
    pub(super) fn count<T>(&self, count: impl FnOnce(&mut Tally) -> T) -> T {
        count(&mut self.lock().tally)
    }

    /// Writes down what a trial run would do, beside what it would do with the same issue anyway.
    /// Answers whether that is the first of it.
    pub(super) fn plan(&self, planned: Planned) -> bool {
        let mut book = self.lock();
        let is_more = planned.action == PlannedAction::Update;
        let same = |known: &&mut Planned| {
            let skip = matches!(known.action, PlannedAction::Skip(_));
            known.number == planned.number && is_more && !skip
        };
        // A row that says with what it is joined says no more than that.
        let known = book.planned.iter_mut().rev().find(same);
        let known = known.filter(|known| !matches!(known.action, PlannedAction::Join(_)));
        match known {
            Some(known) => {
                known.add(planned);
                false
            }
            None => {
                book.planned.push(planned);
                true
            }
        }
    }

    /// The issues to which a trial run would do something.
    pub(super) fn planned(&self) -> BTreeSet<IssueNumber> {
        let book = self.lock();
        book.planned.iter().map(|planned| planned.number).collect()
    }

    /// Writes down what a trial run would do beside the issues.
    pub(super) fn plan_beside(&self, plan: impl FnOnce(&mut Beside)) {
        plan(&mut self.lock().beside);
    }

    /// What was written down; the plan only for a trial run, by number.
    pub(super) fn close(self, dry_run: bool) -> (Tally, Option<Vec<Planned>>, Beside) {
        let book = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Book {
            mut tally,
            mut planned,
            beside,
        } = book;
        tally.failures.sort_by_key(|failure| failure.number);
        planned.sort_by_key(|planned| planned.number);
        (tally, dry_run.then_some(planned), beside)
    }
}
