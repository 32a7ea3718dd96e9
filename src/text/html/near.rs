//! The character that is shown next to a place, whatever entity or tag stands between.

use super::elements::{is_block, is_phrase};
use super::entities::{Shown, entity};
use super::tags::in_small_letters;
use std::borrow::Cow;

/// What is shown next to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Near {
    /// A character.
    Shown(char),
    /// A character, on the other side of tags that not every forge keeps.
    Across(char),
    /// Nothing that could belong to a word.
    Nothing,
}

impl Near {
    /// Whether a character stands there of which something is true.
    pub fn is(self, is_so: impl Fn(char) -> bool) -> bool {
        match self {
            Self::Shown(c) | Self::Across(c) => is_so(c),
            Self::Nothing => false,
        }
    }
}

/// How far is looked at: no entity of ASCII is longer, and hardly a tag that anybody writes.
const NEAR: usize = 200;

/// What may stand on the other side of a longer tag: part of a word.
const FAR: Near = Near::Across('x');

/// Whether a tag that began far in front may end where a text ends, with a `>`: none goes on over a
/// blank line or into a quote, or has nothing behind the `=` of an attribute.
fn may_end_tag(text: &str) -> bool {
    let before = text.trim_end_matches(['>', ' ', '\t']);
    !before.ends_with(['\n', '=']) && !before.is_empty() && !text.contains("\n\n")
}

/// What a text begins with.
pub fn shown_behind(text: &str) -> Near {
    if !text.starts_with(['<', '&']) {
        return near(text.chars().next(), false);
    }
    let mut rest = &text[..text.floor_char_boundary(NEAR)];
    let all = rest.len();
    while rest.starts_with('<') && tag_name(rest).is_some_and(|name| !is_kept(&name)) {
        let Some(end) = rest.find('>') else {
            if all < text.len() && !rest.contains("\n\n") {
                return FAR;
            }
            break;
        };
        rest = &rest[end + 1..];
    }
    let shown = match entity(rest) {
        Some((_, shown)) => shown.map(Shown::first),
        None => rest.chars().next(),
    };
    near(shown, rest.len() < all)
}

/// What a text ends with.
pub fn shown_before(text: &str) -> Near {
    if !text.ends_with(['>', ';']) {
        return near(text.chars().next_back(), false);
    }
    let from = text.floor_char_boundary(text.len().saturating_sub(NEAR));
    let mut rest = &text[from..];
    while rest.ends_with('>') {
        let Some(at) = rest.rfind('<') else {
            if from > 0 && may_end_tag(rest) {
                return FAR;
            }
            break;
        };
        if tag_name(&rest[at..]).is_none_or(|name| is_kept(&name)) {
            break;
        }
        rest = &rest[..at];
    }
    let at = rest.rfind('&').filter(|_| rest.ends_with(';'));
    let entity =
        at.and_then(|at| entity(&rest[at..]).filter(|(length, _)| at + length == rest.len()));
    let shown = match entity {
        Some((_, shown)) => shown.map(Shown::last),
        None => rest.chars().next_back(),
    };
    near(shown, rest.len() < text.len() - from)
}

fn near(shown: Option<char>, across: bool) -> Near {
    match shown {
        Some(c) if across => Near::Across(c),
        Some(c) => Near::Shown(c),
        None => Near::Nothing,
    }
}

/// The name of a tag in small letters, empty of a comment; `None`: it is no tag.
fn tag_name(tag: &str) -> Option<Cow<'_, str>> {
    let inside = tag[1..].trim_start_matches('/');
    let length = inside.find(|c: char| !c.is_ascii_alphanumeric());
    let name = in_small_letters(&inside[..length.unwrap_or(inside.len())]);
    let is_tag = inside.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '!' | '?'));
    is_tag.then_some(name)
}

fn is_kept(name: &str) -> bool {
    is_block(name) || is_phrase(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p8_a_long_tag_hides_nothing_that_may_stand_behind_it() {
        let tag = format!("<x a=\"{}\">", "b".repeat(2 * NEAR));
        assert_eq!(shown_behind(&format!("{tag}2")), FAR);
        assert_eq!(shown_before(&format!("other{tag}")), FAR);
        assert_eq!(shown_behind("<x>2"), Near::Across('2'));
        assert_eq!(shown_before("other<x>"), Near::Across('r'));
        let words = "word ".repeat(NEAR);
        for text in ["a =>", "a\n>", "a\n\nb ->"] {
            assert_eq!(shown_before(&format!("{words}{text}")), Near::Shown('>'));
        }
        assert_eq!(shown_behind(&format!("<x\n\n{words}")), Near::Shown('<'));
        assert_eq!(shown_behind(&format!("< {words}")), Near::Shown('<'));
    }
}
