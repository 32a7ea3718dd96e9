//! A change of an issue: planned again by what is there, sent once (`patch`), and its answer written down
//! (`answer`).

mod answer;
mod patch;

use super::bases::bases;
use crate::forge::Fate;
use crate::model::{
    Bases, Digest, Field, Intent, Issue, IssueLink, IssueNumber, LinkId, OurLabel, Patch, Stage,
};
use crate::plan::draft::{Draft, digests};
use crate::plan::issue::{self, IssuePlan};
use crate::store::StoreError;
use crate::sync::carry::{Carrier, Way};
use crate::sync::counterpart::read_one;
use crate::sync::description::NewDescription;
use crate::sync::failure::{At, Trouble};
use crate::text::envelope::split_description;
use std::collections::{BTreeMap, BTreeSet};

/// A counterpart as it is before it is changed.
struct Before {
    link: LinkId,
    begun: IssueLink,
    /// What we last wrote.
    known: Bases,
    /// The labels and assignees that are ours.
    ours: BTreeSet<OurLabel>,
    /// Our envelope is around its text.
    enveloped: bool,
    /// What it holds, where that was read.
    there: Option<Issue>,
}

/// A change that is about to be sent.
struct Change {
    plan: IssuePlan,
    /// Bases that are brought up to date whatever becomes of it.
    recorded: Bases,
    /// What is ours afterwards, if the target keeps everything.
    ours: BTreeSet<OurLabel>,
    /// The labels that are added.
    added: Vec<String>,
    /// The accounts that are assigned.
    assigned: Vec<String>,
    body: NewDescription,
    /// The intent that stands for time in it.
    time: Option<Intent>,
    /// People locked the counterpart, and it is locked for them again.
    relocks: bool,
    /// The label changes that says where the issue came from.
    comes_from: bool,
}

