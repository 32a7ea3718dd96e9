//! Labels that the target has not or did not keep, tried again by a full pass.

use super::{Known, There};
use crate::forge::ForgeError;
use crate::model::{Field, LabelTitles};
use crate::plan::labels::may_stand_in;
use crate::plan::policy::Policy;
use crate::sync::carry::Carrier;
use crate::sync::discover::{Task, Work};
use crate::sync::failure::Trouble;
use std::collections::BTreeSet;

impl Known {
    /// Whether a label that could not be set may be by now. What the target has no room for costs no
    /// request for each issue that it is missing on.
    fn may_be_set(&self, name: &str, policy: &Policy, titles: LabelTitles) -> bool {
        match self.target.get(&titles.key(name)) {
            Some(There::Open) => true,
            Some(There::Archived(_) | There::Refused) => false,
            // What stands in for another field is made whatever the settings say.
            None => policy.label_auto_create || may_stand_in(name),
        }
    }
}

impl Carrier<'_> {
    /// Turns to issues again in a full pass that did not change, where the target has no label or did
    /// not keep one that it may have or keep by now.
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
        for name in missing {
            if known.may_be_set(&name, policy, now.label_titles) {
                again.extend(store.without_label(self.pair, &name)?);
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
