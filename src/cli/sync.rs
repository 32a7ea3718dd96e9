//! `sync`: one pass over every pair, or over those that are named.

use super::args::{Args, Format, Sync, When};
use super::output::{Output, somebody_looks, tell_error};
use super::{Refusal, chosen, configuration};
use crate::config::{Config, Pair};
use crate::connect;
use crate::model::{IssueNumber, Outcome, Timestamp};
use crate::plan::policy::Policy;
use crate::report::exit::Exit;
use crate::report::progress::Progress;
use crate::report::{RunReport, json, plan, summary};
use crate::store::{Store, StoreError};
use crate::sync::{self, FailedAt, Failure, Options, PairReport, Pass, Stop};
use anyhow::{Context, anyhow};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// `-q` tells of a lock only if it has been held for longer.
const LONG_HELD: SignedDuration = SignedDuration::from_hours(6);

pub(super) fn run(args: &Args, command: &Sync, output: &Output) -> Result<Exit, Refusal> {
    let config = configuration(args, output)?;
    let pairs = chosen(&config, &command.pairs)?;
    if command.issue.is_some() && (pairs.len() != 1 || command.pairs.len() != 1) {
        return Err(Refusal::usage(anyhow!("--issue needs exactly one PAIR.")));
    }
    let store = store(&config, command)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the system refuses what a run needs")?;
    let stop = Arc::new(Stop::default());
    let started_at = Timestamp::now();
    let shows_progress = command.progress == When::Auto
        && args.verbose == 0
        && !output.is_quiet()
        && somebody_looks();
    let run = Run {
        config: &config,
        command,
        store: &store,
        stop: &stop,
        progress: Progress::new(shows_progress),
    };
    let pairs = runtime.block_on(async {
        listen_for_signals(&stop);
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
        started_at,
        finished_at: Timestamp::now(),
        pairs,
    };
    let text = match command.output {
        Format::Json => json::render(&report, exit),
        Format::Text if command.dry_run => plan::render(&report),
        Format::Text => summary::render(&report),
    };
    output.result(&text, exit);
    Ok(exit)
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
fn listen_for_signals(stop: &Arc<Stop>) {
    for (kind, number) in [(SignalKind::interrupt(), 2), (SignalKind::terminate(), 15)] {
        let Ok(mut signals) = signal(kind) else {
            continue;
        };
        let stop = Arc::clone(stop);
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                if stop.is_asked() {
                    std::process::exit(128 + number);
                }
                stop.ask(number);
            }
        });
    }
}

/// A run over several pairs.
struct Run<'a> {
    config: &'a Config,
    command: &'a Sync,
    store: &'a Store,
    stop: &'a Stop,
    progress: Progress,
}

impl Run<'_> {
    async fn pairs(&self, pairs: &[&Pair]) -> Vec<PairReport> {
        let mut reports = Vec::new();
        let mut ends = BTreeMap::new();
        let mut store_failed = false;
        for &pair in pairs {
            let report = if !pair.enabled {
                PairReport::new(&pair.name, Outcome::Disabled)
            } else if store_failed {
                PairReport::new(&pair.name, Outcome::Failed)
            } else if self.stop.is_asked() {
                PairReport::new(&pair.name, Outcome::Interrupted)
            } else {
                match self.pair(pair, &mut ends).await {
                    Ok(passed) => {
                        store_failed |= passed.store_failed;
                        passed.report
                    }
                    Err(failure) => PairReport::failed(&pair.name, failure),
                }
            };
            reports.push(report);
        }
        reports
    }

    async fn pair(
        &self,
        pair: &Pair,
        ends: &mut BTreeMap<(String, String), String>,
    ) -> Result<sync::Passed, Failure> {
        let of_store = |error: StoreError| Failure::of_store(&error);
        let of_forge = |error| Failure::of_pair(FailedAt::Open, &error);
        let known = self
            .store
            .pair_named(&pair.name)
            .map_err(of_store)?
            .is_some_and(|row| row.last_started_at.is_some());
        let source = connect::source(self.config, &pair.source).map_err(of_forge)?;
        let target = connect::target(self.config, &pair.target, self.command.dry_run, known)
            .map_err(of_forge)?;
        let keys = (
            source.project().key.to_string(),
            target.project().key.to_string(),
        );
        if keys.0 == keys.1 {
            return Err(Failure::same_project(format!(
                "both ends of the pair are one project ({}); a copy of a tracker needs an `id` of its own in tracker.yaml.",
                keys.0
            )));
        }
        if let Some(other) = ends.insert(keys, pair.name.clone()) {
            return Err(Failure::same_project(format!(
                "the pair `{other}` has the same two ends.",
            )));
        }
        let policy = self.policy(pair).map_err(of_store)?;
        let passed = sync::pass(&Pass {
            name: &pair.name,
            policy: &policy,
            interval: pair.interval,
            full_every: pair.full_every,
            max_creates: pair.max_creates,
            source: source.as_ref(),
            target: target.as_ref(),
            store: self.store,
            options: Options {
                dry_run: self.command.dry_run,
                full: self.command.full,
                force: self.command.force,
                issue: self.command.issue.map(IssueNumber),
                max_creates: self.command.max_creates,
            },
            clock: &Timestamp::now,
            stop: self.stop,
            listen: &|event| self.progress.event(event),
        })
        .await;
        Ok(passed)
    }

    /// What a pair carries, with manual mappings: those for the pair come before the file, and the
    /// file before those for every pair.
    fn policy(&self, pair: &Pair) -> Result<Policy, StoreError> {
        let mut users = BTreeMap::new();
        let mappings = self.store.user_mappings()?;
        let of = |name: Option<&str>| {
            let name = name.map(str::to_owned);
            mappings
                .iter()
                .filter(move |mapping| mapping.pair == name)
                .map(|mapping| (mapping.source.clone(), mapping.target.clone()))
        };
        users.extend(of(None));
        users.extend(pair.policy.users.clone());
        users.extend(of(Some(&pair.name)));
        Ok(Policy {
            users,
            ..pair.policy.clone()
        })
    }
}
