//! The body of a comment, and what is remembered of it.

use crate::model::{Base, Bases, Digest, Field, Issue, Stage};
use crate::plan::draft::{self, CommentDraft};
use crate::plan::length::Fitted;
use crate::plan::opaque;
use crate::sync::carry::{Carrier, Way};
use crate::sync::description::short;
use crate::sync::failure::{At, Trouble};
use crate::text::envelope;
use crate::text::marker::Marker;
use std::collections::BTreeMap;

impl Carrier<'_> {
    /// Brings the files of a comment to the target; answers where they are there.
    pub(super) async fn comment_files(
        &self,
        way: &Way<'_>,
        draft: &CommentDraft,
    ) -> Result<BTreeMap<String, String>, Trouble> {
        let issue = &way.thread.issue;
        let private = issue.confidential || draft.internal;
        self.carry_attachments(issue, Some(draft.id), &draft.text.attachments, private)
            .await
    }

    /// Sends a comment as far as the target takes it: a second time where it is refused for its length.
    /// `after`: what stands behind it there.
    pub(super) async fn send_fitting<T>(
        &self,
        way: &Way<'_>,
        draft: &CommentDraft,
        (key, after): (&str, &str),
        send: impl AsyncFn(String) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let issue = &way.thread.issue;
        let carried = self.comment_files(way, draft).await?;
        let body = |fitted: &Fitted| {
            let written = short(&fitted.text);
            self.comment_body(issue, draft, fitted, key, &written) + after
        };
        let mut again = true;
        loop {
            let fitted = self.fitted(&draft.text, &carried, &body);
            let fitted = fitted.at(Stage::Comment)?;
            let answer = send(body(&fitted)).await;
            if let Err(Trouble::Issue(_, error)) = &answer
                && again
                && self.hears_length(draft.text.first, error)
            {
                again = false;
                continue;
            }
            self.text_is_sent(issue.number, &draft.text, &fitted);
            return answer;
        }
    }

    /// Attribution, text and marker. `written`: what the marker says of the text.
    pub(in crate::sync) fn comment_body(
        &self,
        issue: &Issue,
        draft: &CommentDraft,
        fitted: &Fitted,
        key: &str,
        written: &str,
    ) -> String {
        let setting = self.setting();
        let number = issue.number;
        let marker = Marker {
            key: key.to_owned(),
            source: format!("{}:{number}", self.pass.source.project().key),
            source_id: draft.id.0,
            target: self.pass.target.project().key.to_string(),
            written: written.to_owned(),
            lineage: draft.lineage.clone(),
            kept: fitted.kept,
            ..Marker::default()
        };
        let attribution = draft
            .attribution
            .render(setting.ends, &|line| draft::defuse(setting, line));
        let marker = opaque::marker(marker, self.pass.policy);
        envelope::comment(&attribution, &fitted.text, &marker)
    }
}

/// Bases for a comment. `there`: what the target has, where that is known.
pub(super) fn bases(draft: &CommentDraft, there: impl Fn(Field) -> Option<Digest>) -> Bases {
    draft
        .from
        .iter()
        .map(|(&field, &from)| {
            let wrote = there(field).unwrap_or(from);
            let base = Base {
                from,
                wrote,
                value: None,
            };
            (field, base)
        })
        .collect()
}
