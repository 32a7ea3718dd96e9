//! A counterpart as a whole: hidden and shown, looked at, found to be gone.

use super::carry::{Carrier, End, Way, Written};
use super::failure::{At, Trouble};
use super::tally::PlannedAction;
use crate::forge::{ErrorKind, Forge, ForgeError};
use crate::model::{
    Bases, Digest, Field, Issue, IssueNumber, LinkId, LinkState, Patch, Stage, Thread,
};
use crate::plan::draft::{comment_digests, digests};
use crate::plan::selection::SkipReason;
use crate::store::StoreError;
use std::collections::BTreeMap;

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
        if state == LinkState::Hidden {
            self.settle(link, issue)?;
            return Ok(End::Skipped(SkipReason::Confidential));
        }
        if self.pass.options.dry_run {
            self.planned(issue, PlannedAction::Hide, |_| {});
            return Ok(End::Updated);
        }
        let number = self.pass.store.issue_link(link)?.target_number;
        if !self.pass.target.capabilities().confidential {
            let doing = format!("hiding #{number}");
            let said = "the target has no confidential issues; hide or delete it there by hand";
            return Err(ForgeError::new(ErrorKind::Unsupported, doing, said)).at(Stage::Update);
        }
        let hidden = self.set_confidential(number, true).await;
        if self.gone(link, hidden).await? {
            return Ok(End::Skipped(SkipReason::Gone));
        }
        self.pass.store.set_issue_state(link, LinkState::Hidden)?;
        *written = Written::Changed;
        self.books.count(|tally| tally.hidden += 1);
        tracing::info!(
            pair = self.pass.name,
            source = issue.number.0,
            target = number.0,
            "issue hidden"
        );
        self.settle(link, issue)?;
        Ok(End::Updated)
    }

    /// Shows a counterpart again that was hidden, because its original may be seen again.
    pub(super) async fn show(&self, link: LinkId, way: &mut Way<'_>) -> Result<(), Trouble> {
        if way.draft.values.confidential != Some(true) {
            let number = self.pass.store.issue_link(link)?.target_number;
            self.set_confidential(number, false).await?;
            way.written = Written::Changed;
        }
        self.pass.store.set_issue_state(link, LinkState::Active)?;
        Ok(())
    }

    async fn set_confidential(&self, number: IssueNumber, on: bool) -> Result<(), Trouble> {
        let patch = Patch {
            confidential: Some(on),
            ..Patch::default()
        };
        let answer = self.pass.target.update_issue(number, patch).await;
        answer.at(Stage::Update).map(drop)
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
                self.note_gone(link);
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
                return Ok(End::Skipped(SkipReason::Gone));
            }
        };
        let (known, ours) = self.pass.store.issue_bases(link)?;
        let mut drift = drifted(&known, &digests(&thread.issue));
        let lost_label = ours
            .iter()
            .any(|label| !thread.issue.labels.contains(&label.name));
        drift += u64::from(lost_label);
        drift += self.verify_comments(link, &thread)?;
        self.books.count(|tally| tally.drift += drift);
        Ok(End::Unchanged)
    }

    /// The same for comments; answers how many people changed.
    fn verify_comments(&self, link: LinkId, thread: &Thread) -> Result<u64, StoreError> {
        let mut drift = 0;
        for comment in self.pass.store.comment_links(link)? {
            if comment.state != LinkState::Active {
                continue;
            }
            match thread.comments.iter().find(|c| c.id == comment.target_id) {
                Some(there) => {
                    let changed = drifted(&comment.bases, &comment_digests(&there.text));
                    drift += u64::from(changed > 0);
                }
                None => self.comment_gone(comment.id)?,
            }
        }
        Ok(drift)
    }

    /// Somebody deleted the counterpart of a comment: reported once, not made again.
    pub(super) fn comment_gone(&self, link: LinkId) -> Result<(), StoreError> {
        self.pass.store.set_comment_state(link, LinkState::Gone)?;
        self.books.count(|tally| tally.gone += 1);
        Ok(())
    }
}

/// How many fields people changed on the target.
fn drifted(known: &Bases, there: &BTreeMap<Field, Digest>) -> u64 {
    let changed = known.iter().filter(|(field, base)| {
        // Hours that people log are meant to be there, and a text counts once.
        !matches!(field, Field::TimeSpent | Field::Rewriting)
            && there.get(field).is_some_and(|there| *there != base.wrote)
    });
    changed.count() as u64
}
