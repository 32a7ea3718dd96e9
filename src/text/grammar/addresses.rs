//! Addresses that make links by themselves.

use crate::text::structure;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Addresses that forges make links of, in order. Where they disagree about how far one goes, it
/// ends: what follows is looked at.
pub(super) fn addresses(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
        structure::regex(concat!(
            r"(?:[a-zA-Z][a-zA-Z0-9+.-]*://|(?-u:\b)[wW]{3}\.)",
            r"[\p{L}\p{N}\u{2060}][\p{L}\p{N}\u{2060}.-]*",
        ))
    });
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let found = ADDRESS.find_at(text, at)?;
            at = found.end();
            // A host with that character makes no link.
            if text[at..].starts_with('_') {
                continue;
            }
            // Not every forge takes more than letters for a scheme, and none a single one.
            let mut start = found.start();
            if let Some(end) = found.as_str().find("://") {
                let scheme = &found.as_str()[..end];
                let letters = scheme.trim_end_matches(|c: char| c.is_ascii_alphabetic());
                start += letters.len();
                if scheme.len() - letters.len() < 2 {
                    at = found.start() + end + "://".len();
                    continue;
                }
            }
            // Another one may follow right behind it.
            at = start + balanced(&text[start..]);
            return Some(start..at);
        }
    })
}

/// How long the address at the beginning of a text is: to what cannot stand in one, or to a bracket
/// that closes what it does not open.
fn balanced(text: &str) -> usize {
    let mut open = [0_i32; 3];
    for (at, c) in text.char_indices() {
        if c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\x01') {
            return at;
        }
        let (kind, step) = match c {
            '(' => (0, 1),
            ')' => (0, -1),
            '[' => (1, 1),
            ']' => (1, -1),
            '{' => (2, 1),
            '}' => (2, -1),
            _ => continue,
        };
        open[kind] += step;
        if open[kind] < 0 {
            return at;
        }
    }
    text.len()
}
