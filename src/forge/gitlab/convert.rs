//! GitLab's JSON ↔ the model. Pure.

use super::wire;
use crate::model::{
    Comment, CommentId, Date, Digest, Epic, Issue, IssueId, IssueNumber, IssueType, KnownMilestone,
    Label, Milestone, MilestoneChange, NewComment, NewIssue, Patch, Person, State, StateChange,
    Timestamp, Version,
};
use regex::Regex;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// How long after an issue's last change a comment on it may leave no trace in its time: touches are
/// throttled for 60 s, and clocks and requests take some.
pub(super) const THROTTLE_SECONDS: i64 = 90;

/// The colour of labels for which the source knows none.
const PLAIN_COLOR: &str = "#6699cc";

/// The account of the token, and those that are trusted like it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Us {
    /// The account's number.
    pub(super) id: u64,
    /// It may do everything, whatever its role in a project is.
    pub(super) admin: bool,
    /// Names of others.
    pub(super) trusted: Vec<String>,
}

impl Us {
    pub(super) fn wrote(&self, author: Option<&wire::User>) -> bool {
        let is_us = |author: &wire::User| {
            author.id == self.id
                || self
                    .trusted
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(&author.username))
        };
        author.is_some_and(is_us)
    }
}

/// An issue. `now`: the server's time when it answered.
pub(super) fn issue(wire: &wire::Issue, us: &Us, now: Timestamp) -> Issue {
    let closed = wire.state == "closed";
    // A total below zero is none.
    let time = |read: fn(&wire::TimeStats) -> Option<i64>| {
        let seconds = wire.time_stats.as_ref().and_then(read).unwrap_or(0);
        u64::try_from(seconds).unwrap_or(0)
    };
    let mut issue = Issue {
        id: IssueId(wire.id),
        number: IssueNumber(wire.iid),
        version: Version(Digest::of([""])),
        title: wire.title.clone(),
        text: wire.description.clone().unwrap_or_default(),
        state: if closed { State::Closed } else { State::Open },
        issue_type: wire
            .kind
            .as_deref()
            .and_then(IssueType::from_word)
            .unwrap_or_default(),
        confidential: wire.confidential,
        locked: wire.discussion_locked == Some(true),
        author: wire.author.as_ref().map_or_else(nobody, person),
        ours: false,
        created_at: Some(seconds(wire.created_at)),
        closed_at: wire.closed_at.filter(|_| closed).map(seconds),
        closed_by: wire.closed_by.as_ref().filter(|_| closed).map(person),
        labels: wire.labels.iter().cloned().collect(),
        milestone: wire.milestone.as_ref().and_then(milestone),
        iteration: wire
            .iteration
            .as_ref()
            .and_then(|iteration| iteration.title.clone()),
        epic: wire.epic.as_ref().map(|epic| Epic {
            number: epic.iid,
            title: epic.title.clone(),
        }),
        assignees: wire.assignees.iter().flatten().map(person).collect(),
        weight: wire.weight,
        due_date: day(wire.due_date.as_deref()),
        start_date: day(wire.start_date.as_deref()),
        health: wire.health_status.clone(),
        reactions: (wire.upvotes.unwrap_or(0), wire.downvotes.unwrap_or(0)),
        time_estimate: time(|stats| stats.time_estimate),
        time_spent: time(|stats| stats.total_time_spent),
        web_url: wire.web_url.clone(),
        location: wire
            .web_url
            .clone()
            .unwrap_or_else(|| format!("#{}", wire.iid)),
    };
    // Whoever asks, the same issue has the same version.
    issue.version = version(&issue, wire, now);
    issue.ours = us.wrote(wire.author.as_ref());
    issue
}

fn day(text: Option<&str>) -> Option<Date> {
    text.and_then(|date| date.parse().ok())
}

pub(super) fn milestone(wire: &wire::Milestone) -> Option<Milestone> {
    Some(Milestone {
        title: wire.title.clone()?,
        start_date: day(wire.start_date.as_deref()),
        due_date: day(wire.due_date.as_deref()),
        closed: wire.state.as_deref() == Some("closed"),
        description: String::new(),
    })
}

/// A milestone in the list of all.
pub(super) fn known_milestone(wire: &wire::Milestone) -> Option<KnownMilestone> {
    let milestone = Milestone {
        description: wire.description.clone().unwrap_or_default(),
        ..milestone(wire)?
    };
    Some(KnownMilestone {
        id: wire.id,
        milestone,
    })
}

/// What creates a milestone.
pub(super) fn new_milestone(new: &Milestone) -> Value {
    let mut body = json!({ "title": new.title });
    for (name, date) in [("start_date", new.start_date), ("due_date", new.due_date)] {
        if let Some(date) = date {
            body[name] = json!(date.to_string());
        }
    }
    if !new.description.is_empty() {
        body["description"] = json!(new.description);
    }
    body
}

