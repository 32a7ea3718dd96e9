//! Raw HTML in a Markdown document, as browsers and forges read it.
//!
//! What a forge looks for it finds in the text between tags too. Where readers of HTML disagree
//! about whether something is text, here it is.

use super::flow::Flow;
use super::structure::{self, Structure};
use std::ops::Range;

/// Elements of which forges do not look at the text.
pub(super) const QUIET: [&str; 2] = ["pre", "code"];

/// What can stand in those without any reader taking it for their end.
const PHRASES: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "mark", "pre", "q", "s", "samp", "small", "span", "strike",
    "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];

/// Elements that have no end.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];

/// Elements that no forge dissolves: what stands on both sides of their tags are two texts to all.
const BLOCKS: &[&str] = &[
    "blockquote",
    "br",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];

/// Elements in which tags are text.
const RAW: &[&str] = &[
    "iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp",
];

/// Beginnings of the names of entities that need no semicolon.
const OPEN_ENDED: &[&str] = &[
    "AElig", "AMP", "Aacute", "Acirc", "Agrave", "Aring", "Atilde", "Auml", "COPY", "Ccedil",
    "ETH", "Eacute", "Ecirc", "Egrave", "Euml", "GT", "Iacute", "Icirc", "Igrave", "Iuml", "LT",
    "Ntilde", "Oacute", "Ocirc", "Ograve", "Oslash", "Otilde", "Ouml", "QUOT", "REG", "THORN",
    "Uacute", "Ucirc", "Ugrave", "Uuml", "Yacute", "aacute", "acirc", "acute", "aelig", "agrave",
    "amp", "aring", "atilde", "auml", "brvbar", "ccedil", "cedil", "cent", "copy", "curren", "deg",
    "divide", "eacute", "ecirc", "egrave", "eth", "euml", "frac12", "frac14", "frac34", "gt",
    "iacute", "icirc", "iexcl", "igrave", "iquest", "iuml", "laquo", "lt", "macr", "micro",
    "middot", "nbsp", "not", "ntilde", "oacute", "ocirc", "ograve", "ordf", "ordm", "oslash",
    "otilde", "ouml", "para", "plusmn", "pound", "quot", "raquo", "reg", "sect", "shy", "sup1",
    "sup2", "sup3", "szlig", "thorn", "times", "uacute", "ucirc", "ugrave", "uml", "uuml",
    "yacute", "yen", "yuml",
];

/// The elements that are open.
#[derive(Debug, Default)]
pub struct Open {
    stack: Vec<String>,
    /// The depth of the outermost quiet one.
    quiet: Option<usize>,
    /// One in which everything is text, until it is closed.
    raw: Option<String>,
    /// A tag or a comment does not end where it should.
    torn: bool,
}

impl Open {
    /// Whether forges pass over the text that comes here.
    pub fn is_quiet(&self) -> bool {
        self.quiet.is_some()
    }

    /// Whether the text that comes here is that of a link.
    pub fn is_link(&self) -> bool {
        self.stack.iter().any(|name| name == "a")
    }

    /// In which everything is text until it is closed, wherever that is.
    pub(super) fn raw(&self) -> Option<&str> {
        self.raw.as_deref()
    }

    /// Whether a tag or a comment was not closed: it takes along what follows.
    pub(super) fn is_torn(&self) -> bool {
        self.torn
    }

    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.stack.len()
    }

    /// Emphasis ends that began where so many were open.
    pub(super) fn end_of_emphasis(&mut self, depth: usize) {
        self.stack.truncate(depth);
        self.quiet = self.quiet.filter(|quiet| *quiet < depth);
    }

    /// Another block begins: only what no block ends is still open.
    pub(super) fn end_of_block(&mut self) {
        self.stack.clear();
        self.quiet = None;
    }

    fn open(&mut self, name: &str, closes_itself: bool, may_end: bool) {
        if !PHRASES.contains(&name) {
            self.quiet = None;
        }
        if closes_itself || VOID.contains(&name) {
            return;
        }
        // Nothing that is meant nests that deep, and a search through it is not for nothing.
        if self.stack.len() >= 64 {
            self.stack.clear();
            self.quiet = None;
        }
        if QUIET.contains(&name) && self.quiet.is_none() && !may_end {
            self.quiet = Some(self.stack.len());
        }
        self.stack.push(name.to_owned());
    }

    fn close(&mut self, name: &str) {
        if self.raw() == Some(name) {
            self.raw = None;
        }
        let Some(at) = self.stack.iter().rposition(|open| open == name) else {
            return;
        };
        self.stack.truncate(at);
        self.quiet = self.quiet.filter(|quiet| *quiet < at);
    }
}

