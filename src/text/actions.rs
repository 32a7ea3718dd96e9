//! Lines that a forge would carry out as commands.
//!
//! GitLab renders the text without raw HTML, takes the source lines of every paragraph at the top
//! level that shows a line with a slash in front, leaves out what stands between two back quotes
//! there, and carries out the lines that begin with a slash and a word that it knows. So a formula, a
//! comment or a title of a link in a paragraph is no protection, and a code span only where both count
//! back quotes alike. A block of code, of HTML, a list, a quote or a table is one.
//!
//! Early versions look for them anywhere, but for what a pattern takes for code or HTML. Of that only
//! the plainest is trusted, and only what they know as commands is touched.

use super::edits::Change;
use super::escape::JOINER;
use super::structure::{self, Structure};
use regex::Regex;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

/// Where a line begins that could be a command. Letters of other alphabets too: some are the same as
/// those of ours where case does not count.
static COMMAND: LazyLock<Regex> = LazyLock::new(|| structure::regex(r"(?m)^/[\p{L}_]"));

/// What makes every line inert that could be a command. No forge knows all commands of the next
/// release, so unknown words count too. `joins`: in code, a blank may stand instead of the end of the
/// line in front, which looks the same and is nothing that could be copied.
pub(super) fn inert<'a>(
    text: &'a str,
    structure: &'a Structure,
    anywhere: bool,
    joins: bool,
) -> impl Iterator<Item = Change> + 'a {
    let mut last = None;
    let early = anywhere.then(|| known(text)).into_iter().flatten();
    let plain = if anywhere {
        plain_fence(text, structure)
    } else {
        None
    };
    let early = early.filter_map(move |slash| hidden(structure, plain, &slash, joins));
    COMMAND
        .find_iter(text)
        .filter_map(move |found| line(text, structure, found.start(), &mut last, joins))
        .chain(early)
}

/// What makes lines inert that are commands only to somebody who reads the text in another way.
/// `done`: what is made inert already.
pub(super) fn elsewhere(text: &str, other: &Structure, done: &[Change]) -> Vec<Change> {
    besides(
        done,
        inert(text, other, false, true).map(|change| change.0.end),
    )
}

/// Slashes that nothing of what is done stands in front of.
fn besides(done: &[Change], slashes: impl Iterator<Item = usize>) -> Vec<Change> {
    let done: BTreeSet<usize> = done.iter().map(|(range, _)| range.end).collect();
    let more = slashes.filter(|at| !done.contains(at));
    more.map(|at| (at..at, JOINER.into())).collect()
}

/// How long a text is of which a forge may look at a part only, behind a line that says so: it finds
/// paragraphs at other lines than they stand at. An envelope is not that long.
const LONG: usize = (1 << 20) - (1 << 15);

/// What makes every line inert that could be a command, whatever it stands in, where the forge may look
/// at other lines than it means to. `everywhere`: it may in this one, however long it is.
pub(super) fn shifted(text: &str, done: &[Change], everywhere: bool) -> Vec<Change> {
    if text.len() < LONG && !everywhere {
        return Vec::new();
    }
    besides(done, COMMAND.find_iter(text).map(|found| found.start()))
}

/// Slashes in front of what early versions know as commands, wherever they stand.
pub(super) fn known(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    // No version learns more of them in which this matters.
    static KNOWN: LazyLock<Regex> = LazyLock::new(|| {
        structure::regex(concat!(
            r"(?im)^/(?:add_child|add_contacts|add_email|add_to_task_list|approve|assign|assign_reviewer|award|",
            r"blocked_by|blocks|board_move|cadence|cc|child_of|clear_health_status|clear_weight|clone|close|",
            r"confidential|convert_to_ticket|copy_metadata|create_merge_request|done|draft|due|duplicate|epic|",
            r"estimate|estimate_time|health_status|in_reply_to|internal|invite_email|iteration|label|labels|link|",
            r"lock|makeup|merge|milestone|move|move_to|page|parent_epic|promote|promote_to|promote_to_incident|",
            r"publish|q|react|ready|reassign|reassign_reviewer|rebase|relabel|relate|remove_child|",
            r"remove_child_epic|remove_contacts|remove_due_date|remove_email|remove_epic|remove_estimate|",
            r"remove_iteration|remove_iteration_cadence|remove_label|remove_milestone|remove_parent|",
            r"remove_parent_epic|remove_time_estimate|remove_time_spent|remove_zoom|reopen|request_changes|",
            r"request_review|resolve|run_pipeline|set_parent|severity|ship|shrug|spend|spend_time|spent|",
            r"submit_review|subscribe|summarize|tableflip|tag|target_branch|task|timeline|title|todo|type|",
            r"unapprove|unassign|unassign_reviewer|unblock|unconfidential|undraft|unlabel|unlink|unlock|",
            r"unsubscribe|weight|wip|zoom)(?:\s|$)",
        ))
    });
    KNOWN
        .find_iter(text)
        .map(|found| found.start()..found.start() + 1)
}

