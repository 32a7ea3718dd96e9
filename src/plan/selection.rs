//! Whether an issue is carried at all.

use super::labels::{MIRRORED_FROM, OPAQUE};
use super::policy::{Policy, Since};
use crate::model::{
    Capabilities, Comment, Date, Issue, IssueId, IssueNumber, Project, State, Timestamp,
};
use crate::text::envelope::{split_comment, split_description};
use crate::text::marker::{Marker, Role};
use crate::text::seal::{Seal, is_sealed};
use jiff::tz::TimeZone;
use std::fmt;

/// What is to become of an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It is mirrored.
    Carry,
    /// It is mirrored and must not be seen any more: the counterpart is hidden, whatever the other
    /// settings say.
    Hide,
    /// It is mirrored and left the selection: the counterpart stays as it is.
    Keep,
    /// It is not mirrored.
    Skip(SkipReason),
}

/// Why an issue is not mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipReason {
    /// Hidden from the public.
    Confidential,
    /// It came from the target, or through it.
    Loop,
    /// It was closed when it was first seen.
    Closed,
    /// `only:` leaves it out.
    Filtered,
    /// It is older than the pair.
    Baseline,
    /// Somebody deleted the counterpart.
    Gone,
    /// Somebody parted it from its counterpart (`unlink`).
    Parted,
}

