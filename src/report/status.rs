//! Where pairs stand.

use super::style::{BAD, DIM, NAME, WARN, count, paint, plain};
use crate::model::{Drifted, LinkRow, PairStatus, Timestamp};
use comfy_table::presets;
use comfy_table::{ContentArrangement, Table};
use jiff::SignedDuration;
use serde::Serialize;

/// What is known of one pair of the configuration.
#[derive(Clone, Debug)]
pub struct PairRow {
    /// What it is called.
    pub name: String,
    /// Passes happen.
    pub enabled: bool,
    /// What the store knows; `None` before the first pass.
    pub status: Option<PairStatus>,
    /// When the next pass is due; `None`: always.
    pub due_at: Option<Timestamp>,
    /// Its links, where they were asked for.
    pub links: Option<Vec<LinkRow>>,
    /// The last success is longer ago than was asked for.
    pub too_old: bool,
    /// Why the pair failed as a whole at its last pass, and when.
    pub failure: Option<(Timestamp, String)>,
}

impl PairRow {
    fn last_pass(&self) -> Option<Timestamp> {
        let passed = self.status.as_ref().and_then(|status| status.last.as_ref());
        let failed = self.failure.as_ref().map(|(at, _)| *at);
        passed.map(|last| last.started_at).max(failed)
    }

    fn outcome(&self) -> &'static str {
        match &self.status {
            _ if !self.enabled => "disabled",
            _ if self.failure.is_some() => "failed",
            None => "never",
            Some(status) => match status.last.as_ref().map(|last| last.outcome) {
                None => "never",
                Some(None) => "unfinished",
                Some(Some(outcome)) => outcome.word(),
            },
        }
    }
}

/// A table for a person. `width`: of the terminal, if there is one.
pub fn render(rows: &[PairRow], now: Timestamp, width: Option<u16>) -> String {
    let mut table = table(width);
    table.set_header([
        "PAIR",
        "LAST PASS",
        "OUTCOME",
        "NEXT DUE",
        "SYNCED",
        "PENDING",
        "CONFLICT",
        "ERROR",
    ]);
    for row in rows {
        let status = row.status.clone().unwrap_or_default();
        let last = row.last_pass().map(|at| ago(at, now));
        let due = match row.due_at {
            _ if !row.enabled => "-".to_owned(),
            Some(at) if at > now => format!("in {}", short(at.duration_since(now))),
            _ => "now".to_owned(),
        };
        table.add_row([
            plain(&row.name),
            last.unwrap_or_else(|| "-".to_owned()),
            row.outcome().to_owned(),
            due,
            status.synced.to_string(),
            status.pending.to_string(),
            status.conflict.to_string(),
            status.error.to_string(),
        ]);
    }
    let mut out = lines(&table);
    for row in rows {
        out.push_str(&trouble(row, now));
    }
    for row in rows {
        if let Some(links) = &row.links {
            out.push_str(&format!("\n{}\n", paint(NAME, &plain(&row.name))));
            out.push_str(&link_table(links, width));
        }
    }
    out
}

/// What needs a look.
fn trouble(row: &PairRow, now: Timestamp) -> String {
    let mut out = String::new();
    let name = plain(&row.name);
    if row.too_old {
        let said = paint(BAD, "the last success is too long ago.");
        out.push_str(&format!("{name}: {said}\n"));
    }
    if let Some((_, error)) = &row.failure {
        let said = paint(BAD, "the last pass failed:");
        out.push_str(&format!("{name}: {said} {}\n", plain(error)));
    }
    let Some(status) = &row.status else {
        return out;
    };
    for retry in &status.retries {
        let tried = count(retry.attempts.into(), "attempt");
        let said = if retry.dead {
            paint(BAD, &format!("given up after {tried}"))
        } else {
            let next = match retry.next_at {
                at if at > now => format!("in {}", short(at.duration_since(now))),
                _ => "at the next pass".to_owned(),
            };
            paint(
                WARN,
                &format!("failed {}, tried again {next}", times(retry.attempts)),
            )
        };
        out.push_str(&format!(
            "{name} #{} ({}, {said}): {}\n",
            retry.number,
            retry.stage.word(),
            plain(&retry.error)
        ));
    }
    if status.gone > 0 {
        let gone = count(status.gone, "counterpart");
        out.push_str(&format!(
            "{name}: {gone} deleted on the target by people; what they were copies of is not mirrored again.\n",
        ));
    }
    if !status.drifted.is_empty() {
        let drifted: Vec<String> = status.drifted.iter().map(Drifted::words).collect();
        out.push_str(&format!(
            "{name}: changed on the target by people: {}\n",
            drifted.join("; ")
        ));
    }
    out
}

fn times(number: u32) -> String {
    match number {
        1 => "once".to_owned(),
        number => format!("{number} times"),
    }
}

