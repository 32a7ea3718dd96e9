//! Counterparts that were found by what stands on the target, or that a person named (P3).

use super::bases::{Of, put_bases, put_labels};
use super::comment_links::put_comment_link;
use super::files::{uncount, uncount_of};
use super::links::NewLink;
use super::{PairId, Result, Store, from_row, to_row};
use crate::model::{
    Bases, CommentId, IssueId, IssueNumber, LinkId, LinkState, OurLabel, ProjectKey, Stage,
    Timestamp,
};
use std::collections::BTreeSet;

/// The counterpart of a comment that was found.
#[derive(Clone, Debug)]
pub struct FoundComment {
    /// The source's own id.
    pub source_id: CommentId,
    /// The target's own id.
    pub target_id: CommentId,
    /// The key in its marker.
    pub key: String,
    /// What was last written into it.
    pub bases: Bases,
}

impl Store {
    /// Remembers a counterpart of which only the two ends are known so far; what was there for the
    /// same issue before is replaced, unless it is carried.
    ///
    /// # Errors
    ///
    /// If the store cannot be written, or the issue has a counterpart.
    pub fn find(&self, pair: PairId, new: &NewLink<'_>, state: LinkState) -> Result<LinkId> {
        self.transaction(|transaction| put_found(transaction, pair, new, state))
    }

    /// Remembers an issue of which only a person can tell what its counterpart is, and why.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn contest(
        &self,
        pair: PairId,
        new: &NewLink<'_>,
        why: &str,
        now: Timestamp,
    ) -> Result<()> {
        self.find(pair, new, LinkState::Contested)?;
        self.connection().execute(
            "INSERT OR REPLACE INTO retry
                 (pair, source_number, stage, error, attempts, next_at, dead)
             VALUES (?1, ?2, ?3, ?4, 1, ?5, 1)",
            (
                pair.0,
                to_row(new.source_number.0)?,
                Stage::Create.word(),
                why,
                now.as_millisecond(),
            ),
        )?;
        Ok(())
    }

    /// Records what was last written into a counterpart that was found, and into its comments, all
    /// at once.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn adopt(
        &self,
        link: LinkId,
        bases: &Bases,
        labels: &BTreeSet<OurLabel>,
        comments: &[FoundComment],
    ) -> Result<()> {
        self.transaction(|transaction| {
            put_bases(transaction, Of::Issue, link, bases)?;
            put_labels(transaction, link, labels)?;
            put_comments(transaction, link, comments)?;
            transaction.execute("UPDATE issue_link SET found = 0 WHERE id = ?1", [link.0])?;
            Ok(())
        })
    }

    /// Remembers two issues that were there and belong together, and what the one on the target holds,
    /// all at once. `theirs`: somebody else wrote that one.
    ///
    /// # Errors
    ///
    /// If the store cannot be written, or the issue has a counterpart.
    pub fn join(
        &self,
        pair: PairId,
        new: &NewLink<'_>,
        bases: &Bases,
        labels: &BTreeSet<OurLabel>,
        comments: &[FoundComment],
        theirs: bool,
    ) -> Result<LinkId> {
        self.transaction(|transaction| {
            let link = put_found(transaction, pair, new, LinkState::Active)?;
            put_bases(transaction, Of::Issue, link, bases)?;
            put_labels(transaction, link, labels)?;
            put_comments(transaction, link, comments)?;
            transaction.execute(
                "UPDATE issue_link SET found = 0, theirs = ?2 WHERE id = ?1",
                (link.0, theirs),
            )?;
            Ok(link)
        })
    }

    /// Notes that somebody else wrote a counterpart, or that we did.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn set_theirs(&self, link: LinkId, theirs: bool) -> Result<()> {
        self.connection().execute(
            "UPDATE issue_link SET theirs = ?2 WHERE id = ?1",
            (link.0, theirs),
        )?;
        Ok(())
    }

    /// Records counterparts of comments that were found.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn adopt_comments(&self, link: LinkId, comments: &[FoundComment]) -> Result<()> {
        self.transaction(|transaction| {
            let pair = transaction.query_row(
                "SELECT pair FROM issue_link WHERE id = ?1",
                [link.0],
                |row| row.get(0),
            )?;
            uncount(transaction, PairId(pair))?;
            put_comments(transaction, link, comments)
        })
    }

    /// The issue of the source that an issue of the target is the counterpart of.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn original_of(&self, pair: PairId, target: IssueId) -> Result<Option<IssueNumber>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT source_number FROM issue_link
             WHERE pair = ?1 AND target_id = ?2 AND state IN ('active', 'hidden')",
        )?;
        let mut rows = statement.query((pair.0, to_row(target.0)?))?;
        let number = rows.next()?.map(|row| row.get(0)).transpose()?;
        Ok(number.map(from_row).transpose()?.map(IssueNumber))
    }

    /// The project and the number of what an issue of the target is the counterpart of by another pair.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn original_elsewhere(
        &self,
        pair: PairId,
        target: IssueId,
    ) -> Result<Option<(ProjectKey, IssueNumber)>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT other.source, link.source_number FROM issue_link AS link
             JOIN pair AS other ON other.id = link.pair
             JOIN pair AS this ON this.id = ?1
             WHERE other.target = this.target AND other.id != this.id
                 AND link.target_id = ?2 AND link.state IN ('active', 'hidden')",
        )?;
        let mut rows = statement.query((pair.0, to_row(target.0)?))?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let number = IssueNumber(from_row(row.get(1)?)?);
        Ok(Some((ProjectKey(row.get(0)?), number)))
    }

    /// Forgets a counterpart that we deleted to hide it, and what was to happen to it; its original
    /// stays one that is mirrored.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn take_away(&self, link: LinkId) -> Result<()> {
        self.transaction(|transaction| {
            transaction.execute(
                "INSERT OR IGNORE INTO taken_away (pair, source_id)
                 SELECT pair, source_id FROM issue_link WHERE id = ?1",
                [link.0],
            )?;
            transaction.execute(
                "DELETE FROM file_use WHERE (pair, source_id) IN
                 (SELECT pair, source_id FROM issue_link WHERE id = ?1)",
                [link.0],
            )?;
            transaction.execute("DELETE FROM issue_link WHERE id = ?1", [link.0])?;
            Ok(())
        })
    }

    /// Issues of a pair whose counterparts we deleted, to hide them or because they vanished.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn taken_away(&self, pair: PairId) -> Result<BTreeSet<IssueId>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT source_id FROM taken_away WHERE pair = ?1
             UNION SELECT source_id FROM issue_link WHERE pair = ?1 AND state = 'removed'",
        )?;
        let mut rows = statement.query([pair.0])?;
        let mut found = BTreeSet::new();
        while let Some(row) = rows.next()? {
            found.insert(IssueId(from_row(row.get(0)?)?));
        }
        Ok(found)
    }

    /// Whether we deleted the counterpart of an issue, to hide it or because it vanished.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn was_taken_away(&self, pair: PairId, issue: IssueId) -> Result<bool> {
        Ok(self
            .connection()
            .prepare_cached(
                "SELECT 1 FROM taken_away WHERE pair = ?1 AND source_id = ?2
                 UNION ALL SELECT 1 FROM issue_link
                     WHERE pair = ?1 AND source_id = ?2 AND state = 'removed'",
            )?
            .exists((pair.0, to_row(issue.0)?))?)
    }

    /// Parts an issue and its counterpart: neither joined nor made again by itself.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn part(&self, pair: PairId, link: LinkId, number: IssueNumber) -> Result<()> {
        self.transaction(|transaction| {
            // It shows them for good, and who sees it is for people to say.
            uncount_of(transaction, link)?;
            transaction.execute(
                "UPDATE issue_link SET state = ?2, settled = NULL WHERE id = ?1",
                (link.0, LinkState::Parted.word()),
            )?;
            transaction.execute("DELETE FROM intent WHERE issue_link = ?1", [link.0])?;
            transaction.execute(
                "DELETE FROM retry WHERE pair = ?1 AND source_number = ?2",
                (pair.0, to_row(number.0)?),
            )?;
            Ok(())
        })
    }
}

