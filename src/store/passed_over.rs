//! Issues that are not mirrored, and why.

use super::{PairId, Result, Store, digest, from_row, to_row};
use crate::model::{Digest, IssueId};
use std::collections::HashMap;

impl Store {
    /// Issues that are not mirrored: why, and with which version and settings that was found.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn passed_over(&self, pair: PairId) -> Result<HashMap<IssueId, (String, Digest)>> {
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached("SELECT source_id, reason, settled FROM passed_over WHERE pair = ?1")?;
        let mut rows = statement.query([pair.0])?;
        let mut found = HashMap::new();
        while let Some(row) = rows.next()? {
            let settled: Vec<u8> = row.get(2)?;
            found.insert(
                IssueId(from_row(row.get(0)?)?),
                (row.get(1)?, digest(&settled)?),
            );
        }
        Ok(found)
    }

    /// Remembers why an issue is not mirrored.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn pass_over(
        &self,
        pair: PairId,
        issue: IssueId,
        reason: &str,
        settled: Digest,
    ) -> Result<()> {
        self.connection()
            .prepare_cached(
                "INSERT OR REPLACE INTO passed_over (pair, source_id, reason, settled)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute((pair.0, to_row(issue.0)?, reason, settled.as_bytes()))?;
        Ok(())
    }
}
