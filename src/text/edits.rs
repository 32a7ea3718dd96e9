//! What was changed in a text, so that it can be undone: [`restore`] takes what [`Rewritten::kept`] gives.

mod around;
mod kept;
mod occurrences;
mod restore;

pub use kept::Kept;
pub use restore::restore;
use std::borrow::Cow;
use std::ops::Range;

/// A text with the list of what was changed in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// The text for the target.
    pub text: String,
    /// What was changed.
    pub edits: Edits,
}

/// One place that was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edit<'a> {
    /// Where it stands in the rewritten text, in bytes.
    pub at: usize,
    /// What stood there before.
    pub was: &'a str,
    /// What stands there now.
    pub now: &'a str,
}

impl Edit<'_> {
    /// Where it ends in the rewritten text, in bytes.
    pub(super) fn end(&self) -> usize {
        self.at + self.now.len()
    }
}

/// Places that were changed, in order. There may be hundreds of thousands, of a few bytes each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    places: Vec<Place>,
    /// Everything that stood there before, one behind the other.
    was: String,
    /// Everything that stands there now.
    now: String,
}

/// Where a place is, and where what belongs to it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    at: usize,
    was_end: usize,
    now_end: usize,
}

impl Edits {
    /// Adds one behind the others.
    pub(super) fn push(&mut self, at: usize, was: &str, now: &str) {
        self.was.push_str(was);
        self.now.push_str(now);
        self.places.push(Place {
            at,
            was_end: self.was.len(),
            now_end: self.now.len(),
        });
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether nothing was changed.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// One of them.
    fn get(&self, index: usize) -> Edit<'_> {
        let (was, now) = match index.checked_sub(1).map(|before| self.places[before]) {
            Some(before) => (before.was_end, before.now_end),
            None => (0, 0),
        };
        let place = self.places[index];
        Edit {
            at: place.at,
            was: &self.was[was..place.was_end],
            now: &self.now[now..place.now_end],
        }
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Edit<'_>> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Those that end behind a place of the rewritten text.
    pub(super) fn behind(&self, at: usize) -> impl Iterator<Item = Edit<'_>> {
        let mut start = self.places.partition_point(|place| place.at < at);
        // They stand apart, so only the last that begins in front of it can reach over it.
        if let Some(last) = start.checked_sub(1)
            && self.get(last).end() > at
        {
            start = last;
        }
        let from_there = (start..self.len()).map(|index| self.get(index));
        from_there.skip_while(move |edit| edit.end() <= at)
    }
}

/// A range of a text and what stands there instead.
pub(super) type Change = (Range<usize>, Cow<'static, str>);

/// By what changes are put in order.
pub(super) fn place((range, _): &Change) -> (usize, usize) {
    (range.start, range.end)
}

/// Changes a text. Of two changes of one place, which are two readings of it, the first wins, or the
/// result would be neither.
pub(super) fn apply(text: &str, mut changes: Vec<Change>) -> Rewritten {
    changes.sort_by_key(place);
    let mut out = Rewritten {
        text: String::with_capacity(text.len() + text.len() / 8),
        edits: Edits::default(),
    };
    out.edits.places.reserve(changes.len());
    let mut done = 0;
    for (index, (range, now)) in changes.iter().enumerate() {
        // What is replaced as a whole needs nothing in front of it, and nothing is done twice.
        let is_needless =
            |(next, same): &Change| next.start == range.start && (!next.is_empty() || same == now);
        if range.start < done || range.is_empty() && changes.get(index + 1).is_some_and(is_needless)
        {
            continue;
        }
        out.text.push_str(&text[done..range.start]);
        let at = out.text.len();
        out.text.push_str(now);
        out.edits.push(at, &text[range.clone()], now);
        done = range.end;
    }
    out.text.push_str(&text[done..]);
    out
}
