//! What must not be seen any more, hidden before anything else, and shown again after everything else
//! (P7).

use super::carry::{Carrier, End, Way, Written};
use super::counterpart::read_one;
use super::failure::{At, Trouble};
use super::tally::PlannedAction;
use super::withdraw::{Concealed, is_denied};
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{
    Base, Bases, Digest, Field, Issue, IssueNumber, LinkId, LinkState, Patch, Stage, Thread,
};
use crate::plan::selection::{Choice, SkipReason};
use crate::store::StoreError;
use std::collections::BTreeSet;

impl Carrier<'_> {
    /// Hides a counterpart whose original became confidential (P7).
    pub(super) async fn hide(
        &self,
        link: LinkId,
        state: LinkState,
        issue: &Issue,
        written: &mut Written,
    ) -> Result<End, Trouble> {
        let reason = reason(issue);
        // Unless it was to be shown again and nobody knows whether it was, or it was only withdrawn,
        // because the role did not suffice for more.
        let is_hidden = state == LinkState::Hidden && !self.is_concealing(link)?;
        if is_hidden && !self.may_hide_withdrawn(link).await? {
            self.settle_hidden(link, issue, reason)?;
            return Ok(End::Skipped(reason));
        }
        if self.pass.options.dry_run {
            self.planned(issue, PlannedAction::Hide, |_| {});
            return Ok(End::Updated);
        }
        let concealed = self.conceal(link).await;
        let did = match &concealed {
            Ok(Concealed::Before) | Err(_) => false,
            Ok(Concealed::Withdrawn) => !is_hidden,
            Ok(Concealed::Now | Concealed::Deleted) => true,
        };
        if did {
            *written = Written::Changed;
        }
        if let Ok(Concealed::Deleted) = concealed {
            let (store, step) = (self.pass.store, self.step(issue));
            store.pass_over(self.pair, issue.id, reason.word(), step)?;
            self.books.count(|tally| tally.hidden += 1);
            return Ok(End::Updated);
        }
        if self.gone(link, concealed.map(drop)).await? {
            return Ok(End::Gone);
        }
        if self.hides_again(link)? {
            self.books.count(|tally| tally.hidden += u64::from(did));
            return Ok(End::Left);
        }
        self.pass.store.set_issue_state(link, LinkState::Hidden)?;
        self.settle_hidden(link, issue, reason)?;
        if !did {
            return Ok(End::Skipped(reason));
        }
        self.books.count(|tally| tally.hidden += 1);
        tracing::info!(
            pair = self.pass.name,
            source = issue.number.0,
            "issue hidden"
        );
        Ok(End::Updated)
    }

    fn settle_hidden(
        &self,
        link: LinkId,
        issue: &Issue,
        reason: SkipReason,
    ) -> Result<(), StoreError> {
        let (store, step) = (self.pass.store, self.step(issue));
        store.pass_over(self.pair, issue.id, reason.word(), step)?;
        self.settle(link, issue)
    }

    /// Hides a counterpart, unless people did already, or takes it away where the target does not
    /// hide it. That it was us is on record before, so that we show again what we hid and nothing
    /// else.
    pub(super) async fn conceal(&self, link: LinkId) -> Result<Concealed, Trouble> {
        let number = self.pass.store.issue_link(link)?.target_number;
        match read_one(self.pass.target, number).await {
            Ok(there) if there.issue.confidential => {
                self.give_up_files(link, None).await?;
                // It was we who began it, or people did it.
                if self.is_concealed(link)? {
                    self.record_confidential(link, true, true)?;
                }
                return Ok(Concealed::Before);
            }
            Err(error) if error.kind == ErrorKind::NotFound => {
                if self.was_deleted(link).await? {
                    return Ok(Concealed::Deleted);
                }
                return Err(error).at(Stage::Hide);
            }
            // On record before anything is sent.
            Ok(there) => self.give_up_files(link, Some(&there)).await?,
            // Also where it cannot be read: better twice than not at all.
            Err(_) => self.give_up_files(link, None).await?,
        }
        let withdrawn = self.is_withdrawn(link)?;
        if self.pass.target.capabilities().confidential {
            match self.set_confidential(link, number, true).await {
                Ok(true) => return Ok(Concealed::Now),
                // Dropped without a word, as servers do where a role is too low.
                Ok(false) => {}
                Err(Trouble::Issue(_, error)) if is_denied(&error) => {}
                Err(trouble) => return Err(trouble),
            }
        }
        if withdrawn {
            self.keep_withdrawn(link).await?;
            return Ok(Concealed::Withdrawn);
        }
        self.take_away(link).await
    }

    /// Hides the counterpart of a confidential issue that is carried, unless that is done.
    pub(super) async fn conceal_once(&self, link: LinkId) -> Result<bool, Trouble> {
        if self.is_hidden(link)? {
            return Ok(false);
        }
        // It was created so and nobody looked at the answer, or nobody heard whether it was hidden:
        // that it has to be hidden now proves nothing.
        let in_doubt =
            self.pass.store.issue_link(link)?.settled.is_none() && self.is_concealed(link)?;
        let hidden = self.must_be_hidden(link).await;
        if let Err(Trouble::Issue(_, error)) = &hidden
            && in_doubt
            && error.kind == ErrorKind::Unsupported
        {
            self.keeps_nothing_hidden().await?;
        }
        hidden
    }

    /// Whether a counterpart is known to be hidden by us.
    pub(super) fn is_hidden(&self, link: LinkId) -> Result<bool, StoreError> {
        let (bases, _) = self.pass.store.issue_bases(link)?;
        Ok(bases.get(&Field::Confidential).is_some_and(|base| {
            base.from == confidential(true) && base.wrote == confidential(true)
        }))
    }

    /// Looks whether what was created confidentially is. If not, it is hidden at once, and nothing of
    /// the kind is created any more: public for a moment is public.
    pub(super) async fn must_be_kept(&self, link: LinkId) -> Result<(), Trouble> {
        if self.is_hidden(link)? {
            return Ok(());
        }
        let hidden = self.must_be_hidden(link).await;
        // The store alone did not know it.
        if !matches!(hidden, Ok(false)) {
            self.keeps_nothing_hidden().await?;
        }
        hidden.map(drop)
    }

    /// Hides a counterpart into which more is to be written: nothing is, if it is not confidential
    /// then.
    pub(super) async fn must_be_hidden(&self, link: LinkId) -> Result<bool, Trouble> {
        let number = self.pass.store.issue_link(link)?.target_number;
        let concealed = self.conceal(link).await?;
        match concealed {
            Concealed::Before => return Ok(false),
            Concealed::Now => return Ok(true),
            Concealed::Withdrawn => {
                let store = self.pass.store;
                store.set_issue_state(link, LinkState::Hidden)?;
            }
            Concealed::Deleted => {}
        }
        let said = "the target did not keep it confidential, so it was taken away there; its account needs the role Planner or Reporter";
        let doing = format!("hiding #{number}");
        Err(ForgeError::new(ErrorKind::Unsupported, doing, said)).at(Stage::Hide)
    }

    /// Whether we hid the counterpart of an issue that may be seen again.
    pub(super) fn is_to_be_shown(&self, link: LinkId, way: &Way<'_>) -> Result<bool, StoreError> {
        let stays = way.draft.values.confidential == Some(true);
        Ok(!stays && self.is_concealed(link)?)
    }

    /// Whether the last thing that we said of a counterpart, or began to say, is that it is
    /// confidential.
    pub(super) fn is_concealed(&self, link: LinkId) -> Result<bool, StoreError> {
        let (bases, _) = self.pass.store.issue_bases(link)?;
        let base = bases.get(&Field::Confidential);
        Ok(base.is_some_and(|base| base.from == confidential(true)))
    }

    /// Whether something of a counterpart that must not be seen is about to be hidden, and not known
    /// to be.
    fn is_concealing(&self, link: LinkId) -> Result<bool, StoreError> {
        let (bases, _) = self.pass.store.issue_bases(link)?;
        let base = bases.get(&Field::Confidential);
        Ok(base.is_some_and(|base| {
            base.from == confidential(true) && base.wrote != confidential(true)
        }) && !self.is_withdrawn(link)?)
    }

    /// Whether a counterpart that was just hidden must be hidden once more, because an older change
    /// may still show it.
    fn hides_again(&self, link: LinkId) -> Result<bool, StoreError> {
        let again = self.is_late(link)?;
        if again {
            self.record_confidential(link, true, false)?;
        }
        Ok(again)
    }

    /// Shows a counterpart again that we hid, because its original may be seen again.
    pub(super) async fn show(&self, link: LinkId, way: &mut Way<'_>) -> Result<(), Trouble> {
        if self.is_to_be_shown(link, way)? {
            let number = self.pass.store.issue_link(link)?.target_number;
            if self.is_withdrawn(link)? {
                // It was never hidden, and has its text again.
                self.record_confidential(link, false, false)?;
            } else if !self.set_confidential(link, number, false).await? {
                let said =
                    "it stays confidential there; the account needs the role Planner or Reporter";
                let doing = format!("showing #{number} again");
                return Err(ForgeError::new(ErrorKind::Denied, doing, said)).at(Stage::Update);
            }
            way.written = Written::Changed;
        }
        self.pass.store.set_issue_state(link, LinkState::Active)?;
        Ok(())
    }

    /// Asks for it; answers whether the target did it.
    async fn set_confidential(
        &self,
        link: LinkId,
        number: IssueNumber,
        on: bool,
    ) -> Result<bool, Trouble> {
        // That we change it is on record before it is done, as not done yet: hiding it again does no
        // harm, and not hiding it does.
        self.record_confidential(link, true, false)?;
        let nothing = BTreeSet::new();
        self.pass.store.doubt_issue(link, &nothing, None)?;
        let patch = Patch {
            confidential: Some(on),
            ..Patch::default()
        };
        let target = self.pass.target;
        let alone = self.changing(link).await?;
        let answer = target.update_issue(number, patch, &|| true).await;
        let answer = self.changed(link, alone, answer)?;
        let answer = answer.at(if on { Stage::Hide } else { Stage::Update })?;
        let kept = answer.confidential == on;
        if kept {
            self.record_confidential(link, on, on)?;
        }
        Ok(kept)
    }

    fn record_confidential(&self, link: LinkId, from: bool, wrote: bool) -> Result<(), StoreError> {
        let base = Base {
            from: confidential(from),
            wrote: confidential(wrote),
            value: None,
        };
        let bases = Bases::from([(Field::Confidential, base)]);
        self.pass.store.record_issue(link, &bases, None)
    }

    /// Whether everything that we wrote into a counterpart follows the original.
    pub(super) fn is_all_ours(&self, link: LinkId, follow: bool) -> Result<bool, StoreError> {
        let links = self.pass.store.comment_links(link)?;
        let has_comments = links.iter().any(|link| link.state == LinkState::Active);
        Ok(follow && (self.pass.policy.comments || !has_comments))
    }

    /// Hides what must not be seen any more of an issue that stays carried, before anything else is
    /// done that could fail.
    pub(super) async fn protect<'t>(
        &self,
        link: LinkId,
        thread: &'t Thread,
        written: &mut Written,
    ) -> (Result<Way<'t>, Trouble>, Result<(), Trouble>) {
        let (mut hidden, mut seen) = (Ok(()), None);
        if thread.issue.confidential {
            match self.conceal_once(link).await {
                Ok(true) => *written = Written::Changed,
                Ok(false) => {}
                Err(Trouble::Store(error)) => return (Err(error.into()), hidden),
                // Nothing that must not be seen is written where everybody sees it; what is there of
                // comments that must not be seen goes nevertheless.
                Err(trouble) => seen = Some(trouble),
            }
            if let Err(error) = self.hides_again(link) {
                hidden = hidden.and(Err(error.into()));
            }
        }
        let mut way = match self.draft(thread).await {
            Ok(way) => way,
            Err(trouble) => return (Err(seen.unwrap_or(trouble)), hidden),
        };
        way.written = *written;
        let comments = self.comments(link, &mut way, false).await;
        *written = way.written;
        match (seen, comments) {
            (_, Err(Trouble::Store(error))) => (Err(error.into()), hidden),
            // What keeps the issue to be seen is told first.
            (Some(trouble), _) => (Err(trouble), hidden),
            (None, comments) => (Ok(way), hidden.and(comments.map_err(Trouble::about_hiding))),
        }
    }

    /// Takes away what must not be seen any more, and does nothing else.
    pub(super) async fn only_hide(
        &self,
        (link, state): (LinkId, LinkState),
        thread: &Thread,
        written: &mut Written,
    ) -> Result<End, Trouble> {
        let choice = self.choose(&thread.issue, true)?;
        if choice == Choice::Hide {
            return self.hide(link, state, &thread.issue, written).await;
        }
        if self.pass.options.dry_run {
            let way = self.draft(thread).await?;
            self.plan_update(link, LinkState::Active, &way, false)
                .await?;
            return Ok(End::Left);
        }
        let (way, hidden) = self.protect(link, thread, written).await;
        let done = hidden.and(way.map(drop));
        if self.gone(link, done).await? {
            return Ok(End::Gone);
        }
        Ok(End::Left)
    }
}

/// Why an issue must not be seen.
pub(super) fn reason(issue: &Issue) -> SkipReason {
    if issue.confidential {
        SkipReason::Confidential
    } else {
        // A label says so.
        SkipReason::Filtered
    }
}

/// What the source's value of this field is made from.
pub(super) fn confidential(on: bool) -> Digest {
    Digest::of([if on { "true" } else { "false" }])
}
