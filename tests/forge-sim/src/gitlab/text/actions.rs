//! Lines that are commands (gitlabhq, lib/gitlab/quick_actions/extractor.rb).
//!
//! Paragraphs at the top level of a text that is rendered without HTML are looked at, if a rendered
//! line of theirs begins with a slash; in their lines as they were written, a command is a slash at
//! the very beginning, a word that is known, and its argument.

use super::{markdown, matter};
use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, parse_document};
use regex::{Captures, Regex};
use std::ops::Range;
use std::sync::LazyLock;

/// A line that is a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// Where it stands, without its line break.
    pub(super) line: Range<usize>,
    /// In small letters.
    pub(super) name: String,
    /// What follows it.
    pub(super) argument: String,
}

impl Command {
    /// What stands in its place afterwards: two of them only write something.
    pub(super) fn becomes(&self) -> String {
        let written = match self.name.as_str() {
            "shrug" => "¯\\＿(ツ)＿/¯",
            "tableflip" => "(╯°□°)╯︵ ┻━┻",
            _ => return String::new(),
        };
        format!("{} {written}\n", self.argument)
            .trim_start()
            .to_owned()
    }
}

/// Every word that some version or edition takes for a command.
const NAMES: &str = "add_child|add_contacts|add_email|add_to_task_list|approve|assign|assign_reviewer|\
award|blocked_by|blocks|board_move|cadence|cc|child_of|clear_health_status|clear_weight|clone|close|\
confidential|convert_to_ticket|copy_metadata|create_merge_request|done|draft|due|duplicate|epic|\
estimate|estimate_time|health_status|in_reply_to|internal|invite_email|iteration|label|labels|link|lock|\
makeup|merge|milestone|move|move_to|page|parent_epic|promote|promote_to|promote_to_incident|publish|\
q|react|ready|rebase|reassign|reassign_reviewer|relabel|relate|remove_child|remove_child_epic|\
remove_contacts|remove_due_date|remove_email|remove_epic|remove_estimate|remove_iteration|\
remove_iteration_cadence|remove_label|remove_milestone|remove_parent|remove_parent_epic|\
remove_time_estimate|remove_time_spent|remove_zoom|reopen|request_changes|request_review|\
resolve|run_pipeline|set_parent|severity|ship|shrug|spend|spend_time|spent|submit_review|subscribe|\
summarize|tableflip|tag|target_branch|task|timeline|title|todo|type|unapprove|unassign|\
unassign_reviewer|unblock|unconfidential|undraft|unlabel|unlink|unlock|unsubscribe|weight|wip|zoom";

static PIECE: LazyLock<Regex> = LazyLock::new(|| {
    // Code in back quotes and HTML with lines of its own are passed over, as they were written:
    // what the parser makes of them does not matter here.
    let pattern = format!(
        r"(?ims)(?P<code>`.+?`)|(?P<html>^<[^>]+?>\n.+?\n</[^>]+?>$)|^/(?P<name>{NAMES})(?: (?P<argument>[^\n]*))?(?:(?-u:\s)*\n|$)"
    );
    Regex::new(&pattern).expect("a pattern")
});

/// The commands of a text without `\r`, in order, as a version of GitLab sees them.
pub(super) fn commands(text: &str, version: &str) -> Vec<Command> {
    if is_early(version) {
        early(text)
    } else {
        of_paragraphs(text)
    }
}

fn of_paragraphs(text: &str) -> Vec<Command> {
    let mut starts = vec![0];
    starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
    let line = |number: usize| starts.get(number).copied().unwrap_or(text.len());
    let mut found = Vec::new();
    // Settings are looked for now, and were not in some versions, so what they hold counts, and what
    // they hide.
    let with_settings = matter::readings(text).into_iter().next();
    let with_settings = with_settings.filter(|read| read != text);
    let mut looked_at = paragraphs(text);
    looked_at.extend(with_settings.iter().flat_map(|read| paragraphs(read)));
    for (first, last) in looked_at {
        // An empty line behind it belongs to it.
        let empty = text[line(last)..].starts_with('\n');
        let range = line(first - 1)..line(if empty { last + 1 } else { last });
        let start = range.start;
        let paragraph = &text[range];
        for piece in PIECE.captures_iter(paragraph) {
            found.extend(command(&piece, start));
        }
    }
    found.sort_by_key(|command| command.line.start);
    found.dedup();
    found
}

