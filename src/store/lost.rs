//! What the target of a pair was found not to keep: fields, kinds of issues, labels of one scope (P9).

use super::{PairId, Result, Store, StoreError};
use crate::model::{Field, LinkId, Lost};

impl Store {
    /// All of that for a pair, with what the account was there when that was found out.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn lost(&self, pair: PairId) -> Result<Vec<(Lost, String)>> {
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached("SELECT field, standing FROM lost_field WHERE pair = ?1 ORDER BY 1")?;
        let mut rows = statement.query([pair.0])?;
        let mut lost = Vec::new();
        while let Some(row) = rows.next()? {
            let word: String = row.get(0)?;
            let what = Lost::from_word(&word).ok_or(StoreError::Damaged("a field"))?;
            lost.push((what, row.get(1)?));
        }
        Ok(lost)
    }

    /// Notes that the target does not keep something.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn put_lost(&self, pair: PairId, lost: Lost, standing: &str) -> Result<()> {
        self.connection().execute(
            "INSERT OR REPLACE INTO lost_field (pair, field, standing) VALUES (?1, ?2, ?3)",
            (pair.0, lost.word(), standing),
        )?;
        Ok(())
    }

    /// A field of a counterpart was never ours.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn forget_base(&self, link: LinkId, field: Field) -> Result<()> {
        self.connection().execute(
            "DELETE FROM issue_base WHERE link = ?1 AND field = ?2",
            (link.0, field.word()),
        )?;
        Ok(())
    }

    /// Something is tried again.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn drop_lost(&self, pair: PairId, lost: Lost) -> Result<()> {
        self.connection().execute(
            "DELETE FROM lost_field WHERE pair = ?1 AND field = ?2",
            (pair.0, lost.word()),
        )?;
        Ok(())
    }
}
