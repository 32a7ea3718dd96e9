//! What a run did, for a machine. Keys are added, never renamed.

use super::RunReport;
use super::exit::Exit;
use super::hints;
use crate::model::Timestamp;
use crate::sync::{Attachments, Comments, Failure, Issues, PairReport, Planned, PlannedAction};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Serialize)]
struct Run<'a> {
    started_at: String,
    finished_at: String,
    exit_code: u8,
    pairs: Vec<Pair<'a>>,
}

#[derive(Serialize)]
struct Pair<'a> {
    name: &'a str,
    outcome: &'static str,
    mode: Option<&'static str>,
    issues: IssueCounts,
    comments: CommentCounts,
    attachments: AttachmentCounts,
    skipped_because: BTreeMap<&'static str, u64>,
    not_carried: Vec<NotCarried<'a>>,
    requests: RequestCounts,
    waited_ms: u64,
    retries: u64,
    dead_letters: u64,
    links: u64,
    drift: u64,
    drifted: Vec<Drifted>,
    gone: u64,
    vanished: u64,
    closed: u64,
    deleted: u64,
    joined: u64,
    left_selection: u64,
    hidden: u64,
    put_right: u64,
    labels_written: u64,
    rebuilt: Rebuilt,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Vec<PlannedIssue<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan_beside: Option<PlannedBeside<'a>>,
    duration_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<String>,
    warnings: &'a [String],
    failures: Vec<FailureRow<'a>>,
}

#[derive(Serialize)]
struct IssueCounts {
    seen: u64,
    created: u64,
    updated: u64,
    unchanged: u64,
    skipped: u64,
    failed: u64,
    conflicts: u64,
    left: u64,
}

#[derive(Serialize)]
struct CommentCounts {
    created: u64,
    updated: u64,
    deleted: u64,
    skipped: u64,
}

#[derive(Serialize)]
struct AttachmentCounts {
    copied: u64,
    reused: u64,
    too_large: u64,
    failed: u64,
    unreferenced: u64,
    deleted: u64,
}

#[derive(Serialize)]
struct Drifted {
    target_number: u64,
    fields: Vec<String>,
}

#[derive(Serialize)]
struct NotCarried<'a> {
    field: &'a str,
    count: u64,
    why: &'a str,
    issues: Vec<u64>,
}

#[derive(Serialize)]
struct RequestCounts {
    source: u64,
    target: u64,
}

/// Counterparts that were found again on the target.
#[derive(Serialize)]
struct Rebuilt {
    equal: u64,
    overwritten: u64,
    kept: u64,
}

#[derive(Serialize)]
struct PlannedIssue<'a> {
    source_number: u64,
    title: &'a str,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_number: Option<u64>,
    fields: Vec<&'static str>,
    add_labels: &'a [String],
    remove_labels: &'a [String],
    comments: PlannedComments,
    attachments: u64,
    links: PlannedLinks,
    writes: u64,
}

#[derive(Serialize)]
struct PlannedLinks {
    create: u64,
    delete: u64,
}

/// What would be done beside the issues.
#[derive(Serialize)]
struct PlannedBeside<'a> {
    labels: PlannedTitles<'a>,
    milestones: PlannedTitles<'a>,
    writes: u64,
}

#[derive(Serialize)]
struct PlannedTitles<'a> {
    create: &'a BTreeSet<String>,
    update: &'a BTreeSet<String>,
}

#[derive(Serialize)]
struct PlannedComments {
    create: u64,
    update: u64,
    delete: u64,
}

#[derive(Serialize)]
struct FailureRow<'a> {
    source_number: Option<u64>,
    source_url: Option<&'a str>,
    stage: &'static str,
    error: &'a str,
    hint: Option<&'static str>,
}

/// The whole document, one line per level of detail, with a line break at its end.
pub fn render(run: &RunReport, exit: Exit) -> String {
    let document = Run {
        started_at: whole_milliseconds(run.started_at),
        finished_at: whole_milliseconds(run.finished_at),
        exit_code: exit.code(),
        pairs: run
            .pairs
            .iter()
            .map(|report| pair(report, &run.invocation))
            .collect(),
    };
    // Numbers, texts and lists always become JSON.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn whole_milliseconds(at: Timestamp) -> String {
    format!("{at:.3}")
}

