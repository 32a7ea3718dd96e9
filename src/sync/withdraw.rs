//! What a target cannot hide, taken away: deleted where that is allowed, else withdrawn, which
//! leaves a note where it stood (P7).

use super::carry::Carrier;
use super::counterpart::read_one;
use super::description::{short, written};
use super::failure::{At, Trouble};
use super::rebuild::{is_of_pair, split_of_comment};
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{
    Base, Bases, CommentId, CommentPatch, Digest, Field, Issue, IssueLink, IssueNumber,
    LabelOrigin, LinkId, LinkState, OurLabel, Patch, Stage,
};
use crate::plan::draft::digests;
use crate::plan::opaque;
use crate::store::{FoundComment, StoreError};
use crate::text::envelope::{self, split_comment};
use crate::text::marker::{Marker, Role};
use std::collections::BTreeSet;

/// What stands where a title or a text was.
const NOTE: &str = "This text was withdrawn.";
const TITLE: &str = "Withdrawn";

/// How a counterpart was taken out of sight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Concealed {
    /// People had done it already, or we.
    Before,
    /// It is confidential now.
    Now,
    /// It is there, and says nothing any more.
    Withdrawn,
    /// It is not there any more, and its link is not either.
    Deleted,
}

impl Carrier<'_> {
    /// Takes away a counterpart that the target does not hide.
    pub(super) async fn take_away(&self, link: LinkId) -> Result<Concealed, Trouble> {
        let known = self.pass.store.issue_link(link)?;
        let number = known.source_number;
        // What a person wrote and joined is not ours to delete.
        if !known.theirs && self.delete(&known).await? {
            self.books.count(|tally| {
                tally.warnings.push(format!(
                    "#{number} may not be seen by everybody any more, and the target did not make its counterpart confidential: it was deleted there."
                ));
            });
            return Ok(Concealed::Deleted);
        }
        self.withdraw(&known).await?;
        self.keep_withdrawn(link).await?;
        self.books.count(|tally| {
            tally.warnings.push(format!(
                "#{number} may not be seen by everybody any more, and the target neither made its counterpart confidential nor let it be deleted: its title, its text and our comments were withdrawn. The history of its edits there may keep the former text; let an Owner delete #{}.",
                known.target_number
            ));
        });
        Ok(Concealed::Withdrawn)
    }

    /// Deletes a counterpart and forgets it, so that it is made anew if it may be seen again. Answers
    /// whether the target let us.
    async fn delete(&self, known: &IssueLink) -> Result<bool, Trouble> {
        // On record before: what is missing then is what we deleted.
        self.record_conceal(known.id, deleting(), None)?;
        match self.pass.target.delete_issue(known.target_number).await {
            Ok(()) => {}
            Err(error) if is_refused(&error) => return Ok(false),
            Err(error) => return Err(error).at(Stage::Hide),
        }
        self.pass.store.take_away(known.id)?;
        Ok(true)
    }

    /// Whether a counterpart that is missing is one that we deleted, without having heard so. The
    /// project must be healthy.
    pub(super) async fn was_deleted(&self, link: LinkId) -> Result<bool, Trouble> {
        if self.wrote_of_conceal(link)? != Some(deleting()) {
            return Ok(false);
        }
        self.pass.target.newest().await.at(Stage::Hide)?;
        self.pass.store.take_away(link)?;
        Ok(true)
    }

    /// Whether everything of ours was taken off a counterpart.
    pub(super) fn is_withdrawn(&self, link: LinkId) -> Result<bool, StoreError> {
        Ok(self.wrote_of_conceal(link)? == Some(withdrawn()))
    }

    /// Whether a counterpart from which everything of ours was taken may be hidden by now: the account or
    /// the licence is another one than when that was last refused.
    pub(super) async fn may_hide_withdrawn(&self, link: LinkId) -> Result<bool, Trouble> {
        if !self.is_withdrawn(link)? {
            return Ok(false);
        }
        let (bases, _) = self.pass.store.issue_bases(link)?;
        let then = bases.get(&Field::Confidential).and_then(|base| base.value);
        Ok(then != Some(self.standing_word().await?))
    }

    /// Notes (again) that it was withdrawn, and as whom we could not hide it.
    pub(super) async fn keep_withdrawn(&self, link: LinkId) -> Result<(), Trouble> {
        // On record before it is asked who we are: that may fail, and then a full pass tries again.
        self.record_conceal(link, withdrawn(), None)?;
        match self.standing_word().await {
            Ok(standing) => Ok(self.record_conceal(link, withdrawn(), Some(standing))?),
            Err(Trouble::Issue(..)) => Ok(()),
            Err(trouble) => Err(trouble),
        }
    }

    /// The account and the licence as a number that a base can hold.
    async fn standing_word(&self) -> Result<u64, Trouble> {
        let standing = self.pass.target.standing().await.at(Stage::Hide)?;
        let digest = Digest::of([&*standing.word()]);
        let bytes = digest.as_bytes().iter().take(7);
        Ok(bytes.fold(0, |word, byte| word << 8 | u64::from(*byte)))
    }

    async fn withdraw(&self, known: &IssueLink) -> Result<(), Trouble> {
        let (store, target) = (self.pass.store, self.pass.target);
        let (bases, mut labels) = store.issue_bases(known.id)?;
        labels.retain(|label| !label.is_label() || label.is_label_of_ours());
        let there = read_one(target, known.target_number).await;
        // Of what people put there instead of ours nothing is taken.
        let holds = there.as_ref().map(|there| digests(&there.issue));
        let stays_ours = |field| {
            let (holds, base) = (holds.as_ref().ok(), bases.get(&field));
            let is = holds.and_then(|holds| holds.get(&field));
            is.is_some() && is == base.map(|base| &base.wrote)
        };
        let milestone = stays_ours(Field::Milestone);
        let iteration = stays_ours(Field::Iteration);
        let epic = stays_ours(Field::Epic);
        // Whatever becomes of it, all of it is written again when it may be seen again.
        let mut fields: BTreeSet<Field> = bases.into_keys().collect();
        // What it came through stays on record, or it would come back to where it began (P5).
        let split = there.as_ref().ok();
        let split = split.and_then(|there| envelope::split_description(&there.issue.text));
        let lineage = split.map_or_else(Vec::new, |split| split.marker.lineage);
        if known.found {
            // What was ours is not known, so nothing stays.
            fields.extend([Field::Weight, Field::DueDate, Field::TimeEstimate]);
            let there = there.at(Stage::Hide)?.issue.labels.into_iter();
            let origin = LabelOrigin::Label;
            labels.extend(there.map(|name| OurLabel { name, origin }));
        }
        fields.remove(&Field::Confidential);
        fields.remove(&Field::TimeSpent);
        store.doubt_issue(known.id, &fields, None)?;
        let mine = |field| fields.contains(&field);
        let text = Patch {
            title: Some(TITLE.to_owned()),
            description: Some(self.withdrawn_text(known, lineage)),
            ..Patch::default()
        };
        let names = |is_label| -> Vec<String> {
            let ours = labels.iter().filter(|ours| ours.is_label() == is_label);
            ours.map(|ours| ours.name.clone()).collect()
        };
        let rest = Patch {
            remove_labels: names(true),
            remove_assignees: names(false),
            weight: mine(Field::Weight).then_some(None),
            due_date: mine(Field::DueDate).then_some(None),
            milestone: milestone.then_some(None),
            ..Patch::default()
        };
        let plans = Patch {
            iteration: iteration.then_some(None),
            epic: epic.then_some(None),
            ..Patch::default()
        };
        let time = Patch {
            time_estimate: mine(Field::TimeEstimate).then_some(0),
            ..Patch::default()
        };
        // The text first and alone: a role that may not change the rest may change that.
        let mut left = labels;
        for (patch, must) in [(text, true), (rest, false), (plans, false), (time, false)] {
            if patch.is_empty() {
                continue;
            }
            let alone = self.changing(known.id).await?;
            let sent = target.update_issue(known.target_number, patch, &|| true);
            match self.changed(known.id, alone, sent.await)? {
                Err(error) if !must && (is_refused(&error) || error.kind == ErrorKind::Denied) => {}
                Err(error) => return Err(error).at(Stage::Hide),
                Ok(answer) if must && !answer.text.starts_with(NOTE) => {
                    return Err(refused(known.target_number)).at(Stage::Hide);
                }
                Ok(answer) => {
                    left.retain(|ours| {
                        if ours.is_label() {
                            answer.labels.contains(&ours.name)
                        } else {
                            answer.is_assigned(&ours.name)
                        }
                    });
                }
            }
        }
        if !left.is_empty() {
            let number = known.target_number;
            self.books.count(|tally| {
                tally.warnings.push(format!(
                    "#{number} of the target keeps its labels, assignees or dates: the account may not change them."
                ));
            });
        }
        self.withdraw_comments(known).await?;
        Ok(store.record_issue(known.id, &Bases::new(), Some(&left))?)
    }

    /// The note and the marker by which the counterpart is found again; no footer.
    fn withdrawn_text(&self, known: &IssueLink, lineage: Vec<String>) -> String {
        if known.theirs {
            return NOTE.to_owned();
        }
        let marker = self.marker_of(known, &known.key, known.source_id.0);
        let lineage = if lineage.is_empty() {
            marker.lineage.clone()
        } else {
            lineage
        };
        let marker = Marker {
            lineage,
            baseline: self.plan.baseline.to_string(),
            // What stands there is ours, also for somebody who knows nothing else of it.
            written: written(TITLE, NOTE),
            ..marker
        };
        let marker = opaque::marker(marker, self.pass.policy);
        let matter = self.pass.target.capabilities().front_matter;
        envelope::description(NOTE, &marker, &[], matter)
    }

    fn marker_of(&self, known: &IssueLink, key: &str, source_id: u64) -> Marker {
        let (source, target) = (self.pass.source.project(), self.pass.target.project());
        Marker {
            key: key.to_owned(),
            source: format!("{}:{}", source.key, known.source_number),
            source_id,
            target: target.key.to_string(),
            role: Role::Counterpart,
            lineage: vec![source.key.to_string()],
            ..Marker::default()
        }
    }

    async fn withdraw_comments(&self, known: &IssueLink) -> Result<(), Trouble> {
        self.find_comments(known).await?;
        for comment in self.pass.store.comment_links(known.id)? {
            if matches!(comment.state, LinkState::Active | LinkState::Leaving) {
                let place = (known.id, known.target_number);
                let taken = self
                    .take_comment(place, comment.id, comment.target_id)
                    .await;
                taken.map_err(Trouble::about_hiding)?;
            }
        }
        Ok(())
    }

    /// Of a counterpart that was found again, nothing is known of its comments yet.
    async fn find_comments(&self, known: &IssueLink) -> Result<(), Trouble> {
        if !known.found {
            return Ok(());
        }
        let there = read_one(self.pass.target, known.target_number).await;
        let mut found = Vec::new();
        for comment in there.at(Stage::Hide)?.comments {
            let split = split_of_comment(self.pass, &comment.text).filter(|split| {
                let marker = &split.marker;
                comment.ours && marker.role == Role::Counterpart && is_of_pair(self.pass, marker)
            });
            if let Some(split) = split
                && !self.pass.store.knows(&split.marker.key)?
            {
                found.push(FoundComment {
                    source_id: CommentId(split.marker.source_id),
                    target_id: comment.id,
                    key: split.marker.key,
                    bases: Bases::new(),
                });
            }
        }
        Ok(self.pass.store.adopt_comments(known.id, &found)?)
    }

    /// Takes away a comment that must not be seen any more: deleted, or withdrawn where that is
    /// refused. Either way it is not tried again.
    pub(super) async fn take_comment(
        &self,
        (issue, number): (LinkId, IssueNumber),
        link: LinkId,
        comment: CommentId,
    ) -> Result<bool, Trouble> {
        self.give_up_files_of(issue, link)?;
        let refused = match self.remove((issue, number), link, comment).await {
            Err(trouble) if trouble.is_refusal() => trouble,
            done => return done,
        };
        let store = self.pass.store;
        let mut links = store.comment_links(issue)?.into_iter();
        let Some(known) = links.find(|known| known.id == link) else {
            return Err(refused);
        };
        let original = store.issue_link(issue)?;
        let marker = Marker {
            written: short(""),
            ..self.marker_of(&original, &known.key, known.source_id.0)
        };
        let marker = opaque::marker(marker, self.pass.policy);
        let body = envelope::comment(NOTE, "", &marker);
        let patch = CommentPatch { author: None, body };
        let answer = self.send_comment((issue, number), &known, patch).await?;
        if answer.is_some_and(|answer| !answer.text.starts_with(NOTE)) {
            let doing = format!("withdrawing a comment in #{number}");
            let said = "the target did not take the change; delete it there by hand";
            return Err(ForgeError::new(ErrorKind::Denied, doing, said)).at(Stage::Hide);
        }
        store.set_comment_state(link, LinkState::Removed)?;
        self.books.count(|tally| {
            tally.comments.updated += 1;
            tally.warnings.push(format!(
                "a comment of #{} may not be seen by everybody any more, and the target did not let its counterpart in #{number} be deleted: its text was withdrawn. The history of its edits there may keep the former text; let an Owner delete it.",
                original.source_number
            ));
        });
        Ok(true)
    }

    fn record_conceal(
        &self,
        link: LinkId,
        wrote: Digest,
        value: Option<u64>,
    ) -> Result<(), StoreError> {
        let from = super::hide::confidential(true);
        let base = Base { from, wrote, value };
        let bases = Bases::from([(Field::Confidential, base)]);
        self.pass.store.record_issue(link, &bases, None)
    }

    fn wrote_of_conceal(&self, link: LinkId) -> Result<Option<Digest>, StoreError> {
        let (bases, _) = self.pass.store.issue_bases(link)?;
        let base = bases.get(&Field::Confidential);
        let concealed = base.filter(|base| base.from == super::hide::confidential(true));
        Ok(concealed.map(|base| base.wrote))
    }
}

