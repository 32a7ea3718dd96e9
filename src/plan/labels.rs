//! Which labels a counterpart should have, and what that changes.

mod change;
mod wanted;

pub use change::{LabelChange, change};
pub use wanted::{Want, Wanted, wanted};

use super::policy::Policy;
use crate::model::Person;

/// What a label that says where an issue came from begins with.
pub const MIRRORED_FROM: &str = "Mirrored-From::";
/// What it ends with where nothing may tell.
pub const OPAQUE: &str = "opaque";
/// The colour of those labels.
pub const MIRRORED_FROM_COLOR: &str = "#0052CC";

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
