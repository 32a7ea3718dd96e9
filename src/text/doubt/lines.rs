//! Lines that parsers read differently.

use crate::text::structure::merge;
use std::ops::Range;

/// The beginnings of lines that parsers read differently, in order.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// What could be the second line of a table.
    pub(super) rows: Vec<usize>,
    /// What could describe the paragraph above.
    pub(super) descriptions: Vec<usize>,
    /// Those of them that may reach further than the lines in which they stand.
    pub(super) reaching: Vec<usize>,
    /// Nothing but three `>` or more.
    pub(super) fences: Vec<usize>,
    /// What could make a heading of the line above.
    pub(super) underlines: Vec<usize>,
    /// Definitions that stand right above what could be a table.
    pub(super) heads: Vec<Range<usize>>,
    /// What is something else as a whole, in order: what follows a definition that is underlined, or
    /// looks like a quote and is indented too far for one, up to a blank line, and titles of alerts
    /// in a quote with fences.
    pub(super) regions: Vec<Range<usize>>,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let mut lines = Self::default();
        let mut at = 0;
        // Where lines without a blank one between them begin, if they begin with a definition.
        let mut definition: Option<(usize, bool)> = None;
        // In which column what they stand in begins, at the least.
        let mut column = None;
        // They are something else from some line on.
        let mut is_other = false;
        let has_definitions = text.contains("]:");
        for line in text.split_inclusive('\n') {
            let end = at + line.len();
            // Most lines begin with a word, and are nothing of all this.
            if definition.is_none() && begins_plain(line, has_definitions) {
                column = Some(0);
                if is_other {
                    lines.regions.push(at..end);
                }
                at = end;
                continue;
            }
            if line.trim().is_empty() {
                (definition, column, is_other) = (None, None, false);
            } else {
                let marks = line.trim_start_matches(is_mark);
                if marks.starts_with('[') {
                    definition = definition.or(Some((at, false)));
                }
                if let Some((start, is_whole)) = &mut definition {
                    if *is_whole {
                        lines.below_definition(*start, at, line);
                        is_other |= is_underline(line);
                    }
                    *is_whole |= line.contains("]:");
                }
                is_other |= column.is_some_and(|column| is_no_quote(line, column));
                column = item_column(line).or(Some(match column {
                    // What is less indented may be no part of an item.
                    Some(column) if column <= indent(line) => column,
                    _ => indent(line).saturating_sub(3),
                }));
                if is_other || !lines.fences.is_empty() && is_alert(line) {
                    lines.regions.push(at..end);
                }
            }
            lines.add(at, line);
            at = end;
        }
        merge(&mut lines.regions);
        lines.reaching = reaching(text, &lines.descriptions);
        lines
    }

    /// A line below a definition without a blank one between them.
    fn below_definition(&mut self, start: usize, at: usize, line: &str) {
        let goes_on = line.trim_start_matches(is_mark).starts_with('[') && line.contains("]:");
        if let Some(head) = self
            .heads
            .last_mut()
            .filter(|head| head.end == at && goes_on)
        {
            head.end = at + line.len();
        } else if is_row(line) || is_description(line) {
            match self.heads.last_mut().filter(|head| head.end > start) {
                Some(head) => head.end = at + line.len(),
                None => self.heads.push(start..at + line.len()),
            }
        }
    }

    fn add(&mut self, at: usize, line: &str) {
        let whole = line;
        let line = whole.trim_end();
        let rest = line.trim_start_matches(is_mark);
        // What each of them goes on with.
        let goes_on = |c: char| !c.is_ascii_graphic() || matches!(c, '[' | ':' | '~' | '=' | '|');
        if !rest.is_empty() && !rest.starts_with(goes_on) {
            return;
        }
        let marks = &line[..line.len() - rest.len()];
        if marks.trim_end().ends_with(">>>") && (rest.is_empty() || rest.starts_with("[!")) {
            self.fences.push(at);
        }
        if is_underline(line) {
            self.underlines.push(at);
        }
        if is_description(whole) {
            self.descriptions.push(at);
        }
        if is_row(line) {
            self.rows.push(at);
        }
    }
}

/// Whether a line is not indented and begins with what begins nothing.
fn begins_plain(line: &str, has_definitions: bool) -> bool {
    line.starts_with(|c: char| {
        c.is_ascii_graphic()
            && !is_mark(c)
            && !matches!(c, ':' | '~' | '=' | '|')
            && (c != '[' || !has_definitions)
    })
}

/// What makes a quote or an item may stand in front of a line.
pub(super) fn is_mark(c: char) -> bool {
    matches!(c, ' ' | '\t' | '>' | '*' | '+' | '-' | '.' | ')') || c.is_ascii_digit()
}

