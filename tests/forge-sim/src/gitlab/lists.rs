//! Issues in a list: filtered, ordered, paged.

use super::issues::{sees, shown};
use super::parameters::{Parameters, bad_parameter, paged};
use super::search::Search;
use super::{Answered, Asker, broken};
use crate::server::{Answer, Request};
use crate::world::{Issue, World};
use jiff::Timestamp;
use serde_json::Value;

pub(super) fn list(world: &mut World, request: &Request, asker: Asker) -> Answered {
    let parameters = Parameters::of(request)?;
    let order = parameters
        .text("order_by")
        .unwrap_or_else(|| "created_at".into());
    let ascending = parameters.text("sort").as_deref() == Some("asc");
    if !["created_at", "updated_at", "title", "due_date"].contains(&order.as_str()) {
        return Err(bad_parameter("order_by does not have a valid value"));
    }
    let search = parameters.text("search").filter(|text| !text.is_empty());
    let limit = world.searches_per_minute;
    if search.is_some() && !world.within(format!("searches of {}", asker.user), limit) {
        return Err(broken(429));
    }
    let places = parameters.list("in");
    let search = search.map(|text| Search::new(&text, places.as_deref()));
    let after = parameters.time("updated_after")?;
    let before = parameters.time("updated_before")?;
    let created_after = parameters.time("created_after")?;
    let iids = parameters.list("iids");
    let author = parameters.number("author_id");
    let state = parameters.text("state").unwrap_or_else(|| "all".into());
    let mut found: Vec<&Issue> = world.projects[&asker.project]
        .issues
        .values()
        .filter(|issue| sees(issue, asker))
        // Both ends count (reference §1.2); the database has microseconds.
        .filter(|issue| after.is_none_or(|after| issue.updated_at >= after))
        .filter(|issue| before.is_none_or(|before| issue.updated_at <= before))
        .filter(|issue| created_after.is_none_or(|after| issue.created_at >= after))
        .filter(|issue| {
            iids.as_ref()
                .is_none_or(|iids| iids.contains(&issue.iid.to_string()))
        })
        .filter(|issue| author.is_none_or(|author| issue.author == author))
        .filter(|issue| search.as_ref().is_none_or(|search| search.finds(issue)))
        .filter(|issue| state == "all" || (state == "opened") == issue.open)
        .collect();
    // Ties by id descending, whatever the direction (reference §1.3).
    found.sort_by(|a, b| {
        let by = match order.as_str() {
            "updated_at" => a.updated_at.cmp(&b.updated_at),
            "title" => a.title.cmp(&b.title),
            "due_date" => a.due_date.cmp(&b.due_date),
            _ => a.created_at.cmp(&b.created_at),
        };
        let by = if ascending { by } else { by.reverse() };
        by.then(b.id.cmp(&a.id))
    });
    let (page, length) = parameters.page();
    if parameters.text("pagination").as_deref() == Some("keyset") && has_keyset(&world.version) {
        return Ok(keyset(
            world,
            request,
            asker,
            &parameters,
            &found,
            &order,
            ascending,
        ));
    }
    let shown = found.iter().map(|issue| shown(world, asker.project, issue));
    Ok(paged(shown.collect(), page, length))
}

/// Keyset paging of issues came with 18.3.
fn has_keyset(version: &str) -> bool {
    let mut parts = version
        .split(['.', '-'])
        .map(|part| part.parse::<u64>().unwrap_or(0));
    (parts.next(), parts.next()) >= (Some(18), Some(3))
}

/// A page that begins behind a row instead of at a number: what changes meanwhile moves nothing.
fn keyset(
    world: &World,
    request: &Request,
    asker: Asker,
    parameters: &Parameters,
    found: &[&Issue],
    order: &str,
    ascending: bool,
) -> Answer {
    let key = |issue: &Issue| {
        if order == "updated_at" {
            issue.updated_at
        } else {
            issue.created_at
        }
    };
    let (_, length) = parameters.page();
    let after: Option<(Timestamp, u64)> = parameters.text("cursor").and_then(|cursor| {
        let (at, id) = cursor.split_once('_')?;
        Some((at.parse().ok()?, id.parse().ok()?))
    });
    let is_behind = |issue: &&&Issue| {
        after.is_none_or(|(at, id)| {
            let by = if ascending {
                key(issue).cmp(&at)
            } else {
                at.cmp(&key(issue))
            };
            by.then(id.cmp(&issue.id)).is_gt()
        })
    };
    let rest: Vec<&&Issue> = found.iter().filter(is_behind).collect();
    let page: Vec<Value> = rest
        .iter()
        .take(length)
        .map(|issue| shown(world, asker.project, issue))
        .collect();
    let answer = Answer::json(200, &Value::Array(page));
    let (true, Some(last)) = (rest.len() > length, rest.get(length - 1)) else {
        return answer;
    };
    let query: String = request
        .target
        .split_once('?')
        .map_or("", |(_, query)| query)
        .split('&')
        .filter(|pair| !pair.starts_with("cursor="))
        .map(|pair| format!("{pair}&"))
        .collect();
    let host = request.headers.get("host").map_or("", String::as_str);
    let path = request.target.split('?').next().unwrap_or("");
    let cursor = format!("{}_{}", key(last), last.id);
    answer.with(
        "link",
        format!("<http://{host}{path}?{query}cursor={cursor}>; rel=\"next\""),
    )
}
