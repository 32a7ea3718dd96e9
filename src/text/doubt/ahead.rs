//! Looking for what comes next, in linear time.

/// Looks ahead in a text, from places that only grow, in linear time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ahead(Option<usize>);

impl Ahead {
    /// The next place of something at or behind a place; the end of all places if there is none.
    pub(super) fn find(&mut self, from: usize, find: impl FnOnce() -> Option<usize>) -> usize {
        match self.0 {
            Some(known) if known >= from => known,
            _ => *self
                .0
                .insert(find().map_or(usize::MAX, |found| from + found)),
        }
    }
}
