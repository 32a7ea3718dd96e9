//! Texts: what the server makes of them.

use crate::lab::Lab;
use serde_json::json;

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
fn a_character_that_is_nothing_is_refused_before_anything_is_read() {
    let lab = Lab::new();
    for body in [
        json!({"title": "T", "description": "a\0b"}),
        json!({"title": "a\0b"}),
        json!({"title": "T", "labels": ["a\0b"]}),
    ] {
        let answer = lab.ask("owner", "POST", "/issues", &body).unwrap();
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (400, &b"Bad Request"[..])
        );
    }
    assert_eq!(lab.get("/issues").json(), json!([]));
    let said = json!({"title": "T", "description": "\\u0000"});
    assert_eq!(
        lab.ask("owner", "POST", "/issues", &said).unwrap().status,
        201
    );
}

#[test]
fn how_long_a_text_may_be_and_in_which_unit_depends_on_the_version() {
    let lab = Lab::new();
    let iid = lab.open("T", "x");
    let (issue, notes) = (format!("/issues/{iid}"), format!("/issues/{iid}/notes"));
    let said = |method, path: &str, body: serde_json::Value| {
        let answer = lab.ask("owner", method, path, &body).unwrap();
        match answer.status {
            400 => answer.json()["message"].to_string(),
            status => status.to_string(),
        }
    };
    let note = |text: &str| said("POST", &notes, json!({"body": text}));
    let opened = |text: &str| {
        said(
            "POST",
            "/issues",
            json!({"title": "U", "description": text}),
        )
    };
    let edited = |text: &str| said("PUT", &issue, json!({"description": text}));
    let (wide, long) = ("é".repeat(999_999), "x".repeat(1_048_577));
    let characters = |most| format!("is too long (maximum is {most} characters)");
    for version in ["15.11.0", "18.3.0-ee"] {
        lab.sim.world().version = version.into();
        lab.sim.world().text_limit = 2000;
        assert_eq!(note(&wide), "201", "{version}");
        let answer = format!("Note {{:note=>[\\\"{}\\\"]}}", characters(1_000_000));
        assert!(note(&long).contains(&answer), "{version}: {}", note(&long));
    }
    let bytes = r#"{"description":["is too long (1.91 MiB). The maximum size is 1 MiB."]}"#;
    assert_eq!((opened(&wide), edited(&wide)), (bytes.into(), bytes.into()));
    lab.sim.world().version = "15.11.0".into();
    assert_eq!((opened(&wide), edited(&long)), ("201".into(), "200".into()));
    assert!(opened(&long).contains(&characters(1_048_576)));
    // What was too long before may stay so.
    lab.sim.world().version = "19.1.0-ee".into();
    assert_eq!(edited(&wide), "200");
    lab.sim.world().text_limit = 1_048_576;
    assert!(note(&wide).contains("(1.91 MiB). The maximum size is 1 MiB."));
    lab.sim.world().text_limit = 20_000;
    let bytes = "is too long (19.5 KiB). The maximum size is 19.5 KiB.";
    let text = "x".repeat(20_001);
    assert!(note(&text).contains(bytes) && opened(&text).contains(bytes));
    assert_eq!(note(&text[1..]), "201");
}
