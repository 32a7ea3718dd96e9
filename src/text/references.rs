//! How a text names an issue, or something else that has a number: the source's grammar.
//!
//! Only read here; what becomes of it is decided by whoever rewrites the text.

mod address;

use super::html::{self, Near};
use std::borrow::Cow;
use std::ops::Range;

/// What is referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `#12`, `GL-12`, `[issue:12]`
    Issue,
    /// `!12`
    MergeRequest,
    /// `&12`, `[epic:12]`
    Epic,
    /// `$12`
    Snippet,
}

impl Kind {
    /// What stands before the number in the shortest spelling.
    pub fn sigil(self) -> char {
        match self {
            Self::Issue => '#',
            Self::MergeRequest => '!',
            Self::Epic => '&',
            Self::Snippet => '$',
        }
    }
}

/// What is to be shown of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Style {
    /// The reference itself.
    #[default]
    Plain,
    /// `+`: its title.
    Title,
    /// `+s`: its title, who works on it, and more.
    Summary,
}

impl Style {
    /// What stands behind the number.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Title => "+",
            Self::Summary => "+s",
        }
    }
}

/// In what a reference stands, and so what can stand there instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// In prose, as a short spelling: any inline Markdown.
    Text,
    /// In prose, as an address that makes a link by itself: any inline Markdown.
    Address,
    /// Where a link leads: an address.
    Destination,
}

/// Something in a text that refers to an issue or its like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// Where it stands, in bytes; of an address in angle brackets, with these.
    pub range: Range<usize>,
    /// In what it stands.
    pub place: Place,
    /// What is referred to.
    pub kind: Kind,
    /// Of an address, the server with its port.
    pub host: Option<&'a str>,
    /// The project as written, or of an epic the group; of an address, the whole path of it.
    pub project: Option<Cow<'a, str>>,
    /// The number in its project.
    pub number: u64,
    /// How many zeros are written in front of it.
    pub zeros: usize,
    /// One comment of it.
    pub comment: Option<u64>,
    /// Another part of its page, as behind `#` in an address.
    pub part: Option<&'a str>,
    /// What is to be shown of it.
    pub style: Style,
    /// It stands in raw HTML, where only HTML makes a link.
    pub markup: bool,
    /// A name ends with its project: it is one only if there is such a project, and so nobody and no
    /// group of that name.
    pub named: bool,
}

impl<'a> Reference<'a> {
    /// A short spelling: `core` is what the grammar found, `from` where what may belong to it
    /// begins.
    pub(super) fn short(text: &'a str, core: &Range<usize>, from: usize) -> Option<Self> {
        let (kind, opens) = kind_of(&text[core.clone()])?;
        if let Some(inside) = text[core.clone()].strip_prefix('[') {
            return Self::bracketed(inside, core, kind);
        }
        let digits = &text[core.start + opens..core.end];
        let number = digits.parse().ok()?;
        let style = style_at(&text[core.end..])?;
        let project = if opens == 1 {
            project_before(&text[from..core.start])?
        } else {
            ""
        };
        let project = Some(project).filter(|path| !path.is_empty());
        let mut start = core.start - project.map_or(0, str::len);
        // It may go on to the front, into what was something else.
        if project.is_some() && start == from && text[..from].ends_with(is_path) {
            return None;
        }
        if project.is_some() && text[from..start].ends_with('/') {
            // From the root no project is next to another.
            if project.is_some_and(|path| !path.contains('/')) {
                return None;
            }
            // The slash belongs to it.
            start -= 1;
        }
        Some(Self {
            range: start..core.end + style.suffix().len(),
            place: Place::Text,
            kind,
            host: None,
            project: project.map(Cow::Borrowed),
            number,
            zeros: zeros(digits),
            comment: None,
            part: None,
            style,
            markup: false,
            named: false,
        })
    }

    /// `[issue:group/project/12]`
    fn bracketed(inside: &'a str, core: &Range<usize>, kind: Kind) -> Option<Self> {
        let named = inside.split_once(':')?.1.strip_suffix(']')?;
        let (project, number) = match named.rsplit_once('/') {
            Some((project, number)) => (Some(project), number),
            None => (None, named),
        };
        Some(Self {
            range: core.clone(),
            place: Place::Text,
            kind,
            host: None,
            project: project.map(Cow::Borrowed),
            zeros: zeros(number),
            number: number.parse().ok()?,
            comment: None,
            part: None,
            style: Style::Plain,
            markup: false,
            named: false,
        })
    }
}

/// How many zeros stand in front of a number. The last digit of it is none of them.
fn zeros(digits: &str) -> usize {
    let zeros = digits.bytes().take_while(|digit| *digit == b'0').count();
    zeros.min(digits.len().saturating_sub(1))
}

