//! Elements in which everything is text until they are closed, wherever that is.

use crate::text::html::{RAW, find_ignoring_case};
use crate::text::matter::Matter;
use crate::text::structure::{self, Reading, dialect, holds};
use pulldown_cmark::{Event, Parser};
use std::ops::Range;

/// Names of those that a text may leave open, whatever is code in it.
pub(super) fn names(text: &str) -> impl Iterator<Item = &'static str> + '_ {
    let names = if text.contains('<') { RAW } else { &[] };
    let is_open = |name: &&&str| opens(text, name).next().is_some();
    names.iter().filter(is_open).copied()
}

/// Names of those that a text leaves open. In what some take for no code, they count.
pub(super) fn open(text: &str) -> impl Iterator<Item = &'static str> {
    let mut names: Vec<&str> = names(text).collect();
    if !names.is_empty() {
        let markup = markup(text);
        let is_markup = |at: usize| holds(&markup, &(at..at + 1));
        names.retain(|name| opens(text, name).any(is_markup));
    }
    names.into_iter()
}

/// Where elements of a name begin that do not end behind.
fn opens<'a>(text: &'a str, name: &str) -> impl Iterator<Item = usize> + use<'a> {
    let (open, close) = (format!("<{name}"), format!("</{name}"));
    let mut at = 0;
    while let Some(found) = find_ignoring_case(&text[at..], &close) {
        at += found + close.len();
    }
    std::iter::from_fn(move || {
        let found = at + find_ignoring_case(&text[at..], &open)?;
        at = found + open.len();
        Some(found)
    })
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
