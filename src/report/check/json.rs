//! What was found, for a machine.

use super::fields::{self, FieldDocument};
use super::{CheckReport, EndRow, Finding, InstanceRow, PairRow, ends_soon, findings, left_out};
use crate::model::Inspection;
use crate::report::exit::Exit;
use crate::report::hints;
use crate::sync::{FailedAt, Failure, ForgeError};
use serde::Serialize;
use std::collections::BTreeMap;

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

/// The whole as one document. Keys are added, never renamed.
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
