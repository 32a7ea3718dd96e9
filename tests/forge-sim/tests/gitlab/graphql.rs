//! The other interface: many issues with their notes in one question, and writes in batches.

use crate::lab::{Answer, Lab};
use forge_sim::World;
use serde_json::{Value, json};

/// What a client asks that reads many issues with their notes at once.
const READ: &str = "query Read($path: ID!, $since: Time, $after: String, $n: Int = 50, $m: Int = 50) {
  queryComplexity { score limit }
  project(fullPath: $path) {
    id
    issues(updatedAfter: $since, sort: UPDATED_ASC, first: $n, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes {
        id iid title description state type confidential discussionLocked
        createdAt updatedAt closedAt dueDate webUrl
        timeEstimate totalTimeSpent userNotesCount
        author { id username name }
        assignees(first: 20) { nodes { id username } }
        labels(first: 50) { nodes { id title } }
        milestone { id iid title }
        moved movedTo { id iid webUrl }
        notes(first: $m, filter: ALL_NOTES) {
          pageInfo { hasNextPage endCursor }
          nodes { id body system internal createdAt updatedAt lastEditedAt url author { id username name } discussion { id } }
        }
      }
    }
  }
}";

impl Lab {
    fn graphql(&self, token: &str, query: &str, variables: &Value) -> Answer {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let head = format!("content-type: application/json\r\nprivate-token: {token}");
        let answer = self.send("POST", "/api/graphql", &head, body.as_bytes());
        answer.unwrap()
    }

    /// The issues of a page, and the cursor of the next one.
    fn read(&self, variables: Value) -> (Vec<Value>, Option<String>) {
        let mut all = json!({ "path": "group/project" });
        for (name, value) in variables.as_object().unwrap() {
            all[name] = value.clone();
        }
        let answer = self.graphql("owner", READ, &all).json();
        let issues = &answer["data"]["project"]["issues"];
        let rows = issues["nodes"].as_array().expect("issues").clone();
        let more = issues["pageInfo"]["hasNextPage"] == true;
        let cursor = issues["pageInfo"]["endCursor"].as_str().map(str::to_owned);
        (rows, cursor.filter(|_| more))
    }

    /// The id by which the other interface knows an issue.
    fn gid(&self, iid: u64) -> String {
        let id = self.sim.world().issue(self.project, iid).id;
        format!("gid://gitlab/Issue/{id}")
    }

    /// So many notes in one document; answers it.
    fn notes_at_once(&self, iid: u64, count: usize) -> Answer {
        let one = |at: usize| format!("n{at}: createNote(input: $i) {{ note {{ id }} errors }}");
        let fields: String = (0..count).map(one).collect();
        let query = format!("mutation M($i: CreateNoteInput!) {{ {fields} }}");
        let input = json!({ "i": { "noteableId": self.gid(iid), "body": "N" } });
        self.graphql("owner", &query, &input)
    }
}

#[test]
fn s12_one_question_reads_a_hundred_issues_with_a_hundred_notes_each() {
    let lab = Lab::new();
    for number in 1..=101 {
        let iid = lab.open(&format!("T{number}"), "x");
        lab.sim.world().comment(lab.project, iid, lab.alice, "C");
    }
    for _ in 0..100 {
        lab.sim.world().comment(lab.project, 1, lab.alice, "C");
    }
    let (rows, cursor) = lab.read(json!({ "n": 100, "m": 100 }));
    assert_eq!((rows.len(), cursor.is_some()), (100, true));
    let (rest, none) = lab.read(json!({ "n": 100, "m": 100, "after": cursor }));
    assert_eq!((rest.len(), none), (1, None));
    // Ties by id downwards: the first of all comes last.
    let first = &rest[0];
    assert_eq!(
        (&first["iid"], &first["userNotesCount"]),
        (&json!("1"), &json!(101))
    );
    assert_eq!(first["notes"]["nodes"].as_array().unwrap().len(), 100);
    assert_eq!(first["notes"]["pageInfo"]["hasNextPage"], true);
    let note = &first["notes"]["nodes"][0];
    assert_eq!(
        (&note["body"], &note["system"]),
        (&json!("C"), &json!(false))
    );
    assert_eq!(note["author"]["username"], "alice");
    assert!(
        note["discussion"]["id"]
            .as_str()
            .unwrap()
            .starts_with("gid://gitlab/")
    );
    // Only those that were asked for by number, and the rest of their notes.
    let query = "query($a: String) { project(fullPath: \"group/project\") { issues(iids: [\"1\", \"7\"]) { nodes {
        iid notes(after: $a, filter: ONLY_COMMENTS) { nodes { id } } } } } }";
    let after = json!({ "a": first["notes"]["pageInfo"]["endCursor"] });
    let answer = lab.graphql("owner", query, &after).json();
    let nodes = &answer["data"]["project"]["issues"]["nodes"];
    assert_eq!(
        (nodes.as_array().unwrap().len(), &nodes[1]["iid"]),
        (2, &json!("1"))
    );
    assert_eq!(nodes[1]["notes"]["nodes"].as_array().unwrap().len(), 1);
}

