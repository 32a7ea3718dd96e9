//! A clock of the simulator's own: time passes when a test says so, and a little with each request.

use jiff::{SignedDuration, Timestamp};

/// What time it is on the server.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    now: Timestamp,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            now: Timestamp::from_second(1_767_225_600).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }
}

impl Clock {
    /// The time, with microseconds.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Lets time pass.
    pub fn advance(&mut self, by: SignedDuration) {
        self.now = self.now.saturating_add(by).unwrap_or(self.now);
    }

    /// What a request takes.
    pub(crate) fn tick(&mut self) {
        self.advance(SignedDuration::from_micros(7_123));
    }

    /// As the `Date` header has it: whole seconds.
    pub(crate) fn date_header(&self) -> String {
        self.now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }
}
