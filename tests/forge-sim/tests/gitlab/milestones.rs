//! Milestones: of the group only where they are asked for, a title once, set by who may plan.

use crate::lab::Lab;
use forge_sim::Milestone;
use serde_json::{Value, json};

#[test]
fn s32_milestones_of_the_group_are_listed_where_they_are_asked_for() {
    let lab = Lab::new();
    let of_group = Milestone {
        title: "v1".to_owned(),
        of_group: true,
        ..Milestone::default()
    };
    {
        let mut world = lab.sim.world();
        let id = world.fresh_id();
        let project = world.projects.get_mut(&lab.project).unwrap();
        project.milestones.insert(id, of_group);
    }
    let titles = |path: &str| {
        let answer = lab.ask("reporter", "GET", path, &Value::Null).unwrap();
        answer.json().as_array().unwrap().len()
    };
    assert_eq!(titles("/milestones"), 0);
    assert_eq!(titles("/milestones?include_ancestors=true"), 1);
    assert_eq!(titles("/milestones?include_parent_milestones=true"), 1);
    let both = "/milestones?include_ancestors=true&include_parent_milestones=true";
    let both = lab.ask("reporter", "GET", both, &Value::Null).unwrap();
    assert_eq!(both.status, 400);
    let again = json!({"title": "v1"});
    let again = lab
        .ask("maintainer", "POST", "/milestones", &again)
        .unwrap();
    assert_eq!(again.status, 400);
}

#[test]
fn s08_a_milestone_is_made_closed_set_and_taken_away_by_who_may_plan() {
    let lab = Lab::new();
    let body = json!({"title": "v1", "due_date": "2026-02-01", "description": "About."});
    let refused = lab.ask("guest", "POST", "/milestones", &body).unwrap();
    assert_eq!(refused.status, 403);
    let made = lab.ask("reporter", "POST", "/milestones", &body).unwrap();
    assert_eq!(made.status, 201);
    let id = made.json()["id"].clone();
    let path = format!("/milestones/{id}");
    let events = "/events?target_type=milestone&action=created";
    let events = lab.ask("guest", "GET", events, &Value::Null).unwrap();
    assert_eq!(events.json()[0]["target_id"], id);
    assert_eq!(events.json()[0]["author"]["username"], "reporter");
    let close = json!({"state_event": "close"});
    let closed = lab.ask("reporter", "PUT", &path, &close).unwrap();
    assert_eq!(closed.json()["state"], "closed");
    assert_eq!(closed.json()["description"], "About.");
    let other = json!({"description": "Other."});
    let other = lab.ask("reporter", "PUT", &path, &other).unwrap();
    assert_eq!(other.json()["description"], "Other.");
    let issue = json!({"title": "T", "description": "x", "milestone_id": id});
    let theirs = lab.ask("guest", "POST", "/issues", &issue).unwrap();
    assert_eq!(
        (theirs.status, &theirs.json()["milestone"]),
        (201, &Value::Null)
    );
    let ours = lab.ask("reporter", "POST", "/issues", &issue).unwrap();
    assert_eq!(ours.json()["milestone"]["due_date"], "2026-02-01");
    let path = format!("/issues/{}", ours.json()["iid"]);
    let none = json!({"milestone_id": 0});
    let none = lab.ask("reporter", "PUT", &path, &none).unwrap();
    assert_eq!(none.json()["milestone"], Value::Null);
}

#[test]
fn one_of_the_project_is_changed_value_by_value() {
    let lab = Lab::new();
    let made = lab.post(
        "/milestones",
        &json!({"title": "v1", "due_date": "2026-02-01", "start_date": "2026-01-01"}),
    );
    let below = format!("/milestones/{}", made.json()["id"]);
    lab.post("/milestones", &json!({"title": "v3"}));
    assert_eq!(lab.put(&below, &json!({"title": "v3"})).status, 400);
    let shown = lab
        .put(&below, &json!({"title": "v2", "due_date": ""}))
        .json();
    assert_eq!(shown["title"], "v2");
    assert!(shown["due_date"].is_null());
    assert_eq!(shown["start_date"], "2026-01-01");
    let shown = lab.put(&below, &json!({"state_event": "close"})).json();
    assert_eq!(shown["state"], "closed");
}
