//! What a request to the target is about, and what everybody reads beside the issues.

use super::known::{EXCLUDED, words};
use forge_sim::World;
use std::collections::BTreeSet;

/// The words in the lists of a project: titles of labels and milestones, and what they are about.
pub(super) fn lists(world: &World, project: u64) -> BTreeSet<u64> {
    let project = &world.projects[&project];
    let labels = project.labels.iter();
    let labels = labels.flat_map(|label| [Some(&label.name), label.description.as_ref()]);
    let titles = project.milestones.values().map(|m| &m.title);
    let all = labels.flatten().chain(titles);
    all.flat_map(|text| words(text)).collect()
}

/// The words that tell what the labels are about that everybody sees at an issue.
pub(super) fn about(world: &World, project: u64) -> BTreeSet<u64> {
    let project = &world.projects[&project];
    let issues = project.issues.values();
    let issues = issues.filter(|issue| !(issue.confidential || issue.labels.contains(EXCLUDED)));
    let shown: BTreeSet<&String> = issues.flat_map(|issue| &issue.labels).collect();
    let labels = project.labels.iter().filter(|l| shown.contains(&l.name));
    let told = labels.filter_map(|label| label.description.as_ref());
    told.flat_map(|text| words(text)).collect()
}

/// Whether a request to the target is about what only those see who may: a hidden issue, an internal
/// comment, a file. What is not there any more was.
pub(super) fn is_about_hidden(world: &World, target: u64, said: (&str, &str, &str)) -> bool {
    let (method, path, body) = said;
    let parts: Vec<&str> = path.split(['/', '?']).collect();
    let issues = &world.projects[&target].issues;
    let number = |part: Option<&&str>| part.and_then(|part| part.parse::<u64>().ok());
    let Some(at) = parts.iter().position(|part| *part == "issues") else {
        return ["POST", "DELETE"].contains(&method) && parts.contains(&"uploads");
    };
    let Some(iid) = number(parts.get(at + 1)) else {
        return method == "POST" && body.contains("\"confidential\":true");
    };
    let Some(issue) = issues.get(&iid) else {
        return true;
    };
    let note = parts.iter().position(|part| *part == "notes");
    let note = note.and_then(|at| number(parts.get(at + 1)));
    let is_internal = |note: u64| {
        let mut notes = issue.notes.iter().filter(|found| found.id == note);
        notes.all(|note| note.internal)
    };
    // An answer in a thread that is internal.
    let answers = parts.contains(&"discussions")
        && issue
            .notes
            .iter()
            .any(|note| note.internal && words(&note.body).is_superset(&words(body)));
    issue.confidential
        || body.contains("\"internal\":true")
        || note.is_some_and(is_internal)
        || answers
}

/// The files of a project to which a text leads that everybody sees.
pub(super) fn files(world: &World, project: u64) -> BTreeSet<String> {
    let project = &world.projects[&project];
    let issues = project.issues.values();
    let issues = issues.filter(|issue| !(issue.confidential || issue.labels.contains(EXCLUDED)));
    let texts = issues.flat_map(|issue| {
        let notes = issue.notes.iter().filter(|note| !note.internal);
        let notes = notes.map(|note| note.body.as_str());
        notes.chain(issue.description.as_deref())
    });
    let texts: Vec<&str> = texts.collect();
    let secrets = project.uploads.keys().map(|(secret, _)| secret);
    let linked = secrets.filter(|secret| texts.iter().any(|text| text.contains(secret.as_str())));
    linked.cloned().collect()
}

/// The words in these files of a project, as far as they are there.
pub(super) fn kept(world: &World, project: u64, files: &BTreeSet<String>) -> BTreeSet<u64> {
    let uploads = world.projects[&project].uploads.iter();
    let kept = uploads.filter(|((secret, _), _)| files.contains(secret));
    let said =
        kept.map(|((_, name), content)| format!("{name} {}", String::from_utf8_lossy(content)));
    said.flat_map(|said| words(&said)).collect()
}