fn pair<'a>(pair: &'a PairReport, invocation: &str) -> Pair<'a> {
    let tally = &pair.tally;
    let Issues {
        seen,
        created,
        updated,
        unchanged,
        skipped,
        failed,
        conflicts,
        left,
    } = tally.issues;
    Pair {
        name: &pair.name,
        outcome: pair.outcome.word(),
        mode: pair.mode.map(crate::model::Mode::word),
        issues: IssueCounts {
            seen,
            created,
            updated,
            unchanged,
            skipped,
            failed,
            conflicts,
            left,
        },
        comments: comments(tally.comments),
        attachments: attachments(tally.attachments),
        skipped_because: tally
            .skipped_because
            .iter()
            .map(|(reason, count)| (reason.word(), *count))
            .collect(),
        not_carried: tally
            .not_carried
            .iter()
            .map(|((field, why), carried)| NotCarried {
                field,
                count: carried.count(),
                why,
                issues: carried.issues().map(|number| number.0).collect(),
            })
            .collect(),
        requests: RequestCounts {
            source: pair.requests.source,
            target: pair.requests.target,
        },
        waited_ms: pair.waited_ms,
        retries: tally.retries,
        dead_letters: tally.dead_letters,
        links: tally.links,
        drift: tally.drift,
        drifted: tally
            .drifted
            .iter()
            .map(|(number, fields)| Drifted {
                target_number: number.0,
                fields: fields.iter().cloned().collect(),
            })
            .collect(),
        gone: tally.gone,
        vanished: tally.vanished,
        closed: tally.closed,
        deleted: tally.deleted,
        joined: tally.joined,
        left_selection: tally.left_selection,
        hidden: tally.hidden,
        put_right: tally.put_right,
        labels_written: tally.labels_written,
        rebuilt: Rebuilt {
            equal: tally.rebuilt.equal,
            overwritten: tally.rebuilt.overwritten,
            kept: tally.rebuilt.kept,
        },
        plan: pair
            .plan
            .as_ref()
            .map(|plan| plan.iter().map(planned).collect()),
        plan_beside: pair.plan.is_some().then(|| PlannedBeside {
            labels: PlannedTitles {
                create: &pair.beside.new_labels,
                update: &pair.beside.changed_labels,
            },
            milestones: PlannedTitles {
                create: &pair.beside.new_milestones,
                update: &pair.beside.changed_milestones,
            },
            writes: pair.beside.writes(),
        }),
        duration_ms: pair.duration_ms,
        due_at: pair.due_at.map(whole_milliseconds),
        stopped: pair
            .stopped
            .map(|stopped| hints::go_on(invocation, &pair.name, stopped)),
        warnings: &tally.warnings,
        failures: tally.failures.iter().map(failure).collect(),
    }
}

fn comments(counts: Comments) -> CommentCounts {
    CommentCounts {
        created: counts.created,
        updated: counts.updated,
        deleted: counts.deleted,
        skipped: counts.skipped,
    }
}

fn attachments(counts: Attachments) -> AttachmentCounts {
    AttachmentCounts {
        copied: counts.copied,
        reused: counts.reused,
        too_large: counts.too_large,
        failed: counts.failed,
        unreferenced: counts.unreferenced,
        deleted: counts.deleted,
    }
}

fn planned(planned: &Planned) -> PlannedIssue<'_> {
    let (action, because) = match planned.action {
        PlannedAction::Create => ("create", None),
        PlannedAction::Update => ("update", None),
        PlannedAction::Hide => ("hide", None),
        PlannedAction::Show => ("show", None),
        PlannedAction::Join(_) => ("join", None),
        PlannedAction::Close => ("close", None),
        PlannedAction::Delete => ("delete", None),
        PlannedAction::Skip(reason) => ("skip", Some(reason.word())),
    };
    PlannedIssue {
        source_number: planned.number.0,
        title: &planned.title,
        action,
        because,
        target_number: match planned.action {
            PlannedAction::Join(target) => Some(target.0),
            _ => None,
        },
        fields: planned.fields.iter().map(|field| field.word()).collect(),
        add_labels: &planned.add_labels,
        remove_labels: &planned.remove_labels,
        comments: PlannedComments {
            create: planned.comments.created,
            update: planned.comments.updated,
            delete: planned.comments.deleted,
        },
        attachments: planned.attachments,
        links: PlannedLinks {
            create: planned.add_links,
            delete: planned.remove_links,
        },
        writes: planned.writes(),
    }
}

fn failure(failure: &Failure) -> FailureRow<'_> {
    FailureRow {
        source_number: failure.number.map(|number| number.0),
        source_url: failure.location.as_deref(),
        stage: failure.stage.word(),
        error: &failure.error,
        hint: hints::hint(failure),
    }
}
