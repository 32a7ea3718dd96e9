//! Links, their bases and labels, and issues that are not mirrored.

use super::{PairId, Result, Store, StoreError, digest, from_row, to_row, word};
use crate::model::{
    Base, Bases, CommentId, CommentLink, Digest, Field, IssueId, IssueLink, IssueNumber,
    LabelOrigin, LinkId, LinkState, OurLabel, ProjectKey, Version,
};
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::{BTreeSet, HashMap};

/// What decides whether a listed issue must be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkHead {
    /// The row.
    pub id: LinkId,
    /// Whether it is still carried.
    pub state: LinkState,
    /// Version and settings with which everything was in step.
    pub settled: Option<Digest>,
}

/// A link to be made.
#[derive(Clone, Debug)]
pub struct NewLink<'a> {
    /// The source's own id of the issue.
    pub source_id: IssueId,
    /// Its number on the source.
    pub source_number: IssueNumber,
    /// The target's own id of the counterpart.
    pub target_id: IssueId,
    /// Its number on the target.
    pub target_number: IssueNumber,
    /// The key in its marker.
    pub key: &'a str,
    /// Where an operator finds the source issue.
    pub source_location: &'a str,
    /// Where an operator finds the counterpart.
    pub target_location: &'a str,
}

const ISSUE_LINK: &str = "SELECT id, source_id, source_number, target_id, target_number, key, state, settled, verified, found, theirs FROM issue_link";

