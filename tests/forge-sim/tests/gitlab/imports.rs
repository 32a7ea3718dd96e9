//! Many issues from one archive.

use crate::lab::{Answer, Lab};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use std::io::Write;

/// A tar archive in gzip.
fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, content) in files {
        let mut head = [0_u8; 512];
        head[..name.len()].copy_from_slice(name.as_bytes());
        let size = format!("{:011o}", content.len());
        head[124..135].copy_from_slice(size.as_bytes());
        tar.extend(head);
        tar.extend(content.as_bytes());
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&tar).unwrap();
    gzip.finish().unwrap()
}

fn row(iid: u64, author: &Value) -> Value {
    json!({
        "iid": iid, "title": format!("Imported {iid}"), "description": "Text\n/close", "state": "closed",
        "created_at": "2016-01-04T15:31:51.081Z", "updated_at": "2016-01-05T15:31:51.081Z",
        "closed_at": "2016-01-05T15:31:51.081Z", "confidential": false, "author_id": 18,
        "label_links": [{ "label": { "title": "bug", "color": "#d9534f" } }],
        "notes": [{
            "note": "A comment", "created_at": "2016-01-04T16:00:00.000Z", "system": false,
            "updated_at": "2016-01-04T16:00:00.000Z", "confidential": false, "author": author,
        }],
    })
}

impl Lab {
    fn import(&self, token: &str, archive: &[u8]) -> Answer {
        let mut form = Vec::new();
        for (name, value) in [("path", "group/project"), ("relation", "issues")] {
            let head = format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n");
            form.extend(format!("{head}{value}\r\n").into_bytes());
        }
        let head =
            "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.tar.gz\"\r\n\r\n";
        form.extend(head.as_bytes());
        form.extend(archive);
        form.extend(b"\r\n--b--\r\n");
        let head =
            format!("private-token: {token}\r\ncontent-type: multipart/form-data; boundary=b");
        let path = "/api/v4/projects/import-relation";
        self.send("POST", path, &head, &form).unwrap()
    }

    fn imports(&self) -> Vec<Value> {
        let imports = self.get("/relation-imports").json();
        let imports = imports.as_array().unwrap().iter();
        imports.map(|import| import["status"].clone()).collect()
    }
}

#[test]
fn s16_an_import_makes_many_issues_at_once_and_leaves_out_those_that_are_there() {
    let lab = Lab::new();
    let known = json!({ "name": "Alexandra" });
    let there = lab.open("There", "x");
    let rows = [row(there, &known), row(7, &known), row(8, &Value::Null)];
    let rows: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let file = archive(&[
        ("VERSION", "0.2.4"),
        ("./tree/project/issues.ndjson", &rows),
    ]);
    assert_eq!(
        lab.import("owner", &file).status,
        403,
        "off where nobody switched it on"
    );
    lab.sim.world().imports_enabled = true;
    assert_eq!(lab.import("reporter", &file).status, 403);
    let answer = lab.import("maintainer", &file);
    assert_eq!(
        (answer.status, &answer.json()["status"]),
        (201, &json!("created"))
    );
    let again = lab.import("owner", &file);
    assert_eq!(again.status, 409, "one at a time");
    assert!(
        again.json()["message"]
            .as_str()
            .unwrap()
            .contains("already in progress")
    );
    assert_eq!(lab.imports(), ["created"]);
    lab.sim.advance(10);
    assert_eq!(lab.imports(), ["finished"], "although a row was left out");

    let world = lab.sim.world();
    let issues = &world.projects[&lab.project].issues;
    assert_eq!(issues.keys().copied().collect::<Vec<_>>(), [there, 7]);
    assert_eq!(issues[&there].title, "There");
    let made = &issues[&7];
    let importer = world.tokens["maintainer"].user;
    assert_eq!((made.author, made.open), (importer, false));
    assert_eq!(made.created_at.to_string(), "2016-01-04T15:31:51.081Z");
    assert_eq!(
        made.description.as_deref(),
        Some("Text\n/close"),
        "no command is carried out"
    );
    assert!(made.labels.contains("bug"));
    let note = &made.notes[0];
    let suffix = "*By Alexandra on 2016-01-04T16:00:00.000Z (imported from GitLab)*";
    assert_eq!(
        (note.author, note.body.as_str()),
        (importer, &*format!("A comment\n\n {suffix}"))
    );
    assert!(world.mails.is_empty());
    drop(world);
    // Numbers go on behind those of the file.
    let next = lab.post("/issues", &json!({"title": "T", "description": "x"}));
    assert_eq!(next.json()["iid"], 8);
    // Nothing is read of an archive in another format.
    let file = archive(&[("VERSION", "9.9.9"), ("tree/project/issues.ndjson", &rows)]);
    assert_eq!(lab.import("owner", &file).status, 201);
    lab.sim.advance(10);
    assert_eq!(lab.imports(), ["finished", "failed"]);
}
