//! What a run would do, for a person.

use super::RunReport;
use super::hints;
use super::style::{BAD, DIM, GOOD, NAME, WARN, count, paint, plain};
use super::summary;
use crate::model::{Field, Outcome};
use crate::sync::{Beside, PairReport, Planned, PlannedAction};

/// The plan of every pair, issue by issue.
pub fn render(run: &RunReport) -> String {
    let pairs = run.pairs.iter();
    pairs.map(|report| pair(report, &run.invocation)).collect()
}

fn pair(pair: &PairReport, invocation: &str) -> String {
    let Some(plan) = &pair.plan else {
        return summary::render_pair(pair, invocation);
    };
    if pair.outcome == Outcome::Failed {
        return summary::render_pair(pair, invocation);
    }
    if let Some(baseline) = &pair.baseline {
        let name = paint(NAME, &plain(&pair.name));
        let said = summary::first_pass(baseline);
        return format!("{name}: trial run, nothing is written; {said}\n");
    }
    let of = |wanted: fn(PlannedAction) -> bool| {
        plan.iter().filter(|issue| wanted(issue.action)).count() as u64
    };
    let create = of(|action| action == PlannedAction::Create);
    let change = of(|action| {
        use PlannedAction::{Close, Delete, Hide, Show, Update};
        matches!(action, Update | Hide | Show | Close | Delete)
    });
    let writes: u64 = plan.iter().map(Planned::writes).sum::<u64>() + pair.beside.writes();
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
    out.push_str(&beside(&pair.beside));
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
            hints::go_on(invocation, &pair.name, stopped)
        ));
    }
    out
}

/// A field in a word that people have for it.
fn shown(field: Field) -> &'static str {
    match field {
        Field::Rewriting => "links in the text",
        Field::DueDate => "due date",
        Field::TimeEstimate => "time estimate",
        Field::TimeSpent => "time spent",
        field => field.word(),
    }
}

/// What would be done beside the issues, with the first few titles.
fn beside(beside: &Beside) -> String {
    const NAMED: usize = 10;
    let mut out = String::new();
    for (word, titles, what) in [
        (paint(GOOD, "create"), &beside.new_labels, "label"),
        (paint(WARN, "change"), &beside.changed_labels, "label"),
        (paint(GOOD, "create"), &beside.new_milestones, "milestone"),
        (
            paint(WARN, "change"),
            &beside.changed_milestones,
            "milestone",
        ),
    ] {
        if titles.is_empty() {
            continue;
        }
        let mut named: Vec<String> = titles
            .iter()
            .take(NAMED)
            .map(|title| plain(title))
            .collect();
        if titles.len() > NAMED {
            named.push(format!("{} more", titles.len() - NAMED));
        }
        let count = count(titles.len() as u64, what);
        out.push_str(&format!("  {word} {count}: {}\n", named.join(", ")));
    }
    out
}

fn line(issue: &Planned) -> String {
    let word = match issue.action {
        PlannedAction::Create => paint(GOOD, "create"),
        PlannedAction::Update => paint(WARN, "change"),
        PlannedAction::Hide => paint(BAD, "hide  "),
        PlannedAction::Show => paint(WARN, "show  "),
        PlannedAction::Join(_) => paint(GOOD, "join  "),
        PlannedAction::Close => paint(BAD, "close "),
        PlannedAction::Delete => paint(BAD, "delete"),
        PlannedAction::Skip(_) => paint(DIM, "skip  "),
    };
    let title = match issue.title.as_str() {
        "" => String::new(),
        title => format!(" {}", plain(title).replace('\n', " ")),
    };
    let mut parts = Vec::new();
    if let PlannedAction::Skip(reason) = issue.action {
        parts.push(summary::skipped_because(reason).to_owned());
    }
    if let PlannedAction::Join(target) = issue.action {
        parts.push(format!("with #{target} of the target, by its title"));
    }
    let fields: Vec<&str> = issue.fields.iter().map(|field| shown(*field)).collect();
    if !fields.is_empty() {
        parts.push(fields.join(", "));
    }
    for (number, what) in [
        (issue.comments.created, "new comment"),
        (issue.comments.updated, "changed comment"),
        (issue.comments.deleted, "deleted comment"),
        (issue.attachments, "attachment"),
        (issue.add_links, "new link"),
        (issue.remove_links, "link less"),
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
