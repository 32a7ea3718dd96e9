//! A project's life for the matrix, in two steps, and what there is of it on the target.

use forge_sim::{Issue, Label, Project, Role, User, World};
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Path of the source project.
pub(super) const SOURCE: &str = "team/app";
/// Path of the target project.
pub(super) const TARGET: &str = "mirrors/app";
/// Ids of a large server do not fit into 32 bits, and are known by their length.
const FIRST_IDS: u64 = 5_000_000_000;
/// The second step begins here, so that its ids are the same whatever the first pass drew.
const SECOND_IDS: u64 = 6_000_000_000;

/// People and projects, with nothing in them yet.
pub(super) fn begin() -> World {
    let mut world = World::default();
    let [alice, bob, bot] = ["alice", "bob", "mirror-bot"].map(|name| world.add_user(name));
    world.add_token("reader", bot);
    world.add_token("writer", bot);
    world.ids_from(FIRST_IDS);
    let (source, target) = (world.add_project(SOURCE), world.add_project(TARGET));
    for user in [alice, bob] {
        world.set_role(source, user, Role::Developer);
    }
    world.set_role(source, bot, Role::Reporter);
    world.set_role(target, bot, Role::Maintainer);
    world
}

/// The number of the project at this path.
pub(super) fn project(world: &World, path: &str) -> u64 {
    let mut projects = world.projects.values();
    projects.find(|project| project.path == path).unwrap().id
}

/// Somebody who writes on the source.
struct Author<'w> {
    world: &'w mut World,
    source: u64,
    people: [u64; 2],
}

impl Author<'_> {
    fn of(world: &mut World) -> Author<'_> {
        let source = project(world, SOURCE);
        let user = |name| {
            let mut users = world.users.values();
            users.find(|user| user.username == name).unwrap().id
        };
        let people = ["alice", "bob"].map(user);
        Author {
            world,
            source,
            people,
        }
    }

    fn open(&mut self, title: &str, text: &str) -> u64 {
        let alice = self.people[0];
        self.world.open_issue(self.source, alice, title, text)
    }

    /// People take turns.
    fn comment(&mut self, iid: u64, text: &str) {
        let turn = self.world.issue(self.source, iid).notes.len() % 2;
        let author = self.people[turn];
        self.world.comment(self.source, iid, author, text);
    }

    /// An answer to the comment at this place of the issue.
    fn reply(&mut self, iid: u64, at: usize, text: &str) {
        let notes = &self.world.issue(self.source, iid).notes;
        let (to, author) = (notes[at].id, self.people[notes.len() % 2]);
        self.world.reply(self.source, iid, to, author, text);
    }

    /// In the browser: the issue's time moves.
    fn edit(&mut self, iid: u64, change: impl FnOnce(&mut Issue)) {
        let now = self.world.clock.now();
        let issue = self.world.issue_mut(self.source, iid);
        change(issue);
        issue.updated_at = now;
    }

    fn edit_comment(&mut self, iid: u64, at: usize, text: &str) {
        let now = self.world.clock.now();
        self.edit(iid, |issue| {
            text.clone_into(&mut issue.notes[at].body);
            issue.notes[at].updated_at = now;
        });
    }

    fn relate(&mut self, one: u64, other: u64) {
        let (source, alice) = (self.source, self.people[0]);
        self.world
            .relate(alice, (source, one), (source, other), false);
    }

    fn unrelate(&mut self, one: u64, other: u64) {
        let (source, alice) = (self.source, self.people[0]);
        let ends = [(source, one), (source, other)];
        let mut links = self.world.links.iter();
        let link = links
            .find(|link| [link.source, link.target] == ends)
            .unwrap()
            .id;
        self.world.unrelate(alice, link);
    }

    fn close(&mut self, iid: u64) {
        let closed = (self.world.clock.now(), self.people[1]);
        self.edit(iid, |issue| {
            issue.open = false;
            issue.closed = Some(closed);
        });
    }
}

