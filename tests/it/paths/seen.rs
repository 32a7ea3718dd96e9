//! What people see on the target, in words that two servers share.

use crate::lab::Lab;
use forge_sim::Issue;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

static KEY: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\(imk[^)]*\)").unwrap());
static HOST: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"127\.0\.0\.1:\d+").unwrap());
static SECRET: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"/uploads/[0-9a-f]{32}/").unwrap());
static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(^|[^\w`/&])#(\d+)\b").unwrap());

/// Fields of the counterparts, by the word in their titles.
pub(super) type Seen = BTreeMap<String, BTreeMap<&'static str, String>>;

/// What people see of the counterparts.
pub(super) fn seen(lab: &Lab) -> Seen {
    let world = lab.sim.world();
    let project = &world.projects[&lab.target];
    let word = |issue: &Issue| issue.title.split(' ').next().unwrap().to_owned();
    let words: BTreeMap<String, String> = project
        .issues
        .values()
        .map(|issue| (issue.iid.to_string(), word(issue)))
        .collect();
    let text = |text: &str| {
        let text = KEY.replace_all(text, "(KEY)");
        let text = HOST.replace_all(&text, "HOST");
        let text = SECRET.replace_all(&text, "/uploads/SECRET/");
        let text = NUMBER.replace_all(&text, |found: &regex::Captures<'_>| {
            let to = words.get(&found[2]).map_or("?", String::as_str);
            format!("{}#{to}", &found[1])
        });
        text.into_owned()
    };
    let name = |id: &u64| world.users[id].username.clone();
    let mut all = BTreeMap::new();
    for issue in project.issues.values() {
        let mut fields = BTreeMap::new();
        fields.insert("title", text(&issue.title));
        fields.insert("text", text(issue.description.as_deref().unwrap_or("")));
        fields.insert("open", issue.open.to_string());
        fields.insert("labels", text(&format!("{:?}", issue.labels)));
        let milestone = issue.milestone.map(|id| &project.milestones[&id]);
        fields.insert("milestone", format!("{milestone:?}"));
        let assignees: BTreeSet<String> = issue.assignees.iter().map(name).collect();
        fields.insert("assignees", format!("{assignees:?}"));
        fields.insert("due", format!("{:?}", issue.due_date));
        fields.insert("weight", format!("{:?}", issue.weight));
        fields.insert("estimate", issue.time_estimate.to_string());
        fields.insert("spent", issue.time_spent.to_string());
        fields.insert("confidential", issue.confidential.to_string());
        fields.insert("type", issue.issue_type.clone());
        fields.insert("locked", issue.locked.to_string());
        let mut comments: Vec<String> = Vec::new();
        for note in issue.comments() {
            let first = issue
                .comments()
                .into_iter()
                .find(|n| n.discussion == note.discussion);
            let first = first.unwrap();
            let first = if first.id == note.id {
                String::new()
            } else {
                text(&first.body)
            };
            comments.push(format!(
                "{} | {} | {first}",
                text(&note.body),
                note.internal
            ));
        }
        comments.sort();
        fields.insert("comments", comments.join("\n"));
        let used: Vec<String> = project
            .labels
            .iter()
            .filter(|label| issue.labels.contains(&label.name))
            .map(|label| format!("{} {} {:?}", label.name, label.color, label.description))
            .collect();
        let used: BTreeSet<String> = used.into_iter().collect();
        fields.insert("labels there", text(&format!("{used:?}")));
        let mut links = BTreeSet::new();
        for link in &world.links {
            let ends =
                [link.source, link.target].map(|(of, number)| (of == lab.target).then_some(number));
            if let [Some(from), Some(to)] = ends
                && (from == issue.iid || to == issue.iid)
            {
                let mut names = [from, to].map(|n| words[&n.to_string()].clone());
                if !link.blocks {
                    names.sort();
                }
                links.insert(format!("{names:?} {}", link.blocks));
            }
        }
        fields.insert("links", format!("{links:?}"));
        all.insert(word(issue), fields);
    }
    all
}
