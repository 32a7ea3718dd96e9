//! What a plan says about comments, carried out in their order.

use super::apply::draw_key;
use super::carry::{Carrier, Way, Written};
use super::counterpart::{COMMENTS, read_one};
use super::description::{short, theirs};
use super::failure::{At, Cause, FailedAt, Failure, Trouble};
use crate::forge::{ErrorKind, Fate, ForgeError};
use crate::model::{
    Base, Bases, Comment, CommentId, CommentLink, CommentPatch, Digest, Field, Inspection,
    IntendedKind, Issue, IssueNumber, LinkId, LinkState, NewComment, Side, Stage, Thread,
};
use crate::plan::comments::{self, CommentAction};
use crate::plan::draft::{self, CommentDraft, comment_digests};
use crate::plan::issue::DescriptionPlan;
use crate::plan::opaque;
use crate::plan::threads;
use crate::store::StoreError;
use crate::text::envelope;
use crate::text::marker::Marker;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

impl Carrier<'_> {
    /// Brings the comments of a counterpart up to date. One that is refused for good does not stop
    /// the later ones; one of unknown fate does, or their order would not be kept.
    pub(super) async fn comments(
        &self,
        link: LinkId,
        way: &mut Way<'_>,
        follow: bool,
    ) -> Result<(), Trouble> {
        let mut links = self.pass.store.comment_links(link)?;
        let follow = follow && self.pass.policy.comments;
        let actions = self.comment_actions(way, &links, follow).await;
        let mut actions = actions.at(Stage::Read)?;
        if actions.is_empty() {
            return Ok(());
        }
        let number = self.pass.store.issue_link(link)?.target_number;
        let mut there = None;
        let (mut refused, mut braked) = (None, false);
        let creates = |action: &CommentAction| matches!(action, CommentAction::Create { .. });
        if way.written != Written::Created && actions.iter().any(creates) {
            // One that is about to be created may be there already, if the store is an older copy.
            let thread = read_one(self.pass.target, number).await;
            let thread = there.insert(thread.at(Stage::Comment)?);
            let found = self
                .found_comments(link, &way.comments, thread, way.thread)
                .await?;
            if !found.is_empty() {
                self.pass.store.adopt_comments(link, &found)?;
                links = self.pass.store.comment_links(link)?;
                let planned = self.comment_actions(way, &links, follow).await;
                actions = planned.at(Stage::Read)?;
            }
        }
        for action in actions {
            if self.ends_now() {
                return Err(Trouble::Stopped);
            }
            let done = match action {
                CommentAction::Create { .. } if self.waits_for_others() => {
                    braked = true;
                    Ok(false)
                }
                CommentAction::Create { draft } => self.add(link, number, way, draft).await,
                CommentAction::Update {
                    draft,
                    link: at,
                    body,
                } => {
                    self.change((link, number), way, draft, &links[at], &body, &mut there)
                        .await
                }
                CommentAction::Replace {
                    draft,
                    link: before,
                    target,
                } => match self.take_comment((link, number), before, target).await {
                    Ok(_) => self.add(link, number, way, draft).await,
                    failed => failed,
                },
                // Rather a right or a disk is missing than that people deleted so many.
                CommentAction::Delete { absent: true, .. } if !self.may_delete()? => {
                    braked = true;
                    Ok(false)
                }
                CommentAction::Delete {
                    link: at,
                    target,
                    absent: false,
                } => self.take_comment((link, number), at, target).await,
                CommentAction::Delete {
                    link: at, target, ..
                } => self.remove((link, number), at, target).await,
            };
            match done {
                Ok(wrote) => {
                    if wrote {
                        way.written.changes();
                    }
                }
                Err(trouble) if trouble.is_refusal() => {
                    refused.get_or_insert(trouble);
                }
                Err(trouble) => return Err(trouble),
            }
        }
        match refused {
            Some(trouble) => Err(trouble),
            None if braked => Err(Trouble::Stopped),
            None => Ok(()),
        }
    }

    /// What is to be done about the comments of an issue. Internal ones are not taken for deleted where
    /// the account of the source may not see such any more (P13).
    pub(super) async fn comment_actions(
        &self,
        way: &Way<'_>,
        links: &[CommentLink],
        follow: bool,
    ) -> Result<Vec<CommentAction>, ForgeError> {
        let mut actions = comments::plan(&way.comments, &way.internal, links, follow);
        let is_internal = |id: LinkId| {
            let mut links = links.iter().filter(|link| link.id == id);
            links.any(comments::is_internal)
        };
        let may_be_there = |action: &CommentAction| match action {
            CommentAction::Delete { link, absent, .. } => *absent && is_internal(*link),
            _ => false,
        };
        if actions.iter().any(may_be_there) && !self.sees_internal().await? {
            actions.retain(|action| !may_be_there(action));
        }
        Ok(actions)
    }

    /// Whether the account of the source sees internal comments; if not, that is told once.
    async fn sees_internal(&self) -> Result<bool, ForgeError> {
        let source = self.pass.source;
        let sees = self.sees_internal.get_or_try_init(|| async {
            let Inspection::Project(project) = source.inspect(Side::Source).await? else {
                return Ok(true);
            };
            let right = project.rights.sees_confidential;
            if !right.granted {
                self.books.count(|tally| {
                    tally.warnings.push(format!(
                        "the account of the token does not see internal comments of {} any more; those that were mirrored stay on the target. Give it the role {}.",
                        source.project().name,
                        right.needs
                    ));
                });
            }
            Ok::<_, ForgeError>(right.granted)
        });
        sees.await.copied()
    }

    /// Takes one comment from those that may be deleted in this pass because their originals are not
    /// there any more (P13).
    fn may_delete(&self) -> Result<bool, StoreError> {
        let deleted = self.deleted.fetch_add(1, Ordering::Relaxed) + 1;
        // Those that went before in this pass count as well.
        let all = self.pass.store.active_comments(self.pair)? + deleted - 1;
        let many = deleted > 10 && deleted * 20 > all;
        if !many || deleted <= self.pass.options.allow_deletions {
            return Ok(true);
        }
        self.books.count(|tally| {
            let known = tally.failures.iter().any(|f| f.cause == Cause::ManyComments);
            if !known {
                tally.failures.push(Failure::of_whole(
                    FailedAt::List,
                    Cause::ManyComments,
                    format!(
                        "{} and more comments are not in {} any more; their counterparts stay. If people deleted them, say with --allow-deletions N how many may go.",
                        deleted - 1,
                        self.pass.source.project().name
                    ),
                ));
            }
        });
        Ok(false)
    }

    /// Deletes the counterpart of a comment; one that is gone already is as good.
    pub(super) async fn remove(
        &self,
        (issue, number): (LinkId, IssueNumber),
        link: LinkId,
        comment: CommentId,
    ) -> Result<bool, Trouble> {
        let store = self.pass.store;
        store.begin_comment_state(issue, link, LinkState::Leaving)?;
        match self.pass.target.delete_comment(number, comment).await {
            Ok(()) => {}
            // Never on one answer alone: the issue must be there, and the comment not.
            Err(error) if error.kind == ErrorKind::NotFound => {
                let thread = read_one(self.pass.target, number).await;
                let thread = thread.at(Stage::Comment)?;
                if thread.comments.iter().any(|there| there.id == comment) {
                    return Err(error).at(Stage::Comment);
                }
            }
            Err(error) => return Err(error).at(Stage::Comment),
        }
        store.set_comment_state(link, LinkState::Removed)?;
        self.books.count(|tally| tally.comments.deleted += 1);
        Ok(true)
    }

    /// Creates the counterpart of a comment, exactly once (P1).
    async fn add(
        &self,
        link: LinkId,
        number: IssueNumber,
        way: &Way<'_>,
        index: usize,
    ) -> Result<bool, Trouble> {
        let (store, target, draft) = (self.pass.store, self.pass.target, &way.comments[index]);
        let doing = || format!("writing an internal comment in #{number}");
        if draft.internal && !self.abilities.now().keeps_internal() {
            let said = "the target made public what was to be hidden, so it was not sent";
            return Err(ForgeError::new(ErrorKind::Rejected, doing(), said)).at(Stage::Comment);
        }
        let text = self.comment_text(way, draft).await?;
        let key = draw_key();
        let answers = threads::answers(&way.comments, draft, &store.comment_links(link)?);
        let in_thread = !answers.is_empty();
        let new = NewComment {
            body: self.comment_body(&way.thread.issue, draft, &text, &key, &short(&text)),
            internal: draft.internal,
            reply_to: answers,
            author: draft.author.clone(),
            created_at: draft.created_at,
        };
        let intent = store.intend(
            self.pair,
            &key,
            IntendedKind::Comment {
                parent: link,
                id: draft.id,
            },
            target.now(),
            bases(draft, |_| None),
            Vec::new(),
        )?;
        let leaves = self.leaves(&intent);
        let answer = self
            .sent(target.create_comment(number, new, &leaves).await, &intent)?
            .at(Stage::Comment)?;
        let there = comment_digests(&answer.text);
        let bases = bases(draft, |field| there.get(&field).copied());
        store.settle_comment(&intent, link, draft.id, answer.id, &bases)?;
        self.books.count(|tally| {
            tally.comments.created += 1;
            if in_thread && answer.reply_to.is_none() && self.abilities.now().threads {
                let why = "the target took an answer as a comment by itself";
                tally.not_carried(way.thread.issue.number, "threads", why);
            }
        });
        if draft.internal && !answer.internal {
            // However it was sent, alone or into a thread.
            let made = store.comment_links(link)?.into_iter();
            let mut made = made.filter(|made| made.target_id == answer.id);
            let taken = match made.next() {
                Some(made) => self.take_comment((link, number), made.id, answer.id).await,
                None => Ok(false),
            };
            self.keeps_nothing_hidden().await?;
            taken.map_err(Trouble::about_hiding)?;
            let said = "it became public, and was taken away again at once";
            return Err(ForgeError::new(ErrorKind::Rejected, doing(), said)).at(Stage::Comment);
        }
        Ok(true)
    }

    /// Changes the counterpart of a comment. Answers whether anything was sent.
    async fn change(
        &self,
        (issue, number): (LinkId, IssueNumber),
        way: &Way<'_>,
        index: usize,
        link: &CommentLink,
        body: &DescriptionPlan,
        thread: &mut Option<Thread>,
    ) -> Result<bool, Trouble> {
        let draft = &way.comments[index];
        // As with descriptions, text that people wrote stays where only what is ours changed.
        let mut there = None;
        if *body != DescriptionPlan::Whole {
            if thread.is_none() {
                *thread = Some(
                    read_one(self.pass.target, number)
                        .await
                        .at(Stage::Comment)?,
                );
            }
            let comments = thread.iter().flat_map(|thread| &thread.comments);
            let found = comments.into_iter().find(|c| c.id == link.target_id);
            let Some(found) = found else {
                self.comment_gone(link.id)?;
                return Ok(false);
            };
            there = Some(found.text.as_str());
        }
        let split = there.and_then(envelope::split_comment);
        let theirs = there.and_then(|text| theirs(Some(text), split.as_ref(), &link.bases));
        let (text, marked) = match theirs {
            Some(theirs) => {
                self.pass.store.add_drift(issue, COMMENTS)?;
                self.comments_drift(number, 1);
                let before = split.as_ref().map(|split| split.marker.written.clone());
                let (issue, files) = (&way.thread.issue, &draft.text.attachments);
                let private = issue.confidential || draft.internal;
                let text = self
                    .with_new_files(issue, Some(draft.id), files, private, theirs)
                    .await?;
                (text, before.unwrap_or_default())
            }
            None => {
                let text = self.comment_text(way, draft).await?;
                let marked = short(&text);
                (text, marked)
            }
        };
        let body = self.comment_body(&way.thread.issue, draft, &text, &link.key, &marked);
        let sends = there != Some(body.as_str());
        let after = if sends {
            let store = self.pass.store;
            let mut doubtful = BTreeSet::from([Field::Text, Field::Rewriting, Field::Envelope]);
            if theirs.is_some() {
                // Their text is there, whatever becomes of what is around it.
                doubtful.remove(&Field::Text);
            }
            store.doubt_comment(issue, link.id, &doubtful)?;
            let patch = CommentPatch {
                author: Some(draft.author.clone()),
                body,
            };
            let answer = match self.send_comment((issue, number), link, patch).await {
                Err(Trouble::Issue(stage, error)) => {
                    if error.fate == Fate::NotDone {
                        // Surely nothing of it was done.
                        store.record_comment(link.id, &link.bases)?;
                    }
                    return Err(Trouble::Issue(stage, error));
                }
                answer => answer?,
            };
            let Some(answer) = answer else {
                self.comment_gone(link.id)?;
                return Ok(false);
            };
            comment_digests(&answer.text)
        } else {
            comment_digests(&body)
        };
        let mut fresh = bases(draft, |field| after.get(&field).copied());
        if theirs.is_some()
            && let Some(text) = link.bases.get(&Field::Text)
        {
            // Text of people that was kept is not what we wrote.
            fresh.insert(Field::Text, text.clone());
            if let Some(rewriting) = fresh.get_mut(&Field::Rewriting) {
                rewriting.wrote = text.wrote;
            }
        }
        self.pass.store.record_comment(link.id, &fresh)?;
        self.books
            .count(|tally| tally.comments.updated += u64::from(sends));
        Ok(sends)
    }

    /// Sends a comment; `None` if it is not there any more while its issue is.
    pub(super) async fn send_comment(
        &self,
        (issue, number): (LinkId, IssueNumber),
        link: &CommentLink,
        patch: CommentPatch,
    ) -> Result<Option<Comment>, Trouble> {
        let target = self.pass.target;
        let alone = self.changing(issue).await?;
        let answer = target.update_comment(number, link.target_id, patch).await;
        match self.changed(issue, alone, answer)? {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.kind == ErrorKind::NotFound => {
                read_one(target, number).await.at(Stage::Comment)?;
                Ok(None)
            }
            Err(error) => Err(error).at(Stage::Comment),
        }
    }

    async fn comment_text(&self, way: &Way<'_>, draft: &CommentDraft) -> Result<String, Trouble> {
        let issue = &way.thread.issue;
        let private = issue.confidential || draft.internal;
        let carried = self
            .carry_attachments(issue, Some(draft.id), &draft.text.attachments, private)
            .await?;
        Ok(self.rendered(issue.number, &draft.text, &carried))
    }

    pub(super) fn comment_body(
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
fn bases(draft: &CommentDraft, there: impl Fn(Field) -> Option<Digest>) -> Bases {
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