/// Raw HTML in pieces, because what makes a quote or a list may stand between its lines.
#[derive(Debug, Default)]
pub struct Raw {
    text: String,
    /// Where each piece begins, here and in the source.
    pieces: Vec<(usize, usize)>,
    /// Something that its reader does not see may end what is opened in it.
    pub(super) may_end: bool,
}

impl Raw {
    /// Adds a piece.
    pub fn push(&mut self, source: &str, range: &Range<usize>) {
        let goes_on = self
            .pieces
            .last()
            .is_some_and(|(here, there)| there + (self.text.len() - here) == range.start);
        if !goes_on {
            self.pieces.push((self.text.len(), range.start));
        }
        self.text.push_str(&source[range.clone()]);
    }

    /// Parts of the source that are together what stands here.
    fn source(&self, range: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
        let first = self
            .pieces
            .partition_point(|(here, _)| *here <= range.start)
            - 1;
        (first..self.pieces.len())
            .map_while(move |index| {
                let (here, there) = self.pieces[index];
                let next = self.pieces.get(index + 1).map_or(self.text.len(), |p| p.0);
                let (start, end) = (range.start.max(here), range.end.min(next));
                (start < range.end).then(|| there + (start - here)..there + (end - here))
            })
            .filter(|part| !part.is_empty())
    }

    /// Reads it: what is text goes to the flow, where links lead to the destinations.
    pub fn read(&self, source: &str, open: &mut Open, found: &mut Structure) {
        let html = self.text.as_str();
        let mut at = 0;
        while at < html.len() {
            let next = html[at..].find('<').map_or(html.len(), |found| at + found);
            self.text(source, at..next, Inside::of(open), found);
            if next == html.len() {
                break;
            }
            let (end, tag, is_whole) = tag(html, next);
            open.torn |= !is_whole;
            if let Tag::None = tag {
                self.text(source, next..end, Inside::of(open), found);
                at = end;
                continue;
            }
            tag.separate(&mut found.flow);
            at = end;
            match tag {
                Tag::None | Tag::Other => {}
                Tag::Close(name) => open.close(&name),
                Tag::Open {
                    name,
                    closes_itself,
                    leads,
                } => {
                    for (value, attribute) in leads {
                        let mut there = self.source(value);
                        let (Some(one), None) = (there.next(), there.next()) else {
                            continue;
                        };
                        if name != "a" || attribute != Lead::Followed {
                            found.images.push(one.clone());
                        }
                        found.destinations.push(one);
                    }
                    open.open(&name, closes_itself, self.may_end);
                    if RAW.contains(&name.as_str()) && !closes_itself {
                        let close = format!("</{name}");
                        let rest = &html[at..];
                        let inside = find_ignoring_case(rest, &close);
                        if inside.is_none() {
                            open.raw = Some(name);
                        }
                        let inside = inside.unwrap_or(rest.len());
                        let quiet = if open.is_quiet() {
                            Inside::Quiet
                        } else {
                            Inside::Link
                        };
                        self.text(source, at..at + inside, quiet, found);
                        at += inside;
                    }
                }
            }
        }
    }

    /// Reads it as text in which tags are none.
    pub(super) fn plain(&self, source: &str, found: &mut Structure) {
        self.text(source, 0..self.text.len(), Inside::Link, found);
    }

