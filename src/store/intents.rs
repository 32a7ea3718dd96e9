//! Creates that are about to be sent (P1).

use super::bases::{Of, put_bases};
use super::comment_links::put_comment_link;
use super::links::{NewLink, put_issue_link};
use super::{PairId, Result, Store, StoreError, from_row, time, to_row, word};
use crate::model::{
    Base, Bases, CommentId, Digest, Field, IntendedKind, Intent, IssueId, IssueNumber, LabelOrigin,
    LinkId, OurLabel, Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A base as an intent keeps it.
#[derive(Serialize, Deserialize)]
struct KeptBase {
    field: String,
    made: String,
    wrote: String,
    value: Option<u64>,
}

/// A label as an intent keeps it.
#[derive(Serialize, Deserialize)]
struct KeptLabel {
    name: String,
    origin: String,
}

impl Store {
    /// Commits what is about to be sent, before it is (P1 a).
    ///
    /// # Errors
    ///
    /// If the store cannot be written: then nothing may be sent.
    pub fn intend(
        &self,
        pair: PairId,
        key: &str,
        kind: IntendedKind,
        sent_at: Timestamp,
        bases: Bases,
        labels: Vec<OurLabel>,
    ) -> Result<Intent> {
        let kept: Vec<KeptBase> = bases
            .iter()
            .map(|(field, base)| KeptBase {
                field: field.word().to_owned(),
                made: base.from.hex(),
                wrote: base.wrote.hex(),
                value: base.value,
            })
            .collect();
        let kept_labels: Vec<KeptLabel> = labels
            .iter()
            .map(|label| KeptLabel {
                name: label.name.clone(),
                origin: label.origin.word().to_owned(),
            })
            .collect();
        let (word, id, number, link, before, mirrored) = match kind {
            IntendedKind::Issue { id, number } => {
                ("issue", Some(id.0), Some(number.0), None, None, None)
            }
            IntendedKind::Comment { parent, id } => {
                ("comment", Some(id.0), None, Some(parent.0), None, None)
            }
            IntendedKind::TimeSpent {
                link,
                before,
                mirrored,
            } => (
                "time_spent",
                None,
                None,
                Some(link.0),
                Some(before),
                Some(mirrored),
            ),
        };
        let connection = self.connection();
        connection
            .prepare_cached(
                "INSERT INTO intent (pair, key, kind, source_id, source_number, issue_link,
                     before, mirrored, sent_at, tried_at, bases, labels)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10, ?11)",
            )?
            .execute((
                pair.0,
                key,
                word,
                id.map(to_row).transpose()?,
                number.map(to_row).transpose()?,
                link,
                before.map(to_row).transpose()?,
                mirrored.map(to_row).transpose()?,
                sent_at.as_millisecond(),
                json(&kept)?,
                json(&kept_labels)?,
            ))?;
        Ok(Intent {
            id: connection.last_insert_rowid(),
            key: key.to_owned(),
            kind,
            sent_at,
            tried_at: sent_at,
            bases,
            labels,
        })
    }

    /// What was about to be sent and of which nothing is known, oldest first.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn open_intents(&self, pair: PairId) -> Result<Vec<Intent>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT id, key, kind, source_id, source_number, issue_link, before, mirrored,
                 sent_at, bases, labels, tried_at
             FROM intent WHERE pair = ?1 ORDER BY id",
        )?;
        let mut rows = statement.query([pair.0])?;
        let mut intents = Vec::new();
        while let Some(row) = rows.next()? {
            intents.push(intent(row)?);
        }
        Ok(intents)
    }

    /// Keeps when the last try to send it ended, by the target's clock: from then on it is waited for.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn tried(&self, intent: &Intent, at: Timestamp) -> Result<()> {
        self.connection().execute(
            "UPDATE intent SET tried_at = ?2 WHERE id = ?1",
            (intent.id, at.as_millisecond()),
        )?;
        Ok(())
    }

    /// Forgets an intent: what it was about surely did not happen.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn drop_intent(&self, intent: &Intent) -> Result<()> {
        self.connection()
            .execute("DELETE FROM intent WHERE id = ?1", [intent.id])?;
        Ok(())
    }

    /// Commits the link of an issue and the end of its intent, together (P1 c).
    ///
    /// # Errors
    ///
    /// If the store cannot be written; the intent then stays open.
    pub fn settle_issue(
        &self,
        pair: PairId,
        intent: &Intent,
        new: &NewLink<'_>,
        bases: &Bases,
        labels: &BTreeSet<OurLabel>,
    ) -> Result<LinkId> {
        self.transaction(|transaction| {
            let link = put_issue_link(transaction, pair, new, bases, labels)?;
            transaction.execute("DELETE FROM intent WHERE id = ?1", [intent.id])?;
            Ok(link)
        })
    }

    /// Commits the link of a comment and the end of its intent, together (P1 c).
    ///
    /// # Errors
    ///
    /// If the store cannot be written; the intent then stays open.
    pub fn settle_comment(
        &self,
        intent: &Intent,
        issue: LinkId,
        source: CommentId,
        target: CommentId,
        bases: &Bases,
    ) -> Result<()> {
        self.transaction(|transaction| {
            put_comment_link(transaction, issue, source, target, &intent.key, bases)?;
            transaction.execute("DELETE FROM intent WHERE id = ?1", [intent.id])?;
            Ok(())
        })
    }

    /// Commits that time was logged and the end of its intent, together.
    ///
    /// # Errors
    ///
    /// If the store cannot be written; the intent then stays open.
    pub fn settle_time(&self, intent: &Intent, link: LinkId, bases: &Bases) -> Result<()> {
        self.transaction(|transaction| {
            put_bases(transaction, Of::Issue, link, bases)?;
            transaction.execute("DELETE FROM intent WHERE id = ?1", [intent.id])?;
            Ok(())
        })
    }
}

fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|_| StoreError::Damaged("an intent"))
}

fn intent(row: &rusqlite::Row<'_>) -> Result<Intent> {
    const DAMAGED: StoreError = StoreError::Damaged("an intent");
    let kind: String = row.get(2)?;
    let number = |column: usize| -> Result<u64> {
        let value: Option<i64> = row.get(column)?;
        from_row(value.ok_or(DAMAGED)?)
    };
    let link = || -> Result<LinkId> {
        let value: Option<i64> = row.get(5)?;
        Ok(LinkId(value.ok_or(DAMAGED)?))
    };
    let kind = match kind.as_str() {
        "issue" => IntendedKind::Issue {
            id: IssueId(number(3)?),
            number: IssueNumber(number(4)?),
        },
        "comment" => IntendedKind::Comment {
            parent: link()?,
            id: CommentId(number(3)?),
        },
        "time_spent" => IntendedKind::TimeSpent {
            link: link()?,
            before: number(6)?,
            mirrored: number(7)?,
        },
        _ => return Err(DAMAGED),
    };
    let (bases, labels): (String, String) = (row.get(9)?, row.get(10)?);
    let kept: Vec<KeptBase> = serde_json::from_str(&bases).map_err(|_| DAMAGED)?;
    let kept_labels: Vec<KeptLabel> = serde_json::from_str(&labels).map_err(|_| DAMAGED)?;
    Ok(Intent {
        id: row.get(0)?,
        key: row.get(1)?,
        kind,
        sent_at: time(row.get(8)?)?,
        tried_at: time(row.get(11)?)?,
        bases: kept.iter().map(base).collect::<Result<_>>()?,
        labels: kept_labels
            .into_iter()
            .map(|label| {
                Ok(OurLabel {
                    origin: word(&LabelOrigin::WORDS, &label.origin, "an intent")?,
                    name: label.name,
                })
            })
            .collect::<Result<_>>()?,
    })
}

fn base(kept: &KeptBase) -> Result<(Field, Base)> {
    let read = || {
        Some((
            Field::from_word(&kept.field)?,
            Base {
                from: Digest::from_hex(&kept.made)?,
                wrote: Digest::from_hex(&kept.wrote)?,
                value: kept.value,
            },
        ))
    };
    read().ok_or(StoreError::Damaged("an intent"))
}
