//! The version of an issue: a digest of what its files say, because they have no times of change.

use super::{Entry, Result, Tracker, entries, reading};
use crate::forge::directory::layout;
use crate::model::{Digest, IssueNumber, Version};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::PoisonError;

impl Tracker {
    /// A digest of everything that belongs to an issue. Texts count by their bytes; other files by
    /// length and time, because they may be large. If a text seems to link to attachments, all of
    /// them count: which ones only its structure tells, and a listing reads no structure.
    pub(super) fn version(&self, number: IssueNumber) -> Result<Version> {
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
pub(super) fn mentions_attachments(text: &[u8]) -> bool {
    let name = layout::ATTACHMENTS_DIR.as_bytes();
    text.contains(&b'%') || text.windows(name.len()).any(|window| window == name)
}

/// A digest of what a file holds, read in pieces.
pub(super) fn digest_of_file(path: &Path) -> io::Result<Digest> {
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
