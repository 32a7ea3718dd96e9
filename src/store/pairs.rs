//! Pairs: what a pass begins with and ends with.

use super::{Result, Store, digest, references, time};
use crate::model::{Cursor, Digest, KnownProject, LinkId, Outcome, Project, ProjectKey, Timestamp};
use rusqlite::OptionalExtension;

/// The row of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PairId(pub(super) i64);

/// What is remembered of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairRow {
    /// Its row.
    pub id: PairId,
    /// From where on it mirrors, as text; `None` before the first pass.
    pub baseline: Option<String>,
    /// Up to where the source was read.
    pub cursor: Option<Cursor>,
    /// Fingerprint of the settings with which the last pass went through.
    pub settings: Option<Digest>,
    /// When everything was last read.
    pub last_full_at: Option<Timestamp>,
    /// The newest link when it was last settled what vanished on the source, or when the brake
    /// stopped since.
    pub known_links: LinkId,
    /// Whether issues are joined by their titles; `None` where that is not decided yet.
    pub by_title: Option<bool>,
    /// When the last pass began that was neither skipped nor killed nor stopped.
    pub last_started_at: Option<Timestamp>,
}

impl Store {
    /// Finds a pair by its two ends, or remembers a new one. What was set for it while only its name
    /// was known becomes its own.
    ///
    /// # Errors
    ///
    /// If the store cannot be read or written.
    pub fn pair(&self, source: &ProjectKey, target: &ProjectKey, name: &str) -> Result<PairRow> {
        self.transaction(|transaction| {
            let found: Option<(i64, String)> = transaction
                .query_row(
                    "SELECT id, name FROM pair WHERE source = ?1 AND target = ?2",
                    (&source.0, &target.0),
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?;
            let id = if let Some((id, before)) = found {
                if before != name {
                    transaction.execute("UPDATE pair SET name = ?2 WHERE id = ?1", (id, name))?;
                }
                id
            } else {
                transaction.execute(
                    "INSERT INTO pair (source, target, name) VALUES (?1, ?2, ?3)",
                    (&source.0, &target.0, name),
                )?;
                transaction.last_insert_rowid()
            };
            transaction.execute(
                "UPDATE OR REPLACE name_map SET pair = ?1, named = NULL WHERE named = ?2",
                (id, name),
            )?;
            row(transaction, PairId(id))
        })
    }

    /// Finds a pair by its two ends.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn pair_of(&self, source: &ProjectKey, target: &ProjectKey) -> Result<Option<PairRow>> {
        let connection = self.connection();
        let id: Option<i64> = connection
            .query_row(
                "SELECT id FROM pair WHERE source = ?1 AND target = ?2",
                (&source.0, &target.0),
                |row| row.get(0),
            )
            .optional()?;
        id.map(|id| row(&connection, PairId(id))).transpose()
    }

    /// Sets from where on a pair mirrors.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn set_baseline(&self, pair: PairId, baseline: &str) -> Result<()> {
        self.connection().execute(
            "UPDATE pair SET baseline = ?2 WHERE id = ?1",
            (pair.0, baseline),
        )?;
        Ok(())
    }

    /// Decides whether issues are joined by their titles until the first pass is over.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn set_by_title(&self, pair: PairId, on: bool) -> Result<()> {
        self.connection()
            .execute("UPDATE pair SET by_title = ?2 WHERE id = ?1", (pair.0, on))?;
        Ok(())
    }

    /// Notes whether the target is told nothing of the source.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn set_opaque(&self, pair: PairId, opaque: bool) -> Result<()> {
        self.connection().execute(
            "UPDATE pair SET opaque = ?2 WHERE id = ?1 AND opaque != ?2",
            (pair.0, opaque),
        )?;
        Ok(())
    }

    /// Moves the cursor, at the end of a pass in which everything was settled or queued.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn move_cursor(
        &self,
        pair: PairId,
        cursor: Option<&Cursor>,
        settings: Digest,
        full: Option<Timestamp>,
    ) -> Result<()> {
        self.connection().execute(
            "UPDATE pair SET cursor = ?2, settings = ?3,
                 last_full_at = coalesce(?4, last_full_at) WHERE id = ?1",
            (
                pair.0,
                cursor.map(|cursor| cursor.0.as_str()),
                settings.as_bytes(),
                full.map(Timestamp::as_millisecond),
            ),
        )?;
        Ok(())
    }
}

