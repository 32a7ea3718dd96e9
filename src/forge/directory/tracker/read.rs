//! What a tracker holds.

use super::version::digest_of_file;
use super::{Result, Tracker, malformed, reading};
use crate::forge::directory::convert::{CommentFile, IssueFile, parse_labels};
use crate::forge::directory::{disk, layout};
use crate::forge::{Download, ErrorKind, ForgeError, LocalFile};
use crate::model::{
    Attachment, Comment, Digest, FilesState, Issue, IssueId, IssueNumber, Label, Listed, Listing,
    Thread, Version,
};
use rustix::fs::Access;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

/// Up to so many bytes a file is read to see whether it changed.
const SMALL: u64 = 16 * 1024 * 1024;

/// So often an issue is read that changes meanwhile.
const ATTEMPTS: u32 = 5;

impl Tracker {
    pub(in crate::forge::directory) fn list(&self) -> Result<Listing> {
        // Files may have changed since the last listing.
        *self.files.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.links.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let mut listing = Listing {
            complete: true,
            ..Listing::default()
        };
        for entry in self.issue_folders()? {
            let number = layout::issue_number(&entry.name).filter(|_| entry.is_folder);
            let Some(number) = number else {
                listing.warnings.push(format!(
                    "{} is not read: an issue is a folder {}/N with {} in it.",
                    entry.path.display(),
                    layout::ISSUES_DIR,
                    layout::ISSUE_FILE
                ));
                continue;
            };
            // What cannot be read is an issue too: reading it will say why.
            let version = self.version(number).unwrap_or_else(|error| {
                Version(Digest::of(["unreadable", error.to_string().as_str()]))
            });
            listing.issues.push(Listed {
                id: IssueId(number.0),
                number,
                version,
            });
        }
        listing.issues.sort_by_key(|issue| issue.number);
        Ok(listing)
    }

    /// Whether the directory is a tracker still: a disk may have been taken away.
    pub(in crate::forge::directory) fn check(&self) -> Result<()> {
        if self.absent {
            return Ok(());
        }
        let path = self.root.join(layout::TRACKER_FILE);
        fs::metadata(&path)
            .map(drop)
            .map_err(|error| reading(&path, &error))
    }

    /// What it is like for this user. Nothing is tried: the system is asked.
    pub(in crate::forge::directory) fn state(&self) -> FilesState {
        let issues = self.root.join(layout::ISSUES_DIR);
        // What is not there yet is made in the nearest directory that is.
        let writable = [&issues, &self.root].into_iter().all(|path| {
            let mut there = path.ancestors().map(|path| match path.as_os_str() {
                name if name.is_empty() => Path::new("."),
                _ => path,
            });
            let there = there.find(|path| path.exists());
            there.is_some_and(|path| {
                let may = Access::WRITE_OK | Access::EXEC_OK;
                path.is_dir() && rustix::fs::access(path, may).is_ok()
            })
        });
        FilesState {
            exists: !self.absent,
            writable,
        }
    }

    /// The highest number of an issue; names suffice.
    pub(in crate::forge::directory) fn newest(&self) -> Result<Option<IssueId>> {
        let newest = self.numbers()?.into_iter().max();
        Ok(newest.map(|number| IssueId(number.0)))
    }

    pub(in crate::forge::directory) fn read(&self, number: IssueNumber) -> Result<Thread> {
        for _ in 0..ATTEMPTS {
            if let Some(thread) = self.read_once(number)? {
                return Ok(thread);
            }
        }
        let said = "it changes again and again while it is read";
        let doing = format!("reading {}", self.issue_path(number).display());
        Err(ForgeError::new(ErrorKind::Unavailable, doing, said))
    }

