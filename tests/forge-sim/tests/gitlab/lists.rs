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

#[test]
fn s04_search_asks_an_index_of_words_and_sees_no_comment_of_html() {
    let lab = Lab::new();
    let run = "a".repeat(50);
    lab.open(
        "Printer on fire",
        "hello <!-- issue-mirror:abc123 --> world\n\n<a title=\"attribute\">x</a>",
    );
    lab.open("Marked", "text\n\n[issue-mirror]: # (imk7f3a9c2d4e)");
    lab.open(
        "Code",
        &format!("`snake_case` and {run} and {}", "b".repeat(49)),
    );
    lab.open("Другое", "<!-- скрыто --> видно");
    let found = |query: &str| -> Vec<u64> {
        // Many searches, and the limit is not what is tested.
        lab.sim.advance(60);
        let issues = lab.get(&format!("/issues?sort=asc&{query}")).json();
        let rows = issues.as_array().unwrap().iter();
        rows.map(|issue| issue["iid"].as_u64().unwrap()).collect()
    };
    for (query, expected) in [
        ("search=hello", &[1][..]),
        ("search=abc123", &[]),
        ("search=attribute", &[]),
        ("search=imk7f3a9c2d4e", &[2]),
        ("search=IMK7F3", &[2]),
        ("search=k7f3", &[]),
        ("search=hello+fire", &[1]),
        ("search=hello+imk7f3a9c2d4e", &[]),
        ("search=snake_case", &[3]),
        ("search=case", &[3]),
        (&format!("search={run}"), &[]),
        (&format!("search={}", "b".repeat(49)), &[3]),
        ("search=fires", &[1]),
        ("search=printer&in=title", &[1]),
        ("search=printer&in=description", &[]),
        ("search=hello&in=title,description", &[1]),
        // Of other characters there is no index: the text itself is looked through.
        ("search=%D1%81%D0%BA%D1%80%D1%8B%D1%82%D0%BE", &[4]),
    ] {
        assert_eq!(found(query), expected, "{query}");
    }
}
