//! A clock of the simulator's own: time passes when a test says so, and a little with each request.

use jiff::{SignedDuration, Timestamp};
use std::time::Instant;

/// What time it is on the server.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    now: Timestamp,
    /// Since when time passes here as everywhere.
    runs_since: Option<Instant>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            now: Timestamp::from_second(1_767_225_600).unwrap_or(Timestamp::UNIX_EPOCH),
            runs_since: None,
        }
    }
}

impl Clock {
    /// The time, with microseconds.
    pub fn now(&self) -> Timestamp {
        let passed = self.runs_since.map(|since| since.elapsed());
        let passed = passed.and_then(|passed| SignedDuration::try_from(passed).ok());
        let now = self.now.saturating_add(passed.unwrap_or_default());
        now.unwrap_or(self.now)
    }

    /// From now on time passes by itself too, as fast as everywhere: for clients that wait.
    pub fn run(&mut self) {
        self.now = self.now();
        self.runs_since = Some(Instant::now());
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
        self.header_in(SignedDuration::ZERO)
    }

    /// A date as headers have it, so much later than now.
    pub fn header_in(&self, later: SignedDuration) -> String {
        let at = self.now().saturating_add(later).unwrap_or(self.now);
        at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }
}
