//! What became of creates whose answer was lost (P1 d).
//!
//! Before anything is sent again, the target is asked for the key. A look-up that fails means
//! *wait*. One that finds nothing proves something only once the server cannot be working on the
//! request any more; until then the issue waits and the others go on.

use super::apply::created;
use super::counterpart::read_one;
use super::description::short;
use super::failure::{Cause, FailedAt, Failure};
use super::tally::Books;
use super::{Abort, Pass};
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{
    Base, Bases, Digest, Field, IntendedKind, Intent, Issue, IssueNumber, LinkId, LinkState,
    Thread, Timestamp,
};
use crate::plan::draft::{comment_digests, digests};
use crate::store::{PairId, StoreError};
use crate::text::envelope::{split_comment, split_description};
use crate::text::marker;
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

/// How far before an intent the look-up begins, for clocks that are not quite in step.
const MARGIN: SignedDuration = SignedDuration::from_secs(120);

/// Why an issue waits that was looked for and not found.
pub(super) const STILL_WORKING: &str = "the target may still be working on what was sent last time";

/// Issues that must wait, because nobody knows yet what became of a write, and why.
#[derive(Debug, Default)]
pub(super) struct Held(BTreeMap<IssueNumber, String>);

impl Held {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn contains(&self, number: IssueNumber) -> bool {
        self.0.contains_key(&number)
    }

    pub(super) fn hold(&mut self, number: IssueNumber, why: impl Into<String>) {
        self.0.entry(number).or_insert_with(|| why.into());
    }
}

/// What a look-up told about an intent.
enum Found<T> {
    /// It happened.
    Done(T),
    /// It surely did not happen.
    NotDone,
    /// It may still happen.
    Wait,
}

pub(super) async fn recover(pass: &Pass<'_>, pair: PairId, books: &Books) -> Result<Held, Abort> {
    let mut held = Held::default();
    let intents = pass.store.open_intents(pair)?;
    if intents.is_empty() {
        return Ok(held);
    }
    if pass.options.dry_run {
        books.count(|tally| {
            tally.warnings.push(format!(
                "{} of an interrupted pass {} not settled yet; the next pass looks for what was sent first.",
                match intents.len() {
                    1 => "one write".to_owned(),
                    count => format!("{count} writes"),
                },
                if intents.len() == 1 { "is" } else { "are" },
            ));
        });
        return Ok(held);
    }
    // Its clock is known once it answered; until it does, nothing can be judged.
    if let Err(error) = pass.target.newest().await {
        for intent in &intents {
            held.hold(number_of(pass, intent)?, error.to_string());
        }
        tell(&held, books);
        return Ok(held);
    }
    let begun = pass.target.now();
    issues(pass, pair, &intents, begun, &mut held).await?;
    // The link of an issue that was just found is there now, so its comments can be asked for.
    let mut threads = BTreeMap::new();
    for intent in &intents {
        let link = match intent.kind {
            IntendedKind::Issue { .. } => continue,
            IntendedKind::Comment { parent, .. } => parent,
            IntendedKind::TimeSpent { link, .. } => link,
        };
        if let std::collections::btree_map::Entry::Vacant(e) = threads.entry(link) {
            e.insert(counterpart(pass, link).await?);
        }
        let Some((number, thread)) = threads.get(&link) else {
            continue;
        };
        if !settle_within(pass, intent, thread, begun)? {
            match thread {
                Err(error) => held.hold(*number, error.to_string()),
                Ok(_) => held.hold(*number, STILL_WORKING),
            }
        }
    }
    tell(&held, books);
    Ok(held)
}

/// Says which issues wait, and why.
fn tell(held: &Held, books: &Books) {
    books.count(|tally| {
        for (number, why) in &held.0 {
            tally.failures.push(Failure {
                number: Some(*number),
                location: None,
                stage: FailedAt::Recover,
                error: why.clone(),
                cause: Cause::UnknownFate,
            });
        }
    });
}

