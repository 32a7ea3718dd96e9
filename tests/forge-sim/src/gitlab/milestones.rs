//! Milestones of a project and its group (reference §3.2).

use super::{Answered, Asker, Parameters, bad_parameter, error, paged, person};
use crate::server::{Answer, Request};
use crate::world::{Milestone, Role, World};
use serde_json::{Value, json};

pub(super) fn shown(world: &World, project: u64, id: u64) -> Option<Value> {
    let milestone = world.projects[&project].milestones.get(&id)?;
    let mut value = json!({
        "id": id, "iid": 1, "title": milestone.title, "description": milestone.description,
        "state": if milestone.closed { "closed" } else { "active" },
        "start_date": milestone.start_date, "due_date": milestone.due_date, "expired": false,
    });
    let owner = if milestone.of_group {
        "group_id"
    } else {
        "project_id"
    };
    value[owner] = json!(if milestone.of_group { 1 } else { project });
    Some(value)
}

pub(super) fn list(world: &World, request: &Request, asker: Asker) -> Answered {
    let parameters = Parameters::of(request)?;
    let (page, length) = parameters.page();
    let groups = ["include_ancestors", "include_parent_milestones"];
    if groups.iter().all(|name| parameters.has(name)) {
        return Err(bad_parameter(
            "include_ancestors, include_parent_milestones are mutually exclusive",
        ));
    }
    let groups = groups
        .iter()
        .any(|name| parameters.bool(name) == Some(true));
    let all = &world.projects[&asker.project].milestones;
    let ids = all.iter().filter(|(_, one)| groups || !one.of_group);
    let rows = ids.filter_map(|(id, _)| shown(world, asker.project, *id));
    Ok(paged(rows.collect(), page, length))
}

pub(super) fn create(world: &mut World, request: &Request, asker: Asker) -> Answered {
    let parameters = Parameters::of(request)?;
    if !asker.is_at_least(Role::Planner) {
        return Err(error(403, "403 Forbidden"));
    }
    let Some(title) = parameters.text("title") else {
        return Err(bad_parameter("title is missing"));
    };
    let new = Milestone {
        title: title.trim().to_owned(),
        start_date: parameters.text("start_date"),
        due_date: parameters.text("due_date"),
        closed: false,
        description: parameters.text("description").unwrap_or_default(),
        of_group: false,
    };
    let there = world.projects[&asker.project].milestones.values();
    if there.into_iter().any(|one| one.title == new.title) {
        return Err(taken());
    }
    let id = world.fresh_id();
    if let Some(project) = world.projects.get_mut(&asker.project) {
        project.milestones.insert(id, new);
        project.milestone_authors.insert(id, asker.user);
    }
    answer(world, asker, id, 201)
}

/// `GET …/events?target_type=milestone&action=created`: who created what; no other events are simulated.
pub(super) fn events(world: &World, request: &Request, asker: Asker) -> Answered {
    let parameters = Parameters::of(request)?;
    let (page, length) = parameters.page();
    for (name, value) in [("target_type", "milestone"), ("action", "created")] {
        if parameters.text(name).as_deref() != Some(value) {
            return Err(bad_parameter("events of that kind are not simulated"));
        }
    }
    // The newest first.
    let made = world.projects[&asker.project]
        .milestone_authors
        .iter()
        .rev();
    let rows = made.map(|(id, user)| {
        json!({
            "project_id": asker.project, "action_name": "opened", "target_id": id,
            "target_type": "Milestone", "author_id": user, "author": person(world, *user),
        })
    });
    Ok(paged(rows.collect(), page, length))
}

fn taken() -> Answer {
    let said = "already being used for another group or project milestone.";
    Answer::json(400, &json!({ "message": { "title": [said] } }))
}

pub(super) fn update(world: &mut World, request: &Request, asker: Asker, id: u64) -> Answered {
    let parameters = Parameters::of(request)?;
    if !asker.is_at_least(Role::Planner) {
        return Err(error(403, "403 Forbidden"));
    }
    let title = parameters
        .text("title")
        .map(|title| title.trim().to_owned());
    let all = &world.projects[&asker.project].milestones;
    let mut others = all.iter().filter(|(other, _)| **other != id);
    if let Some(title) = &title
        && others.any(|(_, one)| one.title == *title)
    {
        return Err(taken());
    }
    let project = world.projects.get_mut(&asker.project);
    // Those of the group are not changed through the project.
    let found = project.and_then(|project| project.milestones.get_mut(&id));
    let Some(found) = found.filter(|found| !found.of_group) else {
        return Err(error(404, "404 Milestone Not Found"));
    };
    if let Some(title) = title {
        found.title = title;
    }
    if let Some(description) = parameters.text("description") {
        found.description = description;
    }
    let day = |name: &str| parameters.text(name).filter(|day| !day.is_empty());
    if parameters.has("start_date") {
        found.start_date = day("start_date");
    }
    if parameters.has("due_date") {
        found.due_date = day("due_date");
    }
    match parameters.text("state_event").as_deref() {
        Some("close") => found.closed = true,
        Some("activate") => found.closed = false,
        _ => {}
    }
    answer(world, asker, id, 200)
}

fn answer(world: &World, asker: Asker, id: u64, status: u16) -> Answered {
    let value = shown(world, asker.project, id);
    value
        .map(|value| Answer::json(status, &value))
        .ok_or_else(|| error(404, "404 Milestone Not Found"))
}
