//! Milestones of the project and of the groups that it is in.
//! <https://docs.gitlab.com/api/milestones/>

use super::{Gitlab, PAGE, convert, wire};
use crate::forge::http::Call;
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{KnownMilestone, Milestone, MilestoneChange, Patch};
use reqwest::Method;
use serde_json::{Map, Value, json};

impl Gitlab {
    /// Reads every milestone that an issue of the project can have, closed ones too.
    pub(super) async fn all_milestones(&self) -> Result<Vec<KnownMilestone>, ForgeError> {
        let mut all = Vec::new();
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
            all.extend(found.iter().filter_map(convert::known_milestone));
            if !more {
                break;
            }
        }
        let ids = all.iter().map(|m| (m.milestone.title.clone(), m.id));
        *self.milestones.lock().await = Some(ids.collect());
        Ok(all)
    }

    /// The milestones of the project that our account created: no milestone says who did, the events do,
    /// for as long as GitLab keeps them (three years).
    pub(super) async fn milestones_of_ours(&self) -> Result<Vec<u64>, ForgeError> {
        let us = self.us().await?;
        let mut ours = Vec::new();
        for page in 1.. {
            let call = Call::get(self.below(&["events"]))
                .query("target_type", "milestone")
                .query("action", "created")
                .query("per_page", PAGE)
                .query("page", page);
            let found: Vec<wire::Event> = match self.send(call).await {
                Err(error) if error.kind == ErrorKind::Denied => Vec::new(),
                answer => answer?.read()?,
            };
            let is_ours = |event: &&wire::Event| us.wrote(event.author.as_ref());
            ours.extend(
                found
                    .iter()
                    .filter(is_ours)
                    .filter_map(|event| event.target_id),
            );
            if found.len() < PAGE {
                break;
            }
        }
        Ok(ours)
    }

    /// Creates a milestone, closed if the original is; one of that title stays as it is.
    pub(super) async fn new_milestone(&self, new: &Milestone) -> Result<bool, ForgeError> {
        self.check().await?;
        let call = Call::new(Method::POST, self.below(&["milestones"]));
        let made: wire::Milestone = match self.send(call.json(convert::new_milestone(new))).await {
            Ok(reply) => reply.read().map_err(ForgeError::of_unknown_fate)?,
            // Perhaps it is there already.
            Err(error) if matches!(error.status, Some(400 | 409)) => {
                let all = self.all_milestones().await?;
                let there = all.iter().any(|m| m.milestone.title == new.title);
                return if there { Ok(false) } else { Err(error) };
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
        Ok(true)
    }

    /// Changes a milestone of the project.
    pub(super) async fn change_milestone(
        &self,
        title: &str,
        change: &MilestoneChange,
    ) -> Result<(), ForgeError> {
        self.check().await?;
        let doing = || format!("milestone {title}");
        let Some(id) = self.milestone_id(title).await? else {
            return Err(ForgeError::new(
                ErrorKind::NotFound,
                doing(),
                "it is not there",
            ));
        };
        let number = id.to_string();
        let call = Call::new(Method::PUT, self.below(&["milestones", &number]));
        let answer = self
            .send(call.json(convert::milestone_change(change)))
            .await;
        // What it is called now is asked for when it is needed.
        *self.milestones.lock().await = None;
        answer?.read::<wire::Milestone>().map(drop)
    }

    async fn milestone_id(&self, title: &str) -> Result<Option<u64>, ForgeError> {
        if self.milestones.lock().await.is_none() {
            self.all_milestones().await?;
        }
        let known = self.milestones.lock().await;
        Ok(known.as_ref().and_then(|ids| ids.get(title).copied()))
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
            Some(title) => self.milestone_id(title).await?,
        };
        // One that is not there is heard from the answer.
        if let Some(id) = id {
            body.insert("milestone_id".into(), json!(id));
        }
        Ok(())
    }
}
