//! What the texts of counterparts refer to, and where that leads.

use super::{PairId, Result, Store, from_row, to_row};
use crate::model::{CommentId, IssueNumber, LinkId, Project, ProjectKey};
use rusqlite::{Connection, OptionalExtension};

/// Something that a text refers to, of a project that is or may be mirrored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Referred {
    /// Its project, by its key; by its name behind `@`, if it was not found so far.
    pub project: String,
    /// The issue.
    pub number: IssueNumber,
    /// One comment of it.
    pub comment: Option<CommentId>,
}

impl Referred {
    /// Whether its project was found.
    pub fn is_found(&self) -> bool {
        !self.project.starts_with('@')
    }
}

/// The counterpart of an issue that a text refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterpart {
    /// The pair that made it.
    pub pair: PairId,
    /// Its link.
    pub link: LinkId,
    /// The project in which it is.
    pub project: ProjectKey,
    /// What that is called, where it is known.
    pub name: Option<String>,
    /// Its number there.
    pub number: IssueNumber,
    /// Where an operator finds it.
    pub location: String,
}

/// What all projects of one server have in common in their keys.
fn server(key: &ProjectKey) -> &str {
    key.0.rsplit_once(':').map_or("", |(server, _)| server)
}

/// How a project is named that was not found so far.
fn unknown(server: &str, name: &str) -> String {
    format!("@{server}/{}", name.to_lowercase())
}

/// What is known by its name only is known by its key from now on.
pub(super) fn now_known(connection: &Connection, project: &Project) -> Result<()> {
    let named = unknown(server(&project.key), &project.name);
    connection.execute(
        "UPDATE OR REPLACE reference SET project = ?2, stale = max(stale, 1) WHERE project = ?1",
        (named, &project.key.0),
    )?;
    Ok(())
}

