//! Links between issues: one per two, seen from both, by whoever may see both.

use crate::lab::Lab;
use forge_sim::Role;
use serde_json::{Value, json};

fn kinds(lab: &Lab, iid: u64) -> Vec<(u64, String)> {
    let rows = lab.get(&format!("/issues/{iid}/links")).json();
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| {
        let kind = row["link_type"].as_str().unwrap().to_owned();
        (row["iid"].as_u64().unwrap(), kind)
    })
    .collect()
}

fn to(lab: &Lab, iid: u64, kind: &str) -> Value {
    json!({"target_project_id": lab.project, "target_issue_iid": iid, "link_type": kind})
}

#[test]
fn a_link_is_seen_from_both_ends_and_made_once() {
    let lab = Lab::new();
    lab.sim.world().premium = true;
    lab.open("One", "x");
    lab.open("Two", "x");
    lab.sim.advance(300);
    let before = (lab.updated_at(1), lab.updated_at(2));
    let made = lab.post("/issues/1/links", &to(&lab, 2, "is_blocked_by"));
    assert_eq!(made.status, 201);
    assert_eq!(kinds(&lab, 1), [(2, "is_blocked_by".to_owned())]);
    assert_eq!(kinds(&lab, 2), [(1, "blocks".to_owned())]);
    // Of whatever kind.
    for (from, other) in [(1, 2), (2, 1)] {
        let path = format!("/issues/{from}/links");
        assert_eq!(lab.post(&path, &to(&lab, other, "relates_to")).status, 409);
    }
    // The notes of the server touch both.
    assert_ne!(before.0, lab.updated_at(1));
    assert_ne!(before.1, lab.updated_at(2));
    assert!(lab.sim.world().issue(lab.project, 2).notes[0].system);
    let id = lab.get("/issues/2/links").json()[0]["issue_link_id"].clone();
    let path = format!("/issues/2/links/{id}");
    let gone = lab.ask("owner", "DELETE", &path, &Value::Null).unwrap();
    assert_eq!(
        (gone.status, &gone.json()["link_type"]),
        (200, &json!("blocks"))
    );
    assert_eq!(kinds(&lab, 1), []);
    let again = lab.ask("owner", "DELETE", &path, &Value::Null).unwrap();
    assert_eq!(again.status, 404);
}

#[test]
fn only_a_licence_knows_what_blocks() {
    let lab = Lab::new();
    lab.open("One", "x");
    lab.open("Two", "x");
    lab.sim.world().premium = false;
    for (version, status) in [("18.3.0-ee", 403), ("18.3.0", 400)] {
        lab.sim.world().version = version.to_owned();
        let answer = lab.post("/issues/1/links", &to(&lab, 2, "blocks"));
        assert_eq!(answer.status, status);
        assert_eq!(kinds(&lab, 1), []);
    }
    assert_eq!(
        lab.post("/issues/1/links", &to(&lab, 2, "relates_to"))
            .status,
        201
    );
}

#[test]
fn a_link_to_what_may_not_be_seen_is_left_out_without_a_word() {
    let lab = Lab::new();
    lab.open("One", "x");
    lab.open("Secret", "x");
    let elsewhere = lab.sim.world().add_project("group/other");
    {
        let mut world = lab.sim.world();
        world.open_issue(elsewhere, lab.alice, "There", "x");
        world.issue_mut(lab.project, 2).confidential = true;
        world.relate(lab.alice, (lab.project, 1), (lab.project, 2), false);
        world.relate(lab.alice, (lab.project, 1), (elsewhere, 1), false);
    }
    let guest = lab.ask("guest", "GET", "/issues/1/links", &Value::Null);
    assert_eq!(guest.unwrap().json(), json!([]));
    assert_eq!(kinds(&lab, 1), [(2, "relates_to".to_owned())]);
    let body = json!({"target_project_id": elsewhere, "target_issue_iid": 1});
    assert_eq!(lab.post("/issues/1/links", &body).status, 404);
    {
        let mut world = lab.sim.world();
        let owner = world.tokens["owner"].user;
        world.set_role(elsewhere, owner, Role::Guest);
    }
    let rows = lab.get("/issues/1/links").json();
    assert_eq!(rows[1]["project_id"], elsewhere);
    assert_eq!(lab.post("/issues/1/links", &body).status, 409);
}
