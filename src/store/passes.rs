//! What each pass did.

use super::{PairId, Result, Store, time};
use crate::model::{Mode, Outcome, Timestamp};

impl Store {
    /// Remembers that a pass began; answers its row.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn begin_pass(&self, pair: PairId, mode: Mode, now: Timestamp) -> Result<i64> {
        let connection = self.connection();
        connection.execute(
            "INSERT INTO pass (pair, started_at, mode) VALUES (?1, ?2, ?3)",
            (pair.0, now.as_millisecond(), mode.word()),
        )?;
        Ok(connection.last_insert_rowid())
    }

    /// When the last pass began that went through.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn last_success(&self, pair: PairId) -> Result<Option<Timestamp>> {
        let started: Option<i64> = self.connection().query_row(
            "SELECT max(started_at) FROM pass WHERE pair = ?1 AND outcome = ?2",
            (pair.0, Outcome::Success.word()),
            |row| row.get(0),
        )?;
        started.map(time).transpose()
    }

    /// Remembers how a pass ended. Passes older than the last hundred of a pair are forgotten.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn finish_pass(&self, pass: i64, outcome: Outcome, now: Timestamp) -> Result<()> {
        self.transaction(|transaction| {
            transaction.execute(
                "UPDATE pass SET finished_at = ?2, outcome = ?3 WHERE id = ?1",
                (pass, now.as_millisecond(), outcome.word()),
            )?;
            transaction.execute(
                "DELETE FROM pass WHERE pair = (SELECT pair FROM pass WHERE id = ?1)
                     AND id NOT IN (SELECT id FROM pass
                         WHERE pair = (SELECT pair FROM pass WHERE id = ?1)
                         ORDER BY id DESC LIMIT 100)",
                [pass],
            )?;
            Ok(())
        })
    }
}
