//! Which labels a counterpart should have, and what that changes.

use super::policy::Policy;
use crate::model::{
    Capabilities, Issue, IssueType, LabelOrigin, LabelTitles, Lists, Milestone, OurLabel, Person,
    Project, label_scope,
};
use crate::text::escape::one_line;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a label that says where an issue came from begins with.
pub const MIRRORED_FROM: &str = "Mirrored-From::";
/// What it ends with where nothing may tell.
pub const OPAQUE: &str = "opaque";
/// The colour of those labels.
pub const MIRRORED_FROM_COLOR: &str = "#0052CC";

/// The labels that a counterpart should have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// By their title on the target: why each is wanted, and the title that it has on the source, if it
    /// is one of the source's.
    pub labels: BTreeMap<String, Want>,
    /// Labels of the source that the target has no room for: it keeps one of a scope.
    pub crowded_out: Vec<String>,
    /// Labels that the target lacks and that may not be made there, because everybody there would read
    /// their titles.
    pub withheld: BTreeMap<String, Want>,
    /// When two titles are one.
    pub titles: LabelTitles,
}

/// The labels of a target that shows its list to more people than an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Those that are there, by what titles have in common that are one.
    pub titles: Arc<BTreeSet<String>>,
    /// What else may be.
    pub lists: Lists,
}

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
    /// The title is one of the settings, not of the source.
    pub mapped: bool,
}

impl Want {
    /// Whether the title may stand in the list of the target for the sake of an issue that not everybody
    /// there sees.
    pub fn may_be_listed(&self, lists: Lists) -> bool {
        match self.origin {
            // It says of the pair what every mirrored issue says.
            LabelOrigin::MirroredFrom => true,
            LabelOrigin::Label | LabelOrigin::Milestone => self.mapped || lists != Lists::Open,
            LabelOrigin::Iteration => lists != Lists::Open,
            // No list of the source says these.
            LabelOrigin::Epic
            | LabelOrigin::Assignee
            | LabelOrigin::Assigned
            | LabelOrigin::Type
            | LabelOrigin::NotOurs
            | LabelOrigin::NotKept => lists == Lists::Closed,
        }
    }
}

impl Wanted {
    fn add(&mut self, name: &str, want: Want) {
        let name = self.titles.fitting(&one_line(name));
        let same = |there: &String| self.titles.ignores_case && self.titles.same(there, &name);
        if !name.is_empty() && !self.labels.keys().any(same) {
            self.labels.entry(name).or_insert(want);
        }
    }

    /// Takes out what may not be made there.
    fn withhold(&mut self, listed: &Listed, policy: &Policy) {
        let titles = self.titles;
        let (there, withheld) =
            std::mem::take(&mut self.labels)
                .into_iter()
                .partition(|(name, want)| {
                    let is_made = want.origin != LabelOrigin::Label || policy.label_auto_create;
                    let is_there = listed.titles.contains(&titles.key(name));
                    is_there || !is_made || want.may_be_listed(listed.lists)
                });
        (self.labels, self.withheld) = (there, withheld);
    }

    /// The labels of the source of which only the footer can tell.
    pub fn only_told(&self) -> Vec<String> {
        let withheld = self.withheld.iter();
        let withheld = withheld.filter(|(_, want)| want.origin == LabelOrigin::Label);
        let mut told = self.crowded_out.clone();
        told.extend(withheld.map(|(name, _)| name.clone()));
        told.sort();
        told
    }

    /// Whether a counterpart has one label of a scope of which it should have several.
    pub fn crowds(&self, there: &Issue) -> bool {
        let mut scopes: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for name in self.labels.keys() {
            if let Some(scope) = label_scope(name) {
                let counts = scopes.entry(scope).or_default();
                counts.0 += 1;
                counts.1 += usize::from(there.labels.contains(name));
            }
        }
        scopes.values().any(|(all, there)| *all > 1 && *there == 1)
    }

    /// Leaves one label of each scope: the last, which is what a target keeps that gets all of them.
    fn leave_one_of_a_scope(&mut self) {
        let mut last: BTreeMap<String, String> = BTreeMap::new();
        for name in self.labels.keys() {
            if let Some(scope) = label_scope(name) {
                last.insert(self.titles.key(scope), name.clone());
            }
        }
        let titles = self.titles;
        self.labels.retain(|name, want| {
            let stays = label_scope(name).is_none_or(|scope| last[&titles.key(scope)] == *name);
            if !stays && want.origin == LabelOrigin::Label {
                self.crowded_out.push(name.clone());
            }
            stays
        });
    }
}

