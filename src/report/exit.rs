//! The exit status.

use crate::model::Outcome;

/// How a run ends. The numbers are part of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Every pass succeeded; also if there was nothing to do or nothing due.
    Success,
    /// At least one pair failed as a whole.
    Failed,
    /// Usage or configuration is wrong; nothing was contacted.
    Usage,
    /// Every pair ran, but some issues failed, wait, are in conflict, or were left for the next run.
    Partial,
    /// Another pass holds the store.
    Locked,
    /// Stopped by this signal.
    Signal(i32),
}

impl Exit {
    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Partial => 3,
            Self::Locked => 75,
            Self::Signal(signal) => u8::try_from(128 + signal).unwrap_or(1),
        }
    }

    /// The exit of one pass.
    pub fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Success | Outcome::NotDue | Outcome::Disabled => Self::Success,
            Outcome::Partial | Outcome::Interrupted => Self::Partial,
            Outcome::Failed => Self::Failed,
        }
    }

    /// Several at once: a signal, else the first of 2, 75, 1, 3.
    pub fn merge(all: impl IntoIterator<Item = Self>) -> Self {
        let weight = |exit: &Self| match exit {
            Self::Signal(_) => 5,
            Self::Usage => 4,
            Self::Locked => 3,
            Self::Failed => 2,
            Self::Partial => 1,
            Self::Success => 0,
        };
        all.into_iter().max_by_key(weight).unwrap_or(Self::Success)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_wins() {
        let order = [
            Exit::Success,
            Exit::Partial,
            Exit::Failed,
            Exit::Locked,
            Exit::Usage,
            Exit::Signal(2),
        ];
        for (grave, exit) in order.iter().enumerate() {
            for lesser in &order[..=grave] {
                assert_eq!(Exit::merge([*exit, *lesser]), *exit);
                assert_eq!(Exit::merge([*lesser, *exit]), *exit);
            }
        }
        assert_eq!(Exit::merge([]), Exit::Success);
    }

    #[test]
    fn numbers_are_those_of_the_contract() {
        let codes = [
            (Exit::Success, 0),
            (Exit::Failed, 1),
            (Exit::Usage, 2),
            (Exit::Partial, 3),
            (Exit::Locked, 75),
            (Exit::Signal(2), 130),
            (Exit::Signal(15), 143),
        ];
        for (exit, code) in codes {
            assert_eq!(exit.code(), code);
        }
    }
}