/// What a short spelling names, and how many bytes stand before its number.
fn kind_of(core: &str) -> Option<(Kind, usize)> {
    let kind = match core.as_bytes().first()? {
        b'#' => Kind::Issue,
        b'!' => Kind::MergeRequest,
        b'&' => Kind::Epic,
        b'$' => Kind::Snippet,
        b'G' if core.starts_with("GL-") => return Some((Kind::Issue, 3)),
        b'[' => match core[1..].split(':').next()? {
            "issue" | "work_item" => Kind::Issue,
            "epic" => Kind::Epic,
            _ => return None,
        },
        _ => return None,
    };
    Some((kind, 1))
}

/// What follows a number says how it is to be shown; `None` if it is no number of its own.
fn style_at(rest: &str) -> Option<Style> {
    // To GitLab a letter outside ASCII is no part of a word.
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    if !ends(rest) {
        return None;
    }
    // Behind most stands nothing of that.
    if rest.as_bytes().first() != Some(&b'+') {
        return Some(Style::Plain);
    }
    let styles = [Style::Summary, Style::Title];
    let mut said = styles
        .into_iter()
        .filter(|style| rest.strip_prefix(style.suffix()).is_some_and(ends));
    Some(said.next().unwrap_or_default())
}

/// What the path of a project consists of.
fn is_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/')
}

/// The path of a project at the end of what stands before a sigil, empty if none stands there; `None`
/// if it is one that no project has.
fn project_before(text: &str) -> Option<&str> {
    let run = &text[text.trim_end_matches(is_path).len()..];
    let mut start = run.len();
    let mut parts = run.rsplit('/').peekable();
    while let Some(part) = parts.next() {
        let inside = part.trim_start_matches('-');
        if inside.is_empty() {
            break;
        }
        // So ends the path of no project or group.
        if [".", ".git", ".atom"]
            .iter()
            .any(|end| inside.ends_with(end))
        {
            return None;
        }
        start -= inside.len();
        if inside.len() < part.len() || parts.peek().is_none_or(|next| next.is_empty()) {
            break;
        }
        start -= 1;
    }
    // In front of the last slash stands no path.
    Some(run[start..].trim_start_matches('/'))
}

/// Whether a reference is only a part of one where a tag next to it is dissolved.
pub(super) fn may_go_on(text: &str, range: &Range<usize>) -> bool {
    let before = html::shown_before(&text[..range.start]);
    let after = html::shown_behind(&text[range.end..]);
    matches!(before, Near::Across(c) if is_path(c) || c == '@')
        || matches!(after, Near::Across(c) if c.is_ascii_alphanumeric() || c == '_')
}

/// What of a reference is replaced: the slash in front of a path goes with it, unless a link is put
/// there, which shows the path.
pub(super) fn replaced(text: &str, range: &Range<usize>, now: &str) -> Range<usize> {
    let first = |text: &str| text.bytes().next();
    let shows_path = first(&text[range.clone()]) == Some(b'/') && first(now) != Some(b'#');
    range.start + usize::from(shows_path)..range.end
}

