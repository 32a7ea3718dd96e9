//! What is written into a tracker, while no other program writes into it.

use super::modes::files_in;
use super::{Entry, Result, Tracker, malformed, reading, writing};
use crate::forge::directory::convert::{CommentFile, IssueFile, render_labels};
use crate::forge::directory::disk::{self, PRIVATE};
use crate::forge::directory::layout;
use crate::forge::{ErrorKind, ForgeError, Upload};
use crate::model::{
    Comment, CommentId, CommentPatch, Issue, IssueNumber, Label, NewComment, NewIssue, Patch,
};
use std::fs;
use std::io;

impl Tracker {
    pub(in crate::forge::directory) fn create_issue(&self, new: &NewIssue) -> Result<Issue> {
        let file = IssueFile::new(new);
        let number = self.write(|writing| {
            let issues = self.root.join(layout::ISSUES_DIR);
            fs::create_dir_all(&issues)
                .and_then(|()| disk::no_link(&issues))
                .map_err(|error| self::writing(&issues, &error))?;
            loop {
                let number = match new.number {
                    Some(asked) => asked,
                    None => IssueNumber(writing.counters.issue + 1),
                };
                writing.counters.issue = writing.counters.issue.max(number.0);
                let folder = self.root.join(layout::issue_dir(number));
                let made = writing.writer.create_folder(
                    &folder,
                    layout::ISSUE_FILE,
                    file.render().as_bytes(),
                    file.confidential,
                );
                match made {
                    Ok(true) => {
                        self.save(writing).map_err(ForgeError::of_unknown_fate)?;
                        return Ok(number);
                    }
                    Ok(false) if new.number.is_some() => {
                        return Err(ForgeError::new(
                            ErrorKind::Rejected,
                            format!("writing {}", folder.display()),
                            format!("the number {number} is taken"),
                        ));
                    }
                    Ok(false) => {}
                    Err(error) => {
                        let failed = self::writing(&folder, &error);
                        return Err(if folder.exists() {
                            failed.of_unknown_fate()
                        } else {
                            failed
                        });
                    }
                }
            }
        })?;
        let version = self.version(number).map_err(ForgeError::of_unknown_fate)?;
        Ok(self.issue(number, version, file))
    }

    pub(in crate::forge::directory) fn update_issue(
        &self,
        number: IssueNumber,
        patch: &Patch,
    ) -> Result<Issue> {
        let path = self.issue_path(number);
        let doing = |error: io::Error| writing(&path, &error);
        let file = self.write(|writing| {
            let (content, mut file) = self.issue_file(number)?;
            let hid = file.confidential;
            file.apply(patch);
            // What belongs to it first: if we die in between, the issue itself still says what is
            // left to be done.
            if patch.confidential == Some(true) {
                self.hide_comments(number)?;
            }
            let rendered = file.render();
            if hid && !file.confidential {
                self.show_comments(number)?;
                let files = self.files_of_issue(number)?;
                self.set_modes_of_files(&files, Some(number))?;
                writing
                    .writer
                    .publish(&path, rendered.as_bytes())
                    .map_err(doing)?;
            } else if rendered != content || patch.confidential == Some(true) {
                writing
                    .writer
                    .replace(&path, rendered.as_bytes(), file.confidential)
                    .map_err(doing)?;
            }
            if !hid && file.confidential {
                self.set_modes_of_files(&self.files_of_issue(number)?, None)?;
            }
            Ok(file)
        })?;
        Ok(self.issue(number, self.version(number)?, file))
    }

    pub(in crate::forge::directory) fn create_comment(
        &self,
        number: IssueNumber,
        new: &NewComment,
    ) -> Result<Comment> {
        let mut file = CommentFile::new(new);
        let there = |id: &&CommentId| self.comment_entry(number, **id).is_ok();
        file.reply_to = new.reply_to.iter().find(there).copied();
        let id = self.write(|writing| {
            let (_, parent) = self.issue_file(number)?;
            let private = file.internal || parent.confidential;
            loop {
                writing.counters.comment += 1;
                let id = CommentId(writing.counters.comment);
                let path = self.comment_path(number, id);
                match writing
                    .writer
                    .create(&path, file.render().as_bytes(), private)
                {
                    Ok(()) => {
                        self.save(writing).map_err(ForgeError::of_unknown_fate)?;
                        return Ok(id);
                    }
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    Err(error) => {
                        let failed = self::writing(&path, &error);
                        return Err(if path.exists() {
                            failed.of_unknown_fate()
                        } else {
                            failed
                        });
                    }
                }
            }
        })?;
        Ok(self.comment(number, id, &layout::comment_file(id), file))
    }

