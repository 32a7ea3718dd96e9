//! Finds what refers to something, in what is shown and where links lead.
//!
//! What is shown is looked at, because that is what a forge reads: an entity is the character that it
//! stands for, and a backslash is not there.

use super::cursor::Cursor;
use super::flow::{Flow, SEAM};
use super::grammar;
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
    let labels = outermost(&structure.links);
    let flow = &structure.flow;
    // Those with a scheme are tokens. What is no link may be read as anything else.
    let mut links: Vec<Range<usize>> = grammar::addresses(flow)
        .filter(|address| address.is_link && flow.text()[address.whole.start..].starts_with("www."))
        .map(|address| address.whole.start..address.end)
        .collect();
    // Behind that sign they may be the name of a label on the target, and are links on the source.
    let mut end = 0;
    for (at, _) in flow.text().match_indices("~www.") {
        if end <= at {
            end = end_of_word(flow.text(), at);
            links.push(at..end);
        }
    }
    structure::merge(&mut links);
    let (in_markup, in_open) = (Cursor::default(), Cursor::default());
    // Where the last token ends, where it stands and how it begins.
    let (mut done, mut last) = (0, None::<(Range<usize>, u8)>);
    // Where the word ends in which an address stands: all of it is its link to some.
    let mut word = 0;
    Tokens::of(flow.text()).filter_map(move |Token { whole, is_address }| {
        let first = flow.text().as_bytes()[whole.start];
        if first == b'G' && !is_address && ends_in_word(&flow.text()[..whole.start]) {
            return None;
        }
        let from = std::mem::replace(&mut done, whole.end);
        let last = last.replace((whole.clone(), first));
        let in_word = whole.start < word;
        if is_address && word < whole.end {
            word = end_of_word(flow.text(), whole.end);
        }
        if !is_address && in_word || structure::holds(&links, &whole) {
            return None;
        }
        let refers = match first {
            _ if is_address => address(text, flow, &whole)?,
            b'@' => return None,
            b'G' if is_path(&flow.text()[whole.end..]) => return None,
            // What a shell writes elsewhere: `2>&1`.
            b'&' if flow.text()[..whole.start].ends_with(['<', '>']) => return None,
            // If there is no such person or thing, what names it is the name of a project.
            b'#' | b'!' | b'&' | b'$' => match last {
                Some((name, b'@')) if first == b'#' && may_be_project(flow, &name, &whole) => {
                    let refers = short(text, flow, &whole, name.start + 1)?;
                    let named = true;
                    Reference { named, ..refers }
                }
                Some((token, last))
                    if last != first
                        && last != b'['
                        && goes_on(&flow.text()[..whole.start], token.end) =>
                {
                    return None;
                }
                _ => short(text, flow, &whole, from)?,
            },
            _ => short(text, flow, &whole, from)?,
        };
        let markup = holds_all(&structure.markup, &in_markup, text, &refers.range);
        let stands = markup
            || holds_all(&structure.open, &in_open, text, &refers.range)
                && !structure::holds(&labels, &refers.range);
        let apart = !references::may_go_on(text, &refers.range);
        (stands && apart).then_some(Reference { markup, ..refers })
    })
}

/// Where the word ends in which a place stands.
fn end_of_word(text: &str, at: usize) -> usize {
    let ends = |c: char| c.is_whitespace() || matches!(c, '<' | SEAM);
    text[at..].find(ends).map_or(text.len(), |end| at + end)
}

/// Whether what begins with `GL-12` is the path of a project in front of a number: that goes on here.
fn is_path(behind: &str) -> bool {
    // No path is longer.
    let near = &behind.as_bytes()[..behind.len().min(255)];
    let is_part = |b: &&u8| b.is_ascii_alphanumeric() || b"_.-/".contains(b);
    let path = near.iter().take_while(is_part).count();
    near[path..].starts_with(b"#") && near.get(path + 1).is_some_and(u8::is_ascii_digit)
}

/// Whether what names somebody right in front of a number may be the path of a project instead. That
/// of a person has no slash.
fn may_be_project(flow: &Flow, name: &Range<usize>, number: &Range<usize>) -> bool {
    name.end == number.start && flow.text()[name.clone()].contains('/')
}

/// Whether a name that ends at a place may go on to the end of a text.
fn goes_on(text: &str, end: usize) -> bool {
    let behind = &text[end..];
    behind.bytes().all(|b| b == b'.') && !(behind.is_empty() && text.ends_with('/'))
}

/// Something in a visible text that may refer to something, or hides what looks like it.
struct Token {
    whole: Range<usize>,
    is_address: bool,
}

