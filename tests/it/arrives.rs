//! How each part of an issue arrives: what README says, what `check` says, and what a pass does.

mod findings;

use crate::lab::Lab;
use forge_sim::Role;
use issue_mirror::forge::{directory, gitlab};
use issue_mirror::model::{Capabilities, Project, ProjectKey};
use issue_mirror::plan::arrival::{Arrival, Part, arrivals};
use issue_mirror::plan::draft::Setting;
use issue_mirror::plan::footer::Ends;
use issue_mirror::plan::policy::Policy;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

/// How everything arrives on a target that lacks nothing.
fn told(policy: &Policy, target: &Capabilities) -> Vec<Arrival> {
    let project = |key: &str| Project {
        key: ProjectKey(key.to_owned()),
        host: key.to_owned(),
        name: key.to_owned(),
        pages: None,
    };
    let (source, other) = (project("source"), project("target"));
    let ends = Ends {
        source: &source,
        target: &other,
    };
    let setting = Setting {
        policy,
        target,
        ends,
    };
    arrivals(setting, &BTreeSet::new())
}

/// A cell of the table: as it is by default, and with the setting that changes it.
fn cell(part: Part, target: &Capabilities) -> String {
    let find = |policy: &Policy| {
        let all = told(policy, target);
        all.into_iter()
            .find(|arrival| arrival.part == part)
            .unwrap()
    };
    let mut policy = Policy::default();
    let standard = find(&policy).by;
    let Some((setting, set)) = part.option() else {
        return standard.words().to_owned();
    };
    set(&mut policy);
    let other = find(&policy).by;
    format!("{}; {} with `{setting}`", standard.words(), other.words())
}

/// The table of README as the program's own tables have it.
fn table() -> String {
    let server = gitlab::capabilities(Duration::from_mins(1));
    let mut lines = vec![
        "| what | key | on GitLab | in a directory | what GitLab asks for |".to_owned(),
        "| --- | --- | --- | --- | --- |".to_owned(),
    ];
    for part in Part::ALL {
        let key = part
            .key()
            .map_or_else(String::new, |key| format!("`{key}`"));
        let needs = part
            .needs(&server)
            .into_iter()
            .map(|(what, need)| match what {
                "" => need.words(),
                what => format!("{what}: {}", need.words()),
            });
        let needs: Vec<String> = needs.collect();
        assert!(part.needs(&directory::CAPABILITIES).is_empty(), "{part:?}");
        lines.push(format!(
            "| {} | {key} | {} | {} | {} |",
            part.words(),
            cell(part, &server),
            cell(part, &directory::CAPABILITIES),
            needs.join("; ")
        ));
    }
    let rows = lines.iter().map(|line| line.replace("|  |", "| |"));
    rows.map(|line| line.replace("|  |", "| |") + "\n")
        .collect()
}

#[test]
fn the_table_in_readme_is_that_of_the_program() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"));
    let readme = readme.unwrap();
    let table = table();
    let head = table.lines().next().unwrap();
    let from = readme.find(head).expect("README has the table");
    let there: Vec<&str> = readme[from..]
        .lines()
        .take_while(|line| line.starts_with('|'))
        .collect();
    let expected: Vec<&str> = table.lines().collect();
    for line in &expected {
        assert!(
            there.contains(line),
            "README lacks: {line}\nthe whole:\n{table}"
        );
    }
    for line in &there {
        assert!(
            expected.contains(line),
            "README has too much: {line}\nthe whole:\n{table}"
        );
    }
    assert_eq!(there, expected, "in this order");
}

#[test]
fn p6_each_key_of_a_part_switches_that_part_alone() {
    let server = gitlab::capabilities(Duration::from_mins(1));
    // With everything that has to be asked for.
    let asked: String = Part::ALL
        .iter()
        .filter_map(|part| part.key())
        .collect::<BTreeSet<&str>>()
        .iter()
        .map(|key| format!("    {key}: true\n"))
        .collect();
    let all = told(&policy(&asked), &server);
    let keyed: BTreeSet<&str> = Part::ALL.iter().filter_map(|part| part.key()).collect();
    for key in keyed {
        let off = policy(&asked.replace(&format!("{key}: true"), &format!("{key}: false")));
        for (on, off) in all.iter().zip(told(&off, &server)) {
            let is_its = on.part.key() == Some(key);
            // Internal comments are comments; that an issue has a number stands in its footer.
            let follows = is_its || (key == "sync_comments" && on.part == Part::InternalNotes);
            let nothing = off.by.is_nothing() || (on.part == Part::Number && !off.by.field);
            assert!(!on.by.is_nothing(), "{:?} with everything on", on.part);
            assert_eq!(follows, nothing, "{key}: {:?}", on.part);
            assert!(follows || *on == off, "{key}: {:?}", on.part);
        }
    }
}

/// What the loader makes of these keys of a pair.
fn policy(keys: &str) -> Policy {
    let file = format!(
        "instances: {{ d: {{ forge: directory, path: . }} }}
pairs:
  - name: p
    source: {{ instance: d, project: a }}
    target: {{ instance: d, project: b }}
{keys}"
    );
    let config = issue_mirror::config::Config::parse(&file, Path::new("")).unwrap();
    config.pairs[0].policy.clone()
}

