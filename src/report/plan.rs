//! What a run would do, for a person.

use super::RunReport;
use super::hints;
use super::style::{BAD, DIM, GOOD, NAME, WARN, count, paint, plain};
use super::summary;
use crate::model::Outcome;
use crate::sync::{PairReport, Planned, PlannedAction};

/// The plan of every pair, issue by issue.
pub fn render(run: &RunReport) -> String {
    run.pairs.iter().map(pair).collect()
}

fn pair(pair: &PairReport) -> String {
    let Some(plan) = &pair.plan else {
        return summary::render_pair(pair);
    };
    if pair.outcome == Outcome::Failed || pair.baseline.is_some() {
        return summary::render_pair(pair);
    }
    let of = |wanted: fn(PlannedAction) -> bool| {
        plan.iter().filter(|issue| wanted(issue.action)).count() as u64
    };
    let create = of(|action| action == PlannedAction::Create);
    let change = of(|action| matches!(action, PlannedAction::Update | PlannedAction::Hide));
    let writes: u64 = plan.iter().map(Planned::writes).sum();
    let mut out = format!(
        "{}: trial run, nothing is written. {} to create, {change} to change, {} unchanged, {} skipped, {} left for later; about {}.\n",
        paint(NAME, &plain(&pair.name)),
        count(create, "issue"),
        pair.tally.issues.unchanged,
        pair.tally.issues.skipped,
        pair.tally.issues.left,
        count(writes, "write"),
    );
    for issue in plan {
        out.push_str(&line(issue));
    }
    for warning in &pair.tally.warnings {
        let warning = plain(warning);
        out.push_str(&format!("  {} {warning}\n", paint(WARN, "note:")));
    }
    for failure in &pair.tally.failures {
        out.push_str(&summary::failed(failure));
    }
    if let Some(stopped) = pair.stopped {
        out.push_str(&format!(
            "  {} {}\n",
            paint(WARN, "would stop:"),
            hints::go_on(&pair.name, stopped)
        ));
    }
    out
}

fn line(issue: &Planned) -> String {
    let word = match issue.action {
        PlannedAction::Create => paint(GOOD, "create"),
        PlannedAction::Update => paint(WARN, "change"),
        PlannedAction::Hide => paint(BAD, "hide  "),
        PlannedAction::Skip(_) => paint(DIM, "skip  "),
    };
    let title = match issue.title.as_str() {
        "" => String::new(),
        title => format!(" {}", plain(title).replace('\n', " ")),
    };
    let mut parts = Vec::new();
    if let PlannedAction::Skip(reason) = issue.action {
        parts.push(reason.word().to_owned());
    }
    let fields: Vec<&str> = issue.fields.iter().map(|field| field.word()).collect();
    if !fields.is_empty() {
        parts.push(fields.join(", "));
    }
    for (number, what) in [
        (issue.comments.created, "new comment"),
        (issue.comments.updated, "changed comment"),
        (issue.comments.deleted, "deleted comment"),
        (issue.attachments, "attachment"),
    ] {
        if number > 0 {
            parts.push(count(number, what));
        }
    }
    let labels: Vec<String> = issue
        .add_labels
        .iter()
        .map(|label| format!("+{}", plain(label)))
        .chain(
            issue
                .remove_labels
                .iter()
                .map(|label| format!("-{}", plain(label))),
        )
        .collect();
    let mut out = format!("  {word} #{}{title}\n", issue.number);
    if !parts.is_empty() {
        out.push_str(&format!("         {}\n", parts.join("; ")));
    }
    if !labels.is_empty() {
        out.push_str(&format!("         labels {}\n", labels.join(" ")));
    }
    out
}
