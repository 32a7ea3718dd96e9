//! Manual mappings, listed.

use super::style::{DIM, paint, plain};
use crate::model::{Mapped, Mapping};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A line per mapping.
pub fn render(kind: Mapped, mappings: &[Mapping]) -> String {
    if mappings.is_empty() {
        return format!("no {} is mapped by hand.\n", kind.word());
    }
    let widest = |text: fn(&Mapping) -> &str| {
        let widths = mappings.iter().map(|mapping| text(mapping).chars().count());
        widths.max().unwrap_or(0)
    };
    let (source, target) = (widest(|m| &m.source), widest(shown));
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
                shown(mapping),
                paint(DIM, &scope)
            )
        })
        .collect()
}

/// The target for people.
fn shown(mapping: &Mapping) -> &str {
    mapping.target.as_deref().unwrap_or("(not carried)")
}

#[derive(Serialize)]
struct Row<'a> {
    pair: Option<&'a str>,
    source: &'a str,
    target: Option<&'a str>,
}

/// For a machine.
pub fn render_json(mappings: &[Mapping]) -> String {
    let rows: Vec<Row<'_>> = mappings
        .iter()
        .map(|mapping| Row {
            pair: mapping.pair.as_deref(),
            source: &mapping.source,
            target: mapping.target.as_deref(),
        })
        .collect();
    // Texts always become JSON.
    let mut text = serde_json::to_string_pretty(&rows).unwrap_or_default();
    text.push('\n');
    text
}

/// As the configuration has them: `users:`, `labels:` or `milestones:` of `defaults` and of each pair. A pair that has its own
/// takes none from `defaults`, so those for every pair stand there too.
pub fn render_yaml(kind: Mapped, mappings: &[Mapping]) -> String {
    let every = || mappings.iter().filter(|mapping| mapping.pair.is_none());
    let key = format!("{}s", kind.word());
    let mut out = String::new();
    if every().next().is_some() {
        out.push_str(&format!("defaults:\n  {key}:\n"));
    }
    for mapping in every() {
        out.push_str(&format!("    {}\n", line(mapping)));
    }
    let pairs: BTreeSet<&str> = mappings.iter().filter_map(|m| m.pair.as_deref()).collect();
    if !pairs.is_empty() {
        out.push_str("pairs:\n");
    }
    for pair in pairs {
        out.push_str(&format!("  - name: {}\n    {key}:\n", quoted(pair)));
        let own = mappings.iter().filter(|m| m.pair.as_deref() == Some(pair));
        let names: BTreeMap<&str, &Mapping> =
            every().chain(own).map(|m| (m.source.as_str(), m)).collect();
        for mapping in names.values() {
            out.push_str(&format!("      {}\n", line(mapping)));
        }
    }
    out
}

fn line(mapping: &Mapping) -> String {
    let target = mapping.target.as_deref().map(quoted);
    let target = target.unwrap_or_else(|| "null".to_owned());
    format!("{}: {target}", quoted(&mapping.source))
}

/// JSON's texts are YAML's too.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
