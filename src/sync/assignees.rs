//! Who an issue of the target is assigned to: people of the source, found there by name or address.

use super::carry::Carrier;
use super::failure::{At, Trouble};
use super::tally::named;
use crate::forge::ErrorKind;
use crate::model::{Field, Issue, IssueNumber, LinkId, Lost, OurLabel, Person, Stage, label_scope};
use crate::plan::labels::Assigned;
use crate::plan::opaque;
use crate::plan::policy::{AssigneeFallback, AssigneeStrategy};
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::Mutex;

/// Who can be assigned on the target, asked for once when it is first needed.
#[derive(Debug, Default)]
pub(super) struct AssigneeBook(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    members: Option<Members>,
    /// What people of the source are called on the target, by their e-mail address.
    by_email: BTreeMap<String, Option<String>>,
    /// Once it was asked for.
    fallback: Option<Fallback>,
}

/// Who stands in for those that are not found, if anybody does.
#[derive(Clone, Debug)]
struct Fallback(Option<String>);

#[derive(Debug)]
enum Members {
    /// Whatever they are called.
    All,
    /// The name of each, by that name in small letters.
    These(BTreeMap<String, String>),
}

impl Members {
    /// The name as it is written there, if it is there.
    fn named(&self, name: &str) -> Option<String> {
        match self {
            Self::All => Some(name.to_owned()),
            Self::These(names) => names.get(&name.to_lowercase()).cloned(),
        }
    }
}

impl Carrier<'_> {
    /// How the assignees of an issue are carried; `None`: as labels.
    pub(super) async fn assigned(&self, issue: &Issue) -> Result<Option<Assigned>, Trouble> {
        let (policy, target) = (self.pass.policy, self.pass.target);
        let native = policy.assignees
            && policy.assignee_strategy != AssigneeStrategy::AsLabel
            && self.abilities.now().can_hold(Field::Assignees);
        if !native || issue.assignees.is_empty() {
            return Ok(None);
        }
        let mut guard = self.assignees.0.lock().await;
        let known = &mut *guard;
        let members = match known.members.take() {
            Some(members) => members,
            None => match target.members().await {
                // Who may not ask finds nobody.
                Err(error) if error.kind == ErrorKind::Denied => Members::These(BTreeMap::new()),
                answer => answer.at(Stage::Update)?.map_or(Members::All, |names| {
                    let names = names.into_iter();
                    Members::These(names.map(|name| (name.to_lowercase(), name)).collect())
                }),
            },
        };
        let members = known.members.insert(members);
        let mut assigned = Assigned {
            surely: matches!(members, Members::All),
            ..Assigned::default()
        };
        for person in &issue.assignees {
            let account = match policy.assignee_strategy {
                // Neither name nor address of somebody of the source is asked for on the target.
                _ if policy.opaque => {
                    let mapped = policy.mapped(&person.username);
                    mapped.and_then(|name| members.named(name))
                }
                AssigneeStrategy::ByEmail => {
                    let found = match known.by_email.get(&person.username) {
                        Some(found) => found.clone(),
                        None => self.by_email(person).await?,
                    };
                    known
                        .by_email
                        .insert(person.username.clone(), found.clone());
                    let mapped = policy.mapped(&person.username);
                    found.or_else(|| mapped.and_then(|name| members.named(name)))
                }
                _ => members.named(policy.account(person)),
            };
            let account = match account {
                Some(account) => Some(account),
                None => {
                    let instead = match known.fallback.take() {
                        Some(instead) => instead,
                        None => self.instead(members).await?,
                    };
                    known.fallback.insert(instead).0.clone()
                }
            };
            match account {
                Some(account) if assigned.accounts.contains(&account) => {}
                Some(account) => assigned.accounts.push(account),
                None if !opaque::names(person, policy) => {}
                None => {
                    let name = policy.account(person);
                    let name = named(issue, name, "who is assigned");
                    let why = format!("nobody on the target is {name}; a label instead");
                    self.books.count(|tally| {
                        tally.not_carried(issue.number, Field::Assignees.word(), why);
                    });
                    assigned.labels.push(person.clone());
                }
            }
        }
        Ok(Some(assigned))
    }

    async fn by_email(&self, person: &Person) -> Result<Option<String>, Trouble> {
        let asked = self.pass.source.email_of(person.username.clone()).await;
        match asked.at(Stage::Read)? {
            Some(email) => {
                let found = self.pass.target.member_by_email(email).await;
                found.at(Stage::Update)
            }
            None => Ok(None),
        }
    }

    /// Who is assigned instead of somebody who is not found.
    async fn instead(&self, members: &Members) -> Result<Fallback, Trouble> {
        let account = match &self.pass.policy.assignee_fallback {
            AssigneeFallback::Unassign => None,
            AssigneeFallback::Account(name) => members.named(name),
            AssigneeFallback::Bot => self.pass.target.account().await.at(Stage::Update)?,
        };
        Ok(Fallback(account))
    }

    /// Tells whom the target did not assign. An account that may assign nobody is told once, and tries
    /// no more.
    pub(super) async fn hear_assignees(
        &self,
        link: LinkId,
        number: IssueNumber,
        assigned: &[String],
        there: &Issue,
    ) -> Result<(), Trouble> {
        let dropped = assigned.iter().filter(|name| !there.is_assigned(name));
        let dropped = dropped.count();
        if dropped == 0 {
            return Ok(());
        }
        if dropped == assigned.len() {
            let standing = self.pass.target.standing().await.at(Stage::Update)?;
            if standing.plans == Some(false) {
                // One day it may be another account.
                self.pass.store.forget_base(link, Field::Assignees)?;
                return self.not_kept(number, Lost::Field(Field::Assignees)).await;
            }
        }
        // Without names, so that it is one line however many there are.
        let why = if there.assignees.is_empty() {
            "the target assigned nobody: the account of the token may not assign, or they may not see the issue; the footer names them"
        } else {
            "the target did not assign everybody: without Premium an issue has one assignee, or they may not see it; the footer names them"
        };
        self.books
            .count(|tally| tally.not_carried(number, Field::Assignees.word(), why.to_owned()));
        Ok(())
    }

    /// The labels and assignees that are ours after a write: those of the added ones that the target
    /// did not keep are not.
    pub(super) fn kept(
        &self,
        mut ours: BTreeSet<OurLabel>,
        added: &[String],
        assigned: &[String],
        there: &Issue,
    ) -> BTreeSet<OurLabel> {
        for name in assigned.iter().filter(|name| !there.is_assigned(name)) {
            ours.remove(&OurLabel::assigned(name));
        }
        let titles = self.abilities.now().label_titles;
        let is_there = |name: &str| there.labels.iter().any(|label| titles.same(label, name));
        // An added label may have taken the place of another one of its scope.
        let crowds = |name: &str| {
            let mut scopes = added.iter().filter_map(|added| label_scope(added));
            label_scope(name).is_some_and(|scope| scopes.any(|added| titles.same(added, scope)))
        };
        ours.retain(|label| {
            let sent = added.contains(&label.name) || crowds(&label.name);
            !label.is_label_of_ours() || !sent || is_there(&label.name)
        });
        ours
    }
}
