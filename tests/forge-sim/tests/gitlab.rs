//! Each surprise of GitLab's API, shown by the simulator: the numbers are those of the list of
//! surprises that it was written from.

use forge_sim::{Fault, Label, Role, Sim, When, World};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::sync::{Arc, Mutex};

/// An answer, or nothing if the connection was closed.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

/// A server with one project and people of every kind.
struct Lab {
    sim: Sim,
    project: u64,
    alice: u64,
}

impl Lab {
    fn new() -> Self {
        let mut world = World::default();
        let alice = world.add_user("alice");
        let project = world.add_project("group/project");
        for (name, role) in [
            ("guest", Role::Guest),
            ("reporter", Role::Reporter),
            ("maintainer", Role::Maintainer),
            ("owner", Role::Owner),
        ] {
            let user = world.add_user(name);
            world.add_token(name, user);
            world.set_role(project, user, role);
        }
        Self {
            sim: Sim::start(world),
            project,
            alice,
        }
    }

    fn open(&self, title: &str, text: &str) -> u64 {
        let mut world = self.sim.world();
        world.open_issue(self.project, self.alice, title, text)
    }

    /// A request below the project, as JSON.
    fn ask(&self, token: &str, method: &str, below: &str, body: &Value) -> Option<Answer> {
        let text = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let path = format!("/api/v4/projects/group%2Fproject{below}");
        let head = format!("content-type: application/json\r\nprivate-token: {token}");
        self.send(method, &path, &head, text.as_bytes())
    }

    fn get(&self, below: &str) -> Answer {
        self.ask("owner", "GET", below, &Value::Null).unwrap()
    }

    fn send(&self, method: &str, path: &str, head: &str, body: &[u8]) -> Option<Answer> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.sim.port())).unwrap();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: h.example\r\nconnection: close\r\ncontent-length: {length}\r\n{head}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let at = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&answer[..at]).into_owned();
        Some(Answer {
            status: head.split(' ').nth(1)?.parse().ok()?,
            body: answer[at + 4..].to_vec(),
            head,
        })
    }

    fn updated_at(&self, iid: u64) -> String {
        self.get(&format!("/issues/{iid}")).json()["updated_at"].to_string()
    }
}

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
fn s03_commands_are_carried_out_and_cut_out() {
    let lab = Lab::new();
    let iid = lab.open("T", "x");
    let notes = format!("/issues/{iid}/notes");
    let answer = lab
        .ask("owner", "POST", &notes, &json!({"body": "/close"}))
        .unwrap();
    assert_eq!(answer.status, 202, "no note at all");
    assert_eq!(lab.get(&format!("/issues/{iid}")).json()["state"], "closed");
    assert_eq!(lab.get(&notes).json().as_array().unwrap().len(), 0);
    let answer = lab
        .ask(
            "owner",
            "POST",
            &notes,
            &json!({"body": "Text\n\n/reopen\nmore"}),
        )
        .unwrap();
    assert_eq!(answer.json()["body"], "Text\n\nmore");
    assert_eq!(lab.get(&format!("/issues/{iid}")).json()["state"], "opened");
    // A note that becomes nothing but commands is deleted.
    let id = answer.json()["id"].clone();
    let below = format!("{notes}/{id}");
    assert_eq!(
        lab.ask("owner", "PUT", &below, &json!({"body": "/close"}))
            .unwrap()
            .status,
        202
    );
    assert_eq!(lab.get(&notes).json().as_array().unwrap().len(), 0);
    // In a description, and not again if they stood there already.
    let created = lab
        .ask(
            "owner",
            "POST",
            "/issues",
            &json!({"title": "U", "description": "/confidential\n\nText"}),
        )
        .unwrap();
    assert_eq!(
        (
            &created.json()["description"],
            &created.json()["confidential"]
        ),
        (&json!("\nText"), &json!(true))
    );
}

