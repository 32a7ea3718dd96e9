//! The fields of a head, read one by one with a message for each that is wrong.

use super::front_matter::FileProblem;
use super::links::Links;
use crate::model::{Date, Epic, IssueNumber, Person, Timestamp};
use crate::text::length::{Longest, shorten};
use crate::text::yaml::{Key, Node, Value};
use std::collections::BTreeSet;

/// So many characters of what stands in a file are said of it.
const LONGEST: usize = 80;

fn shown(text: &str) -> String {
    shorten(text, Longest::Characters(LONGEST))
}

/// The fields of a head, taken one by one; what is left at the end is unknown.
pub(super) struct Fields {
    fields: Vec<(Key, Node)>,
    known: Vec<&'static str>,
}

impl Fields {
    pub(super) fn new(fields: Vec<(Key, Node)>) -> Self {
        Self {
            fields,
            known: Vec::new(),
        }
    }

    /// Takes a field; one without a value counts as not there.
    fn take(&mut self, name: &'static str) -> Option<Node> {
        self.known.push(name);
        let at = self.fields.iter().position(|(key, _)| key.name == name)?;
        let node = self.fields.remove(at).1;
        (!matches!(node.value, Value::Null)).then_some(node)
    }

    /// What was asked for is all there is.
    pub(super) fn nothing_else(self) -> Result<(), FileProblem> {
        let Some((key, _)) = self.fields.first() else {
            return Ok(());
        };
        // A longer one is near to none, and would take long to compare.
        let is_word = key.name.len() <= LONGEST;
        let known = self.known.iter().filter(|_| is_word);
        let near = known
            .map(|name| (strsim::damerau_levenshtein(name, &key.name), name))
            .filter(|(distance, _)| *distance <= 2)
            .min();
        let help = match near {
            Some((_, name)) => format!("did you mean `{name}`?"),
            None => format!("known are: {}.", self.known.join(", ")),
        };
        Err(FileProblem::new(
            key.place.line,
            format!("`{}` is not a field; {help}", shown(&key.name)),
        ))
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<String>, FileProblem> {
        self.take(name).map(|node| text(name, &node)).transpose()
    }

    pub(super) fn number<T: TryFrom<i64>>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, FileProblem> {
        self.take(name).map(|node| number(name, &node)).transpose()
    }

    pub(super) fn bool(&mut self, name: &'static str) -> Result<Option<bool>, FileProblem> {
        self.take(name)
            .map(|node| match node.value {
                Value::Bool(value) => Ok(value),
                _ => Err(wrong(name, &node, "`true` or `false`")),
            })
            .transpose()
    }

    pub(super) fn word<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&'static str, T)],
    ) -> Result<Option<T>, FileProblem> {
        let Some(node) = self.take(name) else {
            return Ok(None);
        };
        let found = match &node.value {
            Value::Text(text) => words.iter().find(|(word, _)| word == text),
            _ => None,
        };
        if let Some((_, value)) = found {
            Ok(Some(*value))
        } else {
            let words: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            Err(wrong(name, &node, &format!("one of {}", words.join(", "))))
        }
    }

    pub(super) fn time(&mut self, name: &'static str) -> Result<Option<Timestamp>, FileProblem> {
        self.take(name)
            .map(|node| {
                let written = text(name, &node)?;
                written
                    .parse()
                    .map_err(|_| wrong(name, &node, "a time such as `2026-01-31T09:30:00Z`"))
            })
            .transpose()
    }

    pub(super) fn date(&mut self, name: &'static str) -> Result<Option<Date>, FileProblem> {
        self.take(name)
            .map(|node| {
                let written = text(name, &node)?;
                written
                    .parse()
                    .map_err(|_| wrong(name, &node, "a date such as `2026-01-31`"))
            })
            .transpose()
    }

    /// `1h30m`, or a number of seconds.
    pub(super) fn duration(&mut self, name: &'static str) -> Result<Option<u64>, FileProblem> {
        let Some(node) = self.take(name) else {
            return Ok(None);
        };
        let seconds = match &node.value {
            Value::Int(seconds) => u64::try_from(*seconds).ok(),
            Value::Text(text) => text
                .parse::<jiff::SignedDuration>()
                .ok()
                .and_then(|duration| u64::try_from(duration.as_secs()).ok()),
            _ => None,
        };
        seconds.map(Some).ok_or_else(|| {
            wrong(
                name,
                &node,
                "a duration such as `1h30m`, in hours, minutes and seconds",
            )
        })
    }