/// Makes a link of which nothing else is known, within a transaction; what was there for the same issue
/// before is replaced, unless it is carried.
fn put_found(
    transaction: &rusqlite::Connection,
    pair: PairId,
    new: &NewLink<'_>,
    state: LinkState,
) -> Result<LinkId> {
    let source = to_row(new.source_id.0)?;
    uncount(transaction, pair)?;
    transaction.execute(
        "DELETE FROM issue_link WHERE pair = ?1 AND source_id = ?2
             AND state NOT IN ('active', 'hidden')",
        (pair.0, source),
    )?;
    transaction.execute(
        "INSERT INTO issue_link (pair, source_id, source_number, target_id,
             target_number, key, state, source_location, target_location, found)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1)",
        (
            pair.0,
            source,
            to_row(new.source_number.0)?,
            to_row(new.target_id.0)?,
            to_row(new.target_number.0)?,
            new.key,
            state.word(),
            new.source_location,
            new.target_location,
        ),
    )?;
    let link = LinkId(transaction.last_insert_rowid());
    transaction.execute(
        "DELETE FROM passed_over WHERE pair = ?1 AND source_id = ?2",
        (pair.0, source),
    )?;
    Ok(link)
}

fn put_comments(
    connection: &rusqlite::Connection,
    link: LinkId,
    comments: &[FoundComment],
) -> Result<()> {
    for comment in comments {
        put_comment_link(
            connection,
            link,
            comment.source_id,
            comment.target_id,
            &comment.key,
            &comment.bases,
        )?;
    }
    Ok(())
}
