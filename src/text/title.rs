//! A title on its way: a line that is no Markdown, in which forges find what they find in a text.
//!
//! Nothing in it is code to every forge, no backslash is an escape, no line is a command, and no link
//! can stand in it but one that makes itself: a short spelling or an address. To newer forges entities
//! and tags are the characters that they are; earlier ones read them, so both readings are inert.

use super::edits::{Change, Rewritten};
use super::flow::Flow;
use super::grammar::{Found, GITLAB};
use super::html::{self, Open, Raw};
use super::references::{self, Place, Reference};
use super::rewrite::Rules;
use super::structure::Structure;
use super::{finding, inert, rounds};
use std::ops::Range;

/// Rewrites a title. What it names stands there as a short spelling or an address, or as it was,
/// without its meaning.
pub fn rewrite(text: &str, rules: &Rules<'_>) -> Rewritten {
    // What takes an entity apart may show something that was none before.
    rounds::rewritten(text, rules, leading, |now, rules| changes(&now.text, rules))
}

/// Everything that a title refers to, as all forges read it, in order.
pub fn references(text: &str) -> Vec<Reference<'_>> {
    referring(text, Some)
}

/// What is made of everything that a title refers to.
fn referring<'a, T>(text: &'a str, make: impl FnMut(Reference<'a>) -> Option<T>) -> Vec<T> {
    let structure = Structure {
        flow: characters(text),
        open: std::iter::once(0..text.len()).collect(),
        ..Structure::default()
    };
    let code = code(text);
    // To earlier forges `&#12;` is a character.
    let is_entity = |range: &Range<usize>| {
        text[range.clone()].starts_with('#')
            && text[..range.start].ends_with('&')
            && text[range.end..].starts_with(';')
    };
    let found = finding::shown(text, &structure);
    found
        .filter(|refers| !code.contains(&refers.range.start) && !is_entity(&refers.range))
        .filter_map(make)
        .collect()
}

/// What may stand between back quotes, which newer forges take for code.
fn code(text: &str) -> Range<usize> {
    let quotes = text.find('`').zip(text.rfind('`'));
    quotes.map_or(0..0, |(first, last)| first..last)
}

/// The accounts that a title names, as all forges read it, in order.
pub fn mentions(text: &str) -> Vec<&str> {
    let (flow, code) = (characters(text), code(text));
    let found = GITLAB.find(&flow);
    let names = found.filter_map(|found| match found {
        Found::Somebody(range, behind) => flow.source(text, &(behind..range.end)),
        _ => None,
    });
    names
        .filter(|range| !code.contains(&range.start))
        .map(|range| &text[range])
        .collect()
}

/// What leads elsewhere, and what takes the meaning from the rest.
fn leading(text: &str, rules: &Rules<'_>) -> Vec<Change> {
    let mut all = referring(text, |refers| instead(text, &refers, rules));
    let mut flow = characters(text);
    if !all.is_empty() {
        // What will be replaced is no part of any word any more.
        let ends: Vec<usize> = all.iter().map(|(range, _)| range.end).collect();
        flow = flow.cut(text, &ends);
    }
    let code = code(text);
    let nothing = Structure::default();
    let mut is_known = all.is_empty();
    let named = inert::text(text, &flow, &nothing, rules);
    let named = named.inspect(|(range, _)| is_known &= range.is_empty());
    // Nobody is meant to be notified of what may be code.
    all.extend(named.filter(|(range, _)| range.is_empty() || !code.contains(&range.start)));
    let quiet = Rules {
        notify: &|_| None,
        ..*rules
    };
    // Where nothing leads anywhere, that was all of it.
    if !is_known {
        all.extend(inert::text(text, &characters(text), &nothing, &quiet));
    }
    all.extend(otherwise(text, &quiet));
    all
}

/// What makes each reading of a title inert.
fn changes(text: &str, rules: &Rules<'_>) -> Vec<Change> {
    let nothing = Structure::default();
    let mut changes = otherwise(text, rules);
    changes.extend(inert::text(text, &characters(text), &nothing, rules));
    changes
}

/// What makes each reading of a title inert in which not every character is itself.
fn otherwise(text: &str, rules: &Rules<'_>) -> Vec<Change> {
    let nothing = Structure::default();
    let mut changes = Vec::new();
    if let Some(decoded) = decoded(text) {
        changes.extend(inert::text(text, &decoded, &nothing, rules));
    }
    if text.contains('<') {
        let mut raw = Raw::default();
        raw.push(text, &(0..text.len()));
        let mut tagged = Flow::default();
        raw.read(text, &mut Open::default(), &mut tagged);
        changes.extend(inert::text(text, &tagged, &nothing, rules));
    }
    changes
}

/// A title as it stands there.
fn characters(text: &str) -> Flow {
    let mut flow = Flow::default();
    flow.say(text, 0..text.len());
    flow
}

/// A title in which entities are what they stand for, if there are any.
fn decoded(text: &str) -> Option<Flow> {
    let (mut flow, mut said) = (Flow::default(), 0);
    for (at, _) in text.match_indices('&') {
        if let Some((length, Some(shown))) = html::entity(&text[at..])
            && text[at..at + length].ends_with(';')
        {
            flow.say(text, said..at);
            flow.stand_in(&shown.as_str(), at..at + length);
            said = at + length;
        }
    }
    flow.say(text, said..text.len());
    (said > 0).then_some(flow)
}

