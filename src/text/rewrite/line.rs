//! A line of ours, with text of people in it: a name, a title.

use super::{Rules, rewrite};
use crate::text::edits;
use crate::text::escape::WORD_JOINER;
use crate::text::flow::Flow;
use crate::text::inert;
use crate::text::structure::Structure;

/// Makes a line of ours inert: Markdown in the middle of a line.
pub fn line(line: &str, rules: &Rules<'_>) -> String {
    // Most are words, and nothing is named by these but commits.
    if line.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ') {
        let least = rules.grammar.commits.unwrap_or(usize::MAX);
        if line.split(' ').all(|word| word.len() < least) {
            return line.to_owned();
        }
    }
    let rules = Rules {
        quick_actions: false,
        front_matter: false,
        code: false,
        behind_paragraph: false,
        refers: &|_| None,
        ..*rules
    };
    // With that in front it begins no block.
    let text = format!("{WORD_JOINER}{line}");
    let now = match literal(&text, rules.grammar.escaped) {
        Some(flow) => literally(&text, &flow, &rules),
        None => rewrite(&text, &rules).text,
    };
    now.strip_prefix(WORD_JOINER).unwrap_or(&now).to_owned()
}

/// What is shown of a line in which no Markdown means anything but the backslashes of escapes, as
/// nearly every line of ours is; `None` if it has more. `escaped`: see [`super::Grammar`].
fn literal(line: &str, escaped: &str) -> Option<Flow> {
    let mut flow = Flow::default();
    let bytes = line.as_bytes();
    let is_word = |at: Option<usize>| {
        let byte = at.and_then(|at| bytes.get(at));
        byte.is_some_and(u8::is_ascii_alphanumeric)
    };
    let (mut said, mut at) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => {
                let next = *bytes.get(at + 1).filter(|b| b.is_ascii_punctuation())?;
                flow.say(line, said..at);
                said = at + 1;
                if escaped.as_bytes().contains(&next) {
                    flow.gap();
                    flow.say(line, said..at + 2);
                    flow.gap();
                    said = at + 2;
                }
                at += 1;
            }
            b'_' if !(is_word(at.checked_sub(1)) && is_word(Some(at + 1))) => return None,
            b'`' | b'*' | b'[' | b']' | b'<' | b'>' | b'~' | b'|' | b'$' => return None,
            // What could be an entity.
            b'&' if bytes
                .get(at + 1)
                .is_some_and(|b| *b == b'#' || b.is_ascii_alphabetic()) =>
            {
                return None;
            }
            // Perhaps an address, of which Markdown makes a link.
            b':' if line[at..].starts_with("://") => return None,
            b'w' | b'W'
                if line[at..]
                    .get(..4)
                    .is_some_and(|four| four.eq_ignore_ascii_case("www.")) =>
            {
                return None;
            }
            byte if byte.is_ascii_control() => return None,
            _ => {}
        }
        at += 1;
    }
    flow.say(line, said..bytes.len());
    Some(flow)
}

/// Makes a line inert of which everything is shown as it is.
fn literally(line: &str, flow: &Flow, rules: &Rules<'_>) -> String {
    let structure = Structure::default();
    let changes = inert::text(line, flow, &structure, rules).collect();
    edits::apply(line, changes).text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::escape;
    use crate::text::rewrite::tests::everything;
    use proptest::prelude::*;

    proptest! {
        /// What is read without the parser comes out as what is read with it.
        #[test]
        fn p8_literal_lines_are_inert(text in "([a-c1-3 #@!&~%$_*`<>|.:/()\\[\\]\\\\-]|GL-|www\\.|12345678|é|\\+s){0,24}") {
            let rules = Rules { quick_actions: false, front_matter: false, code: false, refers: &|_| None, ..everything() };
            let line = format!("{WORD_JOINER}{}", escape::inline(&text));
            if let Some(flow) = literal(&line, rules.grammar.escaped) {
                prop_assert_eq!(literally(&line, &flow, &rules), rewrite(&line, &rules).text);
            }
        }
    }

    #[test]
    fn p8_most_lines_of_ours_are_literal() {
        for text in [
            "g/p#1",
            "snake_case",
            "*x* <b> [l](u)",
            "50% ~bug @all $4",
            "a\\b",
            "Zoë",
        ] {
            assert!(literal(&escape::inline(text), "").is_some(), "{text}");
        }
        for text in ["a &b", "https://e.org", "Www.e.org", "_x", "\t"] {
            assert!(literal(text, "").is_none(), "{text}");
        }
    }
}
