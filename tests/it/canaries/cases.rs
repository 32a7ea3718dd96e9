//! What a case is made of, and how one is drawn.

use super::edits::{Edit, edit};
use crate::chance::faults::{At, Bad, at, bad};
use proptest::prelude::*;
use std::fmt;

/// Everything about one case.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// What the target does with confidentiality, and what its account may do.
    pub(super) there: There,
    /// Only members see the source, and its lists.
    pub(super) private: bool,
    /// So many issues, each with a thread, are there in the beginning.
    pub(super) issues: usize,
    pub(super) steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum There {
    /// It keeps what is confidential.
    Keeps,
    /// It drops that without a word, and its account may delete issues.
    Deletes,
    /// It drops that, and nothing can be deleted.
    Withdraws,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Edit(Edit),
    /// So many seconds pass.
    Wait(i64),
    Pass(Pass),
    /// The pair is configured anew.
    Configure(usize),
    /// As with a runner that begins with an empty disk.
    LoseStore,
}

#[derive(Clone, Debug)]
pub(super) struct Pass {
    pub(super) args: usize,
    /// The process is killed there, before or after it is carried out.
    pub(super) killed: Option<(At, bool)>,
    pub(super) fault: Option<(At, Bad)>,
    /// Edits just before the so-manieth request.
    pub(super) during: Vec<(u64, Edit)>,
}

/// The arguments of a pass.
pub(super) const ARGS: [&[&str]; 3] = [&[], &["--full"], &["--dry-run"]];

/// What is set for the pair; the first two carry everything that may be carried.
pub(super) const TOGGLES: [&str; 5] = [
    "",
    "sync_confidential: true\nsync_internal_notes: true",
    "update_existing: false",
    "sync_comments: false",
    "sync_confidential: true\nupdate_existing: false",
];

impl fmt::Display for Case {
    /// One line for each step.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let private = if self.private { ", private" } else { "" };
        writeln!(f, "{} issues, {:?}{private}", self.issues, self.there)?;
        let mut steps = self.steps.iter();
        steps.try_for_each(|step| writeln!(f, "  {step:?}"))
    }
}

fn pass() -> impl Strategy<Value = Pass> {
    let args = prop_oneof![8 => Just(0_usize), 2 => Just(1), 1 => Just(2)];
    let during = prop_oneof![
        2 => Just(Vec::new()),
        1 => prop::collection::vec((1..24_u64, edit()), 1..4),
    ];
    let killed = prop::option::weighted(0.25, (at(), any::<bool>()));
    let fault = prop::option::weighted(0.35, (at(), bad()));
    (args, killed, fault, during).prop_map(|(args, killed, fault, during)| Pass {
        args,
        killed,
        fault,
        during,
    })
}

/// Everything that can happen in a case.
pub(super) fn case() -> impl Strategy<Value = Case> {
    let step = prop_oneof![
        8 => edit().prop_map(Step::Edit),
        2 => prop::sample::select(vec![10, 100, 200, 4000]).prop_map(Step::Wait),
        5 => pass().prop_map(Step::Pass),
        1 => (0..TOGGLES.len()).prop_map(Step::Configure),
        1 => Just(Step::LoseStore),
    ];
    let there = prop_oneof![4 => Just(There::Keeps), 1 => Just(There::Deletes), 1 => Just(There::Withdraws)];
    let steps = prop::collection::vec(step, 4..14);
    (there, any::<bool>(), 1..4_usize, steps).prop_map(|(there, private, issues, steps)| Case {
        there,
        private,
        issues,
        steps,
    })
}
