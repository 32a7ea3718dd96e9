//! A project's life, step by step, with a pass in between.
//!
//! A timeline is a list of changes in the order in which they happened. It is turned into a tracker
//! on disk as far as it goes, mirrored, taken further, mirrored again; after each step both sides are
//! compared field by field, by code that knows the format of trackers and nothing of the program.

mod server;

use crate::env::Env;
use crate::tracker::Tracker;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A tracker as far as a timeline goes.
#[derive(Default)]
struct World {
    issues: BTreeMap<u64, Issue>,
}

#[derive(Default)]
struct Issue {
    title: String,
    text: String,
    author: Value,
    created_at: String,
    closed: Option<(String, Value)>,
    labels: BTreeSet<String>,
    comments: BTreeMap<u64, Comment>,
}

struct Comment {
    author: Value,
    created_at: String,
    text: String,
}

impl World {
    /// Applies one change; answers the issue that it concerns.
    fn apply(&mut self, event: &Value) -> u64 {
        let number = event["issue"].as_u64().unwrap();
        let text = |name: &str| event[name].as_str().unwrap().to_owned();
        let issue = self.issues.entry(number).or_default();
        match event["kind"].as_str().unwrap() {
            "issue_created" => {
                issue.title = text("title");
                issue.text = text("body");
                issue.author = event["author"].clone();
                issue.created_at = text("at");
            }
            "body_edited" => issue.text = text("body"),
            "title_changed" => issue.title = text("to"),
            "label_added" => {
                issue.labels.insert(text("label"));
            }
            "label_removed" => {
                issue.labels.remove(&text("label"));
            }
            "closed" => issue.closed = Some((text("at"), event["author"].clone())),
            "reopened" => issue.closed = None,
            "comment_added" => {
                let comment = Comment {
                    author: event["author"].clone(),
                    created_at: text("at"),
                    text: text("body"),
                };
                issue
                    .comments
                    .insert(event["comment"].as_u64().unwrap(), comment);
            }
            "comment_edited" => {
                let id = event["comment"].as_u64().unwrap();
                issue.comments.get_mut(&id).unwrap().text = text("body");
            }
            other => panic!("unknown change {other}"),
        }
        number
    }

    /// Writes one issue as a person would.
    fn write(&self, number: u64, tracker: &Tracker) {
        let issue = &self.issues[&number];
        // JSON's texts are YAML's too.
        let mut head = format!(
            "title: {}\nauthor: {}\ncreated_at: {}\n",
            Value::from(issue.title.clone()),
            issue.author,
            issue.created_at
        );
        if let Some((at, by)) = &issue.closed {
            head.push_str(&format!(
                "state: closed\nclosed_at: {at}\nclosed_by: {by}\n"
            ));
        }
        if !issue.labels.is_empty() {
            head.push_str(&format!(
                "labels: {}\n",
                serde_json::to_string(&issue.labels).unwrap()
            ));
        }
        tracker.issue(number, &head, &issue.text);
        for (id, comment) in &issue.comments {
            let head = format!(
                "author: {}\ncreated_at: {}\n",
                comment.author, comment.created_at
            );
            tracker.comment(number, *id, &head, &comment.text);
        }
    }