impl Store {
    /// Every link of a pair, by the source's own id of the issue.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn link_heads(&self, pair: PairId) -> Result<HashMap<IssueId, LinkHead>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT source_id, id, state, settled FROM issue_link WHERE pair = ?1",
        )?;
        let mut rows = statement.query([pair.0])?;
        let mut heads = HashMap::new();
        while let Some(row) = rows.next()? {
            let settled: Option<Vec<u8>> = row.get(3)?;
            heads.insert(
                IssueId(from_row(row.get(0)?)?),
                LinkHead {
                    id: LinkId(row.get(1)?),
                    state: link_state(row, 2)?,
                    settled: settled.as_deref().map(digest).transpose()?,
                },
            );
        }
        Ok(heads)
    }

    /// One link of a pair, by its row.
    ///
    /// # Errors
    ///
    /// If the store cannot be read or there is no such link.
    pub fn issue_link(&self, link: LinkId) -> Result<IssueLink> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(&format!("{ISSUE_LINK} WHERE id = ?1"))?;
        let mut rows = statement.query([link.0])?;
        match rows.next()? {
            Some(row) => issue_link(row),
            None => Err(StoreError::Damaged("a link to nothing")),
        }
    }

    /// One link of a pair, by the number of the issue on the source.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn issue_link_of(&self, pair: PairId, number: IssueNumber) -> Result<Option<IssueLink>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(&format!(
            "{ISSUE_LINK} WHERE pair = ?1 AND source_number = ?2"
        ))?;
        let mut rows = statement.query((pair.0, to_row(number.0)?))?;
        rows.next()?.map(issue_link).transpose()
    }

    /// What we last wrote into an issue, and which of its labels are ours.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn issue_bases(&self, link: LinkId) -> Result<(Bases, BTreeSet<OurLabel>)> {
        let connection = self.connection();
        let bases = bases(&connection, "issue_base", link)?;
        let mut statement =
            connection.prepare_cached("SELECT name, origin FROM our_label WHERE link = ?1")?;
        let mut rows = statement.query([link.0])?;
        let mut labels = BTreeSet::new();
        while let Some(row) = rows.next()? {
            let origin: String = row.get(1)?;
            labels.insert(OurLabel {
                name: row.get(0)?,
                origin: word(&LabelOrigin::WORDS, &origin, "the origin of a label")?,
            });
        }
        Ok((bases, labels))
    }

    /// The comments of a linked issue that were ever linked.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn comment_links(&self, issue: LinkId) -> Result<Vec<CommentLink>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT id, source_id, target_id, key, state FROM comment_link
             WHERE issue_link = ?1 ORDER BY source_id",
        )?;
        let mut rows = statement.query([issue.0])?;
        let mut links = Vec::new();
        while let Some(row) = rows.next()? {
            let id = LinkId(row.get(0)?);
            links.push(CommentLink {
                id,
                source_id: CommentId(from_row(row.get(1)?)?),
                target_id: CommentId(from_row(row.get(2)?)?),
                key: row.get(3)?,
                state: link_state(row, 4)?,
                bases: bases(&connection, "comment_base", id)?,
            });
        }
        Ok(links)
    }

    /// Whether a key is one that this store drew for this issue of this project, or for a comment
    /// of it. A copy of the marker anywhere else is not.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn drew(
        &self,
        key: &str,
        project: &ProjectKey,
        issue: IssueId,
        comment: Option<CommentId>,
    ) -> Result<bool> {
        let connection = self.connection();
        let issue = to_row(issue.0)?;
        Ok(match comment {
            None => connection
                .prepare_cached(
                    "SELECT 1 FROM issue_link JOIN pair ON pair.id = issue_link.pair
                     WHERE key = ?1 AND pair.target = ?2 AND target_id = ?3",
                )?
                .exists((key, &project.0, issue))?,
            Some(comment) => connection
                .prepare_cached(
                    "SELECT 1 FROM comment_link
                     JOIN issue_link ON issue_link.id = comment_link.issue_link
                     JOIN pair ON pair.id = issue_link.pair
                     WHERE comment_link.key = ?1 AND pair.target = ?2
                         AND issue_link.target_id = ?3 AND comment_link.target_id = ?4",
                )?
                .exists((key, &project.0, issue, to_row(comment.0)?))?,
        })
    }

    /// Whether a key is one of an issue or comment that was mirrored, or was about to be, by any
    /// pair.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn knows(&self, key: &str) -> Result<bool> {
        Ok(self
            .connection()
            .prepare_cached(
                "SELECT 1 FROM issue_link WHERE key = ?1
                 UNION ALL SELECT 1 FROM comment_link WHERE key = ?1
                 UNION ALL SELECT 1 FROM intent WHERE key = ?1",
            )?
            .exists([key])?)
    }

    /// The newest issue of the target that a pair mirrored.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn newest_target(&self, pair: PairId) -> Result<Option<IssueId>> {
        let newest: Option<i64> = self.connection().query_row(
            "SELECT max(target_id) FROM issue_link WHERE pair = ?1",
            [pair.0],
            |row| row.get(0),
        )?;
        Ok(newest.map(from_row).transpose()?.map(IssueId))
    }

    /// Links of issues that are thought to be there, without some: the first, the one in the middle
    /// and the last, with their numbers on the target.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn sample_links(
        &self,
        pair: PairId,
        without: &BTreeSet<LinkId>,
    ) -> Result<Vec<(LinkId, IssueNumber)>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT id, target_number FROM issue_link
             WHERE pair = ?1 AND state IN ('active', 'hidden') ORDER BY target_number",
        )?;
        let mut rows = statement.query([pair.0])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let link = LinkId(row.get(0)?);
            if !without.contains(&link) {
                found.push((link, IssueNumber(from_row(row.get(1)?)?)));
            }
        }
        let last = found.len().saturating_sub(1);
        let chosen: BTreeSet<usize> = [0, last / 2, last].into();
        let chosen = chosen.into_iter().filter_map(|at| found.get(at).copied());
        Ok(chosen.collect())
    }

    /// Brings bases and labels of an issue up to date, together.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn record_issue(
        &self,
        link: LinkId,
        bases: &Bases,
        labels: Option<&BTreeSet<OurLabel>>,
    ) -> Result<()> {
        if bases.is_empty() && labels.is_none() {
            return Ok(());
        }
        self.transaction(|transaction| {
            put_bases(transaction, "issue_base", link, bases)?;
            if let Some(labels) = labels {
                put_labels(transaction, link, labels)?;
            }
            Ok(())
        })
    }

    /// Brings the bases of a comment up to date.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn record_comment(&self, link: LinkId, bases: &Bases) -> Result<()> {
        self.transaction(|transaction| put_bases(transaction, "comment_base", link, bases))
    }

    /// Notes with which version and settings an issue is in step, and where it was then found.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn settle(&self, link: LinkId, settled: Digest, source_location: &str) -> Result<()> {
        self.connection()
            .prepare_cached(
                "UPDATE issue_link SET settled = ?2, source_location = ?3 WHERE id = ?1",
            )?
            .execute((link.0, settled.as_bytes(), source_location))?;
        Ok(())
    }

    /// Notes which version of a counterpart was looked at.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn set_verified(&self, link: LinkId, version: Version) -> Result<()> {
        self.connection()
            .prepare_cached("UPDATE issue_link SET verified = ?2 WHERE id = ?1")?
            .execute((link.0, version.0.as_bytes()))?;
        Ok(())
    }

    /// Notes what became of an issue.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn set_issue_state(&self, link: LinkId, state: LinkState) -> Result<()> {
        self.connection().execute(
            "UPDATE issue_link SET state = ?2 WHERE id = ?1",
            (link.0, state.word()),
        )?;
        Ok(())
    }

    /// Notes whether the original of a counterpart is outside of the selection. Answers whether that
    /// is news.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn set_outside(&self, link: LinkId, outside: bool) -> Result<bool> {
        let changed = self
            .connection()
            .prepare_cached("UPDATE issue_link SET outside = ?2 WHERE id = ?1 AND outside != ?2")?
            .execute((link.0, outside))?;
        Ok(changed > 0)
    }

    /// Notes that a write to fields of an issue is about to be sent and not known to be done: they
    /// are written again, whatever the source says then, until it is. `labels`: those that the
    /// counterpart may then have.
    ///
    /// # Errors
    ///
    /// If the store cannot be written: then nothing may be sent.
    pub fn doubt_issue(
        &self,
        link: LinkId,
        fields: &BTreeSet<Field>,
        labels: Option<&BTreeSet<OurLabel>>,
    ) -> Result<()> {
        self.transaction(|transaction| {
            if let Some(labels) = labels {
                put_labels(transaction, link, labels)?;
            }
            doubt(transaction, "issue_base", link, fields)?;
            unsettle(transaction, link)
        })
    }

    /// The same for a comment of an issue.
    ///
    /// # Errors
    ///
    /// If the store cannot be written: then nothing may be sent.
    pub fn doubt_comment(
        &self,
        issue: LinkId,
        link: LinkId,
        fields: &BTreeSet<Field>,
    ) -> Result<()> {
        self.transaction(|transaction| {
            doubt(transaction, "comment_base", link, fields)?;
            unsettle(transaction, issue)
        })
    }

    /// Notes what becomes of a comment; its issue is looked at again until it is settled.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn begin_comment_state(&self, issue: LinkId, link: LinkId, state: LinkState) -> Result<()> {
        self.transaction(|transaction| {
            transaction.execute(
                "UPDATE comment_link SET state = ?2 WHERE id = ?1",
                (link.0, state.word()),
            )?;
            unsettle(transaction, issue)
        })
    }

    /// Notes that a counterpart is there again. If another link has the same number of the target,
    /// what that one was for is not there any more.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn revive(&self, link: LinkId, state: LinkState) -> Result<()> {
        self.transaction(|transaction| {
            transaction.execute(
                "UPDATE issue_link SET state = 'gone'
                 WHERE id != ?1 AND state IN ('active', 'hidden')
                     AND (pair, target_id) =
                         (SELECT pair, target_id FROM issue_link WHERE id = ?1)",
                [link.0],
            )?;
            transaction.execute(
                "UPDATE issue_link SET state = ?2 WHERE id = ?1",
                (link.0, state.word()),
            )?;
            Ok(())
        })
    }

    /// Notes what became of a comment.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn set_comment_state(&self, link: LinkId, state: LinkState) -> Result<()> {
        self.connection().execute(
            "UPDATE comment_link SET state = ?2 WHERE id = ?1",
            (link.0, state.word()),
        )?;
        Ok(())
    }

    /// How many issues of a pair have a counterpart that is thought to be there.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn active_links(&self, pair: PairId) -> Result<u64> {
        from_row(self.connection().query_row(
            "SELECT count(*) FROM issue_link WHERE pair = ?1 AND state IN ('active', 'hidden')",
            [pair.0],
            |row| row.get(0),
        )?)
    }

    /// How many comments of a pair have a counterpart that is thought to be there.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn active_comments(&self, pair: PairId) -> Result<u64> {
        from_row(self.connection().query_row(
            "SELECT count(*) FROM comment_link
             JOIN issue_link ON issue_link.id = comment_link.issue_link
             WHERE pair = ?1 AND comment_link.state = 'active'",
            [pair.0],
            |row| row.get(0),
        )?)
    }

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

    /// What a label that we created was made from.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn label(&self, pair: PairId, name: &str) -> Result<Option<Digest>> {
        let bytes: Option<Vec<u8>> = self
            .connection()
            .prepare_cached("SELECT made FROM label WHERE pair = ?1 AND name = ?2")?
            .query_row((pair.0, name), |row| row.get(0))
            .optional()?;
        bytes.as_deref().map(digest).transpose()
    }

    /// Remembers that we created a label, and from what.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn put_label(&self, pair: PairId, name: &str, made: Digest) -> Result<()> {
        self.connection()
            .prepare_cached("INSERT OR REPLACE INTO label (pair, name, made) VALUES (?1, ?2, ?3)")?
            .execute((pair.0, name, made.as_bytes()))?;
        Ok(())
    }
}