/// What was found in a part of the text that begins at a place.
fn command(piece: &Captures<'_>, start: usize) -> Option<Command> {
    let (name, whole) = (piece.name("name")?, piece.get(0)?);
    let end = whole.as_str().trim_end().len() + whole.start();
    Some(Command {
        line: start + whole.start()..start + end,
        name: name.as_str().to_lowercase(),
        argument: piece
            .name("argument")
            .map_or_else(String::new, |argument| argument.as_str().trim().to_owned()),
    })
}

/// Before 16.8 texts were not parsed for this; 16.7 could be told to.
fn is_early(version: &str) -> bool {
    let mut parts = version
        .split(['.', '-'])
        .map_while(|part| part.parse().ok());
    let (major, minor): (u32, u32) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    (major, minor) < (16, 8)
}

/// Commands anywhere in a text but in what a pattern takes for code, a quote or HTML. There were two
/// such patterns; what one of them lets through counts.
fn early(text: &str) -> Vec<Command> {
    static PIECES: LazyLock<[Regex; 2]> = LazyLock::new(|| {
        [r"^```\n.+?\n```$", r"^```.+?\n```$"].map(|code| {
            let pattern = format!(
                concat!(
                    r"(?ims){code}|`\n*.+?\n*`|^<[^>]+?>\n.+?\n</[^>]+?>$|^>>>.+?\n>>>$",
                    r"|^/(?P<name>{NAMES})(?: (?P<argument>[^\n]*))?(?:(?-u:\s)*\n|$)"
                ),
                code = code,
                NAMES = NAMES,
            );
            Regex::new(&pattern).expect("a pattern")
        })
    });
    let mut found: Vec<Command> = PIECES
        .iter()
        .flat_map(|pieces| pieces.captures_iter(text))
        .filter_map(|piece| command(&piece, 0))
        .collect();
    found.sort_by_key(|command| command.line.start);
    found.dedup();
    found
}

/// How many bytes of a text are looked at.
const LONGEST: usize = 1 << 20;

/// First and last line, from 1, of the paragraphs that are looked at.
fn paragraphs(text: &str) -> Vec<(usize, usize)> {
    let arena = Arena::new();
    // Of what is too long the beginning is looked at, behind a line that says so: the paragraphs are
    // found two lines below where they stand (lib/banzai/filter/truncate_source_filter.rb).
    let long = (text.len() > LONGEST).then(|| {
        let end = (0..=LONGEST - 3)
            .rev()
            .find(|end| text.is_char_boundary(*end));
        let said = "_The text is longer and has been visually truncated._\n\n";
        format!("{said}{}...", &text[..end.unwrap_or(0)])
    });
    let text = long.as_deref().unwrap_or(text);
    // A mark of the encoding is part of the first line.
    let root = parse_document(&arena, text, &markdown::options());
    root.children()
        .filter(|node| matches!(node.data().value, NodeValue::Paragraph))
        .filter(|node| {
            let mut shown = String::new();
            show(node, &mut shown);
            shown.lines().any(|line| line.starts_with('/'))
        })
        .map(|node| {
            let place = node.data().sourcepos;
            (place.start.line, place.end.line)
        })
        .collect()
}

