//! Where a Markdown document is prose, and where its links lead.
//!
//! A real parser decides; a regular expression cannot see fences in lists, code spans over lines or
//! unclosed constructs. What is not named here is never touched, so code, tags, comments, escapes
//! and definitions stay byte for byte what they were.

mod destinations;
mod unread;

pub use unread::unread;

use super::cells;
use super::doubt::{self, Doubt};
use super::flow::Flow;
use super::html::{Open, Raw};
use super::matter::{self, Block, Matter};
use destinations::{definition_destination, inline_destination};
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};
use regex::Regex;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;
use unread::in_all_ways;

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
    /// Whether a range lies whole in prose.
    pub fn is_prose(&self, range: &Range<usize>) -> bool {
        holds(&self.prose, range)
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
    let line = |at: usize| text[at..].find('\n').map_or(text.len(), |end| at + end);
    let matter_end = matter.map_or(0, |_| line(inside.end));
    let mut walk = Walk {
        text: &text,
        escaped: reading.escaped,
        found: Structure::default(),
        hidden: 0,
        depth: 0,
        links: Vec::new(),
        open: Open::default(),
        html: None,
        doubt: Doubt::new(&text, reading.formulas, matter_end),
        code: false,
        is_data: false,
        emphasis: Vec::new(),
        html_end: 0,
        containers: 0,
        quotes: 0,
        is_table: false,
        notes: Vec::new(),
        labels: Vec::new(),
        cells_end: 0,
        blank: 0,
        turn: 0,
    };
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
        let whole = text[span.clone()].trim_end();
        is_inside(span) && whole.contains('\n') || whole.contains("<>")
    };
    definitions.sort_by_key(|(span, _)| span.start);
    let spans = definitions.iter();
    let spans = spans.map(|(span, _)| (span.clone(), is_inside(span)));
    walk.doubt.definitions(spans);
    for (event, range) in parser.into_offset_iter() {
        walk.event(&event, &range);
    }
    let heads = walk.doubt.heads().to_vec();
    let regions = walk.doubt.regions().to_vec();
    for head in &heads {
        walk.in_doubt(head);
    }
    for tail in doubt::tails(&text, reading.formulas) {
        walk.in_doubt(&tail);
    }
    if walk.doubt.has_labels() {
        for label in std::mem::take(&mut walk.labels) {
            walk.in_doubt(&label);
        }
    }
    if walk.doubt.is_torn() {
        for note in std::mem::take(&mut walk.notes) {
            walk.in_doubt(&note);
        }
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
    found.doubtful.sort_by_key(|range| range.start);
    found.doubtful.dedup_by(|next, last| {
        let goes_on = next.start <= last.end;
        if goes_on {
            last.end = last.end.max(next.end);
        }
        goes_on
    });
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
    found.destinations.sort_by_key(|range| range.start);
    found.images.sort_by_key(|range| range.start);
    found.destinations.dedup();
    found
}

struct Walk<'a> {
    text: &'a str,
    escaped: &'a str,
    found: Structure,
    /// Depth of constructs whose text is not prose: code, labels that must meet their definition,
    /// autolinks.
    hidden: usize,
    /// Depth of everything.
    depth: usize,
    /// Open links and images: where their last child ended, and whether a destination follows.
    links: Vec<OpenLink>,
    /// What raw HTML opened in this block.
    open: Open,
    /// A block of raw HTML.
    html: Option<Raw>,
    doubt: Doubt<'a>,
    /// A block of code that may be none.
    code: bool,
    /// A block of code that may be a table.
    is_data: bool,
    /// How many elements were open where open emphasis began.
    emphasis: Vec<usize>,
    /// What stands before is HTML to some.
    html_end: usize,
    /// Depth of quotes, items and notes, and of quotes alone.
    containers: usize,
    quotes: usize,
    is_table: bool,
    /// Bytes of notes, which are shown at the end, and of what leads there.
    notes: Vec<Range<usize>>,
    /// Bytes of labels of definitions that nobody doubted when they were read.
    labels: Vec<Range<usize>>,
    /// Where the last cell of a table ends.
    cells_end: usize,
    /// Where the next blank stands behind what was asked for last, and the next `](`.
    blank: usize,
    turn: usize,
}