/// What stands in a title instead of a reference, if anything is to.
fn instead(text: &str, refers: &Reference<'_>, rules: &Rules<'_>) -> Option<Change> {
    let now = (rules.refers)(refers)?;
    // Nothing ends an address but what ends one.
    let behind = text[refers.range.end..].trim_start_matches(['.', ',', ';', ':', '!', '?', ')']);
    let ends = behind.is_empty() || behind.starts_with(char::is_whitespace);
    if now.contains("://") && refers.place != Place::Address && !ends {
        return None;
    }
    let now = references::set_off(text, &refers.range, now, |_| false);
    Some((refers.range.clone(), now.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::escape::WORD_JOINER;
    use crate::text::rewrite::restore;
    use crate::text::rewrite::tests::{everything, leads};
    use proptest::prelude::*;

    fn shown(text: &str, rules: &Rules<'_>) -> String {
        rewrite(text, rules).text.replace(WORD_JOINER, "·")
    }

    #[test]
    fn p8_titles_are_no_markdown() {
        for text in [
            "`@·all` and /close #·1",
            "\\@·all \\#·1",
            "&#·64;·alice &commat;·bob &amp;·1 &#·64",
            "@·<b></b>alice <i title='@·all'>",
            "https://·t.example/g/p/-/issues/1 https://e.org/#1",
        ] {
            assert_eq!(shown(&text.replace('·', ""), &everything()), text);
        }
    }

    #[test]
    fn what_a_title_names_leads_where_it_is_said() {
        let rules = Rules {
            refers: &leads,
            ..everything()
        };
        let url = "https://h.example/g/p/-/issues/12";
        for (text, expected) in [
            ("Follow-up of #1", "Follow-up of #101"),
            ("#1+ and GL-2, (g/p#3+s)", "#101+ and #102, (#103+s)"),
            (
                "[issue:1]: [x](#2) \\#3 *#4*",
                "#101: [x](#102) \\#103 *#104*",
            ),
            ("See URL. URL#note_9", "See #112. #112#note_9"),
            ("<i title='#1'>#2</i>", "<i title='#101'>#102</i>"),
            // No link can stand for these.
            ("$·7 ~·bug %·v1 #·8a", "$·7 ~·bug %·v1 #·8a"),
            // To some forges these are none.
            ("The `#1` of `#2`", "The `#·1` of `#·2`"),
            (
                "&#1; &num;1 #<b></b>1 &#2",
                "&#·1; &num;·1 #·<b></b>1 &·#102",
            ),
            ("a`#1 #2", "a`#101 #102"),
            ("%#1 é#2 x-GL-3 [issue:4]x", "%·#101 é#102 x-·#103 #104·x"),
        ] {
            let text = text.replace("URL", url).replace('·', "");
            assert_eq!(shown(&text, &rules), expected, "{text}");
        }
    }

    #[test]
    fn an_address_stands_where_nothing_goes_on() {
        let address = |_: &Reference<'_>| Some("https://t.example/g/p/-/issues/7".to_owned());
        let rules = Rules {
            refers: &address,
            ..everything()
        };
        for (text, expected) in [
            ("See #1.", "See https://t.example/g/p/-/issues/7."),
            ("(#1)", "(https://t.example/g/p/-/issues/7)"),
            ("#1/2 and #1's", "#·1/2 and #·1's"),
        ] {
            assert_eq!(shown(text, &rules), expected);
        }
    }

    #[test]
    fn a_mention_that_is_meant_reaches_the_target_account() {
        let notify = |name: &str| (name == "alice").then(|| "alice.smith".to_owned());
        let rules = Rules {
            notify: &notify,
            ..everything()
        };
        let title = "@alice, `@alice` @bob and &commat;alice @al<b></b>ice `";
        let expected = "@alice.smith, `@·alice` @·bob and &commat;·alice @·al<b></b>ice `";
        assert_eq!(shown(title, &rules), expected);
        assert_eq!(mentions(title), ["alice"]);
        assert_eq!(mentions("@alice @bob"), ["alice", "bob"]);
    }

    prop_compose! {
        /// Soups of what is looked for in a title.
        fn soup()(words in proptest::collection::vec(prop_oneof![
            Just("@alice"), Just("#1"), Just("`"), Just("&"), Just("&#35;"), Just("&#64;"), Just(";"),
            Just("<b>"), Just("</b>"), Just("<!--"), Just("g/p#2"), Just("!3"), Just("GL-4"), Just("\\"),
            Just("https://t.example/g/p/-/issues/1"), Just("https://h.example/g/p/-/issues/5"), Just("[issue:6]"),
            Just("é"), Just(" "), Just("x"), Just("~"), Just("%"), Just("$"), Just("deadbeef"), Just("."),
        ], 0..20)) -> String { words.concat() }
    }

    proptest! {
        #[test]
        fn restore_undoes_rewrite(text in prop_oneof![soup(), any::<String>()]) {
            let rules = Rules { refers: &leads, ..everything() };
            let now = rewrite(&text, &rules);
            prop_assert_eq!(restore(&now.text, &now.kept()), Some(text));
        }

        #[test]
        fn a_second_rewrite_finds_nothing(text in prop_oneof![soup(), any::<String>()]) {
            let once = rewrite(&text, &everything()).text;
            prop_assert_eq!(rewrite(&once, &everything()).text, once);
        }
    }
}
