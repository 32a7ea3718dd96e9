//! Assignees: replaced by each request, and dropped without a word where they cannot be.

use crate::lab::Lab;
use forge_sim::World;
use serde_json::{Value, json};

/// The numbers of some accounts, and of one that cannot see the project.
fn ids(lab: &Lab) -> (u64, u64, u64) {
    let world = lab.sim.world();
    let id = |name: &str| {
        let mut users = world.users.values();
        users.find(|user| user.username == name).unwrap().id
    };
    (id("reporter"), id("owner"), id("alice"))
}

fn assigned(lab: &Lab, who: &str, asked: &Value) -> Vec<u64> {
    let body = json!({"assignee_ids": asked, "title": "T"});
    let answer = lab.ask(who, "PUT", "/issues/1", &body).unwrap();
    assert_eq!(answer.status, 200);
    let answer = answer.json();
    let people = answer["assignees"].as_array().unwrap();
    people.iter().map(|p| p["id"].as_u64().unwrap()).collect()
}

#[test]
fn s08_assignees_are_dropped_by_licence_by_role_and_where_they_cannot_read() {
    for premium in [false, true] {
        let mut world = World::default();
        world.premium = premium;
        let lab = Lab::of(world);
        let (a, b, outsider) = ids(&lab);
        let new = json!({"title": "T", "description": "x"});
        assert_eq!(
            lab.ask("guest", "POST", "/issues", &new).unwrap().status,
            201
        );
        assert!(assigned(&lab, "guest", &json!([a])).is_empty());
        let both = if premium { vec![a, b] } else { vec![a] };
        assert_eq!(assigned(&lab, "reporter", &json!([a, b])), both);
        // Where nobody is left of those asked for, nothing changes.
        assert_eq!(assigned(&lab, "reporter", &json!([outsider])), both);
        let first = if premium { vec![b] } else { both };
        assert_eq!(assigned(&lab, "reporter", &json!([outsider, b])), first);
        assert!(assigned(&lab, "reporter", &json!([0])).is_empty());
    }
}

#[test]
fn s35_addresses_are_told_of_one_account_and_found_whole() {
    let lab = Lab::new();
    let (a, ..) = ids(&lab);
    lab.sim.world().users.get_mut(&a).unwrap().public_email = "r@x.example".to_owned();
    let whole = |path: &str| {
        let token = "private-token: reporter";
        lab.send("GET", path, token, b"").unwrap().json()
    };
    let found = whole("/api/v4/users?search=R@x.example");
    assert_eq!(
        (found.as_array().unwrap().len(), &found[0]["id"]),
        (1, &json!(a))
    );
    assert_eq!(whole("/api/v4/users?search=@x.example"), json!([]));
    assert_eq!(whole("/api/v4/users?username=REPORTER")[0]["id"], json!(a));
    let one = whole(&format!("/api/v4/users/{a}"));
    assert_eq!(one["public_email"], "r@x.example");
    assert_eq!(
        whole("/api/v4/projects/group%2Fproject/members/all")[1]["public_email"],
        ""
    );
}
