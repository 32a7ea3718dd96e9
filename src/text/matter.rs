//! The block of settings that a text may begin with, which a forge shows as code.
//!
//! Versions of GitLab do not agree about what is one (its `lib/gitlab/front_matter.rb`), so a text is
//! read as each of them reads it.

use std::borrow::Cow;
use std::ops::Range;

/// What counts as such a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Matter {
    /// Nothing.
    #[default]
    None,
    /// It ends with any of the marks that begin one, or with three dots.
    Any,
    /// It ends with the mark that it begins with, or with three dots.
    Same,
    /// It ends where a line begins like its own first one.
    Early,
}

const MARKS: [&str; 3] = ["---", "+++", ";;;"];
/// What says how a text is encoded.
const MARK: char = '\u{feff}';
const DOTS: &str = "...";
const FENCE: &str = "```";

/// Where the block stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// What stands in front of it, and is not shown where it says how the text is encoded.
    before: Range<usize>,
    /// Where its two marks stand.
    open: usize,
    close: usize,
    /// Nothing of it is read.
    goes: bool,
}

impl Block {
    /// What lies between its marks, with the first of them.
    pub(super) fn inside(&self) -> Range<usize> {
        self.open..self.close
    }

    /// The text with a block of code in its place. Every byte stays where it is.
    pub(super) fn shown(&self, text: &str) -> String {
        if self.goes {
            let end = self.close + FENCE.len();
            return "\n".repeat(end) + &text[end..];
        }
        let mut shown = "\n".repeat(self.before.len()) + &text[self.before.end..];
        for at in [self.open, self.close] {
            shown.replace_range(at..at + FENCE.len(), FENCE);
        }
        shown
    }
}

/// A text as it is read by a forge that makes a block of code of the settings that it begins with.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    match find(text, Matter::Any) {
        Some(block) => Cow::Owned(block.shown(text)),
        None => Cow::Borrowed(text),
    }
}

/// How a text is also read, besides as it is now; mostly in no other way.
pub(super) fn others(text: &str) -> Vec<Matter> {
    // Most begin with nothing of the kind.
    if !MARKS.iter().any(|mark| text.contains(mark)) {
        return Vec::new();
    }
    let places = |matter: Matter| find(text, matter).as_ref().map(Block::inside);
    let now = places(Matter::Any);
    let mut others = Vec::new();
    // Not every version passes over a mark of the encoding.
    if now.is_some() && text.starts_with(MARK) {
        others.push(Matter::None);
    }
    for matter in [Matter::Same, Matter::Early] {
        let other = places(matter);
        let matter = if other.is_some() {
            matter
        } else {
            Matter::None
        };
        if other != now && !others.contains(&matter) {
            others.push(matter);
        }
    }
    others
}

/// Whether a text begins with a block that some versions do not look for.
pub(super) fn is_there(text: &str) -> bool {
    find(text, Matter::Any).is_some()
}

/// Where the last mark of the block stands; 0 if there is none.
pub(super) fn end(text: &str, matter: Matter) -> usize {
    find(text, matter).map_or(0, |block| block.close)
}

/// Finds the block of a text.
pub(super) fn find(text: &str, matter: Matter) -> Option<Block> {
    if matter == Matter::None {
        return None;
    }
    // A mark of the encoding is no part of the text.
    let start = text.len() - text.trim_start_matches(MARK).len();
    let line = text[start..].find('\n').map(|end| start + end + 1);
    // What names the encoding goes, unless it is the first mark itself.
    let coding = line.filter(|end| {
        let line = &text[start..*end];
        line.contains("coding:") && !line.contains('\r')
    });
    let behind = coding.and_then(|end| Some((0..end, opening(text, end, matter)?)));
    let (before, (open, inside)) = match behind {
        Some(found) => found,
        None => (0..start, opening(text, start, matter)?),
    };
    let mark = &text[open..open + FENCE.len()];
    let mut at = inside;
    for line in text[inside..].split_inclusive('\n') {
        if closes(line, mark, matter) {
            return Some(Block {
                before,
                open,
                close: at,
                goes: matter == Matter::Early,
            });
        }
        at += line.len();
    }
    None
}

