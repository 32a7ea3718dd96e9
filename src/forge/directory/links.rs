//! What issues of a tracker say of each other, and how it looks from both ends. Pure.

use super::front_matter::Head;
use crate::model::{IssueNumber, Relation, RelationKind, Relations};
use std::collections::{BTreeMap, BTreeSet};

/// What one issue says: `links: {relates: [3], blocks: [5]}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Links {
    pub(super) relates: BTreeSet<IssueNumber>,
    pub(super) blocks: BTreeSet<IssueNumber>,
}

impl Links {
    pub(super) fn render(&self, head: &mut Head) {
        let lists = [("relates", &self.relates), ("blocks", &self.blocks)];
        let lists = lists.iter().filter(|(_, numbers)| !numbers.is_empty());
        let lists: Vec<String> = lists
            .map(|(name, numbers)| {
                let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                format!("{name}: [{}]", numbers.join(", "))
            })
            .collect();
        if !lists.is_empty() {
            head.raw("links", &format!("{{{}}}", lists.join(", ")));
        }
    }

    /// Says something of another issue, and nothing else of it.
    pub(super) fn add(&mut self, other: IssueNumber, blocks: bool) {
        self.remove(other);
        let list = if blocks {
            &mut self.blocks
        } else {
            &mut self.relates
        };
        list.insert(other);
    }

    /// Says nothing of another issue any more.
    pub(super) fn remove(&mut self, other: IssueNumber) {
        self.relates.remove(&other);
        self.blocks.remove(&other);
    }

    fn of(&self, other: IssueNumber) -> Option<RelationKind> {
        if self.blocks.contains(&other) {
            Some(RelationKind::Blocks)
        } else {
            let relates = self.relates.contains(&other);
            relates.then_some(RelationKind::Relates)
        }
    }
}

/// What all issues say of each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Book {
    says: BTreeMap<IssueNumber, Links>,
    named_by: BTreeMap<IssueNumber, BTreeSet<IssueNumber>>,
    /// Issues that cannot be read.
    pub(super) unclear: BTreeSet<IssueNumber>,
}

impl Book {
    /// Notes what an issue says now.
    pub(super) fn put(&mut self, issue: IssueNumber, links: Links) {
        let before = self.says.remove(&issue).unwrap_or_default();
        for other in before.relates.iter().chain(&before.blocks) {
            if let Some(named_by) = self.named_by.get_mut(other) {
                named_by.remove(&issue);
            }
        }
        for other in links.relates.iter().chain(&links.blocks) {
            self.named_by.entry(*other).or_default().insert(issue);
        }
        if links != Links::default() {
            self.says.insert(issue, links);
        }
        self.unclear.remove(&issue);
    }

    /// How an issue relates to others, whoever of them says so. Of two that say different things,
    /// the one that blocks is right, and of two that block each other the one of the lower number.
    pub(super) fn of(&self, issue: IssueNumber) -> Relations {
        let nothing = Links::default();
        let own = self.says.get(&issue).unwrap_or(&nothing);
        let named_by = self.named_by.get(&issue);
        let others: BTreeSet<IssueNumber> = own
            .relates
            .iter()
            .chain(&own.blocks)
            .chain(named_by.into_iter().flatten())
            .copied()
            .filter(|other| *other != issue)
            .collect();
        let known = others.into_iter().filter_map(|other| {
            let theirs = self.says.get(&other).and_then(|says| says.of(issue));
            let theirs = theirs.map(RelationKind::turned);
            let kind = match (own.of(other), theirs) {
                (Some(RelationKind::Blocks), Some(RelationKind::BlockedBy)) if other < issue => {
                    RelationKind::BlockedBy
                }
                (Some(RelationKind::Blocks), _) => RelationKind::Blocks,
                (_, Some(theirs)) => theirs,
                (Some(own), None) => own,
                (None, None) => return None,
            };
            Some(Relation { other, kind })
        });
        Relations {
            known: known.collect(),
            unclear: self.unclear.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RelationKind::{BlockedBy, Blocks, Relates};

    fn links(relates: &[u64], blocks: &[u64]) -> Links {
        let set = |numbers: &[u64]| numbers.iter().copied().map(IssueNumber).collect();
        Links {
            relates: set(relates),
            blocks: set(blocks),
        }
    }

    fn of(book: &Book, issue: u64) -> Vec<(u64, RelationKind)> {
        let known = book.of(IssueNumber(issue)).known;
        known.iter().map(|r| (r.other.0, r.kind)).collect()
    }

    #[test]
    fn what_one_says_is_seen_from_both() {
        let mut book = Book::default();
        book.put(IssueNumber(1), links(&[3, 1], &[2]));
        assert_eq!(of(&book, 1), [(2, Blocks), (3, Relates)]);
        assert_eq!(of(&book, 2), [(1, BlockedBy)]);
        assert_eq!(of(&book, 3), [(1, Relates)]);
        book.put(IssueNumber(1), links(&[], &[]));
        assert_eq!(of(&book, 2), []);
    }

    #[test]
    fn two_that_say_different_things_are_seen_alike_from_both() {
        let mut book = Book::default();
        book.put(IssueNumber(1), links(&[2], &[3]));
        book.put(IssueNumber(2), links(&[], &[1]));
        book.put(IssueNumber(3), links(&[], &[1]));
        assert_eq!(of(&book, 1), [(2, BlockedBy), (3, Blocks)]);
        assert_eq!(of(&book, 2), [(1, Blocks)]);
        assert_eq!(of(&book, 3), [(1, BlockedBy)]);
    }
}
