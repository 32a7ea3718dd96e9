//! Other trackers that a project is connected with.

use crate::lab::Lab;
use forge_sim::Named;
use serde_json::{Value, json};

/// A server whose project is connected with something.
fn connected(with: &str) -> Lab {
    let lab = Lab::new();
    let mut world = lab.sim.world();
    let project = world.projects.get_mut(&lab.project).unwrap();
    project.connect(with, &["ABC", "DEF_1", "GHI"]);
    drop(world);
    lab
}

/// The keys that the other tracker heard of, each with the issue that named it.
fn heard(lab: &Lab) -> Vec<(String, u64)> {
    let world = lab.sim.world();
    let heard = world.backlinks.iter().map(|(named, _, iid)| match named {
        Named::Ticket(_, key) => (key.clone(), *iid),
        other => panic!("{other:?}"),
    });
    heard.collect()
}

#[test]
fn who_administers_a_project_is_told_what_it_is_connected_with() {
    let lab = connected("jira");
    for (who, status) in [("reporter", 403), ("maintainer", 200), ("owner", 200)] {
        for below in ["/integrations", "/services"] {
            let answer = lab.ask(who, "GET", below, &Value::Null).unwrap();
            assert_eq!(answer.status, status, "{who}");
            if status == 200 {
                let all = answer.json();
                assert_eq!(all[0]["slug"], "jira");
                assert_eq!(all[0]["active"], true);
                assert_eq!(all.as_array().unwrap().len(), 1);
            }
        }
    }
    assert_eq!(Lab::new().get("/integrations").json(), json!([]));
}

#[test]
fn jira_hears_of_its_keys_in_titles_descriptions_and_comments() {
    let lab = connected("jira");
    let text = "Like ABC-2 and <b>ABC&#45;3</b>, [so](ABC-4) [ABC-5](https://e.org/ABC-5), https://e.org/ABC-6
e.org/ABC-7 `ABC-8` ABC-\u{2060}9

    ABC-10";
    lab.post(
        "/issues",
        &json!({"title": "As ABC-1", "description": text}),
    );
    let iid = 1;
    let named = |keys: &[&str]| -> Vec<(String, u64)> {
        keys.iter().map(|key| ((*key).to_owned(), iid)).collect()
    };
    let first = named(&["ABC-2", "ABC-3", "ABC-4", "ABC-7", "ABC-1"]);
    let mut sorted = first.clone();
    sorted.sort();
    let mut all = heard(&lab);
    all.sort();
    assert_eq!(all, sorted);
    // Once for each issue, however often it is named there.
    let notes = format!("/issues/{iid}/notes");
    lab.post(&notes, &json!({"body": "ABC-2, UTF-8 and DEF_1-22x"}));
    lab.put(
        &format!("/issues/{iid}"),
        &json!({"description": "ABC-2 GHI-1"}),
    );
    let all = heard(&lab);
    assert_eq!(all[first.len()..], named(&["DEF_1-22", "GHI-1"]));
}

#[test]
fn no_other_tracker_hears_of_anything() {
    for with in ["redmine", "youtrack", "custom-issue-tracker", "slack"] {
        let lab = connected(with);
        lab.post(
            "/issues",
            &json!({"title": "ABC-1", "description": "ABC-2"}),
        );
        assert_eq!(heard(&lab), [], "{with}");
    }
}
