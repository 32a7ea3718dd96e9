//! Who may see what: the words that everybody saw, and those that everybody should not have seen.

use super::about::{about, files, lists};
use forge_sim::World;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Hides an issue like confidentiality.
pub(super) const EXCLUDED: &str = "secret";

/// The words in a text: `qx`, a number, `xq`. Nothing else looks so.
pub(super) fn words(text: &str) -> BTreeSet<u64> {
    let parts = text.split("qx").skip(1);
    let numbers = parts.filter_map(|part| part.split_once("xq")?.0.parse().ok());
    numbers.collect()
}

/// What is known of who may see what; shared with what happens between requests.
#[derive(Debug, Default)]
pub(super) struct Known {
    drawn: u64,
    /// Words that everybody who sees the source saw at some moment.
    pub(super) ever: BTreeSet<u64>,
    /// Those of them that were seen since the pass began.
    pub(super) lately: BTreeSet<u64>,
    /// What everybody who sees the target saw and should not have.
    pub(super) leaked: BTreeSet<String>,
    /// Hidden issues are on the target.
    pub(super) carried: bool,
    /// Files of the target that everybody could have reached by a link at some moment.
    pub(super) reached: BTreeSet<String>,
    /// Everybody reads the lists of the source.
    pub(super) listed: bool,
}

impl Known {
    /// A new word.
    pub(super) fn word(&mut self) -> String {
        self.drawn += 1;
        format!("qx{}xq", self.drawn)
    }

    /// Looks at both projects.
    pub(super) fn look(&mut self, world: &World, source: u64, target: u64) {
        let mut here = seen(world, source, Eyes::Public);
        here.extend(about(world, source));
        self.lately.extend(&here);
        self.ever.extend(here);
        self.reached.extend(files(world, target));
        let mut there = seen(world, target, Eyes::Public);
        // They are there for everybody.
        there.extend(lists(world, target));
        if self.carried && self.listed {
            self.ever.extend(lists(world, source));
        }
        let leaked = there
            .difference(&self.ever)
            .map(|word| format!("word {word}"));
        self.leaked.extend(leaked);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Eyes {
    /// Nothing confidential and nothing internal.
    Public,
    Members,
}

/// The words that somebody sees in the issues of a project, with the files that they link to.
pub(super) fn seen(world: &World, project: u64, eyes: Eyes) -> BTreeSet<u64> {
    let project = &world.projects[&project];
    let all = eyes == Eyes::Members;
    let issues = project.issues.values();
    let issues = issues.filter(|i| all || !(i.confidential || i.labels.contains(EXCLUDED)));
    let mut text = String::new();
    for issue in issues {
        let milestone = issue.milestone.and_then(|id| project.milestones.get(&id));
        let milestone = milestone.map_or("", |milestone| &milestone.title);
        let description = issue.description.as_deref().unwrap_or("");
        let labels: Vec<_> = issue.labels.iter().cloned().collect();
        let _ = writeln!(
            text,
            "{} {description} {} {milestone}",
            issue.title,
            labels.join(" ")
        );
        for who in &issue.assignees {
            let _ = writeln!(text, "{}", world.users[who].username);
        }
        for note in issue.notes.iter().filter(|note| all || !note.internal) {
            let _ = writeln!(text, "{}", note.body);
        }
    }
    for ((secret, name), content) in &project.uploads {
        if text.contains(secret.as_str()) {
            let _ = writeln!(text, "{name} {}", String::from_utf8_lossy(content));
        }
    }
    words(&text)
}

pub(super) type Shared = Arc<Mutex<Known>>;

pub(super) fn lock(known: &Shared) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}
