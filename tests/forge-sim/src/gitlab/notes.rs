//! Notes: comments, and what the server writes itself.

use super::events::{self, Before};
use super::issues::{comments, visible};
use super::sizes;
use super::text::{self, Where};
use super::{Answered, Asker, Parameters, bad_parameter, error, person, time as iso};
use crate::server::{Answer, Request};
use crate::world::{Note, Role, World};
use serde_json::{Value, json};

pub(super) fn sees(note: &Note, asker: Asker) -> bool {
    !note.internal || asker.is_at_least(Role::Planner)
}

pub(super) fn shown(world: &World, asker: Asker, iid: u64, note: &Note) -> Value {
    let issue = world.issue(asker.project, iid);
    json!({
        "id": note.id, "type": note.in_thread.then_some("DiscussionNote"), "body": note.body, "author": person(world, note.author),
        "created_at": iso(note.created_at), "updated_at": iso(note.updated_at),
        "system": note.system, "noteable_id": issue.id, "noteable_type": "Issue",
        "project_id": asker.project, "resolvable": false,
        "confidential": note.internal, "internal": note.internal,
        "imported": false, "imported_from": "none", "noteable_iid": iid, "commands_changes": {},
    })
}

pub(super) fn list(world: &World, request: &Request, asker: Asker, iid: u64) -> Answered {
    let parameters = Parameters::of(request)?;
    let issue = visible(world, asker, iid)?;
    let filter = parameters
        .text("activity_filter")
        .unwrap_or_else(|| "all_notes".into());
    let mut notes: Vec<&Note> = issue
        .notes
        .iter()
        .filter(|note| match filter.as_str() {
            "only_comments" => !note.system,
            "only_activity" => note.system,
            _ => true,
        })
        .collect();
    // By id, the newest first unless asked otherwise (reference §2.1).
    notes.sort_by_key(|note| note.id);
    if parameters.text("sort").as_deref() != Some("asc") {
        notes.reverse();
    }
    let (page, length) = parameters.page();
    let total = notes.len();
    let start = ((page - 1) * length).min(total);
    let end = (start + length).min(total);
    // What may not be read is taken out after paging, so a page may be short (reference §1.3).
    let body: Vec<Value> = notes[start..end]
        .iter()
        .filter(|note| sees(note, asker))
        .map(|note| shown(world, asker, iid, note))
        .collect();
    let next = if end < total {
        (page + 1).to_string()
    } else {
        String::new()
    };
    Ok(Answer::json(200, &Value::Array(body))
        .with("x-page", page)
        .with("x-per-page", length)
        .with("x-next-page", next)
        .with("x-total", total)
        .with("x-total-pages", total.div_ceil(length)))
}

fn check(world: &World, body: &str, old: Option<&str>) -> Result<(), Answer> {
    if body.trim().is_empty() {
        return Err(error(
            400,
            "400 Bad request - Note {:note=>[\"can't be blank\"]}",
        ));
    }
    if let Some(said) = sizes::note(world, body, old) {
        let said = format!("400 Bad request - Note {{:note=>[\"{said}\"]}}");
        return Err(error(400, &said));
    }
    Ok(())
}

pub(super) fn create(world: &mut World, request: &Request, asker: Asker, iid: u64) -> Answered {
    write(world, &Parameters::of(request)?, asker, iid)
}

/// Writes a note by itself, however it was asked for.
pub(super) fn write(
    world: &mut World,
    parameters: &Parameters,
    asker: Asker,
    iid: u64,
) -> Answered {
    let internal = parameters
        .bool("internal")
        .or(parameters.bool("confidential"))
        .unwrap_or(false);
    let place = Place {
        discussion: None,
        in_thread: false,
        internal,
    };
    write_in(world, parameters, asker, iid, place)
}

/// Where a note is written.
pub(super) struct Place {
    /// The discussion that it answers in.
    pub(super) discussion: Option<u64>,
    /// It begins a thread, or is one of one.
    pub(super) in_thread: bool,
    /// Seen by members only.
    pub(super) internal: bool,
}