/// Whether a line could make a heading of the one above.
fn is_underline(line: &str) -> bool {
    let line = line.trim_matches(|c: char| c.is_whitespace() || c == '>');
    let is_of = |c: char| line.trim_matches(c).is_empty();
    !line.is_empty() && (is_of('-') || is_of('='))
}

/// Whether a line could describe what stands above.
pub(super) fn is_description(line: &str) -> bool {
    let rest = line.trim_start_matches(is_mark);
    let behind = rest.strip_prefix([':', '~']);
    behind.is_some_and(|behind| behind.starts_with([' ', '\t']))
}

/// Those of the lines that could describe something behind which more than the lines that stand
/// together with them may be read otherwise.
fn reaching(text: &str, descriptions: &[usize]) -> Vec<usize> {
    let (mut end, mut is_over) = (0, false);
    let reaches = |at: &usize| {
        if *at >= end {
            let start = group(text, *at);
            end = text[*at..].find("\n\n").map_or(text.len(), |end| *at + end);
            is_over = is_over_with(&text[start..end], &text[end..]);
        }
        !is_over || !text[*at..].starts_with([':', '~'])
    };
    descriptions.iter().copied().filter(reaches).collect()
}

/// Whether a description in some lines ends with them: nothing in them opens anything, and what
/// follows is not indented, as all that belongs to it.
fn is_over_with(lines: &str, behind: &str) -> bool {
    let opens = lines.contains(['<', '`', '$', '[', ']', '|', '\\']);
    let is_blank = |line: &str| line.trim_start_matches(is_mark).is_empty();
    let next = behind.trim_start_matches('\n');
    !opens
        && !lines.contains("~~~")
        && !lines.contains(">>>")
        && !lines.lines().any(is_blank)
        && !next.starts_with(|c: char| c.is_ascii_whitespace())
        && !next.lines().next().is_some_and(is_description)
}

/// Where the lines begin that stand together with a place, without a blank one between them.
pub(super) fn group(text: &str, at: usize) -> usize {
    text[..at].rfind("\n\n").map_or(0, |blank| blank + 2)
}

/// Whether a line could be the one below the head of a table.
fn is_row(line: &str) -> bool {
    line.contains('-')
        && line.contains(['|', ':'])
        && line.bytes().all(|b| b"|:- \t>\r\n".contains(&b))
}

/// Whether the last of some marks is that of an item.
pub(super) fn is_item(marks: &str) -> bool {
    let last = marks.trim_end().rsplit([' ', '\t', '>']).next();
    last.is_some_and(|last| match last.strip_suffix(['.', ')']) {
        Some(number) => !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()),
        None => matches!(last, "-" | "*" | "+"),
    })
}

/// The column in which the text of an item begins in its first line.
pub(super) fn item_column(line: &str) -> Option<usize> {
    let (mut column, mut rest, mut is_item) = (0, line, false);
    loop {
        let behind = rest.trim_start_matches([' ', '\t']);
        column = columns(column, &rest[..rest.len() - behind.len()]);
        let number = behind.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = behind.len() - number.len();
        let mark = if digits > 0 {
            number.strip_prefix(['.', ')'])
        } else {
            behind.strip_prefix(['-', '*', '+'])
        };
        let Some(inside) = mark.filter(|inside| digits < 10 && inside.starts_with([' ', '\t']))
        else {
            return is_item.then_some(column);
        };
        column += behind.len() - inside.len();
        (rest, is_item) = (inside, true);
    }
}

/// In which column a line begins.
fn indent(line: &str) -> usize {
    let behind = line.trim_start_matches([' ', '\t']);
    columns(0, &line[..line.len() - behind.len()])
}

/// Whether a line begins like that of a quote and is indented too far for one. `column`: where what it
/// stands in begins.
fn is_no_quote(line: &str, column: usize) -> bool {
    line.trim_start_matches([' ', '\t']).starts_with('>') && indent(line) > column + 3
}

/// Whether a line could be the first one of an alert.
fn is_alert(line: &str) -> bool {
    let rest = line.trim_start_matches(is_mark);
    rest.starts_with("[!") && line[..line.len() - rest.len()].contains('>')
}

/// The column behind something that begins in a column.
pub(in crate::text) fn columns(from: usize, lead: &str) -> usize {
    lead.chars().fold(from, |column, c| match c {
        '\t' => column / 4 * 4 + 4,
        _ => column + 1,
    })
}

/// Whether a line may begin something else although it stands in what is read as code of several
/// lines.
pub(super) fn ends_code(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t', '>']);
    line.starts_with("```") || line.starts_with("~~~") || line.starts_with('<')
}

pub(super) fn any_in(places: &[usize], range: Range<usize>) -> bool {
    let first = places.partition_point(|at| *at < range.start);
    places.get(first).is_some_and(|at| *at < range.end)
}