/// Thirteen issues and thirty-one comments, with something of everything in them.
pub(super) fn live(world: &mut World) {
    let (id, source) = (world.fresh_id(), project(world, SOURCE));
    let milestone = world.fresh_id();
    let secret = "66dbcd21ec5d24ed6ea225176098d52b";
    let there = world.projects.get_mut(&source).unwrap();
    there.labels.push(Label {
        id,
        name: "bug".to_owned(),
        color: "#ff0000".to_owned(),
        description: Some("Broken.".to_owned()),
        of_group: false,
    });
    let v1 = forge_sim::Milestone {
        title: "v1".to_owned(),
        ..Default::default()
    };
    there.milestones.insert(milestone, v1);
    let file = (secret.to_owned(), "a.png".to_owned());
    there.uploads.insert(file, b"png".to_vec());

    let mut author = Author::of(world);
    for number in 1..=13 {
        let text = match number {
            // References forward, also to what comes much later.
            1 | 4 | 7 => format!("See #{} and #{}.", number + 1, number + 5),
            3 => format!("![a](/uploads/{secret}/a.png)"),
            5 => String::new(),
            _ => format!("Text of {number}, after #1."),
        };
        let iid = author.open(&format!("Issue {number}"), &text);
        for comment in 1..=[0, 1, 2, 3, 6][usize::try_from(number % 5).unwrap()] {
            let text = format!("Comment {comment} of {number}.");
            match comment {
                4 | 6 => author.reply(iid, 0, &text),
                5 => author.reply(iid, 1, &text),
                _ => author.comment(iid, &text),
            }
        }
    }
    author.comment(6, "Later: #13.");
    author.comment(8, &format!("![again](/uploads/{secret}/a.png)"));
    for iid in [1, 2, 9] {
        let labels = ["bug", "ui"].map(str::to_owned);
        author.edit(iid, |issue| issue.labels.extend(labels));
    }
    author.edit(1, |issue| issue.milestone = Some(milestone));
    author.edit(2, |issue| issue.due_date = Some("2026-03-01".to_owned()));
    author.edit(2, |issue| issue.time_estimate = 7200);
    author.edit(6, |issue| issue.time_spent = 5400);
    author.edit(9, |issue| issue.time_spent = 600);
    author.close(10);
    author.relate(2, 7);
    author.relate(3, 12);
    world.clock.advance(jiff::SignedDuration::from_secs(600));
}

/// What happens before the second pass: something of everything again.
pub(super) fn change(world: &mut World) {
    world.ids_from(SECOND_IDS);
    // Whatever time the first pass and what disturbed it took.
    let now: jiff::Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
    world.clock.advance(now.duration_since(world.clock.now()));
    let mut author = Author::of(world);
    author.edit(1, |issue| issue.title = "Issue 1, renamed".into());
    author.edit(2, |issue| {
        issue.description = Some("Edited; see #14.".to_owned());
        issue.due_date = None;
        issue.labels.remove("ui");
        issue.labels.insert("new".to_owned());
    });
    author.edit(3, |issue| issue.time_estimate = 3600);
    author.edit(6, |issue| issue.time_spent = 9000);
    author.edit(9, |issue| {
        issue.time_spent = 300;
        issue.labels.clear();
        issue.title = "Issue 9, of less".into();
    });
    for iid in [4, 6, 11] {
        author.close(iid);
    }
    author.edit(10, |issue| {
        issue.open = true;
        issue.closed = None;
    });
    for (iid, at) in [(4, 2), (8, 0), (9, 3), (13, 1)] {
        author.edit_comment(iid, at, &format!("Edited {at} of {iid}, see #15."));
    }
    for (iid, at) in [(3, 1), (8, 1), (9, 0)] {
        author.edit(iid, |issue| {
            issue.notes.remove(at);
        });
    }
    for iid in [1, 3, 5, 7, 7, 8, 9, 12] {
        let text = format!("New on {iid}, after #2.");
        match iid {
            // Its thread lost its first comment.
            9 => author.reply(iid, 2, &text),
            12 => author.reply(iid, 0, &text),
            _ => author.comment(iid, &text),
        }
    }
    for number in 14..=16 {
        let iid = author.open(
            &format!("Issue {number}"),
            &format!("See #{} and #3.", number + 1),
        );
        for comment in 1..=2 {
            author.comment(iid, &format!("Comment {comment} of {number}."));
        }
        author.edit(iid, |issue| {
            issue.labels.insert(format!("l{number}"));
            issue.time_spent = 60;
        });
    }
    author.close(16);
    author.unrelate(2, 7);
    author.relate(4, 15);
    world.clock.advance(jiff::SignedDuration::from_secs(600));
}

/// What is on the target, as a person sees it: without what the server draws itself (ids, times)
/// and without the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// Colour and description by title.
    labels: BTreeMap<String, (String, Option<String>)>,
    /// By number.
    pub(super) issues: BTreeMap<u64, SeenIssue>,
}

/// An issue as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SeenIssue {
    title: String,
    description: Option<String>,
    open: bool,
    author: String,
    labels: Vec<String>,
    milestone: Option<u64>,
    assignees: Vec<u64>,
    due_date: Option<String>,
    confidential: bool,
    kind: String,
    estimate_and_spent: (i64, i64),
    /// Author with the place of the first comment of the thread, whether it is internal, and the
    /// text, in their order.
    pub(super) comments: Vec<(String, bool, String)>,
    /// Titles of the issues that it is related to.
    related: Vec<String>,
}

impl Seen {
    pub(super) fn of(world: &World) -> Self {
        let target = &world.projects[&project(world, TARGET)];
        let issues = target.issues.iter();
        let labels = target.labels.iter();
        Self {
            labels: labels
                .map(|label| {
                    let looks = (label.color.clone(), label.description.clone());
                    (label.name.clone(), looks)
                })
                .collect(),
            issues: issues
                .map(|(iid, issue)| (*iid, SeenIssue::of(world, target, issue)))
                .collect(),
        }
    }

