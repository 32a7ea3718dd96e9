//! Which issues must be looked at.

mod asked_for;
mod sieve;

use self::sieve::Sieve;
use super::failure::{Cause, FailedAt, Failure};
use super::recover::Held;
use super::tally::Books;
use super::withdraw::withdrawn;
use super::{Abort, Pass, listing};
use crate::model::{
    Cursor, Digest, Field, IssueLink, IssueNumber, LinkId, LinkState, Listing, Mode, Timestamp,
    Version,
};
use crate::plan::selection::Baseline;
use crate::store::{LinkHead, PairRow, Vanished};
use std::collections::{BTreeSet, HashSet};

/// What a pass is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) mode: Mode,
    /// There was a first pass, or the settings say where the pair begins.
    pub(super) has_begun: bool,
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
    /// The same; then what the target did not keep is sent once more.
    SendAgain,
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
    /// Mirrored issues that were not.
    pub(super) vanished: Missing,
}

/// Mirrored issues that seem not to be there any more.
#[derive(Debug, Default)]
pub(super) struct Missing {
    /// Not listed by a full pass that listed everything.
    pub(super) new: Vec<LinkId>,
    /// Believed before, and something is left to do.
    pub(super) again: Vec<LinkId>,
    /// What is mirrored, without those of which all is done.
    pub(super) of: Mirrored,
    /// The source listed nothing at all.
    pub(super) emptied: bool,
    /// A full pass listed everything, so that nothing else is missing.
    pub(super) whole: bool,
}

/// How many issues are mirrored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mirrored {
    pub(super) all: u64,
    /// Of them, those that were when it was last settled what vanished, or when the brake stopped
    /// since.
    pub(super) before: u64,
    /// The last of those.
    pub(super) until: LinkId,
    /// The newest.
    pub(super) newest: LinkId,
}

impl Default for Mirrored {
    fn default() -> Self {
        Self {
            all: 0,
            before: 0,
            until: LinkId(0),
            newest: LinkId(0),
        }
    }
}

impl Mirrored {
    fn of(links: &HashSet<LinkId>, until: LinkId) -> Self {
        Self {
            all: links.len() as u64,
            before: links.iter().filter(|link| link.0 <= until.0).count() as u64,
            until,
            newest: links.iter().max().copied().unwrap_or(LinkId(0)),
        }
    }
}

/// What an issue is in step with: its version and the settings.
pub(super) fn settled(version: Version, settings: Digest) -> Digest {
    Digest::of_bytes([version.0.as_bytes(), settings.as_bytes()])
}

/// Finds out what a pass has to do.
pub(super) async fn discover(
    pass: &Pass<'_>,
    row: &PairRow,
    plan: &Plan,
    held: &Held,
    books: &Books,
) -> Result<Discovered, Abort> {
    if let Some(number) = pass.options.issue {
        return asked_for::one(pass, row, number, held, books);
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
    let known = pass.store.vanished(row.id)?;
    let unlisted: HashSet<LinkId> = links
        .values()
        .filter(alive)
        .map(|link| link.id)
        .filter(|link| known.get(link) != Some(&Vanished::Done))
        .collect();
    let of = Mirrored::of(&unlisted, row.known_links);
    let mirrored = of.all;
    // Nobody deletes everything; a disk or a right is missing (P13).
    if listing.complete
        && listing.issues.is_empty()
        && mirrored >= 2
        && pass.options.allow_deletions < mirrored
    {
        pass.store.brake(row.id, of.newest)?;
        return Err(Abort::Pair(Failure::of_whole(
            FailedAt::List,
            Cause::SourceEmpty,
            format!(
                "{} has no issue any more, and {mirrored} of it are mirrored. Nothing was done. If they were all deleted, say so with --full --allow-deletions {mirrored}.",
                pass.source.project().name
            ),
        )));
    }
    let mut sieve = Sieve {
        unlisted,
        known,
        again: Vec::new(),
        links,
        passed_over: pass.store.passed_over(row.id)?,
        taken_away: pass.store.taken_away(row.id)?,
        withdrawn: match plan.mode {
            Mode::Full => pass.store.wrote(row.id, Field::Confidential, withdrawn())?,
            _ => BTreeSet::new(),
        },
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
    let emptied = issues.is_empty();
    for listed in issues {
        if let Some(link) = sieve.listed(listed) {
            pass.store.is_back(link)?;
        }
    }
    sieve.not_listed(pass, row, complete)?;
    let mut vanished = Missing {
        new: Vec::new(),
        again: sieve.again,
        of,
        emptied,
        whole: complete && plan.mode == Mode::Full,
    };
    if complete {
        pass.store.note_unlisted(row.id, &sieve.unlisted)?;
        let count = sieve.unlisted.len() as u64;
        books.count(|tally| tally.vanished += count);
        if vanished.whole {
            let is_new = |link: &LinkId| !sieve.known.contains_key(link);
            vanished.new = sieve.unlisted.into_iter().filter(is_new).collect();
            vanished.new.sort_by_key(|link| link.0);
            // Something that was sent may still arrive there, over whatever is done now.
            let all = vanished.new.len();
            if !held.is_empty() {
                let links = std::mem::take(&mut vanished.new);
                for link in links {
                    if !held.contains(pass.store.issue_link(link)?.source_number) {
                        vanished.new.push(link);
                    }
                }
            }
            vanished.whole = vanished.new.len() == all;
        }
    }
    let mut work = sieve.work;
    work.sort_by_key(|work| work.number);
    books.count(|tally| tally.warnings.extend(warnings));
    Ok(Discovered {
        work,
        cursor,
        complete,
        vanished,
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
    Ok(link.filter(|link| match link.state {
        LinkState::Parted => !is_asked_for,
        LinkState::Removed => false,
        _ => true,
    }))
}

fn head(link: &IssueLink) -> LinkHead {
    LinkHead {
        id: link.id,
        state: link.state,
        settled: link.settled,
    }
}
