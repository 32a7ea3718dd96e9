//! The way of one issue: chosen, drafted, planned, and handed to what carries it out.

use super::apply::draw_key;
use super::assignees::AssigneeBook;
use super::counterpart::read_one;
use super::discover::{Plan, Task, Work, settled};
use super::failure::{At, Cause, FailedAt, Failure, Trouble, cause};
use super::heard::Abilities;
use super::hide;
use super::labels::LabelBook;
use super::milestones::MilestoneBook;
use super::preview::Trial;
use super::rebuild::{self, Unmarked};
use super::tally::{Books, PlannedAction};
use super::turns::Turn;
use super::{Abort, Pass};
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{
    Capabilities, CommentId, Digest, Field, Issue, IssueId, IssueNumber, LinkId, LinkState, Mode,
    Stage, Thread, Version,
};
use crate::plan::draft::{self, CommentDraft, Draft, Setting, TextFacts};
use crate::plan::footer::Ends;
use crate::plan::opaque;
use crate::plan::selection::{self, Baseline, Choice, SkipReason};
use crate::store::{NewLink, PairId, StoreError};
use crate::text::{marker, rewrite};
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Carries the issues of one pass, several at a time.
pub(super) struct Carrier<'a> {
    pub(super) pass: &'a Pass<'a>,
    pub(super) pair: PairId,
    pub(super) plan: Plan,
    pub(super) abilities: Abilities,
    pub(super) books: &'a Books,
    pub(super) labels: LabelBook,
    pub(super) milestones: MilestoneBook,
    pub(super) assignees: AssigneeBook,
    /// Links are made one at a time, so that not both ends make the same one.
    pub(super) linking: tokio::sync::Mutex<()>,
    /// Uploads happen one at a time.
    pub(super) uploads: tokio::sync::Mutex<()>,
    /// What the target has, in a full pass: an issue that is as it was need not be read.
    pub(super) there: HashMap<IssueId, Version>,
    /// After a guard stopped the pass: only what must not be seen any more is taken away (P7).
    pub(super) privacy_only: bool,
    /// Issues of our account on the target that may have lost their marker.
    pub(super) unmarked: Unmarked,
    /// What the target did not keep of an issue is sent once more, also where nothing else of it is.
    pub(super) sends_again: bool,
    /// The store was lost a moment after a run: what that one sent may still be carried out, so nothing
    /// is created.
    pub(super) others_may_write: bool,
    /// Counterparts that are not there any more, with the numbers of their originals.
    pub(super) gone: Mutex<Vec<(LinkId, IssueNumber)>>,
    /// Issues of the source whose marker was trusted when their counterpart was written, although the
    /// store does not know it any more.
    pub(super) vouched: Mutex<BTreeSet<IssueId>>,
    /// When the pass is to end, where that is limited.
    deadline: Option<Instant>,
    /// How many issues may still be created, where that is limited.
    creates_left: Option<AtomicU64>,
    budget_used_up: AtomicBool,
    /// An issue was left in the middle, so what was left is not only what the counts say.
    cut_short: AtomicBool,
    /// What every other request would be refused for too.
    fatal: Mutex<Option<(Stage, ForgeError)>>,
    /// Counterparts that told where they came from until this pass.
    pub(super) unveiled: AtomicU64,
    /// What a trial run did not do.
    pub(super) trial: Trial,
    /// Comments that were deleted because their originals are not there any more.
    pub(super) deleted: AtomicU64,
    /// Whether the account of the source may see internal comments, once that was asked.
    pub(super) sees_internal: tokio::sync::OnceCell<bool>,
}

/// How the way of an issue ended.
pub(super) enum End {
    Created,
    Updated,
    Unchanged,
    Skipped(SkipReason),
    /// The counterpart is not there any more; whether that is believed turns out later.
    Gone,
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
    /// Comments of the source that members only see, carried or not.
    pub(super) internal: BTreeSet<CommentId>,
    pub(super) written: Written,
}

