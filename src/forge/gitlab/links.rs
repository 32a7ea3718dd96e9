//! Links between issues: one per two of them, whatever its kind.
//! <https://docs.gitlab.com/api/issue_links/>

use super::super::http::Call;
use super::super::{ErrorKind, ForgeError};
use super::{Gitlab, wire};
use crate::model::{IssueNumber, Relation, RelationKind, Relations};
use reqwest::Method;

impl Gitlab {
    async fn linked(&self, number: IssueNumber) -> Result<Vec<wire::Linked>, ForgeError> {
        let iid = number.to_string();
        let call = Call::get(self.below(&["issues", &iid, "links"]));
        let mut linked: Vec<wire::Linked> = self.send(call).await?.read()?;
        // What is in other projects is nobody's business here.
        linked.retain(|linked| linked.project_id == self.id);
        Ok(linked)
    }

    pub(super) async fn related(&self, number: IssueNumber) -> Result<Relations, ForgeError> {
        let mut relations = Relations::default();
        for linked in self.linked(number).await? {
            let other = IssueNumber(linked.iid);
            match linked.kind() {
                Some(kind) => relations.known.insert(Relation { other, kind }),
                None => relations.unclear.insert(other),
            };
        }
        Ok(relations)
    }

    pub(super) async fn relate(
        &self,
        number: IssueNumber,
        relation: Relation,
    ) -> Result<(), ForgeError> {
        self.check().await?;
        let iid = number.to_string();
        let call = Call::new(Method::POST, self.below(&["issues", &iid, "links"]));
        let call = call.json(serde_json::json!({
            "target_project_id": self.id,
            "target_issue_iid": relation.other.0,
            "link_type": wire::link_type(relation.kind),
        }));
        let blocks = relation.kind != RelationKind::Relates;
        match self.send(call).await {
            Ok(_) => Ok(()),
            // They are linked already, or somebody else is at it.
            Err(error) if error.status == Some(409) => {
                match self.related(number).await?.to(relation.other) {
                    Some(kind) if kind == relation.kind => Ok(()),
                    _ => Err(error),
                }
            }
            // The licence does not have it, or this edition does not know the word.
            Err(error) if blocks && matches!(error.status, Some(400 | 403)) => Err(ForgeError {
                kind: ErrorKind::Unsupported,
                ..error
            }),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn unrelate(
        &self,
        number: IssueNumber,
        relation: Relation,
    ) -> Result<bool, ForgeError> {
        self.check().await?;
        let iid = number.to_string();
        let linked = self.linked(number).await?;
        let found = linked
            .iter()
            .find(|linked| linked.iid == relation.other.0 && linked.kind() == Some(relation.kind));
        let Some(found) = found else {
            return Ok(false);
        };
        let id = found.issue_link_id.to_string();
        let path = self.below(&["issues", &iid, "links", &id]);
        match self.send(Call::new(Method::DELETE, path)).await {
            Ok(reply) => reply
                .read::<serde_json::Value>()
                .map(|_| true)
                .map_err(ForgeError::of_unknown_fate),
            // Somebody was faster.
            Err(error) if error.kind == ErrorKind::NotFound => Ok(true),
            Err(error) => Err(error),
        }
    }
}
