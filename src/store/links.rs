//! Links of issues: which counterpart each has, and what became of it.

use super::bases::{Of, put_bases, put_labels};
use super::{PairId, Result, Store, StoreError, digest, from_row, to_row, word};
use crate::model::{
    Bases, CommentId, Digest, IssueId, IssueLink, IssueNumber, LinkId, LinkState, OurLabel,
    ProjectKey, Version,
};
use rusqlite::{Connection, Row};
use std::collections::{BTreeSet, HashMap};

/// What decides whether a listed issue must be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkHead {
    /// The row.
    pub id: LinkId,
    /// Whether it is still carried.
    pub state: LinkState,
    /// Version and settings with which everything was in step.
    pub settled: Option<Digest>,
}

/// A link to be made.
#[derive(Clone, Debug)]
pub struct NewLink<'a> {
    /// The source's own id of the issue.
    pub source_id: IssueId,
    /// Its number on the source.
    pub source_number: IssueNumber,
    /// The target's own id of the counterpart.
    pub target_id: IssueId,
    /// Its number on the target.
    pub target_number: IssueNumber,
    /// The key in its marker.
    pub key: &'a str,
    /// Where an operator finds the source issue.
    pub source_location: &'a str,
    /// Where an operator finds the counterpart.
    pub target_location: &'a str,
}

const ISSUE_LINK: &str = "SELECT id, source_id, source_number, target_id, target_number, key, state, settled, verified, found, theirs FROM issue_link";

