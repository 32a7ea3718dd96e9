//! What was changed in a text, so that it can be undone.

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

    /// Whether it is about more than a word, or stands next to a dollar.
    pub(super) fn is_markup(&self, of: &Rewritten) -> bool {
        let is_mark = |b: u8| b.is_ascii_punctuation() && !b"#!&@%~-./:+".contains(&b);
        let bytes = of.text.as_bytes();
        let before = self.at.checked_sub(1).map(|at| bytes[at]);
        self.was.bytes().chain(self.now.bytes()).any(is_mark)
            || before.is_some_and(|b| b == b'$' || b == b'\\')
            || bytes.get(self.end()) == Some(&b'$')
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
    /// A digest of what the word goes on with on both sides; see [`Edits::note_words`].
    beside: u64,
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
            beside: 0,
        });
    }

    /// Notes what stands beside each of them in the rewritten text, without which none is undone.
    pub(super) fn note_words(&mut self, text: &str) {
        let mut now = 0;
        for place in &mut self.places {
            let end = place.at + place.now_end - now;
            now = place.now_end;
            place.beside = beside(text, place.at..end);
        }
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

/// How many bytes of a word count on each side of an edit: enough for a name or a number that goes on.
const NEAR: usize = 16;

/// A digest of what a word goes on with on both sides of a place in it.
fn beside(text: &str, place: Range<usize>) -> u64 {
    // There may be hundreds of thousands, so this is FNV-1a.
    let mut digest: u64 = 0xcbf2_9ce4_8422_2325;
    let mut add = |byte: u8| digest = (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let before = text.as_bytes()[..place.start].iter().rev().take(NEAR);
    before
        .take_while(|byte| !byte.is_ascii_whitespace())
        .for_each(|byte| add(*byte));
    // A blank is on neither side.
    add(b' ');
    let behind = text.as_bytes()[place.end..].iter().take(NEAR);
    behind
        .take_while(|byte| !byte.is_ascii_whitespace())
        .for_each(|byte| add(*byte));
    digest
}

/// Gives back the original; what people changed elsewhere stays changed. `None` if somebody changed a
/// place that was rewritten, moved it, or changed the word in which it stands right beside it: what is
/// to become of that is not guessed.
pub fn restore(text: &str, edits: &Edits) -> Option<String> {
    let mut out = String::with_capacity(text.len() + edits.was.len());
    let mut done = 0;
    for (edit, place) in edits.iter().zip(&edits.places) {
        let end = edit.at.checked_add(edit.now.len())?;
        let is_there = edit.at >= done && text.get(edit.at..end)? == edit.now;
        if !is_there || beside(text, edit.at..end) != place.beside {
            return None;
        }
        out.push_str(text.get(done..edit.at)?);
        out.push_str(edit.was);
        done = end;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text of which some places say something else.
    fn rewritten(text: &str, changes: &[(&str, &'static str)]) -> Rewritten {
        let place = |was: &str| {
            let at = text.find(was).unwrap();
            at..at + was.len()
        };
        let changes = changes.iter().map(|(was, now)| (place(was), (*now).into()));
        let mut now = apply(text, changes.collect());
        now.edits.note_words(&now.text);
        now
    }

    #[test]
    fn what_stands_instead_is_undone_only_as_it_was_written() {
        for (text, was, now, touched) in [
            ("see #1", "#1", "#101", "see #102"),
            ("see #1", "#1", "#101", "see #1012"),
            ("see #1", "#1", "#101", "see #101+s"),
            ("see #1", "#1", "#101", "see #101#note_5"),
            ("see #1 too", "#1", "#101", "sep/#101 too"),
            ("hi @bob", "bob", "robert", "hi @robertson"),
            ("hi @bob", "bob", "robert", "hi &robert"),
            ("[a](/u/x)", "/u/x", "/v/y", "[a](/v/y2)"),
            ("[a](/u/x)", "/u/x", "/v/y", "[b](/v/y)"),
        ] {
            let there = rewritten(text, &[(was, now)]);
            assert_eq!(restore(&there.text, &there.edits).as_deref(), Some(text));
            assert_eq!(restore(touched, &there.edits), None, "{touched}");
        }
    }

    #[test]
    fn what_people_write_elsewhere_stays() {
        let there = rewritten("see #1, or g/p#2", &[("#1", "#101"), ("g/p#2", "#102")]);
        assert_eq!(there.text, "see #101, or #102");
        for (touched, expected) in [
            ("see #101, or #102 as well", "see #1, or g/p#2 as well"),
            ("see #101, or #102\n#103", "see #1, or g/p#2\n#103"),
            ("saw #101, if #102", "saw #1, if g/p#2"),
        ] {
            assert_eq!(restore(touched, &there.edits).as_deref(), Some(expected));
        }
        for touched in [
            "so see #101, or #102",
            "see #101; or #102",
            "see #101, or #102.",
            "see #101,",
        ] {
            assert_eq!(restore(touched, &there.edits), None, "{touched}");
        }
    }

    #[test]
    fn each_edit_has_the_word_beside_it() {
        let text = "ab cdefghijklmnopqrstuvwxyz";
        let of = |at: usize| beside(text, at..at + 1);
        assert_eq!(of(0), beside("ab other", 0..1));
        assert_ne!(of(0), beside("a b", 0..1));
        assert_ne!(of(3), of(4));
        assert_eq!(
            of(3),
            beside("cdefghijklmnopqrs...", 0..1),
            "only so much of it"
        );
    }
}
