//! What a case is made of, and how one is drawn.

use super::edits::{Edit, TEXTS, edit};
use crate::chance::faults::{At, Bad, at, bad};
use crate::chance::{Which, which};
use proptest::prelude::*;
use std::fmt;

/// Everything about one case.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// The server's clock less ours, in seconds.
    pub(super) skew: i64,
    /// The pair mirrors confidential issues.
    pub(super) confidential: bool,
    /// The mirror's account owns the target, so it sets times.
    pub(super) owner: bool,
    /// So many issues, each with a comment, are there in the beginning.
    pub(super) issues: usize,
    pub(super) steps: Vec<Step>,
}

impl fmt::Display for Case {
    /// One line for each step.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            skew,
            confidential,
            owner,
            issues,
            steps,
        } = self;
        writeln!(
            f,
            "{issues} issues, skew {skew} s, confidential {confidential}, owner {owner}"
        )?;
        steps.iter().try_for_each(|step| writeln!(f, "  {step:?}"))
    }
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Somebody edits the source.
    Edit(Edit),
    /// Somebody adds something on the target.
    There(There),
    /// So many seconds pass.
    Wait(i64),
    Pass(Pass),
}

#[derive(Clone, Debug)]
pub(super) struct Pass {
    pub(super) full: bool,
    pub(super) faults: Vec<(At, Bad)>,
    /// Edits just before the so-manieth request.
    pub(super) during: Vec<(u64, Edit)>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum There {
    Label(Which),
    Comment(Which),
    Spend(Which),
}

fn there() -> impl Strategy<Value = There> {
    prop_oneof![
        which().prop_map(There::Label),
        which().prop_map(There::Comment),
        which().prop_map(There::Spend),
    ]
}

fn pass() -> impl Strategy<Value = Pass> {
    let faults = prop_oneof![
        2 => Just(Vec::new()),
        3 => prop::collection::vec((at(), bad()), 1..3),
    ];
    let during = prop_oneof![
        3 => Just(Vec::new()),
        1 => prop::collection::vec((1..20_u64, edit()), 1..3),
    ];
    (prop::bool::weighted(0.15), faults, during).prop_map(|(full, faults, during)| Pass {
        full,
        faults,
        during,
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => edit().prop_map(Step::Edit),
        1 => there().prop_map(Step::There),
        3 => prop::sample::select(vec![10, 10, 40, 100, 200, 4000]).prop_map(Step::Wait),
        4 => pass().prop_map(Step::Pass),
    ]
}

/// Something is edited, a pass fails at it, and soon it is edited again.
fn again() -> impl Strategy<Value = Vec<Step>> {
    let pair = prop_oneof![
        (0..3_usize, 0..3_usize).prop_map(|(a, b)| [Edit::Retitle(0, a), Edit::Retitle(0, b)]),
        (0..TEXTS.len(), 0..TEXTS.len())
            .prop_map(|(a, b)| [Edit::Rewrite(0, a), Edit::Rewrite(0, b)]),
        (1..TEXTS.len(), 1..TEXTS.len())
            .prop_map(|(a, b)| [Edit::Reword(0, 0, a), Edit::Reword(0, 0, b)]),
        (1..TEXTS.len()).prop_map(|a| [Edit::Comment(0, a), Edit::RemoveComment(0, 0)]),
        (1..TEXTS.len()).prop_map(|a| [Edit::Comment(0, 1), Edit::Reply(0, 0, a)]),
        any::<bool>().prop_map(|b| [Edit::LinkOrUnlink(0, 1, b), Edit::LinkOrUnlink(0, 1, b)]),
        Just([Edit::HideOrShow(0), Edit::HideOrShow(0)]),
        Just([Edit::CloseOrReopen(0), Edit::CloseOrReopen(0)]),
        (0..3_usize).prop_map(|a| [Edit::Label(0, a), Edit::Label(0, a)]),
        (0..3_usize, 0..3_usize).prop_map(|(a, b)| [Edit::Estimate(0, a), Edit::Estimate(0, b)]),
        Just([Edit::Spend(0, 3600), Edit::Spend(0, -3600)]),
    ];
    let wait = prop::sample::select(vec![10, 100, 200]);
    (pair, (1..3_u64).prop_map(At::Write), bad(), wait).prop_map(
        |([first, second], at, bad, wait)| {
            let pass = |faults| {
                Step::Pass(Pass {
                    full: false,
                    faults,
                    during: Vec::new(),
                })
            };
            vec![
                Step::Edit(first),
                pass(vec![(at, bad)]),
                Step::Wait(wait),
                Step::Edit(second),
                pass(Vec::new()),
            ]
        },
    )
}

/// Everything that can happen in a case.
pub(super) fn case() -> impl Strategy<Value = Case> {
    let part = prop_oneof![6 => step().prop_map(|step| vec![step]), 1 => again()];
    (
        prop::sample::select(vec![0, 3600, -3600]),
        any::<bool>(),
        any::<bool>(),
        1..4_usize,
        prop::collection::vec(part, 2..9),
    )
        .prop_map(|(skew, confidential, owner, issues, steps)| Case {
            skew,
            confidential,
            owner,
            issues,
            steps: steps.concat(),
        })
}
