//! A counterpart is brought up to date: first what must not be seen any more, last what may be seen
//! again.

use super::{Carrier, End, Way, Written};
use crate::model::{Field, LinkId, LinkState, Mode, Stage, Thread};
use crate::plan::selection::SkipReason;
use crate::store::StoreError;
use crate::sync::counterpart::read_one;
use crate::sync::failure::{At, Trouble};

impl Carrier<'_> {
    pub(super) async fn update(
        &self,
        link: LinkId,
        state: LinkState,
        thread: &Thread,
        written: &mut Written,
    ) -> Result<End, Trouble> {
        let begun = self.pass.store.issue_link(link)?;
        self.pass.store.set_outside(link, false)?;
        // What was begun is finished, also where nothing else follows the source.
        let follow = self.pass.policy.update_existing || begun.settled.is_none();
        if self.pass.options.dry_run {
            let way = self.draft(thread).await?;
            let planned = self.plan_update(link, state, &way, follow).await;
            let (end, trouble) = match planned {
                Ok(end) => (end, Ok(())),
                Err(trouble) => (End::Gone, Err(trouble)),
            };
            self.gone(link, trouble).await?;
            return Ok(end);
        }
        let done = self
            .bring_up_to_date(link, state, thread, follow, written)
            .await;
        if self.gone(link, done).await? {
            return Ok(End::Gone);
        }
        self.settle(link, &thread.issue)?;
        Ok(match written {
            Written::Nothing => End::Unchanged,
            _ => End::Updated,
        })
    }

    pub(super) async fn bring_up_to_date(
        &self,
        link: LinkId,
        state: LinkState,
        thread: &Thread,
        follow: bool,
        written: &mut Written,
    ) -> Result<(), Trouble> {
        if self.plan.mode == Mode::Full {
            self.find_comments_again(link).await?;
        }
        // What must not be seen goes first, whatever fails after it. A refusal keeps nothing else
        // from arriving; it is told in the end.
        let (way, hidden) = self.protect(link, thread, written).await;
        let mut way = match (way, &hidden) {
            (Ok(way), Ok(())) => way,
            (Ok(way), Err(trouble)) if trouble.is_refusal() => way,
            (Ok(_), Err(_)) => return hidden,
            (Err(trouble), _) => return hidden.and(Err(trouble)),
        };
        let done = self.follow(link, state, &mut way, follow).await;
        *written = way.written;
        hidden.and(done)
    }

    /// Looks for counterparts of comments that were not there any more.
    pub(super) async fn find_comments_again(&self, link: LinkId) -> Result<(), Trouble> {
        let links = self.pass.store.comment_links(link)?;
        if links.iter().any(|link| link.state == LinkState::Gone) {
            let number = self.pass.store.issue_link(link)?.target_number;
            let thread = read_one(self.pass.target, number).await;
            self.revive_comments(link, &thread.at(Stage::Comment)?)?;
        }
        Ok(())
    }

    pub(super) async fn follow(
        &self,
        link: LinkId,
        state: LinkState,
        way: &mut Way<'_>,
        follow: bool,
    ) -> Result<(), Trouble> {
        let shows = self.is_to_be_shown(link, way)?;
        if follow {
            // Shown is what comes last, when nothing in it is to be hidden any more.
            let later: &[Field] = if shows { &[Field::Confidential] } else { &[] };
            let lock: &[Field] = if locks(way) { &[Field::Locked] } else { &[] };
            self.fields(link, way, &[later, lock].concat()).await?;
        }
        self.comments(link, way, follow).await?;
        if follow {
            self.lock(link, way).await?;
        }
        if shows && !self.is_all_ours(link, follow)? {
            let number = way.thread.issue.number;
            self.books.count(|tally| {
                tally.warnings.push(format!(
                    "#{number} may be seen again, and stays hidden on the target: what was hidden there is not brought up to date with these settings."
                ));
            });
        } else if shows || state == LinkState::Hidden {
            self.show(link, way).await?;
        }
        if follow {
            self.note_references(link, way)?;
            self.note_withheld(link, way)?;
            self.relations(link, way).await?;
        }
        Ok(())
    }

    /// Locks the counterpart of an issue that is locked: last, because not everybody may comment on it
    /// then.
    pub(super) async fn lock(&self, link: LinkId, way: &mut Way<'_>) -> Result<(), Trouble> {
        if !locks(way) {
            return Ok(());
        }
        let mut others = Field::ALL.to_vec();
        others.retain(|field| *field != Field::Locked);
        self.fields(link, way, &others).await
    }

    /// Leaves a counterpart as it is whose original left the selection; only a comment that must not
    /// be seen any more is taken away (P7).
    pub(super) async fn keep(
        &self,
        link: LinkId,
        thread: &Thread,
        written: &mut Written,
    ) -> Result<End, Trouble> {
        let mut way = self.draft(thread).await?;
        if self.pass.options.dry_run {
            self.leaves_selection(link)?;
            return Ok(
                match self
                    .plan_update(link, LinkState::Active, &way, false)
                    .await?
                {
                    End::Unchanged => End::Skipped(SkipReason::Filtered),
                    planned => planned,
                },
            );
        }
        let taken_away = self.comments(link, &mut way, false).await;
        *written = way.written;
        if self.gone(link, taken_away).await? {
            return Ok(End::Gone);
        }
        self.leaves_selection(link)?;
        self.settle(link, &thread.issue)?;
        Ok(match way.written {
            Written::Nothing => End::Skipped(SkipReason::Filtered),
            _ => End::Updated,
        })
    }

    /// Counts an issue that is outside of the selection, if it was not before.
    pub(super) fn leaves_selection(&self, link: LinkId) -> Result<(), StoreError> {
        let left = self.pass.store.set_outside(link, true)?;
        self.books
            .count(|tally| tally.left_selection += u64::from(left));
        Ok(())
    }
}

/// Whether the counterpart is to be locked.
fn locks(way: &Way<'_>) -> bool {
    way.draft.values.locked == Some(true)
}
