//! A YAML text as a tree whose nodes know their place.
//!
//! One reader for the configuration and for the front matter of files: problems can be reported
//! with line and column, and all at once. `read` makes the tree, `scalar` writes a text into YAML.

mod read;
mod scalar;

pub use read::parse;
pub use scalar::scalar;

use std::ops::Range;

/// A place in a YAML text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The bytes it covers; empty where only a point is known.
    pub span: Range<usize>,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// What stands there.
    pub value: Value,
    /// Where it stands; for an alias, where it is used.
    pub place: Place,
}

/// A YAML value.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number, as it was written.
    Number(String),
    /// Text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order in which it was written, keys unique.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key as text.
    pub name: String,
    /// Where it stands.
    pub place: Place,
}

/// The text is not YAML, or says one thing twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// What is wrong, without place.
    pub message: String,
    /// Where.
    pub place: Place,
}

/// A tree, and what had to be overlooked to get it.
#[derive(Debug)]
pub struct Document {
    /// The whole document.
    pub root: Node,
    /// Keys that stand there a second time; the first one counts.
    pub duplicates: Vec<YamlError>,
}

impl Value {
    /// What it is, in words for a message: `a number`, `a list`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Int(_) | Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn get<'a>(node: &'a Node, name: &str) -> &'a Node {
        let Value::Map(entries) = &node.value else {
            panic!("not a mapping: {node:?}");
        };
        &entries.iter().find(|(key, _)| key.name == name).unwrap().1
    }

    #[test]
    fn nodes_know_their_place_and_numbers_their_spelling() {
        let document = parse("a: 1\nb: [x, 1.10]\nc: {d: ~}\n").unwrap();
        assert!(matches!(get(&document.root, "a").value, Value::Int(1)));
        let b = get(&document.root, "b");
        assert_eq!((b.place.line, b.place.column), (2, 4));
        let Value::List(items) = &b.value else {
            panic!()
        };
        assert!(matches!(&items[1].value, Value::Number(text) if text == "1.10"));
        assert!(matches!(
            get(get(&document.root, "c"), "d").value,
            Value::Null
        ));
    }

    #[test]
    fn a_duplicate_key_is_reported_and_the_rest_still_read() {
        let document =
            parse("a: 1\nbb: 2\na: 3\n\"ccc\": {a: 1, 'bé': 2, a: 3, 'bé': 4}\nbb: 5\n").unwrap();
        let duplicates: Vec<String> = document
            .duplicates
            .iter()
            .map(|found| {
                format!(
                    "{}:{} {}",
                    found.place.line, found.place.column, found.message
                )
            })
            .collect();
        assert_eq!(
            duplicates,
            [
                "3:1 the key `a` stands here a second time",
                "4:24 the key `a` stands here a second time",
                "4:30 the key `bé` stands here a second time",
                "5:1 the key `bb` stands here a second time",
            ]
        );
        assert!(matches!(get(&document.root, "a").value, Value::Int(1)));
        let Value::Map(entries) = &document.root.value else {
            panic!()
        };
        assert_eq!(entries.len(), 3, "{entries:?}");
    }

    #[test]
    fn of_long_texts_the_first_duplicate_is_reported_and_too_many_values_are_an_error() {
        let line = |number: usize| format!("k{number}: {}\n", "x".repeat(100));
        let text: String = (0..2000).map(line).collect();
        let document = parse(&format!("{text}k7: 1\nk8: 1\n{text}")).unwrap();
        let messages: Vec<&str> = document.duplicates.iter().map(|d| &d.message[..]).collect();
        assert_eq!(messages, ["the key `k7` stands here a second time"]);
        let Value::Map(entries) = &document.root.value else {
            panic!()
        };
        assert_eq!(entries.len(), 2000);
        assert!(parse(&"- a\n".repeat(99_000)).is_ok());
        let error = parse(&"- a\n".repeat(101_000)).unwrap_err();
        assert_eq!(
            error.message,
            "more than 100000 values stand here; so many are not read"
        );
        assert_eq!(error.place.line, 100_000);
    }

    #[test]
    fn broken_text_has_a_line() {
        let error = parse("a: [1\nb: 2\n").unwrap_err();
        assert_eq!(error.place.line, 2);
        assert!(!error.message.contains("at line"), "{}", error.message);
    }
}
