//! P3: the store may be lost, be an older copy or another machine's; what stands on the target tells
//! what is mirrored.

mod markers;
mod others;

use crate::env::Env;
use crate::lab::{Lab, author_comment};
use serde_json::Value;

/// Three issues with something in every field, comments and a file, mirrored and at rest.
fn mirrored(toggles: &str) -> Lab {
    let lab = Lab::new(toggles);
    for number in 1..=3 {
        let iid = lab.open(
            &format!("Title {number} of @alice"),
            &format!("Text {number}, see #1.\n\n/close\n\n```\nopen"),
        );
        lab.comment(iid, &format!("First of {number}, @bob."));
        lab.comment(iid, &format!("Second of {number}."));
    }
    {
        let mut world = lab.sim.world();
        let project = world.projects.get_mut(&lab.source).unwrap();
        let place = (
            "0123456789abcdef0123456789abcdef".to_owned(),
            "a.txt".to_owned(),
        );
        project.uploads.insert(place, b"content".to_vec());
    }
    lab.edit(2, |issue| {
        issue.description = Some(
            "A [file](/uploads/0123456789abcdef0123456789abcdef/a.txt) and the same: ![it](/uploads/0123456789abcdef0123456789abcdef/a.txt).".to_owned(),
        );
        issue.labels.insert("bug".to_owned());
        issue.due_date = Some("2026-03-01".to_owned());
        issue.time_estimate = 3600;
        issue.time_spent = 600;
    });
    lab.sim.advance(300);
    lab.sync();
    // Closed by us, not when it was made.
    let (now, alice) = (lab.sim.world().clock.now(), lab.alice);
    lab.edit(3, |issue| {
        issue.open = false;
        issue.closed = Some((now, alice));
    });
    lab.sim.advance(300);
    lab.sync();
    lab.sim.advance(300);
    lab.idle();
    lab
}

/// A pair that mirrors what comes after its first pass, and one issue that did.
fn begun() -> Lab {
    let lab = Lab::new("sync_existing_issues: false");
    lab.open("Old", "x");
    lab.sim.advance(300);
    lab.sync();
    lab.open("New", "x");
    lab.sim.advance(300);
    assert_eq!(lab.sync()["issues"]["created"], 1);
    lab
}

/// A pass that writes nothing; answers its JSON.
fn quiet(lab: &Lab, code: i32) -> Value {
    let writes = lab.sim.world().writes();
    let pair = lab.sync_with(&[], code);
    let world = lab.sim.world();
    let log = &world.log;
    let written: Vec<_> = log.iter().filter(|logged| logged.method != "GET").collect();
    assert_eq!(world.writes(), writes, "{:#?}", &written[writes..]);
    pair
}

#[test]
fn p3_a_lost_store_is_rebuilt_and_nothing_is_written() {
    let lab = mirrored("");
    lab.env.lose_store();
    let pair = quiet(&lab, 0);
    assert_eq!(pair["mode"], "full");
    assert_eq!(pair["issues"]["unchanged"], 3, "{pair:#}");
    let equal = serde_json::json!({"equal": 3, "overwritten": 0, "kept": 0});
    assert_eq!(pair["rebuilt"], equal);
    assert_eq!(pair["links"], 3);
    lab.sim.advance(600);
    lab.idle();
    lab.sim.advance(600);
    assert_eq!(lab.idle(), 1);
    // From here on it is as it always was.
    lab.edit(1, |issue| issue.title = "New".to_owned());
    lab.edit(2, |issue| issue.time_spent += 60);
    lab.edit(3, |issue| issue.open = true);
    let late = lab.comment(3, "Late.");
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(
        (&pair["issues"]["updated"], &pair["comments"]["created"]),
        (&3.into(), &1.into())
    );
    lab.sim
        .world()
        .issue_mut(lab.source, 3)
        .notes
        .retain(|note| note.id != late);
    lab.edit(3, |_| {});
    lab.sim.advance(300);
    assert_eq!(lab.sync()["comments"]["deleted"], 1);
    let issues = lab.mirrored();
    assert_eq!(
        (
            issues[0].title.as_str(),
            issues[1].time_spent,
            issues[2].open
        ),
        ("New", 660, true)
    );
    assert_eq!(issues.len(), 3);
    // One file was uploaded once, whatever was remembered of it.
    lab.edit(2, |issue| {
        issue.description.as_mut().unwrap().push_str(" More.");
    });
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(lab.sim.world().projects[&lab.target].uploads.len(), 1);
}

