//! What is known of an issue and its comments, drafted.

use super::{Carrier, Way, Written};
use crate::model::{CommentId, IssueNumber, LinkState, Stage, Thread};
use crate::plan::draft::{self, CommentDraft, Draft, TextFacts};
use crate::plan::opaque;
use crate::store::StoreError;
use crate::sync::attachments;
use crate::sync::failure::{At, Trouble};
use crate::text::read;
use std::collections::BTreeSet;

impl Carrier<'_> {
    pub(in crate::sync) async fn draft<'t>(&self, thread: &'t Thread) -> Result<Way<'t>, Trouble> {
        let (draft, comments) = self.drafts(thread, self.pass.policy.comments).await?;
        let setting = self.setting();
        let internal = thread.comments.iter().filter(|comment| comment.internal);
        let stay = thread
            .comments
            .iter()
            .filter(|comment| !draft::may_be_seen(comment, setting));
        let stay = stay.count() as u64;
        if self.pass.policy.comments {
            let mut untold = draft::untold(thread, &comments, setting);
            if untold.next().is_some() {
                let why = "comments came here through a pair with `provenance: opaque`, and without its `provenance_key_env` nobody can tell whether they came from the target";
                let number = thread.issue.number;
                self.books
                    .count(|tally| tally.not_carried(number, "comments", why));
            }
        }
        if self.pass.policy.opaque {
            self.hear_of_source(thread.issue.number, &draft, &comments);
        }
        self.books.count(|tally| tally.comments.skipped += stay);
        Ok(Way {
            thread,
            draft,
            comments,
            internal: internal.map(|comment| comment.id).collect(),
            written: Written::Nothing,
        })
    }

    /// Tells that a text names the source, which stays as its author wrote it.
    pub(super) fn hear_of_source(
        &self,
        number: IssueNumber,
        draft: &Draft,
        comments: &[CommentDraft],
    ) {
        let texts = comments.iter().map(|comment| comment.text.source.as_str());
        let mut texts = texts.chain([draft.title.as_str(), draft.text.source.as_str()]);
        if texts.any(|text| opaque::tells(text, self.pass.source.project())) {
            self.source_is_named(number);
        }
    }

    pub(in crate::sync) fn source_is_named(&self, number: IssueNumber) {
        let why = "a text names the host or the path of the source, and stays as its author wrote it; edit it there";
        self.books
            .count(|tally| tally.not_carried(number, "provenance", why));
    }

    /// Asks the target where it looks for commands, if a text has any for which that matters.
    pub(super) async fn learn_commands(&self, thread: &Thread, talks: bool) -> Result<(), Trouble> {
        let target = self.pass.target;
        let comments = thread.comments.iter().filter(|_| talks);
        let mut texts = std::iter::once(&thread.issue.text).chain(comments.map(|one| &one.text));
        let matters = target.capabilities().acts.quick_actions
            && texts.any(|text| read::has_commands_anywhere(text));
        if matters {
            target.learn_commands().await.at(Stage::Update)?;
            self.abilities.learn(target.capabilities().acts);
        }
        Ok(())
    }

    /// What the counterpart of an issue and those of its comments should hold. `talks`: comments
    /// too.
    pub(in crate::sync) async fn drafts(
        &self,
        thread: &Thread,
        talks: bool,
    ) -> Result<(Draft, Vec<CommentDraft>), Trouble> {
        let issue = &thread.issue;
        self.learn_commands(thread, talks).await?;
        let setting = self.setting();
        let vouched = self.lock_vouched().contains(&issue.id);
        let (milestone, milestone_withheld) = self.milestone(issue).await?;
        let links = attachments::links(&issue.text);
        let facts = TextFacts {
            trusted: vouched || self.trusts(issue.ours, &issue.text, issue.id, None)?,
            linked: false,
            attachments: self.linked_files(issue.number, &links).await?,
            addresses: self.addresses(issue.number, &links),
            milestone,
            milestone_withheld,
            assigned: self.assigned(issue).await?,
            listed: self.listed(issue).await?,
        };
        let policy = self.pass.policy;
        let veiled = policy.opaque.then(|| opaque::veil(thread, policy));
        let shown = veiled.as_ref().unwrap_or(thread);
        let mut draft = draft::draft(&shown.issue, &facts, setting);
        self.lead(issue.number, &mut draft)?;
        let mut comments = Vec::new();
        if talks {
            let mut facts = Vec::new();
            let linked = self.linked_comments(thread)?;
            for comment in &thread.comments {
                let by_same = comment.author.username == issue.author.username;
                let (ours, text) = (comment.ours || vouched && by_same, &comment.text);
                let links = attachments::links(text);
                facts.push(TextFacts {
                    trusted: self.trusts(ours, text, issue.id, Some(comment.id))?,
                    linked: linked.contains(&comment.id),
                    attachments: self.linked_files(issue.number, &links).await?,
                    addresses: self.addresses(issue.number, &links),
                    ..TextFacts::default()
                });
            }
            comments = draft::draft_comments(shown, &facts, setting);
            self.lead_comments(issue.number, &mut comments)?;
        }
        Ok((draft, comments))
    }

    /// Comments of an issue that have a counterpart, or may where that is still to be found out.
    fn linked_comments(&self, thread: &Thread) -> Result<BTreeSet<CommentId>, StoreError> {
        let store = self.pass.store;
        let Some(link) = store.issue_link_of(self.pair, thread.issue.number)? else {
            return Ok(BTreeSet::new());
        };
        if link.found {
            return Ok(thread.comments.iter().map(|comment| comment.id).collect());
        }
        let links = store.comment_links(link.id)?.into_iter();
        let there =
            links.filter(|link| matches!(link.state, LinkState::Active | LinkState::Leaving));
        Ok(there.map(|link| link.source_id).collect())
    }
}