fn link_table(links: &[LinkRow], width: Option<u16>) -> String {
    if links.is_empty() {
        return paint(DIM, "no issue is mirrored yet.\n");
    }
    let mut table = table(width);
    table.set_header(["SOURCE", "TARGET", "STATE", "SOURCE URL", "TARGET URL"]);
    for link in links {
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        table.add_row([
            format!("#{}", link.source_number),
            or_none(link.target_number.map(|number| format!("#{number}"))),
            link.state.word().to_owned(),
            or_none(link.source_location.as_deref().map(plain)),
            or_none(link.target_location.as_deref().map(plain)),
        ]);
    }
    lines(&table)
}

fn table(width: Option<u16>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    match width {
        Some(width) => {
            table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(width);
        }
        // For another program a row is a line, however long.
        None => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    table
}

/// A table without the blanks around it.
fn lines(table: &Table) -> String {
    table
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(&line).trim_end()))
        .collect()
}

fn ago(at: Timestamp, now: Timestamp) -> String {
    format!("{} ago", short(now.duration_since(at)))
}

/// A length of time in its greatest unit.
fn short(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    pairs: Vec<PairDocument<'a>>,
}

#[derive(Serialize)]
struct PairDocument<'a> {
    name: &'a str,
    enabled: bool,
    outcome: &'static str,
    last_pass: Option<String>,
    last_full_pass: Option<String>,
    next_due: Option<String>,
    too_old: bool,
    failure: Option<&'a str>,
    synced: u64,
    pending: u64,
    conflict: u64,
    error: u64,
    gone: u64,
    retries: Vec<RetryDocument<'a>>,
    drifted: Vec<DriftedDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issues: Option<Vec<LinkDocument<'a>>>,
}

/// What people changed of one counterpart.
#[derive(Serialize)]
pub(super) struct DriftedDocument<'a> {
    target_number: u64,
    fields: &'a [String],
}

pub(super) fn drifted(of: &[Drifted]) -> Vec<DriftedDocument<'_>> {
    of.iter()
        .map(|row| DriftedDocument {
            target_number: row.target_number.0,
            fields: &row.fields,
        })
        .collect()
}

#[derive(Serialize)]
struct RetryDocument<'a> {
    source_number: u64,
    stage: &'static str,
    error: &'a str,
    attempts: u32,
    next_at: Option<String>,
    dead: bool,
}

#[derive(Serialize)]
struct LinkDocument<'a> {
    source_number: u64,
    target_number: Option<u64>,
    state: &'static str,
    source_url: Option<&'a str>,
    target_url: Option<&'a str>,
    error: Option<&'a str>,
}

/// The same for a machine.
pub fn render_json(rows: &[PairRow]) -> String {
    let pairs = rows.iter().map(document).collect();
    // Numbers, texts and lists always become JSON.
    let mut text = serde_json::to_string_pretty(&Document { pairs }).unwrap_or_default();
    text.push('\n');
    text
}

fn document(row: &PairRow) -> PairDocument<'_> {
    let time = |at: Timestamp| format!("{at:.3}");
    let status = row.status.as_ref();
    let count = |of: fn(&PairStatus) -> u64| status.map_or(0, of);
    PairDocument {
        name: &row.name,
        enabled: row.enabled,
        outcome: row.outcome(),
        last_pass: row.last_pass().map(time),
        failure: row.failure.as_ref().map(|(_, error)| error.as_str()),
        last_full_pass: status.and_then(|status| status.last_full_at).map(time),
        next_due: row.due_at.map(time),
        too_old: row.too_old,
        synced: count(|status| status.synced),
        pending: count(|status| status.pending),
        conflict: count(|status| status.conflict),
        error: count(|status| status.error),
        gone: count(|status| status.gone),
        retries: status
            .map(|status| status.retries.iter().map(retry).collect())
            .unwrap_or_default(),
        drifted: drifted(status.map_or(&[], |status| &status.drifted)),
        issues: row
            .links
            .as_ref()
            .map(|links| links.iter().map(link).collect()),
    }
}

fn retry(retry: &crate::model::Retry) -> RetryDocument<'_> {
    RetryDocument {
        source_number: retry.number.0,
        stage: retry.stage.word(),
        error: &retry.error,
        attempts: retry.attempts,
        next_at: (!retry.dead).then(|| format!("{:.3}", retry.next_at)),
        dead: retry.dead,
    }
}

fn link(row: &LinkRow) -> LinkDocument<'_> {
    LinkDocument {
        source_number: row.source_number.0,
        target_number: row.target_number.map(|number| number.0),
        state: row.state.word(),
        source_url: row.source_location.as_deref(),
        target_url: row.target_location.as_deref(),
        error: row.error.as_deref(),
    }
}
