//! Labels that we created on a target.

use super::{PairId, Result, Store, digest};
use crate::model::Digest;
use rusqlite::OptionalExtension;

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
}
