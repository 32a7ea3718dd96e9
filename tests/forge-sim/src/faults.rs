//! What goes wrong, and when.

use jiff::SignedDuration;
use serde_json::Value;

/// Which request something happens to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// The so-manieth request from now on, from 1.
    Request(u64),
    /// The so-manieth request from now on that is no GET, from 1.
    Write(u64),
    /// Every request of this method whose path ends so.
    Every(&'static str, &'static str),
}

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed before the request is carried out.
    CloseBefore,
    /// The request is carried out and the connection closed without an answer.
    DropAnswer,
    /// The connection is closed at once, and the request is carried out so much later.
    ApplyLater(SignedDuration),
    /// An answer of this status instead, with a body as GitLab has it; nothing is carried out.
    Status(u16),
    /// The same with headers of one's own, such as `retry-after`.
    StatusWith(u16, Vec<(&'static str, String)>),
    /// The request is carried out and this status answered.
    StatusAfter(u16),
    /// The request is carried out and its answer cut in the middle.
    CutBody,
    /// The request is carried out and half of its answer sent as if it were the whole.
    HalfBody,
    /// The request is carried out, and this field of its answer has this value, in every row of a
    /// list.
    Field(&'static str, Value),
    /// The same with several fields.
    Fields(Vec<(&'static str, Value)>),
    /// A page of HTML, as a proxy or a sign-in has it.
    Html,
    /// The process in [`crate::World::victim`] is killed with SIGKILL at exactly this request: after
    /// it was carried out, or before and it never is.
    Kill {
        /// It is carried out first.
        after: bool,
    },
    /// The answer comes this much later, by the real clock.
    Delay(std::time::Duration),
}
