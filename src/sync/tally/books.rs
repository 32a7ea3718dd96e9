//! What is written down while a pass runs, by issues that are carried at the same time.

use super::{Beside, Planned, PlannedAction, Tally};
use crate::model::IssueNumber;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is written down while a pass runs, by issues that are carried at the same time.
#[derive(Debug, Default)]
pub(in crate::sync) struct Books(Mutex<Book>);

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
    pub(in crate::sync) fn count<T>(&self, count: impl FnOnce(&mut Tally) -> T) -> T {
        count(&mut self.lock().tally)
    }

    /// Writes down what a trial run would do, beside what it would do with the same issue anyway.
    /// Answers whether that is the first of it.
    pub(in crate::sync) fn plan(&self, planned: Planned) -> bool {
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
    pub(in crate::sync) fn planned(&self) -> BTreeSet<IssueNumber> {
        let book = self.lock();
        book.planned.iter().map(|planned| planned.number).collect()
    }

    /// Writes down what a trial run would do beside the issues.
    pub(in crate::sync) fn plan_beside(&self, plan: impl FnOnce(&mut Beside)) {
        plan(&mut self.lock().beside);
    }

    /// What was written down; the plan only for a trial run, by number.
    pub(in crate::sync) fn close(self, dry_run: bool) -> (Tally, Option<Vec<Planned>>, Beside) {
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
