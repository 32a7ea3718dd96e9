//! What a pair will be able to carry, found out without anything being written.

mod fields;
mod findings;

pub use findings::{Finding, findings};

use self::fields::FieldDocument;
use super::exit::Exit;
use super::style::{BAD, GOOD, NAME, WARN, count, paint, plain};
use super::{hints, summary};
use crate::model::{Capabilities, Inspection, Project, ProjectKey, ServerState, Side};
use crate::plan::policy::Policy;
use crate::sync::{FailedAt, Failure, ForgeError};
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything that was found.
#[derive(Clone, Debug)]
pub struct CheckReport {
    /// The instances of the pairs that are enabled, by their keys in the configuration.
    pub instances: BTreeMap<String, InstanceRow>,
    /// The pairs, in the order of the configuration.
    pub pairs: Vec<PairRow>,
}

/// An instance, and what it says.
#[derive(Clone, Debug)]
pub struct InstanceRow {
    /// Its address, or the path of a directory.
    pub place: String,
    /// What it says; `None` for a directory.
    pub server: Result<Option<ServerState>, ForgeError>,
}

/// A pair, and what is at its ends.
#[derive(Clone, Debug)]
pub struct PairRow {
    /// What it is called.
    pub name: String,
    /// Passes happen; otherwise nothing was tried.
    pub enabled: bool,
    /// What it is to carry.
    pub policy: Policy,
    /// What is read.
    pub source: EndRow,
    /// What is written.
    pub target: EndRow,
    /// Who wrote what is on the target already.
    pub former: Option<Former>,
}

/// An end of a pair.
#[derive(Clone, Debug)]
pub struct EndRow {
    /// Key of its instance.
    pub instance: String,
    /// The project as the configuration has it.
    pub project: String,
    /// What is there; `None` if nothing was tried.
    pub found: Option<Result<Found, ForgeError>>,
}

impl EndRow {
    /// An end at which nothing was tried yet.
    pub fn new(instance: &str, project: &str) -> Self {
        Self {
            instance: instance.to_owned(),
            project: project.to_owned(),
            found: None,
        }
    }

    fn good(&self) -> Option<&Found> {
        self.found.as_ref()?.as_ref().ok()
    }
}

/// What is at an end of a pair.
#[derive(Clone, Debug)]
pub struct Found {
    /// The project.
    pub project: Project,
    /// What it is like.
    pub inspection: Inspection,
    /// What is held there, without what passes found not to be kept.
    pub capabilities: Capabilities,
    /// Who can be assigned there, if that was asked for and is told.
    pub members: Option<Vec<String>>,
    /// Which project was there at the last pass, if there was one.
    pub before: Option<ProjectKey>,
}

/// The author of the newest counterpart that the pair made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// Name of the account.
    pub account: String,
    /// It is that of the token, or one of `trusted_authors`.
    pub trusted: bool,
}

impl CheckReport {
    /// Whether nothing was found that keeps a pair from being passed.
    pub fn every_pair_can_run(&self) -> bool {
        self.pairs
            .iter()
            .all(|pair| !pair.enabled || self.can_run(pair))
    }

    fn can_run(&self, pair: &PairRow) -> bool {
        findings(pair, &self.instances)
            .iter()
            .all(|finding| !finding.blocks)
    }
}

/// The whole for a person.
pub fn render(report: &CheckReport) -> String {
    let mut out = String::new();
    for (name, instance) in &report.instances {
        out.push_str(&render_instance(name, instance));
    }
    for pair in &report.pairs {
        out.push_str(&render_pair(pair, report));
    }
    let enabled: Vec<&PairRow> = report.pairs.iter().filter(|pair| pair.enabled).collect();
    if enabled.len() > 1 {
        let good = enabled.iter().filter(|pair| report.can_run(pair)).count();
        let pairs = count(enabled.len() as u64, "pair");
        out.push_str(&format!("{pairs}: {good} can run.\n"));
    }
    out
}

fn render_instance(name: &str, instance: &InstanceRow) -> String {
    let title = paint(NAME, &format!("instance {}", plain(name)));
    let place = plain(&instance.place);
    let server = match &instance.server {
        Ok(Some(server)) => server,
        Ok(None) => return format!("{title}: directory {place}\n"),
        Err(error) => {
            let failed = paint(BAD, "cannot be used.");
            return format!("{title}: {failed}\n{}", refused(error));
        }
    };
    let admin = if server.admin {
        ", an administrator"
    } else {
        ""
    };
    let mut out = format!(
        "{title}: {} at {place}\n  account      {}{admin}\n  token        {}\n",
        plain(&server.software),
        plain(&server.account),
        token(server),
    );
    if let Some(said) = ends_soon(name, server) {
        out.push_str(&noted(&said));
    }
    out
}

