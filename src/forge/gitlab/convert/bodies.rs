//! What is sent: the model as GitLab's JSON.

use crate::model::{
    Label, Milestone, MilestoneChange, NewComment, NewIssue, Patch, State, StateChange,
};
use serde_json::{Map, Value, json};

/// The colour of labels for which the source knows none.
const PLAIN_COLOR: &str = "#6699cc";

/// What creates an issue.
pub(in crate::forge::gitlab) fn new_issue(new: &NewIssue) -> Map<String, Value> {
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
pub(in crate::forge::gitlab) fn patch(patch: &Patch) -> Map<String, Value> {
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
pub(in crate::forge::gitlab) fn new_comment(new: &NewComment) -> Value {
    let mut body = reply(new);
    if new.internal {
        body["internal"] = json!(true);
        body["confidential"] = json!(true);
    }
    body
}

/// What answers in a thread: who sees it follows from the thread.
pub(in crate::forge::gitlab) fn reply(new: &NewComment) -> Value {
    let mut body = json!({ "body": new.body });
    if let Some(at) = new.created_at {
        body["created_at"] = json!(at.to_string());
    }
    body
}

/// What creates or changes a label.
pub(in crate::forge::gitlab) fn label_body(label: &Label) -> Value {
    json!({
        "name": label.name,
        "color": label.color.as_deref().unwrap_or(PLAIN_COLOR),
        "description": label.description,
    })
}

/// What creates a milestone.
pub(in crate::forge::gitlab) fn new_milestone(new: &Milestone) -> Value {
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
pub(in crate::forge::gitlab) fn milestone_change(change: &MilestoneChange) -> Value {
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
