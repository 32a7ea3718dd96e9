//! The YAML file: from what somebody wrote to what is ready to use.
//!
//! * `section` takes a mapping apart key by key and remembers what it was asked for, so that
//!   what is left over is unknown.
//! * `instances`, `settings` and `pairs` say what the keys mean and check them.
//! * `problem` shows what is wrong: every problem at once, each with its line, and no secret that
//!   stands in it.
//!
//! Nothing downstream asks whether a value is set or of the right form.

mod inert_keys;
mod instances;
mod pairs;
mod problem;
mod section;
mod settings;

pub use crate::text::duration::parse as parse_duration;
pub use instances::{Instance, Kind, Server, TokenSource};
pub use pairs::{End, Pair};
pub use problem::{Problem, Problems};

use crate::text::yaml;
use section::Section;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A configuration that is ready to use.
#[derive(Clone, Debug)]
pub struct Config {
    /// The store.
    pub state: PathBuf,
    /// Instances by the key they have in the file.
    pub instances: BTreeMap<String, Instance>,
    /// Pairs in the order of the file.
    pub pairs: Vec<Pair>,
}

impl Config {
    /// Reads a configuration. `base` is the directory that relative paths start from: that of the
    /// file.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn parse(text: &str, base: &Path) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let document = match yaml::parse(text) {
            Ok(document) => document,
            Err(error) => {
                let line = text.lines().nth(error.place.line.saturating_sub(1));
                let indent = line.map_or("", |line| &line[..line.len() - line.trim_start().len()]);
                let help = if indent.contains('\t') {
                    "indent with blanks; YAML takes no tabs"
                } else {
                    ""
                };
                problems.add(error.place, error.message, help);
                return Err(problems);
            }
        };
        for duplicate in document.duplicates {
            problems.add(duplicate.place, duplicate.message, "remove one of the two");
        }
        let config = read(document.root, base, &mut problems);
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(problems),
        }
    }
}

fn read(root: yaml::Node, base: &Path, problems: &mut Problems) -> Option<Config> {
    let mut file = Section::of(root, "the file", problems)?;
    let state = file.text("state", problems);
    file.not_yet("notify", problems);
    let instances = instances::read(file.take("instances"), base, problems);
    let defaults = file
        .take("defaults")
        .and_then(|node| Section::of(node, "`defaults`", problems));
    let pairs = pairs::read(file.take("pairs"), defaults, &instances, problems);
    file.finish(problems);
    Some(Config {
        state: base.join(state.as_deref().unwrap_or("issue-mirror.db")),
        instances: instances.ready,
        pairs,
    })
}

/// Every key that a pair or `defaults` may have, carried out or not. A test compares
/// `mirror.example.yaml` with it.
pub fn pair_keys() -> Vec<&'static str> {
    let mut section = Section::empty();
    let _ = settings::Settings::read(&mut section, &mut Problems::default());
    section.asked()
}

#[cfg(test)]
mod tests;
