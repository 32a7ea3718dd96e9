//! What should be written, decided by pure functions: no clock, no chance, no network, no SQL.
//!
//! In the order in which an issue goes through it:
//!
//! * [`policy`]: what a pair carries and how.
//! * [`selection`]: whether an issue is carried at all.
//! * [`draft`]: what the target should hold, and from what; [`footer`] and [`labels`] are parts of it,
//!   [`opaque`] says what of it may not be told, [`lists`] what may not stand where more people read it.
//! * [`length`]: what of a text is left where the target takes only a part of it.
//! * [`fields`]: three values per field (source, base, target) and what follows from them.
//! * [`comments`]: the same for the comments of an issue.
//! * [`relations`]: the links to other issues.
//! * [`references`]: where the references of texts lead, and what stands for them.
//! * [`issue`]: all of it together: the plan of one issue.
//! * [`arrival`]: how each part of an issue arrives with given settings, told before a first pass.
//! * [`found`]: what was last written, where only what is there tells it.
//!
//! Same input, same plan. A plan that was carried out, planned again, is empty.

pub mod arrival;
pub mod comments;
pub mod draft;
pub mod fields;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod footer;
pub mod found;
pub mod issue;
pub mod labels;
pub mod length;
pub mod lists;
pub mod opaque;
pub mod policy;
pub mod references;
pub mod relations;
pub mod selection;
pub mod threads;
