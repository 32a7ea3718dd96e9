//! A change of an issue: planned again by what is there, sent once, and its answer written down.

use super::bases::{bases, up_to_date};
use super::draw_key;
use crate::forge::Fate;
use crate::model::{
    Bases, Digest, Extra, Field, IntendedKind, Intent, Issue, IssueNumber, LinkId, Lost, OurLabel,
    Patch, Stage, State,
};
use crate::plan::draft::{Draft, digests};
use crate::plan::issue::{self, IssuePlan};
use crate::plan::labels::MIRRORED_FROM;
use crate::store::StoreError;
use crate::sync::carry::{Carrier, Way, Written};
use crate::sync::counterpart::read_one;
use crate::sync::failure::{At, Trouble};
use crate::text::envelope::split_description;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

impl Carrier<'_> {
    /// Brings the fields of a counterpart up to date, but for those that were just `done`.
    pub(in crate::sync) async fn fields(
        &self,
        link: LinkId,
        way: &mut Way<'_>,
        done: &[Field],
    ) -> Result<(), Trouble> {
        let (store, draft) = (self.pass.store, &way.draft);
        let (known, ours) = store.issue_bases(link)?;
        let policy = self.pass.policy;
        let begun = store.issue_link(link)?;
        let (mut read, mut enveloped) = (None, !begun.theirs);
        let said = known.get(&Field::Envelope).map(|base| base.from);
        // What the envelope told, or our comment in place of it, may be nothing to be told any more.
        if begun.theirs && said != draft.from.get(&Field::Envelope).copied() {
            if self.ends_now() {
                return Err(Trouble::Stopped);
            }
            let there = read_one(self.pass.target, begun.target_number).await;
            let there = there.at(Stage::Update)?;
            let lineage = draft.lineage.clone();
            let again = self.mark_again(&begun, way.thread, lineage, &there);
            if again.await? && way.written == Written::Nothing {
                way.written = Written::Changed;
            }
            // Once the source's text was written there, ours is around it.
            let split = split_description(&there.issue.text);
            enveloped = split.is_some_and(|split| split.marker.key == begun.key);
            read = Some(there.issue);
        }
        let planned = |there: Option<&BTreeMap<Field, Digest>>| {
            let plan = issue::plan(draft, &known, &ours, policy, there).without(done, &ours);
            let plan = if self.sends_again || known.contains_key(&Field::Labels) {
                plan
            } else {
                plan.without_another_try(&ours)
            };
            if enveloped {
                plan
            } else {
                plan.without_envelope()
            }
        };
        let mut plan = planned(None);
        let mut before = None;
        // The target is read only where what it has decides what is written.
        if plan.reads_target() && !self.ends_now() {
            let there = match read {
                Some(there) => there,
                None => {
                    let thread = read_one(self.pass.target, begun.target_number).await;
                    thread.at(Stage::Update)?.issue
                }
            };
            let seen = digests(&there);
            plan = planned(Some(&seen));
            self.add_drift(link, there.number, &plan.drift)?;
            plan.labels.leave_theirs(&there, &ours, draft.labels.titles);
            before = Some(there);
        }
        let recorded = bases(draft, &plan.record, |field| {
            let before = known.get(&field).map(|base| base.wrote);
            draft.wanted.get(&field).copied().or(before)
        });
        if plan.sends_nothing() {
            let labels = (plan.labels.ours != ours).then_some(&plan.labels.ours);
            store.record_issue(link, &recorded, labels)?;
            return Ok(());
        }
        let logs_time = plan.write.contains(&Field::TimeSpent);
        if self.ends_now() || logs_time && self.waits_for_others() {
            return Err(Trouble::Stopped);
        }
        let mut patch = issue::values(draft, &plan.write);
        let unlocked = known.get(&Field::Locked).is_some_and(issue::is_of_people);
        let locked = before.as_ref().is_some_and(|there| there.locked);
        let theirs = unlocked || plan.opens && locked && !plan.write.contains(&Field::Locked);
        if theirs {
            patch.locked = Some(true);
            plan.write.remove(&Field::Locked);
            let base = Bases::from([(Field::Locked, issue::locked_by_people())]);
            store.record_issue(link, &base, None)?;
        }
        let number = way.thread.issue.number;
        let mut labels = self
            .new_labels(&way.thread.issue, &plan, draft, &mut patch)
            .await?;
        let body = self
            .new_description(way, &plan.description, &begun.key, &known, before.as_ref())
            .await?;
        patch.description.clone_from(&body.send);
        if patch.title.is_some() {
            self.title_is_sent(number, draft);
        }
        let from_elsewhere = |label: &String| label.starts_with(MIRRORED_FROM);
        let comes_from = plan.labels.remove.iter().any(from_elsewhere);
        let holds_authors = self.pass.target.capabilities().offer(Extra::Authors);
        if comes_from && holds_authors.is_some() && !begun.theirs {
            // Who may be named is another matter where it says otherwise where it came from. Who wrote
            // an issue that was there before is no matter of ours.
            patch.author = Some(draft.author.clone());
            let closed = draft.values.state.as_ref();
            let closed = closed.filter(|change| change.state == State::Closed);
            patch.closed_by = closed.map(|change| change.closed_by.clone());
        }
        let time = self.log_time(link, draft, &plan, &known, before.as_ref(), &mut patch)?;
        let added = patch.add_labels.clone();
        let assigned = patch.add_assignees.clone();
        if !patch.is_empty() {
            let all: BTreeSet<OurLabel> = ours.union(&plan.labels.ours).cloned().collect();
            let mut doubtful = plan.doubtful();
            if body.kept_theirs {
                // Their text is there, whatever becomes of what is around it.
                doubtful.remove(&Field::Text);
            }
            store.doubt_issue(link, &doubtful, Some(&all))?;
        }
        let answer = match self
            .send((link, begun.target_number), patch, time.as_ref())
            .await
        {
            Err(Trouble::Issue(stage, error)) => {
                if error.fate == Fate::NotDone {
                    // Surely nothing of it was done; what was in doubt before still is.
                    let labels = (!known.contains_key(&Field::Labels)).then_some(&ours);
                    store.record_issue(link, &known, labels)?;
                    if theirs && !known.contains_key(&Field::Locked) {
                        store.forget_base(link, Field::Locked)?;
                    }
                }
                return Err(Trouble::Issue(stage, error));
            }
            answer => answer?,
        };

        let there = answer.as_ref().or(before.as_ref()).map(digests);
        let mut fresh = recorded;
        fresh.extend(up_to_date(draft, &plan, &body, &known, there.as_ref()));
        if let Some(answer) = &answer {
            labels = self.kept(labels, &added, &assigned, answer);
            // Whom the target did not let go is ours still.
            let stay = plan.labels.unassign.iter();
            let stay = stay.filter(|name| answer.is_assigned(name));
            labels.extend(stay.map(|name| OurLabel::assigned(name)));
            tracing::info!(
                pair = self.pass.name,
                source = way.thread.issue.number.0,
                target = answer.number.0,
                fields = words(&plan.fields()),
                "issue changed"
            );
            if way.written == Written::Nothing {
                way.written = Written::Changed;
            }
            // Until now it told where it came from.
            if comes_from && policy.opaque {
                self.unveiled.fetch_add(1, Ordering::Relaxed);
            }
        }
        // A field that was dropped is what it was before, to us too: one day it may be kept.
        let mut dropped = BTreeSet::new();
        if let Some(answer) = &answer {
            dropped = self.dropped(draft, &plan.write, &digests(answer));
            let total = before.as_ref().map(|before| before.time_spent);
            if time.is_some() && total == Some(answer.time_spent) {
                dropped.insert(Field::TimeSpent);
            }
        }
        fresh.retain(|field, _| !dropped.contains(field));
        fresh.extend(
            dropped
                .iter()
                .filter_map(|field| Some((*field, known.get(field)?.clone()))),
        );
        match &time {
            Some(intent) if dropped.contains(&Field::TimeSpent) => store.drop_intent(intent)?,
            Some(intent) => store.settle_time(intent, link, &fresh)?,
            None => {}
        }
        store.record_issue(link, &fresh, Some(&labels))?;
        // What was written is as the source has it, whatever people had made of it.
        let mut settled: BTreeSet<Field> = fresh.keys().copied().collect();
        if let Some(answer) = &answer {
            settled.extend([Field::Labels, Field::Assignees]);
            let lost = self.lost_labels(&labels, answer);
            settled.retain(|field| !lost.contains(field));
        }
        if body.kept_theirs {
            settled.remove(&Field::Text);
        }
        settled.retain(|field| !dropped.contains(field));
        store.drop_drift(link, settled.iter().map(|field| field.word()))?;
        if theirs {
            // It is locked again, and that is nothing of ours.
            store.forget_base(link, Field::Locked)?;
        }
        for field in dropped.iter().filter(|field| !known.contains_key(field)) {
            store.forget_base(link, *field)?;
        }
        if let Some(answer) = &answer {
            self.hear_labels(link, number, &added, answer).await?;
            self.hear_assignees(link, number, &assigned, answer).await?;
            self.hear(number, draft, &plan.write, &digests(answer))
                .await?;
            if dropped.contains(&Field::TimeSpent) {
                self.not_kept(number, Lost::Field(Field::TimeSpent)).await?;
            }
        }
        Ok(())
    }

    /// Puts the change of labels into a patch; answers what is ours then. A label that may not be
    /// created is not.
    async fn new_labels(
        &self,
        issue: &Issue,
        plan: &IssuePlan,
        draft: &Draft,
        patch: &mut Patch,
    ) -> Result<BTreeSet<OurLabel>, Trouble> {
        let change = &plan.labels;
        let available = self
            .ensure_labels(issue, &change.add, &draft.labels)
            .await?;
        let ours = available.ours(change.ours.clone(), &change.add);
        patch.add_assignees.clone_from(&change.assign);
        patch.remove_assignees.clone_from(&change.unassign);
        patch.add_labels = available.there.into_iter().collect();
        patch.remove_labels.clone_from(&change.remove);
        Ok(ours)
    }

    /// Sends a patch, if there is anything in it. `time`: the intent that stands for time in it.
    async fn send(
        &self,
        (link, number): (LinkId, IssueNumber),
        patch: Patch,
        time: Option<&Intent>,
    ) -> Result<Option<Issue>, Trouble> {
        if patch.is_empty() {
            return Ok(None);
        }
        let target = self.pass.target;
        let alone = self.changing(link).await?;
        let answer = match time {
            Some(intent) => {
                let leaves = self.leaves(intent);
                let answer = target.update_issue(number, patch, &leaves).await;
                self.sent(self.changed(link, alone, answer)?, intent)?
            }
            None => {
                let answer = target.update_issue(number, patch, &|| true).await;
                self.changed(link, alone, answer)?
            }
        };
        answer.at(Stage::Update).map(Some)
    }

    /// Intends to log what the source gained or lost since it was last mirrored, so that hours that
    /// people logged on the target stay.
    fn log_time(
        &self,
        link: LinkId,
        draft: &Draft,
        plan: &IssuePlan,
        known: &Bases,
        before: Option<&Issue>,
        patch: &mut Patch,
    ) -> Result<Option<Intent>, StoreError> {
        let (Some(total), Some(before)) = (draft.time_spent, before) else {
            return Ok(None);
        };
        if !plan.write.contains(&Field::TimeSpent) {
            return Ok(None);
        }
        let base = known.get(&Field::TimeSpent);
        let mirrored = base.and_then(|base| base.value).unwrap_or(0);
        let signed = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
        // The total of the target never becomes negative.
        let gained = (signed(total) - signed(mirrored)).max(-signed(before.time_spent));
        if gained == 0 {
            return Ok(None);
        }
        patch.add_time_spent = Some(gained);
        let intent = self.pass.store.intend(
            self.pair,
            &draw_key(),
            IntendedKind::TimeSpent {
                link,
                before: before.time_spent,
                mirrored: total,
            },
            self.pass.target.now(),
            bases(draft, &BTreeSet::from([Field::TimeSpent]), |_| None),
            Vec::new(),
        )?;
        Ok(Some(intent))
    }
}

fn words(fields: &BTreeSet<Field>) -> String {
    let words: Vec<&str> = fields.iter().map(|field| field.word()).collect();
    words.join(", ")
}
