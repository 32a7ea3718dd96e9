//! What a client waits for: its own pace, the limits that headers tell of, and the pause that a server
//! asks for. Once the run is to end, nothing is waited for any more.

use super::answers::http_date;
use super::failed::LONGEST_PAUSE;
use super::limits::Told;
use super::{Client, Kind};
use crate::forge::Meter;
use jiff::Timestamp;
use reqwest::header::HeaderMap;
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

impl Client {
    /// `Retry-After`, in seconds or as a date by the instance's clock.
    pub(super) fn retry_after(&self, headers: &HeaderMap) -> Option<Duration> {
        let text = headers.get("retry-after")?.to_str().ok()?;
        if let Ok(seconds) = text.trim().parse::<u64>() {
            return Some(Duration::from_secs(seconds));
        }
        let at = http_date(text)?;
        let wait = at.duration_since(self.now());
        Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
    }

    /// Until the next full minute of the instance, when limits begin anew that no header tells of.
    pub(super) fn next_minute(&self) -> Duration {
        let into = self.now().as_second().rem_euclid(60);
        Duration::from_secs(u64::try_from(60 - into).unwrap_or(60))
    }

    /// Hears what every answer tells: the instance's clock, and what is left of its limit.
    pub(super) fn hear(&self, headers: &HeaderMap) {
        let date = headers.get("date").and_then(|date| date.to_str().ok());
        if let Some(there) = date.and_then(http_date) {
            let ahead = there.as_millisecond() - Timestamp::now().as_millisecond();
            self.clock.store(ahead, Ordering::Relaxed);
        }
        if let Some(told) = Told::by(headers) {
            // The one that was answered is one of them.
            let under_way = self.under_way.load(Ordering::Relaxed).saturating_sub(1);
            let now = self.now();
            self.allowance.hear(told, now, under_way, LONGEST_PAUSE);
        }
    }

    pub(super) fn not_before(&self) -> MutexGuard<'_, Option<Instant>> {
        let guard = self.not_before.lock();
        guard.unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits; `false` if the run is to end before it is over.
    pub(super) async fn wait(&self, time: Duration, meter: &Meter) -> bool {
        let begun = Instant::now();
        let is_over = loop {
            let left = time.saturating_sub(begun.elapsed());
            if left.is_zero() {
                break true;
            }
            if self.ends.load(Ordering::Relaxed) {
                break false;
            }
            tokio::time::sleep(left.min(Duration::from_millis(100))).await;
        };
        meter.add_wait(begun.elapsed());
        is_over
    }

    /// Waits until a request may be sent without hitting a limit; `false` if the run is to end
    /// before.
    pub(super) async fn keep_pace(&self, kind: Option<Kind>, meter: &Meter) -> bool {
        let special = match kind {
            Some(Kind::Issue) => &self.issues,
            Some(Kind::Comment) => &self.comments,
            None => &None,
        };
        for pace in [special, &self.pace].into_iter().flatten() {
            while let Some(wait) = pace.take() {
                if !self.wait(wait, meter).await {
                    return false;
                }
            }
        }
        loop {
            let until = *self.not_before();
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let pause = left.filter(|left| !left.is_zero());
            let Some(wait) = pause.or_else(|| self.allowance.take()) else {
                return true;
            };
            if !self.wait(wait, meter).await {
                return false;
            }
        }
    }
}
