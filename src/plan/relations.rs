//! The links of an issue to others: what the source has, what we made of it, and what follows.

use crate::model::{IssueNumber, Relation, RelationKind, Relations};

/// A link that we made on the target, by what it was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// The other issue of the source.
    pub other: IssueNumber,
    /// How the source then had it, as seen from this issue.
    pub from: RelationKind,
}

/// What is to be done about one link. Numbers are those of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelationAction {
    /// The source has it and we did not make it yet.
    Add(Relation),
    /// We made it from something that the source does not have any more.
    Remove(Made),
}

/// What follows for one issue; a change of kind is both, in this order. What people linked on the
/// target is not ours and not asked for (P6).
pub fn plan(there: &Relations, made: &[Made]) -> Vec<RelationAction> {
    let gone = made
        .iter()
        .filter(|made| !there.unclear.contains(&made.other))
        .filter(|made| there.to(made.other) != Some(made.from));
    let stays = |relation: &&Relation| {
        let mut made = made.iter();
        !made.any(|made| made.other == relation.other && made.from == relation.kind)
    };
    let new = there.known.iter().filter(stays);
    gone.map(|made| RelationAction::Remove(*made))
        .chain(new.map(|relation| RelationAction::Add(*relation)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use RelationKind::{BlockedBy, Blocks, Relates};

    fn there(known: &[(u64, RelationKind)]) -> Relations {
        let known = known.iter().map(|(other, kind)| Relation {
            other: IssueNumber(*other),
            kind: *kind,
        });
        Relations {
            known: known.collect(),
            ..Relations::default()
        }
    }

    fn made(other: u64, from: RelationKind) -> Made {
        let other = IssueNumber(other);
        Made { other, from }
    }

    fn add(other: u64, kind: RelationKind) -> RelationAction {
        let other = IssueNumber(other);
        RelationAction::Add(Relation { other, kind })
    }

    #[test]
    fn what_is_in_step_asks_for_nothing() {
        let source = there(&[(3, Relates), (5, Blocks)]);
        assert_eq!(plan(&source, &[made(3, Relates), made(5, Blocks)]), []);
        assert_eq!(plan(&Relations::default(), &[]), []);
    }

    #[test]
    fn new_ones_are_added_and_ours_that_are_gone_removed() {
        let source = there(&[(3, Relates)]);
        assert_eq!(
            plan(&source, &[made(5, Blocks)]),
            [RelationAction::Remove(made(5, Blocks)), add(3, Relates)]
        );
    }

    #[test]
    fn another_kind_takes_the_place_of_the_former() {
        assert_eq!(
            plan(&there(&[(3, BlockedBy)]), &[made(3, Relates)]),
            [RelationAction::Remove(made(3, Relates)), add(3, BlockedBy)]
        );
    }

    #[test]
    fn what_cannot_be_told_is_not_taken_for_gone() {
        let mut source = there(&[]);
        source.unclear.insert(IssueNumber(3));
        assert_eq!(plan(&source, &[made(3, Relates)]), []);
    }
}
