//! Changes what must change in a text, and nothing else; can be undone.

mod commits;
mod line;

use super::actions;
use super::cells;
use super::cursor::Cursor;
use super::details;
pub use super::edits::restore;
use super::edits::{self, Change, Rewritten};
use super::escape::{self, JOINER};
use super::files;
use super::finding;
use super::flow::Flow;
use super::grammar::Grammar;
use super::inert;
use super::labels;
use super::matter::{self, Matter};
use super::references::{self, Place, Reference};
use super::rounds;
use super::spaced;
use super::structure::{self, Reading, Structure};
use super::wiki;
pub use line::line;
use std::borrow::Cow;
use std::ops::Range;

/// What is to be done with a text.
pub struct Rules<'a> {
    /// What the target acts on.
    pub grammar: Grammar<'a>,
    /// The text comes first on the target, which takes a leading `---` block for front matter.
    pub front_matter: bool,
    /// A paragraph of ours stands in front of it, which the target takes for a term if details follow.
    pub behind_paragraph: bool,
    /// The target would carry out lines such as `/close`: show them instead.
    pub quick_actions: bool,
    /// It looks for them in blocks of code and of HTML too.
    pub anywhere: bool,
    /// The target would notify whom `@name` names: show the name only.
    pub mentions: bool,
    /// The target would link `#12` and its kin: show the characters only.
    pub references: bool,
    /// Names of commits may stand as code, of which nobody copies anything else.
    pub code: bool,
    /// The target itself, as the addresses of what is on it name it: it would note in an issue that
    /// its address was written elsewhere, also where a link leads to it.
    pub hosts: [Option<&'a str>; 2],
    /// The account on the target that is meant to be notified when the text names this one.
    pub notify: &'a dyn Fn(&str) -> Option<String>,
    /// Where a link leads on the target, if elsewhere than on the source.
    pub destination: &'a dyn Fn(&str) -> Option<String>,
    /// What stands on the target instead of a reference, final and as it is to act there; `None`: the
    /// same characters, and no reference.
    pub refers: &'a dyn Fn(&Reference<'_>) -> Option<String>,
}

/// Rewrites a Markdown text: a description or a comment.
pub fn rewrite(text: &str, rules: &Rules<'_>) -> Rewritten {
    let without_code = Rules {
        code: false,
        ..*rules
    };
    if text.len() > ENOUGH {
        return rewritten(text, &without_code);
    }
    let now = rewritten(text, rules);
    // Beside all that was put there somebody may read other code.
    if commits::are_there(&now) && !commits::are_code(&now, rules) {
        return rewritten(text, &without_code);
    }
    now
}

fn rewritten(text: &str, rules: &Rules<'_>) -> Rewritten {
    rounds::rewritten(text, rules, all_changes, |now, rules| {
        all_changes(&now.text, rules)
    })
}

/// How many bytes are read again at most, because a text takes so long to read. Of a longer one that
/// forges may read in several ways all is made inert, code too, and it is not made sure that a second
/// rewrite, as a mirror of a mirror is, changes nothing.
pub(super) const ENOUGH: usize = 512 * 1024;

fn all_changes(text: &str, rules: &Rules<'_>) -> Vec<Change> {
    if rules.grammar.drops_returns && text.contains('\r') {
        with_returns(text, rules)
    } else {
        changes(text, rules)
    }
}

/// A forge that takes the carriage returns out reads what is left.
fn with_returns(text: &str, rules: &Rules<'_>) -> Vec<Change> {
    let left = text.replace('\r', "");
    let returns = text.match_indices('\r').enumerate();
    // Where in what is left they stood.
    let stood: Vec<usize> = returns.map(|(before, (at, _))| at - before).collect();
    let (starts, ends) = (Cursor::default(), Cursor::default());
    let changes = changes(&left, rules).into_iter().map(|(range, now)| {
        let start = range.start + starts.count(&stood, |at| *at <= range.start);
        let end = range.end + ends.count(&stood, |at| *at < range.end);
        (start..end.max(start), now)
    });
    changes.collect()
}

/// How a text is read at first.
fn reading<'a>(rules: &'a Rules<'_>) -> Reading<'a> {
    Reading {
        matter: if rules.front_matter {
            Matter::Any
        } else {
            Matter::None
        },
        formulas: true,
        escaped: rules.grammar.escaped,
    }
}

