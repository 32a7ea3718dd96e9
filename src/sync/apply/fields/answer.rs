//! What the target made of a change: written down, and told where it kept less.

use super::{Before, Change};
use crate::model::{Bases, Digest, Field, Issue, Lost, OurLabel};
use crate::plan::draft::{Draft, digests};
use crate::store::StoreError;
use crate::sync::apply::bases::up_to_date;
use crate::sync::carry::{Carrier, Way};
use crate::sync::failure::Trouble;
use crate::text::envelope::split_description;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

impl Carrier<'_> {
    /// Writes down what a counterpart holds after a change, and tells what it does not. `answer`: what it
    /// is now, if anything was sent.
    pub(super) async fn answered(
        &self,
        before: &Before,
        mut change: Change,
        way: &Way<'_>,
        answer: Option<&Issue>,
    ) -> Result<(), Trouble> {
        let (store, link, draft) = (self.pass.store, before.link, &way.draft);
        let there = answer.or(before.there.as_ref()).map(digests);
        let mut dropped = BTreeSet::new();
        if let (Some(answer), Some(there)) = (answer, &there) {
            self.log_change(&change, way, answer);
            change.ours = self.ours_after(&change, answer);
            dropped = self.dropped_of(before, &change, draft, answer, there);
        }
        let fresh = self.record_change(before, &change, draft, there.as_ref(), &dropped)?;
        let settled = self.settled_by(&change, &fresh, answer, &dropped);
        store.drop_drift(link, settled.iter().map(|field| field.word()))?;
        if change.relocks {
            // It is locked again, and that is nothing of ours.
            store.forget_base(link, Field::Locked)?;
        }
        for field in dropped
            .iter()
            .filter(|field| !before.known.contains_key(field))
        {
            store.forget_base(link, *field)?;
        }
        if let (Some(answer), Some(there)) = (answer, &there) {
            let number = way.thread.issue.number;
            self.hear_labels(link, number, &change.added, answer)
                .await?;
            self.hear_assignees(link, number, &change.assigned, answer)
                .await?;
            self.hear(number, draft, &change.plan.write, there).await?;
            if dropped.contains(&Field::TimeSpent) {
                self.not_kept(number, Lost::Field(Field::TimeSpent)).await?;
            }
        }
        Ok(())
    }

    fn log_change(&self, change: &Change, way: &Way<'_>, answer: &Issue) {
        tracing::info!(
            pair = self.pass.name,
            source = way.thread.issue.number.0,
            target = answer.number.0,
            fields = words(&change.plan.fields()),
            "issue changed"
        );
        // Until now it told where it came from.
        if change.comes_from && self.pass.policy.opaque {
            self.unveiled.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The labels and assignees that are ours after a change.
    fn ours_after(&self, change: &Change, answer: &Issue) -> BTreeSet<OurLabel> {
        let ours = change.ours.clone();
        let mut ours = self.kept(ours, &change.added, &change.assigned, answer);
        // Whom the target did not let go is ours still.
        let stay = change.plan.labels.unassign.iter();
        let stay = stay.filter(|name| answer.is_assigned(name));
        ours.extend(stay.map(|name| OurLabel::assigned(name)));
        ours
    }

    /// The fields that the target did not keep.
    fn dropped_of(
        &self,
        before: &Before,
        change: &Change,
        draft: &Draft,
        answer: &Issue,
        there: &BTreeMap<Field, Digest>,
    ) -> BTreeSet<Field> {
        let mut dropped = self.dropped(draft, &change.plan.write, there);
        let total = before.there.as_ref().map(|before| before.time_spent);
        if change.time.is_some() && total == Some(answer.time_spent) {
            dropped.insert(Field::TimeSpent);
        }
        dropped
    }

    /// Writes down bases and labels, and ends the intent of time; answers the bases that are new.
    fn record_change(
        &self,
        before: &Before,
        change: &Change,
        draft: &Draft,
        there: Option<&BTreeMap<Field, Digest>>,
        dropped: &BTreeSet<Field>,
    ) -> Result<Bases, StoreError> {
        let (store, link, known) = (self.pass.store, before.link, &before.known);
        let mut fresh = change.recorded.clone();
        fresh.extend(up_to_date(draft, &change.plan, &change.body, known, there));
        // A field that was dropped is what it was before, to us too: one day it may be kept.
        fresh.retain(|field, _| !dropped.contains(field));
        fresh.extend(
            dropped
                .iter()
                .filter_map(|field| Some((*field, known.get(field)?.clone()))),
        );
        match &change.time {
            Some(intent) if dropped.contains(&Field::TimeSpent) => store.drop_intent(intent)?,
            Some(intent) => store.settle_time(intent, link, &fresh)?,
            None => {}
        }
        store.record_issue(link, &fresh, Some(&change.ours))?;
        Ok(fresh)
    }

    /// The fields that are as the source has them, whatever people had made of them.
    fn settled_by(
        &self,
        change: &Change,
        fresh: &Bases,
        answer: Option<&Issue>,
        dropped: &BTreeSet<Field>,
    ) -> BTreeSet<Field> {
        let mut settled: BTreeSet<Field> = fresh.keys().copied().collect();
        if let Some(answer) = answer {
            settled.extend([Field::Labels, Field::Assignees]);
            let lost = self.lost_labels(&change.ours, answer);
            settled.retain(|field| !lost.contains(field));
        }
        let split = answer.and_then(|answer| split_description(&answer.text));
        if change.body.kept_theirs || split.is_some_and(|split| split.goes_on()) {
            settled.remove(&Field::Text);
        }
        settled.retain(|field| !dropped.contains(field));
        settled
    }
}

fn words(fields: &BTreeSet<Field>) -> String {
    let words: Vec<&str> = fields.iter().map(|field| field.word()).collect();
    words.join(", ")
}
