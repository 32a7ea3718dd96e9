//! What becomes of an issue's kind and of a locked discussion, by who asks.

use crate::lab::Lab;
use serde_json::json;

#[test]
fn a_kind_that_one_may_not_have_is_dropped_without_a_word() {
    let lab = Lab::new();
    let kind = |token: &str, kind: &str| {
        let body = json!({"title": "T", "issue_type": kind});
        let answer = lab.ask(token, "POST", "/issues", &body).unwrap();
        assert_eq!(answer.status, 201);
        answer.json()["issue_type"].clone()
    };
    assert_eq!(kind("guest", "task"), "task");
    assert_eq!(kind("guest", "incident"), "issue");
    assert_eq!(kind("reporter", "incident"), "incident");
    assert_eq!(kind("owner", "test_case"), "issue");
    lab.sim.world().ultimate = true;
    assert_eq!(kind("owner", "test_case"), "test_case");
    // A change is dropped alike; back to an ordinary issue is open to everybody who may change it.
    let iid = lab.open("T", "x");
    let change = |token: &str, kind: &str| {
        let body = json!({"issue_type": kind});
        let answer = lab.ask(token, "PUT", &format!("/issues/{iid}"), &body);
        answer.unwrap().json()["issue_type"].clone()
    };
    assert_eq!(change("reporter", "incident"), "incident");
    lab.sim.world().ultimate = false;
    assert_eq!(change("reporter", "test_case"), "incident");
    assert_eq!(change("reporter", "issue"), "issue");
}

#[test]
fn an_early_version_refuses_tasks() {
    let lab = Lab::new();
    lab.sim.world().version = "15.4.0".to_owned();
    let body = json!({"title": "T", "issue_type": "task"});
    assert_eq!(lab.post("/issues", &body).status, 400);
}

#[test]
fn on_a_locked_issue_members_comment_and_nobody_opens_it_again() {
    let lab = Lab::new();
    {
        let mut world = lab.sim.world();
        world.projects.get_mut(&lab.project).unwrap().public = true;
        for (name, admin) in [("stranger", false), ("admin", true)] {
            let user = world.add_user(name);
            world.add_token(name, user);
            world.users.get_mut(&user).unwrap().admin = admin;
        }
    }
    let iid = lab.open("T", "x");
    let below = format!("/issues/{iid}");
    let lock = json!({"discussion_locked": true, "state_event": "close"});
    let guest = lab.ask("guest", "PUT", &below, &lock).unwrap();
    assert_eq!(guest.status, 403);
    let shown = lab.put(&below, &lock).json();
    assert_eq!(shown["discussion_locked"], true);
    assert_eq!(shown["state"], "closed");
    let note = |token: &str| {
        let below = format!("{below}/notes");
        let answer = lab.ask(token, "POST", &below, &json!({"body": "x"}));
        answer.unwrap().status
    };
    assert_eq!(note("stranger"), 403);
    assert_eq!(note("admin"), 403, "no member");
    assert_eq!(note("guest"), 201);
    // Who unlocks and opens it at once has unlocked it.
    let both = json!({"discussion_locked": false, "state_event": "reopen"});
    assert_eq!(lab.put(&below, &both).json()["state"], "closed");
    assert_eq!(lab.put(&below, &both).json()["state"], "opened");
    // Who may not plan locks nothing.
    let new = json!({"title": "N", "discussion_locked": true});
    let answer = lab.ask("guest", "POST", "/issues", &new).unwrap();
    assert!(answer.json()["discussion_locked"].is_null());
}
