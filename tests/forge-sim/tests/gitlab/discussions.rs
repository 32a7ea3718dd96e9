//! Discussions and threads.

use crate::lab::Lab;
use serde_json::{Value, json};

#[test]
fn answers_make_a_thread_and_inherit_who_sees_it() {
    let lab = Lab::new();
    let iid = lab.open("T", "x");
    let (notes, discussions) = (
        format!("/issues/{iid}/notes"),
        format!("/issues/{iid}/discussions"),
    );
    let post = |path: &str, body: Value| lab.ask("owner", "POST", path, &body).unwrap();
    let first = post(&notes, json!({"body": "1", "internal": true})).json();
    assert_eq!(first["type"], Value::Null);
    let alone = lab
        .ask("owner", "GET", &discussions, &Value::Null)
        .unwrap()
        .json();
    assert_eq!(alone[0]["individual_note"], true);
    let id = alone[0]["id"].as_str().unwrap().to_owned();
    let answer = post(
        &format!("{discussions}/{id}/notes"),
        json!({"body": "2", "internal": false}),
    );
    assert_eq!(answer.status, 201);
    let answer = answer.json();
    assert_eq!(
        (&answer["type"], &answer["internal"]),
        (&json!("DiscussionNote"), &json!(true))
    );
    let thread = lab
        .ask("owner", "GET", &discussions, &Value::Null)
        .unwrap()
        .json();
    assert_eq!(
        (&thread[0]["id"], &thread[0]["individual_note"]),
        (&json!(id), &json!(false))
    );
    assert_eq!(thread[0]["notes"][0]["type"], "DiscussionNote");
    // Who may not see the first note sees nothing of it and cannot answer.
    let hidden = lab.ask("guest", "GET", &discussions, &Value::Null).unwrap();
    assert_eq!(hidden.json(), json!([]));
    let refused = lab.ask(
        "guest",
        "POST",
        &format!("{discussions}/{id}/notes"),
        &json!({"body": "3"}),
    );
    assert_eq!(refused.unwrap().status, 404);
    // Without its first note it is the same thread.
    let gone = format!("{notes}/{}", first["id"]);
    lab.ask("owner", "DELETE", &gone, &Value::Null);
    let left = lab
        .ask("owner", "GET", &discussions, &Value::Null)
        .unwrap()
        .json();
    assert_eq!(
        (&left[0]["id"], &left[0]["individual_note"]),
        (&json!(id), &json!(false))
    );
    let begun = post(&discussions, json!({"body": "4"}));
    assert_eq!(
        (begun.status, &begun.json()["notes"][0]["internal"]),
        (201, &json!(false))
    );
}
