//! `inert_keys`: keys of issues in other trackers that are to name nothing.

use super::problem::Problems;
use super::section::{Section, wrong};
use crate::text::yaml::{Node, Value};
use std::collections::BTreeSet;

const NAME: &str = "inert_keys";

/// How many there may be: each is looked for in every text.
const MOST: usize = 100;

/// How long one may be; those of trackers are far shorter.
const LONGEST: usize = 64;

/// What keys of issues in other trackers begin with, in order, each once.
pub(super) fn inert_keys(section: &mut Section, problems: &mut Problems) -> Vec<String> {
    let mut keys = BTreeSet::new();
    let (place, items) = match section.take(NAME) {
        None => return Vec::new(),
        Some(Node {
            place,
            value: Value::List(items),
        }) => (place, items),
        Some(Node { place, value }) => {
            let help = "expected a list such as `[ABC, PROJ]`";
            wrong(NAME, place, &value, help, problems);
            return Vec::new();
        }
    };
    for item in items {
        let is_part = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
        match item.value {
            Value::Text(key)
                if key.starts_with(|c: char| c.is_ascii_uppercase())
                    && key.bytes().all(is_part)
                    && (2..=LONGEST).contains(&key.len()) =>
            {
                keys.insert(key);
            }
            other => wrong(
                NAME,
                item.place,
                &other,
                "expected what stands in front of the number, such as `ABC` for `ABC-12`: two capital letters or more, also digits and `_`",
                problems,
            ),
        }
    }
    if keys.len() > MOST {
        problems.add(
            place,
            format!("`{NAME}` has {} keys", keys.len()),
            format!("leave those that texts name, {MOST} at most"),
        );
    }
    keys.into_iter().collect()
}
