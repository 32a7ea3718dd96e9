//! What may be something else to others: code, what raw HTML opens, the cells of tables.

use super::Structure;
use super::unread::{self, in_all_ways};
use super::walk::Walk;
use crate::text::flow::Flow;
use crate::text::html::{Finds, Lead, Raw};
use std::ops::Range;

/// What may be text, and what raw HTML in it says about its language.
struct InDoubt<'a> {
    flow: &'a mut Flow,
    languages: &'a mut Vec<Range<usize>>,
}

impl Finds for InDoubt<'_> {
    fn flow(&mut self) -> &mut Flow {
        self.flow
    }

    fn lead(&mut self, value: Range<usize>, lead: Lead) {
        if lead == Lead::Written {
            self.languages.push(value);
        }
    }
}

impl Walk<'_> {
    /// Lines that may be no code after all, in which definitions may be text.
    pub(super) fn lines_in_doubt(&mut self, range: &Range<usize>) {
        let known = self.found.doubtful.len();
        self.in_doubt(range);
        if self.found.doubtful.len() > known {
            self.doubt.may_be_text(range);
        }
    }

    /// What may be no code after all: as it stands there, and as HTML.
    pub(super) fn in_doubt(&mut self, range: &Range<usize>) {
        let last = self.found.doubtful.last();
        if last.is_some_and(|last| last.start <= range.start && range.end <= last.end) {
            return;
        }
        self.surely_in_doubt(range);
    }

    /// The same, although what it stands in may be in doubt as a whole.
    pub(super) fn surely_in_doubt(&mut self, range: &Range<usize>) {
        // Where its links lead is not asked: they may be none.
        let Structure {
            doubt, languages, ..
        } = &mut self.found;
        let mut found = InDoubt {
            flow: doubt,
            languages,
        };
        in_all_ways(self.text, range, &mut found);
        languages.extend(unread::languages(self.text, range));
        self.found.doubtful.push(range.clone());
    }

    /// From a place on nothing is sure to be code, so tables and links may stand everywhere.
    pub(super) fn unread(&mut self, from: usize) {
        self.found.tables.retain(|table| table.end <= from);
        self.found.tables.extend(unread::tables(self.text, from));
        let behind = from..self.text.len();
        unread::destinations(self.text, &behind, &mut self.found.perhaps);
    }

    pub(super) fn html(&mut self, raw: &Raw<'_>, range: &Range<usize>) {
        if self.doubt.is_all(range.start) || self.doubt.has_fence(range) {
            self.in_doubt(range);
        } else if let Some(rest) = self.doubt.ended(range) {
            self.in_doubt(&rest);
        }
        // Links with blanks in HTML are read as Markdown again.
        let inside = &self.text[range.clone()];
        if inside.contains('\\') && inside.contains("](") || has_odd_declaration(inside) {
            self.in_doubt(range);
        }
        let was_crossed = self.open.is_crossed();
        raw.read(self.text, &mut self.open, &mut self.found);
        if self.open.is_crossed() && !was_crossed {
            self.in_doubt(range);
        }
        self.doubt.html(&self.open, range);
    }

    /// Cells that the head of the table does not have are not shown, if it is a table.
    pub(super) fn cells(&mut self, row: &Range<usize>) {
        let end = self.cells_end.max(row.start);
        if self.text[end..row.end]
            .trim_matches(['|', ' ', '\t', '\n', '\r'])
            .is_empty()
        {
            return;
        }
        self.in_doubt(&(end..row.end));
        // What is opened in them is not shown either.
        if self.text[end..row.end].contains('<') {
            self.doubt.wild(row.start);
        }
    }
}

/// Whether what looks like a tag begins in a declaration, and may be one to some.
fn has_odd_declaration(html: &str) -> bool {
    let begins = |mark: &str| {
        let mut found = html.match_indices(mark);
        found.any(|(at, _)| {
            let inside = &html[at + mark.len()..];
            let next = inside.find(['<', '>']);
            next.is_some_and(|next| inside[next..].starts_with('<')) && !inside.starts_with("--")
        })
    };
    begins("<!") || begins("<?")
}
