//! Mirrored issues that are not on the source any more.

use super::{PairId, Result, Store, from_row};
use crate::model::{IssueNumber, LinkId};
use std::collections::{HashMap, HashSet};

/// How far the vanishing of an issue was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vanished {
    /// It is believed, and the counterpart is still as it was.
    Believed(IssueNumber),
    /// The counterpart was closed or deleted, or needed nothing.
    Done,
}

impl Store {
    /// Links of a pair whose originals were believed to have vanished.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn vanished(&self, pair: PairId) -> Result<HashMap<LinkId, Vanished>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT id, source_number, vanished FROM issue_link WHERE pair = ?1
                 AND vanished IN (1, 2)",
        )?;
        let mut rows = statement.query([pair.0])?;
        let mut found = HashMap::new();
        while let Some(row) = rows.next()? {
            let number = IssueNumber(from_row(row.get(1)?)?);
            let how = match row.get(2)? {
                1_i64 => Vanished::Believed(number),
                _ => Vanished::Done,
            };
            found.insert(LinkId(row.get(0)?), how);
        }
        Ok(found)
    }

    /// Notes which originals a listing of everything did not name: whether to believe it is another matter.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn note_unlisted(&self, pair: PairId, links: &HashSet<LinkId>) -> Result<()> {
        self.transaction(|transaction| {
            transaction
                .prepare_cached(
                    "UPDATE issue_link SET vanished = 0 WHERE pair = ?1 AND vanished = 3",
                )?
                .execute([pair.0])?;
            for link in links {
                transaction
                    .prepare_cached(
                        "UPDATE issue_link SET vanished = 3 WHERE id = ?1 AND vanished = 0",
                    )?
                    .execute([link.0])?;
            }
            Ok(())
        })
    }

    /// Believes that the original of a link vanished.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn believe_vanished(&self, link: LinkId) -> Result<()> {
        self.put_vanished(link, 1)
    }

    /// Notes that nothing is left to do for a link whose original vanished.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn settle_vanished(&self, link: LinkId) -> Result<()> {
        self.put_vanished(link, 2)
    }

    /// Notes that an original is there again.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn is_back(&self, link: LinkId) -> Result<()> {
        self.put_vanished(link, 0)
    }

    /// Notes that we deleted a counterpart, and with it the links that it had to others.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn remove_link(&self, link: LinkId) -> Result<()> {
        self.transaction(|transaction| {
            transaction.execute(
                "UPDATE issue_link SET state = 'removed' WHERE id = ?1",
                [link.0],
            )?;
            transaction.execute("DELETE FROM relation WHERE ?1 IN (one, other)", [link.0])?;
            Ok(())
        })
    }

    /// Notes that the brake stopped, and up to which link: those that come later do not let it go.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn brake(&self, pair: PairId, newest: LinkId) -> Result<()> {
        self.connection().execute(
            "UPDATE pair SET braked = 1, known_links = ?2 WHERE id = ?1 AND braked = 0",
            (pair.0, newest.0),
        )?;
        Ok(())
    }

    /// Notes that it is settled for every link what vanished.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn release_brake(&self, pair: PairId) -> Result<()> {
        self.connection().execute(
            "UPDATE pair SET braked = 0, known_links =
                 (SELECT coalesce(max(id), 0) FROM issue_link WHERE pair = ?1) WHERE id = ?1",
            [pair.0],
        )?;
        Ok(())
    }

    fn put_vanished(&self, link: LinkId, how: i64) -> Result<()> {
        self.connection()
            .prepare_cached("UPDATE issue_link SET vanished = ?2 WHERE id = ?1")?
            .execute((link.0, how))?;
        Ok(())
    }
}
