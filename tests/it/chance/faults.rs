//! What goes wrong with requests, drawn at random.

use forge_sim::{Fault, When, World};
use jiff::SignedDuration;
use proptest::prelude::*;

/// Counted from the beginning of the pass.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At {
    Request(u64),
    Write(u64),
}

/// What happens to a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bad {
    ClosedBefore,
    AnswerLost,
    /// The answer is lost, and it is carried out so many seconds later.
    Late(i64),
    Error,
    ErrorAfter,
    /// 429 that says how long to wait.
    Limited,
    /// 429 that does not.
    LimitedBare,
    Cut,
    Html,
}

impl At {
    /// The same, as the server counts.
    pub(crate) fn when(self) -> When {
        match self {
            Self::Request(number) => When::Request(number),
            Self::Write(number) => When::Write(number),
        }
    }
}

pub(crate) fn bad() -> impl Strategy<Value = Bad> {
    prop_oneof![
        2 => Just(Bad::ClosedBefore),
        4 => Just(Bad::AnswerLost),
        4 => prop::sample::select(vec![1, 30, 90]).prop_map(Bad::Late),
        2 => Just(Bad::Error),
        3 => Just(Bad::ErrorAfter),
        2 => Just(Bad::Limited),
        1 => Just(Bad::LimitedBare),
        2 => Just(Bad::Cut),
        2 => Just(Bad::Html),
    ]
}

/// Most passes write little.
pub(crate) fn at() -> impl Strategy<Value = At> {
    prop_oneof![
        2 => (1..20_u64).prop_map(At::Request),
        4 => (1..3_u64).prop_map(At::Write),
        1 => (3..9_u64).prop_map(At::Write),
    ]
}

/// Lets it happen.
pub(crate) fn plan(world: &mut World, at: At, bad: Bad) {
    let fault = match bad {
        Bad::ClosedBefore => Fault::CloseBefore,
        Bad::AnswerLost => Fault::DropAnswer,
        Bad::Late(seconds) => Fault::ApplyLater(SignedDuration::from_secs(seconds)),
        Bad::Error => Fault::Status(500),
        Bad::ErrorAfter => Fault::StatusAfter(500),
        Bad::Limited => Fault::StatusWith(429, vec![("retry-after", "0".to_owned())]),
        Bad::LimitedBare => Fault::Status(429),
        Bad::Cut => Fault::CutBody,
        Bad::Html => Fault::Html,
    };
    // Without a header the next minute is waited for, which is near then.
    if matches!(bad, Bad::LimitedBare) {
        world.at_request(1, |world| {
            let minute = SignedDuration::from_secs(60);
            let into = world
                .clock
                .now()
                .as_nanosecond()
                .rem_euclid(minute.as_nanos());
            let into = SignedDuration::from_nanos_i128(into);
            world.clock.advance(SignedDuration::from_secs(59) - into);
        });
    }
    world.plan(at.when(), fault);
}
