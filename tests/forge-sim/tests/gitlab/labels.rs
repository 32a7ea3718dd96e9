//! Labels of a project and of its issues.

use crate::lab::Lab;
use forge_sim::Label;
use serde_json::{Value, json};

#[test]
fn labels_exclude_each_other_only_where_the_licence_has_it() {
    let lab = Lab::new();
    let iid = lab.open("T", "x");
    let below = format!("/issues/{iid}");
    let both = json!({"labels": "a::x,a::y"});
    let answer = lab.ask("owner", "PUT", &below, &both).unwrap();
    assert_eq!(answer.json()["labels"], json!(["a::x", "a::y"]));
    lab.sim.world().premium = true;
    let answer = lab
        .ask("owner", "PUT", &below, &json!({"add_labels": "a::z"}))
        .unwrap();
    assert_eq!(answer.json()["labels"], json!(["a::z"]));
    // A label of the group is not changed by the project.
    let project = lab.project;
    lab.sim
        .world()
        .projects
        .get_mut(&project)
        .unwrap()
        .labels
        .push(Label {
            id: 7,
            name: "group".into(),
            color: "#000000".into(),
            description: None,
            of_group: true,
        });
    let answer = lab.ask("owner", "PUT", "/labels/7", &json!({"color": "#ffffff"}));
    assert_eq!(answer.unwrap().status, 404);
    let again = json!({"name": "group", "color": "#000000"});
    assert_eq!(
        lab.ask("owner", "POST", "/labels", &again).unwrap().status,
        409
    );
}

#[test]
fn events_tell_who_changed_labels_and_state() {
    let lab = Lab::new();
    let iid = lab.open("T", "x");
    let below = format!("/issues/{iid}");
    lab.put(&below, &json!({"add_labels": "a,b"}));
    lab.put(
        &below,
        &json!({"remove_labels": "a", "state_event": "close"}),
    );
    lab.post(&format!("{below}/notes"), &json!({"body": "/reopen"}));
    lab.sim
        .world()
        .projects
        .get_mut(&lab.project)
        .unwrap()
        .labels
        .retain(|l| l.name != "a");
    let events = lab.get(&format!("{below}/resource_label_events")).json();
    let rows: Vec<(Value, Value)> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["label"]["name"].clone(), event["action"].clone()))
        .collect();
    // A label that is deleted has no name any more.
    let expected = [
        (Value::Null, "add"),
        (json!("b"), "add"),
        (Value::Null, "remove"),
    ];
    assert_eq!(rows, expected.map(|(name, action)| (name, json!(action))));
    assert_eq!(events[0]["user"]["username"], "owner");
    assert_eq!(events[0]["resource_type"], "Issue");
    let events = lab.get(&format!("{below}/resource_state_events")).json();
    let states: Vec<&Value> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["state"])
        .collect();
    assert_eq!(states, ["closed", "reopened"]);
    let id = lab.sim.world().issue(lab.project, iid).id;
    assert_eq!(events[0]["resource_id"], id);
}