    /// An issue with its comments; `None` if it changed before they were read: it may have become
    /// confidential, and the comments be about that (P7).
    fn read_once(&self, number: IssueNumber) -> Result<Option<Thread>> {
        // Before the content: an edit in between makes the content newer than its version, and the
        // next listing shows the issue again. The other way round it would be lost.
        let version = self.version(number)?;
        let path = self.issue_path(number);
        let content = disk::read_text(&path).map_err(|error| reading(&path, &error))?;
        let file = IssueFile::parse(&content)
            .map_err(|problem| malformed(&path, &problem.told_of(&content, false)))?;
        let confidential = file.confidential;
        let mut comments: Vec<Comment> = Vec::new();
        for entry in self.folder(number)? {
            let Some(id) = layout::comment_id(&entry.name) else {
                continue;
            };
            let body =
                disk::read_text(&entry.path).map_err(|error| reading(&entry.path, &error))?;
            let file = CommentFile::parse(&body)
                .map_err(|problem| malformed(&entry.path, &problem.told_of(&body, confidential)))?;
            if comments.iter().any(|comment| comment.id == id) {
                return Err(malformed(
                    &entry.path,
                    &format!("two files are comment {id}; give one of them another number."),
                ));
            }
            // One that was deleted may still be named.
            if let Some(first) = file.reply_to.filter(|first| *first >= id) {
                let said = format!(
                    "`reply_to: {first}` in comment {id}: a comment answers an earlier one; name that."
                );
                return Err(malformed(&entry.path, &said));
            }
            comments.push(self.comment(number, id, &entry.name, file));
        }
        if !comments.is_empty() {
            let now = disk::read_text(&path).map_err(|error| reading(&path, &error))?;
            if now != content {
                return Ok(None);
            }
        }
        comments.sort_by_key(|comment| comment.id);
        name_first(&mut comments);
        Ok(Some(Thread {
            issue: self.issue(number, version, file),
            comments,
        }))
    }

    /// The numbers of all issues, also of those that are broken.
    pub(in crate::forge::directory) fn numbers(&self) -> Result<Vec<IssueNumber>> {
        let folders = self.issue_folders()?.into_iter();
        let numbers = folders.filter_map(|entry| layout::issue_number(&entry.name));
        Ok(numbers.collect())
    }

