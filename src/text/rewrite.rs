//! Changes what must change in a text, and nothing else; can be undone.

use super::actions;
use super::cells;
use super::escape::{self, WORD_JOINER};
use super::finding;
use super::flow::Flow;
use super::grammar::{Found, GITLAB, Grammar};
use super::inert;
use super::matter::{self, Matter};
use super::references::{self, Reference};
use super::returns;
use super::rounds;
use super::spaced;
use super::structure::{self, Reading, Structure};
use super::wiki;
use regex::Regex;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

/// What is to be done with a text.
pub struct Rules<'a> {
    /// What the target acts on.
    pub grammar: &'a Grammar,
    /// The text comes first on the target, which takes a leading `---` block for front matter.
    pub front_matter: bool,
    /// The target would carry out lines such as `/close`: show them instead.
    pub quick_actions: bool,
    /// It looks for them in blocks of code and of HTML too.
    pub anywhere: bool,
    /// The target would notify whom `@name` names: show the name only.
    pub mentions: bool,
    /// The target would link `#12` and its kin: show the characters only.
    pub references: bool,
    /// The target itself, as the addresses of what is on it name it: it would note in an issue that
    /// its address was written elsewhere, also where a link leads to it.
    pub host: Option<&'a str>,
    /// The account on the target that is meant to be notified when the text names this one.
    pub notify: &'a dyn Fn(&str) -> Option<String>,
    /// Where a link leads on the target, if elsewhere than on the source.
    pub destination: &'a dyn Fn(&str) -> Option<String>,
    /// What stands on the target instead of a reference, final and as it is to act there; `None`: the
    /// same characters, and no reference.
    pub refers: &'a dyn Fn(&Reference<'_>) -> Option<String>,
}

/// A text with the list of what was changed in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// The text for the target.
    pub text: String,
    /// What was changed, in order.
    pub edits: Vec<Edit>,
}

/// One place that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Where it stands in the rewritten text, in bytes.
    pub at: usize,
    /// What stood there before.
    pub was: String,
    /// What stands there now.
    pub now: String,
}

