use crate::model::Timestamp;
use std::fmt;
use std::path::PathBuf;

/// Who holds a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Process.
    pub pid: u32,
    /// Since when.
    pub since: Timestamp,
}

/// Why the store cannot be used.
#[derive(Debug)]
pub enum StoreError {
    /// Another run holds it.
    Locked {
        /// The file.
        path: PathBuf,
        /// By whom, if that could be read.
        holder: Option<Holder>,
    },
    /// A newer version of the program wrote it.
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema that this program knows.
        known: i64,
    },
    /// It is no store, or it is damaged.
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What was said.
        said: String,
    },
    /// It cannot be opened or created.
    Unusable {
        /// The file.
        path: PathBuf,
        /// What was said.
        said: String,
    },
    /// A row says something that it cannot say.
    Damaged(&'static str),
    /// A number that no forge has.
    TooLarge(u64),
    /// SQLite refused: a full disk, a read-only disk, a damaged file.
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked { path, holder } => {
                write!(f, "another run holds the store {}", path.display())?;
                match holder {
                    Some(holder) => {
                        write!(f, " (process {}, since {:.0}).", holder.pid, holder.since)
                    }
                    None => f.write_str("."),
                }
            }
            Self::Newer { path, found, known } => write!(
                f,
                "the store {} was written by a newer issue-mirror (schema {found}, this program knows {known}); update the program.",
                path.display()
            ),
            Self::Corrupt { path, said } => write!(
                f,
                "the store {} is damaged or no store of issue-mirror: {said}. Restore it from a backup, or move it away: the next pass then finds out from the target what is mirrored.",
                path.display()
            ),
            Self::Unusable { path, said } => {
                write!(
                    f,
                    "the store {} cannot be used: {said}. Make room, let this user write it and its directory, or name another file with --state.",
                    path.display()
                )
            }
            Self::Damaged(what) => write!(
                f,
                "the store holds {what} that cannot be; restore it from a backup, or move it away: the next pass then finds out from the target what is mirrored."
            ),
            Self::TooLarge(number) => write!(f, "the number {number} is too large for the store."),
            Self::Sql(error) => write!(f, "the store cannot be read or written: {error}."),
        }
    }
}

impl std::error::Error for StoreError {}
