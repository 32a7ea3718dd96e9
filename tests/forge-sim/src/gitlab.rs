//! GitLab's REST API v4 as far as issues go.
//!
//! `answer` finds out who asks and what for; `issues`, `notes`, `labels` and `uploads` answer. What
//! GitLab does by itself with a text is in `text`: commands are carried out and cut out, mentions
//! write mails, references leave a trace.

mod issues;
mod labels;
mod notes;
mod text;
mod uploads;

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

fn bad_parameter(said: &str) -> Answer {
    Answer::json(400, &json!({ "error": said }))
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
        _ => error(status, &format!("{status} Internal Server Error")),
    }
}

/// Carries out what was only due later.
pub(crate) fn carry_out_later(world: &mut World) {
    let now = world.clock.now();
    let (due, later) = std::mem::take(&mut world.later)
        .into_iter()
        .partition(|(at, _)| *at <= now);
    world.later = later;
    for (_, request) in due {
        let _ = answered(world, &request);
    }
}

/// The account whose token a request has.
pub(crate) fn user_of(world: &World, request: &Request) -> Option<String> {
    let user = world.tokens.get(token(request)?)?.user;
    Some(world.users.get(&user)?.username.clone())
}

fn token(request: &Request) -> Option<&str> {
    let header = |name: &str| request.headers.get(name).map(String::as_str);
    header("private-token").or_else(|| header("authorization")?.strip_prefix("Bearer "))
}

/// Answers a request.
pub(crate) fn answer(world: &mut World, request: &Request) -> Answer {
    let (Ok(answer) | Err(answer)) = route(world, request);
    answer
}

fn route(world: &mut World, request: &Request) -> Answered {
    let no_route = || Answer::json(404, &json!({ "error": "404 Not Found" }));
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
    let [api, version, rest @ ..] = path.as_slice() else {
        return Err(sign_in(world));
    };
    if (*api, *version) != ("api", "v4") {
        return Err(sign_in(world));
    }
    let user = authenticate(world, request)?;
    throttle(world, user.id)?;
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
        ("GET", ["user"]) => Ok(Answer::json(200, &person(world, user.id))),
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
        (_, ["projects", project, rest @ ..]) => {
            let asker = project_of(world, request, project, rest, &user)?;
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
    let number = |text: &str| {
        text.parse::<u64>()
            .map_err(|_| bad_parameter("issue_iid is invalid"))
    };
    match (method, rest) {
        ("GET", []) => Ok(Answer::json(200, &project(world, asker))),
        ("GET", ["issues"]) => issues::list(world, request, asker),
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
        ) => issues::time(world, request, asker, number(iid)?, action),
        ("GET", ["issues", iid, "notes"]) => notes::list(world, request, asker, number(iid)?),
        ("POST", ["issues", iid, "notes"]) => notes::create(world, request, asker, number(iid)?),
        ("PUT", ["issues", iid, "notes", id]) => {
            notes::update(world, request, asker, number(iid)?, number(id)?)
        }
        ("DELETE", ["issues", iid, "notes", id]) => {
            notes::delete(world, asker, number(iid)?, number(id)?)
        }
        ("GET", ["labels"]) => labels::list(world, request, asker),
        ("POST", ["labels"]) => labels::create(world, request, asker),
        ("PUT", ["labels", id]) => labels::update(world, request, asker, id),
        ("POST", ["uploads"]) => uploads::create(world, request, asker),
        ("GET", ["uploads", secret, name]) => uploads::get(world, asker, secret, name),
        _ => Err(Answer::json(404, &json!({ "error": "404 Not Found" }))),
    }
}

fn authenticate(world: &World, request: &Request) -> Result<User, Answer> {
    let Some(text) = token(request) else {
        return Err(error(401, "401 Unauthorized"));
    };
    let Some(token) = world.tokens.get(text) else {
        return Err(error(401, "401 Unauthorized"));
    };
    let invalid = |said: &str| {
        Answer::json(
            401,
            &json!({ "error": "invalid_token", "error_description": said }),
        )
    };
    if token.revoked {
        return Err(invalid(
            "Token was revoked. You have to re-authorize from the user.",
        ));
    }
    if token.expired {
        return Err(invalid(
            "Token is expired. You can either do re-authorization or token refresh.",
        ));
    }
    let reads = request.method == "GET";
    let suffices = |scope: &&'static str| *scope == "api" || (reads && *scope == "read_api");
    if !token.scopes.iter().any(suffices) {
        return Err(Answer::json(
            403,
            &json!({
                "error": "insufficient_scope",
                "error_description": "The request requires higher privileges than provided by the access token.",
                "scope": if reads { "api read_api" } else { "api" },
            }),
        ));
    }
    Ok(world.users[&token.user].clone())
}

/// The limit that headers tell of (reference §5 A).
fn throttle(world: &mut World, user: u64) -> Result<(), Answer> {
    let limit = world.requests_per_minute;
    if world.within(format!("requests of {user}"), limit) {
        return Ok(());
    }
    let now = world.clock.now().as_second();
    let wait = 60 - now.rem_euclid(60);
    let limit = limit.unwrap_or(0);
    Err(Answer::text(429, "text/plain", "Retry later\n")
        .with("ratelimit-name", "throttle_authenticated_api")
        .with("ratelimit-limit", limit)
        .with("ratelimit-observed", limit + 1)
        .with("ratelimit-remaining", 0)
        .with("ratelimit-reset", now + wait)
        .with("retry-after", wait))
}

