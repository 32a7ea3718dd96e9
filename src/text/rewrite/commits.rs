//! Names of commits as code: whoever copies one gets the name and nothing else.

use super::{Rules, reading};
use crate::text::edits::{Change, Edit, Rewritten};
use crate::text::grammar::Found;
use crate::text::matter;
use crate::text::structure::{self, Structure, holds};
use std::ops::Range;

/// Words of letters that are digits, too, in small letters. Nobody copies them to ask for a commit.
const WORDS: &[&str] = &["acceded", "defaced", "effaced"];

/// Names of commits, in order, as code, which a forge does not look into; nothing where it is not sure
/// that all readers see the same code. There a character within takes the meaning away.
pub(super) fn as_code<'a>(
    text: &'a str,
    structure: &'a Structure,
    rules: &'a Rules<'_>,
) -> impl Iterator<Item = Change> + 'a {
    let least = rules
        .grammar
        .commits
        .filter(|_| rules.references && rules.code);
    let least = least.filter(|least| may_have_one(text, *least) && is_plain(structure));
    let least = least.filter(|_| !matter::is_there(text));
    let found = least.map(|_| rules.grammar.find(&structure.flow));
    // Without a definition no word in brackets is a link.
    let has_labels = found.is_some() && text.contains("]:");
    // How far words were looked at, and whether an address that goes on over all that is no blank to
    // somebody stands in front.
    let (mut done, mut in_address) = (0, false);
    found.into_iter().flatten().filter_map(move |found| {
        let Found::Commit(name) = found else {
            return None;
        };
        let name = structure.flow.source(text, &name)?;
        if name.start < done {
            return None;
        }
        let mut word = word_around(text, &name, done);
        let passed = &text[done..word.end];
        let run = passed.rfind(|c: char| c.is_ascii_whitespace());
        in_address &= run.is_none();
        let run = &passed[run.unwrap_or(0)..];
        in_address |= run.contains("://") || run.contains("www.");
        done = word.end;
        word = without_marks(text, word, &structure.open);
        let is_it = |one: &&str| text[word.clone()].eq_ignore_ascii_case(one);
        let can_stand = !in_address
            && !WORDS.iter().any(is_it)
            && holds(&structure.open, &word)
            && stands_alone(text, &word, has_labels);
        can_stand.then(|| {
            let code = ["`", &text[word.clone()], "`"].concat();
            (word, code.into())
        })
    })
}

/// Whether words of a text may have become code.
pub(super) fn are_there(now: &Rewritten) -> bool {
    let is_code = |edit: Edit<'_>| edit.now.contains('`') && !edit.was.contains('`');
    now.edits.iter().any(is_code)
}

/// Whether all readers see them as code.
pub(super) fn are_code(now: &Rewritten, rules: &Rules<'_>) -> bool {
    let text = rules.grammar.taken(&now.text);
    is_plain(&structure::read(&text, reading(rules)))
}

/// Whether a text has a run of so many hexadecimal digits, which most have not.
fn may_have_one(text: &str, least: usize) -> bool {
    let is_hex = |at: &usize| text.as_bytes()[*at].is_ascii_hexdigit();
    let least = least.max(1);
    let mut from = 0;
    while let Some(last) = Some(from + least - 1).filter(|last| *last < text.len()) {
        match (from..=last).rev().find(|at| !is_hex(at)) {
            // None goes over this one.
            Some(none) => from = none + 1,
            None => return true,
        }
    }
    false
}

/// Whether every reader sees where the code of a text is: one mark of it alone would go together with
/// the first one that is put there.
fn is_plain(structure: &Structure) -> bool {
    structure.wild.is_none()
        && !structure.has_formulas
        && structure.doubt.text().is_empty()
        && !structure.flow.text().contains('`')
}

/// The word that a name is a part of, as in `v1.0-3-g28c3ee3`, `sha256:0728c00`, `#0728C00A` and
/// `~/.cache/0728c00/x`.
fn word_around(text: &str, name: &Range<usize>, done: usize) -> Range<usize> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let goes_on = |c: char| is_word(c) || "-./:=@+#".contains(c);
    let before = &text[done..name.start];
    let run = &before[before.trim_end_matches(goes_on).len()..];
    let begins = run.trim_start_matches(|c| !is_word(c) && c != '#');
    let behind = &text[name.end..];
    let ends = behind.len() - behind.trim_start_matches(goes_on).len();
    let ends = behind[..ends].trim_end_matches(|c| !is_word(c));
    let (mut start, mut end) = (name.start - begins.len(), name.end + ends.len());
    // What a path or an option begins with belongs to it, and a slash that ends it.
    let in_front = &run[..run.len() - begins.len()];
    let lead = &in_front[in_front.trim_end_matches(['/', '.', '-']).len()..];
    if lead.contains('/') || text[start..end].contains(['/', '=']) {
        start -= lead.len();
        let is_home = text[start..].starts_with('/')
            && text[done..start].ends_with('~')
            && !text[done..start - 1].ends_with(|c| is_word(c) || c == '~');
        start -= usize::from(is_home);
        let ends_path = text[end..].strip_prefix('/').is_some_and(|behind| {
            let ends = |c: char| c.is_whitespace() || ".,;:!?)\"'".contains(c);
            behind.chars().next().is_none_or(ends)
        });
        end += usize::from(ends_path);
    }
    start..end
}

