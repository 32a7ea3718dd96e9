//! What the parser here takes for one block, and forges for two.

use crate::text::doubt::columns;
use crate::text::structure::regex;
use regex::Regex;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// A text in which what is open at the end is so for the parser here, too, if it is for forges.
pub(super) fn parted(text: &str) -> Cow<'_, str> {
    static MARKS: LazyLock<Regex> =
        LazyLock::new(|| regex(r"^[ \t]{0,3}(?:>|[-*+](?:\s|$)|\d{1,9}[.)](?:\s|$))"));
    static TAG: LazyLock<Regex> = LazyLock::new(|| {
        let attribute = r#"\s+[A-Za-z_:][\w.:-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?"#;
        let name = "[A-Za-z][A-Za-z0-9-]*";
        regex(&format!(
            r"^ ?<(?:{name}(?:{attribute})*\s*/?|/{name}\s*)>\s*$"
        ))
    });
    // What begins another block although no blank line stands in front.
    static BLOCK: LazyLock<Regex> =
        LazyLock::new(|| regex(r"^ {0,3}(?:#|```|~~~|<|[*_-]{3,}\s*$|[=-]+\s*$)"));
    if !text.contains(['>', '-', '*', '+', '.', ')']) {
        return Cow::Borrowed(text);
    }
    let mut parted = String::new();
    let (mut done, mut at) = (0, 0);
    // A quote or an item goes on.
    let mut is_inside = false;
    // Where an item ends that has nothing in its first line, and in which column what it holds begins.
    let mut empty: Option<(usize, usize)> = None;
    for line in text.split_inclusive('\n') {
        let is_empty = line.trim().is_empty();
        let bare = line
            .trim_start_matches([' ', '\t', '>'])
            .trim_end()
            .is_empty();
        let mut insert = |place: usize, what: &str| {
            let _ = write!(parted, "{}{what}", &text[done..place]);
            done = place;
        };
        // Blanks that reach as far as the item keep it, where nothing else does.
        if let Some((end, column)) = empty.take()
            && bare
            && columns(0, line.trim_end_matches('\n')) >= column
        {
            insert(end, " .");
        }
        // A tag alone in a line ends the paragraph that goes on below a quote or an item.
        if is_inside && TAG.is_match(line) {
            insert(at, "\n");
        }
        is_inside &= !is_empty && !BLOCK.is_match(line);
        is_inside |= MARKS.is_match(line);
        let item = line.trim_end();
        if is_empty_item(item) {
            empty = Some((at + item.len(), columns(0, item) + 1));
        }
        at += line.len();
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    parted.push_str(&text[done..]);
    Cow::Owned(parted)
}

/// Whether a line is nothing but the mark of an item, wherever it stands.
fn is_empty_item(line: &str) -> bool {
    let mark = line.rsplit([' ', '\t', '>']).next().unwrap_or("");
    let before = &line[..line.len() - mark.len()];
    let is_number = |number: &str| {
        !number.is_empty() && number.len() < 10 && number.bytes().all(|b| b.is_ascii_digit())
    };
    before.bytes().all(|b| b" \t>".contains(&b))
        && (matches!(mark, "-" | "*" | "+") || mark.strip_suffix(['.', ')']).is_some_and(is_number))
}

#[cfg(test)]
mod tests {
    use super::parted;

    #[test]
    fn what_forges_part_is_parted() {
        for (text, expected) in [
            ("-\n  \n  ```", "- .\n  \n  ```"),
            ("> 1.\n>     \n>    a", "> 1. .\n>     \n>    a"),
            ("> a\n<e>\nb", "> a\n\n<e>\nb"),
            ("- a\nb\n</e>\nc", "- a\nb\n\n</e>\nc"),
        ] {
            assert_eq!(parted(text), expected, "{text:?}");
        }
        for text in [
            "-\n\n  ```",
            "-\n \n  ```",
            "a\n<e>",
            "> a\n\n<e>",
            "- a\n  <e>",
            "> a\n<e> b",
            "> a\n<e @>",
            "- a\n***\nb\n<e>",
            "a -\n  \n",
        ] {
            assert_eq!(parted(text), text);
        }
    }
}
