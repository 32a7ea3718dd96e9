//! Tokens: when they were last asked about. Nothing of a token itself is kept.

use super::{Result, Store, time};
use crate::model::Timestamp;
use rusqlite::OptionalExtension;

impl Store {
    /// When the token of an instance was last asked how long it lasts.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn token_asked_at(&self, instance: &str) -> Result<Option<Timestamp>> {
        let at: Option<i64> = self
            .connection()
            .query_row(
                "SELECT asked_at FROM token WHERE instance = ?1",
                [instance],
                |row| row.get(0),
            )
            .optional()?;
        at.map(time).transpose()
    }

    /// Remembers that the token of an instance is asked now, whatever it answers.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn set_token_asked_at(&self, instance: &str, at: Timestamp) -> Result<()> {
        self.connection().execute(
            "INSERT OR REPLACE INTO token (instance, asked_at) VALUES (?1, ?2)",
            (instance, at.as_millisecond()),
        )?;
        Ok(())
    }
}
