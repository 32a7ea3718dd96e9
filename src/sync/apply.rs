//! A create, carried out: intended, sent and settled (P1). A change of what is there is `fields`.

mod bases;
mod fields;

pub(super) use self::bases::bases;
use super::carry::{Carrier, Way, Written};
use super::description::written;
use super::failure::{At, Trouble};
use crate::forge::{Fate, ForgeError};
use crate::model::{
    Field, IntendedKind, Intent, Issue, IssueId, IssueNumber, LinkId, NewIssue, OurLabel, Patch,
    Stage,
};
use crate::plan::draft::{Draft, digests};
use crate::plan::issue;
use crate::plan::labels;
use crate::plan::length::Fitted;
use crate::store::{NewLink, StoreError};
use crate::text::marker::Marker;
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

/// The link of an issue that the target answered.
pub(super) fn created<'a>(
    source_id: IssueId,
    source_number: IssueNumber,
    source_location: &'a str,
    issue: &'a Issue,
    key: &'a str,
) -> NewLink<'a> {
    NewLink {
        source_id,
        source_number,
        target_id: issue.id,
        target_number: issue.number,
        key,
        source_location,
        target_location: &issue.location,
    }
}

/// A key that nobody can have drawn before: 100 bits of chance.
pub(super) fn draw_key() -> String {
    let chance = std::iter::repeat_with(fastrand::alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .take(20);
    "imk".chars().chain(chance).collect()
}

impl Carrier<'_> {
    /// Creates the counterpart of an issue, exactly once (P1).
    pub(super) async fn create_issue(
        &self,
        way: &mut Way<'_>,
        carried: &BTreeMap<String, String>,
    ) -> Result<LinkId, Trouble> {
        let (target, issue, draft) = (self.pass.target, &way.thread.issue, &way.draft);
        let capabilities = self.setting().target;
        let fields: BTreeSet<Field> = draft
            .from
            .keys()
            .copied()
            .filter(|field| capabilities.creates_with(*field) && !draft.retired.contains(field))
            // Comments come before.
            .filter(|field| *field != Field::Locked)
            .collect();
        let mut labels = BTreeSet::new();
        if fields.contains(&Field::Labels) {
            let policy = self.pass.policy;
            let all = labels::change(&draft.labels, &draft.accounts, &BTreeSet::new(), policy);
            let there = self.ensure_labels(issue, &all.add, &draft.labels).await?;
            labels = there.ours(all.ours, &all.add);
        } else {
            let accounts = draft.accounts.iter();
            labels.extend(accounts.map(|name| OurLabel::assigned(name)));
        }
        let mut values = new_fields(draft, &fields);
        values.add_assignees.clone_from(&draft.accounts);
        let titles = labels.iter().filter(|label| label.is_label_of_ours());
        let titles: Vec<String> = titles.map(|label| label.name.clone()).collect();
        let key = draw_key();
        self.title_is_sent(issue.number, draft);
        self.footer_is_sent(issue.number, draft);
        let around = |fitted: &Fitted| {
            let marked = written(&draft.title, &fitted.text);
            let marker = Marker {
                kept: fitted.kept,
                ..self.issue_marker(issue, draft, &key, marked)
            };
            self.description(draft, &fitted.text, &marker)
        };
        let mut again = true;
        let (intent, answer) = loop {
            let fitted = self.fitted(&draft.text, carried, &around);
            let fitted = fitted.at(Stage::Create)?;
            let new = NewIssue {
                title: draft.title.clone(),
                description: around(&fitted),
                labels: titles.clone(),
                author: draft.author.clone(),
                created_at: draft.created_at,
                number: self.pass.policy.preserve_numbers.then_some(issue.number),
                fields: values.clone(),
            };
            let intent = self.pass.store.intend(
                self.pair,
                &key,
                IntendedKind::Issue {
                    id: issue.id,
                    number: issue.number,
                },
                target.now(),
                bases(draft, &fields, |_| None),
                labels.iter().cloned().collect(),
            )?;
            let leaves = self.leaves(&intent);
            let answer = target.create_issue(new, &leaves).await;
            drop(leaves);
            let answer = self.sent(answer, &intent)?;
            if let Err(error) = &answer
                && again
                && self.hears_length(true, error)
            {
                // Surely nothing was made, and with less of its text it is.
                again = false;
                continue;
            }
            self.text_is_sent(issue.number, &draft.text, &fitted);
            break (intent, answer);
        };
        let answer = answer
            .map_err(|error| self.number_is_taken(issue.number, error))
            .at(Stage::Create)?;
        tracing::info!(
            pair = self.pass.name,
            source = issue.number.0,
            target = answer.number.0,
            "issue created"
        );
        let there = digests(&answer);
        let kept = self.kept(labels, &titles, &draft.accounts, &answer);
        let mut written = bases(draft, &fields, |field| there.get(&field).copied());
        for field in self.dropped(draft, &fields, &there) {
            written.remove(&field);
        }
        let link = self.pass.store.settle_issue(
            self.pair,
            &intent,
            &created(issue.id, issue.number, &issue.location, &answer, &key),
            &written,
            &kept,
        )?;
        way.written = Written::Created;
        self.has_its_number(issue.number, answer.number);
        self.hear_labels(link, issue.number, &titles, &answer)
            .await?;
        self.hear_assignees(link, issue.number, &draft.accounts, &answer)
            .await?;
        self.hear(issue.number, draft, &fields, &there).await?;
        Ok(link)
    }

    /// Writes down when an intent really leaves, if it had to wait: from then on its fate is waited
    /// for, also after a kill.
    pub(super) fn leaves(&self, intent: &Intent) -> impl Fn() -> bool + Send + Sync {
        let (store, target) = (self.pass.store, self.pass.target);
        let (intent, noted) = (intent.clone(), intent.tried_at);
        move || {
            let now = target.now();
            now.duration_since(noted) < SignedDuration::from_secs(1)
                || store.tried(&intent, now).is_ok()
        }
    }

    /// Ends the intent of a write that surely did not happen. Of any other failure the intent stays
    /// open, and the next pass looks before it sends again.
    pub(super) fn sent<T>(
        &self,
        answer: Result<T, ForgeError>,
        intent: &Intent,
    ) -> Result<Result<T, ForgeError>, StoreError> {
        match &answer {
            Err(error) if error.fate == Fate::NotDone => self.pass.store.drop_intent(intent)?,
            // It may have waited for its turn for long before it was sent.
            Err(_) => self.pass.store.tried(intent, self.pass.target.now())?,
            Ok(_) => {}
        }
        Ok(answer)
    }
}

/// The fields that a create carries beside title, text and labels.
fn new_fields(draft: &Draft, fields: &BTreeSet<Field>) -> Patch {
    let spent = draft
        .time_spent
        .filter(|seconds| *seconds > 0 && fields.contains(&Field::TimeSpent));
    Patch {
        title: None,
        add_time_spent: spent.and_then(|seconds| i64::try_from(seconds).ok()),
        ..issue::values(draft, fields)
    }
}
