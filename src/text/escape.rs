//! Names and titles of people inside lines of ours.
//!
//! Titles, display names and milestone titles are user text too: on the target they must neither
//! break the line they stand in nor mention, refer or command.

use super::structure;
use regex::{Captures, Regex};
use std::borrow::Cow;
use std::sync::LazyLock;

/// Invisible, has no width and does not break a line: put behind `@` or `#` it stops every forge
/// from reading a mention or a reference, while the text looks the same.
pub const WORD_JOINER: char = '\u{2060}';

/// The same as a text.
pub(super) const JOINER: &str = "\u{2060}";

/// A text on one line: line breaks, tabs and control characters become one blank, whatever stands
/// at its ends goes.
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}') {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.trim().to_owned()
}

/// A text as literal prose inside a line of Markdown: on one line, with everything escaped or parted
/// by an invisible character that would format, link or open HTML, and the direction of what follows as it
/// was.
///
/// An address stays one where nothing in it would be escaped; what is a name somewhere, as `@name`, is
/// for [`super::rewrite::line`] to look at.
pub fn inline(text: &str) -> String {
    if text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return text.to_owned();
    }
    let line = one_line(text);
    let line = without_odd_addresses(&line);
    let mut out = String::with_capacity(line.len());
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if is_read_once_more(before, c) {
            out.push(WORD_JOINER);
        }
        if is_escaped(before, c, &line[at + c.len_utf8()..]) {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out.extend(open_turns(&line));
    out
}

/// What ends the turns of direction that a text leaves open: the rest of the line would be read
/// backwards.
fn open_turns(text: &str) -> impl Iterator<Item = char> + use<> {
    const POP: char = '\u{202c}';
    const POP_ISOLATE: char = '\u{2069}';
    let mut open: Vec<char> = Vec::new();
    for c in text.chars() {
        match c {
            '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' => open.push(POP),
            '\u{2066}'..='\u{2068}' => open.push(POP_ISOLATE),
            POP if open.last() == Some(&POP) => {
                open.pop();
            }
            POP_ISOLATE => {
                let isolate = open.iter().rposition(|end| *end == POP_ISOLATE);
                open.truncate(isolate.unwrap_or(open.len()));
            }
            _ => {}
        }
    }
    open.into_iter().rev()
}

/// Whether Markdown could take a character for more than itself, by what stands around it.
fn is_escaped(before: char, c: char, after: &str) -> bool {
    match c {
        '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '~' | '|' | '$' => true,
        // Inside a word an underscore formats nothing, and many names have one.
        '_' => !(before.is_alphanumeric() && after.starts_with(char::is_alphanumeric)),
        '&' => {
            let name = after.trim_start_matches(|c: char| c == '#' || c.is_ascii_alphanumeric());
            name.len() < after.len() && name.starts_with(';')
        }
        _ => false,
    }
}

/// Takes from addresses that they are ones, where something in them is to be escaped: a backslash is a
/// part of what a forge makes a link of.
fn without_odd_addresses(line: &str) -> Cow<'_, str> {
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
        structure::regex(r"(?i)(?P<begins>[a-z][a-z0-9+.-]*:)//\S+|\b(?P<www>www)\.\S+")
    });
    ADDRESS.replace_all(line, |found: &Captures<'_>| {
        let whole = &found[0];
        let mut before = ' ';
        let is_odd = whole.char_indices().any(|(at, c)| {
            let is_odd = is_escaped(before, c, &whole[at + c.len_utf8()..]);
            is_odd || is_read_once_more(std::mem::replace(&mut before, c), c)
        });
        let begins = found.name("begins").or_else(|| found.name("www"));
        match begins.filter(|_| is_odd) {
            Some(begins) => format!("{}{JOINER}{}", begins.as_str(), &whole[begins.len()..]),
            None => whole.to_owned(),
        }
    })
}

/// Whether GitLab looks for two characters in a row in what Markdown has made of a text, where no
/// backslash is left: in links (`lib/banzai/filter/spaced_link_filter.rb`), links to pages of a wiki
/// (`gollum_tags_filter.rb`) and what is marked as added or removed (`inline_diff_filter.rb`).
fn is_read_once_more(before: char, c: char) -> bool {
    matches!(
        (before, c),
        (']', '(') | ('[', '[') | ('[' | '{', '+' | '-')
    )
}

