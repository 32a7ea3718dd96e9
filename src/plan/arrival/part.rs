//! The parts of an issue: what each is called, by which key it is switched, and what it takes.

use crate::model::{
    Capabilities, Date, Epic, Extra, Field, Issue, IssueNumber, IssueType, Lost, Milestone, Need,
    Person, State, Timestamp,
};
use crate::plan::policy::{AssigneeStrategy, Policy};

/// A part of an issue of which people ask whether it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The title.
    Title,
    /// The description.
    Text,
    /// Files that texts link to.
    Attachments,
    /// Comments that everybody sees.
    Comments,
    /// Comments that members only see.
    InternalNotes,
    /// Open or closed.
    State,
    /// Who closed it and when.
    ClosedBy,
    /// Hidden from the public.
    Confidential,
    /// The kind of issue.
    Type,
    /// Only members comment.
    Locked,
    /// Who wrote it.
    Author,
    /// When it was written.
    CreatedAt,
    /// Its number.
    Number,
    /// Its labels.
    Labels,
    /// Its milestone.
    Milestone,
    /// Who is to work on it.
    Assignees,
    /// Its weight.
    Weight,
    /// The day it is due.
    DueDate,
    /// Its estimate.
    TimeEstimate,
    /// Time spent.
    TimeSpent,
    /// Its iteration.
    Iteration,
    /// Its epic.
    Epic,
    /// The day work on it begins.
    StartDate,
    /// How it goes.
    Health,
    /// Thumbs.
    Reactions,
    /// Links to other issues.
    Links,
}

