//! From configuration to forges: the only place that names every forge.

use crate::config::{Config, End, Instance, Kind};
use crate::forge::directory::{Access, Directory};
use crate::forge::{ErrorKind, Forge, ForgeError};
use crate::text::path::project_path;
use std::path::{Path, PathBuf};

/// Opens the end of a pair that is read.
///
/// # Errors
///
/// If the project cannot be reached or read.
pub fn source(config: &Config, end: &End) -> Result<Box<dyn Forge>, ForgeError> {
    open(config, end, Access::Read)
}

/// Where the end of a pair is looked for, in words that stay the same for as long as it is there.
///
/// # Errors
///
/// If the configuration names no place.
pub fn place(config: &Config, end: &End) -> Result<String, ForgeError> {
    let (instance, root) = root(config, end)?;
    // Another way to the same directory is the same place.
    let path = std::fs::canonicalize(&root)
        .or_else(|_| std::path::absolute(&root))
        .unwrap_or(root);
    match &instance.kind {
        Kind::Directory { .. } => Ok(format!("directory:{}", path.display())),
    }
}

/// Opens the end of a pair that is written. `preview`: it is only a trial, so nothing is touched.
/// `known`: a project was there before, so it must be there still.
///
/// # Errors
///
/// If the project cannot be reached or written.
pub fn target(
    config: &Config,
    end: &End,
    preview: bool,
    known: bool,
) -> Result<Box<dyn Forge>, ForgeError> {
    let access = match (known, preview) {
        (true, _) => Access::Existing,
        (false, true) => Access::Preview,
        (false, false) => Access::Write,
    };
    open(config, end, access)
}

fn open(config: &Config, end: &End, access: Access) -> Result<Box<dyn Forge>, ForgeError> {
    let (instance, root) = root(config, end)?;
    match &instance.kind {
        Kind::Directory { path } => {
            let name = name(&end.project, path, &instance.name);
            Ok(Box::new(Directory::open(root, &name, access)?))
        }
    }
}

/// The instance of an end, and the directory that it is.
fn root<'a>(config: &'a Config, end: &End) -> Result<(&'a Instance, PathBuf), ForgeError> {
    let Some(instance) = config.instances.get(&end.instance) else {
        return Err(ForgeError::new(
            ErrorKind::Unsupported,
            format!("opening {}", end.project),
            format!("there is no instance `{}`", end.instance),
        ));
    };
    match &instance.kind {
        Kind::Directory { path } => {
            let Some(inside) = project_path(&end.project) else {
                return Err(ForgeError::new(
                    ErrorKind::Rejected,
                    format!("opening {}", end.project),
                    "it is no path inside the instance",
                ));
            };
            let root = if inside.as_os_str().is_empty() {
                path.clone()
            } else {
                path.join(inside)
            };
            Ok((instance, root))
        }
    }
}

/// What a tracker is called that has no name of its own.
fn name(project: &str, path: &Path, instance: &str) -> String {
    if project != "." {
        return project.to_owned();
    }
    match path.file_name().and_then(|name| name.to_str()) {
        Some(name) if name != "." && name != ".." => name.to_owned(),
        _ => instance.to_owned(),
    }
}
