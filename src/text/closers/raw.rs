//! Elements in which everything is text until they are closed, wherever that is.

use crate::text::html::RAW;
use crate::text::matter::Matter;
use crate::text::structure::{self, Reading, dialect, holds};
use pulldown_cmark::{Event, Parser};
use std::ops::Range;

/// Names of those that a text may leave open, whatever is code in it.
pub(super) fn names(text: &str) -> impl Iterator<Item = &'static str> {
    let left = left(text).into_iter();
    left.map(|(name, _)| name)
}

/// Names of those that a text leaves open. In what some take for no code, they count.
pub(super) fn open(text: &str) -> impl Iterator<Item = &'static str> {
    let mut left = left(text);
    if !left.is_empty() {
        let markup = markup(text);
        let is_markup = |at: &usize| holds(&markup, &(*at..at + 1));
        left.retain(|(_, places)| places.iter().any(is_markup));
    }
    left.into_iter().map(|(name, _)| name)
}

/// Those that do not end behind the last places where they begin, and these.
fn left(text: &str) -> Vec<(&'static str, Vec<usize>)> {
    let mut left: Vec<_> = RAW.iter().map(|name| (*name, Vec::new())).collect();
    let bytes = text.as_bytes();
    // Some texts are full of them, and each is looked at once.
    for at in (0..bytes.len()).filter(|at| bytes[*at] == b'<') {
        let closes = bytes.get(at + 1) == Some(&b'/');
        let inside = &bytes[at + 1 + usize::from(closes)..];
        if !inside.first().is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let is_it = |name: &str| {
            let there = inside.get(..name.len());
            there.is_some_and(|there| there.eq_ignore_ascii_case(name.as_bytes()))
        };
        if let Some((_, places)) = left.iter_mut().find(|(name, _)| is_it(name)) {
            if closes {
                places.clear();
            } else {
                places.push(at);
            }
        }
    }
    left.retain(|(_, places)| !places.is_empty());
    left
}

/// What is raw HTML, or may be some, in order.
fn markup(text: &str) -> Vec<Range<usize>> {
    let reading = Reading {
        matter: Matter::None,
        formulas: true,
        escaped: "",
    };
    let mut markup = structure::read(text, reading).doubtful;
    for (event, range) in Parser::new_ext(text, dialect()).into_offset_iter() {
        if let Event::Html(_) | Event::InlineHtml(_) = event {
            markup.push(range);
        }
    }
    structure::merge(&mut markup);
    markup
}
