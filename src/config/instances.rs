//! `instances:`, the servers and directories.

use super::problem::{Problems, looks_like_a_token};
use super::section::{Section, text};
use crate::text::yaml::{Key, Node, Place, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A server of some forge, or a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its key in the file.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

/// What an instance is, with what it takes to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Trackers kept as files below this path.
    Directory {
        /// Where they are.
        path: PathBuf,
    },
}

/// The instances of a file.
#[derive(Debug, Default)]
pub(super) struct Instances {
    /// Those that can be used.
    pub(super) ready: BTreeMap<String, Instance>,
    /// All that are named, so that a pair is not told that one is missing which is only wrong.
    pub(super) named: BTreeSet<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Forge {
    Directory,
}

pub(super) fn read(node: Option<Node>, base: &Path, problems: &mut Problems) -> Instances {
    let mut instances = Instances::default();
    let Some(section) = node else {
        let start = Place {
            line: 1,
            column: 1,
            span: 0..0,
        };
        problems.add(
            start,
            "the file has no `instances`",
            "add `instances:` with at least one entry, such as `here: { forge: directory, path: . }`",
        );
        return instances;
    };
    let entries: Vec<(Key, Node)> = match section.value {
        Value::Map(entries) => entries,
        other => {
            problems.add(
                section.place,
                format!("`instances` must be a mapping, found {}", other.kind()),
                "expected one entry per server, such as `prod: { forge: …, url: … }`",
            );
            return instances;
        }
    };
    for (key, node) in entries {
        instances.named.insert(key.name.clone());
        let what = format!("the instance `{}`", key.name);
        let Some(mut section) = Section::of(node, what, problems) else {
            continue;
        };
        if let Some(kind) = kind(&mut section, &key, base, problems) {
            let name = key.name.clone();
            instances.ready.insert(key.name, Instance { name, kind });
        }
        section.finish(problems);
    }
    instances
}

fn kind(section: &mut Section, key: &Key, base: &Path, problems: &mut Problems) -> Option<Kind> {
    literal_tokens(section, problems);
    let forge = section.word(
        "forge",
        &[
            ("directory", Some(Forge::Directory)),
            ("gitlab", None),
            ("github", None),
            ("gitea", None),
            ("forgejo", None),
            ("bitbucket-export", None),
        ],
        problems,
    );
    let path = section.take("path").and_then(|node| {
        let place = node.place.clone();
        let path = text("path", node, problems)?;
        if path.starts_with('~') {
            problems.add(
                place,
                format!("`path` cannot be `{path}`"),
                "only a shell knows what `~` is; write the whole path",
            );
            return None;
        }
        Some(path)
    });
    match forge {
        Some(Forge::Directory) => {
            for name in SERVER_KEYS {
                if let Some(node) = section.take(name) {
                    problems.add(
                        node.place,
                        format!("`{name}` means nothing for a directory"),
                        "a directory has only `path`",
                    );
                }
            }
            if path.is_none() && !section.says("path") {
                problems.add(
                    key.place.clone(),
                    format!("the instance `{}` has no `path`", key.name),
                    "add `path: ./somewhere`",
                );
            }
            path.map(|path| Kind::Directory {
                // Without the `.` in its middle, because people are shown it.
                path: base.join(path).components().collect(),
            })
        }
        None => {
            if !section.says("forge") {
                problems.add(
                    key.place.clone(),
                    format!("the instance `{}` has no `forge`", key.name),
                    "add `forge: directory`",
                );
            }
            // What a server needs is known, and only the forge is reported.
            for name in SERVER_KEYS {
                section.take(name);
            }
            None
        }
    }
}

/// What a server needs and a directory does not.
const SERVER_KEYS: [&str; 9] = [
    "url",
    "token_env",
    "token_file",
    "token_command",
    "ca_file",
    "requests_per_minute",
    "timeout_seconds",
    "trusted_authors",
    "aliases",
];

/// A token does not belong in a file that lies in a repository.
fn literal_tokens(section: &mut Section, problems: &mut Problems) {
    const HELP: &str = "name where it is kept: `token_env: NAME`, `token_file: PATH` or `token_command: [pass, show, NAME]`";
    for (key, node) in section.take_where(|key, value| {
        let named = matches!(
            key,
            "token" | "private_token" | "access_token" | "password" | "secret"
        );
        let looks = match value {
            Value::Text(text) => looks_like_a_token(text),
            _ => false,
        };
        named || looks
    }) {
        let place = if matches!(node.value, Value::Null) {
            key.place
        } else {
            node.place
        };
        problems.add(place, format!("`{}` holds a token itself", key.name), HELP);
    }
}
