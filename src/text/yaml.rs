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

/// Reads one YAML document.
///
/// # Errors
///
/// The first place where the text is not YAML, holds several documents, or nests beyond reason. A
/// duplicate key is no such error: it is in [`Document::duplicates`].
pub fn parse(text: &str) -> Result<Document, YamlError> {
    let read = |text: &str, duplicates| {
        let options = serde_yaml::options! {
            with_snippet: false,
            strict_booleans: true,
            duplicate_keys: duplicates,
        };
        serde_yaml::from_str_with_options::<Spanned<Raw>>(text, options)
    };
    let mut duplicates: Vec<YamlError> = Vec::new();
    // The library stops at the first duplicate. To see the others too, each that was found is
    // read under a name that nobody has, of the same length, so that every place stays.
    let mut masked = text.to_owned();
    while duplicates.len() < MOST_DUPLICATES {
        let error = match read(&masked, DuplicateKeyPolicy::Error) {
            Ok(_) => break,
            Err(error) => describe(&error, text),
        };
        if !error.message.ends_with(SECOND_TIME) || !mask(&mut masked, &error.place.span) {
            break;
        }
        duplicates.push(error);
    }
    // If there were too many, or one that could not be masked, the first one of each counts.
    let raw =
        read(&masked, DuplicateKeyPolicy::FirstWins).map_err(|error| describe(&error, text))?;
    let masked_keys: Vec<Range<usize>> = duplicates
        .iter()
        .map(|duplicate| duplicate.place.span.clone())
        .collect();
    Ok(Document {
        root: node(raw, text, &masked_keys),
        duplicates,
    })
}

/// More than a person would want to read at once.
const MOST_DUPLICATES: usize = 20;
const SECOND_TIME: &str = "stands here a second time";

/// Replaces a key by letters that no key of a person has, byte for byte; `false` if it has nothing
/// that could be replaced, or was replaced already.
fn mask(text: &mut String, span: &Range<usize>) -> bool {
    let Some(key) = text.get(span.clone()) else {
        return false;
    };
    // Three bytes each, from a range that is for private use.
    let letter = |number: usize| char::from_u32(0xE000 + u32::try_from(number).unwrap_or(0));
    let quoted = key.starts_with(['"', '\'']) && key.len() > 2;
    let inside = if quoted {
        1..key.len() - 1
    } else {
        0..key.len()
    };
    let length = inside.len();
    let mut name = String::new();
    for number in 0..length / 3 {
        name.extend(letter((span.start + number) % 0x1000));
    }
    // What is left is one or two bytes: a letter that the key does not have there.
    let old = key[inside.clone()].as_bytes();
    for byte in &old[name.len()..] {
        name.push(if byte.is_ascii_uppercase() { 'z' } else { 'Q' });
    }
    if name.len() != length || length == 0 || name.as_bytes() == old {
        return false;
    }
    text.replace_range(span.start + inside.start..span.start + inside.end, &name);
    true
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
        Some(key) => format!("the key `{key}` {SECOND_TIME}"),
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

/// `masked`: keys that count as not there.
fn node(raw: Spanned<Raw>, text: &str, masked: &[Range<usize>]) -> Node {
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
        Raw::List(items) => Value::List(
            items
                .into_iter()
                .map(|item| node(item, text, masked))
                .collect(),
        ),
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let key = Key {
                        place: self::place(&key.referenced, text),
                        name: key.value,
                    };
                    (key, node(value, text, masked))
                })
                .filter(|(key, _)| !masked.contains(&key.place.span))
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
