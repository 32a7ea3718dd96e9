//! Listings: which issues changed, page by page, however many change meanwhile.
//! <https://docs.gitlab.com/api/issues/>

use super::abilities::PLANNER;
use super::convert::{self, Us};
use super::project::no_project;
use super::versions::at_least;
use super::wire::{self, Row};
use super::{Gitlab, PAGE};
use crate::forge::http::{Call, Reply};
use crate::forge::{Each, ErrorKind, ForgeError};
use crate::model::{Beginning, Cursor, IssueId, IssueNumber, Listed, Listing, Timestamp};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

/// How far before the server's time a cursor lies: the throttle, and clocks.
const OVERLAP: SignedDuration = SignedDuration::from_secs(120);

impl Gitlab {
    /// What changed since a cursor, or everything.
    pub(super) async fn list(&self, since: Option<Cursor>) -> Result<Listing, ForgeError> {
        let after = since.as_ref().and_then(|Cursor(text)| text.parse().ok());
        // Who we are makes no difference to a version.
        let nobody = Us::default();
        let mut issues: BTreeMap<u64, Listed> = BTreeMap::new();
        let mut take = |row: Row, now: Timestamp| {
            let listed = Listed {
                id: IssueId(row.id()),
                number: IssueNumber(row.iid()),
                version: match &row {
                    Row::Whole(issue) => convert::issue(issue, &nobody, now).version,
                    Row::Odd(odd, _) => convert::odd_version(odd),
                },
            };
            issues.insert(row.id(), listed);
        };
        let mut warnings = Vec::new();
        // Another project that took the path, and has no issue yet, is no project without issues.
        if after.is_none()
            && let Some(role) = self.check().await?.role()
            && role < PLANNER
            && !self.us().await?.admin
        {
            warnings.push(format!(
                    "the account of the token is a Guest in {}: it sees no confidential issue, so one that becomes confidential stays on the target as it is. Give it the role Planner or Reporter.",
                    self.project.name
                ));
        }
        let begun = self.changed_since(after, &mut take).await?;
        let cursor = begun.checked_sub(OVERLAP).unwrap_or(begun);
        Ok(Listing {
            issues: issues.into_values().collect(),
            cursor: Some(Cursor(cursor.to_string())),
            complete: after.is_none(),
            warnings,
        })
    }

    /// Where a pair begins that mirrors only what comes from now on.
    pub(super) async fn first_listing(&self) -> Result<Beginning, ForgeError> {
        let listing = self.list(None).await?;
        Ok(Beginning {
            newest: listing.issues.iter().map(|issue| issue.id).max(),
            cursor: listing.cursor,
        })
    }

    /// A number that no issue exceeds.
    pub(super) async fn newest_issue(&self) -> Result<Option<IssueId>, ForgeError> {
        // A create moves the time of the issue, however its `created_at` was set.
        let call = Call::get(self.below(&["issues"]))
            .query("scope", "all")
            .query("state", "all")
            .query("order_by", "updated_at")
            .query("sort", "desc")
            .query("per_page", PAGE);
        let reply = self.send(call).await.map_err(no_project)?;
        let issues = self.issues(&reply)?;
        if issues.is_empty() {
            self.check().await?;
        }
        // Behind a full page there may be newer ones that changed longer ago.
        if issues.len() == PAGE {
            return Ok(Some(IssueId(u64::MAX)));
        }
        Ok(issues.iter().map(|issue| IssueId(issue.id())).max())
    }

    /// Every issue that changed at or after a moment. One that cannot be read is an error.
    pub(super) async fn each_since(
        &self,
        since: Timestamp,
        each: Each<'_>,
    ) -> Result<(), ForgeError> {
        let us = self.us().await?;
        let mut odd = None;
        let mut take = |row: Row, now: Timestamp| match row {
            Row::Whole(issue) => each(convert::issue(&issue, us, now)),
            Row::Odd(which, said) => odd = Some(self.odd(which.iid, &said)),
        };
        self.changed_since(Some(since), &mut take).await?;
        // It may be the one that is looked for.
        odd.map_or(Ok(()), Err)
    }

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
}

/// The cursor of the next page.
fn next_cursor(link: &str) -> Option<String> {
    let next = link.split(',').find(|part| part.contains("rel=\"next\""))?;
    let address = next.split_once('<')?.1.split_once('>')?.0;
    let url = url::Url::parse(address).ok()?;
    let cursor = url.query_pairs().find(|(name, _)| name == "cursor")?;
    Some(cursor.1.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

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
