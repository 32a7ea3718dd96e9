//! The way of one issue: chosen, drafted, planned, and handed to what carries it out.

use super::discover::{Plan, Work, settled};
use super::failure::{At, FailedAt, Failure, Trouble, cause};
use super::labels::LabelBook;
use super::tally::{Books, PlannedAction};
use super::turns::Turn;
use super::{Abort, Pass};
use crate::forge::ForgeError;
use crate::model::{
    CommentId, Digest, Issue, IssueNumber, LinkId, LinkState, Stage, Thread, Version,
};
use crate::plan::draft::{self, CommentDraft, Draft, Setting, TextFacts};
use crate::plan::footer::Ends;
use crate::plan::selection::{self, Choice, SkipReason};
use crate::store::{PairId, StoreError};
use crate::text::marker;
use crate::text::rewrite;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Carries the issues of one pass, several at a time.
pub(super) struct Carrier<'a> {
    pub(super) pass: &'a Pass<'a>,
    pub(super) pair: PairId,
    pub(super) plan: Plan,
    pub(super) books: &'a Books,
    pub(super) labels: LabelBook,
    /// Uploads happen one at a time.
    pub(super) uploads: tokio::sync::Mutex<()>,
    /// Counterparts that are not there any more.
    gone: Mutex<Vec<LinkId>>,
    /// How many issues may still be created, where that is limited.
    creates_left: Option<AtomicU64>,
    budget_used_up: AtomicBool,
}

/// How the way of an issue ended.
pub(super) enum End {
    Created,
    Updated,
    Unchanged,
    Skipped(SkipReason),
    /// The budget of creates was used up.
    Left,
}

/// What was already written when something else failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Written {
    #[default]
    Nothing,
    Created,
    Changed,
}

/// An issue on its way.
pub(super) struct Way<'t> {
    pub(super) thread: &'t Thread,
    pub(super) draft: Draft,
    pub(super) comments: Vec<CommentDraft>,
    /// Comments of the source that may not be seen on the target.
    pub(super) hidden: BTreeSet<CommentId>,
    pub(super) written: Written,
}

impl<'a> Carrier<'a> {
    pub(super) fn new(pass: &'a Pass<'a>, pair: PairId, plan: Plan, books: &'a Books) -> Self {
        Self {
            pass,
            pair,
            plan,
            books,
            labels: LabelBook::default(),
            uploads: tokio::sync::Mutex::default(),
            gone: Mutex::default(),
            creates_left: pass.options.max_creates.map(AtomicU64::new),
            budget_used_up: AtomicBool::new(false),
        }
    }