/// What can be told of the token of a server.
fn token(server: &ServerState) -> String {
    let Some(token) = &server.token else {
        return "the server does not tell what it may do".to_owned();
    };
    let scopes = match token.scopes.as_slice() {
        [] => "no scope".to_owned(),
        scopes => plain(&scopes.join(", ")),
    };
    match token.ends {
        Some(ends) => format!("{scopes}; ends on {ends}"),
        None => format!("{scopes}; does not end"),
    }
}

fn ends_soon(name: &str, server: &ServerState) -> Option<String> {
    let ends = server.token.as_ref()?.ends?;
    hints::token_ends_soon(name, ends, server.today)
}

fn render_pair(pair: &PairRow, report: &CheckReport) -> String {
    let name = paint(NAME, &plain(&pair.name));
    if !pair.enabled {
        return format!("{name}: disabled in the configuration; not tried.\n");
    }
    let headline = if report.can_run(pair) {
        paint(GOOD, "can run.")
    } else {
        paint(BAD, "cannot run.")
    };
    let mut out = format!("{name}: {headline}\n");
    for (side, end) in [(Side::Source, &pair.source), (Side::Target, &pair.target)] {
        out.push_str(&format!("  {:<12} {}\n", side.word(), end_line(end, side)));
    }
    for (label, line) in fields::lines(&fields::rows(pair, &report.instances)) {
        out.push_str(&format!("  {label:<12} {line}\n"));
    }
    let left = left_out(&pair.policy);
    if !left.is_empty() {
        let left: Vec<String> = left
            .iter()
            .map(|(what, key)| format!("{what} (`{key}`)"))
            .collect();
        out.push_str(&format!("  {:<12} {}\n", "left out", left.join(", ")));
    }
    for finding in findings(pair, &report.instances) {
        out.push_str(&match (&finding.refusal, finding.blocks) {
            (Some(error), _) => refused(error),
            (None, true) => format!("  {} {}\n", paint(BAD, "error:"), plain(&finding.text)),
            (None, false) => noted(&finding.text),
        });
    }
    out
}

/// What is at an end, in one line.
fn end_line(end: &EndRow, side: Side) -> String {
    let project = plain(&end.project);
    let Some(found) = end.good() else {
        return format!("{project}, not to be had");
    };
    match &found.inspection {
        Inspection::Files(files) if files.exists => format!("{project}, a tracker"),
        Inspection::Files(_) => match side {
            Side::Target => format!("{project}, begun by the first pass"),
            Side::Source => project,
        },
        Inspection::Project(state) => {
            let visibility = state.visibility.map(|kind| format!(", {}", kind.word()));
            let role = match state.role {
                Some(role) => format!("the account is {role} there"),
                None => "the account is no member".to_owned(),
            };
            format!(
                "{} (number {}{}); {role}",
                plain(&found.project.name),
                state.id,
                visibility.unwrap_or_default()
            )
        }
    }
}

/// What a pair does not carry because it is told so, with the keys that say it.
fn left_out(policy: &Policy) -> Vec<(&'static str, &'static str)> {
    let switches = [
        (
            policy.existing_issues || policy.mirror_since.is_some(),
            "issues from before the first pass",
            "sync_existing_issues",
        ),
        (
            policy.closed_issues,
            "issues closed when first seen",
            "sync_closed_issues",
        ),
        (
            policy.confidential,
            "confidential issues",
            "sync_confidential",
        ),
        (
            policy.internal_notes,
            "internal comments",
            "sync_internal_notes",
        ),
        (policy.comments, "comments", "sync_comments"),
        (policy.labels, "labels", "sync_labels"),
        (policy.attachments, "attachments", "sync_attachments"),
        (policy.weight, "weights", "sync_weight"),
        (policy.due_date, "due dates", "sync_due_date"),
        (policy.time_estimate, "estimates", "sync_time_estimate"),
        (policy.time_spent, "time spent", "sync_time_spent"),
        (policy.milestones, "milestones", "sync_milestones"),
        (policy.assignees, "assignees", "sync_assignees"),
        (policy.iterations, "iterations", "sync_iterations"),
        (policy.epics, "epics", "sync_epics"),
        (
            policy.issue_links,
            "links to other issues",
            "sync_issue_links",
        ),
        (
            policy.update_existing,
            "changes of what is mirrored",
            "update_existing",
        ),
    ];
    let off = switches.into_iter().filter(|(on, ..)| !on);
    off.map(|(_, what, key)| (what, key)).collect()
}

fn noted(text: &str) -> String {
    format!("  {} {}.\n", paint(WARN, "note:"), plain(text))
}

fn refused(error: &ForgeError) -> String {
    summary::failed(&Failure::of_pair(FailedAt::Open, error))
}

#[derive(Serialize)]
struct Document<'a> {
    exit_code: u8,
    instances: Vec<InstanceDocument<'a>>,
    pairs: Vec<PairDocument<'a>>,
}

