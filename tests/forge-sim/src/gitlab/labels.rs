//! Labels of a project and its group.

use super::{Answered, Asker, Parameters, bad_parameter, error, paged};
use crate::server::{Answer, Request};
use crate::world::{Label, Role, World};
use serde_json::{Value, json};

fn shown(label: &Label) -> Value {
    json!({
        "id": label.id, "name": label.name, "color": label.color, "text_color": "#FFFFFF",
        "description": label.description, "description_html": label.description,
        "subscribed": false, "priority": null, "is_project_label": !label.of_group,
    })
}

pub(super) fn list(world: &World, request: &Request, asker: Asker) -> Answered {
    let parameters = Parameters::of(request)?;
    let (page, length) = parameters.page();
    let mut labels: Vec<&Label> = world.projects[&asker.project].labels.iter().collect();
    labels.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(paged(labels.into_iter().map(shown).collect(), page, length))
}

pub(super) fn create(world: &mut World, request: &Request, asker: Asker) -> Answered {
    let parameters = Parameters::of(request)?;
    if !asker.is_at_least(Role::Planner) {
        return Err(error(403, "403 Forbidden"));
    }
    let Some(name) = parameters.text("name") else {
        return Err(bad_parameter("name is missing"));
    };
    let Some(color) = parameters.text("color") else {
        return Err(bad_parameter("color is missing"));
    };
    let name = name.trim().to_owned();
    let invalid =
        |field: &str, said: &str| Err(Answer::json(400, &json!({ "message": { field: [said] } })));
    if name.is_empty() || name.contains(',') || name.chars().count() > 255 {
        return invalid("title", "is invalid");
    }
    if !color.starts_with('#') {
        return invalid("color", "must be a valid color code");
    }
    let labels = &world.projects[&asker.project].labels;
    if labels.iter().any(|label| label.name == name) {
        return Err(error(409, "Label already exists"));
    }
    let label = Label {
        id: world.fresh_id(),
        name,
        color,
        description: parameters.text("description"),
        of_group: false,
    };
    let value = shown(&label);
    if let Some(project) = world.projects.get_mut(&asker.project) {
        project.labels.push(label);
    }
    Ok(Answer::json(201, &value))
}

pub(super) fn update(world: &mut World, request: &Request, asker: Asker, id: &str) -> Answered {
    let parameters = Parameters::of(request)?;
    if !asker.is_at_least(Role::Planner) {
        return Err(error(403, "403 Forbidden"));
    }
    // Labels of the group are not changed here (reference §3.1).
    let label = world.projects.get_mut(&asker.project).and_then(|project| {
        let mut labels = project.labels.iter_mut();
        labels.find(|label| !label.of_group && (label.id.to_string() == id || label.name == id))
    });
    let Some(label) = label else {
        return Err(error(404, "404 Label Not Found"));
    };
    if let Some(color) = parameters.text("color") {
        label.color = color;
    }
    if parameters.has("description") {
        label.description = parameters
            .text("description")
            .filter(|text| !text.is_empty());
    }
    Ok(Answer::json(200, &shown(label)))
}
