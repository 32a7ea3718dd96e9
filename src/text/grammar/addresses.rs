//! Addresses that make links by themselves.

use crate::text::flow::Flow;
use crate::text::structure;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// An address that forges make a link of.
pub(in crate::text) struct Address {
    pub whole: Range<usize>,
    /// Where what follows is looked at: where forges disagree about how far it goes, and where it
    /// ends for some.
    pub end: usize,
    /// It is a link wherever it stands. Names in another one may be read.
    pub is_link: bool,
}

/// Addresses that forges make links of, in order.
pub(in crate::text) fn addresses(flow: &Flow) -> impl Iterator<Item = Address> + '_ {
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
        structure::regex(concat!(
            r"(?:[a-zA-Z][a-zA-Z0-9+.-]*://|(?-u:\b)[wW]{3}\.)",
            r"[\p{L}\p{N}\u{2060}][\p{L}\p{N}\u{2060}.-]*",
        ))
    });
    // Most texts have none, which is seen faster so.
    static HINT: LazyLock<Regex> = LazyLock::new(|| structure::regex(r"://|(?-u)[wW]{3}\."));
    let text = flow.text();
    let mut at = HINT.find(text).map_or(text.len(), |hint| {
        let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-');
        text[..hint.start()].trim_end_matches(is_scheme).len()
    });
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
            let is_link;
            if let Some(end) = found.as_str().find("://") {
                let scheme = &found.as_str()[..end];
                let letters = scheme.trim_end_matches(|c: char| c.is_ascii_alphabetic());
                start += letters.len();
                if scheme.len() - letters.len() < 2 {
                    at = found.start() + end + "://".len();
                    continue;
                }
                // Outside of Markdown no capital letter stands in one.
                let is_small = !scheme[letters.len()..].contains(|c: char| c.is_ascii_uppercase());
                is_link = is_small || flow.is_link(found.start() + end);
            } else {
                // Without a scheme it is one in Markdown only, and there letters that are none here
                // go on with its host.
                is_link =
                    flow.is_link(start) && text[at..].chars().next().is_none_or(|c| c.is_ascii());
            }
            // Another one may follow right behind it.
            let end = start + balanced(&text[start..]);
            while escapes.next_if(|escape| *escape <= start).is_some() {}
            at = escapes.peek().map_or(end, |escape| end.min(*escape));
            return Some(Address {
                whole: start..end,
                end: at,
                is_link,
            });
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
