//! What was carried, compared with what was written, and what the servers did meanwhile.

use super::carried::{Carried, Text};
use super::{alone_reading, comment_reading, issues, plain, seen};
use crate::lab::{author_comment, author_text};
use forge_sim::{Issue, Named, Piece, Reading, World};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A text and what became of it.
struct Pair<'a> {
    /// Where it stands.
    what: &'static str,
    before: Reading,
    after: Reading,
    /// As it stands on the target.
    raw: &'a str,
    /// References to what is mirrored must lead there.
    leads: bool,
}

/// Both projects, with which issue became which.
pub(super) struct Compared<'a> {
    carried: &'a Carried,
    source: &'a World,
    target: &'a World,
    /// The number on the target of each on the source.
    mirror: BTreeMap<u64, u64>,
}

impl<'a> Compared<'a> {
    pub(super) fn new(carried: &'a Carried, source: &'a World, target: &'a World) -> Self {
        let issues = target.projects[&carried.here].issues.values();
        let origin = |issue: &Issue| -> Option<u64> {
            let marker = issue
                .description
                .as_ref()?
                .rsplit_once("[issue-mirror]: # (")?;
            let source = marker.1.split_once("src=")?.1.split(' ').next()?;
            source.rsplit_once(':')?.1.parse().ok()
        };
        let mirror = issues
            .filter_map(|issue| Some((origin(issue)?, issue.iid)))
            .collect();
        Self {
            carried,
            source,
            target,
            mirror,
        }
    }

    /// The number on the source of an issue of the target.
    fn of(&self, iid: u64) -> Option<u64> {
        let mut mirror = self.mirror.iter();
        mirror
            .find(|(_, there)| **there == iid)
            .map(|(number, _)| *number)
    }

    /// Numbers of issues of the source that its author named in an issue and its comments.
    fn named(&self, number: u64) -> BTreeSet<u64> {
        let issue = self.source.issue(self.carried.there, number);
        let read = |text: &str| self.named_by(&self.source.reads(self.carried.there, text));
        let mut named = read(issue.description.as_deref().unwrap_or(""));
        for note in issue.comments() {
            named.extend(read(&note.body));
        }
        named.extend(issues(
            &self.source.reads_title(self.carried.there, &issue.title),
            self.carried.there,
        ));
        named
    }

    /// Those that one text names, also by links that begin with the path of the project.
    fn named_by(&self, reading: &Reading) -> BTreeSet<u64> {
        let there = self.carried.there;
        let mut named = issues(reading, there);
        let links = reading.links.iter();
        for link in links.filter(|link| link.href.starts_with('/')) {
            let address = format!("{}{}", self.source.web_address, link.href);
            named.extend(issues(&self.source.reads(there, &address), there));
        }
        named
    }

    /// What the target's server did by itself.
    pub(super) fn fired(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut add = |project: u64, iid: u64, what: String| {
            let text = self.of(iid).filter(|_| project == self.carried.here);
            match text.and_then(|number| self.carried.texts.get(&number)) {
                Some(text) if text.open => {}
                Some(text) => problems.push(format!("{}: {what}", text.at)),
                None => problems.push(format!("issue {iid} of project {project}: {what}")),
            }
        };
        for (line, project, iid) in &self.target.executed {
            add(*project, *iid, format!("carried out {line:?}"));
        }
        for (name, project, iid) in &self.target.mails {
            add(*project, *iid, format!("wrote to @{name}"));
        }
        for (named, project, iid) in &self.target.backlinks {
            let meant = match named {
                Named::Issue(of, number) if *of == self.carried.here => self
                    .of(*iid)
                    .zip(self.of(*number))
                    .is_some_and(|(from, to)| self.named(from).contains(&to)),
                _ => false,
            };
            if !meant {
                add(*project, *iid, format!("left a trace in {named:?}"));
            }
        }
        problems
    }

    /// What is not as it should be with one text.
    pub(super) fn look(&self, text: &Text) -> Vec<String> {
        let number = text.number;
        let Some(mirror) = self.mirror.get(&number) else {
            return vec![format!("{}: did not arrive", text.at)];
        };
        let issue = self.source.issue(self.carried.there, number);
        let there = self.target.issue(self.carried.here, *mirror);
        let before = |text: &str| self.source.reads(self.carried.there, text);
        let after = |text: &str| self.target.reads(self.carried.here, text);
        let described = there.description.as_deref().unwrap_or("");
        let mut pairs = vec![
            Pair {
                what: "title",
                before: self.source.reads_title(self.carried.there, &issue.title),
                after: self.target.reads_title(self.carried.here, &there.title),
                raw: &there.title,
                // Forges do not agree about what is code and what is an entity in one.
                leads: !issue.title.contains(['`', '&']),
            },
            Pair {
                what: "description",
                before: before(issue.description.as_deref().unwrap_or("")),
                after: after(author_text(described)),
                raw: author_text(described),
                leads: true,
            },
        ];
        let mut problems = Vec::new();
        let comments = (issue.comments(), there.comments());
        if comments.0.len() != comments.1.len() {
            problems.push(format!("{}: comments did not arrive", text.at));
        }
        for (note, mirrored) in comments.0.iter().zip(&comments.1) {
            let mirrored = author_comment(&mirrored.body).1;
            // What a text is at the beginning only, it cannot be below who wrote it.
            let below = alone_reading(self.source, self.carried.there, &note.body);
            let alone = issues(&before(&note.body), self.carried.there);
            pairs.push(Pair {
                what: "comment",
                leads: issues(&below, self.carried.there) == alone,
                before: below,
                after: comment_reading(self.target, self.carried.here, mirrored),
                raw: mirrored,
            });
        }
        // A command that was carried out is gone, so it looks different, too.
        if !text.open {
            problems.extend(pairs.iter().flat_map(|pair| self.compare(text, pair)));
        }
        problems
    }

