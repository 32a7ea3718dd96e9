//! Files that are read whole and appear whole.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// More than any forge takes for one text; a larger file is no issue but a mistake.
const LARGEST_TEXT: u64 = 16 * 1024 * 1024;

/// Where files are made before they are moved to their place.
const STAGING_DIR: &str = ".staging";

/// Reads a text file that somebody else may have put there: no link is followed, and it must be
/// UTF-8.
pub(super) fn read_text(path: &Path) -> io::Result<String> {
    let meta = fs::symlink_metadata(path)?;
    if meta.is_symlink() {
        return Err(link());
    }
    if !meta.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    if meta.len() > LARGEST_TEXT {
        return Err(io::Error::other(format!(
            "it is larger than {} MiB",
            LARGEST_TEXT / 1024 / 1024
        )));
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(LARGEST_TEXT)
        .read_to_end(&mut bytes)?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.split(|byte| *byte == b'\n').count();
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("line {line}: it is not UTF-8"),
        )
    })
}

/// What its owner alone may read.
pub(super) const PRIVATE: u32 = 0o600;

/// Writes into a tracker. Every file is made in a staging folder on the same disk, synced, and then
/// renamed, so that a reader sees the old file or the new one and never a part. Nobody else may read
/// it before it is at its place.
#[derive(Debug)]
pub(super) struct Writer {
    staging: PathBuf,
    /// Who may read and write what is public: whoever may with the tracker itself. `None` while that
    /// is not there yet: as the system has it for new files.
    public: Option<u32>,
}

impl Writer {
    /// Removes what a killed run left. The tracker must be locked. `identity`: the file that makes it
    /// a tracker.
    pub(super) fn open(root: &Path, identity: &Path) -> io::Result<Self> {
        let staging = root.join(STAGING_DIR);
        match fs::remove_dir_all(&staging) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let public = mode_of(identity)?.map(|mode| mode & 0o666);
        Ok(Self { staging, public })
    }

    /// Writes a file, in place of any that is there. Who may read it stays as it was, unless it is
    /// `private`: then its owner alone.
    pub(super) fn replace(&self, path: &Path, content: &[u8], private: bool) -> io::Result<()> {
        let mode = match (private, mode_of(path)?) {
            (true, _) => Some(PRIVATE),
            (false, Some(mode)) => Some(mode),
            (false, None) => self.public,
        };
        self.replace_as(path, content, mode)
    }

    /// Writes a file, in place of any that is there, as public as the tracker.
    pub(super) fn publish(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        self.replace_as(path, content, self.public)
    }

    fn replace_as(&self, path: &Path, content: &[u8], mode: Option<u32>) -> io::Result<()> {
        let staged = self.stage(content, mode)?;
        staged.persist(path).map_err(|error| error.error)?;
        sync_parent(path)
    }

    /// Writes a file in place of any that is there, and leaves it to the system when it reaches the
    /// disk: for what can be worked out again.
    pub(super) fn replace_unsynced(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        let mut staged = self.staged(self.public)?;
        staged.write_all(content)?;
        set_mode_of(&staged, self.public)?;
        staged.persist(path).map(drop).map_err(|error| error.error)
    }

    /// Writes a file where there is none; `AlreadyExists` if there is one.
    pub(super) fn create(&self, path: &Path, content: &[u8], private: bool) -> io::Result<()> {
        let staged = self.stage(content, self.mode(private))?;
        staged
            .persist_noclobber(path)
            .map_err(|error| error.error)?;
        sync_parent(path)
    }

