//! Counterparts found again by what stands on the target: the store was lost, is an older copy, or
//! another run with another store made them (P3).
//!
//! Only the links are found here, from one listing of the target. What was last written into each is
//! found out on the way of its issue, by `adopt`.
//!
//! A marker counts if our account wrote the issue, it ends the text and its key stands there once.
//! Whatever leaves a doubt is neither joined nor made a second time: it is told, and a person
//! decides.

use super::apply::draw_key;
use super::counterpart::read_one;
use super::failure::{Cause, FailedAt, Failure};
use super::tally::Books;
use super::{Abort, Pass, listing};
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{
    Issue, IssueId, IssueLink, IssueNumber, LinkState, ProjectKey, Timestamp, Version,
};
use crate::plan::selection::{self, Baseline};
use crate::store::{NewLink, PairId, PairRow, StoreError};
use crate::text::envelope::{split_comment, split_description};
use crate::text::maestro;
use crate::text::marker::{self, Marker, Role};
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
    /// A counterpart changed there a moment ago: a run that nobody remembers may have sent something
    /// that is still to be carried out.
    pub(super) just_changed: bool,
}

/// Where issues are on the target, by title.
pub(super) type Unmarked = BTreeMap<String, Vec<Place>>;

/// An issue of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) id: IssueId,
    pub(super) number: IssueNumber,
    pub(super) location: String,
}

/// How far a marker can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    /// Wholly.
    Sure,
    /// Our account wrote the issue, and people changed what stands around the marker.
    Touched,
    /// Somebody else wrote it.
    Stranger,
}

/// An issue of the target that says it is a counterpart of one of the source.
#[derive(Debug)]
struct Candidate {
    id: IssueId,
    number: IssueNumber,
    location: String,
    key: String,
    source_id: IssueId,
    source_number: IssueNumber,
    baseline: String,
    parted: bool,
    trust: Trust,
    author: String,
}

/// Everything that a listing of the target tells.
#[derive(Default)]
struct Collected {
    candidates: BTreeMap<IssueId, Candidate>,
    unmarked: Unmarked,
    /// Counterparts that Mirror Maestro made, by the number of the original.
    maestro: BTreeMap<IssueNumber, Vec<Place>>,
    /// Those of them around whose footer people changed something.
    touched: BTreeSet<IssueNumber>,
    /// Issues of others that carry a label of ours: the marker may be in a comment.
    labelled: Vec<IssueNumber>,
    /// Counterparts of projects that have the same numbers on other hosts, by those hosts.
    elsewhere: BTreeMap<String, Vec<IssueNumber>>,
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
    let failure = strangers_only(pass, &candidates).or_else(|| {
        let none = candidates.is_empty();
        none.then(|| renamed(pass, &collected.elsewhere)).flatten()
    });
    if let Some(failure) = failure {
        return Err(Abort::Pair(failure));
    }
    // Also where people changed the lines around a marker.
    let newest = candidates.values().filter(|c| c.trust != Trust::Stranger);
    let baseline = newest
        .max_by_key(|candidate| candidate.id)
        .and_then(|candidate| Baseline::parse(&candidate.baseline));
    let any = !candidates.is_empty();
    let mut found = join(pass, row, candidates, true, books)?;
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
        // Where no counterpart is, none lost its marker.
        just_changed,
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
    let found = join(pass, row, collected.candidates, false, books)?;
    if found > 0 {
        books.count(|tally| {
            tally.warnings.push(format!(
                "the target holds {found} mirrored {} that the store knew nothing of: it is an older copy, or another run has another store. Known again from now on.",
                if found == 1 { "issue" } else { "issues" }
            ));
        });
    }
    Ok(None)
}

