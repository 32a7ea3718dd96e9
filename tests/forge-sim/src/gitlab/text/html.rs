//! A rendered page as the filters walk it: texts and links, without what is sanitised away.

mod elements;
mod tags;

pub(super) use tags::decoded;

use elements::{INLINE, KEPT, VOID};
use regex::Regex;
use std::sync::LazyLock;
use tags::{Tag, comment_length, tag};

/// A piece of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// A text between two tags, which is looked at for references.
    Text(String),
    /// A link: where it leads, and its text.
    Link(String, String),
    /// What a reader sees and nothing looks at; blocks begin on a new line.
    Other(String),
}

/// A page.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// What it shows, in order.
    pub(super) nodes: Vec<Node>,
    /// Where images and their kin are had from, with the text in their place.
    pub(super) images: Vec<(String, String)>,
}

/// Characters that are not read as references where they are escaped
/// (lib/banzai/filter/markdown_engines/glfm_markdown.rb).
const SIGILS: &str = "$%#&@!~^:";

/// Reads a page.
pub(super) fn page(html: &str) -> Page {
    read(html, true)
}

/// Reads what was never Markdown: no links with blanks are looked for in it
/// (lib/banzai/pipeline/single_line_pipeline.rb).
pub(super) fn line(html: &str) -> Page {
    read(html, false)
}

fn read(html: &str, with_blanks: bool) -> Page {
    let mut walk = Walk {
        html,
        at: 0,
        open: Vec::new(),
        text: String::new(),
        link: None,
        with_blanks,
        page: Page::default(),
    };
    walk.run();
    walk.page
}

struct Walk<'a> {
    html: &'a str,
    at: usize,
    open: Vec<String>,
    /// The text since the last tag.
    text: String,
    /// An open link: where it leads, and its text so far.
    link: Option<(String, String)>,
    /// Links with blanks in them are none yet.
    with_blanks: bool,
    page: Page,
}

