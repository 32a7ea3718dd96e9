//! Who changed the labels and the state of an issue, and when: written down, and listed.

use super::issues::visible;
use super::parameters::{Parameters, paged};
use super::{Answered, Asker, person, time as iso};
use crate::project::{Event, Happened};
use crate::server::Request;
use crate::world::{Issue, World};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What events tell of, as it was.
#[derive(Debug)]
pub(super) struct Before {
    labels: BTreeSet<String>,
    open: bool,
}

impl Before {
    pub(super) fn of(issue: &Issue) -> Self {
        Self {
            labels: issue.labels.clone(),
            open: issue.open,
        }
    }
}

/// Writes down what somebody changed on an issue that was like this before.
pub(super) fn record(world: &mut World, asker: Asker, iid: u64, before: &Before) {
    let issue = world.issue(asker.project, iid);
    let added = issue.labels.difference(&before.labels);
    let removed = before.labels.difference(&issue.labels);
    let mut happened: Vec<Happened> = added.cloned().map(Happened::Labelled).collect();
    happened.extend(removed.cloned().map(Happened::Unlabelled));
    match (before.open, issue.open) {
        (true, false) => happened.push(Happened::Closed),
        (false, true) => happened.push(Happened::Reopened),
        _ => {}
    }
    let at = world.clock.now();
    for happened in happened {
        let event = Event {
            id: world.fresh_id(),
            user: asker.user,
            at,
            happened,
        };
        world.issue_mut(asker.project, iid).events.push(event);
    }
}

fn list(
    world: &World,
    request: &Request,
    asker: Asker,
    iid: u64,
    row: impl Fn(&Event) -> Option<Value>,
) -> Answered {
    let (page, length) = Parameters::of(request)?.page();
    let issue = visible(world, asker, iid)?;
    let rows = issue.events.iter().filter_map(|event| {
        let mut value = row(event)?;
        value["id"] = json!(event.id);
        value["user"] = person(world, event.user);
        value["created_at"] = json!(iso(event.at));
        value["resource_type"] = json!("Issue");
        value["resource_id"] = json!(issue.id);
        Some(value)
    });
    Ok(paged(rows.collect(), page, length))
}

/// `GET …/resource_label_events`; a label that is deleted is `null`.
pub(super) fn of_labels(world: &World, request: &Request, asker: Asker, iid: u64) -> Answered {
    let labels = &world.projects[&asker.project].labels;
    list(world, request, asker, iid, |event| {
        let (name, action) = match &event.happened {
            Happened::Labelled(name) => (name, "add"),
            Happened::Unlabelled(name) => (name, "remove"),
            Happened::Closed | Happened::Reopened => return None,
        };
        let label = labels.iter().find(|label| label.name == *name);
        let label = label.map(|label| {
            json!({
                "id": label.id, "name": label.name, "color": label.color,
                "description": label.description,
            })
        });
        Some(json!({ "label": label, "action": action }))
    })
}

/// `GET …/resource_state_events`
pub(super) fn of_state(world: &World, request: &Request, asker: Asker, iid: u64) -> Answered {
    list(world, request, asker, iid, |event| match event.happened {
        Happened::Closed => Some(json!({ "state": "closed" })),
        Happened::Reopened => Some(json!({ "state": "reopened" })),
        Happened::Labelled(_) | Happened::Unlabelled(_) => None,
    })
}