    /// These issues, also those that people broke.
    pub(in crate::forge::directory) fn issues(
        &self,
        numbers: &[IssueNumber],
    ) -> Result<Vec<Issue>> {
        let mut issues = Vec::new();
        for &number in numbers {
            let path = self.issue_path(number);
            let content = match disk::read_text(&path) {
                Ok(content) => content,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                // No text any more, but the key in it may be the one that is looked for.
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    let bytes = fs::read(&path).map_err(|error| reading(&path, &error))?;
                    String::from_utf8_lossy(&bytes).into_owned()
                }
                // Links and folders, which we never make.
                Err(error) if error.kind() == io::ErrorKind::Other => continue,
                Err(error) => return Err(reading(&path, &error)),
            };
            // Nobody compares it here, and the issue counts also where it cannot be worked out.
            let unread = Version(Digest::of(["unread"]));
            let version = self.version(number).unwrap_or(unread);
            match IssueFile::parse(&content) {
                Ok(file) => issues.push(self.issue(number, version, file)),
                // People broke it since; the key in it is still the key.
                Err(_) => issues.push(self.issue(number, version, IssueFile::unread(content))),
            }
        }
        Ok(issues)
    }

    pub(in crate::forge::directory) fn labels(&self) -> Result<Vec<Label>> {
        let path = self.root.join(layout::LABELS_FILE);
        match disk::read_text(&path) {
            Ok(content) => parse_labels(&content).map_err(|problem| malformed(&path, &problem)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(reading(&path, &error)),
        }
    }

    /// What links of one text lead to, where that is one of the tracker's attachments.
    pub(in crate::forge::directory) fn attachments(
        &self,
        number: IssueNumber,
        links: &[String],
    ) -> Vec<Option<Attachment>> {
        // A text may spell one in many ways, and each is read whole.
        let mut known: BTreeMap<PathBuf, Attachment> = BTreeMap::new();
        let found = links.iter().map(|link| {
            let inside = self.attachment_path(number, link)?;
            let found = match known.entry(inside) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let found = self.attachment(new.key());
                    new.insert(found)
                }
            };
            Some(found.clone())
        });
        found.collect()
    }

    /// An attachment, there or not. Small files are known by their bytes, large ones by length and
    /// time.
    fn attachment(&self, inside: &Path) -> Attachment {
        let stamp = match self.inside(inside) {
            Ok((_, meta)) if !meta.is_file() => None,
            Ok((real, meta)) if meta.len() <= SMALL => Some(
                digest_of_file(&real).unwrap_or_else(|error| Digest::of([&*error.to_string()])),
            ),
            Ok((real, meta)) => {
                let modified = format!("{:?}", meta.modified().ok());
                let size = meta.len().to_string();
                Some(Digest::of([&*real.to_string_lossy(), &size, &modified]))
            }
            Err(error) if error.kind == ErrorKind::NotFound => None,
            // Fetching it will say why.
            Err(error) => Some(Digest::of([&*error.to_string()])),
        };
        let mode = disk::mode_of(&self.root.join(inside)).ok().flatten();
        Attachment {
            place: inside.display().to_string(),
            stamp,
            private: mode.is_some_and(|mode| mode & 0o077 == 0),
            // A path of this machine says nothing to others.
            address: None,
        }
    }

    /// Where in the tracker an attachment lies, or would.
    fn attachment_path(&self, number: IssueNumber, link: &str) -> Option<PathBuf> {
        let inside = layout::link_path(number, link)?;
        if inside.starts_with(layout::ATTACHMENTS_DIR) {
            return Some(inside);
        }
        // A file that somebody laid beside the issue; links to other issues are none.
        let beside = inside.starts_with(layout::issue_dir(number))
            && inside.extension().is_none_or(|ending| ending != "md");
        (beside && self.root.join(&inside).is_file()).then_some(inside)
    }

    /// A file of the tracker. A link in its path may lead out of it, or to what is hidden.
    fn inside(&self, inside: &Path) -> Result<(PathBuf, fs::Metadata)> {
        let path = self.root.join(inside);
        let doing = |error: io::Error| reading(&path, &error);
        let real = fs::canonicalize(&path).map_err(doing)?;
        if real != fs::canonicalize(&self.root).map_err(doing)?.join(inside) {
            return Err(ForgeError::new(
                ErrorKind::Denied,
                format!("reading {}", path.display()),
                "there is a symbolic link in its path, which is not followed",
            ));
        }
        let meta = fs::metadata(&real).map_err(doing)?;
        Ok((real, meta))
    }

    pub(in crate::forge::directory) fn download(
        &self,
        number: IssueNumber,
        destination: &str,
        max_bytes: u64,
    ) -> Result<Download> {
        let inside = self.attachment_path(number, destination).ok_or_else(|| {
            ForgeError::new(
                ErrorKind::NotFound,
                format!("attachment {destination}"),
                "it is not in the tracker",
            )
        })?;
        let path = self.root.join(&inside);
        let doing = |error: io::Error| reading(&path, &error);
        let (real, meta) = self.inside(&inside)?;
        if !meta.is_file() {
            return Err(doing(io::Error::other("it is no file")));
        }
        if meta.len() > max_bytes {
            return Ok(Download::TooLarge { size: meta.len() });
        }
        let name = real
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        Ok(Download::File {
            digest: digest_of_file(&real).map_err(doing)?,
            name: layout::given_name(&name).to_owned(),
            path: LocalFile::kept(real),
        })
    }
}

/// Lets every comment of a thread name the first one that is there, whichever it answers itself.
/// `comments`: by id; each answers an earlier one, if any.
fn name_first(comments: &mut [Comment]) {
    let mut roots = BTreeMap::new();
    let mut firsts = BTreeMap::new();
    for comment in comments {
        let answered = comment.reply_to.unwrap_or(comment.id);
        let root = *roots.get(&answered).unwrap_or(&answered);
        roots.insert(comment.id, root);
        let first = *firsts.entry(root).or_insert(comment.id);
        comment.reply_to = (first != comment.id).then_some(first);
    }
}
