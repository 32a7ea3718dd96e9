//! Which texts have a file of the target, and files that nobody may reach any more.

use super::bases::{Of, doubt, unsettle};
use super::{PairId, Result, Store, digest, from_row, to_row};
use crate::model::{CommentId, Digest, Field, IssueId, IssueNumber, LinkId, ProjectKey};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeSet;

/// A text of the source: a description, or a comment.
#[derive(Clone, Copy, Debug)]
pub struct TextOf {
    /// Its pair.
    pub pair: PairId,
    /// The issue.
    pub issue: IssueId,
    /// The comment of it.
    pub comment: Option<CommentId>,
}

/// What became of files that were given up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivenUp {
    /// So many stay, because nobody knows what else has them.
    pub stay: u64,
    /// Other hidden counterparts that had one, with the numbers of their originals: they need another.
    pub others: BTreeSet<(LinkId, IssueNumber)>,
}

/// A file of the target that nobody may reach any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaleFile {
    /// The link by which it is reached.
    pub destination: String,
    /// The issue that was hidden.
    pub number: IssueNumber,
    /// The target refused before to delete it.
    pub refused: bool,
}

/// Whether a text that everybody on the target sees has a file, beside the one that is hidden.
const IS_SEEN: &str = "SELECT 1 FROM file_use AS other
    JOIN pair ON pair.id = other.pair
    LEFT JOIN issue_link AS link ON link.pair = other.pair AND link.source_id = other.source_id
    WHERE other.destination = ?1 AND pair.target = ?2
        -- One without a link is just being made. Of one that was parted nobody knows it.
        AND (link.id IS NULL OR link.state IN ('active', 'leaving', 'contested'))
        AND NOT (other.pair = ?3 AND other.source_id = ?4 AND (?5 IS NULL OR other.comment = ?5))
        AND NOT EXISTS (SELECT 1 FROM issue_base AS hidden
            WHERE hidden.link = link.id AND hidden.field = ?6 AND hidden.made = ?7)";

impl Store {
    /// Notes that a text has files of the target. That it had others before is not forgotten.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn use_file(&self, text: TextOf, destination: &str) -> Result<()> {
        let comment = text.comment.map_or(0, |comment| comment.0);
        self.connection()
            .prepare_cached(
                "INSERT OR IGNORE INTO file_use (pair, source_id, comment, destination)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute((
                text.pair.0,
                to_row(text.issue.0)?,
                to_row(comment)?,
                destination,
            ))?;
        Ok(())
    }

    /// Gives up the files of an issue that is about to be hidden, or of one comment of it, unless a text
    /// has them that everybody sees: they are to be deleted, and whatever text still has them gets new
    /// ones when it is written. `there`: links that stand in its counterpart.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn give_up_files(
        &self,
        text: TextOf,
        number: IssueNumber,
        target: &ProjectKey,
        there: &BTreeSet<String>,
    ) -> Result<GivenUp> {
        let comment = text.comment.map(|comment| to_row(comment.0)).transpose()?;
        let issue = to_row(text.issue.0)?;
        let hidden = Digest::of(["true"]);
        self.transaction(|transaction| {
            let mut all = there.clone();
            let mut statement = transaction.prepare_cached(
                "SELECT DISTINCT destination FROM file_use
                 WHERE pair = ?1 AND source_id = ?2 AND (?3 IS NULL OR comment = ?3)",
            )?;
            let used = statement.query_map((text.pair.0, issue, comment), |row| row.get(0))?;
            all.extend(used.collect::<rusqlite::Result<Vec<String>>>()?);
            let mut given_up = GivenUp::default();
            for destination in all {
                let is_stale = transaction
                    .prepare_cached(
                        "SELECT 1 FROM stale_file WHERE target = ?1 AND destination = ?2",
                    )?
                    .exists((&target.0, &destination))?;
                if is_stale {
                    continue;
                }
                let is_counted: bool = transaction
                    .prepare_cached(
                        "SELECT coalesce(min(counted), 0) FROM attachment
                         WHERE target = ?1 AND destination = ?2",
                    )?
                    .query_row((&target.0, &destination), |row| row.get(0))?;
                let is_seen = transaction.prepare_cached(IS_SEEN)?.exists((
                    &destination,
                    &target.0,
                    text.pair.0,
                    issue,
                    comment,
                    Field::Confidential.word(),
                    hidden.as_bytes(),
                ))?;
                if is_seen {
                    continue;
                }
                if is_counted {
                    let texts = give_up(transaction, target, &destination, number)?;
                    given_up.others.extend(texts);
                } else {
                    given_up.stay += 1;
                }
            }
            let own = |(_, other): &(LinkId, IssueNumber)| *other != number;
            given_up.others.retain(own);
            Ok(given_up)
        })
    }

    /// Files of a target that are to be deleted.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn stale_files(&self, target: &ProjectKey) -> Result<Vec<StaleFile>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT destination, source_number, refused FROM stale_file
             WHERE target = ?1 AND NOT gone ORDER BY source_number, destination",
        )?;
        let mut rows = statement.query([&target.0])?;
        let mut files = Vec::new();
        while let Some(row) = rows.next()? {
            files.push(StaleFile {
                destination: row.get(0)?,
                number: IssueNumber(from_row(row.get(1)?)?),
                refused: row.get(2)?,
            });
        }
        Ok(files)
    }

    /// Whether a file of a target was given up, and what it held, where that is remembered.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn given_up(
        &self,
        target: &ProjectKey,
        destination: &str,
    ) -> Result<Option<Option<Digest>>> {
        let content: Option<Option<Vec<u8>>> = self
            .connection()
            .prepare_cached("SELECT digest FROM stale_file WHERE target = ?1 AND destination = ?2")?
            .query_row((&target.0, destination), |row| row.get(0))
            .optional()?;
        let content = content.map(|content| content.as_deref().map(digest).transpose());
        content.transpose()
    }

    /// Forgets which files were for issues that have no counterpart, and for which none is being made.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn forget_files_of_unmade(&self, pair: PairId) -> Result<()> {
        self.connection().execute(
            "DELETE FROM file_use WHERE pair = ?1
             AND NOT EXISTS (SELECT 1 FROM issue_link AS link
                 WHERE link.pair = ?1 AND link.source_id = file_use.source_id)
             AND NOT EXISTS (SELECT 1 FROM intent
                 WHERE intent.pair = ?1 AND intent.kind = 'issue'
                     AND intent.source_id = file_use.source_id)",
            [pair.0],
        )?;
        Ok(())
    }

    /// A file of a target is not there any more.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn file_is_gone(&self, target: &ProjectKey, destination: &str) -> Result<()> {
        self.connection().execute(
            "UPDATE stale_file SET gone = 1 WHERE target = ?1 AND destination = ?2",
            (&target.0, destination),
        )?;
        Ok(())
    }

    /// A file of a target may not be deleted by us.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn file_stays(&self, target: &ProjectKey, destination: &str) -> Result<()> {
        self.connection().execute(
            "UPDATE stale_file SET refused = 1 WHERE target = ?1 AND destination = ?2",
            (&target.0, destination),
        )?;
        Ok(())
    }
}

