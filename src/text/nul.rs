//! The character U+0000, which Markdown reads as U+FFFD wherever it stands. Only a tracker of files can
//! hold it.

use super::edits::{self, Rewritten};
use std::borrow::Cow;

const NUL: char = '\0';
/// What is read and shown for it.
const SHOWN: &str = "\u{fffd}";

/// A text as it is read.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    if text.contains(NUL) {
        Cow::Owned(text.replace(NUL, SHOWN))
    } else {
        Cow::Borrowed(text)
    }
}

/// The same with what was changed for it; `None` if nothing was.
pub(super) fn written(text: &str) -> Option<Rewritten> {
    if !text.contains(NUL) {
        return None;
    }
    let found = text.match_indices(NUL);
    let changes = found.map(|(at, nul)| (at..at + nul.len(), SHOWN.into()));
    Some(edits::apply(text, changes.collect()))
}