#[test]
fn s06_times_and_numbers_are_taken_from_owners_only() {
    let lab = Lab::new();
    let body =
        json!({"title": "T", "description": "x", "created_at": "2001-01-01T00:00:00Z", "iid": 77});
    let theirs = lab.ask("maintainer", "POST", "/issues", &body).unwrap();
    assert_eq!(theirs.status, 201, "without a word");
    assert!(!theirs.json()["created_at"].to_string().contains("2001"));
    assert_ne!(theirs.json()["iid"], 77);
    let ours = lab.ask("owner", "POST", "/issues", &body).unwrap();
    assert_eq!(ours.json()["created_at"], "2001-01-01T00:00:00.000Z");
    assert_eq!(ours.json()["iid"], 77);
    // 9: the same number again.
    let again = lab.ask("owner", "POST", "/issues", &body).unwrap();
    assert_eq!(
        (again.status, again.json()),
        (409, json!({"message": "Duplicated issue"}))
    );
}

#[test]
fn s07_an_empty_description_is_filled_from_the_template() {
    let lab = Lab::new();
    let project = lab.project;
    lab.sim.world().projects.get_mut(&project).unwrap().template = Some("Steps:".into());
    let answer = lab.ask(
        "owner",
        "POST",
        "/issues",
        &json!({"title": "T", "description": ""}),
    );
    assert_eq!(answer.unwrap().json()["description"], "Steps:");
}

#[test]
fn s08_a_low_role_loses_fields_without_a_word() {
    let lab = Lab::new();
    let body = json!({"title": "T", "description": "x", "labels": "bug", "due_date": "2026-03-01"});
    let answer = lab.ask("guest", "POST", "/issues", &body).unwrap();
    assert_eq!(answer.status, 201);
    assert_eq!(
        (&answer.json()["labels"], &answer.json()["due_date"]),
        (&json!([]), &Value::Null)
    );
    let other = lab.open("Of alice", "x");
    let answer = lab.ask(
        "guest",
        "PUT",
        &format!("/issues/{other}"),
        &json!({"title": "U"}),
    );
    assert_eq!(answer.unwrap().status, 403);
}

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

#[test]
fn s17_a_web_path_of_an_upload_wants_a_session() {
    let lab = Lab::new();
    let form = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a b.txt\"\r\n\r\ncontent\r\n--b--\r\n";
    let answer = lab.send(
        "POST",
        "/api/v4/projects/group%2Fproject/uploads",
        "private-token: owner\r\ncontent-type: multipart/form-data; boundary=b",
        form.as_bytes(),
    );
    let answer = answer.unwrap();
    assert_eq!(answer.status, 201);
    let url = answer.json()["url"].as_str().unwrap().to_owned();
    assert!(url.ends_with("/a_b.txt"), "{url}");
    let web = lab
        .send(
            "GET",
            &format!("/group/project{url}"),
            "private-token: owner",
            b"",
        )
        .unwrap();
    assert_eq!(web.status, 302);
    assert!(web.header("location").unwrap().ends_with("/users/sign_in"));
    assert_eq!(lab.get(&url).body, b"content");
}

#[test]
fn s18_references_leave_traces_and_mentions_write_mails() {
    let lab = Lab::new();
    let named = lab.open("Named", "x");
    lab.sim.advance(300);
    let before = lab.updated_at(named);
    let text = format!("See #{named}, `#{named}` and @alice, not `@bob`");
    lab.ask(
        "owner",
        "POST",
        "/issues",
        &json!({"title": "T", "description": text}),
    )
    .unwrap();
    assert_ne!(lab.updated_at(named), before, "it was touched");
    let notes = lab.get(&format!("/issues/{named}/notes")).json();
    assert_eq!(notes[0]["system"], true);
    let world = lab.sim.world();
    let mails: Vec<&str> = world
        .mails
        .iter()
        .map(|(name, _, _)| name.as_str())
        .collect();
    assert_eq!(mails, ["alice"]);
    drop(world);
    // A link to the same server is a reference; in code, or broken up, it is none.
    let count = || lab.sim.world().issue(lab.project, named).notes.len();
    for (text, more) in [
        (
            format!("[x](https://h.example/group/project/-/issues/{named})"),
            1,
        ),
        (
            format!("`https://h.example/group/project/-/issues/{named}`"),
            0,
        ),
        (format!("#\u{2060}{named} @\u{2060}alice"), 0),
        (format!("group/project#{named}"), 1),
    ] {
        let before = count();
        lab.ask(
            "owner",
            "POST",
            "/issues",
            &json!({"title": "T", "description": text}),
        )
        .unwrap();
        assert_eq!(count(), before + more, "{text}");
    }
    assert_eq!(lab.sim.world().mails.len(), 1);
}