/// What a part may take of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// That a field is kept.
    Field(Field),
    /// That a kind of issue is kept, and what for.
    Type(IssueType, &'static str),
    /// Something beside the fields, and what for.
    Extra(Extra, &'static str),
}

/// A setting as the configuration has it, and what it does.
pub type Choice = (&'static str, fn(&mut Policy));

impl Part {
    /// Every part, in the order in which people ask.
    pub const ALL: [Self; 26] = [
        Self::Title,
        Self::Text,
        Self::Attachments,
        Self::Comments,
        Self::InternalNotes,
        Self::State,
        Self::ClosedBy,
        Self::Confidential,
        Self::Type,
        Self::Locked,
        Self::Author,
        Self::CreatedAt,
        Self::Number,
        Self::Labels,
        Self::Milestone,
        Self::Assignees,
        Self::Weight,
        Self::DueDate,
        Self::TimeEstimate,
        Self::TimeSpent,
        Self::Iteration,
        Self::Epic,
        Self::StartDate,
        Self::Health,
        Self::Reactions,
        Self::Links,
    ];

    /// What people call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Text => "description",
            Self::Attachments => "attachments",
            Self::Comments => "comments and threads",
            Self::InternalNotes => "internal comments",
            Self::State => "open or closed",
            Self::ClosedBy => "who closed it and when",
            Self::Confidential => "confidential issues",
            Self::Type => "type",
            Self::Locked => "locked discussion",
            Self::Author => "author",
            Self::CreatedAt => "time of writing",
            Self::Number => "number",
            Self::Labels => "labels",
            Self::Milestone => "milestone",
            Self::Assignees => "assignees",
            Self::Weight => "weight",
            Self::DueDate => "due date",
            Self::TimeEstimate => "time estimate",
            Self::TimeSpent => "time spent",
            Self::Iteration => "iteration",
            Self::Epic => "epic",
            Self::StartDate => "start date",
            Self::Health => "health status",
            Self::Reactions => "thumbs up and down",
            Self::Links => "links to other issues",
        }
    }

    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Comments => "comments",
            Self::InternalNotes => "internal_notes",
            Self::State => "state",
            Self::ClosedBy => "closed_by",
            Self::Confidential => "confidential",
            Self::Locked => "locked",
            Self::CreatedAt => "created_at",
            Self::DueDate => "due_date",
            Self::TimeEstimate => "time_estimate",
            Self::TimeSpent => "time_spent",
            Self::StartDate => "start_date",
            Self::Health => "health",
            Self::Reactions => "reactions",
            Self::Links => "links",
            _ => self.words(),
        }
    }

    /// The key that switches it, where one does.
    pub fn key(self) -> Option<&'static str> {
        Some(match self {
            Self::Attachments => "sync_attachments",
            Self::Comments => "sync_comments",
            Self::InternalNotes => "sync_internal_notes",
            Self::Confidential => "sync_confidential",
            Self::Number => "preserve_numbers",
            Self::Labels => "sync_labels",
            Self::Milestone => "sync_milestones",
            Self::Assignees => "sync_assignees",
            Self::Weight => "sync_weight",
            Self::DueDate | Self::StartDate => "sync_due_date",
            Self::TimeEstimate => "sync_time_estimate",
            Self::TimeSpent => "sync_time_spent",
            Self::Iteration => "sync_iterations",
            Self::Epic => "sync_epics",
            Self::Links => "sync_issue_links",
            _ => return None,
        })
    }

    /// The setting by which it arrives as what it is on the source, where that is not the default.
    pub fn option(self) -> Option<Choice> {
        Some(match self {
            Self::InternalNotes => ("sync_internal_notes: true", |policy| {
                policy.internal_notes = true;
            }),
            Self::Confidential => ("sync_confidential: true", |policy| {
                policy.confidential = true;
            }),
            Self::Number => ("preserve_numbers: true", |policy| {
                policy.preserve_numbers = true;
            }),
            Self::Milestone => ("milestone_strategy: by_title", |policy| {
                policy.milestone_by_title = true;
            }),
            Self::Assignees => ("assignee_strategy: by_username", |policy| {
                policy.assignee_strategy = AssigneeStrategy::ByUsername;
            }),
            _ => return None,
        })
    }

    /// What it may take of a target.
    pub fn takes(self) -> &'static [Takes] {
        use Takes::{Extra as Beside, Field as Kept};
        match self {
            Self::Attachments => &[Beside(Extra::Downloads, "on the source")],
            Self::Comments => &[Beside(
                Extra::OthersComments,
                "to edit those that another account mirrored",
            )],
            Self::InternalNotes => &[Beside(Extra::InternalNotes, "")],
            Self::ClosedBy | Self::Author => &[Beside(Extra::Authors, "")],
            Self::CreatedAt => &[Beside(Extra::Times, "")],
            Self::Number => &[Beside(Extra::Numbers, "")],
            Self::Confidential => &[
                Kept(Field::Confidential),
                Beside(Extra::Hiding, "to hide one that becomes so"),
            ],
            Self::Links => &[Beside(Extra::Blocks, "for `blocks`")],
            Self::Milestone => &[
                Kept(Field::Milestone),
                Beside(Extra::Milestones, "to create one"),
            ],
            Self::Assignees => &[
                Kept(Field::Assignees),
                Beside(Extra::SeveralAssignees, "for more than one"),
            ],
            Self::Title => &[Kept(Field::Title)],
            Self::Text => &[Kept(Field::Text)],
            Self::State => &[Kept(Field::State)],
            Self::Type => &[
                Kept(Field::Type),
                Takes::Type(IssueType::Incident, "for incidents"),
                Takes::Type(IssueType::TestCase, "for test cases"),
            ],
            Self::Labels => &[Kept(Field::Labels)],
            Self::Locked => &[Kept(Field::Locked)],
            Self::Iteration => &[Kept(Field::Iteration)],
            Self::Epic => &[Kept(Field::Epic)],
            Self::Weight => &[Kept(Field::Weight)],
            Self::DueDate => &[Kept(Field::DueDate)],
            Self::TimeEstimate => &[Kept(Field::TimeEstimate)],
            Self::TimeSpent => &[Kept(Field::TimeSpent)],
            Self::StartDate | Self::Health | Self::Reactions => &[],
        }
    }

    /// What it takes of a target to have it as what it is on the source, each with what for; nothing
    /// where everybody has it, and nothing where nobody has.
    pub fn needs(self, target: &Capabilities) -> Vec<(&'static str, Need)> {
        let needs = self.takes().iter().filter_map(|takes| match takes {
            Takes::Field(field) => Some(("", target.need(*field)?)),
            Takes::Type(kind, what) => Some((*what, target.need_of(Lost::Type(*kind))?)),
            Takes::Extra(extra, what) => Some((*what, target.offer(*extra)?)),
        });
        needs.filter(|(_, need)| !need.is_nothing()).collect()
    }

    /// Puts it into an issue that has none of it.
    pub(super) fn put(self, issue: &mut Issue) {
        let somebody = || Person::account("somebody");
        match self {
            Self::Title => "Another".clone_into(&mut issue.title),
            Self::Text => "Another".clone_into(&mut issue.text),
            Self::State => issue.state = State::Closed,
            Self::ClosedBy => {
                issue.state = State::Closed;
                issue.closed_by = Some(somebody());
                issue.closed_at = Some(Timestamp::UNIX_EPOCH);
            }
            Self::Confidential => issue.confidential = true,
            Self::Type => issue.issue_type = IssueType::Incident,
            Self::Locked => issue.locked = true,
            Self::Author => issue.author = somebody(),
            Self::CreatedAt => issue.created_at = Some(Timestamp::UNIX_EPOCH),
            Self::Number => issue.number = IssueNumber(2),
            Self::Labels => issue.labels = ["label".to_owned()].into(),
            Self::Milestone => issue.milestone = Some(Milestone::titled("milestone")),
            Self::Assignees => issue.assignees = vec![somebody()],
            Self::Weight => issue.weight = Some(1),
            Self::DueDate => issue.due_date = Some(Date::ZERO),
            Self::TimeEstimate => issue.time_estimate = 60,
            Self::TimeSpent => issue.time_spent = 60,
            Self::Iteration => issue.iteration = Some("iteration".to_owned()),
            Self::Epic => {
                issue.epic = Some(Epic {
                    number: 1,
                    title: Some("epic".to_owned()),
                });
            }
            Self::StartDate => issue.start_date = Some(Date::ZERO),
            Self::Health => issue.health = Some("on_track".to_owned()),
            Self::Reactions => issue.reactions = (1, 0),
            Self::Attachments | Self::Comments | Self::InternalNotes | Self::Links => {}
        }
    }
}
