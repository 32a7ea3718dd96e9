//! The one vocabulary: what every room of the crate means by an issue, a comment, a link.
//!
//! Plain values without behaviour of their own: no clock, no network, no SQL, no Markdown. A forge
//! turns its wire format into these and back; the plan compares them; the store keeps digests of
//! them.

mod account;
mod base;
mod capabilities;
mod digest;
mod inspection;
mod issue;
mod label_titles;
mod link;
mod lost;
mod project;
mod record;
mod reference;
mod relation;
mod write;

pub use account::is_account;
pub use base::{Base, Bases, Field};
pub use capabilities::{Acts, Capabilities, Extra, Fields, Lengths, Longest, Need, Reads};
pub use digest::Digest;
pub use inspection::{
    FilesState, Inspection, Lack, ProjectState, Right, Rights, ServerState, Side, Standing,
    TokenState, Visibility,
};
pub use issue::{
    Attachment, Comment, CommentId, Epic, Issue, IssueId, IssueNumber, IssueType, KnownMilestone,
    Label, Milestone, Person, State, Thread,
};
pub use label_titles::{LabelTitles, label_scope};
pub use link::{
    CommentLink, IntendedKind, Intent, IssueLink, LabelOrigin, LinkId, LinkState, OurLabel,
};
pub use lost::{Lost, Types};
pub use project::{Beginning, Cursor, KnownProject, Listed, Listing, Project, ProjectKey, Version};
pub use record::{
    Drifted, LinkRow, Mapped, Mapping, Mode, Outcome, PairStatus, PassRecord, Retry, RowState,
    Stage,
};
pub use reference::{Numbered, Spelling};
pub use relation::{Relation, RelationKind, Relations};
pub use write::{CommentPatch, MilestoneChange, NewComment, NewIssue, Patch, StateChange};

/// A moment in UTC.
pub use jiff::Timestamp;
/// A calendar date without a time zone, as due dates have it.
pub use jiff::civil::Date;
