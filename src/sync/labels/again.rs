//! Labels that the target has not or did not keep, tried again by a full pass.

use super::{Known, There};
use crate::forge::ForgeError;
use crate::model::{Field, LabelTitles, LinkId};
use crate::plan::labels::may_stand_in;
use crate::plan::policy::Policy;
use crate::sync::carry::Carrier;
use crate::sync::discover::{Task, Work};
use crate::sync::failure::Trouble;
use std::collections::BTreeSet;

/// Whether a label that could not be set may be by now.
enum Chance {
    /// The target has it.
    There,
    /// It may be made, unless the target refuses it as before.
    Perhaps,
    /// It cannot be set.
    No,
}

impl Known {
    fn chance(&self, name: &str, policy: &Policy, titles: LabelTitles) -> Chance {
        match self.target.get(&titles.key(name)) {
            Some(There::Open) => Chance::There,
            Some(There::Archived(_) | There::Refused) => Chance::No,
            // What stands in for another field is made whatever the settings say.
            None if policy.label_auto_create || may_stand_in(name) => Chance::Perhaps,
            None => Chance::No,
        }
    }
}

impl Carrier<'_> {
    /// Turns to issues again in a full pass that did not change, where the target has no label or did
    /// not keep one that it may have or keep by now. One that it refused is tried for one issue; the
    /// others get it with the next full pass, so that a lasting refusal costs no request for each of them.
    pub(in crate::sync) async fn send_again(
        &self,
        work: &mut [Work],
    ) -> Result<Vec<ForgeError>, Trouble> {
        let (policy, now) = (self.pass.policy, self.abilities.now());
        let verified = |work: &Work| work.task == Task::Verify;
        if !policy.update_existing || !now.can_hold(Field::Labels) || !work.iter().any(verified) {
            return Ok(Vec::new());
        }
        let store = self.pass.store;
        let missing = store.labels_not_kept(self.pair)?;
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let mut guard = self.labels.known.lock().await;
        let known = match guard.take() {
            Some(known) => known,
            None => self.know().await?,
        };
        let known = guard.insert(known);
        let mut again = BTreeSet::new();
        let unchanged = work.iter().filter(|work| verified(work));
        let unchanged: BTreeSet<LinkId> = unchanged.filter_map(|w| Some(w.link?.id)).collect();
        for name in missing {
            let without = store.without_label(self.pair, &name)?;
            match known.chance(&name, policy, now.label_titles) {
                Chance::There => again.extend(without),
                Chance::Perhaps => {
                    again.extend(without.into_iter().find(|link| unchanged.contains(link)));
                }
                Chance::No => {}
            }
        }
        for work in work.iter_mut().filter(|work| work.task == Task::Verify) {
            if work.link.is_some_and(|link| again.contains(&link.id)) {
                work.task = Task::SendAgain;
            }
        }
        Ok(Vec::new())
    }
}
