//! What people do on the source.

use crate::chance::{Which, which};
use forge_sim::{Issue, World};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
pub(super) enum Edit {
    Open {
        text: usize,
        confidential: bool,
    },
    Retitle(Which, usize),
    Rewrite(Which, usize),
    Label(Which, usize),
    CloseOrReopen(Which),
    Due(Which, usize),
    Weight(Which, usize),
    Estimate(Which, usize),
    Spend(Which, i64),
    Comment(Which, usize),
    /// An answer to a comment.
    Reply(Which, Which, usize),
    /// One blocks the other, or is related to it; or not any more.
    LinkOrUnlink(Which, Which, bool),
    Reword(Which, Which, usize),
    RemoveComment(Which, Which),
    HideOrShow(Which),
    Delete(Which),
}

pub(super) const TITLES: [&str; 3] = ["first", "second", "third & last"];
/// GitLab stores no blanks at the end of a text.
pub(super) const TEXTS: [&str; 8] = [
    "",
    "Plain.",
    "- a list\n- of two\n\nAnd more.",
    "/close\nfor @bob",
    "```\nleft open",
    "---\nno: front matter\n---",
    "[a](/uploads/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/one.txt)",
    "![b](/uploads/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/two.txt) and\n[a](/uploads/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/one.txt)",
];
/// Files that texts link to, by name and content.
pub(super) const FILES: [(char, &str); 2] = [('a', "one"), ('b', "two")];
const LABELS: [&str; 3] = ["bug", "ui", "wont fix"];
const DUE: [Option<&str>; 3] = [None, Some("2026-03-01"), Some("2027-12-31")];
const WEIGHTS: [Option<u64>; 3] = [None, Some(1), Some(8)];
const ESTIMATES: [i64; 3] = [0, 3600, 90_000];

pub(super) fn edit() -> impl Strategy<Value = Edit> {
    let choice = |count: usize| 0..count;
    prop_oneof![
        4 => (choice(TEXTS.len()), prop::bool::weighted(0.1))
            .prop_map(|(text, confidential)| Edit::Open { text, confidential }),
        2 => (which(), choice(3)).prop_map(|(i, n)| Edit::Retitle(i, n)),
        2 => (which(), choice(TEXTS.len())).prop_map(|(i, n)| Edit::Rewrite(i, n)),
        3 => (which(), choice(3)).prop_map(|(i, n)| Edit::Label(i, n)),
        2 => which().prop_map(Edit::CloseOrReopen),
        1 => (which(), choice(3)).prop_map(|(i, n)| Edit::Due(i, n)),
        1 => (which(), choice(3)).prop_map(|(i, n)| Edit::Weight(i, n)),
        1 => (which(), choice(3)).prop_map(|(i, n)| Edit::Estimate(i, n)),
        2 => (which(), prop::sample::select(vec![600, 3600, -600]))
            .prop_map(|(i, n)| Edit::Spend(i, n)),
        5 => (which(), 1..TEXTS.len()).prop_map(|(i, n)| Edit::Comment(i, n)),
        3 => (which(), which(), 1..TEXTS.len()).prop_map(|(i, c, n)| Edit::Reply(i, c, n)),
        3 => (which(), which(), any::<bool>()).prop_map(|(i, o, b)| Edit::LinkOrUnlink(i, o, b)),
        2 => (which(), which(), 1..TEXTS.len()).prop_map(|(i, c, n)| Edit::Reword(i, c, n)),
        2 => (which(), which()).prop_map(|(i, c)| Edit::RemoveComment(i, c)),
        3 => which().prop_map(Edit::HideOrShow),
        1 => which().prop_map(Edit::Delete),
    ]
}

/// The issue of the source that an edit is about, if there is one.
pub(super) fn chosen(world: &World, project: u64, which: Which) -> Option<u64> {
    let issues = &world.projects[&project].issues;
    let count = issues.len();
    (count > 0).then(|| *issues.keys().nth(which % count).unwrap())
}

