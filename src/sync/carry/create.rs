//! An issue that has no counterpart gets one, in its turn.

use super::{Carrier, End, Way};
use crate::plan::selection::SkipReason;
use crate::store::{NewLink, StoreError};
use crate::sync::apply::draw_key;
use crate::sync::failure::Trouble;
use crate::sync::rebuild;
use crate::sync::turns::Turn;

impl Carrier<'_> {
    /// Whether an issue of the target may be the counterpart that lost its marker; then nothing is
    /// made, and a person decides.
    pub(super) fn may_be_there(&self, way: &Way<'_>) -> Result<bool, StoreError> {
        if self.unmarked.is_empty() {
            return Ok(false);
        }
        let draft = &way.draft;
        let places = self.unmarked.get(&draft.title).or_else(|| {
            // What it named led elsewhere when it was written.
            let pattern = draft.titled.pattern(self.setting())?;
            let mut unmarked = self.unmarked.iter();
            let found = unmarked.find(|(title, _)| pattern.matches(title));
            found.map(|(_, places)| places)
        });
        let Some((places, place)) = places.and_then(|places| Some((places, places.first()?)))
        else {
            return Ok(false);
        };
        let issue = &way.thread.issue;
        let numbers: Vec<String> = places.iter().map(|p| format!("#{}", p.number)).collect();
        let why = format!(
            "{} of the target has its title and no marker; it may have been deleted there",
            numbers.join(" or ")
        );
        let link = NewLink {
            source_id: issue.id,
            source_number: issue.number,
            target_id: place.id,
            target_number: place.number,
            key: &draw_key(),
            source_location: &issue.location,
            target_location: &place.location,
        };
        rebuild::contest(self.pass, self.pair, &link, &why, self.books)?;
        Ok(true)
    }

    pub(super) async fn create(
        &self,
        way: &mut Way<'_>,
        turn: Option<Turn>,
    ) -> Result<End, Trouble> {
        let issue = &way.thread.issue;
        if let Some(turn) = &turn {
            turn.wait().await;
        }
        if self.ends_now() {
            return Err(Trouble::Stopped);
        }
        if self.may_be_there(way)? || self.waits_for_others() {
            return Ok(End::Left);
        }
        if issue.confidential && !self.abilities.now().keeps_confidential() {
            // It was found out while this issue waited for its turn.
            return self.stays_away(issue, SkipReason::Confidential);
        }
        if !self.take_budget() {
            return Ok(End::Left);
        }
        if self.pass.options.dry_run {
            self.plan_create(way).await?;
            return Ok(End::Created);
        }
        let files = &way.draft.text.attachments;
        let carried = self
            .carry_attachments(issue, None, files, issue.confidential)
            .await?;
        // Those before it have their numbers by now.
        self.lead(issue.number, &mut way.draft)?;
        let link = self.create_issue(way, &carried).await?;
        if issue.confidential {
            self.must_be_kept(link).await?;
        }
        // The next issue may be created while this one goes on.
        drop(turn);
        // What was lost meanwhile is not written at all.
        let created = self.pass.target.capabilities().on_create;
        self.fields(link, way, created).await?;
        // Earlier ones were created meanwhile, and this one.
        self.lead_comments(issue.number, &mut way.comments)?;
        self.comments(link, way, true).await?;
        self.lock(link, way).await?;
        self.note_references(link, way)?;
        self.note_withheld(link, way)?;
        self.relations(link, way).await?;
        self.settle(link, issue)?;
        Ok(End::Created)
    }
}
