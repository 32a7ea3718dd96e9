//! Milestones of the target that we made follow those of the source. Those of people are never touched.

use super::attachments;
use super::carry::Carrier;
use super::failure::{At, Trouble};
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{Digest, IssueNumber, KnownMilestone, Milestone, MilestoneChange, Stage};
use crate::plan::draft::{DraftText, TextFacts};
use crate::plan::lists::Lists;
use crate::store::{MadeMilestone, StoreError};
use std::collections::{BTreeMap, BTreeSet};

impl Carrier<'_> {
    /// Whether milestones are made on the target, so that those that were made are ours.
    fn makes_milestones(&self) -> bool {
        let policy = self.pass.policy;
        policy.milestones && policy.milestone_by_title && policy.milestone_auto_create
    }

    /// Brings the milestones up to date that we made, before any issue is: no issue changes when its
    /// milestone does. Answers what was refused; the issues are in step nevertheless.
    pub(super) async fn follow_milestones(&self) -> Result<Vec<ForgeError>, Trouble> {
        let mut refused = Vec::new();
        let (store, target) = (self.pass.store, self.pass.target);
        if !self.makes_milestones() {
            return Ok(refused);
        }
        let mut made = store.milestones(self.pair)?;
        // Otherwise one that the store does not know is of people, whose account may be the token's.
        let looks = made.is_empty() && self.books.count(|tally| tally.found_again);
        if made.is_empty() && !looks {
            return Ok(refused);
        }
        let source = self.pass.source.milestones().await.at(Stage::Read)?;
        let there = target.milestones().await.at(Stage::Update)?;
        let (Some(source), Some(there)) = (source, there) else {
            return Ok(refused);
        };
        if looks {
            made = self.milestones_again(&source, &there).await?;
        }
        if made.is_empty() {
            return Ok(refused);
        }
        let mut seen: Option<BTreeSet<Digest>> = None;
        let mut titles: Vec<String> = there.iter().map(|m| m.milestone.title.clone()).collect();
        for before in made {
            let now = source.iter().find(|now| now.id == before.original.id);
            // What was deleted there stays here.
            let Some(now) = now.filter(|now| followed(&before.title, now) != before) else {
                continue;
            };
            let others = store.pairs_with_milestone(self.pair, &before.title)?;
            let is_shared = others.iter().any(|of| self.pass.neighbours.contains(of));
            if is_shared && !self.shared_is_news(&before, now)? {
                continue;
            }
            // What nobody sees an issue of tells nothing new either.
            if self.lists().await? == Lists::Open {
                let seen = match &mut seen {
                    Some(seen) => seen,
                    none => none.insert(store.seen_milestones(self.pair)?),
                };
                if !seen.contains(&Digest::of([&*before.title])) {
                    continue;
                }
            }
            let ours = there.iter().find(|m| m.milestone.title == before.title);
            let title = self.pass.policy.milestone(&now.milestone.title);
            let (Some(ours), Some(title)) = (ours, title) else {
                // People called it otherwise or deleted it, so it is theirs.
                store.drop_milestone(self.pair, before.original.id)?;
                continue;
            };
            if is_shared {
                // Issues of another source have it too, where nothing may have changed.
                self.tell_shared(&before, now)?;
                continue;
            }
            let same = |other: &String| other.to_lowercase() == title.to_lowercase();
            if title != before.title && titles.iter().any(|t| *t != before.title && same(t)) {
                // There is one of that title, which the issues get then.
                store.drop_milestone(self.pair, before.original.id)?;
                continue;
            }
            let mut change = change(&before, &now.milestone, title, &ours.milestone);
            let after = followed(title, now);
            // One that was made without a description has that of people, if it has any.
            let is_ours = before.described.is_some() || ours.milestone.description.is_empty();
            if is_ours && before.described != after.described {
                let text = self.milestone_text(&now.milestone.description).await?;
                change.description = (text != ours.milestone.description).then_some(text);
            }
            if !change.is_empty() && self.pass.options.dry_run {
                self.books.plan_beside(|beside| {
                    beside.changed_milestones.insert(before.title.clone());
                });
            } else if !change.is_empty() {
                match target.update_milestone(before.title.clone(), change).await {
                    Ok(()) => tracing::info!(
                        pair = self.pass.name,
                        milestone = now.id,
                        "milestone changed"
                    ),
                    Err(error) => {
                        refused.push(error);
                        continue;
                    }
                }
            }
            store.put_milestone(self.pair, &after)?;
            if title != before.title {
                store.milestone_was_renamed(self.pair, &before.title, title)?;
                titles.retain(|other| *other != before.title);
                titles.push(title.to_owned());
            }
        }
        Ok(refused)
    }

    /// Whether the source changed a milestone that is not to follow, and that was not told yet.
    fn shared_is_news(
        &self,
        before: &MadeMilestone,
        now: &KnownMilestone,
    ) -> Result<bool, StoreError> {
        let mut after = followed(&before.title, now);
        // Of one that an older version made it was not noted, so nobody knows that it changed.
        if before.described.is_none() {
            after.described = None;
        }
        let told = self.pass.store.told_of_milestone(self.pair, now.id)?;
        Ok(after != *before && told != Some(whole(now)))
    }

    /// Tells once that a milestone does not follow as long as issues of another source have it.
    fn tell_shared(&self, before: &MadeMilestone, now: &KnownMilestone) -> Result<(), StoreError> {
        let store = self.pass.store;
        store.set_told_of_milestone(self.pair, now.id, whole(now))?;
        // What only confidential issues have is not named: whoever reads this may not be one of those who may.
        let seen = store.seen_milestones(self.pair)?;
        let named = if seen.contains(&Digest::of([&*before.title])) {
            format!("the milestone {}", before.title)
        } else {
            "a milestone that only confidential issues have".to_owned()
        };
        self.books.count(|tally| {
            tally.warnings.push(format!(
                "{named} changed on the source and stays as it is on the target: issues of another source have it too. It follows once they do not; until then change it by hand, or give one of the sources another title for it (`map-milestone`)."
            ));
        });
        Ok(())
    }

    /// Milestones of the target that our account made, of a pair whose counterparts were found again: they
    /// follow from now on. What people changed of them meanwhile stays, an emptied description too.
    async fn milestones_again(
        &self,
        source: &[KnownMilestone],
        there: &[KnownMilestone],
    ) -> Result<Vec<MadeMilestone>, Trouble> {
        let store = self.pass.store;
        let mut found = Vec::new();
        for original in source {
            let Some(title) = self.pass.policy.milestone(&original.milestone.title) else {
                continue;
            };
            let Some(same) = there.iter().find(|there| there.milestone.title == title) else {
                continue;
            };
            let others = store.pairs_with_milestone(self.pair, title)?;
            if others.iter().any(|of| self.pass.neighbours.contains(of)) {
                continue;
            }
            found.push((same.id, followed(title, original)));
        }
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let ours = self.pass.target.made_milestones().await;
        let ours = ours.at(Stage::Update)?;
        let mut again = Vec::new();
        for (_, made) in found.into_iter().filter(|(id, _)| ours.contains(id)) {
            // Two of one title would both be it.
            if again
                .iter()
                .all(|known: &MadeMilestone| known.title != made.title)
            {
                store.put_milestone(self.pair, &made)?;
                again.push(made);
            }
        }
        Ok(again)
    }

    /// The milestone of the source that an issue names, with all that is known of it; `None` where the
    /// source does not tell its milestones apart.
    pub(super) async fn whole(
        &self,
        original: &Milestone,
        known: &mut Option<Vec<KnownMilestone>>,
    ) -> Result<Option<KnownMilestone>, Trouble> {
        if known.is_none() {
            let source = match self.pass.source.milestones().await {
                Err(error) if error.kind == ErrorKind::Denied => None,
                answer => answer.at(Stage::Read)?,
            };
            *known = Some(source.unwrap_or_default());
        }
        let mut all = known.iter().flatten();
        let found = all.find(|known| known.milestone.title == original.title);
        Ok(found.cloned())
    }

    /// The description of a milestone as the target is to have it: text like any other. Files that it
    /// links to stay where they are.
    pub(super) async fn milestone_text(&self, source: &str) -> Result<String, Trouble> {
        if source.is_empty() {
            return Ok(String::new());
        }
        // Links are read as from an issue, of which it is none.
        let nowhere = IssueNumber(1);
        let links = attachments::links(source);
        let facts = TextFacts {
            attachments: self.linked_files(nowhere, &links).await?,
            addresses: self.addresses(nowhere, &links),
            ..TextFacts::default()
        };
        let mut text = DraftText::alone(source, &facts);
        text.references = self.leads(nowhere, source)?;
        let files = text.attachments.iter();
        let files = files.filter_map(|file| {
            let leads = self.not_carried_as(&file.file, &file.link)?;
            Some((file.link.clone(), leads))
        });
        let files: BTreeMap<String, String> = files.collect();
        let fitted = text.render(self.setting(), &files, &|alone| alone.text.clone());
        Ok(fitted.unwrap_or_default().text)
    }
}

