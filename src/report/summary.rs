//! What a run did, for a person.

use super::RunReport;
use super::hints;
use super::style::{BAD, DIM, GOOD, NAME, WARN, count, paint, plain, took};
use crate::model::Outcome;
use crate::plan::selection::SkipReason;
use crate::sync::{Failure, Issues, NotCarried, PairReport, Tally};

/// How many counterparts that people changed are named.
const DRIFTED: usize = 10;

/// The whole summary. Every number in it is one that the JSON has too.
pub fn render(run: &RunReport) -> String {
    let mut out = String::new();
    for pair in &run.pairs {
        out.push_str(&render_pair(pair, &run.invocation));
    }
    if run.pairs.len() > 1 {
        out.push_str(&total(run));
    }
    out
}

pub(super) fn render_pair(pair: &PairReport, invocation: &str) -> String {
    let mut out = format!("{}: {}\n", paint(NAME, &plain(&pair.name)), headline(pair));
    let tally = &pair.tally;
    for (name, line) in details(pair) {
        out.push_str(&format!("  {name:<12} {line}\n"));
    }
    for ((field, why), carried) in &tally.not_carried {
        out.push_str(&format!(
            "  {} {field} of {}: {}\n",
            paint(WARN, "not carried:"),
            numbers(carried),
            plain(why)
        ));
    }
    for warning in &tally.warnings {
        let warning = plain(warning);
        out.push_str(&format!("  {} {warning}\n", paint(WARN, "note:")));
    }
    for failure in &tally.failures {
        out.push_str(&failed(failure));
    }
    if let Some(stopped) = pair.stopped {
        out.push_str(&format!(
            "  {} {}\n",
            paint(WARN, "stopped:"),
            hints::go_on(invocation, &pair.name, stopped)
        ));
    }
    out
}

/// `#1, #2`, or `#1, #2 and others (12 in all)`.
fn numbers(carried: &NotCarried) -> String {
    let named: Vec<String> = carried.issues().map(|n| format!("#{n}")).collect();
    let is_each = carried.count() == named.len() as u64;
    let named = named.join(", ");
    if is_each {
        named
    } else {
        format!("{named} ({} in all)", carried.count())
    }
}

/// What happened, in one line.
fn headline(pair: &PairReport) -> String {
    match pair.outcome {
        Outcome::Disabled => "disabled in the configuration; skipped.".to_owned(),
        Outcome::NotDue => match pair.due_at {
            Some(at) => format!("not due before {at:.0}; skipped (--force ignores that)."),
            None => "not due; skipped (--force ignores that).".to_owned(),
        },
        Outcome::Failed => paint(BAD, "failed."),
        Outcome::Interrupted => {
            format!("{} {}", paint(WARN, "interrupted;"), changes(&pair.tally))
        }
        Outcome::Partial => format!("{} {}", paint(WARN, "not complete;"), changes(&pair.tally)),
        Outcome::Success => match &pair.baseline {
            Some(baseline) => first_pass(baseline),
            None => paint(GOOD, &changes(&pair.tally)),
        },
    }
}

pub(super) fn first_pass(baseline: &str) -> String {
    let from = match baseline.strip_prefix('i') {
        Some(id) => format!("issues up to {id} were there before and stay unmirrored"),
        None => "there is no issue yet".to_owned(),
    };
    format!(
        "first pass, from nothing: {from}; those that come from now on are mirrored (`sync_existing_issues: true` mirrors all, `mirror_since` those from a number or day on)."
    )
}

/// "302 issues seen: 12 created, 3 updated, 285 unchanged, 2 skipped (1 closed, 1 confidential)."
fn changes(tally: &Tally) -> String {
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
    if seen == 0 && !tally.wrote() {
        return "nothing to do; no issue changed.".to_owned();
    }
    let mut done = Vec::new();
    for (number, word) in [(created, "created"), (updated, "updated")] {
        if number > 0 {
            done.push(format!("{number} {word}"));
        }
    }
    let mut rest = Vec::new();
    for (number, word) in [
        (unchanged, "unchanged"),
        (failed, "failed"),
        (conflicts, "in conflict"),
        (left, "left for later"),
    ] {
        if number > 0 {
            rest.push(format!("{number} {word}"));
        }
    }
    if skipped > 0 {
        rest.push(format!("{skipped} skipped ({})", reasons(tally)));
    }
    if done.is_empty() {
        done.push("nothing changed".to_owned());
    }
    done.extend(rest);
    format!("{} seen: {}.", count(seen, "issue"), done.join(", "))
}

/// Why an issue is not mirrored, in words.
pub(super) fn skipped_because(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::Confidential => "confidential",
        SkipReason::Loop => "came from the target",
        SkipReason::Closed => "closed",
        SkipReason::Filtered => "not selected",
        SkipReason::Baseline => "older than the pair",
        SkipReason::Gone => "deleted on the target",
        SkipReason::Parted => "parted by `unlink`",
    }
}

