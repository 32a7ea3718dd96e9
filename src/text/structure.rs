//! Where a Markdown document is prose, and where its links lead.
//!
//! A real parser decides; a regular expression cannot see fences in lists, code spans over lines or
//! unclosed constructs. What is not named here is never touched, so code, tags, comments, escapes
//! and definitions stay byte for byte what they were.

mod destinations;
mod shown;
mod told;
mod unread;
mod unsure;
mod walk;

pub(super) use told::told;
pub use unread::unread;
pub(super) use unread::unread_parts;

use super::doubt::{self, Doubt, Unsure};
use super::flow::Flow;
use super::html::{Finds, Lead};
use super::matter::{self, Block, Matter};
use destinations::definition_destination;
use pulldown_cmark::{Options, Parser};
use regex::Regex;
use std::borrow::Cow;
use std::ops::Range;
use walk::Walk;

/// What the rewriter may look at.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Structure {
    /// Bytes that a reader sees as plain prose, in order, neighbours merged.
    pub prose: Vec<Range<usize>>,
    /// The same with entities, in order: where a link could stand instead.
    pub open: Vec<Range<usize>>,
    /// Bytes of the text of raw HTML where a link in HTML could stand instead, in order.
    pub markup: Vec<Range<usize>>,
    /// Bytes of link and image destinations, in order, without angle brackets or quotes.
    pub destinations: Vec<Range<usize>>,
    /// Those of them that are shown and not followed, in order.
    pub images: Vec<Range<usize>>,
    /// Bytes of text that may be code, because code in front of it may be none, and of notes that may not
    /// be shown, in order.
    pub unsure: Vec<Range<usize>>,
    /// Bytes of addresses in angle brackets, in order.
    pub autolinks: Vec<Range<usize>>,
    /// Bytes of whole links and images, in the order of their ends.
    pub links: Vec<Range<usize>>,
    /// Everything that is shown as text, also that of raw HTML and of formulas.
    pub flow: Flow,
    /// What is shown as text by some forges only, which take it for no code.
    pub doubt: Flow,
    /// Text that forges pass over, but not over addresses in it.
    pub quiet: Flow,
    /// Bytes of blocks of code and of raw HTML, in order.
    pub blocks: Vec<Range<usize>>,
    /// Bytes of code that some forges take for something else, in order.
    pub doubtful: Vec<Range<usize>>,
    /// Bytes of blocks of code that may be tables whose cells are no code, in order.
    pub tables: Vec<Range<usize>>,
    /// Bytes of what raw HTML says about the language of something, in order.
    pub languages: Vec<Range<usize>>,
    /// Bytes of what may be a destination, if it is no code.
    pub perhaps: Vec<Range<usize>>,
    /// Where what parsers may read otherwise begins, as a whole.
    pub wild: Option<usize>,
    /// Bytes of lines that parsers may read otherwise, behind which they agree again, in order.
    pub parted: Vec<Range<usize>>,
    /// Bytes of front matter.
    pub front_matter: Range<usize>,
    /// Bytes of code in prose, in order.
    pub codes: Vec<Range<usize>>,
    /// Bytes of paragraphs that stand in no other block, in order.
    pub paragraphs: Vec<Range<usize>>,
    /// There is something that was read as a formula, and that would mean something else as text.
    pub has_formulas: bool,
}

impl Structure {
    /// Whether a place is one where parsers may read another document.
    pub(super) fn is_wild(&self, at: usize) -> bool {
        self.wild.is_some_and(|wild| wild <= at) || holds(&self.parted, &(at..at))
    }

    /// Whether a range lies whole in prose.
    pub fn is_prose(&self, range: &Range<usize>) -> bool {
        holds(&self.prose, range)
    }
}

impl Finds for Structure {
    fn flow(&mut self) -> &mut Flow {
        &mut self.flow
    }

    fn markup(&mut self, part: Range<usize>) {
        push(&mut self.markup, part);
    }

    fn lead(&mut self, value: Range<usize>, lead: Lead) {
        if lead == Lead::Written {
            self.languages.push(value);
            return;
        }
        if lead == Lead::Shown {
            self.images.push(value.clone());
        }
        self.destinations.push(value);
    }
}

/// Whether one of some ranges that stand apart and in order has another whole in it.
pub(super) fn holds(ranges: &[Range<usize>], range: &Range<usize>) -> bool {
    let after = ranges.partition_point(|one| one.start <= range.start);
    after > 0 && range.end <= ranges[after - 1].end
}

/// The dialect that the forges share.
pub(crate) fn dialect() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH
}

/// How a document is to be read.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// What it begins with may be a block of settings.
    pub matter: Matter,
    /// There are formulas in it.
    pub formulas: bool,
    /// Characters that a backslash keeps from meaning anything.
    pub escaped: &'a str,
}

