//! The label of our marker. To a forge the marker is a definition, so a text that says `[issue-mirror]`
//! and defines no such label would have links where its author wrote words in brackets.

use super::edits::Change;
use super::escape::JOINER;
use super::flow::Flow;
use super::structure::{Structure, regex};
use regex::Regex;
use std::sync::LazyLock;

/// What takes the meaning from the label of the marker, wherever a text has it in brackets that made
/// nothing else of it.
pub(super) fn inert(text: &str, structure: &Structure) -> Vec<Change> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| regex("(?i)issue-mirror"));
    if !NAME.is_match(text) {
        return Vec::new();
    }
    let flows = [&structure.flow, &structure.doubt, &structure.quiet];
    let found = flows.into_iter().flat_map(|flow| labels(text, flow));
    found.map(|at| (at..at, JOINER.into())).collect()
}

/// Where the name in each of these labels begins.
fn labels<'a>(text: &'a str, flow: &'a Flow) -> impl Iterator<Item = usize> + 'a {
    static LABEL: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\[\s*(issue-mirror)\s*\]"));
    LABEL.captures_iter(flow.text()).filter_map(|found| {
        let (whole, name) = (found.get(0)?.range(), found.get(1)?.range());
        // An entity or an escape is no bracket.
        let is_bracket = |at: usize| {
            let there = flow.source(text, &(at..at + 1))?;
            let before = &text[..there.start];
            let escapes = before.len() - before.trim_end_matches('\\').len();
            escapes.is_multiple_of(2).then_some(there)
        };
        let (open, close) = (is_bracket(whole.start)?, is_bracket(whole.end - 1)?);
        let name = flow.source(text, &name)?;
        // Code and tags are apart in what is shown, and blanks and marks of quotes too.
        let is_blank = |part: &str| part.chars().all(|c| c.is_whitespace() || c == '>');
        let is_label =
            is_blank(text.get(open.end..name.start)?) && is_blank(text.get(name.end..close.start)?);
        is_label.then_some(name.start)
    })
}

#[cfg(test)]
mod tests {
    use crate::text::escape::WORD_JOINER;
    use crate::text::rewrite::{restore, rewrite, tests::everything};

    #[test]
    fn the_label_of_the_marker_is_words_where_the_text_does_not_define_it() {
        for (text, expected) in [
            (
                "[issue-mirror] ERROR pair app failed",
                "[·issue-mirror] ERROR pair app failed",
            ),
            (
                "[issue-mirror][] [x][issue-mirror] ![y][Issue-Mirror]",
                "[·issue-mirror][] [x][·issue-mirror] ![y][·Issue-Mirror]",
            ),
            ("> [ issue-mirror\n> ]", "> [ ·issue-mirror\n> ]"),
            (
                "# [I\u{17f}\u{17f}UE-mirror]",
                "# [·I\u{17f}\u{17f}UE-mirror]",
            ),
            (
                "[a [issue-mirror] b](u) \\\\[issue-mirror]",
                "[a [·issue-mirror] b](u) \\\\[·issue-mirror]",
            ),
            ("a\n[issue-mirror]: #", "a\n[·issue-mirror]: #"),
            (
                "<b>[issue-mirror]</b> <code>[issue-mirror]</code>",
                "<b>[·issue-mirror]</b> <code>[·issue-mirror]</code>",
            ),
        ] {
            let now = rewrite(text, &everything());
            assert_eq!(now.text.replace(WORD_JOINER, "·"), expected);
            assert_eq!(restore(&now.text, &now.kept()).as_deref(), Some(text));
            assert_eq!(rewrite(&now.text, &everything()).text, now.text, "{text}");
        }
        for text in [
            "[issue-mirror]\n\n[issue-mirror]: https://e.org",
            "`[issue-mirror]` \\[issue-mirror] [issue-mirror\\] &#91;issue-mirror]",
            "```\n[issue-mirror]\n```\n\n    [issue-mirror]\n",
            "[issue-mirror](https://e.org) issue-mirror [issue mirror] [issue-mirrors]",
            "[`a` issue-mirror] <!-- [issue-mirror] -->",
        ] {
            assert_eq!(rewrite(text, &everything()).text, text);
        }
    }
}
