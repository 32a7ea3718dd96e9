//! Titles of labels and milestones that counterparts have not, because everybody on the target would
//! read them, and those that everybody may know of.

use super::{PairId, Result, Store, digest, from_row};
use crate::model::{Digest, Field, IssueNumber, LinkId};
use std::collections::BTreeSet;

/// Counterparts that everybody on the target sees, as far as we know.
const SEEN: &str = "pair = ?1 AND state = 'active' AND NOT EXISTS (
    SELECT 1 FROM issue_base AS hidden
    WHERE hidden.link = issue_link.id AND hidden.field = ?2 AND hidden.made = ?3)";

impl Store {
    /// What one counterpart lacks.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn withheld_of(&self, link: LinkId) -> Result<BTreeSet<Digest>> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT title FROM withheld WHERE link = ?1")?;
        let rows = statement.query_map([link.0], |row| row.get::<_, Vec<u8>>(0))?;
        rows.map(|title| digest(&title?)).collect()
    }

    /// What the counterparts of a pair lack, with the numbers of their originals, in their order.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn withheld(&self, pair: PairId) -> Result<Vec<(LinkId, IssueNumber, Digest)>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT link, source_number, title FROM withheld JOIN issue_link ON id = link
             WHERE pair = ?1 AND state = 'active' AND vanished = 0 ORDER BY source_number",
        )?;
        let mut rows = statement.query([pair.0])?;
        let mut lacking = Vec::new();
        while let Some(row) = rows.next()? {
            let title: Vec<u8> = row.get(2)?;
            let number = IssueNumber(from_row(row.get(1)?)?);
            lacking.push((LinkId(row.get(0)?), number, digest(&title)?));
        }
        Ok(lacking)
    }

    /// Notes what one counterpart lacks, in place of what it did.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn set_withheld(&self, link: LinkId, titles: &BTreeSet<Digest>) -> Result<()> {
        self.transaction(|transaction| {
            transaction
                .prepare_cached("DELETE FROM withheld WHERE link = ?1")?
                .execute([link.0])?;
            let mut statement =
                transaction.prepare_cached("INSERT INTO withheld (link, title) VALUES (?1, ?2)")?;
            for title in titles {
                statement.execute((link.0, title.as_bytes()))?;
            }
            Ok(())
        })
    }

    /// The labels of counterparts that everybody on the target sees.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn seen_labels(&self, pair: PairId) -> Result<BTreeSet<String>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT DISTINCT name FROM our_label JOIN issue_link ON issue_link.id = link WHERE {SEEN}"
        ))?;
        let hidden = Digest::of(["true"]);
        let parameters = (pair.0, Field::Confidential.word(), hidden.as_bytes());
        let rows = statement.query_map(parameters, |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The milestones of counterparts that everybody on the target sees.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn seen_milestones(&self, pair: PairId) -> Result<BTreeSet<Digest>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT DISTINCT base.made FROM issue_base AS base
             JOIN issue_link ON issue_link.id = base.link
             WHERE base.field = ?4 AND {SEEN}"
        ))?;
        let hidden = Digest::of(["true"]);
        let rows = statement.query_map(
            (
                pair.0,
                Field::Confidential.word(),
                hidden.as_bytes(),
                Field::Milestone.word(),
            ),
            |row| row.get::<_, Vec<u8>>(0),
        )?;
        rows.map(|made| digest(&made?)).collect()
    }
}