/// Makes the link of an issue, within a transaction.
pub(super) fn put_issue_link(
    connection: &Connection,
    pair: PairId,
    new: &NewLink<'_>,
    bases: &Bases,
    labels: &BTreeSet<OurLabel>,
) -> Result<LinkId> {
    // If the target gave this number before, what had it then is not there any more.
    connection
        .prepare_cached(
            "UPDATE issue_link SET state = 'gone'
             WHERE target_id = ?2 AND state IN ('active', 'hidden') AND pair IN
                 (SELECT id FROM pair WHERE target = (SELECT target FROM pair WHERE id = ?1))",
        )?
        .execute((pair.0, to_row(new.target_id.0)?))?;
    // A person parted it from another one and asked for a new one, or it came back after we deleted
    // its counterpart.
    connection
        .prepare_cached(
            "DELETE FROM issue_link WHERE pair = ?1 AND source_id = ?2
                 AND state IN ('parted', 'removed')",
        )?
        .execute((pair.0, to_row(new.source_id.0)?))?;
    connection
        .prepare_cached(
            "INSERT INTO issue_link (pair, source_id, source_number, target_id, target_number,
                 key, state, source_location, target_location)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'active', ?7, ?8)",
        )?
        .execute((
            pair.0,
            to_row(new.source_id.0)?,
            to_row(new.source_number.0)?,
            to_row(new.target_id.0)?,
            to_row(new.target_number.0)?,
            new.key,
            new.source_location,
            new.target_location,
        ))?;
    let link = LinkId(connection.last_insert_rowid());
    connection
        .prepare_cached("DELETE FROM passed_over WHERE pair = ?1 AND source_id = ?2")?
        .execute((pair.0, to_row(new.source_id.0)?))?;
    put_bases(connection, "issue_base", link, bases)?;
    put_labels(connection, link, labels)?;
    Ok(link)
}

