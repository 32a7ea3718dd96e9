//! Manual mappings.

use super::{PairId, Result, Store};
use crate::model::UserMapping;
use rusqlite::{Connection, OptionalExtension};

/// For what a mapping holds, as its row says it.
type Scope<'a> = (Option<i64>, Option<&'a str>);

impl Store {
    /// Every manual mapping of users: those for every pair first, then by pair and source.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn user_mappings(&self) -> Result<Vec<UserMapping>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT coalesce(pair.name, user_map.named) AS name, user_map.source, user_map.target
             FROM user_map LEFT JOIN pair ON pair.id = user_map.pair
             ORDER BY name, user_map.source",
        )?;
        let mut rows = statement.query([])?;
        let mut mappings = Vec::new();
        while let Some(row) = rows.next()? {
            mappings.push(UserMapping {
                pair: row.get(0)?,
                source: row.get(1)?,
                target: row.get(2)?,
            });
        }
        Ok(mappings)
    }

    /// The mappings for one pair alone, or those for every pair: source and target.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn user_mappings_of(&self, pair: Option<PairId>) -> Result<Vec<(String, String)>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT source, target FROM user_map WHERE pair IS ?1 AND named IS NULL",
        )?;
        let mut rows = statement.query([pair.map(|pair| pair.0)])?;
        let mut mappings = Vec::new();
        while let Some(row) = rows.next()? {
            mappings.push((row.get(0)?, row.get(1)?));
        }
        Ok(mappings)
    }

    /// Sets a mapping, in place of any that there was.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn map_user(&self, mapping: &UserMapping) -> Result<()> {
        self.transaction(|transaction| {
            let (pair, named) = scope(transaction, mapping.pair.as_deref())?;
            transaction.execute(
                "INSERT OR REPLACE INTO user_map (pair, named, source, target)
                 VALUES (?1, ?2, ?3, ?4)",
                (pair, named, &mapping.source, &mapping.target),
            )?;
            Ok(())
        })
    }

    /// Removes a mapping; answers whether there was one.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn unmap_user(&self, pair: Option<&str>, source: &str) -> Result<bool> {
        self.transaction(|transaction| {
            let (pair, named) = scope(transaction, pair)?;
            let removed = transaction.execute(
                "DELETE FROM user_map WHERE pair IS ?1 AND named IS ?2 AND source = ?3",
                (pair, named, source),
            )?;
            Ok(removed > 0)
        })
    }
}

/// A pair by its row, so that another name changes nothing; by its name before its first pass.
fn scope<'a>(connection: &Connection, name: Option<&'a str>) -> Result<Scope<'a>> {
    let Some(name) = name else {
        return Ok((None, None));
    };
    let row: Option<i64> = connection
        .query_row(super::pairs::BY_NAME, [name], |row| row.get(0))
        .optional()?;
    Ok(match row {
        Some(row) => (Some(row), None),
        None => (None, Some(name)),
    })
}
