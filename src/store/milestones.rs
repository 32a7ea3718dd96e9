//! Milestones that we made on a target.

use super::{PairId, Result, Store, StoreError, digest, to_row};
use crate::model::{Date, Digest, Field, KnownMilestone, Milestone, ProjectKey};
use rusqlite::OptionalExtension;

/// A milestone of the target that we made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeMilestone {
    /// What it is called there.
    pub title: String,
    /// That of the source, as it was when it was last followed, without its description.
    pub original: KnownMilestone,
    /// Digest of that; `None`: it was made when none was carried.
    pub described: Option<Digest>,
}

impl Store {
    /// Every milestone that a pair made.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn milestones(&self, pair: PairId) -> Result<Vec<MadeMilestone>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT source_id, title, source_title, start_date, due_date, closed, described
             FROM milestone WHERE pair = ?1 ORDER BY source_id",
        )?;
        let mut rows = statement.query([pair.0])?;
        let mut made = Vec::new();
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let damaged = || StoreError::Damaged("a milestone");
            let date = |text: Option<String>| -> Result<Option<Date>> {
                let date = text.map(|text| text.parse().map_err(|_| damaged()));
                date.transpose()
            };
            let described: Option<Vec<u8>> = row.get(6)?;
            made.push(MadeMilestone {
                described: described.as_deref().map(digest).transpose()?,
                title: row.get(1)?,
                original: KnownMilestone {
                    id: id.try_into().map_err(|_| damaged())?,
                    milestone: Milestone {
                        title: row.get(2)?,
                        start_date: date(row.get(3)?)?,
                        due_date: date(row.get(4)?)?,
                        closed: row.get(5)?,
                        description: String::new(),
                    },
                },
            });
        }
        Ok(made)
    }

    /// Remembers that a pair made a milestone, and from what.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn put_milestone(&self, pair: PairId, made: &MadeMilestone) -> Result<()> {
        let MadeMilestone {
            title,
            original,
            described,
        } = made;
        let KnownMilestone { id, milestone } = original;
        let day = |date: Option<Date>| date.map(|date| date.to_string());
        self.connection().execute(
            "INSERT OR REPLACE INTO milestone
             (pair, source_id, title, source_title, start_date, due_date, closed, described)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            (
                pair.0,
                to_row(*id)?,
                title,
                &milestone.title,
                day(milestone.start_date),
                day(milestone.due_date),
                milestone.closed,
                described.map(|digest| digest.as_bytes().to_vec()),
            ),
        )?;
        Ok(())
    }

    /// Digest of the milestone of the source of which was told that ours does not follow it.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn told_of_milestone(&self, pair: PairId, source_id: u64) -> Result<Option<Digest>> {
        let told: Option<Option<Vec<u8>>> = self
            .connection()
            .query_row(
                "SELECT told FROM milestone WHERE pair = ?1 AND source_id = ?2",
                (pair.0, to_row(source_id)?),
                |row| row.get(0),
            )
            .optional()?;
        told.flatten().as_deref().map(digest).transpose()
    }

    /// Remembers that it was told.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn set_told_of_milestone(&self, pair: PairId, source_id: u64, told: Digest) -> Result<()> {
        self.connection().execute(
            "UPDATE milestone SET told = ?3 WHERE pair = ?1 AND source_id = ?2",
            (pair.0, to_row(source_id)?, told.as_bytes()),
        )?;
        Ok(())
    }

    /// The sources of other pairs with the same target that gave issues there this milestone.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn pairs_with_milestone(&self, pair: PairId, title: &str) -> Result<Vec<ProjectKey>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT DISTINCT other.source FROM pair AS other
             JOIN pair AS this ON this.id = ?1
             JOIN issue_link AS link ON link.pair = other.id
             JOIN issue_base AS base ON base.link = link.id
             WHERE other.target = this.target AND other.id != this.id
                 AND link.state IN ('active', 'hidden')
                 AND base.field = ?2 AND base.wrote = ?3",
        )?;
        let wrote = Digest::of([title]);
        let mut rows = statement.query((pair.0, Field::Milestone.word(), wrote.as_bytes()))?;
        let mut sources = Vec::new();
        while let Some(row) = rows.next()? {
            sources.push(ProjectKey(row.get(0)?));
        }
        Ok(sources)
    }

    /// A milestone is not ours any more.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn drop_milestone(&self, pair: PairId, source_id: u64) -> Result<()> {
        self.connection().execute(
            "DELETE FROM milestone WHERE pair = ?1 AND source_id = ?2",
            (pair.0, to_row(source_id)?),
        )?;
        Ok(())
    }

    /// A milestone is called otherwise: the issues that have it have it still, and need no write.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn milestone_was_renamed(&self, pair: PairId, from: &str, to: &str) -> Result<()> {
        let (from, to) = (Digest::of([from]), Digest::of([to]));
        self.connection().execute(
            "UPDATE issue_base SET made = ?3, wrote = ?3
             WHERE field = ?4 AND made = ?2 AND wrote = ?2
             AND link IN (SELECT id FROM issue_link WHERE pair = ?1)",
            (
                pair.0,
                from.as_bytes(),
                to.as_bytes(),
                Field::Milestone.word(),
            ),
        )?;
        Ok(())
    }
}
