//! Times: what moves them, what leaves no trace, how exact they are.

use crate::lab::Lab;
use serde_json::{Value, json};

#[test]
fn s01_updated_at_is_throttled() {
    let lab = Lab::new();
    let iid = lab.open("T", "x");
    let before = lab.updated_at(iid);
    lab.sim.advance(30);
    let note = json!({"body": "Hi"});
    let answer = lab.ask("owner", "POST", &format!("/issues/{iid}/notes"), &note);
    assert_eq!(answer.unwrap().status, 201);
    assert_eq!(
        lab.updated_at(iid),
        before,
        "within a minute a note leaves no trace"
    );
    let labels = json!({"add_labels": "bug"});
    lab.ask("owner", "PUT", &format!("/issues/{iid}"), &labels)
        .unwrap();
    assert_eq!(lab.updated_at(iid), before, "nor does a label");
    lab.sim.advance(61);
    lab.ask("owner", "POST", &format!("/issues/{iid}/notes"), &note)
        .unwrap();
    let after = lab.updated_at(iid);
    assert_ne!(after, before);
    lab.ask(
        "owner",
        "PUT",
        &format!("/issues/{iid}"),
        &json!({"title": "U"}),
    )
    .unwrap();
    assert_ne!(
        lab.updated_at(iid),
        after,
        "a column that is saved always moves it"
    );
}

#[test]
fn s02_a_deleted_note_leaves_no_trace_but_in_the_count() {
    let lab = Lab::new();
    let iid = lab.open("T", "x");
    let answer = lab.ask(
        "owner",
        "POST",
        &format!("/issues/{iid}/notes"),
        &json!({"body": "Hi"}),
    );
    let id = answer.unwrap().json()["id"].clone();
    lab.sim.advance(300);
    let before = lab.get(&format!("/issues/{iid}")).json();
    assert_eq!(before["user_notes_count"], 1);
    let below = format!("/issues/{iid}/notes/{id}");
    assert_eq!(
        lab.ask("owner", "DELETE", &below, &Value::Null)
            .unwrap()
            .status,
        204
    );
    let after = lab.get(&format!("/issues/{iid}")).json();
    assert_eq!(after["updated_at"], before["updated_at"]);
    assert_eq!(after["user_notes_count"], 0);
}

#[test]
fn s13_times_have_milliseconds_and_both_ends_of_a_range_count() {
    let lab = Lab::new();
    let iid = lab.open("T", "x");
    let at = lab.get(&format!("/issues/{iid}")).json()["updated_at"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(at.ends_with('Z') && at.len() == 24, "{at}");
    assert_eq!(
        lab.get(&format!("/issues?updated_after={at}"))
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
