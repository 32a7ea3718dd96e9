use super::{CommentId, Date, Epic, IssueNumber, IssueType, Person, State, Timestamp};

/// An issue to be created on a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIssue {
    /// One line, not empty.
    pub title: String,
    /// Text and envelope.
    pub description: String,
    /// Titles of labels; they exist on the target.
    pub labels: Vec<String>,
    /// The original's author, for a forge that can hold it.
    pub author: Person,
    /// The original's time, for a forge that can hold it.
    pub created_at: Option<Timestamp>,
    /// The number that it is to have; otherwise the next one.
    pub number: Option<IssueNumber>,
    /// Every other field that the forge says its creating request can carry.
    pub fields: Patch,
}

/// Fields to change on an existing issue; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    /// One line, not empty.
    pub title: Option<String>,
    /// Text and envelope.
    pub description: Option<String>,
    /// Labels to add; they exist on the target.
    pub add_labels: Vec<String>,
    /// Labels to take away.
    pub remove_labels: Vec<String>,
    /// Open, or closed by somebody at some time.
    pub state: Option<StateChange>,
    /// Hidden from the public.
    pub confidential: Option<bool>,
    /// The kind of issue.
    pub issue_type: Option<IssueType>,
    /// Only members comment.
    pub locked: Option<bool>,
    /// The weight; `Some(None)` clears it.
    pub weight: Option<Option<u32>>,
    /// Accounts to assign; they are there.
    pub add_assignees: Vec<String>,
    /// Accounts that are assigned no more; others stay.
    pub remove_assignees: Vec<String>,
    /// Title of a milestone that is there; `Some(None)` clears it.
    pub milestone: Option<Option<String>>,
    /// Title of an iteration; `Some(None)` clears it.
    pub iteration: Option<Option<String>>,
    /// The epic; `Some(None)` clears it.
    pub epic: Option<Option<Epic>>,
    /// The due date; `Some(None)` clears it.
    pub due_date: Option<Option<Date>>,
    /// Estimated seconds; 0 clears it.
    pub time_estimate: Option<u64>,
    /// Seconds to add to the time spent; negative takes away.
    pub add_time_spent: Option<i64>,
    /// Who is said to have written it, for a forge that can hold that.
    pub author: Option<Person>,
    /// Who is said to have closed it, for a forge that can hold that, while it is closed.
    pub closed_by: Option<Option<Person>>,
}

impl Patch {
    /// Nothing would change.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What to change of a milestone; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MilestoneChange {
    /// Its title.
    pub title: Option<String>,
    /// The day it begins; `Some(None)` clears it.
    pub start_date: Option<Option<Date>>,
    /// The day it is due; `Some(None)` clears it.
    pub due_date: Option<Option<Date>>,
    /// It is over.
    pub closed: Option<bool>,
    /// What is written about it.
    pub description: Option<String>,
}

impl MilestoneChange {
    /// Nothing would change.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A state with what is known of how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateChange {
    /// The state.
    pub state: State,
    /// When it was closed, for a forge that can hold it.
    pub closed_at: Option<Timestamp>,
    /// Who closed it, for a forge that can hold it.
    pub closed_by: Option<Person>,
}

/// A comment to be created on a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewComment {
    /// Attribution, text and marker.
    pub body: String,
    /// Seen by members only.
    pub internal: bool,
    /// Comments of the thread that it belongs to, seen by the same people: it answers the first of
    /// them that is there, and stands by itself if none is.
    pub reply_to: Vec<CommentId>,
    /// The original's author, for a forge that can hold it.
    pub author: Person,
    /// The original's time, for a forge that can hold it.
    pub created_at: Option<Timestamp>,
}

/// What to change of an existing comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentPatch {
    /// Who is said to have written it, for a forge that can hold that.
    pub author: Option<Person>,
    /// Attribution, text and marker.
    pub body: String,
}
