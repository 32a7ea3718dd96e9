//! What a server, its token and a project say of themselves. Nothing is written.
//! <https://docs.gitlab.com/api/metadata/>, <https://docs.gitlab.com/api/personal_access_tokens/>

use super::super::http::{Call, Client};
use super::super::{ErrorKind, ForgeError, Meter};
use super::abilities::{self, MAINTAINS, OWNS, PLANS, reaches, role_word};
use super::holds::NEEDS;
use super::{Gitlab, PAGE, Server, wire};
use crate::model::{
    Date, Inspection, ProjectState, Right, Rights, ServerState, Side, Standing, TokenState,
    Visibility,
};
use jiff::tz::TimeZone;

/// What a server says of itself and of the token: by three requests, which are made once for all
/// projects.
///
/// # Errors
///
/// If it cannot be reached, or the token opens nothing.
pub async fn inspect_server(server: &Server) -> Result<ServerState, ForgeError> {
    let (client, meter) = (&*server.client, Meter::default());
    // First, because a token that opens nothing else opens this.
    let token = token(client, &meter, false).await?;
    let ask = async |name| {
        client
            .send(Call::get(vec!["api", "v4", name]), &meter)
            .await
    };
    let oneself: wire::Oneself = ask("user").await?.read()?;
    let version = ask("metadata").await.and_then(|reply| reply.read());
    let version = match version {
        Ok(wire::Metadata { version }) => Some(version),
        // It is older than 15.2.
        Err(error) if error.kind == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let said = version.as_deref().unwrap_or_default();
    Ok(ServerState {
        software: format!("GitLab {said}").trim_end().to_owned(),
        version: numbers(said),
        // Editions that can have a licence say so.
        unlicensed: version.is_some() && !said.ends_with("-ee"),
        account: oneself.username,
        admin: oneself.is_admin == Some(true),
        token,
        today: client.now().to_zoned(TimeZone::UTC).date(),
    })
}

/// What the server tells of the token: nothing if it is of a kind that it tells nothing of, or if the
/// server is old. `once`: it is asked once, whatever comes of it.
async fn token(
    client: &Client,
    meter: &Meter,
    once: bool,
) -> Result<Option<TokenState>, ForgeError> {
    let mut call = Call::get(vec!["api", "v4", "personal_access_tokens", "self"]);
    call.once = once;
    let token: wire::Token = match client.send(call, meter).await {
        Ok(reply) => reply.read()?,
        Err(error) if says_nothing(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let has = |scopes: &[&str]| {
        let mut all = token.scopes.iter();
        all.any(|scope| scopes.contains(&scope.as_str()))
    };
    Ok(Some(TokenState {
        reads: has(&["api", "read_api"]),
        writes: has(&["api"]),
        ends: token.expires_at,
        scopes: token.scopes,
    }))
}

/// The first two numbers of a version such as `18.3.0-ee`.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(['.', '-']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Whether a refusal means no more than that nothing is told of a token.
fn says_nothing(error: &ForgeError) -> bool {
    matches!(
        error.kind,
        ErrorKind::Rejected | ErrorKind::Denied | ErrorKind::NotFound
    ) || error.status == Some(403)
}

impl Gitlab {
    /// The project, and what its role allows the account; of a target also who else is a member.
    pub(super) async fn look_around(&self, side: Side) -> Result<Inspection, ForgeError> {
        let found = self.check().await?;
        let role = found.role();
        let right = |needs| Right {
            granted: reaches(role, needs),
            needs,
        };
        let mut sees_confidential = right(PLANS);
        if !sees_confidential.granted {
            sees_confidential.granted = self.us().await?.admin;
        }
        let mailed = match side {
            Side::Target if !found.sends_no_mail() => self.other_members().await?,
            Side::Target | Side::Source => None,
        };
        let (mut fields, mut types, mut extras) = (Vec::new(), Vec::new(), Vec::new());
        let mut tells = None;
        if side == Side::Target {
            // An administrator may do whatever the best role may.
            let admin = self.us().await?.admin;
            let role = if admin { Some(u64::MAX) } else { role };
            let shown = match self.stands().await {
                Ok(standing) => standing.licence,
                Err(error) if says_nothing(&error) => None,
                Err(error) => return Err(error),
            };
            let licensed = |need| shown.as_ref().map(|shown| abilities::licensed(need, shown));
            let lack = |need| abilities::lack(need, role, licensed(need));
            if reaches(role, MAINTAINS) {
                tells = self.told_tracker().await?;
            }
            let needs = NEEDS.iter();
            fields.extend(needs.filter_map(|(field, need)| Some((*field, lack(*need)?))));
            let kinds = abilities::TYPE_NEEDS.iter();
            types.extend(kinds.filter_map(|(kind, need)| Some((*kind, lack(*need)?))));
            let offers = abilities::OFFERS.iter();
            extras.extend(offers.filter_map(|(extra, need)| Some((*extra, lack(*need)?))));
        }
        let visibility = found.visibility.as_deref().and_then(|word| {
            let mut words = Visibility::WORDS.iter();
            words.find(|(name, _)| *name == word).map(|(_, kind)| *kind)
        });
        Ok(Inspection::Project(Box::new(ProjectState {
            id: found.id,
            visibility,
            archived: found.archived == Some(true),
            has_issues: found.has_issues(),
            role: role.map(role_word),
            rights: Rights {
                sees_confidential,
                sets_fields: right(PLANS),
                edits_others: right(MAINTAINS),
                sets_times: right(OWNS),
            },
            fields,
            types,
            extras,
            mailed,
            tells,
        })))
    }

    /// What decides which fields are kept: the role, and what an issue shows of the licence.
    pub(super) async fn stands(&self) -> Result<Standing, ForgeError> {
        let role = self.check().await?.role();
        let plans = reaches(role, PLANS) || self.us().await?.admin;
        let call = Call::get(self.below(&["issues"]))
            .query("scope", "all")
            .query("per_page", 1);
        let issues: Vec<serde_json::Value> = self.send(call).await?.read()?;
        // These are there only where they may be set.
        let shown = ["weight", "health_status", "iteration"].into_iter();
        let shown: Vec<&str> = shown
            .filter(|key| issues.iter().any(|issue| issue.get(key).is_some()))
            .collect();
        Ok(Standing {
            role: role.map(role_word),
            plans: Some(plans),
            // It comes with the same licence as weights.
            one_of_a_scope: !shown.is_empty(),
            licence: (!issues.is_empty()).then(|| shown.join(",")),
        })
    }

    /// How many members the project has beside the account, those of its groups too; `None` if they
    /// may not be listed.
    async fn other_members(&self) -> Result<Option<u64>, ForgeError> {
        let call = Call::get(self.below(&["members", "all"])).query("per_page", PAGE);
        let reply = match self.send(call).await {
            Ok(reply) => reply,
            Err(error) if says_nothing(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let members: Vec<wire::Member> = reply.read()?;
        let us = self.us().await?.id;
        let is_other = |member: &&wire::Member| member.id != us && member.is_active();
        let seen = members.iter().filter(is_other).count() as u64;
        let total = reply.header("x-total").and_then(|total| total.parse().ok());
        // On further pages there is nobody who is looked at one by one.
        let unseen = total.map_or(0, |total: u64| total.saturating_sub(members.len() as u64));
        Ok(Some(seen + unseen))
    }

    /// The tracker that GitLab tells where its issues are named. It links the keys of several, and of
    /// these only Jira is told anything. <https://docs.gitlab.com/api/project_integrations/>
    async fn told_tracker(&self) -> Result<Option<&'static str>, ForgeError> {
        let call = Call::get(self.below(&["integrations"]));
        let reply = match self.send(call).await {
            Ok(reply) => reply,
            Err(error) if says_nothing(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        // What cannot be understood tells nothing, either.
        let all: Vec<wire::Integration> = reply.read().unwrap_or_default();
        let mut active = all.iter().filter(|one| one.active);
        Ok(active.any(|one| one.slug == "jira").then_some("Jira"))
    }

    /// Why GitLab would drop the number that a new issue is to have.
    pub(super) async fn numbers(&self) -> Result<Option<String>, ForgeError> {
        let role = self.check().await?.role();
        if role.is_some_and(|role| reaches(Some(role), OWNS)) || self.is_admin().await? {
            return Ok(None);
        }
        let role = role.map_or("no member", role_word);
        Ok(Some(format!(
            "GitLab takes numbers of issues from an Owner of {} only, and the account of the token is {role} there",
            self.path
        )))
    }

    /// Whether the account may do everything on its server.
    async fn is_admin(&self) -> Result<bool, ForgeError> {
        let call = Call::get(vec!["api", "v4", "user"]);
        let oneself: wire::Oneself = self.send(call).await?.read()?;
        Ok(oneself.is_admin == Some(true))
    }

    /// The day from which on the token opens nothing any more.
    pub(super) async fn last_day(&self) -> Result<Option<Date>, ForgeError> {
        let token = token(&self.client, &self.meter, true).await?;
        Ok(token.and_then(|token| token.ends))
    }
}
