//! Which elements are open where a text stands: whether forges pass over it, whether it is a link.

use super::elements::{QUIET, is_phrase, is_void};
use std::collections::BTreeMap;

/// The elements that are open.
#[derive(Debug, Default)]
pub struct Open {
    stack: Names,
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
        self.stack.links > 0
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
        for index in 0..self.stack.len() {
            let name = self.stack.get(index);
            match self.left.get_mut(name) {
                Some(left) => *left += 1,
                None => drop(self.left.insert(name.to_owned(), 1)),
            }
        }
        self.stack.truncate(0);
        self.quiet = None;
    }

    /// A tag opens an element. `closes_itself`: it ends with a slash; `may_end`: something that the
    /// reader does not see may end the element, so nothing is passed over for its sake.
    pub(super) fn open(&mut self, name: &str, closes_itself: bool, may_end: bool) {
        if !is_phrase(name) {
            self.quiet = None;
        }
        if closes_itself || is_void(name) {
            return;
        }
        // Nothing that is meant nests that deep, and a search through it is not for nothing.
        if self.stack.len() >= 64 {
            self.stack.truncate(0);
            self.quiet = None;
        }
        if QUIET.contains(&name) && self.quiet.is_none() && !may_end {
            self.quiet = Some(self.stack.len());
        }
        self.stack.push(name);
    }

    /// A tag closes the last element of that name and what was opened in it.
    pub(super) fn close(&mut self, name: &str) {
        if self.raw() == Some(name) {
            self.raw = None;
        }
        let Some(at) = self.stack.last_of(name) else {
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

/// Names, one behind the other: there may be as many as there are tags.
#[derive(Debug, Default)]
struct Names {
    text: String,
    /// Where each of them ends.
    ends: Vec<usize>,
    /// How many of them are links.
    links: usize,
}

/// The name of a link.
const LINK: &str = "a";

impl Names {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, index: usize) -> &str {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[index]]
    }

    /// Where the last one stands that is this.
    fn last_of(&self, name: &str) -> Option<usize> {
        (0..self.len()).rev().find(|index| self.get(*index) == name)
    }

    fn push(&mut self, name: &str) {
        self.links += usize::from(name == LINK);
        self.text.push_str(name);
        self.ends.push(self.text.len());
    }

    /// Keeps the first ones.
    fn truncate(&mut self, count: usize) {
        while self.len() > count {
            let name = self.get(self.len() - 1);
            let (is_link, rest) = (name == LINK, self.text.len() - name.len());
            self.links -= usize::from(is_link);
            self.text.truncate(rest);
            self.ends.pop();
        }
    }
}