impl<'a> Carrier<'a> {
    pub(super) fn new(
        pass: &'a Pass<'a>,
        pair: PairId,
        plan: Plan,
        abilities: Capabilities,
        books: &'a Books,
    ) -> Self {
        Self {
            pass,
            pair,
            plan,
            abilities: Abilities::new(abilities),
            books,
            labels: LabelBook::default(),
            milestones: MilestoneBook::default(),
            assignees: AssigneeBook::default(),
            linking: tokio::sync::Mutex::default(),
            uploads: tokio::sync::Mutex::default(),
            there: HashMap::new(),
            privacy_only: false,
            unmarked: Unmarked::new(),
            sends_again: plan.mode == Mode::Full || pass.options.issue.is_some(),
            others_may_write: false,
            gone: Mutex::default(),
            vouched: Mutex::default(),
            deadline: pass.options.max_time.map(|time| Instant::now() + time),
            creates_left: pass.options.max_creates.map(AtomicU64::new),
            budget_used_up: AtomicBool::new(false),
            cut_short: AtomicBool::new(false),
            fatal: Mutex::default(),
            unveiled: AtomicU64::new(0),
            trial: Trial::default(),
            deleted: AtomicU64::new(0),
            sees_internal: tokio::sync::OnceCell::new(),
        }
    }