/// What changes a milestone.
pub(super) fn milestone_change(change: &MilestoneChange) -> Value {
    let mut body = json!({});
    if let Some(title) = &change.title {
        body["title"] = json!(title);
    }
    for (name, date) in [
        ("start_date", change.start_date),
        ("due_date", change.due_date),
    ] {
        if let Some(date) = date {
            let date = date.map(|date| date.to_string());
            body[name] = json!(date.unwrap_or_default());
        }
    }
    if let Some(description) = &change.description {
        body["description"] = json!(description);
    }
    if let Some(closed) = change.closed {
        body["state_event"] = json!(if closed { "close" } else { "activate" });
    }
    body
}

/// Changes whenever the issue does, or may have: within the throttle a comment leaves no trace, so
/// then no two versions are equal, and the issue is read again.
fn version(issue: &Issue, wire: &wire::Issue, now: Timestamp) -> Version {
    let age = now.duration_since(wire.updated_at).as_secs();
    let young = (age < THROTTLE_SECONDS).then_some(now);
    let parts = [
        format!("{issue:?}"),
        wire.updated_at.to_string(),
        format!("{:?}", wire.user_notes_count),
        format!("{young:?}"),
    ];
    Version(Digest::of(parts.iter().map(String::as_str)))
}

/// Changes whenever an issue does that is not of the expected form.
pub(super) fn odd_version(odd: &wire::Odd) -> Version {
    Version(Digest::of(["odd", &odd.updated_at.to_string()]))
}

/// Whole seconds: not every way to read a time has more.
fn seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn nobody() -> Person {
    Person::account("ghost")
}

fn person(user: &wire::User) -> Person {
    Person {
        username: user.username.clone(),
        name: user
            .name
            .clone()
            .filter(|name| !name.is_empty() && *name != user.username),
    }
}

/// A comment; `None` for what the server wrote itself.
pub(super) fn comment(wire: &wire::Note, us: &Us, issue_url: Option<&str>) -> Option<Comment> {
    if wire.system == Some(true) {
        return None;
    }
    Some(Comment {
        id: CommentId(wire.id),
        text: wire.body.clone().unwrap_or_default(),
        author: wire.author.as_ref().map_or_else(nobody, person),
        ours: us.wrote(wire.author.as_ref()),
        created_at: Some(seconds(wire.created_at)),
        internal: wire.is_internal(),
        reply_to: None,
        web_url: issue_url.map(|url| format!("{url}#note_{}", wire.id)),
    })
}

pub(super) fn label(wire: wire::Label) -> Label {
    Label {
        name: wire.name,
        color: wire.color,
        description: wire.description.unwrap_or_default(),
        archived: wire.archived == Some(true),
    }
}

/// What creates an issue.
pub(super) fn new_issue(new: &NewIssue) -> Map<String, Value> {
    let mut body = fields(&new.fields);
    body.insert("title".into(), json!(new.title));
    body.insert("description".into(), json!(new.description));
    if !new.labels.is_empty() {
        body.insert("labels".into(), json!(new.labels.join(",")));
    }
    // Both are taken from owners only, and dropped without a word for others.
    if let Some(number) = new.number {
        body.insert("iid".into(), json!(number.0));
    }
    if let Some(at) = new.created_at {
        body.insert("created_at".into(), json!(at.to_string()));
    }
    body
}

/// What changes an issue, but for its times; empty if nothing else changes.
pub(super) fn patch(patch: &Patch) -> Map<String, Value> {
    let mut body = fields(patch);
    if let Some(title) = &patch.title {
        body.insert("title".into(), json!(title));
    }
    if let Some(description) = &patch.description {
        body.insert("description".into(), json!(description));
    }
    for (name, labels) in [
        ("add_labels", &patch.add_labels),
        ("remove_labels", &patch.remove_labels),
    ] {
        if !labels.is_empty() {
            body.insert(name.into(), json!(labels.join(",")));
        }
    }
    if let Some(StateChange { state, .. }) = &patch.state {
        let event = match state {
            State::Open => "reopen",
            State::Closed => "close",
        };
        body.insert("state_event".into(), json!(event));
    }
    body
}

fn fields(patch: &Patch) -> Map<String, Value> {
    let mut body = Map::new();
    if let Some(confidential) = patch.confidential {
        body.insert("confidential".into(), json!(confidential));
    }
    if let Some(kind) = patch.issue_type {
        body.insert("issue_type".into(), json!(kind.word()));
    }
    if let Some(locked) = patch.locked {
        body.insert("discussion_locked".into(), json!(locked));
    }
    if let Some(weight) = patch.weight {
        body.insert("weight".into(), json!(weight));
    }
    if let Some(date) = patch.due_date {
        let date = date.map(|date| date.to_string());
        body.insert("due_date".into(), json!(date.unwrap_or_default()));
    }
    body
}

/// What creates a comment.
pub(super) fn new_comment(new: &NewComment) -> Value {
    let mut body = json!({ "body": new.body });
    if new.internal {
        body["internal"] = json!(true);
        body["confidential"] = json!(true);
    }
    if let Some(at) = new.created_at {
        body["created_at"] = json!(at.to_string());
    }
    body
}