#[test]
fn p3_what_changed_on_the_source_meanwhile_arrives_and_what_people_wrote_stays() {
    let lab = mirrored("");
    lab.env.lose_store();
    {
        let mut world = lab.sim.world();
        let there = world.issue_mut(lab.target, 1);
        // People edited a title and a text there.
        there.title = "Theirs".to_owned();
        let text = there.description.as_mut().unwrap();
        *text = text.replacen("Text 1", "Their text 1", 1);
        there.labels.insert("their label".to_owned());
        world.comment(lab.target, 1, lab.alice, "Their comment.");
    }
    lab.edit(2, |issue| {
        issue.title = "Changed".to_owned();
        issue.due_date = Some("2026-04-01".to_owned());
        issue.time_spent += 1200;
    });
    lab.edit(3, |issue| issue.open = true);
    {
        let mut world = lab.sim.world();
        let issue = world.issue_mut(lab.source, 2);
        issue.notes.remove(0);
        issue.notes[0].body = "Edited.".to_owned();
    }
    lab.sim.advance(300);
    let pair = lab.sync();
    let rebuilt = serde_json::json!({"equal": 0, "overwritten": 2, "kept": 1});
    assert_eq!(pair["rebuilt"], rebuilt);
    assert_eq!(pair["issues"]["created"], 0);
    let issues = lab.mirrored();
    assert_eq!(issues[0].title, "Theirs");
    assert!(
        issues[0]
            .description
            .as_ref()
            .unwrap()
            .starts_with("Their text 1")
    );
    assert!(issues[0].labels.contains("their label"));
    assert_eq!(issues[0].comments().len(), 3);
    assert_eq!(issues[1].title, "Changed");
    assert_eq!(issues[1].due_date.as_deref(), Some("2026-04-01"));
    assert_eq!(issues[1].time_spent, 1800);
    let bodies: Vec<&str> = issues[1]
        .comments()
        .iter()
        .map(|note| author_comment(&note.body).1)
        .collect();
    assert_eq!(bodies, ["Edited."]);
    assert!(issues[2].open, "it was we who had closed it");
    lab.sim.advance(600);
    lab.idle();
}

#[test]
fn p3_the_baseline_comes_back_with_the_markers() {
    let lab = begun();
    lab.env.lose_store();
    lab.open("Newer", "x");
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(
        (&pair["issues"]["created"], &pair["issues"]["unchanged"]),
        (&1.into(), &1.into())
    );
    let titles: Vec<String> = lab
        .mirrored()
        .into_iter()
        .map(|issue| issue.title)
        .collect();
    assert_eq!(titles, ["New", "Newer"]);
    // With no marker it is a new pair.
    let lab = Lab::new("sync_existing_issues: false");
    lab.open("Old", "x");
    let run = lab.run(&["sync"]);
    assert!(
        run.stdout.contains("first pass, from nothing") && run.stdout.contains("mirror_since"),
        "{}",
        run.shown()
    );
}

#[test]
fn p3_a_rebuild_that_is_cut_short_goes_on() {
    let lab = mirrored("");
    lab.env.lose_store();
    for request in 1..=8 {
        lab.sim.world().plan(
            forge_sim::When::Request(request),
            forge_sim::Fault::Status(401),
        );
        let _ = lab.run(&["sync"]);
        lab.sim.world().faults.clear();
        lab.retry_now();
    }
    let writes = lab.sim.world().writes();
    lab.sync();
    assert_eq!(lab.sim.world().writes(), writes);
    assert_eq!(lab.mirrored().len(), 3);
}

#[test]
fn p3_a_trial_run_without_a_store_says_that_nothing_would_be_created() {
    let lab = mirrored("");
    lab.env.lose_store();
    let pair = lab.sync_with(&["--dry-run"], 0);
    assert_eq!(pair["plan"].as_array().map(Vec::len), Some(0), "{pair:#}");
    assert!(!lab.env.path("issue-mirror.db").exists());
}