#[test]
fn s12_a_question_costs_what_it_asks_for_and_too_much_is_refused() {
    let lab = Lab::new();
    let score = |n: u64, m: u64| {
        let variables = json!({ "path": "group/project", "n": n, "m": m });
        let answer = lab.graphql("owner", READ, &variables).json();
        answer["data"]["queryComplexity"]["score"].as_u64()
    };
    assert_eq!((score(50, 50), score(100, 100)), (Some(114), Some(171)));
    let deep = |more: &str| {
        format!(
            "{{ project(fullPath: \"group/project\") {{ a: issues {{ nodes {{ {more} }} }} b: issues {{ nodes {{ {more} }} }} }} }}"
        )
    };
    let note = "notes { nodes { id body author { id username name } discussion { id } system } }";
    let answer = lab.graphql(
        "owner",
        &deep(&format!("{note} x: {note} y: {note}")),
        &Value::Null,
    );
    assert_eq!(answer.status, 200);
    let said = answer.json()["errors"][0]["message"].to_string();
    assert!(
        said.contains("which exceeds max complexity of 250"),
        "{said}"
    );
    assert_eq!(answer.json()["data"], Value::Null);
    let long = format!("{{ currentUser {{ id }} }} #{}", "x".repeat(10_000));
    let answer = lab.graphql("owner", &long, &Value::Null);
    assert_eq!(
        (answer.status, answer.json()),
        (422, json!({"errors": [{"message": "Query too large"}]}))
    );
}

#[test]
fn s13_times_of_the_other_interface_have_whole_seconds() {
    let lab = Lab::new();
    let iid = lab.open("T", "x");
    lab.sim.world().comment(lab.project, iid, lab.alice, "C");
    let by_rest = lab.updated_at(iid);
    let (rows, _) = lab.read(json!({}));
    let whole = rows[0]["updatedAt"].as_str().unwrap();
    assert!(
        by_rest
            .trim_matches('"')
            .starts_with(whole.trim_end_matches('Z'))
    );
    assert_eq!(whole.len(), "2026-01-01T00:00:00Z".len());
    assert_eq!(
        rows[0]["notes"]["nodes"][0]["createdAt"]
            .as_str()
            .unwrap()
            .len(),
        whole.len()
    );
    // Cut off, a time is not after the issue, so that reading from it on finds the issue again.
    assert_eq!(lab.read(json!({ "since": whole })).0.len(), 1);
    lab.sim.advance(10);
    let later = lab.sim.world().clock.now().to_string();
    assert_eq!(lab.read(json!({ "since": later })).0.len(), 0);
}

#[test]
fn s14_a_note_is_given_no_time_here_although_it_is_by_the_other_interface() {
    let lab = Lab::new();
    let iid = lab.open("T", "x");
    let query = "mutation M($i: CreateNoteInput!) { createNote(input: $i) { note { id } errors } }";
    let at = "2001-01-01T00:00:00Z";
    let input = json!({ "i": { "noteableId": lab.gid(iid), "body": "N", "createdAt": at } });
    let answer = lab.graphql("owner", query, &input);
    assert_eq!(answer.status, 200);
    let said = "InputObject 'CreateNoteInput' doesn't accept argument 'createdAt'";
    assert_eq!(answer.json(), json!({ "errors": [{ "message": said }] }));
    assert!(lab.sim.world().issue(lab.project, iid).notes.is_empty());
    let note = lab.post(
        &format!("/issues/{iid}/notes"),
        &json!({"body": "N", "created_at": at}),
    );
    assert_eq!(note.json()["created_at"], "2001-01-01T00:00:00.000Z");
    // Whoever asks for what is not there, gets nothing of the rest either.
    let answer = lab.graphql("owner", "{ currentUser { id secret } }", &Value::Null);
    let said = "Field 'secret' doesn't exist on type 'User'";
    assert_eq!(answer.json(), json!({ "errors": [{ "message": said }] }));
}

