//! The same life on a server: GitLab as its forge, played by the simulator.

use super::{real, shown, starts_with, username};
use crate::lab::{Lab, author_comment, author_text};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The same life on a GitLab: people write in the browser, a pass mirrors it into another project.
struct OnGitlab {
    lab: Lab,
    /// Accounts by name.
    users: BTreeMap<String, u64>,
    /// Numbers on the server by those of the timeline.
    iids: BTreeMap<u64, u64>,
    notes: BTreeMap<u64, u64>,
}

impl OnGitlab {
    fn user(&mut self, person: &Value) -> u64 {
        let name = username(person).to_owned();
        let lab = &self.lab;
        let add = || lab.sim.world().add_user(&name);
        *self.users.entry(name.clone()).or_insert_with(add)
    }

    /// Applies one change as GitLab stores it: without `\r` and blanks at the end.
    fn apply(&mut self, event: &Value) {
        let number = event["issue"].as_u64().unwrap();
        let text = |name: &str| event[name].as_str().unwrap().to_owned();
        let author = self.user(&event["author"]);
        let (source, mut world) = (self.lab.source, self.lab.sim.world());
        let kind = event["kind"].as_str().unwrap();
        if kind == "issue_created" {
            let title = text("title").trim().to_owned();
            let iid = world.open_issue(source, author, &title, &stored(&text("body")));
            self.iids.insert(number, iid);
            return;
        }
        let iid = self.iids[&number];
        let now = world.clock.now();
        if kind == "comment_added" {
            let id = world.comment(source, iid, author, &stored(&text("body")));
            self.notes.insert(event["comment"].as_u64().unwrap(), id);
            return;
        }
        let issue = world.issue_mut(source, iid);
        match kind {
            "body_edited" => issue.description = Some(stored(&text("body"))),
            "title_changed" => text("to").trim().clone_into(&mut issue.title),
            // No label of GitLab has a comma.
            "label_added" => {
                issue.labels.insert(text("label").replace(',', ";"));
            }
            "label_removed" => {
                issue.labels.remove(&text("label").replace(',', ";"));
            }
            "closed" => {
                issue.open = false;
                issue.closed = Some((now, author));
            }
            "reopened" => {
                issue.open = true;
                issue.closed = None;
            }
            "comment_edited" => {
                let id = self.notes[&event["comment"].as_u64().unwrap()];
                let note = issue.notes.iter_mut().find(|note| note.id == id).unwrap();
                note.body = stored(&text("body"));
                note.updated_at = now;
            }
            other => panic!("unknown change {other}"),
        }
        match kind {
            // Only touched, with the throttle.
            "label_added" | "label_removed" | "comment_edited" => issue.touch(now),
            _ => issue.updated_at = now,
        }
    }

    fn compare(&self, step: usize) {
        let world = self.lab.sim.world();
        let issues = &world.projects[&self.lab.source].issues;
        let mirrored = &world.projects[&self.lab.target].issues;
        assert_eq!(mirrored.len(), issues.len(), "issues in step {step}");
        for (issue, there) in issues.values().zip(mirrored.values()) {
            let at = format!("#{} in step {step}", issue.iid);
            assert_eq!(shown(&there.title), issue.title, "title of {at}");
            let text = there.description.as_deref().unwrap();
            let source = issue.description.as_deref().unwrap_or("");
            starts_with(
                &uncoded(&unlinked(&shown(author_text(text)))),
                &uncoded(source.trim_end()),
                &at,
            );
            assert_eq!(there.open, issue.open, "state of {at}");
            let mut labels = issue.labels.clone();
            labels.insert(format!("Mirrored-From::127.0.0.1:{}", self.lab.sim.port()));
            assert_eq!(there.labels, labels, "labels of {at}");
            let comments = (issue.comments(), there.comments());
            assert_eq!(comments.1.len(), comments.0.len(), "comments of {at}");
            for (note, mirror) in comments.0.iter().zip(&comments.1) {
                let (attribution, text) = author_comment(&mirror.body);
                let by = &world.users[&note.author].username;
                assert!(
                    shown(attribution).contains(by.as_str()),
                    "{attribution} of {at}"
                );
                starts_with(&uncoded(&unlinked(&shown(text))), &uncoded(&note.body), &at);
            }
            // Traces are left by what refers to it, as on the source.
            for trace in there.notes.iter().filter(|note| note.system) {
                let by = trace
                    .body
                    .strip_prefix("mentioned in issue mirrors/app#")
                    .unwrap_or_else(|| panic!("{} in {at}", trace.body));
                let by = &issues[&by.parse().unwrap()];
                let texts = by.notes.iter().map(|note| &note.body);
                let named = format!("#{}", issue.iid);
                let names = texts
                    .chain(&by.description)
                    .chain([&by.title])
                    .any(|text| text.contains(&named));
                assert!(names, "{} in {at}", trace.body);
            }
        }
        assert!(
            world.mails.is_empty(),
            "somebody was written to in step {step}: {:?}",
            world.mails
        );
    }
}

fn stored(text: &str) -> String {
    text.replace('\r', "").trim_end().to_owned()
}

/// Names of commits stand as code: without that, whoever put it there.
fn uncoded(text: &str) -> String {
    let name = regex::Regex::new("`([^`\\s]*[0-9a-fA-F]{7}[^`\\s]*)`").unwrap();
    name.replace_all(text, "$1").into_owned()
}

/// A text without the links to what is not mirrored.
fn unlinked(text: &str) -> String {
    let link = r"\[([\w./-]*[#!&$]\d+)\]\(http://127\.0\.0\.1:\d+/[^ )]*\)";
    let link = regex::Regex::new(link).unwrap();
    link.replace_all(text, "$1").into_owned()
}

fn replay_on_gitlab(path: &Path, steps: usize) {
    let text = std::fs::read_to_string(path).unwrap();
    let events: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut life = OnGitlab {
        lab: Lab::new("sync_closed_issues: true\nmax_creates: 100000"),
        users: BTreeMap::new(),
        iids: BTreeMap::new(),
        notes: BTreeMap::new(),
    };
    let mut comments = 0;
    for (step, part) in events.chunks(events.len().div_ceil(steps)).enumerate() {
        for event in part {
            life.apply(event);
            life.lab.sim.advance(7);
        }
        let pair = life.lab.sync();
        comments += pair["comments"]["created"].as_u64().unwrap();
        life.compare(step);
        life.lab.sim.advance(60);
    }
    assert_eq!(
        comments,
        life.notes.len() as u64,
        "each comment was created once"
    );
    life.lab.sim.advance(600);
    life.lab.idle();
    life.lab.sim.advance(600);
    assert_eq!(life.lab.idle(), 1);
}

#[test]
fn a_made_up_life_arrives_on_gitlab() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/timeline.jsonl");
    replay_on_gitlab(&path, 40);
}

#[test]
fn a_real_life_arrives_on_gitlab() {
    if real().exists() {
        replay_on_gitlab(&real(), 32);
    }
}
