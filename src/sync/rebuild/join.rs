//! What leaves no doubt is joined, what does is remembered and told.

use super::look::{Candidate, Place, Trust};
use crate::model::{IssueId, IssueLink, IssueNumber, LinkState};
use crate::store::{NewLink, PairId, PairRow, StoreError};
use crate::sync::apply::draw_key;
use crate::sync::failure::{Cause, FailedAt, Failure};
use crate::sync::tally::Books;
use crate::sync::{Abort, Pass, listing};
use std::collections::{BTreeMap, BTreeSet};

/// Joins counterparts that Mirror Maestro made; answers how many. They name their original by its
/// number only, so the source is listed.
pub(super) async fn take_over(
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

/// How much of the target was looked through.
#[derive(Clone, Copy)]
pub(super) enum Looked<'a> {
    /// All of it, because nothing is remembered.
    Lost,
    /// All of it but these, which may be counterparts and do not say so in their text.
    Whole(&'a BTreeSet<IssueId>),
    /// What changed of late.
    Lately,
}

/// Joins what leaves no doubt and remembers what does; answers how many were joined.
pub(super) fn join(
    pass: &Pass<'_>,
    row: &PairRow,
    candidates: BTreeMap<IssueId, Candidate>,
    looked: Looked<'_>,
    books: &Books,
) -> Result<u64, Abort> {
    let store = pass.store;
    let lost = matches!(looked, Looked::Lost);
    let mut by_source: BTreeMap<IssueId, Vec<Candidate>> = BTreeMap::new();
    for candidate in candidates.into_values() {
        // While a store knows others, a stranger who copies a marker blocks nothing.
        let counts = lost || candidate.trust != Trust::Stranger;
        if counts && !store.surely_knows(&candidate.key)? {
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
            // What is in doubt stays so, unless only one of those is left that were suspected.
            let is_same = found.iter().all(|there| there.id == link.target_id);
            let is_over = match (looked, found.as_slice()) {
                (Looked::Lately, _) => false,
                (_, _) if is_same => true,
                (Looked::Lost, [one]) => one.trust == Trust::Sure,
                (Looked::Whole(others), [one]) => {
                    one.trust == Trust::Sure && !others.contains(&link.target_id)
                }
                _ => false,
            };
            // One that we deleted has none any more, so what is there was made after it.
            link.source_id == source_id
                && link.state != LinkState::Removed
                && (link.state != LinkState::Contested || !is_over)
        };
        let was_contested = known
            .as_ref()
            .is_some_and(|link| link.state == LinkState::Contested);
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
            if was_contested {
                // Told when it was found out.
                continue;
            }
            contest(pass, row.id, &link, &why, books)?;
            continue;
        }
        let state = if first.parted {
            LinkState::Parted
        } else {
            LinkState::Active
        };
        let link = store.find(row.id, &link, state)?;
        store.set_theirs(link, first.theirs)?;
        if was_contested {
            // Somebody ended the doubt.
            store.try_again(row.id, first.source_number, (pass.clock)())?;
        }
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
            "#{number} of the target says that it is its counterpart, but {} wrote it, which is not the account of the token; if it was that of a former one, name it in `trusted_authors` and run `sync --full`",
            found[0].author
        )),
    }
}

/// Remembers an issue of which only a person can tell what its counterpart is, and tells it.
pub(in crate::sync) fn contest(
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