    pub(super) fn setting(&self) -> Setting<'_> {
        Setting {
            policy: self.pass.policy,
            target: self.abilities.now(),
            ends: Ends {
                source: self.pass.source.project(),
                target: self.pass.target.project(),
            },
        }
    }

    pub(super) fn time_is_up(&self) -> bool {
        self.deadline
            .is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Whether as many requests were made as were allowed.
    pub(super) fn requests_are_used_up(&self) -> bool {
        let made = self.pass.source.requests() + self.pass.target.requests();
        self.pass
            .options
            .max_requests
            .is_some_and(|allowed| made >= allowed)
    }

    /// Says what a change of the settings to `provenance: opaque` cannot take back.
    pub(super) fn tell_unveiled(&self) {
        let count = self.unveiled.load(Ordering::Relaxed);
        if count > 0 {
            self.books.count(|tally| {
                tally.warnings.push(format!(
                    "{count} mirrored issues told where they came from and do not any more. The history of edits on the target keeps the former texts, its notes on changes and its list of labels the name of the host: delete the label `Mirrored-From::…` there, and let an Owner delete what must not be read."
                ));
            });
        }
    }

    /// Whether no other issue is begun.
    pub(super) fn is_over(&self) -> bool {
        self.time_is_up() || self.requests_are_used_up() || self.lock_fatal().is_some()
    }

    pub(super) fn lock_vouched(&self) -> MutexGuard<'_, BTreeSet<IssueId>> {
        self.vouched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_fatal(&self) -> MutexGuard<'_, Option<(Stage, ForgeError)>> {
        self.fatal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing else is tried.
    pub(super) fn ends_with(&self, stage: Stage, error: ForgeError) {
        self.lock_fatal().get_or_insert((stage, error));
    }

    /// Why nothing else is tried; what was under way then came to its end.
    pub(super) fn take_fatal(&self) -> Option<(Stage, ForgeError)> {
        self.lock_fatal().take()
    }

    /// Whether nothing else is sent, also not for an issue that was begun.
    pub(super) fn ends_now(&self) -> bool {
        self.pass.stop.is_asked() || self.is_over()
    }

    /// Something is left in the middle.
    pub(super) fn was_stopped(&self) {
        self.cut_short.store(true, Ordering::Relaxed);
    }

    pub(super) fn was_cut_short(&self) -> bool {
        self.cut_short.load(Ordering::Relaxed)
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
        thread: Option<Result<Thread, ForgeError>>,
        turn: Option<Turn>,
    ) -> Result<(), Abort> {
        let read = thread.as_ref().and_then(|thread| thread.as_ref().ok());
        let location = read.map(|thread| thread.issue.location.clone());
        let seen = read.map(|thread| Version(self.step(&thread.issue)));
        let is_missing = matches!(&thread, Some(Err(error)) if error.kind == ErrorKind::NotFound);
        let mut written = Written::Nothing;
        let end = if self.pass.stop.is_asked() {
            Err(Trouble::Stopped)
        } else if self.is_over() {
            Ok(End::Left)
        } else {
            self.way(&work, thread, turn, &mut written).await
        };
        match end {
            Ok(end) => {
                if !matches!(end, End::Left | End::Gone) {
                    self.pass.store.unqueue(self.pair, work.number)?;
                }
                self.books.count(|tally| match end {
                    End::Created => tally.issues.created += 1,
                    End::Updated => tally.issues.updated += 1,
                    End::Unchanged => tally.issues.unchanged += 1,
                    End::Skipped(reason) => tally.skip(reason),
                    // Counted once it is known whether it is believed.
                    End::Gone => {}
                    End::Left => tally.issues.left += 1,
                });
                Ok(())
            }
            Err(Trouble::Store(error)) => Err(error.into()),
            Err(
                Trouble::Stopped
                | Trouble::Issue(
                    _,
                    ForgeError {
                        kind: ErrorKind::Interrupted,
                        ..
                    },
                ),
            ) => {
                self.cut_short.store(true, Ordering::Relaxed);
                self.books.count(|tally| match written {
                    Written::Nothing => tally.issues.left += 1,
                    Written::Created => tally.issues.created += 1,
                    Written::Changed => tally.issues.updated += 1,
                });
                Ok(())
            }
            // Every other request would be refused alike.
            Err(Trouble::Issue(stage, error))
                if matches!(error.kind, ErrorKind::Token | ErrorKind::Moved) =>
            {
                self.lock_fatal().get_or_insert((stage, error));
                self.books.count(|tally| match written {
                    Written::Nothing => tally.issues.left += 1,
                    Written::Created => tally.issues.created += 1,
                    Written::Changed => tally.issues.updated += 1,
                });
                Ok(())
            }
            Err(Trouble::Issue(stage, error)) => {
                if is_missing && self.is_deleted(work.number, &error)? {
                    self.pass.store.unqueue(self.pair, work.number)?;
                    self.books.count(|tally| {
                        // As if it had not been listed any more.
                        tally.issues.seen -= 1;
                        tally.vanished += u64::from(work.link.is_some());
                    });
                    return Ok(());
                }
                let seen = seen.or(work.seen);
                self.failed(work.number, location, seen, stage, &error, written)
            }
        }
    }

    /// Whether an issue of the source that cannot be found was deleted behind the listing: never on
    /// one answer alone, but when a later pass, with a project that is well, hears the same again.
    fn is_deleted(&self, number: IssueNumber, error: &ForgeError) -> Result<bool, StoreError> {
        let before = self.pass.store.said(self.pair, number)?;
        Ok(before.is_some_and(|before| before == error.to_string()))
    }

    /// Queues an issue that failed for a later pass.
    fn failed(
        &self,
        number: IssueNumber,
        location: Option<String>,
        seen: Option<Version>,
        stage: Stage,
        error: &ForgeError,
        written: Written,
    ) -> Result<(), Abort> {
        let said = error.to_string();
        // An issue that was asked for and never was is nothing to try again.
        let never_was = seen.is_none()
            && error.kind == ErrorKind::NotFound
            && self.pass.options.issue.is_some();
        if !never_was {
            let now = (self.pass.clock)();
            let store = self.pass.store;
            store.queue(self.pair, number, seen, stage, &said, now)?;
        }
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
                cause: if never_was {
                    Cause::NoSuchIssue
                } else {
                    cause(error)
                },
            });
        });
        Ok(())
    }

    async fn way(
        &self,
        work: &Work,
        thread: Option<Result<Thread, ForgeError>>,
        turn: Option<Turn>,
        written: &mut Written,
    ) -> Result<End, Trouble> {
        if let (Some(link), Task::Verify | Task::SendAgain) = (work.link, work.task) {
            let end = self.verify(link.id).await?;
            if work.task == Task::Verify || matches!(end, End::Gone) {
                return Ok(end);
            }
        }
        let Some(thread) = thread else {
            return Ok(End::Left);
        };
        let thread = thread.at(Stage::Read)?;
        let issue = &thread.issue;
        let linked = match work.link {
            Some(link) if link.state == LinkState::Gone => {
                let Some(state) = self.look_again(link.id).await? else {
                    let (store, gone) = (self.pass.store, SkipReason::Gone);
                    store.pass_over(self.pair, issue.id, gone.word(), self.step(issue))?;
                    return Ok(End::Skipped(gone));
                };
                if link.settled == Some(self.step(issue)) {
                    return Ok(End::Unchanged);
                }
                Some((link.id, state))
            }
            Some(link) if link.state == LinkState::Leaving && work.task == Task::OnlyHide => {
                // What we sent to delete it may still arrive; until then nobody knows.
                return Ok(End::Left);
            }
            Some(link) if link.state == LinkState::Leaving => self.stayed(link.id).await?,
            Some(link) if link.state == LinkState::Parted => {
                return Ok(End::Skipped(SkipReason::Parted));
            }
            Some(link) => Some((link.id, link.state)),
            None => None,
        };
        if let Some((link, _)) = linked
            && self.choose(issue, true)? != Choice::Hide
        {
            let adopted = self.adopt(link, &thread).await;
            if self.gone(link, adopted).await? {
                return Ok(End::Gone);
            }
        }
        if self.privacy_only || work.task == Task::OnlyHide {
            return match linked {
                Some(linked) => self.only_hide(linked, &thread, written).await,
                None => Ok(End::Left),
            };
        }
        let mut choice = self.choose(issue, linked.is_some())?;
        if choice == Choice::Carry && linked.is_none() && self.is_marked_as_coming_back(&thread)? {
            choice = Choice::Skip(SkipReason::Loop);
        }
        match choice {
            Choice::Skip(reason) => {
                self.pass
                    .store
                    .pass_over(self.pair, issue.id, reason.word(), self.step(issue))?;
                self.planned(issue, PlannedAction::Skip(reason), |_| {});
                Ok(End::Skipped(reason))
            }
            Choice::Keep => match linked {
                Some((link, _)) => self.keep(link, &thread, written).await,
                None => self.stays_away(issue, SkipReason::Filtered),
            },
            Choice::Hide => match linked {
                Some((link, state)) => self.hide(link, state, issue, written).await,
                None => self.stays_away(issue, hide::reason(issue)),
            },
            Choice::Carry => match linked {
                None => {
                    let mut way = self.draft(&thread).await?;
                    let end = self.create(&mut way, turn).await;
                    *written = way.written;
                    end
                }
                Some((link, state)) => self.update(link, state, &thread, written).await,
            },
        }
    }

    /// Passes over an issue that has no counterpart and gets none for now.
    fn stays_away(&self, issue: &Issue, reason: SkipReason) -> Result<End, Trouble> {
        let (store, step) = (self.pass.store, self.step(issue));
        store.pass_over(self.pair, issue.id, reason.word(), step)?;
        Ok(End::Skipped(reason))
    }

    pub(super) fn choose(&self, issue: &Issue, linked: bool) -> Result<Choice, StoreError> {
        self.choose_from(issue, linked, self.plan.baseline)
    }

    /// The same with another beginning of the pair.
    pub(super) fn choose_from(
        &self,
        issue: &Issue,
        linked: bool,
        baseline: Baseline,
    ) -> Result<Choice, StoreError> {
        let trusted = self.trusts(issue.ours, &issue.text, issue.id, None)?;
        let (source, target) = (self.pass.source.project(), self.pass.target.project());
        let seal = self.pass.policy.seal.as_ref();
        // What somebody else wrote and a pair joined the other way has no marker in its text.
        let comes_back = selection::comes_back(issue, trusted, source, target, seal)
            || self
                .pass
                .store
                .is_counterpart(&target.key, &source.key, issue.id)?;
        // What had a counterpart before it had to be hidden is mirrored, however old it is.
        let linked = linked || self.pass.store.was_taken_away(self.pair, issue.id)?;
        Ok(selection::choose(
            issue,
            self.pass.policy,
            self.abilities.now(),
            baseline,
            linked,
            comes_back,
        ))
    }

    /// Whether a comment of ours says that an issue of somebody else is the counterpart of one of the
    /// target: the store may not know.
    pub(super) fn is_marked_as_coming_back(&self, thread: &Thread) -> Result<bool, StoreError> {
        let (issue, target) = (thread.issue.id, self.pass.target.project());
        let seal = self.pass.policy.seal.as_ref();
        for comment in &thread.comments {
            let trusted = self.trusts(comment.ours, &comment.text, issue, Some(comment.id))?;
            if selection::marks_as_coming_back(comment, trusted, target, seal) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the marker at the end of a text is one of ours: our account wrote it, or the store
    /// drew its key for this very issue or comment.
    fn trusts(
        &self,
        ours: bool,
        text: &str,
        issue: IssueId,
        comment: Option<CommentId>,
    ) -> Result<bool, StoreError> {
        if ours {
            return Ok(true);
        }
        let project = &self.pass.source.project().key;
        match marker::keys(text).last() {
            Some(key) => self.pass.store.drew(key, project, issue, comment),
            None => Ok(false),
        }
    }

    pub(super) async fn draft<'t>(&self, thread: &'t Thread) -> Result<Way<'t>, Trouble> {
        let (draft, comments) = self.drafts(thread, self.pass.policy.comments).await?;
        let setting = self.setting();
        let internal = thread.comments.iter().filter(|comment| comment.internal);
        let stay = thread
            .comments
            .iter()
            .filter(|comment| !draft::may_be_seen(comment, setting));
        let stay = stay.count() as u64;
        if self.pass.policy.opaque {
            self.hear_of_source(thread.issue.number, &draft, &comments);
        }
        self.books.count(|tally| tally.comments.skipped += stay);
        Ok(Way {
            thread,
            draft,
            comments,
            internal: internal.map(|comment| comment.id).collect(),
            written: Written::Nothing,
        })
    }

    /// Tells that a text names the source, which stays as its author wrote it.
    fn hear_of_source(&self, number: IssueNumber, draft: &Draft, comments: &[CommentDraft]) {
        let texts = comments.iter().map(|comment| comment.text.source.as_str());
        let mut texts = texts.chain([draft.title.as_str(), draft.text.source.as_str()]);
        if texts.any(|text| opaque::tells(text, self.pass.source.project())) {
            self.source_is_named(number);
        }
    }

    /// Asks the target where it looks for commands, if a text has any for which that matters.
    async fn learn_commands(&self, thread: &Thread, talks: bool) -> Result<(), Trouble> {
        let target = self.pass.target;
        let comments = thread.comments.iter().filter(|_| talks);
        let mut texts = std::iter::once(&thread.issue.text).chain(comments.map(|one| &one.text));
        let matters = target.capabilities().acts.quick_actions
            && texts.any(|text| rewrite::has_commands_anywhere(text));
        if matters {
            target.learn_commands().await.at(Stage::Update)?;
            self.abilities.learn(target.capabilities().acts);
        }
        Ok(())
    }

    pub(super) fn source_is_named(&self, number: IssueNumber) {
        let why = "a text names the host or the path of the source, and stays as its author wrote it; edit it there";
        self.books
            .count(|tally| tally.not_carried(number, "provenance", why));
    }

    /// What the counterpart of an issue and those of its comments should hold. `talks`: comments
    /// too.
    pub(super) async fn drafts(
        &self,
        thread: &Thread,
        talks: bool,
    ) -> Result<(Draft, Vec<CommentDraft>), Trouble> {
        let issue = &thread.issue;
        self.learn_commands(thread, talks).await?;
        let setting = self.setting();
        let vouched = self.lock_vouched().contains(&issue.id);
        let (milestone, milestone_withheld) = self.milestone(issue).await?;
        let facts = TextFacts {
            trusted: vouched || self.trusts(issue.ours, &issue.text, issue.id, None)?,
            attachments: self.linked_files(issue.number, &issue.text).await?,
            addresses: self.addresses(issue.number, &issue.text),
            milestone,
            milestone_withheld,
            assigned: self.assigned(issue).await?,
            listed: self.listed(issue).await?,
        };
        let policy = self.pass.policy;
        let veiled = policy.opaque.then(|| opaque::veil(thread, policy));
        let shown = veiled.as_ref().unwrap_or(thread);
        let mut draft = draft::draft(&shown.issue, &facts, setting);
        self.lead(&mut draft)?;
        let mut comments = Vec::new();
        if talks {
            let mut facts = Vec::new();
            for comment in &thread.comments {
                let by_same = comment.author.username == issue.author.username;
                let (ours, text) = (comment.ours || vouched && by_same, &comment.text);
                facts.push(TextFacts {
                    trusted: self.trusts(ours, text, issue.id, Some(comment.id))?,
                    attachments: self.linked_files(issue.number, text).await?,
                    addresses: self.addresses(issue.number, text),
                    ..TextFacts::default()
                });
            }
            comments = draft::draft_comments(shown, &facts, setting);
            self.lead_comments(&mut comments)?;
        }
        Ok((draft, comments))
    }

    /// Whether an issue of the target may be the counterpart that lost its marker; then nothing is
    /// made, and a person decides.
    fn may_be_there(&self, way: &Way<'_>) -> Result<bool, StoreError> {
        let Some(places) = self.unmarked.get(&way.draft.title) else {
            return Ok(false);
        };
        let Some(place) = places.first() else {
            return Ok(false);
        };
        let issue = &way.thread.issue;
        let numbers: Vec<String> = places.iter().map(|p| format!("#{}", p.number)).collect();
        let why = format!(
            "{} of the target has its title and no marker; it may have been deleted there",
            numbers.join(" or ")
        );
        let link = NewLink {
            source_id: issue.id,
            source_number: issue.number,
            target_id: place.id,
            target_number: place.number,
            key: &draw_key(),
            source_location: &issue.location,
            target_location: &place.location,
        };
        rebuild::contest(self.pass, self.pair, &link, &why, self.books)?;
        Ok(true)
    }

    async fn create(&self, way: &mut Way<'_>, turn: Option<Turn>) -> Result<End, Trouble> {
        let issue = &way.thread.issue;
        if let Some(turn) = &turn {
            turn.wait().await;
        }
        if self.ends_now() {
            return Err(Trouble::Stopped);
        }
        if self.may_be_there(way)? || self.waits_for_others() {
            return Ok(End::Left);
        }
        if issue.confidential && !self.abilities.now().keeps_confidential() {
            // It was found out while this issue waited for its turn.
            return self.stays_away(issue, SkipReason::Confidential);
        }
        if !self.take_budget() {
            return Ok(End::Left);
        }
        if self.pass.options.dry_run {
            self.plan_create(way).await?;
            return Ok(End::Created);
        }
        let files = &way.draft.text.attachments;
        let carried = self
            .carry_attachments(issue, files, issue.confidential)
            .await?;
        // Those before it have their numbers by now.
        self.lead(&mut way.draft)?;
        let link = self.create_issue(way, &carried).await?;
        if issue.confidential {
            self.must_be_kept(link).await?;
        }
        // The next issue may be created while this one goes on.
        drop(turn);
        // What was lost meanwhile is not written at all.
        let created = self.pass.target.capabilities().on_create;
        self.fields(link, way, created).await?;
        // Earlier ones were created meanwhile, and this one.
        self.lead_comments(&mut way.comments)?;
        self.comments(link, way, true).await?;
        self.lock(link, way).await?;
        self.note_references(link, way)?;
        self.note_withheld(link, way)?;
        self.relations(link, way).await?;
        self.settle(link, issue)?;
        Ok(End::Created)
    }

    async fn update(
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

    async fn bring_up_to_date(
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
    async fn find_comments_again(&self, link: LinkId) -> Result<(), Trouble> {
        let links = self.pass.store.comment_links(link)?;
        if links.iter().any(|link| link.state == LinkState::Gone) {
            let number = self.pass.store.issue_link(link)?.target_number;
            let thread = read_one(self.pass.target, number).await;
            self.revive_comments(link, &thread.at(Stage::Comment)?)?;
        }
        Ok(())
    }

    async fn follow(
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
    async fn lock(&self, link: LinkId, way: &mut Way<'_>) -> Result<(), Trouble> {
        if !locks(way) {
            return Ok(());
        }
        let mut others = Field::ALL.to_vec();
        others.retain(|field| *field != Field::Locked);
        self.fields(link, way, &others).await
    }

    /// Leaves a counterpart as it is whose original left the selection; only a comment that must not
    /// be seen any more is taken away (P7).
    async fn keep(
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
    fn leaves_selection(&self, link: LinkId) -> Result<(), StoreError> {
        let left = self.pass.store.set_outside(link, true)?;
        self.books
            .count(|tally| tally.left_selection += u64::from(left));
        Ok(())
    }

    /// Whether nothing is created yet, because a run that nobody remembers may still be at it.
    pub(super) fn waits_for_others(&self) -> bool {
        if self.others_may_write && !self.cut_short.swap(true, Ordering::Relaxed) {
            self.books.count(|tally| {
                tally.failures.push(Failure::of_whole(
                    FailedAt::Recover,
                    Cause::JustLost,
                    "mirrored issues changed on the target a moment ago, and the store knows nothing of it; what was sent may still be carried out there, so nothing was created".to_owned(),
                ));
            });
        }
        self.others_may_write
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

    /// Notes that an issue is in step. Where the target turned out to keep less than was thought, it is
    /// in step with no settings that a later pass may have.
    pub(super) fn settle(&self, link: LinkId, issue: &Issue) -> Result<(), StoreError> {
        let mut step = self.step(issue);
        if self.abilities.are_less() {
            step = Digest::of([step.hex().as_str(), "less"]);
        }
        self.pass.store.settle(link, step, &issue.location)
    }

    pub(super) fn step(&self, issue: &Issue) -> Digest {
        settled(issue.version, self.plan.settings)
    }
}

/// Whether the counterpart is to be locked.
fn locks(way: &Way<'_>) -> bool {
    way.draft.values.locked == Some(true)
}
