//! What the labels and assignees that are wanted change on a counterpart.

use super::Wanted;
use crate::model::{Issue, LabelOrigin, LabelTitles, OurLabel};
use crate::plan::policy::Policy;
use std::collections::BTreeSet;

/// What is to be done about the labels of a counterpart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelChange {
    /// To be added.
    pub add: Vec<String>,
    /// To be taken away.
    pub remove: Vec<String>,
    /// Accounts to assign.
    pub assign: Vec<String>,
    /// Accounts to assign no more.
    pub unassign: Vec<String>,
    /// What is ours afterwards.
    pub ours: BTreeSet<OurLabel>,
}

impl LabelChange {
    /// Labels are to be sent.
    pub fn changes_labels(&self) -> bool {
        !self.add.is_empty() || !self.remove.is_empty()
    }

    /// Assignees are to be sent.
    pub fn changes_people(&self) -> bool {
        !self.assign.is_empty() || !self.unassign.is_empty()
    }

    /// Takes out every change of labels. `ours`: as it is.
    pub fn leave_labels(&mut self, ours: &BTreeSet<OurLabel>) {
        self.add.clear();
        self.remove.clear();
        self.ours.retain(|label| !label.is_label());
        let labels = ours.iter().filter(|label| label.is_label());
        self.ours.extend(labels.cloned());
    }

    /// Takes out what the counterpart has already and we did not put there: people did, and it stays
    /// theirs also when the source loses it (P6). `ours`: as it is.
    pub fn leave_theirs(&mut self, there: &Issue, ours: &BTreeSet<OurLabel>, titles: LabelTitles) {
        let same = |name: &str, other: &str| titles.same(name, other);
        let is_known = |label: &OurLabel| label.is_label() && label.origin != LabelOrigin::NotKept;
        let known = |name: &str| ours.iter().any(|l| is_known(l) && same(&l.name, name));
        let is_there = |name: &str| there.labels.iter().any(|label| same(label, name));
        for name in self
            .add
            .extract_if(.., |name| is_there(name) && !known(name))
        {
            self.ours.retain(|l| !l.is_label() || !same(&l.name, &name));
            self.ours.insert(OurLabel {
                name,
                origin: LabelOrigin::NotOurs,
            });
        }
    }

    /// Takes out every change of assignees. `ours`: as it is.
    pub fn leave_people(&mut self, ours: &BTreeSet<OurLabel>) {
        self.assign.clear();
        self.unassign.clear();
        self.ours.retain(OurLabel::is_label);
        let people = ours.iter().filter(|label| !label.is_label());
        self.ours.extend(people.cloned());
    }

    /// Nothing is to be sent.
    pub fn is_empty(&self) -> bool {
        !self.changes_labels() && !self.changes_people()
    }
}

