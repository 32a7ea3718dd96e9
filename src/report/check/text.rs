//! What was found, for a person.

use super::{CheckReport, EndRow, InstanceRow, PairRow, ends_soon, fields, findings, left_out};
use crate::model::{Inspection, ServerState, Side};
use crate::report::style::{BAD, GOOD, NAME, WARN, count, paint, plain};
use crate::report::summary;
use crate::sync::{FailedAt, Failure, ForgeError};

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

fn noted(text: &str) -> String {
    format!("  {} {}.\n", paint(WARN, "note:"), plain(text))
}

fn refused(error: &ForgeError) -> String {
    summary::failed(&Failure::of_pair(FailedAt::Open, error))
}