/// What `check` says of each part: its ways by the part's word.
fn checked(lab: &Lab) -> BTreeMap<String, BTreeSet<String>> {
    let run = lab.run(&["check", "--output", "json"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let fields = document["pairs"][0]["fields"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    fields
        .iter()
        .map(|row| {
            let ways = row["arrives"].as_array().unwrap().iter().map(text);
            (text(&row["field"]), ways.collect())
        })
        .collect()
}

/// An issue with everything that the source can have, and somebody's own issue on the target, which
/// shows what the licence has.
fn rich(role: Role, premium: bool, toggles: &str) -> Lab {
    let lab = Lab::with(toggles, |world| world.premium = true);
    {
        let mut world = lab.sim.world();
        let (bot, alice) = (world.tokens["writer"].user, lab.alice);
        world.set_role(lab.target, bot, role);
        world.set_role(lab.target, alice, Role::Developer);
        world.projects.get_mut(&lab.target).unwrap().free = !premium;
        world.open_issue(lab.target, alice, "Theirs", "x");
        for project in [lab.source, lab.target] {
            let milestone = forge_sim::Milestone {
                title: "v1".to_owned(),
                ..forge_sim::Milestone::default()
            };
            let milestones = &mut world.projects.get_mut(&project).unwrap().milestones;
            milestones.insert(project + 100, milestone);
        }
    }
    lab.open("Everything", "Text.");
    let (alice, milestone) = (lab.alice, lab.source + 100);
    let at = lab.sim.world().clock.now();
    lab.edit(1, |issue| {
        issue.labels = ["bug".to_owned()].into();
        issue.milestone = Some(milestone);
        issue.assignees = vec![alice];
        issue.weight = Some(3);
        issue.due_date = Some("2026-12-24".to_owned());
        issue.time_estimate = 3600;
        issue.time_spent = 1800;
        issue.iteration = Some("Sprint".to_owned());
        issue.epic = Some((4, "Big".to_owned()));
        "incident".clone_into(&mut issue.issue_type);
        issue.created_at = at;
    });
    lab.sim.advance(3600);
    lab
}

/// What is on the target after some passes, in the same words.
fn found(lab: &Lab) -> BTreeMap<String, BTreeSet<String>> {
    let all = lab.mirrored();
    let issue = all
        .iter()
        .find(|issue| issue.title == "Everything")
        .unwrap();
    let text = issue.description.as_deref().unwrap();
    let label = |prefix: &str| issue.labels.iter().any(|name| name.starts_with(prefix));
    let source = lab.sim.world().issue(lab.source, 1).clone();
    let rows: [(&str, bool, &str, &str); 12] = [
        ("labels", label("bug"), "-", "Labels"),
        (
            "milestone",
            issue.milestone.is_some(),
            "Milestone::v1",
            "Milestone",
        ),
        (
            "assignees",
            issue.assignees == [lab.alice],
            "Assignee::@alice",
            "Assignees",
        ),
        ("weight", issue.weight == Some(3), "-", "Weight"),
        ("due_date", issue.due_date.is_some(), "-", "Due date"),
        (
            "time_estimate",
            issue.time_estimate == 3600,
            "-",
            "Time estimate",
        ),
        ("time_spent", issue.time_spent == 1800, "-", "Time spent"),
        ("iteration", false, "Iteration::Sprint", "Iteration"),
        ("epic", false, "Epic::&4", "Epic"),
        ("type", issue.issue_type == "incident", "Type::", "Type"),
        ("author", issue.author == lab.alice, "-", "Author"),
        (
            "created_at",
            issue.created_at == source.created_at,
            "-",
            "Author",
        ),
    ];
    rows.into_iter()
        .map(|(part, field, prefix, line)| {
            let ways = [
                (field, "field"),
                (label(prefix), "label"),
                (text.contains(&format!("- **{line}:** ")), "footer"),
            ];
            let ways = ways.into_iter().filter(|(is, _)| *is);
            (
                part.to_owned(),
                ways.map(|(_, way)| way.to_owned()).collect(),
            )
        })
        .collect()
}

#[test]
fn p9_what_check_says_is_what_a_pass_does() {
    let native = "milestone_strategy: by_title\nassignee_strategy: by_username";
    for (role, premium, toggles) in [
        (Role::Owner, true, ""),
        (Role::Owner, true, native),
        (Role::Maintainer, true, native),
        (Role::Maintainer, false, ""),
        (Role::Planner, false, native),
        (Role::Guest, false, ""),
        (Role::Guest, true, native),
    ] {
        let lab = rich(role, premium, toggles);
        let said = checked(&lab);
        // What is dropped is heard, and stands in the footer from the next pass on.
        for _ in 0..3 {
            lab.sync();
            lab.sim.advance(300);
        }
        lab.idle();
        for (part, ways) in found(&lab) {
            assert_eq!(
                said[&part], ways,
                "{part}: {role:?}, premium {premium}, {toggles}"
            );
        }
        // With the store it says the same.
        assert_eq!(
            checked(&lab),
            said,
            "{role:?}, premium {premium}, {toggles}"
        );
    }
}
