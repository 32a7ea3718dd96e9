//! The cells of one text, each looked at as closely as it needs.
//!
//! There may be hundreds of thousands, and hardly one has any Markdown in it: those that are words are
//! one text together, with gaps between them, and those that are documents are read one by one, and
//! once if they are equal.

use super::kind::{self, Kind};
use crate::text::structure::{self, Structure};
use std::collections::BTreeMap;
use std::ops::Range;

/// So many different documents are read at most, with so many bytes. What is left is in doubt as a
/// whole: that is inert, and leads nowhere.
pub(super) const MOST: usize = 10_000;
const MOST_BYTES: usize = 512 * 1024;

/// Cells in a text, with what was made of those that are documents.
#[derive(Debug)]
pub(super) struct Sheet<T> {
    /// Those that are words, as what they show.
    pub(super) words: Structure,
    /// Those that are documents, in order, each with the number of what was made of it.
    pub(super) documents: Vec<(Range<usize>, usize)>,
    pub(super) made: Vec<T>,
    /// Those that are not read, as what they might show.
    pub(super) unread: Structure,
}

impl<T> Sheet<T> {
    /// Looks at cells that stand in a text, in order.
    pub(super) fn of(
        text: &str,
        cells: impl Iterator<Item = Range<usize>>,
        mut make: impl FnMut(&str) -> T,
    ) -> Self {
        let mut words = Structure::default();
        let mut documents = Vec::new();
        let mut made = Vec::new();
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        let mut unread = Vec::new();
        let mut bytes = 0;
        for range in cells {
            let cell = &text[range.clone()];
            match kind::of(cell) {
                Kind::Silent => {}
                Kind::Words => say(text, range, &mut words),
                Kind::Document => {
                    let room = made.len() < MOST && bytes + cell.len() <= MOST_BYTES;
                    match known.get(cell) {
                        Some(same) => documents.push((range, *same)),
                        // A single one that is too long is read as it can be.
                        None if room || made.is_empty() => {
                            bytes += cell.len();
                            known.insert(cell, made.len());
                            documents.push((range, made.len()));
                            made.push(make(cell));
                        }
                        None => unread.push(range),
                    }
                }
            }
        }
        words.flow.gap();
        Self {
            words,
            documents,
            made,
            unread: structure::unread_parts(text, &unread),
        }
    }
}

/// A paragraph of words.
fn say(text: &str, range: Range<usize>, words: &mut Structure) {
    let cell = &text[range.clone()];
    let start = range.start + (cell.len() - cell.trim_start_matches(' ').len());
    let inside = start..range.end - (cell.len() - cell.trim_end_matches(' ').len());
    words.flow.gap();
    words.flow.say(text, inside.clone());
    words.prose.push(inside.clone());
    words.open.push(inside);
}
