//! Issues: listed, made, changed.

use super::events::{self, Before};
use super::sizes;
use super::text::{self, Where};
use super::{Answered, Asker, Parameters, bad_parameter, error, person, time as iso};
use crate::server::{Answer, Request};
use crate::world::{Issue, Role, World};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Whether somebody may see an issue (reference §9.5).
pub(super) fn sees(issue: &Issue, asker: Asker) -> bool {
    !issue.confidential
        || asker.is_at_least(Role::Planner)
        || issue.author == asker.user
        || issue.assignees.contains(&asker.user)
}

pub(super) fn visible(world: &World, asker: Asker, iid: u64) -> Result<&Issue, Answer> {
    world.projects[&asker.project]
        .issues
        .get(&iid)
        .filter(|issue| sees(issue, asker))
        .ok_or_else(|| error(404, "404 Not found"))
}

/// An issue as the API shows it (reference §1.6).
pub(super) fn shown(world: &World, project: u64, issue: &Issue) -> Value {
    let path = &world.projects[&project].path;
    let people: Vec<Value> = issue
        .assignees
        .iter()
        .map(|id| person(world, *id))
        .collect();
    let milestone = issue
        .milestone
        .and_then(|id| super::milestones::shown(world, project, id));
    let mut value = json!({
        "id": issue.id, "iid": issue.iid, "project_id": project,
        "title": issue.title, "description": issue.description,
        "state": if issue.open { "opened" } else { "closed" },
        "created_at": iso(issue.created_at), "updated_at": iso(issue.updated_at),
        "closed_at": issue.closed.map(|(at, _)| iso(at)),
        "closed_by": issue.closed.map(|(_, by)| person(world, by)),
        "labels": issue.labels, "milestone": milestone,
        "assignees": people, "assignee": people.first(),
        "author": person(world, issue.author),
        "type": issue.issue_type.to_uppercase(), "issue_type": issue.issue_type,
        "user_notes_count": issue.comments().len(),
        "merge_requests_count": 0, "upvotes": issue.thumbs.0, "downvotes": issue.thumbs.1,
        "due_date": issue.due_date, "confidential": issue.confidential,
        "discussion_locked": issue.locked.then_some(true),
        "web_url": format!("{}/{path}/-/issues/{}", world.web_address, issue.iid),
        "time_stats": {
            "time_estimate": issue.time_estimate, "total_time_spent": issue.time_spent,
            "human_time_estimate": null, "human_total_time_spent": null,
        },
        "task_completion_status": {"count": 0, "completed_count": 0}, "has_tasks": false,
        "references": {"short": format!("#{}", issue.iid), "full": format!("{path}#{}", issue.iid)},
        "severity": "UNKNOWN", "moved_to_id": null, "imported": false, "imported_from": "none",
        "service_desk_reply_to": null,
    });
    if let Some(day) = &issue.start_date {
        value["start_date"] = json!(day);
    }
    if world.is_premium(project) {
        value["weight"] = json!(issue.weight);
        value["epic_iid"] = json!(issue.epic.as_ref().map(|(iid, _)| iid));
        value["epic"] = json!(issue.epic.as_ref().map(
            |(iid, title)| json!({"id": iid + 1000, "iid": iid, "title": title, "group_id": 1})
        ));
        value["iteration"] = json!(
            issue
                .iteration
                .as_ref()
                .map(|title| json!({"id": 1, "iid": 1, "title": title}))
        );
    }
    if world.is_premium(project) && world.ultimate {
        value["health_status"] = json!(issue.health);
    }
    value
}

pub(super) fn get(world: &World, asker: Asker, iid: u64) -> Answered {
    let issue = visible(world, asker, iid)?;
    let mut value = shown(world, asker.project, issue);
    value["subscribed"] = json!(false);
    Ok(Answer::json(200, &value))
}

fn invalid(field: &str, said: &str) -> Answer {
    Answer::json(400, &json!({ "message": { field: [said] } }))
}

/// `old`: the description that there is.
fn check_texts(world: &World, parameters: &Parameters, old: Option<&str>) -> Result<(), Answer> {
    if let Some(title) = parameters.text("title") {
        if title.trim().is_empty() {
            return Err(invalid("title", "can't be blank"));
        }
        if title.trim().chars().count() > 255 {
            return Err(invalid("title", "is too long (maximum is 255 characters)"));
        }
    }
    if let Some(said) = parameters
        .text("description")
        .and_then(|text| sizes::description(world, &text, old))
    {
        return Err(invalid("description", &said));
    }
    // Early versions do not know tasks here.
    let old = world.version.starts_with("15.");
    let known = ["issue", "incident", "test_case", "task"];
    if let Some(kind) = parameters.text("issue_type")
        && !known[..if old { 3 } else { 4 }].contains(&kind.as_str())
    {
        return Err(bad_parameter("issue_type does not have a valid value"));
    }
    Ok(())
}