/// What makes a command inert where only early versions look for one.
fn hidden(
    structure: &Structure,
    plain: Option<&Range<usize>>,
    slash: &Range<usize>,
    joins: bool,
) -> Option<Change> {
    let at = slash.start;
    if structure::holds(&structure.codes, slash) {
        return in_code(at, joins);
    }
    let after = structure.blocks.partition_point(|block| block.start <= at);
    let block = structure.blocks.get(after.checked_sub(1)?)?;
    let applies = at < block.end && plain != Some(block);
    applies.then(|| (at..at, JOINER.into()))
}

/// The block of code that is one to every version: between two lines of three back quotes, and
/// nothing in front of it could have begun what ends there. No text has two of them.
fn plain_fence<'a>(text: &str, structure: &'a Structure) -> Option<&'a Range<usize>> {
    const FENCE: &str = "```";
    let first = text.find('`')?;
    let block = structure.blocks.iter().find(|block| block.start == first)?;
    let before = &text[..first];
    let inside = text[block.clone()].trim_end_matches('\n');
    let closes = inside.strip_prefix("```\n")?.find("\n```")?;
    let is_plain = FENCE.len() + 1 + closes + 1 + FENCE.len() == inside.len()
        && (before.is_empty() || before.ends_with('\n'))
        && !before.lines().any(|line| line.starts_with(['<', '>']));
    is_plain.then_some(block)
}

/// What makes the line inert that begins at a place. `last`: the paragraph that was looked at last.
fn line(
    text: &str,
    structure: &Structure,
    at: usize,
    last: &mut Option<Paragraph>,
    joins: bool,
) -> Option<Change> {
    let slash = at..at + 1;
    if structure.is_prose(&slash) {
        // It is not shown.
        return Some((at..at, "\\".into()));
    }
    let doubt = || structure::holds(&structure.doubtful, &slash);
    if structure::holds(&structure.blocks, &slash) {
        // Not every version knows front matter when it looks for commands, and all show it as code.
        let may_run = structure.front_matter.contains(&at) || doubt();
        return may_run.then(|| (at..at, JOINER.into()));
    }
    if structure::holds(&structure.codes, &slash) {
        if doubt() {
            return in_code(at, joins);
        }
        // Only what stands in no other block is looked at.
        let here = structure.paragraphs.partition_point(|p| p.start <= at);
        let range = structure.paragraphs.get(here.checked_sub(1)?)?;
        if range.end <= at {
            return None;
        }
        let paragraph = match last.take() {
            Some(paragraph) if paragraph.range == *range => paragraph,
            _ => Paragraph::read(text, range),
        };
        let may_run = paragraph.may_run(&slash);
        *last = Some(paragraph);
        return may_run.then(|| in_code(at, joins)).flatten();
    }
    // In a formula, a tag, a comment, a label or what stands behind it, a blank more is nothing.
    Some((at..at, " ".into()))
}

/// What makes the line inert that begins in code.
fn in_code(at: usize, joins: bool) -> Option<Change> {
    if !joins {
        return Some((at..at, JOINER.into()));
    }
    // In code the end of a line is shown as a blank.
    Some((at.checked_sub(1)?..at, " ".into()))
}

/// A paragraph as the forge looks for code in it.
struct Paragraph {
    range: Range<usize>,
    /// What stands between two back quotes for somebody who pairs them one by one, with these.
    pairs: Vec<Range<usize>>,
    /// The first line that begins with a tag: with it may begin what else is left out, with any back
    /// quotes in it.
    tag: Option<usize>,
}

impl Paragraph {
    fn read(text: &str, range: &Range<usize>) -> Self {
        let inside = &text[range.clone()];
        let tag = if inside.starts_with('<') {
            Some(0)
        } else {
            inside.find("\n<")
        };
        let mut pairs = Vec::new();
        let mut at = 0;
        while let Some(open) = inside[at..].find('`') {
            let start = at + open;
            // At least one character stands between them.
            let Some(next) = inside[start + 1..].chars().next() else {
                break;
            };
            let first = start + 1 + next.len_utf8();
            let Some(length) = inside[first..].find('`') else {
                break;
            };
            at = first + length + 1;
            pairs.push(range.start + start..range.start + at);
        }
        Self {
            range: range.clone(),
            pairs,
            tag: tag.map(|tag| range.start + tag),
        }
    }

