//! What goes wrong where it was planned.

use crate::lab::Lab;
use forge_sim::{Fault, When};
use serde_json::{Value, json};

#[test]
fn faults_happen_where_they_were_planned() {
    let lab = Lab::new();
    let create = |lab: &Lab| {
        lab.ask(
            "owner",
            "POST",
            "/issues",
            &json!({"title": "T", "description": "x"}),
        )
    };
    let count = |lab: &Lab| lab.sim.world().projects[&lab.project].issues.len();
    lab.sim.world().plan(When::Write(1), Fault::CloseBefore);
    assert!(create(&lab).is_none());
    assert_eq!(count(&lab), 0);
    lab.sim.world().plan(When::Write(1), Fault::DropAnswer);
    assert!(create(&lab).is_none());
    assert_eq!(count(&lab), 1);
    lab.sim.world().plan(
        When::Write(1),
        Fault::ApplyLater(jiff::SignedDuration::from_secs(90)),
    );
    assert!(create(&lab).is_none());
    assert_eq!(count(&lab), 1);
    lab.sim.advance(80);
    assert_eq!(count(&lab), 1);
    lab.sim.advance(20);
    assert_eq!(count(&lab), 2);
    lab.sim
        .world()
        .plan(When::Write(1), Fault::StatusAfter(502));
    assert_eq!(create(&lab).unwrap().status, 502);
    assert_eq!(count(&lab), 3);
    lab.sim.world().plan(When::Request(2), Fault::Status(503));
    assert_eq!(
        (lab.get("/issues").status, lab.get("/issues").status),
        (200, 503)
    );
    lab.sim.world().plan(When::Request(1), Fault::CutBody);
    let cut = lab.get("/issues");
    assert_eq!(cut.status, 200);
    assert_eq!(cut.json(), Value::Null);
    // The log has everything that was carried out.
    assert_eq!(lab.sim.world().requests("POST"), 3);
}
