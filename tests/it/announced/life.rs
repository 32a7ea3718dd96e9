//! A mirror in the middle of its life, with something of every kind that a pass may write.

use super::{Writes, add, announced};
use crate::lab::Lab;
use forge_sim::{Label, Milestone, Role};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const SECRET: (&str, &str) = ("SECRET", "a long secret that nobody guesses, 1234567890");

const FILE: &str = "66dbcd21ec5d24ed6ea225176098d52b";

pub(super) struct Life {
    pub(super) lab: Lab,
}

impl Life {
    fn run(&self, args: &[&str]) -> Value {
        let all = [&["sync", "--output", "json"], args].concat();
        let run = self.lab.run_with(&all, &[SECRET]);
        assert_eq!(run.code, 0, "{}", run.shown());
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        document["pairs"][0].clone()
    }

    /// Originals by the number of their counterpart.
    fn originals(&self) -> BTreeMap<u64, u64> {
        let run = self
            .lab
            .run_with(&["status", "--issues", "--output", "json"], &[SECRET]);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let rows = document["pairs"][0]["issues"].as_array().unwrap().clone();
        let numbers = rows.iter().filter_map(|row| {
            let target = row["target_number"].as_u64()?;
            Some((target, row["source_number"].as_u64().unwrap()))
        });
        numbers.collect()
    }

    /// A trial run, then a pass: the one says what the other sends.
    pub(super) fn pass(&self, step: &str, args: &[&str]) -> Writes {
        self.lab.sim.advance(300);
        let (writes, before) = (self.lab.sim.world().writes(), self.originals());
        let trial = self.run(&[&["--dry-run"], args].concat());
        assert_eq!(self.lab.sim.world().writes(), writes, "{step}");
        assert_eq!(self.originals(), before, "{step}");
        let begun = self.lab.sim.world().log.len();
        let pair = self.run(args);
        let originals = self.originals();
        let made: BTreeSet<u64> = originals
            .iter()
            .filter(|(target, _)| !before.contains_key(*target))
            .map(|(_, source)| *source)
            .collect();
        let announced = announced(&trial);
        let sent = self.sent(begun, &originals, &announced);
        assert_eq!(
            announced, sent,
            "{step}, announced and sent: {trial:#}\n{pair:#}"
        );
        for (what, _) in announced
            .iter()
            .filter(|(what, _)| what.starts_with("create #"))
        {
            let number: u64 = what["create #".len()..].parse().unwrap();
            assert!(made.contains(&number), "{step}: {number} of {made:?}");
        }
        for count in ["created", "updated", "unchanged", "skipped", "left"] {
            assert_eq!(
                trial["issues"][count], pair["issues"][count],
                "{step}, {count}"
            );
        }
        sent
    }

    /// What the server was sent since, in the words of [`announced`].
    fn sent(&self, begun: usize, originals: &BTreeMap<u64, u64>, announced: &Writes) -> Writes {
        let world = self.lab.sim.world();
        let mut sent = Writes::new();
        let mut created = BTreeSet::new();
        for call in world.log[begun..]
            .iter()
            .filter(|call| call.method != "GET")
        {
            let path = call.target.split('?').next().unwrap();
            let path = path.split_once("/projects/").map_or(path, |(_, rest)| rest);
            let parts: Vec<&str> = path.split('/').skip(1).collect();
            let body: Value = serde_json::from_str(&call.body).unwrap_or_default();
            let number = parts.get(1).and_then(|iid| iid.parse::<u64>().ok());
            let of = number.and_then(|iid| originals.get(&iid));
            let of = of.map_or_else(|| format!("target {number:?}"), |n| format!("#{n}"));
            let hidden = announced.contains_key(&format!("hide {of}"));
            let what = match (call.method.as_str(), &parts[..]) {
                ("POST", ["issues"]) => {
                    let title = body["title"].as_str().unwrap();
                    let mut issues = world.projects[&self.lab.target].issues.values();
                    let iid = issues.find(|issue| issue.title == title).unwrap().iid;
                    let number = originals[&iid];
                    created.insert(format!("#{number}"));
                    format!("create #{number}")
                }
                ("DELETE", ["issues", _]) => format!("delete {of}"),
                // One hides in as many requests as it takes.
                (_, ["issues", ..]) if hidden => {
                    sent.insert(format!("hide {of}"), 1);
                    continue;
                }
                ("POST", ["issues", _, "links"]) => "new link".to_owned(),
                ("DELETE", ["issues", _, "links", _]) => "link less".to_owned(),
                ("POST", ["issues", _, "notes"] | ["issues", _, "discussions", ..]) => {
                    format!("new comment {of}")
                }
                ("PUT", ["issues", _, "notes" | "discussions", ..]) => {
                    format!("changed comment {of}")
                }
                ("DELETE", ["issues", _, "notes", _]) => format!("deleted comment {of}"),
                // Whatever is not part of the request that creates it.
                (_, ["issues", ..]) if created.contains(&of) => continue,
                ("PUT", ["issues", _]) | ("POST", ["issues", _, _]) => {
                    sent.insert(format!("update {of}"), 1);
                    continue;
                }
                // The files of what is hidden or deleted go with it.
                ("DELETE", ["uploads", ..])
                    if announced
                        .keys()
                        .any(|what| what.starts_with("hide ") || what.starts_with("delete")) =>
                {
                    continue;
                }
                ("POST", ["uploads"]) => "upload".to_owned(),
                ("POST", [what @ ("labels" | "milestones")]) => {
                    let name = if *what == "labels" { "name" } else { "title" };
                    format!("new {what} {}", body[name].as_str().unwrap())
                }
                // A new one that is closed is closed by another request.
                ("PUT", ["milestones", _])
                    if body.get("title").is_none()
                        && sent.keys().any(|key| key.starts_with("new milestones")) =>
                {
                    continue;
                }
                ("PUT", [what @ ("labels" | "milestones"), _]) => format!("changed {what}"),
                other => panic!("a kind of write that is not known: {other:?}"),
            };
            add(&mut sent, what, 1);
        }
        sent
    }
}

