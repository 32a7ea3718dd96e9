//! Issues are created in the order of the source's numbers, because people expect #1 before #2,
//! while everything else about them happens at the same time.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Hands out turns.
#[derive(Debug, Default)]
pub(super) struct Turns {
    queue: Arc<Queue>,
    drawn: u64,
}

#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    moved: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Whose turn it is: everybody before is through.
    first: u64,
    /// Who is through although somebody before is not: an issue that is not created after all.
    through: BTreeSet<u64>,
}

/// The right to create one issue, once everybody before is through. Dropping it, at whatever
/// moment, is being through.
#[derive(Debug)]
pub(super) struct Turn {
    queue: Arc<Queue>,
    number: u64,
}

impl Turns {
    /// The next turn.
    pub(super) fn draw(&mut self) -> Turn {
        let number = self.drawn;
        self.drawn += 1;
        Turn {
            queue: Arc::clone(&self.queue),
            number,
        }
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Waits until everybody before is through.
    pub(super) async fn wait(&self) {
        loop {
            let moved = self.queue.moved.notified();
            if self.queue.state().first >= self.number {
                return;
            }
            moved.await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        state.through.insert(self.number);
        while state.through.first() == Some(&state.first) {
            state.through.pop_first();
            state.first += 1;
        }
        drop(state);
        self.queue.moved.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn may_go(turn: &Turn) -> bool {
        turn.wait().now_or_never().is_some()
    }

    #[test]
    fn turns_come_in_their_order() {
        let mut turns = Turns::default();
        let (first, second) = (turns.draw(), turns.draw());
        assert!(may_go(&first) && !may_go(&second));
        drop(first);
        assert!(may_go(&second));
    }

    #[test]
    fn somebody_who_leaves_early_lets_nobody_overtake() {
        let mut turns = Turns::default();
        let (first, second, third) = (turns.draw(), turns.draw(), turns.draw());
        drop(second);
        assert!(!may_go(&third), "the first is not through yet");
        drop(first);
        assert!(may_go(&third));
    }

    #[test]
    fn whoever_waits_is_woken() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let mut turns = Turns::default();
        let (first, second) = (turns.draw(), turns.draw());
        runtime.block_on(async {
            futures_util::future::join(second.wait(), async { drop(first) }).await;
        });
    }
}