    /// Text between tags, in which entities stand for characters.
    fn text(&self, source: &str, range: Range<usize>, inside: Inside, found: &mut Structure) {
        if range.is_empty() {
            return;
        }
        let Structure { flow, markup, .. } = found;
        if inside == Inside::Quiet {
            flow.gap();
            return;
        }
        if inside == Inside::Text {
            for part in self.source(range.clone()) {
                structure::push(markup, part);
            }
        }
        let (mut said, end) = (range.start, range.end);
        let mut at = said;
        let say = |flow: &mut Flow, part: Range<usize>| {
            for part in self.source(part) {
                flow.say(source, part);
            }
        };
        while let Some(found) = self.text[at..end].find('&') {
            at += found;
            let Some((length, shown)) = entity(&self.text[at..end]) else {
                at += 1;
                continue;
            };
            say(flow, said..at);
            let whole = at..at + length;
            let mut parts = self.source(whole.clone());
            match (parts.next(), parts.next(), shown) {
                (Some(part), None, Some(shown)) => flow.stand_in(&shown.as_str(), part),
                _ => {
                    say(flow, whole);
                    flow.seam();
                }
            }
            at += length;
            said = at;
        }
        say(flow, said..end);
    }
}

/// In what a text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// A link can stand there.
    Text,
    /// A link, or what takes tags for text.
    Link,
    /// What forges pass over.
    Quiet,
}

impl Inside {
    fn of(open: &Open) -> Self {
        if open.is_quiet() {
            Self::Quiet
        } else if open.is_link() {
            Self::Link
        } else {
            Self::Text
        }
    }
}

/// What the value of an attribute leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// Where a click on it leads: `href`.
    Followed,
    /// What is shown there: `src`.
    Shown,
}

/// Where values of attributes stand that lead somewhere.
type Leads = Vec<(Range<usize>, Lead)>;

/// What begins with `<`.
enum Tag {
    /// No tag: the character itself.
    None,
    /// A comment, a declaration or the like.
    Other,
    /// `<name …>`
    Open {
        /// In small letters.
        name: String,
        /// It ends with a slash.
        closes_itself: bool,
        /// Where the values of `href` and `src` stand.
        leads: Leads,
    },
    /// `</name>`
    Close(String),
}

impl Tag {
    /// Sets apart what stands before it from what comes.
    fn separate(&self, flow: &mut Flow) {
        match self {
            Self::Open { name, .. } | Self::Close(name) if BLOCKS.contains(&name.as_str()) => {
                flow.gap();
            }
            _ => flow.seam(),
        }
    }
}

/// What stands at a `<`, where it ends, and whether it does.
fn tag(html: &str, at: usize) -> (usize, Tag, bool) {
    let rest = &html[at..];
    let other = |end: Option<usize>| {
        let is_whole = end.is_some();
        (end.map_or(html.len(), |end| at + end), Tag::Other, is_whole)
    };
    let end = |rest: &str| rest.find('>').map(|end| end + 1);
    if let Some(comment) = rest.strip_prefix("<!--") {
        if let Some(short) = [">", "->"].iter().find(|end| comment.starts_with(**end)) {
            return other(Some(4 + short.len()));
        }
        return other(end_of_comment(comment).map(|end| 4 + end));
    }
    if rest.starts_with("<!") || rest.starts_with("<?") {
        return other(end(rest));
    }
    let closes = rest.starts_with("</");
    let name_at = 1 + usize::from(closes);
    if !rest[name_at..].starts_with(|c: char| c.is_ascii_alphabetic()) {
        return if closes {
            other(end(rest))
        } else {
            (at + 1, Tag::None, true)
        };
    }
    let name = &rest[name_at..];
    let length = name
        .find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))
        .unwrap_or(name.len());
    let name = name[..length].to_ascii_lowercase();
    let (end, closes_itself, leads) = attributes(html, at + name_at + length);
    let is_whole = end.is_some();
    let tag = if closes {
        Tag::Close(name)
    } else {
        Tag::Open {
            name,
            closes_itself,
            leads,
        }
    };
    (end.unwrap_or(html.len()), tag, is_whole)
}

/// Where a comment ends, of which the beginning was taken off.
fn end_of_comment(comment: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += comment[at..].find("--")?;
        let behind = &comment[at + 2..];
        let end = [">", "!>"].into_iter().find(|end| behind.starts_with(end));
        if let Some(end) = end {
            return Some(at + 2 + end.len());
        }
        at += 1;
    }
}