#[derive(Serialize)]
struct InstanceDocument<'a> {
    name: &'a str,
    place: &'a str,
    reachable: bool,
    software: Option<&'a str>,
    account: Option<&'a str>,
    admin: bool,
    scopes: Option<&'a [String]>,
    token_ends: Option<String>,
    warnings: Vec<String>,
    error: Option<String>,
    hint: Option<&'static str>,
}

#[derive(Serialize)]
struct PairDocument<'a> {
    name: &'a str,
    enabled: bool,
    /// `null` if it was not tried.
    can_run: Option<bool>,
    source: EndDocument<'a>,
    target: EndDocument<'a>,
    left_out: Vec<&'static str>,
    /// Part by part; empty if not both ends were to be had.
    fields: Vec<FieldDocument>,
    findings: Vec<FindingDocument<'a>>,
}

#[derive(Serialize)]
struct EndDocument<'a> {
    instance: &'a str,
    project: &'a str,
    key: Option<&'a str>,
    id: Option<u64>,
    role: Option<&'static str>,
    visibility: Option<&'static str>,
    archived: Option<bool>,
    issues_enabled: Option<bool>,
    exists: Option<bool>,
    writable: Option<bool>,
}

#[derive(Serialize)]
struct FindingDocument<'a> {
    code: &'static str,
    blocks: bool,
    text: &'a str,
    hint: Option<&'static str>,
}

/// The same for a machine. Keys are added, never renamed.
pub fn render_json(report: &CheckReport, exit: Exit) -> String {
    let found: Vec<Vec<Finding>> = report
        .pairs
        .iter()
        .map(|pair| findings(pair, &report.instances))
        .collect();
    let document = Document {
        exit_code: exit.code(),
        instances: report
            .instances
            .iter()
            .map(|(name, instance)| instance_document(name, instance))
            .collect(),
        pairs: report
            .pairs
            .iter()
            .zip(&found)
            .map(|(pair, findings)| pair_document(pair, &report.instances, findings))
            .collect(),
    };
    // Numbers, texts and lists always become JSON.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn instance_document<'a>(name: &'a str, instance: &'a InstanceRow) -> InstanceDocument<'a> {
    let server = instance.server.as_ref().ok().and_then(Option::as_ref);
    let token = server.and_then(|server| server.token.as_ref());
    let error = instance.server.as_ref().err();
    InstanceDocument {
        name,
        place: &instance.place,
        reachable: error.is_none(),
        software: server.map(|server| server.software.as_str()),
        account: server.map(|server| server.account.as_str()),
        admin: server.is_some_and(|server| server.admin),
        scopes: token.map(|token| token.scopes.as_slice()),
        token_ends: token
            .and_then(|token| token.ends)
            .map(|ends| ends.to_string()),
        warnings: server
            .and_then(|server| ends_soon(name, server))
            .into_iter()
            .collect(),
        error: error.map(ToString::to_string),
        hint: error.and_then(hint),
    }
}

fn hint(error: &ForgeError) -> Option<&'static str> {
    hints::hint(&Failure::of_pair(FailedAt::Open, error))
}

fn pair_document<'a>(
    pair: &'a PairRow,
    instances: &BTreeMap<String, InstanceRow>,
    findings: &'a [Finding],
) -> PairDocument<'a> {
    PairDocument {
        name: &pair.name,
        enabled: pair.enabled,
        can_run: pair
            .enabled
            .then(|| findings.iter().all(|finding| !finding.blocks)),
        source: end_document(&pair.source),
        target: end_document(&pair.target),
        left_out: left_out(&pair.policy)
            .into_iter()
            .map(|(_, key)| key)
            .collect(),
        fields: fields::rows(pair, instances)
            .iter()
            .map(fields::document)
            .collect(),
        findings: findings
            .iter()
            .map(|finding| FindingDocument {
                code: finding.code,
                blocks: finding.blocks,
                text: &finding.text,
                hint: finding.refusal.as_ref().and_then(hint),
            })
            .collect(),
    }
}

fn end_document(end: &EndRow) -> EndDocument<'_> {
    let found = end.good();
    let (project, files) = match found.map(|found| &found.inspection) {
        Some(Inspection::Project(project)) => (Some(project), None),
        Some(Inspection::Files(files)) => (None, Some(files)),
        None => (None, None),
    };
    EndDocument {
        instance: &end.instance,
        project: &end.project,
        key: found.map(|found| found.project.key.0.as_str()),
        id: project.map(|project| project.id),
        role: project.and_then(|project| project.role),
        visibility: project.and_then(|project| Some(project.visibility?.word())),
        archived: project.map(|project| project.archived),
        issues_enabled: project.map(|project| project.has_issues),
        exists: files.map(|files| files.exists),
        writable: files.map(|files| files.writable),
    }
}
