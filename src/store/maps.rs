//! Manual mappings.

use super::{Result, Store};
use crate::model::UserMapping;

impl Store {
    /// Every manual mapping of users: those for every pair first, then by pair and source.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn user_mappings(&self) -> Result<Vec<UserMapping>> {
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached("SELECT pair, source, target FROM user_map ORDER BY pair, source")?;
        let mut rows = statement.query([])?;
        let mut mappings = Vec::new();
        while let Some(row) = rows.next()? {
            let pair: String = row.get(0)?;
            mappings.push(UserMapping {
                pair: (!pair.is_empty()).then_some(pair),
                source: row.get(1)?,
                target: row.get(2)?,
            });
        }
        Ok(mappings)
    }

    /// Sets a mapping, in place of any that there was.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn map_user(&self, mapping: &UserMapping) -> Result<()> {
        self.connection().execute(
            "INSERT OR REPLACE INTO user_map (pair, source, target) VALUES (?1, ?2, ?3)",
            (
                mapping.pair.as_deref().unwrap_or(""),
                &mapping.source,
                &mapping.target,
            ),
        )?;
        Ok(())
    }

    /// Removes a mapping; answers whether there was one.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn unmap_user(&self, pair: Option<&str>, source: &str) -> Result<bool> {
        let removed = self.connection().execute(
            "DELETE FROM user_map WHERE pair = ?1 AND source = ?2",
            (pair.unwrap_or(""), source),
        )?;
        Ok(removed > 0)
    }
}
