//! Links between issues: one per two issues, whatever its kind, seen from both (reference §3.5).

use super::issues::{self, sees, system_note};
use super::parameters::{Parameters, bad_parameter};
use super::{Answered, Asker, error, project_named, time as iso};
use crate::server::{Answer, Request};
use crate::world::{IssueLink, Role, World};
use serde_json::{Value, json};

/// The project and number of an issue.
type Place = (u64, u64);

fn not_found() -> Answer {
    error(404, "404 Not found")
}

/// An issue that somebody sees, in whatever project it is.
fn visible_at(world: &World, asker: Asker, place: Place) -> Option<Asker> {
    let project = world.projects.get(&place.0)?;
    let there = Asker {
        role: project.members.get(&asker.user).copied(),
        project: place.0,
        ..asker
    };
    let opens = there.role.is_some() || project.public || asker.admin;
    let issue = project.issues.get(&place.1)?;
    (opens && sees(issue, there)).then_some(there)
}

/// The kind of a link as one of its ends has it.
fn seen_from(link: &IssueLink, here: Place) -> &'static str {
    match (link.blocks, link.source == here) {
        (false, _) => "relates_to",
        (true, true) => "blocks",
        (true, false) => "is_blocked_by",
    }
}

pub(super) fn list(world: &World, asker: Asker, iid: u64) -> Answered {
    issues::visible(world, asker, iid)?;
    let here = (asker.project, iid);
    let rows = world.links.iter().filter_map(|link| {
        let other = link.other(here)?;
        // Those that may not be seen are left out without a word.
        visible_at(world, asker, other)?;
        let mut row = issues::shown(world, other.0, world.issue(other.0, other.1));
        row["issue_link_id"] = json!(link.id);
        row["link_type"] = json!(seen_from(link, here));
        row["link_created_at"] = json!(iso(link.created_at));
        row["link_updated_at"] = json!(iso(link.created_at));
        Some(row)
    });
    Ok(Answer::json(200, &Value::Array(rows.collect())))
}

fn entity(world: &World, link: &IssueLink) -> Value {
    let issue = |place: Place| issues::shown(world, place.0, world.issue(place.0, place.1));
    json!({
        "id": link.id, "source_issue": issue(link.source), "target_issue": issue(link.target),
        "link_type": if link.blocks { "blocks" } else { "relates_to" },
        "link_created_at": iso(link.created_at), "link_updated_at": iso(link.created_at),
    })
}

pub(super) fn create(world: &mut World, request: &Request, asker: Asker, iid: u64) -> Answered {
    let parameters = Parameters::of(request)?;
    let kind = parameters.text("link_type");
    let kind = kind.as_deref().unwrap_or("relates_to");
    // An edition without the code of the licence does not know the word.
    let known: &[&str] = if world.version.ends_with("-ee") {
        &["relates_to", "blocks", "is_blocked_by"]
    } else {
        &["relates_to"]
    };
    if !known.contains(&kind) {
        return Err(bad_parameter("link_type does not have a valid value"));
    }
    let (Some(project), Some(number)) = (
        parameters.text("target_project_id"),
        parameters.number("target_issue_iid"),
    ) else {
        return Err(bad_parameter(
            "target_project_id is missing, target_issue_iid is missing",
        ));
    };
    issues::visible(world, asker, iid)?;
    let project = project_named(world, &project).ok_or_else(not_found)?;
    let (here, there) = ((asker.project, iid), (project, number));
    let other = visible_at(world, asker, there).ok_or_else(not_found)?;
    if kind != "relates_to" && !world.premium {
        return Err(error(
            403,
            "Blocked issues not available for current license",
        ));
    }
    if world
        .links
        .iter()
        .any(|link| link.other(here) == Some(there))
    {
        return Err(error(409, "Issue(s) already assigned"));
    }
    if !asker.is_at_least(Role::Guest) || !other.is_at_least(Role::Guest) {
        return Err(error(
            403,
            "Couldn't link issues. You must have at least the Guest role in both projects.",
        ));
    }
    if here == there {
        return Err(error(
            422,
            &format!("#{iid} cannot be added: cannot be related to itself"),
        ));
    }
    let (source, target) = match kind {
        "is_blocked_by" => (there, here),
        _ => (here, there),
    };
    let link = world.relate(asker.user, source, target, kind != "relates_to");
    let made = world.links.iter().find(|made| made.id == link);
    let made = made.map_or(Value::Null, |made| entity(world, made));
    Ok(Answer::json(201, &made))
}

pub(super) fn delete(world: &mut World, asker: Asker, iid: u64, id: u64) -> Answered {
    issues::visible(world, asker, iid)?;
    let here = (asker.project, iid);
    let at = world.links.iter().position(|link| {
        let other = link.other(here);
        link.id == id && other.is_some_and(|other| visible_at(world, asker, other).is_some())
    });
    let at = at.ok_or_else(not_found)?;
    if !asker.is_at_least(Role::Guest) {
        return Err(error(404, "No Issue Link found"));
    }
    let answer = entity(world, &world.links[at]);
    world.unrelate(asker.user, id);
    Ok(Answer::json(200, &answer))
}

impl IssueLink {
    /// The other end, if this is one of its ends.
    fn other(&self, here: Place) -> Option<Place> {
        match here {
            here if here == self.source => Some(self.target),
            here if here == self.target => Some(self.source),
            _ => None,
        }
    }
}

impl World {
    /// Links two issues as a person does in the browser; answers the number of the link. Both get a
    /// note of the server's, which touches them.
    pub fn relate(&mut self, user: u64, source: Place, target: Place, blocks: bool) -> u64 {
        let (id, created_at) = (self.fresh_id(), self.clock.now());
        self.links.push(IssueLink {
            id,
            source,
            target,
            blocks,
            created_at,
        });
        self.note_link(user, source, target, "marked this issue as related to");
        self.note_link(user, target, source, "marked this issue as related to");
        id
    }

    /// Takes a link between two issues away, as a person does in the browser.
    pub fn unrelate(&mut self, user: u64, id: u64) {
        let Some(at) = self.links.iter().position(|link| link.id == id) else {
            return;
        };
        let link = self.links.remove(at);
        self.note_link(user, link.source, link.target, "removed the relation with");
        self.note_link(user, link.target, link.source, "removed the relation with");
    }

    fn note_link(&mut self, user: u64, on: Place, other: Place, said: &str) {
        let path = match on.0 == other.0 {
            true => "",
            false => &self.projects[&other.0].path,
        };
        let body = format!("{said} {path}#{}", other.1);
        let (id, now) = (self.fresh_id(), self.clock.now());
        let issue = self.issue_mut(on.0, on.1);
        issue.notes.push(system_note(id, user, &body, now));
        issue.touch(now);
    }
}
