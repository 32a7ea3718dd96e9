//! A comment that is deleted, and how many may be (P13).

use crate::forge::ErrorKind;
use crate::model::{CommentId, IssueNumber, LinkId, LinkState, Stage};
use crate::store::StoreError;
use crate::sync::carry::Carrier;
use crate::sync::counterpart::read_one;
use crate::sync::failure::{At, Cause, FailedAt, Failure, Trouble};
use std::sync::atomic::Ordering;

impl Carrier<'_> {
    /// Takes one comment from those that may be deleted in this pass because their originals are not
    /// there any more (P13).
    pub(super) fn may_delete(&self) -> Result<bool, StoreError> {
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
    pub(in crate::sync) async fn remove(
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
}
