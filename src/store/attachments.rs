//! Files that were uploaded.

use super::{Result, Store};
use crate::model::{Digest, ProjectKey};
use rusqlite::OptionalExtension;

impl Store {
    /// The link by which a file of this content is reached on a target, if it was uploaded there.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn attachment(&self, target: &ProjectKey, digest: Digest) -> Result<Option<String>> {
        Ok(self
            .connection()
            .prepare_cached("SELECT destination FROM attachment WHERE target = ?1 AND digest = ?2")?
            .query_row((&target.0, digest.as_bytes()), |row| row.get(0))
            .optional()?)
    }

    /// Remembers that a file was uploaded.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn put_attachment(
        &self,
        target: &ProjectKey,
        digest: Digest,
        destination: &str,
    ) -> Result<()> {
        self.connection().execute(
            "INSERT OR REPLACE INTO attachment (target, digest, destination) VALUES (?1, ?2, ?3)",
            (&target.0, digest.as_bytes(), destination),
        )?;
        Ok(())
    }
}
