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

#[test]
fn titles_are_told_apart_by_case_and_divided_at_commas() {
    let lab = Lab::new();
    let iid = lab.open("T", "x");
    let below = format!("/issues/{iid}");
    let answer = lab.put(&below, &json!({"labels": ["Bug", "bug,ui"]}));
    assert_eq!(answer.json()["labels"], json!(["Bug", "bug", "ui"]));
    let label = |name: &str| json!({"name": name, "color": "#000000"});
    assert_eq!(lab.post("/labels", &label("bug")).status, 409);
    assert_eq!(lab.post("/labels", &label("BUG")).status, 201);
    assert_eq!(lab.post("/labels", &label("a,b")).status, 400);
    assert_eq!(lab.post("/labels", &label(&"t".repeat(256))).status, 400);
}

#[test]
fn what_looks_like_html_is_cut_out_of_titles() {
    let lab = Lab::new();
    let made = |name: &str| {
        let answer = lab.post("/labels", &json!({"name": name, "color": "#000000"}));
        answer.json()["name"].clone()
    };
    assert_eq!(made("List<T> & <b>more"), "List & more");
    assert_eq!(made("a < b &amp; c"), "a < b & c");
    // An issue gets nothing for a title that would be kept as another one.
    let iid = lab.open("T", "x");
    let answer = lab.put(&format!("/issues/{iid}"), &json!({"labels": "Set<T>,ui"}));
    assert_eq!(answer.json()["labels"], json!(["ui"]));
}

#[test]
fn a_label_that_is_archived_stays_where_it_is_and_gets_nowhere_else() {
    let lab = Lab::new();
    let (first, second) = (lab.open("A", "x"), lab.open("B", "x"));
    let ask = |iid: u64| {
        let answer = lab.put(&format!("/issues/{iid}"), &json!({"add_labels": "old"}));
        answer.json()["labels"].clone()
    };
    assert_eq!(ask(first), json!(["old"]));
    {
        let mut world = lab.sim.world();
        let project = world.projects.get_mut(&lab.project).unwrap();
        project.archived_labels.insert("old".to_owned());
    }
    assert_eq!((ask(first), ask(second)), (json!(["old"]), json!([])));
    assert_eq!(lab.get("/labels").json()[0]["archived"], true);
}
