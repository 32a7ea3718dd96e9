use crate::model::IssueNumber;
use std::sync::atomic::{AtomicI32, Ordering};

/// What happens during a pass, for whoever shows progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A pass over this pair begins.
    Begun {
        /// Its name.
        pair: &'a str,
    },
    /// So many issues are to be looked at.
    Discovered {
        /// How many.
        issues: u64,
    },
    /// One of them is done, however it ended.
    Done {
        /// Its number on the source.
        issue: IssueNumber,
    },
    /// The pass is over.
    Finished,
}

/// Asks a running pass to end: it finishes the write in flight, records it and returns.
#[derive(Debug, Default)]
pub struct Stop(AtomicI32);

impl Stop {
    /// Asks for the end, because of a signal.
    pub fn ask(&self, signal: i32) {
        self.0.store(signal, Ordering::SeqCst);
    }

    /// The signal that asked for the end.
    pub fn signal(&self) -> Option<i32> {
        match self.0.load(Ordering::SeqCst) {
            0 => None,
            signal => Some(signal),
        }
    }

    /// Whether the end was asked for.
    pub fn is_asked(&self) -> bool {
        self.signal().is_some()
    }
}