/// The issue of the source that an intent is about.
fn number_of(pass: &Pass<'_>, intent: &Intent) -> Result<IssueNumber, StoreError> {
    let link = match intent.kind {
        IntendedKind::Issue { number, .. } => return Ok(number),
        IntendedKind::Comment { parent, .. } => parent,
        IntendedKind::TimeSpent { link, .. } => link,
    };
    Ok(pass.store.issue_link(link)?.source_number)
}

/// Whether the server cannot be working any more on what was sent.
fn surely_over(pass: &Pass<'_>, intent: &Intent, looked: Timestamp) -> bool {
    let wait = i64::from(pass.target.capabilities().settles_after_seconds);
    looked.duration_since(intent.tried_at) >= SignedDuration::from_secs(wait)
}

async fn issues(
    pass: &Pass<'_>,
    pair: PairId,
    intents: &[Intent],
    begun: Timestamp,
    held: &mut Held,
) -> Result<(), StoreError> {
    let creates: Vec<(&Intent, IssueNumber)> = intents
        .iter()
        .filter_map(|intent| match intent.kind {
            IntendedKind::Issue { number, .. } => Some((intent, number)),
            _ => None,
        })
        .collect();
    let Some(earliest) = creates.iter().map(|(intent, _)| intent.sent_at).min() else {
        return Ok(());
    };
    let since = earliest.checked_sub(MARGIN).unwrap_or(earliest);
    // By whomever: the key is known to nobody else, and the token may be of another account now.
    let keys: BTreeSet<&str> = creates
        .iter()
        .map(|(intent, _)| intent.key.as_str())
        .collect();
    let mut written: BTreeMap<String, Issue> = BTreeMap::new();
    let mut each = |issue: Issue| {
        let key = marker::keys(&issue.text)
            .into_iter()
            .find(|key| keys.contains(key))
            .map(str::to_owned);
        if let Some(key) = key {
            written.insert(key, issue);
        }
    };
    if let Err(error) = pass.target.written_since(since, &mut each).await {
        for (_, number) in creates {
            held.hold(number, error.to_string());
        }
        return Ok(());
    }
    for (intent, number) in creates {
        let found = written.get(&intent.key);
        let found = match found {
            Some(issue) => Found::Done(issue),
            None if surely_over(pass, intent, begun) => Found::NotDone,
            None => Found::Wait,
        };
        match found {
            Found::Done(issue) => settle_issue(pass, pair, intent, issue)?,
            Found::NotDone => pass.store.drop_intent(intent)?,
            Found::Wait => held.hold(number, STILL_WORKING),
        }
    }
    Ok(())
}

fn settle_issue(
    pass: &Pass<'_>,
    pair: PairId,
    intent: &Intent,
    issue: &Issue,
) -> Result<(), StoreError> {
    let IntendedKind::Issue { id, number } = intent.kind else {
        return Ok(());
    };
    let labels = intent.labels.iter().cloned().collect();
    let now_there = digests(issue);
    let split = split_description(&issue.text);
    let written = split
        .as_ref()
        .map_or("", |split| split.marker.written.as_str());
    let (title, text) = written.split_once('.').unwrap_or_default();
    let mut bases = as_found(&intent.bases, |field| {
        let is_ours = match field {
            Field::Title => short(&issue.title) == title,
            Field::Text | Field::Rewriting => split.as_ref().is_some_and(|s| short(s.text) == text),
            _ => true,
        };
        now_there.get(&field).copied().filter(|_| is_ours)
    });
    // What was dropped for want of a role is written once more, and heard then.
    let needs = pass.target.capabilities().needs;
    for (field, _) in needs {
        let wanted = intent.bases.get(field).map(|base| base.wrote);
        if wanted.is_some()
            && now_there.contains_key(field)
            && bases.get(field).map(|base| base.wrote) != wanted
        {
            bases.remove(field);
        }
    }
    // The issue as it was is not at hand; the next pass that carries it knows where it is.
    let location = format!("{}#{number}", pass.source.project().name);
    let link = created(id, number, &location, issue, &intent.key);
    pass.store
        .settle_issue(pair, intent, &link, &bases, &labels)?;
    Ok(())
}

