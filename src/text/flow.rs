//! What a reader of the rendered document sees as text, and where each character of it stands.
//!
//! A forge looks for mentions and references in that and not in the source: an entity is the
//! character that it stands for, a tag in the middle of a name may vanish.

use super::cursor::Cursor;
use std::num::NonZeroUsize;
use std::ops::Range;

/// Between two characters that no forge reads as neighbours.
const GAP: char = '\n';

/// Between two characters of which some forges make neighbours: there was a tag or a comment.
pub const SEAM: char = '\u{1}';

/// The visible text of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    text: String,
    pieces: Vec<Piece>,
    /// Places of the source where Markdown makes a link of an address, in order.
    links: Vec<usize>,
    /// The piece that was asked for last.
    last: Cursor,
}

/// A part of the visible text that comes from one place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    /// Where it begins in the visible text.
    at: usize,
    /// Where it comes from.
    source: Range<usize>,
    /// The length of what an entity stands for; `None`: it stands there as it is.
    stands_in: Option<NonZeroUsize>,
}

impl Piece {
    fn is_verbatim(&self) -> bool {
        self.stands_in.is_none()
    }

    /// Its length in the visible text.
    fn length(&self) -> usize {
        self.stands_in.map_or(self.source.len(), NonZeroUsize::get)
    }

    /// Where it ends there.
    fn end(&self) -> usize {
        self.at + self.length()
    }
}

impl Flow {
    /// The visible text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds what stands in the source as it is.
    pub fn say(&mut self, source: &str, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let goes_on = self.pieces.last().is_some_and(|last| {
            last.source.end == range.start && last.is_verbatim() && last.end() == self.text.len()
        });
        let at = self.text.len();
        self.text.push_str(&source[range.clone()]);
        match self.pieces.last_mut() {
            Some(last) if goes_on => last.source.end = range.end,
            _ => self.pieces.push(Piece {
                at,
                source: range,
                stands_in: None,
            }),
        }
    }

    /// Adds what something in the source stands for.
    pub fn stand_in(&mut self, shown: &str, range: Range<usize>) {
        let Some(length) = NonZeroUsize::new(shown.len()) else {
            return;
        };
        self.pieces.push(Piece {
            at: self.text.len(),
            source: range,
            stands_in: Some(length),
        });
        self.text.push_str(shown);
    }

    /// Markdown makes a link of an address, by what stands at a place of the source.
    pub fn link(&mut self, place: usize) {
        self.links.push(place);
    }

    /// Whether Markdown makes a link of an address, by what stands at a place of the visible text.
    pub fn is_link(&self, at: usize) -> bool {
        let after = self.last.count(&self.pieces, |piece| piece.at <= at);
        let piece = after
            .checked_sub(1)
            .and_then(|last| self.pieces.get(last))
            .filter(|piece| piece.is_verbatim());
        piece.is_some_and(|piece| {
            let place = piece.source.start + (at - piece.at);
            self.links.binary_search(&place).is_ok()
        })
    }

    /// What follows is apart from what was.
    pub fn gap(&mut self) {
        if !self.ends_with(&[GAP]) {
            self.text.push(GAP);
        }
    }

    /// What follows may be apart from what was, or not.
    pub fn seam(&mut self) {
        if !self.ends_with(&[SEAM, GAP]) {
            self.text.push(SEAM);
        }
    }

    /// Whether one of some characters of one byte is the last. It is asked for with each piece, of which
    /// there may be a million, and that of the text compares memory for it.
    fn ends_with(&self, any: &[char]) -> bool {
        let last = self.text.as_bytes().last();
        last.is_some_and(|last| any.contains(&char::from(*last)))
    }

