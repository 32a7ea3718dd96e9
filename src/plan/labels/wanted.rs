//! Which labels a counterpart should have: those of its source, and those that stand in for other fields.

use super::{MIRRORED_FROM, OPAQUE, on_target};
use crate::model::{
    Capabilities, Issue, IssueType, LabelOrigin, LabelTitles, Milestone, Project, label_scope,
};
use crate::plan::lists::Listed;
use crate::plan::policy::Policy;
use crate::text::escape::one_line;
use std::collections::BTreeMap;

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

impl Wanted {
    fn add(&mut self, name: &str, want: Want) {
        let name = self.titles.fitting(&one_line(name));
        let same = |there: &String| self.titles.ignores_case && self.titles.same(there, &name);
        if !name.is_empty() && !self.labels.keys().any(same) {
            self.labels.entry(name).or_insert(want);
        }
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

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::plan::fixtures::{ends, issue, target};

    /// Those of an issue that is not hidden, on a target that keeps several of a scope.
    pub(in crate::plan::labels) fn wanted(issue: &Issue, policy: &Policy) -> Wanted {
        super::wanted(issue, policy, &ends().0, &target(), None)
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
