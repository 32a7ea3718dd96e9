//! What a trial run writes down instead of doing it.

use super::carry::{Carrier, End, Way};
use super::tally::{Comments, Planned, PlannedAction};
use crate::model::{Field, Issue, LinkId, LinkState};
use crate::plan::comments::{self, CommentAction};
use crate::plan::issue::{self, IssuePlan};
use crate::plan::labels;
use crate::plan::selection::excluded;
use crate::store::StoreError;
use std::collections::BTreeSet;

impl Carrier<'_> {
    pub(super) fn plan_create(&self, way: &Way<'_>) {
        let draft = &way.draft;
        let wanted = labels::change(
            &draft.labels,
            &draft.accounts,
            &BTreeSet::new(),
            self.pass.policy,
        );
        let texts = std::iter::once(&draft.text).chain(way.comments.iter().map(|c| &c.text));
        let attachments = texts.map(|text| text.attachments.len() as u64).sum();
        self.planned(&way.thread.issue, PlannedAction::Create, |planned| {
            planned.fields = draft
                .from
                .keys()
                .copied()
                .filter(|field| !draft.says_nothing.contains(field))
                .filter(|field| *field != Field::Rewriting)
                .collect();
            planned.add_labels = wanted.add;
            planned.comments.created = way.comments.len() as u64;
            planned.attachments = attachments;
        });
    }

    pub(super) fn plan_update(
        &self,
        link: LinkId,
        state: LinkState,
        way: &Way<'_>,
        follow: bool,
    ) -> Result<End, StoreError> {
        let plan = if follow {
            let (bases, ours) = self.pass.store.issue_bases(link)?;
            let mut plan = issue::plan(&way.draft, &bases, &ours, self.pass.policy, None);
            if !self.sends_again && !bases.contains_key(&Field::Labels) {
                plan = plan.without_another_try(&ours);
            }
            if self.pass.store.issue_link(link)?.theirs {
                plan.without_envelope()
            } else {
                plan
            }
        } else {
            IssuePlan::default()
        };
        let links = self.pass.store.comment_links(link)?;
        let follow = follow && self.pass.policy.comments;
        let actions = comments::plan(&way.comments, &way.internal, &links, follow);
        let shows = state == LinkState::Hidden
            && self.is_to_be_shown(link, way)?
            && self.is_all_ours(link, follow)?;
        // Whether it is hidden, deleted or withdrawn only the target can tell.
        let hides = way.thread.issue.confidential && !self.is_hidden(link)?;
        if plan.sends_nothing() && actions.is_empty() && !shows && !hides {
            return Ok(End::Unchanged);
        }
        let mut counts = Comments::default();
        for action in &actions {
            match action {
                CommentAction::Create { .. } => counts.created += 1,
                CommentAction::Update { .. } => counts.updated += 1,
                CommentAction::Delete { .. } => counts.deleted += 1,
                CommentAction::Replace { .. } => {
                    counts.deleted += 1;
                    counts.created += 1;
                }
            }
        }
        let action = if hides {
            PlannedAction::Hide
        } else if shows {
            PlannedAction::Show
        } else {
            PlannedAction::Update
        };
        self.planned(&way.thread.issue, action, |planned| {
            planned.fields = plan.fields().into_iter().collect();
            planned.add_labels.clone_from(&plan.labels.add);
            planned.remove_labels.clone_from(&plan.labels.remove);
            planned.comments = counts;
        });
        Ok(End::Updated)
    }

    /// Writes down what a trial run would do.
    pub(super) fn planned(
        &self,
        issue: &Issue,
        action: PlannedAction,
        say: impl FnOnce(&mut Planned),
    ) {
        if !self.pass.options.dry_run {
            return;
        }
        // The title of a confidential issue is nothing for a log.
        let policy = self.pass.policy;
        let shown = (!issue.confidential || policy.confidential) && !excluded(issue, policy);
        let mut planned = Planned {
            number: issue.number,
            title: if shown {
                issue.title.clone()
            } else {
                String::new()
            },
            action,
            fields: Vec::new(),
            add_labels: Vec::new(),
            remove_labels: Vec::new(),
            comments: Comments::default(),
            attachments: 0,
        };
        say(&mut planned);
        self.books.plan(planned);
    }
}
