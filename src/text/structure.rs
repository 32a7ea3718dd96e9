//! Where a Markdown document is prose, and where its links lead.
//!
//! A real parser decides; a regular expression cannot see fences in lists, code spans over lines or
//! unclosed constructs. What is not named here is never touched, so code, tags, comments, escapes
//! and definitions stay byte for byte what they were.

use super::flow::Flow;
use super::html::{Open, Raw};
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};
use regex::Regex;
use std::borrow::Cow;
use std::ops::Range;

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
    /// Bytes of blocks of code and of raw HTML, in order.
    pub blocks: Vec<Range<usize>>,
    /// Bytes of front matter.
    pub front_matter: Range<usize>,
    /// Bytes of code in prose, in order.
    pub codes: Vec<Range<usize>>,
    /// Bytes of paragraphs that stand in no other block, in order.
    pub paragraphs: Vec<Range<usize>>,
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

/// A text as it is read by a forge that makes a block of code of the front matter that it begins
/// with. Every byte stays where it is.
pub(crate) fn with_front_matter(text: &str) -> Cow<'_, str> {
    fenced(text, front_matter(text))
}

fn fenced(text: &str, matter: Option<(usize, usize)>) -> Cow<'_, str> {
    const FENCE: &str = "```";
    let Some((open, close)) = matter else {
        return Cow::Borrowed(text);
    };
    let mut read = text.to_owned();
    for at in [open, close] {
        read.replace_range(at..at + FENCE.len(), FENCE);
    }
    Cow::Owned(read)
}

/// Where the two lines stand that enclose the front matter of a text: behind blank lines and one that
/// names an encoding, `---`, `+++` or `;;;`, perhaps with the name of a language.
fn front_matter(text: &str) -> Option<(usize, usize)> {
    let delimits = |line: &str| ["---", "+++", ";;;"].iter().any(|d| line.starts_with(d));
    let mut lines = text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    });
    let is_before = |at: usize, line: &str| {
        line.trim().is_empty() || at == 0 && line.contains("coding:") && !delimits(line)
    };
    let (open, line) = lines.find(|(at, line)| !is_before(*at, line))?;
    let opens =
        delimits(line) && line.ends_with('\n') && !line[3..].trim().contains(char::is_whitespace);
    if !opens {
        return None;
    }
    let delimiter = &line[..3];
    let ends = |line: &str| delimits(line) || line.starts_with("...");
    let (close, line) = lines.find(|(_, line)| ends(line) && line[3..].trim().is_empty())?;
    // Where another one comes first, not every version ends it there.
    line.starts_with(delimiter).then_some((open, close))
}

/// How a document is to be read.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// What it begins with may be front matter.
    pub front_matter: bool,
    /// There are formulas in it.
    pub formulas: bool,
    /// Characters that a backslash keeps from meaning anything.
    pub escaped: &'a str,
}

