//! The cases, and issues as people really wrote them, carried by the real binary.

use super::carried::{Carried, Hazards, Text};
use super::cases::{self, Case};
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;

/// The cases as issues and comments; a title stands in an issue of its own.
fn texts() -> Vec<Text> {
    let text = |(number, case): (u64, Case)| {
        let at = case.at();
        let (title, text) = if case.is_title() {
            (case.before.clone(), String::new())
        } else {
            (at.replace(['"', '#'], ""), case.before.clone())
        };
        // No comment is empty.
        let comments = Some(text.clone()).filter(|text| !text.trim().is_empty());
        Text {
            at,
            number,
            title,
            body: text,
            comments: comments.into_iter().collect(),
            called: None,
            open: case.open.is_some(),
            lost: case.lost.is_some() || case.inert.is_some(),
            differs: case.differs.is_some(),
        }
    };
    (1..).zip(cases::all()).map(text).collect()
}

/// Issues as people wrote them, where they are at hand.
pub(super) fn real_texts() -> Option<Vec<Text>> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/real-issues/issues.jsonl");
    let Ok(lines) = std::fs::read_to_string(&path) else {
        // Said past the harness, which would keep it to itself.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: there are no real issues beside the project to be carried"
        );
        return None;
    };
    let text = |line: &str| {
        let issue: Value = serde_json::from_str(line).unwrap();
        let comments = issue["comments"].as_array().unwrap().iter();
        let comments = comments.map(|comment| comment["body"].as_str().unwrap().to_owned());
        // The number by which they name each other.
        let number = issue["source_number"].as_u64().unwrap();
        Text {
            at: format!("real issue {number}"),
            number,
            title: issue["title"].as_str().unwrap().to_owned(),
            body: issue["body"].as_str().unwrap_or("").to_owned(),
            comments: comments.filter(|body| !body.trim().is_empty()).collect(),
            ..Text::default()
        }
    };
    Some(lines.lines().map(text).collect())
}

/// Carries texts, edits one of `every` and carries them again; what they would do if they were carried as
/// they are.
fn carry(same: bool, texts: Vec<Text>, every: u64) -> Hazards {
    let carried = Carried::new(same, texts);
    let hazards = carried.hazards();
    for edited in [false, true] {
        if edited {
            carried.edit(every);
        }
        carried.sync();
        let problems = carried.problems();
        assert!(
            problems.is_empty(),
            "edited: {edited}; {} problems:\n{}",
            problems.len(),
            problems.join("\n")
        );
    }
    let writes = carried.writes();
    carried.sync();
    assert_eq!(carried.writes(), writes, "nothing changed");
    hazards
}

fn carry_cases(same: bool) {
    let hazards = carry(same, texts(), 1);
    let least = [
        (hazards.mentions, 450),
        (hazards.hits, 440),
        (hazards.commands, 1),
    ];
    assert!(
        least.iter().all(|(count, least)| count >= least),
        "{hazards:?}"
    );
}

#[test]
fn p8_every_case_is_carried_to_another_server_and_nothing_fires() {
    carry_cases(false);
}

#[test]
fn p8_every_case_is_carried_to_another_project_of_the_same_server_and_nothing_fires() {
    carry_cases(true);
}

fn carry_real(same: bool) {
    if let Some(texts) = real_texts() {
        assert_eq!(carry(same, texts, 6), REAL);
    }
}

/// What those texts hold; lines also in code, where many begin with a path of Unix.
const REAL: Hazards = Hazards {
    mentions: 301,
    hits: 117,
    commands: 0,
    slashed: 532,
};

#[test]
fn p8_real_issues_are_carried_to_another_server_and_nothing_fires() {
    carry_real(false);
}

#[test]
fn p8_real_issues_are_carried_to_another_project_of_the_same_server_and_nothing_fires() {
    carry_real(true);
}

/// People, milestones and their kin that are called like the cases of one line.
fn called() -> Vec<Text> {
    let name = |(number, case): (u64, Case)| Text {
        at: format!("called like {}", case.at()),
        number,
        title: format!("Title {number}"),
        body: "Text.".to_owned(),
        comments: vec!["Comment.".to_owned()],
        called: Some(case.before),
        open: case.open.is_some(),
        ..Text::default()
    };
    let one_line = |case: &Case| {
        let text = &case.before;
        !text.contains(['\n', '\r', '\0']) && text.trim() == text && text.len() < 200
    };
    (1..)
        .zip(cases::all().into_iter().filter(one_line))
        .map(name)
        .collect()
}

#[test]
fn p8_names_and_titles_in_lines_of_ours_fire_nothing() {
    for same in [false, true] {
        let carried = Carried::new(same, called());
        carried.sync();
        let problems = carried.problems();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }
}
