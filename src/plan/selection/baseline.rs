//! From where on a pair mirrors, so that what is older stays where it is.

use crate::model::{Date, Issue, IssueId, IssueNumber, Timestamp};
use crate::plan::policy::{Policy, Since};
use jiff::tz::TimeZone;
use std::fmt;

/// From where on a pair mirrors. Its text form stands in markers and in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// Everything.
    All,
    /// Issues that came after this one, by the forge's own growing id.
    After(IssueId),
    /// Issues from this number on.
    From(IssueNumber),
    /// Issues written on this day (UTC) or later.
    Day(Date),
}

impl Baseline {
    /// What the settings say by themselves; `None` if the first pass decides.
    pub fn of(policy: &Policy) -> Option<Self> {
        if policy.existing_issues {
            return Some(Self::All);
        }
        match policy.mirror_since {
            Some(Since::Number(number)) => Some(Self::From(number)),
            Some(Since::Date(day)) => Some(Self::Day(day)),
            None => None,
        }
    }

    /// Reads the text form.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "all" {
            return Some(Self::All);
        }
        let (kind, value) = text.split_at_checked(1)?;
        match kind {
            "i" => value.parse().ok().map(|id| Self::After(IssueId(id))),
            "n" => value.parse().ok().map(|n| Self::From(IssueNumber(n))),
            "d" => value.parse().ok().map(Self::Day),
            _ => None,
        }
    }

    /// Whether an issue of this id and number surely lies before it, so that it need not be read.
    pub fn surely_excludes(self, id: IssueId, number: IssueNumber) -> bool {
        match self {
            Self::All | Self::Day(_) => false,
            Self::After(last) => id <= last,
            Self::From(first) => number < first,
        }
    }

    pub(super) fn includes(self, issue: &Issue) -> bool {
        match self {
            Self::Day(day) => issue.created_at.is_none_or(|at| utc_day(at) >= day),
            _ => !self.surely_excludes(issue.id, issue.number),
        }
    }
}

fn utc_day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::After(id) => write!(f, "i{id}"),
            Self::From(number) => write!(f, "n{number}"),
            Self::Day(day) => write!(f, "d{day}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixtures::issue;

    #[test]
    fn baselines_are_read_as_they_are_written() {
        for (baseline, text, includes) in [
            (Baseline::All, "all", true),
            (Baseline::After(IssueId(120)), "i120", false),
            (Baseline::After(IssueId(119)), "i119", true),
            (Baseline::From(IssueNumber(12)), "n12", true),
            (Baseline::From(IssueNumber(13)), "n13", false),
            (
                Baseline::Day(jiff::civil::date(2026, 1, 2)),
                "d2026-01-02",
                true,
            ),
            (
                Baseline::Day(jiff::civil::date(2026, 1, 3)),
                "d2026-01-03",
                false,
            ),
        ] {
            assert_eq!(baseline.to_string(), text);
            assert_eq!(Baseline::parse(text), Some(baseline));
            assert_eq!(baseline.includes(&issue()), includes, "{text}");
        }
        assert_eq!(Baseline::parse(""), None);
        assert_eq!(Baseline::parse("é"), None);
    }
}
