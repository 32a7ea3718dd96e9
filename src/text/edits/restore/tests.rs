use super::*;
use crate::text::edits::{Rewritten, apply};
use proptest::prelude::*;
use std::borrow::Cow;
use std::ops::Range;

/// A text in which words in angle brackets, as `<was|now>`, were replaced; and what it was.
fn rewritten(marked: &str) -> (Rewritten, String) {
    let (mut text, mut changes) = (String::new(), Vec::new());
    for (index, piece) in marked.split(['<', '>']).enumerate() {
        let (was, now) = piece.split_once('|').unwrap_or((piece, piece));
        let start = text.len();
        text.push_str(was);
        if index % 2 == 1 {
            changes.push((start..text.len(), Cow::Owned(now.to_owned())));
        }
    }
    let now = apply(&text, changes);
    assert_eq!(restore(&now.text, &now.kept()).as_ref(), Some(&text));
    (now, text)
}

#[test]
fn what_stands_instead_is_undone_only_as_it_was_written() {
    for (marked, touched) in [
        ("see <#1|#101>", "see #102"),
        ("see <#1|#101>", "see #1012"),
        ("see <#1|#101>", "see #101+s"),
        ("see <#1|#101>", "see #101#note_5"),
        ("see <#1|#101> too", "sep/#101 too"),
        ("hi @<bob|robert>", "hi @robertson"),
        ("hi @<bob|robert>", "hi &robert"),
        ("[a](</u/x|/v/y>)", "[a](/v/y2)"),
        ("[a](</u/x|/v/y>)", "[b](/v/y)"),
        ("a <b|c> d", "a d"),
        ("a <b|c> d", ""),
        ("a <b|> d", "a d"),
    ] {
        let (now, _) = rewritten(marked);
        assert_eq!(restore(touched, &now.kept()), None, "{touched}");
    }
}

#[test]
fn what_people_write_elsewhere_stays() {
    let (now, _) = rewritten("see <#1|#101>, or <g/p#2|#102>");
    for (touched, expected) in [
        ("see #101, or #102 as well", "see #1, or g/p#2 as well"),
        ("see #101, or #102\n#103", "see #1, or g/p#2\n#103"),
        ("saw #101, if #102", "saw #1, if g/p#2"),
        ("so see #101, or else #102", "so see #1, or else g/p#2"),
        ("#101, #102", "#1, g/p#2"),
        ("a\n\nsee #101, b #102 c", "a\n\nsee #1, b g/p#2 c"),
        ("#102 see #101, or #102", "#102 see #1, or g/p#2"),
    ] {
        assert_eq!(restore(touched, &now.kept()).as_deref(), Some(expected));
    }
    for touched in [
        "see #101; or #102",
        "see #101, or #102.",
        "see #101,",
        "#102 or #101,",
        "see #101, or #102 or #102",
    ] {
        assert_eq!(restore(touched, &now.kept()), None, "{touched}");
    }
}

#[test]
fn what_was_put_there_more_than_once_is_known_where_nothing_is_in_doubt() {
    // The same in place of the same: it does not matter which is which.
    let (now, _) = rewritten("a @<|·>bob, b @<|·>bob, c");
    for (touched, expected) in [
        ("x\n\na @·bob, y @·bob, z", Some("x\n\na @bob, y @bob, z")),
        // What follows the first two says that the third is not ours.
        (
            "a @·bob, b @·bob, d @·bob, e",
            Some("a @bob, b @bob, d @·bob, e"),
        ),
        ("a @·bob, b @·bob, b @·bob, c", None),
        ("x @·bob, y @·bob, z @·bob, d", None),
        ("a @·bob, b", None),
        ("a @·bob, c", None),
    ] {
        assert_eq!(restore(touched, &now.kept()).as_deref(), expected);
    }
    // In place of different things.
    let (now, _) = rewritten("a <#1|#9> b <g/p#1|#9> c");
    for (touched, expected) in [
        ("x a #9 b #9 y", Some("x a #1 b g/p#1 y")),
        ("x #9 b #9 y", Some("x #1 b g/p#1 y")),
        ("a #9 x #9 c", Some("a #1 x g/p#1 c")),
        ("x #9 y #9 c", None),
        ("b #9 c a #9", None),
    ] {
        assert_eq!(restore(touched, &now.kept()).as_deref(), expected);
    }
}

#[test]
fn what_the_author_wrote_is_not_taken_for_ours() {
    let (now, _) = rewritten("a <#1|#9> b #9 c");
    for (touched, expected) in [
        ("x a #9 b #9 c", Some("x a #1 b #9 c")),
        ("a #9 b #9 x", Some("a #1 b #9 x")),
        // One of both is gone.
        ("a b #9 c", None),
        ("a #9 b c", None),
        ("x #9 y #9 z", None),
    ] {
        assert_eq!(restore(touched, &now.kept()).as_deref(), expected);
    }
}

