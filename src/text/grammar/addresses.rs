//! Addresses that make links by themselves.

use crate::text::flow::Flow;
use crate::text::structure;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Addresses that forges make links of, in order, with where what follows is looked at: where forges
/// disagree about how far one goes, and where one ends for some.
pub(super) fn addresses(flow: &Flow) -> impl Iterator<Item = (Range<usize>, usize)> + '_ {
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
        structure::regex(concat!(
            r"(?:[a-zA-Z][a-zA-Z0-9+.-]*://|(?-u:\b)[wW]{3}\.)",
            r"[\p{L}\p{N}\u{2060}][\p{L}\p{N}\u{2060}.-]*",
        ))
    });
    let text = flow.text();
    let mut at = 0;
    let mut escapes = flow.escapes().peekable();
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
            let end = start + balanced(&text[start..]);
            while escapes.next_if(|escape| *escape <= start).is_some() {}
            at = escapes.peek().map_or(end, |escape| end.min(*escape));
            return Some((start..end, at));
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
