//! What of a document is shown as text, and how: as it stands there, as what an entity stands for, or
//! where nobody looks.

use super::walk::Walk;
use super::{push, regex};
use pulldown_cmark::Event;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

impl Walk<'_> {
    /// Whether an event is nothing but more of the text that was read last. The parser begins
    /// another piece at each bracket, star and dollar of which it makes nothing.
    pub(super) fn goes_on(&mut self, event: &Event<'_>, range: &Range<usize>) -> bool {
        let Event::Text(content) = event else {
            self.say_run();
            return false;
        };
        if self.run.end == range.start && !self.run.is_empty() && self.is_there(content, range) {
            self.run.end = range.end;
            return true;
        }
        self.say_run();
        let may_go_on = self.hidden == 0
            && !self.code
            && !self.is_data
            && self.text.as_bytes()[..range.start].last() != Some(&b'\\')
            && self.is_there(content, range);
        if may_go_on {
            self.run = range.clone();
        }
        may_go_on
    }

    /// Whether a text stands in the source as it is.
    fn is_there(&self, content: &str, range: &Range<usize>) -> bool {
        std::ptr::eq(content, &raw const self.text[range.clone()])
    }

    /// Says the text that was read and does not go on.
    pub(super) fn say_run(&mut self) {
        let range = std::mem::take(&mut self.run);
        if !range.is_empty() {
            let text = self.text;
            let content = Event::Text(text[range.clone()].into());
            self.event(&content, &range);
        }
    }

    /// Whether something else may stand instead of a text.
    fn is_prose(&self, range: &Range<usize>) -> bool {
        !self.open.is_link() && range.start >= self.html_end
    }

    pub(super) fn prose(&mut self, content: &str, range: &Range<usize>) {
        if self.hidden > 0 || self.open.is_quiet() {
            self.found.flow.gap();
            if self.doubt.is_all(range.start) || self.hidden == 0 && self.doubt.is_rest() {
                // What it goes on with is in doubt, too, and may be read together with it.
                let end = self.doubt.leaf_end(range.end);
                self.in_doubt(&(range.start..end));
            } else if self.hidden > 0 && self.doubt.label(range.start)
                || self.doubt.is_in_formula(range)
            {
                self.in_doubt(range);
            } else if self.links.last().is_some_and(|link| link.is_label) {
                self.labels.push(range.clone());
            }
            let quiet = &mut self.found.quiet;
            if self.hidden == 0 {
                if quiet.end() != range.start {
                    quiet.gap();
                }
                quiet.say(self.text, range.clone());
            }
            return;
        }
        if self.is_prose(range) {
            push(&mut self.found.open, range.clone());
        }
        // Where the text differs from the source it stands for an entity, and that is no prose that
        // could be rewritten in place.
        if !self.is_there(content, range) && self.text.get(range.clone()) != Some(content) {
            self.found.flow.stand_in(content, range.clone());
            if self.may_be_raw(range) {
                self.in_doubt(range);
            }
            return;
        }
        self.say(content, range);
        if !self.is_prose(range) {
            return;
        }
        push(&mut self.found.prose, range.clone());
    }

    /// Text as it stands there; its first character may be one that a backslash makes nothing of.
    fn say(&mut self, content: &str, range: &Range<usize>) {
        self.links_in(content, range.start);
        let flow = &mut self.found.flow;
        let before = range.start.checked_sub(1);
        let is_escaped = before
            .is_some_and(|at| self.text.as_bytes()[at] == b'\\' && flow.end() <= at)
            && content.starts_with(|c| self.escaped.contains(c));
        let first = range.start + content.chars().next().map_or(0, char::len_utf8);
        if is_escaped {
            flow.gap();
            flow.say(self.text, range.start..first);
            flow.gap();
            flow.say(self.text, first..range.end);
            if self.may_be_raw(range) {
                self.in_doubt(&(range.start - 1..range.end));
            }
        } else {
            flow.say(self.text, range.clone());
            self.prices_in(content, range);
        }
    }

    /// The backslash that a dollar in front of a number gets is none where everything stands for itself.
    fn prices_in(&mut self, content: &str, range: &Range<usize>) {
        let dollars = content.bytes().enumerate().filter(|(_, b)| *b == b'$');
        for (dollar, _) in dollars {
            let is_price = content[dollar + 1..].starts_with(|c: char| c.is_ascii_digit());
            let price = range.start + dollar..range.end;
            if is_price && self.may_be_raw(&price) {
                self.in_doubt(&price);
            }
        }
    }

    /// Where addresses in a text become links, as the parser of the forge sees it: it asks for what
    /// stands in front in the source. Behind `~` one may be the name of a label, and be none then.
    fn links_in(&mut self, content: &str, start: usize) {
        static BEGINS: LazyLock<Regex> = LazyLock::new(|| regex(r"www\.|://"));
        // Most pieces are shorter than either.
        if content.len() < "://".len() {
            return;
        }
        for begins in BEGINS.find_iter(content) {
            let at = start + begins.start();
            let before = at.checked_sub(1).map(|before| self.text.as_bytes()[before]);
            let may_begin = if begins.as_str() == "://" {
                before.is_some_and(|b| b.is_ascii_alphabetic())
            } else {
                before.is_none_or(|b| b.is_ascii_whitespace() || b"([*".contains(&b))
            };
            // In what may be HTML none is made.
            if may_begin && !self.is_label(at) && !self.doubt.is_all(at) {
                self.found.flow.link(at);
            }
        }
    }

    /// Whether what stands at a place looks like the label of a link up to the next blank: addresses
    /// in that are none. Places are asked for in order.
    fn is_label(&mut self, at: usize) -> bool {
        let next = |found: Option<usize>| found.map_or(self.text.len(), |found| at + found);
        if self.blank <= at {
            self.blank = next(self.text[at..].find(|c: char| c.is_ascii_whitespace()));
        }
        if self.turn <= at {
            self.turn = next(self.text[at..].find("]("));
        }
        self.turn < self.blank
    }

    /// Whether every character may stand for itself.
    fn may_be_raw(&mut self, range: &Range<usize>) -> bool {
        self.doubt.is_all(range.start) || self.doubt.is_in_formula(range)
    }
}