/// A word without the underscores around it that mean emphasis: they are not shown. `open`: what is.
fn without_marks(text: &str, word: Range<usize>, open: &[Range<usize>]) -> Range<usize> {
    let (mut start, mut end) = (word.start, word.end);
    let is_mark = |at: usize| text.as_bytes()[at] == b'_' && !holds(open, &(at..at + 1));
    while start < end && is_mark(start) {
        start += 1;
    }
    while start < end && is_mark(end - 1) {
        end -= 1;
    }
    start..end
}

/// Whether code in place of a word changes nothing of what stands around it. `has_labels`: one in
/// brackets may be a link.
fn stands_alone(text: &str, word: &Range<usize>, has_labels: bool) -> bool {
    let (before, behind) = (&text[..word.start], &text[word.end..]);
    let is_page = before.ends_with("[[") || behind.starts_with("]]");
    let is_label = before.ends_with('[')
        && (behind.starts_with("](") || behind.starts_with(']') && !has_labels && !is_page);
    let (begins, ends) = (
        Emphasis::of(before.chars().rev()),
        Emphasis::of(behind.chars()),
    );
    if let (Some(begins), Some(ends)) = (&begins, &ends)
        && begins.mark == ends.mark
    {
        return begins.length == ends.length && is_emphasised(before, begins, ends);
    }
    is_label || {
        // It may be code, a tag, a link or a cell.
        let is_mark = |c: char| "*_~`<>[]|\\^{}$".contains(c);
        let begins_name = before.ends_with(['@', '#', '!', '&', '$', '%']);
        let is_free = |emphasis: &Option<Emphasis>, is_mark: bool, has_tag: bool| match emphasis {
            Some(emphasis) => emphasis.is_apart(),
            None => !is_mark || has_tag,
        };
        !begins_name
            && is_free(&begins, before.ends_with(is_mark), ends_with_tag(before))
            && is_free(&ends, behind.starts_with(is_mark), begins_with_tag(behind))
    }
}

/// What next to a word may begin or end emphasis.
struct Emphasis {
    mark: char,
    length: usize,
    /// What stands on its other side.
    outside: Option<char>,
}

impl Emphasis {
    /// What some characters begin with, from the word on.
    fn of(mut chars: impl Iterator<Item = char>) -> Option<Self> {
        let mark = chars.next().filter(|c| "*_~".contains(*c))?;
        let mut length = 1;
        // More than three mean nothing that is written on purpose.
        let outside = loop {
            match chars.next() {
                Some(c) if c == mark && length < 4 => length += 1,
                outside => break outside,
            }
        };
        let lengths = if mark == '~' { 2..=2 } else { 1..=3 };
        let outside = if lengths.contains(&length) {
            outside
        } else {
            Some(mark)
        };
        Some(Self {
            mark,
            length,
            outside,
        })
    }

    /// Whether nothing stands next to it, where it begins or ends emphasis in front of a back quote as it
    /// does in front of a letter.
    fn is_apart(&self) -> bool {
        self.outside.is_none_or(|c| c.is_ascii_whitespace())
    }
}

/// Whether two marks that are alike mean the same around code as around a word.
fn is_emphasised(before: &str, begins: &Emphasis, ends: &Emphasis) -> bool {
    let is_one = |outside: Option<char>, of: &str| outside.is_some_and(|c| of.contains(c));
    let mark = begins.mark;
    // Between two signs the first may also end what began before it.
    let ends_nothing = || {
        let front = before.as_bytes()[..before.len() - begins.length].windows(2);
        let mut paragraph = front.rev().take_while(|two| *two != b"\n\n");
        !paragraph.any(|two| two.contains(&(mark as u8)))
    };
    (ends.is_apart() || ends.outside != Some(mark) && is_one(ends.outside, ")\"',.;:!?-/*_"))
        && (begins.is_apart()
            || begins.outside != Some(mark)
                && is_one(begins.outside, "(\"':,;-/.=+*_")
                && ends_nothing())
}

