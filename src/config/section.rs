//! A mapping of the file, taken apart key by key.

use super::problem::{Problems, START, looks_like_a_token};
use crate::text::duration;
use crate::text::yaml::{Key, Node, Place, Value};
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// A mapping that is being read.
#[derive(Clone, Debug)]
pub(super) struct Section {
    entries: Vec<(Key, Node)>,
    /// The keys that stood there, taken or not.
    names: Vec<String>,
    asked: Vec<&'static str>,
    /// What it is, in words for a message: "`defaults`", "the pair `payments`".
    what: String,
    pub(super) place: Place,
}

/// The name of a setting and the values that this version carries out.
pub(super) type Words<T> = &'static [(&'static str, Option<T>)];

impl Section {
    /// A node as a mapping; an empty one counts as a mapping without keys.
    pub(super) fn of(node: Node, what: impl Into<String>, problems: &mut Problems) -> Option<Self> {
        let entries = match node.value {
            Value::Map(entries) => entries,
            Value::Null => Vec::new(),
            other => {
                let what = what.into();
                problems.add(
                    node.place,
                    format!("{what} must be a mapping, found {}", other.kind()),
                    "expected `key: value` lines",
                );
                return None;
            }
        };
        Some(Self {
            names: entries.iter().map(|(key, _)| key.name.clone()).collect(),
            entries,
            asked: Vec::new(),
            what: what.into(),
            place: node.place,
        })
    }

    /// A mapping without keys.
    pub(super) fn empty() -> Self {
        Self {
            entries: Vec::new(),
            names: Vec::new(),
            asked: Vec::new(),
            what: String::new(),
            place: START,
        }
    }

    /// This mapping with whatever it does not say itself taken from another.
    pub(super) fn over(mut self, defaults: &Self) -> Self {
        for (key, node) in &defaults.entries {
            if !self.entries.iter().any(|(mine, _)| mine.name == key.name) {
                self.entries.push((key.clone(), node.clone()));
            }
        }
        self
    }

    /// Whether a key stands there, right or wrong, taken or not.
    pub(super) fn says(&self, name: &str) -> bool {
        self.names.iter().any(|key| key == name)
    }

    /// Takes every entry for which something holds.
    pub(super) fn take_where(&mut self, holds: fn(&str, &Value) -> bool) -> Vec<(Key, Node)> {
        let (taken, left) = std::mem::take(&mut self.entries)
            .into_iter()
            .partition(|(key, node)| holds(&key.name, &node.value));
        self.entries = left;
        taken
    }

    /// Drops entries of other keys, which were reported already.
    pub(super) fn keep_only(&mut self, known: &[&str]) {
        self.entries
            .retain(|(key, _)| known.contains(&key.name.as_str()));
    }

    /// Changes what the mapping is called in messages.
    pub(super) fn call(&mut self, what: impl Into<String>) {
        self.what = what.into();
    }

