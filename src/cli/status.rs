//! `status`: where each pair stands.

use super::args::{Args, Format, Status};
use super::output::{Output, width};
use super::{Refusal, chosen, configuration, row_of};
use crate::config::{Config, Pair, parse_duration};
use crate::model::{RowState, Timestamp};
use crate::report::exit::Exit;
use crate::report::status::{PairRow, render, render_json};
use crate::store::{Store, StoreError};
use crate::sync::due_at;
use anyhow::anyhow;
use jiff::SignedDuration;

pub(super) fn run(args: &Args, command: &Status, output: &Output) -> Result<Exit, Refusal> {
    let max_age = command.max_age.as_deref().map(age).transpose()?;
    let config = configuration(args, output)?;
    let now = Timestamp::now();
    // Nothing is created by looking.
    let store = Store::look(&config.state)?;
    let rows = chosen(&config, &command.pairs)?
        .into_iter()
        .map(|pair| row(&config, pair, store.as_ref(), command, max_age, now))
        .collect::<Result<Vec<_>, _>>()?;
    let exit = if rows.iter().any(|row| row.too_old) {
        Exit::Partial
    } else {
        Exit::Success
    };
    let text = match command.output {
        Format::Json => render_json(&rows),
        Format::Text => render(&rows, now, width()),
    };
    Ok(output.result(&text, exit))
}

fn age(text: &str) -> Result<SignedDuration, Refusal> {
    parse_duration(text).ok_or_else(|| {
        Refusal::usage(anyhow!(
            "--max-age {text} is no length of time; write one such as 90m, 12h or 7d."
        ))
    })
}

fn row(
    config: &Config,
    pair: &Pair,
    store: Option<&Store>,
    command: &Status,
    max_age: Option<SignedDuration>,
    now: Timestamp,
) -> Result<PairRow, StoreError> {
    let known = match store {
        Some(store) => row_of(config, store, pair)?.map(|row| (store, row)),
        None => None,
    };
    let mut status = None;
    let mut links = (command.issues || command.only.is_some()).then(Vec::new);
    let mut due = None;
    let mut last_success = None;
    if let Some((store, row)) = known {
        due = match (pair.interval, row.last_started_at) {
            (Some(interval), Some(last)) => Some(due_at(last, interval)),
            _ => None,
        };
        last_success = store.last_success(row.id)?;
        status = Some(store.status(&row)?);
        if let Some(links) = &mut links {
            *links = store.link_rows(row.id)?;
            links.retain(|link| match command.only {
                // They were given up too.
                Some(RowState::Error) if link.state == RowState::Contested => true,
                Some(wanted) => link.state == wanted,
                None => true,
            });
        }
    }
    let too_old = pair.enabled
        && max_age.is_some_and(|age| last_success.is_none_or(|at| now.duration_since(at) > age));
    Ok(PairRow {
        name: pair.name.clone(),
        enabled: pair.enabled,
        status,
        due_at: due,
        links,
        too_old,
        failure: match store {
            Some(store) => store.trouble(&pair.name)?,
            None => None,
        },
    })
}
