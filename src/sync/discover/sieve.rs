//! Leaves out what need not be read: what is in step, what waits for another try, what only a person can end.

use super::{Plan, Task, Work, head, settled, wanted_link};
use crate::model::{Digest, IssueId, IssueNumber, LinkId, LinkState, Listed, Mode, Retry, Version};
use crate::plan::selection::SkipReason;
use crate::store::{LinkHead, PairRow, Vanished};
use crate::sync::recover::Held;
use crate::sync::tally::Books;
use crate::sync::{Abort, Pass};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Takes out what need not be read.
pub(super) struct Sieve<'a> {
    pub(super) links: HashMap<IssueId, LinkHead>,
    pub(super) passed_over: HashMap<IssueId, (String, Digest)>,
    /// Mirrored, and without counterpart as long as they must not be seen.
    pub(super) taken_away: BTreeSet<IssueId>,
    /// Seen without anything of ours in it, because the target did not hide it; in a full pass.
    pub(super) withdrawn: BTreeSet<LinkId>,
    pub(super) retries: BTreeMap<IssueNumber, (Retry, Option<Version>)>,
    /// Mirrored issues that were not listed so far.
    pub(super) unlisted: HashSet<LinkId>,
    /// What is known of originals that vanished before.
    pub(super) known: HashMap<LinkId, Vanished>,
    /// Of them, what is to be tried again.
    pub(super) again: Vec<LinkId>,
    pub(super) plan: &'a Plan,
    pub(super) held: &'a Held,
    pub(super) books: &'a Books,
    pub(super) work: Vec<Work>,
}

/// What is to be done with an issue that was listed.
enum Fate {
    Work(Task),
    Unchanged,
    Skip(SkipReason),
    Left { dead: bool },
}

impl Sieve<'_> {
    /// Looks at an issue. Answers its link if it had vanished.
    pub(super) fn listed(&mut self, listed: Listed) -> Option<LinkId> {
        let link = self.links.get(&listed.id).copied();
        let back = link.filter(|link| self.known.remove(&link.id).is_some());
        // One whose counterpart we deleted gets a new one.
        let link = link.filter(|link| link.state != LinkState::Removed);
        if let Some(link) = link {
            self.unlisted.remove(&link.id);
        }
        let fate = self.fate(listed, link);
        self.books.count(|tally| {
            tally.issues.seen += 1;
            match fate {
                Fate::Work(_) => {}
                Fate::Unchanged => tally.issues.unchanged += 1,
                Fate::Skip(reason) => tally.skip(reason),
                Fate::Left { dead } => {
                    tally.issues.left += 1;
                    tally.left_dead += u64::from(dead);
                }
            }
        });
        if let Fate::Work(task) = fate {
            self.work.push(Work {
                number: listed.number,
                seen: Some(Version(settled(listed.version, self.plan.settings))),
                link,
                task,
            });
        }
        back.map(|link| link.id)
    }

    fn fate(&mut self, listed: Listed, link: Option<LinkHead>) -> Fate {
        let retry = self.retries.remove(&listed.number);
        let step = settled(listed.version, self.plan.settings);
        if link.is_some_and(|link| link.state == LinkState::Contested) {
            // Told when it was found out; only a person can end it.
            return Fate::Left { dead: true };
        }
        if self.held.contains(listed.number) {
            return match link {
                Some(_) => Fate::Work(Task::OnlyHide),
                None => Fate::Left { dead: false },
            };
        }
        if let Some((retry, version)) = retry {
            // The issue or the settings changed since it failed: another chance at once.
            let same = version == Some(Version(step));
            if same && retry.dead {
                return Fate::Left { dead: true };
            }
            if same && self.plan.now < retry.next_at {
                return Fate::Left { dead: false };
            }
            return Fate::Work(Task::Carry);
        }
        if let Some(link) = link {
            return match link.state {
                // It is back, and nobody knows yet whether the counterpart was deleted.
                LinkState::Leaving => Fate::Work(Task::Carry),
                LinkState::Removed => Fate::Skip(SkipReason::Gone),
                LinkState::Parted => Fate::Skip(SkipReason::Parted),
                LinkState::Contested => Fate::Left { dead: true },
                // Looked for again when the original changes, and by a full pass.
                LinkState::Gone
                    if self.plan.mode != Mode::Full && self.was_passed_over(listed.id, step) =>
                {
                    Fate::Skip(SkipReason::Gone)
                }
                LinkState::Gone => Fate::Work(Task::Carry),
                _ if link.settled != Some(step) => Fate::Work(Task::Carry),
                LinkState::Hidden if self.withdrawn.contains(&link.id) => Fate::Work(Task::Carry),
                LinkState::Hidden => Fate::Skip(self.hidden_because(listed.id)),
                LinkState::Active if self.plan.mode == Mode::Full => Fate::Work(Task::Verify),
                LinkState::Active => Fate::Unchanged,
            };
        }
        let is_older = self.plan.baseline.surely_excludes(listed.id, listed.number);
        if is_older && !self.taken_away.contains(&listed.id) {
            return Fate::Skip(SkipReason::Baseline);
        }
        match self.passed_over.get(&listed.id) {
            Some((reason, seen)) if *seen == step => match SkipReason::from_word(reason) {
                Some(reason) => Fate::Skip(reason),
                None => Fate::Work(Task::Carry),
            },
            _ => Fate::Work(Task::Carry),
        }
    }

    fn was_passed_over(&self, issue: IssueId, step: Digest) -> bool {
        let known = self.passed_over.get(&issue);
        known.is_some_and(|(_, seen)| *seen == step)
    }

    /// Why a counterpart is hidden.
    fn hidden_because(&self, issue: IssueId) -> SkipReason {
        let known = self.passed_over.get(&issue);
        known
            .and_then(|(reason, _)| SkipReason::from_word(reason))
            .unwrap_or(SkipReason::Confidential)
    }

    /// Issues that failed before and did not change since.
    pub(super) fn not_listed(
        &mut self,
        pass: &Pass<'_>,
        row: &PairRow,
        complete: bool,
    ) -> Result<(), Abort> {
        let mut believed: BTreeMap<IssueNumber, LinkId> = BTreeMap::new();
        for (link, how) in &self.known {
            if let Vanished::Believed(number) = how {
                believed.insert(*number, *link);
            }
        }
        for (number, (retry, version)) in std::mem::take(&mut self.retries) {
            let waits = retry.dead || self.plan.now < retry.next_at || self.held.contains(number);
            if believed.contains_key(&number) {
                if waits {
                    believed.remove(&number);
                    self.waits(retry.dead);
                }
                continue;
            }
            if complete {
                // It is not there any more, so there is nothing to try again.
                pass.store.unqueue(row.id, number)?;
                continue;
            }
            if waits {
                self.waits(retry.dead);
                continue;
            }
            self.books.count(|tally| tally.issues.seen += 1);
            let link = wanted_link(pass, row, number)?;
            self.work.push(Work {
                number,
                seen: version,
                link: link.as_ref().map(head),
                task: Task::Carry,
            });
        }
        let held = |number: &IssueNumber| self.held.contains(*number);
        believed.retain(|number, _| !held(number));
        self.again = believed.into_values().collect();
        Ok(())
    }

    /// Counts an issue that waits for another try.
    fn waits(&self, dead: bool) {
        self.books.count(|tally| {
            tally.issues.seen += 1;
            tally.issues.left += 1;
            tally.left_dead += u64::from(dead);
        });
    }
}
