//! The way of one issue: chosen (`choice`), drafted (`drafts`), planned, and handed to what carries it out
//! (`create`, `update`), as long as nothing ends the pass (`limits`). `ends` counts how it ended.

mod choice;
mod create;
mod drafts;
mod ends;
mod limits;
mod update;

use super::Pass;
use super::assignees::AssigneeBook;
use super::discover::{Plan, Task, Work, settled};
use super::failure::{At, Trouble};
use super::heard::Abilities;
use super::hide;
use super::labels::LabelBook;
use super::milestones::MilestoneBook;
use super::preview::Trial;
use super::rebuild::Unmarked;
use super::tally::{Books, PlannedAction};
use super::turns::Turn;
use crate::forge::ForgeError;
use crate::model::{
    Capabilities, CommentId, Digest, Issue, IssueId, IssueNumber, LinkId, LinkState, Mode, Stage,
    Thread, Version,
};
use crate::plan::draft::{CommentDraft, Draft, Setting};
use crate::plan::footer::Ends;
use crate::plan::selection::{Choice, SkipReason};
use crate::store::{PairId, StoreError};
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
    /// Hidden counterparts, with the numbers of their originals, that need another file than they have.
    pub(super) without_file: Mutex<BTreeSet<(LinkId, IssueNumber)>>,
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

impl Written {
    /// What is there was changed; what was created in the same pass stays that.
    pub(super) fn changes(&mut self) {
        if *self == Self::Nothing {
            *self = Self::Changed;
        }
    }
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
            without_file: Mutex::default(),
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

    pub(super) fn lock_vouched(&self) -> MutexGuard<'_, BTreeSet<IssueId>> {
        self.vouched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Chooses what becomes of an issue, and has it done.
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
