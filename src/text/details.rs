//! What a paragraph in front would take along: with `: ` or `~ ` begin the details of a term (a
//! description list), also behind blank lines. No other block of a text is read otherwise behind a
//! paragraph and a blank line.

use super::edits::Change;
use super::structure::{dialect, regex};
use pulldown_cmark::Parser;
use regex::Regex;
use std::sync::LazyLock;

/// A backslash for the mark that a text begins with, if what stands in front would have it as its
/// details.
pub(super) fn behind_paragraph(text: &str) -> Option<Change> {
    static MARK: LazyLock<Regex> = LazyLock::new(|| regex(r"^ {0,3}[:~][ \t]"));
    let start = first_block(text);
    // Right below a definition it stands behind that everywhere.
    let above = text[..start].lines().next_back().unwrap_or("");
    let found = MARK.find(&text[start..])?;
    if !above.trim().is_empty() {
        return None;
    }
    let at = start + found.end() - ":".len() - " ".len();
    Some((at..at, "\\".into()))
}

/// Where the line begins with which the first block does that is not a definition of an address: such
/// a one stands between nothing.
fn first_block(text: &str) -> usize {
    let is_blank = [' ', '\t', '\r', '\n'];
    let shown = text.len() - text.trim_start_matches(is_blank).len();
    let start = if text[shown..].starts_with('[') {
        let mut blocks = Parser::new_ext(text, dialect()).into_offset_iter();
        blocks.next().map_or(text.len(), |(_, range)| range.start)
    } else {
        shown
    };
    text[..start].rfind('\n').map_or(0, |end| end + 1)
}

#[cfg(test)]
mod tests {
    use crate::text::rewrite::{Rules, restore, rewrite, tests::everything};

    #[test]
    fn a_mark_of_details_is_escaped_only_where_a_paragraph_stands_in_front() {
        for (text, behind) in [
            ("~ 2 hours", "\\~ 2 hours"),
            (": see\n: that", "\\: see\n: that"),
            ("\n   :\tx", "\n   \\:\tx"),
            (" \r\n~ x", " \r\n\\~ x"),
            ("[a]: /x\n\n: [a]", "[a]: /x\n\n\\: [a]"),
            ("[a]: /x\n[b]:\n<y>\n\n~ z", "[a]: /x\n[b]:\n<y>\n\n\\~ z"),
        ] {
            let first = everything();
            let rules = Rules {
                behind_paragraph: true,
                ..everything()
            };
            assert_eq!(rewrite(text, &first).text, text, "{text:?}");
            let now = rewrite(text, &rules);
            assert_eq!(now.text, behind, "{text:?}");
            assert_eq!(restore(&now.text, &now.kept()).as_deref(), Some(text));
            assert_eq!(rewrite(&now.text, &rules).text, now.text, "{text:?}");
        }
        for text in [
            "~",
            "::",
            "    : x",
            "\t~ x",
            "\\: x",
            "a\n\n: b",
            "[a]\n\n: b",
            "[a]: /x\n: b",
            "[^a]: b\n\n: c",
            "- : x",
            "> ~ x",
            "# a\n~ x",
            "~~~ a",
            "\u{a0}: x",
        ] {
            let rules = Rules {
                behind_paragraph: true,
                ..everything()
            };
            assert_eq!(rewrite(text, &rules).text, text, "{text:?}");
        }
    }
}
