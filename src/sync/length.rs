//! What was cut because the target takes only a part of it is counted.

use super::carry::Carrier;
use crate::model::{Field, IssueNumber};
use crate::plan::draft::{Draft, DraftText};
use crate::plan::footer;
use std::collections::BTreeMap;

/// Why.
const WHY: &str =
    "it is longer than the target takes; the beginning is there, with a link to the rest";

/// Why, of a title.
const TITLE: &str = "it is longer than the target takes; the whole title is in the footer";

/// Why, of what the footer tells only in part.
const IN_PART: &str = "there is more of it than the footer has room for; the beginning is there, with a link to the original";

impl Carrier<'_> {
    /// A text for the target, which is about to be sent.
    pub(super) fn rendered(
        &self,
        issue: IssueNumber,
        text: &DraftText,
        carried: &BTreeMap<String, String>,
    ) -> String {
        let (rendered, is_cut) = text.render(self.setting(), carried);
        if is_cut {
            let field = if text.first {
                Field::Text.word()
            } else {
                "comment"
            };
            self.books
                .count(|tally| tally.not_carried(issue, field, WHY));
        }
        rendered
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
