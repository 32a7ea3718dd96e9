//! Manual mappings.

use super::{PairId, Result, Store};
use crate::model::UserMapping;

/// For what a mapping holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// Every pair.
    Every,
    /// One pair, whatever it is called.
    Pair(PairId),
    /// The pair of this name, whose ends are not known before its first pass.
    Named(&'a str),
}

impl<'a> Scope<'a> {
    /// As a row says it.
    fn columns(self) -> (Option<i64>, Option<&'a str>) {
        match self {
            Self::Every => (None, None),
            Self::Pair(pair) => (Some(pair.0), None),
            Self::Named(name) => (None, Some(name)),
        }
    }
}

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
    pub fn map_user(&self, scope: Scope<'_>, source: &str, target: &str) -> Result<()> {
        let (pair, named) = scope.columns();
        self.connection().execute(
            "INSERT OR REPLACE INTO user_map (pair, named, source, target) VALUES (?1, ?2, ?3, ?4)",
            (pair, named, source, target),
        )?;
        Ok(())
    }

    /// Removes a mapping; answers whether there was one.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn unmap_user(&self, scope: Scope<'_>, source: &str) -> Result<bool> {
        let (pair, named) = scope.columns();
        let removed = self.connection().execute(
            "DELETE FROM user_map WHERE pair IS ?1 AND named IS ?2 AND source = ?3",
            (pair, named, source),
        )?;
        Ok(removed > 0)
    }
}