/// Reads what stands in a tag behind its name: where the tag ends if it does, whether with a slash,
/// and the values of `href` and `src`.
fn attributes(html: &str, mut at: usize) -> (Option<usize>, bool, Leads) {
    let bytes = html.as_bytes();
    let mut leads = Vec::new();
    let blank = |b: u8| b.is_ascii_whitespace();
    loop {
        while bytes.get(at).is_some_and(|b| blank(*b) || *b == b'/') {
            at += 1;
        }
        match bytes.get(at) {
            None => return (None, false, leads),
            Some(b'>') => return (Some(at + 1), bytes[at - 1] == b'/', leads),
            Some(_) => {}
        }
        let name = at;
        at += 1;
        while bytes
            .get(at)
            .is_some_and(|b| !blank(*b) && !matches!(b, b'/' | b'>' | b'='))
        {
            at += 1;
        }
        let mut leads_so = [("href", Lead::Followed), ("src", Lead::Shown)].into_iter();
        let lead = leads_so.find(|(lead, _)| bytes[name..at].eq_ignore_ascii_case(lead.as_bytes()));
        while bytes.get(at).is_some_and(|b| blank(*b)) {
            at += 1;
        }
        if bytes.get(at) != Some(&b'=') {
            continue;
        }
        at += 1;
        while bytes.get(at).is_some_and(|b| blank(*b)) {
            at += 1;
        }
        let value = match bytes.get(at) {
            Some(quote @ (b'"' | b'\'')) => {
                let start = at + 1;
                let length = bytes[start..].iter().position(|b| b == quote);
                let Some(length) = length else {
                    return (None, false, leads);
                };
                at = start + length + 1;
                start..start + length
            }
            _ => {
                let start = at;
                while bytes.get(at).is_some_and(|b| !blank(*b) && *b != b'>') {
                    at += 1;
                }
                start..at
            }
        };
        if let Some((_, lead)) = lead.filter(|_| !value.is_empty()) {
            leads.push((value, lead));
        }
    }
}

