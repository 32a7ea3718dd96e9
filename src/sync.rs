//! A pass over one pair, in the order in which an issue goes through it. `due` says whether it happens
//! and of what kind it is, `stages` strings together what follows.
//!
//! 1. `rebuild`, where nothing is remembered: counterparts found again by what stands on the target.
//!    `recover`: what became of creates whose answer was lost; `late`: what waits for changes.
//! 2. `discover`: which issues must be looked at; nothing is read that is in step.
//! 3. `batches`: many issues, read and carried several at a time; `carry`: one issue: chosen, drafted,
//!    planned.
//! 4. `apply`, `comments` and `relations` with `description`, `labels`, `milestones`,
//!    `assignees` and `attachments`: the plan carried out, each create through the journal:
//!    intended, sent, settled; `numbers` sees to those that are to be kept, `heard` to what the
//!    target drops. `gate` refuses a pair at the beginning; `hide` with `withdraw` goes before
//!    all of it, and `files` deletes what hidden texts linked to; `lists` keeps titles back that
//!    everybody would read, `follow` brings milestones up to date; `adopt` tells what is in a counterpart that was found again, `counterpart`
//!    looks at what is there, `gone` judges what is not, and `vanished` what is not on the
//!    source; `references` says where texts lead, and behind all of it puts right those that
//!    lead elsewhere now; `by_hand` joins and parts, `titles` joins what the first pass finds
//!    on both sides, both by `joined`; `preview` only writes down.
//! 5. The cursor moves last, and only over what was settled or queued.
//!
//! One issue that fails is an outcome; a listing that fails ends the pair; a store that fails ends
//! the run. Where a guard stops a pass, what must not be seen any more is taken away nevertheless.

mod adopt;
mod apply;
mod assignees;
mod attachments;
mod batches;
mod by_hand;
mod carry;
mod comments;
mod counterpart;
mod description;
mod discover;
mod due;
mod event;
mod failure;
mod files;
mod follow;
mod gate;
mod gone;
mod heard;
mod hide;
mod joined;
mod labels;
mod late;
mod length;
mod lists;
mod milestones;
mod numbers;
mod preview;
mod rebuild;
mod recover;
mod references;
mod relations;
mod stages;
mod tally;
mod titles;
mod turns;
mod vanished;
mod withdraw;

pub use crate::forge::{ErrorKind, Forge, ForgeError};
pub use by_hand::ByHand;
pub use due::due_at;
pub use event::{Event, Stop};
pub use failure::{Cause, FailedAt, Failure};
pub use tally::{
    Attachments, Beside, Comments, Issues, NotCarried, PairReport, Planned, PlannedAction,
    Requests, Stopped, Tally,
};

use self::tally::Books;
use crate::model::{IssueNumber, Mode, Outcome, ProjectKey, Timestamp};
use crate::plan::policy::Policy;
use crate::store::{Store, StoreError};
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::time::Instant;

/// A pair that is ready for a pass.
pub struct Pass<'a> {
    /// What people call it.
    pub name: &'a str,
    /// What it carries; manual mappings are part of it.
    pub policy: &'a Policy,
    /// How often a pass is due; `None`: always.
    pub interval: Option<SignedDuration>,
    /// How often everything is read.
    pub full_every: SignedDuration,
    /// A pass that would create more issues writes nothing.
    pub max_creates: u64,
    /// Where issues come from.
    pub source: &'a dyn Forge,
    /// Where they go.
    pub target: &'a dyn Forge,
    /// What is remembered.
    pub store: &'a Store,
    /// Other projects that are mirrored from or to, as far as they are known.
    pub neighbours: &'a BTreeSet<ProjectKey>,
    /// What was asked for on the command line.
    pub options: Options,
    /// What time it is here. Only due times are judged by it.
    pub clock: &'a (dyn Fn() -> Timestamp + Sync),
    /// Asks the pass to end.
    pub stop: &'a Stop,
    /// Is told what happens.
    pub listen: &'a (dyn Fn(Event<'_>) + Sync),
}

/// What was asked for on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Nothing is written on the target; the store is a copy.
    pub dry_run: bool,
    /// Everything is read, the target included.
    pub full: bool,
    /// The pass happens whether it is due or not.
    pub force: bool,
    /// Only this issue.
    pub issue: Option<IssueNumber>,
    /// So many creates, then the pass ends; the next one goes on.
    pub max_creates: Option<u64>,
    /// So long, then the pass ends; the next one goes on.
    pub max_time: Option<std::time::Duration>,
    /// So many requests, then the pass ends; the next one goes on.
    pub max_requests: Option<u64>,
    /// So many issues may be missing and are then taken for deleted.
    pub allow_deletions: u64,
    /// What else is to be done with [`Self::issue`].
    pub by_hand: Option<ByHand>,
}

