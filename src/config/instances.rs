//! `instances:`, the servers and directories.

use super::problem::{Problems, START, looks_like_a_token};
use super::section::{Section, text};
use crate::text::yaml::{Key, Node, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

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
    /// A GitLab server.
    Gitlab(Server),
}

/// How a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where it is, with the relative address if there is one.
    pub url: Url,
    /// Where the token is kept.
    pub token: TokenSource,
    /// Certificates that are trusted too.
    pub ca_file: Option<PathBuf>,
    /// Never more requests a minute than this.
    pub requests_per_minute: Option<u64>,
    /// A request that takes longer has failed.
    pub timeout: Duration,
    /// Accounts whose markers count like those of the token's own, because they were its before.
    pub trusted_authors: Vec<String>,
    /// Addresses that it had before, without scheme, the oldest first.
    pub aliases: Vec<String>,
}

/// Where a token is kept: never in the file itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// In this environment variable.
    Env(String),
    /// In this file.
    File(PathBuf),
    /// This program prints it.
    Command(Vec<String>),
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
    Gitlab,
}

pub(super) fn read(node: Option<Node>, base: &Path, problems: &mut Problems) -> Instances {
    let mut instances = Instances::default();
    let Some(section) = node else {
        problems.add(
            START,
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
            ("gitlab", Some(Forge::Gitlab)),
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
        Some(Forge::Gitlab) => {
            if section.says("path") {
                problems.add(
                    key.place.clone(),
                    "`path` means nothing for a server",
                    "a server has `url` and a token",
                );
            }
            server(section, key, base, problems).map(Kind::Gitlab)
        }
        None => {
            if !section.says("forge") {
                problems.add(
                    key.place.clone(),
                    format!("the instance `{}` has no `forge`", key.name),
                    "add `forge: gitlab` or `forge: directory`",
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

fn server(
    section: &mut Section,
    key: &Key,
    base: &Path,
    problems: &mut Problems,
) -> Option<Server> {
    let url = url(section, key, problems);
    let token = token(section, key, base, problems);
    let ca_file = section.text("ca_file", problems);
    let requests_per_minute = section.number("requests_per_minute", 1..=100_000, problems);
    let timeout = section.number("timeout_seconds", 1..=3600, problems);
    let trusted_authors = section.texts("trusted_authors", problems);
    let aliases = aliases(section, problems);
    Some(Server {
        url: url?,
        token: token?,
        ca_file: ca_file.map(|path| base.join(path)),
        requests_per_minute,
        timeout: Duration::from_secs(timeout.unwrap_or(60)),
        trusted_authors: trusted_authors
            .unwrap_or_default()
            .into_iter()
            .map(|name| name.trim_start_matches('@').to_owned())
            .collect(),
        aliases,
    })
}

/// Former addresses, as keys of projects have them: host, port if it is not the usual one, and the
/// path below it.
fn aliases(section: &mut Section, problems: &mut Problems) -> Vec<String> {
    let mut aliases = Vec::new();
    for node in section.list("aliases", problems).unwrap_or_default() {
        let place = node.place.clone();
        let Some(alias) = text("aliases", node, problems) else {
            continue;
        };
        let url = match alias.split_once("://") {
            Some(_) => Url::parse(&alias),
            None => Url::parse(&format!("https://{alias}")),
        };
        match url.ok().and_then(|url| address(&url)) {
            Some(address) => aliases.push(address),
            None => problems.add(
                place,
                format!("`aliases` cannot hold `{alias}`"),
                "expected hosts such as `old.example.com`",
            ),
        }
    }
    aliases
}

/// Host, port if it is not the usual one, and path of an address.
fn address(url: &Url) -> Option<String> {
    let mut address = url.host_str()?.to_owned();
    if let Some(port) = url.port() {
        address.push_str(&format!(":{port}"));
    }
    let path = url.path().trim_matches('/');
    if !path.is_empty() {
        address.push_str(&format!("/{path}"));
    }
    Some(address)
}

fn url(section: &mut Section, key: &Key, problems: &mut Problems) -> Option<Url> {
    const HELP: &str = "expected an address such as `https://gitlab.example.com`";
    let Some(node) = section.take("url") else {
        if !section.says("url") {
            let said = format!("the instance `{}` has no `url`", key.name);
            problems.add(key.place.clone(), said, "add `url: https://…`");
        }
        return None;
    };
    let place = node.place.clone();
    let written = text("url", node, problems)?;
    let url = Url::parse(&written).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    let Some(url) = url else {
        problems.add(place, "`url` is no address of a server", HELP);
        return None;
    };
    if !url.username().is_empty() || url.password().is_some() {
        problems.add(
            place,
            "`url` holds an account",
            "name where the token is kept instead",
        );
        return None;
    }
    if url.path().trim_end_matches('/').ends_with("/api/v4") {
        problems.add(place, "`url` leads to the API", "leave out `/api/v4`");
        return None;
    }
    Some(url)
}

/// Where the token is kept: in exactly one place.
fn token(
    section: &mut Section,
    key: &Key,
    base: &Path,
    problems: &mut Problems,
) -> Option<TokenSource> {
    let mut found = Vec::new();
    found.extend(section.text("token_env", problems).map(TokenSource::Env));
    let file = section.text("token_file", problems);
    found.extend(file.map(|path| TokenSource::File(base.join(path))));
    let before = problems.count();
    if let Some(words) = section.texts("token_command", problems) {
        if words.is_empty() && problems.count() == before {
            let said = "`token_command` names no program";
            problems.add(key.place.clone(), said, "expected `[pass, show, NAME]`");
        }
        found.extend((!words.is_empty()).then_some(TokenSource::Command(words)));
    }
    let said = ["token_env", "token_file", "token_command"];
    let said = said.iter().filter(|name| section.says(name)).count();
    match (said, found.pop()) {
        (1, found) => found,
        (0, _) => {
            let said = format!("the instance `{}` has no token", key.name);
            let help =
                "add `token_env: NAME`, `token_file: PATH` or `token_command: [pass, show, NAME]`";
            problems.add(key.place.clone(), said, help);
            None
        }
        _ => {
            let said = format!("the instance `{}` has several tokens", key.name);
            let help = "keep one of `token_env`, `token_file` and `token_command`";
            problems.add(key.place.clone(), said, help);
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