/// Writes a note at its place.
pub(super) fn write_in(
    world: &mut World,
    parameters: &Parameters,
    asker: Asker,
    iid: u64,
    place: Place,
) -> Answered {
    let Some(body) = parameters.text("body") else {
        return Err(bad_parameter("body is missing"));
    };
    check(world, &body, None)?;
    if !comments(visible(world, asker, iid)?, asker) {
        return Err(error(403, "403 Forbidden"));
    }
    if visible(world, asker, iid)?.comments().len() >= 5000 {
        return Err(error(
            400,
            "400 Bad request - Note {:base=>[\"Maximum number of comments exceeded\"]}",
        ));
    }
    let limit = world.notes_per_minute;
    if !world.within(format!("notes of {}", asker.user), limit) {
        return Err(super::broken(429));
    }
    if place.internal && !asker.is_at_least(Role::Planner) {
        return Err(error(403, "403 Forbidden"));
    }
    let owner = asker.is_at_least(Role::Owner);
    let now = world.clock.now();
    let created_at = parameters
        .time("created_at")?
        .filter(|_| owner)
        .unwrap_or(now);
    let before = Before::of(world.issue(asker.project, iid));
    let body = text::received(world, asker, iid, &body, None, Where::Note);
    events::record(world, asker, iid, &before);
    // Nothing but commands: no note at all (reference §2.3).
    if body.is_empty() {
        let summary = json!({"commands_changes": {"state_event": "close"}, "summary": ["Done."]});
        return Ok(Answer::json(202, &summary));
    }
    let id = world.fresh_id();
    let issue = world.issue_mut(asker.project, iid);
    // What is answered becomes a thread (reference §2.2).
    let answered = |note: &&mut Note| Some(note.discussion) == place.discussion;
    for note in issue.notes.iter_mut().filter(answered) {
        note.in_thread = true;
    }
    issue.notes.push(Note {
        id,
        body,
        author: asker.user,
        created_at,
        updated_at: created_at,
        system: false,
        internal: place.internal,
        discussion: place.discussion.unwrap_or(id),
        in_thread: place.in_thread,
    });
    issue.touch(now);
    let note = world.issue(asker.project, iid).notes.last().cloned();
    let note = note.ok_or_else(|| error(500, "500 Internal Server Error"))?;
    let value = shown(world, asker, iid, &note);
    Ok(Answer::json(201, &value))
}

fn position(world: &World, asker: Asker, iid: u64, id: u64) -> Result<usize, Answer> {
    let issue = visible(world, asker, iid)?;
    let at = issue
        .notes
        .iter()
        .position(|note| note.id == id && sees(note, asker));
    let at = at.ok_or_else(|| error(404, "404 Not found"))?;
    let note = &issue.notes[at];
    if !comments(issue, asker) {
        return Err(error(403, "403 Forbidden"));
    }
    if note.system || (note.author != asker.user && !asker.is_at_least(Role::Maintainer)) {
        return Err(error(403, "403 Forbidden"));
    }
    Ok(at)
}

pub(super) fn update(
    world: &mut World,
    request: &Request,
    asker: Asker,
    iid: u64,
    id: u64,
) -> Answered {
    let parameters = Parameters::of(request)?;
    let at = position(world, asker, iid, id)?;
    let Some(body) = parameters.text("body") else {
        return Err(bad_parameter("body is missing"));
    };
    let old = world.issue(asker.project, iid).notes[at].body.clone();
    check(world, &body, Some(&old))?;
    let before = Before::of(world.issue(asker.project, iid));
    let body = text::received(world, asker, iid, &body, Some(&old), Where::Note);
    events::record(world, asker, iid, &before);
    let now = world.clock.now();
    let issue = world.issue_mut(asker.project, iid);
    // A note that became nothing but commands is deleted (reference §2.3).
    if body.is_empty() {
        issue.notes.remove(at);
        return Ok(Answer::json(
            202,
            &json!({"commands_changes": {}, "summary": ["Done."]}),
        ));
    }
    issue.notes[at].body = body;
    issue.notes[at].updated_at = now;
    issue.touch(now);
    let note = issue.notes[at].clone();
    Ok(Answer::json(200, &shown(world, asker, iid, &note)))
}

pub(super) fn delete(world: &mut World, asker: Asker, iid: u64, id: u64) -> Answered {
    let at = position(world, asker, iid, id)?;
    // It does not touch the issue (reference §9.2).
    world.issue_mut(asker.project, iid).notes.remove(at);
    Ok(Answer::text(204, "text/plain", ""))
}
