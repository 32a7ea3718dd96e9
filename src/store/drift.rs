//! What people changed on the target of a pair, field by field, as far as it was looked at.

use super::{PairId, Result, Store, from_row};
use crate::model::{Drifted, IssueNumber, LinkId};
use std::collections::BTreeSet;

impl Store {
    /// Notes everything of a counterpart that people changed: all of it was looked at.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn set_drift(&self, link: LinkId, words: &BTreeSet<&str>) -> Result<()> {
        self.transaction(|transaction| {
            transaction
                .prepare_cached("DELETE FROM drift WHERE link = ?1")?
                .execute([link.0])?;
            for word in words {
                transaction
                    .prepare_cached("INSERT INTO drift (link, field) VALUES (?1, ?2)")?
                    .execute((link.0, word))?;
            }
            Ok(())
        })
    }

    /// What is known to have been changed of a counterpart.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn drift_of(&self, link: LinkId) -> Result<BTreeSet<String>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT field FROM drift WHERE link = ?1")?;
        let words = statement.query_map([link.0], |row| row.get(0))?;
        Ok(words.collect::<rusqlite::Result<_>>()?)
    }

    /// Notes something of a counterpart that people changed, beside what is known.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn add_drift(&self, link: LinkId, word: &str) -> Result<()> {
        self.connection()
            .prepare_cached("INSERT OR IGNORE INTO drift (link, field) VALUES (?1, ?2)")?
            .execute((link.0, word))?;
        Ok(())
    }

    /// Fields of a counterpart are as the source has them again.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn drop_drift<'w>(&self, link: LinkId, words: impl Iterator<Item = &'w str>) -> Result<()> {
        let connection = self.connection();
        let any: bool = connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM drift WHERE link = ?1)")?
            .query_row([link.0], |row| row.get(0))?;
        // There seldom is one.
        if !any {
            return Ok(());
        }
        for word in words {
            connection
                .prepare_cached("DELETE FROM drift WHERE link = ?1 AND field = ?2")?
                .execute((link.0, word))?;
        }
        Ok(())
    }

    /// Everything that people changed, of every counterpart of a pair that is followed.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn drifted(&self, pair: PairId) -> Result<Vec<Drifted>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT target_number, field FROM drift JOIN issue_link ON issue_link.id = link
             WHERE pair = ?1 AND state = 'active' ORDER BY 1, 2",
        )?;
        let mut rows = statement.query([pair.0])?;
        let mut all: Vec<Drifted> = Vec::new();
        while let Some(row) = rows.next()? {
            let number = IssueNumber(from_row(row.get(0)?)?);
            let word: String = row.get(1)?;
            match all.last_mut().filter(|last| last.target_number == number) {
                Some(last) => last.fields.push(word),
                None => all.push(Drifted {
                    target_number: number,
                    fields: vec![word],
                }),
            }
        }
        Ok(all)
    }
}