fn reasons(tally: &Tally) -> String {
    let words: Vec<String> = tally
        .skipped_because
        .iter()
        .map(|(reason, count)| format!("{count} {}", skipped_because(*reason)))
        .collect();
    words.join(", ")
}

/// What else was counted, where there is anything to count.
fn details(pair: &PairReport) -> Vec<(&'static str, String)> {
    let tally = &pair.tally;
    let mut lines = Vec::new();
    let mut say = |name, parts: &[(u64, &str)]| {
        let parts: Vec<String> = parts
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{number} {what}"))
            .collect();
        if !parts.is_empty() {
            lines.push((name, parts.join(", ")));
        }
    };
    let comments = &tally.comments;
    say(
        "comments",
        &[
            (comments.created, "created"),
            (comments.updated, "updated"),
            (comments.deleted, "deleted"),
            (comments.skipped, "skipped (internal)"),
        ],
    );
    let attachments = &tally.attachments;
    say(
        "attachments",
        &[
            (attachments.copied, "copied"),
            (attachments.reused, "there already"),
            (attachments.too_large, "too large"),
            (attachments.failed, "not to be had"),
            (attachments.unreferenced, "perhaps there, unused"),
            (attachments.deleted, "deleted with what was hidden"),
        ],
    );
    say(
        "references",
        &[(
            tally.put_right,
            "issues put right, whose texts refer to what was mirrored or taken away later",
        )],
    );
    say("labels", &[(tally.labels_written, "created or changed")]);
    say(
        "target",
        &[
            (tally.hidden, "hidden"),
            (tally.gone, "deleted there by people"),
            (tally.drift, "changed there by people"),
        ],
    );
    say(
        "source",
        &[
            (
                tally.vanished.saturating_sub(tally.closed + tally.deleted),
                "mirrored before and not there any more; the counterparts stay",
            ),
            (tally.closed, "not there any more; closed on the target"),
            (tally.deleted, "not there any more; deleted on the target"),
        ],
    );
    say(
        "queue",
        &[
            (tally.retries, "to be tried again (see `status`)"),
            (tally.dead_letters, "given up (see `status`)"),
        ],
    );
    if !tally.drifted.is_empty() {
        let shown = tally.drifted.iter().take(DRIFTED).map(|(number, fields)| {
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            format!("#{number} ({})", fields.join(", "))
        });
        let mut shown: Vec<String> = shown.collect();
        let more = tally.drifted.len().saturating_sub(DRIFTED);
        if more > 0 {
            shown.push(format!(
                "and {} (see `status`)",
                count(more as u64, "other")
            ));
        }
        lines.push(("changed", format!("by people: {}", shown.join("; "))));
    }
    if tally.joined > 0 {
        lines.push((
            "joined",
            format!(
                "{} with those of the same title on the target; what differs there stays until the source changes",
                count(tally.joined, "issue")
            ),
        ));
    }
    if tally.left_selection > 0 {
        let its = if tally.left_selection == 1 {
            "its counterpart stays"
        } else {
            "their counterparts stay"
        };
        lines.push((
            "selection",
            format!(
                "{} left the selection (`only`); {its}",
                count(tally.left_selection, "issue")
            ),
        ));
    }
    if pair.requests.source + pair.requests.target > 0 {
        lines.push((
            "requests",
            format!(
                "{} to the source, {} to the target, {}",
                pair.requests.source,
                pair.requests.target,
                paint(DIM, &format!("in {}", took(pair.duration_ms)))
            ),
        ));
    }
    lines
}

pub(super) fn failed(failure: &Failure) -> String {
    let what = match failure.number {
        Some(number) => format!("#{number} ({}):", failure.stage.word()),
        None => "error:".to_owned(),
    };
    let mut out = format!(
        "  {} {}\n",
        paint(BAD, &what),
        plain(&failure.error).replace('\n', "\n  ")
    );
    if let Some(hint) = hints::hint(failure) {
        out.push_str(&format!("    {} {hint}.\n", paint(DIM, "hint:")));
    }
    out
}

/// One line over all pairs.
fn total(run: &RunReport) -> String {
    let of = |outcome| {
        run.pairs
            .iter()
            .filter(|pair| pair.outcome == outcome)
            .count() as u64
    };
    let parts: Vec<String> = [
        (Outcome::Success, "in step"),
        (Outcome::Partial, "not complete"),
        (Outcome::Failed, "failed"),
        (Outcome::NotDue, "not due"),
        (Outcome::Disabled, "disabled"),
        (Outcome::Interrupted, "interrupted"),
    ]
    .into_iter()
    .filter(|(outcome, _)| of(*outcome) > 0)
    .map(|(outcome, word)| format!("{} {word}", of(outcome)))
    .collect();
    format!(
        "{}: {}.\n",
        count(run.pairs.len() as u64, "pair"),
        parts.join(", ")
    )
}