impl Store {
    /// Every link of a pair, by the source's own id of the issue.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn link_heads(&self, pair: PairId) -> Result<HashMap<IssueId, LinkHead>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT source_id, id, state, settled FROM issue_link WHERE pair = ?1",
        )?;
        let mut rows = statement.query([pair.0])?;
        let mut heads = HashMap::new();
        while let Some(row) = rows.next()? {
            let settled: Option<Vec<u8>> = row.get(3)?;
            heads.insert(
                IssueId(from_row(row.get(0)?)?),
                LinkHead {
                    id: LinkId(row.get(1)?),
                    state: link_state(row, 2)?,
                    settled: settled.as_deref().map(digest).transpose()?,
                },
            );
        }
        Ok(heads)
    }

    /// One link of a pair, by its row.
    ///
    /// # Errors
    ///
    /// If the store cannot be read or there is no such link.
    pub fn issue_link(&self, link: LinkId) -> Result<IssueLink> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(&format!("{ISSUE_LINK} WHERE id = ?1"))?;
        let mut rows = statement.query([link.0])?;
        match rows.next()? {
            Some(row) => issue_link(row),
            None => Err(StoreError::Damaged("a link to nothing")),
        }
    }

    /// One link of a pair, by the number of the issue on the source.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn issue_link_of(&self, pair: PairId, number: IssueNumber) -> Result<Option<IssueLink>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(&format!(
            "{ISSUE_LINK} WHERE pair = ?1 AND source_number = ?2"
        ))?;
        let mut rows = statement.query((pair.0, to_row(number.0)?))?;
        rows.next()?.map(issue_link).transpose()
    }

    /// Whether an issue of a target is the counterpart of one of that source, in whichever way.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn is_counterpart(
        &self,
        source: &ProjectKey,
        target: &ProjectKey,
        issue: IssueId,
    ) -> Result<bool> {
        Ok(self
            .connection()
            .prepare_cached(
                "SELECT 1 FROM issue_link JOIN pair ON pair.id = issue_link.pair
                 WHERE pair.source = ?1 AND pair.target = ?2 AND target_id = ?3
                     AND state IN ('active', 'hidden')",
            )?
            .exists((&source.0, &target.0, to_row(issue.0)?))?)
    }

    /// Whether a key is one that this store drew for this issue of this project, or for a comment
    /// of it. A copy of the marker anywhere else is not.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn drew(
        &self,
        key: &str,
        project: &ProjectKey,
        issue: IssueId,
        comment: Option<CommentId>,
    ) -> Result<bool> {
        let connection = self.connection();
        let issue = to_row(issue.0)?;
        Ok(match comment {
            None => connection
                .prepare_cached(
                    "SELECT 1 FROM issue_link JOIN pair ON pair.id = issue_link.pair
                     WHERE key = ?1 AND pair.target = ?2 AND target_id = ?3",
                )?
                .exists((key, &project.0, issue))?,
            Some(comment) => connection
                .prepare_cached(
                    "SELECT 1 FROM comment_link
                     JOIN issue_link ON issue_link.id = comment_link.issue_link
                     JOIN pair ON pair.id = issue_link.pair
                     WHERE comment_link.key = ?1 AND pair.target = ?2
                         AND issue_link.target_id = ?3 AND comment_link.target_id = ?4",
                )?
                .exists((key, &project.0, issue, to_row(comment.0)?))?,
        })
    }

    /// Whether a key is one of an issue or comment that was mirrored, or was about to be, by any
    /// pair.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn knows(&self, key: &str) -> Result<bool> {
        Ok(self
            .connection()
            .prepare_cached(
                "SELECT 1 FROM issue_link WHERE key = ?1
                 UNION ALL SELECT 1 FROM comment_link WHERE key = ?1
                 UNION ALL SELECT 1 FROM intent WHERE key = ?1",
            )?
            .exists([key])?)
    }

    /// The same, apart from what is only suspected to be a counterpart.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn surely_knows(&self, key: &str) -> Result<bool> {
        Ok(self
            .connection()
            .prepare_cached(
                "SELECT 1 FROM issue_link WHERE key = ?1 AND state != 'contested'
                 UNION ALL SELECT 1 FROM comment_link WHERE key = ?1
                 UNION ALL SELECT 1 FROM intent WHERE key = ?1",
            )?
            .exists([key])?)
    }

    /// The newest issue of the target that a pair mirrored.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn newest_target(&self, pair: PairId) -> Result<Option<IssueId>> {
        let newest: Option<i64> = self.connection().query_row(
            "SELECT max(target_id) FROM issue_link WHERE pair = ?1",
            [pair.0],
            |row| row.get(0),
        )?;
        Ok(newest.map(from_row).transpose()?.map(IssueId))
    }

    /// A number that no forge gives, for what is not there: another one for each link that has one,
    /// of whatever pair.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn free_number(&self) -> Result<u64> {
        const MOST: i64 = 1 << 40;
        let taken: i64 = self.connection().query_row(
            "SELECT count(*) FROM issue_link WHERE target_id > ?1",
            [i64::MAX - MOST],
            |row| row.get(0),
        )?;
        Ok((i64::MAX - taken).unsigned_abs())
    }

    /// Links of issues that are thought to be there, without some: the first, the one in the middle
    /// and the last, with their numbers on the target.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn sample_links(
        &self,
        pair: PairId,
        without: &BTreeSet<LinkId>,
    ) -> Result<Vec<(LinkId, IssueNumber)>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT id, target_number FROM issue_link
             WHERE pair = ?1 AND state IN ('active', 'hidden') ORDER BY target_number",
        )?;
        let mut rows = statement.query([pair.0])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let link = LinkId(row.get(0)?);
            if !without.contains(&link) {
                found.push((link, IssueNumber(from_row(row.get(1)?)?)));
            }
        }
        let last = found.len().saturating_sub(1);
        let chosen: BTreeSet<usize> = [0, last / 2, last].into();
        let chosen = chosen.into_iter().filter_map(|at| found.get(at).copied());
        Ok(chosen.collect())
    }

    /// Notes with which version and settings an issue is in step, and where it was then found.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn settle(&self, link: LinkId, settled: Digest, source_location: &str) -> Result<()> {
        self.connection()
            .prepare_cached(
                // Its original was read, so it is there, whatever a listing did not name.
                "UPDATE issue_link SET settled = ?2, source_location = ?3,
                     vanished = CASE vanished WHEN 3 THEN 0 ELSE vanished END
                 WHERE id = ?1",
            )?
            .execute((link.0, settled.as_bytes(), source_location))?;
        Ok(())
    }

    /// Notes which version of a counterpart was looked at.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn set_verified(&self, link: LinkId, version: Version) -> Result<()> {
        self.connection()
            .prepare_cached("UPDATE issue_link SET verified = ?2 WHERE id = ?1")?
            .execute((link.0, version.0.as_bytes()))?;
        Ok(())
    }

    /// Notes what became of an issue.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn set_issue_state(&self, link: LinkId, state: LinkState) -> Result<()> {
        self.connection().execute(
            "UPDATE issue_link SET state = ?2 WHERE id = ?1",
            (link.0, state.word()),
        )?;
        Ok(())
    }

    /// Notes whether the original of a counterpart is outside of the selection. Answers whether that
    /// is news.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn set_outside(&self, link: LinkId, outside: bool) -> Result<bool> {
        let changed = self
            .connection()
            .prepare_cached("UPDATE issue_link SET outside = ?2 WHERE id = ?1 AND outside != ?2")?
            .execute((link.0, outside))?;
        Ok(changed > 0)
    }

    /// Notes that a counterpart is there again. If another link has the same number of the target,
    /// what that one was for is not there any more.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn revive(&self, link: LinkId, state: LinkState) -> Result<()> {
        self.transaction(|transaction| {
            transaction.execute(
                "UPDATE issue_link SET state = 'gone'
                 WHERE id != ?1 AND state IN ('active', 'hidden')
                     AND (pair, target_id) =
                         (SELECT pair, target_id FROM issue_link WHERE id = ?1)",
                [link.0],
            )?;
            transaction.execute(
                "UPDATE issue_link SET state = ?2 WHERE id = ?1",
                (link.0, state.word()),
            )?;
            Ok(())
        })
    }

    /// How many issues of a pair have a counterpart that is thought to be there.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn active_links(&self, pair: PairId) -> Result<u64> {
        from_row(self.connection().query_row(
            "SELECT count(*) FROM issue_link WHERE pair = ?1 AND state IN ('active', 'hidden')",
            [pair.0],
            |row| row.get(0),
        )?)
    }
}