    pub(super) fn setting(&self) -> Setting<'a> {
        Setting {
            policy: self.pass.policy,
            target: self.pass.target.capabilities(),
            ends: Ends {
                source: self.pass.source.project(),
                target: self.pass.target.project(),
            },
        }
    }

    pub(super) fn budget_was_used_up(&self) -> bool {
        self.budget_used_up.load(Ordering::Relaxed)
    }

    /// Whether an issue without counterpart would get one.
    pub(super) fn would_create(&self, issue: &Issue) -> Result<bool, StoreError> {
        Ok(self.choose(issue, false)? == Choice::Carry)
    }

    /// Carries one issue and counts how it ended; only a store that fails ends the run.
    pub(super) async fn carry(
        &self,
        work: Work,
        thread: Result<Thread, ForgeError>,
        turn: Option<Turn>,
    ) -> Result<(), Abort> {
        let location = thread.as_ref().ok().map(|t| t.issue.location.clone());
        let version = thread.as_ref().ok().map(|t| t.issue.version);
        let mut written = Written::Nothing;
        let end = if self.pass.stop.is_asked() {
            Err(Trouble::Stopped)
        } else {
            self.way(&work, thread, turn, &mut written).await
        };
        match end {
            Ok(end) => {
                if !matches!(end, End::Left) {
                    self.pass.store.unqueue(self.pair, work.number)?;
                }
                self.books.count(|tally| match end {
                    End::Created => tally.issues.created += 1,
                    End::Updated => tally.issues.updated += 1,
                    End::Unchanged => tally.issues.unchanged += 1,
                    End::Skipped(reason) => tally.skip(reason),
                    End::Left => tally.issues.left += 1,
                });
                Ok(())
            }
            Err(Trouble::Store(error)) => Err(error.into()),
            Err(Trouble::Stopped) => {
                self.books.count(|tally| match written {
                    Written::Nothing => tally.issues.left += 1,
                    Written::Created => tally.issues.created += 1,
                    Written::Changed => tally.issues.updated += 1,
                });
                Ok(())
            }
            Err(Trouble::Issue(stage, error)) => {
                let version = version.or(work.version);
                self.failed(work.number, location, version, stage, &error, written)
            }
        }
    }

    /// Queues an issue that failed for a later pass.
    fn failed(
        &self,
        number: IssueNumber,
        location: Option<String>,
        version: Option<Version>,
        stage: Stage,
        error: &ForgeError,
        written: Written,
    ) -> Result<(), Abort> {
        let said = error.to_string();
        let now = (self.pass.clock)();
        self.pass
            .store
            .queue(self.pair, number, version, stage, &said, now)?;
        self.books.count(|tally| {
            match written {
                Written::Nothing => tally.issues.failed += 1,
                Written::Created => tally.issues.created += 1,
                Written::Changed => tally.issues.updated += 1,
            }
            tally.failures.push(Failure {
                number: Some(number),
                location,
                stage: FailedAt::Issue(stage),
                error: said,
                cause: cause(error),
            });
        });
        Ok(())
    }

    async fn way(
        &self,
        work: &Work,
        thread: Result<Thread, ForgeError>,
        turn: Option<Turn>,
        written: &mut Written,
    ) -> Result<End, Trouble> {
        let thread = thread.at(Stage::Read)?;
        if let Some(link) = work.link
            && work.verify_only
        {
            return self.verify(link.id).await;
        }
        let issue = &thread.issue;
        let linked = match work.link.map(|link| (link.id, link.state)) {
            Some((_, LinkState::Gone | LinkState::Removed)) => {
                return Ok(End::Skipped(SkipReason::Gone));
            }
            Some((id, state)) => Some((id, state)),
            None => None,
        };
        match self.choose(issue, linked.is_some())? {
            Choice::Skip(reason) => {
                self.pass
                    .store
                    .pass_over(self.pair, issue.id, reason.word(), self.step(issue))?;
                self.planned(issue, PlannedAction::Skip(reason), |_| {});
                Ok(End::Skipped(reason))
            }
            Choice::Keep => match linked {
                Some((link, _)) => self.keep(link, &thread, written).await,
                None => Ok(End::Skipped(SkipReason::Filtered)),
            },
            Choice::Hide => match linked {
                Some((link, state)) => self.hide(link, state, issue, written).await,
                None => Ok(End::Skipped(SkipReason::Confidential)),
            },
            Choice::Carry => {
                let mut way = self.draft(&thread)?;
                let end = match linked {
                    None => self.create(&mut way, turn).await,
                    Some((link, state)) => self.update(link, state, &mut way).await,
                };
                *written = way.written;
                end
            }
        }
    }

    fn choose(&self, issue: &Issue, linked: bool) -> Result<Choice, StoreError> {
        let trusted = self.trusts(issue.ours, &issue.text)?;
        let (source, target) = (self.pass.source.project(), self.pass.target.project());
        let comes_back = selection::comes_back(issue, trusted, source, target);
        Ok(selection::choose(
            issue,
            self.pass.policy,
            self.pass.target.capabilities(),
            self.plan.baseline,
            linked,
            comes_back,
        ))
    }

    /// Whether the marker at the end of a text is one of ours: our account wrote it, or the store
    /// drew its key.
    fn trusts(&self, ours: bool, text: &str) -> Result<bool, StoreError> {
        if ours {
            return Ok(true);
        }
        match marker::keys(text).last() {
            Some(key) => self.pass.store.drew(key),
            None => Ok(false),
        }
    }

    fn facts(&self, number: IssueNumber, ours: bool, text: &str) -> Result<TextFacts, StoreError> {
        let trusted = self.trusts(ours, text)?;
        let mut attachments = Vec::new();
        for link in rewrite::destinations(text) {
            if self.pass.source.is_attachment(number, link)
                && !attachments.iter().any(|known| known == link)
            {
                attachments.push(link.to_owned());
            }
        }
        Ok(TextFacts {
            trusted,
            attachments,
        })
    }

    fn draft<'t>(&self, thread: &'t Thread) -> Result<Way<'t>, StoreError> {
        let issue = &thread.issue;
        let setting = self.setting();
        let facts = self.facts(issue.number, issue.ours, &issue.text)?;
        let draft = draft::draft(issue, &facts, setting);
        let mut hidden = BTreeSet::new();
        let mut comments = Vec::new();
        if self.pass.policy.comments {
            let facts = thread
                .comments
                .iter()
                .map(|comment| self.facts(issue.number, comment.ours, &comment.text))
                .collect::<Result<Vec<_>, _>>()?;
            comments = draft::draft_comments(thread, &facts, setting);
        }
        for comment in &thread.comments {
            if !draft::may_be_seen(comment, setting) {
                hidden.insert(comment.id);
            }
        }
        self.books
            .count(|tally| tally.comments.skipped += hidden.len() as u64);
        Ok(Way {
            thread,
            draft,
            comments,
            hidden,
            written: Written::Nothing,
        })
    }

    async fn create(&self, way: &mut Way<'_>, turn: Option<Turn>) -> Result<End, Trouble> {
        let issue = &way.thread.issue;
        if self.pass.options.dry_run {
            if !self.take_budget() {
                return Ok(End::Left);
            }
            self.plan_create(way);
            return Ok(End::Created);
        }
        let carried = self
            .carry_attachments(issue, &way.draft.text.attachments)
            .await?;
        if let Some(turn) = &turn {
            turn.wait().await;
        }
        if self.pass.stop.is_asked() {
            return Err(Trouble::Stopped);
        }
        if !self.take_budget() {
            return Ok(End::Left);
        }
        let link = self.create_issue(way, &carried).await?;
        // The next issue may be created while this one goes on.
        drop(turn);
        let created = self.pass.target.capabilities().on_create;
        self.fields(link, way, created).await?;
        self.comments(link, way, true).await?;
        self.settle(link, issue)?;
        Ok(End::Created)
    }

    async fn update(
        &self,
        link: LinkId,
        state: LinkState,
        way: &mut Way<'_>,
    ) -> Result<End, Trouble> {
        let issue = &way.thread.issue;
        let begun = self.pass.store.issue_link(link)?;
        // What was begun is finished, also where nothing else follows the source.
        let follow = self.pass.policy.update_existing || begun.settled.is_none();
        if self.pass.options.dry_run {
            return Ok(self.plan_update(link, way, follow)?);
        }
        if state == LinkState::Hidden {
            let shown = self.show(link, way).await;
            if self.gone(link, shown).await? {
                return Ok(End::Skipped(SkipReason::Gone));
            }
        }
        if follow {
            let fields = self.fields(link, way, &[]).await;
            if self.gone(link, fields).await? {
                return Ok(End::Skipped(SkipReason::Gone));
            }
        }
        let comments = self.comments(link, way, follow).await;
        if self.gone(link, comments).await? {
            return Ok(End::Skipped(SkipReason::Gone));
        }
        self.settle(link, issue)?;
        Ok(match way.written {
            Written::Nothing => End::Unchanged,
            _ => End::Updated,
        })
    }

    /// Remembers that a counterpart is not there any more.
    pub(super) fn note_gone(&self, link: LinkId) {
        self.gone
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(link);
    }

    /// Believes that counterparts were deleted, unless it is all of them: a project that looks empty
    /// is rather the wrong one, or one that cannot be read (P13). Answers whether it was believed.
    pub(super) fn settle_gone(&self) -> Result<bool, StoreError> {
        let gone = std::mem::take(&mut *self.gone.lock().unwrap_or_else(PoisonError::into_inner));
        let links = self.pass.store.active_links(self.pair)?;
        if gone.len() >= 2 && gone.len() as u64 == links {
            return Ok(false);
        }
        for link in &gone {
            self.pass.store.set_issue_state(*link, LinkState::Gone)?;
        }
        self.books.count(|tally| tally.gone += gone.len() as u64);
        Ok(true)
    }

    /// Leaves a counterpart as it is whose original left the selection; only a comment that must not
    /// be seen any more is taken away (P7).
    async fn keep(
        &self,
        link: LinkId,
        thread: &Thread,
        written: &mut Written,
    ) -> Result<End, Trouble> {
        let mut way = self.draft(thread)?;
        if self.pass.options.dry_run {
            return Ok(match self.plan_update(link, &way, false)? {
                End::Unchanged => End::Skipped(SkipReason::Filtered),
                planned => planned,
            });
        }
        let taken_away = self.comments(link, &mut way, false).await;
        *written = way.written;
        if self.gone(link, taken_away).await? {
            return Ok(End::Skipped(SkipReason::Gone));
        }
        self.settle(link, &thread.issue)?;
        Ok(match way.written {
            Written::Nothing => End::Skipped(SkipReason::Filtered),
            _ => End::Updated,
        })
    }

    /// Takes one create from the budget, if there is a budget and anything is left of it.
    fn take_budget(&self) -> bool {
        let Some(left) = &self.creates_left else {
            return true;
        };
        let taken = left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            })
            .is_ok();
        if !taken {
            self.budget_used_up.store(true, Ordering::Relaxed);
        }
        taken
    }

    /// Notes that an issue is in step.
    pub(super) fn settle(&self, link: LinkId, issue: &Issue) -> Result<(), StoreError> {
        self.pass
            .store
            .settle(link, self.step(issue), &issue.location)
    }

    fn step(&self, issue: &Issue) -> Digest {
        settled(issue.version, self.plan.settings)
    }
}
