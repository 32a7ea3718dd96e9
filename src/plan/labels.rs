//! Which labels a counterpart should have, and what that changes.

use super::policy::Policy;
use crate::model::{Issue, LabelOrigin, OurLabel, Person, Project};
use crate::text::escape::one_line;
use std::collections::{BTreeMap, BTreeSet};

/// What a label that says where an issue came from begins with.
pub const MIRRORED_FROM: &str = "Mirrored-From::";
/// What it ends with where nothing may tell.
pub const OPAQUE: &str = "opaque";
/// The colour of those labels.
pub const MIRRORED_FROM_COLOR: &str = "#0052CC";

/// The labels that a counterpart should have, by their title on the target: why each is wanted, and
/// the title that it has on the source, if it is one of the source's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted(pub BTreeMap<String, Want>);

/// People of whom it is known how they are carried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assigned {
    /// Accounts of the target to assign, in the order of the source.
    pub accounts: Vec<String>,
    /// Who has no account there, and is a label.
    pub labels: Vec<Person>,
    /// The target keeps them, whoever they are: they need no footer line.
    pub surely: bool,
}

/// Why a label is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// For the sake of which field.
    pub origin: LabelOrigin,
    /// Its title on the source.
    pub source: Option<String>,
}

impl Wanted {
    fn add(&mut self, name: &str, origin: LabelOrigin, source: Option<&str>) {
        let name = one_line(name);
        if !name.is_empty() {
            self.0.entry(name).or_insert_with(|| Want {
                origin,
                source: source.map(str::to_owned),
            });
        }
    }
}

/// The labels that a counterpart should have.
pub fn wanted(issue: &Issue, policy: &Policy, source: &Project) -> Wanted {
    let mut wanted = Wanted::default();
    if policy.labels {
        for label in &issue.labels {
            if let Some(name) = on_target(label, policy) {
                wanted.add(&name, LabelOrigin::Label, Some(label));
            }
        }
    }
    if policy.milestones
        && let Some(title) = issue
            .milestone
            .as_ref()
            .and_then(|m| policy.milestone(&m.title))
    {
        wanted.add(&format!("Milestone::{title}"), LabelOrigin::Milestone, None);
    }
    if policy.iterations
        && let Some(title) = &issue.iteration
    {
        wanted.add(&format!("Iteration::{title}"), LabelOrigin::Iteration, None);
    }
    if policy.epics
        && let Some(epic) = &issue.epic
    {
        match &epic.title {
            // The number is one of the source.
            Some(title) if policy.opaque => {
                wanted.add(&format!("Epic::{title}"), LabelOrigin::Epic, None);
            }
            None if policy.opaque => {}
            _ => wanted.add(&format!("Epic::&{}", epic.number), LabelOrigin::Epic, None),
        }
    }
    if policy.assignees {
        for person in &issue.assignees {
            let account = policy.account(person);
            wanted.add(
                &format!("Assignee::@{account}"),
                LabelOrigin::Assignee,
                None,
            );
        }
    }
    let host = if policy.opaque { OPAQUE } else { &source.host };
    wanted.add(
        &format!("{MIRRORED_FROM}{host}"),
        LabelOrigin::MirroredFrom,
        None,
    );
    wanted
}