/// Something of a target was found again that the store had forgotten: what else has the files that were
/// uploaded there until now, nobody knows any more.
pub(super) fn uncount(connection: &Connection, pair: PairId) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE attachment SET counted = 0
             WHERE counted AND target = (SELECT target FROM pair WHERE id = ?1)",
        )?
        .execute([pair.0])?;
    Ok(())
}

/// The same for the files of a counterpart that is not ours any more.
pub(super) fn uncount_of(connection: &Connection, link: LinkId) -> Result<()> {
    connection.execute(
        "UPDATE attachment SET counted = 0 WHERE counted AND (target, destination) IN
         (SELECT pair.target, used.destination FROM issue_link AS link
             JOIN pair ON pair.id = link.pair
             JOIN file_use AS used ON used.pair = link.pair AND used.source_id = link.source_id
             WHERE link.id = ?1)",
        [link.0],
    )?;
    Ok(())
}

/// Notes that a file is to be deleted, and that the texts that still have it need another one. Answers
/// in which issues of the same pair they are.
fn give_up(
    connection: &Connection,
    target: &ProjectKey,
    destination: &str,
    number: IssueNumber,
) -> Result<BTreeSet<(LinkId, IssueNumber)>> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO stale_file (target, destination, source_number, digest)
             VALUES (?1, ?2, ?3,
                 (SELECT digest FROM attachment WHERE target = ?1 AND destination = ?2))",
        )?
        .execute((&target.0, destination, to_row(number.0)?))?;
    connection
        .prepare_cached("DELETE FROM attachment WHERE target = ?1 AND destination = ?2")?
        .execute((&target.0, destination))?;
    let ids = |sql: &str| -> Result<Vec<LinkId>> {
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map((destination, &target.0), |row| Ok(LinkId(row.get(0)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    };
    let rewriting = BTreeSet::from([Field::Rewriting]);
    let issues = ids(
        "SELECT link.id FROM file_use AS used JOIN pair ON pair.id = used.pair
         JOIN issue_link AS link ON link.pair = used.pair AND link.source_id = used.source_id
         WHERE used.destination = ?1 AND pair.target = ?2 AND used.comment = 0",
    )?;
    for issue in issues {
        doubt(connection, Of::Issue, issue, &rewriting)?;
        unsettle(connection, issue)?;
    }
    let mut statement = connection.prepare_cached(
        "SELECT link.id, link.source_number FROM file_use AS used JOIN pair ON pair.id = used.pair
         JOIN issue_link AS link ON link.pair = used.pair AND link.source_id = used.source_id
         WHERE used.destination = ?1 AND pair.target = ?2 AND link.state = 'active'",
    )?;
    let mut rows = statement.query((destination, &target.0))?;
    let mut others = BTreeSet::new();
    while let Some(row) = rows.next()? {
        others.insert((LinkId(row.get(0)?), IssueNumber(from_row(row.get(1)?)?)));
    }
    let comments = ids(
        "SELECT comment_link.id FROM file_use AS used JOIN pair ON pair.id = used.pair
         JOIN issue_link AS link ON link.pair = used.pair AND link.source_id = used.source_id
         JOIN comment_link ON comment_link.issue_link = link.id
             AND comment_link.source_id = used.comment
         WHERE used.destination = ?1 AND pair.target = ?2 AND used.comment != 0",
    )?;
    for comment in comments {
        doubt(connection, Of::Comment, comment, &rewriting)?;
    }
    connection
        .prepare_cached(
            "DELETE FROM file_use WHERE destination = ?1
             AND pair IN (SELECT id FROM pair WHERE target = ?2)",
        )?
        .execute((destination, &target.0))?;
    Ok(others)
}
