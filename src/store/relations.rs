//! Links between counterparts that we made: one row per two of them, seen from both.

use super::{Result, Store, from_row, word};
use crate::model::{IssueNumber, LinkId, RelationKind};

/// A link between two counterparts that we made, as seen from one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MadeRelation {
    /// The other one.
    pub other: LinkId,
    /// The other one's original.
    pub other_source: IssueNumber,
    /// The other counterpart.
    pub other_target: IssueNumber,
    /// How the source had it.
    pub from: RelationKind,
    /// How the target has it.
    pub made: RelationKind,
}

impl Store {
    /// The links of a counterpart that we made.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn relations(&self, link: LinkId) -> Result<Vec<MadeRelation>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT id, source_number, target_number, kind, made, turned FROM (
                 SELECT other AS with_id, kind, made, 0 AS turned FROM relation WHERE one = ?1
                 UNION ALL
                 SELECT one, kind, made, 1 FROM relation WHERE other = ?1
             ) JOIN issue_link ON id = with_id ORDER BY source_number",
        )?;
        let mut rows = statement.query([link.0])?;
        let mut made = Vec::new();
        while let Some(row) = rows.next()? {
            let turned: bool = row.get(5)?;
            let kind = |name: String| -> Result<RelationKind> {
                let kind: RelationKind = word(&RelationKind::WORDS, &name, "a kind of link")?;
                Ok(if turned { kind.turned() } else { kind })
            };
            made.push(MadeRelation {
                other: LinkId(row.get(0)?),
                other_source: IssueNumber(from_row(row.get(1)?)?),
                other_target: IssueNumber(from_row(row.get(2)?)?),
                from: kind(row.get(3)?)?,
                made: kind(row.get(4)?)?,
            });
        }
        Ok(made)
    }

    /// Notes a link between two counterparts; the kinds are those seen from the first.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn put_relation(
        &self,
        (link, other): (LinkId, LinkId),
        from: RelationKind,
        made: RelationKind,
    ) -> Result<()> {
        let (pair, from, made) = if link < other {
            ((link, other), from, made)
        } else {
            ((other, link), from.turned(), made.turned())
        };
        self.connection()
            .prepare_cached(
                "INSERT OR REPLACE INTO relation (one, other, kind, made) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute((pair.0.0, pair.1.0, from.word(), made.word()))?;
        Ok(())
    }

    /// Forgets a link between two counterparts.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn drop_relation(&self, (link, other): (LinkId, LinkId)) -> Result<()> {
        self.connection()
            .prepare_cached("DELETE FROM relation WHERE one = ?1 AND other = ?2")?
            .execute((link.min(other).0, link.max(other).0))?;
        Ok(())
    }
}
