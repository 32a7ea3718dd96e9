//! `sync --dry-run` announces what the pass that follows sends: every kind of write, of every issue, and
//! nothing else.

mod life;

use life::{SETTINGS, begin, file};
use serde_json::Value;
use std::collections::BTreeMap;

/// Writes by what they are about, and how many of each.
type Writes = BTreeMap<String, u64>;

fn add(writes: &mut Writes, what: String, count: u64) {
    if count > 0 {
        *writes.entry(what).or_default() += count;
    }
}

/// What a trial run announces.
fn announced(trial: &Value) -> Writes {
    let mut writes = Writes::new();
    for row in trial["plan"].as_array().unwrap() {
        let of = format!("#{}", row["source_number"]);
        let count = |value: &Value| value.as_u64().unwrap();
        match row["action"].as_str().unwrap() {
            "skip" | "join" => {}
            "update" => {
                let fields = !row["fields"].as_array().unwrap().is_empty();
                add(&mut writes, format!("update {of}"), u64::from(fields));
            }
            "show" | "close" => add(&mut writes, format!("update {of}"), 1),
            action => add(&mut writes, format!("{action} {of}"), 1),
        }
        let comments = &row["comments"];
        if row["action"] != "hide" {
            for (word, key) in [
                ("new", "create"),
                ("changed", "update"),
                ("deleted", "delete"),
            ] {
                add(
                    &mut writes,
                    format!("{word} comment {of}"),
                    count(&comments[key]),
                );
            }
        }
        add(&mut writes, "upload".to_owned(), count(&row["attachments"]));
        add(
            &mut writes,
            "new link".to_owned(),
            count(&row["links"]["create"]),
        );
        add(
            &mut writes,
            "link less".to_owned(),
            count(&row["links"]["delete"]),
        );
    }
    for what in ["labels", "milestones"] {
        let titles = &trial["plan_beside"][what];
        for title in titles["create"].as_array().unwrap() {
            add(
                &mut writes,
                format!("new {what} {}", title.as_str().unwrap()),
                1,
            );
        }
        let changed = titles["update"].as_array().unwrap().len() as u64;
        add(&mut writes, format!("changed {what}"), changed);
    }
    writes
}

#[test]
fn p12_a_trial_run_announces_every_write_of_the_pass_and_nothing_else() {
    let life = begin();
    let lab = &life.lab;
    let sent = life.pass("the first pass", &[]);
    for what in [
        "create #3",
        "new comment #1",
        "update #1",
        "upload",
        "new link",
        "new labels bug",
        "new milestones v1",
    ] {
        assert!(sent.contains_key(what), "{what}: {sent:#?}");
    }
    assert_eq!(life.pass("nothing", &[]), Writes::new());

    let (alice, source) = (lab.alice, lab.source);
    lab.edit(3, |issue| {
        issue.title = "Full, renamed".to_owned();
        issue.weight = None;
        issue.notes.retain(|note| !note.body.starts_with("Two"));
        issue.labels.insert("new".to_owned());
    });
    lab.comment(3, &format!("Three {}", file("b.png")));
    lab.edit(4, |issue| issue.open = true);
    lab.edit(5, |issue| issue.locked = false);
    lab.edit(8, |issue| issue.time_spent = 600);
    {
        let mut world = lab.sim.world();
        let ends = [(source, 3), (source, 8)];
        let mut links = world.links.iter();
        let link = links
            .find(|link| [link.source, link.target] == ends)
            .unwrap()
            .id;
        world.unrelate(alice, link);
        world.relate(alice, (source, 5), (source, 8), false);
        let project = world.projects.get_mut(&source).unwrap();
        "#00ff00".clone_into(&mut project.labels[0].color);
        let milestone = project.milestones.values_mut().next().unwrap();
        "v2".clone_into(&mut milestone.title);
    }
    let ninth = lab.open("Ninth", "See #3.");
    lab.sim
        .world()
        .relate(alice, (source, ninth), (source, 1), false);
    let sent = life.pass("edits", &[]);
    for what in [
        "update #3",
        "deleted comment #3",
        "changed comment #5",
        "create #9",
        "link less",
        "new link",
        "changed labels",
        "changed milestones",
        "upload",
    ] {
        assert!(sent.contains_key(what), "{what}: {sent:#?}");
    }
    assert_eq!(life.pass("nothing after edits", &["--full"]), Writes::new());

    // A label that the target has archived, and one that people set there.
    lab.sim
        .world()
        .projects
        .get_mut(&lab.target)
        .unwrap()
        .archived_labels
        .insert("ui".to_owned());
    let there = |title: &str| {
        let world = lab.sim.world();
        let mut issues = world.projects[&lab.target].issues.values();
        issues.find(|issue| issue.title == title).unwrap().iid
    };
    let plain = there("Plain");
    lab.sim
        .world()
        .issue_mut(lab.target, plain)
        .labels
        .insert("bug".to_owned());
    lab.edit(8, |issue| {
        issue.labels = ["ui", "bug"].map(str::to_owned).into();
    });
    assert_eq!(life.pass("labels", &[]), Writes::new());

    // What is confidential, and back.
    lab.edit(8, |issue| issue.confidential = true);
    lab.edit(3, |issue| {
        let mut notes = issue.notes.iter_mut().rev();
        notes.find(|note| !note.system).unwrap().internal = true;
    });
    let sent = life.pass("hidden", &[]);
    assert!(
        sent.contains_key("hide #8") && sent.contains_key("deleted comment #3"),
        "{sent:#?}"
    );
    lab.edit(8, |issue| {
        issue.confidential = false;
        issue.title = "Plain again".to_owned();
    });
    let sent = life.pass("shown", &[]);
    assert!(sent.contains_key("update #8"), "{sent:#?}");

    // Other settings, with a label for everything, and nothing told of the source.
    let other = SETTINGS.replace("by_username", "as_label").replace(
        "milestone_strategy: by_title",
        "label_prefix: up/\nlabel_strategy: affix",
    );
    lab.configure(&other.replace("milestone_auto_create: true", ""));
    let sent = life.pass("settings", &[]);
    assert!(sent.contains_key("new labels up/bug"), "{sent:#?}");
    lab.configure(&format!(
        "{SETTINGS}\nprovenance: opaque\nprovenance_key_env: SECRET"
    ));
    let sent = life.pass("opaque", &[]);
    assert!(sent.contains_key("changed comment #1"), "{sent:#?}");
    lab.configure(SETTINGS);
    life.pass("telling again", &[]);

    // What leaves the selection, and what is there no more.
    lab.configure(&format!(
        "{SETTINGS}\nonly: {{ exclude_labels: [out], labels: [bug, ui] }}"
    ));
    life.pass("a selection", &[]);
    lab.configure(SETTINGS);
    life.pass("all of it again", &[]);
    lab.sim
        .world()
        .projects
        .get_mut(&source)
        .unwrap()
        .issues
        .remove(&6)
        .unwrap();
    let sent = life.pass("vanished", &["--full"]);
    assert_eq!(sent, Writes::from([("delete #6".to_owned(), 1)]));
    // A store that was lost.
    lab.sim.advance(600);
    lab.env.lose_store();
    lab.edit(3, |issue| issue.due_date = None);
    life.pass("lost", &[]);
}
