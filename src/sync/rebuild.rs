//! Counterparts found again by what stands on the target: the store was lost, is an older copy, or
//! another run with another store made them (P3).
//!
//! Only the links are found here, from one listing of the target. What was last written into each is
//! found out on the way of its issue, by `adopt`.
//!
//! A marker counts if our account wrote the issue, it ends the text and its key stands there once.
//! Whatever leaves a doubt is neither joined nor made a second time: it is told, and a person
//! decides.

mod join;
mod look;

pub(super) use self::join::contest;
pub(super) use self::look::Unmarked;

use self::join::{Looked, join, take_over};
use self::look::{Candidate, Trust, collect, collect_and, marked_by_comments};
use super::failure::{Cause, FailedAt, Failure};
use super::tally::Books;
use super::{Abort, Pass, listing};
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{Issue, IssueId, IssueNumber, Timestamp, Version};
use crate::plan::opaque;
use crate::plan::selection::{self, Baseline};
use crate::store::PairRow;
use crate::text::envelope::{Split, split_comment, split_description};
use crate::text::maestro;
use crate::text::marker::Marker;
use crate::text::seal::{Seal, is_sealed};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How far the clocks of a store and a target may have drifted apart since.
const CLOCKS: SignedDuration = SignedDuration::from_hours(24);

/// What was found for a pair of which nothing is remembered.
#[derive(Debug, Default)]
pub(super) struct Rebuilt {
    /// From where on the pair mirrored.
    pub(super) baseline: Option<Baseline>,
    /// Issues of our account on the target that have no marker, by title: from one of them it may
    /// have been deleted.
    pub(super) unmarked: Unmarked,
    /// There were counterparts that we made, and the store knew nothing of them.
    pub(super) made: bool,
    /// A counterpart changed there a moment ago: a run that nobody remembers may have sent something
    /// that is still to be carried out.
    pub(super) just_changed: bool,
}

/// Finds everything again, for a pair of which nothing is remembered.
pub(super) async fn everything(
    pass: &Pass<'_>,
    row: &PairRow,
    books: &Books,
) -> Result<Rebuilt, Abort> {
    let mut collected = collect(pass, Timestamp::UNIX_EPOCH, true)
        .await
        .map_err(listing)?;
    marked_by_comments(pass, &mut collected)
        .await
        .map_err(listing)?;
    let candidates = std::mem::take(&mut collected.candidates);
    let just_changed = just_changed(pass, &candidates).await?;
    let mut closed = Vec::new();
    for (number, key) in collected.sealed {
        // Another pair, of the same store, may have another secret.
        if !pass.store.knows(&key)? {
            closed.push(number);
        }
    }
    let failure = strangers_only(pass, &candidates)
        .or_else(|| {
            let none = candidates.is_empty();
            none.then(|| renamed(pass, &collected.elsewhere)).flatten()
        })
        .or_else(|| sealed(pass, &closed));
    if let Some(failure) = failure {
        return Err(Abort::Pair(failure));
    }
    // Also where people changed the lines around a marker.
    let newest = candidates.values().filter(|c| c.trust != Trust::Stranger);
    let baseline = newest
        .max_by_key(|candidate| candidate.id)
        .and_then(|candidate| Baseline::parse(&candidate.baseline));
    let any = !candidates.is_empty();
    let mut made = !collected.maestro.is_empty();
    for candidate in candidates.values().filter(|candidate| !candidate.theirs) {
        made |= !pass.store.knows(&candidate.key)?;
    }
    let mut found = join(pass, row, candidates, Looked::Lost, books)?;
    books.count(|tally| tally.found_again |= found > 0);
    found += take_over(pass, row, collected.maestro, &collected.touched, books).await?;
    if found > 0 {
        let issues = if found == 1 {
            "issue was"
        } else {
            "issues were"
        };
        books.count(|tally| {
            tally.warnings.push(format!(
                "nothing was remembered of this pair; {found} mirrored {issues} found again on the target. What `map-user` had set is lost with a store."
            ));
        });
    }
    Ok(Rebuilt {
        baseline,
        made,
        just_changed,
        // Where no counterpart is, none lost its marker.
        unmarked: if any {
            collected.unmarked
        } else {
            Unmarked::new()
        },
    })
}

