//! Lines behind which parsers may see another document.
//!
//! Up to the first of them all parsers agree, so one that stands in code or HTML is none. Behind it
//! nothing is sure to be code.

use super::lines::{columns, group, is_item, is_mark};
use crate::text::matter;
use std::ops::Range;

/// How far a label of a note is looked at.
const NOTE: usize = 1000;

/// Where the first lines begin that parsers may read differently, with all that follows. `blocks`:
/// where code and HTML stand, in order; `described`: lines that describe something and what follows.
pub(in crate::text) fn wild(
    text: &str,
    blocks: &[Range<usize>],
    described: &[usize],
) -> Option<usize> {
    if begins_oddly(text) {
        return Some(0);
    }
    let first = lines(text, blocks, described)?;
    Some(group(text, first))
}

/// Whether a text begins with what some do not see, or with settings whose language makes none of
/// them.
fn begins_oddly(text: &str) -> bool {
    let behind = text.trim_start_matches('\u{feff}');
    let is_word = |c: char| c.is_alphanumeric() || c.is_ascii_whitespace();
    behind.len() < text.len() && !behind.starts_with(is_word)
        || matter::first_line(behind).is_some_and(|line| line.contains('`'))
}

/// The block of code or HTML in which a place stands.
pub(super) fn block(blocks: &[Range<usize>], at: usize) -> Option<&Range<usize>> {
    let after = blocks.partition_point(|block| block.start <= at);
    let last = &blocks[after.checked_sub(1)?];
    (at < last.end).then_some(last)
}

/// What was seen in the lines up to one.
struct Seen {
    /// There is anything like a declaration in the text, and like a note.
    has_declarations: bool,
    has_notes: bool,
    /// The column of the last mark of a quote that begins a line, without a blank one behind it.
    quote: Option<usize>,
    /// There was something like a declaration, and there were back quotes.
    declaration: bool,
    back_quotes: bool,
    /// A definition stands behind what makes a quote or an item: behind what.
    definition: Option<String>,
    /// Something stands above without a blank line between.
    goes_on: bool,
    /// An item that is empty in its first line, and how many empty ones follow.
    empty: Option<usize>,
    /// A quote was fenced.
    is_fenced: bool,
    /// The line above is the first one of an alert, behind so many marks of quotes.
    alert: Option<usize>,
    /// There is a note, and whether a blank line behind it ended it for some.
    note: Option<bool>,
}

/// How a line is read differently.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wild {
    /// It begins something to some, and may begin something else to others.
    Begins,
    /// It is something to some, where it stands in no code.
    Is,
}

fn lines(text: &str, blocks: &[Range<usize>], described: &[usize]) -> Option<usize> {
    let mut seen = Seen::of(text);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let inside = line.trim_start_matches(is_mark);
        let content = (start + line.len() - inside.len()).min(at - 1);
        let begun = |block: &Range<usize>| block.start < start;
        let was_fenced = seen.is_fenced;
        let found = match seen.line(line, inside) {
            None if described.binary_search(&start).is_ok() => Some(Wild::Is),
            found => found,
        };
        // What fences a quote fences none in code.
        seen.is_fenced &= was_fenced || !block(blocks, content).is_some_and(begun);
        let is_wild = match found {
            Some(Wild::Begins) => !block(blocks, content).is_some_and(begun),
            Some(Wild::Is) => block(blocks, content).is_none(),
            None => false,
        };
        if is_wild {
            return Some(start);
        }
    }
    None
}

impl Seen {
    fn of(text: &str) -> Self {
        Self {
            has_declarations: text.contains("<!") || text.contains("<?"),
            has_notes: text.contains("[^"),
            quote: None,
            declaration: false,
            back_quotes: false,
            definition: None,
            goes_on: false,
            empty: None,
            is_fenced: false,
            alert: None,
            note: None,
        }
    }

