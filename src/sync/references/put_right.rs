//! What refers to something that is mirrored, or taken away, later than itself: put right, behind
//! everything else of a pass.

use crate::forge::{ErrorKind, ForgeError};
use crate::model::{IssueNumber, LinkId, Mode, Stage, Thread};
use crate::plan::selection::Choice;
use crate::sync::batches::BATCH;
use crate::sync::carry::{Carrier, Way, Written};
use crate::sync::failure::{At, FailedAt, Failure, Trouble, cause};
use crate::sync::recover::Held;
use crate::sync::{Abort, Pass, listing};
use futures_util::stream::{self, TryStreamExt};

/// Puts right what refers to something that leads elsewhere than when it was written, and what may have
/// a title by now that was not there.
pub(in crate::sync) async fn put_right(
    pass: &Pass<'_>,
    carrier: &Carrier<'_>,
    held: &Held,
) -> Result<(), Abort> {
    if !pass.policy.update_existing || pass.options.issue.is_some() {
        return Ok(());
    }
    let all = carrier.plan.mode == Mode::Full;
    let mut stale = pass.store.stale_references(carrier.pair, all)?;
    stale.extend(carrier.arrived().await?);
    stale.extend(std::mem::take(&mut *carrier.lock_without_file()));
    stale.sort_by_key(|(_, number)| *number);
    stale.dedup();
    let retries = pass.store.retries(carrier.pair)?;
    // Those are looked at again anyway.
    stale.retain(|(link, number)| {
        !carrier.is_pretended(*link)
            && !held.contains(*number)
            && !retries.iter().any(|(retry, _)| retry.number == *number)
    });
    for batch in stale.chunks(BATCH) {
        if carrier.ends_now() {
            carrier.was_stopped();
            break;
        }
        let numbers = batch.iter().map(|(_, number)| *number).collect();
        let threads = pass.source.read(numbers).await.map_err(listing)?;
        let work = batch.iter().copied().zip(threads).map(Ok);
        stream::iter(work)
            .try_for_each_concurrent(pass.target.capabilities().concurrency, |(stale, thread)| {
                carrier.put_right_one(stale, thread)
            })
            .await?;
    }
    Ok(())
}

impl Carrier<'_> {
    /// Brings the texts of one counterpart up to date. What the source says otherwise by now comes
    /// along, or, if it must not be seen, with the next pass.
    async fn put_right(&self, link: LinkId, thread: &Thread) -> Result<Written, Trouble> {
        let issue = &thread.issue;
        if self.choose(issue, true)? != Choice::Carry {
            // It stays as it is. Once it is carried again, it is looked at as a whole.
            self.pass.store.defer_references(link)?;
            return Ok(Written::Nothing);
        }
        if issue.confidential && !self.is_hidden(link)? {
            return Ok(Written::Nothing);
        }
        if self.ends_now() {
            return Err(Trouble::Stopped);
        }
        let before = self.pass.store.issue_link(link)?.settled;
        self.books.count(|tally| tally.looks_again(issue.number));
        let (draft, comments) = self.drafts(thread, self.pass.policy.comments).await?;
        let internal = thread.comments.iter().filter(|comment| comment.internal);
        let mut way = Way {
            thread,
            draft,
            comments,
            internal: internal.map(|comment| comment.id).collect(),
            written: Written::Nothing,
        };
        if self.pass.options.dry_run {
            return self.plan_put_right(link, &way).await;
        }
        self.fields(link, &mut way, &[]).await?;
        self.comments(link, &mut way, true).await?;
        self.note_references(link, &way)?;
        self.note_withheld(link, &way)?;
        if let Some(before) = before {
            // It is as much in step as it was.
            self.pass.store.settle(link, before, &issue.location)?;
        }
        Ok(way.written)
    }

    /// The same, counted. A failure is told, and the issue is looked at again like any that failed.
    async fn put_right_one(
        &self,
        (link, number): (LinkId, IssueNumber),
        thread: Result<Thread, ForgeError>,
    ) -> Result<(), Abort> {
        let done = match thread.at(Stage::Read) {
            Ok(thread) => self.put_right(link, &thread).await,
            Err(trouble) => Err(trouble),
        };
        match done {
            Ok(written) => {
                let wrote = u64::from(written != Written::Nothing);
                self.books.count(|tally| tally.put_right += wrote);
            }
            Err(Trouble::Store(error)) => return Err(error.into()),
            Err(Trouble::Stopped) => self.was_stopped(),
            Err(Trouble::Issue(_, error)) if error.kind == ErrorKind::Interrupted => {
                self.was_stopped();
            }
            Err(Trouble::Issue(stage, error))
                if matches!(error.kind, ErrorKind::Token | ErrorKind::Moved) =>
            {
                self.ends_with(stage, error);
            }
            // It is for a listing to tell that an original is gone.
            Err(Trouble::Issue(Stage::Read, error)) if error.kind == ErrorKind::NotFound => {
                self.pass.store.defer_references(link)?;
            }
            Err(Trouble::Issue(stage, error)) => {
                let (said, now) = (error.to_string(), (self.pass.clock)());
                let store = self.pass.store;
                store.queue(self.pair, number, None, stage, &said, now)?;
                self.books.count(|tally| {
                    tally.failures.push(Failure {
                        number: Some(number),
                        location: None,
                        stage: FailedAt::Issue(stage),
                        error: said,
                        cause: cause(&error),
                    });
                });
            }
        }
        Ok(())
    }
}
