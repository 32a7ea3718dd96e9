//! Text behind something that swallows what begins there to some parsers only.

use crate::text::structure;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// What may be text although it is code, raw HTML or part of an address, in order.
pub(in crate::text) fn tails(text: &str, formulas: bool) -> Vec<Range<usize>> {
    let mut found = behind_pages(text);
    if formulas {
        found.extend(behind_dollars(text));
        found.sort_by_key(|range| range.start);
    }
    found
}

/// A link to a page of a wiki takes along what would open code or a tag in it: then what follows up to
/// a blank line is none.
fn behind_pages(text: &str) -> Vec<Range<usize>> {
    static PAGE: LazyLock<Regex> =
        LazyLock::new(|| structure::regex(r"\[\[[^\[\]\n]*[`<][^\[\]\n]*\]\]"));
    let mut found: Vec<Range<usize>> = Vec::new();
    if !text.contains("[[") {
        return found;
    }
    for page in PAGE.find_iter(text) {
        if found.last().is_none_or(|last| last.end <= page.start()) {
            let end = text[page.end()..].find("\n\n");
            found.push(page.start()..end.map_or(text.len(), |end| page.end() + end));
        }
    }
    found
}

/// A formula may begin in front of an address and end in it: then what follows there is none.
fn behind_dollars(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if !text.contains("://") {
        return found;
    }
    // Whether a dollar stands in front in the same run of lines.
    let (mut opens, mut at) = (false, 0);
    for word in text.split_inclusive(char::is_whitespace) {
        let ends_lines = word == "\n" && text[..at].ends_with('\n');
        opens &= !ends_lines;
        let first = word.find('$');
        let from = if opens { Some(0) } else { first };
        let address = from.and_then(|from| Some(from + word[from..].find("://")?));
        let address = address.unwrap_or(word.len());
        // Each may be the end.
        for (dollar, _) in word[address..].match_indices('$') {
            let start = address + dollar + 1;
            let length = word[start..].find('$').unwrap_or(word.len() - start);
            if length > 0 {
                found.push(at + start..at + start + length);
            }
        }
        opens |= first.is_some();
        at += word.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_may_be_text() {
        for (text, expected) in [
            ("[[a<code>]] @b\n\nc", vec!["[[a<code>]] @b"]),
            ("[[a]] `@b` [[`", vec![]),
            ("$a <https://x/$@b>", vec!["@b>"]),
            ("$a\n\nhttps://x/$@b", vec![]),
            ("https://x/$a", vec![]),
            ("https://x/$a$@b", vec![]),
            ("<https://x>$as://x/$@b", vec!["@b"]),
            ("$ <https://x>$as://x/$@b", vec!["as://x/", "@b"]),
            ("://<$as://e$@e", vec!["@e"]),
            ("$ ://<$as://e$@e", vec!["as://e", "@e"]),
            ("$http://x$[@b](/x #3", vec!["[@b](/x "]),
        ] {
            let found = tails(text, true).into_iter().map(|range| &text[range]);
            assert_eq!(found.collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
