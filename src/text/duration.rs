//! Lengths of time for people.

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// Seconds as `1h30m`: whole hours, minutes and seconds only, so that no length of a working day
/// has to be known. 0 is `0s`.
pub fn compact(seconds: u64) -> String {
    let text: String = [
        (seconds / 3600, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, unit)| format!("{count}{unit}"))
    .collect();
    if text.is_empty() { "0s".into() } else { text }
}

/// Reads a length of time such as `7d`, `12h` or `1h30m`; a day has 24 hours. `None` for anything
/// else and for none at all.
pub fn parse(text: &str) -> Option<SignedDuration> {
    let span: Span = text.parse().ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    (duration > SignedDuration::ZERO).then_some(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read() {
        assert_eq!(parse("7d"), Some(SignedDuration::from_hours(168)));
        assert_eq!(parse("1h30m"), Some(SignedDuration::from_mins(90)));
        for text in ["", "7", "-7d", "0s", "soon", "1 month"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn lengths_are_exact() {
        for (seconds, text) in [
            (0, "0s"),
            (59, "59s"),
            (5400, "1h30m"),
            (360_000, "100h"),
            (3661, "1h1m1s"),
        ] {
            assert_eq!(compact(seconds), text);
            let parsed: SignedDuration = text.parse().unwrap();
            assert_eq!(parsed.as_secs().unsigned_abs(), seconds);
        }
    }
}
