//! A comment that is changed: text that people wrote stays where only what is ours changed (P6).

use super::body::bases;
use crate::forge::{ErrorKind, Fate};
use crate::model::{Comment, CommentLink, CommentPatch, Field, IssueNumber, LinkId, Stage, Thread};
use crate::plan::draft::comment_digests;
use crate::plan::issue::DescriptionPlan;
use crate::plan::length::Fitted;
use crate::sync::carry::{Carrier, Way};
use crate::sync::counterpart::{COMMENTS, read_one};
use crate::sync::description::theirs;
use crate::sync::failure::{At, Trouble};
use crate::text::envelope;
use std::collections::BTreeSet;

impl Carrier<'_> {
    /// Changes the counterpart of a comment. Answers whether anything was sent.
    pub(super) async fn change(
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
        // What people wrote below our marker is theirs too.
        let after = split.as_ref().map_or("", |split| split.after);
        let send = async |body: String| {
            if there == Some(body.as_str()) {
                return Ok(Some((false, comment_digests(&body))));
            }
            let mut doubtful = BTreeSet::from([Field::Text, Field::Rewriting, Field::Envelope]);
            if theirs.is_some() {
                // Their text is there, whatever becomes of what is around it.
                doubtful.remove(&Field::Text);
            }
            let store = self.pass.store;
            store.doubt_comment(issue, link.id, &doubtful)?;
            let patch = CommentPatch {
                author: Some(draft.author.clone()),
                body,
            };
            match self.send_comment((issue, number), link, patch).await {
                Err(Trouble::Issue(stage, error)) => {
                    if error.fate == Fate::NotDone {
                        // Surely nothing of it was done.
                        store.record_comment(link.id, &link.bases)?;
                    }
                    Err(Trouble::Issue(stage, error))
                }
                answer => Ok(answer?.map(|answer| (true, comment_digests(&answer.text)))),
            }
        };
        let sent = match theirs {
            Some(theirs) => {
                self.pass.store.add_drift(issue, COMMENTS)?;
                self.comments_drift(number, 1);
                let before = split.as_ref().map(|split| split.marker.written.clone());
                let (issue, files) = (&way.thread.issue, &draft.text.attachments);
                let private = issue.confidential || draft.internal;
                let text = self
                    .with_new_files(issue, Some(draft.id), files, private, theirs)
                    .await?;
                let (text, marked) = (Fitted::whole(text), before.unwrap_or_default());
                let body = self.comment_body(issue, draft, &text, &link.key, &marked);
                send(body + after).await?
            }
            None => {
                self.send_fitting(way, draft, (&link.key, after), send)
                    .await?
            }
        };
        let Some((sends, there)) = sent else {
            self.comment_gone(link.id)?;
            return Ok(false);
        };
        let mut fresh = bases(draft, |field| there.get(&field).copied());
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
    pub(in crate::sync) async fn send_comment(
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
}
