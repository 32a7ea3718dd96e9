//! Words of hexadecimal digits that name commits.

use std::ops::Range;

/// Words behind which a number is a commit, in small letters.
const SAID: &[&str] = &[
    "changeset",
    "commit",
    "commits",
    "committed",
    "githash",
    "hash",
    "rev",
    "reverts",
    "revision",
    "revisions",
    "revs",
    "sha",
    "sha1",
];

/// How far what stands in front of a number is looked at.
const NEAR: usize = 32;

/// Whether a run of hexadecimal digits can be a commit. `last`: where the last one ends.
///
/// A number is left alone where nothing says that it is one: next to no commit begins so, and a number
/// must be found by who searches for it, and be one when it is copied. So are hexadecimal numbers that
/// are written as such, UUIDs, and words of which the letters are only a part.
pub(super) fn is_commit(text: &str, run: &Range<usize>, last: Option<usize>) -> bool {
    let digits = &text.as_bytes()[run.clone()];
    if is_number(&text[..run.start]) || is_in_word(text, run) || is_in_uuid(text, run) {
        return false;
    }
    digits.len() == 40
        || digits.len() == 64
        || digits.iter().any(u8::is_ascii_alphabetic)
        || is_said(text, run)
        || last.is_some_and(|last| is_listed(&text[last..run.start]))
}

/// Whether a text ends with what stands in front of a hexadecimal number: `0x11ca798`.
fn is_number(before: &str) -> bool {
    before
        .strip_suffix(['x', 'X'])
        .and_then(|before| before.strip_suffix('0'))
        .is_some_and(|before| !before.ends_with(|c: char| c.is_ascii_alphanumeric()))
}

/// Whether letters go on around a run that has no digit, as in `feedback`.
fn is_in_word(text: &str, run: &Range<usize>) -> bool {
    let (before, behind) = (&text[..run.start], &text[run.end..]);
    let is_letter = |c: char| c.is_ascii_alphabetic();
    !text.as_bytes()[run.clone()].iter().any(u8::is_ascii_digit)
        && (before.ends_with(is_letter) && !before.ends_with("-g") || behind.starts_with(is_letter))
}

/// Whether they are the first or the last digits of a UUID.
fn is_in_uuid(text: &str, run: &Range<usize>) -> bool {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    const LENGTH: usize = 36;
    let start = match run.len() {
        8 => run.start,
        12 => run.end.saturating_sub(LENGTH),
        _ => return false,
    };
    let Some(whole) = text.as_bytes().get(start..start + LENGTH) else {
        return false;
    };
    let groups = whole.split(|b| *b == b'-');
    let lengths = groups.map(|group| {
        let is_hex = group.iter().all(u8::is_ascii_hexdigit);
        if is_hex { group.len() } else { 0 }
    });
    lengths.eq(GROUPS)
}

/// Whether what stands around a number says that it is a commit.
fn is_said(text: &str, run: &Range<usize>) -> bool {
    let near = text.floor_char_boundary(run.start.saturating_sub(NEAR));
    let (before, behind) = (&text[near..run.start], &text[run.end..]);
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    // `group/project@1234567`
    let of_project = before.strip_suffix('@');
    // What `git describe` says: `v1.0-3-g1234567`.
    let described = before.strip_suffix("-g");
    if [of_project, described]
        .into_iter()
        .flatten()
        .any(|before| before.ends_with(is_word))
    {
        return true;
    }
    // `1234567..89abcde`
    let is_commit = |digits: usize| digits >= 7;
    let hex = |text: &mut dyn Iterator<Item = u8>| text.take_while(u8::is_ascii_hexdigit).count();
    let begins = behind
        .strip_prefix("..")
        .map(|behind| behind.trim_start_matches('.'));
    let ends = before
        .strip_suffix("..")
        .map(|before| before.trim_end_matches('.'));
    if begins.is_some_and(|behind| is_commit(hex(&mut behind.bytes().take(7))))
        || ends.is_some_and(|before| is_commit(hex(&mut before.bytes().rev().take(7))))
    {
        return true;
    }
    let said = before.trim_end_matches([' ', ':', '=', '.', '#', '(', '[', '"', '\'', '`']);
    let word = said
        .trim_end_matches(|c: char| c.is_ascii_alphanumeric())
        .len();
    let word = said[word..].to_ascii_lowercase();
    said.len() < before.len() && SAID.contains(&word.as_str())
}

/// Whether what stands between two numbers makes a list of them.
fn is_listed(between: &str) -> bool {
    between.len() <= NEAR
        && matches!(
            between.trim_matches([' ', ',', '`', '(', ')', '"', '\'']),
            "" | "and" | "or" | "und" | "oder" | "to" | "&" | "+" | "/" | "-" | "–"
        )
}
