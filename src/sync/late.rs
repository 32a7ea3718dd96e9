//! Changes whose answer was lost: the target may carry them out later, over whatever was written in
//! between. So the issue waits until that cannot be any more, and only what must not be seen is hidden
//! at once, and looked at again (P1, P7).

use super::carry::Carrier;
use super::failure::{At, Cause, FailedAt, Failure, Trouble};
use super::recover::{Held, STILL_WORKING};
use super::tally::Books;
use super::{Abort, Pass};
use crate::forge::{Fate, ForgeError};
use crate::model::{LinkId, Stage};
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
    /// Keeps, before a change is sent, for how long it may still be carried out if nothing is heard of
    /// it, also because we are killed. Answers whether that is only because of this change.
    pub(super) async fn changing(&self, link: LinkId) -> Result<bool, Trouble> {
        // Its clock is known once it answered.
        self.pass.target.ready().await.at(Stage::Update)?;
        let alone = self.pass.store.late(link)?.is_none();
        if self.wait_for_late() > SignedDuration::ZERO {
            self.put_late(link)?;
        }
        Ok(alone)
    }

    /// Keeps for how long a change of unknown fate may still be carried out. `alone`: as
    /// [`Self::changing`] answered.
    pub(super) fn changed<T>(
        &self,
        link: LinkId,
        alone: bool,
        answer: Result<T, ForgeError>,
    ) -> Result<Result<T, ForgeError>, StoreError> {
        match &answer {
            Err(error) if error.fate == Fate::Unknown => self.put_late(link)?,
            _ if alone => self.pass.store.drop_late(link)?,
            _ => {}
        }
        Ok(answer)
    }

    fn wait_for_late(&self) -> SignedDuration {
        let seconds = self.pass.target.capabilities().settles_after_seconds;
        SignedDuration::from_secs(i64::from(seconds))
    }

    fn put_late(&self, link: LinkId) -> Result<(), StoreError> {
        let now = self.pass.target.now();
        let until = now.checked_add(self.wait_for_late()).unwrap_or(now);
        self.pass.store.put_late(link, until)
    }

    /// Whether a change of a counterpart may still be carried out.
    pub(super) fn is_late(&self, link: LinkId) -> Result<bool, StoreError> {
        let until = self.pass.store.late(link)?;
        Ok(until.is_some_and(|until| self.pass.target.now() < until))
    }
}
