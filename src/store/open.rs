//! Opening, locking and closing the file.

use super::{Holder, Result, Store, StoreError, schema, time};
use crate::model::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};
use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

impl Store {
    /// Opens a store to write into it, creating it (for its owner alone) if there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`] if another run still holds it after `patience`; others if it is
    /// damaged, newer than the program, or cannot be opened.
    pub fn open(path: &Path, patience: Duration) -> Result<Self> {
        let unusable = |error: io::Error| StoreError::Unusable {
            path: path.to_owned(),
            said: error.to_string(),
        };
        let lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(unusable)?;
        // One that was copied here may be readable for others.
        let mode = lock.metadata().map_err(unusable)?.permissions().mode();
        if mode & 0o077 != 0 {
            // Somebody else's is theirs to protect.
            let _ = lock.set_permissions(Permissions::from_mode(0o600));
        }
        take(&lock, path, patience)?;
        let connection = prepare(path).map_err(|error| explain(error, path))?;
        Ok(Self {
            connection: Mutex::new(connection),
            _lock: Some(lock),
        })
    }

    /// Opens a store to look at it, also while another run holds it; `None` if there is none. One
    /// that an older program wrote is looked at in a copy that is brought up to date.
    ///
    /// # Errors
    ///
    /// If it is damaged, newer than the program, or cannot be opened.
    pub fn look(path: &Path) -> Result<Option<Self>> {
        let looked = match read_only(path) {
            Ok(None) => return Ok(None),
            Ok(Some((connection, version))) if version == schema::newest() => Ok(connection),
            Ok(Some((connection, _))) => in_memory(Some(&connection)),
            Err(error) => Err(error),
        };
        Ok(Some(Self {
            connection: Mutex::new(looked.map_err(|error| explain(error, path))?),
            _lock: None,
        }))
    }

    /// A copy in memory, in which a trial run may write what it likes.
    ///
    /// # Errors
    ///
    /// As [`Self::look`].
    pub fn copy_in_memory(path: &Path) -> Result<Self> {
        let copy = || {
            let original = read_only(path)?;
            in_memory(original.as_ref().map(|(connection, _)| connection))
        };
        Ok(Self {
            connection: Mutex::new(copy().map_err(|error| explain(error, path))?),
            _lock: None,
        })
    }

    /// Writes down who holds the store, for others to read.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn hold(&self, now: Timestamp) -> Result<()> {
        let connection = self.connection();
        let held = connection.execute(
            "INSERT OR REPLACE INTO holder (one, pid, since) VALUES (1, ?1, ?2)",
            (std::process::id(), now.as_millisecond()),
        );
        held.map(drop).map_err(|error| {
            let path = connection.path().unwrap_or_default();
            explain(error.into(), Path::new(path))
        })
    }

    /// Closes a store that was written: it is one file again.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn close(self) -> Result<()> {
        let connection = self.connection();
        connection.execute("DELETE FROM holder", [])?;
        // Somebody may be reading; then the file stays in WAL mode, which is right too.
        match connection.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(())) {
            Ok(()) => Ok(()),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Opens a file that may be read; answers its schema too. `None` if there is no store yet.
fn read_only(path: &Path) -> Result<Option<(Connection, i64)>> {
    match path.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(StoreError::Unusable {
                path: path.to_owned(),
                said: error.to_string(),
            });
        }
        // It was locked by a run that has not begun to write it.
        Ok(meta) if meta.len() == 0 => return Ok(None),
        Ok(_) => {}
    }
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(Duration::from_secs(5))?;
    check(&connection, path)?;
    let version = schema::version(&connection)?;
    // The same, a moment later.
    Ok((version > 0).then_some((connection, version)))
}

/// A copy in memory, brought up to date.
fn in_memory(original: Option<&Connection>) -> Result<Connection> {
    let mut memory = Connection::open_in_memory()?;
    if let Some(original) = original {
        let backup = rusqlite::backup::Backup::new(original, &mut memory)?;
        backup.run_to_completion(1000, Duration::ZERO, None)?;
    }
    schema::migrate(&mut memory)?;
    Ok(memory)
}

/// Takes the lock, or says who has it.
fn take(lock: &File, path: &Path, patience: Duration) -> Result<()> {
    let begun = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if begun.elapsed() < patience => {
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Locked {
                    path: path.to_owned(),
                    holder: holder(path),
                });
            }
            Err(TryLockError::Error(error)) => {
                return Err(StoreError::Unusable {
                    path: path.to_owned(),
                    said: format!("its file cannot be locked: {error}"),
                });
            }
        }
    }
}

/// Who says that it holds a store.
fn holder(path: &Path) -> Option<Holder> {
    let store = Store::look(path).ok().flatten()?;
    let (pid, since): (u32, i64) = store
        .connection()
        .query_row("SELECT pid, since FROM holder", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()
        .ok()
        .flatten()?;
    Some(Holder {
        pid,
        since: time(since).ok()?,
    })
}

/// Opens the file that was locked and brings it up to date.
fn prepare(path: &Path) -> Result<Connection> {
    let mut connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(Duration::from_secs(5))?;
    check(&connection, path)?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // A link that a power cut takes back would be a duplicate at the next pass.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    schema::migrate(&mut connection)?;
    Ok(connection)
}

/// Refuses a file that is not ours or newer than we are.
fn check(connection: &Connection, path: &Path) -> Result<()> {
    let found = schema::version(connection)?;
    let application: i64 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let empty = tables == 0 && found == 0 && application == 0;
    if !empty && application != schema::APPLICATION_ID {
        return Err(StoreError::Corrupt {
            path: path.to_owned(),
            said: "it is a database of another program".to_owned(),
        });
    }
    if found > schema::newest() {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found,
            known: schema::newest(),
        });
    }
    Ok(())
}

