//! Changes whose answer was lost: the target may carry them out later, over whatever was written in
//! between. So the issue waits until that cannot be any more, and only what must not be seen is hidden
//! at once, and looked at again (P1, P7).

use super::carry::Carrier;
use super::failure::{Cause, FailedAt, Failure};
use super::recover::{Held, STILL_WORKING};
use super::tally::Books;
use super::{Abort, Pass};
use crate::forge::{Fate, ForgeError};
use crate::model::LinkId;
use crate::store::{PairId, StoreError};
use jiff::SignedDuration;

/// Holds the issues of which a change may still be carried out.
pub(super) async fn hold(
    pass: &Pass<'_>,
    pair: PairId,
    held: &mut Held,
    books: &Books,
) -> Result<(), Abort> {
    let late = pass.store.all_late(pair)?;
    if late.is_empty() || pass.options.dry_run {
        return Ok(());
    }
    // Its clock is known once it answered; until it does, nothing can be judged.
    let heard = pass.target.newest().await;
    let now = pass.target.now();
    for (link, number, until) in late {
        let why = match &heard {
            Ok(_) if now >= until => {
                pass.store.drop_late(link)?;
                continue;
            }
            Ok(_) => STILL_WORKING.to_owned(),
            Err(error) => error.to_string(),
        };
        if held.contains(number) {
            continue;
        }
        held.hold(number, why.as_str());
        books.count(|tally| {
            tally.failures.push(Failure {
                number: Some(number),
                location: None,
                stage: FailedAt::Recover,
                error: why,
                cause: Cause::UnknownFate,
            });
        });
    }
    Ok(())
}

impl Carrier<'_> {
    /// Keeps for how long a change of unknown fate may still be carried out.
    pub(super) fn changed<T>(
        &self,
        link: LinkId,
        answer: Result<T, ForgeError>,
    ) -> Result<Result<T, ForgeError>, StoreError> {
        if let Err(error) = &answer
            && error.fate == Fate::Unknown
        {
            let target = self.pass.target;
            let wait = i64::from(target.capabilities().settles_after_seconds);
            let now = target.now();
            let until = now.checked_add(SignedDuration::from_secs(wait));
            self.pass.store.put_late(link, until.unwrap_or(now))?;
        }
        Ok(answer)
    }

    /// Whether a change of a counterpart may still be carried out.
    pub(super) fn is_late(&self, link: LinkId) -> Result<bool, StoreError> {
        let until = self.pass.store.late(link)?;
        Ok(until.is_some_and(|until| self.pass.target.now() < until))
    }
}
