//! A project and what is in it.

use crate::people::Role;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// A project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its number.
    pub id: u64,
    /// `group/project`.
    pub path: String,
    /// Where it was before.
    pub old_paths: Vec<String>,
    /// Who may do what.
    pub members: BTreeMap<u64, Role>,
    /// Whoever is no member may read it.
    pub public: bool,
    /// Nothing in it can be changed any more.
    pub archived: bool,
    /// Nobody is mailed about anything in it.
    pub emails_disabled: bool,
    /// Its group has no licence, whatever the server has.
    pub free: bool,
    /// It has issues.
    pub issues_enabled: bool,
    /// What it is connected with, by the words that the API has for it, such as `jira`; of another
    /// tracker the keys of its projects, each of which has every issue that is asked for.
    pub integrations: BTreeMap<String, BTreeSet<String>>,
    /// What an issue without a description gets.
    pub template: Option<String>,
    /// Labels, those of the group too.
    pub labels: Vec<Label>,
    /// Names of those that are put away: they stay where they are and get nowhere else.
    pub archived_labels: BTreeSet<String>,
    /// Milestones by their global ids, those of the group too.
    pub milestones: BTreeMap<u64, Milestone>,
    /// Who created a milestone by the API, as events tell it; nothing else does.
    pub milestone_authors: BTreeMap<u64, u64>,
    /// Issues by their number.
    pub issues: BTreeMap<u64, Issue>,
    /// Files by secret and name.
    pub uploads: BTreeMap<(String, String), Vec<u8>>,
    /// Numbers of merge requests; nothing else is known of them.
    pub merge_requests: BTreeSet<u64>,
    /// Names of commits, in full; nothing else is known of them.
    pub commits: BTreeSet<String>,
    /// The next number of an issue.
    pub next_iid: u64,
}

/// A milestone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Milestone {
    /// Its title.
    pub title: String,
    /// `2026-01-31`
    pub start_date: Option<String>,
    /// `2026-01-31`
    pub due_date: Option<String>,
    /// It is over.
    pub closed: bool,
    /// What is written about it.
    pub description: String,
    /// It belongs to the group of the project.
    pub of_group: bool,
}

/// A label.
#[derive(Clone, Debug)]
pub struct Label {
    /// Its number.
    pub id: u64,
    /// Its title.
    pub name: String,
    /// `#rrggbb`
    pub color: String,
    /// May be nothing.
    pub description: Option<String>,
    /// It belongs to the group of the project.
    pub of_group: bool,
}

/// An issue.
#[derive(Clone, Debug)]
pub struct Issue {
    /// Its number on the server.
    pub id: u64,
    /// Its number in the project.
    pub iid: u64,
    /// One line.
    pub title: String,
    /// Markdown.
    pub description: Option<String>,
    /// Not closed.
    pub open: bool,
    /// When it was made, or is said to be.
    pub created_at: Timestamp,
    /// When it changed last, with the throttle.
    pub updated_at: Timestamp,
    /// When and by whom it was closed.
    pub closed: Option<(Timestamp, u64)>,
    /// Who wrote it.
    pub author: u64,
    /// Titles of labels.
    pub labels: BTreeSet<String>,
    /// Global id of the milestone.
    pub milestone: Option<u64>,
    /// Who is to work on it.
    pub assignees: Vec<u64>,
    /// `2026-01-31`
    pub due_date: Option<String>,
    /// `2026-01-31`, which people set in the browser.
    pub start_date: Option<String>,
    /// `on_track`, `needs_attention` or `at_risk`, if the licence has them.
    pub health: Option<String>,
    /// Thumbs up and down.
    pub thumbs: (u64, u64),
    /// Seen by few.
    pub confidential: bool,
    /// `issue`, `incident`, `task`, `test_case`
    pub issue_type: String,
    /// Its discussion is locked: only members comment.
    pub locked: bool,
    /// Points, if the licence has them.
    pub weight: Option<u64>,
    /// Number and title of its epic, if the licence has them.
    pub epic: Option<(u64, String)>,
    /// Title of its iteration, if the licence has them.
    pub iteration: Option<String>,
    /// In seconds.
    pub time_estimate: i64,
    /// In seconds.
    pub time_spent: i64,
    /// In the order in which they were written.
    pub notes: Vec<Note>,
    /// What was changed through the API, in the order in which it happened.
    pub events: Vec<Event>,
}

/// Something that happened to an issue and is no note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number on the server.
    pub id: u64,
    /// Who did it.
    pub user: u64,
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub happened: Happened,
}

/// What was done to an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// A label was added.
    Labelled(String),
    /// A label was taken away.
    Unlabelled(String),
    /// It was closed.
    Closed,
    /// It was opened again.
    Reopened,
}

/// A link between two issues, each by its project and number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueLink {
    /// Its number on the server.
    pub id: u64,
    /// From where it was made, or what blocks the other.
    pub source: (u64, u64),
    /// The other.
    pub target: (u64, u64),
    /// The one blocks the other.
    pub blocks: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A note: a comment, or what the server wrote itself.
#[derive(Clone, Debug)]
pub struct Note {
    /// Its number on the server.
    pub id: u64,
    /// Markdown.
    pub body: String,
    /// Who wrote it.
    pub author: u64,
    /// When it was written, or is said to be.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Timestamp,
    /// The server wrote it.
    pub system: bool,
    /// Seen by members only.
    pub internal: bool,
    /// The discussion that it is in; its own number while nobody answered it.
    pub discussion: u64,
    /// It is one of a thread.
    pub in_thread: bool,
}

impl Issue {
    /// Touches an issue: within a minute of its last change it stays as it was (reference §9.2).
    pub fn touch(&mut self, now: Timestamp) {
        if now.duration_since(self.updated_at).as_secs() > 60 {
            self.updated_at = now;
        }
    }

    /// What people wrote.
    pub fn comments(&self) -> Vec<&Note> {
        self.notes.iter().filter(|note| !note.system).collect()
    }
}
