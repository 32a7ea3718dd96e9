//! Who asks, whether they may, and which project they mean.

use super::{Asker, error};
use crate::server::{Answer, Request};
use crate::world::{User, World};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// The account whose token a request has.
pub(crate) fn user_of(world: &World, request: &Request) -> Option<String> {
    let user = world.tokens.get(token(request)?)?.user;
    Some(world.users.get(&user)?.username.clone())
}

/// Whether a request has a token, known or not.
pub(crate) fn has_token(request: &Request) -> bool {
    token(request).is_some()
}

pub(super) fn token(request: &Request) -> Option<&str> {
    let header = |name: &str| request.headers.get(name).map(String::as_str);
    header("private-token").or_else(|| header("authorization")?.strip_prefix("Bearer "))
}

/// Whose token it is, whatever it may do.
pub(super) fn account(world: &World, request: &Request) -> Result<User, Answer> {
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
    Ok(world.users[&token.user].clone())
}

/// Whose token it is, if its scopes are enough for such a request below `/api/v4`.
pub(super) fn authenticate(
    world: &World,
    request: &Request,
    rest: &[&str],
) -> Result<User, Answer> {
    let user = account(world, request)?;
    let scopes = token(request).and_then(|token| world.tokens.get(token));
    let scopes = scopes.map_or(&[][..], |token| &token.scopes);
    let reads = request.method == "GET";
    let suffices = |scope: &&'static str| match rest {
        // Whatever a token may, it may be asked about itself (reference §3.5).
        ["personal_access_tokens", "self"] if reads => true,
        ["user" | "metadata" | "version"] if reads && *scope == "read_user" => true,
        _ => *scope == "api" || (reads && *scope == "read_api"),
    };
    if !scopes.iter().any(suffices) {
        return Err(Answer::json(
            403,
            &json!({
                "error": "insufficient_scope",
                "error_description": "The request requires higher privileges than provided by the access token.",
                "scope": if reads { "api read_api" } else { "api" },
            }),
        ));
    }
    Ok(user)
}

/// The limit that headers tell of, on answers of every kind (reference §5 A).
#[derive(Clone, Copy, Debug)]
pub(super) struct Throttle {
    limit: u64,
    observed: u64,
    /// When the window ends and the next begins.
    reset: Timestamp,
}

impl Throttle {
    /// Counts a request of a user, if there is a limit.
    pub(super) fn of(world: &mut World, user: u64) -> Option<Self> {
        let limit = world.requests_per_minute?;
        let observed = world.counted(format!("requests of {user}"));
        let minute = world.clock.now().as_second().div_euclid(60);
        let reset = Timestamp::from_second((minute + 1) * 60).ok()?;
        Some(Self {
            limit,
            observed,
            reset,
        })
    }

    /// The answer to a request that is one too many.
    pub(super) fn refusal(self, world: &World) -> Option<Answer> {
        if self.observed <= self.limit {
            return None;
        }
        let wait = self.reset.as_second() - world.clock.now().as_second();
        let until = world.clock.header_in(SignedDuration::from_secs(wait));
        let answer = Answer::text(429, "text/plain", "Retry later\n")
            .with("ratelimit-resettime", until)
            .with("retry-after", wait);
        Some(self.shown_on(answer))
    }

    /// Puts what is left into the headers.
    pub(super) fn shown_on(self, answer: Answer) -> Answer {
        answer
            .with("ratelimit-name", "throttle_authenticated_api")
            .with("ratelimit-limit", self.limit)
            .with("ratelimit-observed", self.observed)
            .with(
                "ratelimit-remaining",
                self.limit.saturating_sub(self.observed),
            )
            .with("ratelimit-reset", self.reset.as_second())
    }
}

/// The project of a number or a path, whoever asks.
pub(super) fn project_named(world: &World, name: &str) -> Option<u64> {
    let mut projects = world.projects.values();
    let found = projects
        .find(|project| name.parse() == Ok(project.id) || project.path.eq_ignore_ascii_case(name));
    found.map(|project| project.id)
}

pub(super) fn project_of(
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