    pub(super) fn texts(&mut self, name: &'static str) -> Result<Vec<String>, FileProblem> {
        self.list(name, text)
    }

    pub(super) fn people(&mut self, name: &'static str) -> Result<Vec<Person>, FileProblem> {
        self.list(name, read_person)
    }

    pub(super) fn list<T>(
        &mut self,
        name: &'static str,
        read: fn(&'static str, &Node) -> Result<T, FileProblem>,
    ) -> Result<Vec<T>, FileProblem> {
        let Some(node) = self.take(name) else {
            return Ok(Vec::new());
        };
        let Value::List(items) = &node.value else {
            return Err(wrong(name, &node, "a list such as `[one, two]`"));
        };
        items.iter().map(|item| read(name, item)).collect()
    }

    pub(super) fn person(&mut self, name: &'static str) -> Result<Option<Person>, FileProblem> {
        self.take(name)
            .map(|node| read_person(name, &node))
            .transpose()
    }

    pub(super) fn epic(&mut self, name: &'static str) -> Result<Option<Epic>, FileProblem> {
        let Some(node) = self.take(name) else {
            return Ok(None);
        };
        let Value::Map(entries) = node.value else {
            return Ok(Some(Epic {
                number: number(name, &node)?,
                title: None,
            }));
        };
        let line = node.place.line;
        let mut fields = Fields::new(entries);
        let epic = Epic {
            number: fields
                .number("number")?
                .ok_or_else(|| FileProblem::new(line, "an epic needs a `number`."))?,
            title: fields.text("title")?,
        };
        fields.nothing_else()?;
        Ok(Some(epic))
    }

    /// `{relates: [3], blocks: [5]}`
    pub(super) fn links(&mut self, name: &'static str) -> Result<Links, FileProblem> {
        let Some(node) = self.take(name) else {
            return Ok(Links::default());
        };
        let line = node.place.line;
        let Value::Map(entries) = node.value else {
            let expected = "a mapping such as `{relates: [3], blocks: [5]}`";
            return Err(wrong(name, &node, expected));
        };
        let mut fields = Fields::new(entries);
        let links = Links {
            relates: fields.numbers("relates")?,
            blocks: fields.numbers("blocks")?,
        };
        fields.nothing_else()?;
        if let Some(both) = links.relates.intersection(&links.blocks).next() {
            let said = format!("`{name}` names {both} twice; leave it in `blocks` alone.");
            return Err(FileProblem::new(line, said));
        }
        Ok(links)
    }

    fn numbers(&mut self, name: &'static str) -> Result<BTreeSet<IssueNumber>, FileProblem> {
        let numbers = self.list(name, number::<u64>)?;
        Ok(numbers.into_iter().map(IssueNumber).collect())
    }
}

fn read_person(name: &'static str, node: &Node) -> Result<Person, FileProblem> {
    let Value::Map(entries) = &node.value else {
        return Ok(Person::account(text(name, node)?));
    };
    let mut fields = Fields::new(entries.clone());
    let person = Person {
        username: fields.text("username")?.ok_or_else(|| {
            FileProblem::new(node.place.line, format!("`{name}` needs a `username`."))
        })?,
        name: fields.text("name")?,
    };
    fields.nothing_else()?;
    Ok(person)
}

/// Text that says something; a number or a truth value is taken as it was written.
fn text(name: &'static str, node: &Node) -> Result<String, FileProblem> {
    let text = match &node.value {
        Value::Text(text) | Value::Number(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Null | Value::List(_) | Value::Map(_) => return Err(wrong(name, node, "text")),
    };
    if text.trim().is_empty() {
        return Err(FileProblem::new(
            node.place.line,
            format!("`{name}` is empty."),
        ));
    }
    Ok(text)
}

fn number<T: TryFrom<i64>>(name: &'static str, node: &Node) -> Result<T, FileProblem> {
    match node.value {
        Value::Int(number) => T::try_from(number).ok(),
        _ => None,
    }
    .ok_or_else(|| wrong(name, node, "a whole number, not negative"))
}

fn wrong(name: &str, node: &Node, expected: &str) -> FileProblem {
    let found = match &node.value {
        Value::Text(text) | Value::Number(text) => format!("`{}`", shown(text)),
        Value::Int(number) => format!("`{number}`"),
        Value::Bool(value) => format!("`{value}`"),
        other => other.kind().to_owned(),
    };
    FileProblem::new(
        node.place.line,
        format!("`{name}` must be {expected}; found {found}."),
    )
}
