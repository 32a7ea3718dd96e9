//! Reading: listings page by page, issues with their comments.

use super::super::http::{Call, Reply};
use super::super::{ErrorKind, ForgeError};
use super::convert::{self, Us};
use super::wire::{self, Row};
use super::{Gitlab, PAGE, READS, no_project};
use crate::model::{Comment, IssueNumber, Thread, Timestamp};
use crate::text::marker;
use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

/// A comment that was written so long before an issue was listed is surely older than what was
/// listed, however the clocks of a large server differ.
const SLACK: SignedDuration = SignedDuration::from_secs(2);

impl Gitlab {
    /// Whether issues are listed by keyset: from 18.3 on.
    pub(super) async fn has_keyset(&self) -> bool {
        let ask = || async {
            let reply = self.send(Call::get(vec!["api", "v4", "metadata"])).await;
            let version = reply.and_then(|reply| reply.read::<wire::Metadata>());
            version.is_ok_and(|metadata| at_least(&metadata.version, (18, 3)))
        };
        *self.keyset.get_or_init(ask).await
    }

    /// Issues that changed at or after a moment, the longest unchanged first, each once and as it was
    /// last seen. Answers with them the server's time before the first was read.
    pub(super) async fn changed_since(
        &self,
        since: Option<Timestamp>,
        each: &mut (dyn FnMut(Row, Timestamp) + Send),
    ) -> Result<Timestamp, ForgeError> {
        let first = self.page(since, 1, None).await?;
        let begun = first.1;
        let issues = first.0;
        let more = issues.len() == PAGE;
        if !more {
            for issue in issues {
                each(issue, begun);
            }
            return Ok(begun);
        }
        if self.has_keyset().await {
            self.pages_by_keyset(since, each).await?;
        } else {
            self.pages_by_time(issues, begun, each).await?;
        }
        Ok(begun)
    }

    /// One numbered page, with the server's time.
    pub(super) async fn page(
        &self,
        since: Option<Timestamp>,
        page: usize,
        until: Option<Timestamp>,
    ) -> Result<(Vec<Row>, Timestamp), ForgeError> {
        let mut call = self.listing(since).query("page", page);
        if let Some(until) = until {
            call = call.query("updated_before", until);
        }
        let reply = self.send(call).await.map_err(no_project)?;
        let issues = self.issues(&reply)?;
        Ok((issues, self.client.now()))
    }

    pub(super) fn listing(&self, since: Option<Timestamp>) -> Call<'_> {
        let mut call = Call::get(self.below(&["issues"]))
            .query("scope", "all")
            .query("state", "all")
            .query("order_by", "updated_at")
            .query("sort", "asc")
            .query("per_page", PAGE);
        if let Some(since) = since {
            call = call.query("updated_after", since);
        }
        call
    }

    pub(super) fn issues(&self, reply: &Reply) -> Result<Vec<Row>, ForgeError> {
        let issues: Vec<Row> = match reply.read::<Vec<wire::Issue>>() {
            Ok(issues) => issues
                .into_iter()
                .map(|issue| Row::Whole(Box::new(issue)))
                .collect(),
            Err(error) => {
                let rows: Vec<serde_json::Value> = reply.read()?;
                let rows: Result<_, _> = rows.into_iter().map(Row::from).collect();
                rows.map_err(|_| error)?
            }
        };
        if let Some(issue) = issues.first() {
            self.is_this(issue.project_id(), &reply.doing)?;
        }
        Ok(issues)
    }

    pub(super) fn odd(&self, number: u64, said: &str) -> ForgeError {
        let doing = format!("issue #{number} of {}", self.project.name);
        let said =
            format!("what the server answers is not of the form that it should have: {said}");
        ForgeError::new(ErrorKind::Malformed, doing, said)
    }

    /// Pages that begin behind a row: what changes meanwhile moves nothing.
    async fn pages_by_keyset(
        &self,
        since: Option<Timestamp>,
        each: &mut (dyn FnMut(Row, Timestamp) + Send),
    ) -> Result<(), ForgeError> {
        let mut cursor: Option<String> = None;
        loop {
            let mut call = self.listing(since).query("pagination", "keyset");
            if let Some(cursor) = &cursor {
                call = call.query("cursor", cursor);
            }
            let reply = self.send(call).await?;
            let now = self.client.now();
            for issue in self.issues(&reply)? {
                each(issue, now);
            }
            cursor = reply.header("link").and_then(next_cursor);
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    /// Pages by time, without numbers: an issue that changes meanwhile moves to the end and is seen
    /// again, and none is skipped. Only within one and the same time there are numbers; that is read
    /// until it brings nothing new.
    async fn pages_by_time(
        &self,
        first: Vec<Row>,
        begun: Timestamp,
        each: &mut (dyn FnMut(Row, Timestamp) + Send),
    ) -> Result<(), ForgeError> {
        let (mut issues, mut now) = (first, begun);
        loop {
            let full = issues.len() == PAGE;
            let last = issues.last().map(Row::updated_at);
            let stands_still = issues.first().map(Row::updated_at) == last;
            for issue in issues {
                each(issue, now);
            }
            let (true, Some(last)) = (full, last) else {
                return Ok(());
            };
            let mut next = last;
            if stands_still {
                self.all_of(last, each).await?;
                next = last
                    .checked_add(SignedDuration::from_millis(1))
                    .unwrap_or(last);
            }
            (issues, now) = self.page(Some(next), 1, None).await?;
        }
    }

    /// Every issue of one time. Times of answers are cut to milliseconds.
    async fn all_of(
        &self,
        at: Timestamp,
        each: &mut (dyn FnMut(Row, Timestamp) + Send),
    ) -> Result<(), ForgeError> {
        let until = at
            .checked_add(SignedDuration::from_micros(999))
            .unwrap_or(at);
        let mut seen = BTreeSet::new();
        loop {
            let before = seen.len();
            for page in 1.. {
                let (issues, now) = self.page(Some(at), page, Some(until)).await?;
                let full = issues.len() == PAGE;
                for issue in issues {
                    if seen.insert(issue.id()) {
                        each(issue, now);
                    }
                }
                if !full {
                    break;
                }
            }
            if seen.len() == before {
                return Ok(());
            }
        }
    }

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

/// The cursor of the next page.
fn next_cursor(link: &str) -> Option<String> {
    let next = link.split(',').find(|part| part.contains("rel=\"next\""))?;
    let address = next.split_once('<')?.1.split_once('>')?.0;
    let url = url::Url::parse(address).ok()?;
    let cursor = url.query_pairs().find(|(name, _)| name == "cursor")?;
    Some(cursor.1.into_owned())
}

/// Whether a version such as `18.3.0-ee` is at least this one.
fn at_least(version: &str, least: (u64, u64)) -> bool {
    let mut parts = version
        .split(['.', '-'])
        .map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        for (version, expected) in [
            ("18.3.0-ee", true),
            ("18.10.1", true),
            ("19.0.0-pre", true),
            ("18.2.9-ee", false),
            ("9.5", false),
            ("?", false),
        ] {
            assert_eq!(at_least(version, (18, 3)), expected, "{version}");
        }
    }

    #[test]
    fn the_next_page_is_found_in_its_header() {
        let link = "<https://h.example/api/v4/projects/1/issues?cursor=eyJ1%3D&per_page=100>; rel=\"next\"";
        assert_eq!(next_cursor(link).as_deref(), Some("eyJ1="));
        assert_eq!(
            next_cursor("<https://h.example/?cursor=x>; rel=\"first\""),
            None
        );
    }
}
