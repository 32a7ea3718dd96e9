//! What begins with `<`: tags with their attributes, comments and declarations.

use super::elements::is_block;
use crate::text::flow::Flow;
use std::borrow::Cow;
use std::ops::Range;

/// What the value of an attribute leads to or says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
    /// Where a click on it leads: `href`.
    Followed,
    /// What is shown there: `src`.
    Shown,
    /// In what language the code in it is written: `lang`.
    Written,
}

/// Where values of attributes stand that lead somewhere or say something.
pub(super) type Leads = Vec<(Range<usize>, Lead)>;

/// What begins with `<`.
pub(super) enum Tag<'a> {
    /// No tag: the character itself.
    None,
    /// A comment, a declaration or the like.
    Other,
    /// `<name …>`
    Open {
        /// In small letters.
        name: Cow<'a, str>,
        /// It ends with a slash.
        closes_itself: bool,
        /// Where the values of attributes that matter stand.
        leads: Leads,
    },
    /// `</name>`
    Close(Cow<'a, str>),
}

impl Tag<'_> {
    /// Sets apart what stands before it from what comes.
    pub(super) fn separate(&self, flow: &mut Flow) {
        match self {
            Self::Open { name, .. } | Self::Close(name) if is_block(name) => {
                flow.gap();
            }
            _ => flow.seam(),
        }
    }
}

/// What stands at a `<`, where it ends, and whether it does.
pub(super) fn tag(html: &str, at: usize) -> (usize, Tag<'_>, bool) {
    let rest = &html[at..];
    let other = |end: Option<usize>| {
        let is_whole = end.is_some();
        (end.map_or(html.len(), |end| at + end), Tag::Other, is_whole)
    };
    let end = |rest: &str| rest.find('>').map(|end| end + 1);
    if let Some(comment) = rest.strip_prefix("<!--") {
        if let Some(short) = [">", "->"].iter().find(|end| comment.starts_with(**end)) {
            return other(Some(4 + short.len()));
        }
        return other(end_of_comment(comment).map(|end| 4 + end));
    }
    if rest.starts_with("<!") || rest.starts_with("<?") {
        return other(end(rest));
    }
    let closes = rest.starts_with("</");
    let name_at = 1 + usize::from(closes);
    if !rest[name_at..].starts_with(|c: char| c.is_ascii_alphabetic()) {
        return if closes {
            other(end(rest))
        } else {
            (at + 1, Tag::None, true)
        };
    }
    let name = &rest[name_at..];
    let length = name
        .find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))
        .unwrap_or(name.len());
    let name = in_small_letters(&name[..length]);
    let (end, closes_itself, leads) = attributes(html, at + name_at + length);
    let is_whole = end.is_some();
    let tag = if closes {
        Tag::Close(name)
    } else {
        Tag::Open {
            name,
            closes_itself,
            leads,
        }
    };
    (end.unwrap_or(html.len()), tag, is_whole)
}

/// A name in small letters, as most are written.
pub(super) fn in_small_letters(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|b| b.is_ascii_uppercase()) {
        return name.to_ascii_lowercase().into();
    }
    name.into()
}

/// Where a comment ends, of which the beginning was taken off.
fn end_of_comment(comment: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += comment[at..].find("--")?;
        let behind = &comment[at + 2..];
        let end = [">", "!>"].into_iter().find(|end| behind.starts_with(end));
        if let Some(end) = end {
            return Some(at + 2 + end.len());
        }
        at += 1;
    }
}

/// Reads what stands in a tag behind its name: where the tag ends if it does, whether with a slash,
/// and the values that matter.
fn attributes(html: &str, mut at: usize) -> (Option<usize>, bool, Leads) {
    let bytes = html.as_bytes();
    let mut leads = Vec::new();
    let blank = |b: u8| b.is_ascii_whitespace();
    loop {
        while bytes.get(at).is_some_and(|b| blank(*b) || *b == b'/') {
            at += 1;
        }
        match bytes.get(at) {
            None => return (None, false, leads),
            Some(b'>') => return (Some(at + 1), bytes[at - 1] == b'/', leads),
            Some(_) => {}
        }
        let name = at;
        at += 1;
        while bytes
            .get(at)
            .is_some_and(|b| !blank(*b) && !matches!(b, b'/' | b'>' | b'='))
        {
            at += 1;
        }
        let mut leads_so = [
            ("href", Lead::Followed),
            ("src", Lead::Shown),
            ("lang", Lead::Written),
            ("data-canonical-lang", Lead::Written),
        ]
        .into_iter();
        let lead = leads_so.find(|(lead, _)| bytes[name..at].eq_ignore_ascii_case(lead.as_bytes()));
        while bytes.get(at).is_some_and(|b| blank(*b)) {
            at += 1;
        }
        if bytes.get(at) != Some(&b'=') {
            continue;
        }
        at += 1;
        while bytes.get(at).is_some_and(|b| blank(*b)) {
            at += 1;
        }
        let value = match bytes.get(at) {
            Some(quote @ (b'"' | b'\'')) => {
                let start = at + 1;
                let length = bytes[start..].iter().position(|b| b == quote);
                let Some(length) = length else {
                    return (None, false, leads);
                };
                at = start + length + 1;
                start..start + length
            }
            _ => {
                let start = at;
                while bytes.get(at).is_some_and(|b| !blank(*b) && *b != b'>') {
                    at += 1;
                }
                start..at
            }
        };
        if let Some((_, lead)) = lead.filter(|_| !value.is_empty()) {
            leads.push((value, lead));
        }
    }
}

/// Where what begins with `<` stands first, in whatever letters.
pub(in crate::text) fn find_ignoring_case(text: &str, what: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = text[at..].find('<') {
        at += found;
        let there = bytes.get(at..at + what.len())?;
        if there.eq_ignore_ascii_case(what.as_bytes()) {
            return Some(at);
        }
        at += 1;
    }
    None
}
