//! What was last written into issues and comments, which labels are ours, and what is in doubt.

use super::{PairId, Result, Store, StoreError, digest, from_row, to_row, word};
use crate::model::{Base, Bases, Digest, Field, LabelOrigin, LinkId, OurLabel};
use rusqlite::Connection;
use std::collections::BTreeSet;

/// Whose bases.
#[derive(Clone, Copy)]
pub(super) enum Of {
    Issue,
    Comment,
}

impl Store {
    /// What we last wrote into an issue, and which of its labels are ours.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn issue_bases(&self, link: LinkId) -> Result<(Bases, BTreeSet<OurLabel>)> {
        let connection = self.connection();
        let bases = bases(&connection, Of::Issue, link)?;
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

    /// Mirrored issues of a pair into whose field we last wrote this.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn wrote(&self, pair: PairId, field: Field, wrote: Digest) -> Result<BTreeSet<LinkId>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT link FROM issue_base JOIN issue_link ON issue_link.id = link
             WHERE pair = ?1 AND field = ?2 AND wrote = ?3",
        )?;
        let mut rows = statement.query((pair.0, field.word(), wrote.as_bytes()))?;
        let mut found = BTreeSet::new();
        while let Some(row) = rows.next()? {
            found.insert(LinkId(row.get(0)?));
        }
        Ok(found)
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
            put_bases(transaction, Of::Issue, link, bases)?;
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
        self.transaction(|transaction| put_bases(transaction, Of::Comment, link, bases))
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
            doubt(transaction, Of::Issue, link, fields)?;
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
            doubt(transaction, Of::Comment, link, fields)?;
            unsettle(transaction, issue)
        })
    }
}

/// Writes what was last written, within a transaction.
pub(super) fn put_bases(
    connection: &Connection,
    of: Of,
    link: LinkId,
    bases: &Bases,
) -> Result<()> {
    for (field, base) in bases {
        let (made, wrote) = (base.from.as_bytes(), base.wrote.as_bytes());
        match of {
            Of::Issue => {
                let value = base.value.map(to_row).transpose()?;
                connection
                    .prepare_cached(
                        "INSERT OR REPLACE INTO issue_base (link, field, made, wrote, value)
                         VALUES (?1, ?2, ?3, ?4, ?5)",
                    )?
                    .execute((link.0, field.word(), made, wrote, value))?;
            }
            Of::Comment => {
                connection
                    .prepare_cached(
                        "INSERT OR REPLACE INTO comment_base (link, field, made, wrote)
                         VALUES (?1, ?2, ?3, ?4)",
                    )?
                    .execute((link.0, field.word(), made, wrote))?;
            }
        }
    }
    Ok(())
}

/// Says which labels of an issue are ours, within a transaction.
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

/// Looks at an issue again, whatever its version is.
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
    of: Of,
    link: LinkId,
    fields: &BTreeSet<Field>,
) -> Result<()> {
    let sql = match of {
        Of::Issue => {
            "INSERT INTO issue_base (link, field, made, wrote) VALUES (?1, ?2, ?3, ?3)
         ON CONFLICT DO UPDATE SET made = excluded.made"
        }
        Of::Comment => {
            "INSERT INTO comment_base (link, field, made, wrote) VALUES (?1, ?2, ?3, ?3)
         ON CONFLICT DO UPDATE SET made = excluded.made"
        }
    };
    let nothing = Digest::of(["in doubt"]);
    let mut statement = connection.prepare_cached(sql)?;
    for field in fields {
        statement.execute((link.0, field.word(), nothing.as_bytes()))?;
    }
    Ok(())
}

/// What was last written into an issue or a comment.
pub(super) fn bases(connection: &Connection, of: Of, link: LinkId) -> Result<Bases> {
    let sql = match of {
        Of::Issue => "SELECT field, made, wrote, value FROM issue_base WHERE link = ?1",
        Of::Comment => "SELECT field, made, wrote, NULL FROM comment_base WHERE link = ?1",
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
