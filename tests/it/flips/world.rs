//! The issues on which settings are flipped, and what is seen of a pass.

use crate::lab::Lab;
use forge_sim::{Issue, Logged, Milestone, Role};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) struct Mirror {
    pub(super) lab: Lab,
}

/// What the target holds: each field of each issue by its name.
pub(super) type Held = BTreeMap<String, String>;

/// What `provenance_key_env` names.
pub(super) const SECRET: (&str, &str) = ("SECRET", "a long secret that nobody guesses, 1234567890");

const FILE: &str = "66dbcd21ec5d24ed6ea225176098d52b";

impl Mirror {
    /// Issues with something in every field, which are mirrored and at rest.
    pub(super) fn new(toggles: &str) -> Self {
        let lab = Lab::with(toggles, |world| {
            world.premium = true;
            world.ultimate = true;
        });
        populate(&lab);
        lab.sim.advance(300);
        let mirror = Self { lab };
        mirror.pass();
        let sent = mirror.pass();
        assert!(sent.is_empty(), "{sent:#?}");
        mirror
    }

    /// A pass; answers what it sent, each request with what it changes.
    pub(super) fn pass(&self) -> Vec<String> {
        self.pass_with(&[])
    }

    /// The same with more arguments.
    pub(super) fn pass_with(&self, args: &[&str]) -> Vec<String> {
        self.lab.sim.advance(300);
        let before = self.lab.sim.world().log.len();
        let texts = self.texts();
        let run = self.lab.run_with(&[&["sync"], args].concat(), &[SECRET]);
        assert_eq!(run.code, 0, "{}", run.shown());
        let world = self.lab.sim.world();
        let sent = world.log[before..]
            .iter()
            .filter(|call| call.method != "GET");
        let mut sent: Vec<String> = sent.map(|call| said(call, &texts)).collect();
        sent.sort();
        sent
    }

    /// Descriptions and notes of the target by what a request to change them ends in.
    fn texts(&self) -> BTreeMap<String, String> {
        let world = self.lab.sim.world();
        let mut texts = BTreeMap::new();
        for issue in world.projects[&self.lab.target].issues.values() {
            let place = format!("issues/{}", issue.iid);
            for (number, note) in issue.comments().iter().enumerate() {
                let name = format!("{place}/notes/{}", note.id);
                texts.insert(name.clone(), note.body.clone());
                texts.insert(format!("{name} "), format!("{place}/notes/{}", number + 1));
            }
            texts.insert(place, issue.description.clone().unwrap_or_default());
        }
        texts
    }

    /// What the target holds.
    pub(super) fn target(&self) -> Held {
        let world = self.lab.sim.world();
        let project = &world.projects[&self.lab.target];
        let mut held = Held::new();
        for issue in project.issues.values() {
            for (field, value) in fields(issue) {
                held.insert(format!("{} {field}", issue.iid), value);
            }
        }
        let links = world.links.iter();
        let links = links.filter(|link| link.source.0 == self.lab.target);
        for link in links {
            // Whichever of the two is carried later makes it.
            let (one, other) = (link.source.1, link.target.1);
            let name = format!("link {} {}", one.min(other), one.max(other));
            held.insert(name, format!("blocks: {}", link.blocks));
        }
        for label in &project.labels {
            held.insert(format!("label {}", label.name), label.color.clone());
        }
        for milestone in project.milestones.values() {
            held.insert(format!("milestone {}", milestone.title), String::new());
        }
        held
    }
}

