//! Where forges do not agree with the parser here about what is code.
//!
//! The parser follows the standard; that of a forge has its own ways with a few constructs: back
//! quotes behind a run without its like, dollars around code, lines that only some take for a
//! table, a description or the fence of a quote, HTML behind a quote. `wild` knows lines behind which
//! nothing at all is sure. Nothing else is doubted: code in ordinary texts is code.

mod ahead;
mod blanks;
mod blocks;
mod inline;
mod lines;
mod rows;
mod tails;
mod wild;

use self::ahead::Ahead;
use self::lines::{Lines, any_in, ends_code};
use super::html::{self, Open};
use super::structure;
pub(super) use lines::columns;
use std::ops::{Range, RangeInclusive};
pub(super) use tails::tails;

/// What is known about the text up to some place.
#[derive(Debug)]
pub(super) struct Doubt<'a> {
    text: &'a str,
    lines: Lines,
    /// How many of its lines that fence a quote, and that describe something, stand in code.
    fenced: usize,
    reached: usize,
    /// Where what is read as one run of text begins and ends.
    leaf: Range<usize>,
    /// Where the first that is shown of it stands, and in which column.
    first: Option<usize>,
    column: Option<usize>,
    /// The rest of it is read otherwise.
    rest: bool,
    /// A run of back quotes without its like was shown in it.
    lonely: bool,
    /// Lengths of runs that are not looked for any more, behind it.
    spent: u128,
    /// There are formulas.
    formulas: bool,
    /// A dollar was shown in it that could begin a formula; whether two.
    dollar: Option<bool>,
    /// An address that makes a link by itself goes on here.
    address: bool,
    dollars: Ahead,
    blank: Ahead,
    /// The next ends of elements of which forges do not look at the text.
    ends: [Ahead; 2],
    /// An element in which everything is text, and that was not closed.
    raw: Option<String>,
    /// There is a definition that may be none, so what leads to it may be text.
    labels: bool,
    /// Something was left open.
    torn: bool,
    /// It is a table.
    is_table: bool,
    /// Where the last one ends.
    table_end: usize,
    /// An item has nothing in its first line.
    empty: bool,
    /// Blanks behind the front matter, with where what follows begins.
    matter_gap: Option<RangeInclusive<usize>>,
    /// Where the last block of HTML ends that others do not see.
    lazy_end: usize,
    /// The marks of quotes that were looked at last, and what stands behind the name of an alert.
    alert: Option<(Range<usize>, Option<Range<usize>>)>,
    /// Blocks that begin before this place are something else.
    until: usize,
    /// What begins behind this place is.
    from: usize,
    /// From the lines of this place on parsers may see another document.
    wild: usize,
    /// What parsers may read otherwise, each up to its end.
    parts: Vec<Range<usize>>,
    /// Where definitions begin, in order.
    defined: Vec<usize>,
    /// Behind this place something swallows what follows up to a quote or an end that it has.
    behind: usize,
}

/// Where parsers may see another document.
#[derive(Debug, Default)]
pub(super) struct Unsure {
    /// The beginning of lines from which on all of it may be another one.
    pub(super) wild: Option<usize>,
    /// Lines that may be something else, behind which all is the same again.
    pub(super) parts: Vec<Range<usize>>,
    /// There are definitions to which labels lead.
    has_definitions: bool,
}

impl Unsure {
    fn wild(&mut self, at: usize) {
        self.wild = Some(self.wild.map_or(at, |wild| wild.min(at)));
    }
}

impl<'a> Doubt<'a> {
    pub(super) fn new(text: &'a str, formulas: bool, matter_end: usize) -> Self {
        let lines = Lines::of(text);
        Self {
            text,
            labels: !lines.heads.is_empty(),
            lines,
            fenced: 0,
            reached: 0,
            leaf: 0..text.len(),
            first: None,
            column: None,
            rest: false,
            lonely: false,
            spent: 0,
            formulas,
            dollar: None,
            address: false,
            dollars: Ahead::default(),
            blank: Ahead::default(),
            ends: [Ahead::default(); 2],
            raw: None,
            torn: false,
            is_table: false,
            table_end: usize::MAX,
            empty: false,
            matter_gap: Some(matter_end)
                .filter(|end| *end > 0)
                .map(|end| end..=text.len() - text[end..].trim_start().len()),
            lazy_end: 0,
            alert: None,
            until: 0,
            from: usize::MAX,
            wild: usize::MAX,
            parts: Vec::new(),
            defined: Vec::new(),
            behind: usize::MAX,
        }
    }

