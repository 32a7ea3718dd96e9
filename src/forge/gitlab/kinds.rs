//! Kinds of issues, and issues that are locked.

use super::super::http::{Call, Reply};
use super::{ForgeError, Gitlab};
use serde_json::{Map, Value};

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
}

const KIND: &str = "issue_type";

fn names_kind(body: &Map<String, Value>) -> bool {
    body.get(KIND).is_some_and(|kind| kind != "issue")
}
