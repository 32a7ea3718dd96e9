//! What is longer than a target takes.

use std::ops::{Range, RangeInclusive};

/// How long something may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Longest {
    /// So many characters.
    Characters(usize),
    /// So many bytes.
    Bytes(usize),
}

/// Stands for what was cut off.
pub const ELLIPSIS: char = '…';

impl Longest {
    /// The same for a part, where something else takes some of the room.
    #[must_use]
    pub fn less(self, taken: usize) -> Self {
        match self {
            Self::Characters(count) => Self::Characters(count.saturating_sub(taken)),
            Self::Bytes(count) => Self::Bytes(count.saturating_sub(taken)),
        }
    }

    /// Room for a text behind all of which so many bytes of ASCII must follow, and behind a part of it
    /// less in that proportion.
    #[must_use]
    pub fn beside(self, text: &str, behind: usize) -> Self {
        let share = |most: usize, length: usize| {
            let [most, length, behind] = [most, length, behind].map(|count| count as u128);
            usize::try_from(most * length / (length + behind)).unwrap_or(usize::MAX)
        };
        match self {
            _ if behind == 0 => self,
            Self::Characters(most) => Self::Characters(share(most, text.chars().count())),
            Self::Bytes(most) => Self::Bytes(share(most, text.len())),
        }
    }

    /// Whether a text is not too long.
    pub fn fits(self, text: &str) -> bool {
        self.room(text) == text.len()
    }

    /// How many bytes of a text are not too much, up to the end of a character.
    pub fn room(self, text: &str) -> usize {
        match self {
            Self::Characters(count) if text.len() <= count => text.len(),
            Self::Characters(count) => text
                .char_indices()
                .nth(count)
                .map_or(text.len(), |(at, _)| at),
            Self::Bytes(count) => text.floor_char_boundary(count),
        }
    }
}

/// A line that is not too long, with dots for what is left out.
pub fn shorten(line: &str, longest: Longest) -> String {
    shorten_around(line, longest, &[])
}

/// The same, with some places in it, in order, that are there as a whole or not at all.
pub fn shorten_around(line: &str, longest: Longest, wholes: &[Range<usize>]) -> String {
    if longest.fits(line) {
        return line.to_owned();
    }
    let less = match longest {
        Longest::Characters(_) => 1,
        Longest::Bytes(_) => ELLIPSIS.len_utf8(),
    };
    let room = longest.less(less).room(line);
    let mut end = apart(line, room);
    if let Some(whole) = wholes.iter().find(|whole| end < whole.end) {
        end = end.min(whole.start);
    }
    let mut short = line[..end].trim_end().to_owned();
    short.push(ELLIPSIS);
    short
}

/// A good place to cut a text at or before one: the end of a line if there is one near, else between
/// two characters as people see them.
pub fn cut(text: &str, at: usize) -> usize {
    const NEAR: usize = 4096;
    let at = text.floor_char_boundary(at);
    let near = text.floor_char_boundary(at.saturating_sub(NEAR));
    match text[near..at].rfind('\n') {
        Some(end) => text[..near + end].trim_end_matches('\r').len(),
        None => apart(text, at),
    }
}

/// The next place at or before one where no sign belongs to the one before.
fn apart(text: &str, at: usize) -> usize {
    const JOINER: char = '\u{200d}';
    const JOINED: [RangeInclusive<char>; 7] = [
        '\u{300}'..='\u{36f}',
        '\u{1ab0}'..='\u{1aff}',
        '\u{20d0}'..='\u{20ff}',
        '\u{fe00}'..='\u{fe0f}',
        '\u{1f3fb}'..='\u{1f3ff}',
        JOINER..=JOINER,
        '\n'..='\n',
    ];
    let mut at = at;
    // Nothing that people write has more of them.
    for _ in 0..32 {
        let next = text[at..].chars().next();
        let before = text[..at].chars().next_back();
        let belongs = next.is_some_and(|c| JOINED.iter().any(|range| range.contains(&c)));
        match before {
            Some(before) if belongs || before == JOINER => at -= before.len_utf8(),
            _ => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_shortened_with_dots() {
        let ten = Longest::Characters(10);
        assert_eq!(shorten("0123456789", ten), "0123456789");
        assert_eq!(shorten("01234567890", ten), "012345678…");
        assert_eq!(shorten("ääääääääää", ten), "ääääääääää");
        assert_eq!(shorten("äääääääääää", ten), "äääääääää…");
        assert_eq!(shorten("01234567  x", ten), "01234567…");
        assert_eq!(shorten("ääääää", Longest::Bytes(10)), "äää…");
    }

    #[test]
    fn texts_are_cut_where_it_is_not_seen() {
        assert_eq!(cut("one\ntwo three", 10), 3);
        assert_eq!(cut("one\r\ntwo three", 10), 3);
        assert_eq!(cut("one two", 5), 5);
        assert_eq!(cut("e\u{301}e\u{301}", 3), 3);
        assert_eq!(cut("e\u{301}e\u{301}", 4), 3);
        assert_eq!(cut("a👩\u{200d}👧", 8), 1);
        assert_eq!(cut("äö", 1), 0);
    }

    proptest! {
        #[test]
        fn what_is_left_fits(text in any::<String>(), count in 0_usize..40) {
            for longest in [Longest::Characters(count), Longest::Bytes(count)] {
                let room = longest.room(&text);
                prop_assert!(longest.fits(&text[..cut(&text, room)]));
                let least = longest.less(ELLIPSIS.len_utf8()) != longest.less(count);
                prop_assert!(!least || longest.fits(&shorten(&text, longest)));
            }
        }
    }
}