pub(super) const SETTINGS: &str = "link_existing: by_title
milestone_strategy: by_title
milestone_auto_create: true
assignee_strategy: by_username
sync_closed_issues: true
sync_deletions: delete";

pub(super) fn file(name: &str) -> String {
    format!("![{name}](/uploads/{FILE}/{name})")
}

/// Two that are joined, and something of everything.
pub(super) fn begin() -> Life {
    let lab = Lab::with(SETTINGS, |world| {
        world.premium = true;
        world.ultimate = true;
        let bot = world.tokens["writer"].user;
        let target = *world.projects.keys().max().unwrap();
        world.set_role(target, bot, Role::Owner);
    });
    for (title, text) in [
        ("Alpha", "Alpha here."),
        ("Beta", "Beta here."),
        ("Full", "See #5 and #9."),
        ("Closed", "x"),
        ("Locked", "x"),
        ("Incident", "x"),
        ("Secret", "x"),
        ("Plain", "x"),
    ] {
        lab.open(title, text);
    }
    let alice = lab.alice;
    {
        let mut world = lab.sim.world();
        for (name, content) in [("a.png", "png"), ("b.png", "other")] {
            let place = (FILE.to_owned(), name.to_owned());
            let source = world.projects.get_mut(&lab.source).unwrap();
            source.uploads.insert(place, content.into());
        }
        let (id, milestone) = (world.fresh_id(), world.fresh_id());
        let source = world.projects.get_mut(&lab.source).unwrap();
        source.labels.push(Label {
            id,
            name: "bug".to_owned(),
            color: "#ff0000".to_owned(),
            description: None,
            of_group: false,
        });
        let v1 = Milestone {
            title: "v1".to_owned(),
            ..Milestone::default()
        };
        source.milestones.insert(milestone, v1);
        let bot = world.tokens["writer"].user;
        world.set_role(lab.target, alice, Role::Developer);
        world.open_issue(lab.target, alice, "Alpha", "Alpha there.");
        world.open_issue(lab.target, bot, "Beta", "Beta there.");
        let full = world.issue_mut(lab.source, 3);
        full.labels = ["bug".to_owned(), "ui".to_owned()].into();
        full.milestone = Some(milestone);
        full.assignees = vec![alice];
        full.weight = Some(3);
        full.due_date = Some("2026-12-24".to_owned());
        full.time_estimate = 3600;
        full.time_spent = 1800;
        let closed = world.issue_mut(lab.source, 4);
        (closed.open, closed.weight) = (false, Some(1));
        world.issue_mut(lab.source, 5).locked = true;
        "incident".clone_into(&mut world.issue_mut(lab.source, 6).issue_type);
        world.issue_mut(lab.source, 7).confidential = true;
        for (one, other, blocks) in [(3, 8, false), (4, 6, true), (1, 2, false), (3, 7, false)] {
            world.relate(alice, (lab.source, one), (lab.source, other), blocks);
        }
    }
    lab.comment(3, &format!("One {}", file("a.png")));
    lab.comment(3, &format!("Two {}", file("a.png")));
    lab.comment(5, "After #9 it is done.");
    lab.comment(1, "On Alpha.");
    Life { lab }
}