#[test]
fn p1_p3_what_a_forgotten_run_sent_is_waited_for() {
    let lab = Lab::new("");
    lab.open("A", "x");
    lab.comment(1, "C");
    lab.sim.advance(300);
    lab.sync();
    lab.open("B", "x");
    lab.comment(1, "D");
    lab.edit(1, |issue| issue.title = "New".to_owned());
    lab.sim.advance(300);
    // Something of the run was done; the answers to the others were lost, and so was the store.
    for end in ["/issues", "/notes"] {
        let late = forge_sim::Fault::ApplyLater(jiff::SignedDuration::from_secs(90));
        let when = forge_sim::When::Every("POST", end);
        lab.sim.world().plan(when, late);
    }
    lab.run(&["sync"]);
    lab.sim.world().faults.clear();
    lab.env.lose_store();
    lab.sim.advance(20);
    let pair = quiet(&lab, 3);
    let said = pair["failures"][0]["error"].as_str().unwrap();
    let expected = "what was sent may still be carried out there";
    assert!(said.contains(expected), "{pair:#}");
    lab.sim.advance(300);
    lab.retry_now();
    lab.sync();
    let issues = lab.mirrored();
    assert_eq!(issues.len(), 2);
    let comments = issues.iter().map(|issue| issue.comments().len());
    assert_eq!(comments.sum::<usize>(), 2);
    lab.sim.advance(600);
    lab.idle();
}

#[test]
fn p3_a_suspect_is_remembered_until_its_original_was_looked_at() {
    let lab = mirrored("");
    lab.sim.world().issue_mut(lab.target, 1).description = Some("No marker.".to_owned());
    lab.env.lose_store();
    let broken = forge_sim::When::Every("GET", "/issues/1/notes");
    lab.sim.world().plan(broken, forge_sim::Fault::Status(403));
    lab.sync_with(&[], 3);
    lab.sim.world().faults.clear();
    lab.retry_now();
    let pair = quiet(&lab, 3);
    let said = pair["failures"][0]["error"].as_str().unwrap();
    assert!(said.contains("has its title and no marker"), "{pair:#}");
    assert_eq!(lab.mirrored().len(), 3);
}

#[test]
fn p7_p3_what_is_hidden_stays_so_and_is_said() {
    let lab = Lab::new("");
    lab.open("A", "x");
    lab.sim.advance(300);
    lab.sync();
    lab.edit(1, |issue| issue.confidential = true);
    lab.sim.advance(300);
    lab.sync();
    assert!(lab.mirrored()[0].confidential);
    lab.edit(1, |issue| issue.confidential = false);
    lab.sim.advance(300);
    lab.env.lose_store();
    let pair = lab.sync();
    let said = pair["warnings"].to_string();
    assert!(
        said.contains("#1 of the target is confidential and its original is not"),
        "{said}"
    );
    assert!(lab.mirrored()[0].confidential);
}

#[test]
fn p3_times_as_an_earlier_version_wrote_them_cost_no_write() {
    let env = Env::new("sync_closed_issues: true");
    let source = env.source();
    source.issue(
        1,
        "title: One\nauthor: alice\ncreated_at: 2026-01-02T03:04:05.678Z\nstate: closed\nclosed_by: bob\nclosed_at: 2026-01-03T03:04:05.67Z",
        "At 2026-01-02T03:04:05.678Z.",
    );
    let head = "author: bob\ncreated_at: 2026-01-02T03:05:06.789Z";
    source.comment(1, 1, head, "Seen.");
    env.sync();
    let target = env.target();
    // So it stood there before.
    for (file, begins, now, before) in [
        ("issue", "- **Author", "03:04:05Z", "03:04:05.678Z"),
        ("issue", "- **Closed", "03:04:05Z", "03:04:05.67Z"),
        ("comment-0001", "", "03:05:06Z", "03:05:06.789Z"),
    ] {
        let file = format!("issues/1/{file}.md");
        let content = target.content(&file);
        let is_it = |line: &&str| line.starts_with(begins) && line.contains(now);
        let line = content
            .lines()
            .find(is_it)
            .unwrap_or_else(|| panic!("{content}"));
        target.edit(&file, line, &line.replace(now, before));
    }
    let before = target.bytes();
    env.lose_store();
    let pair = env.sync();
    assert_eq!(pair["rebuilt"]["equal"], 1, "{pair:#}");
    assert_eq!(target.bytes(), before);
    env.sync_idle();
    // What is written anyway has the new form.
    source.edit("issues/1/issue.md", "closed_by: bob", "closed_by: carol");
    env.sync();
    assert!(!target.read(1).footer().concat().contains("05.67"));
}
