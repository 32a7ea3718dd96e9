//! The tables, and how an older file becomes a newer one.

use super::Result;
use rusqlite::Connection;

/// Marks the file as ours: "ismr".
pub(super) const APPLICATION_ID: i64 = 0x6973_6d72;

/// One script per version; never changed once released, only followed by another.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
];

/// The newest schema that this program knows.
pub(super) fn newest() -> i64 {
    MIGRATIONS.len().try_into().unwrap_or(i64::MAX)
}

/// The schema of a file; 0 for one that is empty.
pub(super) fn version(connection: &Connection) -> Result<i64> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Brings a file to the newest schema, each step whole or not at all.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    let from = version(connection)?;
    for (version, script) in (1_i64..)
        .zip(MIGRATIONS)
        .filter(|(version, _)| *version > from)
    {
        let transaction =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        transaction.execute_batch(script)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.commit()?;
    }
    Ok(())
}
