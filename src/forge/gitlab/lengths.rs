//! How long texts may be: what holds where nobody changed it, and what a refusal tells.
//! <https://docs.gitlab.com/administration/instance_limits/>

use crate::forge::{Fate, ForgeError};
use crate::model::{Lengths, Longest};
use crate::text::length;
use regex::Regex;
use std::sync::LazyLock;

/// `Issuable` and `Note` in GitLab's `app/models/concerns`. Of notes earlier versions count 1,000,000
/// characters and later ones 1 MiB, and administrators may lower that: no more than this is taken
/// anywhere, and where it is less, a refusal tells.
pub(super) const LENGTHS: Lengths = Lengths {
    title: Longest::Characters(255),
    text: Longest::Bytes(1024 * 1024),
    comment: Longest::Characters(1024 * 1024),
};

/// How refusals call the text of an issue.
pub(super) const TEXT: &str = "description";

/// How they call that of a comment.
pub(super) const NOTE: &str = "note";

/// Says of a refusal how long the text may be, if it was about that.
pub(super) fn heard(error: ForgeError, name: &str, sent: &str) -> ForgeError {
    let longest = match (error.status, error.fate) {
        (Some(400 | 422), Fate::NotDone) => longest(&error.said, name, sent),
        _ => None,
    };
    ForgeError { longest, ..error }
}

/// The length that a refusal names: `description is too long (1.1 MiB). The maximum size is 1 MiB.` or
/// `Note {:note=>["is too long (maximum is 1000000 characters)"]}`. The words are in the language of the
/// account, so only the numbers are read, and only what a text that was refused for it exceeds.
fn longest(said: &str, name: &str, sent: &str) -> Option<Longest> {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        crate::text::structure::regex(r"([0-9]{1,9})(?:[.,]([0-9]{1,3}))?\s*([a-z]*)")
    });
    let said = said.to_lowercase();
    let about = &said[said.find(name)? + name.len()..];
    let about = about.split([']', ';']).next()?;
    let (mut sizes, mut counts) = (Vec::new(), Vec::new());
    for found in NUMBER.captures_iter(about) {
        let whole: usize = found[1].parse().ok()?;
        let unit = match &found[3] {
            "b" | "byte" | "bytes" => 0,
            "kib" | "kb" | "ko" => 1,
            "mib" | "mb" | "mo" => 2,
            _ => {
                counts.push(whole);
                continue;
            }
        };
        let behind = found.get(2).map_or("", |digits| digits.as_str());
        let thousandths: usize = format!("{behind:0<3}").parse().ok()?;
        sizes.push(at_least(whole * 1000 + thousandths, unit));
    }
    let longest = match (sizes.as_slice(), counts.as_slice()) {
        // How long it is, and how long it may be.
        ([one, other], []) => Longest::Bytes(*one.min(other)),
        ([], [count]) => Longest::Characters(*count),
        _ => return None,
    };
    let is_exceeded = match longest {
        Longest::Characters(most) => !length::Longest::Characters(most).fits(sent),
        Longest::Bytes(most) => sent.len() > most,
        Longest::Any => false,
    };
    is_exceeded.then_some(longest)
}

/// The least number of bytes that is written so, as what is more than bytes has three digits only.
fn at_least(thousandths: usize, unit: u32) -> usize {
    if unit == 0 {
        return thousandths / 1000;
    }
    let half = match thousandths / 1000 {
        0..10 => 5,
        10..100 => 50,
        100..1000 => 500,
        _ => 5000,
    };
    (thousandths.saturating_sub(half) * 1024_usize.pow(unit)).div_ceil(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_tells_how_long_a_text_may_be_in_every_language() {
        let sent = "é".repeat(1_100_000);
        for (said, name, expected) in [
            (
                "400 description is too long (2.1 MiB). The maximum size is 1000 B.",
                TEXT,
                Some(Longest::Bytes(1000)),
            ),
            (
                "400 title ist zu lang (300 B); description ist zu lang (2,1 MB). Erlaubt sind 19,5 KB.",
                TEXT,
                Some(Longest::Bytes(19_917)),
            ),
            (
                "400 Bad request - Note {:note=>[\"is too long (maximum is 1000000 characters)\"]}",
                NOTE,
                Some(Longest::Characters(1_000_000)),
            ),
            (
                "400 Bad request - Note {note: [\"ist zu lang (mehr als 1000 Zeichen)\"]}",
                NOTE,
                Some(Longest::Characters(1000)),
            ),
            // About something else, or nothing that would help.
            (
                "400 title is too long (maximum is 255 characters)",
                TEXT,
                None,
            ),
            ("400 description is too long", TEXT, None),
            ("400 description has 3 of 4", TEXT, None),
            (
                "400 description is too long (maximum is 1200000 characters)",
                TEXT,
                None,
            ),
        ] {
            assert_eq!(longest(said, name, &sent), expected, "{said}");
        }
    }

    #[test]
    fn of_a_size_that_was_rounded_no_more_is_taken_than_it_surely_is() {
        for (thousandths, unit, least) in [
            (7000, 0, 7),
            (1000, 2, 1_043_334),
            (977_000, 1, 999_936),
            (1_020_000, 1, 1_039_360),
        ] {
            assert_eq!(at_least(thousandths, unit), least);
        }
    }
}