#[test]
fn s11_each_mutation_of_a_document_counts() {
    let lab = Lab::of(World::as_gitlab_com());
    let iid = lab.open("T", "x");
    lab.sim.advance(60);
    assert!(lab.notes_at_once(iid, 50).json().get("errors").is_none());
    let answer = lab.notes_at_once(iid, 20).json();
    assert_eq!(answer["errors"].as_array().unwrap().len(), 10);
    let notes = lab.sim.world().issue(lab.project, iid).notes.len();
    assert_eq!(notes, 60, "two requests, and 60 notes");
}

#[test]
fn s15_a_batch_is_carried_out_one_by_one_and_not_undone() {
    let lab = Lab::new();
    lab.sim.world().notes_per_minute = Some(1);
    let iid = lab.open("T", "x");
    let answer = lab.notes_at_once(iid, 2);
    assert_eq!(answer.status, 200);
    let answer = answer.json();
    assert!(
        answer["data"]["n0"]["note"]["id"]
            .as_str()
            .unwrap()
            .contains("/Note/")
    );
    assert_eq!(answer["data"]["n1"], Value::Null);
    let error = &answer["errors"][0];
    assert_eq!(error["path"], json!(["n1"]));
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("too many times")
    );
    assert!(error["locations"][0]["column"].as_u64().unwrap() > 1);
    // An issue that is refused takes the whole answer with it, and what was made before it stays.
    lab.sim.world().issues_per_minute = Some(2);
    let one = |at: u64| {
        format!(
            "i{at}: createIssue(input: {{projectPath: \"group/project\", title: \"I{at}\", description: \"x\", iid: 5{at}}}) {{ issue {{ iid }} errors }} "
        )
    };
    let batch = format!("mutation {{ {}{}{} }}", one(0), one(1), one(2));
    let answer = lab.graphql("owner", &batch, &Value::Null);
    assert_eq!(answer.status, 429);
    assert_eq!(answer.json().get("data"), None);
    let made: Vec<u64> = lab.sim.world().projects[&lab.project]
        .issues
        .keys()
        .copied()
        .collect();
    assert_eq!(made, [iid, 50, 51]);
    // A failure that is no limit is told in the answer of its own mutation.
    lab.sim.advance(60);
    let answer = lab
        .graphql("owner", &format!("mutation {{ {}}}", one(0)), &Value::Null)
        .json();
    assert!(
        answer["data"]["i0"]["errors"][0]
            .as_str()
            .unwrap()
            .contains("Duplicated"),
        "{answer}"
    );
    assert_eq!(answer["data"]["i0"]["issue"], Value::Null);
}

#[test]
fn the_other_interface_shows_nobody_more() {
    let lab = Lab::new();
    let iid = lab.open("Secret", "x");
    lab.sim.world().issue_mut(lab.project, iid).confidential = true;
    let open = lab.open("Open", "x");
    let note = json!({"body": "Internal", "internal": true});
    lab.post(&format!("/issues/{open}/notes"), &note);
    let query = "{ project(fullPath: \"group/project\") { issues { nodes { iid notes { nodes { id } } } } } }";
    let answer = lab.graphql("guest", query, &Value::Null).json();
    let expected = json!([{ "iid": open.to_string(), "notes": { "nodes": [] } }]);
    assert_eq!(answer["data"]["project"]["issues"]["nodes"], expected);
    let other = query.replace("group/project", "group/other");
    let answer = lab.graphql("guest", &other, &Value::Null).json();
    assert_eq!(answer, json!({ "data": { "project": null } }));
    let refused = lab.graphql("nobody", query, &Value::Null);
    assert_eq!(
        (refused.status, refused.json()),
        (401, json!({"errors": [{"message": "Invalid token"}]}))
    );
    // Reading takes a lesser scope, writing the whole.
    lab.sim.world().tokens.get_mut("owner").unwrap().scopes = vec!["read_api"];
    let answer = lab.graphql("owner", query, &Value::Null).json();
    assert_eq!(
        answer["data"]["project"]["issues"]["nodes"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let answer = lab.notes_at_once(open, 1).json();
    assert_eq!(
        (&answer["data"]["n0"], answer["errors"].is_array()),
        (&Value::Null, true)
    );
}
