//! One tracker on disk: every operation whole, in plain blocking calls.

mod identity;
mod links;
mod lock;
mod modes;
mod read;
mod version;
mod write;

pub(super) use identity::Identity;

use super::convert::{CommentFile, IssueFile, OUR_ACCOUNT};
use super::disk;
use super::layout;
use super::links::Book;
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{Comment, CommentId, Digest, Issue, IssueId, IssueNumber, Milestone, Version};
use lock::Writing;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

type Result<T> = std::result::Result<T, ForgeError>;

/// A tracker that was opened.
#[derive(Debug)]
pub(super) struct Tracker {
    root: PathBuf,
    url: Option<String>,
    /// There is no tracker yet, and in a trial run there will be none.
    absent: bool,
    /// `None` until the first write.
    writing: Mutex<Option<Writing>>,
    /// How the attachments looked from outside when they were last listed.
    files: Mutex<Option<Digest>>,
    /// What the issues said of each other when they were last looked through.
    links: Mutex<Option<Book>>,
}

/// A file of an issue's folder, read or not.
struct Entry {
    name: String,
    path: PathBuf,
    is_file: bool,
    is_folder: bool,
}

impl Tracker {
    pub(super) fn new(root: PathBuf, url: Option<String>, absent: bool) -> Self {
        Self {
            root,
            url,
            absent,
            writing: Mutex::new(None),
            files: Mutex::new(None),
            links: Mutex::new(None),
        }
    }

    fn issue_path(&self, number: IssueNumber) -> PathBuf {
        self.root
            .join(layout::issue_dir(number))
            .join(layout::ISSUE_FILE)
    }

    fn comment_path(&self, number: IssueNumber, id: CommentId) -> PathBuf {
        self.root
            .join(layout::issue_dir(number))
            .join(layout::comment_file(id))
    }

    fn issue_folders(&self) -> Result<Vec<Entry>> {
        let path = self.root.join(layout::ISSUES_DIR);
        match entries(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            other => other.map_err(|error| reading(&path, &error)),
        }
    }

    fn folder(&self, number: IssueNumber) -> Result<Vec<Entry>> {
        self.check_folder(number)?;
        let path = self.root.join(layout::issue_dir(number));
        entries(&path).map_err(|error| reading(&path, &error))
    }

    /// Fails if the folder of an issue is a link: what is behind it may be outside of the tracker.
    fn check_folder(&self, number: IssueNumber) -> Result<()> {
        for folder in [PathBuf::from(layout::ISSUES_DIR), layout::issue_dir(number)] {
            let path = self.root.join(folder);
            disk::no_link(&path).map_err(|error| reading(&path, &error))?;
        }
        Ok(())
    }

    fn issue(&self, number: IssueNumber, version: Version, file: IssueFile) -> Issue {
        let inside = layout::issue_dir(number).join(layout::ISSUE_FILE);
        Issue {
            id: IssueId(number.0),
            number,
            version,
            title: file.title,
            text: file.text,
            state: file.state,
            issue_type: file.issue_type,
            confidential: file.confidential,
            locked: file.locked,
            author: file.author,
            ours: file.posted_by.as_deref() == Some(OUR_ACCOUNT),
            created_at: file.created_at,
            closed_at: file.closed_at,
            closed_by: file.closed_by,
            labels: file.labels,
            milestone: file.milestone.map(Milestone::titled),
            iteration: file.iteration,
            epic: file.epic,
            assignees: file.assignees,
            weight: file.weight,
            due_date: file.due_date,
            start_date: None,
            health: None,
            reactions: (0, 0),
            time_estimate: file.time_estimate,
            time_spent: file.time_spent,
            web_url: self.page(&inside),
            location: self.root.join(inside).display().to_string(),
        }
    }

    fn comment(
        &self,
        number: IssueNumber,
        id: CommentId,
        name: &str,
        file: CommentFile,
    ) -> Comment {
        Comment {
            id,
            text: file.text,
            author: file.author,
            ours: file.posted_by.as_deref() == Some(OUR_ACCOUNT),
            created_at: file.created_at,
            internal: file.internal,
            reply_to: file.reply_to,
            web_url: self.page(&layout::issue_dir(number).join(name)),
        }
    }

    /// The page of an issue or a comment, where there are pages.
    pub(super) fn page_of(
        &self,
        number: IssueNumber,
        comment: Option<CommentId>,
    ) -> Option<String> {
        let file = comment.map_or_else(|| layout::ISSUE_FILE.to_owned(), layout::comment_file);
        self.page(&layout::issue_dir(number).join(file))
    }

    /// The page of a file, where `tracker.yaml` says that its files can be seen somewhere.
    fn page(&self, inside: &Path) -> Option<String> {
        let url = self.url.as_deref()?.trim_end_matches('/');
        Some(format!("{url}/{}", inside.display()))
    }
}

/// What lies in a folder, by name, without what is hidden.
fn entries(folder: &Path) -> io::Result<Vec<Entry>> {
    disk::no_link(folder)?;
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name: OsString = entry.file_name();
        let name = name.to_string_lossy().into_owned();
        if !name.starts_with('.') {
            let kind = entry.file_type()?;
            found.push(Entry {
                is_file: kind.is_file(),
                is_folder: kind.is_dir(),
                path: entry.path(),
                name,
            });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn reading(path: &Path, error: &io::Error) -> ForgeError {
    io_error(format!("reading {}", path.display()), error)
}

fn writing(path: &Path, error: &io::Error) -> ForgeError {
    io_error(format!("writing {}", path.display()), error)
}

fn malformed(path: &Path, problem: &dyn std::fmt::Display) -> ForgeError {
    ForgeError::new(
        ErrorKind::Malformed,
        format!("reading {}", path.display()),
        problem.to_string(),
    )
}

fn io_error(doing: String, error: &io::Error) -> ForgeError {
    let (kind, said) = match error.kind() {
        io::ErrorKind::NotFound => (ErrorKind::NotFound, "it is not there".to_owned()),
        io::ErrorKind::PermissionDenied => (
            ErrorKind::Denied,
            "the system does not allow it to this user".to_owned(),
        ),
        io::ErrorKind::InvalidData | io::ErrorKind::Other => {
            (ErrorKind::Malformed, error.to_string())
        }
        _ => (ErrorKind::Unavailable, error.to_string()),
    };
    ForgeError::new(kind, doing, said)
}
