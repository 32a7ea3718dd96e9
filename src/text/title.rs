//! A title on its way: a line that is no Markdown, in which forges find what they find in a text.

use super::flow::Flow;
use super::html::{self, Open, Raw};
use super::inert;
use super::rewrite::{Change, Rewritten, Rules, apply};
use super::structure::Structure;

/// Rewrites a text that is no Markdown: a title. Nothing in it is code, no backslash is an escape, and
/// no line is a command; but entities are what they stand for, and what looks like a tag may vanish.
pub fn rewrite(text: &str, rules: &Rules<'_>) -> Rewritten {
    let (mut plain, mut said) = (Flow::default(), 0);
    for (at, _) in text.match_indices('&') {
        if let Some((length, Some(shown))) = html::entity(&text[at..])
            && text[at..at + length].ends_with(';')
        {
            plain.say(text, said..at);
            plain.stand_in(&shown.as_str(), at..at + length);
            said = at + length;
        }
    }
    plain.say(text, said..text.len());
    let mut raw = Raw::default();
    raw.push(text, &(0..text.len()));
    let mut tagged = Structure::default();
    raw.read(text, &mut Open::default(), &mut tagged);
    let nothing = Structure::default();
    let mut changes: Vec<Change> = inert::text(text, &plain, &nothing, rules).collect();
    changes.extend(inert::text(text, &tagged.flow, &nothing, rules));
    apply(text, changes)
}

/// Makes a title inert. Once more, because what takes an entity apart may show something that was
/// none before.
pub fn inert(text: &str, rules: &Rules<'_>) -> String {
    let once = rewrite(text, rules).text;
    rewrite(&once, rules).text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::escape::WORD_JOINER;
    use crate::text::rewrite::tests::{everything, leads};

    #[test]
    fn p8_titles_are_no_markdown() {
        for text in [
            "`@·all` and /close #·1",
            "\\@·all \\#·1",
            "&#64;·alice &#64·",
            "@·<b></b>alice <i title='@·all'>",
            "https://·t.example/1 https://e.org/#1",
        ] {
            let text = text.replace("&#64·", "&#·64");
            let plain = text.replace('·', "");
            let now = rewrite(&plain, &everything()).text;
            assert_eq!(now.replace(WORD_JOINER, "·"), text);
        }
    }

    #[test]
    fn a_title_stays_one() {
        let rules = Rules {
            refers: &leads,
            ..everything()
        };
        let title = rewrite("as in #1", &rules).text;
        assert_eq!(title.replace(WORD_JOINER, "·"), "as in #·1");
    }
}