impl Walk<'_> {
    fn run(&mut self) {
        while let Some(found) = self.html[self.at..].find('<') {
            self.words(self.at..self.at + found);
            self.at += found;
            self.markup();
        }
        self.words(self.at..self.html.len());
        self.end_text();
        self.end_link();
    }

    fn words(&mut self, range: std::ops::Range<usize>) {
        let text = decoded(&self.html[range]);
        self.text.push_str(&text);
    }

    fn markup(&mut self) {
        let rest = &self.html[self.at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            self.end_text();
            self.at += 4 + comment_length(comment);
            return;
        }
        let second = rest[1..].chars().next().unwrap_or(' ');
        let third = rest.chars().nth(2).unwrap_or(' ');
        if matches!(second, '!' | '?') || (second == '/' && !third.is_ascii_alphabetic()) {
            self.end_text();
            self.at += rest.find('>').map_or(rest.len(), |end| end + 1);
            return;
        }
        if !second.is_ascii_alphabetic() && second != '/' {
            self.text.push('<');
            self.at += 1;
            return;
        }
        match tag(rest) {
            Some((tag, length)) => {
                self.at += length;
                self.tag(tag);
            }
            None => self.at = self.html.len(),
        }
    }

    fn tag(&mut self, tag: Tag) {
        if tag.attributes.contains_key("data-escaped-char") && !tag.closes {
            self.escaped();
            return;
        }
        let name = tag.name.as_str();
        if tag.closes {
            self.close(name);
            return;
        }
        // What stands in a script goes with it; in these others it is text, whatever it looks like.
        if [
            "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes",
        ]
        .contains(&name)
        {
            let rest = &self.html[self.at..];
            let end = format!("</{name}");
            let length = rest.to_ascii_lowercase().find(&end).unwrap_or(rest.len());
            if name != "script" {
                let inside = self.at..self.at + length;
                self.words(inside);
            }
            self.at += length;
            return;
        }
        if !KEPT.contains(&name) {
            return;
        }
        self.end_text();
        self.separate(name);
        let attribute = |name: &str| tag.attributes.get(name).cloned();
        if let Some(source) = attribute("src") {
            let alternative = attribute("alt").unwrap_or_default();
            match &mut self.link {
                Some((_, inside)) => inside.push_str(&alternative),
                None => self.page.nodes.push(Node::Other(alternative.clone())),
            }
            self.page.images.push((source, alternative));
        }
        if name == "a" {
            self.end_link();
            let is_ours =
                attribute("class").is_some_and(|class| class.split(' ').any(|one| one == "gfm"));
            if let Some(href) = attribute("href").filter(|href| !href.is_empty() && !is_ours) {
                self.link = Some((href, String::new()));
            }
        }
        if !VOID.contains(&name) {
            self.open.push(tag.name);
        }
    }

    /// A character behind a backslash stands alone if it could begin a reference.
    fn escaped(&mut self) {
        let rest = &self.html[self.at..];
        let length = rest.find("</span>").unwrap_or(rest.len());
        let character = decoded(&rest[..length]);
        self.at = (self.at + length + "</span>".len()).min(self.html.len());
        let alone = character.chars().all(|c| SIGILS.contains(c));
        if alone {
            self.end_text();
        }
        self.text.push_str(&character);
        if alone {
            self.end_text();
        }
    }

    fn close(&mut self, name: &str) {
        if !KEPT.contains(&name) {
            return;
        }
        self.end_text();
        self.separate(name);
        let Some(at) = self.open.iter().rposition(|open| open == name) else {
            return;
        };
        // What was not closed in it ends with it.
        self.open.truncate(at);
        if !self.open.iter().any(|open| open == "a") {
            self.end_link();
        }
    }

    fn separate(&mut self, name: &str) {
        if !INLINE.contains(&name) {
            self.page.nodes.push(Node::Other("\n".to_owned()));
        }
    }

    fn is_in(&self, names: &[&str]) -> bool {
        self.open.iter().any(|open| names.contains(&open.as_str()))
    }

    fn end_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        if text.is_empty() {
            return;
        }
        if let Some((_, inside)) = &mut self.link {
            inside.push_str(&text);
            return;
        }
        if self.is_in(&["pre", "code", "a"]) {
            self.page.nodes.push(Node::Other(text));
            return;
        }
        if self.is_in(&["kbd"]) {
            self.page.nodes.push(Node::Text(text));
            return;
        }
        self.spaced(&text);
    }

    /// Links with blanks in their address, which Markdown knows none of, are made and read as Markdown
    /// again (lib/banzai/filter/spaced_link_filter.rb).
    fn spaced(&mut self, text: &str) {
        static LINK: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r#"(?P<shows>!)?\[(?P<text>.+?)\]\((?P<link>.+?)(?P<title> ".+?")?\)"#)
                .expect("a pattern")
        });
        let mut at = 0;
        let found = LINK.captures_iter(if self.with_blanks { text } else { "" });
        for found in found {
            let whole = found.get(0).map_or(0..0, |whole| whole.range());
            self.linked(&text[at..whole.start]);
            at = whole.end;
            let part = |name: &str| {
                let part = found.name(name).map_or("", |part| part.as_str());
                part.replace('&', "&amp;").replace('<', "&lt;")
            };
            let link = part("link").replace(' ', "%20");
            let again = format!(
                "{}[{}]({link}{})",
                part("shows"),
                part("text"),
                part("title")
            );
            let page = super::markdown::plain(&again);
            let mut inside = Walk {
                html: page.trim_end(),
                at: 0,
                open: Vec::new(),
                text: String::new(),
                link: None,
                with_blanks: false,
                page: Page::default(),
            };
            inside.run();
            let nodes = inside.page.nodes.into_iter();
            let nodes = nodes.filter(|node| *node != Node::Other("\n".to_owned()));
            self.page.nodes.extend(nodes);
            self.page.images.extend(inside.page.images);
        }
        self.linked(&text[at..]);
    }

    /// Addresses that the parser did not link, as those in HTML, are linked now
    /// (lib/banzai/filter/autolink_filter.rb).
    fn linked(&mut self, text: &str) {
        static ADDRESS: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"[a-z][a-z0-9+.-]+://[^\s>]+").expect("a pattern"));
        let mut at = 0;
        for found in ADDRESS.find_iter(text) {
            let mut address = found.as_str().trim_end_matches(['?', '!', '.', ',', ':']);
            if let Some(end) = address.chars().next_back()
                && is_unpaired(end, address)
            {
                address = &address[..address.len() - end.len_utf8()];
            }
            let words = &text[at..found.start()];
            if !words.is_empty() {
                self.page.nodes.push(Node::Text(words.to_owned()));
            }
            let link = Node::Link(address.to_owned(), address.to_owned());
            self.page.nodes.push(link);
            at = found.start() + address.len();
        }
        if at < text.len() {
            self.page.nodes.push(Node::Text(text[at..].to_owned()));
        }
    }

    fn end_link(&mut self) {
        if let Some((href, text)) = self.link.take() {
            self.page.nodes.push(Node::Link(href, text));
        }
    }
}

