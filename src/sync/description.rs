//! Text and envelope put together, and only what is ours replaced.

use super::carry::{Carrier, Way};
use super::failure::{At, Trouble};
use crate::model::{Bases, Digest, Field, Issue, Stage};
use crate::plan::draft::{self, Draft};
use crate::plan::footer;
use crate::plan::issue::DescriptionPlan;
use crate::plan::length::Fitted;
use crate::plan::opaque;
use crate::text::envelope::{self, Split};
use crate::text::marker::Marker;
use std::collections::BTreeMap;

/// A description that is to be sent, or not.
#[derive(Debug, Default)]
pub(super) struct NewDescription {
    /// What to send; `None` if the target has it already.
    pub(super) send: Option<String>,
    /// The fields that are up to date with it.
    pub(super) fields: Vec<Field>,
    /// The text is one that people wrote on the target.
    pub(super) kept_theirs: bool,
    /// The text in it that is ours, and where the files are that it links to.
    pub(super) ours: Option<(Fitted, BTreeMap<String, String>)>,
}

/// Digests of title and text as written, for the marker.
pub(super) fn written(title: &str, text: &str) -> String {
    format!("{}.{}", short(title), short(text))
}

/// The digest of one text as a marker has it.
pub(super) fn short(text: &str) -> String {
    let mut hex = Digest::of([text]).hex();
    hex.truncate(12);
    hex
}

/// The text of people, if what is there is not what we wrote.
pub(super) fn theirs<'a>(
    there: Option<&'a str>,
    split: Option<&Split<'a>>,
    known: &Bases,
) -> Option<&'a str> {
    let text = match split {
        Some(split) => split.text,
        // The envelope is gone; whatever is there is theirs.
        None => draft::text_alone(there?),
    };
    let ours = known.get(&Field::Text).map(|base| base.wrote);
    (Some(Digest::of([text])) != ours).then_some(text)
}

impl Carrier<'_> {
    /// The description as it should be. Where only what is ours changed, text that people wrote on
    /// the target stays and only the envelope is replaced (P6). `there`: the counterpart, which was
    /// read in that case. `carried`: where the files are, if they were brought there before.
    pub(super) async fn new_description(
        &self,
        way: &Way<'_>,
        plan: &DescriptionPlan,
        key: &str,
        known: &Bases,
        there: Option<&Issue>,
        carried: Option<BTreeMap<String, String>>,
    ) -> Result<NewDescription, Trouble> {
        let (issue, draft) = (&way.thread.issue, &way.draft);
        let whole = match plan {
            DescriptionPlan::Settled => return Ok(NewDescription::default()),
            DescriptionPlan::Whole => true,
            DescriptionPlan::Around(_) => false,
        };
        let there = there.map(|there| there.text.as_str());
        let split = there.and_then(envelope::split_description);
        let theirs = theirs(there, split.as_ref(), known).filter(|_| !whole);
        // What people wrote below our footer is theirs too.
        let after = split.as_ref().filter(|_| !whole);
        let after = after.map_or("", |split| split.after);
        let around = |fitted: &Fitted, marked: String| {
            let marker = Marker {
                kept: fitted.kept,
                ..self.issue_marker(issue, draft, key, marked)
            };
            self.description(draft, &fitted.text, &marker) + after
        };
        let mut ours = None;
        let description = match theirs {
            Some(theirs) => {
                let before = split.as_ref().map_or("", |split| &split.marker.written);
                // What we last wrote stays on record, so that the text is known not to be ours.
                let text_half = before.rsplit_once('.').map_or("", |(_, text)| text);
                let marked = format!("{}.{text_half}", short(&draft.title));
                let files = &draft.text.attachments;
                let text = self
                    .with_new_files(issue, None, files, issue.confidential, theirs)
                    .await?;
                around(&Fitted::whole(text), marked)
            }
            None => {
                let files = &draft.text.attachments;
                let carried = match carried {
                    Some(carried) => carried,
                    None => {
                        self.carry_attachments(issue, None, files, issue.confidential)
                            .await?
                    }
                };
                let around = |fitted: &Fitted| around(fitted, written(&draft.title, &fitted.text));
                let fitted = self.fitted(&draft.text, &carried, &around);
                let fitted = fitted.at(Stage::Update)?;
                let description = around(&fitted);
                ours = Some((fitted, carried));
                description
            }
        };
        let kept_theirs = theirs.is_some();
        let mut fields = vec![Field::Rewriting, Field::Envelope];
        // What was rewritten in a text changes the text as we wrote it.
        fields.extend((!kept_theirs).then_some(Field::Text));
        Ok(NewDescription {
            send: (there != Some(description.as_str())).then_some(description),
            fields,
            kept_theirs,
            ours,
        })
    }

    pub(super) fn issue_marker(
        &self,
        issue: &Issue,
        draft: &Draft,
        key: &str,
        written: String,
    ) -> Marker {
        Marker {
            key: key.to_owned(),
            source: format!("{}:{}", self.pass.source.project().key, issue.number),
            source_id: issue.id.0,
            target: self.pass.target.project().key.to_string(),
            baseline: self.plan.baseline.to_string(),
            written,
            lineage: draft.lineage.clone(),
            ..Marker::default()
        }
    }

    pub(super) fn description(&self, draft: &Draft, text: &str, marker: &Marker) -> String {
        let setting = self.setting();
        let footer = footer::render(&draft.facts, setting.ends, &|line| {
            draft::defuse(setting, line)
        });
        let marker = opaque::marker(marker.clone(), self.pass.policy);
        envelope::description(text, &marker, &footer, setting.target.front_matter)
    }
}
