//! Opening a directory: as the tracker that it is, or as one that is begun there.

use super::Directory;
use super::tracker::{Identity, Tracker};
use crate::forge::{ErrorKind, ForgeError, Meter};
use crate::model::{Project, ProjectKey};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is going to be done with a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only read: it must be a tracker already.
    Read,
    /// Written: an empty or missing directory becomes a tracker.
    Write,
    /// Written, and a tracker already: if it is none any more, a disk is missing rather than that a
    /// new tracker was meant.
    Existing,
    /// Would be written if this were no trial: nothing is touched.
    Preview,
}

impl Directory {
    /// Opens a directory as a tracker.
    ///
    /// `name` is what a tracker without a name of its own is called: the project as the
    /// configuration names it, or the last part of its path.
    ///
    /// # Errors
    ///
    /// If it is to be read and is no tracker, if it is to be written and is something else than a
    /// tracker, or if the system refuses.
    pub fn open(root: PathBuf, name: &str, access: Access) -> Result<Self, ForgeError> {
        let found = Tracker::identity(&root, name)?;
        let absent = found.is_none() && access == Access::Preview;
        let identity = match found {
            Some(identity) => identity,
            None => begin(&root, name, access)?,
        };
        Ok(Self {
            project: Project {
                key: ProjectKey(format!("directory:{}", identity.id)),
                host: identity.name.clone(),
                name: identity.name,
                pages: None,
            },
            tracker: Arc::new(Tracker::new(root, identity.url, absent)),
            meter: Meter::default(),
        })
    }
}

/// Makes a tracker of a directory that is none yet.
fn begin(root: &Path, name: &str, access: Access) -> Result<Identity, ForgeError> {
    let identity = Identity {
        // A letter first, so that YAML never takes it for a number.
        id: std::iter::once('t')
            .chain(std::iter::repeat_with(|| {
                fastrand::alphanumeric().to_ascii_lowercase()
            }))
            .take(16)
            .collect(),
        name: name.to_owned(),
        url: None,
    };
    let failed = |kind, said: String| {
        Err(ForgeError::new(
            kind,
            format!("opening {}", root.display()),
            said,
        ))
    };
    let is_there = root.exists();
    if access == Access::Existing {
        return failed(
            ErrorKind::NotFound,
            "at the last pass a tracker was here, and now there is none; is a disk missing? A new tracker is begun in another place only".to_owned(),
        );
    }
    if access == Access::Read {
        return if is_there {
            failed(
                ErrorKind::Malformed,
                format!(
                    "it is no tracker yet; put a file tracker.yaml in it that says:\n  format: 1\n  id: {}\n  name: {name}\n(the id may be anything that no other tracker has, and must not change later)",
                    identity.id
                ),
            )
        } else {
            failed(ErrorKind::NotFound, "there is no such directory".to_owned())
        };
    }
    let has_content = is_there
        && std::fs::read_dir(root)
            .map_err(|error| {
                ForgeError::new(
                    ErrorKind::Denied,
                    format!("opening {}", root.display()),
                    error.to_string(),
                )
            })?
            .flatten()
            .any(|entry| {
                // An empty folder is what a beginning leaves that was interrupted.
                let is_empty = || {
                    let inside = std::fs::read_dir(entry.path());
                    inside.is_ok_and(|mut inside| inside.next().is_none())
                };
                let name = entry.file_name();
                let counts = name != "issues" || !is_empty();
                counts && !name.to_string_lossy().starts_with('.')
            });
    if has_content {
        return failed(
            ErrorKind::Rejected,
            "it holds other files and no tracker.yaml; name an empty directory or one that does not exist yet".to_owned(),
        );
    }
    if access == Access::Write {
        Tracker::begin(root, &identity)?;
    }
    Ok(identity)
}