fn project_of(
    world: &World,
    request: &Request,
    name: &str,
    rest: &[&str],
    user: &User,
) -> Result<Asker, Answer> {
    let not_found = || error(404, "404 Project Not Found");
    let found = match name.parse::<u64>() {
        Ok(id) => world.projects.get(&id),
        Err(_) => {
            let same = |path: &String| path.eq_ignore_ascii_case(name);
            let now = world.projects.values().find(|project| same(&project.path));
            let before = || {
                let mut projects = world.projects.values();
                projects.find(|project| project.old_paths.iter().any(same))
            };
            match (now, before()) {
                (Some(project), _) => Some(project),
                (None, Some(moved)) if request.method == "GET" => {
                    let below: String = rest.iter().map(|part| format!("/{part}")).collect();
                    let query = request.target.split_once('?');
                    let query = query.map_or(String::new(), |(_, query)| format!("?{query}"));
                    let to = format!(
                        "{}/api/v4/projects/{}{below}{query}",
                        world.relative_url, moved.id
                    );
                    let answer = Answer::text(301, "text/plain", "This resource has been moved");
                    return Err(answer.with("location", to));
                }
                (None, Some(_)) => {
                    return Err(error(
                        405,
                        "Non GET methods are not allowed for moved projects",
                    ));
                }
                (None, None) => None,
            }
        }
    };
    let project = found.ok_or_else(not_found)?;
    let role = project.members.get(&user.id).copied();
    if role.is_none() && !project.public && !user.admin {
        return Err(not_found());
    }
    Ok(Asker {
        user: user.id,
        admin: user.admin,
        role,
        project: project.id,
    })
}

fn project(world: &World, asker: Asker) -> Value {
    let project = &world.projects[&asker.project];
    let level = asker.role.map(|role| {
        json!({ "access_level": match role {
            Role::Guest => 10,
            Role::Planner => 15,
            Role::Reporter => 20,
            Role::Developer => 30,
            Role::Maintainer => 40,
            Role::Owner => 50,
        }})
    });
    json!({
        "id": project.id,
        "path_with_namespace": project.path,
        "name": project.path.rsplit('/').next(),
        "visibility": if project.public { "public" } else { "private" },
        "issues_enabled": project.issues_enabled,
        "issues_access_level": if project.issues_enabled { "enabled" } else { "disabled" },
        "archived": false,
        "permissions": { "project_access": level, "group_access": null },
    })
}

/// Somebody as other objects name them.
pub(crate) fn person(world: &World, id: u64) -> Value {
    let user = &world.users[&id];
    json!({
        "id": user.id, "username": user.username, "name": user.name, "public_email": "",
        "state": "active", "locked": false, "avatar_url": null,
        "web_url": format!("https://gitlab.example.com/{}", user.username),
    })
}

/// A time as REST has it: milliseconds, cut off.
pub(crate) fn time(at: Timestamp) -> String {
    let milliseconds = Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
    format!("{milliseconds:.3}")
}

/// What a request says: JSON or a form in its body, and the query.
pub(crate) struct Parameters(serde_json::Map<String, Value>);

impl Parameters {
    pub(crate) fn of(request: &Request) -> Result<Self, Answer> {
        let mut map = serde_json::Map::new();
        if !request.body.is_empty() {
            match serde_json::from_slice(&request.body) {
                Ok(Value::Object(body)) => map = body,
                _ => {
                    return Err(bad_parameter(
                        "The provided content-type or body is not supported.",
                    ));
                }
            }
        }
        for (name, value) in &request.query {
            if let Some(list) = name.strip_suffix("[]") {
                let entry = map.entry(list.to_owned()).or_insert_with(|| json!([]));
                if let Value::Array(items) = entry {
                    items.push(json!(value));
                }
            } else {
                map.insert(name.clone(), json!(value));
            }
        }
        Ok(Self(map))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    pub(crate) fn bool(&self, name: &str) -> Option<bool> {
        self.text(name)?.parse().ok()
    }

    pub(crate) fn time(&self, name: &str) -> Result<Option<Timestamp>, Answer> {
        self.text(name)
            .map(|text| {
                text.parse()
                    .map_err(|_| bad_parameter(&format!("{name} is invalid")))
            })
            .transpose()
    }

    /// A list, or a text with commas.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<String>> {
        Some(match self.0.get(name)? {
            Value::Array(items) => items
                .iter()
                .map(|item| {
                    item.as_str()
                        .map_or_else(|| item.to_string(), str::to_owned)
                })
                .collect(),
            Value::String(text) => text
                .split(',')
                .map(|part| part.trim().to_owned())
                .filter(|part| !part.is_empty())
                .collect(),
            _ => Vec::new(),
        })
    }

    /// Page and length of a page.
    pub(crate) fn page(&self) -> (usize, usize) {
        let number = |name, default| self.number(name).unwrap_or(default);
        let page = number("page", 1).max(1);
        let length = number("per_page", 20).clamp(1, 100);
        (
            usize::try_from(page).unwrap_or(1),
            usize::try_from(length).unwrap_or(20),
        )
    }
}

/// One page of a list, with its headers (reference §1.3).
pub(crate) fn paged(items: Vec<Value>, page: usize, length: usize) -> Answer {
    let total = items.len();
    let start = (page - 1).saturating_mul(length).min(total);
    let end = (start + length).min(total);
    let body = Value::Array(items[start..end].to_vec());
    let next = if end < total {
        (page + 1).to_string()
    } else {
        String::new()
    };
    let answer = Answer::json(200, &body)
        .with("x-page", page)
        .with("x-per-page", length)
        .with("x-next-page", next);
    if total > 10_000 {
        return answer;
    }
    answer
        .with("x-total", total)
        .with("x-total-pages", total.div_ceil(length))
}
