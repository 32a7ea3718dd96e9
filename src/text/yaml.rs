//! A YAML text as a tree whose nodes know their place.
//!
//! One reader for the configuration and for the front matter of files: problems can be reported
//! with line and column, and all at once. This file is the only one that names the YAML library.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::{DuplicateKeyPolicy, Error, Location, Spanned};
use std::fmt;
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
    /// A key that stands there twice; the first one counts.
    pub duplicate: Option<YamlError>,
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

/// Reads one YAML document.
///
/// # Errors
///
/// The first place where the text is not YAML, holds several documents, or nests beyond reason. A
/// duplicate key is no such error: it is in [`Document::duplicate`].
pub fn parse(text: &str) -> Result<Document, YamlError> {
    let read = |duplicates| {
        let options = serde_yaml::options! {
            with_snippet: false,
            strict_booleans: true,
            duplicate_keys: duplicates,
        };
        serde_yaml::from_str_with_options::<Spanned<Raw>>(text, options)
    };
    let (raw, duplicate) = match read(DuplicateKeyPolicy::Error) {
        Ok(raw) => (raw, None),
        Err(error) => match read(DuplicateKeyPolicy::FirstWins) {
            Ok(raw) => (raw, Some(describe(&error, text))),
            Err(error) => return Err(describe(&error, text)),
        },
    };
    Ok(Document {
        root: node(raw, text),
        duplicate,
    })
}

fn describe(error: &Error, text: &str) -> YamlError {
    let location = error.location().unwrap_or(Location::UNKNOWN);
    let place = place(&location, text);
    let full = error.to_string();
    // The library ends its messages with the place, which stands in front of ours.
    let message = full
        .rsplit_once(" at line ")
        .map_or(full.as_str(), |(message, _)| message);
    let message = match message
        .strip_prefix("duplicate mapping key: ")
        .and_then(|rest| rest.split(", set DuplicateKeyPolicy").next())
    {
        Some(key) => format!("the key `{key}` stands here a second time"),
        None if message.starts_with("multiple YAML documents") => {
            "a second YAML document begins here; the file must hold one".to_owned()
        }
        None => message.to_owned(),
    };
    YamlError { message, place }
}

fn place(location: &Location, text: &str) -> Place {
    let line = usize::try_from(location.line()).unwrap_or(1).max(1);
    let column = usize::try_from(location.column()).unwrap_or(1).max(1);
    let span = location.span();
    let start = span
        .byte_offset()
        .and_then(|offset| usize::try_from(offset).ok())
        .unwrap_or_else(|| offset_of(text, line, column))
        .min(text.len());
    let length = span
        .byte_len()
        .and_then(|length| usize::try_from(length).ok())
        .unwrap_or(0);
    let end = start.saturating_add(length).min(text.len());
    let span = if text.is_char_boundary(start) && text.is_char_boundary(end) {
        start..end
    } else {
        0..0
    };
    Place { line, column, span }
}

/// The byte where a line and column (both from 1) stand.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text
        .split_inclusive('\n')
        .take(line - 1)
        .map(str::len)
        .sum();
    let rest = text.get(before..).unwrap_or("");
    before
        + rest
            .char_indices()
            .nth(column - 1)
            .map_or(rest.len(), |(index, _)| index)
}

fn node(raw: Spanned<Raw>, text: &str) -> Node {
    // An alias stands where it is used but is written where it is defined.
    let written = place(&raw.defined, text);
    let place = place(&raw.referenced, text);
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Bool(value) => Value::Bool(value),
        Raw::Int(value) => Value::Int(value),
        // Only the text knows `1.10` from `1.1`.
        Raw::Number => Value::Number(text[written.span].to_owned()),
        Raw::Text(value) => Value::Text(value),
        Raw::List(items) => Value::List(items.into_iter().map(|item| node(item, text)).collect()),
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let key = Key {
                        place: self::place(&key.referenced, text),
                        name: key.value,
                    };
                    (key, node(value, text))
                })
                .collect(),
        ),
    };
    Node { value, place }
}

/// What the library hands over before places are worked out.
enum Raw {
    Null,
    Bool(bool),
    Int(i64),
    Number,
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(i64::try_from(value).map_or(Raw::Number, Raw::Int))
    }

    fn visit_i128<E>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

/// A text as a YAML scalar on one line: plain where that is surely read back as the same text,
/// else in double quotes.
///
/// Our own, because the bytes of a file must not change when a library does.
pub fn scalar(text: &str) -> String {
    let plain_start = text.chars().next().is_some_and(char::is_alphabetic);
    let plain = plain_start
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || " _-./:#+()'!?&=@;*%<>".contains(c))
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if plain { text.to_owned() } else { quoted(text) }
}

/// A text in double quotes. JSON's escapes are YAML's too.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Control characters, and what YAML takes for a line break or a mark.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn get<'a>(node: &'a Node, name: &str) -> &'a Node {
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
        let document = parse("a: 1\nb: 2\na: 3\n").unwrap();
        let duplicate = document.duplicate.unwrap();
        assert_eq!(duplicate.message, "the key `a` stands here a second time");
        assert_eq!((duplicate.place.line, duplicate.place.column), (3, 1));
        assert!(matches!(get(&document.root, "a").value, Value::Int(1)));
    }

    #[test]
    fn broken_text_has_a_line() {
        let error = parse("a: [1\nb: 2\n").unwrap_err();
        assert_eq!(error.place.line, 2);
        assert!(!error.message.contains("at line"), "{}", error.message);
    }

    proptest! {
        #[test]
        fn a_scalar_is_read_back_as_the_same_text(text in any::<String>()) {
            let document = parse(&format!("k: {}\n", scalar(&text))).unwrap();
            let Value::Text(read) = &get(&document.root, "k").value else {
                panic!("{text:?} was read back as {:?}", document.root);
            };
            prop_assert_eq!(read, &text);
        }

        #[test]
        fn a_wordy_scalar_is_read_back_as_the_same_text(text in "[a-zA-Z0-9 :#'\"&*!|>%@`,\\[\\]{}~?-]{0,12}") {
            let document = parse(&format!("k: {}\nl: [{}]\n", scalar(&text), scalar(&text))).unwrap();
            let Value::Text(read) = &get(&document.root, "k").value else { panic!() };
            prop_assert_eq!(read, &text);
            let Value::List(items) = &get(&document.root, "l").value else { panic!() };
            prop_assert!(matches!(&items[0].value, Value::Text(read) if *read == text));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
