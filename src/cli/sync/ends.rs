//! The two ends of a pair: opened, known again, and asked how long their tokens last.

use super::Run;
use crate::config::Pair;
use crate::connect::{self, Known};
use crate::model::{Outcome, ProjectKey, Timestamp};
use crate::report::hints;
use crate::store::StoreError;
use crate::sync::{Cause, ErrorKind, FailedAt, Failure, Forge, ForgeError, PairReport, Requests};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
/// How often a token is asked how long it lasts.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Source and target of a pair.
pub(super) type Ends = (Box<dyn Forge>, Box<dyn Forge>);

/// Why a pair was not passed.
pub(super) enum Refused {
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
    /// Warns, once a day and instance, of a token that ends soon. Behind an ordinary pass, which does
    /// not become another one by it: who cannot tell is not asked again that day.
    pub(super) async fn look_at_tokens(
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
    pub(super) async fn open(&self, pair: &Pair) -> Result<Ends, Refused> {
        let place = |end| connect::place(self.config, end).map_err(|error| at_open(&error));
        let (from, to) = (place(&pair.source)?, place(&pair.target)?);
        let known =
            |place: &str| -> Result<Option<Known>, StoreError> { self.store.project_at(place) };
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
    pub(super) fn neighbours(&self, pair: &Pair) -> Result<BTreeSet<ProjectKey>, StoreError> {
        let others = self
            .config
            .pairs
            .iter()
            .filter(|other| other.name != pair.name);
        let mut found = BTreeSet::new();
        for end in others.flat_map(|other| [&other.source, &other.target]) {
            if let Ok(place) = connect::place(self.config, end)
                && let Some(known) = self.store.project_at(&place)?
            {
                found.insert(known.key);
            }
        }
        Ok(found)
    }
}
