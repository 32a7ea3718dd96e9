//! Many issues: read in batches, so that not all of them are in memory at once.

use super::carry::Carrier;
use super::discover::{Task, Work};
use super::tally::Stopped;
use super::turns::Turns;
use super::{Abort, Event, Pass, listing};
use crate::model::IssueNumber;
use futures_util::stream::{self, StreamExt, TryStreamExt};

/// How many issues are read at once. Bounds the memory of a pass.
pub(super) const BATCH: usize = 50;

/// Whether a pass would create more than it may.
pub(super) async fn guard(
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
pub(super) fn new_of(work: &[Work]) -> Vec<IssueNumber> {
    let new = work.iter().filter(|work| work.link.is_none());
    new.map(|work| work.number).collect()
}

/// How many of them would get one; only reading them tells.
pub(super) async fn would_create(
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
pub(super) async fn carry_all(
    pass: &Pass<'_>,
    carrier: &Carrier<'_>,
    work: Vec<Work>,
) -> Result<(), Abort> {
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
