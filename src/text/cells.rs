//! Tables that are written as data, in a block of code that the forge shows as a table: their cells
//! are Markdown, where they say so, and what stands in them is no code.
//!
//! GitLab knows them as ```` ```json:table ```` (its `lib/banzai/filter/json_table_filter.rb`). Every
//! string in one is read like a text of its own, and stays a string.

mod kind;
mod sheet;

use super::edits::{self, Change};
use super::escape::JOINER;
use super::flow::Flow;
use super::inert;
use super::rewrite::{self, Rules};
use super::structure::{self, Structure};
use sheet::Sheet;
use std::borrow::Cow;
use std::ops::Range;

/// Whether a block of code with such words behind its fence may be one.
pub(super) fn is_table(info: &str) -> bool {
    info.contains("json") && info.contains("table")
}

/// Everything that stands in the cells of a text.
#[derive(Debug)]
pub(super) struct Cells<T> {
    /// Those that hold what they say as it is, in the text.
    plain: Sheet<T>,
    /// Those in which something is written otherwise than it reads: where they stand with their quotes,
    /// and where what they say stands in the text that they make together.
    strings: Vec<(Range<usize>, Range<usize>)>,
    said: String,
    written: Sheet<T>,
}

impl<T> Cells<T> {
    /// Looks at the cells of tables that stand at some places of a text, but for some that are known;
    /// what is made of those that must be read by themselves.
    pub(super) fn of(
        text: &str,
        tables: &[Range<usize>],
        known: &[Range<usize>],
        mut make: impl FnMut(&str) -> T,
    ) -> Self {
        let mut plain = Vec::new();
        let mut strings = Vec::new();
        let mut said = String::new();
        for string in found(text, tables, known) {
            let inside = string.start + 1..string.end - 1;
            if !text[inside.clone()].contains('\\') {
                plain.push(inside);
            } else if let Ok(cell) = serde_json::from_str::<Cow<'_, str>>(&text[string.clone()]) {
                let start = said.len();
                said.push_str(&cell);
                strings.push((string, start..said.len()));
                // Nothing goes on across that, as across the quotes of the others.
                said.push('"');
            }
        }
        let inside = strings.iter().map(|(_, inside)| inside.clone());
        Self {
            plain: Sheet::of(text, plain.into_iter(), &mut make),
            written: Sheet::of(&said, inside, &mut make),
            strings,
            said,
        }
    }

    /// What must be known of cells, with the text in which they stand.
    fn sheets<'a>(&'a self, text: &'a str) -> [(&'a str, &'a Sheet<T>); 2] {
        [(text, &self.plain), (&self.said, &self.written)]
    }

    /// Everything of one kind that stands in cells, in order: what stands in words, with its place, and
    /// what stands in documents.
    pub(super) fn all<'a, I>(
        &'a self,
        text: &'a str,
        in_words: impl Fn(&'a str, &'a Structure) -> Vec<(usize, I)>,
        in_documents: impl Fn(&'a str, &'a T) -> Vec<I>,
    ) -> Vec<I> {
        let mut all = Vec::new();
        for (text, sheet) in self.sheets(text) {
            let mut found = in_words(text, &sheet.words);
            for (range, made) in &sheet.documents {
                let inside = in_documents(&text[range.clone()], &sheet.made[*made]);
                found.extend(inside.into_iter().map(|item| (range.start, item)));
            }
            found.sort_by_key(|(at, _)| *at);
            all.extend(found.into_iter().map(|(_, item)| item));
        }
        all
    }
}

/// Whether tables say that there is Markdown in them.
fn says_so(text: &str, tables: &[Range<usize>]) -> bool {
    // A letter of that word could be written otherwise.
    let is_markdown = |data: &Range<usize>| {
        let data = &text[data.clone()];
        data.contains("markdown") || data.contains("\\u")
    };
    tables.iter().any(is_markdown)
}

/// Where strings of what may be tables stand in a text, in order.
pub(super) fn strings(text: &str, structure: &Structure) -> Vec<Range<usize>> {
    found(text, &structure.tables, &[])
}

/// Where the strings in tables stand, with their quotes, in order. `known`: tables that were looked at.
fn found(text: &str, tables: &[Range<usize>], known: &[Range<usize>]) -> Vec<Range<usize>> {
    let tables = if says_so(text, tables) { tables } else { &[] };
    let known = if says_so(text, known) { known } else { &[] };
    let is_known = |data: &Range<usize>| {
        let next = known.partition_point(|one| one.start < data.start);
        known.get(next) == Some(data)
    };
    let mut strings: Vec<Range<usize>> = Vec::new();
    for data in tables.iter().filter(|data| !is_known(data)) {
        let mut at = data.start;
        while let Some(next) = text[at..data.end].find('"') {
            let start = at + next;
            let (end, is_whole) = string(text.as_bytes(), start, data.end);
            at = end;
            if is_whole {
                strings.push(start..end);
            }
        }
    }
    // What may be one in two ways stands there twice.
    if !strings.is_sorted_by_key(|string| string.start) {
        strings.sort_by_key(|string| (string.start, string.end));
    }
    strings.dedup();
    strings
}

