//! Ends what a text leaves open at its top level.
//!
//! An unclosed fence would show the marker, an unclosed comment or `<details>` would swallow the
//! footer. The lines that close them belong to the envelope, not to the text.

mod parted;
mod raw;

use super::matter;
use super::returns;
use super::structure::{dialect, regex, told};
use parted::parted;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// The lines that must stand between a text and the envelope so that the envelope is read as top
/// level Markdown. Usually none. `front_matter`: the forge takes a leading `---` block for that.
pub fn closers(text: &str, front_matter: bool) -> Vec<String> {
    let mut lines = Vec::new();
    // What looks for settings knows no carriage return alone.
    let shown = if front_matter {
        matter::shown(text)
    } else {
        text.into()
    };
    let mut closed = as_forges_read(&shown);
    let mut walk = Walk::default();
    // Closing one construct may show another that was hidden in it; no text nests more than this
    // many kinds.
    for _ in 0..=8 {
        let Some(line) = walk.go_on(&closed).filter(|_| lines.len() < 8) else {
            break;
        };
        closed.push('\n');
        closed.push_str(&line);
        lines.push(line);
    }
    // Behind a blank line nothing takes it along.
    lines.extend(raw::open(&closed).flat_map(|name| [String::new(), format!("</{name}>")]));
    lines.extend(std::iter::repeat_n("</details>".to_owned(), walk.details));
    if walk.quotes(&closed) {
        // A marker line of a quote is one only behind a blank line.
        lines.extend([String::new(), ">>>".to_owned()]);
    }
    lines
}

/// A text written so that the parser here reads of it what forges do.
pub(super) fn as_forges_read(text: &str) -> String {
    let lines = returns::as_line_feeds(text);
    parted(&told(&lines)).into_owned()
}

/// How long the lines can be at most, each with the end of its line: seen without reading a text.
pub fn at_most(text: &str) -> usize {
    static OPENS: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)<details|`{32,}|~{32,}"));
    let opens = OPENS.find_iter(text).map(|found| match found.as_str() {
        fence if fence.starts_with(['`', '~']) => fence.len() + 1,
        _ => "</details>\n".len(),
    });
    let raw = raw::names(text).map(|name| "\n</>\n".len() + name.len());
    // Eight that close anything else, or a shorter fence, and a quote.
    opens.chain(raw).sum::<usize>() + 8 * 32 + "\n>>>\n".len()
}

/// A walk through a text that goes on, where something was closed, from there.
#[derive(Default)]
struct Walk {
    /// Where the line begins that the next walk begins with; nothing is open there.
    from: usize,
    /// How many `<details>` are open.
    details: usize,
    /// Blocks of code and of raw HTML, in order.
    code: Vec<Range<usize>>,
}

impl Walk {
    /// Walks to the end. Answers the line that closes the block in which a rule behind the text would
    /// end up; the next walk begins with that block.
    fn go_on(&mut self, text: &str) -> Option<String> {
        let from = self.from;
        let probe = format!("{}\n\n***\n", &text[from..]);
        let rule = probe.len() - "***\n".len();
        let mut open = None;
        let mut depth = 0_usize;
        for (event, range) in Parser::new_ext(&probe, dialect()).into_offset_iter() {
            match event {
                Event::Start(tag) => {
                    if depth == 0
                        && range.contains(&rule)
                        && let Some(line) = closing_line(&tag, &probe[range.clone()])
                    {
                        let start = probe[..range.start].trim_end_matches([' ', '\t']).len();
                        open = Some((line, from + start, self.details, self.code.len()));
                    }
                    depth += 1;
                }
                Event::Html(html) | Event::InlineHtml(html) if !html.starts_with("<!--") => {
                    self.tags(&html);
                }
                Event::End(tag) => {
                    depth -= 1;
                    if matches!(tag, TagEnd::CodeBlock | TagEnd::HtmlBlock) {
                        self.code.push(from + range.start..from + range.end);
                    }
                }
                _ => {}
            }
        }
        let (line, start, details, code) = open?;
        self.from = start;
        self.details = details;
        self.code.truncate(code);
        Some(line)
    }

    /// Counts what opens and what closes.
    fn tags(&mut self, html: &str) {
        static DETAILS: LazyLock<Regex> =
            LazyLock::new(|| regex(r"(?i)<(/?)details(?:\s[^<>]*)?>"));
        for tag in DETAILS.captures_iter(html) {
            self.details = if tag[1].is_empty() {
                self.details + 1
            } else {
                self.details.saturating_sub(1)
            };
        }
    }

    /// Whether a `>>>` quote is open at the end.
    fn quotes(&self, text: &str) -> bool {
        static QUOTE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?m)^>>>[ \t]*\r?$"));
        let quotes = QUOTE.find_iter(text).filter(|found| {
            let after = self
                .code
                .partition_point(|block| block.start <= found.start());
            after == 0 || self.code[after - 1].end <= found.start()
        });
        quotes.count() % 2 == 1
    }
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

#[cfg(test)]
mod tests {
    use super::{at_most, closers};

    #[test]
    fn settings_do_not_end_behind_a_carriage_return_alone() {
        let open = closers("---\n<textarea>\r---\na", true);
        assert_eq!(open, ["</textarea>"]);
    }

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
            "```\na\n```\t\nb",
            "-\n  \n  ```\nb",
            ">[x]:\n<e>\n~~~",
            "`<xmp>` <title>a</title>\n\n    <iframe>\n\n\\<style>",
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
            ("a <XMP> b", vec!["", "</xmp>"]),
            ("://```<xmp>``` <details>", vec!["", "</xmp>", "</details>"]),
        ] {
            assert_eq!(closers(text, false), lines, "{text:?}");
        }
    }

    #[test]
    fn the_lines_are_no_longer_than_can_be_seen() {
        let fence = "~".repeat(500);
        for text in [
            String::new(),
            "> ```\n<details>".repeat(50),
            format!("{fence}\n<pre>\n<!--"),
            format!(">>>\n{}\n", "`".repeat(31)),
            "<DETAILS>\n\n<pre>".to_owned(),
            "a <title><xmp><iframe><style>\n\n<script>\n<textarea>".to_owned(),
        ] {
            let lines = closers(&text, false);
            let length: usize = lines.iter().map(|line| line.len() + 1).sum();
            assert!(length <= at_most(&text), "{text}");
        }
        assert!(at_most("an ordinary text with `code`") < 300);
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
