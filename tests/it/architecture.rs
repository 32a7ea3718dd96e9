//! The import rule of the crate's documentation, enforced.

use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// For each room the rooms that it may import. Arrows go down only.
const MAY_IMPORT: [(&str, &[&str]); 11] = [
    ("model", &[]),
    ("text", &[]),
    ("plan", &["model", "text"]),
    ("store", &["model"]),
    ("forge", &["model"]),
    ("forge/*", &["forge", "model", "text"]),
    ("config", &["model", "text", "plan::policy"]),
    ("sync", &["plan", "store", "forge", "model", "text"]),
    ("connect", &["config", "forge", "forge/*", "text"]),
    ("report", &["sync", "plan", "model"]),
    (
        "cli",
        &[
            "config",
            "connect",
            "store",
            "sync",
            "report",
            "plan::policy",
            "model",
        ],
    ),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The room of a file: `forge/*` for a forge of its own, else the first part of its path.
fn room(relative: &Path) -> String {
    let parts: Vec<&str> = relative
        .iter()
        .map(|part| part.to_str().unwrap().trim_end_matches(".rs"))
        .collect();
    match parts.as_slice() {
        ["forge", "error"] => "forge".to_owned(),
        ["forge", _, ..] => "forge/*".to_owned(),
        [first, ..] => (*first).to_owned(),
        [] => unreachable!(),
    }
}

/// The code of a file without comments and without its tests, which may look where they like.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap().to_owned();
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// What follows `crate::` in a file, `{…}` groups taken apart.
fn imports(code: &str) -> BTreeSet<String> {
    let path = Regex::new(r"\bcrate::([a-z_]+)(?:::([a-z_]+))?").unwrap();
    let group = Regex::new(r"\bcrate::\{([^;]*)\};").unwrap();
    let first = Regex::new(r"(?:^|,)\s*([a-z_]+)").unwrap();
    let mut found: BTreeSet<String> = path
        .captures_iter(code)
        .map(|import| match import.get(2) {
            Some(second) => format!("{}::{}", &import[1], second.as_str()),
            None => import[1].to_owned(),
        })
        .collect();
    for import in group.captures_iter(code) {
        found.extend(
            first
                .captures_iter(&import[1])
                .map(|name| name[1].to_owned()),
        );
    }
    found
}

#[test]
fn arrows_go_down_only() {
    let may: BTreeMap<&str, &[&str]> = MAY_IMPORT.into_iter().collect();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for path in sources(&root()) {
        let relative = path.strip_prefix(root()).unwrap();
        let room = room(relative);
        if room == "lib" || room == "main" {
            continue;
        }
        let allowed = may[room.as_str()];
        seen.insert(room.clone());
        for import in imports(&code(&path)) {
            let (first, second) = import.split_once("::").unwrap_or((&import, ""));
            let forge = first == "forge" && second == "directory";
            let own = first == room || (room == "forge/*" && forge);
            let fine = own
                || (allowed.contains(&first) && !forge)
                || allowed.contains(&import.as_str())
                || (forge && allowed.contains(&"forge/*"));
            if !fine {
                wrong.push(format!("{} imports {import}", relative.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(seen.len(), MAY_IMPORT.len(), "a room is missing: {seen:?}");
}

#[test]
fn only_the_store_says_sql_and_only_the_command_line_prints() {
    let sql = Regex::new(r"\b(SELECT|INSERT|UPDATE|DELETE) |rusqlite").unwrap();
    let prints = Regex::new(r"println!|std::io::std(out|err)|anstream::std").unwrap();
    for path in sources(&root()) {
        let relative = path.strip_prefix(root()).unwrap();
        let room = room(relative);
        let code = code(&path);
        assert!(
            room == "store" || !sql.is_match(&code),
            "SQL in {}",
            relative.display()
        );
        assert!(
            room == "cli" || !prints.is_match(&code),
            "{} prints",
            relative.display()
        );
    }
}

#[test]
fn the_plan_knows_no_clock_no_chance_and_no_effects() {
    for path in sources(&root().join("plan"))
        .into_iter()
        .chain(sources(&root().join("text")))
    {
        let code = code(&path);
        for word in [
            "async ", "tokio", "fastrand", "std::fs", "::now()", "HashMap",
        ] {
            assert!(!code.contains(word), "{} has {word}", path.display());
        }
    }
}

#[test]
fn the_rule_finds_what_it_forbids() {
    let found =
        imports("use crate::store::Store;\nuse crate::{plan, sync::Pass};\ncrate::cli::run()");
    for import in ["store", "plan", "sync", "cli::run"] {
        assert!(
            found.iter().any(|name| name.starts_with(import)),
            "{import} in {found:?}"
        );
    }
}
