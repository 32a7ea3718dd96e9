//! Where a text holds what edits put into one, with the same beside it.

use super::around::beside;
use super::kept::Kept;
use std::collections::BTreeMap;

/// What edits put into a text. Two are of one kind if the same stands there with the same beside it:
/// nothing but what stands farther off tells them apart.
pub(super) struct Kinds<'a> {
    /// What was put there, in order, each once.
    words: Vec<&'a str>,
    /// Of each of them the longest other one with which it begins.
    shorter: Vec<Option<usize>>,
    /// By the word and what stands beside it.
    all: BTreeMap<(usize, u64), usize>,
    /// The kind of each edit.
    of: Vec<usize>,
}

impl<'a> Kinds<'a> {
    /// The kinds of some edits.
    pub(super) fn of(kept: &'a Kept) -> Self {
        let edits = &kept.edits;
        let mut numbers: BTreeMap<&str, usize> = edits.iter().map(|edit| (edit.now, 0)).collect();
        let mut words: Vec<&str> = numbers.keys().copied().collect();
        words.sort_unstable();
        let mut shorter = Vec::with_capacity(words.len());
        for (index, word) in words.iter().enumerate() {
            numbers.insert(word, index);
            let mut last = index.checked_sub(1);
            while let Some(other) = last.filter(|last| !word.starts_with(words[*last])) {
                last = shorter[other];
            }
            shorter.push(last);
        }
        let (mut all, mut of) = (BTreeMap::new(), Vec::with_capacity(edits.len()));
        for (edit, around) in edits.iter().zip(&kept.around) {
            let next = all.len();
            let kind = (numbers[edit.now], around.beside);
            of.push(*all.entry(kind).or_insert(next));
        }
        Self {
            words,
            shorter,
            all,
            of,
        }
    }

    /// How many kinds there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The kind of an edit.
    pub(super) fn kind(&self, index: usize) -> usize {
        self.of[index]
    }

    /// Tells where each kind stands in a text, in the order of the places.
    pub(super) fn find(&self, text: &str, mut found: impl FnMut(usize, usize)) {
        // The words that begin with each byte. An empty one stands everywhere, and comes first.
        let mut begin = [(0, 0); 256];
        for (index, word) in self.words.iter().enumerate() {
            if let Some(first) = word.as_bytes().first() {
                let (from, end) = &mut begin[usize::from(*first)];
                if *end == 0 {
                    *from = index;
                }
                *end = index + 1;
            }
        }
        let is_empty = self.words.first().is_some_and(|word| word.is_empty());
        let begin_at = |at: usize| {
            let first = text.as_bytes().get(at).map(|byte| usize::from(*byte));
            let (from, end) = first.map_or((0, 0), |first| begin[first]);
            let begins = end > 0 || is_empty;
            (begins && text.is_char_boundary(at)).then_some(from..end)
        };
        for (at, words) in (0..=text.len()).filter_map(|at| Some((at, begin_at(at)?))) {
            let here = &text[at..];
            // Whatever the text goes on with here is the last word that comes no later, or such a word
            // begins with it.
            let later = &self.words[words.clone()];
            let mut next = match later.len() {
                0 => Some(0),
                1 => Some(words.start),
                _ => (words.start + later.partition_point(|word| *word <= here)).checked_sub(1),
            };
            while let Some(word) = next {
                let length = self.words[word].len();
                if here.starts_with(self.words[word]) {
                    let kind = (word, beside(text, at..at + length));
                    if let Some(kind) = self.all.get(&kind) {
                        found(*kind, at);
                    }
                }
                next = self.shorter[word];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::edits::Rewritten;

    #[test]
    fn every_word_is_found_where_it_stands_alone_and_where_a_longer_one_does() {
        let mut rewritten = Rewritten {
            text: "#1 #10 #101 é #1x (#10".to_owned(),
            ..Rewritten::default()
        };
        for (at, now) in [(0, "#1"), (3, "#10"), (7, "#101"), (14, ""), (20, "#10")] {
            rewritten.edits.push(at, "", now);
        }
        let kept = rewritten.kept();
        let kinds = Kinds::of(&kept);
        assert_eq!(kinds.len(), 5);
        let mut found = Vec::new();
        kinds.find("#1\u{a0} #10 é #1 #101 (#10 #1", |kind, at| {
            found.push((kind, at));
        });
        found.sort_unstable();
        let kind = |index: usize| kinds.kind(index);
        let mut expected = vec![
            (kind(1), 5),
            (kind(3), 11),
            (kind(0), 12),
            (kind(2), 15),
            (kind(4), 21),
            (kind(0), 25),
        ];
        expected.sort_unstable();
        assert_eq!(found, expected);
    }
}
