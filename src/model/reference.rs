use super::{CommentId, IssueNumber};

/// Something of a project, or of a group, that has a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Numbered {
    /// An issue, or one comment of it.
    Issue(IssueNumber, Option<CommentId>),
    /// A merge request.
    MergeRequest(u64),
    /// An epic; it belongs to a group.
    Epic(u64),
    /// A snippet.
    Snippet(u64),
}

/// How texts of a project refer to an issue or a comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spelling {
    /// As in `#12`, where that is understood.
    pub short: Option<String>,
    /// Texts there understand `+` and `+s` behind it, and its address by itself.
    pub native: bool,
    /// Where a link leads to it.
    pub address: Option<String>,
}