/// Addresses, names of people and short spellings, in order. What stands in an address or a name is
/// no reference.
struct Tokens<'a> {
    text: &'a str,
    /// What stands before was looked at.
    at: usize,
    /// Where the next address begins, and where its `://` stands; behind the text if there is none.
    address: usize,
    colon: usize,
}

impl<'a> Tokens<'a> {
    /// How long a scheme may be, or each `GL-1` of a long word would be looked for one to its end.
    const SCHEME: usize = 32;

    fn of(text: &'a str) -> Self {
        let mut tokens = Self {
            text,
            at: 0,
            address: 0,
            colon: 0,
        };
        tokens.find_address(0);
        tokens
    }

    /// Looks for the next address that does not begin in front of what is still to be looked at.
    fn find_address(&mut self, mut from: usize) {
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || b"+.-".contains(b);
        while let Some(found) = self.text[from..].find("://") {
            self.colon = from + found;
            let first = self.at.max(self.colon.saturating_sub(Self::SCHEME));
            let before = &self.text.as_bytes()[first.min(self.colon)..self.colon];
            let run = before.iter().rev().take_while(|b| is_part(b)).count();
            let scheme = &before[before.len() - run..];
            if let Some(letter) = scheme.iter().position(u8::is_ascii_alphabetic) {
                self.address = self.colon - run + letter;
                return;
            }
            from = self.colon + 1;
        }
        self.colon = self.text.len();
        self.address = self.text.len();
    }

    /// How long the token is that a text begins with, if it is one and no address.
    fn length(text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        let run = |from: usize, is_part: fn(&u8) -> bool| {
            let rest = bytes.get(from..).unwrap_or_default();
            rest.iter().take_while(|b| is_part(b)).count()
        };
        let is_name = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
        let is_path = |b: &u8| b.is_ascii_alphanumeric() || b"_.-/".contains(b);
        let (opens, digits) = match bytes.first()? {
            b'#' | b'!' | b'&' | b'$' => (1, run(1, u8::is_ascii_digit)),
            b'G' if text.starts_with("GL-") => (3, run(3, u8::is_ascii_digit)),
            b'@' if bytes.get(1).is_some_and(is_name) => {
                let path = run(1, is_path);
                (1, text[1..][..path].trim_end_matches('.').len())
            }
            b'[' => {
                let kind = run(1, |b| b.is_ascii_lowercase() || *b == b'_');
                let named = 1 + kind + 1;
                let path = run(named, is_path);
                let is_one = kind > 0
                    && bytes.get(1 + kind) == Some(&b':')
                    && path > 0
                    && bytes[named] != b'/'
                    && bytes.get(named + path) == Some(&b']');
                (named + path, usize::from(is_one))
            }
            _ => return None,
        };
        (digits > 0).then_some(opens + digits)
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            if self.address < self.at {
                self.find_address(self.colon.max(self.at));
            }
            let bytes = &self.text.as_bytes()[..self.address];
            let begins = |b: &u8| matches!(b, b'@' | b'#' | b'!' | b'&' | b'$' | b'G' | b'[');
            match bytes.get(self.at..)?.iter().position(begins) {
                Some(before) => {
                    let start = self.at + before;
                    let length = Self::length(&self.text[start..]);
                    self.at = start + length.unwrap_or(1);
                    if let Some(length) = length {
                        let whole = start..start + length;
                        let is_address = false;
                        return Some(Token { whole, is_address });
                    }
                }
                None if self.address == self.text.len() => return None,
                None => {
                    let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | SEAM);
                    let rest = &self.text[self.colon..];
                    let end = self.colon + rest.find(ends).unwrap_or(rest.len());
                    let whole = self.address..end;
                    self.at = end;
                    let is_address = true;
                    return Some(Token { whole, is_address });
                }
            }
        }
    }
}

/// Whether the last character of a text is one of a word.
fn ends_in_word(text: &str) -> bool {
    static WORD: LazyLock<Regex> = LazyLock::new(|| structure::regex(r"\w"));
    let last = text.chars().next_back().map_or(0, char::len_utf8);
    WORD.is_match(&text[text.len() - last..])
}

/// Whether ranges that stand apart and in order have another whole in them, but for the backslashes
/// of escapes.
fn holds_all(ranges: &[Range<usize>], last: &Cursor, text: &str, range: &Range<usize>) -> bool {
    let first = last.count(ranges, |one| one.end <= range.start);
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
    let mut two = text.as_bytes()[range.clone()].windows(2);
    let is_torn = two.any(|two| two == b"\\:");
    (!is_torn).then_some(Reference {
        range,
        place: Place::Text,
        kind: shown.kind,
        host: None,
        project,
        number: shown.number,
        zeros: shown.zeros,
        comment: None,
        part: None,
        style: shown.style,
        markup: false,
        named: false,
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