/// What answers in a thread: who sees it follows from the thread.
pub(super) fn reply(new: &NewComment) -> Value {
    let mut body = json!({ "body": new.body });
    if let Some(at) = new.created_at {
        body["created_at"] = json!(at.to_string());
    }
    body
}

/// What creates or changes a label.
pub(super) fn label_body(label: &Label) -> Value {
    json!({
        "name": label.name,
        "color": label.color.as_deref().unwrap_or(PLAIN_COLOR),
        "description": label.description,
    })
}

/// The secret and name of an upload that a link leads to, in any of its spellings: relative,
/// absolute, with the project's path or number; `None` for every other link. `host` and `base`: of
/// the instance; `project`: path and number.
pub(super) fn upload(
    link: &str,
    base: &url::Url,
    project: (&str, u64),
) -> Option<(String, String)> {
    static UPLOAD: LazyLock<Regex> = LazyLock::new(|| {
        crate::text::structure::regex(
            r"^/?(?P<before>.*?)/?uploads/(?P<secret>[0-9a-f]{32})/(?P<name>[^/?#]+)",
        )
    });
    let link = &plain(link);
    let link = match url::Url::parse(link) {
        Ok(url) => {
            let same = url.host_str() == base.host_str()
                && url.port_or_known_default() == base.port_or_known_default();
            if !same {
                return None;
            }
            url.path().to_owned()
        }
        Err(_) => link.to_owned(),
    };
    let below = base.path().trim_end_matches('/');
    let link = link.strip_prefix(below).unwrap_or(&link);
    let found = UPLOAD.captures(link)?;
    let (path, number) = project;
    let before = found["before"].trim_matches('/');
    let is_ours = before.is_empty()
        || before.eq_ignore_ascii_case(path)
        || before == format!("-/project/{number}");
    if !is_ours {
        return None;
    }
    let name = crate::text::path::percent_decode(&found["name"])?;
    // No address can be made of these.
    if matches!(name.as_str(), "." | "..") || name.contains('/') {
        return None;
    }
    Some((found["secret"].to_owned(), name))
}

/// A destination as it is meant: escapes of Markdown and entities of HTML undone.
pub(super) fn plain(link: &str) -> String {
    const ENTITIES: [(&str, char); 6] = [
        ("&amp;", '&'),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&#39;", '\''),
        ("&apos;", '\''),
    ];
    let mut out = String::with_capacity(link.len());
    let mut rest = link;
    while let Some(c) = rest.chars().next() {
        let entity = ENTITIES.iter().find(|(word, _)| rest.starts_with(word));
        let escaped = rest[c.len_utf8()..].chars().next();
        let (take, c) = match (entity, c, escaped) {
            (Some((word, c)), ..) => (word.len(), *c),
            (None, '\\', Some(escaped)) if escaped.is_ascii_punctuation() => (2, escaped),
            _ => (c.len_utf8(), c),
        };
        out.push(c);
        rest = &rest[take..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_are_known_in_every_spelling() {
        let base: url::Url = "https://h.example/git".parse().unwrap();
        let secret = "66dbcd21ec5d24ed6ea225176098d52b";
        let read = |link: &str| upload(link, &base, ("g/p", 7)).map(|(_, name)| name);
        for before in [
            "/uploads",
            "/-/project/7/uploads",
            "/g/p/uploads",
            "https://h.example/git/g/p/uploads",
            "https://h.example/git/-/project/7/uploads",
            "/git/g/p/uploads",
        ] {
            for (after, name) in [
                ("a.png", "a.png"),
                ("a%20b.png", "a b.png"),
                ("a.png?inline=false#x", "a.png"),
                (r"a\_b.png", "a_b.png"),
                ("a&amp;b.png?x=1&amp;y=2", "a&b.png"),
            ] {
                assert_eq!(
                    read(&format!("{before}/{secret}/{after}")).as_deref(),
                    Some(name),
                    "{before} {after}"
                );
            }
        }
        for link in [
            "https://else.example/g/p/uploads/66dbcd21ec5d24ed6ea225176098d52b/a.png",
            "/other/p/uploads/66dbcd21ec5d24ed6ea225176098d52b/a.png",
            "/uploads/-/system/x.png",
            "/uploads/short/a.png",
            "/uploads/66dbcd21ec5d24ed6ea225176098d52b/%2e%2e",
            "/uploads/66dbcd21ec5d24ed6ea225176098d52b/..%2f..%2fuser",
            "//h.example/uploads/66dbcd21ec5d24ed6ea225176098d52b/a.png",
            "https://h.example@evil.example/g/p/uploads/66dbcd21ec5d24ed6ea225176098d52b/a.png",
            "https://h.example:444/g/p/uploads/66dbcd21ec5d24ed6ea225176098d52b/a.png",
            "http://h.example/g/p/uploads/66dbcd21ec5d24ed6ea225176098d52b/a.png",
            "/\\evil.example/uploads/66dbcd21ec5d24ed6ea225176098d52b/a.png",
            "/-/project/8/uploads/66dbcd21ec5d24ed6ea225176098d52b/a.png",
            "https://h.example/git",
            "#top",
            "",
        ] {
            assert_eq!(read(link), None, "{link}");
        }
    }
}
