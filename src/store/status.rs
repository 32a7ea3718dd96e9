//! What `status` shows.

use super::links::link_state;
use super::{PairId, PairRow, Result, Store, from_row, time, word};
use crate::model::{IssueNumber, LinkRow, LinkState, Outcome, PairStatus, PassRecord, RowState};
use rusqlite::OptionalExtension;
use std::collections::{BTreeMap, BTreeSet};

impl Store {
    /// What is known of a pair.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn status(&self, pair: &PairRow) -> Result<PairStatus> {
        let retries: Vec<_> = self
            .retries(pair.id)?
            .into_iter()
            .map(|(retry, _)| retry)
            .collect();
        let waiting: u64 = self.count(
            "SELECT count(DISTINCT coalesce(intent.source_number, issue_link.source_number))
             FROM intent LEFT JOIN issue_link ON issue_link.id = intent.issue_link
             WHERE intent.pair = ?1
                 AND coalesce(intent.source_number, issue_link.source_number)
                     NOT IN (SELECT source_number FROM retry WHERE pair = ?1)",
            pair.id,
        )?;
        let dead = retries.iter().filter(|retry| retry.dead).count() as u64;
        let synced = self.count(
            "SELECT count(*) FROM issue_link WHERE pair = ?1 AND state = 'active'
                 AND vanished = 0 AND outside = 0
                 AND source_number NOT IN (SELECT source_number FROM retry WHERE pair = ?1)
                 AND id NOT IN (SELECT issue_link FROM intent WHERE issue_link IS NOT NULL)",
            pair.id,
        )?;
        Ok(PairStatus {
            last: self.last_pass(pair.id)?,
            last_full_at: pair.last_full_at,
            links: self.active_links(pair.id)?,
            synced,
            pending: retries.len() as u64 - dead + waiting,
            conflict: 0,
            error: dead,
            gone: self.count(
                "SELECT count(*) FROM issue_link WHERE pair = ?1 AND state = 'gone'",
                pair.id,
            )?,
            retries,
            drifted: self.drifted(pair.id)?,
        })
    }

    /// Every link of a pair and every issue that failed before it was linked, by source number.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn link_rows(&self, pair: PairId) -> Result<Vec<LinkRow>> {
        let mut failed: BTreeMap<IssueNumber, (bool, String)> = self
            .retries(pair)?
            .into_iter()
            .map(|(retry, _)| (retry.number, (retry.dead, retry.error)))
            .collect();
        let mut waiting = self.waiting(pair)?;
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT source_number, target_number, source_location, target_location, state,
                 vanished, outside
             FROM issue_link WHERE pair = ?1 ORDER BY source_number",
        )?;
        let mut rows = statement.query([pair.0])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let source_number = IssueNumber(from_row(row.get(0)?)?);
            let failure = failed.remove(&source_number);
            let waits = waiting.remove(&source_number);
            let (vanished, outside): (i64, bool) = (row.get(5)?, row.get(6)?);
            let state = match (link_state(row, 4)?, &failure) {
                (LinkState::Gone, _) => RowState::Gone,
                (LinkState::Removed, _) => RowState::Removed,
                (LinkState::Parted, _) => RowState::Parted,
                (LinkState::Contested, _) => RowState::Contested,
                (LinkState::Leaving, _) => RowState::Leaving,
                (_, Some((true, _))) => RowState::Error,
                (_, Some((false, _))) => RowState::Pending,
                _ if waits => RowState::Pending,
                (LinkState::Hidden, None) => RowState::Hidden,
                _ if vanished != 0 => RowState::Vanished,
                _ if outside => RowState::Outside,
                (LinkState::Active, None) => RowState::Synced,
            };
            found.push(LinkRow {
                source_number,
                target_number: Some(IssueNumber(from_row(row.get(1)?)?)),
                source_location: Some(row.get(2)?),
                target_location: Some(row.get(3)?),
                state,
                error: failure.map(|(_, error)| error),
            });
        }
        waiting.retain(|number| !failed.contains_key(number));
        let waiting = waiting
            .into_iter()
            .map(|number| (number, RowState::Pending, None));
        let failed = failed.into_iter().map(|(number, (dead, error))| {
            let state = if dead {
                RowState::Error
            } else {
                RowState::Pending
            };
            (number, state, Some(error))
        });
        found.extend(failed.chain(waiting).map(|(number, state, error)| LinkRow {
            source_number: number,
            target_number: None,
            source_location: None,
            target_location: None,
            state,
            error,
        }));
        found.sort_by_key(|row| row.source_number);
        Ok(found)
    }

    /// Issues of which it is not known what became of a write.
    fn waiting(&self, pair: PairId) -> Result<BTreeSet<IssueNumber>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT coalesce(intent.source_number, issue_link.source_number)
             FROM intent LEFT JOIN issue_link ON issue_link.id = intent.issue_link
             WHERE intent.pair = ?1",
        )?;
        let mut rows = statement.query([pair.0])?;
        let mut waiting = BTreeSet::new();
        while let Some(row) = rows.next()? {
            let number: Option<i64> = row.get(0)?;
            waiting.extend(number.map(from_row).transpose()?.map(IssueNumber));
        }
        Ok(waiting)
    }

    fn last_pass(&self, pair: PairId) -> Result<Option<PassRecord>> {
        let row: Option<(i64, Option<String>)> = self
            .connection()
            .query_row(
                "SELECT started_at, outcome FROM pass WHERE pair = ?1 ORDER BY id DESC LIMIT 1",
                [pair.0],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        row.map(|(started_at, outcome)| {
            Ok(PassRecord {
                started_at: time(started_at)?,
                outcome: outcome
                    .map(|outcome| word(&Outcome::WORDS, &outcome, "the outcome of a pass"))
                    .transpose()?,
            })
        })
        .transpose()
    }

    fn count(&self, sql: &str, pair: PairId) -> Result<u64> {
        from_row(
            self.connection()
                .query_row(sql, [pair.0], |row| row.get(0))?,
        )
    }
}
