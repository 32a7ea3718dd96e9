//! Limits on how often somebody may ask and write.

use crate::lab::Lab;
use serde_json::json;

#[test]
fn s10_limits_have_two_shapes() {
    let lab = Lab::new();
    lab.sim.world().notes_per_minute = Some(1);
    let iid = lab.open("T", "x");
    let notes = format!("/issues/{iid}/notes");
    lab.ask("owner", "POST", &notes, &json!({"body": "1"}))
        .unwrap();
    let answer = lab
        .ask("owner", "POST", &notes, &json!({"body": "2"}))
        .unwrap();
    assert_eq!(answer.status, 429);
    assert!(
        answer.json()["message"]["error"].is_string() && answer.header("retry-after").is_none()
    );
    lab.sim.advance(60);
    assert_eq!(
        lab.ask("owner", "POST", &notes, &json!({"body": "3"}))
            .unwrap()
            .status,
        201
    );
    lab.sim.world().requests_per_minute = Some(1);
    lab.sim.advance(60);
    lab.get("/issues");
    let answer = lab.get("/issues");
    assert_eq!(
        (answer.status, answer.body.as_slice()),
        (429, b"Retry later\n".as_slice())
    );
    assert!(answer.header("retry-after").is_some() && answer.header("ratelimit-reset").is_some());
}
