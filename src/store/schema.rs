//! The tables, and how an older file becomes a newer one.

use super::Result;
use rusqlite::Connection;

/// Marks the file as ours: "ismr".
pub(super) const APPLICATION_ID: i64 = 0x6973_6d72;

/// One script per version; never changed once released, only followed by another.
/// A word that a row may hold from now on is a version too, also where no table changes: an older program
/// then says that the store is newer than it, and not that it is damaged.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
    include_str!("schema/6.sql"),
    include_str!("schema/7.sql"),
    include_str!("schema/8.sql"),
    include_str!("schema/9.sql"),
    include_str!("schema/10.sql"),
    include_str!("schema/11.sql"),
    include_str!("schema/12.sql"),
    include_str!("schema/13.sql"),
    include_str!("schema/14.sql"),
    include_str!("schema/15.sql"),
    include_str!("schema/16.sql"),
    include_str!("schema/17.sql"),
    include_str!("schema/18.sql"),
    include_str!("schema/19.sql"),
    include_str!("schema/20.sql"),
    include_str!("schema/21.sql"),
    include_str!("schema/22.sql"),
    include_str!("schema/23.sql"),
    include_str!("schema/24.sql"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_of_every_older_schema_becomes_a_newest_one_and_keeps_what_it_knows() {
        let shape = |connection: &Connection| -> Vec<String> {
            let mut statement = connection
                .prepare("SELECT name || ' ' || group_concat(column, ' ') FROM (SELECT m.name, i.name AS column FROM sqlite_schema m JOIN pragma_table_info(m.name) i ORDER BY m.name, i.cid) GROUP BY name")
                .unwrap();
            let rows = statement.query_map([], |row| row.get(0)).unwrap();
            rows.map(std::result::Result::unwrap).collect()
        };
        let mut new = Connection::open_in_memory().unwrap();
        migrate(&mut new).unwrap();
        for version in 1..MIGRATIONS.len() {
            let mut old = Connection::open_in_memory().unwrap();
            for script in &MIGRATIONS[..version] {
                old.execute_batch(script).unwrap();
            }
            let known = i64::try_from(version).unwrap();
            old.pragma_update(None, "user_version", known).unwrap();
            old.execute_batch(
                "INSERT INTO pair (id, source, target, name) VALUES (1, 's', 't', 'n');
                 INSERT INTO issue_link (pair, source_id, source_number, target_id, target_number,
                     key, state, source_location, target_location)
                 VALUES (1, 2, 3, 4, 5, 'imk', 'active', '', '');",
            )
            .unwrap();
            if version < 4 {
                old.execute_batch(
                    "INSERT INTO user_map (pair, source, target) VALUES (1, 'a', 'b');
                     INSERT INTO user_map (named, source, target) VALUES ('m', 'a', 'c');",
                )
                .unwrap();
            }
            migrate(&mut old).unwrap();
            if version < 4 {
                let kept: String = old
                    .query_row(
                        "SELECT group_concat(kind || source || target || coalesce(pair, named)) FROM name_map",
                        [],
                        |row| row.get(0),
                    )
                    .unwrap();
                assert_eq!(kept, "userab1,useracm");
            }
            assert_eq!(super::version(&old).unwrap(), newest());
            assert_eq!(shape(&old), shape(&new));
            let kept: (i64, i64, bool) = old
                .query_row(
                    "SELECT source_number, target_number, found FROM issue_link",
                    [],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                )
                .unwrap();
            assert_eq!(kept, (3, 5, false));
        }
    }
}