/// Reads a document's structure in linear time.
pub fn read(text: &str, reading: Reading<'_>) -> Structure {
    let matter = if reading.front_matter {
        front_matter(text)
    } else {
        None
    };
    let text = fenced(text, matter);
    let mut walk = Walk {
        text: &text,
        escaped: reading.escaped,
        found: Structure::default(),
        hidden: 0,
        depth: 0,
        links: Vec::new(),
        open: Open::default(),
        html: None,
    };
    let mut dialect = dialect();
    dialect.set(Options::ENABLE_MATH, reading.formulas);
    let parser = Parser::new_ext(&text, dialect);
    let mut definitions: Vec<Range<usize>> = parser
        .reference_definitions()
        .iter()
        .map(|(_, definition)| definition.span.clone())
        .collect();
    for (event, range) in parser.into_offset_iter() {
        walk.event(&event, &range);
    }
    let Walk { mut found, .. } = walk;
    found.front_matter = matter.map_or(0..0, |(open, close)| open..close);
    definitions.sort_by_key(|span| span.start);
    for span in definitions {
        found
            .destinations
            .extend(definition_destination(&text, span));
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
}

struct OpenLink {
    inline: bool,
    image: bool,
    hides: bool,
    children_end: usize,
}

impl Walk<'_> {
    fn event(&mut self, event: &Event<'_>, range: &Range<usize>) {
        match event {
            Event::Start(tag) => {
                self.start(tag, range);
                self.depth += 1;
            }
            Event::End(tag) => {
                self.depth -= 1;
                self.end(*tag, range);
            }
            Event::Text(content) => self.prose(content, range),
            // A formula is text to a forge that looks for names.
            // A digit behind the second dollar makes two prices of it.
            Event::InlineMath(_)
                if self.text[range.end..].starts_with(|c: char| c.is_ascii_digit()) =>
            {
                self.prose(&self.text[range.clone()], range);
            }
            Event::InlineMath(content) | Event::DisplayMath(content) if self.hidden == 0 => {
                let inside = content.strip_prefix('`').and_then(|c| c.strip_suffix('`'));
                match inside {
                    Some(code) if !code.contains(['`', '$']) => self.found.flow.gap(),
                    _ => self.found.flow.say(self.text, range.clone()),
                }
            }
            Event::InlineHtml(_) => {
                let mut raw = Raw::default();
                raw.push(self.text, range);
                self.html(&raw);
            }
            Event::Html(_) => {
                if let Some(raw) = &mut self.html {
                    raw.push(self.text, range);
                }
            }
            Event::Code(_) => {
                self.found.codes.push(range.clone());
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
            Tag::CodeBlock(_) => {
                self.hidden += 1;
                self.found.blocks.push(range.clone());
            }
            Tag::HtmlBlock => {
                self.found.blocks.push(range.clone());
                self.html = Some(Raw::default());
                self.open = Open::default();
            }
            Tag::Link { link_type, .. } => self.open(*link_type, false, range),
            Tag::Image { link_type, .. } => self.open(*link_type, true, range),
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => {}
            Tag::Paragraph if self.depth == 0 => {
                self.found.paragraphs.push(range.clone());
                self.open = Open::default();
            }
            // A new block: what was open in the one before is not any more.
            _ => self.open = Open::default(),
        }
        self.found.flow.gap();
    }

    fn end(&mut self, tag: TagEnd, range: &Range<usize>) {
        match tag {
            TagEnd::CodeBlock => self.hidden -= 1,
            TagEnd::HtmlBlock => {
                if let Some(raw) = self.html.take() {
                    self.html(&raw);
                }
            }
            TagEnd::Link | TagEnd::Image => self.close(range),
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
        self.links.push(OpenLink {
            inline,
            image,
            hides,
            children_end: range.start + 1,
        });
    }

    fn close(&mut self, range: &Range<usize>) {
        let Some(link) = self.links.pop() else {
            return;
        };
        self.hidden -= usize::from(link.hides);
        self.found.links.push(range.clone());
        if link.inline {
            let tail = link.children_end..range.end;
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

    fn prose(&mut self, content: &str, range: &Range<usize>) {
        if self.hidden > 0 || self.open.is_quiet() {
            self.found.flow.gap();
            return;
        }
        if !self.open.is_link() {
            push(&mut self.found.open, range.clone());
        }
        // Where the text differs from the source it stands for an entity, and that is no prose that
        // could be rewritten in place.
        if self.text.get(range.clone()) != Some(content) {
            self.found.flow.stand_in(content, range.clone());
            return;
        }
        self.say(content, range);
        if self.open.is_link() {
            return;
        }
        push(&mut self.found.prose, range.clone());
    }

    /// Text as it stands there; its first character may be one that a backslash makes nothing of.
    fn say(&mut self, content: &str, range: &Range<usize>) {
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
        } else {
            flow.say(self.text, range.clone());
        }
    }

    fn html(&mut self, raw: &Raw) {
        raw.read(self.text, &mut self.open, &mut self.found);
    }
}

/// Adds a range behind others, to the last if it goes on there.
pub(super) fn push(ranges: &mut Vec<Range<usize>>, range: Range<usize>) {
    match ranges.last_mut() {
        Some(last) if last.end == range.start => last.end = range.end,
        _ => ranges.push(range),
    }
}

/// Where the destination stands in what follows the label of an inline link: `](<dest> "title")`.
fn inline_destination(text: &str, tail: Range<usize>) -> Option<Range<usize>> {
    let open = tail.start + text.get(tail.clone())?.find("](")? + 2;
    destination_at(text, open..tail.end.saturating_sub(1))
}

/// Where the destination stands in `[label]: dest "title"`.
fn definition_destination(text: &str, span: Range<usize>) -> Option<Range<usize>> {
    let open = span.start + text.get(span.clone())?.find("]:")? + 2;
    destination_at(text, open..span.end)
}

/// A destination at the start of a range, after white space.
fn destination_at(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let inside = text.get(range.clone())?;
    let start = range.start + (inside.len() - inside.trim_start().len());
    let rest = &text[start..range.end];
    if let Some(pointed) = rest.strip_prefix('<') {
        let length = pointed.find('>')?;
        return Some(start + 1..start + 1 + length);
    }
    let length = rest
        .find(|c: char| c.is_ascii_whitespace())
        .unwrap_or(rest.len());
    (length > 0).then(|| start..start + length)
}

/// Compiles a pattern that is part of the program.
pub(crate) fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| panic!("built-in pattern {pattern}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Structure {
        let reading = Reading {
            front_matter: true,
            formulas: true,
            escaped: "@",
        };
        super::read(text, reading)
    }

    fn prose(text: &str) -> Vec<&str> {
        read(text)
            .prose
            .into_iter()
            .map(|range| &text[range])
            .collect()
    }

    fn destinations(text: &str) -> Vec<&str> {
        read(text)
            .destinations
            .into_iter()
            .map(|range| &text[range])
            .collect()
    }

    #[test]
    fn code_html_and_entities_are_not_prose() {
        assert_eq!(prose("a `b` c"), ["a ", " c"]);
        assert_eq!(prose("```\nx\n```\ny"), ["y"]);
        assert_eq!(prose("- ```\n  x\n\ny"), ["y"]);
        assert_eq!(prose("    x\n\ny"), ["y"]);
        assert_eq!(prose("<div>\nx\n</div>\n\ny"), ["y"]);
        assert_eq!(prose("a <code>#1</code> b"), ["a ", " b"]);
        assert_eq!(prose("a &amp; b"), ["a ", " b"]);
        assert_eq!(prose("---\nt: x\n---\n\ny"), ["y"]);
        assert_eq!(prose("`a\nb` c"), [" c"]);
        assert_eq!(prose("unclosed\n\n```\nx"), ["unclosed"]);
    }

    #[test]
    fn labels_that_must_meet_a_definition_are_not_prose() {
        assert_eq!(prose("[x #1][]\n\n[x #1]: /u"), Vec::<&str>::new());
        assert_eq!(prose("[x #1]\n\n[x #1]: /u"), Vec::<&str>::new());
        assert_eq!(prose("[x #1][y]\n\n[y]: /u"), ["x #1"]);
        assert_eq!(prose("<https://e.org/#1>"), Vec::<&str>::new());
    }

    #[test]
    fn destinations_in_every_spelling() {
        assert_eq!(destinations("![a](/u/x.png)"), ["/u/x.png"]);
        assert_eq!(destinations("[a](</u/x y.png> \"t\")"), ["/u/x y.png"]);
        assert_eq!(destinations("[a]( /u/x 't' )"), ["/u/x"]);
        assert_eq!(destinations("[a][b]\n\n[b]: /u/x \"t\""), ["/u/x"]);
        assert_eq!(destinations("<img alt=\"\" src=\"/u/x\">"), ["/u/x"]);
        assert_eq!(destinations("t <a href='/u/x'>t</a>"), ["/u/x"]);
        assert_eq!(destinations("[![i](/u/i)](/u/o)"), ["/u/i", "/u/o"]);
        assert_eq!(destinations("[a](/u/f(1).png)"), ["/u/f(1).png"]);
        assert_eq!(destinations("`[a](/u/x)`"), Vec::<&str>::new());
        assert_eq!(destinations("[a [b] ](c) `](x)`"), ["c"]);
    }

    #[test]
    fn a_range_is_prose_only_if_it_lies_whole_in_it() {
        let structure = read("ab `cd` ef");
        assert!(structure.is_prose(&(0..2)));
        assert!(!structure.is_prose(&(1..5)));
        assert!(structure.is_prose(&(8..10)));
        assert!(!structure.is_prose(&(9..11)));
    }
}
