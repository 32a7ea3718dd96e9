//! `tracker.yaml`: what makes a directory a tracker, and what it says of it.

use super::{Result, Tracker, malformed, reading, writing};
use crate::forge::directory::disk::{self, Writer};
use crate::forge::directory::fields::Fields;
use crate::forge::directory::front_matter::{self, Head};
use crate::forge::directory::layout;
use std::fs;
use std::io;
use std::path::Path;

/// What `tracker.yaml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::forge::directory) struct Identity {
    /// Never changes; a copy gets its own.
    pub(in crate::forge::directory) id: String,
    /// What people call the tracker.
    pub(in crate::forge::directory) name: String,
    /// Where its files can be seen, if anywhere.
    pub(in crate::forge::directory) url: Option<String>,
}

impl Tracker {
    /// Reads `tracker.yaml`; `None` if there is none.
    pub(in crate::forge::directory) fn identity(
        root: &Path,
        default_name: &str,
    ) -> Result<Option<Identity>> {
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
    pub(in crate::forge::directory) fn begin(root: &Path, identity: &Identity) -> Result<()> {
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
}
