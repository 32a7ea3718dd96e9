//! The body of a comment, and what is remembered of it.

use crate::model::{Base, Bases, Digest, Field, Issue};
use crate::plan::draft::{self, CommentDraft};
use crate::plan::opaque;
use crate::sync::carry::{Carrier, Way};
use crate::sync::failure::Trouble;
use crate::text::envelope;
use crate::text::marker::Marker;

impl Carrier<'_> {
    /// The text of a comment as the target gets it, its files brought there.
    pub(super) async fn comment_text(
        &self,
        way: &Way<'_>,
        draft: &CommentDraft,
    ) -> Result<String, Trouble> {
        let issue = &way.thread.issue;
        let private = issue.confidential || draft.internal;
        let carried = self
            .carry_attachments(issue, Some(draft.id), &draft.text.attachments, private)
            .await?;
        Ok(self.rendered(issue.number, &draft.text, &carried))
    }

    /// Attribution, text and marker. `written`: what the marker says of the text.
    pub(in crate::sync) fn comment_body(
        &self,
        issue: &Issue,
        draft: &CommentDraft,
        text: &str,
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
            ..Marker::default()
        };
        let attribution = draft
            .attribution
            .render(setting.ends, &|line| draft::defuse(setting, line));
        let marker = opaque::marker(marker, self.pass.policy);
        envelope::comment(&attribution, text, &marker)
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
