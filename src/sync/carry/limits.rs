//! When nothing else is begun, sent or created.

use super::Carrier;
use crate::forge::ForgeError;
use crate::model::Stage;
use crate::sync::failure::{Cause, FailedAt, Failure};
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};
use std::time::Instant;

impl Carrier<'_> {
    pub(in crate::sync) fn time_is_up(&self) -> bool {
        self.deadline
            .is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Whether as many requests were made as were allowed.
    pub(in crate::sync) fn requests_are_used_up(&self) -> bool {
        let made = self.pass.source.requests() + self.pass.target.requests();
        self.pass
            .options
            .max_requests
            .is_some_and(|allowed| made >= allowed)
    }

    /// Whether no other issue is begun.
    pub(in crate::sync) fn is_over(&self) -> bool {
        self.time_is_up() || self.requests_are_used_up() || self.lock_fatal().is_some()
    }

    pub(super) fn lock_fatal(&self) -> MutexGuard<'_, Option<(Stage, ForgeError)>> {
        self.fatal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing else is tried.
    pub(in crate::sync) fn ends_with(&self, stage: Stage, error: ForgeError) {
        self.lock_fatal().get_or_insert((stage, error));
    }

    /// Why nothing else is tried; what was under way then came to its end.
    pub(in crate::sync) fn take_fatal(&self) -> Option<(Stage, ForgeError)> {
        self.lock_fatal().take()
    }

    /// Whether nothing else is sent, also not for an issue that was begun.
    pub(in crate::sync) fn ends_now(&self) -> bool {
        self.pass.stop.is_asked() || self.is_over()
    }

    /// Something is left in the middle.
    pub(in crate::sync) fn was_stopped(&self) {
        self.cut_short.store(true, Ordering::Relaxed);
    }

    pub(in crate::sync) fn was_cut_short(&self) -> bool {
        self.cut_short.load(Ordering::Relaxed)
    }

    pub(in crate::sync) fn budget_was_used_up(&self) -> bool {
        self.budget_used_up.load(Ordering::Relaxed)
    }

    /// Whether nothing is created yet, because a run that nobody remembers may still be at it.
    pub(in crate::sync) fn waits_for_others(&self) -> bool {
        if self.others_may_write && !self.cut_short.swap(true, Ordering::Relaxed) {
            self.books.count(|tally| {
                tally.failures.push(Failure::of_whole(
                    FailedAt::Recover,
                    Cause::JustLost,
                    "mirrored issues changed on the target a moment ago, and the store knows nothing of it; what was sent may still be carried out there, so nothing was created".to_owned(),
                ));
            });
        }
        self.others_may_write
    }

    /// Takes one create from the budget, if there is a budget and anything is left of it.
    pub(super) fn take_budget(&self) -> bool {
        let Some(left) = &self.creates_left else {
            return true;
        };
        let taken = left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            })
            .is_ok();
        if !taken {
            self.budget_used_up.store(true, Ordering::Relaxed);
        }
        taken
    }
}
