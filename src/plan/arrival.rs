//! How each part of an issue arrives with given settings on a given target: found out by drafting an
//! issue with it and one without, so that nothing else knows what the draft knows.

mod part;

pub use part::{Choice, Part, Takes};

use super::draft::{self, Draft, Setting, TextFacts};
use super::labels::{Assigned, Want};
use super::opaque;
use super::policy::{AssigneeStrategy, Policy};
use crate::model::{
    Comment, CommentId, Digest, Extra, Field, Issue, IssueId, IssueNumber, IssueType, LabelOrigin,
    Need, Person, State, Thread, Version,
};
use std::collections::BTreeSet;

/// By what a part arrives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// As what it is on the source.
    pub field: bool,
    /// As a label.
    pub label: bool,
    /// As a line of the footer.
    pub footer: bool,
}

/// How a part arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// What arrives.
    pub part: Part,
    /// How.
    pub by: Ways,
    /// How, where the target does not have what it is called there: the milestone, the account.
    pub otherwise: Option<Ways>,
}

impl Ways {
    /// It does not arrive at all.
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }

    /// In words that stand by themselves.
    pub fn words(self) -> &'static str {
        match (self.field, self.label, self.footer) {
            (true, false, false) => "as it is",
            (true, false, true) => "as it is, and a footer line",
            (true, true, false) => "as it is, and a label",
            (true, true, true) => "as it is, a label and a footer line",
            (false, true, true) => "a label and a footer line",
            (false, true, false) => "a label",
            (false, false, true) => "a footer line",
            (false, false, false) => "not carried",
        }
    }
}

/// How every part arrives. `without`: what the target cannot do beside holding fields, whatever it
/// offers to others.
pub fn arrivals(setting: Setting<'_>, without: &BTreeSet<Extra>) -> Vec<Arrival> {
    let look = Look { setting, without };
    Part::ALL.into_iter().map(|part| look.at(part)).collect()
}

struct Look<'a> {
    setting: Setting<'a>,
    without: &'a BTreeSet<Extra>,
}