pub(super) fn create(world: &mut World, request: &Request, asker: Asker) -> Answered {
    open(world, &Parameters::of(request)?, asker)
}

/// Opens an issue, however it was asked for.
pub(super) fn open(world: &mut World, parameters: &Parameters, asker: Asker) -> Answered {
    if !parameters.has("title") {
        return Err(bad_parameter("title is missing"));
    }
    check_texts(world, parameters, None)?;
    let limit = world.issues_per_minute;
    if !world.within(
        format!("issues of {} in {}", asker.user, asker.project),
        limit,
    ) {
        return Err(super::broken(429));
    }
    let owner = asker.is_at_least(Role::Owner);
    let takes = owner && !world.drops_numbers;
    let asked = parameters.number("iid").filter(|_| takes);
    let project = &world.projects[&asker.project];
    if asked.is_some_and(|iid| project.issues.contains_key(&iid)) {
        return Err(error(409, "Duplicated issue"));
    }
    // An empty description is filled from the template (reference §1.4).
    let description = parameters
        .text("description")
        .filter(|text| !text.is_empty());
    let description = description.or_else(|| project.template.clone());
    let now = world.clock.now();
    let created_at = parameters
        .time("created_at")?
        .filter(|_| owner)
        .unwrap_or(now);
    let iid = asked.unwrap_or(project.next_iid);
    world.open_as(asker.project, asker.user, iid, "", "");
    {
        let issue = world.issue_mut(asker.project, iid);
        issue.created_at = created_at;
        issue.updated_at = now;
        issue.description = description;
    }
    change(world, asker, iid, parameters, true)?;
    let issue = world.issue(asker.project, iid);
    let value = shown(world, asker.project, issue);
    Ok(Answer::json(201, &value))
}

const ATTRIBUTES: &[&str] = &[
    "assignee_id",
    "assignee_ids",
    "confidential",
    "created_at",
    "description",
    "discussion_locked",
    "due_date",
    "labels",
    "add_labels",
    "remove_labels",
    "milestone_id",
    "state_event",
    "title",
    "issue_type",
    "weight",
];

pub(super) fn update(world: &mut World, request: &Request, asker: Asker, iid: u64) -> Answered {
    let parameters = Parameters::of(request)?;
    let issue = visible(world, asker, iid)?;
    if !asker.is_at_least(Role::Planner) && issue.author != asker.user {
        return Err(error(403, "403 Forbidden"));
    }
    if !ATTRIBUTES.iter().any(|name| parameters.has(name)) {
        let known = ATTRIBUTES[..14].join(", ");
        return Err(bad_parameter(&format!(
            "{known} are missing, at least one parameter must be provided"
        )));
    }
    let old = issue.description.as_deref().unwrap_or_default();
    check_texts(world, &parameters, Some(old))?;
    change(world, asker, iid, &parameters, false)?;
    let issue = world.issue(asker.project, iid);
    let value = shown(world, asker.project, issue);
    Ok(Answer::json(200, &value))
}

