//! An attempt that did not succeed: whether another one may follow, and when.

use crate::forge::{ErrorKind, ForgeError};
use std::time::Duration;

/// How often a request is sent that may be repeated.
pub(super) const ATTEMPTS: u32 = 5;
/// The first pause between two attempts; each one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// No server is waited for longer than this at once.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// Why an attempt did not succeed.
pub(super) struct Failed {
    pub(super) error: ForgeError,
    /// Sent again, it may succeed, and it surely was not carried out.
    pub(super) not_done: bool,
    /// Sent again, it may succeed.
    pub(super) may_pass: bool,
    /// The server says when.
    pub(super) wait: Option<Duration>,
}

impl Failed {
    /// How long to wait before the next attempt: what the server asks for, and never nothing.
    pub(super) fn pause(&self, attempt: u32) -> Duration {
        let least = pause(attempt);
        self.wait.map_or(least, |wait| wait.max(least))
    }

    /// The error of the last attempt. If the server asked for a pause that nobody waits for, it says
    /// so.
    pub(super) fn given_up(self) -> ForgeError {
        match self.wait.filter(|wait| *wait > LONGEST_PAUSE) {
            None => self.error,
            Some(wait) => ForgeError {
                said: format!(
                    "{}; it asks for a pause of {} s, and no pass waits longer than {} s at once",
                    self.error.said,
                    wait.as_secs(),
                    LONGEST_PAUSE.as_secs()
                ),
                ..self.error
            },
        }
    }
}

/// A file of which nothing more is accepted.
pub(super) fn stalled(doing: &str) -> Failed {
    let said = "nothing more of the file was accepted, or it was not answered in time";
    Failed {
        error: ForgeError::new(ErrorKind::Unavailable, doing, said),
        not_done: false,
        may_pass: true,
        wait: None,
    }
}

/// A request that was not sent, because the run ends.
pub(super) fn interrupted(doing: String) -> ForgeError {
    let said = "the run was to end while this waited for the server's limits; it was not sent";
    ForgeError::new(ErrorKind::Interrupted, doing, said)
}

/// The pause before an attempt, with chance in it, so that many do not come back together.
fn pause(attempt: u32) -> Duration {
    let pause = FIRST_PAUSE * 2_u32.saturating_pow(attempt - 1);
    pause.mul_f64(0.75 + fastrand::f64() * 0.5)
}
