//! Issues are created in the order of the source's numbers, because people expect #1 before #2,
//! while everything else about them happens at the same time.

use tokio::sync::oneshot::{self, Receiver, Sender};

/// Hands out turns.
#[derive(Debug, Default)]
pub(super) struct Turns {
    last: Option<Receiver<()>>,
}

/// The right to create one issue, once everybody before is through.
#[derive(Debug)]
pub(super) struct Turn {
    before: Option<Receiver<()>>,
    _through: Sender<()>,
}

impl Turns {
    /// The next turn.
    pub(super) fn draw(&mut self) -> Turn {
        let (through, receiver) = oneshot::channel();
        Turn {
            before: self.last.replace(receiver),
            _through: through,
        }
    }
}

impl Turn {
    /// Waits until everybody before is through. Dropping the turn lets the next one go.
    pub(super) async fn wait(&mut self) {
        if let Some(before) = self.before.take() {
            // Nothing is ever sent: the sender is dropped, however its owner ended.
            let _ = before.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_come_in_order_and_a_dropped_one_lets_the_next_go() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut turns = Turns::default();
            let (mut first, mut second, mut third) = (turns.draw(), turns.draw(), turns.draw());
            first.wait().await;
            let waiting = futures_util::poll!(std::pin::pin!(second.wait()));
            assert!(waiting.is_pending());
            drop(first);
            // Cancelled while it waited: its turn is over too.
            drop(second);
            third.wait().await;
        });
    }
}
