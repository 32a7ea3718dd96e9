//! What follows for a pair from what was found at its ends. Pure.

use super::fields::{self, Row};
use super::{Found, InstanceRow, PairRow, tracker};
use crate::model::{Inspection, ProjectState, Right, ServerState, Side};
use crate::plan::arrival::Part;
use crate::plan::policy::{AssigneeFallback, AssigneeStrategy, Policy};
use crate::report::style::count;
use crate::sync::ForgeError;
use std::collections::{BTreeMap, BTreeSet};

/// Something that a person should know of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A word that stays the same, for machines.
    pub code: &'static str,
    /// The pair cannot run.
    pub blocks: bool,
    /// For a person, without a period.
    pub text: String,
    /// What a forge said, if that is what it is about.
    pub refusal: Option<ForgeError>,
}

impl Finding {
    fn error(code: &'static str, text: String) -> Self {
        Self {
            code,
            blocks: true,
            text,
            refusal: None,
        }
    }

    pub(super) fn note(code: &'static str, text: String) -> Self {
        Self {
            blocks: false,
            ..Self::error(code, text)
        }
    }
}

/// Everything about a pair, what keeps it from running first. `instances` by their keys.
pub fn findings(pair: &PairRow, instances: &BTreeMap<String, InstanceRow>) -> Vec<Finding> {
    if !pair.enabled {
        return Vec::new();
    }
    let mut all = Vec::new();
    for (side, end) in [(Side::Source, &pair.source), (Side::Target, &pair.target)] {
        let server = server(instances, &end.instance);
        if instances
            .get(&end.instance)
            .is_none_or(|row| row.server.is_err())
        {
            let said = format!(
                "the {} is on the instance `{}`, which cannot be used",
                side.word(),
                end.instance
            );
            all.push(Finding::error("instance", said));
        }
        all.extend(server.and_then(|server| scope(server, &end.instance, side)));
        match &end.found {
            Some(Err(error)) => all.push(Finding {
                refusal: Some(error.clone()),
                ..Finding::error("open", error.to_string())
            }),
            Some(Ok(found)) => all.extend(of_end(found, side)),
            None => {}
        }
    }
    if let (Some(source), Some(target)) = (pair.source.good(), pair.target.good()) {
        all.extend(of_both(source, target, &pair.policy));
    }
    let admin = |instance: &str| server(instances, instance).is_some_and(|server| server.admin);
    if let Some(found) = project(pair.source.good())
        && !admin(&pair.source.instance)
    {
        let target = project(pair.target.good());
        all.extend(of_source(found, target, &pair.policy));
    }
    if let Some(project) = project(pair.target.good()) {
        let admin = admin(&pair.target.instance);
        let rows = fields::rows(pair, instances);
        all.extend(of_target(project, &rows, admin));
        all.extend(of_policy(pair, &rows));
        all.extend(tracker::finding(project, &pair.policy));
        let account = server(instances, &pair.target.instance).map(|server| &*server.account);
        let of_account = |account| of_account(pair, project, account, admin);
        all.extend(account.map(of_account).unwrap_or_default());
    }
    all.sort_by_key(|finding| !finding.blocks);
    all
}

pub(super) fn server<'a>(
    instances: &'a BTreeMap<String, InstanceRow>,
    instance: &str,
) -> Option<&'a ServerState> {
    instances.get(instance)?.server.as_ref().ok()?.as_ref()
}

pub(super) fn project(found: Option<&Found>) -> Option<&ProjectState> {
    match &found?.inspection {
        Inspection::Project(project) => Some(project),
        Inspection::Files(_) => None,
    }
}

/// What the token lacks.
fn scope(server: &ServerState, instance: &str, side: Side) -> Option<Finding> {
    let token = server.token.as_ref()?;
    let (granted, needs) = match side {
        Side::Source => (token.reads, "`read_api` (or `api`)"),
        Side::Target => (token.writes, "`api`"),
    };
    let verb = match side {
        Side::Source => "read",
        Side::Target => "written",
    };
    (!granted).then(|| {
        let said = format!(
            "the token of the instance `{instance}` has not the scope {needs}: no issue can be {verb}; make a new one with it"
        );
        Finding::error("scope", said)
    })
}