pub(super) fn find_ignoring_case(text: &str, what: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = text[at..].find('<') {
        at += found;
        let there = bytes.get(at..at + what.len())?;
        if there.eq_ignore_ascii_case(what.as_bytes()) {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// An entity at the beginning of a text: its length, and the character that it stands for as far as
/// any grammar knows it. Without one it may stand for something or for itself.
pub fn entity(text: &str) -> Option<(usize, Option<Shown>)> {
    let inside = text.strip_prefix('&')?;
    if let Some(number) = inside.strip_prefix('#') {
        let (digits, base, prefix) = match number.strip_prefix(['x', 'X']) {
            Some(hex) => (hex, 16, 3),
            None => (number, 10, 2),
        };
        let length = digits
            .find(|c: char| !c.is_digit(base))
            .unwrap_or(digits.len());
        if length == 0 {
            return None;
        }
        let value = digits[..length].trim_start_matches('0');
        let code = u32::from_str_radix(value, base).ok();
        let shown = code.and_then(char::from_u32).filter(|c| *c != '\0');
        let end = usize::from(digits[length..].starts_with(';'));
        let shown = Shown::One(shown.unwrap_or(char::REPLACEMENT_CHARACTER));
        return Some((prefix + length + end, Some(shown)));
    }
    let length = inside
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(inside.len());
    let name = &inside[..length];
    if name.is_empty() || !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    if !inside[length..].starts_with(';') {
        // Some need none, whatever letters follow.
        let known = OPEN_ENDED.iter().any(|open| name.starts_with(open));
        return known.then_some((1 + length, None));
    }
    Some((2 + length, Some(named(name))))
}

/// What is shown next to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Near {
    /// A character.
    Shown(char),
    /// A character, on the other side of tags that not every forge keeps.
    Across(char),
    /// Nothing that could belong to a word.
    Nothing,
}

impl Near {
    /// Whether a character stands there of which something is true.
    pub fn is(self, is_so: impl Fn(char) -> bool) -> bool {
        match self {
            Self::Shown(c) | Self::Across(c) => is_so(c),
            Self::Nothing => false,
        }
    }
}

/// How far is looked at: no entity of ASCII is longer, and hardly a tag that anybody writes.
const NEAR: usize = 200;

/// What may stand on the other side of a longer tag: part of a word.
const FAR: Near = Near::Across('x');

/// Whether a tag that began far in front may end where a text ends, with a `>`: none goes on over a
/// blank line or into a quote, or has nothing behind the `=` of an attribute.
fn may_end_tag(text: &str) -> bool {
    let before = text.trim_end_matches(['>', ' ', '\t']);
    !before.ends_with(['\n', '=']) && !before.is_empty() && !text.contains("\n\n")
}

/// What a text begins with.
pub fn shown_behind(text: &str) -> Near {
    let mut rest = &text[..text.floor_char_boundary(NEAR)];
    let all = rest.len();
    while rest.starts_with('<') && tag_name(rest).is_some_and(|name| !is_kept(&name)) {
        let Some(end) = rest.find('>') else {
            if all < text.len() && !rest.contains("\n\n") {
                return FAR;
            }
            break;
        };
        rest = &rest[end + 1..];
    }
    let shown = match entity(rest) {
        Some((_, shown)) => shown.map(Shown::first),
        None => rest.chars().next(),
    };
    near(shown, rest.len() < all)
}

/// What a text ends with.
pub fn shown_before(text: &str) -> Near {
    let from = text.floor_char_boundary(text.len().saturating_sub(NEAR));
    let mut rest = &text[from..];
    while rest.ends_with('>') {
        let Some(at) = rest.rfind('<') else {
            if from > 0 && may_end_tag(rest) {
                return FAR;
            }
            break;
        };
        if tag_name(&rest[at..]).is_none_or(|name| is_kept(&name)) {
            break;
        }
        rest = &rest[..at];
    }
    let at = rest.rfind('&').filter(|_| rest.ends_with(';'));
    let entity =
        at.and_then(|at| entity(&rest[at..]).filter(|(length, _)| at + length == rest.len()));
    let shown = match entity {
        Some((_, shown)) => shown.map(Shown::last),
        None => rest.chars().next_back(),
    };
    near(shown, rest.len() < text.len() - from)
}

fn near(shown: Option<char>, across: bool) -> Near {
    match shown {
        Some(c) if across => Near::Across(c),
        Some(c) => Near::Shown(c),
        None => Near::Nothing,
    }
}

/// The name of a tag in small letters, empty of a comment; `None`: it is no tag.
fn tag_name(tag: &str) -> Option<String> {
    let inside = tag[1..].trim_start_matches('/');
    let length = inside.find(|c: char| !c.is_ascii_alphanumeric());
    let name = inside[..length.unwrap_or(inside.len())].to_ascii_lowercase();
    let is_tag = inside.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '!' | '?'));
    is_tag.then_some(name)
}

fn is_kept(name: &str) -> bool {
    BLOCKS.contains(&name) || PHRASES.contains(&name)
}

/// What an entity stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A character.
    One(char),
    /// The one that stands for two.
    Fj,
}

impl Shown {
    fn first(self) -> char {
        match self {
            Self::One(c) => c,
            Self::Fj => 'f',
        }
    }

    fn last(self) -> char {
        match self {
            Self::One(c) => c,
            Self::Fj => 'j',
        }
    }

    /// As text.
    pub fn as_str(self) -> String {
        match self {
            Self::One(c) => c.to_string(),
            Self::Fj => "fj".to_owned(),
        }
    }
}

