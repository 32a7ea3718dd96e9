//! Kinds of issues, and issues that are locked.
//! <https://docs.gitlab.com/api/issues/>

use super::super::http::{Call, Reply};
use super::{ForgeError, Gitlab, wire};
use crate::model::{Patch, State};
use reqwest::Method;
use serde_json::{Map, Value, json};

impl Gitlab {
    /// Sends a request that may name a kind of issue. Early versions refuse some kinds, where others
    /// drop what they do not allow: then it goes without, and the answer tells.
    pub(super) async fn send_kind<'c>(
        &self,
        body: Map<String, Value>,
        call: impl Fn(Map<String, Value>) -> Call<'c>,
    ) -> Result<Reply, ForgeError> {
        match self.send(call(body.clone())).await {
            Err(error) if error.status == Some(400) && names_kind(&body) => {
                let mut rest = body;
                rest.remove(KIND);
                // What was refused for another reason is refused again.
                self.send(call(rest)).await
            }
            answer => answer,
        }
    }

    /// Opens an issue again that stayed closed because it is or was locked: GitLab changes the state
    /// first, and opens none that is locked, without a word. A lock stays, whoever set it; whoever asks
    /// sees to it that it comes back also where this ends in the middle.
    pub(super) async fn open_locked(
        &self,
        iid: &str,
        patch: &Patch,
        answer: wire::Issue,
    ) -> Result<wire::Issue, ForgeError> {
        let asked = patch.state.as_ref().map(|change| change.state);
        let was_locked = answer.discussion_locked == Some(true);
        let locks = was_locked || patch.locked.is_some();
        if asked != Some(State::Open) || answer.state != "closed" || !locks {
            return Ok(answer);
        }
        let put = async |body: Value| {
            let call = Call::new(Method::PUT, self.below(&["issues", iid]));
            self.send(call.json(body)).await?.read()
        };
        if was_locked {
            put(json!({ "discussion_locked": false })).await?;
        }
        put(json!({ "discussion_locked": was_locked, "state_event": "reopen" })).await
    }
}

const KIND: &str = "issue_type";

fn names_kind(body: &Map<String, Value>) -> bool {
    body.get(KIND).is_some_and(|kind| kind != "issue")
}
