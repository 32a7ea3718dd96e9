//! Reading: issues by their numbers, with their comments.
//! <https://docs.gitlab.com/api/issues/>, <https://docs.gitlab.com/api/notes/>

use super::super::http::{Call, Reply};
use super::super::{ErrorKind, ForgeError};
use super::convert::{self, Us};
use super::project::no_project;
use super::wire::{self, Row};
use super::{Gitlab, PAGE};
use crate::model::{Comment, IssueNumber, Thread, Timestamp};
use crate::text::marker;
use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// A comment that was written so long before an issue was listed is surely older than what was
/// listed, however the clocks of a large server differ.
const SLACK: SignedDuration = SignedDuration::from_secs(2);
/// How many issues' comments are read at once.
const READS: usize = 6;

impl Gitlab {
    /// The comments on an issue, and whether one of them may be younger than what is known of the
    /// issue, which was listed at this time.
    async fn comments(
        &self,
        issue: &wire::Issue,
        listed: Timestamp,
        us: &Us,
    ) -> Result<(Vec<Comment>, bool), ForgeError> {
        if issue.user_notes_count == Some(0) {
            return Ok((Vec::new(), false));
        }
        let mut comments = BTreeMap::new();
        let (mut threaded, mut younger) = (false, false);
        let before = listed.checked_sub(SLACK).unwrap_or(listed);
        let mut take = |notes: Vec<wire::Note>| {
            for note in notes {
                threaded |= note.kind.as_deref() == Some("DiscussionNote");
                if let Some(comment) = convert::comment(&note, us, issue.web_url.as_deref()) {
                    // Nobody tells a secret in what we wrote.
                    let mirrored = comment.ours && !marker::keys(&comment.text).is_empty();
                    let recent = note.written_at().is_none_or(|at| at >= before);
                    younger |= recent && !mirrored;
                    comments.insert(comment.id, comment);
                }
            }
        };
        let (mut reply, mut notes) = self.notes(issue.iid, 1).await?;
        let number = |reply: &Reply, name: &str| reply.header(name)?.trim().parse::<usize>().ok();
        let pages = number(&reply, "x-total-pages").unwrap_or(1);
        if pages > 1 {
            // From the last page to the first: what is deleted meanwhile moves the others to pages
            // that are still to be read. The other way round, one would be missed and taken for
            // deleted.
            for page in (2..=pages).rev() {
                take(self.notes(issue.iid, page).await?.1);
            }
            (reply, notes) = self.notes(issue.iid, 1).await?;
        }
        take(notes);
        if number(&reply, "x-total-pages").is_none() {
            // So many that their number is not told. A page may be short although more follow.
            while let Some(next) = number(&reply, "x-next-page") {
                (reply, notes) = self.notes(issue.iid, next).await?;
                take(notes);
            }
        }
        if threaded {
            self.name_threads(issue.iid, &mut comments).await?;
        }
        // One may be said to be older than it is.
        let counted = issue.user_notes_count.unwrap_or(u64::MAX);
        younger |= comments.len() as u64 > counted;
        Ok((comments.into_values().collect(), younger))
    }

    /// A page of the comments on an issue, the oldest first.
    pub(super) async fn notes(
        &self,
        iid: u64,
        page: usize,
    ) -> Result<(Reply, Vec<wire::Note>), ForgeError> {
        let iid = iid.to_string();
        let call = Call::get(self.below(&["issues", &iid, "notes"]))
            .query("activity_filter", "only_comments")
            .query("order_by", "created_at")
            .query("sort", "asc")
            .query("per_page", PAGE)
            .query("page", page);
        let reply = self.send(call).await?;
        let notes: Vec<wire::Note> = reply.read()?;
        if let Some(note) = notes.iter().find(|note| !note.says_who_sees_it()) {
            let said = format!("it does not say of note {} who may see it", note.id);
            return Err(ForgeError::new(ErrorKind::Malformed, reply.doing, said));
        }
        Ok((reply, notes))
    }

    pub(super) async fn threads(
        &self,
        numbers: Vec<IssueNumber>,
    ) -> Result<Vec<Result<Thread, ForgeError>>, ForgeError> {
        let us = self.us().await?;
        let mut found = self.rows(&numbers).await?;
        if numbers.iter().any(|number| !found.contains_key(&number.0)) {
            // Nothing is taken for gone because another project took the path.
            self.check().await?;
        }
        let read = numbers.iter().map(|number| {
            let found = found.remove(&number.0);
            async move {
                let (issue, now) = self.whole(*number, found)?;
                let (comments, younger) = self.comments(&issue, now, us).await?;
                let issue = convert::issue(&issue, us, now);
                Ok((Thread { issue, comments }, now, younger))
            }
        });
        // Boxed one by one: their type is too much for the compiler otherwise.
        let read: Vec<_> = read.map(FutureExt::boxed).collect();
        let read: Vec<Result<_, ForgeError>> = stream::iter(read).buffered(READS).collect().await;
        let in_doubt: Vec<IssueNumber> = read
            .iter()
            .flatten()
            .filter(|(_, _, younger)| *younger)
            .map(|(thread, ..)| thread.issue.number)
            .collect();
        // A comment that was written meanwhile belongs to the issue as it is now: it may have become
        // confidential in between, and the comment be about that (P7).
        let mut again = self.rows(&in_doubt).await?;
        let confirmed = read.into_iter().map(|read| {
            let (mut thread, now, younger) = read?;
            if younger {
                let number = thread.issue.number;
                let (issue, _) = self.whole(number, again.remove(&number.0))?;
                thread.issue = convert::issue(&issue, us, now);
            }
            Ok(thread)
        });
        Ok(confirmed.collect())
    }

    /// Issues by their numbers as they are now, each with the server's time.
    async fn rows(
        &self,
        numbers: &[IssueNumber],
    ) -> Result<BTreeMap<u64, (Row, Timestamp)>, ForgeError> {
        let mut found = BTreeMap::new();
        for chunk in numbers.chunks(PAGE) {
            let mut call = Call::get(self.below(&["issues"]))
                .query("scope", "all")
                .query("state", "all")
                .query("per_page", PAGE);
            for number in chunk {
                call = call.query("iids[]", number);
            }
            let reply = self.send(call).await.map_err(no_project)?;
            let now = self.client.now();
            for issue in self.issues(&reply)? {
                found.insert(issue.iid(), (issue, now));
            }
        }
        Ok(found)
    }

    /// An issue that was found, in the form that it should have.
    fn whole(
        &self,
        number: IssueNumber,
        found: Option<(Row, Timestamp)>,
    ) -> Result<(Box<wire::Issue>, Timestamp), ForgeError> {
        match found {
            Some((Row::Whole(issue), now)) => Ok((issue, now)),
            Some((Row::Odd(odd, said), _)) => Err(self.odd(odd.iid, &said)),
            None => {
                let doing = format!("issue #{number} of {}", self.project.name);
                let said = "it is not there, or the account of the token may not see it";
                Err(ForgeError::new(ErrorKind::NotFound, doing, said))
            }
        }
    }
}