    /// Whether a line is read differently. `inside`: behind what makes quotes and items.
    fn line(&mut self, line: &str, inside: &str) -> Option<Wild> {
        let is_noted = self.has_notes && self.note(line, inside);
        if line.bytes().all(|b| b.is_ascii_whitespace()) {
            self.quote = None;
            self.alert = None;
            (self.declaration, self.back_quotes) = (false, false);
            (self.definition, self.goes_on) = (None, false);
            self.empty = self.empty.map(|lines| lines + 1);
            return None;
        }
        let marks = &line[..line.len() - inside.len()];
        // What stands below the first line of an alert with fewer marks is no part of it to some.
        let quotes = marks.matches('>').count();
        let is_alert = quotes > 0 && inside.starts_with("[!");
        let above = std::mem::replace(&mut self.alert, is_alert.then_some(quotes));
        let is_parted =
            above.is_some_and(|above| quotes < above) && inside.contains(['<', '`', '$']);
        let empty = self.empty.take();
        let is_empty = inside.trim().is_empty();
        let below = std::mem::replace(&mut self.goes_on, true);
        // An item that is empty in two lines is over to some.
        let goes_on = empty.is_some_and(|lines| lines > 0) && !is_empty && is_indented(line);
        // An empty line of a quote.
        if is_empty && marks.bytes().all(|b| b" \t>".contains(&b)) {
            self.empty = empty.map(|lines| lines + 1);
        }
        let is_box = ["[ ]", "[x]", "[X]"].contains(&inside.trim());
        if (is_empty || is_box) && is_item(marks) {
            self.empty = Some(0);
        }
        let is_html = self.definition.is_some() && inside.starts_with('<');
        if self.quote(line) || goes_on || is_html || is_noted {
            return Some(Wild::Begins);
        }
        let is_fence = marks.trim_end().ends_with(">>>") && (is_empty || inside.starts_with("[!"));
        let is_odd_fence =
            is_fence && !(line.starts_with(">>>") && marks.trim_end().bytes().all(|b| b == b'>'));
        self.is_fenced |= is_fence;
        let defines = inside.starts_with('[') && inside.contains("]:");
        let is_inside = !marks.trim().is_empty();
        // One below another that stands elsewhere may be text.
        let above = self.definition.as_deref();
        let is_below = defines && above.is_some_and(|above| above != marks);
        if defines && is_inside && self.definition.is_none() {
            self.definition = Some(marks.to_owned());
        }
        let is_odd = is_odd_fence
            || is_parted
            || is_below
            || below && is_odd_alert(marks, inside)
            || defines && self.is_fenced
            || self.has_notes && is_odd_note(inside)
            || self.has_declarations && self.declares(line);
        is_odd.then_some(Wild::Is)
    }

    /// Whether a line looks like that of a quote and is indented more than the one above, so that it
    /// may be text.
    fn quote(&mut self, line: &str) -> bool {
        let behind = line.trim_start_matches([' ', '\t']);
        if !behind.starts_with('>') {
            return false;
        }
        let column = columns(0, &line[..line.len() - behind.len()]);
        let before = self.quote.replace(column);
        column > 3 && before.is_some_and(|before| before < column)
    }

    /// Whether a line goes on with a note for some only: to GitLab's parser one is over with a blank line
    /// in which anything stands, be it a blank or the mark of a quote.
    fn note(&mut self, line: &str, inside: &str) -> bool {
        if inside.trim().is_empty() {
            let is_over = !["\n", "\r\n"].contains(&line);
            self.note = self.note.map(|over| over || is_over);
            return false;
        }
        let is_indented = is_indented(line);
        let is_wild = self.note == Some(true) && is_indented;
        if inside.starts_with("[^") && inside.contains("]:") {
            self.note = Some(false);
        } else if !self.goes_on && !is_indented {
            self.note = None;
        }
        is_wild
    }

    /// Whether something like a declaration stands in the same lines as code: it may hold some of it.
    fn declares(&mut self, line: &str) -> bool {
        let begins = |(at, mark): (usize, &str)| {
            let next = line[at + mark.len()..].chars().next();
            next.is_some_and(|c| c.is_ascii_alphabetic() || c == '[')
        };
        self.declaration |= line.match_indices("<!").any(begins) || line.contains("<?");
        self.back_quotes |= line.contains('`');
        self.declaration && self.back_quotes
    }
}

