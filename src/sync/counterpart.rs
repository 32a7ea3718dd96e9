//! A counterpart as it is on the target: read, looked at, found again.

use super::carry::{Carrier, End};
use super::failure::Trouble;
use crate::forge::{ErrorKind, Forge, ForgeError};
use crate::model::{
    Bases, Comment, Digest, Field, Issue, IssueNumber, LabelOrigin, LabelTitles, LinkId, LinkState,
    OurLabel, Stage, Thread,
};
use crate::plan::draft::{comment_digests, digests};
use crate::plan::found;
use crate::store::StoreError;
use crate::text::envelope::{split_comment, split_description};
use crate::text::marker;
use std::collections::{BTreeMap, BTreeSet};

/// The word for comments among the fields that people changed.
pub(super) const COMMENTS: &str = "comments";

/// Reads one issue of the target.
pub(super) async fn read_one(
    target: &dyn Forge,
    number: IssueNumber,
) -> Result<Thread, ForgeError> {
    let mut threads = target.read(vec![number]).await?;
    if threads.len() == 1 {
        return threads.remove(0);
    }
    Err(ForgeError::new(
        ErrorKind::Malformed,
        format!("reading #{number}"),
        "not one answer came back",
    ))
}

impl Carrier<'_> {
    /// Looks at a counterpart whose original did not change: is it there, and did people change it?
    pub(super) async fn verify(&self, link: LinkId) -> Result<End, Trouble> {
        let known = self.pass.store.issue_link(link)?;
        let version = self.there.get(&known.target_id).copied();
        // Nothing of it changed since it was last looked at.
        if version.is_some() && version == known.verified {
            return Ok(End::Unchanged);
        }
        let thread = match read_one(self.pass.target, known.target_number).await {
            Ok(thread) => thread,
            Err(error) => {
                let failed = Err(Trouble::Issue(Stage::Update, error));
                self.gone(link, failed).await?;
                return Ok(End::Gone);
            }
        };
        let (known, ours) = self.pass.store.issue_bases(link)?;
        let mut drift = drifted(&known, &digests(&thread.issue));
        // What stands below the footer goes when the text is written anew, as what stands in it does.
        let goes_on = split_description(&thread.issue.text).is_some_and(|split| split.goes_on());
        drift.extend((goes_on && known.contains_key(&Field::Text)).then_some(Field::Text));
        let policy = self.pass.policy;
        // What is not ours any more is theirs to change.
        drift.retain(|field| policy.carries(*field));
        drift.extend(self.lost_labels(&ours, &thread.issue));
        let comments = self.verify_comments(link, &thread)?;
        let mut words: BTreeSet<&str> = drift.iter().map(|field| field.word()).collect();
        words.extend((comments > 0).then_some(COMMENTS));
        let before = self.pass.store.drift_of(link)?;
        self.pass.store.set_drift(link, &words)?;
        // What was told before is not told again; `status` shows it.
        drift.retain(|field| !before.contains(field.word()));
        let number = thread.issue.number;
        self.drift(number, &drift);
        if !before.contains(COMMENTS) {
            self.comments_drift(number, comments);
        }
        if let Some(version) = version {
            self.pass.store.set_verified(link, version)?;
        }
        Ok(End::Unchanged)
    }

    /// Looks for a counterpart that was not there any more: if it is there again, a disk or a right
    /// was missing rather than that somebody deleted it. Answers how it is carried on.
    pub(super) async fn look_again(&self, link: LinkId) -> Result<Option<LinkState>, Trouble> {
        let known = self.pass.store.issue_link(link)?;
        let Ok(thread) = read_one(self.pass.target, known.target_number).await else {
            return Ok(None);
        };
        if marker::keys(&thread.issue.text).last() != Some(&known.key.as_str()) {
            return Ok(None);
        }
        let hidden = self.is_concealed(link)? && !self.pass.policy.confidential;
        let state = if hidden {
            LinkState::Hidden
        } else {
            LinkState::Active
        };
        self.pass.store.revive(link, state)?;
        Ok(Some(state))
    }

    /// Counts fields of a counterpart that people changed.
    fn drift(&self, number: IssueNumber, fields: &BTreeSet<Field>) {
        if fields.is_empty() {
            return;
        }
        let words: Vec<&str> = fields.iter().map(|field| field.word()).collect();
        tracing::info!(
            pair = self.pass.name,
            target = number.0,
            fields = words.join(", "),
            "changed on the target by people"
        );
        self.books.count(|tally| {
            tally.drift += fields.len() as u64;
            let words = fields.iter().map(|field| field.word().to_owned());
            tally.drifted.entry(number).or_default().extend(words);
        });
    }

    /// Notes fields of a counterpart that people changed, and counts those that were not known.
    pub(super) fn add_drift(
        &self,
        link: LinkId,
        number: IssueNumber,
        fields: &BTreeSet<Field>,
    ) -> Result<(), StoreError> {
        if fields.is_empty() {
            return Ok(());
        }
        let mut fields = fields.clone();
        let before = self.pass.store.drift_of(link)?;
        fields.retain(|field| !before.contains(field.word()));
        for field in &fields {
            self.pass.store.add_drift(link, field.word())?;
        }
        self.drift(number, &fields);
        Ok(())
    }

    /// Whether people took labels away that we set, or somebody whom we assigned.
    pub(super) fn lost_labels(&self, ours: &BTreeSet<OurLabel>, there: &Issue) -> BTreeSet<Field> {
        let mine = ours.iter().filter(|label| {
            let frozen = self.pass.policy.is_frozen(label.origin);
            (label.is_label_of_ours() || !label.is_label()) && !frozen
        });
        let titles = self.abilities.now().label_titles;
        let lost = mine.filter(|label| !is_there(label, there, titles));
        lost.map(|label| match label.origin {
            LabelOrigin::Assigned => Field::Assignees,
            _ => Field::Labels,
        })
        .collect()
    }

    /// Counts comments of a counterpart that people changed.
    pub(super) fn comments_drift(&self, number: IssueNumber, comments: u64) {
        if comments > 0 {
            self.books.count(|tally| {
                tally.drift += comments;
                let words = tally.drifted.entry(number).or_default();
                words.insert(COMMENTS.to_owned());
            });
        }
    }

    /// The same for comments; answers how many people changed.
    fn verify_comments(&self, link: LinkId, thread: &Thread) -> Result<u64, StoreError> {
        let mut drift = 0;
        self.revive_comments(link, thread)?;
        for comment in self.pass.store.comment_links(link)? {
            if comment.state != LinkState::Active {
                continue;
            }
            match thread.comments.iter().find(|c| c.id == comment.target_id) {
                Some(there) => {
                    let changed = drifted(&comment.bases, &comment_digests(&there.text));
                    let goes_on = split_comment(&there.text).is_some_and(|split| split.goes_on());
                    drift += u64::from(goes_on || !changed.is_empty());
                }
                None => self.comment_gone(comment.id)?,
            }
        }
        Ok(drift)
    }

    /// Finds counterparts of comments that were not there any more and are there again; what they
    /// missed arrives when the issue is carried next.
    pub(super) fn revive_comments(&self, link: LinkId, thread: &Thread) -> Result<(), StoreError> {
        let store = self.pass.store;
        for comment in store.comment_links(link)? {
            let is_back = |there: &Comment| {
                there.id == comment.target_id
                    && marker::keys(&there.text).contains(&comment.key.as_str())
            };
            if comment.state == LinkState::Gone && thread.comments.iter().any(is_back) {
                store.begin_comment_state(link, comment.id, LinkState::Active)?;
            }
        }
        Ok(())
    }

    /// Somebody deleted the counterpart of a comment: reported once, not made again.
    pub(super) fn comment_gone(&self, link: LinkId) -> Result<(), StoreError> {
        self.pass.store.set_comment_state(link, LinkState::Gone)?;
        self.books.count(|tally| tally.gone += 1);
        Ok(())
    }
}

/// Whether a label that we set is still on an issue, or somebody whom we assigned still assigned.
fn is_there(ours: &OurLabel, issue: &Issue, titles: LabelTitles) -> bool {
    if ours.is_label() {
        let mut labels = issue.labels.iter();
        labels.any(|label| titles.same(label, &ours.name))
    } else {
        issue.is_assigned(&ours.name)
    }
}

/// The fields that people changed on the target.
fn drifted(known: &Bases, there: &BTreeMap<Field, Digest>) -> BTreeSet<Field> {
    let changed = there.iter().filter(|(field, there)| {
        // Hours that people log are meant to be there, and a text counts once.
        !matches!(field, Field::TimeSpent | Field::Rewriting)
            && found::base(known, **field).is_some_and(|base| base.wrote != **there)
    });
    changed.map(|(field, _)| *field).collect()
}
