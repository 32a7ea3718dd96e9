//! A Markdown file with a head of YAML: read with places, written with stable bytes.

use crate::text::yaml::{self, Key, Node, Value};
use regex::Regex;
use std::fmt;
use std::sync::LazyLock;

/// What is wrong with a file, and in which line of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileProblem {
    /// From 1.
    pub(super) line: usize,
    /// For a person; says what would be right.
    pub(super) message: String,
}

impl FileProblem {
    pub(super) fn new(line: usize, message: impl Into<String>) -> Self {
        Self {
            line,
            message: message.into(),
        }
    }
}

impl FileProblem {
    /// What may be told of a problem with a file: of one that is hidden from the public, or says so
    /// in whatever spelling, nothing that stands in it. `hidden`: what it belongs to is.
    pub(super) fn told_of(self, content: &str, hidden: bool) -> Self {
        static HIDES: LazyLock<Regex> = LazyLock::new(|| {
            crate::text::structure::regex(r"(?i)\b(?:confidential|internal)\b\W*:(.*)")
        });
        let head = content.lines().skip(1);
        let says_so = head
            .take_while(|line| line.trim_end() != "---")
            .any(|line| {
                let mut found = HIDES.captures_iter(line);
                found.any(|found| !found[1].trim_start().starts_with("false"))
            });
        if !hidden && !says_so {
            return self;
        }
        Self::new(
            self.line,
            "it is not as README describes it; more is not told of what is hidden from the public.",
        )
    }
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// A file taken apart.
#[derive(Debug)]
pub(super) struct FrontMatter<'a> {
    /// What the head says; empty if there is none.
    pub(super) fields: Vec<(Key, Node)>,
    /// There is a head.
    pub(super) present: bool,
    /// The text below it, byte for byte.
    pub(super) body: &'a str,
}

/// Takes a file apart.
pub(super) fn parse(content: &str) -> Result<FrontMatter<'_>, FileProblem> {
    let content = content.strip_prefix('\u{feff}').unwrap_or(content);
    let (first, rest) = match content.split_once('\n') {
        Some((first, rest)) => (first, rest),
        None => (content, ""),
    };
    // Only a file that was saved with `\r\n` ends its lines so; elsewhere `\r` is the text's.
    let line_break = if first.ends_with('\r') { "\r\n" } else { "\n" };
    // Every text file ends in a line break that is none of the text's.
    let without_last_break =
        |body: &'_ str| body.strip_suffix(line_break).map_or(body.len(), str::len);
    if first.trim_end() != "---" {
        return Ok(FrontMatter {
            fields: Vec::new(),
            present: false,
            body: &content[..without_last_break(content)],
        });
    }
    let mut length = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            let fields = fields(&rest[..length])?;
            let body = &rest[length + line.len()..];
            // One blank line below the head belongs to neither.
            let body = body.strip_prefix(line_break).unwrap_or(body);
            return Ok(FrontMatter {
                fields,
                present: true,
                body: &body[..without_last_break(body)],
            });
        }
        length += line.len();
    }
    Err(FileProblem::new(
        1,
        "the head that begins with `---` never ends; put `---` on a line of its own below it.",
    ))
}

/// Reads the YAML of a head or of a small file of its own.
pub(super) fn fields(yaml: &str) -> Result<Vec<(Key, Node)>, FileProblem> {
    map(yaml, 1)
}

/// Reads a YAML file that holds one mapping.
pub(super) fn file(yaml: &str) -> Result<Vec<(Key, Node)>, FileProblem> {
    map(yaml, 0)
}

fn map(yaml: &str, lines_above: usize) -> Result<Vec<(Key, Node)>, FileProblem> {
    let problem = |error: yaml::YamlError| {
        FileProblem::new(
            error.place.line + lines_above,
            format!("{}.", error.message),
        )
    };
    let document = yaml::parse(yaml).map_err(problem)?;
    if let Some(duplicate) = document.duplicates.into_iter().next() {
        return Err(problem(duplicate));
    }
    match document.root.value {
        Value::Map(mut fields) => {
            for (key, node) in &mut fields {
                key.place.line += lines_above;
                shift(node, lines_above);
            }
            Ok(fields)
        }
        Value::Null => Ok(Vec::new()),
        other => Err(FileProblem::new(
            1 + lines_above,
            format!("expected `name: value` lines, found {}.", other.kind()),
        )),
    }
}

fn shift(node: &mut Node, lines: usize) {
    node.place.line += lines;
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| shift(item, lines)),
        Value::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
            key.place.line += lines;
            shift(value, lines);
        }),
        _ => {}
    }
}

/// A head in the making.
#[derive(Debug, Default)]
pub(super) struct Head(String);

impl Head {
    /// `name: text`
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.raw(name, &yaml::scalar(text));
    }

    /// `name: value`, where the value is YAML already.
    pub(super) fn raw(&mut self, name: &str, value: &str) {
        self.0.push_str(&format!("{name}: {value}\n"));
    }

    /// A list, one item a line; nothing if it is empty.
    pub(super) fn list(&mut self, name: &str, items: impl IntoIterator<Item = String>) {
        let mut items = items.into_iter().peekable();
        if items.peek().is_some() {
            self.0.push_str(&format!("{name}:\n"));
        }
        for item in items {
            self.0.push_str(&format!("  - {item}\n"));
        }
    }

    /// The whole file.
    pub(super) fn with_body(self, body: &str) -> String {
        if body.is_empty() {
            format!("---\n{}---\n", self.0)
        } else {
            format!("---\n{}---\n\n{body}\n", self.0)
        }
    }

    /// The YAML alone.
    pub(super) fn into_yaml(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_head_by_hand_is_read_with_or_without_blank_line() {
        for content in [
            "---\ntitle: x\n---\nText.\n",
            "---\ntitle: x\n---\n\nText.\n",
            "---\r\ntitle: x\r\n---\r\n\r\nText.\r\n",
            "\u{feff}---\ntitle: x\n---\nText.",
        ] {
            let read = parse(content).unwrap();
            assert_eq!(read.body, "Text.", "{content:?}");
            assert_eq!(read.fields[0].0.name, "title");
            assert_eq!(read.fields[0].0.place.line, 2);
        }
    }

    #[test]
    fn problems_have_the_line_of_the_file() {
        assert_eq!(parse("---\ntitle: x\n").unwrap_err().line, 1);
        assert_eq!(parse("---\na: 1\nb: [\n---\n").unwrap_err().line, 3);
        let twice = parse("---\na: 1\na: 2\n---\n").unwrap_err();
        assert_eq!(
            twice.to_string(),
            "line 3: the key `a` stands here a second time."
        );
        assert_eq!(parse("---\n- a\n---\n").unwrap_err().line, 2);
    }

    proptest! {
        #[test]
        fn any_text_survives(body in any::<String>(), title in any::<String>()) {
            let mut head = Head::default();
            head.text("title", &title);
            let file = head.with_body(&body);
            let read = parse(&file).unwrap();
            prop_assert_eq!(read.body, body.as_str());
            prop_assert!(matches!(&read.fields[0].1.value, Value::Text(text) if *text == title));
        }
    }
}
