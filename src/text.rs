//! Text on its way: Markdown that must arrive whole, mean the same and fire nothing.
//!
//! Pure functions from texts to texts. They know two grammars, what a source would have read and
//! what a target would act on, but no forge by name. In reading order:
//!
//! * [`structure`] finds where a document is prose and where its links lead; everything else is
//!   never touched.
//! * [`rewrite`] changes attachments' links, makes mentions, references and commands inert, and
//!   can be undone; [`references`] knows how a text names an issue.
//! * [`escape`] prepares names and titles for a line of ours.
//! * [`marker`] is the hidden origin note, [`envelope`] puts rule, marker, footer and attribution
//!   around a text and takes them off again, [`closers`] ends what a text leaves open;
//!   [`maestro`] knows the footer of an earlier tool.
//! * [`duration`] words lengths of time, [`path`] guards paths from the outside.
//! * [`yaml`] reads a YAML text into a tree whose nodes know their place.

pub mod closers;
pub mod duration;
pub mod envelope;
pub mod escape;
pub mod maestro;
pub mod marker;
pub mod path;
pub mod references;
pub mod rewrite;
pub mod structure;
pub mod yaml;