/// Elements of a line that mean nothing else than how it looks.
const TAGS: &[&str] = &[
    "b", "big", "br", "del", "em", "i", "ins", "mark", "s", "small", "strong", "sub", "sup", "u",
];

/// How long a tag of one is at most.
const TAG: usize = "</strong>".len();

fn ends_with_tag(before: &str) -> bool {
    let near = &before[before.ceil_char_boundary(before.len().saturating_sub(TAG))..];
    near.rfind('<').is_some_and(|at| is_tag(&near[at..]))
}

fn begins_with_tag(behind: &str) -> bool {
    let near = &behind[..behind.floor_char_boundary(TAG)];
    near.find('>').is_some_and(|end| is_tag(&near[..=end]))
}

fn is_tag(text: &str) -> bool {
    let inside = text
        .strip_prefix('<')
        .and_then(|text| text.strip_suffix('>'));
    inside.is_some_and(|inside| {
        let name = inside.strip_prefix('/').unwrap_or(inside);
        let name = name.strip_suffix('/').unwrap_or(name).trim_end();
        TAGS.contains(&name)
    })
}

#[cfg(test)]
mod tests {
    use super::{may_have_one, stands_alone, word_around};

    #[test]
    fn runs_of_digits_are_seen_wherever_they_stand() {
        for (text, expected) in [
            ("", false),
            ("abcdef", false),
            ("abcdef0", true),
            ("see 1234567", true),
            ("123456x123456", false),
            ("x123456x1234567", true),
            ("é1234567é", true),
            ("ééééééé", false),
        ] {
            assert_eq!(may_have_one(text, 7), expected, "{text}");
        }
    }

    #[test]
    fn the_whole_word_is_code() {
        for (text, name, expected) in [
            ("at 0728c00.", 3..10, Some("0728c00")),
            ("(team/app@0728c00)", 10..17, Some("team/app@0728c00")),
            ("v1-3-g0728c00-dirty: x", 6..13, Some("v1-3-g0728c00-dirty")),
            ("see sha256:0728c00, x", 11..18, Some("sha256:0728c00")),
            ("--0728c00--", 2..9, Some("0728c00")),
            ("[0728c00](x)", 1..8, Some("0728c00")),
            ("[0728c00] x", 1..8, Some("0728c00")),
            ("[[0728c00]]", 2..9, None),
            ("[0728c00][]\n\n[0728c00]: x", 1..8, None),
            ("@0728c00", 1..8, None),
            ("*0728c00*", 1..8, Some("0728c00")),
            ("**0728c00*", 2..9, None),
            ("a*0728c00*", 2..9, None),
            ("_0728c00_", 1..8, Some("_0728c00_")),
            ("a #0728C00A", 4..11, Some("#0728C00A")),
            ("é0728c00é", 2..9, Some("0728c00")),
            ("at /a/0728c00/b.", 6..13, Some("/a/0728c00/b")),
            ("(/0728c00/)", 2..9, Some("/0728c00/")),
            ("~/.a/0728c00", 5..12, Some("~/.a/0728c00")),
            ("a ../b/0728c00, ./c", 7..14, Some("../b/0728c00")),
            ("--at=0728c00", 5..12, Some("--at=0728c00")),
            ("/a/0728c00/*", 3..10, Some("/a/0728c00")),
            ("~~/a/0728c00~~", 5..12, Some("/a/0728c00")),
            ("~~~0728c00~~~", 3..10, None),
            ("~0728c00~", 1..8, None),
            ("***0728c00***", 3..10, Some("0728c00")),
            ("****0728c00****", 4..11, None),
            ("(*0728c00*, a", 2..9, Some("0728c00")),
            ("*a (*0728c00*, b", 5..12, None),
            ("*a\n\n(*0728c00*, b", 6..13, Some("0728c00")),
            ("*0728c00*b", 1..8, None),
            ("*at 0728c00* b", 4..11, Some("0728c00")),
            ("*at 0728c00*.", 4..11, None),
            ("\\*0728c00*", 2..9, None),
            ("<b>0728c00</b>", 3..10, Some("0728c00")),
            ("0728c00<br />", 0..7, Some("0728c00")),
            ("<0728c00>", 1..8, None),
            ("<x>0728c00", 3..10, None),
        ] {
            let word = word_around(text, &name, 0);
            let is_code = stands_alone(text, &word, text.contains("]:"));
            assert_eq!(is_code.then(|| &text[word]), expected, "{text}");
        }
    }
}