    /// Compares the world with its mirror, field by field.
    fn compare(&self, target: &Tracker, step: usize) {
        let mut mirrored = BTreeMap::new();
        for issue in target.issues().into_values() {
            let source = issue.footer()[0];
            let number: u64 = source
                .strip_prefix("- **Source:** `plans#")
                .and_then(|rest| rest.strip_suffix('`'))
                .unwrap_or_else(|| panic!("no source in {source}"))
                .parse()
                .unwrap();
            assert!(
                mirrored.insert(number, issue).is_none(),
                "#{number} twice in step {step}"
            );
        }
        assert_eq!(mirrored.len(), self.issues.len(), "issues in step {step}");
        for (number, issue) in &self.issues {
            let there = &mirrored[number];
            let at = format!("#{number} in step {step}");
            assert_eq!(there.field("title"), issue.title.trim(), "title of {at}");
            starts_with(there.mirrored_text(), &issue.text, &at);
            let state = if issue.closed.is_some() {
                "closed"
            } else {
                "open"
            };
            assert_eq!(there.field("state"), state, "state of {at}");
            let closed_at = issue.closed.as_ref().map(|(at, _)| at.as_str());
            assert_eq!(
                there.field("closed_at").as_str(),
                closed_at,
                "closed_at of {at}"
            );
            assert_eq!(
                there.field("created_at"),
                &Value::from(issue.created_at.clone()),
                "{at}"
            );
            assert_eq!(
                username(there.field("author")),
                username(&issue.author),
                "author of {at}"
            );
            let mut labels: BTreeSet<&str> = issue.labels.iter().map(String::as_str).collect();
            labels.insert("Mirrored-From::plans");
            let there_labels: BTreeSet<&str> = there.labels().into_iter().collect();
            assert_eq!(there_labels, labels, "labels of {at}");
            assert_eq!(
                there.comments.len(),
                issue.comments.len(),
                "comments of {at}"
            );
            for (mirror, (id, comment)) in there.comments.iter().zip(&issue.comments) {
                let at = format!("comment {id} of {at}");
                starts_with(mirror.mirrored_text(), &comment.text, &at);
                assert_eq!(
                    username(&mirror.head["author"]),
                    username(&comment.author),
                    "{at}"
                );
                assert_eq!(mirror.head["created_at"], comment.created_at, "{at}");
                assert!(
                    mirror.attribution().contains(username(&comment.author)),
                    "{at}"
                );
            }
        }
    }
}

fn username(person: &Value) -> &str {
    person["username"].as_str().or(person.as_str()).unwrap()
}

/// The text arrived whole; behind it stand at most lines that close what it left open.
pub(crate) fn starts_with(mirrored: &str, text: &str, at: &str) {
    let rest = mirrored
        .strip_prefix(text)
        .unwrap_or_else(|| panic!("text of {at}: {text:?} arrived as {mirrored:?}"));
    let closes = rest.lines().all(|line| {
        line.is_empty()
            || line.bytes().all(|b| b == b'`' || b == b'~' || b == b'>')
            || line == "-->"
            || line.starts_with("</")
    });
    assert!(closes, "behind the text of {at}: {rest:?}");
}

/// Replays a timeline in so many steps.
fn replay(path: &Path, steps: usize) {
    let text = std::fs::read_to_string(path).unwrap();
    let events: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let env = Env::new("sync_closed_issues: true\nmax_creates: 100000");
    let source = env.source();
    let mut world = World::default();
    let mut comments = 0;
    for (step, part) in events.chunks(events.len().div_ceil(steps)).enumerate() {
        let touched: BTreeSet<u64> = part.iter().map(|event| world.apply(event)).collect();
        for number in touched {
            world.write(number, &source);
        }
        let pair = env.sync();
        comments += pair["comments"]["created"].as_u64().unwrap();
        world.compare(&env.target(), step);
    }
    let all: usize = world
        .issues
        .values()
        .map(|issue| issue.comments.len())
        .sum();
    assert_eq!(comments, all as u64, "each comment was created once");
    env.sync_idle();
    let pair = env.sync_with(&["--full"], 0);
    assert_eq!((&pair["drift"], &pair["gone"]), (&0.into(), &0.into()));
}

#[test]
fn a_made_up_life_arrives_step_by_step() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/timeline.jsonl");
    replay(&path, 40);
}

/// Where real projects lie, if they do.
fn real() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/real-issues/timeline.jsonl")
}

#[test]
fn a_real_life_arrives_step_by_step() {
    if !real().exists() {
        // Said past the harness, which would keep it to itself.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: there are no real issues beside the project to be replayed"
        );
        return;
    }
    replay(&real(), 32);
}

/// A text as people see it: what takes the meaning from commands and mentions is not shown.
pub(crate) fn shown(text: &str) -> String {
    let lines: Vec<&str> = text
        .split('\n')
        .map(|line| {
            line.strip_prefix('\\')
                .filter(|rest| rest.starts_with('/'))
                .unwrap_or(line)
        })
        .collect();
    lines.join("\n").replace('\u{2060}', "")
}
