//! Whether an issue is carried at all.

mod baseline;
mod loops;

pub use baseline::Baseline;
pub use loops::{came_through, comes_back, is_mirrored, marks_as_coming_back, travels};

use super::policy::Policy;
use crate::model::{Capabilities, Issue, State};

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
    use crate::model::{Field, IssueNumber, IssueType};
    use crate::plan::fixtures::{issue, target};

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
            |policy| policy.only.types = vec![IssueType::Task],
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
            |policy| policy.only.types = vec![IssueType::Issue],
            |policy| policy.only.created_after = Some("2020-01-01T00:00:00Z".parse().unwrap()),
            |policy| policy.only.issues = vec![IssueNumber(12)],
        ];
        for filter in within {
            assert_eq!(choice(|_, policy| filter(policy), false), Choice::Carry);
        }
    }
}