/// Says which file SQLite complains about.
fn explain(error: StoreError, path: &Path) -> StoreError {
    let StoreError::Sql(error) = error else {
        return error;
    };
    let path: PathBuf = path.to_owned();
    let said = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            StoreError::Corrupt { path, said }
        }
        _ => StoreError::Unusable { path, said },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        (folder, path)
    }

    #[test]
    fn a_store_is_for_its_owner_alone_and_one_file_when_closed() {
        let (folder, path) = path();
        let store = Store::open(&path, Duration::ZERO).unwrap();
        store.hold(Timestamp::now()).unwrap();
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
        store.close().unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_second_run_is_told_who_holds_it_and_may_look() {
        let (_folder, path) = path();
        let store = Store::open(&path, Duration::ZERO).unwrap();
        store.hold("2026-01-02T03:04:05Z".parse().unwrap()).unwrap();
        let said = Store::open(&path, Duration::ZERO)
            .err()
            .unwrap()
            .to_string();
        assert!(
            said.contains(&format!("process {}", std::process::id())),
            "{said}"
        );
        assert!(said.contains("since 2026-01-02T03:04:05Z"), "{said}");
        assert!(Store::look(&path).unwrap().is_some());
        store.close().unwrap();
        Store::open(&path, Duration::ZERO).unwrap();
    }

    #[test]
    fn what_is_no_store_is_refused_plainly() {
        let (_folder, path) = path();
        std::fs::write(&path, "this is a letter and no database".repeat(100)).unwrap();
        let said = Store::open(&path, Duration::ZERO)
            .err()
            .unwrap()
            .to_string();
        assert!(said.contains("no store of issue-mirror"), "{said}");
        assert!(said.contains("move it away"), "{said}");
        std::fs::remove_file(&path).unwrap();

        let other = Connection::open(&path).unwrap();
        other.execute_batch("CREATE TABLE t (x)").unwrap();
        drop(other);
        let said = Store::open(&path, Duration::ZERO)
            .err()
            .unwrap()
            .to_string();
        assert!(said.contains("another program"), "{said}");
    }

    #[test]
    fn a_newer_store_is_refused_and_left_alone() {
        let (_folder, path) = path();
        Store::open(&path, Duration::ZERO).unwrap().close().unwrap();
        let file = Connection::open(&path).unwrap();
        file.pragma_update(None, "user_version", 99).unwrap();
        drop(file);
        let before = std::fs::read(&path).unwrap();
        for said in [
            Store::open(&path, Duration::ZERO)
                .err()
                .unwrap()
                .to_string(),
            Store::look(&path).err().unwrap().to_string(),
        ] {
            assert!(said.contains("newer issue-mirror (schema 99"), "{said}");
        }
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_store_that_others_could_read_is_made_private() {
        let (_folder, path) = path();
        Store::open(&path, Duration::ZERO).unwrap().close().unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        Store::open(&path, Duration::ZERO).unwrap().close().unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn only_a_file_that_is_not_there_is_no_store() {
        let (folder, path) = path();
        assert!(Store::look(&path).unwrap().is_none());
        std::fs::write(&path, "").unwrap();
        assert!(Store::look(&path).unwrap().is_none(), "just begun");
        let below_a_file = path.join("store.db");
        let said = Store::look(&below_a_file).err().unwrap().to_string();
        assert!(said.contains("cannot be used"), "{said}");
        let said = Store::look(folder.path()).err().unwrap().to_string();
        assert!(said.contains("cannot be used"), "{said}");
        std::fs::write(&path, "x".repeat(5000)).unwrap();
        let said = Store::look(&path).err().unwrap().to_string();
        assert!(said.contains("no store of issue-mirror"), "{said}");
    }

    #[test]
    fn an_older_store_is_looked_at_and_left_as_it_is() {
        let (_folder, path) = path();
        let file = Connection::open(&path).unwrap();
        file.pragma_update(None, "application_id", schema::APPLICATION_ID)
            .unwrap();
        drop(file);
        // Schema 0 with our mark is what the first migration finds.
        let before = std::fs::read(&path).unwrap();
        assert!(Store::look(&path).unwrap().is_none());
        let copy = Store::copy_in_memory(&path).unwrap();
        assert!(
            copy.mappings(crate::model::Mapped::User)
                .unwrap()
                .is_empty()
        );
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_trial_leaves_no_trace() {
        let (folder, path) = path();
        Store::copy_in_memory(&path)
            .unwrap()
            .hold(Timestamp::now())
            .unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        Store::open(&path, Duration::ZERO).unwrap().close().unwrap();
        let before = std::fs::read(&path).unwrap();
        Store::copy_in_memory(&path)
            .unwrap()
            .hold(Timestamp::now())
            .unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), before);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
