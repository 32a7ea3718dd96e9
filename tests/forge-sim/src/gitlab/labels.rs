//! Labels of a project and its group.

use super::{Answered, Asker, Parameters, bad_parameter, error, paged};
use crate::server::{Answer, Request};
use crate::world::{Label, Role, World};
use serde_json::{Value, json};

fn shown(label: &Label, archived: bool) -> Value {
    json!({
        "archived": archived,
        "id": label.id, "name": label.name, "color": label.color, "text_color": "#FFFFFF",
        "description": label.description, "description_html": label.description,
        "subscribed": false, "priority": null, "is_project_label": !label.of_group,
    })
}

pub(super) fn list(world: &World, request: &Request, asker: Asker) -> Answered {
    let parameters = Parameters::of(request)?;
    let (page, length) = parameters.page();
    let project = &world.projects[&asker.project];
    let mut labels: Vec<&Label> = project.labels.iter().collect();
    labels.sort_by(|a, b| a.name.cmp(&b.name));
    let rows = labels.into_iter().map(|label| {
        let archived = project.archived_labels.contains(&label.name);
        shown(label, archived)
    });
    Ok(paged(rows.collect(), page, length))
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
    let name = cleaned(&name);
    let invalid =
        |field: &str, said: &str| Err(Answer::json(400, &json!({ "message": { field: [said] } })));
    if !is_title(&name) {
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
    let value = shown(&label, false);
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
    Ok(Answer::json(200, &shown(label, false)))
}

/// A title as it is kept: what looks like HTML is cut out, and entities are what they stand for
/// (gitlabhq, app/models/label.rb, `sanitize_value`).
fn cleaned(title: &str) -> String {
    let mut kept = String::new();
    let mut rest = title;
    while let Some(at) = rest.find('<') {
        kept.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let tag = behind.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        rest = if tag {
            behind.find('>').map_or("", |end| &behind[end + 1..])
        } else {
            kept.push('<');
            behind
        };
    }
    kept.push_str(rest);
    let kept = kept.replace("&lt;", "<").replace("&gt;", ">");
    kept.replace("&amp;", "&").trim().to_owned()
}

fn is_title(title: &str) -> bool {
    !title.is_empty() && !title.contains(',') && title.chars().count() <= 255
}

fn scope(title: &str) -> Option<&str> {
    title.rsplit_once("::").map(|(scope, _)| scope)
}

/// Sets the labels that a request names; those that are not there are made, with the exact title, and
/// without a word not where it is none. Titles are told apart by case.
pub(super) fn set(world: &mut World, asker: Asker, iid: u64, parameters: &Parameters) {
    let premium = world.is_premium(asker.project);
    let before = world.issue(asker.project, iid).labels.clone();
    // In the order in which they are named: the last of a scope wins.
    let mut labels: Vec<String> = match parameters.list("labels") {
        Some(all) => all,
        None => before.iter().cloned().collect(),
    };
    labels.extend(parameters.list("add_labels").unwrap_or_default());
    let removed = parameters.list("remove_labels").unwrap_or_default();
    labels.retain(|label| !removed.contains(label));
    // Whatever is archived stays where it is and gets nowhere else.
    let put_away = &world.projects[&asker.project].archived_labels;
    labels.retain(|label| before.contains(label) || !put_away.contains(label));
    let mut kept: Vec<String> = Vec::new();
    for label in labels {
        if premium && let Some(scope_here) = scope(&label) {
            kept.retain(|other| scope(other) != Some(scope_here));
        }
        if there(world, asker, &label) {
            kept.push(label);
        }
    }
    world.issue_mut(asker.project, iid).labels = kept.into_iter().collect();
}

/// Whether there is a label, or one was made.
fn there(world: &mut World, asker: Asker, name: &str) -> bool {
    let id = world.fresh_id();
    let Some(project) = world.projects.get_mut(&asker.project) else {
        return false;
    };
    if project.labels.iter().any(|label| label.name == name) {
        return true;
    }
    let fits = is_title(name) && cleaned(name) == name;
    if fits {
        project.labels.push(Label {
            id,
            name: name.to_owned(),
            color: "#6699cc".to_owned(),
            description: None,
            of_group: false,
        });
    }
    fits
}
