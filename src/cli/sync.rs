//! `sync`: one pass over every pair, or over those that are named.

use super::args::{Args, DEFAULT_CONFIG, Format, Sync, When};
use super::output::{Output, somebody_looks, tell_error};
use super::{Refusal, chosen, configuration, connections, runtime};
use crate::config::{Config, Pair, parse_duration};
use crate::connect::{self, Connections, Known};
use crate::model::{IssueNumber, Mapped, Outcome, ProjectKey, Timestamp};
use crate::plan::policy::Policy;
use crate::report::exit::Exit;
use crate::report::hints;
use crate::report::progress::Progress;
use crate::report::{RunReport, json, plan, summary};
use crate::store::{PairId, Store, StoreError};
use crate::sync::{
    self, ByHand, Cause, ErrorKind, FailedAt, Failure, Forge, ForgeError, Options, PairReport,
    Pass, Requests, Stop, Stopped,
};
use anyhow::anyhow;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};

/// What things are called on the target; `None`: not carried.
type Names = BTreeMap<String, Option<String>>;

/// `-q` tells of a lock only if it has been held for longer.
const LONG_HELD: SignedDuration = SignedDuration::from_hours(6);

/// How often a token is asked how long it lasts.
const DAY: SignedDuration = SignedDuration::from_hours(24);

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

/// Source and target of a pair.
type Ends = (Box<dyn Forge>, Box<dyn Forge>);