/// A range of a text and what stands there instead.
pub(super) type Change = (Range<usize>, Cow<'static, str>);

/// Rewrites a Markdown text: a description or a comment.
pub fn rewrite(text: &str, rules: &Rules<'_>) -> Rewritten {
    let mut now = apply(text, all_changes(text, rules));
    // A dollar less lets others make a formula, in which other things are text, a line less may let
    // others make a table, and an address that is none any more may hold names.
    let is_joined = |edit: &Edit| edit.was == "\n";
    let names = text.contains(['@', '#', '!', '&', '%', '~']);
    let is_broken = |edit: &Edit| names && now.text[..edit.at].ends_with("://");
    let may_differ = text.contains('$') && !now.edits.is_empty();
    let differs = |edit: &Edit| is_joined(edit) || is_broken(edit);
    if may_differ || now.edits.iter().any(differs) {
        for _ in 0..ROUNDS {
            let mut more = all_changes(&now.text, rules);
            more.retain(|change| !rounds::is_ours(change, &now.edits));
            if more.is_empty() {
                break;
            }
            let again = apply(&now.text, more);
            now = rounds::joined(&now, &again);
        }
    }
    now
}

/// How often a text is read again at most.
const ROUNDS: usize = 4;

fn all_changes(text: &str, rules: &Rules<'_>) -> Vec<Change> {
    let mut changes = if rules.grammar.drops_returns && text.contains('\r') {
        with_returns(text, rules)
    } else {
        changes(text, rules)
    };
    changes.extend(written(text, rules));
    changes
}

/// What stands instead of characters that the forge refuses: what Markdown shows for them.
pub(super) fn written<'a>(text: &'a str, rules: &Rules<'_>) -> impl Iterator<Item = Change> + 'a {
    let text = if rules.grammar.refuses_nul { text } else { "" };
    let found = text.match_indices('\0');
    found.map(|(at, nul)| (at..at + nul.len(), "\u{fffd}".into()))
}

/// A forge that takes the carriage returns out reads what is left.
fn with_returns(text: &str, rules: &Rules<'_>) -> Vec<Change> {
    let left = text.replace('\r', "");
    let returns = text.match_indices('\r').enumerate();
    // Where in what is left they stood.
    let stood: Vec<usize> = returns.map(|(before, (at, _))| at - before).collect();
    let changes = changes(&left, rules).into_iter().map(|(range, now)| {
        let start = range.start + stood.partition_point(|at| *at <= range.start);
        let end = range.end + stood.partition_point(|at| *at < range.end);
        (start..end.max(start), now)
    });
    changes.collect()
}

pub(super) fn changes(text: &str, rules: &Rules<'_>) -> Vec<Change> {
    let reading = Reading {
        matter: if rules.front_matter {
            Matter::Any
        } else {
            Matter::None
        },
        formulas: true,
        escaped: rules.grammar.escaped,
    };
    let structure = structure::read(text, reading);
    let mut labels = Vec::new();
    let mut changes: Vec<Change> = Vec::new();
    for link in spaced::links(text, &structure) {
        if let Some(now) = (rules.destination)(&text[link.to.clone()]) {
            changes.push((link.to, now.into()));
        }
        labels.push(link.whole);
    }
    let shown = finding::shown(text, &structure);
    let shown = shown.filter(|refers| !structure::holds(&labels, &refers.range));
    changes.extend(shown.filter_map(|refers| instead(text, refers, rules)));
    for range in &structure.destinations {
        let refers = finding::destination(text, range, &structure);
        let leads = || refers.as_ref().and_then(|to| (rules.refers)(to));
        let moved = || (rules.destination)(&text[range.clone()]);
        // What names an issue looks like a path.
        let is_short = refers.as_ref().is_some_and(|to| to.host.is_none());
        let now = if is_short {
            leads().or_else(moved)
        } else {
            moved().or_else(leads)
        };
        match now {
            Some(now) => changes.push((range.clone(), now.into())),
            None => changes.extend(inert::destination(text, range, rules)),
        }
    }
    for (whole, address) in bare_files(text, &structure) {
        let link = &text[address];
        // An address that stays one can be followed as it is.
        let moved = (rules.destination)(link).filter(|to| !to.contains("://"));
        changes.extend(moved.map(|to| (whole, named(link, &to, rules).into())));
    }
    for link in wiki::links(text, &structure) {
        let moved = (rules.destination)(&text[link.whole.clone()]);
        let shown = || line(&escape::inline(text[link.title.clone()].trim()), rules);
        let now = |to| format!("[{}]({to})", shown()).into();
        changes.extend(moved.map(|to| (link.whole.clone(), now(to))));
    }
    for range in &structure.autolinks {
        let refers = finding::autolink(text, range);
        changes.extend(refers.and_then(|to| instead(text, to, rules)));
    }
    let ends = ends(&changes);
    changes.extend(inert::text(
        text,
        &apart(text, &structure, &ends),
        &structure,
        rules,
    ));
    // Forges do not agree about what is a formula, and where front matter ends.
    let has_formulas = structure.has_formulas.then_some(Reading {
        formulas: false,
        ..reading
    });
    let matters = if rules.front_matter {
        matter::others(text)
    } else {
        Vec::new()
    };
    let matters = matters
        .into_iter()
        .map(|matter| Reading { matter, ..reading });
    for reading in has_formulas.into_iter().chain(matters) {
        let other = structure::read(text, reading);
        let flow = apart(text, &other, &ends);
        changes.extend(inert::text(text, &flow, &structure, rules));
        changes.extend(inert::doubt(text, &other, rules));
        let links = other.destinations.iter();
        changes.extend(links.flat_map(|range| inert::destination(text, range, rules)));
        changes.extend(inert::autolinks(text, &other, rules));
    }
    changes.extend(inert::autolinks(text, &structure, rules));
    changes.extend(inert::addresses(&structure.quiet, rules));
    changes.extend(inert::doubt(text, &structure, rules));
    changes.extend(cells::changes(text, &structure, rules));
    if rules.quick_actions {
        let mut commands: Vec<Change> = actions::inert(text, &structure, rules.anywhere).collect();
        commands.extend(actions::shifted(text, &commands));
        // Some versions look for no settings where they look for commands.
        if rules.front_matter && matter::is_there(text) {
            let matter = Matter::None;
            let other = structure::read(text, Reading { matter, ..reading });
            commands.extend(actions::elsewhere(text, &other, &commands));
        }
        changes.extend(commands);
    }
    changes
}

/// The visible text, in which what will be replaced is no part of any word any more.
fn apart<'a>(text: &str, structure: &'a Structure, ends: &[usize]) -> Cow<'a, Flow> {
    if ends.is_empty() {
        return Cow::Borrowed(&structure.flow);
    }
    Cow::Owned(structure.flow.cut(text, ends))
}

