//! Names and titles of people inside lines of ours.
//!
//! Titles, display names and milestone titles are user text too: on the target they must neither
//! break the line they stand in nor mention, refer or command.

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

/// A text as literal prose inside a line of Markdown: on one line, with everything escaped that
/// would format, link or open HTML.
pub fn inline(text: &str) -> String {
    if text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return text.to_owned();
    }
    let line = one_line(text);
    let mut out = String::with_capacity(line.len());
    let mut rest = line.chars().peekable();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        let escape = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '~' | '|' | '$' => true,
            // Inside a word an underscore formats nothing, and many names have one.
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            '&' => after == '#' || after.is_ascii_alphabetic(),
            _ => false,
        };
        if escape {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
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
        for event in Parser::new_ext(markdown, crate::text::structure::dialect()) {
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
        assert_eq!(inline("*x* <b> [l](u)"), "\\*x\\* \\<b\\> \\[l\\](u)");
    }

    #[test]
    fn code_spans_hold_back_quotes() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`a"), "`` `a ``");
    }

    proptest! {
        #[test]
        fn inline_text_is_seen_as_it_was(text in "\\PC{0,40}") {
            let line = one_line(&text);
            prop_assume!(!line.is_empty());
            let shown = seen(&format!("x {}", inline(&text)));
            prop_assert_eq!(shown, Some(format!("x {line}")));
        }
    }
}