impl SkipReason {
    /// Every reason with the word that stands for it in JSON and in the store.
    pub const WORDS: [(&'static str, Self); 7] = [
        ("confidential", Self::Confidential),
        ("loop", Self::Loop),
        ("closed", Self::Closed),
        ("filtered", Self::Filtered),
        ("baseline", Self::Baseline),
        ("gone", Self::Gone),
        ("parted", Self::Parted),
    ];

    /// The word that stands for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Confidential => "confidential",
            Self::Loop => "loop",
            Self::Closed => "closed",
            Self::Filtered => "filtered",
            Self::Baseline => "baseline",
            Self::Gone => "gone",
            Self::Parted => "parted",
        }
    }

    /// Reads [`Self::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::WORDS
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, reason)| *reason)
    }
}

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

    fn includes(self, issue: &Issue) -> bool {
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

/// Whether an issue came from the target or through it, so that mirroring it would send it round in
/// circles (P5). `trusted`: the marker in it is one of ours. For this question alone a marker that
/// is not trusted counts too, if a `Mirrored-From::` label stands by it; the label alone counts only
/// where there is no marker.
/// A hop that only another secret could read counts as the target: what came through it and came from
/// there could not be told from it.
pub fn comes_back(
    issue: &Issue,
    trusted: bool,
    source: &Project,
    target: &Project,
    seal: Option<&Seal>,
) -> bool {
    if let Some(split) = split_description(&issue.text) {
        came_through(&split.marker, target, seal) && (trusted || is_mirrored(issue))
    } else {
        let of_target = format!("{MIRRORED_FROM}{}", target.host);
        let of_nobody = format!("{MIRRORED_FROM}{OPAQUE}");
        issue.labels.contains(&of_nobody)
            || source.host != target.host && issue.labels.contains(&of_target)
    }
}

/// Whether a marker says that something came from a project or through it, or may say so.
pub fn came_through(marker: &Marker, project: &Project, seal: Option<&Seal>) -> bool {
    let mut hops = marker.lineage.iter();
    hops.any(|hop| is_hop(hop, project, seal).unwrap_or(true))
}

/// Whether a hop of a marker is a project; `None` if only another secret could tell.
fn is_hop(hop: &str, project: &Project, seal: Option<&Seal>) -> Option<bool> {
    match seal {
        Some(seal) => seal.names(hop, &project.key.0),
        None if is_sealed(hop) => None,
        None => Some(hop == project.key.0),
    }
}

/// Whether a comment marks an issue of somebody else as the counterpart of one of the target, or of one
/// that came through it (P5). `trusted`: the marker in it is one of ours.
pub fn marks_as_coming_back(
    comment: &Comment,
    trusted: bool,
    target: &Project,
    seal: Option<&Seal>,
) -> bool {
    let marker = trusted.then(|| split_comment(&comment.text)).flatten();
    marker.is_some_and(|split| {
        split.marker.role == Role::OfIssue && came_through(&split.marker, target, seal)
    })
}

/// Whether a comment is one that people wrote, here or elsewhere, and did not come from the target or
/// through it; `None` if only another secret could tell. `trusted`: the marker in it is one of ours.
pub fn travels(
    comment: &Comment,
    trusted: bool,
    target: &Project,
    seal: Option<&Seal>,
) -> Option<bool> {
    let split = trusted.then(|| split_comment(&comment.text)).flatten();
    let Some(marker) = split.map(|split| split.marker) else {
        return Some(true);
    };
    let mut hops = marker.lineage.iter();
    if marker.role != Role::Counterpart || hops.any(|hop| is_hop(hop, target, seal) == Some(true)) {
        return Some(false);
    }
    (!came_through(&marker, target, seal)).then_some(true)
}

/// Whether a label says that an issue is a counterpart.
pub fn is_mirrored(issue: &Issue) -> bool {
    let mut labels = issue.labels.iter();
    labels.any(|label| label.starts_with(MIRRORED_FROM))
}

/// Decides what becomes of an issue. `comes_back`: it came from the target or through it.
pub fn choose(
    issue: &Issue,
    policy: &Policy,
    target: &Capabilities,
    baseline: Baseline,
    linked: bool,
    comes_back: bool,
) -> Choice {
    // First of all, whatever the other settings say: what is hidden stays hidden.
    let carries = policy.confidential && target.keeps_confidential();
    let follows = policy.update_existing && selected(issue, policy);
    if issue.confidential && linked && !(carries && follows) {
        return Choice::Hide;
    }
    if issue.confidential && !carries {
        return Choice::Skip(SkipReason::Confidential);
    }
    if excluded(issue, policy) {
        return if linked {
            Choice::Hide
        } else {
            Choice::Skip(SkipReason::Filtered)
        };
    }
    if linked {
        return if selected(issue, policy) {
            Choice::Carry
        } else {
            Choice::Keep
        };
    }
    if comes_back {
        return Choice::Skip(SkipReason::Loop);
    }
    if !baseline.includes(issue) {
        return Choice::Skip(SkipReason::Baseline);
    }
    if !selected(issue, policy) {
        return Choice::Skip(SkipReason::Filtered);
    }
    if issue.state == State::Closed && !policy.closed_issues {
        return Choice::Skip(SkipReason::Closed);
    }
    Choice::Carry
}

/// A label says that the issue must not be shown: treated like one that became confidential.
pub fn excluded(issue: &Issue, policy: &Policy) -> bool {
    policy
        .only
        .exclude_labels
        .iter()
        .any(|label| issue.labels.contains(label))
}

fn selected(issue: &Issue, policy: &Policy) -> bool {
    let only = &policy.only;
    only.labels.iter().all(|label| issue.labels.contains(label))
        && only
            .milestone
            .as_ref()
            .is_none_or(|title| issue.milestone.as_ref().is_some_and(|m| m.title == *title))
        && only
            .author
            .as_ref()
            .is_none_or(|author| issue.author.username == *author)
        && (only.types.is_empty() || only.types.contains(&issue.issue_type))
        && only
            .created_after
            .is_none_or(|after| issue.created_at.is_some_and(|at| at > after))
        && (only.issues.is_empty() || only.issues.contains(&issue.number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Field;
    use crate::plan::fixtures::{ends, issue, target};

    fn choice(change: impl FnOnce(&mut Issue, &mut Policy), linked: bool) -> Choice {
        let (mut issue, mut policy) = (issue(), Policy::default());
        policy.existing_issues = true;
        change(&mut issue, &mut policy);
        choose(&issue, &policy, &target(), Baseline::All, linked, false)
    }

    #[test]
    fn p7_confidential_comes_before_every_other_setting() {
        let hidden = |issue: &mut Issue, policy: &mut Policy| {
            issue.confidential = true;
            policy.update_existing = false;
            policy.only.labels = vec!["none".into()];
        };
        assert_eq!(
            choice(hidden, false),
            Choice::Skip(SkipReason::Confidential)
        );
        assert_eq!(choice(hidden, true), Choice::Hide);
        // Also where confidential issues are carried, but this one does not follow any more.
        let left = |issue: &mut Issue, policy: &mut Policy| {
            hidden(issue, policy);
            policy.confidential = true;
        };
        assert_eq!(choice(left, true), Choice::Hide);
        assert_eq!(choice(left, false), Choice::Skip(SkipReason::Filtered));
        let excluded = |_: &mut Issue, policy: &mut Policy| {
            policy.only.exclude_labels = vec!["bug".into()];
        };
        assert_eq!(choice(excluded, true), Choice::Hide);
        assert_eq!(choice(excluded, false), Choice::Skip(SkipReason::Filtered));
    }

    #[test]
    fn p7_confidential_is_carried_only_where_it_stays_so() {
        let issue = Issue {
            confidential: true,
            ..issue()
        };
        let policy = Policy {
            confidential: true,
            ..Policy::default()
        };
        let can = target();
        // Public for a moment is public.
        let too_late = Capabilities {
            on_create: &[Field::Title, Field::Text],
            ..target()
        };
        let cannot = Capabilities {
            confidential: false,
            ..target()
        };
        let choose = |target| choose(&issue, &policy, target, Baseline::All, false, false);
        assert_eq!(choose(&can), Choice::Carry);
        assert_eq!(choose(&cannot), Choice::Skip(SkipReason::Confidential));
        assert_eq!(choose(&too_late), Choice::Skip(SkipReason::Confidential));
    }

    #[test]
    fn a_mirrored_issue_that_leaves_the_selection_stays_as_it_is() {
        let left = |_: &mut Issue, policy: &mut Policy| policy.only.author = Some("bob".into());
        assert_eq!(choice(left, true), Choice::Keep);
        assert_eq!(choice(left, false), Choice::Skip(SkipReason::Filtered));
    }

    #[test]
    fn closed_issues_are_left_out_only_when_first_seen() {
        let closed = |issue: &mut Issue, _: &mut Policy| issue.state = State::Closed;
        assert_eq!(choice(closed, false), Choice::Skip(SkipReason::Closed));
        assert_eq!(choice(closed, true), Choice::Carry);
    }

    #[test]
    fn every_filter_filters() {
        type Filter = fn(&mut Policy);
        let out: [Filter; 6] = [
            |policy| policy.only.labels = vec!["bug".into(), "other".into()],
            |policy| policy.only.milestone = Some("v2".into()),
            |policy| policy.only.author = Some("bob".into()),
            |policy| policy.only.types = vec![IssueTypeForTest::Task],
            |policy| policy.only.created_after = Some("2027-01-01T00:00:00Z".parse().unwrap()),
            |policy| policy.only.issues = vec![IssueNumber(99)],
        ];
        for filter in out {
            assert_eq!(
                choice(|_, policy| filter(policy), false),
                Choice::Skip(SkipReason::Filtered)
            );
        }
        let within: [Filter; 6] = [
            |policy| policy.only.labels = vec!["bug".into()],
            |policy| policy.only.milestone = Some("v1".into()),
            |policy| policy.only.author = Some("alice".into()),
            |policy| policy.only.types = vec![IssueTypeForTest::Issue],
            |policy| policy.only.created_after = Some("2020-01-01T00:00:00Z".parse().unwrap()),
            |policy| policy.only.issues = vec![IssueNumber(12)],
        ];
        for filter in within {
            assert_eq!(choice(|_, policy| filter(policy), false), Choice::Carry);
        }
    }

    use crate::model::IssueType as IssueTypeForTest;

    #[test]
    fn p5_what_came_from_the_target_does_not_go_back() {
        let (source, target) = ends();
        let marker = |lineage: &str| {
            format!(
                "T.\n\n---\n\n[issue-mirror]: # (imk7f3a9c2d4e v1 src=t.example:8:1 sid=1 \
                 pid=s.example:7 t=a.b lineage={lineage})\n\n- **Source:** x"
            )
        };
        let came = |text: String, label: &str, trusted| {
            let mut issue = issue();
            issue.text = text;
            issue.labels.insert(label.to_owned());
            comes_back(&issue, trusted, &source, &target, None)
        };
        assert!(came(marker("t.example:8"), "x", true));
        assert!(came(marker("t.example:8,u.example:9"), "x", true));
        assert!(!came(marker("u.example:9"), "x", true));
        // A marker that somebody pasted hides nothing by itself.
        assert!(!came(marker("t.example:8"), "x", false));
        assert!(came(marker("t.example:8"), "Mirrored-From::z", false));
        assert!(came("T.".into(), "Mirrored-From::t.example", false));
        assert!(!came("T.".into(), "Mirrored-From::u.example", false));
        assert!(came("T.".into(), "Mirrored-From::opaque", false));
    }

    #[test]
    fn p5_what_came_through_a_seal_is_known_by_the_same_secret_and_held_back_by_any_other() {
        let (source, target) = ends();
        let seal = Seal::new("a secret of some length");
        let came_from = |project: &str, by: Option<&Seal>| {
            let marker = seal.close(&Marker {
                key: "imk7f3a9c2d4e".into(),
                source: format!("{project}:1"),
                target: source.key.0.clone(),
                written: "a.b".into(),
                lineage: vec![project.to_owned()],
                ..Marker::default()
            });
            let mut issue = issue();
            issue.text = format!("T.\n\n---\n\n{}", marker.render());
            comes_back(&issue, true, &source, &target, by)
        };
        assert!(came_from(&target.key.0, Some(&seal)));
        assert!(!came_from("u.example:9", Some(&seal)));
        assert!(came_from("u.example:9", Some(&Seal::new("another"))));
        assert!(came_from("u.example:9", None));
    }

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