fn ends(changes: &[Change]) -> Vec<usize> {
    let mut ends: Vec<usize> = changes.iter().map(|(range, _)| range.end).collect();
    ends.sort_unstable();
    ends.dedup();
    ends
}

/// Makes a line of ours inert: Markdown in the middle of a line.
pub fn line(line: &str, rules: &Rules<'_>) -> String {
    // Most are words, and nothing else is looked for in these.
    if line.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ') {
        let mut flow = Flow::default();
        flow.say(line, 0..line.len());
        if rules.grammar.find(&flow).is_empty() {
            return line.to_owned();
        }
    }
    let rules = Rules {
        quick_actions: false,
        front_matter: false,
        refers: &|_| None,
        ..*rules
    };
    // With that in front it begins no block.
    let text = format!("{WORD_JOINER}{line}");
    let now = rewrite(&text, &rules).text;
    now.strip_prefix(WORD_JOINER).unwrap_or(&now).to_owned()
}

/// Gives back the original; `None` if somebody changed a place that was rewritten.
pub fn restore(text: &str, edits: &[Edit]) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        let end = edit.at.checked_add(edit.now.len())?;
        if edit.at < done || text.get(edit.at..end)? != edit.now {
            return None;
        }
        out.push_str(text.get(done..edit.at)?);
        out.push_str(&edit.was);
        done = end;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

/// A text as its source reads it, to be asked what stands in it.
#[derive(Debug)]
pub struct Read<'a> {
    text: &'a str,
    structure: Structure,
    /// What is no code in tables that are written as data.
    cells: Vec<Self>,
}

impl<'a> Read<'a> {
    /// Reads a Markdown text.
    pub fn of(text: &'a str) -> Self {
        Self::with(text, Matter::Any)
    }

    fn with(text: &'a str, matter: Matter) -> Self {
        let reading = Reading {
            matter,
            formulas: true,
            escaped: GITLAB.escaped,
        };
        let structure = structure::read(&returns::as_line_feeds(text), reading);
        let cells = cells::plain(text, &structure);
        let cells = cells
            .map(|cell| Self::with(&text[cell], Matter::None))
            .collect();
        Self {
            text,
            structure,
            cells,
        }
    }

