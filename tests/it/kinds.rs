//! The kind of an issue: as it is where the target keeps it, a label and a footer line else.

use crate::lab::Lab;
use forge_sim::{Issue, Role};
use serde_json::Value;

fn lab(kinds: &[&str], change: impl FnOnce(&mut forge_sim::World)) -> Lab {
    let lab = Lab::with("", change);
    for kind in kinds {
        let iid = lab.open(kind, "x");
        lab.edit(iid, |issue| (*kind).clone_into(&mut issue.issue_type));
    }
    lab
}

/// What a mirrored issue is, the label that says so and whether its footer does.
fn shown(issue: &Issue) -> (String, Option<&str>, bool) {
    let label = issue.labels.iter().find(|l| l.starts_with("Type::"));
    let text = issue.description.as_deref().unwrap();
    let footer = text.contains("- **Type:** ");
    (issue.issue_type.clone(), label.map(String::as_str), footer)
}

fn all(lab: &Lab) -> Vec<(String, Option<String>, bool)> {
    let mirrored = lab.mirrored();
    let shown = mirrored.iter().map(shown);
    shown
        .map(|(kind, label, footer)| (kind, label.map(str::to_owned), footer))
        .collect()
}

fn native(kind: &str) -> (String, Option<String>, bool) {
    (kind.to_owned(), None, false)
}

fn labelled(kind: &str) -> (String, Option<String>, bool) {
    ("issue".to_owned(), Some(format!("Type::{kind}")), true)
}

fn told(pair: &Value) -> Vec<String> {
    let rows = pair["not_carried"].as_array().unwrap().iter();
    let of_type = rows.filter(|row| row["field"] == "type");
    of_type
        .map(|row| row["why"].as_str().unwrap().to_owned())
        .collect()
}

const KINDS: [&str; 4] = ["incident", "task", "test_case", "issue"];

#[test]
fn p9_what_the_licence_lacks_is_a_label_from_then_on_and_the_others_stay() {
    let lab = lab(&KINDS, |_| {});
    let said = told(&lab.sync());
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].contains("`test_case`") && said[0].contains("GitLab Ultimate"),
        "{said:?}"
    );
    assert_eq!(told(&lab.sync()), Vec::<String>::new());
    let expected = [
        native("incident"),
        native("task"),
        labelled("test_case"),
        native("issue"),
    ];
    assert_eq!(all(&lab), expected);
    lab.sim.advance(300);
    lab.idle();
    // Later ones are labels at once.
    let iid = lab.open("Later", "x");
    lab.edit(iid, |issue| issue.issue_type = "test_case".to_owned());
    assert_eq!(told(&lab.sync()), Vec::<String>::new());
    assert_eq!(all(&lab)[4], labelled("test_case"));
    // Without a store it is known again from what is there.
    lab.sim.advance(600);
    lab.env.lose_store();
    let writes = lab.sim.world().writes();
    lab.sync();
    assert_eq!(lab.sim.world().writes(), writes);
    // With the licence all of them are what they are.
    lab.sim.world().ultimate = true;
    lab.sim.world().premium = true;
    lab.sync_with(&["--full"], 0);
    assert_eq!(all(&lab)[2], native("test_case"));
    assert_eq!(all(&lab)[4], native("test_case"));
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn a_change_of_kind_arrives_between_kept_and_unkept_ones() {
    let lab = lab(&["incident"], |_| {});
    lab.sync();
    for (kind, expected) in [
        ("test_case", labelled("test_case")),
        ("task", native("task")),
        ("test_case", labelled("test_case")),
        ("issue", native("issue")),
        ("incident", native("incident")),
    ] {
        lab.edit(1, |issue| issue.issue_type = kind.to_owned());
        lab.sync();
        lab.sync();
        assert_eq!(all(&lab), [expected], "{kind}");
        lab.sim.advance(300);
        lab.idle();
    }
}

#[test]
fn p9_a_role_that_may_not_write_incidents_says_which_one_may() {
    let lab = lab(&["incident", "task"], |_| {});
    let bot = lab.sim.world().tokens["writer"].user;
    lab.sim.world().set_role(lab.target, bot, Role::Planner);
    let said = told(&lab.sync());
    assert!(
        said[0].contains("the role Reporter") && said[0].contains("is Planner"),
        "{said:?}"
    );
    lab.sync();
    assert_eq!(all(&lab), [labelled("incident"), native("task")]);
    lab.sim.world().set_role(lab.target, bot, Role::Reporter);
    lab.sync_with(&["--full"], 0);
    assert_eq!(all(&lab)[0], native("incident"));
}

#[test]
fn p9_an_early_version_that_refuses_tasks_gets_a_label() {
    let lab = lab(&["task", "issue"], |world| {
        world.version = "15.4.0".to_owned();
    });
    lab.sync();
    lab.sync();
    assert_eq!(all(&lab), [labelled("task"), native("issue")]);
    lab.sim.advance(300);
    lab.idle();
    lab.edit(2, |issue| issue.issue_type = "task".to_owned());
    lab.sync();
    assert_eq!(all(&lab)[1], labelled("task"));
}

#[test]
fn p6_what_people_made_of_it_on_the_target_stays() {
    let lab = lab(&["issue"], |_| {});
    lab.sync();
    lab.sim.world().issue_mut(lab.target, 1).issue_type = "incident".to_owned();
    lab.edit(1, |issue| issue.title = "Other".to_owned());
    lab.sync();
    assert_eq!(all(&lab), [native("incident")]);
}
