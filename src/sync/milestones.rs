//! Milestones of the target: found by title, created where that is asked for.

use super::carry::Carrier;
use super::failure::{At, Trouble};
use super::follow::followed;
use super::tally::{Beside, named};
use crate::forge::ErrorKind;
use crate::model::{Digest, Field, Issue, IssueLink, KnownMilestone, Milestone, Stage};
use crate::plan::lists::Lists;
use crate::plan::opaque;
use crate::plan::selection::Choice;
use crate::store::StoreError;
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::Mutex;

/// The milestones of the target, read when they are first needed. The lock makes sure that two issues
/// do not create one.
#[derive(Debug, Default)]
pub(super) struct MilestoneBook(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    target: Option<Known>,
    /// Those of the source, once one was made.
    source: Option<Vec<KnownMilestone>>,
}

#[derive(Debug)]
enum Known {
    /// Whatever it is called.
    All,
    /// What each is called, by its title in small letters; `None`: it was refused.
    These(BTreeMap<String, Option<String>>),
}

impl MilestoneBook {
    /// What was found on the target so far, by titles in small letters.
    pub(super) async fn titles(&self) -> BTreeSet<String> {
        match &self.0.lock().await.target {
            Some(Known::These(known)) => {
                let there = known.iter().filter(|(_, there)| there.is_some());
                there.map(|(key, _)| key.clone()).collect()
            }
            Some(Known::All) | None => BTreeSet::new(),
        }
    }
}

impl Carrier<'_> {
    /// Whether an issue is carried as it is now, so that something may be made for it.
    fn is_written(&self, issue: &Issue) -> Result<bool, StoreError> {
        let policy = self.pass.policy;
        if self.privacy_only || issue.confidential && !policy.confidential {
            return Ok(false);
        }
        let link = self.pass.store.issue_link_of(self.pair, issue.number)?;
        let is_followed = |link: &IssueLink| policy.update_existing || link.settled.is_none();
        let linked = link.is_some();
        Ok(link.as_ref().is_none_or(is_followed) && self.choose(issue, linked)? == Choice::Carry)
    }

    /// Whether the counterpart of an issue got a milestone of that title already: what people made of it
    /// since then is theirs.
    fn got(&self, issue: &Issue, title: &str) -> Result<bool, StoreError> {
        let store = self.pass.store;
        let Some(link) = store.issue_link_of(self.pair, issue.number)? else {
            return Ok(false);
        };
        let bases = store.issue_bases(link.id)?.0;
        let base = bases.get(&Field::Milestone);
        Ok(base.is_some_and(|base| base.from == Digest::of([title]) && base.wrote == base.from))
    }

    /// What the target calls the milestone of an issue, if it is to be set there and can be. What cannot
    /// is counted, and stays a label and a footer line.
    /// `true`: it may not be made, because everybody on the target would read its title.
    pub(super) async fn milestone(&self, issue: &Issue) -> Result<(Option<String>, bool), Trouble> {
        let (policy, target) = (self.pass.policy, self.pass.target);
        let native = policy.milestones
            && policy.milestone_by_title
            && self.abilities.now().can_hold(Field::Milestone);
        let original = issue.milestone.as_ref().filter(|_| native);
        let Some((original, title)) =
            original.and_then(|original| Some((original, policy.milestone(&original.title)?)))
        else {
            return Ok((None, false));
        };
        let mut guard = self.milestones.0.lock().await;
        let Book {
            target: there,
            source,
        } = &mut *guard;
        if there.is_none() {
            let found = target.milestones().await.at(Stage::Update)?;
            *there = Some(found.map_or(Known::All, |found| {
                let titles = found.into_iter().map(|found| found.milestone.title);
                Known::These(titles.map(|t| (t.to_lowercase(), Some(t))).collect())
            }));
        }
        let Some(Known::These(known)) = there.as_mut() else {
            return Ok((Some(title.to_owned()), false));
        };
        let key = title.to_lowercase();
        let mapped = policy.milestone_map.contains_key(&original.title);
        let mut why = "may not be created there by the account of the token";
        if !known.contains_key(&key) {
            if policy.milestone_auto_create && self.got(issue, title)? {
                return Ok((Some(title.to_owned()), false));
            } else if !policy.milestone_auto_create {
                why = "is not there, and `milestone_auto_create` is off";
            } else if !self.may_be_listed(issue, mapped).await? {
                return Ok((None, true));
            } else if !self.is_written(issue)? {
                return Ok((None, false));
            } else if self.pass.options.dry_run {
                let hidden = issue.confidential.then_some(issue.number);
                self.books.plan_beside(|beside| {
                    Beside::add(&mut beside.new_milestones, title, hidden);
                });
                known.insert(key.clone(), Some(title.to_owned()));
            } else {
                let hidden = issue.confidential && self.lists().await? == Lists::Open;
                let mut whole = self.whole(original, source).await?;
                // Of one that only its title may be known of, the rest follows once all of it may be.
                if hidden && let Some(whole) = &mut whole {
                    whole.milestone = Milestone::titled(&original.title);
                }
                let shown = match &whole {
                    Some(whole) => whole.milestone.clone(),
                    None if hidden => Milestone::default(),
                    None => original.clone(),
                };
                if policy.opaque && opaque::tells(&shown.description, self.pass.source.project()) {
                    self.source_is_named(issue.number);
                }
                let new = Milestone {
                    title: title.to_owned(),
                    description: self.milestone_text(&shown.description).await?,
                    ..shown
                };
                let made = match target.create_milestone(new).await {
                    Err(error) if error.kind == ErrorKind::Denied => None,
                    answer => {
                        if answer.at(Stage::Update)?
                            && let Some(whole) = &whole
                        {
                            let made = followed(title, whole);
                            self.pass.store.put_milestone(self.pair, &made)?;
                        }
                        Some(title.to_owned())
                    }
                };
                known.insert(key.clone(), made);
            }
        }
        let there = known.get(&key).cloned().flatten();
        if there.is_none() {
            let title = named(issue, title, "of this issue");
            let why = format!("the milestone {title} {why}; it is a label instead");
            self.books
                .count(|tally| tally.not_carried(issue.number, Field::Milestone.word(), why));
        }
        Ok((there, false))
    }
}
