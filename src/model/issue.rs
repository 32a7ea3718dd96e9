use super::{Date, Digest, Timestamp, Version};
use std::collections::BTreeSet;
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// The number people use for an issue within its project, as in `#12`.
    IssueNumber
);
id!(
    /// A forge's own growing id of an issue. It orders issues by arrival even where their
    /// `created_at` was set by an import.
    IssueId
);
id!(
    /// A forge's own id of a comment, growing within an issue.
    CommentId
);

/// An issue with its comments, in the order in which they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The issue itself.
    pub issue: Issue,
    /// Comments of people; a forge leaves out its own system notes.
    pub comments: Vec<Comment>,
}

/// An issue as a forge holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The forge's own growing id.
    pub id: IssueId,
    /// The number within the project.
    pub number: IssueNumber,
    /// Changes whenever anything of the issue or its comments does.
    pub version: Version,
    /// One line.
    pub title: String,
    /// The description, in the forge's Markdown.
    pub text: String,
    /// Open or closed.
    pub state: State,
    /// What kind of thing it is, where the forge has kinds.
    pub issue_type: IssueType,
    /// Hidden from the public.
    pub confidential: bool,
    /// Only members comment.
    pub locked: bool,
    /// Who wrote it.
    pub author: Person,
    /// Written by the account that this tool uses on that forge, so a marker in it may be trusted.
    pub ours: bool,
    /// When it was written, where that is known.
    pub created_at: Option<Timestamp>,
    /// When it was closed, while it is.
    pub closed_at: Option<Timestamp>,
    /// Who closed it, while it is.
    pub closed_by: Option<Person>,
    /// Titles of its labels.
    pub labels: BTreeSet<String>,
    /// Its milestone.
    pub milestone: Option<Milestone>,
    /// Title of its iteration.
    pub iteration: Option<String>,
    /// The epic it belongs to.
    pub epic: Option<Epic>,
    /// Who is to work on it.
    pub assignees: Vec<Person>,
    /// Weight in points.
    pub weight: Option<u32>,
    /// The day it is due.
    pub due_date: Option<Date>,
    /// The day work on it begins.
    pub start_date: Option<Date>,
    /// How it goes, in the forge's own word.
    pub health: Option<String>,
    /// Thumbs up and thumbs down.
    pub reactions: (u64, u64),
    /// Estimated time in seconds; 0 is none.
    pub time_estimate: u64,
    /// Time spent in seconds.
    pub time_spent: u64,
    /// Its page, where it has one that people can open.
    pub web_url: Option<String>,
    /// Where an operator finds it: its page, else its file.
    pub location: String,
}

impl Issue {
    /// Whether this account is to work on it.
    pub fn is_assigned(&self, account: &str) -> bool {
        self.assignees
            .iter()
            .any(|person| person.username.eq_ignore_ascii_case(account))
    }
}

/// A comment as a forge holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The forge's own id.
    pub id: CommentId,
    /// The comment, in the forge's Markdown.
    pub text: String,
    /// Who wrote it.
    pub author: Person,
    /// Written by the account that this tool uses on that forge.
    pub ours: bool,
    /// When it was written, where that is known.
    pub created_at: Option<Timestamp>,
    /// Seen by members only.
    pub internal: bool,
    /// The first comment of its thread, if it is not that one itself.
    pub reply_to: Option<CommentId>,
    /// Its page with anchor, where it has one.
    pub web_url: Option<String>,
}

/// A file that a link in a text leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Where it is kept, the same for every spelling of the link.
    pub place: String,
    /// Changes whenever its content does; `None` while there is no such file.
    pub stamp: Option<Digest>,
    /// It is hidden from the public.
    pub private: bool,
    /// An address that leads to it from anywhere, where there is one.
    pub address: Option<String>,
}

/// A label of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Its title.
    pub name: String,
    /// `#rrggbb`, where the forge knows one.
    pub color: Option<String>,
    /// One line; empty if there is none.
    pub description: String,
    /// It is put away: issues that have it keep it, and no other gets it.
    pub archived: bool,
}

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person {
    /// The account's name, without `@`.
    pub username: String,
    /// The display name, where it is known.
    pub name: Option<String>,
}

impl Person {
    /// A person of whom only the account is known.
    pub fn account(username: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            name: None,
        }
    }
}

/// A milestone as an issue names it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Milestone {
    /// Its title.
    pub title: String,
    /// The day it begins.
    pub start_date: Option<Date>,
    /// The day it is due.
    pub due_date: Option<Date>,
    /// It is over.
    pub closed: bool,
    /// What people wrote about it; empty where an issue names it.
    pub description: String,
}

impl Milestone {
    /// A milestone of which only the title is known.
    pub fn titled(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }
}

/// A milestone of a project, told apart from others whatever it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownMilestone {
    /// The forge's own number of it.
    pub id: u64,
    /// What it is.
    pub milestone: Milestone,
}

/// An epic as an issue names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epic {
    /// Its number, as in `&3`.
    pub number: u64,
    /// Its title, where it is known.
    pub title: Option<String>,
}

/// Whether an issue is open or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// To be dealt with.
    Open,
    /// Dealt with.
    Closed,
}

impl State {
    /// `open` or `closed`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// The kind of an issue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum IssueType {
    /// An ordinary issue.
    #[default]
    Issue,
    /// An incident.
    Incident,
    /// A task, usually part of an issue.
    Task,
    /// A test case.
    TestCase,
}

impl IssueType {
    /// Every kind with the word that stands for it in files.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("issue", Self::Issue),
        ("incident", Self::Incident),
        ("task", Self::Task),
        ("test_case", Self::TestCase),
    ];

    /// The word that stands for it in files.
    pub fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("issue", |(word, _)| word)
    }

    /// Reads [`Self::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::WORDS
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, kind)| *kind)
    }
}
