//! Originals that are not there any more: believed or not (P13), and what becomes of their
//! counterparts (`sync_deletions`).

use super::Abort;
use super::carry::Carrier;
use super::counterpart::read_one;
use super::discover::Missing;
use super::failure::{At, Cause, FailedAt, Failure, Trouble, cause};
use super::gone::too_many;
use super::preview::plan_of;
use super::tally::PlannedAction;
use crate::forge::{ErrorKind, Fate, ForgeError};
use crate::model::{
    Field, Inspection, Issue, IssueLink, LinkId, LinkState, Patch, Side, Stage, State, StateChange,
};
use crate::plan::policy::Deletions;
use crate::store::StoreError;
use crate::text::marker;
use std::collections::BTreeSet;

impl Carrier<'_> {
    /// Closes or deletes the counterparts of what vanished, where the settings say so. Answers
    /// whether it is settled what vanished.
    pub(super) async fn settle_vanished(&self, missing: Missing) -> Result<bool, Abort> {
        let (store, pair) = (self.pass.store, self.pair);
        let Missing { new, again, of, .. } = missing;
        if missing.whole && new.is_empty() {
            store.release_brake(pair)?;
        }
        if self.pass.policy.deletions == Deletions::Ignore || new.is_empty() && again.is_empty() {
            return Ok(true);
        }
        if self.privacy_only {
            return Ok(false);
        }
        if self.ends_now() {
            self.was_stopped();
            return Ok(false);
        }
        let (new, again) = (self.really_gone(new).await?, self.really_gone(again).await?);
        if new.is_empty() && again.is_empty() {
            return Ok(true);
        }
        let count = new.len() as u64;
        let name = &self.pass.source.project().name;
        if let Some(or) = self.blind_spot().await? {
            self.books.count(|tally| {
                tally.warnings.push(format!(
                    "{} mirrored issues are not in {name} any more, or {or}: nothing was closed or deleted for it.",
                    count + again.len() as u64
                ));
            });
            return Ok(true);
        }
        let before = new.iter().filter(|link| link.id.0 <= of.until.0).count() as u64;
        let many = too_many(count, of.all) || too_many(before, of.before) || missing.emptied;
        let braked = many && self.pass.options.allow_deletions < count;
        if braked {
            store.brake(pair, of.newest)?;
            let of = of.all;
            self.books.count(|tally| {
                tally.failures.push(Failure::of_whole(
                    FailedAt::List,
                    Cause::ManyVanished,
                    format!(
                        "{count} of {of} mirrored issues are not in {name} any more. None was taken for deleted. If people deleted them, say so with --full --allow-deletions {count}."
                    ),
                ));
            });
        }
        let new = if braked { Vec::new() } else { new };
        let is_settled = !braked;
        for link in &new {
            store.believe_vanished(link.id)?;
        }
        for link in new.into_iter().chain(again) {
            if self.ends_now() {
                self.was_stopped();
                return Ok(false);
            }
            match self.let_go(&link).await {
                Ok(()) => {}
                Err(Trouble::Store(error)) => return Err(error.into()),
                Err(Trouble::Stopped) => {
                    self.was_stopped();
                    return Ok(false);
                }
                Err(Trouble::Issue(stage, error))
                    if matches!(
                        error.kind,
                        ErrorKind::Token | ErrorKind::Moved | ErrorKind::Interrupted
                    ) =>
                {
                    return Err(Abort::Forge(FailedAt::Issue(stage), error));
                }
                Err(Trouble::Issue(stage, error)) => self.was_not_taken(&link, stage, &error)?,
            }
        }
        if missing.whole && is_settled {
            store.release_brake(pair)?;
        }
        Ok(is_settled)
    }

    /// Those of which the source says, asked for each by itself, that they are not there, while it is
    /// well itself: never on one answer alone.
    async fn really_gone(&self, links: Vec<LinkId>) -> Result<Vec<IssueLink>, Abort> {
        let source = self.pass.source;
        let mut gone = Vec::new();
        for batch in links.chunks(super::batches::BATCH) {
            let mut known = Vec::new();
            for link in batch {
                known.push(self.pass.store.issue_link(*link)?);
            }
            let numbers = known.iter().map(|link| link.source_number).collect();
            let found = source.read(numbers).await.map_err(super::listing)?;
            for (link, found) in known.into_iter().zip(found) {
                match found {
                    Err(error) if error.kind == ErrorKind::NotFound => gone.push(link),
                    // It is there, or comes back; the next listing tells.
                    Ok(_) => {}
                    Err(error) => return Err(super::listing(error)),
                }
            }
        }
        if !gone.is_empty() {
            source.newest().await.map_err(super::listing)?;
        }
        Ok(gone)
    }

    /// Why the account of the source may fail to see an issue that is there, if it may.
    async fn blind_spot(&self) -> Result<Option<&'static str>, Abort> {
        let found = self.pass.source.inspect(Side::Source).await;
        Ok(match found.map_err(super::listing)? {
            Inspection::Project(project) if !project.has_issues => {
                Some("the project has its issues switched off")
            }
            // What became confidential looks the same to somebody who may not see that.
            Inspection::Project(project) if !project.rights.sees_confidential.granted => {
                Some("are confidential now, which its account may not see")
            }
            Inspection::Project(_) | Inspection::Files(_) => None,
        })
    }

    /// Closes or deletes one counterpart.
    async fn let_go(&self, link: &IssueLink) -> Result<(), Trouble> {
        let (store, target) = (self.pass.store, self.pass.target);
        let there = match read_one(target, link.target_number).await {
            Ok(thread) => thread.issue,
            Err(error) if error.kind == ErrorKind::NotFound && target.newest().await.is_ok() => {
                // By us, if we began to; else by people.
                let by_us = link.state == LinkState::Leaving;
                if by_us {
                    store.remove_link(link.id)?;
                } else {
                    store.set_issue_state(link.id, LinkState::Gone)?;
                }
                self.books.count(|tally| tally.deleted += u64::from(by_us));
                return Ok(self.is_done(link)?);
            }
            Err(error) => return Err(error).at(Stage::Update),
        };
        // A number that was given again, or a text whose marker is gone, is nothing to delete.
        let is_ours = there.ours && marker::keys(&there.text).last() == Some(&link.key.as_str());
        let deletes = self.pass.policy.deletions == Deletions::Delete && is_ours && !link.theirs;
        if !deletes && there.state == State::Closed {
            if !self.pass.options.dry_run {
                let closed_by_us = self.is_in_doubt(link.id)?;
                self.books
                    .count(|tally| tally.closed += u64::from(closed_by_us));
            }
            return Ok(self.is_done(link)?);
        }
        if self.pass.options.dry_run {
            self.plan_to_take_away(link, deletes);
            return Ok(());
        }
        if deletes {
            self.delete_vanished(link).await?;
            self.books.count(|tally| tally.deleted += 1);
        } else {
            self.close(link, &there).await?;
            self.books.count(|tally| tally.closed += 1);
        }
        tracing::info!(
            pair = self.pass.name,
            source = link.source_number.0,
            target = link.target_number.0,
            deletes,
            "the original vanished"
        );
        Ok(self.is_done(link)?)
    }

    fn is_done(&self, link: &IssueLink) -> Result<(), StoreError> {
        self.pass.store.settle_vanished(link.id)?;
        self.pass.store.unqueue(self.pair, link.source_number)
    }

    /// Whether a change of the state was sent, and nobody knows what became of it.
    fn is_in_doubt(&self, link: LinkId) -> Result<bool, StoreError> {
        let begun = self.pass.store.issue_link(link)?;
        Ok(begun.settled.is_none())
    }

    async fn close(&self, link: &IssueLink, there: &Issue) -> Result<(), Trouble> {
        // The state is ours: whatever the original says once it is there again is written then.
        let state = BTreeSet::from([Field::State]);
        self.pass.store.doubt_issue(link.id, &state, None)?;
        if link.state == LinkState::Leaving {
            self.pass
                .store
                .set_issue_state(link.id, LinkState::Active)?;
        }
        let patch = Patch {
            state: Some(StateChange {
                state: State::Closed,
                closed_at: None,
                closed_by: None,
            }),
            ..Patch::default()
        };
        let alone = self.changing(link.id).await?;
        let target = self.pass.target;
        let answer = target.update_issue(there.number, patch, &|| true).await;
        let answer = self.changed(link.id, alone, answer)?.at(Stage::Update)?;
        if answer.state == State::Closed {
            return Ok(());
        }
        let doing = format!("closing #{}", there.number);
        let said = "the target left it open";
        Err(ForgeError::new(ErrorKind::Denied, doing, said)).at(Stage::Update)
    }

    async fn delete_vanished(&self, link: &IssueLink) -> Result<(), Trouble> {
        let store = self.pass.store;
        // On record before: what is not there then was deleted by us.
        store.set_issue_state(link.id, LinkState::Leaving)?;
        let alone = self.changing(link.id).await?;
        let answer = self.pass.target.delete_issue(link.target_number).await;
        let answer = self.changed(link.id, alone, answer)?;
        match &answer {
            Ok(()) => store.remove_link(link.id)?,
            Err(error) if error.fate == Fate::NotDone && link.state != LinkState::Leaving => {
                store.set_issue_state(link.id, link.state)?;
            }
            Err(_) => {}
        }
        answer.at(Stage::Update)
    }

    /// Of an original that is there again: whether the counterpart is, that we were about to delete.
    pub(super) async fn stayed(
        &self,
        link: LinkId,
    ) -> Result<Option<(LinkId, LinkState)>, Trouble> {
        let (store, target) = (self.pass.store, self.pass.target);
        let number = store.issue_link(link)?.target_number;
        match read_one(target, number).await {
            Ok(_) => {
                store.revive(link, LinkState::Active)?;
                Ok(Some((link, LinkState::Active)))
            }
            Err(error) if error.kind == ErrorKind::NotFound && target.newest().await.is_ok() => {
                store.remove_link(link)?;
                Ok(None)
            }
            Err(error) => Err(error).at(Stage::Update),
        }
    }

    fn was_not_taken(
        &self,
        link: &IssueLink,
        stage: Stage,
        error: &ForgeError,
    ) -> Result<(), StoreError> {
        let (said, now) = (error.to_string(), (self.pass.clock)());
        let (store, number) = (self.pass.store, link.source_number);
        store.queue(self.pair, number, None, stage, &said, now)?;
        let deleting = self.pass.policy.deletions == Deletions::Delete && !link.theirs;
        let cause = match cause(error) {
            Cause::Forge(ErrorKind::Denied) if deleting => Cause::MayNotDelete,
            cause => cause,
        };
        self.books.count(|tally| {
            tally.issues.seen += 1;
            tally.issues.failed += 1;
            tally.failures.push(Failure {
                number: Some(number),
                location: None,
                stage: FailedAt::Issue(stage),
                error: said,
                cause,
            });
        });
        Ok(())
    }

    fn plan_to_take_away(&self, link: &IssueLink, deletes: bool) {
        let action = if deletes {
            PlannedAction::Delete
        } else {
            PlannedAction::Close
        };
        // Nobody knows whether its title may be shown.
        let planned = plan_of(link.source_number, String::new(), action);
        self.books.plan(planned);
    }
}