/// How long after a change the server's time of it may still be an older one.
const THROTTLE: SignedDuration = SignedDuration::from_secs(90);

/// Whether a counterpart changed so short a time ago that whoever did it may have sent more.
async fn just_changed(
    pass: &Pass<'_>,
    candidates: &BTreeMap<IssueId, Candidate>,
) -> Result<bool, Abort> {
    let seconds = pass.target.capabilities().settles_after_seconds;
    // Of a pass that was only cut short everything is remembered.
    let mut forgotten = false;
    for candidate in candidates.values() {
        forgotten |= !pass.store.knows(&candidate.key)?;
    }
    if seconds == 0 || !forgotten {
        return Ok(false);
    }
    let ago = SignedDuration::from_secs(i64::from(seconds)) + THROTTLE;
    let now = pass.target.now();
    let since = now.checked_sub(ago).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut found = false;
    let mut each = |issue: Issue| found |= candidates.contains_key(&issue.id);
    let asked = pass.target.written_since(since, &mut each).await;
    asked.map_err(listing)?;
    Ok(found)
}

/// Finds counterparts that a store knows nothing of although it knows others: it is an older copy,
/// or another run has another store. Answers why the target could not be asked, if it could not.
pub(super) async fn missing(
    pass: &Pass<'_>,
    row: &PairRow,
    books: &Books,
) -> Result<Option<ForgeError>, Abort> {
    let newest = match pass.target.newest().await {
        Ok(newest) => newest,
        Err(error) => return Ok(Some(error)),
    };
    let known = pass.store.newest_target(row.id)?;
    if newest <= known {
        return Ok(None);
    }
    let since = match (known, row.last_started_at) {
        // The store has our clock and the target its own.
        (Some(_), Some(last)) => {
            let ahead = pass.target.now().duration_since((pass.clock)());
            last.checked_add(ahead - CLOCKS)
                .unwrap_or(Timestamp::UNIX_EPOCH)
        }
        _ => Timestamp::UNIX_EPOCH,
    };
    let collected = match collect(pass, since, false).await {
        Ok(collected) => collected,
        Err(error) => return Ok(Some(error)),
    };
    join_missing(pass, row, collected.candidates, Looked::Lately, books)?;
    Ok(None)
}

/// Joins what a store did not know that knows others, and tells it.
fn join_missing(
    pass: &Pass<'_>,
    row: &PairRow,
    candidates: BTreeMap<IssueId, Candidate>,
    looked: Looked<'_>,
    books: &Books,
) -> Result<(), Abort> {
    let found = join(pass, row, candidates, looked, books)?;
    if found > 0 {
        books.count(|tally| {
            tally.found_again = true;
            tally.warnings.push(format!(
                "the target holds {found} mirrored {} that the store knew nothing of: it is an older copy, or another run has another store. Known again from now on.",
                if found == 1 { "issue" } else { "issues" }
            ));
        });
    }
    Ok(())
}

/// Looks through the whole target, in a full pass: what version everything has, and what another run
/// made with another store.
pub(super) async fn look_through(
    pass: &Pass<'_>,
    row: &PairRow,
    books: &Books,
) -> Result<HashMap<IssueId, Version>, Abort> {
    let mut versions = HashMap::new();
    let mut others = BTreeSet::new();
    let mut see = |issue: &Issue| {
        versions.insert(issue.id, issue.version);
        // The marker may be in a comment, or it is one of Mirror Maestro.
        let in_comment = !issue.ours && selection::is_mirrored(issue);
        if in_comment || issue.ours && maestro::named(&issue.text).is_some() {
            others.insert(issue.id);
        }
    };
    match collect_and(pass, Timestamp::UNIX_EPOCH, false, &mut see).await {
        Ok(collected) => {
            let looked = Looked::Whole(&others);
            join_missing(pass, row, collected.candidates, looked, books)?;
            Ok(versions)
        }
        // One of them cannot be understood; the others can be looked at.
        Err(error) if error.kind == ErrorKind::Malformed => {
            let there = pass.target.changed(None).await.map_err(listing)?;
            let issues = there.issues.into_iter();
            Ok(issues.map(|issue| (issue.id, issue.version)).collect())
        }
        Err(error) => Err(listing(error)),
    }
}