    /// Another run of text begins.
    pub(super) fn leaf(&mut self, range: Range<usize>) {
        self.leaf = range;
        (self.first, self.column) = (None, None);
        (self.rest, self.lonely, self.spent) = (false, false, 0);
        (self.dollar, self.address) = (None, false);
    }

    /// Everything that begins before a place is in doubt.
    pub(super) fn until(&mut self, end: usize) {
        self.until = self.until.max(end);
    }

    /// Everything that begins at a place or behind it is in doubt.
    fn from(&mut self, at: usize) {
        self.from = self.from.min(at);
        self.until = usize::MAX;
    }

    /// From the lines of a place on parsers may see another document.
    pub(super) fn wild(&mut self, at: usize) {
        self.wild = self.wild.min(at);
    }

    /// Where parsers may see another document, by what was read of it and by the lines themselves.
    pub(super) fn unsure(&self, blocks: &[Range<usize>], tables: &[Range<usize>]) -> Unsure {
        let mut unsure = Unsure {
            parts: self.parts.clone(),
            has_definitions: !self.defined.is_empty(),
            ..Unsure::default()
        };
        let noted = (self.wild < usize::MAX).then(|| lines::group(self.text, self.wild));
        // A definition in a fenced quote is none, or another one.
        let fenced = self.defined.iter().find(|at| self.is_fenced(**at));
        let fenced = fenced.map(|at| lines::group(self.text, *at));
        let torn = Some(self.behind).filter(|at| *at < self.text.len());
        wild::wild(self.text, blocks, &self.lines.reaching)
            .into_iter()
            .chain(noted)
            .chain(fenced)
            .chain(torn)
            .for_each(|at| unsure.wild(at));
        self.other_tables(blocks, tables, &mut unsure);
        blanks::odd(self.text, blocks, &mut unsure);
        structure::merge(&mut unsure.parts);
        unsure
    }

    /// The run of text that has a place in it may be another one. Behind its end nothing is, unless it has
    /// something in it that goes on there.
    fn leaf_unsure(&mut self, at: usize) {
        // What is known of it already: there may be as many of these as it has characters.
        if self.wild <= at || self.parts.last().is_some_and(|part| at < part.end) {
            return;
        }
        let start = self.leaf.start.min(at);
        let start = start + lines::group(&self.text[start..], at - start);
        let leaf = start..self.leaf_end(at);
        let inside = &self.text[leaf.clone()];
        // The labels of its links must stay those of their definitions.
        let has_label = !self.defined.is_empty() && inside.contains('[');
        if has_label || rows::may_go_on(inside) {
            self.wild(at);
        } else {
            self.parts.push(leaf);
        }
    }

    /// A definition may be none, so what leads to it may be text.
    pub(super) fn no_labels(&mut self) {
        self.labels = true;
    }

    /// Whether everything is in doubt that begins at a place.
    pub(super) fn is_all(&self, at: usize) -> bool {
        at < self.until || self.raw.is_some() || self.is_other(at)
    }

    /// Whether lines at a place are read otherwise, whatever was seen last.
    pub(super) fn is_other(&self, at: usize) -> bool {
        let regions = &self.lines.regions;
        let after = regions.partition_point(|region| region.start <= at);
        at >= self.from || after > 0 && at < regions[after - 1].end
    }

    /// What begins in lines that are read otherwise and goes on behind them does so for one of both
    /// only.
    fn goes_on(&mut self, range: &Range<usize>) {
        let regions = &self.lines.regions;
        let after = regions.partition_point(|region| region.start <= range.start);
        let region = after.checked_sub(1).map(|last| &regions[last]);
        if region.is_some_and(|region| range.start < region.end && region.end < range.end) {
            self.from(range.start);
        }
    }

