//! Lines that parsers read differently.

use std::ops::Range;

/// The beginnings of lines that parsers read differently, in order.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// What could be the second line of a table.
    pub(super) rows: Vec<usize>,
    /// What could describe the paragraph above.
    pub(super) descriptions: Vec<usize>,
    /// Nothing but three `>` or more.
    pub(super) fences: Vec<usize>,
    /// What could make a heading of the line above.
    pub(super) underlines: Vec<usize>,
    /// Definitions that stand right above what could be a table.
    pub(super) heads: Vec<Range<usize>>,
    /// What follows a definition that is underlined, up to a blank line.
    pub(super) underlined: Vec<Range<usize>>,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let mut lines = Self::default();
        let mut at = 0;
        // Where lines without a blank one between them begin, if they begin with a definition.
        let mut definition: Option<(usize, bool)> = None;
        for line in text.split_inclusive('\n') {
            let marks = line.trim_start_matches(is_mark);
            if line.trim().is_empty() {
                definition = None;
            } else {
                if marks.starts_with('[') {
                    definition = definition.or(Some((at, false)));
                }
                if let Some((start, is_whole)) = &mut definition {
                    if *is_whole {
                        lines.below_definition(*start, at, line);
                    }
                    *is_whole |= line.contains("]:");
                }
            }
            lines.add(at, line);
            at += line.len();
        }
        lines
    }

    /// A line below a definition without a blank one between them.
    fn below_definition(&mut self, start: usize, at: usize, line: &str) {
        if is_underline(line) {
            self.underlined.push(at..at + line.len());
        } else if let Some(last) = self.underlined.last_mut().filter(|last| last.end == at) {
            last.end = at + line.len();
        }
        let goes_on = line.trim_start_matches(is_mark).starts_with('[') && line.contains("]:");
        if let Some(head) = self
            .heads
            .last_mut()
            .filter(|head| head.end == at && goes_on)
        {
            head.end = at + line.len();
        } else if is_row(line) {
            match self.heads.last_mut().filter(|head| head.end > start) {
                Some(head) => head.end = at + line.len(),
                None => self.heads.push(start..at + line.len()),
            }
        }
    }

    fn add(&mut self, at: usize, line: &str) {
        let whole = line;
        let line = whole.trim_end();
        let blanks = &whole[line.len()..];
        let rest = line.trim_start_matches(is_mark);
        let marks = &line[..line.len() - rest.len()];
        if marks.trim_end().ends_with(">>>") && (rest.is_empty() || rest.starts_with("[!")) {
            self.fences.push(at);
        }
        if is_underline(line) {
            self.underlines.push(at);
        }
        let behind = rest.strip_prefix([':', '~']);
        let blank = behind.filter(|behind| !behind.is_empty()).unwrap_or(blanks);
        if behind.is_some() && blank.starts_with([' ', '\t']) {
            self.descriptions.push(at);
        }
        if is_row(line) {
            self.rows.push(at);
        }
    }
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

/// Whether a line could be the one below the head of a table.
fn is_row(line: &str) -> bool {
    line.contains('-')
        && line.contains(['|', ':'])
        && line.bytes().all(|b| b"|:- \t>\r\n".contains(&b))
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
