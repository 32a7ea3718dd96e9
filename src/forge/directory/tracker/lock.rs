//! Writing while no other program writes into a tracker, and the highest numbers that were ever given.

use super::{Result, Tracker, malformed, reading, writing};
use crate::forge::directory::disk::{self, Writer};
use crate::forge::directory::fields::Fields;
use crate::forge::directory::front_matter::{self, Head};
use crate::forge::directory::layout;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::PoisonError;

/// What it takes to write.
#[derive(Debug)]
pub(super) struct Writing {
    pub(super) writer: Writer,
    pub(super) counters: Counters,
}

/// The highest numbers ever given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    pub(super) issue: u64,
    pub(super) comment: u64,
}

impl Tracker {
    /// Runs a write while no other program writes into the tracker.
    pub(super) fn write<T>(&self, work: impl FnOnce(&mut Writing) -> Result<T>) -> Result<T> {
        let mut guard = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let _lock = Lock::take(&self.root)?;
        if guard.is_none() {
            let identity = self.root.join(layout::TRACKER_FILE);
            let writer =
                Writer::open(&self.root, &identity).map_err(|error| writing(&self.root, &error))?;
            let counters = self.highest()?;
            *guard = Some(Writing { writer, counters });
        }
        let Some(writing) = guard.as_mut() else {
            unreachable!("it was just filled");
        };
        // Another program may have written since.
        let saved = self.saved_counters()?;
        writing.counters.issue = writing.counters.issue.max(saved.issue);
        writing.counters.comment = writing.counters.comment.max(saved.comment);
        work(writing)
    }

    /// The highest numbers that lie on disk, in use or used up.
    fn highest(&self) -> Result<Counters> {
        let mut counters = self.saved_counters()?;
        for entry in self.issue_folders()? {
            let Some(number) = layout::issue_number(&entry.name) else {
                continue;
            };
            counters.issue = counters.issue.max(number.0);
            for file in self.folder(number).unwrap_or_default() {
                if let Some(id) = layout::comment_id(&file.name) {
                    counters.comment = counters.comment.max(id.0);
                }
            }
        }
        Ok(counters)
    }

    fn saved_counters(&self) -> Result<Counters> {
        let path = self.root.join(layout::COUNTERS_FILE);
        let content = match disk::read_text(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Counters::default());
            }
            Err(error) => return Err(reading(&path, &error)),
        };
        let parse = || {
            let mut fields = Fields::new(front_matter::file(&content)?);
            let counters = Counters {
                issue: fields.number("last_issue")?.unwrap_or(0),
                comment: fields.number("last_comment")?.unwrap_or(0),
            };
            fields.nothing_else()?;
            Ok(counters)
        };
        parse().map_err(|problem: front_matter::FileProblem| malformed(&path, &problem))
    }

    /// Writes the highest numbers down, so that what is deleted later leaves none free.
    pub(super) fn save(&self, writing: &Writing) -> Result<()> {
        let path = self.root.join(layout::COUNTERS_FILE);
        let mut head = Head::default();
        head.raw("last_issue", &writing.counters.issue.to_string());
        head.raw("last_comment", &writing.counters.comment.to_string());
        writing
            .writer
            .replace_unsynced(&path, head.into_yaml().as_bytes())
            .map_err(|error| self::writing(&path, &error))
    }
}

/// Keeps other programs from writing into a tracker; the system frees it when we end, however.
struct Lock {
    /// Held open for as long as the lock is to last.
    _file: File,
}

impl Lock {
    fn take(root: &Path) -> Result<Self> {
        let path = root.join(layout::TRACKER_FILE);
        let doing = |error: io::Error| writing(&path, &error);
        let file = File::open(&path).map_err(doing)?;
        file.lock().map_err(doing)?;
        Ok(Self { _file: file })
    }
}