/// What is remembered of a milestone that was made, or brought up to date.
pub(super) fn followed(title: &str, original: &KnownMilestone) -> MadeMilestone {
    let KnownMilestone { id, milestone } = original;
    MadeMilestone {
        title: title.to_owned(),
        described: Some(Digest::of([&*milestone.description])),
        original: KnownMilestone {
            id: *id,
            milestone: Milestone {
                description: String::new(),
                ..milestone.clone()
            },
        },
    }
}

/// A digest of all that is known of a milestone of the source.
fn whole(original: &KnownMilestone) -> Digest {
    Digest::of([&*format!("{:?}", original.milestone)])
}

/// What is to be written, value by value: what the source did not change is left to people.
fn change(
    before: &MadeMilestone,
    now: &Milestone,
    title: &str,
    there: &Milestone,
) -> MilestoneChange {
    let old = &before.original.milestone;
    MilestoneChange {
        title: (title != before.title).then(|| title.to_owned()),
        start_date: changed(old.start_date, now.start_date, there.start_date),
        due_date: changed(old.due_date, now.due_date, there.due_date),
        closed: changed(old.closed, now.closed, there.closed),
        description: None,
    }
}

/// A value, if the source changed it and the target does not have it already.
fn changed<T: PartialEq + Copy>(old: T, now: T, there: T) -> Option<T> {
    (now != old && now != there).then_some(now)
}