/// Everything of an issue that people see.
fn fields(issue: &Issue) -> Vec<(String, String)> {
    let Issue {
        title,
        description,
        open,
        labels,
        milestone,
        assignees,
        due_date,
        confidential,
        issue_type,
        weight,
        time_estimate,
        time_spent,
        ..
    } = issue;
    let mut fields: Vec<(String, String)> = [
        ("title", title.clone()),
        ("description", description.clone().unwrap_or_default()),
        ("open", open.to_string()),
        ("labels", format!("{labels:?}")),
        ("milestone", milestone.is_some().to_string()),
        ("assignees", assignees.len().to_string()),
        ("due_date", format!("{due_date:?}")),
        ("confidential", confidential.to_string()),
        ("type", issue_type.clone()),
        ("weight", format!("{weight:?}")),
        ("estimate", time_estimate.to_string()),
        ("spent", time_spent.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    for (number, note) in issue.comments().iter().enumerate() {
        fields.push((format!("note {}", number + 1), note.body.clone()));
    }
    fields
}

/// What differs between two states: names, with `-` what is gone and with `+` what came.
pub(super) fn difference(before: &Held, after: &Held) -> Vec<String> {
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    let came = after.keys().filter(|name| !before.contains_key(*name));
    let other = before.iter().filter(|(name, value)| {
        let now = after.get(*name);
        now.is_some_and(|now| now != *value)
    });
    // Of an issue that came or went the title stands for the whole.
    let whole = |held: &Held, name: &str| {
        let number = name.split(' ').next().unwrap_or_default();
        let is_field = number.parse::<u64>().is_ok();
        !is_field || held.contains_key(&format!("{number} title")) || name.ends_with(" title")
    };
    gone.filter(|name| whole(after, name))
        .map(|name| format!("-{name}"))
        .chain(
            came.filter(|name| whole(before, name))
                .map(|name| format!("+{name}")),
        )
        .chain(other.map(|(name, _)| name.clone()))
        .collect()
}

/// Lines as they stand in the table.
pub(super) fn shown<T: AsRef<str>>(lines: &[T]) -> String {
    let host = regex::Regex::new(r"127\.0\.0\.1:\d+").unwrap();
    let mut lines: Vec<String> = lines
        .iter()
        .map(|line| host.replace_all(line.as_ref(), "HOST").into_owned())
        .collect();
    lines.sort();
    let lines = lines.iter().map(|line| format!("\n    {line:?},"));
    lines.collect::<String>() + "\n"
}

/// A request with what it changes. `texts`: what was there before it.
fn said(call: &Logged, texts: &BTreeMap<String, String>) -> String {
    let path = call.target.split('?').next().unwrap_or_default();
    let path = path.split_once("/projects/").map_or(path, |(_, rest)| rest);
    let path = path.split_once('/').map_or(path, |(_, rest)| rest);
    let body: Value = serde_json::from_str(&call.body).unwrap_or_default();
    let empty = serde_json::Map::new();
    if let Some(one) = path
        .strip_suffix("/links")
        .filter(|_| call.method == "POST")
    {
        let one = one.trim_start_matches("issues/").to_owned();
        let mut both = [one, body["target_issue_iid"].to_string().replace('"', "")];
        both.sort();
        return format!("POST link {} {}", both.join(" "), body["link_type"]);
    }
    let mut parts = Vec::new();
    for (name, value) in body.as_object().unwrap_or(&empty) {
        parts.push(match name.as_str() {
            "description" | "body" => {
                let text = value.as_str().unwrap_or_default();
                match texts.get(path) {
                    Some(before) => format!("{name}({})", changes(before, text)),
                    None => name.clone(),
                }
            }
            "assignee_ids" if value[0] == 0 => "assignees=nobody".to_owned(),
            "assignee_ids" => format!("assignees={}", value.as_array().map_or(0, Vec::len)),
            "milestone_id" if value != 0 => "milestone".to_owned(),
            "color" | "created_at" => continue,
            _ => format!("{name}={}", value.to_string().trim_matches('"')),
        });
    }
    if call.method == "DELETE" && path.contains("/links/") {
        return "DELETE link".to_owned();
    }
    // The numbers of discussions are long.
    let long = regex::Regex::new(r"discussions/[0-9a-f]+").unwrap();
    let path = &*long.replace(path, "discussions/ID");
    let shown = texts.get(&format!("{path} ")).map_or(path, String::as_str);
    let refused = if call.status >= 400 {
        format!(" [{}]", call.status)
    } else {
        String::new()
    };
    let line = format!("{} {shown} {}", call.method, parts.join(" "));
    line.trim_end().to_owned() + &refused
}

/// What became of a description: its lines of the footer, and whether its text is another one.
fn changes(before: &str, after: &str) -> String {
    let split = |text: &str| {
        let (text, rest) = text.split_once("[issue-mirror]: # (").unwrap_or((text, ""));
        let lines = rest.lines().skip(1).filter(|line| line.starts_with("- **"));
        let lines: Vec<String> = lines.map(str::to_owned).collect();
        (text.to_owned(), lines)
    };
    let ((text, lines), (other, others)) = (split(before), split(after));
    let name = |line: &String| line["- **".len()..].split(":**").next().unwrap().to_owned();
    let gone = lines.iter().filter(|line| !others.contains(line));
    let came = others.iter().filter(|line| !lines.contains(line));
    let mut parts: Vec<String> = gone.map(|line| format!("-{}", name(line))).collect();
    parts.extend(came.map(|line| format!("+{}", name(line))));
    if text != other {
        parts.push("text".to_owned());
    }
    parts.join(" ")
}

/// The issues of the source: one with everything, one that is linked to it, a task, one that is
/// closed and one that is confidential. Alice and robert are members of the target.
fn populate(lab: &Lab) {
    lab.open(
        "Rich",
        &format!("Ask @bob, as in ABC-12.\n\n![shot](/uploads/{FILE}/shot.png)"),
    );
    for title in ["Plain", "Task", "Closed", "Secret"] {
        lab.open(title, "Text.");
    }
    let first = lab.comment(1, "Comment for @bob.");
    let (alice, bob) = {
        let mut world = lab.sim.world();
        let robert = world.add_user("robert");
        world.set_role(lab.target, lab.alice, Role::Developer);
        world.set_role(lab.target, robert, Role::Developer);
        world.reply(lab.source, 1, first, lab.alice, "Answer.");
        let internal = world.comment(lab.source, 1, lab.alice, "Internal.");
        let notes = &mut world.issue_mut(lab.source, 1).notes;
        let note = notes.iter_mut().find(|note| note.id == internal).unwrap();
        note.internal = true;
        world.relate(lab.alice, (lab.source, 1), (lab.source, 2), false);
        let bob = world.users.values().find(|user| user.username == "bob");
        (lab.alice, bob.unwrap().id)
    };
    {
        let mut world = lab.sim.world();
        let target = lab.target;
        let source = world.projects.get_mut(&lab.source).unwrap();
        let file = (FILE.to_owned(), "shot.png".to_owned());
        source.uploads.insert(file, vec![b'x'; 1_500_000]);
        for (id, title) in [(101, "v1"), (102, "v2")] {
            let title = title.to_owned();
            let milestone = Milestone {
                title,
                ..Milestone::default()
            };
            source.milestones.insert(id, milestone);
        }
        // The target has one of them.
        let milestone = Milestone {
            title: "v1".to_owned(),
            ..Milestone::default()
        };
        let target = world.projects.get_mut(&target).unwrap();
        target.milestones.insert(201, milestone);
    }
    lab.edit(1, |issue| {
        issue.labels = ["bug".to_owned(), "internal".to_owned()].into();
        issue.milestone = Some(101);
        issue.assignees = vec![alice];
        issue.weight = Some(3);
        issue.due_date = Some("2026-12-24".to_owned());
        issue.start_date = Some("2026-12-01".to_owned());
        issue.health = Some("on_track".to_owned());
        issue.thumbs = (2, 1);
        issue.time_estimate = 3600;
        issue.time_spent = 1800;
        issue.iteration = Some("Sprint".to_owned());
        issue.epic = Some((4, "Big".to_owned()));
    });
    lab.edit(2, |issue| {
        issue.labels = ["ui".to_owned()].into();
        issue.milestone = Some(102);
        issue.assignees = vec![bob];
    });
    lab.edit(3, |issue| "task".clone_into(&mut issue.issue_type));
    let now = lab.sim.world().clock.now();
    lab.edit(4, |issue| {
        issue.open = false;
        issue.closed = Some((now, alice));
    });
    lab.edit(5, |issue| issue.confidential = true);
}
