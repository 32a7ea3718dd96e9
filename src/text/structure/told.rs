//! What the parser here would read otherwise than forges do, written so that it reads the same.

use crate::text::wiki;
use std::borrow::Cow;
use std::ops::Range;

/// A text of the same length, in which every byte stays where it is.
pub(in crate::text) fn told(text: &str) -> Cow<'_, str> {
    let pages = pages(text);
    let boxes = boxes(text);
    let ends = ends(text);
    if pages.is_empty() && boxes.is_empty() && ends.is_empty() && !text.contains('\0') {
        return Cow::Borrowed(text);
    }
    // What is written instead of it is a character like any other.
    let mut told = text.replace('\0', ",");
    for page in pages {
        let plain = text[page.clone()].replace(['`', '<', '>'], ".");
        told.replace_range(page, &plain);
    }
    for one in boxes {
        told.replace_range(one, "...");
    }
    for end in ends {
        let blanks = " ".repeat(end.len());
        told.replace_range(end, &blanks);
    }
    Cow::Owned(told)
}

/// Links to pages of a wiki with what would open code or a tag: a forge that knows pages takes it along,
/// if nothing in front of it may have been opened.
fn pages(text: &str) -> Vec<Range<usize>> {
    let (mut may_be_open, mut at) = (false, 0);
    let mut found = Vec::new();
    for page in wiki::brackets(text) {
        if !text[page.clone()].contains(['`', '<']) {
            continue;
        }
        let before = &text[at..page.start];
        let block = before.rfind("\n\n");
        may_be_open &= block.is_none();
        may_be_open |= before[block.unwrap_or(0)..].contains(['`', '<', '$'])
            || before.ends_with(['\\', '[', '!']);
        if !may_be_open {
            found.push(page.clone());
        }
        at = page.end;
    }
    found
}

/// Boxes of tasks that stand alone in the first line of an item: they are its text to forges, and so what
/// follows may go on in the item.
fn boxes(text: &str) -> Vec<Range<usize>> {
    let is_alone = |at: usize| {
        let behind = text[at + 3..].trim_start_matches([' ', '\t', '\r']);
        // Only the last one of a line can be.
        if !behind.is_empty() && !behind.starts_with('\n') {
            return false;
        }
        let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let marks = &text[line..at];
        let item = marks.trim_end_matches([' ', '\t']);
        let is_mark = |c: char| " \t>*+-.)".contains(c) || c.is_ascii_digit();
        item.len() < marks.len()
            && item.ends_with(['*', '+', '-', '.', ')'])
            && item.chars().all(is_mark)
    };
    let found = text.match_indices(']').map(|(end, _)| end);
    let boxes = found.filter(|end| {
        let one = &text.as_bytes()[..*end];
        one.ends_with(b"[ ") || one.ends_with(b"[x") || one.ends_with(b"[X")
    });
    boxes
        .map(|end| end - 2)
        .filter(|at| is_alone(*at))
        .map(|at| at..at + 3)
        .collect()
}

/// Tabs behind fences, which end code for forges also in front of these.
fn ends(text: &str) -> Vec<Range<usize>> {
    let mut ends = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find('\t') {
        let before = text[..at + found].trim_end_matches(' ');
        let behind = text[at + found..].trim_start_matches([' ', '\t']);
        at = text.len() - behind.len();
        let is_fence = before.ends_with("```") || before.ends_with("~~~");
        if is_fence && (behind.is_empty() || behind.starts_with(['\r', '\n'])) {
            ends.push(before.len()..at);
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn what_forges_read_otherwise_is_written_so_that_it_is_read_the_same() {
        for (text, expected) in [
            ("a [[Home<code>]] b", "a [[Home.code.]] b"),
            ("[[a`b|c`]] `[[a`b]]", "[[a.b|c.]] `[[a`b]]"),
            ("`\n\n[[`]]", "`\n\n[[.]]"),
            ("- [x]\n\n> 1.\t[ ] \n* [X]", "- ...\n\n> 1.\t... \n* ..."),
            ("[a]:\0<b>", "[a]:,<b>"),
            ("```\t\na\tb\n``` \t ", "``` \na\tb\n```   "),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
        for text in [
            "[[Home]] \\[[`]] ![[`]] [[\\`]] [[[`]]]",
            "<b>[[`]]",
            "- [x] a\n[x]\na [x]\n-[x]\n- [y]\n- é [x]",
        ] {
            assert_eq!(told(text), text);
        }
    }
}
