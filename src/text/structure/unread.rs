//! What is not read: text of which forges do not agree whether it is code.

use super::destinations::destination_at;
use super::{Structure, push, regex};
use crate::text::cells;
use crate::text::flow::Flow;
use crate::text::html::{Finds, Open, Raw};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// What may be code or not: as it stands there, in pieces and as HTML, behind what is known already.
pub(super) fn in_all_ways(text: &str, range: &Range<usize>, found: &mut impl Finds) {
    let inside = &text[range.clone()];
    let flow = found.flow();
    flow.say(text, range.clone());
    flow.gap();
    in_pieces(text, range, flow);
    if inside.contains('\\') {
        escaped(text, range, flow);
    }
    let (has_entities, has_tags) = (inside.contains('&'), inside.contains('<'));
    if !(has_entities || has_tags) {
        return;
    }
    let mut raw = Raw::default();
    raw.push(text, range);
    // Else that is what stands there.
    if has_entities {
        raw.plain(text, found.flow());
        found.flow().gap();
    }
    // Else that is the same once more.
    if has_tags {
        raw.read(text, &mut Open::default(), found);
        found.flow().gap();
    }
}

/// Without the backslashes that keep what follows from meaning anything.
fn escaped(text: &str, range: &Range<usize>, flow: &mut Flow) {
    let (mut said, mut at) = (range.start, range.start);
    while let Some(found) = text[at..range.end].find('\\') {
        at += found + 1;
        if text[at..range.end].starts_with(|c: char| c.is_ascii_punctuation()) {
            flow.say(text, said..at - 1);
            said = at;
            at += 1;
        }
    }
    flow.say(text, said..range.end);
    flow.gap();
}

/// Lines behind a place that may be those of tables as data, whatever stands in front of their fences:
/// nobody knows where they are some.
pub(super) fn tables(text: &str, from: usize) -> Vec<Range<usize>> {
    let mut tables = Vec::new();
    if !text.contains("```") && !text.contains("~~~") {
        return tables;
    }
    let (mut at, mut is_data) = (from, false);
    for line in text[from..].split_inclusive('\n') {
        let range = at..at + line.len();
        at = range.end;
        if line.contains("```") || line.contains("~~~") {
            is_data = cells::is_table(line);
        } else if is_data {
            push(&mut tables, range);
        }
    }
    tables
}

/// What may say about the language of something, if it stands in a tag: which tags there are is not
/// sure.
pub(super) fn languages(text: &str, range: &Range<usize>) -> Vec<Range<usize>> {
    static VALUE: LazyLock<Regex> =
        LazyLock::new(|| regex(r#"lang\s*=\s*["']?(?P<value>[^\s"'<>]+)"#));
    let inside = &text[range.clone()];
    if !(inside.contains('<') && inside.contains("lang")) {
        return Vec::new();
    }
    let found = VALUE.captures_iter(inside);
    let values = found.filter_map(|found| found.name("value"));
    let values = values.map(|value| range.start + value.start()..range.start + value.end());
    values.collect()
}

/// Says what has marks in it once more, without them: what makes emphasis, links and code is no part of
/// a name. Everything else is in the flow already.
fn in_pieces(text: &str, range: &Range<usize>, flow: &mut Flow) {
    let is_mark = |b: &u8| matches!(b, b'_' | b'*' | b'~' | b'`' | b'[' | b']' | b'\\');
    let bytes = &text.as_bytes()[..range.end];
    let mut at = range.start;
    while let Some(found) = bytes[at..].iter().position(is_mark) {
        let mark = at + found;
        let is_blank = u8::is_ascii_whitespace;
        let before = bytes[at..mark].iter().rposition(is_blank);
        let behind = bytes[mark..].iter().position(is_blank);
        let mut piece = before.map_or(at, |before| at + before + 1)
            ..behind.map_or(range.end, |behind| mark + behind);
        if piece.len() >= COMMIT {
            let before = bytes[range.start..mark].iter().rposition(|b| *b == b'\n');
            let behind = bytes[mark..].iter().position(|b| *b == b'\n');
            piece = before.map_or(range.start, |before| range.start + before + 1)
                ..behind.map_or(range.end, |behind| mark + behind);
        }
        let mut said = piece.start;
        for (at, _) in bytes[piece.clone()]
            .iter()
            .enumerate()
            .filter(|(_, b)| is_mark(b))
        {
            let mark = piece.start + at;
            if said < mark {
                flow.say(text, said..mark);
                flow.gap();
            }
            said = mark + 1;
        }
        flow.say(text, said..piece.end);
        flow.gap();
        at = piece.end;
    }
}

/// How long words are of which what stands around them in the line says whether they name something.
const COMMIT: usize = 7;

/// A document of which nobody knows what is code in it: all of it is in doubt, and whatever could be
/// the destination of a link is one. For long ones: to read them once more takes longer.
pub fn unread(text: &str) -> Structure {
    let whole = 0..text.len();
    let mut found = Structure::default();
    in_all_ways(text, &whole, &mut found);
    found.doubt = std::mem::take(&mut found.flow);
    found.tables = tables(text, 0);
    destinations(text, &whole, &mut found.destinations);
    found
}

/// The same of some parts of a document, in order, in each of which nothing of the others goes on.
pub(in crate::text) fn unread_parts(text: &str, parts: &[Range<usize>]) -> Structure {
    let mut found = Structure::default();
    for part in parts {
        in_all_ways(text, part, &mut found.doubt);
        destinations(text, part, &mut found.destinations);
    }
    found
}

/// Whatever could be the destination of a link.
pub(super) fn destinations(text: &str, part: &Range<usize>, found: &mut Vec<Range<usize>>) {
    let opens = text[part.clone()].match_indices(']');
    let opens = opens.map(|(at, _)| part.start + at + 1);
    let opens = opens.filter(|at| text[*at..part.end].starts_with(['(', ':']));
    let mut opens = opens.map(|at| at + 1).peekable();
    while let Some(open) = opens.next() {
        let end = opens.peek().copied().unwrap_or(part.end);
        if let Some(mut range) = destination_at(text, open..end) {
            range.end -=
                text[range.clone()].len() - text[range.clone()].trim_end_matches(')').len();
            found.push(range);
        }
    }
}
