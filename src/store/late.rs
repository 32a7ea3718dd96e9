//! Changes whose answer was lost and that the target may still carry out (P1).

use super::{PairId, Result, Store, from_row, time};
use crate::model::{IssueNumber, LinkId, Timestamp};
use rusqlite::OptionalExtension;

impl Store {
    /// Notes that a change of a counterpart may still be carried out until then, by the target's
    /// clock.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn put_late(&self, link: LinkId, until: Timestamp) -> Result<()> {
        self.connection().execute(
            "INSERT INTO late (link, until) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET until = max(until, excluded.until)",
            (link.0, until.as_millisecond()),
        )?;
        Ok(())
    }

    /// Until when a change of a counterpart may still be carried out, if there is one.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn late(&self, link: LinkId) -> Result<Option<Timestamp>> {
        let connection = self.connection();
        let until: Option<i64> = connection
            .prepare_cached("SELECT until FROM late WHERE link = ?1")?
            .query_row([link.0], |row| row.get(0))
            .optional()?;
        until.map(time).transpose()
    }

    /// Every counterpart of a pair of which that is so, with the number of its original.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn all_late(&self, pair: PairId) -> Result<Vec<(LinkId, IssueNumber, Timestamp)>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT link, source_number, until FROM late JOIN issue_link ON id = link
             WHERE pair = ?1 ORDER BY source_number",
        )?;
        let mut rows = statement.query([pair.0])?;
        let mut late = Vec::new();
        while let Some(row) = rows.next()? {
            let number = IssueNumber(from_row(row.get(1)?)?);
            late.push((LinkId(row.get(0)?), number, time(row.get(2)?)?));
        }
        Ok(late)
    }

    /// The target cannot be working on it any more.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn drop_late(&self, link: LinkId) -> Result<()> {
        self.connection()
            .execute("DELETE FROM late WHERE link = ?1", [link.0])?;
        Ok(())
    }
}
