//! Files of what must not be seen any more: whoever kept the link of one reaches it, whatever becomes of
//! the text. They are deleted on the target, and a text that is carried on gets others (P7).

use super::Abort;
use super::carry::Carrier;
use super::failure::{At, FailedAt, Failure, Trouble};
use crate::forge::ErrorKind;
use crate::model::{CommentId, IssueLink, IssueNumber, LinkId, Mode, Stage, Thread};
use crate::store::{StoreError, TextOf};
use crate::text::read::Read;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{MutexGuard, PoisonError};

impl Carrier<'_> {
    /// Gives up the files of a counterpart that is about to be hidden. `there`: as it still is, where that
    /// is known and was not hidden.
    pub(super) async fn give_up_files(
        &self,
        link: LinkId,
        there: Option<&Thread>,
    ) -> Result<(), Trouble> {
        if !self.pass.target.capabilities().files_by_link {
            return Ok(());
        }
        let known = self.pass.store.issue_link(link)?;
        let mut links = BTreeSet::new();
        if let Some(there) = there {
            let ours = there.comments.iter().filter(|comment| comment.ours);
            let texts = ours.map(|comment| &comment.text);
            for text in std::iter::once(&there.issue.text).chain(texts) {
                links.extend(Read::of(text).destinations().into_iter().map(str::to_owned));
            }
        }
        let links: Vec<String> = links.into_iter().collect();
        let target = self.pass.target;
        let found = target.attachments(known.target_number, links.clone());
        let found = found.await.at(Stage::Hide)?;
        let files = links.into_iter().zip(found);
        let files: BTreeSet<String> = files
            .filter_map(|(link, file)| file.map(|_| link))
            .collect();
        self.give_up(&known, None, &files)?;
        Ok(())
    }

    /// The same for one comment.
    pub(super) fn give_up_files_of(
        &self,
        issue: LinkId,
        comment: LinkId,
    ) -> Result<(), StoreError> {
        if !self.pass.target.capabilities().files_by_link {
            return Ok(());
        }
        let store = self.pass.store;
        let known = store.issue_link(issue)?;
        let mut comments = store.comment_links(issue)?.into_iter();
        match comments.find(|known| known.id == comment) {
            Some(comment) => self.give_up(&known, Some(comment.source_id), &BTreeSet::new()),
            None => Ok(()),
        }
    }

    fn give_up(
        &self,
        known: &IssueLink,
        comment: Option<CommentId>,
        there: &BTreeSet<String>,
    ) -> Result<(), StoreError> {
        let text = TextOf {
            pair: self.pair,
            issue: known.source_id,
            comment,
        };
        let (store, target) = (self.pass.store, &self.pass.target.project().key);
        let given_up = store.give_up_files(text, known.source_number, target, there)?;
        if given_up.stay > 0 {
            let why = "nobody knows which other texts have them";
            self.files_stay(known.source_number, given_up.stay, why);
        }
        self.lock_without_file().extend(given_up.others);
        Ok(())
    }

    /// Tells, without naming them, that files can still be reached by whoever kept their link.
    fn files_stay(&self, number: IssueNumber, count: u64, why: &str) {
        self.books.count(|tally| {
            tally.warnings.push(format!(
                "#{number} may not be seen by everybody any more, and {count} of its files stay on the target, for whoever kept their link: {why}. Let a Maintainer delete them there (GitLab from 17.4 on: the API for Markdown uploads)."
            ));
        });
    }

    /// Hidden counterparts that need another file than they have.
    pub(super) fn lock_without_file(&self) -> MutexGuard<'_, BTreeSet<(LinkId, IssueNumber)>> {
        let lock = self.without_file.lock();
        lock.unwrap_or_else(PoisonError::into_inner)
    }

    /// Deletes the files that were given up, those of earlier passes too. What is refused is told once,
    /// and tried again by full passes; what fails otherwise is told and tried every time.
    pub(super) async fn delete_files(&self) -> Result<(), Abort> {
        let (store, target) = (self.pass.store, self.pass.target);
        if self.pass.options.dry_run || !target.capabilities().files_by_link {
            return Ok(());
        }
        let key = &target.project().key;
        let again = self.plan.mode == Mode::Full;
        let mut stay: BTreeMap<(IssueNumber, String), u64> = BTreeMap::new();
        for file in store.stale_files(key)? {
            if file.refused && !again {
                continue;
            }
            if self.ends_now() {
                self.was_stopped();
                break;
            }
            match target.delete_upload(file.destination.clone()).await {
                Ok(()) => {
                    store.file_is_gone(key, &file.destination)?;
                    self.books.count(|tally| tally.attachments.deleted += 1);
                }
                Err(error) => match error.kind {
                    ErrorKind::Denied
                    | ErrorKind::NotFound
                    | ErrorKind::Rejected
                    | ErrorKind::Unsupported => {
                        store.file_stays(key, &file.destination)?;
                        if !file.refused {
                            *stay.entry((file.number, error.said)).or_default() += 1;
                        }
                    }
                    ErrorKind::Interrupted => {
                        self.was_stopped();
                        break;
                    }
                    _ => {
                        let failure = Failure::of_pair(FailedAt::Issue(Stage::Hide), &error);
                        self.books.count(|tally| tally.failures.push(failure));
                        break;
                    }
                },
            }
        }
        for ((number, why), count) in stay {
            self.files_stay(
                number,
                count,
                &format!("the target does not delete them: {why}"),
            );
        }
        Ok(())
    }
}
