//! What is not read: text of which forges do not agree whether it is code.

use super::destinations::destination_at;
use super::{Structure, push, regex};
use crate::text::cells;
use crate::text::flow::Flow;
use crate::text::html::{self, Finds, Open, Raw, Shown};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// What may be code or not: as it stands there, in pieces and as HTML, behind what is known already.
pub(super) fn in_all_ways(text: &str, range: &Range<usize>, found: &mut impl Finds) {
    let inside = &text[range.clone()];
    let flow = found.flow();
    let whole = Whole::of(text, range);
    whole.say(range.clone(), flow);
    flow.gap();
    in_pieces(&whole, range, flow);
    if inside.contains('\\') {
        escaped(&whole, range, flow);
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

/// What may be code or not, without what is a character to all who take it for text.
struct Whole<'a> {
    text: &'a str,
    /// Bytes of numbers of characters, in order.
    numbers: Vec<Range<usize>>,
}

impl<'a> Whole<'a> {
    fn of(text: &'a str, range: &Range<usize>) -> Self {
        Self {
            text,
            numbers: numbers(text, range),
        }
    }

    /// Says what stands there. Nothing goes over the number of a character.
    fn say(&self, range: Range<usize>, flow: &mut Flow) {
        let mut said = range.start;
        let first = self.numbers.partition_point(|one| one.start < range.start);
        let inside = self.numbers[first..].iter();
        for number in inside.take_while(|number| number.end <= range.end) {
            flow.say(self.text, said..number.start);
            flow.gap();
            said = number.end;
        }
        flow.say(self.text, said..range.end);
    }
}

/// Numbers of characters, as in `&#39;`: to whoever reads text it is a character, and to others code. In
/// a formula, a title or the name of a page it is what it looks like, and behind a backslash.
fn numbers(text: &str, range: &Range<usize>) -> Vec<Range<usize>> {
    /// How far what stands in front is looked at.
    const NEAR: usize = 1000;
    let mut found = Vec::new();
    if !text[range.clone()].contains("&#") {
        return found;
    }
    let near = text.floor_char_boundary(range.start.saturating_sub(NEAR));
    let blank = text[near..range.start].rfind("\n\n");
    let mut at = blank.map_or(near, |blank| near + blank);
    let mut is_plain = blank.is_some() || near == 0;
    for (start, _) in text[range.clone()].match_indices("&#") {
        let start = range.start + start;
        let between = &text[at..start];
        let block = between.rfind("\n\n");
        is_plain |= block.is_some();
        let between = &between[block.unwrap_or(0)..];
        is_plain &= !["$", "[!", "[["].iter().any(|mark| between.contains(mark));
        at = start;
        if is_plain && !between.ends_with('\\') {
            let entity = html::entity(&text[start..range.end]);
            let Some((length, Some(Shown::One(shown)))) = entity else {
                continue;
            };
            // One that may belong to a name is looked at as it stands there, too.
            let is_apart = !shown.is_ascii() || "'\"(),;=?<>".contains(shown);
            let number = start..start + length;
            if is_apart && is_number(&text[number.clone()]) {
                found.push(number);
            }
        }
    }
    found
}

/// Whether what stands for a character by its number does so in Markdown, and not in HTML alone.
fn is_number(entity: &str) -> bool {
    let inside = entity.strip_prefix("&#").unwrap_or(entity);
    let (digits, most) = match inside.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 6),
        None => (inside, 7),
    };
    digits.ends_with(';') && digits.len() <= most + 1
}

/// Without the backslashes that keep what follows from meaning anything.
fn escaped(whole: &Whole<'_>, range: &Range<usize>, flow: &mut Flow) {
    let text = whole.text;
    let (mut said, mut at) = (range.start, range.start);
    while let Some(found) = text[at..range.end].find('\\') {
        at += found + 1;
        if text[at..range.end].starts_with(|c: char| c.is_ascii_punctuation()) {
            whole.say(said..at - 1, flow);
            said = at;
            at += 1;
        }
    }
    whole.say(said..range.end, flow);
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
fn in_pieces(whole: &Whole<'_>, range: &Range<usize>, flow: &mut Flow) {
    let text = whole.text;
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
                whole.say(said..mark, flow);
                flow.gap();
            }
            said = mark + 1;
        }
        whole.say(said..piece.end, flow);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_characters_are_no_text() {
        for (text, expected) in [
            ("a&#39;b &#x27;", vec!["&#39;", "&#x27;"]),
            ("&#39 &#; &#12345678; &#x; &#39", vec![]),
            ("\\&#39; $&#39; a\n&#39;\n\n&#8217;", vec!["&#8217;"]),
            ("[!a] &#39;\n\n[[&#39;", vec![]),
            ("&#64;a &#35;1 &#38;1 &#4;", vec![]),
        ] {
            let found = numbers(text, &(0..text.len())).into_iter();
            let found: Vec<_> = found.map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
        assert!(numbers("$a &#39;", &(3..8)).is_empty());
    }
}