/// Sets what a request says, as far as the asker may; the rest is dropped without a word.
fn change(
    world: &mut World,
    asker: Asker,
    iid: u64,
    parameters: &Parameters,
    new: bool,
) -> Result<(), Answer> {
    let now = world.clock.now();
    let plans = asker.is_at_least(Role::Planner);
    let (premium, project) = (world.is_premium(asker.project), asker.project);
    // On create from whoever may create, on update from whoever may administer issues
    // (gitlabhq, app/policies/issue_policy.rb).
    let hides = (plans || new) && !world.drops_confidential;
    let before = world.issue(project, iid).clone();
    // Commands in a description are carried out and cut out (reference §2.3).
    let text = if new {
        before.description.clone()
    } else {
        parameters.text("description")
    };
    let milestones: Vec<u64> = world.projects[&project]
        .milestones
        .keys()
        .copied()
        .collect();
    let mut saved = false;
    if let Some(text) = text {
        let old = (!new).then(|| before.description.clone().unwrap_or_default());
        let text = text::received(world, asker, iid, &text, old.as_deref(), Where::Description);
        let issue = world.issue_mut(project, iid);
        let text = (!text.is_empty()).then_some(text);
        saved |= issue.description != text;
        issue.description = text;
    }
    if plans {
        super::labels::set(world, asker, iid, parameters);
    }
    let may_be = |kind: &str| may_be(world, asker, kind);
    let kind = parameters.text("issue_type").filter(|kind| may_be(kind));
    let assignees = super::users::assigned(world, asker, parameters, &before.assignees);
    let issue = world.issue_mut(project, iid);
    if plans {
        issue.assignees = assignees;
    }
    if let Some(title) = parameters.text("title") {
        title.trim().clone_into(&mut issue.title);
        let (title, old) = (issue.title.clone(), (!new).then_some(before.title.as_str()));
        text::received_title(world, asker, iid, &title, old);
    }
    let issue = world.issue_mut(project, iid);
    if let Some(confidential) = parameters.bool("confidential").filter(|_| hides) {
        issue.confidential = confidential;
    }
    if let Some(kind) = kind {
        issue.issue_type = kind;
    }
    // The state is changed by what the issue was before (reference §1.5), and nobody opens one that is
    // locked (gitlabhq, app/policies/issue_policy.rb).
    let was_locked = issue.locked;
    if let Some(locked) = parameters.bool("discussion_locked").filter(|_| plans) {
        issue.locked = locked;
    }
    if parameters.has("due_date") && plans {
        issue.due_date = parameters.text("due_date").filter(|date| !date.is_empty());
    }
    if parameters.has("milestone_id") && plans {
        let asked = parameters.number("milestone_id");
        issue.milestone = asked.filter(|id| milestones.contains(id));
    }
    if parameters.has("weight") && plans && premium {
        issue.weight = parameters.number("weight");
    }
    match parameters.text("state_event").as_deref() {
        Some("close") if issue.open => {
            issue.open = false;
            issue.closed = Some((now, asker.user));
        }
        Some("reopen") if !issue.open && !was_locked => {
            issue.open = true;
            issue.closed = None;
        }
        Some("close" | "reopen") | None => {}
        Some(_) => return Err(bad_parameter("state_event does not have a valid value")),
    }
    // A column that was saved always moves the time; labels only touch (reference §9.2).
    saved |= issue.title != before.title
        || issue.confidential != before.confidential
        || issue.issue_type != before.issue_type
        || issue.locked != before.locked
        || issue.due_date != before.due_date
        || issue.milestone != before.milestone
        || issue.weight != before.weight
        || issue.open != before.open;
    if saved {
        issue.updated_at = now;
    } else if issue.labels != before.labels || issue.assignees != before.assignees {
        issue.touch(now);
    }
    events::record(world, asker, iid, &Before::of(&before));
    Ok(())
}

/// Whether somebody may have issues of a kind: what they may not is dropped without a word
/// (gitlabhq, app/services/concerns/issues/issue_type_helpers.rb and the policies of projects).
fn may_be(world: &World, asker: Asker, kind: &str) -> bool {
    match kind {
        "incident" => asker.is_at_least(Role::Reporter),
        "test_case" => world.ultimate && asker.is_at_least(Role::Planner),
        _ => true,
    }
}

/// Whether somebody may comment on an issue: on one that is locked, members alone, administrators
/// not excepted (gitlabhq, app/policies/issuable_policy.rb).
pub(super) fn comments(issue: &Issue, asker: Asker) -> bool {
    !issue.locked || asker.role.is_some()
}

pub(super) fn delete(world: &mut World, asker: Asker, iid: u64) -> Answered {
    visible(world, asker, iid)?;
    if !asker.is_at_least(Role::Owner) && asker.role != Some(Role::Planner) {
        return Err(error(403, "403 Forbidden"));
    }
    if let Some(project) = world.projects.get_mut(&asker.project) {
        project.issues.remove(&iid);
    }
    let here = (asker.project, iid);
    world
        .links
        .retain(|link| link.source != here && link.target != here);
    Ok(Answer::text(204, "text/plain", ""))
}

/// A note that the server writes itself.
pub(super) fn system_note(id: u64, author: u64, body: &str, now: Timestamp) -> crate::world::Note {
    crate::world::Note {
        id,
        body: body.to_owned(),
        author,
        created_at: now,
        updated_at: now,
        system: true,
        internal: false,
        discussion: id,
        in_thread: false,
    }
}