pub(super) fn changes(text: &str, rules: &Rules<'_>) -> Vec<Change> {
    let reading = reading(rules);
    let structure = structure::read(text, reading);
    let mut replaced = replaced(text, &structure, rules);
    let codes: Vec<Change> = commits::as_code(text, &structure, rules).collect();
    if !codes.is_empty() {
        let mut changes = Changes::of(text, replaced);
        changes.add(codes);
        replaced = changes.all;
        replaced.sort_by_key(edits::place);
    }
    let ends = ends(&replaced);
    let mut changes = Changes::of(text, replaced);
    let flow = apart(text, &structure, &ends);
    changes.add(inert::text(text, &flow, &structure, rules));
    // Forges do not agree about what is a formula, and where front matter ends.
    let without_formulas = Reading {
        formulas: false,
        ..reading
    };
    let matters = if rules.front_matter {
        matter::others(text)
    } else {
        Vec::new()
    };
    // What is done to a dollar may let others make a formula, and it is not read again for that.
    let is_done = |(range, now): &&Change| now == "\\" || text[range.clone()].contains('$');
    let is_read_otherwise = || {
        let done = changes.all.iter().filter(is_done).count();
        let others_are_left = done > 0 && text.matches('$').count() > done;
        structure.has_formulas || !matters.is_empty() || others_are_left
    };
    let others = if text.len() > ENOUGH && is_read_otherwise() {
        vec![None]
    } else {
        let without_formulas = structure.has_formulas.then_some(without_formulas);
        let matters = matters.into_iter();
        let matters = matters.map(|matter| Reading { matter, ..reading });
        without_formulas
            .into_iter()
            .chain(matters)
            .map(Some)
            .collect()
    };
    for reading in others {
        let other = match reading {
            Some(reading) => structure::read(text, reading),
            None => structure::unread(text),
        };
        let flow = apart(text, &other, &ends);
        changes.add(inert::text(text, &flow, &structure, rules));
        changes.add(inert::doubt(text, &other, rules));
        changes.add(labels::inert(text, &other));
        // What is settings or a formula here may be a table there.
        let nowhere = Rules {
            refers: &|_| None,
            ..*rules
        };
        changes.add(cells::changes(text, &other, &structure.tables, &nowhere));
        let links = other.destinations.iter().chain(&other.perhaps);
        let links = links.flat_map(|range| inert::destination(text, range, rules));
        changes.add(links);
        changes.add(inert::autolinks(text, &other, rules));
    }
    changes.add(inert::autolinks(text, &structure, rules));
    changes.add(inert::addresses(&structure.quiet, rules));
    changes.add(inert::doubt(text, &structure, rules));
    changes.add(labels::inert(text, &structure));
    let perhaps = structure.perhaps.iter();
    let perhaps = perhaps.flat_map(|range| inert::destination(text, range, rules));
    changes.add(perhaps);
    changes.add(cells::changes(text, &structure, &[], rules));
    if rules.behind_paragraph {
        changes.add(details::behind_paragraph(text));
    }
    if rules.quick_actions {
        // A line less would have to be read again.
        let joins = text.len() <= ENOUGH;
        let lines = actions::inert(text, &structure, rules.anywhere, joins);
        let mut commands: Vec<Change> = lines.collect();
        // Some versions look for no settings where they look for commands.
        let has_matter = rules.front_matter && matter::is_there(text);
        commands.extend(actions::shifted(text, &commands, has_matter && !joins));
        if has_matter && joins {
            let matter = Matter::None;
            let other = structure::read(text, Reading { matter, ..reading });
            commands.extend(actions::elsewhere(text, &other, &commands));
        }
        changes.add(commands);
    }
    changes.all
}

/// The same of words alone, in which there is nothing but them.
pub(super) fn words(text: &str, words: &Structure, rules: &Rules<'_>) -> Vec<Change> {
    let shown = finding::shown(text, words);
    let changes: Vec<Change> = shown
        .filter_map(|refers| instead(text, &refers, words, rules))
        .collect();
    let ends = ends(&changes);
    let mut changes = Changes::of(text, changes);
    let flow = apart(text, words, &ends);
    changes.add(inert::text(text, &flow, words, rules));
    changes.all
}

