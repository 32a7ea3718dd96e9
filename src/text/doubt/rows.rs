//! Lines that could be the second of a table: where parsers read another table, and how far that reaches.
//!
//! GitLab's parser makes a table of the last line of a paragraph, with a pipe in it or not, and of a
//! line below with as many cells. If it has not as many, it looks at no other line of the paragraph. The
//! parser here makes one of the first line of a paragraph, or of one that begins with a pipe.

use super::lines::{columns, is_description, is_item, is_mark, item_column};
use super::{Doubt, Unsure, wild};
use std::ops::Range;

/// What is known of the table that was looked at last.
struct Known {
    start: usize,
    /// Where its second line begins.
    second: usize,
    /// Each line of it is one of the table to everybody, if its second is.
    is_even: bool,
}

impl Doubt<'_> {
    /// Where some read a table and others do not.
    pub(super) fn other_tables(
        &self,
        blocks: &[Range<usize>],
        tables: &[Range<usize>],
        unsure: &mut Unsure,
    ) {
        let text = self.text;
        let mut known: Option<Known> = None;
        // How far the paragraph goes in which a line was the second of no table.
        let mut tried = 0;
        let mut done = 0;
        for at in self.lines.rows.iter().copied() {
            // Indented code begins behind the blanks.
            let inside = at + text[at..].len() - text[at..].trim_start_matches(is_mark).len();
            if at < done || wild::block(blocks, inside).is_some() {
                continue;
            }
            let after = tables.partition_point(|table| table.start < at);
            let table = after.checked_sub(1).map(|last| &tables[last]);
            let is_same = match table.filter(|table| at < table.end) {
                Some(table) => {
                    if known
                        .as_ref()
                        .is_none_or(|known| known.start != table.start)
                    {
                        known = Some(Known::of(text, table));
                    }
                    match &known {
                        Some(known) if known.second == at => {
                            at >= tried && is_second(line_at(text, table.start), line_at(text, at))
                        }
                        Some(known) => known.is_even,
                        None => false,
                    }
                }
                None => {
                    let before = text[..at].strip_suffix('\n');
                    let above = before.map(|before| before.rfind('\n').map_or(0, |end| end + 1));
                    let above = above.filter(|above| wild::block(blocks, *above).is_none());
                    let above = above.map(|above| line_at(text, above));
                    let above = above.filter(|above| !is_blank(above));
                    if above.is_some() && at >= tried {
                        tried = lines_end(text, at);
                    }
                    above.is_none_or(|above| is_second_of_none(above, line_at(text, at)))
                }
            };
            if !is_same {
                let start = lines_start(text, at).max(done);
                done = lines_end(text, at).max(tried);
                unsure.add(text, start..done);
            }
        }
    }
}

impl Known {
    fn of(text: &str, table: &Range<usize>) -> Self {
        let second = text[table.start..].find('\n');
        let second = second.map_or(text.len(), |end| table.start + end + 1);
        let line = text[..table.start].rfind('\n').map_or(0, |end| end + 1);
        let first = columns(0, &text[line..table.start]);
        let column = first.min(columns(0, lead(line_at(text, second))));
        // What is indented more may be code.
        let mut rows = text[second.min(table.end)..table.end].lines();
        Self {
            start: table.start,
            second,
            is_even: rows.all(|row| columns(0, lead(row)) <= column),
        }
    }
}

fn line_at(text: &str, at: usize) -> &str {
    text[at..].lines().next().unwrap_or("")
}

/// What stands in front of what a line of a quote, or of an item, has in it.
pub(super) fn lead(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t', '>']).len()]
}

fn is_blank(line: &str) -> bool {
    lead(line).len() == line.trim_end().len() || line.trim().is_empty()
}

/// Whether to GitLab's parser a line is the second of a table below another one.
fn is_second(first: &str, second: &str) -> bool {
    let inside = &second[lead(second).len()..];
    !first.trim_end().contains('\r') && is_rule(inside) && cells(first) == cells(inside)
}

/// Whether it surely is that of none.
fn is_second_of_none(above: &str, line: &str) -> bool {
    let inside = &line[lead(line).len()..];
    // It is an item.
    if !is_rule(inside) || inside.starts_with("- ") || inside.starts_with("-\t") {
        return true;
    }
    let count = cells(inside);
    let above = above.trim_end();
    // What looks like the mark of an item may be one.
    let is_other = |above: &str| cells(above) != count;
    !above.contains('\r')
        && is_other(&above[lead(above).len()..])
        && is_other(above.trim_start_matches(is_mark))
}

