//! What stands on the target: issues that say they are counterparts, and those that may be.

use super::{is_closed, is_of_pair, split_of_comment, split_of_issue};
use crate::forge::ForgeError;
use crate::model::{Issue, IssueId, IssueNumber, ProjectKey, Timestamp};
use crate::plan::selection;
use crate::sync::Pass;
use crate::sync::counterpart::read_one;
use crate::text::envelope::split_description;
use crate::text::maestro;
use crate::text::marker::{self, Marker, Role};
use std::collections::{BTreeMap, BTreeSet};

/// Where issues are on the target, by title.
pub(in crate::sync) type Unmarked = BTreeMap<String, Vec<Place>>;

/// An issue of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sync) struct Place {
    pub(in crate::sync) id: IssueId,
    pub(in crate::sync) number: IssueNumber,
    pub(in crate::sync) location: String,
}

/// How far a marker can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Wholly.
    Sure,
    /// Our account wrote the issue, and people changed what stands around the marker.
    Touched,
    /// Somebody else wrote it.
    Stranger,
}

/// An issue of the target that says it is a counterpart of one of the source.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) id: IssueId,
    pub(super) number: IssueNumber,
    pub(super) location: String,
    pub(super) key: String,
    pub(super) source_id: IssueId,
    pub(super) source_number: IssueNumber,
    pub(super) baseline: String,
    pub(super) parted: bool,
    /// Somebody else wrote the issue, and a comment of ours carries the marker.
    pub(super) theirs: bool,
    pub(super) trust: Trust,
    pub(super) author: String,
}

/// Everything that a listing of the target tells.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) candidates: BTreeMap<IssueId, Candidate>,
    pub(super) unmarked: Unmarked,
    /// Counterparts that Mirror Maestro made, by the number of the original.
    pub(super) maestro: BTreeMap<IssueNumber, Vec<Place>>,
    /// Those of them around whose footer people changed something.
    pub(super) touched: BTreeSet<IssueNumber>,
    /// Issues of others that carry a label of ours: the marker may be in a comment.
    pub(super) labelled: Vec<IssueNumber>,
    /// Counterparts of projects that have the same numbers on other hosts, by those hosts.
    pub(super) elsewhere: BTreeMap<String, Vec<IssueNumber>>,
    /// Issues that our account made or marked here and that another secret sealed, with their keys.
    pub(super) sealed: Vec<(IssueNumber, String)>,
}

/// Lists the target. `all`: also what may be a counterpart without saying so.
pub(super) async fn collect(
    pass: &Pass<'_>,
    since: Timestamp,
    all: bool,
) -> Result<Collected, ForgeError> {
    collect_and(pass, since, all, &mut |_| {}).await
}

/// The same, and shows each issue to somebody else too.
pub(super) async fn collect_and(
    pass: &Pass<'_>,
    since: Timestamp,
    all: bool,
    see: &mut (dyn FnMut(&Issue) + Send),
) -> Result<Collected, ForgeError> {
    let mut collected = Collected::default();
    let source = pass.source.project().name.as_str();
    let mut each = |issue: Issue| {
        see(&issue);
        let split = split_of_issue(pass, &issue.text);
        if let Some(split) = split.filter(|split| is_of_pair(pass, &split.marker)) {
            let whole = split.is_whole(&issue.text);
            let trust = match (issue.ours, whole) {
                (true, true) => Trust::Sure,
                (true, false) => Trust::Touched,
                (false, _) => Trust::Stranger,
            };
            if all && !issue.ours && selection::is_mirrored(&issue) {
                collected.labelled.push(issue.number);
            }
            if let Some(candidate) = candidate(&issue, split.marker, trust) {
                collected.candidates.insert(candidate.id, candidate);
            }
        } else if let Some(split) = split_description(&issue.text)
            .filter(|split| issue.ours && is_closed(pass, &split.marker))
        {
            collected.sealed.push((issue.number, split.marker.key));
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

fn candidate(issue: &Issue, marker: Marker, trust: Trust) -> Option<Candidate> {
    let (_, number) = marker.origin()?;
    Some(Candidate {
        id: issue.id,
        number: issue.number,
        location: issue.location.clone(),
        source_id: IssueId(marker.source_id),
        source_number: IssueNumber(number),
        parted: marker.role == Role::Parted,
        theirs: !issue.ours,
        key: marker.key,
        baseline: marker.baseline,
        trust,
        author: issue.author.username.clone(),
    })
}

/// Issues that somebody else wrote and that were joined by hand: a comment of ours says so.
pub(super) async fn marked_by_comments(
    pass: &Pass<'_>,
    collected: &mut Collected,
) -> Result<(), ForgeError> {
    for number in std::mem::take(&mut collected.labelled) {
        let thread = read_one(pass.target, number).await?;
        let comments = thread.comments.iter().filter(|comment| comment.ours);
        let markers = comments.filter_map(|comment| {
            let split = split_of_comment(pass, &comment.text)?;
            split.is_whole(&comment.text).then_some(split.marker)
        });
        let (mine, others): (Vec<Marker>, Vec<Marker>) = markers
            .filter(|marker| marker.role != Role::Counterpart)
            .partition(|marker| is_of_pair(pass, marker));
        let marker = mine.into_iter().next();
        if let Some(candidate) =
            marker.and_then(|marker| candidate(&thread.issue, marker, Trust::Sure))
        {
            collected.candidates.insert(candidate.id, candidate);
            continue;
        }
        let sealed = others.into_iter().filter(|marker| is_closed(pass, marker));
        let sealed = sealed.map(|marker| (number, marker.key));
        collected.sealed.extend(sealed);
    }
    Ok(())
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
