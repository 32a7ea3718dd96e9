//! GitLab's REST API v4 as far as issues go.
//!
//! `answer` finds out who asks and what for; `issues`, `notes`, `labels` and `uploads` answer. What
//! GitLab does by itself with a text is in `text`: commands are carried out and cut out, mentions
//! write mails, references leave a trace.

mod access;
mod discussions;
mod events;
mod graphql;
mod imports;
mod integrations;
mod issues;
mod labels;
mod links;
mod lists;
mod milestones;
mod notes;
mod parameters;
mod search;
mod sizes;
mod text;
mod times;
mod uploads;
mod users;

use self::access::{Throttle, account, authenticate, project_named, project_of, token};
pub(crate) use self::access::{has_token, user_of};
pub(crate) use self::imports::Import;
use self::parameters::{Parameters, bad_parameter, paged};
pub use self::text::{Link, Named, Piece, Reading, Reference, code};
use crate::server::{Answer, Request, answered};
use crate::world::{Role, User, World};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Who asks, and in which project.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker {
    pub(crate) user: u64,
    pub(crate) admin: bool,
    /// `None`: no member.
    pub(crate) role: Option<Role>,
    pub(crate) project: u64,
}

impl Asker {
    pub(crate) fn is_at_least(&self, role: Role) -> bool {
        self.admin || self.role.is_some_and(|mine| mine >= role)
    }
}

/// What a handler answers; the error is an answer too.
pub(crate) type Answered = Result<Answer, Answer>;

pub(crate) fn error(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({ "message": message }))
}

/// An answer that has nothing to do with the request.
pub(crate) fn broken(status: u16) -> Answer {
    match status {
        429 => Answer::json(
            429,
            &json!({"message": {"error": "This endpoint has been requested too many times. Try again later."}}),
        ),
        502 | 504 => Answer::text(
            status,
            "text/html",
            "<html><body><h1>Bad Gateway</h1></body></html>",
        ),
        401 => error(401, "401 Unauthorized"),
        409 => error(409, "409 Conflict: Resource lock"),
        _ => error(status, &format!("{status} Internal Server Error")),
    }
}