    /// Definitions, in order, with whether they stand behind what makes a quote or an item. Those that go
    /// on below may be text, and a tag in their second line or below them may begin a block of HTML.
    pub(super) fn definitions(&mut self, spans: impl Iterator<Item = (Range<usize>, bool)>) {
        let mut regions = Vec::new();
        for (span, is_inside) in spans {
            let goes_on = is_inside && self.text[span.clone()].trim_end().contains('\n');
            let is_none = is_no_definition(self.text, &span);
            self.labels |= goes_on || is_none || self.is_other(span.start);
            let mut lines = self.text[span.clone()].lines().skip(1);
            let own = self.text[span.clone()].trim_end().matches('\n').count();
            let mut below = self.text[span.start..].split('\n').skip(1).take(own + 1);
            let is_html =
                below.any(|line| line.trim_start_matches([' ', '\t', '>']).starts_with('<'));
            if is_inside && is_html {
                self.wild(span.start);
            }
            self.defined.push(span.start);
            if is_inside && (lines.any(ends_code) || is_html) {
                self.labels = true;
                let end = self.blank(span.end);
                regions.push(span.start..end);
            }
        }
        self.blank = Ahead::default();
        self.lines.regions.append(&mut regions);
        structure::merge(&mut self.lines.regions);
    }

    /// Something that looks like a definition is read as text by some.
    pub(super) fn may_be_text(&mut self, range: &Range<usize>) {
        self.labels |= self.text[range.clone()].contains("]:");
    }

    /// Whether there was a definition that may be none.
    pub(super) fn has_labels(&self) -> bool {
        self.labels
    }

    /// Definitions that may be text.
    pub(super) fn heads(&self) -> &[Range<usize>] {
        &self.lines.heads
    }

    /// Lines that are read otherwise, whatever was seen last.
    pub(super) fn regions(&self) -> &[Range<usize>] {
        &self.lines.regions
    }

    /// What raw HTML was left open took along what came behind it.
    pub(super) fn is_torn(&self) -> bool {
        self.torn
    }

    /// Whether what leads to a definition or a note, by its label, may be text.
    pub(super) fn label(&self, at: usize) -> bool {
        self.labels || self.is_all(at)
    }

    /// What raw HTML left open.
    pub(super) fn html(&mut self, open: &Open, range: &Range<usize>) {
        if open.is_torn() || open.is_crossed() {
            self.from(range.start);
        }
        if open.is_torn() {
            self.behind = self.behind.min(range.end);
        }
        self.raw = open.raw().map(str::to_owned);
        self.torn |= open.is_torn() || self.raw.is_some();
    }

    /// Whether what a tag in a line opens may end with a line of a table or of a description.
    pub(super) fn may_end(&mut self, tag: &Range<usize>) -> bool {
        let name = &self.text[tag.start + 1..tag.end];
        let quiet = html::QUIET.iter().position(|quiet| {
            name.get(..quiet.len())
                .is_some_and(|name| name.eq_ignore_ascii_case(quiet))
        });
        let Some(quiet) = quiet else {
            return false;
        };
        let behind = &self.text[tag.end..];
        let close = format!("</{}", html::QUIET[quiet]);
        let end = self.ends[quiet].find(tag.end, || html::find_ignoring_case(behind, &close));
        let end = end.min(self.leaf_end(tag.end));
        any_in(&self.lines.rows, self.leaf.start..end)
            || any_in(&self.lines.descriptions, self.leaf.start..end)
            || any_in(&self.lines.underlines, self.leaf.start..end)
    }

    /// Where a run of text ends at the latest that has a place in it.
    pub(super) fn leaf_end(&mut self, at: usize) -> usize {
        let text = self.text;
        let blank = self.blank.find(at, || text[at..].find("\n\n"));
        blank.min(self.leaf.end).max(at)
    }

    /// Where the lines end that stand behind a place without a blank one.
    pub(super) fn blank(&mut self, at: usize) -> usize {
        let text = self.text;
        let blank = self.blank.find(at, || text[at..].find("\n\n"));
        blank.min(text.len())
    }

    /// Something is shown in a run of text.
    pub(super) fn something(&mut self, at: usize) {
        self.first.get_or_insert(at);
    }
}

/// Whether a definition is none to some: with nothing in angle brackets, or with these at the very end of
/// a text.
pub(super) fn is_no_definition(text: &str, span: &Range<usize>) -> bool {
    let whole = text[span.clone()].trim_end();
    whole.contains("<>") || whole.ends_with('>') && span.start + whole.len() == text.len()
}
