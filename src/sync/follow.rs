//! Milestones of the target that we made follow those of the source. Those of people are never touched.

use super::carry::Carrier;
use super::failure::{At, Trouble};
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{Digest, KnownMilestone, Lists, Milestone, MilestoneChange, Stage};
use crate::store::MadeMilestone;
use std::collections::BTreeSet;

impl Carrier<'_> {
    /// Whether milestones are made on the target, so that those that were made are ours.
    fn makes_milestones(&self) -> bool {
        let policy = self.pass.policy;
        policy.milestones && policy.milestone_by_title && policy.milestone_auto_create
    }

    /// Brings the milestones up to date that we made, before any issue is: no issue changes when its
    /// milestone does. Answers what was refused; the issues are in step nevertheless.
    pub(super) async fn follow_milestones(&self) -> Result<Vec<ForgeError>, Trouble> {
        let mut refused = Vec::new();
        let (store, target) = (self.pass.store, self.pass.target);
        if !self.makes_milestones() {
            return Ok(refused);
        }
        let made = store.milestones(self.pair)?;
        if made.is_empty() {
            return Ok(refused);
        }
        let source = self.pass.source.milestones().await.at(Stage::Read)?;
        let there = target.milestones().await.at(Stage::Update)?;
        let (Some(source), Some(there)) = (source, there) else {
            return Ok(refused);
        };
        let seen = match self.lists().await? {
            Lists::Open => Some(store.seen_milestones(self.pair)?),
            Lists::AsSource | Lists::Closed => None,
        };
        let mut titles: Vec<String> = there.iter().map(|m| m.milestone.title.clone()).collect();
        for before in made {
            let now = source.iter().find(|now| now.id == before.original.id);
            // What was deleted there stays here.
            let Some(now) = now.filter(|now| **now != before.original) else {
                continue;
            };
            let others = store.pairs_with_milestone(self.pair, &before.title)?;
            if others.iter().any(|of| self.pass.neighbours.contains(of)) {
                // Issues of another source have it too, where nothing may have changed.
                store.drop_milestone(self.pair, before.original.id)?;
                continue;
            }
            let ours = there.iter().find(|m| m.milestone.title == before.title);
            let title = self.pass.policy.milestone(&now.milestone.title);
            // What nobody sees an issue of tells nothing new either.
            let is_seen = |seen: &BTreeSet<Digest>| seen.contains(&Digest::of([&*before.title]));
            if seen.as_ref().is_some_and(|seen| !is_seen(seen)) {
                continue;
            }
            let (Some(ours), Some(title)) = (ours, title) else {
                // People called it otherwise or deleted it, so it is theirs.
                store.drop_milestone(self.pair, before.original.id)?;
                continue;
            };
            let same = |other: &String| other.to_lowercase() == title.to_lowercase();
            if title != before.title && titles.iter().any(|t| *t != before.title && same(t)) {
                // There is one of that title, which the issues get then.
                store.drop_milestone(self.pair, before.original.id)?;
                continue;
            }
            let change = change(&before, &now.milestone, title, &ours.milestone);
            let after = MadeMilestone {
                title: title.to_owned(),
                original: now.clone(),
            };
            if !change.is_empty() && self.pass.options.dry_run {
                self.books.plan_beside(|beside| {
                    beside.changed_milestones.insert(before.title.clone());
                });
            } else if !change.is_empty() {
                match target.update_milestone(before.title.clone(), change).await {
                    Ok(()) => tracing::info!(pair = self.pass.name, title, "milestone changed"),
                    Err(error) => {
                        refused.push(error);
                        continue;
                    }
                }
            }
            store.put_milestone(self.pair, &after)?;
            if title != before.title {
                store.milestone_was_renamed(self.pair, &before.title, title)?;
                titles.retain(|other| *other != before.title);
                titles.push(title.to_owned());
            }
        }
        Ok(refused)
    }

    /// Remembers that a milestone was made, so that it follows. One of a source that does not tell its
    /// milestones apart does not.
    pub(super) async fn was_made(
        &self,
        title: &str,
        original: &Milestone,
        known: &mut Option<Vec<KnownMilestone>>,
    ) -> Result<(), Trouble> {
        if known.is_none() {
            let source = match self.pass.source.milestones().await {
                Err(error) if error.kind == ErrorKind::Denied => None,
                answer => answer.at(Stage::Read)?,
            };
            *known = Some(source.unwrap_or_default());
        }
        let mut all = known.iter().flatten();
        if let Some(known) = all.find(|known| known.milestone.title == original.title) {
            let made = MadeMilestone {
                title: title.to_owned(),
                // As it was made.
                original: KnownMilestone {
                    id: known.id,
                    milestone: original.clone(),
                },
            };
            self.pass.store.put_milestone(self.pair, &made)?;
        }
        Ok(())
    }
}

/// What is to be written, value by value: what the source did not change is left to people.
fn change(
    before: &MadeMilestone,
    now: &Milestone,
    title: &str,
    there: &Milestone,
) -> MilestoneChange {
    let old = &before.original.milestone;
    MilestoneChange {
        title: (title != before.title).then(|| title.to_owned()),
        start_date: changed(old.start_date, now.start_date, there.start_date),
        due_date: changed(old.due_date, now.due_date, there.due_date),
        closed: changed(old.closed, now.closed, there.closed),
    }
}

/// A value, if the source changed it and the target does not have it already.
fn changed<T: PartialEq + Copy>(old: T, now: T, there: T) -> Option<T> {
    (now != old && now != there).then_some(now)
}
