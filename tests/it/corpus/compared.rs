//! What was carried, compared with what was written, and what the servers did meanwhile.

use super::carried::{Carried, Text};
use super::{comment_reading, issues, seen};
use crate::lab::{author_comment, author_text};
use forge_sim::{Issue, Named, Reading, World};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// What is seen of a text, whatever numbers issues have and however they are named; whether they are
/// the right ones is another question.
fn unnumbered(seen: &str) -> String {
    static ISSUE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"https?://[^\s<>]+?/(?:issues|work_items)/\d+(?:\?[\w=&]*)?(?:#note_\d+)?",
            r"|(?:\w[\w.-]*/)*(?:\w[\w.-]*)?#\d+|\bGL-\d+|\[(?:issue|work_item):[\w./-]+\]",
        ))
        .unwrap()
    });
    ISSUE.replace_all(seen, "ISSUE").into_owned()
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
        let read = |text: &str| {
            issues(
                &self.source.reads(self.carried.there, text),
                self.carried.there,
            )
        };
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
            (
                "title",
                self.source.reads_title(self.carried.there, &issue.title),
                self.target.reads_title(self.carried.here, &there.title),
            ),
            (
                "description",
                before(issue.description.as_deref().unwrap_or("")),
                after(author_text(described)),
            ),
        ];
        let mut problems = Vec::new();
        let comments = (issue.comments(), there.comments());
        if comments.0.len() != comments.1.len() {
            problems.push(format!("{}: comments did not arrive", text.at));
        }
        for (note, mirrored) in comments.0.iter().zip(&comments.1) {
            let mirrored = author_comment(&mirrored.body).1;
            let mirrored = comment_reading(self.target, self.carried.here, mirrored);
            // What a text is at the beginning only, it cannot be below who wrote it.
            let wrote = comment_reading(self.source, self.carried.there, &note.body);
            pairs.push(("comment", wrote, mirrored));
        }
        for (what, before, after) in &pairs {
            let at = format!("{} ({what})", text.at);
            let (was, now) = (unnumbered(&seen(before)), unnumbered(&seen(after)));
            // A command that was carried out is gone, too.
            if text.open {
                continue;
            }
            if !text.differs && was != now {
                problems.push(format!(
                    "{at}: looks different\n  was {was:?}\n  now {now:?}"
                ));
            }
            if !text.lost && *what != "title" {
                let lost = self.astray(before, after);
                problems.extend(lost.into_iter().map(|lost| format!("{at}: {lost}")));
            }
        }
        let texts = std::iter::once((issue.description.as_deref().unwrap_or(""), described)).chain(
            comments
                .0
                .iter()
                .map(|note| note.body.as_str())
                .zip(comments.1.iter().map(|note| note.body.as_str())),
        );
        for (wrote, mirrored) in texts.filter(|_| !text.lost && !text.open) {
            let lost = self.lost(wrote, mirrored);
            problems.extend(lost.into_iter().map(|lost| format!("{}: {lost}", text.at)));
        }
        problems
    }

    /// References on the target that lead to what the author did not name.
    fn astray(&self, before: &Reading, after: &Reading) -> Vec<String> {
        let Carried { there, here, .. } = *self.carried;
        let (named, leads) = (issues(before, there), issues(after, here));
        let wrong = leads.iter().filter(|lead| {
            let of = self.of(**lead);
            !of.is_some_and(|number| named.contains(&number))
        });
        wrong
            .map(|lead| format!("leads to #{lead}, which its author did not name"))
            .collect()
    }

    /// References of an author that lead nowhere on the target. A comment that is not mirrored is on
    /// the source.
    fn lost(&self, wrote: &str, mirrored: &str) -> Vec<String> {
        let Carried { there, here, .. } = *self.carried;
        let named = issues(&self.source.reads(there, wrote), there);
        let leads = issues(&self.target.reads(here, mirrored), here);
        let nowhere = named.iter().filter(|number| {
            let comment = format!("/team/app/-/issues/{number}#note_");
            !leads.contains(&self.mirror[number]) && !mirrored.contains(&comment)
        });
        nowhere
            .map(|number| format!("#{number} leads nowhere"))
            .collect()
    }
}
