//! What a target cannot hide, taken away: deleted where that is allowed, else withdrawn, which
//! leaves a note where it stood (P7).

use super::carry::Carrier;
use super::failure::{At, Trouble};
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{
    Base, Bases, CommentPatch, Digest, Field, IssueLink, IssueNumber, LinkId, LinkState, Patch,
    Stage,
};
use crate::store::StoreError;
use crate::text::envelope;
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
        self.record_conceal(known.id, deleting())?;
        match self.pass.target.delete_issue(known.target_number).await {
            Ok(()) => {}
            Err(error) if is_refused(&error) => return Ok(false),
            Err(error) => return Err(error).at(Stage::Hide),
        }
        self.pass.store.forget(known.id)?;
        Ok(true)
    }

    /// Whether a counterpart that is missing is one that we deleted, without having heard so. The
    /// project must be healthy.
    pub(super) async fn was_deleted(&self, link: LinkId) -> Result<bool, Trouble> {
        if self.wrote_of_conceal(link)? != Some(deleting()) {
            return Ok(false);
        }
        self.pass.target.newest().await.at(Stage::Hide)?;
        self.pass.store.forget(link)?;
        Ok(true)
    }

    /// Whether everything of ours was taken off a counterpart.
    pub(super) fn is_withdrawn(&self, link: LinkId) -> Result<bool, StoreError> {
        Ok(self.wrote_of_conceal(link)? == Some(withdrawn()))
    }

    /// Notes again what asking once more for confidentiality put in doubt.
    pub(super) fn keep_withdrawn(&self, link: LinkId) -> Result<(), StoreError> {
        self.record_conceal(link, withdrawn())
    }

    async fn withdraw(&self, known: &IssueLink) -> Result<(), Trouble> {
        let (store, target) = (self.pass.store, self.pass.target);
        let (bases, labels) = store.issue_bases(known.id)?;
        // Whatever becomes of it, all of it is written again when it may be seen again.
        let mut fields: BTreeSet<Field> = bases.into_keys().collect();
        fields.remove(&Field::Confidential);
        fields.remove(&Field::TimeSpent);
        store.doubt_issue(known.id, &fields, None)?;
        let mine = |field| fields.contains(&field);
        let text = Patch {
            title: Some(TITLE.to_owned()),
            description: Some(self.withdrawn_text(known)),
            ..Patch::default()
        };
        let rest = Patch {
            remove_labels: labels.iter().map(|label| label.name.clone()).collect(),
            weight: mine(Field::Weight).then_some(None),
            due_date: mine(Field::DueDate).then_some(None),
            ..Patch::default()
        };
        let time = Patch {
            time_estimate: mine(Field::TimeEstimate).then_some(0),
            ..Patch::default()
        };
        // The text first and alone: a role that may not change the rest may change that.
        let mut left = labels;
        for (patch, must) in [(text, true), (rest, false), (time, false)] {
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
                    left.retain(|ours| answer.labels.contains(&ours.name));
                }
            }
        }
        if !left.is_empty() {
            let number = known.target_number;
            self.books.count(|tally| {
                tally.warnings.push(format!(
                    "#{number} of the target keeps its labels and dates: the account may not change them."
                ));
            });
        }
        self.withdraw_comments(known).await?;
        store.record_issue(known.id, &Bases::new(), Some(&left))?;
        Ok(self.record_conceal(known.id, withdrawn())?)
    }

    /// The note and the marker by which the counterpart is found again; no footer.
    fn withdrawn_text(&self, known: &IssueLink) -> String {
        if known.theirs {
            return NOTE.to_owned();
        }
        let marker = Marker {
            baseline: self.plan.baseline.to_string(),
            ..self.marker_of(known, &known.key, known.source_id.0)
        };
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
            ..Marker::default()
        }
    }

    async fn withdraw_comments(&self, known: &IssueLink) -> Result<(), Trouble> {
        let (store, target) = (self.pass.store, self.pass.target);
        for comment in store.comment_links(known.id)? {
            if !matches!(comment.state, LinkState::Active | LinkState::Leaving) {
                continue;
            }
            let place = (known.id, known.target_number);
            let Err(refused) = self.remove(place, comment.id, comment.target_id).await else {
                continue;
            };
            if !refused.is_refusal() {
                return Err(refused.about_hiding());
            }
            let marker = self.marker_of(known, &comment.key, comment.source_id.0);
            let patch = CommentPatch {
                body: envelope::comment(NOTE, "", &marker),
            };
            let sent = target.update_comment(known.target_number, comment.target_id, patch);
            sent.await.at(Stage::Hide)?;
        }
        Ok(())
    }

    fn record_conceal(&self, link: LinkId, wrote: Digest) -> Result<(), StoreError> {
        let from = super::hide::confidential(true);
        let value = None;
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

fn withdrawn() -> Digest {
    Digest::of(["withdrawn"])
}
