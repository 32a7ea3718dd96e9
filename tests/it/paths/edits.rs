//! The server of a case, and what people do on the source.

use super::settings::Chance;
use crate::lab::Lab;
use forge_sim::{IssueLink, Label, Milestone, Role, World};
use std::fmt::Write;

/// What people do; the more often it is here, the more often.
const EDITS: [&str; 28] = [
    "open",
    "title",
    "text",
    "label",
    "label",
    "label",
    "label",
    "state",
    "due",
    "weight",
    "estimate",
    "spent",
    "milestone",
    "milestone",
    "assignee",
    "assignee",
    "comment",
    "comment",
    "answer",
    "change of a comment",
    "confidential",
    "type",
    "lock",
    "link",
    "link",
    "file",
    "file",
    "name of a label",
];

const LABELS: [&str; 6] = ["bug", "wish", "a::one", "a::two", "secret", "Bug"];

/// Labels, milestones and people.
pub(super) fn world(world: &mut World, premium: bool) {
    world.premium = premium;
    let ids: Vec<u64> = world.projects.keys().copied().collect();
    let (source, target) = (ids[0], ids[1]);
    let carol = world.add_user("carol");
    let bot = world.tokens["writer"].user;
    world.set_role(target, bot, Role::Owner);
    let alice = account(world, "alice");
    world.set_role(target, alice, Role::Developer);
    world.set_role(target, carol, Role::Developer);
    for (at, name) in LABELS.iter().enumerate() {
        let id = world.fresh_id();
        world.projects.get_mut(&source).unwrap().labels.push(Label {
            id,
            name: (*name).to_owned(),
            color: format!("#00000{at}"),
            description: Some(format!("About {name}")),
            of_group: false,
        });
    }
    for (title, closed) in [("v1", false), ("v2", true), ("v3", false)] {
        let id = world.fresh_id();
        let milestone = Milestone {
            title: title.to_owned(),
            start_date: Some("2026-01-01".to_owned()),
            due_date: Some("2026-02-01".to_owned()),
            closed,
            of_group: title == "v3",
            ..Milestone::default()
        };
        world
            .projects
            .get_mut(&source)
            .unwrap()
            .milestones
            .insert(id, milestone);
    }
    let id = world.fresh_id();
    world.projects.get_mut(&target).unwrap().milestones.insert(
        id,
        Milestone {
            title: "V1".to_owned(),
            of_group: true,
            ..Milestone::default()
        },
    );
}

/// The account of somebody.
fn account(world: &World, name: &str) -> u64 {
    let mut users = world.users.iter();
    *users.find(|(_, user)| user.username == name).unwrap().0
}