/// A pass that could not go on.
#[derive(Debug)]
enum Abort {
    Forge(FailedAt, ForgeError),
    Pair(Failure),
    Store(StoreError),
}

impl From<StoreError> for Abort {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Abort {
    /// How the pass ended by it. A limit that was not waited for, because the run was to end, is no
    /// failure.
    fn outcome(&self, pass: &Pass<'_>) -> Outcome {
        match self {
            Self::Forge(_, error) if error.kind == ErrorKind::Interrupted => {
                if pass.stop.is_asked() {
                    Outcome::Interrupted
                } else {
                    Outcome::Partial
                }
            }
            _ => Outcome::Failed,
        }
    }
}

fn listing(error: ForgeError) -> Abort {
    Abort::Forge(FailedAt::List, error)
}

/// How a pass ended for the run that it is part of.
#[derive(Debug)]
pub struct Passed {
    /// What it did.
    pub report: PairReport,
    /// The store failed, so no other pair can be passed either.
    pub store_failed: bool,
}

/// Makes one pass. Every failure is in the report.
pub async fn pass(pass: &Pass<'_>) -> Passed {
    let begun = Instant::now();
    (pass.listen)(Event::Begun { pair: pass.name });
    let mut report = PairReport::new(pass.name, Outcome::Success);
    let books = Books::default();
    let result = run(pass, &books, &mut report).await;
    (report.tally, report.plan, report.beside) = books.close(pass.options.dry_run);
    let mut store_failed = false;
    if let Err(abort) = result {
        report.outcome = abort.outcome(pass);
        report.tally.issues.leave_the_rest();
        let failure = match abort {
            Abort::Forge(_, error) if error.kind == ErrorKind::Interrupted => {
                let is_time = report.outcome == Outcome::Partial;
                report.stopped = is_time.then_some(Stopped::Time);
                None
            }
            Abort::Forge(stage, error) => Some(Failure::of_pair(stage, &error)),
            Abort::Pair(failure) => Some(failure),
            Abort::Store(error) => {
                store_failed = true;
                Some(Failure::of_store(&error))
            }
        };
        report.tally.failures.extend(failure);
    }
    report.requests = Requests {
        source: pass.source.requests(),
        target: pass.target.requests(),
    };
    let waited = pass.source.waited() + pass.target.waited();
    report.waited_ms = waited.as_millis().try_into().unwrap_or(u64::MAX);
    report.duration_ms = begun.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
    (pass.listen)(Event::Finished);
    Passed {
        report,
        store_failed,
    }
}

async fn run(pass: &Pass<'_>, books: &Books, report: &mut PairReport) -> Result<(), Abort> {
    let now = (pass.clock)();
    let (source, target) = (pass.source.project(), pass.target.project());
    let row = pass.store.pair(&source.key, &target.key, pass.name)?;
    let Options {
        force,
        full,
        dry_run,
        issue,
        ..
    } = pass.options;
    // Whoever asks for something by hand means now.
    if let (Some(interval), Some(last)) = (pass.interval, row.last_started_at)
        && !(force || full || dry_run || issue.is_some())
        && now < due_at(last, interval)
    {
        report.outcome = Outcome::NotDue;
        report.due_at = Some(due_at(last, interval));
        return Ok(());
    }
    // A pair of which nothing is remembered may have been mirrored before.
    let rebuilt = match row.baseline {
        Some(_) => Ok(None),
        None => rebuild::everything(pass, &row, books).await.map(Some),
    };
    let found = rebuilt.as_ref().ok().and_then(Option::as_ref);
    let mode = due::mode(pass, &row, found.and_then(|found| found.baseline), now);
    report.mode = Some(if dry_run { Mode::DryRun } else { mode });
    // One issue by itself is no pass: it moves neither cursor nor due time.
    let record = match issue {
        None => Some(pass.store.begin_pass(row.id, mode, now)?),
        Some(_) => None,
    };
    let result = match rebuilt {
        Ok(rebuilt) => stages::stages(pass, &row, rebuilt, mode, now, books, report).await,
        Err(abort) => Err(abort),
    };
    if let Some(record) = record {
        let outcome = match &result {
            Ok(()) => report.outcome,
            Err(abort) => abort.outcome(pass),
        };
        pass.store.finish_pass(record, outcome, (pass.clock)())?;
    }
    result
}
