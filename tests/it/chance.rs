//! Cases drawn at random from a seed, by several threads at once, and the smallest one found that
//! fails.

pub(crate) mod faults;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::fmt::Display;
use std::io::Write;

/// Whether a case holds what it is to hold.
pub(crate) type Checked = Result<(), TestCaseError>;

/// Ends a case that does not hold something.
macro_rules! ensure {
    ($holds:expr, $($said:tt)+) => {
        if !$holds {
            return Err(proptest::test_runner::TestCaseError::fail(format!($($said)+)));
        }
    };
}
pub(crate) use ensure;

/// Which of several, counted among those that are there.
pub(crate) type Which = usize;

/// Mostly one of the first few, so that things happen to the same issue.
pub(crate) fn which() -> impl Strategy<Value = Which> {
    prop_oneof![3 => Just(0_usize), 2 => Just(1), 1 => 2..4_usize]
}

/// A number that the environment says.
pub(crate) fn number(name: &str, default: u32) -> u32 {
    let said = std::env::var(name).ok().and_then(|text| text.parse().ok());
    said.unwrap_or(default)
}

/// How far is searched, and where.
pub(crate) struct Search {
    /// What a case is, in the plural.
    pub(crate) of: &'static str,
    /// The variable of the environment that says how many, and how many without it.
    pub(crate) cases: (&'static str, u32),
    /// Most of a case is waiting, so more run at once than there are processors.
    pub(crate) threads: u32,
    /// Two searches with the same seed draw other cases by it.
    pub(crate) salt: u8,
}

impl Search {
    /// Draws cases and runs each. Fails with the smallest one that each thread found to fail.
    pub(crate) fn explore<S>(&self, case: fn() -> S, run: fn(&S::Value) -> Checked)
    where
        S: Strategy,
        S::Value: Display,
    {
        let cases = number(self.cases.0, self.cases.1);
        let seed = number("ISSUE_MIRROR_SEED", 1);
        let failed: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..self.threads)
                .map(|thread| {
                    let share = cases / self.threads + u32::from(thread < cases % self.threads);
                    scope.spawn(move || self.smallest(&case(), run, share, seed, thread))
                })
                .collect();
            let results = threads.into_iter().map(|thread| thread.join().unwrap());
            results.filter_map(Result::err).collect()
        });
        // Said past the harness, which would keep it to itself.
        let _ = writeln!(
            std::io::stderr(),
            "{cases} {}, seed {seed}, {} ways to break one",
            self.of,
            failed.len()
        );
        assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    }

    /// Runs so many cases; answers the smallest one found that fails.
    fn smallest<S>(
        &self,
        case: &S,
        run: fn(&S::Value) -> Checked,
        cases: u32,
        seed: u32,
        thread: u32,
    ) -> Result<(), String>
    where
        S: Strategy,
        S::Value: Display,
    {
        let mut chance = [self.salt; 32];
        chance[..4].copy_from_slice(&seed.to_le_bytes());
        chance[4..8].copy_from_slice(&thread.to_le_bytes());
        let config = Config {
            cases,
            failure_persistence: None,
            max_shrink_iters: 400,
            ..Config::default()
        };
        let chance = TestRng::from_seed(RngAlgorithm::ChaCha, &chance);
        let mut runner = TestRunner::new_with_rng(config, chance);
        match runner.run(case, |case| run(&case)) {
            Ok(()) => Ok(()),
            Err(TestError::Fail(why, case)) => Err(format!("{case}{why}")),
            Err(TestError::Abort(why)) => Err(why.to_string()),
        }
    }
}

#[test]
#[should_panic(expected = "100 is too many")]
fn the_smallest_case_that_fails_is_told() {
    let search = Search {
        of: "numbers",
        cases: ("ISSUE_MIRROR_NUMBERS", 64),
        threads: 2,
        salt: 1,
    };
    search.explore(
        || 0..1000_u32,
        |number| {
            ensure!(*number < 100, " is too many");
            Ok(())
        },
    );
}