    /// Makes a folder with one file in it; `Ok(false)` if a folder with something in it is there
    /// already.
    pub(super) fn create_folder(
        &self,
        folder: &Path,
        file: &str,
        content: &[u8],
        private: bool,
    ) -> io::Result<bool> {
        fs::create_dir_all(&self.staging)?;
        let staged = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o777))
            .tempdir_in(&self.staging)?;
        let path = staged.path().join(file);
        self.stage(content, self.mode(private))?
            .persist(&path)
            .map_err(|error| error.error)?;
        sync_parent(&path)?;
        match fs::rename(staged.path(), folder) {
            Ok(()) => {
                // It is not there any more under the name that would be cleaned up.
                let _ = staged.keep();
                sync_parent(folder)?;
                Ok(true)
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::DirectoryNotEmpty
                        | io::ErrorKind::AlreadyExists
                        | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Copies a file, without holding it in memory.
    pub(super) fn copy(&self, from: &Path, to: &Path, private: bool) -> io::Result<()> {
        let mode = self.mode(private);
        let mut staged = self.staged(mode)?;
        io::copy(&mut File::open(from)?, &mut staged)?;
        set_mode_of(&staged, mode)?;
        staged.as_file().sync_all()?;
        staged.persist(to).map_err(|error| error.error)?;
        sync_parent(to)
    }

    fn mode(&self, private: bool) -> Option<u32> {
        if private { Some(PRIVATE) } else { self.public }
    }

    fn stage(&self, content: &[u8], mode: Option<u32>) -> io::Result<tempfile::NamedTempFile> {
        if content.len() as u64 > LARGEST_TEXT {
            let longest = LARGEST_TEXT / 1024 / 1024;
            return Err(io::Error::other(format!(
                "it would be larger than {longest} MiB"
            )));
        }
        let mut staged = self.staged(mode)?;
        staged.write_all(content)?;
        set_mode_of(&staged, mode)?;
        staged.as_file().sync_all()?;
        Ok(staged)
    }

    /// A file for its owner alone, until it is known who may read it.
    fn staged(&self, mode: Option<u32>) -> io::Result<tempfile::NamedTempFile> {
        fs::create_dir_all(&self.staging)?;
        let mode = if mode.is_some() { PRIVATE } else { 0o666 };
        tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(mode))
            .tempfile_in(&self.staging)
    }
}

fn set_mode_of(staged: &tempfile::NamedTempFile, mode: Option<u32>) -> io::Result<()> {
    match mode {
        Some(mode) if mode != PRIVATE => {
            let permissions = fs::Permissions::from_mode(mode);
            staged.as_file().set_permissions(permissions)
        }
        _ => Ok(()),
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // With something in it, it stays: then the next writer clears it away.
        let _ = fs::remove_dir(&self.staging);
    }
}

/// Fails for a folder that is a link, because what is behind it may be anywhere.
pub(super) fn no_link(folder: &Path) -> io::Result<()> {
    if fs::symlink_metadata(folder)?.is_symlink() {
        return Err(link());
    }
    Ok(())
}

fn link() -> io::Error {
    io::Error::other("it is a symbolic link, which is not followed")
}

/// Who may read and write a file; `None` if it is not there.
pub(super) fn mode_of(path: &Path) -> io::Result<Option<u32>> {
    match fs::symlink_metadata(path) {
        Ok(meta) => Ok(Some(meta.permissions().mode() & 0o777)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Changes who may read and write a file, if it is one and no link.
pub(super) fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_file() && meta.permissions().mode() & 0o777 != mode => {
            fs::set_permissions(path, fs::Permissions::from_mode(mode))
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// A new name is only there for good once its folder is synced.
pub(super) fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o077
    }

    #[test]
    fn files_appear_whole_with_their_mode() {
        let root = tempfile::tempdir().unwrap();
        let writer = Writer::open(root.path(), &root.path().join("tracker.yaml")).unwrap();
        let path = root.path().join("a");
        writer.create(&path, b"1", true).unwrap();
        assert_eq!(mode(&path), 0);
        assert_eq!(
            writer.create(&path, b"2", true).unwrap_err().kind(),
            io::ErrorKind::AlreadyExists
        );
        writer.replace(&path, b"3", false).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"3");
        assert_eq!(mode(&path), 0, "private it stays");
        set_mode(&path, 0o664).unwrap();
        writer.replace(&path, b"4", false).unwrap();
        assert_eq!(mode(&path), 0o064, "whatever the umask is");
        writer.replace(&path, b"5", true).unwrap();
        assert_eq!(mode(&path), 0);
        drop(writer);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_is_made_once() {
        let root = tempfile::tempdir().unwrap();
        let writer = Writer::open(root.path(), &root.path().join("tracker.yaml")).unwrap();
        let folder = root.path().join("7");
        assert!(writer.create_folder(&folder, "f", b"1", false).unwrap());
        assert!(!writer.create_folder(&folder, "f", b"2", false).unwrap());
        assert_eq!(fs::read(folder.join("f")).unwrap(), b"1");
    }

    #[test]
    fn leftovers_of_a_killed_run_go_away() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(STAGING_DIR)).unwrap();
        fs::write(root.path().join(STAGING_DIR).join("x"), "half").unwrap();
        Writer::open(root.path(), &root.path().join("tracker.yaml")).unwrap();
        assert!(!root.path().join(STAGING_DIR).exists());
    }

    #[test]
    fn links_and_foreign_bytes_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let (file, link) = (root.path().join("f"), root.path().join("l"));
        fs::write(&file, b"a\nb\xff").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let said = |path: &Path| read_text(path).unwrap_err().to_string();
        assert_eq!(said(&file), "line 2: it is not UTF-8");
        assert_eq!(said(&link), "it is a symbolic link, which is not followed");
    }
}