/// What leads elsewhere on the target, and what makes links inert that lead nowhere else.
fn replaced(text: &str, structure: &Structure, rules: &Rules<'_>) -> Vec<Change> {
    let mut labels = Vec::new();
    let mut changes: Vec<Change> = Vec::new();
    for link in spaced::links(text, structure) {
        labels.push(link.whole.clone());
        if let Some(now) = (rules.destination)(&text[link.to.clone()]) {
            let moved = link.moved(&now);
            changes.extend(moved.map(|(range, now)| (range, now.into())));
        }
    }
    let shown = finding::shown(text, structure);
    let shown = shown.filter(|refers| !structure::holds(&labels, &refers.range));
    // What may be cells or code.
    let mut others = spaced::codes(text);
    others.extend(cells::strings(text, structure));
    structure::merge(&mut others);
    let shown = shown.filter(|refers| {
        let start = refers.range.start..refers.range.start;
        is_sure(text, refers, structure) && !structure::holds(&others, &start)
    });
    changes.extend(shown.filter_map(|refers| instead(text, &refers, structure, rules)));
    // What leads to a definition may stand in what is HTML to some.
    let mut doubtful = structure.doubtful.iter();
    let is_torn = doubtful.any(|range| text[range.clone()].contains('<'));
    for range in &structure.destinations {
        let refers = finding::destination(text, range, structure);
        let leads = || {
            let may_be_none = is_torn && is_defined(text, range);
            let sure = refers
                .as_ref()
                .filter(|to| to.host.is_some() || !structure.is_wild(range.start))
                .filter(|_| !may_be_none && !structure::holds(&structure.unsure, range));
            sure.and_then(|to| (rules.refers)(to))
        };
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
    for (whole, address) in files::bare(text, structure) {
        let link = &text[address];
        // An address that stays one can be followed as it is.
        let moved = (rules.destination)(link).filter(|to| !to.contains("://"));
        changes.extend(moved.map(|to| (whole, named(link, &to, rules).into())));
    }
    for link in wiki::links(text, structure) {
        let moved = (rules.destination)(&text[link.whole.clone()]);
        // It is the name of a page, whoever is called so.
        let rules = Rules {
            notify: &|_| None,
            ..*rules
        };
        let shown = || line(&escape::inline(text[link.title.clone()].trim()), &rules);
        let now = |to: String| ["[", &shown(), "](", &to, ")"].concat().into();
        changes.extend(moved.map(|to| (link.whole.clone(), now(to))));
    }
    // Where some read HTML, an address in angle brackets is a tag.
    let sure = |range: &&Range<usize>| !structure::holds(&structure.doubtful, range);
    for range in structure.autolinks.iter().filter(sure) {
        let refers = finding::autolink(text, range);
        changes.extend(refers.and_then(|to| instead(text, &to, structure, rules)));
    }
    changes.sort_by_key(edits::place);
    changes
}

/// Whether a destination is that of a definition.
fn is_defined(text: &str, range: &Range<usize>) -> bool {
    let before = text[..range.start].trim_end_matches(|c: char| c.is_whitespace() || c == '>');
    before
        .strip_suffix('<')
        .unwrap_or(before)
        .trim_end()
        .ends_with("]:")
}

/// Whether a reference is one to every reader: as other text it may name something else, and as code or
/// as the beginning of an address with a blank in it nothing.
fn is_sure(text: &str, refers: &Reference<'_>, structure: &Structure) -> bool {
    let Range { start, end } = refers.range;
    let (before, behind) = (&text[..start], &text[end..]);
    let is_other = structure.is_wild(start)
        && (text[start..end].contains(['\\', '&']) || before.ends_with('&'));
    let is_begun = refers.place == Place::Address
        && before.ends_with("](")
        && behind.starts_with(' ')
        && !behind.starts_with(" \"");
    !(is_other || is_begun || structure::holds(&structure.unsure, &(start..start)))
}

/// What is changed in a text, where what is replaced by something else is final.
struct Changes {
    all: Vec<Change>,
    /// Bytes of what is replaced, in order, apart.
    replaced: Vec<Range<usize>>,
    last: Cursor,
    /// Where a joiner is the last thing that was put. Most changes are one, and most of these are
    /// found in each way that a text is read.
    joined: Places,
}

impl Changes {
    /// Changes that are in order, and final.
    fn of(text: &str, all: Vec<Change>) -> Self {
        let mut replaced: Vec<Range<usize>> = Vec::new();
        let mut joined = Places::of(text);
        for (range, now) in &all {
            let is_apart = replaced.last().is_none_or(|last| last.end <= range.start);
            if is_apart && !range.is_empty() {
                replaced.push(range.clone());
            }
            if range.is_empty() {
                joined.set(range.start, now == JOINER);
            }
        }
        let last = Cursor::default();
        Self {
            all,
            replaced,
            last,
            joined,
        }
    }

    /// Adds those of some changes that touch nothing that is replaced.
    fn add(&mut self, more: impl IntoIterator<Item = Change>) {
        for (range, now) in more {
            if !self.is_free(&range) {
                continue;
            }
            let is_done = range.is_empty() && self.joined.set(range.start, now == JOINER);
            if !(is_done && now == JOINER) {
                self.all.push((range, now));
            }
        }
    }

    fn is_free(&self, range: &Range<usize>) -> bool {
        let is_before = |one: &Range<usize>| one.end <= range.start;
        let next = self.last.count(&self.replaced, is_before);
        let end = range.end.max(range.start + 1);
        self.replaced.get(next).is_none_or(|next| end <= next.start)
    }
}

/// Places of a text, a bit for each.
struct Places(Vec<u64>);

impl Places {
    /// None of a text.
    fn of(text: &str) -> Self {
        Self(vec![0; text.len() / 64 + 1])
    }

    /// Says whether one is among them; whether it was.
    fn set(&mut self, at: usize, is_one: bool) -> bool {
        let (word, bit) = (&mut self.0[at / 64], 1 << (at % 64));
        let was_one = *word & bit != 0;
        *word = if is_one { *word | bit } else { *word & !bit };
        was_one
    }
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

/// What stands instead of a reference, if anything is to.
fn instead(
    text: &str,
    refers: &Reference<'_>,
    structure: &Structure,
    rules: &Rules<'_>,
) -> Option<Change> {
    let now = (rules.refers)(refers)?;
    let range = references::replaced(text, &refers.range, &now);
    let is_mark = |at: usize| {
        let one = at..at + 1;
        let shown = [&structure.open, &structure.markup];
        !shown.iter().any(|ranges| structure::holds(ranges, &one))
    };
    let now = references::set_off(text, &range, now, is_mark);
    Some((range, now.into()))
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

#[cfg(test)]
pub(super) mod tests;
