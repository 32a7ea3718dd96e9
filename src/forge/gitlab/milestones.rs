//! Milestones of the project and of the groups that it is in.

use super::{Gitlab, PAGE, convert, wire};
use crate::forge::ForgeError;
use crate::forge::http::Call;
use crate::model::{Milestone, Patch};
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

impl Gitlab {
    /// Reads every milestone that an issue of the project can have, closed ones too.
    pub(super) async fn all_milestones(&self) -> Result<BTreeMap<String, u64>, ForgeError> {
        let mut ids = BTreeMap::new();
        // What every version knows; the other name is there from 16.7 on, and both at once are refused.
        let mut groups = "include_parent_milestones";
        for page in 1.. {
            let ask = |groups| {
                let call = Call::get(self.below(&["milestones"]))
                    .query(groups, true)
                    .query("per_page", PAGE)
                    .query("page", page);
                self.send(call)
            };
            let reply = match ask(groups).await {
                Err(error) if page == 1 && error.status == Some(400) => {
                    groups = "include_ancestors";
                    ask(groups).await
                }
                answer => answer,
            };
            let found: Vec<wire::Milestone> = reply?.read()?;
            let more = found.len() == PAGE;
            let titled = found.into_iter();
            ids.extend(titled.filter_map(|found| Some((found.title?, found.id))));
            if !more {
                break;
            }
        }
        *self.milestones.lock().await = Some(ids.clone());
        Ok(ids)
    }

    /// Creates a milestone, closed if the original is; one of that title stays as it is.
    pub(super) async fn new_milestone(&self, new: &Milestone) -> Result<(), ForgeError> {
        self.check().await?;
        let call = Call::new(Method::POST, self.below(&["milestones"]));
        let made: wire::Milestone = match self.send(call.json(convert::new_milestone(new))).await {
            Ok(reply) => reply.read().map_err(ForgeError::of_unknown_fate)?,
            // Perhaps it is there already.
            Err(error) if matches!(error.status, Some(400 | 409)) => {
                let there = self.all_milestones().await?.contains_key(&new.title);
                return if there { Ok(()) } else { Err(error) };
            }
            Err(error) => return Err(error),
        };
        if let Some(ids) = self.milestones.lock().await.as_mut() {
            ids.insert(new.title.clone(), made.id);
        }
        if new.closed {
            let id = made.id.to_string();
            let call = Call::new(Method::PUT, self.below(&["milestones", &id]));
            self.send(call.json(json!({ "state_event": "close" })))
                .await?;
        }
        Ok(())
    }

    /// Puts the number of the milestone of a patch into a request; 0 clears it.
    pub(super) async fn name_milestone(
        &self,
        body: &mut Map<String, Value>,
        patch: &Patch,
    ) -> Result<(), ForgeError> {
        let Some(milestone) = &patch.milestone else {
            return Ok(());
        };
        let id = match milestone {
            None => Some(0),
            Some(title) => {
                let known = self.milestones.lock().await.clone();
                let ids = match known {
                    Some(ids) => ids,
                    None => self.all_milestones().await?,
                };
                ids.get(title).copied()
            }
        };
        // One that is not there is heard from the answer.
        if let Some(id) = id {
            body.insert("milestone_id".into(), json!(id));
        }
        Ok(())
    }
}
