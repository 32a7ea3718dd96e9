//! Accounts: looked up, listed as members, assigned.

use super::{Answered, Asker, Parameters, error, level, paged, person};
use crate::server::{Answer, Request};
use crate::world::{User, World};
use serde_json::json;

/// Who is a member, those of the group too (reference §3.5). No address is told.
pub(super) fn members(world: &World, request: &Request, asker: Asker) -> Answered {
    let (page, length) = Parameters::of(request)?.page();
    let members = world.projects[&asker.project].members.iter();
    let rows = members.map(|(user, role)| {
        let mut row = person(world, *user);
        row["access_level"] = json!(level(*role));
        row
    });
    Ok(paged(rows.collect(), page, length))
}

/// Accounts by their exact name, or by a word: the whole of a public address, or a part of a name.
pub(super) fn list(world: &World, request: &Request) -> Answered {
    let parameters = Parameters::of(request)?;
    let (page, length) = parameters.page();
    let same = |user: &User| {
        let named = parameters.text("username");
        let searched = parameters.text("search").map(|word| word.to_lowercase());
        named.is_none_or(|name| user.username.eq_ignore_ascii_case(&name))
            && searched.is_none_or(|word| {
                user.public_email.to_lowercase() == word
                    || user.username.to_lowercase().contains(&word)
                    || user.name.to_lowercase().contains(&word)
            })
    };
    let found = world.users.values().filter(|user| same(user));
    let rows = found.map(|user| person(world, user.id));
    Ok(paged(rows.collect(), page, length))
}

/// One account, with the address that it shows.
pub(super) fn get(world: &World, id: &str) -> Answered {
    let user = id.parse().ok().and_then(|id: u64| world.users.get(&id));
    let user = user.ok_or_else(|| error(404, "404 User Not Found"))?;
    let mut value = person(world, user.id);
    value["public_email"] = json!(user.public_email);
    Ok(Answer::json(200, &value))
}

/// Who is assigned after a request: without a licence for more, the first of those asked for, and
/// only who can read the project. If nobody is left, nothing changes (reference §1.4).
pub(super) fn assigned(
    world: &World,
    asker: Asker,
    parameters: &Parameters,
    before: &[u64],
) -> Vec<u64> {
    let Some(asked) = parameters.list("assignee_ids") else {
        return before.to_vec();
    };
    let mut asked: Vec<u64> = asked.iter().filter_map(|id| id.parse().ok()).collect();
    if !world.premium {
        asked.truncate(1);
    }
    if asked.is_empty() || asked == [0] {
        return Vec::new();
    }
    let project = &world.projects[&asker.project];
    let reads = |id: &u64| {
        let admin = world.users.get(id).is_some_and(|user| user.admin);
        world.users.contains_key(id)
            && (project.public || admin || project.members.contains_key(id))
    };
    let can: Vec<u64> = asked.into_iter().filter(reads).collect();
    if can.is_empty() { before.to_vec() } else { can }
}