    /// Whether a line may be run although it is code.
    fn may_run(&self, slash: &Range<usize>) -> bool {
        self.tag.is_some_and(|tag| tag < slash.start) || !structure::holds(&self.pairs, slash)
    }
}

#[cfg(test)]
mod tests {
    use crate::text::grammar::GITLAB;
    use crate::text::matter::Matter;
    use crate::text::rewrite::Rules;
    use crate::text::rewrite::tests::{everything, rewritten};
    use crate::text::structure::{self, Reading};

    fn inert(text: &str) -> String {
        rewritten(text, &everything())
    }

    #[test]
    fn p8_a_line_of_prose_gets_a_backslash() {
        for (text, expected) in [
            ("/close", "\\/close"),
            ("a\n/CLOSE  \nb", "a\n\\/CLOSE  \nb"),
            ("- a\n/close", "- a\n\\/close"),
            ("> a\n/close", "> a\n\\/close"),
            (
                "<details>\n\n/close\n\n</details>",
                "<details>\n\n\\/close\n\n</details>",
            ),
            ("*a\n/close*", "*a\n\\/close*"),
            ("[a\n/close](b)", "[a\n\\/close](b)"),
            ("a\r\n/close\r\n", "a\r\n\\/close\r\n"),
            ("a\n\r/close", "a\n\r\\/close"),
            ("/\rclose", "\\/\rclose"),
            ("/\u{17f}pend 1h", "\\/\u{17f}pend 1h"),
            ("/close | a\n---|---", "\\/close | a\n---|---"),
        ] {
            assert_eq!(inert(text), expected);
        }
    }

    #[test]
    fn p8_a_line_that_is_no_prose_gets_a_blank() {
        for (text, expected) in [
            ("$$\n/close\n$$", "$$\n /close\n$$"),
            ("/x $a\n/close\nb$", "\\/x $a\n /close\nb$"),
            ("/x <!-- a\n/close\n-->", "\\/x <!-- a\n /close\n-->"),
            ("/x <b title='\n/close\n'>", "\\/x <b title='\n /close\n'>"),
            ("/x [a](\n/close\n)", "\\/x [a](\n /close\n)"),
            ("/x [a](b '\n/close\n')", "\\/x [a](b '\n /close\n')"),
            ("[a]: b '\n/close\n'\n/y", "[a]: b '\n /close\n'\n\\/y"),
            (
                "[a\n/close]\n\n[a /close]: b",
                "[a\n /close]\n\n[a /close]: b",
            ),
        ] {
            assert_eq!(inert(text), expected);
            let links = |text: &str| {
                let reading = Reading {
                    matter: Matter::None,
                    formulas: true,
                    escaped: GITLAB.escaped,
                };
                let found = structure::read(text, reading);
                (found.links.len(), found.codes.len())
            };
            assert_eq!(links(text), links(expected), "{text}");
        }
    }

    #[test]
    fn p8_front_matter_is_not_known_to_all_versions() {
        let rules = Rules {
            front_matter: true,
            ..everything()
        };
        let now = rewritten("---\na: b\n\n/close\n---\n", &rules);
        assert_eq!(now, "---\na: b\n\n\u{2060}/close\n---\n");
    }

    #[test]
    fn p8_code_is_touched_only_where_the_forge_would_run_it() {
        for text in [
            "`a\n/close` b",
            "x `a` `b\n/close\nc`",
            "- ``a ` b\n/close\nc``",
            "```\n/close\n```",
            "    /close",
            "~~~\n/close",
            "<div>\n/close\n</div>",
            "<!--\n/close\n-->",
            " /close",
            "\u{a0}/close",
            "a /close",
            "/1 // /. /",
        ] {
            assert_eq!(inert(text), text);
        }
        for (text, expected) in [
            ("/x\n``a ` b\n/close\nc``", "\\/x\n``a ` b /close\nc``"),
            ("`a` ``b`\n/close\n``", "`a` ``b` /close\n``"),
            ("x\n<b>\n`a\n/close`", "x\n<b>\n`a /close`"),
        ] {
            assert_eq!(inert(text), expected);
        }
    }
}
