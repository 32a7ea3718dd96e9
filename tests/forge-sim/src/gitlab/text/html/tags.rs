//! Tags, comments and entities, read as browsers do.

use entities::ENTITIES;
use regex::Regex;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A tag, its name in small letters.
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) closes: bool,
    pub(super) attributes: HashMap<String, String>,
}

/// How long a comment is behind its beginning.
pub(super) fn comment_length(rest: &str) -> usize {
    for short in [">", "->"] {
        if rest.starts_with(short) {
            return short.len();
        }
    }
    let ends = ["-->", "--!>"];
    let end = ends
        .iter()
        .filter_map(|end| Some(rest.find(end)? + end.len()))
        .min();
    end.unwrap_or(rest.len())
}

/// A tag at the beginning of a text, with its length; `None` if it does not end.
pub(super) fn tag(text: &str) -> Option<(Tag, usize)> {
    static NAME: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^<(/?)([A-Za-z][^\s/>]*)").expect("a pattern"));
    static ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"^[\s/]*(?:([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)))?)"#)
            .expect("a pattern")
    });
    let name = NAME.captures(text)?;
    let mut at = name.get(0)?.end();
    let mut attributes = HashMap::new();
    loop {
        let rest = &text[at..];
        let blank = rest.len()
            - rest
                .trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/')
                .len();
        if rest[blank..].starts_with('>') {
            at += blank + 1;
            break;
        }
        let found = ATTRIBUTE.captures(rest)?;
        let value = (2..=4).find_map(|group| found.get(group));
        let value = value.map_or_else(String::new, |value| decoded(value.as_str()));
        attributes
            .entry(found[1].to_ascii_lowercase())
            .or_insert(value);
        at += found.get(0)?.end();
    }
    let tag = Tag {
        name: name[2].to_ascii_lowercase(),
        closes: &name[1] == "/",
        attributes,
    };
    Some((tag, at))
}

/// A text with its entities as browsers decode them: some without their semicolon too.
pub(in crate::gitlab::text) fn decoded(text: &str) -> String {
    static NAMED: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
        ENTITIES
            .iter()
            .map(|entity| (entity.entity, entity.characters))
            .collect()
    });
    static ENTITY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"&(?:#([0-9]+);?|#[xX]([0-9A-Fa-f]+);?|[A-Za-z][A-Za-z0-9]*;?)")
            .expect("a pattern")
    });
    ENTITY
        .replace_all(text, |found: &regex::Captures<'_>| {
            let number = match (found.get(1), found.get(2)) {
                (Some(decimal), _) => decimal.as_str().parse().ok(),
                (_, Some(hex)) => u32::from_str_radix(hex.as_str(), 16).ok(),
                _ => None,
            };
            if let Some(number) = number {
                return char::from_u32(number).unwrap_or('\u{fffd}').to_string();
            }
            let whole = &found[0];
            // The longest name that is one.
            let known = (2..=whole.len()).rev().find_map(|length| {
                let name = &whole[..length];
                Some(format!("{}{}", NAMED.get(name)?, &whole[length..]))
            });
            known.unwrap_or_else(|| whole.to_owned())
        })
        .into_owned()
}