impl Store {
    /// Notes that what is mirrored may be in step with more than one kind of settings.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn forget_settings(&self, pair: PairId) -> Result<()> {
        self.connection()
            .execute("UPDATE pair SET settings = NULL WHERE id = ?1", [pair.0])?;
        Ok(())
    }

    /// The project that was last found at a place.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn project_at(&self, place: &str) -> Result<Option<KnownProject>> {
        let known = self
            .connection()
            .query_row(
                "SELECT project, name, pages FROM place WHERE place = ?1",
                [place],
                |row| {
                    Ok(KnownProject {
                        key: ProjectKey(row.get(0)?),
                        name: row.get(1)?,
                        pages: row.get(2)?,
                    })
                },
            )
            .optional()?;
        Ok(known)
    }

    /// Remembers where a project was found; where it was before may hold another from now on.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn found_at(&self, place: &str, project: &Project) -> Result<()> {
        let now = KnownProject::of(project);
        if self.project_at(place)?.as_ref() == Some(&now) {
            return Ok(());
        }
        self.transaction(|transaction| {
            transaction.execute("DELETE FROM place WHERE project = ?1", [&now.key.0])?;
            transaction.execute(
                "INSERT OR REPLACE INTO place (place, project, name, pages) VALUES (?1, ?2, ?3, ?4)",
                (place, &now.key.0, &now.name, &now.pages),
            )?;
            references::now_known(transaction, project)
        })
    }

    /// Why a pair failed as a whole at its last pass, and when; by its name, because a pair whose
    /// ends could not be opened has no row.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn trouble(&self, name: &str) -> Result<Option<(Timestamp, String)>> {
        let row: Option<(i64, String)> = self
            .connection()
            .query_row(
                "SELECT at, error FROM trouble WHERE name = ?1",
                [name],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        row.map(|(at, error)| Ok((time(at)?, error))).transpose()
    }

    /// Remembers why a pair failed as a whole, or that it did not.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn set_trouble(&self, name: &str, trouble: Option<(Timestamp, &str)>) -> Result<()> {
        let connection = self.connection();
        match trouble {
            Some((at, error)) => connection.execute(
                "INSERT OR REPLACE INTO trouble (name, at, error) VALUES (?1, ?2, ?3)",
                (name, at.as_millisecond(), error),
            )?,
            None => connection.execute("DELETE FROM trouble WHERE name = ?1", [name])?,
        };
        Ok(())
    }
}

fn row(connection: &rusqlite::Connection, id: PairId) -> Result<PairRow> {
    type Columns = (
        Option<String>,
        Option<String>,
        Option<Vec<u8>>,
        Option<i64>,
        i64,
        Option<bool>,
    );
    let (baseline, cursor, settings, full, links, by_title): Columns = connection.query_row(
        "SELECT baseline, cursor, settings, last_full_at, known_links, by_title FROM pair WHERE id = ?1",
        [id.0],
        |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
            ))
        },
    )?;
    let started: Option<i64> = connection.query_row(
        // One that was killed or stopped is to be made again.
        "SELECT max(started_at) FROM pass
         WHERE pair = ?1 AND outcome IS NOT NULL AND outcome != ?2",
        (id.0, Outcome::Interrupted.word()),
        |row| row.get(0),
    )?;
    Ok(PairRow {
        id,
        baseline,
        cursor: cursor.map(Cursor),
        settings: settings.as_deref().map(digest).transpose()?,
        last_full_at: full.map(time).transpose()?,
        known_links: LinkId(links),
        by_title,
        last_started_at: started.map(time).transpose()?,
    })
}
