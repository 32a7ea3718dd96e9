//! Files of a project.

use super::{Answered, Asker, bad_parameter, error};
use crate::server::{Answer, Request};
use crate::world::{Role, World};
use serde_json::json;

pub(super) fn create(world: &mut World, request: &Request, asker: Asker) -> Answered {
    let Some((name, content)) = &request.file else {
        return Err(bad_parameter("file is missing"));
    };
    let name: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || ".-+_".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let id = world.fresh_id();
    let secret = format!("{id:032x}");
    if let Some((length, true)) = request.large {
        let place = (asker.project, secret.clone(), name.clone());
        world.large.insert(place, length);
    } else if let Some(project) = world.projects.get_mut(&asker.project) {
        project
            .uploads
            .insert((secret.clone(), name.clone()), content.clone());
    }
    let is_image = [".png", ".jpg", ".gif", ".svg"]
        .iter()
        .any(|end| name.ends_with(end));
    let alt = if is_image {
        name.rsplit_once('.').map_or("", |(stem, _)| stem)
    } else {
        &name
    };
    let url = format!("/uploads/{secret}/{name}");
    let bang = if is_image { "!" } else { "" };
    Ok(Answer::json(
        201,
        &json!({
            "id": id, "alt": alt, "url": url,
            "full_path": format!("/-/project/{}{url}", asker.project),
            "markdown": format!("{bang}[{alt}]({url})"),
        }),
    ))
}

pub(super) fn get(world: &World, asker: Asker, secret: &str, name: &str) -> Answered {
    let key = (secret.to_owned(), name.to_owned());
    let place = (asker.project, secret.to_owned(), name.to_owned());
    if let Some(length) = world.large.get(&place) {
        let kind = (
            "content-type".to_owned(),
            "application/octet-stream".to_owned(),
        );
        return Ok(Answer {
            status: 200,
            headers: vec![kind],
            body: Vec::new(),
            zeros: *length,
        });
    }
    match world.projects[&asker.project].uploads.get(&key) {
        Some(content) => Ok(Answer {
            status: 200,
            headers: vec![("content-type".into(), "application/octet-stream".into())],
            body: content.clone(),
            zeros: 0,
        }),
        None => Err(error(404, "404 Not Found")),
    }
}

/// From 17.4 on a Maintainer deletes a file by its link. One that is not there is a bad request, because
/// the rights in the project are looked at first and those in the file together with whether there is one
/// (gitlabhq, lib/api/markdown_uploads.rb and app/services/uploads/destroy_service.rb).
pub(super) fn delete(world: &mut World, asker: Asker, secret: &str, name: &str) -> Answered {
    let mut numbers = world
        .version
        .split(['.', '-'])
        .map_while(|n| n.parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if version < (17, 4) {
        return Err(Answer::json(404, &json!({ "error": "404 Not Found" })));
    }
    if !asker.is_at_least(Role::Maintainer) {
        return Err(error(403, "403 Forbidden"));
    }
    let key = (secret.to_owned(), name.to_owned());
    let place = (asker.project, key.0.clone(), key.1.clone());
    let large = world.large.remove(&place).is_some();
    let project = world.projects.get_mut(&asker.project);
    let small = project.and_then(|project| project.uploads.remove(&key));
    if !large && small.is_none() {
        return Err(error(
            400,
            "400 Bad request - The resource that you are attempting to access does not exist or you don't have permission to perform this action.",
        ));
    }
    Ok(Answer::text(204, "application/json", ""))
}