impl Carrier<'_> {
    /// Brings the fields of a counterpart up to date, but for those that were just `done`.
    pub(in crate::sync) async fn fields(
        &self,
        link: LinkId,
        way: &mut Way<'_>,
        done: &[Field],
    ) -> Result<(), Trouble> {
        let mut before = self.before(link)?;
        self.tell_origin_again(&mut before, way).await?;
        let plan = self.plan_change(&mut before, &way.draft, done).await?;
        let recorded = bases(&way.draft, &plan.record, |field| {
            let known = before.known.get(&field).map(|base| base.wrote);
            way.draft.wanted.get(&field).copied().or(known)
        });
        if plan.sends_nothing() {
            let labels = (plan.labels.ours != before.ours).then_some(&plan.labels.ours);
            self.pass.store.record_issue(link, &recorded, labels)?;
            return Ok(());
        }
        let logs_time = plan.write.contains(&Field::TimeSpent);
        if self.ends_now() || logs_time && self.waits_for_others() {
            return Err(Trouble::Stopped);
        }
        let (mut change, mut patch) = self.prepare(&before, way, plan, recorded).await?;
        self.doubt(&before, &change, &patch)?;
        let at = (link, before.begun.target_number);
        let mut answer = self.send(at, patch.clone(), change.time.as_ref()).await;
        if let Err(Trouble::Issue(_, error)) = &answer
            && change.body.ours.is_some()
            && self.hears_length(true, error)
        {
            let shortened = self.shorten(&before, way, &mut change, &mut patch).await;
            answer = match shortened {
                Ok(()) => self.send(at, patch, change.time.as_ref()).await,
                Err(trouble) => Err(trouble),
            };
        }
        if let Some((fitted, _)) = &change.body.ours
            && change.body.send.is_some()
        {
            self.text_is_sent(way.thread.issue.number, &way.draft.text, fitted);
        }
        let answer = match answer {
            Err(Trouble::Issue(stage, error)) => {
                if error.fate == Fate::NotDone {
                    self.nothing_was_done(&before, &change)?;
                }
                return Err(Trouble::Issue(stage, error));
            }
            answer => answer?,
        };
        if answer.is_some() {
            way.written.changes();
        }
        self.answered(&before, change, way, answer.as_ref()).await
    }

    /// What the store knows of a counterpart.
    fn before(&self, link: LinkId) -> Result<Before, StoreError> {
        let (known, ours) = self.pass.store.issue_bases(link)?;
        let begun = self.pass.store.issue_link(link)?;
        Ok(Before {
            link,
            known,
            ours,
            enveloped: !begun.theirs,
            begun,
            there: None,
        })
    }

    /// Changes what a counterpart that was there before us tells of its original by our comment: what the
    /// envelope told, or that comment in place of it, may be nothing to be told any more.
    async fn tell_origin_again(
        &self,
        before: &mut Before,
        way: &mut Way<'_>,
    ) -> Result<(), Trouble> {
        let said = before.known.get(&Field::Envelope).map(|base| base.from);
        let says = way.draft.from.get(&Field::Envelope).copied();
        if !before.begun.theirs || said == says {
            return Ok(());
        }
        if self.ends_now() {
            return Err(Trouble::Stopped);
        }
        let there = read_one(self.pass.target, before.begun.target_number).await;
        let there = there.at(Stage::Update)?;
        let lineage = way.draft.lineage.clone();
        let again = self.mark_again(&before.begun, way.thread, lineage, &there);
        if again.await? {
            way.written.changes();
        }
        // Once the source's text was written there, ours is around it.
        let split = split_description(&there.issue.text);
        before.enveloped = split.is_some_and(|split| split.marker.key == before.begun.key);
        before.there = Some(there.issue);
        Ok(())
    }

    /// Plans the change. The target is read only where what it has decides what is written; otherwise
    /// what was read of it before does not count.
    async fn plan_change(
        &self,
        before: &mut Before,
        draft: &Draft,
        done: &[Field],
    ) -> Result<IssuePlan, Trouble> {
        let read = before.there.take();
        let (known, ours) = (&before.known, &before.ours);
        let planned = |there: Option<&BTreeMap<Field, Digest>>| {
            let plan = issue::plan(draft, known, ours, self.pass.policy, there).without(done, ours);
            let plan = if self.sends_again || known.contains_key(&Field::Labels) {
                plan
            } else {
                plan.without_another_try(ours)
            };
            if before.enveloped {
                plan
            } else {
                plan.without_envelope()
            }
        };
        let plan = planned(None);
        if !plan.reads_target() || self.ends_now() {
            return Ok(plan);
        }
        let there = match read {
            Some(there) => there,
            None => {
                let thread = read_one(self.pass.target, before.begun.target_number).await;
                thread.at(Stage::Update)?.issue
            }
        };
        let mut plan = planned(Some(&digests(&there)));
        self.add_drift(before.link, there.number, &plan.drift)?;
        plan.labels.leave_theirs(&there, ours, draft.labels.titles);
        before.there = Some(there);
        Ok(plan)
    }

    /// Notes that nobody knows what of a change is there, for as long as it is under way.
    fn doubt(&self, before: &Before, change: &Change, patch: &Patch) -> Result<(), StoreError> {
        if patch.is_empty() {
            return Ok(());
        }
        let all = before.ours.union(&change.plan.labels.ours);
        let all: BTreeSet<OurLabel> = all.cloned().collect();
        let mut doubtful = change.plan.doubtful();
        if change.body.kept_theirs {
            // Their text is there, whatever becomes of what is around it.
            doubtful.remove(&Field::Text);
        }
        self.pass
            .store
            .doubt_issue(before.link, &doubtful, Some(&all))
    }

    /// Takes the doubt back: surely nothing of a change was done. What was in doubt before still is.
    fn nothing_was_done(&self, before: &Before, change: &Change) -> Result<(), StoreError> {
        let (store, known) = (self.pass.store, &before.known);
        let labels = (!known.contains_key(&Field::Labels)).then_some(&before.ours);
        store.record_issue(before.link, known, labels)?;
        if change.relocks && !known.contains_key(&Field::Locked) {
            store.forget_base(before.link, Field::Locked)?;
        }
        Ok(())
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
}
