//! `map-user`, `map-label`, `map-milestone`: what something is called on the target.

use super::args::{Args, ListFormat, MapLabel, MapMilestone, MapScope, MapTitles, MapUser};
use super::output::Output;
use super::{Refusal, configuration, named, row_of};
use crate::config::{Config, Pair};
use crate::model::{Mapped, is_account};
use crate::report::exit::Exit;
use crate::report::mappings;
use crate::store::{Scope, Store};
use anyhow::anyhow;
use std::path::Path;
use std::time::Duration;

/// How long a pass that holds the store is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was asked for, whatever it is about.
struct Request<'a> {
    kind: Mapped,
    source: Option<&'a str>,
    target: Option<&'a str>,
    /// It is not to be carried.
    skip: bool,
    scope: &'a MapScope,
}

pub(super) fn user(args: &Args, command: &MapUser, output: &Output) -> Result<Exit, Refusal> {
    let request = Request {
        kind: Mapped::User,
        source: command.source.as_deref(),
        target: command.target.as_deref(),
        skip: false,
        scope: &command.scope,
    };
    run(args, &request, output)
}

pub(super) fn label(args: &Args, command: &MapLabel, output: &Output) -> Result<Exit, Refusal> {
    run(args, &titles(Mapped::Label, &command.titles), output)
}

pub(super) fn milestone(
    args: &Args,
    command: &MapMilestone,
    output: &Output,
) -> Result<Exit, Refusal> {
    run(args, &titles(Mapped::Milestone, &command.titles), output)
}

fn titles(kind: Mapped, titles: &MapTitles) -> Request<'_> {
    Request {
        kind,
        source: titles.source.as_deref(),
        target: titles.target.as_deref(),
        skip: titles.skip,
        scope: &titles.scope,
    }
}

fn run(args: &Args, request: &Request<'_>, output: &Output) -> Result<Exit, Refusal> {
    let config = configuration(args, output)?;
    let pair = request.scope.pair.as_deref();
    let pair = pair.map(|name| named(&config, name)).transpose()?;
    let text = if request.scope.list {
        list(request, &config.state)?
    } else {
        change(request, &config, pair)?
    };
    Ok(output.result(&text, Exit::Success))
}

fn list(request: &Request<'_>, state: &Path) -> Result<String, Refusal> {
    let (kind, scope) = (request.kind, request.scope);
    let mut mappings = match Store::look(state)? {
        Some(store) => store.mappings(kind)?,
        None => Vec::new(),
    };
    if scope.pair.is_some() {
        // Those for every pair hold for this one too.
        mappings.retain(|mapping| mapping.pair.is_none() || mapping.pair == scope.pair);
    }
    Ok(match scope.output {
        ListFormat::Text => mappings::render(kind, &mappings),
        ListFormat::Json => mappings::render_json(&mappings),
        ListFormat::Yaml => mappings::render_yaml(kind, &mappings),
    })
}

/// Sets or removes a mapping; answers what to tell.
fn change(request: &Request<'_>, config: &Config, pair: Option<&Pair>) -> Result<String, Refusal> {
    let kind = request.kind;
    let source = name(kind, "SOURCE", request.source)?;
    let target = match request.target {
        Some(target) => Some(name(kind, "TARGET", Some(target))?),
        None => None,
    };
    if kind == Mapped::User
        && let Some(target) = target.as_deref().filter(|target| !is_account(target))
    {
        return Err(Refusal::usage(anyhow!(
            "{source} cannot be mapped to `{target}`, which is no account: expected the name of one, of letters, digits, `_`, `.` and `-`; groups and `all` are none."
        )));
    }
    let whom = match pair {
        Some(pair) => format!("for the pair {}", pair.name),
        None => "for every pair".to_owned(),
    };
    let store = Store::open(&config.state, PATIENCE)?;
    let scope = match pair {
        Some(pair) => match row_of(config, &store, pair)? {
            Some(row) => Scope::Pair(row.id),
            None => Scope::Named(&pair.name),
        },
        None => Scope::Every,
    };
    let told = if request.scope.remove {
        if store.unmap(kind, scope, &source)? {
            Ok(format!(
                "{source} is not mapped any more {whom}; the next pass applies it.\n"
            ))
        } else {
            Err(Refusal::usage(anyhow!("{source} is not mapped {whom}.")))
        }
    } else {
        let is_it = |name: &str| {
            name == source || kind == Mapped::User && name.eq_ignore_ascii_case(&source)
        };
        let before = store.mappings(kind)?.into_iter().find(|mapping| {
            is_it(&mapping.source) && mapping.pair.as_deref() == pair.map(|pair| &*pair.name)
        });
        store.map(kind, scope, &source, target.as_deref())?;
        let was = match before.map(|mapping| mapping.target) {
            Some(before) if before != target => match before {
                Some(before) => format!(" (it was {before})"),
                None => " (it was not carried)".to_owned(),
            },
            _ => String::new(),
        };
        let what = match target.filter(|_| !request.skip) {
            Some(target) => format!("{source} is {target} {whom}{was}"),
            None => format!("{source} is not carried {whom}{was}"),
        };
        Ok(format!("{what}; the next pass applies it.\n"))
    };
    store.close()?;
    told
}

/// A name as the forges have it.
fn name(kind: Mapped, what: &str, name: Option<&str>) -> Result<String, Refusal> {
    match kind {
        Mapped::User => account(what, name),
        Mapped::Label | Mapped::Milestone => title(kind, what, name),
    }
}

/// A title of a label or a milestone, in which blanks may be.
fn title(kind: Mapped, what: &str, name: Option<&str>) -> Result<String, Refusal> {
    let name = name.unwrap_or("").trim();
    if name.is_empty() || name.chars().any(char::is_control) {
        let kind = kind.word();
        return Err(Refusal::usage(anyhow!(
            "{what} must be the title of a {kind}, in one line."
        )));
    }
    Ok(name.to_owned())
}

/// An account as people write it, with or without `@`.
fn account(what: &str, name: Option<&str>) -> Result<String, Refusal> {
    let name = name.unwrap_or("").trim().trim_start_matches('@');
    if name.is_empty() || name.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Refusal::usage(anyhow!(
            "{what} must be the name of an account, without blanks."
        )));
    }
    Ok(name.to_owned())
}
