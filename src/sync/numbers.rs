//! Counterparts that have the numbers of their originals (`preserve_numbers`).

use super::Pass;
use super::carry::Carrier;
use super::discover::Work;
use super::failure::{Cause, FailedAt, Failure};
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{IssueNumber, Stage};

/// Why nothing may be created, where numbers are to be kept and the target would not.
pub(super) async fn refused(pass: &Pass<'_>, work: &[Work]) -> Option<Failure> {
    if !pass.policy.preserve_numbers || work.iter().all(|work| work.link.is_some()) {
        return None;
    }
    match pass.target.refuses_numbers().await {
        Ok(None) => None,
        Ok(Some(why)) => Some(Failure::of_whole(
            FailedAt::Issue(Stage::Create),
            Cause::Forge(ErrorKind::Denied),
            format!("{why}; so `preserve_numbers` cannot be kept, and nothing was created"),
        )),
        Err(error) => Some(Failure::of_pair(FailedAt::Issue(Stage::Create), &error)),
    }
}

impl Carrier<'_> {
    /// Says of a refusal that it may be about the number.
    pub(super) fn number_is_taken(&self, number: IssueNumber, error: ForgeError) -> ForgeError {
        if !self.pass.policy.preserve_numbers || error.kind != ErrorKind::Rejected {
            return error;
        }
        ForgeError {
            said: format!(
                "{}; it was to be #{number} there (`preserve_numbers`), so see whether another issue has that number",
                error.said
            ),
            ..error
        }
    }

    /// A forge that gave another number than was asked for would do so again: nothing else is created.
    pub(super) fn has_its_number(&self, asked: IssueNumber, got: IssueNumber) {
        if self.pass.policy.preserve_numbers && asked != got {
            let said = format!(
                "the target made #{got} of #{asked} although `preserve_numbers` asked for the same number; nothing else was created"
            );
            let doing = format!("creating #{asked}");
            self.ends_with(
                Stage::Create,
                ForgeError::new(ErrorKind::Denied, doing, said),
            );
        }
    }
}
