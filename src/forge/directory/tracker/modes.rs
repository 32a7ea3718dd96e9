//! Who may read which file: what is confidential or internal is private, and so is an attachment that only
//! such texts link to (P7).

use super::version::mentions_attachments;
use super::{Entry, Result, Tracker, reading, writing};
use crate::forge::directory::convert::{CommentFile, IssueFile};
use crate::forge::directory::disk::{self, PRIVATE};
use crate::forge::directory::layout;
use crate::model::IssueNumber;
use crate::text::read::Read;
use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

impl Tracker {
    /// Makes the comments of an issue private, those too that cannot be read.
    pub(super) fn hide_comments(&self, number: IssueNumber) -> Result<()> {
        for entry in self.comment_entries(number)? {
            disk::set_mode(&entry.path, PRIVATE).map_err(|error| writing(&entry.path, &error))?;
        }
        Ok(())
    }

    /// Makes the comments of an issue public that are not internal themselves.
    pub(super) fn show_comments(&self, number: IssueNumber) -> Result<()> {
        let public = self.public_mode()?;
        for entry in self.comment_entries(number)? {
            let content = disk::read_text(&entry.path).unwrap_or_default();
            if CommentFile::parse(&content).is_ok_and(|file| !file.internal) {
                let doing = |error: io::Error| writing(&entry.path, &error);
                disk::set_mode(&entry.path, public).map_err(doing)?;
            }
        }
        Ok(())
    }

    fn comment_entries(&self, number: IssueNumber) -> Result<Vec<Entry>> {
        let mut entries = self.folder(number)?;
        entries.retain(|entry| layout::comment_id(&entry.name).is_some());
        Ok(entries)
    }

    /// The attachments that the texts of an issue link to.
    pub(super) fn files_of_issue(&self, number: IssueNumber) -> Result<BTreeSet<PathBuf>> {
        let mut files = BTreeSet::new();
        for (text, _) in self.texts(number, false)? {
            files.append(&mut files_in(number, &text));
        }
        Ok(files)
    }

    /// The texts of an issue that can be read, and whether each is public. `shown`: the issue is
    /// about to be.
    fn texts(&self, number: IssueNumber, shown: bool) -> Result<Vec<(String, bool)>> {
        let Ok(issue) = disk::read_text(&self.issue_path(number)) else {
            return Ok(Vec::new());
        };
        let hides = IssueFile::parse(&issue).map_or(true, |file| file.confidential);
        let confidential = hides && !shown;
        let mut texts = vec![(issue, !confidential)];
        for entry in self.comment_entries(number)? {
            if let Ok(text) = disk::read_text(&entry.path) {
                let internal = CommentFile::parse(&text).map_or(true, |file| file.internal);
                texts.push((text, !confidential && !internal));
            }
        }
        Ok(texts)
    }

    /// Makes attachments public that a public text of any issue links to, and the others private.
    /// `shown`: an issue that is about to be public.
    pub(super) fn set_modes_of_files(
        &self,
        files: &BTreeSet<PathBuf>,
        shown: Option<IssueNumber>,
    ) -> Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        let mut public = BTreeSet::new();
        for entry in self.issue_folders()? {
            let Some(number) = layout::issue_number(&entry.name).filter(|_| entry.is_folder) else {
                continue;
            };
            for (text, is_public) in self.texts(number, shown == Some(number))? {
                if is_public && mentions_attachments(text.as_bytes()) {
                    public.append(&mut files_in(number, &text));
                }
            }
        }
        let public_mode = self.public_mode()?;
        for file in files {
            let mode = if public.contains(file) {
                public_mode
            } else {
                PRIVATE
            };
            let path = self.root.join(file);
            disk::set_mode(&path, mode).map_err(|error| writing(&path, &error))?;
        }
        Ok(())
    }

    /// Who may read and write what is public: whoever may with the tracker itself.
    pub(super) fn public_mode(&self) -> Result<u32> {
        let path = self.root.join(layout::TRACKER_FILE);
        let mode = disk::mode_of(&path).map_err(|error| reading(&path, &error))?;
        Ok(mode.unwrap_or(PRIVATE) & 0o666)
    }
}

/// The attachments that a text of an issue links to, from the tracker.
pub(super) fn files_in(number: IssueNumber, text: &str) -> BTreeSet<PathBuf> {
    Read::of(text)
        .destinations()
        .into_iter()
        .filter_map(|link| layout::link_path(number, link))
        .filter(|inside| inside.starts_with(layout::ATTACHMENTS_DIR))
        .collect()
}