/// One edit at random.
pub(super) fn draw_edit(lab: &Lab, chance: &mut Chance, steps: &mut String, premium: bool) {
    let numbers: Vec<u64> = {
        let world = lab.sim.world();
        world.projects[&lab.source].issues.keys().copied().collect()
    };
    let any = |chance: &mut Chance| numbers[chance.below(numbers.len())];
    let what = chance.of(&EDITS);
    if numbers.is_empty() || what == "open" {
        let count = lab.sim.world().projects[&lab.source].next_iid;
        let reference = format!("Text qq{count}, see #{} and @bob.", 1 + chance.below(5));
        let iid = lab.open(&format!("T{count}z"), &reference);
        writeln!(steps, "open #{iid}: {reference}").unwrap();
        return;
    }
    let iid = any(chance);
    let (alice, bob) = (lab.alice, account(&lab.sim.world(), "bob"));
    let now = lab.sim.world().clock.now();
    let said = match what {
        "title" => {
            let title = format!(
                "T{iid}z {}",
                chance.of(&["new", "other", "@alice #2", "as #3, !1"])
            );
            lab.edit(iid, |issue| issue.title.clone_from(&title));
            format!("title {title}")
        }
        "text" => {
            let text = chance.of(&[
                "",
                "Plain.",
                "See #1, #3 and !4.\n\n/close",
                "@alice and `@bob`",
            ]);
            lab.edit(iid, |issue| issue.description = Some(text.to_owned()));
            format!("text {text:?}")
        }
        "label" => {
            let names: Vec<String> = {
                let world = lab.sim.world();
                world.projects[&lab.source]
                    .labels
                    .iter()
                    .map(|l| l.name.clone())
                    .collect()
            };
            let label = &names[chance.below(names.len())];
            if premium && label.contains("::") {
                return;
            }
            lab.edit(iid, |issue| {
                if !issue.labels.remove(label) {
                    issue.labels.insert(label.clone());
                }
            });
            format!("label {label}")
        }
        "state" => {
            lab.edit(iid, |issue| {
                issue.open = !issue.open;
                issue.closed = (!issue.open).then_some((now, alice));
            });
            "state".to_owned()
        }
        "due" => {
            let due = chance.of(&[None, Some("2026-03-01"), Some("2026-04-01")]);
            lab.edit(iid, |issue| issue.due_date = due.map(str::to_owned));
            format!("due {due:?}")
        }
        "weight" => {
            let weight = chance.of(&[None, Some(1), Some(5)]);
            if premium {
                lab.edit(iid, |issue| issue.weight = weight);
            }
            format!("weight {weight:?}")
        }
        "estimate" => {
            let estimate = chance.of(&[0, 3600, 7200]);
            lab.edit(iid, |issue| issue.time_estimate = estimate);
            format!("estimate {estimate}")
        }
        "spent" => {
            let spent = chance.of(&[0, 600, 1800]);
            lab.edit(iid, |issue| issue.time_spent = spent);
            format!("spent {spent}")
        }
        "milestone" => {
            let all: Vec<u64> = {
                let world = lab.sim.world();
                world.projects[&lab.source]
                    .milestones
                    .keys()
                    .copied()
                    .collect()
            };
            let milestone = if chance.once_in(4) {
                None
            } else {
                Some(chance.of(&all))
            };
            lab.edit(iid, |issue| issue.milestone = milestone);
            format!("milestone {milestone:?}")
        }
        "assignee" => {
            // One at most, which is what every licence has.
            let who = chance.of(&[None, Some(alice), Some(bob)]);
            let who = Vec::from_iter(who);
            lab.edit(iid, |issue| issue.assignees.clone_from(&who));
            format!("assignees {who:?}")
        }
        "comment" => {
            let text = format!(
                "C{} on #{iid}, see #{}",
                chance.below(1000),
                1 + chance.below(4)
            );
            let id = lab.comment(iid, &text);
            let internal = chance.once_in(4);
            let mut world = lab.sim.world();
            let issue = world.issue_mut(lab.source, iid);
            issue
                .notes
                .iter_mut()
                .find(|n| n.id == id)
                .unwrap()
                .internal = internal;
            format!("comment {text}, internal {internal}")
        }
        "answer" => {
            let notes: Vec<u64> = {
                let world = lab.sim.world();
                let issue = world.issue(lab.source, iid);
                let comments = issue.comments();
                comments
                    .iter()
                    .filter(|n| !n.internal)
                    .map(|n| n.id)
                    .collect()
            };
            if notes.is_empty() {
                return;
            }
            let to = chance.of(&notes);
            let text = format!("Answer {} on #{iid}", chance.below(1000));
            lab.sim.world().reply(lab.source, iid, to, bob, &text);
            format!("{text} to {to}")
        }
        "change of a comment" => {
            let remove = chance.once_in(2);
            let pick = chance.below(100);
            lab.edit(iid, |issue| {
                let at: Vec<usize> = (0..issue.notes.len())
                    .filter(|at| !issue.notes[*at].system)
                    .collect();
                if at.is_empty() {
                    return;
                }
                let at = at[pick % at.len()];
                if remove {
                    issue.notes.remove(at);
                } else {
                    issue.notes[at].body.push_str(" edited");
                    issue.notes[at].updated_at = now;
                }
            });
            format!("comment removed {remove}")
        }
        "confidential" => {
            lab.edit(iid, |issue| issue.confidential = !issue.confidential);
            "confidential".to_owned()
        }
        "type" => {
            let kind = chance.of(&["issue", "incident"]);
            lab.edit(iid, |issue| kind.clone_into(&mut issue.issue_type));
            format!("type {kind}")
        }
        "lock" => {
            lab.edit(iid, |issue| issue.locked = !issue.locked);
            "locked".to_owned()
        }
        "link" => {
            let other = any(chance);
            let blocks = chance.once_in(2);
            let mut world = lab.sim.world();
            let (id, created_at) = (world.fresh_id(), world.clock.now());
            let ends = [(lab.source, iid), (lab.source, other)];
            let is_one =
                |link: &IssueLink| ends.contains(&link.source) && ends.contains(&link.target);
            if other == iid {
                return;
            }
            if let Some(at) = world.links.iter().position(is_one) {
                world.links.remove(at);
            } else {
                world.links.push(IssueLink {
                    id,
                    source: ends[0],
                    target: ends[1],
                    blocks: blocks && premium,
                    created_at,
                });
            }
            for number in [iid, other] {
                world.issue_mut(lab.source, number).updated_at = created_at;
            }
            format!("link to #{other}, blocks {blocks}")
        }
        "file" => {
            let secret = format!("{:032x}", chance.below(3) + 1);
            let mut world = lab.sim.world();
            let project = world.projects.get_mut(&lab.source).unwrap();
            project.uploads.insert(
                (secret.clone(), "a b.txt".to_owned()),
                format!("file {secret}").into_bytes(),
            );
            drop(world);
            lab.edit(iid, |issue| {
                issue.description =
                    Some(format!("File: [it](/uploads/{secret}/a%20b.txt), #{iid}."));
            });
            format!("file {secret}")
        }
        _ => {
            let label = chance.below(3);
            let name = chance.of(&["needs", "wants", "begs"]);
            let mut world = lab.sim.world();
            let project = world.projects.get_mut(&lab.source).unwrap();
            if project.labels.iter().any(|l| l.name == name) {
                return;
            }
            let before = std::mem::replace(&mut project.labels[label].name, name.to_owned());
            for issue in project.issues.values_mut() {
                if issue.labels.remove(&before) {
                    issue.labels.insert(name.to_owned());
                }
            }
            format!("rename label {before} to {name}")
        }
    };
    writeln!(steps, "#{iid}: {said}").unwrap();
}
