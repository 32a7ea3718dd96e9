//! Another tracker that hears of what is written on a target.

use super::findings::Finding;
use crate::model::ProjectState;
use crate::plan::policy::Policy;

/// What to write into the configuration so that it hears nothing of mirrored texts. Where something
/// stands there, somebody has thought of it.
pub(super) fn finding(target: &ProjectState, policy: &Policy) -> Option<Finding> {
    let tracker = target.tells.filter(|_| policy.inert_keys.is_empty())?;
    let said = format!(
        "the target is connected with {tracker}: each of its issues that a mirrored text names (`ABC-12`) gets a comment or a link there; write `inert_keys: [ABC]` with what the keys of its projects begin with, and it hears of none"
    );
    Some(Finding::note("tracker", said))
}