/// Looks through the whole target, in a full pass: what version everything has, and what another run
/// made with another store.
pub(super) async fn look_through(
    pass: &Pass<'_>,
    row: &PairRow,
    books: &Books,
) -> Result<HashMap<IssueId, Version>, Abort> {
    let mut versions = HashMap::new();
    let mut see = |issue: &Issue| {
        versions.insert(issue.id, issue.version);
    };
    match collect_and(pass, Timestamp::UNIX_EPOCH, false, &mut see).await {
        Ok(collected) => {
            join(pass, row, collected.candidates, false, books)?;
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

/// Whether a marker was written by this pair.
pub(super) fn is_of_pair(pass: &Pass<'_>, marker: &Marker) -> bool {
    let (source, target) = (&pass.source.project().key, &pass.target.project().key);
    let origin = marker.origin();
    marker.target == target.0 && origin.is_some_and(|(project, _)| project == source.0)
}

/// Lists the target. `all`: also what may be a counterpart without saying so.
async fn collect(pass: &Pass<'_>, since: Timestamp, all: bool) -> Result<Collected, ForgeError> {
    collect_and(pass, since, all, &mut |_| {}).await
}

/// The same, and shows each issue to somebody else too.
async fn collect_and(
    pass: &Pass<'_>,
    since: Timestamp,
    all: bool,
    see: &mut (dyn FnMut(&Issue) + Send),
) -> Result<Collected, ForgeError> {
    let mut collected = Collected::default();
    let source = pass.source.project().name.as_str();
    let mut each = |issue: Issue| {
        see(&issue);
        let split = split_description(&issue.text);
        if let Some(split) = split.filter(|split| is_of_pair(pass, &split.marker)) {
            let whole = split.is_whole(&issue.text);
            let trust = match (issue.ours, whole) {
                (true, true) => Trust::Sure,
                (true, false) => Trust::Touched,
                (false, _) => Trust::Stranger,
            };
            if let Some(candidate) = candidate(&issue, split.marker, trust) {
                collected.candidates.insert(candidate.id, candidate);
            }
        } else if let Some(host) = split_description(&issue.text)
            .filter(|_| all && issue.ours)
            .and_then(|split| other_host(pass, &split.marker))
        {
            let there = collected.elsewhere.entry(host).or_default();
            there.push(issue.number);
        } else if all && let Some((project, number)) = maestro::named(&issue.text) {
            if issue.ours && project == source {
                let number = IssueNumber(number);
                remember(collected.maestro.entry(number).or_default(), &issue);
                if maestro::split(&issue.text).is_none() {
                    collected.touched.insert(number);
                }
            }
        } else if all && issue.ours && marker::keys(&issue.text).is_empty() {
            remember(
                collected.unmarked.entry(issue.title.clone()).or_default(),
                &issue,
            );
        } else if all && !issue.ours && selection::is_mirrored(&issue) {
            collected.labelled.push(issue.number);
        }
    };
    pass.target.written_since(since, &mut each).await?;
    Ok(collected)
}

fn remember(places: &mut Vec<Place>, issue: &Issue) {
    if places.iter().all(|place| place.id != issue.id) {
        places.push(Place {
            id: issue.id,
            number: issue.number,
            location: issue.location.clone(),
        });
    }
}

/// Joins counterparts that Mirror Maestro made; answers how many. They name their original by its
/// number only, so the source is listed.
async fn take_over(
    pass: &Pass<'_>,
    row: &PairRow,
    maestro: BTreeMap<IssueNumber, Vec<Place>>,
    touched: &BTreeSet<IssueNumber>,
    books: &Books,
) -> Result<u64, Abort> {
    if maestro.is_empty() {
        return Ok(0);
    }
    let source = pass.source.changed(None).await.map_err(listing)?;
    let mut joined = 0;
    for listed in source.issues {
        let Some(places) = maestro.get(&listed.number) else {
            continue;
        };
        if pass.store.issue_link_of(row.id, listed.number)?.is_some() {
            continue;
        }
        let location = format!("{}#{}", pass.source.project().name, listed.number);
        let key = draw_key();
        let link = NewLink {
            source_id: listed.id,
            source_number: listed.number,
            target_id: places[0].id,
            target_number: places[0].number,
            key: &key,
            source_location: &location,
            target_location: &places[0].location,
        };
        if let [_, _, ..] = places.as_slice() {
            let numbers: Vec<String> = places.iter().map(|p| format!("#{}", p.number)).collect();
            let why = format!(
                "{} of the target say that they are its counterpart",
                numbers.join(" and ")
            );
            contest(pass, row.id, &link, &why, books)?;
            continue;
        }
        if touched.contains(&listed.number) {
            let why = format!(
                "#{} of the target may be its counterpart, but somebody changed the lines around the footer of Mirror Maestro",
                places[0].number
            );
            contest(pass, row.id, &link, &why, books)?;
            continue;
        }
        pass.store.find(row.id, &link, LinkState::Active)?;
        joined += 1;
    }
    Ok(joined)
}

fn candidate(issue: &Issue, marker: Marker, trust: Trust) -> Option<Candidate> {
    let (_, number) = marker.origin()?;
    Some(Candidate {
        id: issue.id,
        number: issue.number,
        location: issue.location.clone(),
        source_id: IssueId(marker.source_id),
        source_number: IssueNumber(number),
        parted: marker.role == Role::Parted,
        key: marker.key,
        baseline: marker.baseline,
        trust,
        author: issue.author.username.clone(),
    })
}

/// Issues that somebody else wrote and that were joined by hand: a comment of ours says so.
async fn marked_by_comments(pass: &Pass<'_>, collected: &mut Collected) -> Result<(), ForgeError> {
    for number in std::mem::take(&mut collected.labelled) {
        let thread = read_one(pass.target, number).await?;
        let markers = thread.comments.iter().filter(|comment| comment.ours);
        let marker = markers
            .filter_map(|comment| {
                let split = split_comment(&comment.text)?;
                split.is_whole(&comment.text).then_some(split.marker)
            })
            .find(|marker| marker.role == Role::OfIssue && is_of_pair(pass, marker));
        if let Some(marker) = marker
            && let Some(candidate) = candidate(&thread.issue, marker, Trust::Sure)
        {
            collected.candidates.insert(candidate.id, candidate);
        }
    }
    Ok(())
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

/// The host of a pair of projects that have the numbers of this pair's elsewhere, if a marker names
/// one and it is none that is mirrored as well.
fn other_host(pass: &Pass<'_>, marker: &Marker) -> Option<String> {
    let (source, _) = marker.origin()?;
    let ends = [
        (source, &pass.source.project().key),
        (marker.target.as_str(), &pass.target.project().key),
    ];
    let mut other = None;
    for (named, ours) in ends {
        let (host, number) = named.rsplit_once(':')?;
        if number != ours.0.rsplit_once(':')?.1 {
            return None;
        }
        let named = ProjectKey(named.to_owned());
        if named != *ours {
            if pass.neighbours.contains(&named) {
                return None;
            }
            other = Some(host.to_owned());
        }
    }
    other
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

/// Joins what leaves no doubt and remembers what does; answers how many were joined.
fn join(
    pass: &Pass<'_>,
    row: &PairRow,
    candidates: BTreeMap<IssueId, Candidate>,
    lost: bool,
    books: &Books,
) -> Result<u64, Abort> {
    let store = pass.store;
    let mut by_source: BTreeMap<IssueId, Vec<Candidate>> = BTreeMap::new();
    for candidate in candidates.into_values() {
        // While a store knows others, a stranger who copies a marker blocks nothing.
        let counts = lost || candidate.trust != Trust::Stranger;
        if counts && !store.knows(&candidate.key)? {
            let of_one = by_source.entry(candidate.source_id).or_default();
            of_one.push(candidate);
        }
    }
    let mut joined = 0;
    for (source_id, mut found) in by_source {
        let known = store.issue_link_of(row.id, found[0].source_number)?;
        let is_carried = known.as_ref().is_some_and(|link| {
            link.source_id == source_id
                && matches!(link.state, LinkState::Active | LinkState::Hidden)
        });
        if is_carried {
            second_counterpart(&found, known.map(|link| link.target_number), books);
            continue;
        }
        let stays = |link: IssueLink| {
            // What is in doubt stays so, unless it is the very issue that was suspected.
            let is_other = found.iter().any(|there| there.id != link.target_id);
            link.source_id == source_id && (link.state != LinkState::Contested || is_other)
        };
        if known.is_some_and(stays) {
            continue;
        }
        if found.iter().any(|candidate| candidate.trust == Trust::Sure) {
            found.retain(|candidate| candidate.trust != Trust::Stranger);
        }
        let first = &found[0];
        let location = format!("{}#{}", pass.source.project().name, first.source_number);
        let link = NewLink {
            source_id,
            source_number: first.source_number,
            target_id: first.id,
            target_number: first.number,
            key: &first.key,
            source_location: &location,
            target_location: &first.location,
        };
        if let Some(why) = doubt(&found) {
            contest(pass, row.id, &link, &why, books)?;
            continue;
        }
        let state = if first.parted {
            LinkState::Parted
        } else {
            LinkState::Active
        };
        store.find(row.id, &link, state)?;
        joined += 1;
    }
    Ok(joined)
}

/// Why it cannot be told which issue is the counterpart; `None` if it can.
fn doubt(found: &[Candidate]) -> Option<String> {
    let number = found[0].number;
    if found.len() > 1 {
        let numbers: Vec<String> = found.iter().map(|c| format!("#{}", c.number)).collect();
        return Some(format!(
            "{} of the target say that they are its counterpart",
            numbers.join(" and ")
        ));
    }
    match found[0].trust {
        Trust::Sure => None,
        Trust::Touched => Some(format!(
            "#{number} of the target may be its counterpart, but somebody changed the lines around its marker"
        )),
        Trust::Stranger => Some(format!(
            "#{number} of the target says that it is its counterpart, but {} wrote it, which is not the account of the token (`trusted_authors`)",
            found[0].author
        )),
    }
}

/// Remembers an issue of which only a person can tell what its counterpart is, and tells it.
pub(super) fn contest(
    pass: &Pass<'_>,
    pair: PairId,
    link: &NewLink<'_>,
    why: &str,
    books: &Books,
) -> Result<(), StoreError> {
    pass.store.contest(pair, link, why, (pass.clock)())?;
    let number = link.source_number;
    books.count(|tally| {
        tally.failures.push(Failure {
            number: Some(number),
            location: Some(link.source_location.to_owned()),
            stage: FailedAt::Recover,
            error: format!("{why}; nothing was created and nothing changed"),
            cause: Cause::Contested,
        });
    });
    Ok(())
}

/// Tells of counterparts that another run made with another store.
fn second_counterpart(found: &[Candidate], ours: Option<IssueNumber>, books: &Books) {
    let Some(ours) = ours else {
        return;
    };
    books.count(|tally| {
        for candidate in found {
            tally.warnings.push(format!(
                "#{} of the target is a second counterpart of #{}, beside #{ours}: another run with another store made it. Use one store, and delete or close the one that is not wanted.",
                candidate.number, candidate.source_number
            ));
        }
    });
}
