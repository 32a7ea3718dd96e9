//! Accounts, roles and tokens: what is refused, dropped or not to be seen.

use crate::lab::Lab;
use serde_json::{Value, json};

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
}

#[test]
fn s09_a_number_of_ones_own_is_taken_once() {
    let lab = Lab::new();
    let body = json!({"title": "T", "description": "x", "iid": 77});
    let first = lab.ask("owner", "POST", "/issues", &body).unwrap();
    assert_eq!((first.status, &first.json()["iid"]), (201, &json!(77)));
    let again = lab.ask("owner", "POST", "/issues", &body).unwrap();
    assert_eq!(
        (again.status, again.json()),
        (409, json!({"message": "Duplicated issue"}))
    );
    // The counter goes on behind it.
    let next = json!({"title": "U", "description": "x"});
    let next = lab.ask("owner", "POST", "/issues", &next).unwrap();
    assert_eq!(next.json()["iid"], 78);
    // One that is below it takes none of it.
    let low = json!({"title": "V", "description": "x", "iid": 5});
    let low = lab.ask("owner", "POST", "/issues", &low).unwrap();
    assert_eq!(low.json()["iid"], 5);
    let after = json!({"title": "W", "description": "x"});
    let after = lab.ask("owner", "POST", "/issues", &after).unwrap();
    assert_eq!(after.json()["iid"], 79);
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
fn a_token_tells_of_itself_whatever_its_scopes_are() {
    let lab = Lab::new();
    let status = |path: &str| {
        let path = format!("/api/v4/{path}");
        let answer = lab.send("GET", &path, "private-token: owner", b"");
        answer.unwrap().status
    };
    lab.sim.world().tokens.get_mut("owner").unwrap().scopes = vec!["read_user"];
    assert_eq!(status("personal_access_tokens/self"), 200);
    assert_eq!((status("user"), status("metadata")), (200, 200));
    assert_eq!(status("projects/group%2Fproject"), 403);
    lab.sim.world().tokens.get_mut("owner").unwrap().scopes = vec!["read_repository"];
    assert_eq!(status("personal_access_tokens/self"), 200);
    assert_eq!((status("user"), status("metadata")), (403, 403));
}

#[test]
fn an_archived_project_is_read_and_not_written() {
    let lab = Lab::new();
    lab.open("T", "x");
    let project = lab.project;
    let change = |archived| {
        let mut world = lab.sim.world();
        world.projects.get_mut(&project).unwrap().archived = archived;
    };
    change(true);
    assert_eq!(lab.get("").json()["archived"], true);
    assert_eq!(lab.get("/issues").status, 200);
    assert_eq!(lab.put("/issues/1", &json!({"title": "U"})).status, 403);
    change(false);
    assert_eq!(lab.put("/issues/1", &json!({"title": "U"})).status, 200);
}

#[test]
fn members_are_listed_with_their_number() {
    let lab = Lab::new();
    let answer = lab.get("/members/all?per_page=2");
    assert_eq!(answer.json().as_array().unwrap().len(), 2);
    assert_eq!(answer.header("x-total"), Some("4"));
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
fn confidentiality_is_taken_on_create_from_everybody_and_on_update_from_planners() {
    let lab = Lab::new();
    let hide = json!({"title": "T", "description": "x", "confidential": true});
    let show = json!({"confidential": false});
    let sent = |token: &str, method: &str, path: &str, body: &Value| {
        let answer = lab.ask(token, method, path, body).unwrap();
        (answer.status, answer.json())
    };
    let (status, made) = sent("guest", "POST", "/issues", &hide);
    assert_eq!((status, &made["confidential"]), (201, &json!(true)));
    // It is its author's, who may change the title and not this.
    let path = format!("/issues/{}", made["iid"]);
    let (status, kept) = sent("guest", "PUT", &path, &show);
    assert_eq!((status, &kept["confidential"]), (200, &json!(true)));
    let (_, shown) = sent("reporter", "PUT", &path, &show);
    assert_eq!(shown["confidential"], false);
    lab.sim.world().drops_confidential = true;
    let (status, dropped) = sent("owner", "PUT", &path, &hide);
    assert_eq!((status, &dropped["confidential"]), (200, &json!(false)));
    let (status, dropped) = sent("owner", "POST", "/issues", &hide);
    assert_eq!((status, &dropped["confidential"]), (201, &json!(false)));
}