/// Where the first mark stands behind blank lines, and where the line behind it begins.
fn opening(text: &str, from: usize, matter: Matter) -> Option<(usize, usize)> {
    let is_blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c') || matter.is_blank(c);
    let rest = text[from..].trim_start_matches(is_blank);
    let open = text.len() - rest.len();
    // A carriage return by itself ends a line here, too.
    let begins = open == from || text[..open].ends_with(['\n', '\r']);
    let mark = MARKS.iter().find(|mark| rest.starts_with(**mark))?;
    let end = rest.find('\n')?;
    let language = rest[mark.len()..end].trim_start_matches([' ', '\t']);
    let language = if matter == Matter::Early {
        language.trim_end_matches(is_blank)
    } else {
        language
    };
    (begins && !language.contains(is_blank)).then_some((open, open + end + 1))
}

/// The first line of a text that may begin with such a block.
pub(super) fn first_line(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let line = text.lines().next()?;
    MARKS
        .iter()
        .any(|mark| line.starts_with(mark))
        .then_some(line)
}

/// Whether a line is the last one of a block that begins with a mark.
fn closes(line: &str, mark: &str, matter: Matter) -> bool {
    if matter == Matter::Early {
        return line.starts_with(mark);
    }
    let is_end = |end: &str| match matter {
        Matter::Any => MARKS.contains(&end),
        _ => end == mark,
    };
    let is_blank = |c: char| matches!(c, ' ' | '\t' | '\x0c') || matter.is_blank(c);
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.get(..FENCE.len())
        .is_some_and(|end| is_end(end) || end == DOTS)
        && line[FENCE.len()..].trim_matches(is_blank).is_empty()
}

impl Matter {
    /// Earlier versions knew one blank more.
    fn is_blank(self, c: char) -> bool {
        self != Self::Any && c == '\x0b'
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, matter: Matter) -> Option<&str> {
        let block = find(text, matter)?;
        assert_eq!(block.shown(text).len(), text.len());
        Some(&text[block.inside()])
    }

    #[test]
    fn what_it_ends_with_is_not_always_the_same() {
        let (any, same, early) = (Matter::Any, Matter::Same, Matter::Early);
        for (text, expected) in [
            ("---\na\n---", [Some("---\na\n"); 3]),
            ("\n \t\n--- x\na\n---  \nb", [Some("--- x\na\n"); 3]),
            ("# coding: x\n+++\na\n+++", [Some("+++\na\n"); 3]),
            ("\u{feff}---\n---", [Some("---\n"); 3]),
            ("\r---\n---", [Some("---\n"); 3]),
            ("---\na\n...", [Some("---\na\n"), Some("---\na\n"), None]),
            ("---\na\n+++", [Some("---\na\n"), None, None]),
            (
                "---\na\n;;;\nb\n---",
                [
                    Some("---\na\n"),
                    Some("---\na\n;;;\nb\n"),
                    Some("---\na\n;;;\nb\n"),
                ],
            ),
            ("---\na\n----", [None, None, Some("---\na\n")]),
            ("--- x \na\n---", [None, None, Some("--- x \na\n")]),
            (
                "\x0b\n---\na\n---",
                [None, Some("---\na\n"), Some("---\na\n")],
            ),
        ] {
            let found = [any, same, early].map(|matter| read(text, matter));
            assert_eq!(found, expected, "{text:?}");
        }
        for text in [
            "",
            "---",
            "---\n",
            "---\na",
            "a\n---\n---",
            "\u{a0}\n---\na\n---",
            "--- x y\n---",
            " ---\n---",
            "---\n ---",
        ] {
            for matter in [any, same, early] {
                assert_eq!(read(text, matter), None, "{text:?}");
            }
        }
    }

    #[test]
    fn a_block_of_code_stands_in_its_place() {
        assert_eq!(shown("--- x\na\n...\nb"), "``` x\na\n```\nb");
        assert_eq!(
            shown("coding: é\n---\n---\n"),
            "\n".repeat(11) + "```\n```\n"
        );
        assert_eq!(others("---\na\n---\n"), []);
        assert_eq!(others("---\na\n...\n---\n"), [Matter::Early]);
        assert_eq!(others("---\na\n...\n"), [Matter::None]);
        assert_eq!(others("\u{feff}---\na\n---\n"), [Matter::None]);
        assert_eq!(others("a\n---\n---\n"), []);
    }
}
