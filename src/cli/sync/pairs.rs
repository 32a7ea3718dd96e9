//! One pair after another: each by a pass of its own, and what came of it.

use super::Run;
use super::ends::Refused;
use crate::config::Pair;
use crate::connect;
use crate::model::{IssueNumber, Mapped, Outcome, ProjectKey, Timestamp, is_account};
use crate::plan::policy::Policy;
use crate::store::{PairId, StoreError};
use crate::sync::{self, Cause, FailedAt, Failure, Options, PairReport, Pass, Requests, Stopped};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
/// What things are called on the target; `None`: not carried.
type Names = BTreeMap<String, Option<String>>;

impl Run<'_> {
    /// Passes every pair; answers what became of each.
    pub(super) async fn pairs(&self, pairs: &[&Pair]) -> Vec<PairReport> {
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

    /// What a pair carries, with manual mappings: those for the pair come before the file, and the
    /// file before those for every pair.
    fn policy(&self, pair: &Pair, row: PairId) -> Result<Policy, StoreError> {
        let policy = &pair.policy;
        let users = policy.users.iter();
        let users = users.map(|(source, target)| (source.clone(), Some(target.clone())));
        let users = self.names(Mapped::User, users.collect(), row)?;
        // What an older version let in is nobody.
        let account = |target: Option<String>| target.filter(|name| is_account(name));
        Ok(Policy {
            // An account is never left out.
            users: users
                .into_iter()
                .filter_map(|(source, target)| Some((source, account(target)?)))
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
        let layers = [
            self.store.mappings_of(kind, None)?,
            file.into_iter().collect(),
            self.store.mappings_of(kind, Some(row))?,
        ];
        for (source, target) in layers.into_iter().flatten() {
            // The case of an account does not count.
            let source = match kind {
                Mapped::User => source.to_ascii_lowercase(),
                Mapped::Label | Mapped::Milestone => source,
            };
            names.insert(source, target);
        }
        Ok(names)
    }
}
