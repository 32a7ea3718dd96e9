//! What can be done about a failure, derived from what failed. One place, so that equal failures
//! have equal advice.

use crate::model::Stage;
use crate::sync::{Cause, ErrorKind, FailedAt, Failure, Stopped};

/// Advice for a failure; none where the message says it all.
pub fn hint(failure: &Failure) -> Option<&'static str> {
    let hint = match (failure.stage, failure.cause) {
        (_, Cause::UnknownFate) => {
            "nobody knows whether this was written; the next pass looks before it writes again"
        }
        (_, Cause::AllGone) => {
            "is this the right target? Nothing was marked as deleted; look there, then run again"
        }
        (_, Cause::SameProject) => "change `source` or `target` in the configuration",
        (_, Cause::Store) => {
            "nothing that was written is lost; make room or mend the file, then run again"
        }
        (FailedAt::Issue(Stage::Read), Cause::Forge(ErrorKind::Malformed)) => {
            "mend the file; the next pass tries again as soon as it changed"
        }
        (FailedAt::Open | FailedAt::List, Cause::Forge(ErrorKind::Denied)) => {
            "check the rights of the user that runs this"
        }
        (FailedAt::Issue(_), Cause::Forge(ErrorKind::Denied)) => {
            "check the rights of the user that runs this; later passes try again"
        }
        (FailedAt::Issue(_), Cause::Forge(ErrorKind::Unavailable)) => "later passes try again",
        _ => return None,
    };
    Some(hint)
}

/// How to go on after a pass that stopped before its end.
pub fn go_on(pair: &str, stopped: Stopped) -> String {
    match stopped {
        Stopped::Guard {
            would_create,
            allowed,
        } => format!(
            "nothing was written: this pass would create {would_create} issues, more than max_creates: {allowed} allows. If that is meant, run: issue-mirror sync {pair} --max-creates {would_create}"
        ),
        Stopped::Budget => format!(
            "the budget of --max-creates is used up; the next run goes on: issue-mirror sync {pair}"
        ),
    }
}
