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
        let word = word_around(text, &name, done);
        let passed = &text[done..word.end];
        let run = passed.rfind(|c: char| c.is_ascii_whitespace());
        in_address &= run.is_none();
        let run = &passed[run.unwrap_or(0)..];
        in_address |= run.contains("://") || run.contains("www.");
        done = word.end;
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

/// The word that a name is a part of, as in `v1.0-3-g28c3ee3`, `sha256:0728c00` and `#0728C00A`.
fn word_around(text: &str, name: &Range<usize>, done: usize) -> Range<usize> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let goes_on = |c: char| is_word(c) || "-./:=@+#".contains(c);
    let before = &text[done..name.start];
    let begins = &before[before.trim_end_matches(goes_on).len()..];
    let begins = begins.trim_start_matches(|c| !is_word(c) && c != '#');
    let behind = &text[name.end..];
    let ends = behind.len() - behind.trim_start_matches(goes_on).len();
    let ends = behind[..ends].trim_end_matches(|c| !is_word(c));
    name.start - begins.len()..name.end + ends.len()
}

/// Whether code in place of a word changes nothing of what stands around it. `has_labels`: one in
/// brackets may be a link.
fn stands_alone(text: &str, word: &Range<usize>, has_labels: bool) -> bool {
    let (before, behind) = (&text[..word.start], &text[word.end..]);
    let is_page = before.ends_with("[[") || behind.starts_with("]]");
    let is_label = before.ends_with('[')
        && (behind.starts_with("](") || behind.starts_with(']') && !has_labels && !is_page);
    is_label || is_emphasised(before, behind) || {
        let begins_name = before.ends_with(['@', '#', '!', '&', '$', '~', '%']);
        // It may be emphasis, code, a tag, a link or a cell.
        let is_mark = |c: char| "*_~`<>[]|\\^{}$".contains(c);
        !begins_name && !before.ends_with(is_mark) && !behind.starts_with(is_mark)
    }
}

/// Whether stars, and nothing else than blanks around them, stand on both sides.
fn is_emphasised(before: &str, behind: &str) -> bool {
    let (outer, inner) = (before.trim_end_matches('*'), behind.trim_start_matches('*'));
    let stars = before.len() - outer.len();
    let is_apart = outer.chars().next_back().is_none_or(char::is_whitespace)
        && inner.chars().next().is_none_or(char::is_whitespace);
    (1..=2).contains(&stars) && behind.len() - inner.len() == stars && is_apart
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
        ] {
            let word = word_around(text, &name, 0);
            let is_code = stands_alone(text, &word, text.contains("]:"));
            assert_eq!(is_code.then(|| &text[word]), expected, "{text}");
        }
    }
}