/// Reads a document's structure in linear time.
pub fn read(text: &str, reading: Reading<'_>) -> Structure {
    let matter = matter::find(text, reading.matter);
    let inside = matter.as_ref().map_or(0..0, Block::inside);
    let text = match &matter {
        Some(block) => Cow::Owned(block.shown(text)),
        None => Cow::Borrowed(text),
    };
    let whole = text;
    let text = told(&whole);
    let line = |at: usize| text[at..].find('\n').map_or(text.len(), |end| at + end);
    let matter_end = matter.map_or(0, |_| line(inside.end));
    let doubt = Doubt::new(&text, reading.formulas, matter_end);
    let mut walk = Walk::new(&text, reading.escaped, doubt);
    let mut dialect = dialect();
    dialect.set(Options::ENABLE_MATH, reading.formulas);
    let parser = Parser::new_ext(&text, dialect);
    let mut definitions: Vec<_> = parser
        .reference_definitions()
        .iter()
        .map(|(_, definition)| (definition.span.clone(), definition.dest.starts_with('>')))
        .collect();
    // One that goes on behind what makes a quote or an item may be none, or that leads nowhere.
    let is_inside = |span: &Range<usize>| span.start > 0 && !text[..span.start].ends_with('\n');
    let may_be_none = |span: &Range<usize>| {
        let goes_on = text[span.clone()].trim_end().contains('\n');
        is_inside(span) && goes_on || doubt::is_no_definition(&text, span)
    };
    definitions.sort_by_key(|(span, _)| span.start);
    let spans = definitions.iter();
    let spans = spans.map(|(span, _)| (span.clone(), is_inside(span)));
    walk.doubt.definitions(spans);
    for (event, range) in parser.into_offset_iter() {
        if !walk.goes_on(&event, &range) {
            walk.event(&event, &range);
        }
    }
    walk.say_run();
    let Unsure {
        wild, mut parts, ..
    } = walk.doubt.unsure(&walk.found.blocks, &walk.tables);
    parts.retain(|part| wild.is_none_or(|wild| part.start < wild));
    for part in &parts {
        walk.surely_in_doubt(part);
        unread::destinations(&text, part, &mut walk.found.perhaps);
    }
    if let Some(at) = wild {
        walk.doubt.no_labels();
        walk.surely_in_doubt(&(at..text.len()));
        walk.unread(at);
    }
    walk.found.wild = wild;
    walk.found.parted = parts;
    let heads = walk.doubt.heads().to_vec();
    let regions = walk.doubt.regions().to_vec();
    for head in &heads {
        walk.in_doubt(head);
    }
    for tail in doubt::tails(&whole, reading.formulas) {
        walk.surely_in_doubt(&tail);
    }
    if walk.doubt.has_labels() {
        for label in std::mem::take(&mut walk.labels) {
            walk.in_doubt(&label);
        }
    }
    if walk.doubt.is_torn() || wild.is_some() {
        for note in std::mem::take(&mut walk.notes) {
            walk.in_doubt(&note);
            walk.found.unsure.push(note);
        }
        merge(&mut walk.found.unsure);
    }
    let is_torn = walk.doubt.is_torn();
    for (span, _) in &definitions {
        let label = text[span.clone()].find("]:").map_or(0, |end| end + 2);
        if may_be_none(span) || walk.doubt.is_other(span.start) {
            walk.in_doubt(span);
        } else if is_torn {
            walk.in_doubt(&(span.start + label..span.end));
        }
    }
    let Walk { mut found, .. } = walk;
    merge(&mut found.doubtful);
    found.front_matter = inside;
    // What is none leads nowhere.
    definitions.retain(|(span, _)| {
        let start = span.start..span.start;
        !holds(&heads, &start) && !holds(&regions, &start)
    });
    for (span, is_pointed) in definitions {
        let destination = definition_destination(&text, span, is_pointed);
        found.destinations.extend(destination);
    }
    found.languages.sort_by_key(|range| range.start);
    found.languages.dedup();
    found.destinations.sort_by_key(|range| range.start);
    found.images.sort_by_key(|range| range.start);
    found.destinations.dedup();
    found
}

/// Puts ranges in order, and those together that touch.
pub(super) fn merge(ranges: &mut Vec<Range<usize>>) {
    ranges.sort_by_key(|range| range.start);
    ranges.dedup_by(|next, last| {
        let goes_on = next.start <= last.end;
        if goes_on {
            last.end = last.end.max(next.end);
        }
        goes_on
    });
}

/// Adds a range behind others, to the last if it goes on there.
pub(super) fn push(ranges: &mut Vec<Range<usize>>, range: Range<usize>) {
    match ranges.last_mut() {
        Some(last) if last.end == range.start => last.end = range.end,
        _ => ranges.push(range),
    }
}

/// Compiles a pattern that is part of the program.
pub(crate) fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| panic!("built-in pattern {pattern}: {error}"))
}

#[cfg(test)]
mod tests;