/// Why a pair was not passed.
enum Refused {
    Pair(Failure),
    /// No other pair can be passed either.
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn at_open(error: &ForgeError) -> Refused {
    Refused::Pair(Failure::of_pair(FailedAt::Open, error))
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
                let why = "it was not passed, because the store failed before.".to_owned();
                let failure = Failure::of_whole(FailedAt::Store, Cause::Store, why);
                PairReport::failed(&pair.name, failure)
            } else if self.stop.is_asked() {
                PairReport::new(&pair.name, Outcome::Interrupted)
            } else if self.requests_left() == Some(0) {
                PairReport {
                    stopped: Some(Stopped::Requests),
                    ..PairReport::new(&pair.name, Outcome::Partial)
                }
            } else {
                let before = self.requests_to(pair);
                match self.pair(pair, &mut ends).await {
                    Ok(passed) => {
                        let made = passed.report.requests;
                        let made = made.source + made.target;
                        self.requests.fetch_add(made, Ordering::Relaxed);
                        store_failed |= passed.store_failed;
                        passed.report
                    }
                    Err(Refused::Pair(failure)) => {
                        let now = self.requests_to(pair);
                        let requests = Requests {
                            source: now.source - before.source,
                            target: now.target - before.target,
                        };
                        let made = requests.source + requests.target;
                        self.requests.fetch_add(made, Ordering::Relaxed);
                        PairReport {
                            requests,
                            ..PairReport::failed(&pair.name, failure)
                        }
                    }
                    Err(Refused::Store(error)) => {
                        store_failed = true;
                        PairReport::failed(&pair.name, Failure::of_store(&error))
                    }
                }
            };
            if !store_failed {
                // If this fails, closing the store fails too and says so.
                let _ = self.remember(&report);
            }
            reports.push(report);
        }
        reports
    }

    /// How many requests were made so far to the two instances of a pair; of one instance they all
    /// count for the source.
    fn requests_to(&self, pair: &Pair) -> Requests {
        let is_one = pair.source.instance == pair.target.instance;
        Requests {
            source: self.connections.requests(&pair.source),
            target: if is_one {
                0
            } else {
                self.connections.requests(&pair.target)
            },
        }
    }

    /// How many requests the rest of the run may make, where that is limited.
    fn requests_left(&self) -> Option<u64> {
        let allowed = self.command.max_requests?;
        Some(allowed.saturating_sub(self.requests.load(Ordering::Relaxed)))
    }

    /// Keeps why a pair failed as a whole, for `status`.
    fn remember(&self, report: &PairReport) -> Result<(), StoreError> {
        if self.command.issue.is_some() {
            return Ok(());
        }
        let trouble = match report.outcome {
            Outcome::Failed => report.tally.failures.iter().find(|f| f.number.is_none()),
            Outcome::Disabled | Outcome::NotDue | Outcome::Interrupted => return Ok(()),
            Outcome::Success | Outcome::Partial => None,
        };
        let trouble = trouble.map(|failure| (Timestamp::now(), failure.error.as_str()));
        self.store.set_trouble(&report.name, trouble)
    }

    async fn pair(
        &self,
        pair: &Pair,
        ends: &mut BTreeMap<(ProjectKey, ProjectKey), String>,
    ) -> Result<sync::Passed, Refused> {
        let (source, target) = self.open(pair).await?;
        let (from, to) = (&source.project().key, &target.project().key);
        let refused = |cause, said| {
            let failure = Failure::of_whole(FailedAt::Open, cause, said);
            Err(Refused::Pair(failure))
        };
        if from == to {
            let said = format!(
                "both ends of the pair are one project ({from}); a copy of a tracker needs an `id` of its own in tracker.yaml."
            );
            return refused(Cause::SameProject, said);
        }
        if let Some(other) = ends.insert((from.clone(), to.clone()), pair.name.clone()) {
            let said = format!(
                "the pair `{other}` has the same two ends ({from} and {to}); trackers are told apart by the `id` in tracker.yaml."
            );
            return refused(Cause::SameProject, said);
        }
        let row = self.store.pair(from, to, &pair.name)?;
        let policy = self.policy(pair, row.id)?;
        let mut passed = sync::pass(&Pass {
            name: &pair.name,
            policy: &policy,
            interval: pair.interval,
            full_every: pair.full_every,
            max_creates: pair.max_creates,
            source: source.as_ref(),
            target: target.as_ref(),
            store: self.store,
            neighbours: &self.neighbours(pair)?,
            options: Options {
                dry_run: self.command.dry_run,
                full: self.command.full,
                force: self.command.force,
                issue: self.command.issue.map(IssueNumber),
                max_creates: self.command.max_creates,
                max_time: self
                    .max_time
                    .map(|time| time.saturating_sub(self.begun.elapsed())),
                max_requests: self.requests_left(),
                allow_deletions: self.command.allow_deletions.unwrap_or(0),
                by_hand: self.by_hand,
            },
            clock: &Timestamp::now,
            stop: self.stop,
            listen: &|event| self.progress.event(event),
        })
        .await;
        if !passed.store_failed {
            self.look_at_tokens(pair, [&*source, &*target], &mut passed.report)
                .await?;
        }
        Ok(passed)
    }

    /// Warns, once a day and instance, of a token that ends soon. Behind an ordinary pass, which does
    /// not become another one by it: who cannot tell is not asked again that day.
    async fn look_at_tokens(
        &self,
        pair: &Pair,
        [source, target]: [&dyn Forge; 2],
        report: &mut PairReport,
    ) -> Result<(), StoreError> {
        let ran = matches!(report.outcome, Outcome::Success | Outcome::Partial);
        if !ran || self.command.dry_run || self.command.issue.is_some() {
            return Ok(());
        }
        for (end, forge) in [(&pair.source, source), (&pair.target, target)] {
            let instance = end.instance.as_str();
            let now = Timestamp::now();
            let asked = self.store.token_asked_at(instance)?;
            let is_new = asked.is_some_and(|at| now.duration_since(at).abs() < DAY);
            if is_new || !self.connections.has_token(instance) {
                continue;
            }
            let ends = match forge.token_ends().await {
                Err(error) if error.kind == ErrorKind::Interrupted => break,
                told => told.ok().flatten(),
            };
            self.store.set_token_asked_at(instance, now)?;
            let today = forge.now().to_zoned(TimeZone::UTC).date();
            let warning = ends.and_then(|ends| hints::token_ends_soon(instance, ends, today));
            report.tally.warnings.extend(warning);
        }
        report.requests = Requests {
            source: source.requests(),
            target: target.requests(),
        };
        Ok(())
    }

    /// Opens both ends. Where a project was found before, another one is not taken for it: with a
    /// disk missing or an `id` changed, everything would be mirrored a second time.
    async fn open(&self, pair: &Pair) -> Result<Ends, Refused> {
        let place = |end| connect::place(self.config, end).map_err(|error| at_open(&error));
        let (from, to) = (place(&pair.source)?, place(&pair.target)?);
        let known = |place: &str| -> Result<Option<Known>, StoreError> {
            let known = self.store.project_at(place)?;
            Ok(known.map(|(key, name)| Known { key, name }))
        };
        let before = (known(&from)?, known(&to)?);
        let source = self
            .connections
            .source(&pair.source, before.0.clone())
            .await
            .map_err(|error| at_open(&error))?;
        let target = self
            .connections
            .target(&pair.target, self.command.dry_run, before.1.clone())
            .await
            .map_err(|error| at_open(&error))?;
        for (place, before, now) in [(&from, &before.0, &source), (&to, &before.1, &target)] {
            let now = &now.project().key;
            if let Some(Known { key: before, .. }) = before
                && before != now
            {
                let place = place
                    .split_once(':')
                    .map_or(place.as_str(), |(_, place)| place);
                return Err(Refused::Pair(Failure::of_whole(
                    FailedAt::Open,
                    Cause::Moved,
                    format!(
                        "{place} was {before} at the last pass and is {now} now; everything would be mirrored a second time."
                    ),
                )));
            }
        }
        self.store.found_at(&from, source.project())?;
        self.store.found_at(&to, target.project())?;
        Ok((source, target))
    }

    /// The projects of the other pairs, as far as they were found before.
    fn neighbours(&self, pair: &Pair) -> Result<BTreeSet<ProjectKey>, StoreError> {
        let others = self
            .config
            .pairs
            .iter()
            .filter(|other| other.name != pair.name);
        let mut found = BTreeSet::new();
        for end in others.flat_map(|other| [&other.source, &other.target]) {
            if let Ok(place) = connect::place(self.config, end)
                && let Some((key, _)) = self.store.project_at(&place)?
            {
                found.insert(key);
            }
        }
        Ok(found)
    }

    /// What a pair carries, with manual mappings: those for the pair come before the file, and the
    /// file before those for every pair.
    fn policy(&self, pair: &Pair, row: PairId) -> Result<Policy, StoreError> {
        let policy = &pair.policy;
        let users = policy.users.iter();
        let users = users.map(|(source, target)| (source.clone(), Some(target.clone())));
        let users = self.names(Mapped::User, users.collect(), row)?;
        Ok(Policy {
            // An account is never left out.
            users: users
                .into_iter()
                .filter_map(|(source, target)| Some((source, target?)))
                .collect(),
            label_map: self.names(Mapped::Label, policy.label_map.clone(), row)?,
            milestone_map: self.names(Mapped::Milestone, policy.milestone_map.clone(), row)?,
            // Without it the run did not begin.
            seal: connect::seal(pair).ok().flatten(),
            ..policy.clone()
        })
    }

    /// What the names of a kind are on the target. `file`: as the configuration has them.
    fn names(&self, kind: Mapped, file: Names, row: PairId) -> Result<Names, StoreError> {
        let mut names = Names::new();
        names.extend(self.store.mappings_of(kind, None)?);
        names.extend(file);
        names.extend(self.store.mappings_of(kind, Some(row))?);
        Ok(names)
    }
}
