//! What people and machines are told. Only this room and `cli` print, and only `cli` prints for it:
//! everything here makes texts.
//!
//! * [`exit`] is the exit status and how several become one.
//! * [`summary`] and [`json`] tell what a run did, [`plan`] what it would do.
//! * [`hints`] says what can be done about a failure.
//! * [`check`] tells what a pair will be able to carry.
//! * [`status`] tells where pairs stand, [`mappings`] who is mapped by hand.
//! * [`progress`] shows that something happens, where there is a terminal.

pub mod check;
pub mod exit;
pub mod hints;
pub mod json;
pub mod mappings;
pub mod plan;
pub mod progress;
pub mod status;
pub mod style;
pub mod summary;

use crate::model::Timestamp;
use crate::sync::PairReport;

/// What a whole run did.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// How the program is called again with the same files.
    pub invocation: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// Its passes, in their order.
    pub pairs: Vec<PairReport>,
}
