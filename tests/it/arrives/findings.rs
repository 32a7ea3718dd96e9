//! What `check` finds of settings that ask for more than a target can.

use super::rich;
use crate::lab::Lab;
use forge_sim::Role;
use serde_json::Value;
use std::collections::BTreeMap;

/// What `check` finds: its codes with what is said, those that block with a `!`.
fn findings(lab: &Lab) -> BTreeMap<String, String> {
    let run = lab.run(&["check", "--output", "json"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let findings = document["pairs"][0]["findings"].as_array().unwrap();
    let row = |row: &Value| {
        let mark = if row["blocks"] == true { "!" } else { "" };
        let code = format!("{mark}{}", row["code"].as_str().unwrap());
        (code, row["text"].as_str().unwrap().to_owned())
    };
    findings.iter().map(row).collect()
}

#[test]
fn each_setting_that_asks_for_more_is_told_about() {
    let by_name = "assignee_strategy: by_username\nusers: { bob: robert, alice: alice }";
    let by_mail = "assignee_strategy: by_email\nassignee_fallback: nobody-there";
    for (role, premium, toggles, code, part) in [
        (
            Role::Maintainer,
            true,
            "preserve_numbers: true",
            "!numbers_refused",
            "takes the role Owner",
        ),
        (
            Role::Planner,
            true,
            "milestone_strategy: by_title",
            "milestones",
            "`milestone_auto_create: true` would",
        ),
        (
            Role::Guest,
            true,
            "milestone_strategy: by_title\nmilestone_auto_create: true",
            "milestones",
            "may not create milestones",
        ),
        (
            Role::Planner,
            true,
            by_name,
            "assignees",
            "2 accounts of the target can be assigned, found by `users`",
        ),
        (
            Role::Planner,
            true,
            by_name,
            "no_members",
            "never assigned: `robert`",
        ),
        (
            Role::Planner,
            true,
            by_mail,
            "assignees",
            "if they show their e-mail address",
        ),
        (
            Role::Planner,
            true,
            by_mail,
            "no_members",
            "never assigned: `nobody-there`",
        ),
        (
            Role::Planner,
            false,
            by_name,
            "one_assignee",
            "more take GitLab Premium",
        ),
        (
            Role::Guest,
            true,
            "sync_internal_notes: true",
            "internal_notes_refused",
            "Planner or Reporter",
        ),
        (
            Role::Guest,
            true,
            "sync_confidential: true",
            "no_hiding",
            "is deleted there",
        ),
        (Role::Planner, false, "", "no_blocks", "linked as related"),
        (
            Role::Guest,
            true,
            "",
            "fields_dropped",
            "labels, milestone, assignees, weight, due date",
        ),
    ] {
        let lab = rich(role, premium, toggles);
        let found = findings(&lab);
        let said = found
            .get(code)
            .unwrap_or_else(|| panic!("{code} is not in {found:#?}"));
        assert!(said.contains(part), "{code}: {said}");
        // With nothing asked for, and everything granted, nothing of it is said.
        let lab = rich(Role::Owner, true, "");
        let found = findings(&lab);
        assert!(!found.contains_key(code), "{code} is in {found:#?}");
        assert_eq!(found.keys().collect::<Vec<_>>(), ["mails", "one_instance"]);
    }
}

#[test]
fn an_edition_or_a_version_that_cannot_is_told_before_there_is_any_issue() {
    let lab = Lab::with("", |world| world.version = "17.3.1".to_owned());
    let run = lab.run(&["check"]);
    let line = |label: &str| {
        let mut lines = run.stdout.lines();
        lines
            .find(|line| line.starts_with(&format!("  {label}")))
            .map(str::to_owned)
    };
    assert_eq!(
        line("not carried").unwrap(),
        "  not carried  attachments",
        "{}",
        run.shown()
    );
    assert!(
        run.stdout
            .contains("  could be     as it is, with version 17.4: attachments\n"),
        "{}",
        run.shown()
    );
    assert!(
        line("in footers").unwrap().contains(", weight, "),
        "{}",
        run.shown()
    );
    assert_eq!(line("not told"), None, "{}", run.shown());
}