/// What an end is like by itself.
fn of_end(found: &Found, side: Side) -> Vec<Finding> {
    let mut all = Vec::new();
    let name = &found.project.name;
    let word = side.word();
    if let Some(before) = &found.before
        && *before != found.project.key
    {
        let said = format!(
            "the {word} was {before} at the last pass and is {} now; everything would be mirrored a second time",
            found.project.key
        );
        all.push(Finding::error("moved", said));
    }
    match (&found.inspection, side) {
        (Inspection::Files(files), Side::Target) if !files.writable => {
            let said = format!("this user may not write into {name}");
            all.push(Finding::error("not_writable", said));
        }
        (Inspection::Files(_), _) => {}
        (Inspection::Project(project), side) => {
            if !project.has_issues {
                let said = format!("issues are switched off in {name}; switch them on there");
                all.push(Finding::error("no_issues", said));
            }
            match side {
                Side::Target if project.archived => {
                    let said = format!("{name} is archived: nothing can be written there");
                    all.push(Finding::error("archived", said));
                }
                Side::Source if project.archived => {
                    let said = format!(
                        "{name} is archived: it can be read, and nothing changes there any more"
                    );
                    all.push(Finding::note("archived", said));
                }
                Side::Source | Side::Target => {}
            }
        }
    }
    all
}

/// What only both ends together tell.
fn of_both(source: &Found, target: &Found, policy: &Policy) -> Vec<Finding> {
    let mut all = Vec::new();
    if source.project.key == target.project.key {
        let said = format!("both ends are one project ({})", source.project.key);
        all.push(Finding::error("same_project", said));
    }
    let (Inspection::Project(from), Inspection::Project(to)) =
        (&source.inspection, &target.inspection)
    else {
        return all;
    };
    if let (Some(from), Some(to)) = (from.visibility, to.visibility)
        && from < to
    {
        let accepted = if policy.accept_low_role {
            ", also what became confidential unseen (`accept_low_role: true`)"
        } else {
            "; what becomes confidential is hidden there as long as the account of the source sees it (`accept_low_role: false`)"
        };
        let said = format!(
            "the source is {} and the target {}: whoever sees the target reads what was written for fewer{accepted}",
            from.word(),
            to.word()
        );
        all.push(Finding::note("more_visible", said));
    }
    if source.project.is_beside(&target.project) {
        let said = format!(
            "both ends are on {}: links to the source stand in code spans, so that they leave no trace on it",
            source.project.host
        );
        all.push(Finding::note("one_instance", said));
    }
    all
}

fn of_source(
    project: &ProjectState,
    target: Option<&ProjectState>,
    policy: &Policy,
) -> Option<Finding> {
    let Right { granted, needs } = project.rights.sees_confidential;
    if granted {
        return None;
    }
    let said = format!(
        "the account of the source sees no confidential issue, so one that becomes confidential stays on the target as it is; give it the role {needs}"
    );
    // As a pass does.
    let refused = target.is_some_and(|target| project.exposes_to(target));
    Some(if refused && !policy.accept_low_role {
        let said = format!(
            "{said}, or write `accept_low_role: true`: more people see the target than the source, so a pass mirrors nothing"
        );
        Finding::error("sees_no_confidential", said)
    } else {
        Finding::note("sees_no_confidential", said)
    })
}

fn of_target(project: &ProjectState, rows: &[Row], admin: bool) -> Vec<Finding> {
    let mut all = Vec::new();
    let rights = project.rights;
    if !rights.sets_fields.granted && !admin {
        let needs = rights.sets_fields.needs;
        let lacks = |row: &&Row| {
            let mut lacks = row.surely_lacks();
            lacks.any(|need| need.role == Some(needs))
        };
        let dropped: Vec<&str> = rows
            .iter()
            .filter(lacks)
            .map(|row| row.part().words())
            .collect();
        let said = format!(
            "the target does not take all of this from the account, some of it without a word: {}. It lets it change only what it wrote itself, too; give it the role {needs}",
            dropped.join(", "),
        );
        all.push(Finding::note("fields_dropped", said));
    }
    if !rights.sets_times.granted && !admin {
        let said = format!(
            "the target does not keep the original times of issues and comments; they stand in footers. It would with the role {}",
            rights.sets_times.needs
        );
        all.push(Finding::note("times_dropped", said));
    }
    if let Some(others) = project.mailed.filter(|others| *others > 0) {
        let members = if others == 1 {
            "the one other member of the target, if it watches it".to_owned()
        } else {
            format!("those of the {others} other members of the target who watch it")
        };
        let said = format!(
            "a new issue mails {members}: before a first pass they mute it (the bell on the project's page), or its settings switch e-mail notifications off"
        );
        all.push(Finding::note("mails", said));
    }
    all
}

