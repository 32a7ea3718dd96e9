//! What stands in a line: back quotes, dollars and addresses.

use super::Doubt;
use super::lines::{any_in, ends_code};
use std::ops::Range;

/// The longest run of back quotes that every parser takes for the beginning of code.
const RUN: usize = 80;

impl Doubt<'_> {
    /// A piece of text that is shown. A back quote in it has found no other one.
    pub(in crate::text) fn shown(&mut self, range: &Range<usize>) {
        let shown = &self.text[range.clone()];
        // An address takes the backslash along that is in front of it.
        if self.text[..range.start].ends_with('\\') && shown.starts_with(['<', '`', '[', '$']) {
            self.taken_along(range.start);
        }
        // What can be no part of any of these.
        let is_plain = |b: u8| b.is_ascii_alphanumeric() && b != b'w' || b"[]()!*_#@".contains(&b);
        if shown.len() < 8 && shown.bytes().all(is_plain) {
            return;
        }
        self.dollars(range);
        let word = shown.rfind(|c: char| c.is_ascii_whitespace() || c == '<');
        self.address &= word.is_none();
        let word = &shown[word.unwrap_or(0)..];
        self.address |= word.len() > 2 && (word.contains("://") || word.contains("www."));
        if self.lonely {
            return;
        }
        let is_escaped = self.text[..range.start].ends_with('\\');
        let skipped = usize::from(is_escaped && shown.starts_with('`'));
        self.lonely = shown[skipped..].contains('`');
    }

    fn dollars(&mut self, range: &Range<usize>) {
        if !self.formulas {
            return;
        }
        let mut at = range.start;
        while let Some(found) = self.text[at..range.end].find('$') {
            let start = at + found;
            let run = self.text[start..].bytes().take(3);
            let length = run.take_while(|b| *b == b'$').count();
            at = (start + length).min(range.end);
            let next = self.text[start + length..].bytes().next();
            let is_escaped = start == range.start && self.text[..start].ends_with('\\');
            let length = length - usize::from(is_escaped);
            let begins = length > 1 || next.is_some_and(|b| !b.is_ascii_whitespace());
            if length > 0 && begins {
                self.dollar = Some(self.dollar.unwrap_or(false) || length > 1);
            }
        }
    }

    /// A formula, with its dollars; whether what stands in it may be text.
    pub(in crate::text) fn formula(&mut self, range: &Range<usize>) -> bool {
        let inside = self.text[range.clone()].trim_matches('$');
        let in_doubt = self.dollar.is_some() || self.rest || self.is_all(range.start);
        // Two dollars that are shown may begin a longer one.
        if self.dollar == Some(true) {
            self.leaf_unsure(range.start);
        }
        let behind = self.text[range.end..].bytes().next();
        let is_code = inside.len() > 1 && inside.starts_with('`') && inside.ends_with('`');
        if self.address
            || inside.contains('$')
            || inside.contains('`') && !is_code
            || behind.is_some_and(|b| b == b'$' || b.is_ascii_digit())
        {
            self.dollar = Some(true);
        }
        in_doubt
    }

    /// Whether code was read that may be none, so that what comes may be code.
    pub(in crate::text) fn is_rest(&self) -> bool {
        self.rest
    }

    /// Something begins that an address in front of it may take along.
    pub(in crate::text) fn taken_along(&mut self, at: usize) {
        if self.address {
            self.wild(at);
        }
    }

    /// A line ends.
    pub(in crate::text) fn line(&mut self) {
        self.address = false;
    }

    /// Whether code in a line, with its back quotes, may be none.
    pub(in crate::text) fn code(&mut self, range: &Range<usize>) -> bool {
        // What is over with the code does not count behind it.
        let is_over = self.raw.is_none() && range.end <= self.until;
        let is_read_otherwise = self.rest || self.begins(range);
        let in_doubt = self.is_all(range.start) || is_read_otherwise;
        self.rest |= is_read_otherwise || in_doubt && !is_over;
        self.address = false;
        in_doubt
    }

    fn begins(&mut self, range: &Range<usize>) -> bool {
        let text = self.text;
        let code = &text[range.clone()];
        let run = code.bytes().take_while(|b| *b == b'`').count();
        if run > RUN || self.is_spent(code, run) {
            return true;
        }
        if self.is_in_formula(range) {
            return true;
        }
        self.address
            || any_in(&self.lines.descriptions, self.leaf.start..range.end)
            || self.labels && code.contains('|')
            || code.contains('\n')
                && (self.is_fenced(range.start)
                    || any_in(&self.lines.underlines, range.clone())
                    || code.lines().skip(1).any(ends_code))
    }

    /// Whether a formula may begin in front of something in a line and end in it or behind it.
    pub(in crate::text) fn is_in_formula(&mut self, range: &Range<usize>) -> bool {
        let Some(two) = self.dollar else {
            return false;
        };
        let (text, from) = (self.text, range.start);
        let dollar = self.dollars.find(from, || text[from..].find('$'));
        // What cannot end a formula lets none begin.
        let ends = || {
            two || !text[..dollar].ends_with(|c: char| c.is_ascii_whitespace())
                && !text[dollar + 1..].starts_with(|c: char| c.is_ascii_digit())
        };
        dollar < self.leaf_end(from) && ends()
    }

    /// A parser that looked for a run in vain remembers where it saw others, and forgets it with each
    /// code that it finds: from then on it finds only other runs.
    fn is_spent(&mut self, code: &str, run: usize) -> bool {
        if !self.lonely {
            return false;
        }
        let is_spent = self.spent & (1 << run) != 0;
        let mut at = run;
        while let Some(found) = code[at..].find('`') {
            at += found;
            let length = code[at..].bytes().take_while(|b| *b == b'`').count();
            if length <= RUN {
                self.spent |= 1 << length;
            }
            at += length;
        }
        is_spent
    }
}