/// Makes the link of a comment, within a transaction; one that we took away before is replaced.
pub(super) fn put_comment_link(
    connection: &Connection,
    issue: LinkId,
    source: CommentId,
    target: CommentId,
    key: &str,
    bases: &Bases,
) -> Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM comment_link WHERE issue_link = ?1 AND source_id = ?2 AND state != 'active'",
        )?
        .execute((issue.0, to_row(source.0)?))?;
    connection
        .prepare_cached(
            "UPDATE comment_link SET state = 'gone'
             WHERE issue_link = ?1 AND target_id = ?2 AND state = 'active'",
        )?
        .execute((issue.0, to_row(target.0)?))?;
    connection
        .prepare_cached(
            "INSERT INTO comment_link (issue_link, source_id, target_id, key, state)
             VALUES (?1, ?2, ?3, ?4, 'active')",
        )?
        .execute((issue.0, to_row(source.0)?, to_row(target.0)?, key))?;
    let link = LinkId(connection.last_insert_rowid());
    put_bases(connection, "comment_base", link, bases)
}

pub(super) fn put_bases(
    connection: &Connection,
    table: &str,
    link: LinkId,
    bases: &Bases,
) -> Result<()> {
    for (field, base) in bases {
        let (made, wrote) = (base.from.as_bytes(), base.wrote.as_bytes());
        if table == "issue_base" {
            let value = base.value.map(to_row).transpose()?;
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO issue_base (link, field, made, wrote, value)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute((link.0, field.word(), made, wrote, value))?;
        } else {
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO comment_base (link, field, made, wrote)
                     VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute((link.0, field.word(), made, wrote))?;
        }
    }
    Ok(())
}

