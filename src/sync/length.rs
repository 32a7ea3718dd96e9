//! Texts are sent as far as the target takes them, and what is cut is counted.

use super::carry::Carrier;
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{Field, IssueNumber, Longest};
use crate::plan::draft::{Draft, DraftText};
use crate::plan::footer;
use crate::plan::length::Fitted;
use std::collections::BTreeMap;

/// Why.
const WHY: &str =
    "it is longer than the target takes; the beginning is there, with a link to the rest";

/// Why, of a title.
const TITLE: &str = "it is longer than the target takes; the whole title is in the footer";

/// Why, of what the footer tells only in part.
const IN_PART: &str = "there is more of it than the footer has room for; the beginning is there, with a link to the original";

impl Carrier<'_> {
    /// As much of a text as the target takes with what stands around it.
    pub(super) fn fitted(
        &self,
        text: &DraftText,
        carried: &BTreeMap<String, String>,
        around: &dyn Fn(&Fitted) -> String,
    ) -> Result<Fitted, ForgeError> {
        let setting = self.setting();
        text.render(setting, carried, around).ok_or_else(|| {
            let most = match setting.target.longest.of_text(text.first) {
                Longest::Any => "nothing".to_owned(),
                Longest::Characters(most) => format!("{most} characters"),
                Longest::Bytes(most) => format!("{most} bytes"),
            };
            let (doing, what) = if text.first {
                ("writing a description", "footer")
            } else {
                ("writing a comment", "line above it")
            };
            let said = format!(
                "the target takes {most} at most, which is too short for its {what} alone, so it was not sent; ask an administrator there to allow more"
            );
            ForgeError::new(ErrorKind::Rejected, doing, said)
        })
    }

    /// Learns from a refusal how long a text may be; whether it told that. `first`: it is the text of an
    /// issue.
    pub(super) fn hears_length(&self, first: bool, error: &ForgeError) -> bool {
        let Some(longest) = error.longest else {
            return false;
        };
        tracing::info!(
            pair = self.pass.name,
            ?longest,
            first,
            "texts are cut to less"
        );
        self.abilities.take(first, longest);
        true
    }

    /// Counts a text that was sent if it was cut.
    pub(super) fn text_is_sent(&self, issue: IssueNumber, text: &DraftText, fitted: &Fitted) {
        if fitted.kept.is_some() {
            let field = if text.first {
                Field::Text.word()
            } else {
                "comment"
            };
            self.books
                .count(|tally| tally.not_carried(issue, field, WHY));
        }
    }

    /// Counts a title that is about to be sent and was cut.
    pub(super) fn title_is_sent(&self, issue: IssueNumber, draft: &Draft) {
        if footer::has_title(&draft.facts) {
            let is_part = footer::told_in_part(&draft.facts).any(|field| field == Field::Title);
            let why = if is_part { IN_PART } else { TITLE };
            let field = Field::Title.word();
            self.books
                .count(|tally| tally.not_carried(issue, field, why));
        }
    }

    /// Counts what a footer that is about to be sent tells only in part.
    pub(super) fn footer_is_sent(&self, issue: IssueNumber, draft: &Draft) {
        let in_part = footer::told_in_part(&draft.facts).filter(|field| *field != Field::Title);
        for field in in_part {
            self.books
                .count(|tally| tally.not_carried(issue, field.word(), IN_PART));
        }
    }
}
