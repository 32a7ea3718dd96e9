//! Labels that we created on a target, and those that it has not or did not keep.

use super::{PairId, Result, Store, digest};
use crate::model::{Digest, Field, LinkId};
use rusqlite::OptionalExtension;
use std::collections::BTreeSet;

impl Store {
    /// What a label that we created was made from.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn label(&self, pair: PairId, name: &str) -> Result<Option<Digest>> {
        let bytes: Option<Vec<u8>> = self
            .connection()
            .prepare_cached("SELECT made FROM label WHERE pair = ?1 AND name = ?2")?
            .query_row((pair.0, name), |row| row.get(0))
            .optional()?;
        bytes.as_deref().map(digest).transpose()
    }

    /// Remembers that we created a label, and from what.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn put_label(&self, pair: PairId, name: &str, made: Digest) -> Result<()> {
        self.connection()
            .prepare_cached("INSERT OR REPLACE INTO label (pair, name, made) VALUES (?1, ?2, ?3)")?
            .execute((pair.0, name, made.as_bytes()))?;
        Ok(())
    }

    /// Labels that the target of a pair has not or did not keep, each once.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn labels_not_kept(&self, pair: PairId) -> Result<BTreeSet<String>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT DISTINCT name FROM our_label JOIN issue_link ON issue_link.id = link
             WHERE origin = 'not_kept' AND pair = ?1",
        )?;
        let names = statement.query_map([pair.0], |row| row.get(0))?;
        Ok(names.collect::<rusqlite::Result<_>>()?)
    }

    /// The links of issues that one of them is missing on, those that everybody on the target sees first:
    /// for their sake it may always be made.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn without_label(&self, pair: PairId, name: &str) -> Result<Vec<LinkId>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT link FROM our_label JOIN issue_link ON issue_link.id = link
             WHERE origin = 'not_kept' AND pair = ?1 AND name = ?2
             ORDER BY EXISTS (SELECT 1 FROM issue_base AS hidden
                 WHERE hidden.link = issue_link.id AND hidden.field = ?3 AND hidden.made = ?4), link",
        )?;
        let hidden = Digest::of(["true"]);
        let parameters = (pair.0, name, Field::Confidential.word(), hidden.as_bytes());
        let links = statement.query_map(parameters, |row| row.get(0).map(LinkId))?;
        Ok(links.collect::<rusqlite::Result<_>>()?)
    }
}
