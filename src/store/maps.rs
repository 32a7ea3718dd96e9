//! Manual mappings.

use super::{PairId, Result, Store};
use crate::model::{Mapped, Mapping};
use rusqlite::Connection;

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
    /// Every manual mapping of a kind: those for every pair first, then by pair and source.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn mappings(&self, kind: Mapped) -> Result<Vec<Mapping>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT coalesce(pair.name, name_map.named) AS name, name_map.source, name_map.target
             FROM name_map LEFT JOIN pair ON pair.id = name_map.pair
             WHERE name_map.kind = ?1
             ORDER BY name, name_map.source",
        )?;
        let mut rows = statement.query([kind.word()])?;
        let mut mappings = Vec::new();
        while let Some(row) = rows.next()? {
            mappings.push(Mapping {
                pair: row.get(0)?,
                source: row.get(1)?,
                target: row.get(2)?,
            });
        }
        Ok(mappings)
    }

    /// The mappings of a kind for one pair alone, or those for every pair: source and target.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn mappings_of(
        &self,
        kind: Mapped,
        pair: Option<PairId>,
    ) -> Result<Vec<(String, Option<String>)>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT source, target FROM name_map
             WHERE kind = ?1 AND pair IS ?2 AND named IS NULL",
        )?;
        let mut rows = statement.query((kind.word(), pair.map(|pair| pair.0)))?;
        let mut mappings = Vec::new();
        while let Some(row) = rows.next()? {
            mappings.push((row.get(0)?, row.get(1)?));
        }
        Ok(mappings)
    }

    /// Sets a mapping, in place of any that there was; to `None`: not carried.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn map(
        &self,
        kind: Mapped,
        scope: Scope<'_>,
        source: &str,
        target: Option<&str>,
    ) -> Result<()> {
        let (pair, named) = scope.columns();
        self.transaction(|transaction| {
            unmap(transaction, kind, scope, source)?;
            transaction.execute(
                "INSERT INTO name_map (kind, pair, named, source, target)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                (kind.word(), pair, named, source, target),
            )?;
            Ok(())
        })
    }

    /// Removes a mapping; answers whether there was one.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn unmap(&self, kind: Mapped, scope: Scope<'_>, source: &str) -> Result<bool> {
        unmap(&self.connection(), kind, scope, source)
    }
}

/// Removes a mapping; answers whether there was one. The case of letters does not count in the name of
/// an account.
fn unmap(connection: &Connection, kind: Mapped, scope: Scope<'_>, source: &str) -> Result<bool> {
    let (pair, named) = scope.columns();
    let removed = connection.execute(
        "DELETE FROM name_map
         WHERE kind = ?1 AND pair IS ?2 AND named IS ?3
             AND (source = ?4 OR ?5 AND source = ?4 COLLATE NOCASE)",
        (kind.word(), pair, named, source, kind == Mapped::User),
    )?;
    Ok(removed > 0)
}
