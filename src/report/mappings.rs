//! Manual mappings, listed.

use super::style::{DIM, paint, plain};
use crate::model::UserMapping;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A line per mapping.
pub fn render(mappings: &[UserMapping]) -> String {
    if mappings.is_empty() {
        return "no user is mapped by hand.\n".to_owned();
    }
    let widest = |text: fn(&UserMapping) -> &str| {
        let widths = mappings.iter().map(|mapping| text(mapping).chars().count());
        widths.max().unwrap_or(0)
    };
    let (source, target) = (widest(|m| &m.source), widest(|m| &m.target));
    mappings
        .iter()
        .map(|mapping| {
            let scope = match &mapping.pair {
                Some(pair) => format!("for {}", plain(pair)),
                None => "for every pair".to_owned(),
            };
            format!(
                "{:<source$}  ->  {:<target$}  {}\n",
                mapping.source,
                mapping.target,
                paint(DIM, &scope)
            )
        })
        .collect()
}

#[derive(Serialize)]
struct Row<'a> {
    pair: Option<&'a str>,
    source: &'a str,
    target: &'a str,
}

/// For a machine.
pub fn render_json(mappings: &[UserMapping]) -> String {
    let rows: Vec<Row<'_>> = mappings
        .iter()
        .map(|mapping| Row {
            pair: mapping.pair.as_deref(),
            source: &mapping.source,
            target: &mapping.target,
        })
        .collect();
    // Texts always become JSON.
    let mut text = serde_json::to_string_pretty(&rows).unwrap_or_default();
    text.push('\n');
    text
}

/// As the configuration has them: `users:` of `defaults` and of each pair. A pair that has its own
/// takes none from `defaults`, so those for every pair stand there too.
pub fn render_yaml(mappings: &[UserMapping]) -> String {
    let every = || mappings.iter().filter(|mapping| mapping.pair.is_none());
    let mut out = String::new();
    if every().next().is_some() {
        out.push_str("defaults:\n  users:\n");
    }
    for mapping in every() {
        out.push_str(&format!("    {}\n", line(mapping)));
    }
    let pairs: BTreeSet<&str> = mappings.iter().filter_map(|m| m.pair.as_deref()).collect();
    if !pairs.is_empty() {
        out.push_str("pairs:\n");
    }
    for pair in pairs {
        out.push_str(&format!("  - name: {}\n    users:\n", quoted(pair)));
        let own = mappings.iter().filter(|m| m.pair.as_deref() == Some(pair));
        let users: BTreeMap<&str, &UserMapping> =
            every().chain(own).map(|m| (m.source.as_str(), m)).collect();
        for mapping in users.values() {
            out.push_str(&format!("      {}\n", line(mapping)));
        }
    }
    out
}

fn line(mapping: &UserMapping) -> String {
    format!("{}: {}", quoted(&mapping.source), quoted(&mapping.target))
}

/// JSON's texts are YAML's too.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
