//! What of a change is sent: the patch, made from the plan.

use super::{Before, Change};
use crate::model::{Bases, Extra, Field, IntendedKind, Intent, Issue, OurLabel, Patch, State};
use crate::plan::draft::Draft;
use crate::plan::issue::{self, DescriptionPlan, IssuePlan};
use crate::plan::labels::MIRRORED_FROM;
use crate::store::StoreError;
use crate::sync::apply::{bases, draw_key};
use crate::sync::carry::{Carrier, Way};
use crate::sync::failure::Trouble;
use std::collections::BTreeSet;

impl Carrier<'_> {
    /// Makes the patch of a change; its labels and files are brought to the target on the way.
    pub(super) async fn prepare(
        &self,
        before: &Before,
        way: &Way<'_>,
        mut plan: IssuePlan,
        recorded: Bases,
    ) -> Result<(Change, Patch), Trouble> {
        let (issue, draft) = (&way.thread.issue, &way.draft);
        let mut patch = issue::values(draft, &plan.write);
        let relocks = self.lock_again(before, &mut plan, &mut patch)?;
        let ours = self.new_labels(issue, &plan, draft, &mut patch).await?;
        let (key, there) = (&before.begun.key, before.there.as_ref());
        let body = self
            .new_description(way, &plan.description, key, &before.known, there, None)
            .await?;
        patch.description.clone_from(&body.send);
        if plan.description != DescriptionPlan::Settled {
            self.footer_is_sent(issue.number, draft);
        }
        if patch.title.is_some() {
            self.title_is_sent(issue.number, draft);
        }
        let removed = &plan.labels.remove;
        let comes_from = removed.iter().any(|label| label.starts_with(MIRRORED_FROM));
        if comes_from && !before.begun.theirs {
            self.name_authors(draft, &mut patch);
        }
        let time = self.log_time(before, draft, &plan, &mut patch)?;
        let change = Change {
            plan,
            recorded,
            ours,
            added: patch.add_labels.clone(),
            assigned: patch.add_assignees.clone(),
            body,
            time,
            relocks,
            comes_from,
        };
        Ok((change, patch))
    }

    /// Makes the text of a change shorter that was refused for its length; nothing of it was done.
    pub(super) async fn shorten(
        &self,
        before: &Before,
        way: &Way<'_>,
        change: &mut Change,
        patch: &mut Patch,
    ) -> Result<(), Trouble> {
        let (key, there) = (&before.begun.key, before.there.as_ref());
        let (_, carried) = change.body.ours.take().unzip();
        let plan = &change.plan.description;
        change.body = self
            .new_description(way, plan, key, &before.known, there, carried)
            .await?;
        patch.description.clone_from(&change.body.send);
        if change.time.is_some() {
            // What stood for it ended with the refusal.
            change.time = self.log_time(before, &way.draft, &change.plan, patch)?;
        }
        Ok(())
    }

    /// Locks a counterpart again that people locked and that a change opens for a moment; answers whether
    /// it does. The store knows it before that, so that the lock is not lost with an answer.
    fn lock_again(
        &self,
        before: &Before,
        plan: &mut IssuePlan,
        patch: &mut Patch,
    ) -> Result<bool, StoreError> {
        let unlocked = before.known.get(&Field::Locked);
        let unlocked = unlocked.is_some_and(issue::is_of_people);
        let locked = before.there.as_ref().is_some_and(|there| there.locked);
        let opens = plan.opens && locked && !plan.write.contains(&Field::Locked);
        if !(unlocked || opens) {
            return Ok(false);
        }
        patch.locked = Some(true);
        plan.write.remove(&Field::Locked);
        let base = Bases::from([(Field::Locked, issue::locked_by_people())]);
        self.pass.store.record_issue(before.link, &base, None)?;
        Ok(true)
    }

    /// Names author and closer again, where the target holds them: who may be named is another matter
    /// where an issue says otherwise where it came from. Who wrote one that was there before is no matter
    /// of ours.
    fn name_authors(&self, draft: &Draft, patch: &mut Patch) {
        if self
            .pass
            .target
            .capabilities()
            .offer(Extra::Authors)
            .is_none()
        {
            return;
        }
        patch.author = Some(draft.author.clone());
        let closed = draft.values.state.as_ref();
        let closed = closed.filter(|change| change.state == State::Closed);
        patch.closed_by = closed.map(|change| change.closed_by.clone());
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

    /// Intends to log what the source gained or lost since it was last mirrored, so that hours that
    /// people logged on the target stay.
    fn log_time(
        &self,
        before: &Before,
        draft: &Draft,
        plan: &IssuePlan,
        patch: &mut Patch,
    ) -> Result<Option<Intent>, StoreError> {
        let (Some(total), Some(there)) = (draft.time_spent, &before.there) else {
            return Ok(None);
        };
        if !plan.write.contains(&Field::TimeSpent) {
            return Ok(None);
        }
        let base = before.known.get(&Field::TimeSpent);
        let mirrored = base.and_then(|base| base.value).unwrap_or(0);
        let signed = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
        // The total of the target never becomes negative.
        let gained = (signed(total) - signed(mirrored)).max(-signed(there.time_spent));
        if gained == 0 {
            return Ok(None);
        }
        patch.add_time_spent = Some(gained);
        let intent = self.pass.store.intend(
            self.pair,
            &draw_key(),
            IntendedKind::TimeSpent {
                link: before.link,
                before: there.time_spent,
                mirrored: total,
            },
            self.pass.target.now(),
            bases(draft, &BTreeSet::from([Field::TimeSpent]), |_| None),
            Vec::new(),
        )?;
        Ok(Some(intent))
    }
}
