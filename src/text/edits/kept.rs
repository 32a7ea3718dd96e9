//! Edits as they are kept: with what stands around each of them, by which they are found again. Few
//! rewrites are ever undone, so this is worked out only where it is asked for.

use super::around::{self, Stretch};
use super::occurrences::Kinds;
use super::{Edits, Rewritten};

/// Edits, and what stands around them in the rewritten text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    pub(super) edits: Edits,
    /// Of each of them.
    pub(super) around: Vec<Around>,
    /// What stands behind the last of them.
    pub(super) rest: Stretch,
}

/// What stands around an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Around {
    /// A digest of what the word goes on with on both sides.
    pub(super) beside: u64,
    /// What stands between it and the one before.
    pub(super) between: Stretch,
    /// How often the same stands in the text with the same beside it, also where the author wrote it.
    pub(super) seen: usize,
}

impl Rewritten {
    /// What undoes the edits later, also in what people made of the text by then.
    pub fn kept(&self) -> Kept {
        let (text, edits) = (&self.text, self.edits.clone());
        let mut done = 0;
        let around = edits.iter().map(|edit| {
            let between = Stretch::of(&text.as_bytes()[done..edit.at]);
            done = edit.end();
            Around {
                beside: around::beside(text, edit.at..done),
                between,
                seen: 0,
            }
        });
        let mut kept = Kept {
            around: around.collect(),
            rest: Stretch::of(&text.as_bytes()[done..]),
            edits,
        };
        let kinds = Kinds::of(&kept);
        let mut seen = vec![0; kinds.len()];
        kinds.find(text, |kind, _| seen[kind] += 1);
        let seen: Vec<usize> = (0..kept.around.len())
            .map(|index| seen[kinds.kind(index)])
            .collect();
        for (around, seen) in kept.around.iter_mut().zip(seen) {
            around.seen = seen;
        }
        kept
    }
}