/// A description taken apart, with what this pair sealed in its marker.
pub(super) fn split_of_issue<'t>(pass: &Pass<'_>, text: &'t str) -> Option<Split<'t>> {
    split_description(text).map(|split| open(pass, split))
}

/// The same of a comment.
pub(super) fn split_of_comment<'t>(pass: &Pass<'_>, text: &'t str) -> Option<Split<'t>> {
    split_comment(text).map(|split| open(pass, split))
}

fn open<'t>(pass: &Pass<'_>, mut split: Split<'t>) -> Split<'t> {
    let source = &pass.source.project().key.0;
    split.marker = opaque::opened(split.marker, pass.policy, source);
    split
}

/// Whether a marker was written by this pair.
pub(super) fn is_of_pair(pass: &Pass<'_>, marker: &Marker) -> bool {
    let (source, target) = (&pass.source.project().key, &pass.target.project().key);
    let origin = marker.origin();
    marker.target == target.0 && origin.is_some_and(|(project, _)| project == source.0)
}

/// Everything that says it is a counterpart was written by another account: rather the account of
/// the token is another one than it was.
fn strangers_only(pass: &Pass<'_>, candidates: &BTreeMap<IssueId, Candidate>) -> Option<Failure> {
    let first = candidates.values().next()?;
    if candidates.values().any(|c| c.trust != Trust::Stranger) {
        return None;
    }
    let count = candidates.len();
    let authors: BTreeSet<&str> = candidates.values().map(|c| c.author.as_str()).collect();
    let authors: Vec<&str> = authors.into_iter().collect();
    let issues = if count == 1 { "issue" } else { "issues" };
    Some(Failure::of_whole(
        FailedAt::List,
        Cause::Forgotten,
        format!(
            "{} holds {count} mirrored {issues} of {} that the store knows nothing of (the first is #{}), written by {}, which is not the account of the token. Nothing was created, so that nothing is there twice.",
            pass.target.project().name,
            pass.source.project().name,
            first.number,
            authors.join(", "),
        ),
    ))
}

/// Something on the target was sealed by a secret that is not at hand, and nobody knows it: rather the
/// secret is another one than it was than that it is of another pair. Others may be found although,
/// which never followed or which a change of the secret reached already.
fn sealed(pass: &Pass<'_>, sealed: &[IssueNumber]) -> Option<Failure> {
    let first = sealed.iter().min()?;
    let said = match &pass.policy.seal {
        Some(_) => "by another secret than the one in `provenance_key_env`",
        None => "(`provenance: opaque`), and no `provenance_key_env` is named",
    };
    Some(Failure::of_whole(
        FailedAt::List,
        Cause::Sealed,
        format!(
            "{} holds mirrored issues (the first is #{first}) that were sealed {said}, and the store knows nothing of them. Nothing was created, so that nothing is there twice.",
            pass.target.project().name
        ),
    ))
}

/// Whether nobody but the holder of another secret can tell what a marker says.
fn is_closed(pass: &Pass<'_>, marker: &Marker) -> bool {
    let target = &pass.target.project().key.0;
    let ours = |seal: &Seal| {
        marker
            .lineage
            .iter()
            .any(|hop| seal.names(hop, target).is_some())
    };
    is_sealed(&marker.source)
        && marker.target == *target
        && !pass.policy.seal.as_ref().is_some_and(ours)
}

/// Everything on the target came from a host of another name: rather the host has another name now
/// than that it is a new pair.
fn renamed(pass: &Pass<'_>, elsewhere: &BTreeMap<String, Vec<IssueNumber>>) -> Option<Failure> {
    let (host, numbers) = elsewhere.iter().next()?;
    let first = numbers.iter().min()?;
    Some(Failure::of_whole(
        FailedAt::List,
        Cause::Renamed,
        format!(
            "{} holds issues (the first is #{first}) that were mirrored between projects of the same numbers, one of them on {host}. If that is a former address of the same server, write `aliases: ['{host}']` below its instance. Nothing was created, so that nothing is there twice.",
            pass.target.project().name
        ),
    ))
}