    pub(in crate::forge::directory) fn update_comment(
        &self,
        number: IssueNumber,
        id: CommentId,
        patch: &CommentPatch,
    ) -> Result<Comment> {
        let entry = self.comment_entry(number, id)?;
        let file = self.write(|writing| {
            let doing = |error: io::Error| reading(&entry.path, &error);
            let content = disk::read_text(&entry.path).map_err(doing)?;
            let mut file = CommentFile::parse(&content).map_err(|problem| {
                // A private file is one of what is hidden.
                let hidden = disk::mode_of(&entry.path).ok().flatten() == Some(PRIVATE);
                malformed(&entry.path, &problem.told_of(&content, hidden))
            })?;
            file.text.clone_from(&patch.body);
            if let Some(author) = &patch.author {
                file.author.clone_from(author);
            }
            let rendered = file.render();
            if rendered != content {
                writing
                    .writer
                    .replace(&entry.path, rendered.as_bytes(), file.internal)
                    .map_err(|error| self::writing(&entry.path, &error))?;
            }
            Ok(file)
        })?;
        Ok(self.comment(number, id, &entry.name, file))
    }

    pub(in crate::forge::directory) fn delete_issue(&self, number: IssueNumber) -> Result<()> {
        let folder = self.root.join(layout::issue_dir(number));
        // That it is an issue of this tracker, and no link to somewhere else.
        self.read(number)?;
        self.write(|_| {
            disk::no_link(&folder)
                .and_then(|()| fs::remove_dir_all(&folder))
                .and_then(|()| disk::sync_parent(&folder))
                .map_err(|error| writing(&folder, &error))
        })
    }

    pub(in crate::forge::directory) fn delete_comment(
        &self,
        number: IssueNumber,
        id: CommentId,
    ) -> Result<()> {
        let entry = self.comment_entry(number, id)?;
        self.write(|_| {
            let text = fs::read(&entry.path).unwrap_or_default();
            let files = files_in(number, &String::from_utf8_lossy(&text));
            fs::remove_file(&entry.path)
                .and_then(|()| disk::sync_parent(&entry.path))
                .map_err(|error| writing(&entry.path, &error))?;
            self.set_modes_of_files(&files, None)
        })
    }

    pub(in crate::forge::directory) fn write_label(
        &self,
        label: &Label,
        replace: bool,
    ) -> Result<()> {
        self.write(|writing| {
            let mut labels = self.labels()?;
            match labels.iter_mut().find(|known| known.name == label.name) {
                Some(_) if !replace => return Ok(()),
                Some(known) => known.clone_from(label),
                None => labels.push(label.clone()),
            }
            let path = self.root.join(layout::LABELS_FILE);
            writing
                .writer
                .replace(&path, render_labels(&labels).as_bytes(), false)
                .map_err(|error| self::writing(&path, &error))
        })
    }

    pub(in crate::forge::directory) fn upload(&self, file: &Upload) -> Result<String> {
        let name = layout::attachment_name(&file.name, &file.digest);
        let folder = self.root.join(layout::ATTACHMENTS_DIR);
        let path = folder.join(&name);
        self.write(|writing| {
            let doing = |error: io::Error| self::writing(&path, &error);
            fs::create_dir_all(&folder)
                .and_then(|()| disk::no_link(&folder))
                .map_err(doing)?;
            match disk::mode_of(&path).map_err(doing)? {
                None => writing.writer.copy(&file.path, &path, file.private),
                // What a public text links to is public.
                Some(PRIVATE) if !file.private => disk::set_mode(&path, self.public_mode()?),
                Some(_) => Ok(()),
            }
            .map_err(doing)
        })?;
        Ok(format!("{}{name}", layout::ATTACHMENT_PREFIX))
    }

    /// Reads an issue that is about to be changed: its content and what that says.
    pub(super) fn issue_file(&self, number: IssueNumber) -> Result<(String, IssueFile)> {
        self.check_folder(number)?;
        let path = self.issue_path(number);
        let content = disk::read_text(&path).map_err(|error| reading(&path, &error))?;
        let file = IssueFile::parse(&content)
            .map_err(|problem| malformed(&path, &problem.told_of(&content, false)))?;
        Ok((content, file))
    }

    /// The file of a comment, however many zeros its name has.
    fn comment_entry(&self, number: IssueNumber, id: CommentId) -> Result<Entry> {
        self.folder(number)?
            .into_iter()
            .find(|entry| layout::comment_id(&entry.name) == Some(id))
            .ok_or_else(|| {
                ForgeError::new(
                    ErrorKind::NotFound,
                    format!("writing {}", self.comment_path(number, id).display()),
                    "the file is not there any more",
                )
            })
    }
}
