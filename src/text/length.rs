//! What is longer than a target takes.

use super::escape::WORD_JOINER;
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
            Self::Characters(most) => Self::Characters(share(most, self.measure(text))),
            Self::Bytes(most) => Self::Bytes(share(most, self.measure(text))),
        }
    }

    /// How many of its unit it is.
    pub fn count(self) -> usize {
        match self {
            Self::Characters(count) | Self::Bytes(count) => count,
        }
    }

    /// How long a text is in the same unit.
    pub fn measure(self, text: &str) -> usize {
        match self {
            Self::Characters(_) => text.chars().count(),
            Self::Bytes(_) => text.len(),
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
    match end(line, longest) {
        None => line.to_owned(),
        Some(end) => dotted(&line[..apart(line, end)]),
    }
}

/// The same for a line that forges read, with some places in it, in order, that are there as a whole or
/// not at all, as is every word that is more than letters.
pub fn shorten_around(line: &str, longest: Longest, wholes: &[Range<usize>]) -> String {
    let Some(mut end) = end(line, longest) else {
        return line.to_owned();
    };
    if let Some(whole) = wholes.iter().find(|whole| end < whole.end) {
        end = end.min(whole.start);
    }
    let start = line[..end].rfind(is_blank).map_or(0, |blank| blank + 1);
    let word = &line[start..end];
    // What begins like the name of a commit could become one.
    let is_plain = word.chars().all(|c| c.is_alphabetic() || c == '-')
        && !word.bytes().all(|b| b.is_ascii_hexdigit());
    if !line[end..].starts_with(is_blank) && !is_plain {
        end = in_word(line, end, start);
    }
    dotted(&line[..apart(line, end)])
}

/// Where a line ends that dots follow; `None` if all of it fits.
fn end(line: &str, longest: Longest) -> Option<usize> {
    let less = match longest {
        Longest::Characters(_) => 1,
        Longest::Bytes(_) => ELLIPSIS.len_utf8(),
    };
    (!longest.fits(line)).then(|| longest.less(less).room(line))
}

fn dotted(line: &str) -> String {
    format!("{}{ELLIPSIS}", line.trim_end())
}

/// A good place to cut a text at or before one: the end of a line if there is one near, else the end of
/// a word, else a place in a word that is longer than all words where no name, no reference and no
/// address is cut in two: what is left of these would be others.
///
/// Nor is a link that begins near: what names somebody in a label reaches nobody.
pub fn cut(text: &str, at: usize) -> usize {
    let at = text.floor_char_boundary(at);
    if at == text.len() {
        return at;
    }
    let end = between_words(text, at);
    let Some(link) = open_link(text, end) else {
        return end;
    };
    text[..link].trim_end_matches(is_blank).len()
}

/// How far back a good place is looked for, in bytes.
const NEAR: usize = 4096;

/// A place at or before one where no word is cut in two, or nothing in one.
fn between_words(text: &str, at: usize) -> usize {
    let near = text.floor_char_boundary(at.saturating_sub(NEAR));
    if let Some(end) = text[near..at].rfind('\n') {
        return text[..near + end].trim_end_matches('\r').len();
    }
    let end = if text[at..].starts_with(is_blank) {
        Some(at)
    } else {
        text[near..at].rfind(is_blank).map(|end| near + end)
    };
    match end {
        Some(end) => text[..end].trim_end_matches(is_blank).len(),
        None => {
            let word = text[..near].rfind(is_blank).map_or(0, |blank| blank + 1);
            apart(text, in_word(text, at, word))
        }
    }
}

/// Where something begins that may be a link, and in which a place is. No link reaches over an empty line.
fn open_link(text: &str, at: usize) -> Option<usize> {
    let near = text.floor_char_boundary(at.saturating_sub(NEAR));
    let near = text[near..at].rfind("\n\n").map_or(near, |end| near + end);
    let behind = &text[at..];
    if behind.starts_with("\n\n") || behind.starts_with('\n') && text[..at].ends_with('\n') {
        return None;
    }
    let bytes = text.as_bytes();
    let (mut open, mut next) = (Vec::new(), near);
    while next < at {
        let here = next;
        next += 1;
        match bytes[here] {
            b'\\' => next += 1,
            b'[' => open.push(here - usize::from(text[near..here].ends_with('!'))),
            b']' => {
                let Some(link) = open.pop() else { continue };
                let ends = match bytes.get(next) {
                    Some(b'(') => b')',
                    Some(b'[') => b']',
                    _ => continue,
                };
                match bytes[next.min(at)..at].iter().position(|b| *b == ends) {
                    Some(end) => next += end + 1,
                    None => open.push(link),
                }
            }
            _ => {}
        }
    }
    open.first().copied()
}

/// What ends every name, every reference and every address.
fn is_blank(c: char) -> bool {
    c.is_ascii_whitespace()
}

/// The next place at or before one in a long word where nothing is cut in two that forges read.
fn in_word(text: &str, at: usize, word: usize) -> usize {
    // No address that anybody can follow is longer, and no name nearly as long.
    const ADDRESS: usize = 64 * 1024;
    const NAME: usize = 256;
    let from = |most| text.ceil_char_boundary(word.max(at.saturating_sub(most)));
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let written = &text[from(ADDRESS)..at];
    let address = written.rfind("://").max(written.rfind("www."));
    if let Some(address) = address {
        return from(ADDRESS) + written[..address].trim_end_matches(is_scheme).len();
    }
    // A reference has more of signs in it than a name, where many stand together.
    let is_part =
        |c: char| c == WORD_JOINER || c.is_ascii_graphic() && !",;()<>[]{}\"'|`\\".contains(c);
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let start = from(NAME);
    let near = &text[start..at];
    let whole = near.trim_end_matches(is_part);
    if !whole.is_empty() || start == word {
        return start + whole.len();
    }
    let end = near.rfind(|c| !is_name(c));
    end.map_or(at, |end| start + end)
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
        assert_eq!(cut("one two", 3), 3);
        assert_eq!(cut("one two", 5), 3);
        assert_eq!(cut("one \t two", 5), 3);
        assert_eq!(cut("e\u{301}e\u{301}", 3), 3);
        assert_eq!(cut("e\u{301}e\u{301}", 4), 3);
        assert_eq!(cut("a👩\u{200d}👧", 8), 1);
        assert_eq!(cut("äö", 1), 0);
    }

    #[test]
    fn of_a_word_that_is_longer_than_all_words_nothing_is_cut_in_two() {
        let long = "é".repeat(5000);
        let parts = "a.b,".repeat(2000);
        for (before, part) in [
            (long.as_str(), "@alice"),
            (&long, "g/p#1234+s"),
            (&long, "https://e.org/g/p/-/issues/12"),
            (&long, "www.e.org/12"),
            (&long, "GL-12"),
            (&parts, "@alice"),
            (&parts, "https://e.org/a,b"),
        ] {
            let text = format!("{before}{part}é");
            for behind in 0..part.len() {
                assert_eq!(cut(&text, before.len() + behind), before.len(), "{part}");
            }
        }
        // They stand together.
        let text = "@alice/#12/GL-34/".repeat(1000);
        for at in 9000..9100 {
            let kept = &text[..cut(&text, at)];
            let ends = ["@alice", "#12", "GL-34", "/", "GL"];
            assert!(
                ends.iter().any(|end| kept.ends_with(end)),
                "{}",
                &kept[kept.len() - 20..]
            );
            assert!(kept.len() + 10 > at);
        }
        // Nothing that means something is so long.
        for piece in ["é", "x", "aGVsbG8", "aé"] {
            let text = piece.repeat(10_000);
            assert!(cut(&text, 9001) > 8990);
        }
    }

    #[test]
    fn no_link_is_cut_in_two() {
        let link = "[see @alice\nor #8](<a b> 'c') ";
        for link in [link, "[a @b][see c] ", "![a [b c] d](e f) "] {
            let text = format!("[a](b) [c] a\\[b {link}more of it");
            let before = text.find(link).unwrap();
            for behind in 1..link.len() - 1 {
                assert_eq!(cut(&text, before + behind), before - 1, "{link} {behind}");
            }
            let line = text.replace('\n', " ");
            let behind = before + link.len();
            assert_eq!(cut(&line, behind + 2), behind - 1);
        }
        // A bracket is no link for longer than that.
        let text = format!("[a\n\n{}", "b ".repeat(100));
        assert_eq!(cut(&text, 100), 3);
        assert_eq!(cut(&text.replace("b ", "b\n"), 100), 99);
    }

    #[test]
    fn what_is_left_of_a_line_names_nothing_else() {
        let whole = "Ask @alice or see g/p#1234 https://e.org/12 deadbeefcafe crashes";
        for (room, expected) in [
            (8, "Ask…"),
            (11, "Ask @alice…"),
            (24, "Ask @alice or see…"),
            (27, "Ask @alice or see g/p#1234…"),
            (41, "Ask @alice or see g/p#1234…"),
            (54, "Ask @alice or see g/p#1234 https://e.org/12…"),
        ] {
            assert_eq!(
                shorten_around(whole, Longest::Characters(room), &[]),
                expected
            );
        }
        let short = shorten_around("Follow-up of that", Longest::Characters(7), &[]);
        assert_eq!(short, "Follow…");
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