    /// The keys that were asked for so far.
    pub(super) fn asked(&self) -> Vec<&'static str> {
        self.asked.clone()
    }

    /// Takes the value of a key; none if it is missing or has no value.
    pub(super) fn take(&mut self, name: &'static str) -> Option<Node> {
        self.asked.push(name);
        let at = self.entries.iter().position(|(key, _)| key.name == name)?;
        let node = self.entries.remove(at).1;
        (!matches!(node.value, Value::Null)).then_some(node)
    }

    /// A key that a later version will carry out.
    pub(super) fn not_yet(&mut self, name: &'static str, problems: &mut Problems) {
        self.asked.push(name);
        if let Some(at) = self.entries.iter().position(|(key, _)| key.name == name) {
            let (key, _) = self.entries.remove(at);
            problems.add(
                key.place,
                format!("`{name}` is not carried out by this version"),
                "remove it, or use a version that does",
            );
        }
    }

    /// Reports whatever was not asked for.
    pub(super) fn finish(self, problems: &mut Problems) {
        for (key, _) in self.entries {
            let help = match nearest(&key.name, self.asked.iter().copied()) {
                Some(name) => format!("did you mean `{name}`?"),
                None => "mirror.example.yaml shows every key".to_owned(),
            };
            problems.add(
                key.place,
                format!("`{}` is not a key of {}", key.name, self.what),
                help,
            );
        }
    }

    pub(super) fn text(&mut self, name: &'static str, problems: &mut Problems) -> Option<String> {
        let node = self.take(name)?;
        text(name, node, problems)
    }

    pub(super) fn bool(&mut self, name: &'static str, problems: &mut Problems) -> Option<bool> {
        let node = self.take(name)?;
        match node.value {
            Value::Bool(value) => Some(value),
            other => {
                let help = match &other {
                    Value::Text(text) if matches!(text.as_str(), "true" | "false") => {
                        "take the quotes away"
                    }
                    Value::Text(text)
                        if matches!(text.to_lowercase().as_str(), "yes" | "on" | "y") =>
                    {
                        "write `true`"
                    }
                    Value::Text(text)
                        if matches!(text.to_lowercase().as_str(), "no" | "off" | "n") =>
                    {
                        "write `false`"
                    }
                    _ => "expected `true` or `false`",
                };
                wrong(name, node.place, &other, help, problems);
                None
            }
        }
    }

    pub(super) fn number(
        &mut self,
        name: &'static str,
        range: std::ops::RangeInclusive<i64>,
        problems: &mut Problems,
    ) -> Option<u64> {
        let node = self.take(name)?;
        match node.value {
            Value::Int(number) if range.contains(&number) => u64::try_from(number).ok(),
            other => {
                let help = format!(
                    "expected a whole number from {} to {}",
                    range.start(),
                    range.end()
                );
                wrong(name, node.place, &other, &help, problems);
                None
            }
        }
    }

    /// One of several words; those without a value are known and not carried out yet.
    pub(super) fn word<T: Copy>(
        &mut self,
        name: &'static str,
        words: Words<T>,
        problems: &mut Problems,
    ) -> Option<T> {
        let node = self.take(name)?;
        let known = match &node.value {
            Value::Text(text) => words.iter().find(|(word, _)| word == text),
            _ => None,
        };
        match known {
            Some((_, Some(value))) => Some(*value),
            Some((word, None)) => {
                problems.add(
                    node.place,
                    format!("`{name}: {word}` is not carried out by this version"),
                    format!("use {}", listed(words)),
                );
                None
            }
            None => {
                let near = match &node.value {
                    Value::Text(text) => nearest(text, carried(words)),
                    _ => None,
                };
                let help = match near {
                    Some(word) => format!("did you mean `{word}`?"),
                    None => format!("expected {}", listed(words)),
                };
                wrong(name, node.place, &node.value, &help, problems);
                None
            }
        }
    }

    pub(super) fn texts(
        &mut self,
        name: &'static str,
        problems: &mut Problems,
    ) -> Option<Vec<String>> {
        let items = self.list(name, problems)?;
        Some(
            items
                .into_iter()
                .filter_map(|item| text(name, item, problems))
                .collect(),
        )
    }

    pub(super) fn list(
        &mut self,
        name: &'static str,
        problems: &mut Problems,
    ) -> Option<Vec<Node>> {
        let node = self.take(name)?;
        match node.value {
            Value::List(items) => Some(items),
            other => {
                wrong(
                    name,
                    node.place,
                    &other,
                    "expected a list such as `[one, two]`",
                    problems,
                );
                None
            }
        }
    }

    /// A mapping from text to text, or to `null`, which means "not carried"; with the places of
    /// the keys.
    pub(super) fn mapping(
        &mut self,
        name: &'static str,
        problems: &mut Problems,
    ) -> Option<BTreeMap<String, (Option<String>, Place)>> {
        let node = self.take(name)?;
        let entries = match node.value {
            Value::Map(entries) => entries,
            other => {
                wrong(
                    name,
                    node.place,
                    &other,
                    "expected a mapping such as `{ one: two }`",
                    problems,
                );
                return None;
            }
        };
        let mut mapping = BTreeMap::new();
        for (key, node) in entries {
            let value = match node.value {
                Value::Null => None,
                _ => match text(&format!("{name}: {}", key.name), node, problems) {
                    Some(value) => Some(value),
                    None => continue,
                },
            };
            mapping.insert(key.name, (value, key.place));
        }
        Some(mapping)
    }

    /// A length of time such as `7d`, `12h` or `90m`; a day has 24 hours.
    pub(super) fn duration(
        &mut self,
        name: &'static str,
        problems: &mut Problems,
    ) -> Option<SignedDuration> {
        let node = self.take(name)?;
        let parsed = match &node.value {
            Value::Text(text) => duration::parse(text),
            _ => None,
        };
        if let Some(duration) = parsed {
            Some(duration)
        } else {
            wrong(
                name,
                node.place,
                &node.value,
                "expected a length of time such as `7d`, `12h` or `90m`",
                problems,
            );
            None
        }
    }
}

/// A node as text that says something; a number is taken as it was written.
pub(super) fn text(name: &str, node: Node, problems: &mut Problems) -> Option<String> {
    match node.value {
        Value::Text(text) if !text.trim().is_empty() => Some(text),
        Value::Int(number) => Some(number.to_string()),
        Value::Number(text) => Some(text),
        Value::Text(_) => {
            problems.add(node.place, format!("`{name}` is empty"), "expected text");
            None
        }
        other => {
            let help = match other {
                Value::Bool(_) => "put quotes around it if it is meant as text",
                _ => "expected text",
            };
            wrong(name, node.place, &other, help, problems);
            None
        }
    }
}

/// Reports a value of the wrong type or outside its range.
pub(super) fn wrong(name: &str, place: Place, value: &Value, help: &str, problems: &mut Problems) {
    let found = match value {
        Value::Text(text) if looks_like_a_token(text) => "a token".to_owned(),
        Value::Text(text) | Value::Number(text) => format!("`{text}`"),
        Value::Int(number) => format!("`{number}`"),
        Value::Bool(value) => format!("`{value}`"),
        other => other.kind().to_owned(),
    };
    problems.add(place, format!("`{name}` cannot be {found}"), help);
}

/// The word that somebody probably meant.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|name| (strsim::damerau_levenshtein(name, word), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 6)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// The words that this version carries out.
fn carried<T>(words: Words<T>) -> impl Iterator<Item = &'static str> {
    let words = words.iter().filter(|(_, value)| value.is_some());
    words.map(|(word, _)| *word)
}

fn listed<T>(words: Words<T>) -> String {
    let words: Vec<String> = carried(words).map(|word| format!("`{word}`")).collect();
    words.join(", ")
}