/// What a label of the source is called on the target; `None` if it is not carried.
pub fn on_target(label: &str, policy: &Policy) -> Option<String> {
    // Only the last hop says where an issue came from.
    if label.starts_with(MIRRORED_FROM) {
        return None;
    }
    if let Some(mapped) = policy.label_map.get(label) {
        mapped.clone()
    } else {
        let (before, behind) = &policy.label_affix;
        Some(format!("{before}{label}{behind}"))
    }
}

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
    let frozen = |origin| match origin {
        LabelOrigin::Label => !policy.labels,
        LabelOrigin::Milestone => !policy.milestones,
        LabelOrigin::Iteration => !policy.iterations,
        LabelOrigin::Epic => !policy.epics,
        LabelOrigin::Assignee | LabelOrigin::Assigned => !policy.assignees,
        LabelOrigin::MirroredFrom => false,
    };
    let mut after: BTreeSet<OurLabel> = wanted
        .0
        .iter()
        .map(|(name, want)| OurLabel {
            name: name.clone(),
            origin: want.origin,
        })
        .collect();
    after.extend(accounts.iter().map(|name| OurLabel::assigned(name)));
    after.extend(ours.iter().filter(|label| frozen(label.origin)).cloned());
    let names = |labels: &BTreeSet<OurLabel>, people: bool| -> BTreeSet<String> {
        labels
            .iter()
            .filter(|label| (label.origin == LabelOrigin::Assigned) == people)
            .map(|label| label.name.clone())
            .collect()
    };
    let (before, now) = (names(ours, false), names(&after, false));
    let people = names(ours, true);
    LabelChange {
        add: now.difference(&before).cloned().collect(),
        remove: before.difference(&now).cloned().collect(),
        assign: accounts
            .iter()
            .filter(|name| !people.contains(*name))
            .cloned()
            .collect(),
        unassign: people.difference(&names(&after, true)).cloned().collect(),
        ours: after,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::draft::tests::{ends, issue};

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

    fn names(issue: &Issue, policy: &Policy) -> Vec<String> {
        wanted(issue, policy, &ends().0).0.into_keys().collect()
    }

    #[test]
    fn planning_fields_become_labels() {
        assert_eq!(
            names(&issue(), &Policy::default()),
            [
                "Assignee::@bob",
                "Assignee::@carol",
                "Epic::&3",
                "Iteration::Sprint 3",
                "Milestone::v1",
                "Mirrored-From::s.example",
                "bug",
            ]
        );
    }

    #[test]
    fn mappings_and_affixes_apply() {
        let mut issue = issue();
        issue.labels = ["bug", "internal", "ui", "Mirrored-From::else.example"]
            .map(String::from)
            .into();
        let mut policy = Policy {
            label_affix: ("up/".into(), "*".into()),
            ..Policy::default()
        };
        policy.label_map.insert("bug".into(), Some("defect".into()));
        policy.label_map.insert("internal".into(), None);
        policy.users.insert("bob".into(), "bob.b".into());
        policy.milestone_map.insert("v1".into(), Some("1.0".into()));
        let names = names(&issue, &policy);
        assert!(names.contains(&"defect".to_owned()) && names.contains(&"up/ui*".to_owned()));
        assert!(names.contains(&"Assignee::@bob.b".to_owned()));
        assert!(names.contains(&"Milestone::1.0".to_owned()));
        assert!(!names.iter().any(|name| name.contains("internal")));
        assert!(!names.iter().any(|name| name.contains("else.example")));
    }

    #[test]
    fn p6_only_our_labels_are_taken_away() {
        let policy = Policy::default();
        let before = change(
            &wanted(&issue(), &policy, &ends().0),
            &BTreeSet::new(),
            &policy,
        );
        let mut changed = issue();
        changed.labels = ["ui".to_owned()].into();
        let after = change(&wanted(&changed, &policy, &ends().0), &before.ours, &policy);
        assert_eq!(
            (after.add, after.remove),
            (vec!["ui".into()], vec!["bug".into()])
        );
    }

    #[test]
    fn p6_a_toggle_that_is_off_takes_nothing_away() {
        let on = Policy::default();
        let before = change(&wanted(&issue(), &on, &ends().0), &BTreeSet::new(), &on);
        let off = Policy {
            labels: false,
            milestones: false,
            iterations: false,
            epics: false,
            assignees: false,
            ..Policy::default()
        };
        let while_off = change(&wanted(&issue(), &off, &ends().0), &before.ours, &off);
        assert!(while_off.is_empty());
        // Switched on again, what changed meanwhile arrives.
        let mut changed = issue();
        changed.milestone = None;
        let again = change(&wanted(&changed, &on, &ends().0), &while_off.ours, &on);
        assert_eq!(again.remove, ["Milestone::v1"]);
        assert!(again.add.is_empty());
    }
}
