//! One tracker on disk: every operation whole, in plain blocking calls.

mod links;
mod read;
mod write;

use super::convert::{CommentFile, IssueFile, OUR_ACCOUNT};
use super::disk::{self, Writer};
use super::fields::Fields;
use super::front_matter::{self, Head};
use super::layout;
use super::links::Book;
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{Comment, CommentId, Digest, Issue, IssueId, IssueNumber, Milestone, Version};
use sha2::{Digest as _, Sha256};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

type Result<T> = std::result::Result<T, ForgeError>;

/// What `tracker.yaml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// Never changes; a copy gets its own.
    pub(super) id: String,
    /// What people call the tracker.
    pub(super) name: String,
    /// Where its files can be seen, if anywhere.
    pub(super) url: Option<String>,
}

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

#[derive(Debug)]
struct Writing {
    writer: Writer,
    counters: Counters,
}

/// The highest numbers ever given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counters {
    issue: u64,
    comment: u64,
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

    /// Reads `tracker.yaml`; `None` if there is none.
    pub(super) fn identity(root: &Path, default_name: &str) -> Result<Option<Identity>> {
        let path = root.join(layout::TRACKER_FILE);
        let content = match disk::read_text(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(reading(&path, &error)),
        };
        let parse = || {
            let mut fields = Fields::new(front_matter::file(&content)?);
            let format: Option<u64> = fields.number("format")?;
            let identity = Identity {
                id: fields.text("id")?.unwrap_or_default(),
                name: fields
                    .text("name")?
                    .unwrap_or_else(|| default_name.to_owned()),
                url: fields.text("url")?,
            };
            if format.is_some_and(|format| format > 1) {
                return Err(front_matter::FileProblem::new(
                    1,
                    "the tracker has a newer format than this version of issue-mirror knows; update it.",
                ));
            }
            fields.nothing_else()?;
            Ok(identity)
        };
        let identity = parse().map_err(|problem| malformed(&path, &problem))?;
        let is_id = |id: &str| {
            (4..=64).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if !is_id(&identity.id) {
            return Err(malformed(
                &path,
                &"it needs an `id:` of 4 to 64 letters, digits and hyphens that no other tracker has.",
            ));
        }
        Ok(Some(identity))
    }

    /// Writes `tracker.yaml` of a tracker that is begun here.
    pub(super) fn begin(root: &Path, identity: &Identity) -> Result<()> {
        let path = root.join(layout::TRACKER_FILE);
        let doing = |error: io::Error| writing(&path, &error);
        fs::create_dir_all(root.join(layout::ISSUES_DIR)).map_err(doing)?;
        let mut head = Head::default();
        head.raw("format", "1");
        head.text("id", &identity.id);
        head.text("name", &identity.name);
        Writer::open(root, &path)
            .and_then(|writer| writer.create(&path, head.into_yaml().as_bytes(), false))
            .map_err(doing)
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

    /// A digest of everything that belongs to an issue. Texts count by their bytes; other files by
    /// length and time, because they may be large. If a text seems to link to attachments, all of
    /// them count: which ones only its structure tells, and a listing reads no structure.
    fn version(&self, number: IssueNumber) -> Result<Version> {
        let mut hash = Sha256::new();
        let mut has_links = false;
        for entry in self.folder(number)? {
            hash.update(entry.name.as_bytes());
            hash.update([0]);
            let counts_by_bytes =
                entry.name == layout::ISSUE_FILE || layout::comment_id(&entry.name).is_some();
            if counts_by_bytes && entry.is_file {
                let doing = |error: io::Error| reading(&entry.path, &error);
                let bytes = fs::read(&entry.path).map_err(doing)?;
                has_links |= mentions_attachments(&bytes);
                hash.update(Digest::of_bytes([bytes.as_slice()]).as_bytes());
            } else {
                hash.update(look_of(&entry));
            }
        }
        if has_links {
            hash.update(self.files()?.as_bytes());
        }
        Ok(Version(Digest::of_bytes([hash.finalize().as_slice()])))
    }

    /// A digest of how the attachments look from outside.
    fn files(&self) -> Result<Digest> {
        let mut known = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(digest) = *known {
            return Ok(digest);
        }
        let path = self.root.join(layout::ATTACHMENTS_DIR);
        let mut hash = Sha256::new();
        match entries(&path) {
            Ok(entries) => {
                for entry in entries {
                    hash.update(entry.name.as_bytes());
                    hash.update([0]);
                    hash.update(look_of(&entry));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(reading(&path, &error)),
        }
        let digest = Digest::of_bytes([hash.finalize().as_slice()]);
        *known = Some(digest);
        Ok(digest)
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

/// Length and time of a file, or of all that is in a folder, to see that it changed without reading
/// it.
fn look_of(entry: &Entry) -> Vec<u8> {
    let mut look = match fs::symlink_metadata(&entry.path) {
        Ok(meta) => {
            let since = meta.modified().ok();
            let since = since.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
            let since = since.map_or(0, |since| since.as_nanos());
            [meta.len().to_le_bytes().as_slice(), &since.to_le_bytes()].concat()
        }
        Err(_) => Vec::new(),
    };
    if entry.is_folder {
        for inside in entries(&entry.path).unwrap_or_default() {
            look.extend(inside.name.as_bytes());
            look.push(0);
            look.extend(look_of(&inside));
        }
    }
    look
}

/// Whether a text may link to attachments, in whatever spelling.
fn mentions_attachments(text: &[u8]) -> bool {
    let name = layout::ATTACHMENTS_DIR.as_bytes();
    text.contains(&b'%') || text.windows(name.len()).any(|window| window == name)
}

fn digest_of_file(path: &Path) -> io::Result<Digest> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
    }
    let digest = hash.finalize();
    // Shortened like every digest of ours.
    Digest::from_bytes(&digest.as_slice()[..16]).ok_or_else(|| io::Error::other("no digest"))
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
