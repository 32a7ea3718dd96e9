//! A counterpart as a whole: hidden and shown, looked at, found to be gone.

use super::carry::{Carrier, End, Way, Written};
use super::failure::{At, Trouble};
use super::tally::PlannedAction;
use crate::forge::{ErrorKind, Forge, ForgeError};
use crate::model::{
    Base, Bases, Comment, Digest, Field, Issue, IssueNumber, LinkId, LinkState, Patch, Stage,
    Thread,
};
use crate::plan::draft::{comment_digests, digests};
use crate::plan::selection::SkipReason;
use crate::store::StoreError;
use crate::text::marker;
use std::collections::{BTreeMap, BTreeSet};

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
    /// Hides a counterpart whose original became confidential (P7).
    pub(super) async fn hide(
        &self,
        link: LinkId,
        state: LinkState,
        issue: &Issue,
        written: &mut Written,
    ) -> Result<End, Trouble> {
        let reason = if issue.confidential {
            SkipReason::Confidential
        } else {
            // A label says so.
            SkipReason::Filtered
        };
        if state == LinkState::Hidden {
            self.settle_hidden(link, issue, reason)?;
            return Ok(End::Skipped(reason));
        }
        if self.pass.options.dry_run {
            self.planned(issue, PlannedAction::Hide, |_| {});
            return Ok(End::Updated);
        }
        let concealed = self.conceal(link).await;
        if let Ok(true) = concealed {
            *written = Written::Changed;
        }
        let did = concealed.as_ref().is_ok_and(|did| *did);
        if self.gone(link, concealed.map(drop)).await? {
            return Ok(End::Gone);
        }
        self.pass.store.set_issue_state(link, LinkState::Hidden)?;
        self.settle_hidden(link, issue, reason)?;
        if !did {
            return Ok(End::Skipped(reason));
        }
        self.books.count(|tally| tally.hidden += 1);
        tracing::info!(
            pair = self.pass.name,
            source = issue.number.0,
            "issue hidden"
        );
        Ok(End::Updated)
    }

    fn settle_hidden(
        &self,
        link: LinkId,
        issue: &Issue,
        reason: SkipReason,
    ) -> Result<(), StoreError> {
        let (store, step) = (self.pass.store, self.step(issue));
        store.pass_over(self.pair, issue.id, reason.word(), step)?;
        self.settle(link, issue)
    }

    /// Hides a counterpart, unless people did already; answers whether anything was sent. That it
    /// was us is on record before, so that we show again what we hid and nothing else.
    pub(super) async fn conceal(&self, link: LinkId) -> Result<bool, Trouble> {
        let number = self.pass.store.issue_link(link)?.target_number;
        if !self.pass.target.capabilities().confidential {
            let doing = format!("hiding #{number}");
            let said = "the target has no confidential issues; hide or delete it there by hand";
            return Err(ForgeError::new(ErrorKind::Unsupported, doing, said)).at(Stage::Hide);
        }
        match read_one(self.pass.target, number).await {
            Ok(there) if there.issue.confidential => {
                // It was we who began it, or people did it.
                if self.is_concealed(link)? {
                    self.record_confidential(link, true, true)?;
                }
                return Ok(false);
            }
            Err(error) if error.kind == ErrorKind::NotFound => return Err(error).at(Stage::Hide),
            // Also where it cannot be read: better twice than not at all.
            Ok(_) | Err(_) => {}
        }
        self.set_confidential(link, number, true).await?;
        Ok(true)
    }

    /// Hides the counterpart of a confidential issue that is carried, unless that is done.
    pub(super) async fn conceal_once(&self, link: LinkId) -> Result<bool, Trouble> {
        let (bases, _) = self.pass.store.issue_bases(link)?;
        let done = bases.get(&Field::Confidential).is_some_and(|base| {
            base.from == confidential(true) && base.wrote == confidential(true)
        });
        if done {
            return Ok(false);
        }
        self.conceal(link).await
    }

    /// Whether we hid the counterpart of an issue that may be seen again.
    pub(super) fn is_to_be_shown(&self, link: LinkId, way: &Way<'_>) -> Result<bool, StoreError> {
        let stays = way.draft.values.confidential == Some(true);
        Ok(!stays && self.is_concealed(link)?)
    }

    /// Whether the last thing that we said of a counterpart, or began to say, is that it is
    /// confidential.
    pub(super) fn is_concealed(&self, link: LinkId) -> Result<bool, StoreError> {
        let (bases, _) = self.pass.store.issue_bases(link)?;
        let base = bases.get(&Field::Confidential);
        Ok(base.is_some_and(|base| base.from == confidential(true)))
    }

    /// Shows a counterpart again that we hid, because its original may be seen again.
    pub(super) async fn show(&self, link: LinkId, way: &mut Way<'_>) -> Result<(), Trouble> {
        if self.is_to_be_shown(link, way)? {
            let number = self.pass.store.issue_link(link)?.target_number;
            self.set_confidential(link, number, false).await?;
            way.written = Written::Changed;
        }
        self.pass.store.set_issue_state(link, LinkState::Active)?;
        Ok(())
    }

    async fn set_confidential(
        &self,
        link: LinkId,
        number: IssueNumber,
        on: bool,
    ) -> Result<(), Trouble> {
        // That we change it is on record before it is done, as not done yet: hiding it again does no
        // harm, and not hiding it does.
        self.record_confidential(link, true, false)?;
        let nothing = BTreeSet::new();
        self.pass.store.doubt_issue(link, &nothing, None)?;
        let patch = Patch {
            confidential: Some(on),
            ..Patch::default()
        };
        let answer = self.pass.target.update_issue(number, patch).await;
        answer.at(if on { Stage::Hide } else { Stage::Update })?;
        Ok(self.record_confidential(link, on, on)?)
    }

    fn record_confidential(&self, link: LinkId, from: bool, wrote: bool) -> Result<(), StoreError> {
        let base = Base {
            from: confidential(from),
            wrote: confidential(wrote),
            value: None,
        };
        let bases = Bases::from([(Field::Confidential, base)]);
        self.pass.store.record_issue(link, &bases, None)
    }

    /// Whether something failed because the counterpart is not there any more. Never on one answer
    /// alone: the project must be healthy and the issue itself be missing.
    pub(super) async fn gone(
        &self,
        link: LinkId,
        result: Result<(), Trouble>,
    ) -> Result<bool, Trouble> {
        let Err(Trouble::Issue(stage, error)) = result else {
            return result.map(|()| false);
        };
        let not_found = |error: &ForgeError| error.kind == ErrorKind::NotFound;
        if not_found(&error) {
            let number = self.pass.store.issue_link(link)?.target_number;
            let healthy = self.pass.target.begin().await.is_ok();
            let missing = read_one(self.pass.target, number)
                .await
                .is_err_and(|error| not_found(&error));
            if healthy && missing {
                self.note_gone(link)?;
                return Ok(true);
            }
        }
        Err(Trouble::Issue(stage, error))
    }

    /// Looks at a counterpart whose original did not change: is it there, and did people change it?
    pub(super) async fn verify(&self, link: LinkId) -> Result<End, Trouble> {
        let number = self.pass.store.issue_link(link)?.target_number;
        let thread = match read_one(self.pass.target, number).await {
            Ok(thread) => thread,
            Err(error) => {
                let failed = Err(Trouble::Issue(Stage::Update, error));
                self.gone(link, failed).await?;
                return Ok(End::Gone);
            }
        };
        let (known, ours) = self.pass.store.issue_bases(link)?;
        let mut drift = drifted(&known, &digests(&thread.issue));
        let lost_label = ours
            .iter()
            .any(|label| !thread.issue.labels.contains(&label.name));
        drift.extend(lost_label.then_some(Field::Labels));
        self.drift(thread.issue.number, &drift);
        let comments = self.verify_comments(link, &thread)?;
        self.books.count(|tally| tally.drift += comments);
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
    pub(super) fn drift(&self, number: IssueNumber, fields: &BTreeSet<Field>) {
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
        self.books.count(|tally| tally.drift += fields.len() as u64);
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
                    drift += u64::from(!changed.is_empty());
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

/// What the source's value of this field is made from.
fn confidential(on: bool) -> Digest {
    Digest::of([if on { "true" } else { "false" }])
}

/// The fields that people changed on the target.
fn drifted(known: &Bases, there: &BTreeMap<Field, Digest>) -> BTreeSet<Field> {
    let changed = known.iter().filter(|(field, base)| {
        // Hours that people log are meant to be there, and a text counts once.
        !matches!(field, Field::TimeSpent | Field::Rewriting)
            && there.get(field).is_some_and(|there| *there != base.wrote)
    });
    changed.map(|(field, _)| *field).collect()
}
