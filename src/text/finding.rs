//! Finds what refers to something, in what is shown and where links lead.
//!
//! What is shown is looked at, because that is what a forge reads: an entity is the character that it
//! stands for, and a backslash is not there.

use super::flow::Flow;
use super::inert;
use super::references::{self, Place, Reference};
use super::structure::{self, Structure};
use regex::Regex;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

/// Everything that refers to something where a link could stand instead, in order.
pub(super) fn shown<'a, 'b>(
    text: &'a str,
    structure: &'b Structure,
) -> impl Iterator<Item = Reference<'a>> + use<'a, 'b> {
    // Addresses and names of people are consumed first, so nothing in them is taken for a reference.
    // That of a scheme is bounded, or each `GL-1` of a long word would be looked for one to its end.
    static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
        structure::regex(concat!(
            r"[a-zA-Z][a-zA-Z0-9+.-]{0,31}://[^\s<>\x01]*", // an address
            r"|@[A-Za-z0-9_](?:[A-Za-z0-9_./-]*[A-Za-z0-9_/-])?", // somebody
            r"|[#!&$][0-9]+|GL-[0-9]+|\[[a-z_]+:[A-Za-z0-9_.-][A-Za-z0-9_./-]*\]",
        ))
    });
    let labels = outermost(&structure.links);
    let flow = &structure.flow;
    let (mut done, mut somebody) = (0, None);
    // What a token is can be told by its ends, which costs less than groups in the pattern.
    TOKEN.find_iter(flow.text()).filter_map(move |found| {
        let (token, whole) = (found.as_str(), found.range());
        let first = token.as_bytes()[0];
        let is_address = first.is_ascii_alphabetic() && token.contains(':');
        if first == b'G' && !is_address && ends_in_word(&flow.text()[..whole.start]) {
            return None;
        }
        let from = std::mem::replace(&mut done, whole.end);
        let refers = match first {
            _ if is_address => address(text, flow, &whole)?,
            b'@' => {
                somebody = Some(whole.end);
                return None;
            }
            // If there is no such person, it is a part of the name of another thing.
            _ if (somebody.take()).is_some_and(|end| goes_on(&flow.text()[..whole.start], end))
                && first != b'[' =>
            {
                return None;
            }
            _ => short(text, flow, &whole, from)?,
        };
        let markup = holds_all(&structure.markup, text, &refers.range);
        let stands = markup
            || holds_all(&structure.open, text, &refers.range)
                && !structure::holds(&labels, &refers.range);
        let apart = !references::may_go_on(text, &refers.range);
        (stands && apart).then_some(Reference { markup, ..refers })
    })
}

/// Whether a name that ends at a place may go on to the end of a text.
fn goes_on(text: &str, end: usize) -> bool {
    let behind = &text[end..];
    behind.bytes().all(|b| b == b'.') && !(behind.is_empty() && text.ends_with('/'))
}

/// Whether the last character of a text is one of a word.
fn ends_in_word(text: &str) -> bool {
    static WORD: LazyLock<Regex> = LazyLock::new(|| structure::regex(r"\w"));
    let last = text.chars().next_back().map_or(0, char::len_utf8);
    WORD.is_match(&text[text.len() - last..])
}

/// Whether ranges that stand apart and in order have another whole in them, but for the backslashes
/// of escapes.
fn holds_all(ranges: &[Range<usize>], text: &str, range: &Range<usize>) -> bool {
    let first = ranges.partition_point(|one| one.end <= range.start);
    let mut at = range.start;
    for one in &ranges[first..] {
        if one.start > at && text[at..one.start.min(range.end)] != *"\\" {
            return false;
        }
        at = one.end;
        if at >= range.end {
            return true;
        }
    }
    false
}

/// An address that stands there as it is.
fn address<'a>(text: &'a str, flow: &Flow, token: &Range<usize>) -> Option<Reference<'a>> {
    let shown = Reference::address(&flow.text()[token.clone()], token.start, false)?;
    let there = flow.source(text, &shown.range)?;
    Reference::address(&text[there.clone()], there.start, true)
}

/// A short spelling.
fn short<'a>(
    text: &'a str,
    flow: &Flow,
    core: &Range<usize>,
    from: usize,
) -> Option<Reference<'a>> {
    let shown = Reference::short(flow.text(), core, from)?;
    let project = match shown.project {
        None => None,
        Some(path) => {
            let at = shown.range.start + flow.text()[shown.range.clone()].find(&*path)?;
            let there = flow.source(text, &(at..at + path.len()));
            Some(there.map_or(Cow::Owned(path.into_owned()), |there| text[there].into()))
        }
    };
    let range = flow.span(text, &shown.range)?;
    // Behind a backslash it is not part of a form in brackets.
    let is_torn = text[range.clone()].contains("\\:");
    (!is_torn).then_some(Reference {
        range,
        place: Place::Text,
        kind: shown.kind,
        host: None,
        project,
        number: shown.number,
        comment: None,
        style: shown.style,
        markup: false,
    })
}

/// Links that stand in no other link, in order.
pub(super) fn outermost(links: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut outer: Vec<Range<usize>> = Vec::new();
    for link in links.iter().rev() {
        if outer.last().is_none_or(|after| link.end <= after.start) {
            outer.push(link.clone());
        }
    }
    outer.reverse();
    outer
}

/// What the destination of a link refers to: by its address, or, if it is a link that is followed and
/// not an image that is shown, by a short spelling.
pub(super) fn destination<'a>(
    text: &'a str,
    range: &Range<usize>,
    structure: &Structure,
) -> Option<Reference<'a>> {
    let found = Reference::address(&text[range.clone()], range.start, true);
    let found = match found {
        Some(found) => found,
        None if structure::holds(&structure.images, range) => return None,
        None => spelled(text, range)?,
    };
    Some(Reference {
        range: range.clone(),
        place: Place::Destination,
        ..found
    })
}

/// A short spelling that a whole destination is, as a forge reads it.
fn spelled<'a>(text: &'a str, range: &Range<usize>) -> Option<Reference<'a>> {
    static CORE: LazyLock<Regex> = LazyLock::new(|| {
        structure::regex(concat!(
            r"^[A-Za-z0-9_./-]*?(?P<core>[#!&$][0-9]+|GL-[0-9]+)(?:\+s?)?$",
            r"|^(?P<bracketed>\[[a-z_]+:[A-Za-z0-9_.-][A-Za-z0-9_./-]*\])$",
        ))
    });
    let flow = inert::decoded(text, range.clone());
    let found = CORE.captures(flow.text())?;
    let core = found.name("core").or(found.name("bracketed"))?;
    let refers = short(text, &flow, &core.range(), 0)?;
    let path = refers.project.as_ref().map_or(0, |path| path.len());
    // What stands in front of it must all be a path, perhaps from the root.
    let before = &flow.text()[..core.start()];
    let is_path =
        core.as_str().starts_with('[') || before.strip_prefix('/').unwrap_or(before).len() == path;
    is_path.then_some(refers)
}

/// What an address in angle brackets refers to.
pub(super) fn autolink<'a>(text: &'a str, range: &Range<usize>) -> Option<Reference<'a>> {
    let inside = &text[range.clone()];
    // With or without its angle brackets.
    let bare = inside.trim_start_matches('<').trim_end_matches('>');
    let start = range.start + inside.find(bare)?;
    let found = Reference::address(bare, start, true)?;
    let whole = start.checked_sub(1)?..start + bare.len() + 1;
    Some(Reference {
        range: whole,
        ..found
    })
}