/// Makes the link of an issue, within a transaction.
pub(super) fn put_issue_link(
    connection: &Connection,
    pair: PairId,
    new: &NewLink<'_>,
    bases: &Bases,
    labels: &BTreeSet<OurLabel>,
) -> Result<LinkId> {
    // If the target gave this number before, what had it then is not there any more.
    connection
        .prepare_cached(
            "UPDATE issue_link SET state = 'gone'
             WHERE target_id = ?2 AND state IN ('active', 'hidden') AND pair IN
                 (SELECT id FROM pair WHERE target = (SELECT target FROM pair WHERE id = ?1))",
        )?
        .execute((pair.0, to_row(new.target_id.0)?))?;
    // A person parted it from another one and asked for a new one, or it came back after we deleted
    // its counterpart.
    connection
        .prepare_cached(
            "DELETE FROM issue_link WHERE pair = ?1 AND source_id = ?2
                 AND state IN ('parted', 'removed')",
        )?
        .execute((pair.0, to_row(new.source_id.0)?))?;
    connection
        .prepare_cached(
            "INSERT INTO issue_link (pair, source_id, source_number, target_id, target_number,
                 key, state, source_location, target_location)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'active', ?7, ?8)",
        )?
        .execute((
            pair.0,
            to_row(new.source_id.0)?,
            to_row(new.source_number.0)?,
            to_row(new.target_id.0)?,
            to_row(new.target_number.0)?,
            new.key,
            new.source_location,
            new.target_location,
        ))?;
    let link = LinkId(connection.last_insert_rowid());
    connection
        .prepare_cached("DELETE FROM passed_over WHERE pair = ?1 AND source_id = ?2")?
        .execute((pair.0, to_row(new.source_id.0)?))?;
    put_bases(connection, Of::Issue, link, bases)?;
    put_labels(connection, link, labels)?;
    Ok(link)
}

fn issue_link(row: &Row<'_>) -> Result<IssueLink> {
    let (settled, verified): (Option<Vec<u8>>, Option<Vec<u8>>) = (row.get(7)?, row.get(8)?);
    Ok(IssueLink {
        id: LinkId(row.get(0)?),
        source_id: IssueId(from_row(row.get(1)?)?),
        source_number: IssueNumber(from_row(row.get(2)?)?),
        target_id: IssueId(from_row(row.get(3)?)?),
        target_number: IssueNumber(from_row(row.get(4)?)?),
        key: row.get(5)?,
        state: link_state(row, 6)?,
        settled: settled.as_deref().map(digest).transpose()?,
        verified: verified.as_deref().map(digest).transpose()?.map(Version),
        found: row.get(9)?,
        theirs: row.get(10)?,
    })
}

pub(super) fn link_state(row: &Row<'_>, column: usize) -> Result<LinkState> {
    let name: String = row.get(column)?;
    word(&LinkState::WORDS, &name, "the state of a link")
}