/// Compares what is wanted with what we set before. Labels that people added are in neither list,
/// so they stay; labels whose toggle is off are not ours for as long and stay too (P6). `accounts`:
/// who is to be assigned, of whom the same is true.
pub fn change(
    wanted: &Wanted,
    accounts: &[String],
    ours: &BTreeSet<OurLabel>,
    policy: &Policy,
) -> LabelChange {
    let titles = wanted.titles;
    // What is not ours stays so for as long as the source has it.
    let not_ours = |name: &str| {
        let mut others = ours.iter().filter(|l| l.origin == LabelOrigin::NotOurs);
        others.any(|label| titles.same(&label.name, name))
    };
    let mut after: BTreeSet<OurLabel> = wanted
        .labels
        .iter()
        .map(|(name, want)| OurLabel {
            name: name.clone(),
            origin: if not_ours(name) {
                LabelOrigin::NotOurs
            } else {
                want.origin
            },
        })
        .collect();
    after.extend(accounts.iter().map(|name| OurLabel::assigned(name)));
    after.extend(
        ours.iter()
            .filter(|label| policy.is_frozen(label.origin))
            .cloned(),
    );
    let people = |labels: &BTreeSet<OurLabel>| -> BTreeSet<String> {
        let people = labels.iter().filter(|label| !label.is_label());
        people.map(|label| label.name.clone()).collect()
    };
    // One that the target did not keep is sent again.
    let is_there = |label: &&OurLabel| label.is_label() && label.origin != LabelOrigin::NotKept;
    let lacks = |labels: &BTreeSet<OurLabel>, name: &str| {
        let mut labels = labels.iter().filter(is_there);
        !labels.any(|label| titles.same(&label.name, name))
    };
    // A set, because a label may stand there for the sake of two fields.
    let missing = |from: &BTreeSet<OurLabel>, other: &BTreeSet<OurLabel>| -> Vec<String> {
        let labels = from.iter().filter(|label| label.is_label_of_ours());
        let names = labels.map(|label| label.name.clone());
        let names: BTreeSet<String> = names.filter(|name| lacks(other, name)).collect();
        names.into_iter().collect()
    };
    let (add, remove) = (missing(&after, ours), missing(ours, &after));
    let people_before = people(ours);
    LabelChange {
        add,
        remove,
        assign: accounts
            .iter()
            .filter(|name| !people_before.contains(*name))
            .cloned()
            .collect(),
        unassign: people_before.difference(&people(&after)).cloned().collect(),
        ours: after,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixtures::{ends, issue, target};
    use crate::plan::labels::wanted::tests::wanted;

    /// Without anybody assigned.
    fn change(wanted: &Wanted, ours: &BTreeSet<OurLabel>, policy: &Policy) -> LabelChange {
        super::change(wanted, &[], ours, policy)
    }

    #[test]
    fn p6_assignees_are_members_of_a_set_of_their_own() {
        let on = Policy::default();
        let change = |accounts: &[&str], ours: &BTreeSet<OurLabel>, policy: &Policy| {
            let accounts: Vec<String> = accounts.iter().map(ToString::to_string).collect();
            super::change(&Wanted::default(), &accounts, ours, policy)
        };
        let first = change(&["bob", "ann"], &BTreeSet::new(), &on);
        assert_eq!(first.assign, ["bob", "ann"], "in the order of the source");
        assert!(!first.changes_labels());
        let second = change(&["ann", "carl"], &first.ours, &on);
        assert_eq!(
            (&second.assign[..], &second.unassign[..]),
            (&["carl".to_owned()][..], &["bob".to_owned()][..])
        );
        let off = Policy {
            assignees: false,
            ..Policy::default()
        };
        let frozen = change(&[], &second.ours, &off);
        assert!(frozen.is_empty());
        assert_eq!(frozen.ours, second.ours);
    }

    #[test]
    fn p6_only_our_labels_are_taken_away() {
        let policy = Policy::default();
        let before = change(&wanted(&issue(), &policy), &BTreeSet::new(), &policy);
        let mut changed = issue();
        changed.labels = ["ui".to_owned()].into();
        let after = change(&wanted(&changed, &policy), &before.ours, &policy);
        assert_eq!(
            (after.add, after.remove),
            (vec!["ui".into()], vec!["bug".into()])
        );
    }

    #[test]
    fn p6_a_toggle_that_is_off_takes_nothing_away() {
        let on = Policy::default();
        let before = change(&wanted(&issue(), &on), &BTreeSet::new(), &on);
        let off = Policy {
            labels: false,
            milestones: false,
            iterations: false,
            epics: false,
            assignees: false,
            ..Policy::default()
        };
        let while_off = change(&wanted(&issue(), &off), &before.ours, &off);
        assert!(while_off.is_empty());
        // Switched on again, what changed meanwhile arrives.
        let mut changed = issue();
        changed.milestone = None;
        let again = change(&wanted(&changed, &on), &while_off.ours, &on);
        assert_eq!(again.remove, ["Milestone::v1"]);
        assert!(again.add.is_empty());
    }

    #[test]
    fn p4_titles_that_are_one_on_the_target_are_wanted_once_and_their_case_may_change() {
        let mut target = target();
        target.label_titles.ignores_case = true;
        let (on, source) = (Policy::default(), ends().0);
        let wanted = |labels: &[&str]| {
            let mut issue = issue();
            issue.labels = labels.iter().map(ToString::to_string).collect();
            crate::plan::labels::wanted(&issue, &on, &source, &target, None)
        };
        let both = wanted(&["Bug", "bug", "ui"]);
        let mine: Vec<&String> = both
            .labels
            .keys()
            .filter(|name| !name.contains("::"))
            .collect();
        assert_eq!(mine, ["Bug", "ui"]);
        let before = change(&both, &BTreeSet::new(), &on);
        let after = change(&wanted(&["bug", "ui"]), &before.ours, &on);
        assert!(after.is_empty(), "{after:?}");
        assert_eq!(change(&wanted(&["ui"]), &after.ours, &on).remove, ["bug"]);
        // What people wrote in another case is the same label, and theirs.
        let mut there = issue();
        there.labels = ["UI".to_owned()].into();
        let mut first = change(&both, &BTreeSet::new(), &on);
        first.leave_theirs(&there, &BTreeSet::new(), target.label_titles);
        assert!(!first.add.contains(&"ui".to_owned()), "{first:?}");
        assert!(
            change(&wanted(&[]), &first.ours, &on)
                .remove
                .iter()
                .all(|name| name != "ui")
        );
    }
}