/// What follows from what the pair is told to do.
fn of_policy(pair: &PairRow, rows: &[Row]) -> Vec<Finding> {
    let mut all = Vec::new();
    let policy = &pair.policy;
    let lacks = |part, what: &str| {
        let row = rows.iter().find(|row| row.part() == part)?;
        let mut lacks = row.lacks.iter();
        let found = lacks.find(|(of, lack)| *of == what && lack.surely);
        found.map(|(_, lack)| lack.need.words())
    };
    if let Some(needs) = lacks(Part::Number, "").filter(|_| policy.preserve_numbers) {
        let said = format!(
            "the target does not take numbers from the account, so `preserve_numbers: true` cannot be kept and a pass creates nothing; it takes {needs}"
        );
        all.push(Finding::error("numbers_refused", said));
    }
    if policy.milestones && policy.milestone_by_title {
        let said = match lacks(Part::Milestone, "to create one") {
            _ if !policy.milestone_auto_create => Some(
                "a milestone that the target has not is a label and a footer line there; `milestone_auto_create: true` would create it".to_owned(),
            ),
            Some(needs) => Some(format!(
                "the account may not create milestones on the target: one that is not there is a label and a footer line; it takes {needs}"
            )),
            None => None,
        };
        all.extend(said.map(|said| Finding::note("milestones", said)));
    }
    if policy.assignees && policy.assignee_strategy != AssigneeStrategy::AsLabel {
        let one = lacks(Part::Assignees, "for more than one");
        all.extend(assignees(pair, one.as_deref()));
    }
    if let Some(needs) = lacks(Part::InternalNotes, "").filter(|_| policy.internal_notes) {
        let said = format!(
            "the target does not take internal comments from the account, so none is carried; it takes {needs}"
        );
        all.push(Finding::note("internal_notes_refused", said));
    }
    if let Some(needs) = lacks(Part::Confidential, "to hide one that becomes so") {
        let said = format!(
            "the account may not make an issue of the target confidential: one that becomes so is deleted there, or its text is withdrawn; it takes {needs}"
        );
        all.push(Finding::note("no_hiding", said));
    }
    if let Some(needs) = lacks(Part::Links, "for `blocks`").filter(|_| policy.issue_links) {
        let said =
            format!("issues that block others are linked as related there; it takes {needs}");
        all.push(Finding::note("no_blocks", said));
    }
    all
}

/// Who will be found on the target. `one`: what more than one assignee takes, where that is missing.
fn assignees(pair: &PairRow, one: Option<&str>) -> Vec<Finding> {
    let mut all = Vec::new();
    let policy = &pair.policy;
    let instead = match &policy.assignee_fallback {
        AssigneeFallback::Unassign => "a label names who is not found".to_owned(),
        AssigneeFallback::Bot => {
            "the account of the token stands in for who is not found".to_owned()
        }
        AssigneeFallback::Account(name) => format!("`{name}` stands in for who is not found"),
    };
    if let Some(members) = pair.target.good().and_then(|found| found.members.as_ref()) {
        let is_there = |name: &str| members.iter().any(|other| other.eq_ignore_ascii_case(name));
        let found = count(members.len() as u64, "account");
        let how = match policy.assignee_strategy {
            AssigneeStrategy::ByEmail => {
                " if they show their e-mail address on both sides, or by `users`"
            }
            _ => " by `users`, else by the same name",
        };
        let said = format!("{found} of the target can be assigned, found{how}; {instead}");
        all.push(Finding::note("assignees", said));
        let mut named: BTreeSet<&str> = policy.users.values().map(String::as_str).collect();
        if let AssigneeFallback::Account(name) = &policy.assignee_fallback {
            named.insert(name);
        }
        named.retain(|name| !is_there(name));
        if !named.is_empty() {
            let named: Vec<String> = named.iter().map(|name| format!("`{name}`")).collect();
            let said = format!(
                "no member of the target and so never assigned: {}",
                named.join(", ")
            );
            all.push(Finding::note("no_members", said));
        }
    }
    if let Some(needs) = one {
        let said = format!(
            "an issue of the target keeps one assignee, and the footer names all of them; more take {needs}"
        );
        all.push(Finding::note("one_assignee", said));
    }
    all
}

/// Whether the account is that which wrote what is there already. `account`: that of the token.
fn of_account(pair: &PairRow, project: &ProjectState, account: &str, admin: bool) -> Vec<Finding> {
    let mut all = Vec::new();
    let other = pair
        .former
        .as_ref()
        .filter(|former| !former.account.eq_ignore_ascii_case(account));
    if let Some(former) = other.filter(|former| !former.trusted) {
        let said = format!(
            "`{}` wrote what is mirrored already, and the token is that of `{account}`: markers of the former are not believed; write `trusted_authors: [{}]` into the instance `{}` if it was yours",
            former.account, former.account, pair.target.instance
        );
        all.push(Finding::note("other_account", said));
    }
    let Right { granted, needs } = project.rights.edits_others;
    if !granted && !admin && pair.policy.comments {
        let whose = match other {
            Some(former) => format!("comments that `{}` mirrored cannot be edited", former.account),
            None => "should the token become that of another account (a new access token of a project is one), comments of before cannot be edited".to_owned(),
        };
        let said = format!("{whose}; that takes the role {needs}");
        all.push(Finding::note("former_comments", said));
    }
    all
}