impl Store {
    /// How a project of the same server as another one stands in [`Referred`], by its name.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn project_named(&self, beside: &Project, name: &str) -> Result<String> {
        if beside.name.eq_ignore_ascii_case(name) {
            return Ok(beside.key.0.clone());
        }
        let server = server(&beside.key);
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached("SELECT project FROM place WHERE lower(name) = lower(?1) ORDER BY 1")?;
        let mut rows = statement.query([name])?;
        while let Some(row) = rows.next()? {
            let key: String = row.get(0)?;
            if key.rsplit_once(':').is_some_and(|(host, _)| host == server) {
                return Ok(key);
            }
        }
        Ok(unknown(server, name))
    }

    /// The counterparts of an issue that are there, of this pair and of all that tell where theirs
    /// come from, oldest pair first.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn counterparts(
        &self,
        of: PairId,
        project: &str,
        number: IssueNumber,
    ) -> Result<Vec<Counterpart>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT pair.id, issue_link.id, pair.target, target_number, target_location,
                 (SELECT name FROM place WHERE place.project = pair.target)
             FROM pair JOIN issue_link ON issue_link.pair = pair.id
             WHERE pair.source = ?1 AND source_number = ?2 AND state = 'active'
                 AND (pair.id = ?3 OR NOT pair.opaque)
             ORDER BY pair.id",
        )?;
        let mut rows = statement.query((project, to_row(number.0)?, of.0))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(Counterpart {
                pair: PairId(row.get(0)?),
                link: LinkId(row.get(1)?),
                project: ProjectKey(row.get(2)?),
                number: IssueNumber(from_row(row.get(3)?)?),
                location: row.get(4)?,
                name: row.get(5)?,
            });
        }
        Ok(found)
    }

    /// The counterpart of a comment, if it is there.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn comment_counterpart(
        &self,
        link: LinkId,
        comment: CommentId,
    ) -> Result<Option<CommentId>> {
        let connection = self.connection();
        let found: Option<i64> = connection
            .prepare_cached(
                "SELECT target_id FROM comment_link
                 WHERE issue_link = ?1 AND source_id = ?2 AND state = 'active'",
            )?
            .query_row((link.0, to_row(comment.0)?), |row| row.get(0))
            .optional()?;
        Ok(found.map(from_row).transpose()?.map(CommentId))
    }

    /// The original on the target of a pair, and of a comment of it, if one is asked for, of an issue of
    /// its source that a pair in the opposite direction made there.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn original(
        &self,
        of: PairId,
        number: IssueNumber,
        comment: Option<CommentId>,
    ) -> Result<Option<(IssueNumber, Option<CommentId>)>> {
        let connection = self.connection();
        let found: Option<(i64, i64)> = connection
            .prepare_cached(
                "SELECT issue_link.id, source_number FROM pair AS own
                 JOIN pair AS back ON back.source = own.target AND back.target = own.source
                 JOIN issue_link ON issue_link.pair = back.id
                 WHERE own.id = ?1 AND target_number = ?2 AND state = 'active' AND NOT back.opaque
                 ORDER BY issue_link.id LIMIT 1",
            )?
            .query_row((of.0, to_row(number.0)?), |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let Some((link, number)) = found else {
            return Ok(None);
        };
        let number = IssueNumber(from_row(number)?);
        let Some(comment) = comment else {
            return Ok(Some((number, None)));
        };
        let found: Option<i64> = connection
            .prepare_cached(
                "SELECT source_id FROM comment_link
                 WHERE issue_link = ?1 AND target_id = ?2 AND state = 'active'",
            )?
            .query_row((link, to_row(comment.0)?), |row| row.get(0))
            .optional()?;
        // The issue alone would not be what was meant.
        let comment = found.map(from_row).transpose()?.map(CommentId);
        Ok(comment.map(|comment| (number, Some(comment))))
    }

    /// Notes what the texts of a counterpart refer to, in place of what they did; `true`: it leads
    /// elsewhere than it stands there already.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn set_references(&self, link: LinkId, refers: &[(Referred, bool)]) -> Result<()> {
        let connection = self.connection();
        let known = connection
            .prepare_cached("SELECT 1 FROM reference WHERE link = ?1")?
            .exists([link.0])?;
        drop(connection);
        if refers.is_empty() && !known {
            return Ok(());
        }
        self.transaction(|transaction| {
            transaction
                .prepare_cached("DELETE FROM reference WHERE link = ?1")?
                .execute([link.0])?;
            let mut statement = transaction.prepare_cached(
                "INSERT OR REPLACE INTO reference (link, project, number, comment, stale)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for (referred, stale) in refers {
                let comment = referred.comment.map_or(0, |comment| comment.0);
                statement.execute((
                    link.0,
                    &referred.project,
                    to_row(referred.number.0)?,
                    to_row(comment)?,
                    *stale,
                ))?;
            }
            Ok(())
        })
    }

    /// Leaves what the texts of a counterpart refer to for a full pass.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn defer_references(&self, link: LinkId) -> Result<()> {
        self.connection()
            .prepare_cached("UPDATE reference SET stale = 2 WHERE link = ?1 AND stale = 1")?
            .execute([link.0])?;
        Ok(())
    }

    /// Counterparts of a pair whose texts refer to something that may lead elsewhere now, with the
    /// numbers of their originals. `all`: those too at which nobody looked so far.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn stale_references(&self, pair: PairId, all: bool) -> Result<Vec<(LinkId, IssueNumber)>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT DISTINCT link, source_number FROM reference JOIN issue_link ON id = link
             WHERE stale > 0 AND (?2 OR stale = 1) AND pair = ?1
                 AND state = 'active' AND vanished = 0
             ORDER BY source_number",
        )?;
        let mut rows = statement.query((pair.0, all))?;
        let mut stale = Vec::new();
        while let Some(row) = rows.next()? {
            stale.push((LinkId(row.get(0)?), IssueNumber(from_row(row.get(1)?)?)));
        }
        Ok(stale)
    }
}