impl Look<'_> {
    fn at(&self, part: Part) -> Arrival {
        let policy = self.setting.policy;
        let found = Arrival {
            part,
            by: self.ways(part, true),
            otherwise: None,
        };
        let asks = match part {
            Part::Milestone => policy.milestone_by_title,
            Part::Assignees => {
                policy.opaque || policy.assignee_strategy != AssigneeStrategy::AsLabel
            }
            _ => false,
        };
        let otherwise = asks.then(|| self.ways(part, false));
        Arrival {
            otherwise: otherwise.filter(|ways| *ways != found.by),
            ..found
        }
    }

    fn offers(&self, extra: Extra) -> bool {
        !self.without.contains(&extra) && self.setting.target.offer(extra).is_some()
    }

    /// `there`: the target has what it is called there.
    fn ways(&self, part: Part, there: bool) -> Ways {
        let Setting { policy, target, .. } = self.setting;
        let field = |field| Ways {
            field,
            ..Ways::default()
        };
        match part {
            Part::Attachments => field(policy.attachments && self.offers(Extra::Downloads)),
            Part::Links => field(policy.issue_links),
            Part::Comments => field(policy.comments && self.is_seen(false)),
            Part::InternalNotes => {
                field(policy.comments && self.offers(Extra::InternalNotes) && self.is_seen(true))
            }
            Part::Confidential => field(policy.confidential && target.keeps_confidential()),
            Part::Number => Ways {
                field: policy.preserve_numbers && self.offers(Extra::Numbers),
                ..self.drafted(part, there)
            },
            Part::Author | Part::ClosedBy => Ways {
                field: !policy.opaque && self.offers(Extra::Authors),
                ..self.drafted(part, there)
            },
            Part::CreatedAt => Ways {
                field: self.offers(Extra::Times),
                ..self.drafted(part, there)
            },
            _ => self.drafted(part, there),
        }
    }

    /// Whether a comment may go to the target.
    fn is_seen(&self, internal: bool) -> bool {
        let comment = Comment {
            id: CommentId(1),
            text: "x".to_owned(),
            author: Person::account("author"),
            ours: false,
            created_at: None,
            internal,
            reply_to: None,
            web_url: None,
        };
        let thread = Thread {
            issue: blank(),
            comments: vec![comment],
        };
        !draft::draft_comments(&thread, &[TextFacts::default()], self.setting).is_empty()
    }

    /// What a draft says of a part.
    fn drafted(&self, part: Part, there: bool) -> Ways {
        let (before, mut issue) = (blank(), blank());
        part.put(&mut issue);
        let without = self.draft(&before, there);
        let with = self.draft(&issue, there);
        let holds_labels = self.setting.target.can_hold(Field::Labels);
        let mut added = with
            .labels
            .labels
            .iter()
            .filter(|(name, _)| holds_labels && !without.labels.labels.contains_key(*name));
        let is_label = |(_, want): &(&String, &Want)| {
            (want.origin == LabelOrigin::Label) == (part == Part::Labels)
        };
        let labelled = added.any(|label| is_label(&label));
        let is_itself = |draft: &Draft| {
            (
                draft.title.clone(),
                draft.text.clone(),
                draft.values.clone(),
                draft.time_spent,
                draft.accounts.clone(),
            )
        };
        Ways {
            field: is_itself(&with) != is_itself(&without) || (labelled && part == Part::Labels),
            label: labelled && part != Part::Labels,
            footer: with.facts != without.facts,
        }
    }

    /// As a pass does it where the target has what is asked for by name, or has not.
    fn draft(&self, issue: &Issue, there: bool) -> Draft {
        let Setting { policy, target, .. } = self.setting;
        let veiled = policy.opaque.then(|| veiled(issue, policy, there));
        let issue = veiled.as_ref().unwrap_or(issue);
        let mut facts = TextFacts::default();
        let by_title = policy.milestones && policy.milestone_by_title;
        if there && by_title && target.can_hold(Field::Milestone) {
            facts.milestone = issue.milestone.as_ref().map(|found| found.title.clone());
        }
        let by_name = policy.assignees && policy.assignee_strategy != AssigneeStrategy::AsLabel;
        if there && by_name && target.can_hold(Field::Assignees) {
            let accounts = issue.assignees.iter();
            facts.assigned = Some(Assigned {
                accounts: accounts.map(|person| person.username.clone()).collect(),
                labels: Vec::new(),
                surely: target.offer(Extra::SeveralAssignees) == Some(Need::NOTHING),
            });
        }
        draft::draft(issue, &facts, self.setting)
    }
}

/// An issue as the target may know it. `named`: the settings say who its people are there.
fn veiled(issue: &Issue, policy: &Policy, named: bool) -> Issue {
    let mut policy = policy.clone();
    let people = issue.assignees.iter().filter(|_| named);
    let accounts = people.map(|person| {
        (
            person.username.to_ascii_lowercase(),
            person.username.clone(),
        )
    });
    policy.users = accounts.collect();
    let thread = Thread {
        issue: issue.clone(),
        comments: Vec::new(),
    };
    opaque::veil(&thread, &policy).issue
}

/// An issue that says nothing. Whatever is added here becomes a [`Part`], so that people are told how
/// it arrives.
fn blank() -> Issue {
    Issue {
        id: IssueId(1),
        number: IssueNumber(1),
        version: Version(Digest::of(["version"])),
        title: "Title".to_owned(),
        text: "Text".to_owned(),
        state: State::Open,
        issue_type: IssueType::Issue,
        confidential: false,
        locked: false,
        author: Person::account("author"),
        ours: false,
        created_at: None,
        closed_at: None,
        closed_by: None,
        labels: BTreeSet::new(),
        milestone: None,
        iteration: None,
        epic: None,
        assignees: Vec::new(),
        weight: None,
        due_date: None,
        start_date: None,
        health: None,
        reactions: (0, 0),
        time_estimate: 0,
        time_spent: 0,
        web_url: None,
        location: String::new(),
    }
}
