//! How fast requests may follow each other: by numbers of our own, and by what headers tell.

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How fast requests may follow each other, within any minute.
pub(super) struct Pace {
    per_minute: usize,
    sent: Mutex<VecDeque<Instant>>,
}

impl Pace {
    pub(super) fn new(per_minute: u64) -> Self {
        Self {
            per_minute: usize::try_from(per_minute.max(1)).unwrap_or(usize::MAX),
            sent: Mutex::default(),
        }
    }

    /// Takes a turn, or says how long to wait for one.
    pub(super) fn take(&self) -> Option<Duration> {
        let minute = Duration::from_mins(1);
        let now = Instant::now();
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        while sent
            .front()
            .is_some_and(|at| now.duration_since(*at) >= minute)
        {
            sent.pop_front();
        }
        if sent.len() < self.per_minute {
            sent.push_back(now);
            return None;
        }
        sent.front()
            .map(|at| minute.saturating_sub(now.duration_since(*at)))
    }
}

/// What is left of a limit that headers tell of, so that it is waited for before it is hit.
///
/// Several requests are under way at once, and an answer does not know of those behind it: what is
/// left is counted down here too.
#[derive(Default)]
pub(super) struct Allowance(Mutex<Option<Window>>);

/// A time in which so many requests may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    left: u64,
    /// As the server says when it ends: which window it is.
    reset: i64,
    ends: Instant,
    /// What the next one may have, if that is known.
    limit: Option<u64>,
}

/// What an answer says about the window in which it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    remaining: u64,
    reset: i64,
    limit: Option<u64>,
}

impl Told {
    /// Reads the headers; `None` if there is no such limit.
    pub(super) fn by(headers: &HeaderMap) -> Option<Self> {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse().ok();
        Some(Self {
            remaining: u64::try_from(number("ratelimit-remaining")?).ok()?,
            reset: number("ratelimit-reset")?,
            limit: number("ratelimit-limit").and_then(|limit: i64| u64::try_from(limit).ok()),
        })
    }
}

impl Allowance {
    /// Hears an answer. `now`: the server's clock. `under_way`: requests that are not answered yet.
    /// No window is waited for longer than `longest`.
    pub(super) fn hear(&self, told: Told, now: Timestamp, under_way: u64, longest: Duration) {
        let until = told.reset.saturating_sub(now.as_second());
        let until = Duration::from_secs(u64::try_from(until).unwrap_or(0));
        let heard = Window {
            left: told.remaining.saturating_sub(under_way),
            reset: told.reset,
            ends: Instant::now() + until.min(longest),
            limit: told.limit,
        };
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *window = Some(match *window {
            // An answer that was given before the one that was heard last.
            Some(known) if known.reset > heard.reset => known,
            Some(known) if known.reset == heard.reset => Window {
                left: known.left.min(heard.left),
                ends: known.ends,
                ..heard
            },
            _ => heard,
        });
    }

    /// Takes a turn, or says how long to wait for one.
    pub(super) fn take(&self) -> Option<Duration> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = window.as_mut()?;
        let now = Instant::now();
        if now >= known.ends {
            // Nothing is known of the new window but what the last one had; the first answer tells.
            match known.limit {
                Some(limit) if limit > 0 => {
                    known.left = limit - 1;
                    known.ends = now + Duration::from_mins(1);
                }
                _ => *window = None,
            }
            return None;
        }
        if known.left > 0 {
            known.left -= 1;
            return None;
        }
        Some(known.ends - now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: Duration = Duration::from_mins(5);

    fn told(remaining: u64, reset: i64) -> Told {
        Told {
            remaining,
            reset,
            limit: Some(10),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn p11_a_pace_is_kept_within_any_minute() {
        let pace = Pace::new(2);
        assert!(pace.take().is_none() && pace.take().is_none());
        let wait = pace.take().unwrap();
        assert!(wait > Duration::from_secs(50) && wait <= Duration::from_mins(1));
    }

    #[test]
    fn headers_are_read_where_they_are_whole() {
        let mut headers = HeaderMap::new();
        assert_eq!(Told::by(&headers), None);
        headers.insert("ratelimit-remaining", "3".parse().unwrap());
        assert_eq!(Told::by(&headers), None);
        headers.insert("ratelimit-reset", "60".parse().unwrap());
        headers.insert("ratelimit-limit", "10".parse().unwrap());
        assert_eq!(Told::by(&headers), Some(told(3, 60)));
        headers.insert("ratelimit-remaining", "-1".parse().unwrap());
        assert_eq!(Told::by(&headers), None);
    }

    #[test]
    fn p11_what_is_under_way_counts_and_a_late_answer_gives_nothing_back() {
        let allowance = Allowance::default();
        assert_eq!(allowance.take(), None, "nothing was told yet");
        allowance.hear(told(3, 60), at(30), 1, LONGEST);
        assert!(allowance.take().is_none() && allowance.take().is_none());
        let wait = allowance.take().unwrap();
        assert!(wait > Duration::from_secs(25) && wait <= Duration::from_secs(30));
        // Given before those two were counted, heard after them; and one of the window before.
        allowance.hear(told(3, 60), at(30), 0, LONGEST);
        allowance.hear(told(9, 0), at(30), 0, LONGEST);
        assert!(allowance.take().is_some());
        // The next window.
        allowance.hear(told(1, 120), at(60), 0, LONGEST);
        assert!(allowance.take().is_none() && allowance.take().is_some());
    }

    #[test]
    fn p11_a_window_that_is_over_is_followed_by_one_of_the_same_limit() {
        let allowance = Allowance::default();
        allowance.hear(told(0, 60), at(60), 0, LONGEST);
        for _ in 0..10 {
            assert_eq!(allowance.take(), None);
        }
        assert!(allowance.take().is_some());
        // No window is waited for without end.
        let allowance = Allowance::default();
        allowance.hear(told(0, 999_999), at(0), 0, Duration::from_secs(5));
        assert!(allowance.take().unwrap() <= Duration::from_secs(5));
    }
}
