//! Whether an issue is carried, and whether what it says of itself is to be believed.

use super::Carrier;
use crate::model::{CommentId, Issue, IssueId, Thread};
use crate::plan::selection::{self, Baseline, Choice};
use crate::store::StoreError;
use crate::text::marker;

impl Carrier<'_> {
    /// Whether an issue without counterpart would get one.
    pub(in crate::sync) fn would_create(&self, issue: &Issue) -> Result<bool, StoreError> {
        Ok(self.choose(issue, false)? == Choice::Carry)
    }

    pub(in crate::sync) fn choose(
        &self,
        issue: &Issue,
        linked: bool,
    ) -> Result<Choice, StoreError> {
        // Whoever asks for one issue means it, however old it is; but its marker must not say that the
        // pair began with it, so a first pass goes before it.
        let is_asked_for = self.pass.options.issue == Some(issue.number);
        let baseline = if is_asked_for && self.plan.has_begun {
            Baseline::All
        } else {
            self.plan.baseline
        };
        self.choose_from(issue, linked, baseline)
    }

    /// The same with another beginning of the pair.
    pub(in crate::sync) fn choose_from(
        &self,
        issue: &Issue,
        linked: bool,
        baseline: Baseline,
    ) -> Result<Choice, StoreError> {
        let trusted = self.trusts(issue.ours, &issue.text, issue.id, None)?;
        let (source, target) = (self.pass.source.project(), self.pass.target.project());
        let seal = self.pass.policy.seal.as_ref();
        // What somebody else wrote and a pair joined the other way has no marker in its text.
        let comes_back = selection::comes_back(issue, trusted, source, target, seal)
            || self
                .pass
                .store
                .is_counterpart(&target.key, &source.key, issue.id)?;
        // What had a counterpart before it had to be hidden is mirrored, however old it is.
        let linked = linked || self.pass.store.was_taken_away(self.pair, issue.id)?;
        Ok(selection::choose(
            issue,
            self.pass.policy,
            self.abilities.now(),
            baseline,
            linked,
            comes_back,
        ))
    }

    /// Whether a comment of ours says that an issue of somebody else is the counterpart of one of the
    /// target: the store may not know.
    pub(in crate::sync) fn is_marked_as_coming_back(
        &self,
        thread: &Thread,
    ) -> Result<bool, StoreError> {
        let (issue, target) = (thread.issue.id, self.pass.target.project());
        let seal = self.pass.policy.seal.as_ref();
        for comment in &thread.comments {
            let trusted = self.trusts(comment.ours, &comment.text, issue, Some(comment.id))?;
            if selection::marks_as_coming_back(comment, trusted, target, seal) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the marker at the end of a text is one of ours: our account wrote it, or the store
    /// drew its key for this very issue or comment.
    pub(super) fn trusts(
        &self,
        ours: bool,
        text: &str,
        issue: IssueId,
        comment: Option<CommentId>,
    ) -> Result<bool, StoreError> {
        if ours {
            return Ok(true);
        }
        let project = &self.pass.source.project().key;
        match marker::keys(text).last() {
            Some(key) => self.pass.store.drew(key, project, issue, comment),
            None => Ok(false),
        }
    }
}
