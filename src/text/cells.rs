//! Tables that are written as data, in a block of code that the forge shows as a table: their cells
//! are Markdown, where they say so, and what stands in them is no code.
//!
//! GitLab knows them as ```` ```json:table ```` (its `lib/banzai/filter/json_table_filter.rb`). Every
//! string in one is read like a text of its own, and stays a string.

use super::edits::{self, Change};
use super::escape::JOINER;
use super::flow::Flow;
use super::inert;
use super::rewrite::{self, Rules};
use super::structure::{self, Structure};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Whether a block of code with such words behind its fence may be one.
pub(super) fn is_table(info: &str) -> bool {
    info.contains("json") && info.contains("table")
}

/// Where the strings in such blocks stand, with their quotes, in order.
fn strings<'a>(text: &'a str, structure: &'a Structure) -> impl Iterator<Item = Range<usize>> + 'a {
    static STRING: LazyLock<Regex> =
        LazyLock::new(|| structure::regex(r#""(?:[^"\\\n]|\\[^\n])*""#));
    // A letter of that word could be written otherwise.
    let is_markdown = |data: &&Range<usize>| {
        let data = &text[(*data).clone()];
        data.contains("markdown") || data.contains("\\u")
    };
    let says_so = structure.tables.iter().any(|data| is_markdown(&data));
    let tables = if says_so { &structure.tables[..] } else { &[] };
    tables.iter().flat_map(|data| {
        let found = STRING.find_iter(&text[data.clone()]);
        found.map(|found| data.start + found.start()..data.start + found.end())
    })
}

/// Where strings stand that hold what they say as it is, without their quotes.
pub(super) fn plain<'a>(
    text: &'a str,
    structure: &'a Structure,
) -> impl Iterator<Item = Range<usize>> + 'a {
    strings(text, structure)
        .map(|string| string.start + 1..string.end - 1)
        .filter(|inside| !text[inside.clone()].contains('\\'))
}

/// What must change in the cells of a text.
pub(super) fn changes(text: &str, structure: &Structure, rules: &Rules<'_>) -> Vec<Change> {
    let rules = Rules {
        front_matter: false,
        quick_actions: false,
        ..*rules
    };
    // Raw HTML makes such a table, too, with whatever stands for a character. It stays code.
    let is_data = |value: &&Range<usize>| {
        let value = inert::decoded(text, (*value).clone());
        value.text().contains("json") && !value.text().starts_with(JOINER)
    };
    let acts = rules.mentions || rules.references;
    let languages = structure.languages.iter();
    let languages = languages.filter(is_data).filter(|_| acts);
    let mut changes: Vec<Change> = languages
        .map(|value| (value.start..value.start, JOINER.into()))
        .collect();
    for string in strings(text, structure) {
        let inside = string.start + 1..string.end - 1;
        let cell = &text[inside.clone()];
        if cell.contains('\\') {
            changes.extend(written(&text[string.clone()], &rules).map(|now| (string, now)));
            continue;
        }
        let here = |at: usize| inside.start + at;
        changes.extend(
            of_cell(cell, &rules)
                .into_iter()
                .map(|(range, now)| (here(range.start)..here(range.end), quoted(&now).into())),
        );
    }
    changes
}

/// What stands instead of a string in which something is written otherwise than it reads.
fn written(string: &str, rules: &Rules<'_>) -> Option<std::borrow::Cow<'static, str>> {
    let cell: String = serde_json::from_str(string).ok()?;
    let changes = of_cell(&cell, rules);
    if changes.is_empty() {
        return None;
    }
    let now = edits::apply(&cell, changes).text;
    Some(format!("\"{}\"", quoted(&now)).into())
}

fn of_cell(cell: &str, rules: &Rules<'_>) -> Vec<Change> {
    let mut changes = rewrite::changes(cell, rules);
    // Earlier versions made one text of all cells, and what would end a cell did.
    if cell.contains(['|', '\n']) {
        let mut flow = Flow::default();
        flow.say(cell, 0..cell.len());
        changes.extend(inert::text(cell, &flow, &Structure::default(), rules));
    }
    changes
}

/// A text inside the quotes of a string.
fn quoted(text: &str) -> String {
    let string = serde_json::Value::from(text).to_string();
    string[1..string.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use crate::text::escape::WORD_JOINER;
    use crate::text::read::Read;
    use crate::text::rewrite::tests::{everything, rewritten};
    use crate::text::rewrite::{Rules, restore, rewrite};

    fn block(items: &str) -> String {
        format!("```json:table\n{{\"markdown\": true,\n\"items\": [{items}]}}\n```")
    }

    #[test]
    fn p8_cells_are_no_code() {
        for cells in [
            r#"{"a": "@·alice #·1", "b": "`@bob`"}"#,
            r#"{"@·alice": 1, "b": "~·bug \"@·x\" \\@y"}"#,
            r#"{"a": "`x | @·bob`", "b": "a@b.c"}"#,
            r#"{"a": "https://·t.example/1 [x](#·1)"}"#,
        ] {
            let expected = block(cells);
            let text = expected.replace('·', "");
            let rewritten = rewrite(&text, &everything());
            assert_eq!(rewritten.text.replace(WORD_JOINER, "·"), expected);
            assert_eq!(restore(&rewritten.text, &rewritten.edits), Some(text));
            assert_eq!(
                rewrite(&rewritten.text, &everything()).text,
                rewritten.text,
                "{cells}"
            );
        }
        let escaped = block(r#"{"a": "\u0040alice \n /close"}"#);
        let now = block("{\"a\": \"@\u{2060}alice \\n /close\"}");
        assert_eq!(rewritten(&escaped, &everything()), now);
        let quoted = format!(
            "> - {}",
            block(r#"{"a": "@alice"}"#).replace('\n', "\n>   ")
        );
        assert!(rewritten(&quoted, &everything()).contains(WORD_JOINER));
    }

    #[test]
    fn p8_raw_html_makes_no_table() {
        for text in [
            "<pre lang=\"·json:table\"><code>{\"markdown\":1}</code></pre>",
            "<pre lang=·json data-meta=table>",
            "<pre><code data-canonical-lang='·js&#111;n'>",
            "<p lang=de>",
        ] {
            let now = rewritten(&text.replace('·', ""), &everything());
            assert_eq!(now.replace(WORD_JOINER, "·"), text);
            assert_eq!(rewritten(&now, &everything()), now);
        }
    }

    #[test]
    fn p8_other_code_is_code() {
        for text in [
            block(r#"{"a": "@alice"}"#).replace(":table", ""),
            block(r#"{"a": "@alice"}"#).replace("markdown", "m"),
            block(r#"{"a": 12, "b": "x"}"#),
        ] {
            assert_eq!(rewritten(&text, &everything()), text);
        }
    }

    #[test]
    fn references_and_files_in_cells_lead_where_others_do() {
        let text = block(r##"{"a": "#12 [x](/u) ![y](/v)"}"##);
        let read = Read::of(&text);
        assert_eq!(read.destinations(), ["/u", "/v"]);
        assert_eq!(read.references().len(), 1);
        assert_eq!(Read::of(&block(r#"{"a": "@alice"}"#)).mentions(), ["alice"]);
        let destination = |link: &str| Some(format!("/new{link}"));
        let rules = Rules {
            destination: &destination,
            refers: &|_| Some("[\"#3\"](/q)".into()),
            ..everything()
        };
        let now = rewritten(&text, &rules);
        assert!(
            now.contains(r##""[\"#3\"](/q) [x](/new/u) ![y](/new/v)""##),
            "{now}"
        );
    }
}