#[test]
fn s19_texts_are_normalised() {
    let lab = Lab::new();
    let body = json!({"title": "  T  ", "description": "a\r\nb  \n\n"});
    let answer = lab.ask("owner", "POST", "/issues", &body).unwrap().json();
    assert_eq!(
        (&answer["title"], &answer["description"]),
        (&json!("T"), &json!("a\nb"))
    );
}

#[test]
fn s20_not_there_and_not_to_be_seen_are_the_same() {
    let lab = Lab::new();
    let iid = lab.open("Secret", "x");
    lab.sim.world().issue_mut(lab.project, iid).confidential = true;
    let hidden = lab
        .ask("guest", "GET", &format!("/issues/{iid}"), &Value::Null)
        .unwrap();
    let missing = lab
        .ask("guest", "GET", "/issues/999", &Value::Null)
        .unwrap();
    assert_eq!(
        (hidden.status, &hidden.body),
        (missing.status, &missing.body)
    );
    let list = lab.ask("guest", "GET", "/issues", &Value::Null).unwrap();
    assert_eq!(list.json(), json!([]));
}

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
fn labels_exclude_each_other_only_where_the_licence_has_it() {
    let lab = Lab::new();
    let iid = lab.open("T", "x");
    let below = format!("/issues/{iid}");
    let both = json!({"labels": "a::x,a::y"});
    let answer = lab.ask("owner", "PUT", &below, &both).unwrap();
    assert_eq!(answer.json()["labels"], json!(["a::x", "a::y"]));
    lab.sim.world().premium = true;
    let answer = lab
        .ask("owner", "PUT", &below, &json!({"add_labels": "a::z"}))
        .unwrap();
    assert_eq!(answer.json()["labels"], json!(["a::z"]));
    // A label of the group is not changed by the project.
    let project = lab.project;
    lab.sim
        .world()
        .projects
        .get_mut(&project)
        .unwrap()
        .labels
        .push(Label {
            id: 7,
            name: "group".into(),
            color: "#000000".into(),
            description: None,
            of_group: true,
        });
    let answer = lab.ask("owner", "PUT", "/labels/7", &json!({"color": "#ffffff"}));
    assert_eq!(answer.unwrap().status, 404);
    let again = json!({"name": "group", "color": "#000000"});
    assert_eq!(
        lab.ask("owner", "POST", "/labels", &again).unwrap().status,
        409
    );
}

#[test]
fn tokens_and_projects_that_are_wrong_say_so() {
    let lab = Lab::new();
    lab.open("T", "x");
    let status = |lab: &Lab, token: &str, method: &str| {
        lab.ask(token, method, "/issues", &json!({"title": "T"}))
            .unwrap()
            .status
    };
    assert_eq!(status(&lab, "nobody", "GET"), 401);
    lab.sim.world().tokens.get_mut("owner").unwrap().scopes = vec!["read_api"];
    assert_eq!(
        (status(&lab, "owner", "GET"), status(&lab, "owner", "POST")),
        (200, 403)
    );
    lab.sim.world().tokens.get_mut("owner").unwrap().expired = true;
    assert_eq!(status(&lab, "owner", "GET"), 401);
    let project = lab.project;
    {
        let mut world = lab.sim.world();
        let project = world.projects.get_mut(&project).unwrap();
        project.path = "group/new".into();
        project.old_paths = vec!["group/project".into()];
    }
    let moved = lab
        .ask("maintainer", "GET", "/issues", &Value::Null)
        .unwrap();
    assert_eq!(moved.status, 301);
    assert!(
        moved
            .header("location")
            .unwrap()
            .contains(&format!("/projects/{project}/issues"))
    );
    assert_eq!(status(&lab, "maintainer", "POST"), 405);
    lab.sim.world().projects.get_mut(&project).unwrap().path = "group/project".into();
    lab.sim
        .world()
        .projects
        .get_mut(&project)
        .unwrap()
        .issues_enabled = false;
    assert_eq!(status(&lab, "maintainer", "GET"), 403);
}

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
