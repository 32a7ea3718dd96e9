//! `map-user`: who somebody is on the target.

use super::args::{Args, ListFormat, MapUser};
use super::output::Output;
use super::{Refusal, configuration, named, row_of};
use crate::config::{Config, Pair};
use crate::report::exit::Exit;
use crate::report::mappings;
use crate::store::{Scope, Store};
use anyhow::anyhow;
use std::path::Path;
use std::time::Duration;

/// How long a pass that holds the store is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn run(args: &Args, command: &MapUser, output: &Output) -> Result<Exit, Refusal> {
    let config = configuration(args, output)?;
    let pair = command.pair.as_deref();
    let pair = pair.map(|name| named(&config, name)).transpose()?;
    let text = if command.list {
        list(command, &config.state)?
    } else {
        change(command, &config, pair)?
    };
    Ok(output.result(&text, Exit::Success))
}

fn list(command: &MapUser, state: &Path) -> Result<String, Refusal> {
    let mut mappings = match Store::look(state)? {
        Some(store) => store.user_mappings()?,
        None => Vec::new(),
    };
    if command.pair.is_some() {
        // Those for every pair hold for this one too.
        mappings.retain(|mapping| mapping.pair.is_none() || mapping.pair == command.pair);
    }
    Ok(match command.output {
        ListFormat::Text => mappings::render(&mappings),
        ListFormat::Json => mappings::render_json(&mappings),
        ListFormat::Yaml => mappings::render_yaml(&mappings),
    })
}

/// Sets or removes a mapping; answers what to tell.
fn change(command: &MapUser, config: &Config, pair: Option<&Pair>) -> Result<String, Refusal> {
    let source = account("SOURCE", command.source.as_deref())?;
    let target = match &command.target {
        Some(target) => Some(account("TARGET", Some(target))?),
        None => None,
    };
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
    let told = match target {
        Some(target) => {
            store.map_user(scope, &source, &target)?;
            Ok(format!(
                "{source} is {target} {whom}; the next pass applies it.\n"
            ))
        }
        None if store.unmap_user(scope, &source)? => Ok(format!(
            "{source} is not mapped any more {whom}; the next pass applies it.\n"
        )),
        None => Err(Refusal::usage(anyhow!("{source} is not mapped {whom}."))),
    };
    store.close()?;
    told
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
