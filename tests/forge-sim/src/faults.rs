//! What goes wrong, and when.

use crate::world::World;
use jiff::SignedDuration;
use serde_json::Value;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Which request something happens to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// The so-manieth request from now on, from 1.
    Request(u64),
    /// The so-manieth request from now on that is no GET, from 1.
    Write(u64),
    /// Every request of this method whose path ends so.
    Every(&'static str, &'static str),
}

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed before the request is carried out.
    CloseBefore,
    /// The request is carried out and the connection closed without an answer.
    DropAnswer,
    /// The connection is closed at once, and the request is carried out so much later.
    ApplyLater(SignedDuration),
    /// An answer of this status instead, with a body as GitLab has it; nothing is carried out.
    Status(u16),
    /// The same with headers of one's own, such as `retry-after`.
    StatusWith(u16, Vec<(&'static str, String)>),
    /// The request is carried out and this status answered.
    StatusAfter(u16),
    /// The request is carried out and its answer cut in the middle.
    CutBody,
    /// The request is carried out and half of its answer sent as if it were the whole.
    HalfBody,
    /// The request is carried out, and this field of its answer has this value, in every row of a
    /// list.
    Field(&'static str, Value),
    /// The same with several fields.
    Fields(Vec<(&'static str, Value)>),
    /// A page of HTML, as a proxy or a sign-in has it.
    Html,
    /// The process in [`crate::World::victim`] is killed with SIGKILL at exactly this request: after
    /// it was carried out, or before and it never is.
    Kill {
        /// It is carried out first.
        after: bool,
    },
    /// The answer comes this much later, by the real clock.
    Delay(std::time::Duration),
    /// With [`When::Every`]: nothing of what it carries is read, and it is not answered.
    Stall,
}

type Change = Box<dyn FnOnce(&mut World) + Send>;

/// What people do while requests are answered. A copy of the world shares them.
#[derive(Clone, Default)]
pub(crate) struct Hooks(Arc<Mutex<Vec<(u64, Change)>>>);

impl Hooks {
    /// Keeps a change for just before this request.
    pub(crate) fn add(&self, request: u64, change: Change) {
        let mut hooks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hooks.push((request, change));
    }

    /// Takes out what is to be done before this request, in the order in which it was kept.
    pub(crate) fn take(&self, request: u64) -> Vec<Change> {
        let mut hooks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (due, rest) = std::mem::take(&mut *hooks)
            .into_iter()
            .partition(|(at, _)| *at == request);
        *hooks = rest;
        due.into_iter().map(|(_, change)| change).collect()
    }

    /// Forgets all of them.
    pub(crate) fn clear(&self) {
        let mut hooks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hooks.clear();
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hooks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        write!(f, "Hooks({})", hooks.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_happen_at_their_request_in_the_order_in_which_they_were_kept() {
        let hooks = Hooks::default();
        for (request, title) in [(2, "a"), (1, "b"), (2, "c")] {
            let version = move |world: &mut World| world.version.push_str(title);
            hooks.add(request, Box::new(version));
        }
        let mut world = World::default();
        world.version.clear();
        for request in 1..=3 {
            for change in hooks.take(request) {
                change(&mut world);
            }
        }
        assert_eq!(world.version, "bac");
    }
}
