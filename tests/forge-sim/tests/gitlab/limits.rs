//! Limits on how often somebody may ask and write.

use crate::lab::{Answer, Lab};
use forge_sim::World;
use serde_json::{Value, json};

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

#[test]
fn s05_searching_has_a_limit_of_its_own_that_no_header_tells_of() {
    let lab = Lab::new();
    lab.open("T", "x");
    for _ in 0..30 {
        assert_eq!(lab.get("/issues?search=x").status, 200);
    }
    let answer = lab.get("/issues?search=x");
    assert_eq!(answer.status, 429);
    assert!(answer.json()["message"]["error"].is_string());
    assert!(answer.header("retry-after").is_none() && answer.header("ratelimit-reset").is_none());
    // Of others, and without searching, nothing is refused.
    let other = lab.ask("reporter", "GET", "/issues?search=x", &Value::Null);
    assert_eq!(other.unwrap().status, 200);
    assert_eq!(lab.get("/issues").status, 200);
    lab.sim.advance(60);
    assert_eq!(lab.get("/issues?search=x").status, 200);
}

#[test]
fn s11_gitlab_com_takes_60_notes_and_200_issues_a_minute() {
    let lab = Lab::of(World::as_gitlab_com());
    let iid = lab.open("T", "x");
    let note = json!({"body": "N"});
    let notes = format!("/issues/{iid}/notes");
    for _ in 0..60 {
        assert_eq!(lab.post(&notes, &note).status, 201);
    }
    assert_eq!(lab.post(&notes, &note).status, 429);
    let other = lab.ask("reporter", "POST", &notes, &note).unwrap();
    assert_eq!(other.status, 201, "each user has a limit of their own");
    // In a new minute, so that the clock does not pass one in between.
    lab.sim.advance(60);
    let issue = json!({"title": "T", "description": "x"});
    for _ in 0..200 {
        assert_eq!(lab.post("/issues", &issue).status, 201);
    }
    assert_eq!(lab.post("/issues", &issue).status, 429);
    assert_eq!(
        lab.post(&notes, &note).status,
        201,
        "notes count by themselves"
    );
}

#[test]
fn headers_tell_how_much_is_left_of_a_limit_also_when_all_is_well() {
    let lab = Lab::new();
    assert!(lab.get("/issues").header("ratelimit-limit").is_none());
    lab.sim.world().requests_per_minute = Some(2);
    lab.sim.advance(60);
    let left = |answer: &Answer| -> Vec<String> {
        ["limit", "observed", "remaining"]
            .map(|name| {
                answer
                    .header(&format!("ratelimit-{name}"))
                    .unwrap()
                    .to_owned()
            })
            .to_vec()
    };
    assert_eq!(left(&lab.get("/issues")), ["2", "1", "1"]);
    let missing = lab.get("/issues/9");
    assert_eq!(
        (missing.status, left(&missing)),
        (404, ["2", "2", "0"].map(String::from).to_vec())
    );
    let refused = lab.get("/issues");
    assert_eq!((refused.status, left(&refused)[2].as_str()), (429, "0"));
    let number = |name: &str| refused.header(name).unwrap().parse::<i64>().unwrap();
    let now = lab.sim.world().clock.now().as_second();
    assert_eq!(number("ratelimit-reset"), now + number("retry-after"));
    assert_eq!(
        number("ratelimit-reset") % 60,
        0,
        "windows are those of the clock"
    );
}
