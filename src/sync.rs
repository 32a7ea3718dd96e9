//! A pass over one pair, in the order in which an issue goes through it.
//!
//! 1. `rebuild`, where nothing is remembered: counterparts found again by what stands on the target.
//!    `recover`: what became of creates whose answer was lost; `late`: what waits for changes.
//! 2. `discover`: which issues must be looked at; nothing is read that is in step.
//! 3. `carry`: one issue: chosen, drafted, planned.
//! 4. `apply`, `comments` and `relations` with `description`, `labels`, `milestones`,
//!    `assignees` and `attachments`: the plan carried out, each create through the journal:
//!    intended, sent, settled; `numbers` sees to those that are to be kept, `heard` to what the
//!    target drops. `gate` refuses a pair at the beginning; `hide` with `withdraw` goes before
//!    all of it, `adopt` tells what is in a counterpart that was found again, `counterpart`
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
mod by_hand;
mod carry;
mod comments;
mod counterpart;
mod description;
mod discover;
mod event;
mod failure;
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
mod tally;
mod titles;
mod turns;
mod vanished;
mod withdraw;

pub use crate::forge::{ErrorKind, Forge, ForgeError};
pub use by_hand::ByHand;
pub use event::{Event, Stop};
pub use failure::{Cause, FailedAt, Failure};
pub use tally::{
    Attachments, Beside, Comments, Issues, NotCarried, PairReport, Planned, PlannedAction,
    Requests, Stopped, Tally,
};

use self::carry::Carrier;
use self::discover::{Discovered, Task, Work};
use self::failure::Trouble;
use self::rebuild::Rebuilt;
use self::tally::Books;
use self::turns::Turns;
use crate::model::{Beginning, Digest, IssueNumber, Mode, Outcome, ProjectKey, Stage, Timestamp};
use crate::plan::policy::Policy;
use crate::plan::selection::Baseline;
use crate::store::{PairRow, Store, StoreError};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::time::Instant;

/// How many issues are read at once. Bounds the memory of a pass.
const BATCH: usize = 50;

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

