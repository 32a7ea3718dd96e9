//! Blocks: of code, of HTML, quotes, items, notes and tables.

use super::Doubt;
use super::lines::{any_in, columns, is_mark};
use crate::text::html;
use std::ops::Range;

impl<'a> Doubt<'a> {
    /// Whether a quote may have been fenced in front of a place.
    pub(super) fn is_fenced(&self, at: usize) -> bool {
        let live = &self.lines.fences[self.fenced..];
        live.first().is_some_and(|fence| *fence < at)
    }

    /// A table begins or ends.
    pub(in crate::text) fn table(&mut self, range: &Range<usize>, begins: bool) {
        self.is_table = begins;
        self.table_end = range.end;
    }

    /// How a quote, an item or a note begins: not more of its first line than people write marks and
    /// labels, because one line may begin as many as it has characters.
    fn first_line(&self, range: &Range<usize>) -> &'a str {
        const NEAR: usize = 100;
        let inside = &self.text[range.clone()];
        let near = &inside[..inside.floor_char_boundary(NEAR)];
        near.lines().next().unwrap_or("")
    }

    /// An item begins. One that begins with an empty line may go on behind another.
    pub(in crate::text) fn item(&mut self, range: &Range<usize>) {
        let line = self.first_line(range);
        self.empty = line.trim_start_matches(is_mark).is_empty();
    }

    /// A note begins. One that begins with an empty line may be over with it.
    pub(in crate::text) fn note(&mut self, range: &Range<usize>) {
        let line = self.first_line(range);
        if line.trim_end().ends_with("]:") {
            self.until(range.end);
        }
    }

    /// What stands behind the name of an alert, in the same line, is nothing but text.
    pub(in crate::text) fn alert(&mut self, quote: &Range<usize>) -> Option<Range<usize>> {
        // Quotes in quotes end their marks in one place.
        let known = self.alert.as_ref();
        if let Some((_, title)) = known.filter(|(marks, _)| marks.contains(&quote.start)) {
            return title.clone();
        }
        let inside = &self.text[quote.clone()];
        let rest = inside.trim_start_matches(is_mark);
        let marks = quote.start..quote.end - rest.len();
        let title = rest.strip_prefix("[!").and_then(|rest| {
            let line = rest.lines().next()?;
            let start = marks.end + "[!".len() + line.find(']')?;
            Some(start..marks.end + "[!".len() + line.len())
        });
        self.alert = Some((marks, title.clone()));
        title
    }

    /// Something begins that is no part of such an item, unless it is indented or stands right below:
    /// then it may be.
    pub(in crate::text) fn no_item(&mut self, at: usize) {
        let before = &self.text[..at];
        let is_right_below = before
            .strip_suffix('\n')
            .is_some_and(|before| !before.trim_end_matches([' ', '\t']).ends_with('\n'));
        self.empty &= is_right_below || before.ends_with([' ', '\t']);
    }

    /// Whether the fence of a quote may stand in a block of code or HTML: the quote ends there, and so
    /// does what is read as its end.
    pub(in crate::text) fn has_fence(&mut self, range: &Range<usize>) -> bool {
        let has_fence = self.is_fenced(range.start) && any_in(&self.lines.fences, range.clone());
        if has_fence {
            self.from(range.start);
        }
        has_fence
    }

    /// Whether a block of code may be none.
    pub(in crate::text) fn block(&mut self, range: &Range<usize>, is_indented: bool) -> bool {
        if self.is_all(range.start) {
            self.goes_on(range);
            return true;
        }
        if self.has_fence(range) {
            return true;
        }
        let is_fenced = self.is_fenced(range.start);
        let is_described = self.is_described(range.start);
        if is_indented {
            return is_fenced || is_described || self.empty || self.is_right_behind(range.start);
        }
        let before = self.text[..range.start].trim_end_matches([' ', '\t', '>']);
        let marks = &self.text[before.len()..range.start];
        // In a description it ends with that.
        if is_described && !marks.is_empty() {
            self.from(range.start);
            return true;
        }
        self.code_for_all(range);
        false
    }

    /// Whatever stands in a block that is code to everybody begins nothing behind it.
    fn code_for_all(&mut self, range: &Range<usize>) {
        let first = |lines: &[usize], known: usize| {
            let inside = &lines[known..];
            if inside.first().is_some_and(|line| range.contains(line)) {
                known + inside.partition_point(|line| *line < range.end)
            } else {
                known
            }
        };
        self.fenced = first(&self.lines.fences, self.fenced);
        self.reached = first(&self.lines.reaching, self.reached);
    }

    /// A block of HTML begins. Indented below a description it ends with that.
    pub(in crate::text) fn html_block(&mut self, range: &Range<usize>) {
        let before = &self.text[..range.start];
        let is_indented =
            before.ends_with([' ', '\t']) || self.text[range.clone()].starts_with([' ', '\t']);
        if is_indented && self.is_described(range.start) {
            self.from(range.start);
        }
        self.goes_on(range);
    }

    /// Whether a description may have begun in front of a place.
    pub(in crate::text) fn is_described(&self, at: usize) -> bool {
        let live = &self.lines.reaching[self.reached..];
        live.first().is_some_and(|line| *line < at)
    }

    /// Whether nothing but blanks stand between the front matter and a place, or no blank line between
    /// a table and it.
    fn is_right_behind(&self, at: usize) -> bool {
        let is_matter = self
            .matter_gap
            .as_ref()
            .is_some_and(|gap| gap.contains(&at));
        let before =
            self.text[..at].trim_end_matches(|c: char| c.is_ascii_whitespace() || c == '>');
        let lines = self.text[before.len()..at].matches('\n').count();
        let is_table = self.table_end <= at && before.len() <= self.table_end && lines < 2;
        is_matter || is_table
    }

    /// What behind a quote or an item begins a block of HTML for some: where that ends, if a tag is
    /// all that stands in its line. `quotes`: how many it stands in.
    pub(in crate::text) fn lazy(
        &mut self,
        tag: &Range<usize>,
        quotes: usize,
    ) -> Option<Range<usize>> {
        let is_lead = |b: &&u8| matches!(**b, b' ' | b'\t' | b'>');
        let before = self.text.as_bytes()[..tag.start].iter().rev().take(64);
        let line = tag.start - before.take_while(is_lead).count();
        let behind = self.text[tag.end..].trim_start_matches([' ', '\t']);
        let is_alone =
            self.text[..line].ends_with('\n') && (behind.is_empty() || behind.starts_with('\n'));
        if !is_alone || line < self.lazy_end {
            return None;
        }
        let lead = &self.text[line..tag.start];
        let is_outside = lead.matches('>').count() < quotes || columns(0, lead) < self.column();
        if !is_outside && !self.is_table && !self.is_described(line) && !self.is_fenced(line) {
            return None;
        }
        let mut end = line;
        let lines = self.text[line..].split_inclusive('\n');
        for line in lines.take_while(|line| !line.trim().is_empty()) {
            end += line.len();
        }
        self.until(end);
        self.lazy_end = end;
        // What begins in it and goes on behind it does so for one of both only.
        let region = &self.text[line..end];
        let begins = [
            "```",
            "~~~",
            "<!",
            "<?",
            "<pre",
            "<script",
            "<style",
            "<textarea",
        ];
        if begins.iter().any(|begin| region.contains(begin)) {
            self.from(line);
        }
        // So does a tag that is none without the lines behind it.
        let is_torn = region.matches('<').count() != region.matches('>').count();
        if is_torn || region.matches(['"', '\'']).count() % 2 == 1 {
            self.wild(line);
        }
        Some(line..end)
    }

    /// The column in which what is read as one run of text begins.
    fn column(&mut self) -> usize {
        let start = self.first.unwrap_or(self.leaf.start);
        *self.column.get_or_insert_with(|| {
            let line = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
            columns(0, &self.text[line..start])
        })
    }

    /// Where what a forge reads as text begins in a block of HTML that more than its own end ends.
    pub(in crate::text) fn ended(&mut self, html: &Range<usize>) -> Option<Range<usize>> {
        const NAMES: [&str; 4] = ["pre", "script", "style", "textarea"];
        let block = &self.text[html.clone()];
        let inside = block.trim_start_matches(is_mark).strip_prefix('<')?;
        let begins = NAMES.iter().any(|name| {
            let begin = inside.get(..name.len());
            begin.is_some_and(|begin| begin.eq_ignore_ascii_case(name))
        });
        if !begins {
            return None;
        }
        let close = |name: &&str| html::find_ignoring_case(block, &format!("</{name}>"));
        let first = NAMES.iter().filter_map(close).min()?;
        let start = first + block[first..].find('\n')? + 1;
        // With nothing behind that line it ends there to everybody.
        if block[start..]
            .trim_matches([' ', '\t', '\n', '>'])
            .is_empty()
        {
            return None;
        }
        self.from(html.start);
        Some(html.start + start..html.end)
    }
}
