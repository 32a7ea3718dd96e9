//! Digests of what stands around an edit, by which it is known again. There may be hundreds of
//! thousands of edits, so this is FNV-1a.

use std::ops::Range;

const BASIS: u64 = 0xcbf2_9ce4_8422_2325;

fn add(digest: u64, byte: u8) -> u64 {
    (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}

/// How many bytes of a word count on each side of an edit: enough for a name or a number that goes on.
const NEAR: usize = 16;

/// A digest of what a word goes on with on both sides of a place in it.
pub(super) fn beside(text: &str, place: Range<usize>) -> u64 {
    let bytes = text.as_bytes();
    let before = word(bytes[..place.start].iter().rev());
    let behind = word(bytes[place.end..].iter());
    let words = before.into_iter().chain(behind);
    words.fold(BASIS, mixed)
}

/// Adds a whole word of the machine to a digest.
pub(super) fn mixed(digest: u64, word: u64) -> u64 {
    let digest = (digest ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    digest ^ digest >> 32
}

/// The bytes that a word has near an edit, by eight, and how many there are.
fn word<'a>(bytes: impl Iterator<Item = &'a u8>) -> [u64; 3] {
    let (mut halves, mut length) = ([0, 0], 0);
    let near = bytes.take(NEAR);
    for byte in near.take_while(|byte| !byte.is_ascii_whitespace()) {
        let half = &mut halves[length * 2 / NEAR];
        *half = *half << 8 | u64::from(*byte);
        length += 1;
    }
    [halves[0], halves[1], length as u64]
}

/// What stands between two edits, or before or behind all of them: how long it is, and its digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stretch {
    length: usize,
    digest: u64,
}

impl Stretch {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self {
            length: bytes.len(),
            digest: bytes.iter().fold(BASIS, |digest, byte| add(digest, *byte)),
        }
    }

    /// Where it ends, if it begins in a text at a place.
    pub(super) fn end(&self, text: &str, start: usize) -> Option<usize> {
        let end = start.checked_add(self.length)?;
        let there = text.as_bytes().get(start..end)?;
        (Self::of(there) == *self).then_some(end)
    }

    /// Where it begins, if it ends in a text at a place.
    pub(super) fn start(&self, text: &str, end: usize) -> Option<usize> {
        let start = end.checked_sub(self.length)?;
        self.end(text, start).map(|_| start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_stretch_is_known_from_both_ends() {
        let stretch = Stretch::of(b"bc");
        assert_eq!(stretch.end("abcd", 1), Some(3));
        assert_eq!(stretch.start("abcd", 3), Some(1));
        for at in [0, 2, 3, 4, usize::MAX] {
            assert_eq!(stretch.end("abcd", at), None);
        }
        assert_eq!(stretch.start("abcd", 1), None);
        assert_eq!(Stretch::default().length, 0);
    }
}