pub(super) fn put_labels(
    connection: &Connection,
    link: LinkId,
    labels: &BTreeSet<OurLabel>,
) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM our_label WHERE link = ?1")?
        .execute([link.0])?;
    // What was in doubt about them is known now.
    connection
        .prepare_cached("DELETE FROM issue_base WHERE link = ?1 AND field = ?2")?
        .execute((link.0, Field::Labels.word()))?;
    let mut statement = connection
        .prepare_cached("INSERT INTO our_label (link, name, origin) VALUES (?1, ?2, ?3)")?;
    for label in labels {
        statement.execute((link.0, &label.name, label.origin.word()))?;
    }
    Ok(())
}

pub(super) fn unsettle(connection: &Connection, link: LinkId) -> Result<()> {
    connection
        .prepare_cached("UPDATE issue_link SET settled = NULL WHERE id = ?1")?
        .execute([link.0])?;
    Ok(())
}

/// Makes sure that no value of the source equals the base of these fields. What was written before
/// stays on record, so that the text of people is known from ours.
pub(super) fn doubt(
    connection: &Connection,
    table: &str,
    link: LinkId,
    fields: &BTreeSet<Field>,
) -> Result<()> {
    let sql = if table == "issue_base" {
        "INSERT INTO issue_base (link, field, made, wrote) VALUES (?1, ?2, ?3, ?3)
         ON CONFLICT DO UPDATE SET made = excluded.made"
    } else {
        "INSERT INTO comment_base (link, field, made, wrote) VALUES (?1, ?2, ?3, ?3)
         ON CONFLICT DO UPDATE SET made = excluded.made"
    };
    let nothing = Digest::of(["in doubt"]);
    let mut statement = connection.prepare_cached(sql)?;
    for field in fields {
        statement.execute((link.0, field.word(), nothing.as_bytes()))?;
    }
    Ok(())
}

fn bases(connection: &Connection, table: &str, link: LinkId) -> Result<Bases> {
    let sql = if table == "issue_base" {
        "SELECT field, made, wrote, value FROM issue_base WHERE link = ?1"
    } else {
        "SELECT field, made, wrote, NULL FROM comment_base WHERE link = ?1"
    };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([link.0])?;
    let mut bases = Bases::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let (from, wrote): (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?);
        let value: Option<i64> = row.get(3)?;
        bases.insert(
            Field::from_word(&name).ok_or(StoreError::Damaged("a field"))?,
            Base {
                from: digest(&from)?,
                wrote: digest(&wrote)?,
                value: value.map(from_row).transpose()?,
            },
        );
    }
    Ok(bases)
}

fn issue_link(row: &Row<'_>) -> Result<IssueLink> {
    let (settled, verified): (Option<Vec<u8>>, Option<Vec<u8>>) = (row.get(7)?, row.get(8)?);
    Ok(IssueLink {
        id: LinkId(row.get(0)?),
        source_id: IssueId(from_row(row.get(1)?)?),
        source_number: IssueNumber(from_row(row.get(2)?)?),
        target_id: IssueId(from_row(row.get(3)?)?),
        target_number: IssueNumber(from_row(row.get(4)?)?),
        key: row.get(5)?,
        state: link_state(row, 6)?,
        settled: settled.as_deref().map(digest).transpose()?,
        verified: verified.as_deref().map(digest).transpose()?.map(Version),
        found: row.get(9)?,
        theirs: row.get(10)?,
    })
}

fn link_state(row: &Row<'_>, column: usize) -> Result<LinkState> {
    let name: String = row.get(column)?;
    word(&LinkState::WORDS, &name, "the state of a link")
}
