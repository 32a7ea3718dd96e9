//! What a role or a licence drops is heard, told once, and put into the footer (P9).

use crate::lab::Lab;
use forge_sim::Role;
use serde_json::Value;

fn not_carried(pair: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    pair["not_carried"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (text(&row["field"]), text(&row["why"])))
        .collect()
}

/// Ten issues with a weight, on a source that has weights.
fn weighted(role: Role) -> Lab {
    let lab = Lab::with("", |world| world.premium = true);
    {
        let mut world = lab.sim.world();
        let bot = world.tokens["writer"].user;
        world.set_role(lab.target, bot, role);
        world.projects.get_mut(&lab.target).unwrap().free = true;
    }
    for number in 1..=10 {
        lab.open(&format!("Issue {number}"), "Text.");
        lab.edit(number, |issue| {
            issue.weight = Some(number);
            issue.due_date = Some("2026-12-24".to_owned());
            issue.time_estimate = 3600;
            issue.time_spent = 1800;
            issue.labels.insert("bug".to_owned());
        });
    }
    lab
}

fn footers(lab: &Lab, line: &str) -> usize {
    let mirrored = lab.mirrored();
    let has = |text: &Option<String>| text.as_deref().is_some_and(|text| text.contains(line));
    mirrored
        .iter()
        .filter(|issue| has(&issue.description))
        .count()
}

#[test]
fn p9_what_a_licence_drops_stands_in_the_footer_and_is_not_sent_again() {
    let lab = weighted(Role::Maintainer);
    let pair = lab.sync();
    let said = not_carried(&pair);
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0].0, "weight");
    assert!(
        said[0].1.contains("GitLab Premium") && said[0].1.contains("the account is Maintainer"),
        "{said:?}"
    );
    // Those that were under way get their line in the next pass; nothing else is written.
    let writes = lab.sim.world().writes();
    let pair = lab.sync();
    assert!(not_carried(&pair).is_empty(), "{pair}");
    assert_eq!(footers(&lab, "- **Weight:** "), 10);
    let updated = pair["issues"]["updated"].as_u64().unwrap();
    assert!(updated <= 8, "{pair}");
    assert_eq!(lab.sim.world().writes() as u64 - writes as u64, updated);
    lab.idle();
    // A change of it changes the line alone.
    lab.edit(3, |issue| issue.weight = Some(99));
    lab.sync();
    assert_eq!(footers(&lab, "- **Weight:** 99"), 1);
    let world = lab.sim.world();
    let last = world.log.iter().rev().find(|call| call.method == "PUT");
    assert!(!last.unwrap().body.contains("\"weight\""), "{last:?}");
}

#[test]
fn p9_a_role_that_is_too_low_costs_no_issue_and_a_higher_one_brings_everything() {
    let lab = weighted(Role::Guest);
    let pair = lab.sync();
    let fields: Vec<String> = not_carried(&pair).into_iter().map(|(f, _)| f).collect();
    for field in ["due_date", "time_estimate", "time_spent", "weight"] {
        assert!(fields.iter().any(|f| f == field), "{field} in {fields:?}");
    }
    lab.sync();
    lab.sync();
    lab.idle();
    for line in ["Due date", "Time estimate", "Time spent", "Weight"] {
        assert_eq!(footers(&lab, &format!("- **{line}:** ")), 10, "{line}");
    }
    assert_eq!(lab.run(&["status"]).code, 0);

    // Nothing is tried again by a full pass, as long as nothing changed.
    let writes = lab.sim.world().writes();
    lab.sync_with(&["--full"], 0);
    assert_eq!(lab.sim.world().writes(), writes);

    {
        let mut world = lab.sim.world();
        let bot = world.tokens["writer"].user;
        world.set_role(lab.target, bot, Role::Maintainer);
        world.projects.get_mut(&lab.target).unwrap().free = false;
    }
    lab.sync_with(&["--full"], 0);
    for issue in lab.mirrored() {
        assert_eq!(issue.weight, Some(issue.iid));
        assert_eq!(issue.due_date.as_deref(), Some("2026-12-24"));
        assert_eq!((issue.time_estimate, issue.time_spent), (3600, 1800));
    }
    assert_eq!(footers(&lab, "- **Weight:** "), 0);
    assert_eq!(footers(&lab, "- **Time spent:** "), 0);
    lab.idle();
}

#[test]
fn p3_what_was_dropped_is_known_again_after_the_store_is_lost() {
    let lab = weighted(Role::Maintainer);
    lab.sync();
    lab.sync();
    lab.sim.advance(600);
    lab.env.lose_store();
    let writes = lab.sim.world().writes();
    lab.sync();
    assert_eq!(lab.sim.world().writes(), writes);
    assert_eq!(footers(&lab, "- **Weight:** "), 10);
}
