//! Links of comments.

use super::bases::{Of, bases, put_bases, unsettle};
use super::links::link_state;
use super::{PairId, Result, Store, from_row, to_row};
use crate::model::{Bases, CommentId, CommentLink, LinkId, LinkState};
use rusqlite::Connection;

impl Store {
    /// The comments of a linked issue that were ever linked.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn comment_links(&self, issue: LinkId) -> Result<Vec<CommentLink>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT id, source_id, target_id, key, state FROM comment_link
             WHERE issue_link = ?1 ORDER BY source_id",
        )?;
        let mut rows = statement.query([issue.0])?;
        let mut links = Vec::new();
        while let Some(row) = rows.next()? {
            let id = LinkId(row.get(0)?);
            links.push(CommentLink {
                id,
                source_id: CommentId(from_row(row.get(1)?)?),
                target_id: CommentId(from_row(row.get(2)?)?),
                key: row.get(3)?,
                state: link_state(row, 4)?,
                bases: bases(&connection, Of::Comment, id)?,
            });
        }
        Ok(links)
    }

    /// Notes what becomes of a comment; its issue is looked at again until it is settled.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn begin_comment_state(&self, issue: LinkId, link: LinkId, state: LinkState) -> Result<()> {
        self.transaction(|transaction| {
            transaction.execute(
                "UPDATE comment_link SET state = ?2 WHERE id = ?1",
                (link.0, state.word()),
            )?;
            unsettle(transaction, issue)
        })
    }

    /// Notes what became of a comment.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn set_comment_state(&self, link: LinkId, state: LinkState) -> Result<()> {
        self.connection().execute(
            "UPDATE comment_link SET state = ?2 WHERE id = ?1",
            (link.0, state.word()),
        )?;
        Ok(())
    }

    /// How many comments of a pair have a counterpart that is thought to be there.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn active_comments(&self, pair: PairId) -> Result<u64> {
        from_row(self.connection().query_row(
            "SELECT count(*) FROM comment_link
             JOIN issue_link ON issue_link.id = comment_link.issue_link
             WHERE pair = ?1 AND comment_link.state = 'active'",
            [pair.0],
            |row| row.get(0),
        )?)
    }
}

/// Makes the link of a comment, within a transaction; one that we took away before is replaced.
pub(super) fn put_comment_link(
    connection: &Connection,
    issue: LinkId,
    source: CommentId,
    target: CommentId,
    key: &str,
    bases: &Bases,
) -> Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM comment_link WHERE issue_link = ?1 AND source_id = ?2 AND state != 'active'",
        )?
        .execute((issue.0, to_row(source.0)?))?;
    connection
        .prepare_cached(
            "UPDATE comment_link SET state = 'gone'
             WHERE issue_link = ?1 AND target_id = ?2 AND state = 'active'",
        )?
        .execute((issue.0, to_row(target.0)?))?;
    connection
        .prepare_cached(
            "INSERT INTO comment_link (issue_link, source_id, target_id, key, state)
             VALUES (?1, ?2, ?3, ?4, 'active')",
        )?
        .execute((issue.0, to_row(source.0)?, to_row(target.0)?, key))?;
    let link = LinkId(connection.last_insert_rowid());
    put_bases(connection, Of::Comment, link, bases)
}
