//! The walk through what the parser says of a document, and what each of it is.

use super::destinations::inline_destination;
use super::{Structure, push};
use crate::text::cells;
use crate::text::doubt::Doubt;
use crate::text::html::{Open, Raw};
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Tag, TagEnd};
use std::ops::Range;

/// What is known in the middle of a document.
pub(super) struct Walk<'a> {
    pub(super) text: &'a str,
    pub(super) escaped: &'a str,
    pub(super) found: Structure,
    /// Depth of constructs whose text is not prose: code, labels that must meet their definition,
    /// autolinks.
    pub(super) hidden: usize,
    /// Depth of everything.
    depth: usize,
    /// Open links and images: where their last child ended, and whether a destination follows.
    pub(super) links: Vec<OpenLink>,
    /// What raw HTML opened in this block.
    pub(super) open: Open,
    /// A block of raw HTML.
    html: Option<Raw<'a>>,
    pub(super) doubt: Doubt<'a>,
    /// A block of code, and one that may be none.
    pub(super) is_block: bool,
    pub(super) code: bool,
    /// A block of code that may be a table.
    pub(super) is_data: bool,
    /// How many elements were open where open emphasis began.
    emphasis: Vec<usize>,
    /// What stands before is HTML to some.
    pub(super) html_end: usize,
    /// Depth of quotes, items and notes, and of quotes alone.
    containers: usize,
    quotes: usize,
    is_table: bool,
    /// Bytes of tables, in order.
    pub(super) tables: Vec<Range<usize>>,
    /// Bytes of notes, which are shown at the end, and of what leads there.
    pub(super) notes: Vec<Range<usize>>,
    /// Bytes of labels of definitions that nobody doubted when they were read.
    pub(super) labels: Vec<Range<usize>>,
    /// Where the last cell of a table ends.
    pub(super) cells_end: usize,
    /// Where the next blank stands behind what was asked for last, and the next `](`.
    pub(super) blank: usize,
    pub(super) turn: usize,
    /// Text that was read and not yet said: it may go on.
    pub(super) run: Range<usize>,
}

pub(super) struct OpenLink {
    inline: bool,
    image: bool,
    hides: bool,
    pub(super) is_label: bool,
    children_end: usize,
}

impl<'a> Walk<'a> {
    /// Nothing was read yet.
    pub(super) fn new(text: &'a str, escaped: &'a str, doubt: Doubt<'a>) -> Self {
        Self {
            text,
            escaped,
            found: Structure::default(),
            hidden: 0,
            depth: 0,
            links: Vec::new(),
            open: Open::default(),
            html: None,
            doubt,
            is_block: false,
            code: false,
            is_data: false,
            emphasis: Vec::new(),
            html_end: 0,
            containers: 0,
            quotes: 0,
            is_table: false,
            tables: Vec::new(),
            notes: Vec::new(),
            labels: Vec::new(),
            cells_end: 0,
            blank: 0,
            turn: 0,
            run: 0..0,
        }
    }

    /// What the parser says next, and of which bytes.
    pub(super) fn event(&mut self, event: &Event<'_>, range: &Range<usize>) {
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
            // Nothing begins or ends in it but the block.
            Event::Text(_) if self.is_block => {
                if self.doubt.is_all(range.start) {
                    self.in_doubt(range);
                }
            }
            Event::Text(content) => {
                self.doubt.shown(range);
                if self.doubt.is_rest() {
                    push(&mut self.found.unsure, range.clone());
                }
                self.prose(content, range);
            }
            // A formula is text to a forge that looks for names.
            // A digit behind the second dollar makes two prices of it.
            Event::InlineMath(_)
                if self.text[range.end..].starts_with(|c: char| c.is_ascii_digit()) =>
            {
                // What stands in it was not read.
                if may_hide(&self.text[range.clone()]) {
                    self.found.flow.say(self.text, range.clone());
                    push(&mut self.found.prose, range.end - 1..range.end);
                    self.in_doubt(range);
                } else {
                    self.prose(&self.text[range.clone()], range);
                }
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
                    self.doubt.wild(range.start);
                    // It may hide an end.
                    if self.text[range.start + 1..range.end].contains('<') {
                        self.open.end_of_block();
                    }
                } else if self.doubt.is_in_formula(range) {
                    self.in_doubt(range);
                }
                self.html(&raw, range);
                // In a quote or an item a line of it may begin a block.
                if self.containers > 0 && self.text[range.clone()].contains('\n') {
                    self.doubt.wild(range.start);
                }
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
                // With a tag in it, it opens what an address does not.
                if self.text[range.clone()].contains('<') {
                    self.doubt.taken_along(range.start);
                }
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
                self.doubt.taken_along(range.start);
                if self.doubt.label(range.start) {
                    self.in_doubt(range);
                }
                self.notes.push(range.clone());
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
                self.is_block = true;
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
            Tag::Link { link_type, .. } => {
                self.emphasis.push(self.open.depth());
                self.open(*link_type, false, range);
            }
            Tag::Image { link_type, .. } => {
                self.emphasis.push(self.open.depth());
                self.open(*link_type, true, range);
            }
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => {
                self.emphasis.push(self.open.depth());
            }
            Tag::Paragraph if self.depth == 0 => {
                self.doubt.no_item(range.start);
                self.found.paragraphs.push(range.clone());
                self.open.end_of_block();
            }
            Tag::Table(_) => {
                self.tables.push(range.clone());
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
                self.is_block = false;
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
            TagEnd::Link | TagEnd::Image => {
                self.close(range);
                let depth = self.emphasis.pop().unwrap_or(0);
                self.open.end_of_emphasis(depth);
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                // What was not closed in it ends with it.
                let depth = self.emphasis.pop().unwrap_or(0);
                self.open.end_of_emphasis(depth);
            }
            // In an item text may follow that stands in no paragraph.
            TagEnd::Heading(_) => self.open.end_of_block(),
            TagEnd::TableCell => self.cells_end = range.end,
            TagEnd::TableRow | TagEnd::TableHead => self.cells(range),
            _ => {}
        }
        self.found.flow.gap();
    }

    fn open(&mut self, link_type: LinkType, image: bool, range: &Range<usize>) {
        let inline = matches!(link_type, LinkType::Inline);
        self.doubt.taken_along(range.start);
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