    /// The same whatever numbers the issues have: one that had to wait comes after others that did
    /// not, and what refers to it follows.
    pub(super) fn by_title(&self) -> Self {
        // What stands in a marker is about the text as it was written, with its numbers.
        static REFERENCE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(^|\s)#(\d+)").unwrap());
        let name = |text: &str| {
            let text = without_digest(text);
            let named = |found: &regex::Captures<'_>| {
                let number: u64 = found[2].parse().unwrap();
                let title = self.issues.get(&number).map(|issue| &issue.title);
                format!("{}#<{}>", &found[1], title.map_or(&found[2], |title| title))
            };
            REFERENCE.replace_all(&text, named).into_owned()
        };
        let mut issues: Vec<SeenIssue> = self.issues.values().cloned().collect();
        for issue in &mut issues {
            issue.description = issue.description.as_deref().map(name);
            for (_, _, text) in &mut issue.comments {
                *text = name(text);
            }
        }
        issues.sort();
        Self {
            labels: self.labels.clone(),
            issues: (1..).zip(issues).collect(),
        }
    }

    /// The same without what people may have set as well: nobody knows any more who did.
    pub(super) fn but_additions(&self) -> Self {
        let mut seen = self.clone();
        for issue in seen.issues.values_mut() {
            issue.labels.clear();
            issue.due_date = None;
            issue.estimate_and_spent.1 = 0;
            issue.related.clear();
        }
        seen
    }

    /// The first difference to what should be there.
    pub(super) fn differs(&self, expected: &Self) -> Option<String> {
        let titles = |seen: &Self| -> Vec<(u64, String)> {
            let issues = seen.issues.iter();
            issues.map(|(iid, i)| (*iid, i.title.clone())).collect()
        };
        if titles(self) != titles(expected) {
            let (is, should_be) = (titles(self), titles(expected));
            return Some(format!("issues {is:?}\ninstead of {should_be:?}"));
        }
        let mut pairs = self.issues.iter().zip(expected.issues.values());
        if let Some(((iid, is), should_be)) = pairs.find(|((_, is), should_be)| is != should_be) {
            return Some(format!("#{iid} {is:#?}\ninstead of {should_be:#?}"));
        }
        let (is, should_be) = (&self.labels, &expected.labels);
        (is != should_be).then(|| format!("labels {is:#?}\ninstead of {should_be:#?}"))
    }
}

impl SeenIssue {
    fn of(world: &World, project: &Project, issue: &Issue) -> Self {
        let author = |id: u64| -> String {
            let author: &User = &world.users[&id];
            author.username.clone()
        };
        Self {
            title: issue.title.clone(),
            description: issue.description.as_deref().map(|t| masked(t, project)),
            open: issue.open,
            author: author(issue.author),
            labels: issue.labels.iter().cloned().collect(),
            milestone: issue.milestone,
            assignees: issue.assignees.clone(),
            due_date: issue.due_date.clone(),
            confidential: issue.confidential,
            kind: issue.issue_type.clone(),
            estimate_and_spent: (issue.time_estimate, issue.time_spent),
            related: related(world, project, issue),
            comments: issue
                .comments()
                .into_iter()
                .map(|note| {
                    let mut all = issue.comments().into_iter();
                    let first = all.position(|other| other.discussion == note.discussion);
                    (
                        format!("{} in {first:?}", author(note.author)),
                        note.internal,
                        masked(&note.body, project),
                    )
                })
                .collect(),
        }
    }
}

/// Titles of the issues that one is related to.
fn related(world: &World, project: &Project, issue: &Issue) -> Vec<String> {
    let here = (project.id, issue.iid);
    let others = world
        .links
        .iter()
        .filter_map(|link| match (link.source, link.target) {
            (one, other) | (other, one) if one == here => Some(other),
            _ => None,
        });
    let mut titles: Vec<String> = others
        .map(|(project, iid)| world.issue(project, iid).title.clone())
        .collect();
    titles.sort();
    titles
}

/// A text without what is drawn: the key, and where the server put a file; that is told by what is
/// in it.
fn masked(text: &str, project: &Project) -> String {
    static KEY: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bimk[0-9a-z]{20}\b").unwrap());
    static FILE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"/uploads/([0-9a-f]{32})/([\w.]+)").unwrap());
    let text = KEY.replace_all(text, "KEY");
    let content = |found: &regex::Captures<'_>| {
        let file = (found[1].to_owned(), found[2].to_owned());
        let bytes = project
            .uploads
            .get(&file)
            .map(|b| String::from_utf8_lossy(b));
        format!("/uploads/<{}>", bytes.as_deref().unwrap_or("nothing"))
    };
    let text = FILE.replace_all(&text, content);
    // The digest in the marker is of the text with the server's address of the file in it.
    if text.contains("/uploads/<") {
        return without_digest(&text);
    }
    text.into_owned()
}

fn without_digest(text: &str) -> String {
    static DIGEST: LazyLock<Regex> = LazyLock::new(|| Regex::new(r" t=[0-9a-f.]+ ").unwrap());
    DIGEST.replace_all(text, " t=DIGEST ").into_owned()
}
