//! `sync --dry-run` announces what the pass that follows sends: every kind of write, of every issue, and
//! nothing else.

use crate::lab::Lab;
use forge_sim::{Label, Milestone, Role};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const SECRET: (&str, &str) = ("SECRET", "a long secret that nobody guesses, 1234567890");
const FILE: &str = "66dbcd21ec5d24ed6ea225176098d52b";

/// Writes by what they are about, and how many of each.
type Writes = BTreeMap<String, u64>;

fn add(writes: &mut Writes, what: String, count: u64) {
    if count > 0 {
        *writes.entry(what).or_default() += count;
    }
}

struct Life {
    lab: Lab,
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
    fn pass(&self, step: &str, args: &[&str]) -> Writes {
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

/// What a trial run announces.
fn announced(trial: &Value) -> Writes {
    let mut writes = Writes::new();
    for row in trial["plan"].as_array().unwrap() {
        let of = format!("#{}", row["source_number"]);
        let count = |value: &Value| value.as_u64().unwrap();
        match row["action"].as_str().unwrap() {
            "skip" | "join" => {}
            "update" => {
                let fields = !row["fields"].as_array().unwrap().is_empty();
                add(&mut writes, format!("update {of}"), u64::from(fields));
            }
            "show" | "close" => add(&mut writes, format!("update {of}"), 1),
            action => add(&mut writes, format!("{action} {of}"), 1),
        }
        let comments = &row["comments"];
        if row["action"] != "hide" {
            for (word, key) in [
                ("new", "create"),
                ("changed", "update"),
                ("deleted", "delete"),
            ] {
                add(
                    &mut writes,
                    format!("{word} comment {of}"),
                    count(&comments[key]),
                );
            }
        }
        add(&mut writes, "upload".to_owned(), count(&row["attachments"]));
        add(
            &mut writes,
            "new link".to_owned(),
            count(&row["links"]["create"]),
        );
        add(
            &mut writes,
            "link less".to_owned(),
            count(&row["links"]["delete"]),
        );
    }
    for what in ["labels", "milestones"] {
        let titles = &trial["plan_beside"][what];
        for title in titles["create"].as_array().unwrap() {
            add(
                &mut writes,
                format!("new {what} {}", title.as_str().unwrap()),
                1,
            );
        }
        let changed = titles["update"].as_array().unwrap().len() as u64;
        add(&mut writes, format!("changed {what}"), changed);
    }
    writes
}

const SETTINGS: &str = "link_existing: by_title
milestone_strategy: by_title
milestone_auto_create: true
assignee_strategy: by_username
sync_closed_issues: true
sync_deletions: delete";

fn file(name: &str) -> String {
    format!("![{name}](/uploads/{FILE}/{name})")
}

/// Two that are joined, and something of everything.
fn begin() -> Life {
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

#[test]
fn p12_a_trial_run_announces_every_write_of_the_pass_and_nothing_else() {
    let life = begin();
    let lab = &life.lab;
    let sent = life.pass("the first pass", &[]);
    for what in [
        "create #3",
        "new comment #1",
        "update #1",
        "upload",
        "new link",
        "new labels bug",
        "new milestones v1",
    ] {
        assert!(sent.contains_key(what), "{what}: {sent:#?}");
    }
    assert_eq!(life.pass("nothing", &[]), Writes::new());

    let (alice, source) = (lab.alice, lab.source);
    lab.edit(3, |issue| {
        issue.title = "Full, renamed".to_owned();
        issue.weight = None;
        issue.notes.retain(|note| !note.body.starts_with("Two"));
        issue.labels.insert("new".to_owned());
    });
    lab.comment(3, &format!("Three {}", file("b.png")));
    lab.edit(4, |issue| issue.open = true);
    lab.edit(5, |issue| issue.locked = false);
    lab.edit(8, |issue| issue.time_spent = 600);
    {
        let mut world = lab.sim.world();
        let ends = [(source, 3), (source, 8)];
        let mut links = world.links.iter();
        let link = links
            .find(|link| [link.source, link.target] == ends)
            .unwrap()
            .id;
        world.unrelate(alice, link);
        world.relate(alice, (source, 5), (source, 8), false);
        let project = world.projects.get_mut(&source).unwrap();
        "#00ff00".clone_into(&mut project.labels[0].color);
        let milestone = project.milestones.values_mut().next().unwrap();
        "v2".clone_into(&mut milestone.title);
    }
    let ninth = lab.open("Ninth", "See #3.");
    lab.sim
        .world()
        .relate(alice, (source, ninth), (source, 1), false);
    let sent = life.pass("edits", &[]);
    for what in [
        "update #3",
        "deleted comment #3",
        "changed comment #5",
        "create #9",
        "link less",
        "new link",
        "changed labels",
        "changed milestones",
        "upload",
    ] {
        assert!(sent.contains_key(what), "{what}: {sent:#?}");
    }
    assert_eq!(life.pass("nothing after edits", &["--full"]), Writes::new());

    // A label that the target has archived, and one that people set there.
    lab.sim
        .world()
        .projects
        .get_mut(&lab.target)
        .unwrap()
        .archived_labels
        .insert("ui".to_owned());
    let there = |title: &str| {
        let world = lab.sim.world();
        let mut issues = world.projects[&lab.target].issues.values();
        issues.find(|issue| issue.title == title).unwrap().iid
    };
    let plain = there("Plain");
    lab.sim
        .world()
        .issue_mut(lab.target, plain)
        .labels
        .insert("bug".to_owned());
    lab.edit(8, |issue| {
        issue.labels = ["ui", "bug"].map(str::to_owned).into();
    });
    assert_eq!(life.pass("labels", &[]), Writes::new());

    // What is confidential, and back.
    lab.edit(8, |issue| issue.confidential = true);
    lab.edit(3, |issue| {
        let mut notes = issue.notes.iter_mut().rev();
        notes.find(|note| !note.system).unwrap().internal = true;
    });
    let sent = life.pass("hidden", &[]);
    assert!(
        sent.contains_key("hide #8") && sent.contains_key("deleted comment #3"),
        "{sent:#?}"
    );
    lab.edit(8, |issue| {
        issue.confidential = false;
        issue.title = "Plain again".to_owned();
    });
    let sent = life.pass("shown", &[]);
    assert!(sent.contains_key("update #8"), "{sent:#?}");

    // Other settings, with a label for everything, and nothing told of the source.
    let other = SETTINGS.replace("by_username", "as_label").replace(
        "milestone_strategy: by_title",
        "label_prefix: up/\nlabel_strategy: affix",
    );
    lab.configure(&other.replace("milestone_auto_create: true", ""));
    let sent = life.pass("settings", &[]);
    assert!(sent.contains_key("new labels up/bug"), "{sent:#?}");
    lab.configure(&format!(
        "{SETTINGS}\nprovenance: opaque\nprovenance_key_env: SECRET"
    ));
    let sent = life.pass("opaque", &[]);
    assert!(sent.contains_key("changed comment #1"), "{sent:#?}");
    lab.configure(SETTINGS);
    life.pass("telling again", &[]);

    // What leaves the selection, and what is there no more.
    lab.configure(&format!(
        "{SETTINGS}\nonly: {{ exclude_labels: [out], labels: [bug, ui] }}"
    ));
    life.pass("a selection", &[]);
    lab.configure(SETTINGS);
    life.pass("all of it again", &[]);
    lab.sim
        .world()
        .projects
        .get_mut(&source)
        .unwrap()
        .issues
        .remove(&6)
        .unwrap();
    let sent = life.pass("vanished", &["--full"]);
    assert_eq!(sent, Writes::from([("delete #6".to_owned(), 1)]));
    // A store that was lost.
    lab.sim.advance(600);
    lab.env.lose_store();
    lab.edit(3, |issue| issue.due_date = None);
    life.pass("lost", &[]);
}
