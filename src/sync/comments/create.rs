//! A comment that is created, exactly once (P1).

use super::body::bases;
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{IntendedKind, IssueNumber, LinkId, NewComment, Stage};
use crate::plan::draft::comment_digests;
use crate::plan::threads;
use crate::sync::apply::draw_key;
use crate::sync::carry::{Carrier, Way};
use crate::sync::failure::{At, Trouble};

impl Carrier<'_> {
    /// Creates the counterpart of a comment, exactly once (P1).
    pub(super) async fn add(
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
        let key = draw_key();
        let answers = threads::answers(&way.comments, draft, &store.comment_links(link)?);
        let in_thread = !answers.is_empty();
        let send = async |body| {
            let new = NewComment {
                body,
                internal: draft.internal,
                reply_to: answers.clone(),
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
            let answer = target.create_comment(number, new, &leaves).await;
            drop(leaves);
            let answer = self.sent(answer, &intent)?.at(Stage::Comment)?;
            Ok((intent, answer))
        };
        let (intent, answer) = self.send_fitting(way, draft, (&key, ""), send).await?;
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
}
