//! Lists and their pages.

use crate::lab::{Answer, Lab};
use serde_json::{Value, json};

#[test]
fn ties_are_broken_by_the_id_downwards_and_pages_move() {
    let lab = Lab::new();
    for number in 1..=5 {
        lab.open(&format!("T{number}"), "x");
    }
    let below = "/issues?order_by=updated_at&sort=asc&per_page=2";
    let iids = |answer: Answer| -> Vec<u64> {
        let issues = answer.json();
        issues
            .as_array()
            .unwrap()
            .iter()
            .map(|issue| issue["iid"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(iids(lab.get(below)), [5, 4]);
    let page = lab.get(&format!("{below}&page=3"));
    assert_eq!(
        (page.header("x-next-page"), page.header("x-total")),
        (Some(""), Some("5"))
    );
    // An issue that changes leaves its place, and the next page begins one too late.
    lab.sim.advance(1);
    lab.ask("owner", "PUT", "/issues/5", &json!({"title": "New"}))
        .unwrap();
    assert_eq!(
        iids(lab.get(&format!("{below}&page=2"))),
        [2, 1],
        "3 is on no page that is read"
    );
    // By keyset it is not so, from 18.3 on.
    let first = lab.get(&format!("{below}&pagination=keyset"));
    let link = first.header("link").unwrap();
    assert!(
        link.contains("cursor=") && first.header("x-page").is_none(),
        "{link}"
    );
    assert_eq!(lab.get("/issues?order_by=id").status, 400);
    lab.sim.world().version = "18.2.1-ee".into();
    assert!(
        lab.get(&format!("{below}&pagination=keyset"))
            .header("link")
            .is_none()
    );
}

#[test]
fn a_page_of_notes_may_be_short_although_more_follow() {
    let lab = Lab::new();
    let iid = lab.open("T", "x");
    for _ in 0..3 {
        let body = json!({"body": "Internal", "internal": true});
        lab.ask("owner", "POST", &format!("/issues/{iid}/notes"), &body)
            .unwrap();
    }
    let body = json!({"body": "Public"});
    lab.ask("owner", "POST", &format!("/issues/{iid}/notes"), &body)
        .unwrap();
    let below = format!("/issues/{iid}/notes?per_page=2&sort=asc");
    let first = lab.ask("guest", "GET", &below, &Value::Null).unwrap();
    assert_eq!(
        (first.json(), first.header("x-next-page")),
        (json!([]), Some("2"))
    );
}
