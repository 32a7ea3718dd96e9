//! Counterparts that are not there any more: found, and believed or not (P13).

use super::Abort;
use super::carry::Carrier;
use super::counterpart::read_one;
use super::failure::{Cause, FailedAt, Failure, Trouble};
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{IssueNumber, LinkId, LinkState, Thread};
use crate::plan::selection::SkipReason;
use crate::store::StoreError;
use std::collections::BTreeSet;
use std::sync::PoisonError;

impl Carrier<'_> {
    /// Whether something failed because the counterpart is not there any more. Never on one answer
    /// alone: the project must be healthy and the issue itself be missing.
    pub(super) async fn gone(
        &self,
        link: LinkId,
        result: Result<(), Trouble>,
    ) -> Result<bool, Trouble> {
        let Err(Trouble::Issue(stage, error)) = result else {
            return result.map(|()| false);
        };
        let not_found = |error: &ForgeError| error.kind == ErrorKind::NotFound;
        if not_found(&error) {
            let number = self.pass.store.issue_link(link)?.target_number;
            let healthy = self.pass.target.newest().await.is_ok();
            let missing = read_one(self.pass.target, number)
                .await
                .is_err_and(|error| not_found(&error));
            if healthy && missing {
                self.note_gone(link)?;
                return Ok(true);
            }
        }
        Err(Trouble::Issue(stage, error))
    }

    /// Remembers that a counterpart is not there any more.
    pub(super) fn note_gone(&self, link: LinkId) -> Result<(), StoreError> {
        let number = self.pass.store.issue_link(link)?.source_number;
        self.gone
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((link, number));
        Ok(())
    }

    /// Believes that counterparts were deleted, unless they are too many, or others that nobody
    /// asked for are all missing as well: a project that looks empty is rather the wrong one, or one
    /// that cannot be read (P13). Answers whether it was believed.
    pub(super) async fn settle_gone(&self) -> Result<bool, Abort> {
        let gone = std::mem::take(&mut *self.gone.lock().unwrap_or_else(PoisonError::into_inner));
        if gone.is_empty() {
            return Ok(true);
        }
        let (store, asked) = (self.pass.store, gone.len() as u64);
        let links = store
            .active_links(self.pair)?
            .saturating_sub(self.pretended());
        let mut all: BTreeSet<LinkId> = gone.iter().map(|(link, _)| *link).collect();
        let sample = store.sample_links(self.pair, &all)?;
        let numbers: Vec<IssueNumber> = sample.iter().map(|(_, number)| *number).collect();
        let found = if numbers.is_empty() {
            Vec::new()
        } else {
            self.pass
                .target
                .read(numbers)
                .await
                .map_err(super::listing)?
        };
        let is_missing = |found: &Result<Thread, ForgeError>| matches!(found, Err(error) if error.kind == ErrorKind::NotFound);
        let missing = sample
            .iter()
            .zip(&found)
            .filter(|(_, found)| is_missing(found));
        let missing: Vec<LinkId> = missing.map(|((link, _), _)| *link).collect();
        let none_is_there = !sample.is_empty() && missing.len() == sample.len();
        all.extend(missing);
        let count = all.len() as u64;
        let many = none_is_there || too_many(count, links);
        if many && self.pass.options.allow_deletions < count {
            self.books.count(|tally| {
                tally.issues.left += asked;
                tally.failures.push(Failure::of_whole(
                    FailedAt::List,
                    Cause::ManyGone,
                    format!(
                        "{count} of {links} counterparts are not in {} any more, of those that were looked at. None was taken for deleted. If people deleted them, say so with --allow-deletions {count}.",
                        self.pass.target.project().name
                    ),
                ));
            });
            return Ok(false);
        }
        for link in &all {
            store.set_issue_state(*link, LinkState::Gone)?;
        }
        for (_, number) in &gone {
            store.unqueue(self.pair, *number)?;
        }
        self.books.count(|tally| {
            tally.gone += count;
            for _ in &gone {
                tally.skip(SkipReason::Gone);
            }
        });
        Ok(true)
    }
}

/// More counterparts are missing than people delete at once: all of them, or more than ten and more
/// than one in twenty (P13).
pub(super) fn too_many(missing: u64, all: u64) -> bool {
    (missing >= 2 && missing >= all) || (missing > 10 && missing * 20 > all)
}

#[cfg(test)]
mod tests {
    use super::too_many;

    #[test]
    fn p13_too_many_is_all_or_more_than_ten_and_more_than_five_percent() {
        for (missing, all, expected) in [
            (0, 0, false),
            (1, 1, false),
            (2, 2, true),
            (2, 3, false),
            (10, 11, false),
            (11, 219, true),
            (11, 220, false),
            (12, 220, true),
        ] {
            assert_eq!(too_many(missing, all), expected, "{missing} of {all}");
        }
    }
}
