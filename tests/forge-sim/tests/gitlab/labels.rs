//! Labels of a project and of its issues.

use crate::lab::Lab;
use forge_sim::Label;
use serde_json::json;

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
