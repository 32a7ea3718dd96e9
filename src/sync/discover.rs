//! Which issues must be looked at.

use super::failure::{Cause, FailedAt, Failure};
use super::recover::Held;
use super::tally::Books;
use super::{Abort, Pass, listing};
use crate::model::{
    Cursor, Digest, IssueId, IssueLink, IssueNumber, LinkState, Listed, Listing, Mode, Retry,
    Timestamp, Version,
};
use crate::plan::selection::{Baseline, SkipReason};
use crate::store::{LinkHead, PairRow};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a pass is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) mode: Mode,
    pub(super) baseline: Baseline,
    /// Fingerprint of everything that shapes a draft.
    pub(super) settings: Digest,
    pub(super) now: Timestamp,
}

/// An issue that must be looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    pub(super) number: IssueNumber,
    /// Its version and the settings as one digest; `None` where only the number is known.
    pub(super) seen: Option<Version>,
    pub(super) link: Option<LinkHead>,
    pub(super) task: Task,
}

/// What is to be done with an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// Whatever is to be done.
    Carry,
    /// The source did not change: only the target is looked at, in a full pass.
    Verify,
    /// Nothing but what must not be seen any more: something else of it is not known yet.
    OnlyHide,
}

/// What a pass has to do.
#[derive(Debug)]
pub(super) struct Discovered {
    /// By number.
    pub(super) work: Vec<Work>,
    pub(super) cursor: Option<Cursor>,
    /// Every issue of the source was listed.
    pub(super) complete: bool,
}

/// What an issue is in step with: its version and the settings.
pub(super) fn settled(version: Version, settings: Digest) -> Digest {
    Digest::of_bytes([version.0.as_bytes(), settings.as_bytes()])
}

pub(super) async fn discover(
    pass: &Pass<'_>,
    row: &PairRow,
    plan: &Plan,
    held: &Held,
    books: &Books,
) -> Result<Discovered, Abort> {
    if let Some(number) = pass.options.issue {
        return one(pass, row, number, held, books);
    }
    // Other settings concern every issue, whether it changed or not (P10).
    let everything = plan.mode == Mode::Full || row.settings != Some(plan.settings);
    let since = row.cursor.clone().filter(|_| !everything);
    let listing = pass.source.changed(since).await.map_err(listing)?;
    let links = pass.store.link_heads(row.id)?;
    tracing::debug!(
        pair = pass.name,
        listed = listing.issues.len(),
        complete = listing.complete,
        links = links.len(),
        "source listed"
    );
    let alive = |link: &&LinkHead| matches!(link.state, LinkState::Active | LinkState::Hidden);
    let mirrored = links.values().filter(alive).count() as u64;
    // Nobody deletes everything; a disk or a right is missing (P13).
    if listing.complete
        && listing.issues.is_empty()
        && mirrored >= 2
        && pass.options.allow_deletions < mirrored
    {
        return Err(Abort::Pair(Failure::of_whole(
            FailedAt::List,
            Cause::SourceEmpty,
            format!(
                "{} has no issue any more, and {mirrored} of it are mirrored. Nothing was done. If they were all deleted, say so with --allow-deletions {mirrored}.",
                pass.source.project().name
            ),
        )));
    }
    let mut sieve = Sieve {
        vanished: mirrored,
        links,
        passed_over: pass.store.passed_over(row.id)?,
        taken_away: pass.store.taken_away(row.id)?,
        retries: pass
            .store
            .retries(row.id)?
            .into_iter()
            .map(|(retry, version)| (retry.number, (retry, version)))
            .collect(),
        plan,
        held,
        books,
        work: Vec::new(),
    };
    let Listing {
        issues,
        cursor,
        complete,
        warnings,
    } = listing;
    for listed in issues {
        sieve.listed(listed);
    }
    sieve.not_listed(pass, row, complete)?;
    if complete {
        let vanished = sieve.vanished;
        books.count(|tally| tally.vanished += vanished);
    }
    let mut work = sieve.work;
    work.sort_by_key(|work| work.number);
    books.count(|tally| tally.warnings.extend(warnings));
    Ok(Discovered {
        work,
        cursor,
        complete,
    })
}