/// The character that a named entity stands for, if it is one of ASCII: no grammar knows others.
fn named(name: &str) -> Shown {
    Shown::One(match name {
        "Tab" => '\t',
        "NewLine" => '\n',
        "excl" => '!',
        "quot" | "QUOT" => '"',
        "num" => '#',
        "dollar" => '$',
        "percnt" => '%',
        "amp" | "AMP" => '&',
        "apos" => '\'',
        "lpar" => '(',
        "rpar" => ')',
        "ast" | "midast" => '*',
        "plus" => '+',
        "comma" => ',',
        "period" => '.',
        "sol" => '/',
        "colon" => ':',
        "semi" => ';',
        "lt" | "LT" => '<',
        "equals" => '=',
        "gt" | "GT" => '>',
        "quest" => '?',
        "commat" => '@',
        "lsqb" | "lbrack" => '[',
        "bsol" => '\\',
        "rsqb" | "rbrack" => ']',
        "Hat" => '^',
        "lowbar" | "UnderBar" => '_',
        "grave" | "DiacriticalGrave" => '`',
        "lcub" | "lbrace" => '{',
        "verbar" | "vert" | "VerticalLine" => '|',
        "rcub" | "rbrace" => '}',
        "fjlig" => return Shown::Fj,
        _ => char::REPLACEMENT_CHARACTER,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::flow::SEAM;

    /// What is text of a piece of HTML, with `|` where a tag was, and where its links lead.
    fn read(html: &str) -> (String, Vec<&str>) {
        let mut raw = Raw::default();
        raw.push(html, &(0..html.len()));
        let mut found = Structure::default();
        raw.read(html, &mut Open::default(), &mut found);
        let leads = found.destinations.into_iter();
        let leads = leads.map(|range| &html[range]).collect();
        (found.flow.text().replace(SEAM, "|"), leads)
    }

    #[test]
    fn text_between_tags_is_found() {
        for (html, text) in [
            ("<div>a</div> b", "\na\n b"),
            ("a < b & c", "a < b & c"),
            ("<p title='<b>'>a", "\na"),
            ("<p \" > a \">", "\n a \">"),
            ("<p a=b>c>d", "\nc>d"),
            ("<!-- a -->b", "|b"),
            ("<!--> a -->", "| a -->"),
            ("<!-- a --!> b", "| b"),
            ("<? a > b ?>", "| b ?>"),
            ("<![CDATA[ a > b ]]>", "| b ]]>"),
            ("</ a > b", "| b"),
            ("<pre>a</pre>b", "|\n|b"),
            ("<code>a<b>c</b></code>d", "|\n|d"),
            ("<kbd>a</kbd>", "|a|"),
            ("<pre>a<li>b</pre>c", "|\nb|c"),
            ("<code><i></code>a</i>", "||a|"),
            ("<code/>a", "|a"),
            ("<style><!--</style>a-->", "|<!--|a-->"),
            ("<p", "\n"),
        ] {
            let shown = read(html).0.replace("\n|", "\n").replace("||", "|");
            let text = text.replace("\n|", "\n").replace("||", "|");
            let shown = shown.trim_end_matches('|');
            assert_eq!(shown, text.trim_end_matches('|'), "{html}");
        }
    }

    #[test]
    fn p8_a_long_tag_hides_nothing_that_may_stand_behind_it() {
        let tag = format!("<x a=\"{}\">", "b".repeat(2 * NEAR));
        assert_eq!(shown_behind(&format!("{tag}2")), FAR);
        assert_eq!(shown_before(&format!("other{tag}")), FAR);
        assert_eq!(shown_behind("<x>2"), Near::Across('2'));
        assert_eq!(shown_before("other<x>"), Near::Across('r'));
        let words = "word ".repeat(NEAR);
        for text in ["a =>", "a\n>", "a\n\nb ->"] {
            assert_eq!(shown_before(&format!("{words}{text}")), Near::Shown('>'));
        }
        assert_eq!(shown_behind(&format!("<x\n\n{words}")), Near::Shown('<'));
        assert_eq!(shown_behind(&format!("< {words}")), Near::Shown('<'));
    }

    #[test]
    fn entities_are_what_they_stand_for() {
        for (html, text) in [
            ("&#64;a &#x40;b &commat;c", "@a @b @c"),
            ("&#64a &#00064;", "@a @"),
            ("&amp;1 &amp", "&1 &amp|"),
            ("&fjlig;", "fj"),
            ("&nbsp;x", "\u{fffd}x"),
            ("&copy@a", "&copy|@a"),
            ("& &; &#; &#x;", "& &; &#; &#x;"),
            ("&#0;&#9999999999;", "\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(read(html).0, text, "{html}");
        }
    }

    #[test]
    fn links_lead_somewhere() {
        let html = "<a href=\"x\"><img SRC = 'y'><a href=z data-src=q href><video\nsrc='v'/>";
        assert_eq!(read(html).1, ["x", "y", "z", "v"]);
    }
}
