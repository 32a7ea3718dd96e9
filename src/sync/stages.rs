//! The stages of a pass, one after another.

use super::batches::{carry_all, guard, new_of, would_create};
use super::carry::Carrier;
use super::discover::{self, Discovered, Task, Work};
use super::failure::{FailedAt, Failure, Trouble};
use super::rebuild::{self, Rebuilt};
use super::tally::{Books, PairReport, Stopped};
use super::{
    Abort, Event, Pass, by_hand, gate, heard, late, listing, numbers, recover, references, titles,
};
use crate::forge::ForgeError;
use crate::model::{Beginning, Digest, Mode, Outcome, Stage, Timestamp};
use crate::plan::selection::Baseline;
use crate::store::PairRow;

/// Goes through all of them. `rebuilt`: what was found, where nothing was remembered.
pub(super) async fn stages(
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
    pass.store.forget_files_of_unmade(row.id)?;
    if mode == Mode::Full && pass.policy.attachments && pass.policy.update_existing {
        pass.store.look_for_lost_files(row.id)?;
    }
    if row.settings.is_some_and(|known| known != settings) {
        // Should only a part of it become so, the former ones concern everything again (P10).
        pass.store.forget_settings(row.id)?;
    }
    let plan = discover::Plan {
        mode,
        has_begun: known.is_some(),
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
    carrier.delete_files().await?;
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
