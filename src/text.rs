//! Text on its way: Markdown that must arrive whole, mean the same and fire nothing.
//!
//! Pure functions from texts to texts. They know two grammars, what a source would have read and
//! what a target would act on, but no forge by name. In reading order:
//!
//! * [`structure`] finds where a document is prose and where its links lead; [`flow`] is what it
//!   shows as text, [`html`] reads the raw HTML in it and [`matter`] the settings before it;
//!   `cells` knows code that is shown as a table. Everything else is never touched. `doubt` is where
//!   forges read otherwise than the parser here, `returns` what a carriage return ends, `nul` what
//!   stands for a character that is nothing.
//! * [`grammar`] is what the target acts on, as a table; [`references`] is how the source names an
//!   issue, `finding` where it does, [`wiki`] a page of a wiki, `files` an uploaded file, and `spaced`
//!   an address with blanks. [`read`] is asked what of all that stands in a text.
//! * [`rewrite`] changes attachments' links and references; `inert` takes the meaning from what the
//!   target would act on, `actions` from lines that it would carry out, and `details` from a beginning that
//!   belongs to what stands in front, `labels` from that of our marker. [`edits`] is what was changed,
//!   by which it can be undone, and `rounds` reads what was changed again until nothing more is found.
//!   [`title`] does the same with a line that is no Markdown.
//! * [`escape`] prepares names and titles for a line of ours.
//! * [`marker`] is the hidden origin note, [`envelope`] puts rule, marker, footer and attribution
//!   around a text and takes them off again, [`closers`] ends what a text leaves open;
//!   [`maestro`] knows the footer of an earlier tool, [`seal`] hides where a marker comes from.
//! * [`length`] cuts what is too long.
//! * [`duration`] words lengths of time, [`path`] guards paths from the outside.
//! * [`yaml`] reads a YAML text into a tree whose nodes know their place.

mod actions;
mod cells;
pub mod closers;
mod cursor;
mod details;
mod doubt;
pub mod duration;
pub mod edits;
pub mod envelope;
pub mod escape;
mod files;
mod finding;
pub mod flow;
pub mod grammar;
pub mod html;
mod inert;
mod labels;
pub mod length;
pub mod maestro;
pub mod marker;
pub mod matter;
mod nul;
pub mod path;
pub mod read;
pub mod references;
mod returns;
pub mod rewrite;
mod rounds;
pub mod seal;
mod spaced;
pub mod structure;
pub mod title;
pub mod wiki;
pub mod yaml;
