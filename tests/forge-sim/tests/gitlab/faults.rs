//! What goes wrong where it was planned.

use crate::lab::Lab;
use forge_sim::{Fault, When};
use serde_json::{Value, json};
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::sync::{Arc, Mutex};

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

#[test]
fn answers_can_be_refused_with_any_header_and_be_spoilt() {
    let lab = Lab::new();
    let iid = lab.open("T", "x");
    let wait = vec![("retry-after", "7".to_owned())];
    let once = |fault: Fault| lab.sim.world().plan(When::Request(1), fault);
    once(Fault::StatusWith(429, wait.clone()));
    let answer = lab.get("/issues");
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (429, Some("7"))
    );
    assert_eq!(answer.body, b"Retry later\n");
    once(Fault::StatusWith(503, wait));
    assert_eq!(lab.get("/issues").header("retry-after"), Some("7"));
    once(Fault::Status(409));
    let answer = lab.put(&format!("/issues/{iid}"), &json!({"title": "U"}));
    assert_eq!(answer.status, 409);
    assert_eq!(answer.json()["message"], "409 Conflict: Resource lock");
    assert_eq!(lab.sim.world().issue(lab.project, iid).title, "T");
    once(Fault::HalfBody);
    let half = lab.get("/issues");
    assert_eq!((half.status, half.json()), (200, Value::Null));
    assert!(half.body.starts_with(b"[{") && half.header("content-length").is_some());
    once(Fault::Field("title", Value::Null));
    let rows = lab.get("/issues").json();
    assert_eq!(
        (&rows[0]["title"], &rows[0]["iid"]),
        (&Value::Null, &json!(iid))
    );
}

#[test]
fn a_server_that_moved_answers_nothing_else() {
    let lab = Lab::new();
    let origin = "https://new.example".to_owned();
    for status in [301, 302, 308] {
        lab.sim.world().moved_to = Some((status, origin.clone()));
        for (method, below) in [("GET", "/issues?page=1"), ("POST", "/issues")] {
            let answer = lab
                .ask("owner", method, below, &json!({"title": "T"}))
                .unwrap();
            let to = format!("{origin}/api/v4/projects/group%2Fproject{below}");
            assert_eq!(
                (answer.status, answer.header("location")),
                (status, Some(&*to))
            );
        }
    }
    assert!(lab.sim.world().projects[&lab.project].issues.is_empty());
}

#[test]
fn a_clock_that_runs_goes_as_fast_as_every_other() {
    let lab = Lab::new();
    let now = || lab.sim.world().clock.now();
    let (begun, before) = (std::time::Instant::now(), now());
    assert_eq!(now(), before, "it stands still");
    lab.sim.world().clock.run();
    while now() == before {
        assert!(begun.elapsed().as_secs() < 10);
    }
    let passed = now().duration_since(before);
    assert!(passed.unsigned_abs() <= begun.elapsed());
}

#[test]
fn a_process_is_killed_at_exactly_the_request() {
    for after in [false, true] {
        let lab = Lab::new();
        // It ends only with its input.
        let mut cat = std::process::Command::new("cat");
        let cat = cat.stdin(std::process::Stdio::piped()).spawn().unwrap();
        let cat = Arc::new(Mutex::new(cat));
        {
            let mut world = lab.sim.world();
            world.plan(When::Write(2), Fault::Kill { after });
            world.victim = Some(Arc::clone(&cat));
        }
        let create = || lab.ask("owner", "POST", "/issues", &json!({"title": "T"}));
        assert_eq!(create().unwrap().status, 201);
        assert!(cat.lock().unwrap().try_wait().unwrap().is_none());
        assert!(create().is_none());
        let status = cat.lock().unwrap().try_wait().unwrap().unwrap();
        assert_eq!(status.signal(), Some(9));
        let count = lab.sim.world().projects[&lab.project].issues.len();
        assert_eq!(count, if after { 2 } else { 1 });
    }
}

#[test]
fn what_was_sent_before_is_read_when_the_server_has_settled() {
    let lab = Lab::new();
    let request = "GET /api/v4/version HTTP/1.1\r\nhost: h.example\r\nprivate-token: owner\r\n\r\n";
    for sent in 1..=20 {
        // Nobody waits for the answer.
        let mut line = TcpStream::connect(("127.0.0.1", lab.sim.port())).unwrap();
        line.write_all(request.as_bytes()).unwrap();
        drop(line);
        lab.sim.settle();
        assert_eq!(lab.sim.world().received, sent);
    }
}