    /// The destinations of every link and image, then those with a blank, the addresses of files that
    /// stand in the text as they are, and links to pages of a wiki with their brackets.
    pub fn destinations(&self) -> Vec<&'a str> {
        let bare = bare_files(self.text, &self.structure).into_iter();
        let found = self.structure.destinations.iter().cloned();
        let spaced = spaced::links(self.text, &self.structure).map(|link| link.to);
        let pages = wiki::links(self.text, &self.structure).map(|link| link.whole);
        found
            .chain(spaced)
            .chain(bare.map(|(_, address)| address))
            .chain(pages)
            .map(|range| &self.text[range])
            .chain(self.cells.iter().flat_map(Self::destinations))
            .collect()
    }

    /// Everything that refers to something and may become something else, in any order.
    pub fn references(&self) -> Vec<Reference<'a>> {
        let Self {
            text,
            structure,
            cells,
        } = self;
        let mut found: Vec<_> = finding::shown(text, structure).collect();
        let destinations = structure.destinations.iter();
        found.extend(destinations.filter_map(|range| finding::destination(text, range, structure)));
        let autolinks = structure.autolinks.iter();
        found.extend(autolinks.filter_map(|range| finding::autolink(text, range)));
        found.extend(cells.iter().flat_map(Self::references));
        found
    }

    /// The accounts that are named outside code, in order, those in cells behind the others.
    pub fn mentions(&self) -> Vec<&'a str> {
        let flow = &self.structure.flow;
        let found = GITLAB.find(flow).into_iter();
        found
            .filter_map(|found| match found {
                Found::Somebody(range, behind) => flow.source(self.text, &(behind..range.end)),
                _ => None,
            })
            .map(|range| &self.text[range])
            .chain(self.cells.iter().flat_map(Self::mentions))
            .collect()
    }
}

/// What stands instead of a reference, if anything is to.
fn instead(text: &str, refers: Reference<'_>, rules: &Rules<'_>) -> Option<Change> {
    let now = (rules.refers)(&refers)?;
    let now = references::set_off(text, &refers.range, now);
    Some((refers.range, now.into()))
}

