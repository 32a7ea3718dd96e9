//! `sync`: one pass over every pair, or over those that are named.

mod ends;
mod pairs;

use super::args::{Args, DEFAULT_CONFIG, Format, Sync, When};
use super::output::{Output, somebody_looks, tell_error};
use super::{Refusal, chosen, configuration, connections, runtime};
use crate::config::{Config, parse_duration};
use crate::connect::Connections;
use crate::model::Timestamp;
use crate::report::exit::Exit;
use crate::report::hints;
use crate::report::progress::Progress;
use crate::report::{RunReport, json, plan, summary};
use crate::store::{Store, StoreError};
use crate::sync::{ByHand, Stop};
use anyhow::anyhow;
use jiff::SignedDuration;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};

/// `-q` tells of a lock only if it has been held for longer.
const LONG_HELD: SignedDuration = SignedDuration::from_hours(6);

pub(super) fn run(args: &Args, command: &Sync, output: &Output) -> Result<Exit, Refusal> {
    run_with(args, command, None, output)
}

/// One pass over one issue, with which a person wants something to be done before.
pub(super) fn by_hand(
    args: &Args,
    pair: &str,
    issue: u64,
    wish: ByHand,
    output: &Output,
) -> Result<Exit, Refusal> {
    let command = Sync {
        issue: Some(issue),
        ..Sync::of(pair)
    };
    run_with(args, &command, Some(wish), output)
}

fn run_with(
    args: &Args,
    command: &Sync,
    by_hand: Option<ByHand>,
    output: &Output,
) -> Result<Exit, Refusal> {
    let config = configuration(args, output)?;
    let pairs = chosen(&config, &command.pairs)?;
    if command.issue.is_some() && (pairs.len() != 1 || command.pairs.len() != 1) {
        return Err(Refusal::usage(anyhow!("--issue needs exactly one PAIR.")));
    }
    let max_time = command.max_time.as_deref().map(max_time).transpose()?;
    let run_ends = Arc::new(AtomicBool::new(false));
    let connections = connections(&config, &pairs, &run_ends)?;
    let store = store(&config, command)?;
    let runtime = runtime()?;
    let stop = Arc::new(Stop::default());
    let started_at = Timestamp::now();
    let shows_progress = command.progress == When::Auto
        && args.verbose == 0
        && !output.is_quiet()
        && somebody_looks();
    let run = Run {
        config: &config,
        connections: &connections,
        command,
        by_hand,
        requests: AtomicU64::new(0),
        max_time,
        begun: Instant::now(),
        store: &store,
        stop: &stop,
        progress: Progress::new(shows_progress),
    };
    let pairs = runtime.block_on(async {
        listen_for_signals(&stop, &run_ends);
        if let Some(time) = max_time {
            let run_ends = Arc::clone(&run_ends);
            tokio::spawn(async move {
                tokio::time::sleep(time).await;
                run_ends.store(true, Ordering::Relaxed);
            });
        }
        run.pairs(&pairs).await
    });
    // Work on files that is still under way has nothing to tell any more.
    runtime.shutdown_timeout(Duration::from_secs(5));
    let mut exits: Vec<Exit> = pairs.iter().map(|pair| Exit::of(pair.outcome)).collect();
    exits.extend(stop.signal().map(Exit::Signal));
    if !command.dry_run
        && let Err(error) = store.close()
    {
        tell_error("", &error.to_string());
        exits.push(Exit::Failed);
    }
    let exit = Exit::merge(exits);
    let report = RunReport {
        invocation: invocation(args),
        started_at,
        finished_at: Timestamp::now(),
        pairs,
    };
    let text = match command.output {
        Format::Json => json::render(&report, exit),
        Format::Text if command.dry_run => plan::render(&report),
        Format::Text => summary::render(&report),
    };
    Ok(output.result(&text, exit))
}

fn max_time(text: &str) -> Result<Duration, Refusal> {
    let time = parse_duration(text).and_then(|time| Duration::try_from(time).ok());
    time.ok_or_else(|| {
        Refusal::usage(anyhow!(
            "--max-time {text} is no length of time; write one such as 50m or 2h."
        ))
    })
}

/// How the program is called again with the same files.
fn invocation(args: &Args) -> String {
    let mut words = vec!["issue-mirror".to_owned()];
    for (option, path) in [
        ("--config", Some(&args.config)),
        ("--state", args.state.as_ref()),
    ] {
        let is_default = option == "--config"
            && path.is_some_and(|path| {
                path.as_os_str().is_empty() || path == Path::new(DEFAULT_CONFIG)
            });
        if let Some(path) = path.filter(|_| !is_default) {
            words.push(option.to_owned());
            words.push(hints::shell_word(&path.display().to_string()));
        }
    }
    words.join(" ")
}

/// Opens the store, or a copy of it for a trial run.
fn store(config: &Config, command: &Sync) -> Result<Store, Refusal> {
    if command.dry_run {
        return Ok(Store::copy_in_memory(&config.state)?);
    }
    let now = Timestamp::now();
    let store = Store::open(&config.state, Duration::ZERO).map_err(|error| {
        let since = match &error {
            StoreError::Locked { holder, .. } => holder.as_ref().map(|holder| holder.since),
            _ => None,
        };
        let is_locked = matches!(error, StoreError::Locked { .. });
        Refusal {
            // A run that takes long is ordinary; one that hangs is not.
            is_ordinary: is_locked
                && since.is_none_or(|since| now.duration_since(since) <= LONG_HELD),
            ..Refusal::from(error)
        }
    })?;
    store.hold(now)?;
    Ok(store)
}

/// The first SIGINT or SIGTERM asks for the end; the second one is not waited for.
fn listen_for_signals(stop: &Arc<Stop>, run_ends: &Arc<AtomicBool>) {
    for (kind, number) in [(SignalKind::interrupt(), 2), (SignalKind::terminate(), 15)] {
        let Ok(mut signals) = signal(kind) else {
            continue;
        };
        let (stop, run_ends) = (Arc::clone(stop), Arc::clone(run_ends));
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                if stop.is_asked() {
                    std::process::exit(128 + number);
                }
                stop.ask(number);
                run_ends.store(true, Ordering::Relaxed);
            }
        });
    }
}

/// A run over several pairs.
struct Run<'a> {
    config: &'a Config,
    connections: &'a Connections<'a>,
    command: &'a Sync,
    by_hand: Option<ByHand>,
    /// How many were made so far.
    requests: AtomicU64,
    /// For the whole run, from its beginning on.
    max_time: Option<Duration>,
    begun: Instant,
    store: &'a Store,
    stop: &'a Stop,
    progress: Progress,
}
