//! When a pass is due, and of what kind it is.

use super::Pass;
use crate::model::{Digest, Mode, Timestamp};
use crate::plan::selection::Baseline;
use crate::store::PairRow;
use jiff::SignedDuration;

/// When the next pass of a pair is due: the last start, floored to the minute, plus the interval
/// less 30 s. Without that, a crontab of the same pace would miss every second pass by seconds.
pub fn due_at(last_start: Timestamp, interval: SignedDuration) -> Timestamp {
    let into_minute = SignedDuration::from_secs(last_start.as_second().rem_euclid(60));
    last_start
        .checked_add(interval - into_minute - SignedDuration::from_secs(30))
        .unwrap_or(last_start)
}

/// What kind of pass this is. `found`: the baseline, where it was found again.
pub(super) fn mode(
    pass: &Pass<'_>,
    row: &PairRow,
    found: Option<Baseline>,
    now: Timestamp,
) -> Mode {
    if pass.options.issue.is_some() {
        return Mode::Incremental;
    }
    let known = row.baseline.is_some() || found.is_some();
    if !known && Baseline::of(pass.policy).is_none() {
        let joins = pass.policy.link_by_title && row.by_title != Some(false);
        return if joins { Mode::Full } else { Mode::Baseline };
    }
    let due = row.last_full_at.is_none_or(|last| {
        now.duration_since(last) >= pass.full_every - spread(pass.full_every, ends(pass))
    });
    if pass.options.full || due {
        Mode::Full
    } else {
        Mode::Incremental
    }
}

/// Pairs that began together do not all read everything in the same pass: up to a tenth of the
/// distance earlier, always the same for a pair.
fn spread(full_every: SignedDuration, ends: [&str; 2]) -> SignedDuration {
    let digest = Digest::of(ends);
    full_every / 10 * i32::from(digest.as_bytes()[0]) / 256
}

fn ends<'a>(pass: &'a Pass<'_>) -> [&'a str; 2] {
    let (source, target) = (pass.source.project(), pass.target.project());
    [&source.key.0, &target.key.0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_passes_are_spread_over_a_tenth_of_their_distance() {
        let week = SignedDuration::from_hours(7 * 24);
        let names: Vec<String> = (0..50).map(|number| format!("s:{number}")).collect();
        let mut earlier: Vec<SignedDuration> = names
            .iter()
            .map(|name| spread(week, [name, "t:1"]))
            .collect();
        assert_eq!(
            earlier[0],
            spread(week, [&names[0], "t:1"]),
            "always the same"
        );
        earlier.sort();
        earlier.dedup();
        assert!(earlier.len() > 30, "{} different ones", earlier.len());
        assert!(
            earlier
                .iter()
                .all(|early| *early >= SignedDuration::ZERO && *early < week / 10)
        );
    }

    #[test]
    fn a_crontab_of_the_same_pace_misses_no_pass() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let due = due_at(at("2026-01-01T10:00:02.5Z"), SignedDuration::from_mins(15));
        assert_eq!(due, at("2026-01-01T10:14:30.5Z"));
        assert!(at("2026-01-01T10:15:01Z") >= due);
        assert!(at("2026-01-01T10:10:01Z") < due);
    }
}