/// Addresses of uploaded files that stand in prose or in angle brackets and not in a link: what is
/// to be replaced, and the address in it.
fn bare_files(text: &str, structure: &Structure) -> Vec<(Range<usize>, Range<usize>)> {
    static FILE: LazyLock<Regex> = LazyLock::new(|| {
        structure::regex(r#"https?://[^\s<>()\[\]"'`|*]*/uploads/[0-9a-f]{32}/[^\s<>()\[\]"'`|*]+"#)
    });
    let labels = finding::outermost(&structure.links);
    let mut found = Vec::new();
    for file in FILE.find_iter(text) {
        // Letters right before it make another word of it, which is no address.
        if text[..file.start()].ends_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        // With a link right behind them brackets would mean something else.
        if text[..file.start()].ends_with("](") || text[..file.start()].ends_with(']') {
            continue;
        }
        let address = file
            .as_str()
            .trim_end_matches(['.', ',', ';', ':', '!', '?', '_']);
        let range = file.start()..file.start() + address.len();
        let after = structure
            .autolinks
            .partition_point(|auto| auto.start <= range.start);
        if let Some(auto) = after
            .checked_sub(1)
            .map(|index| &structure.autolinks[index])
            .filter(|auto| file.end() <= auto.end)
        {
            let whole = &text[auto.clone()];
            // With or without its angle brackets.
            let inside = whole.trim_start_matches('<').trim_end_matches('>');
            if inside == file.as_str() {
                let start = file.start().saturating_sub(1);
                found.push((start..file.end() + 1, file.range()));
            }
            continue;
        }
        if structure.is_prose(&range) && !structure::holds(&labels, &range) {
            found.push((range.clone(), range));
        }
    }
    found
}

/// A link to a file that keeps its name, where an address stood that made a link by itself.
fn named(address: &str, to: &str, rules: &Rules<'_>) -> String {
    let name = address.split(['?', '#']).next().unwrap_or(address);
    let name = name.rsplit('/').next().unwrap_or(name);
    let mut shown = String::new();
    for c in name.chars() {
        if c.is_ascii_punctuation() && !".-".contains(c) {
            shown.push('\\');
        }
        shown.push(c);
    }
    format!("[{}]({to})", line(&shown, rules))
}

/// Whether a text has what would be a command if commands were looked for anywhere.
pub fn has_commands_anywhere(text: &str) -> bool {
    // As all forges read it that know commands.
    let text = if GITLAB.drops_returns && text.contains('\r') {
        Cow::Owned(text.replace('\r', ""))
    } else {
        Cow::Borrowed(text)
    };
    let Some(first) = actions::known(&text).next() else {
        return false;
    };
    let Read { structure, .. } = Read::of(&text);
    std::iter::once(first)
        .chain(actions::known(&text))
        .any(|slash| !structure.is_prose(&slash))
}

pub(super) fn apply(text: &str, mut changes: Vec<Change>) -> Rewritten {
    changes.sort_by_key(|(range, _)| (range.start, range.end));
    changes.dedup();
    let mut out = Rewritten::default();
    let mut done = 0;
    let mut changes = changes.into_iter().peekable();
    while let Some((range, now)) = changes.next() {
        // What is replaced as a whole needs nothing in front of it.
        let is_replaced = |(next, _): &Change| next.start == range.start && !next.is_empty();
        if range.is_empty() && changes.peek().is_some_and(is_replaced) {
            continue;
        }
        // Two readings of one place: the first wins, or the result would be neither.
        if range.start < done {
            continue;
        }
        out.text.push_str(&text[done..range.start]);
        let at = out.text.len();
        out.text.push_str(&now);
        out.edits.push(Edit {
            at,
            was: text[range.clone()].to_owned(),
            now: now.into_owned(),
        });
        done = range.end;
    }
    out.text.push_str(&text[done..]);
    out
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::text::references::{Kind, Place};
    use proptest::prelude::*;

    fn nobody(_: &str) -> Option<String> {
        None
    }

    fn nothing(_: &Reference<'_>) -> Option<String> {
        None
    }

    pub(in crate::text) fn rewritten(text: &str, rules: &Rules<'_>) -> String {
        rewrite(text, rules).text
    }

    pub(in crate::text) fn everything() -> Rules<'static> {
        Rules {
            grammar: &GITLAB,
            front_matter: false,
            quick_actions: true,
            anywhere: false,
            mentions: true,
            references: true,
            host: Some("t.example"),
            notify: &nobody,
            destination: &nobody,
            refers: &nothing,
        }
    }

    /// The rewritten text with word joiners made visible.
    fn shown(text: &str) -> String {
        rewrite(text, &everything()).text.replace(WORD_JOINER, "·")
    }

    #[test]
    fn p8_lines_that_could_be_commands_are_shown() {
        assert_eq!(shown("/close"), "\\/close");
        assert_eq!(shown("a\n/label ~bug"), "a\n\\/label ~·bug");
        assert_eq!(shown("/etc/passwd is a file"), "\\/etc/passwd is a file");
        assert_eq!(shown("a /close"), "a /close");
    }

    #[test]
    fn p8_code_is_left_alone() {
        for text in [
            "```\n/close @all #1\n```",
            "    /close @all #1",
            "`/close @all #1`",
            "a `x\n/close @all` b",
            "~~~\n/close\n",
            "<pre>\n/close @all #1\n</pre>",
            "<!--\n/close @all #1\n-->",
            "<code>@all #1</code>",
        ] {
            assert_eq!(rewrite(text, &everything()).text, text);
        }
    }

    #[test]
    fn what_a_forge_refuses_is_shown_as_markdown_shows_it() {
        let text = "a\0b `\0` @a\0 \0/close\n```\n\0\r\n```";
        let now = rewrite(text, &everything());
        assert_eq!(
            now.text,
            "a\u{fffd}b `\u{fffd}` @\u{2060}a\u{fffd} \u{fffd}/close\n```\n\u{fffd}\r\n```"
        );
        assert_eq!(restore(&now.text, &now.edits).as_deref(), Some(text));
    }

    #[test]
    fn p8_settings_are_read_as_each_version_reads_them() {
        let rules = Rules {
            front_matter: true,
            ..everything()
        };
        for text in [
            "---\n~~~\n+++\n~~~\n---\n@·alice",
            "---\n~~~\n...\n@·alice",
            "---\na: '@·alice'\n...",
            "---\na: '@alice'\n---\n@·bob",
            "---\n~~~\n---\n~~~\n·/close",
            "\u{feff}---\na: '@·alice'\n---\n",
        ] {
            let now = rewritten(&text.replace('·', ""), &rules);
            assert_eq!(now.replace(WORD_JOINER, "·"), text);
        }
    }

    #[test]
    fn p8_mentions_notify_nobody() {
        assert_eq!(shown("hi @alice, @g/sub."), "hi @·alice, @·g/sub.");
        assert_eq!(shown("(@all)"), "(@·all)");
        assert_eq!(shown("mail a@example.org"), "mail a@example.org");
        assert_eq!(shown("\\@alice"), "\\@alice");
        assert_eq!(shown("**@alice**"), "**@·alice**");
    }

    #[test]
    fn p8_references_hit_nothing() {
        assert_eq!(
            shown("#1 g/p#2 !3 &4 $5 %6 ~7 GL-8 [issue:9]"),
            "#·1 g/p#·2 !·3 &·4 \\$5 %·6 ~·7 GL-·8 [issue:·9]"
        );
        assert_eq!(shown("~bug %\"v 1\""), "~·bug %·\"v 1\"");
        assert_eq!(
            shown("https://example.org/p#1 &#35;2"),
            "https://example.org/p#1 &#35;·2"
        );
        assert_eq!(shown("closes #12"), "closes #·12");
    }

    #[test]
    fn p5_addresses_of_the_target_are_not_recognised_by_it() {
        for (text, expected) in [
            (
                "See https://t.example/g/p/-/issues/1.",
                "See https://·t.example/g/p/-/issues/1.",
            ),
            (
                "<HTTP://T.example/g/p/-/issues/1>",
                "<HTTP://·T.example/g/p/-/issues/1>",
            ),
            (
                "[a](https://t.example/1) [https://t.example/1](https://t.example/2)",
                "[a](https://·t.example/1) [https://·t.example/1](https://·t.example/2)",
            ),
            (
                "<a href=\"https://t.example/1\">",
                "<a href=\"https://·t.example/1\">",
            ),
        ] {
            assert_eq!(shown(text), expected);
        }
        for text in [
            "`https://t.example/g/p/-/issues/1`",
            "https://other.example/g/p/-/issues/1 https://t.example.org/1 ftp://t.example/1",
            "![a](https://t.example/g/p/uploads/66dbcd21ec5d24ed6ea225176098d52b/a.png)",
        ] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn a_mention_that_is_meant_reaches_the_target_account() {
        let notify = |name: &str| (name == "alice").then(|| "alice.smith".to_owned());
        let rules = Rules {
            notify: &notify,
            ..everything()
        };
        assert_eq!(
            rewrite("@alice @bob", &rules)
                .text
                .replace(WORD_JOINER, "·"),
            "@alice.smith @·bob"
        );
    }

    #[test]
    fn destinations_lead_elsewhere() {
        let destination = |url: &str| (url == "/u/x").then(|| "/v/y".to_owned());
        let rules = Rules {
            destination: &destination,
            ..everything()
        };
        let text = "![a](/u/x \"/u/x\") `[a](/u/x)` <img src=\"/u/x\"> [b]\n\n[b]: /u/x";
        assert_eq!(
            rewrite(text, &rules).text,
            "![a](/v/y \"/u/x\") `[a](/u/x)` <img src=\"/v/y\"> [b]\n\n[b]: /v/y"
        );
    }

    /// Issues have counterparts whose number is 100 higher, anything else a link to the source.
    pub(in crate::text) fn leads(to: &Reference<'_>) -> Option<String> {
        let (number, at) = (to.number, to.project.as_deref().unwrap_or("p"));
        if to.kind == Kind::Snippet {
            return None;
        }
        if to.kind != Kind::Issue || at == "elsewhere" {
            let sigil = to.kind.sigil();
            return Some(format!(
                "[{sigil}{WORD_JOINER}{number}](https://s.example/{at})"
            ));
        }
        let comment = to
            .comment
            .map_or_else(String::new, |id| format!("#note_{id}"));
        Some(match to.place {
            Place::Destination => format!("https://t.example/{at}/{}{comment}", number + 100),
            _ => format!("#{}{}{comment}", number + 100, to.style.suffix()),
        })
    }

    #[test]
    fn references_lead_where_it_is_said() {
        let rules = Rules {
            refers: &leads,
            ..everything()
        };
        let url = "https://h.example/g/p/-/issues/12";
        for (text, expected) in [
            ("see #12, GL-3 and g/p#4+.", "see #112, #103 and #104+."),
            ("*#1* **#2**\n- #3", "*#101* **#102**\n- #103"),
            (
                "!5 $7 elsewhere#6",
                "[!·5](https://s.example/p) \\$7 [#·6](https://s.example/elsewhere)",
            ),
            ("[issue:7]", "#107"),
            ("See URL.", "See #112."),
            ("<URL#note_9>!", "#112#note_9!"),
            ("[t](URL \"#1\")", "[t](https://t.example/g/p/112 \"#1\")"),
            (
                "[t][a]\n\n[a]: URL",
                "[t][a]\n\n[a]: https://t.example/g/p/112",
            ),
            (
                "<a href=\"URL\">#1</a>",
                "<a href=\"https://t.example/g/p/112\">#·1</a>",
            ),
            ("[#1 URL](x) ![#2](y)", "[#·1 URL](x) ![#·2](y)"),
            ("[#1 ![i](u)](x) #2", "[#·1 ![i](u)](x) #102"),
            ("`#1` \\#2 ~bug %3 #4a", "`#1` \\#2 ~·bug %·3 #·4a"),
            ("_g_/p#1 **x**#2 *a*/#3", "_g_/p#·1 **x**#102 *a*/#103"),
            ("@g/p#1 @x", "@·g/p#·1 @·x"),
        ] {
            let now = rewrite(&text.replace("URL", url), &rules).text;
            let expected = expected.replace("URL", url);
            assert_eq!(now.replace(WORD_JOINER, "·"), expected, "{text}");
        }
    }

    #[test]
    fn what_is_listed_is_what_is_asked_for() {
        let text = "#1 `#2` g/p#3 [#4](https://h.example/g/p/-/issues/5) https://h.example/g/p/-/issues/6, <https://h.example/g/p/-/issues/7#note_8> ~9 !10";
        let asked = std::cell::RefCell::new(Vec::new());
        let ask = |to: &Reference<'_>| {
            asked.borrow_mut().push(to.range.clone());
            None
        };
        let rules = Rules {
            refers: &ask,
            ..everything()
        };
        rewrite(text, &rules);
        let mut listed: Vec<_> = Read::of(text)
            .references()
            .into_iter()
            .map(|to| to.range)
            .collect();
        let mut asked = asked.into_inner();
        listed.sort_by_key(|range| range.start);
        asked.sort_by_key(|range| range.start);
        assert_eq!(listed, asked);
        assert_eq!(listed.len(), 6);
    }

    #[test]
    fn addresses_of_files_become_links() {
        let file = "https://h.example/g/p/uploads/66dbcd21ec5d24ed6ea225176098d52b/a_b.png";
        let destination = |url: &str| url.starts_with(file).then(|| "/v/y".to_owned());
        let rules = Rules {
            destination: &destination,
            ..everything()
        };
        let rewritten = |text: &str| rewrite(&text.replace("FILE", file), &rules).text;
        for (text, expected) in [
            ("See FILE.", "See [a\\_b.png](/v/y)."),
            ("(FILE?inline=false)", "([a\\_b.png](/v/y))"),
            ("<FILE>", "[a\\_b.png](/v/y)"),
            ("- a <FILE>, b", "- a [a\\_b.png](/v/y), b"),
            ("[FILE](x)", "[FILE](x)"),
            ("[t](FILE)", "[t](/v/y)"),
            ("`FILE`", "`FILE`"),
            ("<!-- FILE -->", "<!-- FILE -->"),
            ("```\nFILE\n```", "```\nFILE\n```"),
        ] {
            assert_eq!(rewritten(text), expected.replace("FILE", file));
        }
    }

    #[test]
    fn a_touched_place_cannot_be_restored() {
        let rewritten = rewrite("hi @alice", &everything());
        let touched = rewritten.text.replace(WORD_JOINER, "");
        assert_eq!(restore(&touched, &rewritten.edits), None);
    }

    #[test]
    fn p8_carriage_returns_hide_no_command_from_the_question_for_them() {
        for text in ["~~~\n\r/close\n~~~", "~~~\r\n/clo\rse\r\n~~~"] {
            assert!(has_commands_anywhere(text), "{text:?}");
        }
        assert!(!has_commands_anywhere("~~~\n\r /close\n~~~"));
    }

    #[test]
    fn mentions_outside_code_are_listed() {
        assert_eq!(Read::of("@a `@b` \\@c x@d @e").mentions(), ["a", "e"]);
    }

    prop_compose! {
        /// Soups of what the rewriter reacts to.
        fn soup()(words in proptest::collection::vec(prop_oneof![
            Just("@alice"), Just("#1"), Just("/close"), Just("\n"), Just("\n\n"), Just("`"),
            Just("```\n"), Just("- "), Just("> "), Just("[a](/u/x)"), Just("![i](</u/x>)"),
            Just("<img src=\"/u/x\">"), Just("<!--"), Just("-->"), Just("\\"), Just("&#35;"),
            Just("https://t.example/1"), Just("[a](https://t.example/2)"), Just("<https://t.example/3>"), Just("é\u{a0}"), Just("    "), Just("[l]: /u/x\n"), Just("~bug"), Just("| a |"),
            Just("g/p#2"), Just("!3"), Just("GL-4"), Just("https://h.example/g/p/-/issues/5"), Just("]"), Just("[issue:6]"), Just("word"),
            Just("$$"), Just("\r\n"), Just("<details>"), Just("[x][l]"), Just("*"), Just(" "),
        ], 0..40)) -> String { words.concat() }
    }

    #[test]
    fn a_second_rewrite_leaves_what_a_name_and_an_address_share() {
        let link = |to: &Reference<'_>| {
            let is_text = to.place == Place::Text;
            let (sigil, number) = (to.kind.sigil(), to.number);
            is_text.then(|| format!("[{sigil}{WORD_JOINER}{number}](https://s.example/1)"))
        };
        let rules = Rules {
            refers: &link,
            ..everything()
        };
        for text in [
            "g/p#2*https://t.example/1**~bug",
            "[x](~buhttp://t.example/1)",
            "a <b/>~buhttps://t.example/1",
        ] {
            let once = rewrite(text, &rules).text;
            assert_eq!(rewrite(&once, &rules).text, once, "{text}");
        }
    }

    proptest! {
        #[test]
        fn restore_undoes_rewrite(text in prop_oneof![soup(), any::<String>()]) {
            let destination = |url: &str| (url == "/u/x").then(|| "/v/longer".to_owned());
            let rules = Rules { destination: &destination, refers: &leads, ..everything() };
            let rewritten = rewrite(&text, &rules);
            prop_assert_eq!(restore(&rewritten.text, &rewritten.edits), Some(text));
        }

        #[test]
        fn a_second_rewrite_finds_nothing(text in prop_oneof![soup(), any::<String>()]) {
            let once = rewrite(&text, &everything()).text;
            prop_assert_eq!(rewrite(&once, &everything()).text, once);
        }

        #[test]
        fn a_second_rewrite_leaves_links_to_the_source(text in prop_oneof![soup(), any::<String>()]) {
            let link = |to: &Reference<'_>| (to.place == Place::Text)
                .then(|| format!("[{}{WORD_JOINER}{}](https://s.example/1)", to.kind.sigil(), to.number));
            let rules = Rules { refers: &link, ..everything() };
            let once = rewrite(&text, &rules).text;
            prop_assert_eq!(rewrite(&once, &rules).text, once);
        }

        #[test]
        fn without_anything_to_do_every_byte_stays(text in prop_oneof![soup(), any::<String>()]) {
            let rules = Rules { quick_actions: false, mentions: false, references: false, ..everything() };
            prop_assert_eq!(rewrite(&text, &rules).text, text);
        }
    }
}
