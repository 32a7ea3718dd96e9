//! Where a Markdown document is prose, and where its links lead.
//!
//! A real parser decides; a regular expression cannot see fences in lists, code spans over lines or
//! unclosed constructs. What is not named here is never touched, so code, HTML, escapes and
//! definitions stay byte for byte what they were.

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// What the rewriter may look at.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Structure {
    /// Bytes that a reader sees as plain prose, in order, neighbours merged.
    pub prose: Vec<Range<usize>>,
    /// Bytes of link and image destinations, in order, without angle brackets or quotes.
    pub destinations: Vec<Range<usize>>,
    /// Bytes of addresses in angle brackets, in order.
    pub autolinks: Vec<Range<usize>>,
    /// Bytes of whole links and images, in the order of their ends.
    pub links: Vec<Range<usize>>,
}

impl Structure {
    /// Whether a range lies whole in prose.
    pub fn is_prose(&self, range: &Range<usize>) -> bool {
        let after = self
            .prose
            .partition_point(|prose| prose.start <= range.start);
        after > 0 && range.end <= self.prose[after - 1].end
    }
}

/// The dialect that the forges share; some take a leading `---` block for front matter.
pub(crate) fn dialect(front_matter: bool) -> Options {
    let shared = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH;
    if front_matter {
        shared | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
    } else {
        shared
    }
}

/// Reads a document's structure in linear time.
pub fn read(text: &str) -> Structure {
    let mut walk = Walk {
        text,
        found: Structure::default(),
        hidden: 0,
        links: Vec::new(),
        html_code: 0,
    };
    let parser = Parser::new_ext(text, dialect(true));
    let mut definitions: Vec<Range<usize>> = parser
        .reference_definitions()
        .iter()
        .map(|(_, definition)| definition.span.clone())
        .collect();
    for (event, range) in parser.into_offset_iter() {
        walk.event(&event, &range);
    }
    let Walk { mut found, .. } = walk;
    definitions.sort_by_key(|span| span.start);
    for span in definitions {
        found
            .destinations
            .extend(definition_destination(text, span));
    }
    found.destinations.sort_by_key(|range| range.start);
    found.destinations.dedup();
    found
}

struct Walk<'a> {
    text: &'a str,
    found: Structure,
    /// Depth of constructs whose text is not prose: code, metadata, labels that must meet their
    /// definition, autolinks.
    hidden: usize,
    /// Open links and images: where their last child ended, and whether a destination follows.
    links: Vec<OpenLink>,
    /// Depth of `<code>`, `<kbd>`, `<pre>`, `<tt>`, `<a>` written as inline HTML.
    html_code: usize,
}

struct OpenLink {
    inline: bool,
    hides: bool,
    children_end: usize,
}

impl Walk<'_> {
    fn event(&mut self, event: &Event<'_>, range: &Range<usize>) {
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::MetadataBlock(_)) => {
                self.hidden += 1;
            }
            Event::End(TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::MetadataBlock(_)) => {
                self.hidden -= 1;
            }
            Event::Start(Tag::Link { link_type, .. } | Tag::Image { link_type, .. }) => {
                self.open(*link_type, range);
            }
            Event::End(TagEnd::Link | TagEnd::Image) => self.close(range),
            Event::Text(content) => self.prose(content, range),
            Event::InlineHtml(html) => self.html(html, range),
            Event::Html(_) => self.html_destinations(range),
            _ => {}
        }
        if !matches!(event, Event::Start(_))
            && let Some(link) = self.links.last_mut()
        {
            link.children_end = link.children_end.max(range.end);
        }
    }

    fn open(&mut self, link_type: LinkType, range: &Range<usize>) {
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
            self.found
                .destinations
                .extend(inline_destination(self.text, tail));
        }
        if let Some(outer) = self.links.last_mut() {
            outer.children_end = outer.children_end.max(range.end);
        }
    }

    fn prose(&mut self, content: &str, range: &Range<usize>) {
        // Where the text differs from the source it stands for an entity, and that is no prose that
        // could be rewritten in place.
        let verbatim = self.text.get(range.clone()) == Some(content);
        if self.hidden > 0 || self.html_code > 0 || !verbatim {
            return;
        }
        match self.found.prose.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.found.prose.push(range.clone()),
        }
    }

    fn html(&mut self, html: &str, range: &Range<usize>) {
        static TAG: LazyLock<Regex> =
            LazyLock::new(|| regex(r"(?i)^<(/?)(?:code|kbd|pre|tt|a)[\s/>]"));
        if let Some(tag) = TAG.captures(html) {
            if tag[1].is_empty() {
                self.html_code += 1;
            } else {
                self.html_code = self.html_code.saturating_sub(1);
            }
        }
        self.html_destinations(range);
    }

    /// `src` and `href` of a piece of HTML.
    fn html_destinations(&mut self, range: &Range<usize>) {
        static ATTRIBUTE: LazyLock<Regex> =
            LazyLock::new(|| regex(r#"(?i)\s(?:src|href)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')"#));
        let html = &self.text[range.clone()];
        for found in ATTRIBUTE.captures_iter(html) {
            if let Some(value) = found.get(1).or_else(|| found.get(2)) {
                self.found
                    .destinations
                    .push(range.start + value.start()..range.start + value.end());
            }
        }
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
