//! Which elements are open where a text stands: whether forges pass over it, whether it is a link.

use super::elements::{PHRASES, QUIET, VOID};
use std::collections::BTreeMap;

/// The elements that are open.
#[derive(Debug, Default)]
pub struct Open {
    stack: Vec<String>,
    /// The depth of the outermost quiet one.
    quiet: Option<usize>,
    /// One in which everything is text, until it is closed.
    pub(super) raw: Option<String>,
    /// A tag or a comment does not end where it should.
    pub(super) torn: bool,
    /// How many of each name were open when their block ended: a forge that knows no such blocks may
    /// end them later, with all that is open in them.
    left: BTreeMap<String, usize>,
    /// Such an end was there while forges passed over the text.
    crossed: bool,
}

impl Open {
    /// Whether forges pass over the text that comes here.
    pub fn is_quiet(&self) -> bool {
        self.quiet.is_some()
    }

    /// Whether the text that comes here is that of a link.
    pub fn is_link(&self) -> bool {
        self.stack.iter().any(|name| name == "a")
    }

    /// In which everything is text until it is closed, wherever that is.
    pub(in crate::text) fn raw(&self) -> Option<&str> {
        self.raw.as_deref()
    }

    /// Whether a tag or a comment was not closed: it takes along what follows.
    pub(in crate::text) fn is_torn(&self) -> bool {
        self.torn
    }

    /// Whether what is not looked at may have ended with something that was left open before.
    pub(in crate::text) fn is_crossed(&self) -> bool {
        self.crossed
    }

    /// How many elements are open.
    pub(in crate::text) fn depth(&self) -> usize {
        self.stack.len()
    }

    /// Emphasis ends that began where so many were open.
    pub(in crate::text) fn end_of_emphasis(&mut self, depth: usize) {
        self.stack.truncate(depth);
        self.quiet = self.quiet.filter(|quiet| *quiet < depth);
    }

    /// Another block begins: only what no block ends is still open.
    pub(in crate::text) fn end_of_block(&mut self) {
        for name in self.stack.drain(..) {
            *self.left.entry(name).or_default() += 1;
        }
        self.quiet = None;
    }

    /// A tag opens an element. `closes_itself`: it ends with a slash; `may_end`: something that the
    /// reader does not see may end the element, so nothing is passed over for its sake.
    pub(super) fn open(&mut self, name: &str, closes_itself: bool, may_end: bool) {
        if !PHRASES.contains(&name) {
            self.quiet = None;
        }
        if closes_itself || VOID.contains(&name) {
            return;
        }
        // Nothing that is meant nests that deep, and a search through it is not for nothing.
        if self.stack.len() >= 64 {
            self.stack.clear();
            self.quiet = None;
        }
        if QUIET.contains(&name) && self.quiet.is_none() && !may_end {
            self.quiet = Some(self.stack.len());
        }
        self.stack.push(name.to_owned());
    }

    /// A tag closes the last element of that name and what was opened in it.
    pub(super) fn close(&mut self, name: &str) {
        if self.raw() == Some(name) {
            self.raw = None;
        }
        let Some(at) = self.stack.iter().rposition(|open| open == name) else {
            if let Some(left) = self.left.get_mut(name).filter(|left| **left > 0) {
                *left -= 1;
                self.crossed |= self.quiet.is_some();
            }
            return;
        };
        self.stack.truncate(at);
        self.quiet = self.quiet.filter(|quiet| *quiet < at);
    }
}
