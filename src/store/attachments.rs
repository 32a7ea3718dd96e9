//! Files that were uploaded.

use super::{Result, Store, digest};
use crate::model::{Digest, ProjectKey};
use rusqlite::OptionalExtension;

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

    /// Remembers that a file was uploaded.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn put_attachment(
        &self,
        target: &ProjectKey,
        content: Digest,
        destination: &str,
    ) -> Result<()> {
        self.connection().execute(
            "INSERT OR REPLACE INTO attachment (target, digest, destination) VALUES (?1, ?2, ?3)",
            (&target.0, content.as_bytes(), destination),
        )?;
        Ok(())
    }
}