/// Whether all that stands in an issue is that it was withdrawn.
pub(super) fn says_so(there: &Issue) -> bool {
    let text = envelope::split_description(&there.text).map_or(&*there.text, |split| split.text);
    there.title == TITLE && text.trim_end() == NOTE
}

/// Whether all that stands in a comment of ours is that it was withdrawn.
pub(super) fn comment_says_so(text: &str) -> bool {
    split_comment(text).is_some_and(|split| split.text.is_empty()) && text.starts_with(NOTE)
}

/// The account may not do it, or the target cannot.
pub(super) fn is_denied(error: &ForgeError) -> bool {
    error.kind != ErrorKind::Rejected && is_refused(error)
}

/// The target will say the same again.
fn is_refused(error: &ForgeError) -> bool {
    let kinds = [
        ErrorKind::Denied,
        ErrorKind::Rejected,
        ErrorKind::Unsupported,
    ];
    kinds.contains(&error.kind) && error.fate == crate::forge::Fate::NotDone
}

fn refused(number: IssueNumber) -> ForgeError {
    ForgeError::new(
        ErrorKind::Denied,
        format!("withdrawing #{number}"),
        "the target did not take the change; hide or delete it there by hand",
    )
}

fn deleting() -> Digest {
    Digest::of(["being deleted"])
}

/// What stands on record of a counterpart from which everything of ours was taken.
pub(super) fn withdrawn() -> Digest {
    Digest::of(["withdrawn"])
}