/// Whether a bracket or a quote at the end of an address is none of it.
fn is_unpaired(end: char, address: &str) -> bool {
    let opens = match end {
        ')' => '(',
        ']' => '[',
        '}' => '{',
        '\'' | '"' => return true,
        _ => return false,
    };
    address.matches(opens).count() != address.matches(end).count()
}

#[cfg(test)]
mod tests {
    use super::{Node, page};

    fn texts(html: &str) -> Vec<String> {
        page(html)
            .nodes
            .into_iter()
            .filter_map(|node| match node {
                Node::Text(text) => Some(text),
                Node::Link(..) | Node::Other(_) => None,
            })
            .collect()
    }

    #[test]
    fn texts_end_at_tags_that_stay() {
        assert_eq!(texts("<p>a <em>b</em> c</p>"), ["a ", "b", " c"]);
        assert_eq!(texts("a<!-- b -->c"), ["a", "c"]);
        assert_eq!(texts("a<blink>b</blink>c"), ["abc"], "it is taken away");
        assert_eq!(texts("a<script>b</script>c"), ["ac"]);
        assert_eq!(texts("<style>b</style>"), ["b"]);
        assert_eq!(
            texts("a < b &amp; &#64;c &commat;d &ampe"),
            ["a < b & @c @d &e"]
        );
    }

    #[test]
    fn code_and_links_are_passed_over() {
        assert!(texts("<code>a</code><pre>b</pre><a href='c'>d</a>").is_empty());
        assert_eq!(
            texts("<p><code>a</p><p>b</p>"),
            ["b"],
            "what was not closed ends"
        );
        assert_eq!(texts("<kbd>a</kbd>"), ["a"]);
        assert_eq!(
            page("<a href='x&amp;y'>d <em>e</em></a>").nodes,
            [Node::Link("x&y".into(), "d e".into())]
        );
    }

    #[test]
    fn escaped_sigils_stand_alone() {
        let span = |c: &str| format!("a<span data-escaped-char>{c}</span>b");
        assert_eq!(texts(&span("@")), ["a", "@", "b"]);
        assert_eq!(texts(&span("_")), ["a_b"]);
        assert_eq!(texts(&span("&lt;")), ["a<b"]);
    }

    #[test]
    fn addresses_in_html_are_linked() {
        assert_eq!(
            page("<b>see https://e.org/x.</b>").nodes,
            [
                Node::Text("see ".into()),
                Node::Link("https://e.org/x".into(), "https://e.org/x".into()),
                Node::Text(".".into()),
            ]
        );
    }

    #[test]
    fn comments_end_as_browsers_end_them() {
        assert_eq!(texts("<!--> a"), [" a"]);
        assert_eq!(texts("<!-- > a --> b"), [" b"]);
        assert_eq!(texts("<![CDATA[ a > b ]]>"), [" b ]]>"]);
        assert_eq!(texts("<?php a ?>b"), ["b"]);
        assert!(texts("<!-- a").is_empty());
    }
}
