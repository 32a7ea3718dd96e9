//! Issues that failed and are tried again (P2).

use super::{PairId, Result, Store, digest, from_row, time, to_row, word};
use crate::model::{Digest, IssueNumber, Retry, Stage, Timestamp, Version};
use jiff::SignedDuration;
use rusqlite::OptionalExtension;

/// After so many failures an issue is left alone until it changes or somebody asks for it.
const ATTEMPTS: u32 = 10;

impl Store {
    /// Every issue of a pair that failed, with the version it had, by number.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn retries(&self, pair: PairId) -> Result<Vec<(Retry, Option<Version>)>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT source_number, stage, error, attempts, next_at, dead, version
             FROM retry WHERE pair = ?1 ORDER BY source_number",
        )?;
        let mut rows = statement.query([pair.0])?;
        let mut retries = Vec::new();
        while let Some(row) = rows.next()? {
            let stage: String = row.get(1)?;
            let version: Option<Vec<u8>> = row.get(6)?;
            let retry = Retry {
                number: IssueNumber(from_row(row.get(0)?)?),
                stage: word(&Stage::WORDS, &stage, "the stage of a failure")?,
                error: row.get(2)?,
                attempts: row.get(3)?,
                next_at: time(row.get(4)?)?,
                dead: row.get(5)?,
            };
            let version = version.as_deref().map(digest).transpose()?.map(Version);
            retries.push((retry, version));
        }
        Ok(retries)
    }

    /// Queues an issue that failed; the distance to the next try doubles each time, unless it is
    /// about hiding. `version`: of the issue and the settings with which it failed.
    ///
    /// # Errors
    ///
    /// If the store cannot be written: then the cursor must not move.
    pub fn queue(
        &self,
        pair: PairId,
        number: IssueNumber,
        version: Option<Version>,
        stage: Stage,
        error: &str,
        now: Timestamp,
    ) -> Result<()> {
        self.transaction(|transaction| {
            let row: Option<(u32, Option<Vec<u8>>)> = transaction
                .query_row(
                    "SELECT attempts, version FROM retry WHERE pair = ?1 AND source_number = ?2",
                    (pair.0, to_row(number.0)?),
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?;
            let version = version.map(|Version(digest)| digest);
            // Another version of the issue is another chance.
            let attempts = match row {
                Some((attempts, before))
                    if before.as_deref() == version.as_ref().map(Digest::as_bytes) =>
                {
                    attempts.saturating_add(1)
                }
                _ => 1,
            };
            let minutes = 1_i64 << attempts.saturating_sub(1).min(10);
            let later = now.checked_add(SignedDuration::from_mins(minutes));
            // What must not be seen does not wait.
            let urgent = stage == Stage::Hide;
            let next_at = later.ok().filter(|_| !urgent).unwrap_or(now);
            let dead = attempts >= ATTEMPTS && !urgent;
            transaction.execute(
                "INSERT OR REPLACE INTO retry
                     (pair, source_number, stage, error, attempts, next_at, dead, version)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                (
                    pair.0,
                    to_row(number.0)?,
                    stage.word(),
                    error,
                    attempts,
                    next_at.as_millisecond(),
                    dead,
                    version.as_ref().map(Digest::as_bytes),
                ),
            )?;
            Ok(())
        })
    }

    /// Gives an issue that was given up, or waits, a try in the next pass.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn try_again(&self, pair: PairId, number: IssueNumber, now: Timestamp) -> Result<()> {
        self.connection()
            .prepare_cached(
                "UPDATE retry SET dead = 0, next_at = ?3 WHERE pair = ?1 AND source_number = ?2",
            )?
            .execute((pair.0, to_row(number.0)?, now.as_millisecond()))?;
        Ok(())
    }

    /// What was said when an issue failed last, if it is queued.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn said(&self, pair: PairId, number: IssueNumber) -> Result<Option<String>> {
        let connection = self.connection();
        let said = connection
            .prepare_cached("SELECT error FROM retry WHERE pair = ?1 AND source_number = ?2")?
            .query_row((pair.0, to_row(number.0)?), |row| row.get(0))
            .optional()?;
        Ok(said)
    }

    /// Takes an issue off the queue: it is in step, or there is nothing to be done about it.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn unqueue(&self, pair: PairId, number: IssueNumber) -> Result<()> {
        self.connection()
            .prepare_cached("DELETE FROM retry WHERE pair = ?1 AND source_number = ?2")?
            .execute((pair.0, to_row(number.0)?))?;
        Ok(())
    }
}