/// One issue that was asked for, whatever is known of it.
fn one(
    pass: &Pass<'_>,
    row: &PairRow,
    number: IssueNumber,
    held: &Held,
    books: &Books,
) -> Result<Discovered, Abort> {
    let link = wanted_link(pass, row, number)?;
    books.count(|tally| tally.issues.seen += 1);
    let mut work = Vec::new();
    if link
        .as_ref()
        .is_some_and(|link| link.state == LinkState::Contested)
    {
        let retries = pass.store.retries(row.id)?;
        let why = retries
            .into_iter()
            .find(|(retry, _)| retry.number == number);
        books.count(|tally| {
            tally.issues.left += 1;
            tally.failures.push(Failure {
                number: Some(number),
                location: None,
                stage: FailedAt::Recover,
                error: why.map(|(retry, _)| retry.error).unwrap_or_default(),
                cause: Cause::Contested,
            });
        });
        return Ok(Discovered {
            work,
            cursor: None,
            complete: false,
        });
    }
    let task = if held.contains(number) {
        Task::OnlyHide
    } else {
        Task::Carry
    };
    if task == Task::OnlyHide && link.is_none() {
        books.count(|tally| tally.issues.left += 1);
    } else {
        work.push(Work {
            number,
            seen: None,
            link: link.as_ref().map(head),
            task,
        });
    }
    Ok(Discovered {
        work,
        cursor: None,
        complete: false,
    })
}

/// Looks for links again of issues that had none: meanwhile some were found on the target.
pub(super) fn link_again(
    pass: &Pass<'_>,
    row: &PairRow,
    work: &mut Vec<Work>,
    books: &Books,
) -> Result<(), Abort> {
    let mut left = 0;
    for work in work.iter_mut().filter(|work| work.link.is_none()) {
        work.link = wanted_link(pass, row, work.number)?.as_ref().map(head);
    }
    work.retain(|work| {
        let contested = |link: LinkHead| link.state == LinkState::Contested;
        let stays = !work.link.is_some_and(contested);
        left += u64::from(!stays);
        stays
    });
    books.count(|tally| tally.issues.left += left);
    Ok(())
}

/// The link of an issue. Whoever asks for one that was parted from its counterpart wants a new one.
fn wanted_link(
    pass: &Pass<'_>,
    row: &PairRow,
    number: IssueNumber,
) -> Result<Option<IssueLink>, Abort> {
    let link = pass.store.issue_link_of(row.id, number)?;
    let is_asked_for = pass.options.issue.is_some();
    Ok(link.filter(|link| !(is_asked_for && link.state == LinkState::Parted)))
}

fn head(link: &IssueLink) -> LinkHead {
    LinkHead {
        id: link.id,
        state: link.state,
        settled: link.settled,
    }
}

/// Takes out what need not be read.
struct Sieve<'a> {
    links: HashMap<IssueId, LinkHead>,
    passed_over: HashMap<IssueId, (String, Digest)>,
    /// Mirrored, and without counterpart as long as they must not be seen.
    taken_away: BTreeSet<IssueId>,
    retries: BTreeMap<IssueNumber, (Retry, Option<Version>)>,
    /// Mirrored issues that were not listed so far.
    vanished: u64,
    plan: &'a Plan,
    held: &'a Held,
    books: &'a Books,
    work: Vec<Work>,
}

/// What is to be done with an issue that was listed.
enum Fate {
    Work(Task),
    Unchanged,
    Skip(SkipReason),
    Left { dead: bool },
}

impl Sieve<'_> {
    fn listed(&mut self, listed: Listed) {
        let link = self.links.get(&listed.id).copied();
        if link.is_some_and(|link| matches!(link.state, LinkState::Active | LinkState::Hidden)) {
            self.vanished = self.vanished.saturating_sub(1);
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
                LinkState::Removed | LinkState::Leaving => Fate::Skip(SkipReason::Gone),
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
    fn not_listed(&mut self, pass: &Pass<'_>, row: &PairRow, complete: bool) -> Result<(), Abort> {
        for (number, (retry, version)) in std::mem::take(&mut self.retries) {
            if complete {
                // It is not there any more, so there is nothing to try again.
                pass.store.unqueue(row.id, number)?;
                continue;
            }
            self.books.count(|tally| tally.issues.seen += 1);
            if retry.dead || self.plan.now < retry.next_at || self.held.contains(number) {
                self.books.count(|tally| {
                    tally.issues.left += 1;
                    tally.left_dead += u64::from(retry.dead);
                });
                continue;
            }
            let link = pass.store.issue_link_of(row.id, number)?;
            self.work.push(Work {
                number,
                seen: version,
                link: link.as_ref().map(head),
                task: Task::Carry,
            });
        }
        Ok(())
    }
}
