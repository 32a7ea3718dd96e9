//! What GitLab does by itself with a text that it is given.
//!
//! A text is executed as GitLab does it, independently of the program under test: [`markdown`]
//! renders it with GitLab's own parser, [`matter`] and [`tables`] are what is made of code, [`html`] walks the page as its filters do, [`grammar`] says
//! what they take for a mention or a reference, [`reading`] what that names in this world, and
//! [`actions`] which lines are commands. Where versions of GitLab or its libraries differ, or where
//! it is not known what they do, the reading that does more is taken.

mod actions;
mod grammar;
mod html;
mod markdown;
mod matter;
mod reading;
mod tables;

pub use self::markdown::code;
pub use self::reading::{Link, Named, Piece, Reading, Reference};

use super::Asker;
use super::issues::system_note;
use crate::world::{Role, World};
use std::collections::BTreeSet;

/// Where a text was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    Description,
    Note,
}

impl World {
    /// What a description or a comment in a project is and does.
    pub fn reads(&self, project: u64, text: &str) -> Reading {
        reading::of(self, project, text)
    }

    /// What a title in a project is and does: no Markdown, no commands.
    pub fn reads_title(&self, project: u64, title: &str) -> Reading {
        reading::of_title(self, project, title)
    }
}

/// Stores a text: commands are carried out and cut out, `\r` and trailing blanks go, mentions write
/// mails, references leave a trace. Answers what is kept. `old`: what stood there before; who was
/// named there is not written to again, and commands that stood in a description are not carried
/// out again.
pub(super) fn received(
    world: &mut World,
    asker: Asker,
    iid: u64,
    text: &str,
    old: Option<&str>,
    place: Where,
) -> String {
    let text = text.replace('\r', "");
    let mut kept = String::new();
    let mut at = 0;
    for command in actions::commands(&text, &world.version.clone()) {
        let line = &text[command.line.clone()];
        let known = place == Where::Description
            && old.is_some_and(|old| old.lines().any(|other| other == line));
        if known {
            continue;
        }
        world.executed.push((line.to_owned(), asker.project, iid));
        carry_out(world, asker, iid, &command);
        kept.push_str(&text[at..command.line.start]);
        kept.push_str(command.becomes().as_str());
        at = command.line.end;
        if text[at..].starts_with('\n') {
            at += 1;
        }
    }
    kept.push_str(&text[at..]);
    let kept = kept.trim_end().to_owned();
    let before = old.map(|old| world.reads(asker.project, old));
    let now = world.reads(asker.project, &kept);
    act(world, asker, iid, &now, before.unwrap_or_default());
    kept
}

/// Mentions and references of a title do what those of a text do.
pub(super) fn received_title(
    world: &mut World,
    asker: Asker,
    iid: u64,
    title: &str,
    old: Option<&str>,
) {
    let before = old.map(|old| world.reads_title(asker.project, old));
    let now = world.reads_title(asker.project, title);
    act(world, asker, iid, &now, before.unwrap_or_default());
}

fn carry_out(world: &mut World, asker: Asker, iid: u64, command: &actions::Command) {
    let now = world.clock.now();
    if !asker.is_at_least(Role::Planner) {
        return;
    }
    let issue = world.issue_mut(asker.project, iid);
    let argument = command.argument.clone();
    match command.name.as_str() {
        "close" => {
            issue.open = false;
            issue.closed = Some((now, asker.user));
        }
        "reopen" => {
            issue.open = true;
            issue.closed = None;
        }
        "title" => issue.title = argument,
        "confidential" => issue.confidential = true,
        "label" => {
            let names = argument
                .split('~')
                .map(|name| name.trim().trim_matches('"').to_owned());
            issue.labels.extend(names.filter(|name| !name.is_empty()));
        }
        "due" => issue.due_date = Some(argument),
        _ => {}
    }
    issue.updated_at = now;
}

/// Mentions write to everybody who is named and was not before; references write "mentioned in" into
/// what they name, and touch it (reference §8.3).
fn act(world: &mut World, asker: Asker, iid: u64, reading: &Reading, before: Reading) {
    for name in reading.mentions.difference(&before.mentions) {
        world.mails.push((name.clone(), asker.project, iid));
    }
    let here = Named::Issue(asker.project, iid);
    let old: BTreeSet<Named> = before.names().collect();
    let named: BTreeSet<Named> = reading.names().collect();
    for named in named.difference(&old) {
        // Labels, milestones and their kin are linked and do not notice.
        if *named == here || !named.notices() {
            continue;
        }
        let backlink = (named.clone(), asker.project, iid);
        if !world.backlinks.contains(&backlink) {
            world.backlinks.push(backlink);
        }
        if let Named::Issue(project, number) = named {
            note_mention(world, asker, iid, *project, *number);
        }
    }
}

fn note_mention(world: &mut World, asker: Asker, iid: u64, project: u64, number: u64) {
    let now = world.clock.now();
    let path = world.projects[&asker.project].path.clone();
    let body = format!("mentioned in issue {path}#{iid}");
    let id = world.fresh_id();
    let issue = world.issue_mut(project, number);
    // Once, however often and wherever in the other issue it is named.
    if issue
        .notes
        .iter()
        .any(|note| note.system && note.body == body)
    {
        return;
    }
    issue.notes.push(system_note(id, asker.user, &body, now));
    issue.touch(now);
}