/// Where a string ends that begins at a place, and whether it does so in its line.
fn string(text: &[u8], start: usize, end: usize) -> (usize, bool) {
    let mut at = start + 1;
    while at < end {
        match text[at] {
            b'"' => return (at + 1, true),
            b'\n' => return (at, false),
            b'\\' if at + 1 < end && text[at + 1] != b'\n' => at += 2,
            _ => at += 1,
        }
    }
    (end, false)
}

/// What must change in the cells of a text. `known`: tables in another reading of it, which are changed
/// already.
pub(super) fn changes(
    text: &str,
    structure: &Structure,
    known: &[Range<usize>],
    rules: &Rules<'_>,
) -> Vec<Change> {
    let rules = Rules {
        front_matter: false,
        behind_paragraph: false,
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
    // What may be none leads nowhere, and may be read as it is written.
    let is_sure = |table: &Range<usize>| {
        let start = table.start..table.start;
        !structure.is_wild(table.start) && !structure::holds(&structure.doubtful, &start)
    };
    let tables = structure.tables.iter().cloned();
    let (sure, unsure): (Vec<_>, Vec<_>) = tables.partition(is_sure);
    changes.extend(of_tables(text, &sure, known, &rules).concat());
    let nowhere = Rules {
        notify: &|_| None,
        refers: &|_| None,
        ..rules
    };
    let [plain, mut written] = of_tables(text, &unsure, known, &nowhere);
    for (_, now) in &mut written {
        let as_it_stands = inert::doubt(now, &structure::unread(now), &nowhere);
        *now = edits::apply(now, as_it_stands).text.into();
    }
    changes.extend(plain);
    changes.extend(written);
    changes
}

/// What must change in some tables: in strings that hold what they say as it is, and in others.
fn of_tables(
    text: &str,
    tables: &[Range<usize>],
    known: &[Range<usize>],
    rules: &Rules<'_>,
) -> [Vec<Change>; 2] {
    if tables.is_empty() {
        return [Vec::new(), Vec::new()];
    }
    let cells = Cells::of(text, tables, known, |cell| of_document(cell, rules));
    let plain = of_sheet(text, &cells.plain, rules);
    let plain = plain.into_iter().map(|(range, now)| (range, quoted(now)));
    let written = of_sheet(&cells.said, &cells.written, rules);
    [
        plain.collect(),
        wholes(&cells.said, &cells.strings, written),
    ]
}

/// What must change in a cell that is read by itself.
fn of_document(cell: &str, rules: &Rules<'_>) -> Vec<Change> {
    let rules = &Rules {
        code: false,
        ..*rules
    };
    let mut changes = rewrite::changes(cell, rules);
    // Earlier versions made one text of all cells, and what would end a cell did.
    if cell.contains(['|', '\n']) {
        let mut flow = Flow::default();
        flow.say(cell, 0..cell.len());
        changes.extend(inert::text(cell, &flow, &Structure::default(), rules));
    }
    changes
}

/// What must change in cells, where they stand.
fn of_sheet(text: &str, sheet: &Sheet<Vec<Change>>, rules: &Rules<'_>) -> Vec<Change> {
    let mut changes = rewrite::words(text, &sheet.words, rules);
    for (cell, made) in &sheet.documents {
        changes.extend(sheet.made[*made].iter().map(|(range, now)| {
            let here = cell.start + range.start..cell.start + range.end;
            (here, now.clone())
        }));
    }
    changes.extend(inert::doubt(text, &sheet.unread, rules));
    for range in &sheet.unread.destinations {
        changes.extend(inert::destination(text, range, rules));
    }
    changes
}

/// Strings in which something is written otherwise than it reads, each replaced as a whole where
/// anything changes in what it says.
fn wholes(
    said: &str,
    strings: &[(Range<usize>, Range<usize>)],
    mut changes: Vec<Change>,
) -> Vec<Change> {
    changes.sort_by_key(edits::place);
    let mut changes = changes.into_iter().peekable();
    let mut wholes = Vec::new();
    for (string, inside) in strings {
        let mut of_cell = Vec::new();
        while let Some((range, now)) = changes.next_if(|(range, _)| range.start <= inside.end) {
            of_cell.push((range.start - inside.start..range.end - inside.start, now));
        }
        if !of_cell.is_empty() {
            let now = edits::apply(&said[inside.clone()], of_cell).text;
            wholes.push((string.clone(), format!("\"{}\"", quoted(now.into())).into()));
        }
    }
    wholes
}

/// A text inside the quotes of a string.
fn quoted(text: Cow<'static, str>) -> Cow<'static, str> {
    if !text.contains(|c: char| c < ' ' || matches!(c, '"' | '\\')) {
        return text;
    }
    let string = serde_json::Value::from(text).to_string();
    string[1..string.len() - 1].to_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::escape::WORD_JOINER;
    use crate::text::grammar::{GITLAB, Grammar};
    use crate::text::read::Read;
    use crate::text::rewrite::tests::{everything, rewritten};
    use crate::text::rewrite::{restore, rewrite};
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    fn block(items: &str) -> String {
        format!("```json:table\n{{\"markdown\": true,\n\"items\": [{items}]}}\n```")
    }

    /// Cells in a text, joined with quotes, as the sheet of them and each by itself.
    fn both(cells: &[String]) -> (String, String) {
        let keys = ["ABC".to_owned(), "1_2".to_owned()];
        let rules = Rules {
            grammar: Grammar {
                keys: &keys,
                ..GITLAB
            },
            quick_actions: false,
            refers: &|to| (to.number == 1).then(|| "#3".to_owned()),
            notify: &|name| (name == "b").then(|| "c".to_owned()),
            ..everything()
        };
        let text = cells.join("\"");
        let mut at = 0;
        let ranges = cells.iter().map(|cell| {
            let range = at..at + cell.len();
            at = range.end + 1;
            range
        });
        let sheet = Sheet::of(&text, ranges, |cell| of_document(cell, &rules));
        let together = edits::apply(&text, of_sheet(&text, &sheet, &rules)).text;
        let alone = cells.iter();
        let alone = alone.map(|cell| edits::apply(cell, of_document(cell, &rules)).text);
        (together, alone.collect::<Vec<_>>().join("\""))
    }

    const PARTS: [&str; 48] = [
        "a",
        "x ",
        " ",
        "    ",
        "-",
        "- ",
        "--",
        "1. ",
        "12",
        "1_2",
        "_",
        "__",
        "*",
        "**",
        "~",
        "~~",
        "#1",
        "#",
        "# ",
        "g/p",
        ">",
        "@a",
        "@b",
        "!1",
        "&1",
        "&",
        "lt;",
        "$1",
        "$",
        "%",
        "GL-1",
        "ABC-1",
        "9ba12248",
        "1234567",
        "commit ",
        ".",
        "/",
        "://",
        "www.",
        "[",
        "](",
        "`",
        "<b>",
        "|",
        "\u{1}",
        "é",
        "*iteration:1",
        ":",
    ];

    proptest! {
        #[test]
        fn p8_cells_that_are_read_together_are_as_if_each_were_read_alone(
            cells in vec(vec(select(&PARTS[..]), 0..5), 1..6),
        ) {
            let cells: Vec<String> = cells.iter().map(|parts| parts.concat()).collect();
            let (together, alone) = both(&cells);
            prop_assert_eq!(together, alone);
        }
    }

    #[test]
    fn p8_cells_are_no_code() {
        for cells in [
            r#"{"a": "@·alice #·1", "b": "`@bob`"}"#,
            r#"{"@·alice": 1, "b": "~·bug \"@·x\" \\@y"}"#,
            r#"{"a": "`x | @·bob`", "b": "a@b.c"}"#,
            r#"{"a": "https://·t.example/g/p/-/issues/1 [x](#·1)"}"#,
        ] {
            let expected = block(cells);
            let text = expected.replace('·', "");
            let rewritten = rewrite(&text, &everything());
            assert_eq!(rewritten.text.replace(WORD_JOINER, "·"), expected);
            assert_eq!(restore(&rewritten.text, &rewritten.kept()), Some(text));
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
    fn p8_of_many_cells_with_markdown_those_that_are_not_read_are_inert_however_they_are_read() {
        let cell = |number: usize| format!("\"`@a` **@a** #1 [x](/u) {number}\",\n");
        let cells = (0..=sheet::MOST).map(cell).collect::<String>();
        // Those that are equal are read once.
        let text = block(&(cells + &cell(1) + "\"@b\""));
        let now = rewritten(&text, &everything());
        let lines: Vec<&str> = now.lines().rev().collect();
        let read = "\"`@a` **@·a** #·1 [x](/u) 1\",".replace('·', "\u{2060}");
        let unread = "\"`@·a` **@·a** #·1 [x](/u) 10000\",".replace('·', "\u{2060}");
        assert_eq!(lines[2], read);
        assert_eq!(lines[3], unread);
        assert_eq!(lines[1], "\"@\u{2060}b\"]}");
        assert_eq!(rewritten(&now, &everything()), now);
        let read = Read::of(&text);
        assert_eq!(read.references().len(), sheet::MOST + 1);
        assert_eq!(read.destinations().len(), sheet::MOST + 1);
        assert_eq!(read.mentions().len(), sheet::MOST + 2);
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