    fn compare(&self, text: &Text, pair: &Pair<'_>) -> Vec<String> {
        let mut problems = Vec::new();
        let was = self.pattern(&pair.before, pair.leads && !text.lost);
        let now = self.shown(&pair.after);
        if !text.differs && !was.matches(&now) {
            problems.push(format!(
                "looks different\n  was {:?}\n  now {now:?}\n  {:?}",
                seen(&pair.before),
                pair.raw
            ));
        }
        problems.extend(self.astray(&pair.before, &pair.after));
        let at = format!("{} ({})", text.at, pair.what);
        problems
            .iter()
            .map(|problem| format!("{at}: {problem}"))
            .collect()
    }

    /// References on the target that lead where those of the author did not.
    fn astray(&self, before: &Reading, after: &Reading) -> Vec<String> {
        let here = self.carried.here;
        let mut wrong = Vec::new();
        let (named, leads) = (self.named_by(before), issues(after, here));
        for lead in &leads {
            let of = self.of(*lead);
            if !of.is_some_and(|number| named.contains(&number)) {
                wrong.push(format!("leads to #{lead}, which its author did not name"));
            }
        }
        wrong
    }

    /// What a reader of the source sees; a reference may be its characters or what it leads to.
    fn pattern(&self, reading: &Reading, must_lead: bool) -> Pattern {
        let mut out = String::new();
        for piece in &reading.pieces {
            let (text, to, note) = match piece {
                Piece::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Piece::Link { text, to, note, .. } => (text, to, note),
            };
            let Some(to) = to.as_ref().filter(|_| is_reference(text)) else {
                out.push_str(text);
                continue;
            };
            let mut ways = vec![place(to)];
            // A link to the source stands behind the slash.
            if text.starts_with('/') {
                ways.push(format!("/{}", place(to)));
            }
            if !(must_lead && self.is_mirrored(to, *note)) {
                ways.push(text.clone());
                ways.extend(self.in_short(to));
            }
            out.push_str(&format!("{WAYS}{}{WAYS}", ways.join(OR)));
        }
        Pattern(plain(&out))
    }

    /// What a reader of the target sees, with references as the places on the source that they lead
    /// to, or that their counterparts are of.
    fn shown(&self, reading: &Reading) -> String {
        let mut out = String::new();
        for piece in &reading.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Link { text, href, to, .. } => {
                    let back = match to {
                        Some(Named::Issue(project, number)) if *project == self.carried.here => {
                            let of = self.of(*number);
                            of.map(|number| Named::Issue(self.carried.there, number))
                        }
                        // An address is one as a whole, whatever stands in it.
                        _ if href.contains("://") => self.led(&format!("<{href}>")),
                        _ => self.led(href),
                    };
                    match back.filter(|_| is_reference(text)) {
                        Some(back) => out.push_str(&place(&back)),
                        None => out.push_str(text),
                    }
                }
            }
        }
        plain(&out)
    }

    /// What a text leads to on the source.
    fn led(&self, text: &str) -> Option<Named> {
        self.source.reads(self.carried.there, text).names().next()
    }

    /// A comment that nobody wrote has no counterpart.
    fn is_mirrored(&self, named: &Named, note: Option<u64>) -> bool {
        let there = self.carried.there;
        let Named::Issue(project, number) = named else {
            return false;
        };
        let written = |note: u64| {
            let notes = &self.source.issue(there, *number).notes;
            notes.iter().any(|other| other.id == note)
        };
        *project == there && note.is_none_or(written)
    }

    /// An issue of another project as its forge shows a reference to it.
    fn in_short(&self, named: &Named) -> Option<String> {
        let Named::Issue(project, number) = named else {
            return None;
        };
        Some(format!("{}#{number}", self.source.projects[project].path))
    }
}

/// A place on the source.
fn place(named: &Named) -> String {
    format!("‹{named:?}›")
}

/// Around the ways in which a reference may be written.
const WAYS: &str = "\u{e000}";

/// Between them.
const OR: &str = "\u{e001}";

/// What a reader of the source sees.
struct Pattern(String);

impl Pattern {
    /// Whether a text is this, with each reference in one of its ways.
    fn matches(&self, text: &str) -> bool {
        let mut rest = text;
        for (at, part) in self.0.split(WAYS).enumerate() {
            let mut ways = part.split(OR);
            let is_reference = at % 2 == 1;
            let taken = if is_reference {
                ways.find(|way| rest.starts_with(way))
            } else {
                Some(part).filter(|part| rest.starts_with(part))
            };
            let Some(taken) = taken else {
                return false;
            };
            rest = &rest[taken.len()..];
        }
        rest.is_empty()
    }
}

/// A reference as people write one, or the address of something.
fn is_reference(text: &str) -> bool {
    static WRITTEN: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r"^(?:(?:[\w./-]*[#!&$]|GL-)\d+(?:\+s?)?(?: \(.*\))?|\[\w+:\S+\]|\S*@?[0-9a-f]{7,40}|https?://\S+)$";
        Regex::new(pattern).unwrap()
    });
    WRITTEN.is_match(&text.replace('\u{2060}', ""))
}