/// A text in raw HTML, also as the value of an attribute.
pub fn html(text: &str) -> String {
    let entities = [
        ('&', "&amp;"),
        ('<', "&lt;"),
        ('>', "&gt;"),
        ('"', "&quot;"),
    ];
    entities.iter().fold(text.to_owned(), |text, (c, entity)| {
        text.replace(*c, entity)
    })
}

/// A text as a code span, on one line.
pub fn code(text: &str) -> String {
    let line = one_line(text);
    let longest = line
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if line.starts_with('`') || line.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{line}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Parser};

    /// What a reader sees of a line of Markdown; `None` if it holds anything but text.
    fn seen(markdown: &str) -> Option<String> {
        let mut out = String::new();
        for event in Parser::new_ext(markdown, structure::dialect()) {
            match event {
                Event::Text(text) => out.push_str(&text),
                Event::Start(pulldown_cmark::Tag::Paragraph)
                | Event::End(pulldown_cmark::TagEnd::Paragraph) => {}
                _ => return None,
            }
        }
        Some(out)
    }

    #[test]
    fn lines_and_controls_fold() {
        assert_eq!(one_line(" a\r\n\tb\u{0}c\u{2028}d "), "a b c d");
        assert_eq!(one_line("a  b"), "a  b", "blanks of the author stay");
    }

    #[test]
    fn names_stay_readable() {
        assert_eq!(inline("Alice A. (snake_case)"), "Alice A. (snake_case)");
        assert_eq!(inline("*x* <b> [l] (u)"), "\\*x\\* \\<b\\> \\[l\\] (u)");
    }

    #[test]
    fn no_backslash_is_relied_on_where_text_is_read_once_more() {
        let links = "\\[l\\]\u{2060}(/u) !\\[l\\]\u{2060}(u v) \\[\u{2060}\\[Home\\]\\]";
        assert_eq!(inline("[l](/u) ![l](u v) [[Home]]"), links);
        assert_eq!(inline("[+a+] {-b-}"), "\\[\u{2060}+a+\\] {\u{2060}-b-}");
    }

    #[test]
    fn addresses_hold_no_backslash() {
        for text in ["https://a.example/b_c?d=1&e=2 (www.a.example)", "R&D; A&B"] {
            assert_eq!(inline(text), text.replace("&D;", "\\&D;"));
        }
        assert_eq!(
            inline("https://a.example/~b"),
            "https:\u{2060}//a.example/\\~b"
        );
        assert_eq!(
            inline("see Www.a.example/*"),
            "see Www\u{2060}.a.example/\\*"
        );
    }

    #[test]
    fn code_spans_hold_back_quotes() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`a"), "`` `a ``");
    }

    #[test]
    fn a_name_turns_no_more_than_itself() {
        for (name, shown) in [
            ("X\u{202e}Y", "X\u{202e}Y\u{202c}"),
            ("\u{202e}a\u{202c} b", "\u{202e}a\u{202c} b"),
            ("\u{2067}\u{202b}a", "\u{2067}\u{202b}a\u{202c}\u{2069}"),
            ("\u{2067}\u{202b}a\u{2069}", "\u{2067}\u{202b}a\u{2069}"),
            ("\u{202c}\u{2069}a", "\u{202c}\u{2069}a"),
            ("مدير", "مدير"),
        ] {
            assert_eq!(inline(name), shown);
        }
    }

    /// What GitLab makes something of that Markdown left as text.
    fn read_once_more(shown: &str) -> bool {
        static AGAIN: LazyLock<Regex> = LazyLock::new(|| {
            let links = r"\[.+?\]\(.+?\)|\[\[.+?\]\]";
            let diffs = r"\[\+.*?\+\]|\{\+.*?\+\}|\[-.*?-\]|\{-.*?-\}";
            Regex::new(&format!("{links}|{diffs}")).unwrap()
        });
        AGAIN.is_match(shown)
    }

    proptest! {
        #[test]
        fn inline_text_is_seen_as_it_was(text in "\\PC{0,40}|[\\[\\]!(){}+a -]{0,20}") {
            let line = one_line(&text);
            prop_assume!(!line.is_empty());
            let shown = seen(&format!("x {}", inline(&text))).unwrap();
            prop_assert!(!read_once_more(&shown), "{}", shown);
            let but_joiners = |text: &str| text.replace(WORD_JOINER, "");
            prop_assert_eq!(but_joiners(&shown), but_joiners(&format!("x {line}")));
        }
    }
}
