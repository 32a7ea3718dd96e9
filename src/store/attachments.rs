//! Files that were uploaded.

use super::bases::{Of, doubt, unsettle};
use super::{PairId, Result, Store, digest, to_row};
use crate::model::{Digest, Field, IssueId, LinkId, ProjectKey};
use rusqlite::OptionalExtension;
use std::collections::BTreeSet;

impl Store {
    /// What a file of a source holds that looked like this from outside, if it was fetched before;
    /// without a stamp, what it held then, whatever it looks like now.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn file_of(
        &self,
        source: &ProjectKey,
        place: &str,
        stamp: Option<Digest>,
    ) -> Result<Option<Digest>> {
        let bytes: Option<Vec<u8>> = self
            .connection()
            .prepare_cached(
                "SELECT digest FROM source_file
                 WHERE source = ?1 AND place = ?2 AND stamp = coalesce(?3, stamp)",
            )?
            .query_row(
                (&source.0, place, stamp.as_ref().map(Digest::as_bytes)),
                |row| row.get(0),
            )
            .optional()?;
        bytes.as_deref().map(digest).transpose()
    }

    /// Remembers what a file of a source holds.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn put_file(
        &self,
        source: &ProjectKey,
        place: &str,
        stamp: Digest,
        content: Digest,
    ) -> Result<()> {
        self.connection().execute(
            "INSERT OR REPLACE INTO source_file (source, place, stamp, digest)
             VALUES (?1, ?2, ?3, ?4)",
            (&source.0, place, stamp.as_bytes(), content.as_bytes()),
        )?;
        Ok(())
    }

    /// The link by which a file of this content is reached on a target, if it was uploaded there.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn attachment(&self, target: &ProjectKey, content: Digest) -> Result<Option<String>> {
        Ok(self
            .connection()
            .prepare_cached("SELECT destination FROM attachment WHERE target = ?1 AND digest = ?2")?
            .query_row((&target.0, content.as_bytes()), |row| row.get(0))
            .optional()?)
    }

    /// Whether a link of a target is one by which a file is reached that was uploaded there.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn has_attachment(&self, target: &ProjectKey, destination: &str) -> Result<bool> {
        Ok(self
            .connection()
            .prepare_cached("SELECT 1 FROM attachment WHERE target = ?1 AND destination = ?2")?
            .exists((&target.0, destination))?)
    }

    /// Remembers that a file was uploaded. `counted`: every text that will have it is noted.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn put_attachment(
        &self,
        target: &ProjectKey,
        content: Digest,
        destination: &str,
        counted: bool,
    ) -> Result<()> {
        self.connection().execute(
            "INSERT OR REPLACE INTO attachment (target, digest, destination, counted)
             VALUES (?1, ?2, ?3, ?4)",
            (&target.0, content.as_bytes(), destination, counted),
        )?;
        Ok(())
    }

    /// Remembers that a file could not be had which a text of this issue links to.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn lose_file(&self, pair: PairId, issue: IssueId) -> Result<()> {
        self.connection().execute(
            "INSERT OR IGNORE INTO lost_file (pair, source_id) VALUES (?1, ?2)",
            (pair.0, to_row(issue.0)?),
        )?;
        Ok(())
    }

    /// Forgets which files could not be had, and what was made of the links in the texts of those
    /// issues: they are looked at again.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn look_for_lost_files(&self, pair: PairId) -> Result<()> {
        self.transaction(|transaction| {
            let ids = |sql: &str| -> Result<Vec<LinkId>> {
                let mut statement = transaction.prepare(sql)?;
                let rows = statement.query_map([pair.0], |row| Ok(LinkId(row.get(0)?)))?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            };
            let issues = ids(
                "SELECT id FROM issue_link JOIN lost_file USING (pair, source_id) WHERE pair = ?1",
            )?;
            let comments = ids("SELECT comment_link.id FROM comment_link
                 JOIN issue_link ON issue_link.id = issue_link
                 JOIN lost_file USING (pair)
                 WHERE pair = ?1 AND lost_file.source_id = issue_link.source_id")?;
            let rewriting = BTreeSet::from([Field::Rewriting]);
            for issue in issues {
                doubt(transaction, Of::Issue, issue, &rewriting)?;
                unsettle(transaction, issue)?;
            }
            for comment in comments {
                doubt(transaction, Of::Comment, comment, &rewriting)?;
            }
            transaction.execute("DELETE FROM lost_file WHERE pair = ?1", [pair.0])?;
            Ok(())
        })
    }
}
