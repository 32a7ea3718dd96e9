//! Two issues that were there are joined, and an issue that somebody else wrote is marked as a
//! counterpart by a comment of ours.

use super::apply::{created, draw_key};
use super::carry::Carrier;
use super::counterpart::read_one;
use super::failure::{At, Trouble};
use super::rebuild::{is_of_pair, split_of_comment, split_of_issue};
use crate::model::{Comment, CommentPatch, IssueId, IssueLink, NewComment, Person, Stage, Thread};
use crate::plan::{found, opaque};
use crate::text::envelope::{self, Split, split_comment};
use crate::text::marker::{self, Marker, Role};

/// What our comment in an issue of somebody else begins with.
const MIRRORS: &str = "Mirrors ";
/// The same once a person parted it.
const MIRRORED: &str = "Does not mirror any more ";

impl Carrier<'_> {
    /// Joins two issues: what the target has stays until the source changes. That is on record first;
    /// the marker follows when the issue is carried.
    pub(super) async fn join(&self, thread: &Thread, there: &Thread) -> Result<(), Trouble> {
        let issue = &thread.issue;
        let key = match self.key_there(there, issue.id) {
            Some(key) => key,
            None => draw_key(),
        };
        let (draft, comments) = self.drafts(thread, true).await?;
        if !there.issue.ours
            && !self.pass.options.dry_run
            && let Some((comment, marker)) = self.marker_comment(there, issue.id)
            && marker.role == Role::Parted
        {
            self.change_role(there, comment, Role::OfIssue).await?;
        }
        let found = found::joined(&draft, &there.issue, there.issue.ours);
        let comments = self.comments_there(&[], &comments, there, thread).await?;
        let link = created(issue.id, issue.number, &issue.location, &there.issue, &key);
        let theirs = !there.issue.ours;
        let store = self.pass.store;
        store.join(
            self.pair,
            &link,
            &found.bases,
            &found.labels,
            &comments,
            theirs,
        )?;
        Ok(())
    }

    /// Makes sure that an issue of somebody else says that it is a counterpart, so that it is known
    /// again where the store is lost.
    pub(super) async fn mark(&self, link: &IssueLink, thread: &Thread) -> Result<(), Trouble> {
        let there = read_one(self.pass.target, link.target_number).await;
        let there = there.at(Stage::Comment)?;
        if self.marker_comment(&there, link.source_id).is_some() {
            return Ok(());
        }
        let (draft, _) = self.drafts(thread, false).await?;
        let new = self.marking(thread, &link.key, draft.lineage);
        let alone = self.changing(link.id).await?;
        let target = self.pass.target;
        let sent = target.create_comment(there.issue.number, new, &|| true);
        let sent = self.changed(link.id, alone, sent.await)?;
        sent.map(drop).at(Stage::Comment)
    }

    /// Lets our comment in an issue of somebody else say what may be told of the source now. It is known
    /// by its key: what it says may be sealed by a former secret. Answers whether it changed.
    pub(super) async fn mark_again(
        &self,
        link: &IssueLink,
        thread: &Thread,
        lineage: Vec<String>,
        there: &Thread,
    ) -> Result<bool, Trouble> {
        let Some((comment, new)) = self.marks_otherwise(link, thread, lineage, there) else {
            return Ok(false);
        };
        let patch = CommentPatch {
            author: Some(new.author),
            body: new.body,
        };
        let alone = self.changing(link.id).await?;
        let target = self.pass.target;
        let sent = target.update_comment(there.issue.number, comment.id, patch);
        let sent = self.changed(link.id, alone, sent.await)?;
        sent.map(|_| true).at(Stage::Comment)
    }

    /// Our comment in an issue of somebody else, and what it is to say, if that is something else.
    pub(super) fn marks_otherwise<'t>(
        &self,
        link: &IssueLink,
        thread: &Thread,
        lineage: Vec<String>,
        there: &'t Thread,
    ) -> Option<(&'t Comment, NewComment)> {
        let is_marking = |comment: &&Comment| {
            comment.ours && marker::keys(&comment.text).contains(&link.key.as_str())
        };
        let comment = there.comments.iter().find(is_marking)?;
        let new = self.marking(thread, &link.key, lineage);
        let says = |text| split_comment(text).map(|split: Split<'_>| split.marker.render());
        // What people wrote around it stays as long as it says the same.
        (says(&comment.text) != says(&new.body)).then_some((comment, new))
    }

    /// The key by which the target is marked as the counterpart of an issue already. That of another
    /// one is not its own.
    fn key_there(&self, there: &Thread, source: IssueId) -> Option<String> {
        let comment = self.marker_comment(there, source).map(|(_, marker)| marker);
        let split = split_of_issue(self.pass, &there.issue.text);
        let own = split.map(|split| split.marker).filter(|_| there.issue.ours);
        let own = own.filter(|marker| self.is_of(marker, source));
        Some(own.or(comment)?.key)
    }

    /// Our comment that says of the issue of somebody else that it is the counterpart of this one, or
    /// was.
    pub(super) fn marker_comment<'t>(
        &self,
        there: &'t Thread,
        source: IssueId,
    ) -> Option<(&'t Comment, Marker)> {
        let ours = there.comments.iter().filter(|comment| comment.ours);
        ours.filter_map(|comment| {
            Some((comment, split_of_comment(self.pass, &comment.text)?.marker))
        })
        .find(|(_, marker)| marker.role != Role::Counterpart && self.is_of(marker, source))
    }

    fn is_of(&self, marker: &Marker, source: IssueId) -> bool {
        is_of_pair(self.pass, marker) && marker.source_id == source.0
    }

    /// Lets our comment in an issue of somebody else say something else of it.
    pub(super) async fn change_role(
        &self,
        there: &Thread,
        comment: &Comment,
        role: Role,
    ) -> Result<(), Trouble> {
        // As it stands there, sealed or not.
        let Some(marker) = split_comment(&comment.text).map(|split| split.marker) else {
            return Ok(());
        };
        let changed = Marker {
            role,
            ..marker.clone()
        };
        let (before, after) = match role {
            Role::Parted => (MIRRORS, MIRRORED),
            _ => (MIRRORED, MIRRORS),
        };
        let body = comment.text.replacen(before, after, 1);
        let body = body.replacen(&marker.render(), &changed.render(), 1);
        let patch = CommentPatch { author: None, body };
        let target = self.pass.target;
        let sent = target.update_comment(there.issue.number, comment.id, patch);
        sent.await.map(drop).at(Stage::Comment)
    }

    /// The comment by which an issue of somebody else carries its marker.
    fn marking(&self, thread: &Thread, key: &str, lineage: Vec<String>) -> NewComment {
        let issue = &thread.issue;
        let marker = Marker {
            key: key.to_owned(),
            source: format!("{}:{}", self.pass.source.project().key, issue.number),
            source_id: issue.id.0,
            target: self.pass.target.project().key.to_string(),
            baseline: self.plan.baseline.to_string(),
            lineage,
            role: Role::OfIssue,
            ..Marker::default()
        };
        let policy = self.pass.policy;
        let mut author = issue.author.clone();
        let original = if policy.opaque {
            author = Person::account("unknown");
            "an issue of another tracker".to_owned()
        } else {
            let name = format!("{}#{}", self.pass.source.project().name, issue.number);
            let url = issue.web_url.as_deref().unwrap_or("");
            self.setting().ends.link(&name, url)
        };
        let marker = opaque::marker(marker, policy);
        NewComment {
            body: envelope::comment(&format!("{MIRRORS}{original}."), "", &marker),
            // Hidden where its issue is.
            internal: false,
            reply_to: Vec::new(),
            author,
            created_at: None,
        }
    }
}