struct OpenLink {
    inline: bool,
    image: bool,
    hides: bool,
    is_label: bool,
    children_end: usize,
}

impl Walk<'_> {
    fn event(&mut self, event: &Event<'_>, range: &Range<usize>) {
        if let Event::InlineMath(_) | Event::DisplayMath(_) = event {
            self.found.has_formulas |= may_hide(&self.text[range.clone()]);
        }
        if !matches!(event, Event::Start(_) | Event::End(_)) {
            self.doubt.something(range.start);
        }
        match event {
            Event::Start(tag) => {
                self.start(tag, range);
                self.depth += 1;
            }
            Event::End(tag) => {
                self.depth -= 1;
                self.end(*tag, range);
            }
            Event::Text(_) if self.code || self.is_data => {
                if self.code {
                    self.in_doubt(range);
                }
                // A table that may be none is one to whoever takes it for one.
                if self.is_data {
                    self.found.tables.push(range.clone());
                }
            }
            Event::Text(content) => {
                self.doubt.shown(range);
                self.prose(content, range);
            }
            // A formula is text to a forge that looks for names.
            // A digit behind the second dollar makes two prices of it.
            Event::InlineMath(_)
                if self.text[range.end..].starts_with(|c: char| c.is_ascii_digit()) =>
            {
                self.prose(&self.text[range.clone()], range);
            }
            Event::InlineMath(content) | Event::DisplayMath(content) if self.hidden == 0 => {
                let inside = content.strip_prefix('`').and_then(|c| c.strip_suffix('`'));
                let in_doubt = self.doubt.formula(range);
                let is_code = matches!(event, Event::InlineMath(_))
                    && inside.is_some_and(|code| !code.contains(['`', '$']))
                    && !in_doubt;
                if is_code {
                    self.found.flow.gap();
                } else {
                    self.found.flow.say(self.text, range.clone());
                }
            }
            Event::InlineHtml(_) => {
                let mut raw = Raw::default();
                raw.push(self.text, range);
                raw.may_end = self.doubt.may_end(range)
                    || self.doubt.is_all(range.start)
                    || self.doubt.is_rest();
                // Only some take everything for a declaration that begins like one.
                if is_odd_tag(&self.text[range.clone()]) {
                    self.in_doubt(range);
                    // It may hide an end.
                    if self.text[range.start + 1..range.end].contains('<') {
                        self.open.end_of_block();
                    }
                } else if self.doubt.is_in_formula(range) {
                    self.in_doubt(range);
                }
                self.html(&raw, range);
                if (self.containers > 0 || self.is_table || self.doubt.is_described(range.start))
                    && let Some(lines) = self.doubt.lazy(range, self.quotes)
                {
                    self.in_doubt(&lines);
                    self.html_end = lines.end;
                }
            }
            Event::Html(_) => {
                if let Some(raw) = &mut self.html {
                    raw.push(self.text, range);
                }
            }
            Event::Code(_) => {
                self.found.codes.push(range.clone());
                self.found.flow.gap();
                if self.doubt.code(range) {
                    // A line of it may begin a block, of which the rest is then part.
                    let mut end = range.end;
                    if self.text[range.clone()].contains('\n') {
                        end = self.doubt.blank(range.end);
                        self.doubt.until(end);
                    }
                    let whole = range.start..end;
                    self.lines_in_doubt(&whole);
                }
            }
            Event::FootnoteReference(_) => {
                self.found.flow.gap();
                if self.doubt.label(range.start) {
                    self.in_doubt(range);
                }
                self.notes.push(range.clone());
            }
            Event::TaskListMarker(_) => {
                self.doubt.task(range);
                self.found.flow.gap();
            }
            Event::SoftBreak | Event::HardBreak => {
                self.doubt.line();
                self.found.flow.gap();
            }
            _ => self.found.flow.gap(),
        }
        if !matches!(event, Event::Start(_))
            && let Some(link) = self.links.last_mut()
        {
            link.children_end = link.children_end.max(range.end);
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: &Range<usize>) {
        match tag {
            Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Link { .. }
            | Tag::Image { .. } => {}
            _ => self.doubt.leaf(range.clone()),
        }
        match tag {
            Tag::CodeBlock(kind) => {
                self.hidden += 1;
                self.found.blocks.push(range.clone());
                let is_indented = matches!(kind, CodeBlockKind::Indented);
                self.code = self.doubt.block(range, is_indented);
                if self.code {
                    let mut end = range.end;
                    // As text it goes on in the lines below.
                    if is_indented {
                        let is_over = self.text[..end].ends_with('\n');
                        end = self.doubt.blank(end - usize::from(is_over)).max(end);
                        self.doubt.until(end);
                    }
                    let whole = range.start..end;
                    self.lines_in_doubt(&whole);
                }
                self.is_data = matches!(kind, CodeBlockKind::Fenced(info) if cells::is_table(info));
            }
            Tag::HtmlBlock => {
                self.found.blocks.push(range.clone());
                self.doubt.html_block(range);
                self.html = Some(Raw::default());
                self.open.end_of_block();
            }
            Tag::Link { link_type, .. } => self.open(*link_type, false, range),
            Tag::Image { link_type, .. } => self.open(*link_type, true, range),
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => {
                self.emphasis.push(self.open.depth());
            }
            Tag::Paragraph if self.depth == 0 => {
                self.doubt.no_task(range.start);
                self.found.paragraphs.push(range.clone());
                self.open.end_of_block();
            }
            Tag::Table(_) => {
                self.is_table = true;
                self.doubt.table(range, true);
                self.open.end_of_block();
            }
            Tag::BlockQuote(_) | Tag::Item | Tag::FootnoteDefinition(_) => {
                self.containers += 1;
                match tag {
                    Tag::Item => self.doubt.item(range),
                    Tag::FootnoteDefinition(_) => {
                        self.notes.push(range.clone());
                        self.doubt.note(range);
                    }
                    _ => {
                        self.quotes += 1;
                        if let Some(title) = self.doubt.alert(range) {
                            self.doubt.until(title.end);
                            self.in_doubt(&title);
                        }
                    }
                }
                self.open.end_of_block();
            }
            // A new block: what was open in the one before is not any more.
            _ => self.open.end_of_block(),
        }
        self.found.flow.gap();
    }

    fn end(&mut self, tag: TagEnd, range: &Range<usize>) {
        match tag {
            TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Link
            | TagEnd::Image => {}
            // What stands behind it in an item.
            _ => self.doubt.leaf(range.end..self.text.len()),
        }
        match tag {
            TagEnd::CodeBlock => {
                self.hidden -= 1;
                self.code = false;
                self.is_data = false;
            }
            TagEnd::BlockQuote(_) | TagEnd::Item | TagEnd::FootnoteDefinition => {
                self.containers -= 1;
                self.quotes -= usize::from(matches!(tag, TagEnd::BlockQuote(_)));
                self.open.end_of_block();
            }
            TagEnd::Table => {
                self.is_table = false;
                self.doubt.table(range, false);
            }
            TagEnd::HtmlBlock => {
                if let Some(raw) = self.html.take() {
                    self.html(&raw, range);
                }
            }
            TagEnd::Link | TagEnd::Image => self.close(range),
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                // What was not closed in it ends with it.
                let depth = self.emphasis.pop().unwrap_or(0);
                self.open.end_of_emphasis(depth);
            }
            TagEnd::TableCell => self.cells_end = range.end,
            TagEnd::TableRow | TagEnd::TableHead => self.cells(range),
            _ => {}
        }
        self.found.flow.gap();
    }

    fn open(&mut self, link_type: LinkType, image: bool, range: &Range<usize>) {
        let inline = matches!(link_type, LinkType::Inline);
        if link_type == LinkType::Autolink {
            let address = range.start + 1..range.end.saturating_sub(1);
            self.found.autolinks.push(address);
        }
        // The label of a collapsed or shortcut link must stay, or it misses its definition; an
        // autolink is an address and not prose.
        let hides = !matches!(link_type, LinkType::Inline | LinkType::Reference);
        self.hidden += usize::from(hides);
        // To some it leads to a page of a wiki, whatever is defined.
        let is_page =
            self.text[..range.start].ends_with('[') && self.text[range.end..].starts_with(']');
        if link_type == LinkType::Shortcut && is_page {
            self.in_doubt(range);
        }
        self.links.push(OpenLink {
            inline,
            image,
            hides,
            is_label: hides && !matches!(link_type, LinkType::Autolink | LinkType::Email),
            children_end: range.start + 1,
        });
    }

    fn close(&mut self, range: &Range<usize>) {
        let Some(link) = self.links.pop() else {
            return;
        };
        self.hidden -= usize::from(link.hides);
        self.found.links.push(range.clone());
        let tail = link.children_end..range.end;
        if link.inline && self.doubt.is_all(range.start) || self.doubt.is_in_formula(&tail) {
            self.in_doubt(&tail);
        }
        if link.inline {
            let found = inline_destination(self.text, tail);
            if link.image {
                self.found.images.extend(found.clone());
            }
            self.found.destinations.extend(found);
        }
        if let Some(outer) = self.links.last_mut() {
            outer.children_end = outer.children_end.max(range.end);
        }
    }

    /// Whether something else may stand instead of a text.
    fn is_prose(&self, range: &Range<usize>) -> bool {
        !self.open.is_link() && range.start >= self.html_end
    }

    fn prose(&mut self, content: &str, range: &Range<usize>) {
        if self.hidden > 0 || self.open.is_quiet() {
            self.found.flow.gap();
            if self.hidden > 0 && self.doubt.label(range.start)
                || self.doubt.is_all(range.start)
                || self.doubt.is_in_formula(range)
                || self.hidden == 0 && self.doubt.is_rest()
            {
                self.in_doubt(range);
            } else if self.links.last().is_some_and(|link| link.is_label) {
                self.labels.push(range.clone());
            }
            let quiet = &mut self.found.quiet;
            if self.hidden == 0 {
                if quiet.end() != range.start {
                    quiet.gap();
                }
                quiet.say(self.text, range.clone());
            }
            return;
        }
        if self.is_prose(range) {
            push(&mut self.found.open, range.clone());
        }
        // Where the text differs from the source it stands for an entity, and that is no prose that
        // could be rewritten in place.
        if self.text.get(range.clone()) != Some(content) {
            self.found.flow.stand_in(content, range.clone());
            if self.may_be_raw(range) {
                self.in_doubt(range);
            }
            return;
        }
        self.say(content, range);
        if !self.is_prose(range) {
            return;
        }
        push(&mut self.found.prose, range.clone());
    }

    /// Text as it stands there; its first character may be one that a backslash makes nothing of.
    fn say(&mut self, content: &str, range: &Range<usize>) {
        self.links_in(content, range.start);
        let flow = &mut self.found.flow;
        let before = range.start.checked_sub(1);
        let is_escaped = before
            .is_some_and(|at| self.text.as_bytes()[at] == b'\\' && flow.end() <= at)
            && content.starts_with(|c| self.escaped.contains(c));
        let first = range.start + content.chars().next().map_or(0, char::len_utf8);
        if is_escaped {
            flow.gap();
            flow.say(self.text, range.start..first);
            flow.gap();
            flow.say(self.text, first..range.end);
            if self.may_be_raw(range) {
                self.in_doubt(&(range.start - 1..range.end));
            }
        } else {
            flow.say(self.text, range.clone());
        }
    }

    /// Where addresses in a text become links, as the parser of the forge sees it: it asks for what
    /// stands in front in the source. Behind `~` one may be the name of a label, and be none then.
    fn links_in(&mut self, content: &str, start: usize) {
        static BEGINS: LazyLock<Regex> = LazyLock::new(|| regex(r"www\.|://"));
        for begins in BEGINS.find_iter(content) {
            let at = start + begins.start();
            let before = at.checked_sub(1).map(|before| self.text.as_bytes()[before]);
            let may_begin = if begins.as_str() == "://" {
                before.is_some_and(|b| b.is_ascii_alphabetic())
            } else {
                before.is_none_or(|b| b.is_ascii_whitespace() || b"([*".contains(&b))
            };
            if may_begin && !self.is_label(at) {
                self.found.flow.link(at);
            }
        }
    }

    /// Whether what stands at a place looks like the label of a link up to the next blank: addresses
    /// in that are none. Places are asked for in order.
    fn is_label(&mut self, at: usize) -> bool {
        let next = |found: Option<usize>| found.map_or(self.text.len(), |found| at + found);
        if self.blank <= at {
            self.blank = next(self.text[at..].find(|c: char| c.is_ascii_whitespace()));
        }
        if self.turn <= at {
            self.turn = next(self.text[at..].find("]("));
        }
        self.turn < self.blank
    }

    /// Whether every character may stand for itself.
    fn may_be_raw(&mut self, range: &Range<usize>) -> bool {
        self.doubt.is_all(range.start) || self.doubt.is_in_formula(range)
    }

    /// Lines that may be no code after all, in which definitions may be text.
    fn lines_in_doubt(&mut self, range: &Range<usize>) {
        let known = self.found.doubtful.len();
        self.in_doubt(range);
        if self.found.doubtful.len() > known {
            self.doubt.may_be_text(range);
        }
    }

    /// What may be no code after all: as it stands there, and as HTML.
    fn in_doubt(&mut self, range: &Range<usize>) {
        let last = self.found.doubtful.last();
        if last.is_some_and(|last| last.start <= range.start && range.end <= last.end) {
            return;
        }
        // Where its links lead is not asked: they may be none.
        let flow = std::mem::take(&mut self.found.doubt);
        self.found.doubt = in_all_ways(self.text, range, flow).flow;
        self.found.doubtful.push(range.clone());
    }

    fn html(&mut self, raw: &Raw, range: &Range<usize>) {
        if self.doubt.is_all(range.start) || self.doubt.has_fence(range) {
            self.in_doubt(range);
        } else if let Some(rest) = self.doubt.ended(range) {
            self.in_doubt(&rest);
        }
        let was_crossed = self.open.is_crossed();
        raw.read(self.text, &mut self.open, &mut self.found);
        if self.open.is_crossed() && !was_crossed {
            self.in_doubt(range);
        }
        self.doubt.html(&self.open, range.start);
    }

    /// Cells that the head of the table does not have are not shown, if it is a table.
    fn cells(&mut self, row: &Range<usize>) {
        let end = self.cells_end.max(row.start);
        if self.text[end..row.end]
            .trim_matches(['|', ' ', '\t', '\n', '\r'])
            .is_empty()
        {
            return;
        }
        self.in_doubt(&(end..row.end));
    }
}

/// Whether a formula has something in it that means something in a text, or is taken out of one.
fn may_hide(formula: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b" $=+-.,:;/()@#%".contains(&b);
    !formula.bytes().all(is_plain)
}

/// Whether only some take this for a declaration or a comment.
fn is_odd_tag(tag: &str) -> bool {
    let Some(inside) = tag.strip_prefix("<!") else {
        return false;
    };
    let Some(comment) = inside.strip_prefix("--") else {
        return true;
    };
    let comment = comment.strip_suffix("-->").unwrap_or(comment);
    comment.starts_with(['>', '-']) || comment.ends_with('-') || comment.contains("--")
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
