//! Tables that are written as data, whose cells are Markdown if they say so
//! (gitlabhq, lib/banzai/filter/json_table_filter.rb, code_language_filter.rb).

use super::{html, markdown};
use regex::{Captures, Regex};
use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// A page with the tables that blocks of code in it become. It is not sanitised yet, so raw HTML may
/// hold such a block too.
pub(super) fn shown(page: &str, version: Version) -> String {
    static BLOCK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?s)<pre(?P<outer>[^>]*)>\s*<code(?P<inner>[^>]*)>(?P<data>.*?)</code>\s*</pre>",
        )
        .expect("a pattern")
    });
    let table = |found: &Captures<'_>| {
        let attributes = format!("{}{}", &found["outer"], &found["inner"]);
        let table = is_table(&attributes).then(|| of_data(&html::decoded(&found["data"]), version));
        table.flatten().unwrap_or_else(|| found[0].to_owned())
    };
    BLOCK.replace_all(page, table).into_owned()
}

/// How a table is made of its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// Cell by cell.
    Now,
    /// As one text, a table of Markdown.
    Earlier,
}

fn is_table(attributes: &str) -> bool {
    static ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?P<name>[a-z-]+)=["']?(?P<value>[^"'>]*)"#).expect("a pattern")
    });
    let (mut language, mut parameters) = (String::new(), Vec::new());
    for found in ATTRIBUTE.captures_iter(attributes) {
        let value = html::decoded(&found["value"]);
        let words = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        match &found["name"] {
            "lang" => {
                let (name, more) = value.split_once(':').unwrap_or((&value, ""));
                name.clone_into(&mut language);
                parameters.extend(words(more));
            }
            "data-canonical-lang" => language = value,
            "data-meta" | "data-lang-params" => parameters.extend(words(&value)),
            _ => {}
        }
    }
    language == "json" && parameters.iter().any(|one| one == "table")
}

fn of_data(data: &str, version: Version) -> Option<String> {
    let data: Value = serde_json::from_str(data).ok()?;
    let is_markdown = !matches!(data.get("markdown")?, Value::Null | Value::Bool(false));
    let items: Vec<&Map<String, Value>> = data
        .get("items")?
        .as_array()?
        .iter()
        .map(Value::as_object)
        .collect::<Option<_>>()?;
    let first = items.first().filter(|_| is_markdown)?;
    let fields: Vec<(String, String)> = match data.get("fields").and_then(Value::as_array) {
        Some(fields) => fields.iter().map(field).collect(),
        None => first.keys().map(|key| (key.clone(), key.clone())).collect(),
    };
    let cell = |item: &Map<String, Value>, key: &str| item.get(key).map_or_else(String::new, said);
    let mut out = String::from("<table>");
    if let Some(caption) = data.get("caption").map(said) {
        let _ = write!(out, "<caption>{}</caption>", markdown::plain(&caption));
    }
    if version == Version::Earlier {
        let labels: Vec<&str> = fields.iter().map(|(_, label)| label.as_str()).collect();
        let mut table = format!(
            "| {} |\n{}|\n",
            labels.join(" | "),
            "| --- ".repeat(labels.len())
        );
        for item in items {
            let row: Vec<String> = fields.iter().map(|(key, _)| cell(item, key)).collect();
            let _ = writeln!(table, "| {} |", row.join(" | "));
        }
        return Some(format!("{out}</table>{}", markdown::plain(&table)));
    }
    for (_, label) in &fields {
        let label = label.replace('&', "&amp;").replace('<', "&lt;");
        let _ = write!(out, "<th>{label}</th>");
    }
    for item in items {
        for (key, _) in &fields {
            let _ = write!(out, "<td>{}</td>", markdown::plain(&cell(item, key)));
        }
    }
    Some(out + "</table>")
}

/// Its key, and what is shown above its column.
fn field(field: &Value) -> (String, String) {
    let key = field.get("key").map_or_else(String::new, said);
    let label = field.get("label").map_or_else(|| key.clone(), said);
    (key, label)
}

fn said(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
