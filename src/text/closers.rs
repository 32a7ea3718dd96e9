//! Ends what a text leaves open at its top level.
//!
//! An unclosed fence would show the marker, an unclosed comment or `<details>` would swallow the
//! footer. The lines that close them belong to the envelope, not to the text.

use super::structure::{self, dialect, regex};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use regex::Regex;
use std::sync::LazyLock;

/// The lines that must stand between a text and the envelope so that the envelope is read as top
/// level Markdown. Usually none. `front_matter`: the forge takes a leading `---` block for that.
pub fn closers(text: &str, front_matter: bool) -> Vec<String> {
    let dialect = dialect();
    let mut lines = Vec::new();
    let mut closed = if front_matter {
        structure::with_front_matter(text).into_owned()
    } else {
        text.to_owned()
    };
    // Closing one construct may show another that was hidden in it; no text nests more than this
    // many kinds.
    for _ in 0..8 {
        let Some(line) = open_block(&closed, dialect) else {
            break;
        };
        closed.push('\n');
        closed.push_str(&line);
        lines.push(line);
    }
    let (details, quotes) = open_sections(&closed, dialect);
    lines.extend(std::iter::repeat_n("</details>".to_owned(), details));
    if quotes {
        // A marker line of a quote is one only behind a blank line.
        lines.extend([String::new(), ">>>".to_owned()]);
    }
    lines
}

/// The line that closes the block in which a rule behind the text would end up.
fn open_block(text: &str, dialect: Options) -> Option<String> {
    let probe = format!("{text}\n\n***\n");
    let rule = text.len() + 2;
    let mut block = None;
    let mut depth = 0_usize;
    for (event, range) in Parser::new_ext(&probe, dialect).into_offset_iter() {
        match event {
            Event::Rule if depth == 0 && range.start == rule => return None,
            Event::Start(tag) => {
                if depth == 0 && range.contains(&rule) {
                    block = Some(closing_line(&tag, &probe[range]));
                }
                depth += 1;
            }
            Event::End(_) => depth -= 1,
            _ => {}
        }
    }
    block.flatten()
}

/// What ends a block that would otherwise go on to the end of the document.
fn closing_line(tag: &Tag<'_>, source: &str) -> Option<String> {
    static RAW: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)^<(script|pre|style|textarea)"));
    match tag {
        Tag::CodeBlock(CodeBlockKind::Fenced(_)) => {
            let opening = source.trim_start();
            let fence = opening.chars().next()?;
            let length = opening.chars().take_while(|c| *c == fence).count();
            Some(fence.to_string().repeat(length))
        }
        Tag::HtmlBlock => {
            let opening = source.trim_start();
            if opening.starts_with("<!--") {
                return Some("-->".to_owned());
            }
            if opening.starts_with("<?") {
                return Some("?>".to_owned());
            }
            if opening.starts_with("<![CDATA[") {
                return Some("]]>".to_owned());
            }
            if opening.starts_with("<!") {
                return Some(">".to_owned());
            }
            let name = RAW.captures(opening)?.get(1)?.as_str();
            Some(format!("</{}>", name.to_ascii_lowercase()))
        }
        _ => None,
    }
}

/// How many `<details>` are open at the end, and whether a `>>>` quote is.
fn open_sections(text: &str, dialect: Options) -> (usize, bool) {
    static DETAILS: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)<(/?)details(?:\s[^<>]*)?>"));
    static QUOTE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?m)^>>>[ \t]*\r?$"));
    let mut details = 0_usize;
    let mut code = Vec::new();
    for (event, range) in Parser::new_ext(text, dialect).into_offset_iter() {
        match event {
            Event::Html(html) | Event::InlineHtml(html) if !html.starts_with("<!--") => {
                for tag in DETAILS.captures_iter(&html) {
                    details = if tag[1].is_empty() {
                        details + 1
                    } else {
                        details.saturating_sub(1)
                    };
                }
            }
            Event::End(TagEnd::CodeBlock | TagEnd::HtmlBlock) => code.push(range),
            _ => {}
        }
    }
    let quotes = QUOTE
        .find_iter(text)
        .filter(|found| {
            let after = code.partition_point(|block| block.start <= found.start());
            after == 0 || code[after - 1].end <= found.start()
        })
        .count();
    (details, quotes % 2 == 1)
}

#[cfg(test)]
mod tests {
    use super::closers;

    #[test]
    fn an_ordinary_text_needs_none() {
        for text in [
            "",
            "text",
            "- a\n- b",
            "> quote",
            "```\ncode\n```",
            "    code",
            "<div>\n\ntext",
            "- ```\n  code in a list",
            "> ```\n> code in a quote",
            "<details>\n\nx\n\n</details>",
            "`<details>`",
            ">>>\nquote\n>>>",
            "```\n>>>\n```",
            "| a |\n|---|\n| b |",
            "[a]: b",
            "a\n===",
        ] {
            assert_eq!(closers(text, false), Vec::<String>::new(), "{text:?}");
        }
    }

    #[test]
    fn what_is_open_is_closed() {
        for (text, lines) in [
            ("```\ncode", vec!["```"]),
            ("~~~~ rust\ncode\n~~~", vec!["~~~~"]),
            ("  ```\ncode", vec!["```"]),
            ("<!-- comment", vec!["-->"]),
            ("<pre>\nx", vec!["</pre>"]),
            ("<SCRIPT>\nx", vec!["</script>"]),
            ("<style>\nx", vec!["</style>"]),
            ("<?php", vec!["?>"]),
            ("<![CDATA[ x", vec!["]]>"]),
            ("<!DOCTYPE", vec![">"]),
            ("<details>\n\nx", vec!["</details>"]),
            (
                "<details><summary>s</summary>\n\n<details>\n\nx",
                vec!["</details>", "</details>"],
            ),
            (">>>\nquote", vec!["", ">>>"]),
            ("<details>\n\n```\nx", vec!["```", "</details>"]),
        ] {
            assert_eq!(closers(text, false), lines, "{text:?}");
        }
    }

    #[test]
    fn front_matter_is_read_where_the_forge_reads_it() {
        let text = "---\n<!--\n---\n";
        assert_eq!(closers(text, true), Vec::<String>::new());
        assert_eq!(closers(text, false), ["-->"]);
        for text in ["a\n\n---\nb: c", "---\nb: c", "+++\n<!--\n+++\n"] {
            assert_eq!(closers(text, true), Vec::<String>::new(), "{text}");
        }
        // The forge makes a block of code of it, which that fence ends.
        assert_eq!(closers("---\n```\n---\n", true), ["```"]);
    }
}
