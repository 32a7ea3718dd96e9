//! Manual mappings, listed.

use super::style::{DIM, paint};
use crate::model::UserMapping;
use serde::Serialize;

/// A line per mapping.
pub fn render(mappings: &[UserMapping]) -> String {
    if mappings.is_empty() {
        return "no user is mapped by hand.\n".to_owned();
    }
    let width = mappings
        .iter()
        .map(|mapping| mapping.source.chars().count())
        .max()
        .unwrap_or(0);
    mappings
        .iter()
        .map(|mapping| {
            let scope = match &mapping.pair {
                Some(pair) => format!("for {pair}"),
                None => "for every pair".to_owned(),
            };
            format!(
                "{:<width$}  ->  {}  {}\n",
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

/// As the configuration has them: lines for `users:` of `defaults` and of each pair.
pub fn render_yaml(mappings: &[UserMapping]) -> String {
    let mut out = String::new();
    let mut scope = None;
    for mapping in mappings {
        if scope != Some(&mapping.pair) {
            scope = Some(&mapping.pair);
            out.push_str(&match &mapping.pair {
                None => "# for every pair, below `defaults:`\nusers:\n".to_owned(),
                Some(pair) => format!("# below the pair {pair}\nusers:\n"),
            });
        }
        out.push_str(&format!(
            "  {}: {}\n",
            quoted(&mapping.source),
            quoted(&mapping.target)
        ));
    }
    out
}

/// JSON's texts are YAML's too.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