/// What stands instead of a reference, set off from what stands around it where the two would mean
/// something else together. `is_mark`: whether the byte at a place is not shown itself.
pub(super) fn set_off(
    text: &str,
    range: &Range<usize>,
    now: String,
    is_mark: impl Fn(usize) -> bool,
) -> String {
    use super::escape::WORD_JOINER;
    let mut before = html::shown_before(&text[..range.start]);
    let mut after = html::shown_behind(&text[range.end..]);
    // The one character that means emphasis and may stand in names and words.
    if before == Near::Shown('_') && is_mark(range.start - 1) {
        before = Near::Nothing;
    }
    if after == Near::Shown('_') && is_mark(range.end) {
        after = Near::Nothing;
    }
    let mut now = now;
    let (last, first) = (text[..range.start].chars().next_back(), now.chars().next());
    // `![…](…)` is an image, and a label in brackets takes another one behind it along.
    let joins_link = first == Some('[') && matches!(before, Near::Shown('!' | ']'));
    // `name#12` is an issue of another project, and so is `v1.#12`.
    let joins_name = matches!(first, Some('#' | '!' | '&' | '$'))
        && before.is(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    // `&#101;` is a letter, and some readers need no semicolon for that.
    let joins_entity = first == Some('#') && last == Some('&');
    // A path goes on to the front.
    let joins_path =
        first.is_some_and(|c| c.is_ascii_alphanumeric()) && before.is(|c| is_path(c) || c == '@');
    // A backslash in front of a letter is one, and in front of a sign means that.
    let is_sign = |text: &str| text.starts_with(|c: char| c.is_ascii_punctuation());
    let joins_escape = last == Some('\\') && !is_sign(&text[range.start..]) && is_sign(&now);
    if joins_link || joins_name || joins_entity || joins_path || joins_escape {
        now.insert(0, WORD_JOINER);
    }
    // To GitLab a letter outside ASCII is no part of a word.
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if now.ends_with(is_word) && after.is(is_word) {
        now.push(WORD_JOINER);
    }
    now
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    fn short(text: &str) -> Option<(Option<Cow<'_, str>>, u64, Style, &str)> {
        let core = Regex::new(r"[#!&$][0-9]+|GL-[0-9]+|\[[a-z_]+:[^\]]*\]").unwrap();
        let found = Reference::short(text, &core.find(text)?.range(), 0)?;
        Some((
            found.project,
            found.number,
            found.style,
            &text[found.range.clone()],
        ))
    }

    #[test]
    fn short_spellings_are_read() {
        let plain = Style::Plain;
        for (text, expected) in [
            ("see #12.", (None, 12, plain, "#12")),
            ("g/sub/p#12", (Some("g/sub/p"), 12, plain, "g/sub/p#12")),
            ("p-1#12", (Some("p-1"), 12, plain, "p-1#12")),
            ("/g/p#12", (Some("g/p"), 12, plain, "/g/p#12")),
            ("x//g/p#12", (Some("g/p"), 12, plain, "/g/p#12")),
            ("a/-p#12", (Some("p"), 12, plain, "p#12")),
            ("a/-p/q#12", (Some("p/q"), 12, plain, "p/q#12")),
            ("---#12", (None, 12, plain, "#12")),
            ("and/#12", (None, 12, plain, "#12")),
            ("é#12", (None, 12, plain, "#12")),
            ("#12é", (None, 12, plain, "#12")),
            ("GL-12", (None, 12, plain, "GL-12")),
            ("#12+", (None, 12, Style::Title, "#12+")),
            ("#12+s,", (None, 12, Style::Summary, "#12+s")),
            ("#12+so", (None, 12, plain, "#12")),
            ("[issue:12]", (None, 12, plain, "[issue:12]")),
            (
                "[work_item:g/p/12]",
                (Some("g/p"), 12, plain, "[work_item:g/p/12]"),
            ),
            ("g/p!5", (Some("g/p"), 5, plain, "g/p!5")),
        ] {
            let (project, number, style, whole) = expected;
            let expected = (project.map(Cow::Borrowed), number, style, whole);
            assert_eq!(short(text), Some(expected), "{text}");
        }
        for text in [
            "#12a",
            "#12_",
            "See.#12",
            "p.git#12",
            "g./p#12",
            "/p#12",
            "x//p#12",
            "#99999999999999999999",
            "[vulnerability:1]",
        ] {
            assert_eq!(short(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_put_in_stays_by_itself() {
        let link = "[#1](u)";
        for (text, range, now, expected) in [
            ("!#1", 1..3, link, "\u{2060}[#1](u)"),
            ("[a]#1", 3..5, link, "\u{2060}[#1](u)"),
            ("a-GL-1", 2..6, "#3", "\u{2060}#3"),
            ("[issue:1]x", 0..9, "#3", "#3\u{2060}"),
            ("(#1)", 1..3, "#3", "#3"),
            ("/g/p#1", 1..6, "a/b#3", "\u{2060}a/b#3"),
            ("é#1", 2..4, link, link),
            ("a&#98;#1", 6..8, "#3", "\u{2060}#3"),
            ("a&quot;#1&quot;", 7..9, "#3", "#3"),
            ("#1&#50;", 0..2, "#3", "#3\u{2060}"),
            ("<td>#1</td>", 4..6, "#3", "#3"),
            ("&[issue:1];", 1..10, "#101", "\u{2060}#101"),
            ("&GL-1; x", 1..5, "#101", "\u{2060}#101"),
            ("&amp;GL-1;", 5..9, "#101", "#101"),
            ("v1.[issue:1]", 3..12, "#101", "\u{2060}#101"),
            ("x.GL-2", 2..6, "#102", "\u{2060}#102"),
            ("_#1_", 1..3, "#3", "\u{2060}#3\u{2060}"),
            ("看[issue:1]和", 3..12, "#3", "#3"),
        ] {
            let shown = |_| false;
            let now = set_off(text, &range, now.into(), shown);
            assert_eq!(now, expected, "{text}");
        }
        assert_eq!(set_off("_#1_", &(1..3), "#3".into(), |_| true), "#3");
    }
}