/// The bases of an intent, with what the target then had; nothing, where people changed it since.
fn as_found(intended: &Bases, there: impl Fn(Field) -> Option<Digest>) -> Bases {
    intended
        .iter()
        .map(|(&field, base)| {
            // Where that is not what we wrote, nobody knows what we did.
            let wrote = there(field).unwrap_or_else(|| Digest::of(["unknown"]));
            (field, Base { wrote, ..*base })
        })
        .collect()
}

/// The counterpart of a link as the target has it now.
async fn counterpart(
    pass: &Pass<'_>,
    link: LinkId,
) -> Result<(IssueNumber, Result<Thread, ForgeError>), StoreError> {
    let link = pass.store.issue_link(link)?;
    let thread = read_one(pass.target, link.target_number).await;
    Ok((link.source_number, thread))
}

/// Settles an intent within an issue; `false`: it must wait.
fn settle_within(
    pass: &Pass<'_>,
    intent: &Intent,
    thread: &Result<Thread, ForgeError>,
    begun: Timestamp,
) -> Result<bool, StoreError> {
    let thread = match thread {
        Ok(thread) => thread,
        // Once the whole issue is known to be gone, so is whatever was written with it. Until then
        // it is carried like any other, which finds that out.
        Err(error) if error.kind == ErrorKind::NotFound => {
            let link = match intent.kind {
                IntendedKind::Issue { .. } => return Ok(true),
                IntendedKind::Comment { parent, .. } => parent,
                IntendedKind::TimeSpent { link, .. } => link,
            };
            if pass.store.issue_link(link)?.state == LinkState::Gone {
                pass.store.drop_intent(intent)?;
            }
            return Ok(true);
        }
        Err(_) => return Ok(false),
    };
    let over = surely_over(pass, intent, begun);
    match intent.kind {
        IntendedKind::Issue { .. } => Ok(true),
        IntendedKind::Comment { parent, id } => {
            // The oldest, by whomever: people may have quoted it, and the token may be of another
            // account now.
            let comments = thread.comments.iter();
            let found = comments
                .filter(|comment| marker::keys(&comment.text).contains(&intent.key.as_str()))
                .min_by_key(|comment| comment.id);
            match found {
                Some(comment) => {
                    let there = comment_digests(&comment.text);
                    let split = split_comment(&comment.text);
                    let is_ours = split.is_some_and(|s| short(s.text) == s.marker.written);
                    let bases = as_found(&intent.bases, |field| match field {
                        Field::Text | Field::Rewriting => {
                            there.get(&field).copied().filter(|_| is_ours)
                        }
                        // Nothing that the target could have changed.
                        Field::Confidential => intent.bases.get(&field).map(|base| base.wrote),
                        _ => there.get(&field).copied(),
                    });
                    pass.store
                        .settle_comment(intent, parent, id, comment.id, &bases)?;
                    Ok(true)
                }
                None if over => {
                    pass.store.drop_intent(intent)?;
                    Ok(true)
                }
                None => Ok(false),
            }
        }
        IntendedKind::TimeSpent {
            link,
            before,
            mirrored,
        } => {
            // People may have logged hours of their own since.
            let (known, _) = pass.store.issue_bases(link)?;
            let base = known.get(&Field::TimeSpent).and_then(|base| base.value);
            let gained = i128::from(mirrored) - i128::from(base.unwrap_or(0));
            let moved = i128::from(thread.issue.time_spent) - i128::from(before);
            let is_done = if gained >= 0 {
                moved >= gained && moved != 0
            } else {
                moved < 0
            };
            if is_done {
                pass.store.settle_time(intent, link, &intent.bases)?;
                Ok(true)
            } else if over {
                pass.store.drop_intent(intent)?;
                Ok(true)
            } else {
                Ok(false)
            }
        }
    }
}