/// The labels that a counterpart should have. `listed`: what may be read there, where the issue is to
/// stay hidden from some who read it.
pub fn wanted(
    issue: &Issue,
    policy: &Policy,
    source: &Project,
    target: &Capabilities,
    listed: Option<&Listed>,
) -> Wanted {
    let mut wanted = Wanted {
        titles: target.label_titles,
        ..Wanted::default()
    };
    if policy.labels {
        for label in &issue.labels {
            if let Some(name) = on_target(label, policy) {
                let want = Want {
                    origin: LabelOrigin::Label,
                    source: Some(label.clone()),
                    mapped: policy.label_map.contains_key(label),
                };
                wanted.add(&name, want);
            }
        }
    }
    let mapped = |m: &Milestone| policy.milestone_map.contains_key(&m.title);
    let milestone_is_mapped = issue.milestone.as_ref().is_some_and(mapped);
    let mut stands_in = |name: String, origin| {
        let want = Want {
            origin,
            source: None,
            mapped: origin == LabelOrigin::Milestone && milestone_is_mapped,
        };
        wanted.add(&name, want);
    };
    if policy.milestones
        && let Some(title) = issue
            .milestone
            .as_ref()
            .and_then(|m| policy.milestone(&m.title))
    {
        stands_in(format!("Milestone::{title}"), LabelOrigin::Milestone);
    }
    if policy.iterations
        && let Some(title) = &issue.iteration
    {
        stands_in(format!("Iteration::{title}"), LabelOrigin::Iteration);
    }
    if policy.epics
        && let Some(epic) = &issue.epic
    {
        match &epic.title {
            // The number is one of the source.
            Some(title) if policy.opaque => {
                stands_in(format!("Epic::{title}"), LabelOrigin::Epic);
            }
            None if policy.opaque => {}
            _ => stands_in(format!("Epic::&{}", epic.number), LabelOrigin::Epic),
        }
    }
    if policy.assignees {
        for person in &issue.assignees {
            let account = policy.account(person);
            stands_in(format!("Assignee::@{account}"), LabelOrigin::Assignee);
        }
    }
    if !target.can_be(issue.issue_type) && issue.issue_type != IssueType::Issue {
        let kind = issue.issue_type.word();
        stands_in(format!("Type::{kind}"), LabelOrigin::Type);
    }
    let host = if policy.opaque { OPAQUE } else { &source.host };
    stands_in(format!("{MIRRORED_FROM}{host}"), LabelOrigin::MirroredFrom);
    if let Some(listed) = listed {
        wanted.withhold(listed, policy);
    }
    if target.one_of_a_scope {
        wanted.leave_one_of_a_scope();
    }
    wanted
}

/// Whether a label may be one that stands in for another field; it may be one of the source as well.
pub fn may_stand_in(name: &str) -> bool {
    let scopes = [
        "Milestone",
        "Iteration",
        "Epic",
        "Assignee",
        "Type",
        "Mirrored-From",
    ];
    scopes.iter().any(|scope| {
        let rest = name.strip_prefix(scope);
        rest.is_some_and(|rest| rest.starts_with("::"))
    })
}

/// How a label that is withheld is noted, by what titles have in common that are one.
pub fn withheld_label(key: &str) -> String {
    format!("label {key}")
}

/// How a milestone that is withheld is noted, by its title in small letters.
pub fn withheld_milestone(key: &str) -> String {
    format!("milestone {key}")
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

    fn wanted(issue: &Issue, policy: &Policy) -> Wanted {
        super::wanted(issue, policy, &ends().0, &target(), None)
    }

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
        wanted(issue, policy).labels.into_keys().collect()
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
            super::wanted(&issue, &on, &source, &target, None)
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

    #[test]
    fn p9_where_one_of_a_scope_is_kept_the_last_is_wanted_and_the_others_are_named() {
        let mut target = target();
        target.one_of_a_scope = true;
        let mut issue = issue();
        issue.labels = ["a::b::x", "a::b::y", "a::c", "b"].map(String::from).into();
        let wanted = super::wanted(&issue, &Policy::default(), &ends().0, &target, None);
        let names: Vec<&str> = wanted.labels.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "Assignee::@carol",
                "Epic::&3",
                "Iteration::Sprint 3",
                "Milestone::v1",
                "Mirrored-From::s.example",
                "a::b::y",
                "a::c",
                "b",
            ]
        );
        assert_eq!(wanted.crowded_out, ["a::b::x"]);
    }
}