/// Whether a line could be the second of a table to GitLab's parser.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let line = line.strip_suffix('|').unwrap_or(line);
    line.split('|').all(|cell| {
        let cell = cell.trim();
        let cell = cell.strip_prefix(':').unwrap_or(cell);
        let cell = cell.strip_suffix(':').unwrap_or(cell);
        !cell.is_empty() && cell.bytes().all(|b| b == b'-')
    })
}

/// How many cells a line has to GitLab's parser: a backslash escapes a pipe, whatever stands in front of
/// it.
fn cells(line: &str) -> usize {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line).trim_start();
    let (mut cells, mut is_open, mut before) = (0, false, b' ');
    for b in line.bytes() {
        let ends = b == b'|' && before != b'\\';
        cells += usize::from(ends);
        is_open = !ends && (is_open || !b.is_ascii_whitespace());
        before = b;
    }
    cells + usize::from(is_open)
}

/// Where the lines begin that stand together with one, in a quote or not.
fn lines_start(text: &str, at: usize) -> usize {
    let mut start = at;
    while let Some(before) = text[..start].strip_suffix('\n') {
        let line = before.rfind('\n').map_or(0, |end| end + 1);
        if is_blank(&before[line..]) {
            break;
        }
        start = line;
    }
    start
}

/// Where they end.
fn lines_end(text: &str, at: usize) -> usize {
    let lines = text[at..].split_inclusive('\n');
    let lines = lines.take_while(|line| !is_blank(line));
    at + lines.map(str::len).sum::<usize>()
}

impl Unsure {
    /// Adds lines that some read as one block and others as another. If what they open may go on, all
    /// that follows is unsure.
    pub(super) fn add(&mut self, text: &str, lines: Range<usize>) {
        // The labels of its links must stay those of their definitions.
        let has_label = self.has_definitions && text[lines.clone()].contains('[');
        if !has_label && are_over(text, &lines) {
            self.parts.push(lines);
        } else {
            self.wild(lines.start);
        }
    }

    /// The same of the lines around a place. Returns where they end.
    pub(super) fn add_around(&mut self, text: &str, at: usize) -> usize {
        let end = lines_end(text, at);
        self.add(text, lines_start(text, at)..end);
        end
    }
}

/// Whether some lines are over with the blank one behind them, whatever block they are.
fn are_over(text: &str, lines: &Range<usize>) -> bool {
    let inside = &text[lines.clone()];
    let behind = text[lines.end..].trim_start_matches([' ', '\t', '>', '\r', '\n']);
    if may_go_on(inside) || behind.lines().next().is_some_and(is_description) {
        return false;
    }
    let mut all = inside.lines();
    let first = all.next().unwrap_or("");
    let of = |line: &str| (lead(line).matches('>').count(), columns(0, lead(line)));
    let (quotes, column) = match item_column(first) {
        Some(column) => (0, column),
        None => of(first),
    };
    // Elsewhere it may be something that goes on in them or not.
    all.all(|line| of(line) == (quotes, column) && !begins(&line[lead(line).len()..]))
}

/// Whether what stands in a paragraph may mean something behind its end.
pub(super) fn may_go_on(lines: &str) -> bool {
    let is_tag = |(at, _): (usize, &str)| {
        let behind = &lines[at + 1..];
        behind.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c))
    };
    lines.match_indices('<').any(is_tag)
        || ["```", "~~~", ">>>", "]:", "[^"]
            .iter()
            .any(|mark| lines.contains(mark))
}

/// Whether a line may begin something that does not begin everywhere.
fn begins(inside: &str) -> bool {
    let marks = &inside[..inside.len() - inside.trim_start_matches(is_mark).len()];
    is_item(marks) || is_description(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_counted_as_the_forge_does() {
        for (line, expected) in [
            ("a", 1),
            ("| a |", 1),
            ("| a | b |  ", 2),
            ("a | b", 2),
            ("a||b", 3),
            ("| `a|b` | c |", 3),
            ("| a \\| b |", 1),
            ("| a \\\\| b |", 1),
            ("|", 0),
            ("||", 1),
        ] {
            assert_eq!(cells(line), expected, "{line}");
        }
    }

    #[test]
    fn rules_are_those_of_the_forge() {
        for rule in [
            "|-|",
            ":-",
            "--- | ---",
            ":---:",
            "| :-- | --: |  ",
            "-|-",
            "|-",
        ] {
            assert!(is_rule(rule), "{rule}");
        }
        for none in ["|", "||-|", "|- -|", ":", "|:|", "::-", "|-||"] {
            assert!(!is_rule(none), "{none}");
        }
    }
}