/// What is rendered of a paragraph, without HTML.
fn show<'a>(node: &'a AstNode<'a>, out: &mut String) {
    for child in node.children() {
        match &child.data().value {
            NodeValue::Text(text) => out.push_str(text),
            NodeValue::Code(code) => out.push_str(&code.literal),
            NodeValue::Math(math) => out.push_str(&math.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => out.push('\n'),
            NodeValue::FootnoteReference(_) => out.push('1'),
            // The text in place of an image is an attribute, and HTML is left out.
            NodeValue::Image(_) | NodeValue::HtmlInline(_) => {}
            _ => show(child, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::commands;

    fn lines(text: &str) -> Vec<&str> {
        lines_in(text, "18.3.0-ee")
    }

    fn lines_in<'a>(text: &'a str, version: &str) -> Vec<&'a str> {
        commands(text, version)
            .into_iter()
            .map(|command| &text[command.line])
            .collect()
    }

    #[test]
    fn commands_are_lines_of_paragraphs_at_the_top() {
        assert_eq!(lines("/close"), ["/close"]);
        assert_eq!(lines("text\n/close\nmore"), ["/close"]);
        assert_eq!(lines("/CLOSE"), ["/CLOSE"]);
        assert_eq!(lines("/close  \nx"), ["/close"]);
        assert_eq!(lines("/label ~bug"), ["/label ~bug"]);
        assert_eq!(lines("/close\n\n/reopen"), ["/close", "/reopen"]);
        assert_eq!(lines("<details>\n\n/close\n\n</details>"), ["/close"]);
        assert_eq!(lines("- a\n\n/close"), ["/close"]);
        assert_eq!(lines("> a\n\n/close"), ["/close"]);
        assert_eq!(lines("---\nt: x\n\n/close\n\n---"), ["/close"]);
        // Some versions see the one, others the other.
        assert_eq!(lines("---\n~~~\n---\n~~~\n/close"), ["/close"]);
        assert_eq!(lines("---\n~~~\n...\n/close"), ["/close"]);
        for text in [
            "\\/close",
            " /close",
            " a /close",
            "- /close",
            "> /close",
            "- a\n/close",
            "> a\n/close",
            ">>>\n/close\n>>>",
            "```\n/close\n```",
            "    /close",
            "/closed",
            "/close\u{a0}",
            "/etc/passwd",
            "# /close",
            "/close\n===",
            "| a |\n|---|\n/close",
            "<!--\n/close\n-->",
            "<div>\n/close\n</div>",
            "`a\n/close` b",
            "\u{2060}/close",
        ] {
            assert!(lines(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn of_what_is_too_long_other_lines_are_looked_at() {
        let text = format!("\\/x\n```\n/close\n```\n{}", "é\n\n".repeat(300_000));
        assert_eq!(lines(&text), ["/close"]);
        assert!(lines(&text[..1001]).is_empty());
    }

    #[test]
    fn early_versions_look_everywhere() {
        for text in [
            "~~~\n/close\n~~~",
            "```ruby\n/close\n```",
            "```\n/close",
            "<!--\n/close\n-->",
            "<pre>/x\n/close\n</pre>",
            "- a `b\n/close",
        ] {
            for version in ["15.4.0", "16.7.2-ee"] {
                let line = text.lines().find(|line| line.starts_with("/close"));
                assert_eq!(lines_in(text, version), [line.unwrap()], "{text}");
            }
        }
        for text in [
            "```\n/close\n```",
            "`a\n/close`",
            "`` a\n/close ``",
            "<p>\n/close\n</p>",
            ">>>\n/close\n>>>",
            "    /close",
            "> /close",
            "\\/close",
            "/closed",
        ] {
            assert!(lines_in(text, "15.4.0").is_empty(), "{text}");
        }
        assert!(lines_in("~~~\n/close\n~~~", "16.8.0").is_empty());
    }

    #[test]
    fn code_is_what_is_written_in_back_quotes_and_not_what_is_rendered_so() {
        // The parser sees one span here; the pattern sees one that ends earlier.
        assert_eq!(lines("/tmp\n`` a ` b\n/close ``"), ["/close ``"]);
        assert!(
            lines("x\n`` a ` b\n/close ``").is_empty(),
            "no line that is shown begins so"
        );
    }
}