    /// The same with seams at some places of the source, in order: what stands in front of them will
    /// be something else.
    #[must_use]
    pub fn cut(&self, source: &str, places: &[usize]) -> Self {
        let mut cut = Self {
            text: String::with_capacity(self.text.len() + places.len()),
            pieces: Vec::with_capacity(self.pieces.len() + places.len()),
            links: self.links.clone(),
            last: Cursor::default(),
        };
        let (mut copied, next) = (0, Cursor::default());
        for piece in &self.pieces {
            cut.text.push_str(&self.text[copied..piece.at]);
            copied = piece.end();
            if !piece.is_verbatim() {
                cut.stand_in(&self.text[piece.at..copied], piece.source.clone());
                continue;
            }
            let mut said = piece.source.start;
            let first = next.count(places, |place| *place < piece.source.start);
            let inside = places[first..].iter();
            for place in inside.take_while(|place| **place <= piece.source.end) {
                cut.say(source, said..*place);
                cut.seam();
                said = *place;
            }
            cut.say(source, said..piece.source.end);
        }
        cut.text.push_str(&self.text[copied..]);
        cut
    }

    /// Places in front of which a backslash stood that is not shown, in order.
    pub fn escapes(&self) -> impl Iterator<Item = usize> + '_ {
        self.pieces.windows(2).filter_map(|both| {
            let [before, behind] = both else {
                return None;
            };
            let is_next = before.end() == behind.at && before.source.end + 1 == behind.source.start;
            is_next.then_some(behind.at)
        })
    }

    /// Where in the source the last piece ends.
    pub fn end(&self) -> usize {
        self.pieces.last().map_or(0, |last| last.source.end)
    }

    /// The place in the source behind the character that ends at a place of the visible text.
    pub fn behind(&self, at: usize) -> Option<usize> {
        let after = self.last.count(&self.pieces, |piece| piece.at < at);
        let piece = self.pieces.get(after.checked_sub(1)?)?;
        let into = at - piece.at;
        if !piece.is_verbatim() {
            return Some(piece.source.end);
        }
        (into <= piece.source.len()).then(|| piece.source.start + into)
    }

    /// The part of the source that a part of the visible text is made from, if nothing else stands
    /// in that but the backslashes of escapes.
    pub fn span(&self, source: &str, range: &Range<usize>) -> Option<Range<usize>> {
        let is_before = |piece: &Piece| piece.at <= range.start;
        let after = self.last.count(&self.pieces, is_before);
        let first = after.checked_sub(1)?;
        let (mut start, mut at) = (None, range.start);
        for piece in &self.pieces[first..] {
            let (into, end) = (at.checked_sub(piece.at)?, piece.end());
            let begins = if piece.is_verbatim() {
                piece.source.start + into
            } else if into == 0 {
                piece.source.start
            } else {
                return None;
            };
            if start.is_none() && into == 0 {
                // What makes its first character mean nothing goes with it.
                let before = piece.source.start.checked_sub(1);
                let said = first
                    .checked_sub(1)
                    .map_or(0, |last| self.pieces[last].source.end);
                start = before.filter(|at| *at >= said && source.as_bytes()[*at] == b'\\');
            }
            start.get_or_insert(begins);
            if range.end <= end {
                let stops = match range.end - piece.at {
                    length if piece.is_verbatim() => piece.source.start + length,
                    length if length == piece.length() => piece.source.end,
                    _ => return None,
                };
                return start.map(|start| start..stops);
            }
            at = end;
        }
        None
    }

    /// Where a part of the visible text stands in the source, if it stands there as it is.
    pub fn source(&self, source: &str, range: &Range<usize>) -> Option<Range<usize>> {
        let is_before = |piece: &Piece| piece.at <= range.start;
        let after = self.last.count(&self.pieces, is_before);
        let piece = self.pieces.get(after.checked_sub(1)?)?;
        let start = piece.source.start + (range.start - piece.at);
        let there = start..start + range.len();
        let shown = &self.text[range.clone()];
        (piece.is_verbatim() && source.get(there.clone())? == shown).then_some(there)
    }
}
