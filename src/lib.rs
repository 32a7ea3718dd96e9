//! `issue-mirror` mirrors issues between trackers: one incremental pass per pair of projects, run
//! from cron or a scheduled job, with everything it must remember in one SQLite file.
//!
//! This page is the architecture. Three kinds of code are kept apart: **pure** functions from values
//! to values ([`model`], [`text`], [`plan`]: no clock, no chance, no network, no SQL), **effects**
//! ([`forge`], [`store`]), and **the pass** ([`sync`]), which strings them together. A line of code
//! finds its room by one question: does it know the forge's format, the rule, the SQL, or the screen?
//!
//! # Rooms
//!
//! | room | what it knows |
//! | --- | --- |
//! | [`model`] | the one vocabulary: issue, comment, patch, link, base |
//! | [`text`] | Markdown, marker, footer, commands, mentions, references; YAML with places |
//! | [`plan`] | what should be written: draft, verdict per field, comments, selection |
//! | [`forge`] | what every forge can do; [`forge::directory`] is one kept as files, [`forge::gitlab`] one on a server, by the one HTTP client in [`forge::http`] |
//! | [`store`] | all SQL: links, bases, intents, cursors, passes |
//! | [`config`] | the YAML file and everything that can be wrong with it |
//! | [`connect`] | from configuration to forges: the only file that names every forge |
//! | [`sync`] | the pass, in the order in which an issue goes through it |
//! | [`report`] | outcome → text and JSON; exit status, hints, progress; what `check` finds |
//! | [`cli`] | one file per command |
//!
//! # Who may import whom
//!
//! Arrows go down only; a test reads the sources and enforces it.
//!
//! ```text
//! 0  model                text
//! 1  plan → model text    store → model    forge → model
//! 2  forge/<name> → forge model text       config → model text plan(policy)
//! 3  sync → plan store forge(trait) model text     connect → config forge forge/<name> text
//! 4  report → sync plan model
//! 5  cli → config connect store sync report plan(policy) model     main → cli
//! ```
//!
//! `plan` knows no async, HTTP, SQL or clock. Forges know neither config, store, plan nor each
//! other, and their wire types never leave them. Only `store` says SQL. Only `cli` prints, and what
//! it prints is made by `report`. A new forge is a new folder and one line in `connect`; a new field
//! is a row in the model, the draft, the settings and the forges that have it.
//!
//! # The way of an issue
//!
//! Read these in order to follow one issue from its source to its counterpart:
//!
//! 1. [`forge::Forge::changed`] lists what changed, [`forge::Forge::read`] brings an issue with its
//!    comments; a forge's `convert` turns its format into [`model::Issue`].
//! 2. `sync/discover.rs` leaves out what is in step (`discover/sieve.rs`): version and settings are those
//!    of last time.
//! 3. [`plan::selection::choose`] decides whether it is carried, skipped, kept or hidden.
//! 4. [`plan::draft::draft`] says what the target should hold, and digests what each field is made
//!    from. It falls back by capability, never by the name of a forge.
//! 5. [`plan::issue::plan`] compares, per field, source now, base and target now:
//!    [`plan::fields::verdict`] fits on one screen.
//! 6. `sync/apply.rs` (creates), `sync/apply/fields.rs` (changes) and `sync/comments.rs` carry the plan
//!    out. A create is *intended* (a random key is committed), *sent* (the key stands in the marker) and
//!    *settled* (link and end of the intent are committed together); a change is sent once and its answer
//!    becomes the base. `sync/lists.rs` keeps titles back that everybody would read, `sync/heard.rs` tells
//!    what the answer does not keep, `sync/relations.rs` links what is mirrored, `sync/references.rs` says
//!    where texts lead, `sync/references/put_right.rs` puts right what was mirrored after them.
//! 7. `sync/recover.rs` runs first in the next pass and looks for keys whose fate is unknown;
//!    `sync/late.rs` holds what a lost change may still reach. Where the store knows nothing of the pair,
//!    `sync/rebuild.rs` finds the links by the markers on the target before, and `sync/adopt.rs` tells
//!    on the way of each issue what was last written.
//! 8. The cursor moves last, and only over what was settled or queued for another try.
//!
//! # Words
//!
//! *Instance*: a server of some forge, or a directory. *Project*: a tracker on it. *Pair*: a source
//! and a target project. *Pass*: one run over one pair. *Link*: a source issue or comment and its
//! counterpart. *Draft*: what the target should hold. *Base*: what we last wrote, per field.
//! *Intent*: a create that is about to be sent. *Cursor*: up to where the source has been read.
//! *Marker*: the hidden origin note in what we create. *Envelope*: marker, footer and attribution
//! around an author's text.

pub mod cli;
pub mod config;
pub mod connect;
pub mod forge;
pub mod model;
pub mod plan;
pub mod report;
pub mod store;
pub mod sync;
pub mod text;
