//! Reading a text into a tree. This file is the only one that names the YAML library.

use super::{Document, Key, Node, Place, Value, YamlError};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::budget::BudgetBreach;
use serde_yaml::{DuplicateKeyPolicy, Error, Location, Spanned};
use std::fmt;
use std::ops::Range;

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
            budget: serde_yaml::budget! { max_nodes: MOST_VALUES },
        };
        serde_yaml::from_str_with_options::<Spanned<Raw>>(text, options)
    };
    let mut duplicates: Vec<YamlError> = Vec::new();
    // The library stops at the first duplicate. To see the others too, each that was found is
    // read under a name that nobody has, of the same length, so that every place stays.
    let mut masked = text.to_owned();
    let mut whole = None;
    let most = (READ_AGAIN / text.len().max(1)).clamp(1, MOST_DUPLICATES);
    while duplicates.len() < most {
        let error = match read(&masked, DuplicateKeyPolicy::Error) {
            Ok(raw) => {
                whole = Some(raw);
                break;
            }
            Err(error) => describe(&error, text),
        };
        if !error.message.ends_with(SECOND_TIME) {
            return Err(error);
        }
        if !mask(&mut masked, &error.place.span) {
            break;
        }
        duplicates.push(error);
    }
    // If there were too many, or one that could not be masked, the first one of each counts.
    let raw = match whole {
        Some(raw) => raw,
        None => {
            let first = read(&masked, DuplicateKeyPolicy::FirstWins);
            first.map_err(|error| describe(&error, text))?
        }
    };
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

/// How many bytes are read again at most to find another one, besides the first.
const READ_AGAIN: usize = 256 * 1024;

/// More values than there are in any file that people keep, and no more than are read in a moment.
const MOST_VALUES: usize = 100_000;

/// How the message ends that is about such a key.
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
        None if is_too_much(error) => {
            format!("more than {MOST_VALUES} values stand here; so many are not read")
        }
        None if message.starts_with("multiple YAML documents") => {
            "a second YAML document begins here; the file must hold one".to_owned()
        }
        None => message.to_owned(),
    };
    YamlError { message, place }
}

/// Whether there are too many values.
fn is_too_much(error: &Error) -> bool {
    matches!(
        error.without_snippet(),
        Error::Budget {
            breach: BudgetBreach::Nodes { .. },
            ..
        }
    )
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