/// The same with headers of a limit, or of a proxy that has its own.
pub(crate) fn refused(status: u16, headers: &[(&'static str, String)]) -> Answer {
    let answer = match status {
        429 => Answer::text(429, "text/plain", "Retry later\n"),
        _ => broken(status),
    };
    let headers = headers.iter();
    headers.fold(answer, |answer, (name, value)| answer.with(name, value))
}

/// Carries out what was only due later.
pub(crate) fn carry_out_later(world: &mut World) {
    imports::carry_out(world);
    let now = world.clock.now();
    let (due, later) = std::mem::take(&mut world.later)
        .into_iter()
        .partition(|(at, _)| *at <= now);
    world.later = later;
    for (_, request) in due {
        let _ = answered(world, &request);
    }
}

/// Answers a request.
pub(crate) fn answer(world: &mut World, request: &Request) -> Answer {
    if let Some(host) = request.headers.get("host") {
        world.hosts.insert(host.clone());
    }
    // No server code sees such a request (gitlabhq, lib/gitlab/middleware/handle_malformed_strings.rb).
    if parameters::has_nul(request) {
        return Answer::text(400, "text/plain", "Bad Request");
    }
    let (Ok(answer) | Err(answer)) = route(world, request);
    answer
}

fn route(world: &mut World, request: &Request) -> Answered {
    let prefix = world
        .relative_url
        .split('/')
        .filter(|part| !part.is_empty())
        .count();
    let path: Vec<&str> = request
        .path
        .iter()
        .skip(prefix)
        .map(String::as_str)
        .collect();
    let (user, rest) = match path.as_slice() {
        ["api", "v4", rest @ ..] => (authenticate(world, request, rest)?, Some(rest)),
        ["api", "graphql"] if request.method == "POST" => {
            let user = account(world, request).map_err(|_| graphql::no_token())?;
            (user, None)
        }
        _ => return Err(sign_in(world)),
    };
    let throttle = Throttle::of(world, user.id);
    if let Some(refusal) = throttle.and_then(|throttle| throttle.refusal(world)) {
        return Err(refusal);
    }
    let (Ok(answer) | Err(answer)) = match rest {
        Some(rest) => asked(world, request, &user, rest),
        None => {
            let writes = token(request)
                .and_then(|token| world.tokens.get(token))
                .is_some_and(|token| token.scopes.contains(&"api"));
            Ok(graphql::answer(world, request, &user, writes))
        }
    };
    Ok(match throttle {
        Some(throttle) => throttle.shown_on(answer),
        None => answer,
    })
}

/// Answers a request of somebody who may ask.
fn asked(world: &mut World, request: &Request, user: &User, rest: &[&str]) -> Answered {
    let no_route = || Answer::json(404, &json!({ "error": "404 Not Found" }));
    match (request.method.as_str(), rest) {
        ("GET", ["metadata" | "version"]) => Ok(Answer::json(
            200,
            &json!({
                "version": world.version,
                "revision": "c401a659d0c",
                "kas": {"enabled": false, "externalUrl": null, "version": null},
                "enterprise": world.version.ends_with("-ee"),
            }),
        )),
        ("GET", ["user"]) => {
            let mut oneself = person(world, user.id);
            if user.admin {
                // Nobody else is told.
                oneself["is_admin"] = json!(true);
            }
            Ok(Answer::json(200, &oneself))
        }
        ("GET", ["users"]) => users::list(world, request),
        ("GET", ["users", id]) => users::get(world, id),
        ("GET", ["personal_access_tokens", "self"]) => {
            let token = &world.tokens[token(request).unwrap_or("")];
            Ok(Answer::json(
                200,
                &json!({
                    "id": 1, "name": "mirror", "revoked": token.revoked, "active": !token.expired,
                    "scopes": token.scopes, "user_id": token.user,
                    "expires_at": token.expires_at.map(|date| date.to_string()),
                }),
            ))
        }
        ("POST", ["projects", "import-relation"]) => imports::begin(world, request, user),
        (_, ["projects", project, rest @ ..]) => {
            let asker = project_of(world, request, project, rest, user)?;
            in_project(world, request, asker, rest)
        }
        _ => Err(no_route()),
    }
}

/// Everything outside of the API wants a browser with a session.
fn sign_in(world: &World) -> Answer {
    let to = format!("{}/users/sign_in", world.relative_url);
    Answer::text(
        302,
        "text/html",
        "<html><body>You are being redirected.</body></html>",
    )
    .with("location", to)
}

fn in_project(world: &mut World, request: &Request, asker: Asker, rest: &[&str]) -> Answered {
    let method = request.method.as_str();
    if matches!(rest, ["issues", ..]) && !world.projects[&asker.project].issues_enabled {
        return Err(error(403, "403 Forbidden"));
    }
    if method != "GET" && world.projects[&asker.project].archived {
        return Err(error(403, "403 Forbidden"));
    }
    let number = |text: &str| {
        text.parse::<u64>()
            .map_err(|_| bad_parameter("issue_iid is invalid"))
    };
    match (method, rest) {
        ("GET", []) => Ok(Answer::json(200, &project(world, asker))),
        ("GET", ["members", "all"]) => users::members(world, request, asker),
        ("GET", ["issues"]) => lists::list(world, request, asker),
        ("POST", ["issues"]) => issues::create(world, request, asker),
        ("GET", ["issues", iid]) => issues::get(world, asker, number(iid)?),
        ("PUT", ["issues", iid]) => issues::update(world, request, asker, number(iid)?),
        ("DELETE", ["issues", iid]) => issues::delete(world, asker, number(iid)?),
        (
            "POST",
            [
                "issues",
                iid,
                action @ ("time_estimate"
                | "reset_time_estimate"
                | "add_spent_time"
                | "reset_spent_time"),
            ],
        ) => times::change(world, request, asker, number(iid)?, action),
        ("GET", ["issues", iid, "notes"]) => notes::list(world, request, asker, number(iid)?),
        ("POST", ["issues", iid, "notes"]) => notes::create(world, request, asker, number(iid)?),
        ("PUT", ["issues", iid, "notes", id]) => {
            notes::update(world, request, asker, number(iid)?, number(id)?)
        }
        ("DELETE", ["issues", iid, "notes", id]) => {
            notes::delete(world, asker, number(iid)?, number(id)?)
        }
        ("GET", ["issues", iid, "discussions"]) => {
            discussions::list(world, request, asker, number(iid)?)
        }
        ("POST", ["issues", iid, "discussions"]) => {
            discussions::create(world, request, asker, number(iid)?)
        }
        ("POST", ["issues", iid, "discussions", id, "notes"]) => {
            discussions::reply(world, request, asker, number(iid)?, id)
        }
        ("GET", ["issues", iid, "resource_label_events"]) => {
            events::of_labels(world, request, asker, number(iid)?)
        }
        ("GET", ["issues", iid, "resource_state_events"]) => {
            events::of_state(world, request, asker, number(iid)?)
        }
        ("GET", ["issues", iid, "links"]) => links::list(world, asker, number(iid)?),
        ("POST", ["issues", iid, "links"]) => links::create(world, request, asker, number(iid)?),
        ("DELETE", ["issues", iid, "links", id]) => {
            links::delete(world, asker, number(iid)?, number(id)?)
        }
        ("GET", ["labels"]) => labels::list(world, request, asker),
        ("POST", ["labels"]) => labels::create(world, request, asker),
        ("PUT", ["labels", id]) => labels::update(world, request, asker, id),
        ("GET", ["events"]) => milestones::events(world, request, asker),
        ("GET", ["milestones"]) => milestones::list(world, request, asker),
        ("POST", ["milestones"]) => milestones::create(world, request, asker),
        ("PUT", ["milestones", id]) => milestones::update(world, request, asker, number(id)?),
        ("GET", ["integrations" | "services"]) => integrations::list(world, asker),
        ("GET", ["relation-imports"]) => imports::list(world, asker),
        ("POST", ["uploads"]) => uploads::create(world, request, asker),
        ("GET", ["uploads", secret, name]) => uploads::get(world, asker, secret, name),
        ("DELETE", ["uploads", secret, name]) => uploads::delete(world, asker, secret, name),
        _ => Err(Answer::json(404, &json!({ "error": "404 Not Found" }))),
    }
}

fn project(world: &World, asker: Asker) -> Value {
    let project = &world.projects[&asker.project];
    let level = asker
        .role
        .map(|role| json!({ "access_level": level(role) }));
    json!({
        "id": project.id,
        "path_with_namespace": project.path,
        "name": project.path.rsplit('/').next(),
        "web_url": format!("{}/{}", world.web_address, project.path),
        "visibility": if project.public { "public" } else { "private" },
        "issues_enabled": project.issues_enabled,
        "issues_access_level": if project.issues_enabled { "enabled" } else { "disabled" },
        "archived": project.archived,
        "emails_disabled": project.emails_disabled,
        "emails_enabled": !project.emails_disabled,
        "permissions": { "project_access": level, "group_access": null },
    })
}

fn level(role: Role) -> u64 {
    match role {
        Role::Guest => 10,
        Role::Planner => 15,
        Role::Reporter => 20,
        Role::Developer => 30,
        Role::Maintainer => 40,
        Role::Owner => 50,
    }
}

/// Somebody as other objects name them.
pub(crate) fn person(world: &World, id: u64) -> Value {
    let user = &world.users[&id];
    json!({
        "id": user.id, "username": user.username, "name": user.name, "public_email": "",
        "state": "active", "locked": false, "avatar_url": null,
        "web_url": format!("{}/{}", world.web_address, user.username),
    })
}

/// A time as REST has it: milliseconds, cut off.
pub(crate) fn time(at: Timestamp) -> String {
    let milliseconds = Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
    format!("{milliseconds:.3}")
}
