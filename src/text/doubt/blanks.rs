//! Characters that only some take for blanks.

use super::{Unsure, wild};
use std::ops::Range;

/// Where such a character changes what is read. In a line that begins with a letter it is a matter of its
/// paragraph, and of nothing if the line is code.
pub(super) fn odd(text: &str, blocks: &[Range<usize>], unsure: &mut Unsure) {
    let is_odd = |c: char| matches!(c, '\u{b}' | '\u{c}');
    let mut done = 0;
    while let Some(found) = text[done..].find(is_odd) {
        let at = done + found;
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        let begins = text[start..end].trim_start_matches(is_odd);
        let block = wild::block(blocks, at);
        let is_fenced = block.is_some_and(|block| text[block.clone()].starts_with(['`', '~']));
        if !begins.starts_with(char::is_alphabetic) || block.is_some() && !is_fenced {
            unsure.wild(super::lines::group(text, at));
            return;
        }
        done = end;
        if block.is_none() {
            done = unsure.add_around(text, start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_front_of_what_begins_something_nothing_is_sure() {
        for (text, wild, part) in [
            ("a\n\nb\u{c}", None, Some((3, 5))),
            ("a\n\nb\u{c}c\nd\n\ne", None, Some((3, 9))),
            ("a\n\n\u{c}b\n", None, Some((3, 6))),
            ("a\n\n\u{c}\n\nb", Some(3), None),
            ("a\n\n\u{b}- b", Some(3), None),
            ("a\n\n<e\u{b}f>", Some(3), None),
            ("a\u{b}<e>", Some(0), None),
        ] {
            let mut unsure = Unsure::default();
            odd(text, &[], &mut unsure);
            let found = unsure.parts.first().map(|part| (part.start, part.end));
            assert_eq!((unsure.wild, found), (wild, part), "{text:?}");
        }
    }

    #[test]
    fn in_code_it_is_what_it_is() {
        let text = "```\na\u{c}b\n```";
        let mut unsure = Unsure::default();
        let whole = 0..text.len();
        odd(text, std::slice::from_ref(&whole), &mut unsure);
        assert_eq!(unsure.wild, None);
        assert!(unsure.parts.is_empty());
    }
}