/// Whether a line begins a note for some, or two, or has something like one that takes a tag or code
/// along.
fn is_odd_note(inside: &str) -> bool {
    inside.match_indices("[^").any(|(at, mark)| {
        let rest = &inside[at + mark.len()..];
        let near = &rest[..rest.floor_char_boundary(NOTE)];
        let (label, behind) = near.split_once(']').unwrap_or((near, ""));
        let note = behind.strip_prefix(':').filter(|_| at == 0);
        label.contains(['<', '`'])
            || note.is_some_and(|note| {
                label.contains(char::is_whitespace) || note.trim_start().starts_with("[^")
            })
    })
}

/// Whether a line could be the first one of an alert, with something in its title.
fn is_odd_alert(marks: &str, inside: &str) -> bool {
    let title = inside
        .strip_prefix("[!")
        .and_then(|rest| rest.split_once(']'));
    marks.contains('>') && title.is_some_and(|(_, title)| title.contains(['`', '<', '$']))
}

/// Whether a line, or what stands in a quote in it, is indented.
fn is_indented(line: &str) -> bool {
    let inside = line.trim_start_matches([' ', '\t', '>']);
    let lead = &line[..line.len() - inside.len()];
    let behind = lead.rfind('>').map_or(lead, |last| {
        let behind = &lead[last + 1..];
        behind.strip_prefix(' ').unwrap_or(behind)
    });
    !behind.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::doubt::lines::Lines;

    fn wild(text: &str, blocks: &[Range<usize>]) -> Option<usize> {
        super::wild(text, blocks, &Lines::of(text).reaching)
    }

    #[test]
    fn what_parsers_read_differently_is_found() {
        for (text, expected) in [
            ("\u{feff}<e>", Some(0)),
            ("+++`a`\n+++", Some(0)),
            ("a\n\nb\n: c\n\n    d", Some(3)),
            ("a\n\nb\n: `c\n\nd", Some(3)),
            ("a\n\n >>>\nb", Some(3)),
            ("- a\n\n- >>>", Some(5)),
            ("> a\n    > b", Some(0)),
            ("-\n\n  a", Some(3)),
            ("[^a b]: c", Some(0)),
            ("[^a]: [^b]: c", Some(0)),
            (">>>\na\n>>>\n\n[a]: /b", Some(11)),
            ("[a]: /b\n> [a]: /c\n<e>", Some(0)),
            ("a [^<b>]", Some(0)),
            ("[^a]: b\n \n    c", Some(0)),
            ("> [^a]: b\n>\n>     c", Some(0)),
            ("- [ ]\n\n  a", Some(7)),
            ("> -\n>\n>   a", Some(0)),
            ("> [!note]\n> [!note] `a`", Some(0)),
            ("> [!note]\na <b>", Some(0)),
            (">> [!note]\n> a <b>", Some(0)),
            (">> [a]::\n\t[b]:c", Some(0)),
            ("<?a\n`b`", Some(0)),
            ("a `b`\n\n<!A `c`", Some(7)),
        ] {
            assert_eq!(wild(text, &[]), expected, "{text:?}");
        }
    }

    #[test]
    fn what_people_write_is_not() {
        for text in [
            "\u{feff}a",
            "---\na: b\n---\nc",
            "a: b\n:c\n~d ~ e",
            "a\n: b\n\nc",
            ">>>\na\n>>>",
            ">>> [!note]\na\n>>>",
            "> a\n> > b\n>\n> c",
            "> [!note]\n> a <b>",
            "> [!note]\na",
            "1. a\n\n    > b\n    > c",
            "- \n- \n\na",
            "> -\n>\n> a",
            "a\n---\n\n    b",
            "***\n\n    b",
            "[^1]: a\n[^2]: b",
            "[^1]: a\n\n    b\n \nc\n\n    d",
            "<!-- a --> `b`",
            "<!-- a\n`b` -->",
        ] {
            assert_eq!(wild(text, &[]), None, "{text:?}");
        }
        // In code.
        let text = "```\n: a\n >>>\n```";
        let whole = 0..text.len();
        assert_eq!(wild(text, std::slice::from_ref(&whole)), None);
    }
}