/// An edit as a person makes it in the browser: what it does to the time is what GitLab does.
pub(super) fn carry_out(world: &mut World, project: u64, alice: u64, edit: Edit) {
    let now = world.clock.now();
    let (which, touches) = match edit {
        Edit::Open { text, confidential } => {
            let iid = world.open_issue(project, alice, "", TEXTS[text]);
            let issue = world.issue_mut(project, iid);
            issue.title = format!("T{iid} {}", TITLES[0]);
            issue.confidential = confidential;
            return;
        }
        Edit::Retitle(which, _)
        | Edit::Rewrite(which, _)
        | Edit::CloseOrReopen(which)
        | Edit::Due(which, _)
        | Edit::Weight(which, _)
        | Edit::Estimate(which, _)
        | Edit::HideOrShow(which) => (which, false),
        Edit::Label(which, _)
        | Edit::Spend(which, _)
        | Edit::Comment(which, _)
        | Edit::Reply(which, ..)
        | Edit::LinkOrUnlink(which, ..)
        | Edit::Reword(which, ..)
        | Edit::RemoveComment(which, _)
        | Edit::Delete(which) => (which, true),
    };
    let Some(iid) = chosen(world, project, which) else {
        return;
    };
    if let Edit::Comment(_, text) = edit {
        world.comment(project, iid, alice, TEXTS[text]);
        return;
    }
    if let Edit::Reply(_, to, text) = edit {
        let notes = world.issue(project, iid).comments();
        if let Some(to) = notes.get(to % notes.len().max(1)).map(|note| note.id) {
            world.reply(project, iid, to, alice, TEXTS[text]);
        }
        return;
    }
    if let Edit::LinkOrUnlink(_, other, blocks) = edit {
        link_or_unlink(world, alice, (project, iid), other, blocks);
        return;
    }
    if let Edit::Delete(_) = edit {
        world
            .links
            .retain(|link| ![link.source, link.target].contains(&(project, iid)));
        let issues = &mut world.projects.get_mut(&project).unwrap().issues;
        // An empty source stops everything, and is tested elsewhere.
        if issues.len() > 1 {
            issues.remove(&iid);
        }
        return;
    }
    let issue = world.issue_mut(project, iid);
    let comment = |issue: &Issue, which: Which| {
        let people: Vec<usize> = (0..issue.notes.len())
            .filter(|at| !issue.notes[*at].system)
            .collect();
        (!people.is_empty()).then(|| people[which % people.len()])
    };
    match edit {
        Edit::Retitle(_, title) => issue.title = format!("T{iid} {}", TITLES[title]),
        Edit::Rewrite(_, text) => {
            issue.description = Some(TEXTS[text].to_owned()).filter(|text| !text.is_empty());
        }
        Edit::Label(_, label) => {
            let label = LABELS[label];
            if !issue.labels.remove(label) {
                issue.labels.insert(label.to_owned());
            }
        }
        Edit::CloseOrReopen(_) => {
            issue.open = !issue.open;
            issue.closed = (!issue.open).then_some((now, alice));
        }
        Edit::Due(_, date) => issue.due_date = DUE[date].map(str::to_owned),
        Edit::Weight(_, weight) => issue.weight = WEIGHTS[weight],
        Edit::Estimate(_, estimate) => issue.time_estimate = ESTIMATES[estimate],
        Edit::Spend(_, seconds) => issue.time_spent = (issue.time_spent + seconds).max(0),
        Edit::HideOrShow(_) => issue.confidential = !issue.confidential,
        Edit::Reword(_, which, text) => {
            let Some(at) = comment(issue, which) else {
                return;
            };
            TEXTS[text].clone_into(&mut issue.notes[at].body);
            issue.notes[at].updated_at = now;
        }
        Edit::RemoveComment(_, which) => {
            if let Some(at) = comment(issue, which) {
                issue.notes.remove(at);
            }
            // It leaves no trace in the time of the issue.
            return;
        }
        Edit::Open { .. }
        | Edit::Comment(..)
        | Edit::Reply(..)
        | Edit::LinkOrUnlink(..)
        | Edit::Delete(_) => return,
    }
    if touches {
        issue.touch(now);
    } else {
        issue.updated_at = now;
    }
}

/// Links two issues, or parts them.
fn link_or_unlink(world: &mut World, alice: u64, one: (u64, u64), other: Which, blocks: bool) {
    let Some(other) = chosen(world, one.0, other) else {
        return;
    };
    let two = (one.0, other);
    let mut links = world.links.iter();
    let known = links.find(|link| {
        [link.source, link.target] == [one, two] || [link.source, link.target] == [two, one]
    });
    match known.map(|link| link.id) {
        Some(id) => world.unrelate(alice, id),
        None if one != two => {
            world.relate(alice, one, two, blocks);
        }
        None => {}
    }
}
