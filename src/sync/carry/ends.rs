//! How the way of an issue ended: counted, and where it failed queued for a later pass.

use super::{Carrier, End, Written};
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{IssueNumber, Stage, Thread, Version};
use crate::store::StoreError;
use crate::sync::Abort;
use crate::sync::discover::Work;
use crate::sync::failure::{Cause, FailedAt, Failure, Trouble, cause};
use crate::sync::tally::Issues;
use crate::sync::turns::Turn;
use std::sync::atomic::Ordering;

impl Written {
    /// Counts an issue that did not come to its end by what was written of it. `nothing`: as what, where
    /// nothing was.
    fn count(self, issues: &mut Issues, nothing: fn(&mut Issues) -> &mut u64) {
        *match self {
            Self::Nothing => nothing(issues),
            Self::Created => &mut issues.created,
            Self::Changed => &mut issues.updated,
        } += 1;
    }
}

impl Carrier<'_> {
    /// Carries one issue and counts how it ended; only a store that fails ends the run.
    pub(in crate::sync) async fn carry(
        &self,
        work: Work,
        thread: Option<Result<Thread, ForgeError>>,
        turn: Option<Turn>,
    ) -> Result<(), Abort> {
        let read = thread.as_ref().and_then(|thread| thread.as_ref().ok());
        let location = read.map(|thread| thread.issue.location.clone());
        let seen = read.map(|thread| Version(self.step(&thread.issue)));
        let is_missing = matches!(&thread, Some(Err(error)) if error.kind == ErrorKind::NotFound);
        let mut written = Written::Nothing;
        let end = if self.pass.stop.is_asked() {
            Err(Trouble::Stopped)
        } else if self.is_over() {
            Ok(End::Left)
        } else {
            self.way(&work, thread, turn, &mut written).await
        };
        match end {
            Ok(end) => {
                if !matches!(end, End::Left | End::Gone) {
                    self.pass.store.unqueue(self.pair, work.number)?;
                }
                self.books.count(|tally| match end {
                    End::Created => tally.issues.created += 1,
                    End::Updated => tally.issues.updated += 1,
                    End::Unchanged => tally.issues.unchanged += 1,
                    End::Skipped(reason) => tally.skip(reason),
                    // Counted once it is known whether it is believed.
                    End::Gone => {}
                    End::Left => tally.issues.left += 1,
                });
                Ok(())
            }
            Err(Trouble::Store(error)) => Err(error.into()),
            Err(
                Trouble::Stopped
                | Trouble::Issue(
                    _,
                    ForgeError {
                        kind: ErrorKind::Interrupted,
                        ..
                    },
                ),
            ) => {
                self.cut_short.store(true, Ordering::Relaxed);
                self.books.count(|tally| {
                    written.count(&mut tally.issues, |issues| &mut issues.left);
                });
                Ok(())
            }
            // Every other request would be refused alike.
            Err(Trouble::Issue(stage, error))
                if matches!(error.kind, ErrorKind::Token | ErrorKind::Moved) =>
            {
                self.lock_fatal().get_or_insert((stage, error));
                self.books.count(|tally| {
                    written.count(&mut tally.issues, |issues| &mut issues.left);
                });
                Ok(())
            }
            Err(Trouble::Issue(stage, error)) => {
                if is_missing && self.is_deleted(work.number, &error)? {
                    self.pass.store.unqueue(self.pair, work.number)?;
                    self.books.count(|tally| {
                        // As if it had not been listed any more.
                        tally.issues.seen -= 1;
                        tally.vanished += u64::from(work.link.is_some());
                    });
                    return Ok(());
                }
                let seen = seen.or(work.seen);
                self.failed(work.number, location, seen, stage, &error, written)
            }
        }
    }

    /// Whether an issue of the source that cannot be found was deleted behind the listing: never on
    /// one answer alone, but when a later pass, with a project that is well, hears the same again.
    fn is_deleted(&self, number: IssueNumber, error: &ForgeError) -> Result<bool, StoreError> {
        let before = self.pass.store.said(self.pair, number)?;
        Ok(before.is_some_and(|before| before == error.to_string()))
    }

    /// Queues an issue that failed for a later pass.
    fn failed(
        &self,
        number: IssueNumber,
        location: Option<String>,
        seen: Option<Version>,
        stage: Stage,
        error: &ForgeError,
        written: Written,
    ) -> Result<(), Abort> {
        let said = error.to_string();
        // An issue that was asked for and never was is nothing to try again.
        let never_was = seen.is_none()
            && error.kind == ErrorKind::NotFound
            && self.pass.options.issue.is_some();
        if !never_was {
            let now = (self.pass.clock)();
            let store = self.pass.store;
            store.queue(self.pair, number, seen, stage, &said, now)?;
        }
        self.books.count(|tally| {
            written.count(&mut tally.issues, |issues| &mut issues.failed);
            tally.failures.push(Failure {
                number: Some(number),
                location,
                stage: FailedAt::Issue(stage),
                error: said,
                cause: if never_was {
                    Cause::NoSuchIssue
                } else {
                    cause(error)
                },
            });
        });
        Ok(())
    }
}