/// When the next pass of a pair is due: the last start, floored to the minute, plus the interval
/// less 30 s. Without that, a crontab of the same pace would miss every second pass by seconds.
pub fn due_at(last_start: Timestamp, interval: SignedDuration) -> Timestamp {
    let into_minute = SignedDuration::from_secs(last_start.as_second().rem_euclid(60));
    last_start
        .checked_add(interval - into_minute - SignedDuration::from_secs(30))
        .unwrap_or(last_start)
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
    let mode = mode(pass, &row, found.and_then(|found| found.baseline), now);
    report.mode = Some(if dry_run { Mode::DryRun } else { mode });
    // One issue by itself is no pass: it moves neither cursor nor due time.
    let record = match issue {
        None => Some(pass.store.begin_pass(row.id, mode, now)?),
        Some(_) => None,
    };
    let result = match rebuilt {
        Ok(rebuilt) => stages(pass, &row, rebuilt, mode, now, books, report).await,
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

/// What kind of pass this is. `found`: the baseline, where it was found again.
fn mode(pass: &Pass<'_>, row: &PairRow, found: Option<Baseline>, now: Timestamp) -> Mode {
    if pass.options.issue.is_some() {
        return Mode::Incremental;
    }
    let known = row.baseline.is_some() || found.is_some();
    if !known && Baseline::of(pass.policy).is_none() {
        let joins = pass.policy.link_by_title && row.by_title != Some(false);
        return if joins { Mode::Full } else { Mode::Baseline };
    }
    let due = row.last_full_at.is_none_or(|last| {
        now.duration_since(last) >= pass.full_every - spread(pass.full_every, ends(pass))
    });
    if pass.options.full || due {
        Mode::Full
    } else {
        Mode::Incremental
    }
}

/// Pairs that began together do not all read everything in the same pass: up to a tenth of the
/// distance earlier, always the same for a pair.
fn spread(full_every: SignedDuration, ends: [&str; 2]) -> SignedDuration {
    let digest = Digest::of(ends);
    full_every / 10 * i32::from(digest.as_bytes()[0]) / 256
}

fn ends<'a>(pass: &'a Pass<'_>) -> [&'a str; 2] {
    let (source, target) = (pass.source.project(), pass.target.project());
    [&source.key.0, &target.key.0]
}

async fn stages(
    pass: &Pass<'_>,
    row: &PairRow,
    rebuilt: Option<Rebuilt>,
    mode: Mode,
    now: Timestamp,
    books: &Books,
    report: &mut PairReport,
) -> Result<(), Abort> {
    if mode != Mode::Incremental || row.last_full_at.is_none() {
        gate::may_begin(pass).await?;
    }
    let abilities = heard::abilities(pass, row, mode).await?;
    let settings = pass.policy.fingerprint(&abilities);
    let is_new = rebuilt.is_some();
    pass.store.set_opaque(row.id, pass.policy.opaque)?;
    let by_title = titles::applies(pass, row, rebuilt.as_ref())?;
    let rebuilt = rebuilt.unwrap_or_default();
    let remembered = row.baseline.as_deref().and_then(Baseline::parse);
    let known = Baseline::of(pass.policy)
        .or(remembered)
        .or(rebuilt.baseline);
    let baseline = match known {
        Some(known) => known,
        None if pass.options.issue.is_none() && !by_title => {
            return begin(pass, row, settings, now, report).await;
        }
        // As a first pass would find it; only a first pass keeps it.
        None => beginning(&pass.source.begin().await.map_err(listing)?),
    };
    if by_title && row.baseline.is_none() && known.is_none() {
        // What comes while issues are joined is new, also if that takes more than one pass.
        pass.store.set_baseline(row.id, &baseline.to_string())?;
    }
    let mut held = recover::recover(pass, row.id, books).await?;
    late::hold(pass, row.id, &mut held, books).await?;
    if mode == Mode::Full && pass.policy.attachments && pass.policy.update_existing {
        pass.store.look_for_lost_files(row.id)?;
    }
    if row.settings.is_some_and(|known| known != settings) {
        // Should only a part of it become so, the former ones concern everything again (P10).
        pass.store.forget_settings(row.id)?;
    }
    let plan = discover::Plan {
        mode,
        baseline,
        settings,
        now,
    };
    if let (Some(number), Some(wish)) = (pass.options.issue, pass.options.by_hand) {
        let carrier = Carrier::new(pass, row.id, plan, abilities.clone(), books);
        if !by_hand::carry_out(&carrier, number, wish, &held).await? {
            return Ok(());
        }
    }
    let mut were_joined = false;
    if by_title {
        let mut carrier = Carrier::new(pass, row.id, plan, abilities.clone(), books);
        carrier.others_may_write = rebuilt.just_changed;
        were_joined = carrier.join_by_title(&mut held).await?;
    }
    let Discovered {
        mut work,
        cursor,
        complete,
        vanished,
    } = discover::discover(pass, row, &plan, &held, books).await?;
    tracing::debug!(pair = pass.name, issues = work.len(), "to be looked at");
    let mut forgotten = None;
    if !is_new && work.iter().any(|work| work.link.is_none()) {
        // Where the target cannot be asked, nothing is created.
        let unknown = rebuild::missing(pass, row, books).await?;
        forgotten = unknown.map(|error| Failure::of_pair(FailedAt::List, &error));
        discover::link_again(pass, row, &mut work, books)?;
    }
    let mut carrier = Carrier::new(pass, row.id, plan, abilities, books);
    let suspects = !rebuilt.unmarked.is_empty();
    carrier.unmarked = rebuilt.unmarked;
    carrier.sends_again |= row.settings != Some(settings);
    carrier.others_may_write = rebuilt.just_changed;
    if forgotten.is_none()
        && let Some(refusal) = numbers::refused(pass, &work).await
        && would_create(pass, &carrier, &new_of(&work)).await? > 0
    {
        forgotten = Some(refusal);
    }
    if forgotten.is_none() {
        report.stopped = guard(pass, &carrier, &work).await?;
    }
    told(carrier.send_again(&mut work).await, Stage::Label, books)?;
    // What is in doubt may have been ended there by people.
    let in_doubt = mode == Mode::Full && books.count(|tally| tally.left_dead > 0);
    let looks = |work: &Work| matches!(work.task, Task::Verify | Task::SendAgain);
    if in_doubt || work.iter().any(looks) {
        carrier.there = rebuild::look_through(pass, row, books).await?;
    }
    let guarded = report.stopped.is_some() && !pass.options.dry_run;
    carrier.privacy_only = guarded || forgotten.is_some();
    let works = !carrier.privacy_only;
    // What a milestone is changes no issue, so they are compared wherever there is work anyway.
    if works && (mode == Mode::Full || !work.is_empty()) {
        told(carrier.follow_milestones().await, Stage::Update, books)?;
    }
    let issues = work.len() as u64;
    (pass.listen)(Event::Discovered { issues });
    if by_title {
        for work in titles::joined_first(pass.store, work)? {
            carry_all(pass, &carrier, work).await?;
        }
    } else {
        carry_all(pass, &carrier, work).await?;
    }
    if let Some((stage, error)) = carrier.take_fatal() {
        return Err(Abort::Forge(FailedAt::Issue(stage), error));
    }
    carrier.tell_unveiled();
    let gone_is_settled = carrier.settle_gone().await?;
    if works {
        references::put_right(pass, &carrier, &held).await?;
        if let Some((stage, error)) = carrier.take_fatal() {
            return Err(Abort::Forge(FailedAt::Issue(stage), error));
        }
    }
    if pass.options.dry_run && works {
        carrier.plan_relations().await?;
    }
    let vanished_is_settled = carrier.settle_vanished(vanished).await?;
    // What labels look like changes no issue, so they are compared wherever there is work anyway.
    if works && (mode == Mode::Full || books.count(|tally| tally.wrote())) {
        told(carrier.refresh_labels().await, Stage::Label, books)?;
    }
    let is_left = books.count(|tally| tally.issues.left > tally.left_dead);
    if carrier.is_over() && (is_left || carrier.was_cut_short()) {
        let is_time = carrier.time_is_up();
        report.stopped = Some(if is_time {
            Stopped::Time
        } else {
            Stopped::Requests
        });
    }
    if carrier.budget_was_used_up() {
        let allowed = pass.options.max_creates.unwrap_or(0);
        report.stopped = Some(Stopped::Budget { allowed });
    }
    for (issue, why) in pass.source.no_threads().await.map_err(listing)? {
        let why = format!("they could not be read, so each comment stands by itself: {why}");
        books.count(|tally| tally.not_carried(issue, "threads", why));
    }
    take_stock(pass, row, carrier.pretended(), books)?;
    report.outcome = outcome(pass, report, books);
    if let Some(failure) = forgotten {
        report.outcome = Outcome::Failed;
        books.count(|tally| tally.failures.push(failure));
    }
    // The cursor moves last, and not at all if something was left that is not queued.
    let whole = report.stopped.is_none()
        && !carrier.was_cut_short()
        && !matches!(report.outcome, Outcome::Interrupted | Outcome::Failed)
        && held.is_empty()
        && gone_is_settled;
    if whole && pass.options.issue.is_none() {
        // Last, so that a pass that was cut short is followed by one that looks at the target again.
        // The same where an issue failed that may be there without its marker.
        if !suspects || books.count(|tally| tally.issues.failed == 0) {
            pass.store.set_baseline(row.id, &baseline.to_string())?;
        }
        if were_joined {
            pass.store.set_by_title(row.id, false)?;
        }
        // Until it is settled what vanished, the next pass is a full one as well where one is due.
        let full = (complete && mode == Mode::Full && vanished_is_settled).then_some(now);
        pass.store
            .move_cursor(row.id, cursor.as_ref(), settings, full)?;
    }
    Ok(())
}

/// The first pass of a pair that mirrors only what comes from now on.
async fn begin(
    pass: &Pass<'_>,
    row: &PairRow,
    settings: Digest,
    now: Timestamp,
    report: &mut PairReport,
) -> Result<(), Abort> {
    let begun = pass.source.begin().await.map_err(listing)?;
    let baseline = beginning(&begun);
    pass.store.set_baseline(row.id, &baseline.to_string())?;
    pass.store
        .move_cursor(row.id, begun.cursor.as_ref(), settings, Some(now))?;
    report.baseline = Some(baseline.to_string());
    Ok(())
}

/// From where on a pair mirrors that mirrors only what comes from now on.
fn beginning(begun: &Beginning) -> Baseline {
    match begun.newest {
        Some(newest) => Baseline::After(newest),
        None => Baseline::All,
    }
}

/// What cannot be brought up to date beside the issues is told; they are in step nevertheless.
fn told(
    answer: Result<Vec<ForgeError>, Trouble>,
    stage: Stage,
    books: &Books,
) -> Result<(), Abort> {
    let refused = match answer {
        Ok(refused) => refused,
        Err(Trouble::Store(error)) => return Err(error.into()),
        Err(Trouble::Issue(_, error)) => vec![error],
        Err(Trouble::Stopped) => return Ok(()),
    };
    for error in refused {
        let failure = Failure::of_pair(FailedAt::Issue(stage), &error);
        books.count(|tally| tally.failures.push(failure));
    }
    Ok(())
}

/// Whether a pass would create more than it may.
async fn guard(
    pass: &Pass<'_>,
    carrier: &Carrier<'_>,
    work: &[Work],
) -> Result<Option<Stopped>, Abort> {
    let allowed = pass.max_creates;
    let new = new_of(work);
    let replaced = pass.options.max_creates.is_some() || pass.options.issue.is_some();
    if replaced || new.len() as u64 <= allowed {
        return Ok(None);
    }
    // There may be that many.
    let would_create = would_create(pass, carrier, &new).await?;
    Ok((would_create > allowed).then_some(Stopped::Guard {
        would_create,
        allowed,
    }))
}

/// The issues that have no counterpart.
fn new_of(work: &[Work]) -> Vec<IssueNumber> {
    let new = work.iter().filter(|work| work.link.is_none());
    new.map(|work| work.number).collect()
}

/// How many of them would get one; only reading them tells.
async fn would_create(
    pass: &Pass<'_>,
    carrier: &Carrier<'_>,
    new: &[IssueNumber],
) -> Result<u64, Abort> {
    let mut would_create = 0;
    for batch in new.chunks(BATCH) {
        let threads = pass.source.read(batch.to_vec()).await.map_err(listing)?;
        for thread in threads.into_iter().flatten() {
            would_create += u64::from(carrier.would_create(&thread.issue)?);
        }
    }
    Ok(would_create)
}

/// Carries every issue: read in batches, created in the order of their numbers, everything else
/// concurrently up to what the target allows.
async fn carry_all(pass: &Pass<'_>, carrier: &Carrier<'_>, work: Vec<Work>) -> Result<(), Abort> {
    let mut turns = Turns::default();
    let batches: Vec<Vec<Work>> = work.chunks(BATCH).map(<[Work]>::to_vec).collect();
    stream::iter(batches)
        .then(|batch| async move {
            // What would not be carried any more need not be read.
            let over = pass.stop.is_asked()
                || carrier.is_over()
                || (carrier.budget_was_used_up() || carrier.privacy_only)
                    && batch.iter().all(|work| work.link.is_none());
            if over {
                let left = batch.len() as u64;
                carrier.books.count(|tally| tally.issues.left += left);
                return Ok(stream::iter(Vec::new()));
            }
            // Of an issue that did not change only the counterpart is looked at.
            let is_read = |work: &&Work| work.task != Task::Verify;
            let numbers: Vec<IssueNumber> = batch
                .iter()
                .filter(is_read)
                .map(|work| work.number)
                .collect();
            let mut threads = Vec::new();
            if !numbers.is_empty() {
                threads = pass.source.read(numbers).await.map_err(listing)?;
            }
            let mut threads = threads.into_iter();
            let pairs: Vec<_> = batch
                .into_iter()
                .map(|work| {
                    let thread = is_read(&&work).then(|| threads.next()).flatten();
                    Ok((work, thread))
                })
                .collect();
            Ok::<_, Abort>(stream::iter(pairs))
        })
        .try_flatten()
        .map_ok(|(work, thread)| {
            // Drawn in the order of the list, so of the numbers.
            let turn = work.link.is_none().then(|| turns.draw());
            async move {
                let issue = work.number;
                carrier.carry(work, thread, turn).await?;
                (pass.listen)(Event::Done { issue });
                Ok(())
            }
        })
        .try_buffer_unordered(pass.target.capabilities().concurrency)
        .try_collect::<()>()
        .await
}

/// Counts what remains after a pass. `pretended`: what is not there.
fn take_stock(pass: &Pass<'_>, row: &PairRow, pretended: u64, books: &Books) -> Result<(), Abort> {
    let status = pass.store.status(row)?;
    books.count(|tally| {
        tally.links = status.links.saturating_sub(pretended);
        tally.retries = status.pending;
        tally.dead_letters = status.error;
    });
    Ok(())
}

/// How a pass ended that went through.
fn outcome(pass: &Pass<'_>, report: &PairReport, books: &Books) -> Outcome {
    if pass.stop.is_asked() {
        return Outcome::Interrupted;
    }
    // Dead letters that were reported before are left and are no news.
    let news = books.count(|tally| {
        !tally.failures.is_empty()
            || tally.issues.left > tally.left_dead
            || tally.issues.conflicts > 0
    });
    if news || report.stopped.is_some() {
        Outcome::Partial
    } else {
        Outcome::Success
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_passes_are_spread_over_a_tenth_of_their_distance() {
        let week = SignedDuration::from_hours(7 * 24);
        let names: Vec<String> = (0..50).map(|number| format!("s:{number}")).collect();
        let mut earlier: Vec<SignedDuration> = names
            .iter()
            .map(|name| spread(week, [name, "t:1"]))
            .collect();
        assert_eq!(
            earlier[0],
            spread(week, [&names[0], "t:1"]),
            "always the same"
        );
        earlier.sort();
        earlier.dedup();
        assert!(earlier.len() > 30, "{} different ones", earlier.len());
        assert!(
            earlier
                .iter()
                .all(|early| *early >= SignedDuration::ZERO && *early < week / 10)
        );
    }

    #[test]
    fn a_crontab_of_the_same_pace_misses_no_pass() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let due = due_at(at("2026-01-01T10:00:02.5Z"), SignedDuration::from_mins(15));
        assert_eq!(due, at("2026-01-01T10:14:30.5Z"));
        assert!(at("2026-01-01T10:15:01Z") >= due);
        assert!(at("2026-01-01T10:10:01Z") < due);
    }
}
