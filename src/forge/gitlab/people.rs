//! People who can be assigned, and their e-mail addresses.
//! <https://docs.gitlab.com/api/project_members/>, <https://docs.gitlab.com/api/users/>

use super::{Gitlab, PAGE, wire};
use crate::forge::http::Call;
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{IssueNumber, Patch};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

impl Gitlab {
    /// Reads everybody who is a member, of the groups too: numbers by name.
    pub(super) async fn all_members(&self) -> Result<BTreeMap<String, u64>, ForgeError> {
        let mut ids = BTreeMap::new();
        for page in 1.. {
            let call = Call::get(self.below(&["members", "all"]))
                .query("per_page", PAGE)
                .query("page", page);
            let found: Vec<wire::Member> = self.send(call).await?.read()?;
            let more = found.len() == PAGE;
            let active = found.into_iter().filter(wire::Member::is_active);
            ids.extend(active.filter_map(|member| Some((member.username?, member.id))));
            if !more {
                break;
            }
        }
        *self.members.lock().await = Some(ids.clone());
        Ok(ids)
    }

    async fn known_members(&self) -> Result<BTreeMap<String, u64>, ForgeError> {
        let known = self.members.lock().await.clone();
        match known {
            Some(ids) => Ok(ids),
            None => self.all_members().await,
        }
    }

    /// The name of the account of the token.
    pub(super) async fn own_name(&self) -> Result<String, ForgeError> {
        let call = Call::get(vec!["api", "v4", "user"]);
        let user: wire::User = self.send(call).await?.read()?;
        // It can assign itself, also where it is a member by no group that is listed.
        if let Some(ids) = self.members.lock().await.as_mut() {
            ids.insert(user.username.clone(), user.id);
        }
        Ok(user.username)
    }

    async fn users(&self, name: &str, value: &str) -> Result<Vec<wire::User>, ForgeError> {
        let call = Call::get(vec!["api", "v4", "users"]).query(name, value);
        self.send(call).await?.read()
    }

    /// The address that somebody shows. Lists do not tell it on every version.
    async fn public_email(&self, id: u64) -> Result<Option<String>, ForgeError> {
        let id = id.to_string();
        let call = Call::get(vec!["api", "v4", "users", &id]);
        let shown = match self.send(call).await {
            Ok(reply) => reply.read::<wire::Shown>()?.public_email,
            Err(error) if error.kind == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(shown.filter(|email| !email.is_empty()))
    }

    /// The address that the account of this name shows.
    pub(super) async fn email_of_account(&self, name: &str) -> Result<Option<String>, ForgeError> {
        let found = self.users("username", name).await?;
        match found.first() {
            Some(user) => self.public_email(user.id).await,
            None => Ok(None),
        }
    }

    /// The one member that shows this address: what is found by it may only be called so.
    pub(super) async fn with_email(&self, email: &str) -> Result<Option<String>, ForgeError> {
        let members = self.known_members().await?;
        let mut same = Vec::new();
        for user in self.users("search", email).await? {
            if members.get(&user.username) != Some(&user.id) {
                continue;
            }
            let shown = self.public_email(user.id).await?;
            if shown.is_some_and(|shown| shown.eq_ignore_ascii_case(email)) {
                same.push(user.username);
            }
        }
        Ok(same.pop().filter(|_| same.is_empty()))
    }

    /// Puts who is to be assigned into a request. It replaces all, so of an issue that is there
    /// (`number`) the others are read first.
    pub(super) async fn name_assignees(
        &self,
        body: &mut Map<String, Value>,
        patch: &Patch,
        number: Option<IssueNumber>,
    ) -> Result<(), ForgeError> {
        if patch.add_assignees.is_empty() && patch.remove_assignees.is_empty() {
            return Ok(());
        }
        let before: Vec<wire::User> = match number {
            None => Vec::new(),
            Some(number) => {
                let iid = number.to_string();
                let call = Call::get(self.below(&["issues", &iid]));
                let issue: wire::Issue = self.send(call).await?.read()?;
                issue.assignees.unwrap_or_default()
            }
        };
        let ids = |users: &[wire::User]| users.iter().map(|user| user.id).collect::<Vec<u64>>();
        let stay: Vec<wire::User> = before
            .iter()
            .filter(|user| {
                let same = |name: &String| name.eq_ignore_ascii_case(&user.username);
                !patch.remove_assignees.iter().any(same)
            })
            .cloned()
            .collect();
        let mut after = ids(&stay);
        let members = self.known_members().await?;
        for name in &patch.add_assignees {
            // One who is not there any more is heard from the answer.
            if let Some(id) = members.get(name)
                && !after.contains(id)
            {
                after.push(*id);
            }
        }
        if after != ids(&before) {
            // 0 stands for nobody.
            let after = if after.is_empty() { vec![0] } else { after };
            body.insert("assignee_ids".into(), json!(after));
        }
        Ok(())
    }
}
