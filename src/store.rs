//! What is remembered between runs, in one SQLite file. All SQL is here.
//!
//! One writer: the file is locked for as long as a pass runs, by the system, so that a killed run
//! leaves no lock behind. What belongs together is committed together, and a create is committed in
//! two steps of its own, before it is sent and when it is known (P1). Values are kept as digests. A
//! database error is an error and never "no row": taking it for one would create things twice.
//!
//! During a pass the file is in WAL mode, so `status` can read it meanwhile; at its end it is one
//! file again, which a CI cache keeps whole.

mod attachments;
mod bases;
mod comment_links;
mod drift;
mod error;
mod files;
mod found;
mod intents;
mod labels;
mod late;
mod links;
mod lost;
mod maps;
mod milestones;
mod open;
mod pairs;
mod passed_over;
mod passes;
mod references;
mod relations;
mod retries;
mod schema;
mod status;
mod tokens;
mod vanished;
mod withheld;

pub use error::{Holder, StoreError};
pub use files::{GivenUp, StaleFile, TextOf};
pub use found::FoundComment;
pub use links::{LinkHead, NewLink};
pub use maps::Scope;
pub use milestones::MadeMilestone;
pub use pairs::{PairId, PairRow};
pub use references::{Counterpart, Referred};
pub use relations::MadeRelation;
pub use vanished::Vanished;

use crate::model::{Digest, Timestamp};
use rusqlite::Connection;
use std::fs::File;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What every operation of the store answers.
pub type Result<T> = std::result::Result<T, StoreError>;

/// An open store.
pub struct Store {
    connection: Mutex<Connection>,
    /// Keeps the lock for as long as the store is open; dropped after the connection, because
    /// closing any handle of a file drops SQLite's own locks on it.
    _lock: Option<File>,
}

impl Store {
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs statements that belong together.
    fn transaction<T>(
        &self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut connection = self.connection();
        let transaction =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

/// A number of a forge as SQLite keeps it.
fn to_row(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| StoreError::TooLarge(number))
}

/// A number as it was kept.
fn from_row(number: i64) -> Result<u64> {
    u64::try_from(number).map_err(|_| StoreError::Damaged("a negative number"))
}

fn digest(bytes: &[u8]) -> Result<Digest> {
    Digest::from_bytes(bytes).ok_or(StoreError::Damaged("a digest"))
}

fn time(milliseconds: i64) -> Result<Timestamp> {
    Timestamp::from_millisecond(milliseconds).map_err(|_| StoreError::Damaged("a time"))
}

/// Finds the value that a word in a row stands for.
fn word<T: Copy>(words: &[(&'static str, T)], word: &str, what: &'static str) -> Result<T> {
    words
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, value)| *value)
        .ok_or(StoreError::Damaged(what))
}