/// One change that somebody makes: at which bytes, and what stands there then.
type Touch = (Range<usize>, String);

/// What came of a text and its original by changes in order, apart, and whether they touched an edit.
fn touched(now: &Rewritten, touches: &[Touch]) -> (String, String, bool) {
    let (mut text, mut was, mut is_touched) = (String::new(), String::new(), false);
    let mut done = 0;
    let mut edits = now.edits.iter().peekable();
    let mut stood = Vec::new();
    for (range, instead) in touches
        .iter()
        .chain([&(now.text.len()..now.text.len(), String::new())])
    {
        while let Some(edit) = edits.next_if(|edit| edit.end() <= range.start) {
            was.push_str(&now.text[done..edit.at]);
            was.push_str(edit.was);
            text.push_str(&now.text[done..edit.at]);
            stood.push(text.len());
            text.push_str(edit.now);
            done = edit.end();
        }
        was.push_str(&now.text[done..range.start.max(done)]);
        text.push_str(&now.text[done..range.start.max(done)]);
        is_touched |= edits.peek().is_some_and(|edit| edit.at < range.end);
        while edits.next_if(|edit| edit.at < range.end).is_some() {}
        was.push_str(instead);
        text.push_str(instead);
        done = range.end;
    }
    let (kept, besides) = (now.kept(), stood.iter().enumerate());
    is_touched = is_touched
        || besides
            .map(|(index, at)| stands(&text, &kept, index, *at))
            .any(|stands| !stands);
    (text, was, is_touched)
}

prop_compose! {
    /// A text in which some words were replaced, among them the same words in place of others.
    fn texts()(pieces in proptest::collection::vec(prop_oneof![
        Just("<#1|#9>"), Just("<g/p#1|#9>"), Just("<|·>"), Just("<#2|[#·9](/9)>"), Just("<#1|#95>"),
        Just("a"), Just("b"), Just(" "), Just(" "), Just("\n"), Just("é"), Just("cdefghijklmnopqrstu"),
    ], 0..16)) -> String { pieces.concat() }
}

fn places_of(text: &str, cuts: &[usize]) -> Vec<usize> {
    let mut at: Vec<usize> = cuts
        .iter()
        .map(|cut| text.floor_char_boundary(cut % (text.len() + 1)))
        .collect();
    at.sort_unstable();
    at
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn one_change_is_in_the_original_too_if_it_touches_nothing(
        marked in texts(),
        cuts in any::<[usize; 2]>(),
        instead in "[ab \né]{0,4}",
    ) {
        let (now, _) = rewritten(&marked);
        let at = places_of(&now.text, &cuts);
        let (text, was, is_touched) = touched(&now, &[(at[0]..at[1], instead)]);
        let expected = (!is_touched).then_some(was);
        if text != now.text {
            prop_assert_eq!(restore(&text, &now.kept()), expected);
        }
    }

    #[test]
    fn more_changes_are_in_the_original_too_or_in_doubt(
        marked in texts(),
        cuts in any::<[usize; 6]>(),
        instead in "[ab \né]{0,4}",
    ) {
        let (now, _) = rewritten(&marked);
        let at = places_of(&now.text, &cuts);
        let touches: Vec<Touch> = at.chunks(2).map(|at| (at[0]..at[1], instead.clone())).collect();
        let (text, was, is_touched) = touched(&now, &touches);
        let restored = restore(&text, &now.kept());
        if let Some(restored) = restored && !is_touched {
            prop_assert_eq!(restored, was.clone());
        }
        // Nothing of it is in doubt if each stands there in place of one thing.
        let kept = now.kept();
        let kinds = Kinds::of(&kept);
        let is_sure = kinds.len() == now.edits.len();
        if is_sure && !is_touched {
            prop_assert_eq!(restore(&text, &now.kept()), Some(was));
        }
    }

    #[test]
    fn nothing_panics(marked in texts(), text in prop_oneof![any::<String>(), "[#9·ab \né]*"]) {
        let (now, _) = rewritten(&marked);
        let _ = restore(&text, &now.kept());
    }
}

#[test]
fn a_paragraph_at_the_top_of_a_text_with_many_edits_stays() {
    let (now, was) = rewritten(&"see <#1|#101> and <g/p#1|#101>, @<|·>bob\n".repeat(20_000));
    let text = format!("More.\n\n{}", now.text);
    let expected = format!("More.\n\n{was}");
    assert_eq!(restore(&text, &now.kept()), Some(expected));
}
