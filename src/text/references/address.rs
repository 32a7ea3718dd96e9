//! The addresses of issues.

use super::{Kind, Place, Reference, Style, zeros};
use crate::text::structure;
use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

impl<'a> Reference<'a> {
    /// The address of an issue, at the beginning of a text of which it is the `whole` or after which
    /// only what ends a sentence may come. `at`: where that text stands.
    pub(crate) fn address(text: &'a str, at: usize, whole: bool) -> Option<Self> {
        static ISSUE: LazyLock<Regex> = LazyLock::new(|| {
            structure::regex(concat!(
                r"^(?i:https?)://(?P<host>[^/\s?#@]+)/(?P<project>[A-Za-z0-9_.][A-Za-z0-9_./-]*?)",
                r"(?:/-)?/(?:issues(?:/incident)?|work_items)/(?P<number>[0-9]+)(?P<style>\+s?)?/?",
                r"(?:\?[A-Za-z0-9_=&-]*)?(?:#(?P<anchor>[A-Za-z0-9_-]+))?",
            ))
        });
        let found = ISSUE.captures(text)?;
        let mut end = found.get(0)?.end();
        let mut anchor = found.name("anchor").map(|anchor| anchor.as_str());
        // No address that makes a link by itself ends with that.
        if let Some(part) = anchor.filter(|_| !whole) {
            let part = part.trim_end_matches('_');
            end = found.name("anchor").map_or(end, |anchor| anchor.start()) + part.len();
            anchor = Some(part);
        }
        let rest = &text[end..];
        let ends = if whole {
            rest.is_empty()
        } else {
            let sentence = rest.trim_start_matches(['.', ',', ';', ':', '!', '?']);
            // Texts without blanks go on right behind.
            let is_end = |c: char| !c.is_ascii() || ")]}*_|\"'~\\".contains(c);
            sentence.is_empty() || sentence.starts_with(is_end)
        };
        let project = found.name("project")?.as_str();
        if !ends || project.contains("//") || project.split('/').any(|part| part == "-") {
            return None;
        }
        let comment = anchor.and_then(|anchor| anchor.strip_prefix("note_"));
        let is_number = |id: &&str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
        let comment = comment.filter(is_number);
        Some(Self {
            range: at..at + end,
            place: Place::Address,
            kind: Kind::Issue,
            host: Some(found.name("host")?.as_str()),
            project: Some(Cow::Borrowed(project)),
            number: found["number"].parse().ok()?,
            zeros: zeros(&found["number"]),
            comment: match comment {
                Some(comment) => Some(comment.parse().ok()?),
                None => None,
            },
            part: anchor.filter(|_| comment.is_none()),
            style: match found.name("style").map_or("", |style| style.as_str()) {
                "+" => Style::Title,
                "+s" => Style::Summary,
                _ => Style::Plain,
            },
            markup: false,
            named: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read<'a> = (&'a str, Cow<'a, str>, u64, Option<u64>, &'a str);

    fn address(text: &str, whole: bool) -> Option<Read<'_>> {
        let found = Reference::address(text, 0, whole)?;
        Some((
            found.host?,
            found.project?,
            found.number,
            found.comment,
            &text[found.range.clone()],
        ))
    }

    #[test]
    fn addresses_of_issues_are_read() {
        let url = "https://h.example:8/g/p/-/issues/12";
        for (tail, comment) in [
            ("", None),
            ("#note_9", Some(9)),
            ("?a=b#note_9", Some(9)),
            ("/", None),
        ] {
            let text = format!("{url}{tail}");
            let expected = Some(("h.example:8", "g/p".into(), 12, comment, text.as_str()));
            assert_eq!(address(&text, true), expected);
            let sentence = format!("{text}). And");
            assert_eq!(address(&sentence, false), expected);
            assert_eq!(address(&sentence, true), None);
        }
        for tail in ["a", "/designs/x.png", ".json", "#", "%20"] {
            assert_eq!(address(&format!("{url}{tail}"), false), None, "{tail}");
        }
        for part in ["related-issues", "note_", "note_9x", "event-3303846842"] {
            let text = format!("{url}#{part}");
            let found = Reference::address(&text, 0, true).unwrap();
            assert_eq!((found.comment, found.part), (None, Some(part)));
            assert_eq!(found.range, 0..text.len());
        }
        for behind in [
            "。",
            "和",
            "，https://h.example/x",
            "’s",
            "…",
            "#note_9—",
            "#note_9_",
        ] {
            let text = format!("{url}{behind}");
            let found = Reference::address(&text, 0, false).unwrap();
            let end = url.len() + if behind.starts_with('#') { 7 } else { 0 };
            assert_eq!((found.range, found.number), (0..end, 12), "{behind}");
        }
        for text in [
            "https://h.example/g/p/issues/3",
            "https://h.example/g/p/-/issues/incident/3",
            "https://h.example/g/p/-/work_items/3+s",
        ] {
            assert_eq!(
                address(text, true),
                Some(("h.example", "g/p".into(), 3, None, text))
            );
        }
        for text in [
            "https://h.example/g/p/-/merge_requests/3",
            "https://user@h.example/g/p/-/issues/3",
            "https://h.example/-/issues/3",
            "ftp://h.example/g/p/-/issues/3",
        ] {
            assert_eq!(address(text, true), None, "{text}");
        }
    }
}
