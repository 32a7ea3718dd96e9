//! What people change on the target, field by field: it stays, it is counted and listed once, `status`
//! goes on telling it, and it is overwritten only where the source changes that very field.

use crate::env::Env;
use crate::faulty::{self, Faulty, everything, full_pass};
use crate::lab::{Lab, author_text};
use forge_sim::{Issue, World};
use serde_json::{Value, json};

/// A change by people on the target, the word for it, and a change of that field on the source.
struct Row {
    /// `""`: it is theirs, and no drift.
    word: &'static str,
    toggles: &'static str,
    theirs: fn(&mut Issue, u64),
    /// Whether it is still as people made it.
    stays: fn(&Issue) -> bool,
    source: fn(&mut Issue),
}

fn text(issue: &Issue) -> &str {
    issue.description.as_deref().unwrap_or_default()
}

fn replace(issue: &mut Issue, from: &str, to: &str) {
    let text = text(issue).to_owned();
    assert!(text.contains(from), "{from} in {text}");
    issue.description = Some(text.replacen(from, to, 1));
}

const ROWS: &[Row] = &[
    Row {
        word: "title",
        toggles: "",
        theirs: |issue, _| "Theirs".clone_into(&mut issue.title),
        stays: |issue| issue.title == "Theirs",
        source: |issue| "Of the source".clone_into(&mut issue.title),
    },
    Row {
        word: "text",
        toggles: "",
        theirs: |issue, _| replace(issue, "Text.", "Theirs."),
        stays: |issue| author_text(text(issue)) == "Theirs.",
        source: |issue| issue.description = Some("Of the source.".to_owned()),
    },
    Row {
        word: "footer",
        toggles: "",
        theirs: |issue, _| replace(issue, "- **Author:** ", "- **Author:** Theirs, "),
        stays: |issue| text(issue).contains("Theirs, "),
        // Another line of the footer.
        source: |issue| issue.start_date = Some("2027-01-01".to_owned()),
    },
    Row {
        word: "labels",
        toggles: "",
        theirs: |issue, _| issue.labels.retain(|label| label != "bug"),
        stays: |issue| !issue.labels.contains("bug"),
        source: |issue| issue.labels.clear(),
    },
    Row {
        word: "",
        toggles: "",
        theirs: |issue, _| {
            issue.labels.insert("theirs".to_owned());
        },
        stays: |issue| issue.labels.contains("theirs"),
        source: |_| {},
    },
    Row {
        word: "state",
        toggles: "",
        theirs: |issue, who| {
            issue.open = false;
            issue.closed = Some((issue.updated_at, who));
        },
        stays: |issue| !issue.open,
        source: |_| {},
    },
    Row {
        word: "due_date",
        toggles: "",
        theirs: |issue, _| issue.due_date = Some("2030-01-01".to_owned()),
        stays: |issue| issue.due_date.as_deref() == Some("2030-01-01"),
        source: |issue| issue.due_date = Some("2027-02-02".to_owned()),
    },
    Row {
        word: "weight",
        toggles: "",
        theirs: |issue, _| issue.weight = None,
        stays: |issue| issue.weight.is_none(),
        source: |issue| issue.weight = Some(8),
    },
    Row {
        word: "time_estimate",
        toggles: "",
        theirs: |issue, _| issue.time_estimate = 60,
        stays: |issue| issue.time_estimate == 60,
        source: |issue| issue.time_estimate = 7200,
    },
    Row {
        // Hours that people log are meant to be there.
        word: "",
        toggles: "",
        theirs: |issue, _| issue.time_spent += 60,
        stays: |issue| issue.time_spent % 1800 == 60,
        source: |issue| issue.time_spent = 3600,
    },
    Row {
        word: "milestone",
        toggles: "milestone_strategy: by_title",
        theirs: |issue, _| issue.milestone = None,
        stays: |issue| issue.milestone.is_none(),
        source: |issue| issue.milestone = Some(102),
    },
    Row {
        // As a label it is no milestone of ours.
        word: "",
        toggles: "",
        theirs: |issue, _| issue.milestone = Some(202),
        stays: |issue| issue.milestone == Some(202),
        source: |issue| issue.milestone = Some(102),
    },
    Row {
        word: "assignees",
        toggles: "assignee_strategy: by_username",
        theirs: |issue, _| issue.assignees.clear(),
        stays: |issue| issue.assignees.is_empty(),
        source: |issue| issue.assignees.clear(),
    },
    Row {
        word: "confidential",
        toggles: "sync_confidential: true",
        theirs: |issue, _| issue.confidential = true,
        stays: |issue| issue.confidential,
        source: |_| {},
    },
    Row {
        // It is not ours.
        word: "",
        toggles: "",
        theirs: |issue, _| issue.confidential = true,
        stays: |issue| issue.confidential,
        source: |_| {},
    },
    Row {
        word: "type",
        toggles: "",
        theirs: |issue, _| "incident".clone_into(&mut issue.issue_type),
        stays: |issue| issue.issue_type == "incident",
        source: |issue| "task".clone_into(&mut issue.issue_type),
    },
    Row {
        word: "locked",
        toggles: "",
        theirs: |issue, _| issue.locked = false,
        stays: |issue| !issue.locked,
        source: |_| {},
    },
    Row {
        // What was ours before and is not any more.
        word: "",
        toggles: "sync_weight: false\nsync_due_date: false",
        theirs: |issue, _| issue.weight = Some(77),
        stays: |issue| issue.weight == Some(77),
        source: |issue| issue.weight = Some(8),
    },
];

/// An issue with something in every field that people may change, and its counterpart.
fn lab(toggles: &str) -> Lab {
    let lab = Lab::with(toggles, |world| {
        world.premium = true;
        world.ultimate = true;
    });
    lab.open("Issue", "Text.");
    lab.comment(1, "Comment.");
    {
        let mut world = lab.sim.world();
        for (project, first) in [(lab.source, 101), (lab.target, 201)] {
            for (id, title) in [(first, "v1"), (first + 1, "v2")] {
                let title = title.to_owned();
                let milestone = forge_sim::Milestone {
                    title,
                    ..forge_sim::Milestone::default()
                };
                let milestones = &mut world.projects.get_mut(&project).unwrap().milestones;
                milestones.insert(id, milestone);
            }
        }
        world.set_role(lab.target, lab.alice, forge_sim::Role::Developer);
    }
    let alice = lab.alice;
    lab.edit(1, |issue| {
        issue.labels = ["bug".to_owned(), "ui".to_owned()].into();
        issue.milestone = Some(101);
        issue.assignees = vec![alice];
        issue.locked = true;
        issue.weight = Some(3);
        issue.due_date = Some("2026-12-24".to_owned());
        issue.time_estimate = 3600;
        issue.time_spent = 1800;
    });
    lab.sim.advance(300);
    lab
}

/// People change something on the target.
fn people(lab: &Lab, change: impl FnOnce(&mut World)) {
    lab.sim.advance(300);
    let mut world = lab.sim.world();
    change(&mut world);
    let now = world.clock.now();
    world.issue_mut(lab.target, 1).updated_at = now;
}

fn counterpart(lab: &Lab) -> Issue {
    lab.sim.world().issue(lab.target, 1).clone()
}

/// What a pass tells of changes by people, and what it sends.
fn pass(lab: &Lab, args: &[&str]) -> (Value, usize) {
    lab.sim.advance(300);
    let before = lab.sim.world().writes();
    let pair = lab.sync_with(args, 0);
    let sent = lab.sim.world().writes() - before;
    (json!([pair["drift"], pair["drifted"]]), sent)
}

/// What `status` tells of them.
fn status(lab: &Lab) -> Value {
    let run = lab.run(&["status", "--output", "json"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    document["pairs"][0]["drifted"].clone()
}

/// How one field of the only counterpart is listed.
fn listed(word: &str) -> Value {
    match word {
        "" => json!([]),
        word => json!([{ "target_number": 1, "fields": [word] }]),
    }
}

#[test]
fn p6_what_people_change_stays_is_counted_once_and_overwritten_only_by_that_field() {
    for row in ROWS {
        let at = format!("{} {:?}", row.word, row.toggles);
        let lab = lab("");
        lab.sync();
        // What was ours may not be any more.
        lab.configure(row.toggles);
        lab.sim.advance(300);
        lab.sync();
        let who = lab.alice;
        people(&lab, |world| {
            (row.theirs)(world.issue_mut(lab.target, 1), who);
        });
        // Counted and listed by the next full pass, which writes nothing.
        let seen = json!([u64::from(!row.word.is_empty()), listed(row.word)]);
        assert_eq!(pass(&lab, &["--full"]), (seen, 0), "{at}");
        assert_eq!(status(&lab), listed(row.word), "{at}");
        // Once; and `status` keeps it.
        assert_eq!(pass(&lab, &["--full"]), (json!([0, []]), 0), "{at}");
        assert_eq!(status(&lab), listed(row.word), "{at}");
        assert!((row.stays)(&counterpart(&lab)), "{at}");
        // A change of something else leaves it alone: a title, else a due date.
        lab.edit(1, |issue| match row.word {
            "title" => issue.due_date = Some("2028-01-01".to_owned()),
            _ => issue.title = "Another".to_owned(),
        });
        let (_, sent) = pass(&lab, &[]);
        assert_eq!(sent, 1, "{at}");
        // The footer is ours: what changes the marker writes it anew.
        let stays = (row.stays)(&counterpart(&lab));
        assert_eq!(stays, row.word != "footer", "{at}");
        let kept = if row.word == "footer" { "" } else { row.word };
        assert_eq!(status(&lab), listed(kept), "{at}");
        // A change of that very field overwrites it.
        lab.edit(1, row.source);
        pass(&lab, &[]);
        let there = counterpart(&lab);
        lab.sim.advance(300);
        lab.idle();
        if row.word.is_empty() || matches!(row.word, "state" | "confidential" | "locked") {
            assert!((row.stays)(&there), "{at}");
        } else {
            assert_eq!(status(&lab), json!([]), "{at}");
        }
        assert_eq!(pass(&lab, &["--full"]).1, 0, "{at}");
    }
}

#[test]
fn p6_a_state_that_the_source_changes_overwrites_what_people_did() {
    let lab = lab("sync_confidential: true");
    lab.sync();
    people(&lab, |world| {
        let issue = world.issue_mut(lab.target, 1);
        issue.confidential = true;
        issue.locked = true;
    });
    for value in [true, false] {
        lab.edit(1, |issue| {
            issue.confidential = value;
            issue.locked = value;
        });
        pass(&lab, &[]);
        let there = counterpart(&lab);
        assert_eq!((there.confidential, there.locked), (value, value));
    }
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p6_comments_that_people_edit_stay_and_are_listed() {
    let lab = lab("");
    lab.sync();
    people(&lab, |world| {
        let notes = &mut world.issue_mut(lab.target, 1).notes;
        let note = notes.iter_mut().find(|note| !note.system).unwrap();
        note.body = note.body.replace("Comment.", "Theirs.");
    });
    assert_eq!(pass(&lab, &["--full"]), (json!([1, listed("comments")]), 0));
    assert_eq!(status(&lab), listed("comments"));
    let shown = lab.run(&["status"]).stdout;
    assert!(
        shown.contains("app: changed on the target by people: #1 (comments)\n"),
        "{shown}"
    );
    // A mapping of the author changes the line above it alone.
    lab.configure("users: { alice: alice.a }");
    pass(&lab, &[]);
    let comment = |lab: &Lab| counterpart(lab).comments()[0].body.clone();
    assert!(comment(&lab).contains("`alice.a`") && comment(&lab).contains("Theirs."));
    // Deleted: reported once, and not made again.
    people(&lab, |world| {
        world
            .issue_mut(lab.target, 1)
            .notes
            .retain(|note| note.system);
    });
    lab.sim.advance(300);
    assert_eq!(lab.sync_with(&["--full"], 0)["gone"], 1);
    lab.sim.advance(300);
    assert_eq!(lab.sync_with(&["--full"], 0)["gone"], 0);
    assert!(counterpart(&lab).comments().is_empty());
    assert_eq!(status(&lab), json!([]));
}

#[test]
fn p6_an_assignee_or_a_late_reference_never_overwrites_what_people_wrote() {
    let lab = lab("");
    lab.sync();
    people(&lab, |world| {
        replace(world.issue_mut(lab.target, 1), "Text.", "Theirs.");
    });
    lab.edit(1, |issue| issue.assignees.clear());
    let (seen, sent) = pass(&lab, &[]);
    assert_eq!((seen, sent), (json!([1, listed("text")]), 1));
    let there = counterpart(&lab);
    assert_eq!(author_text(text(&there)), "Theirs.");
    assert!(!text(&there).contains("Assignees"), "{}", text(&there));
    assert_eq!(status(&lab), listed("text"));
    let run = lab.run(&["sync", "--full"]);
    assert!(
        !run.stdout.contains("changed there by people"),
        "{}",
        run.shown()
    );
    people(&lab, |world| {
        world.issue_mut(lab.target, 1).weight = Some(9);
    });
    let run = lab.run(&["sync", "--full"]);
    assert!(
        run.stdout
            .contains("  changed      by people: #1 (weight)\n"),
        "{}",
        run.shown()
    );
}

/// An issue that was on both sides before it was joined, by title or by hand, with other values there.
fn joined(ours: bool, by_hand: bool) -> Lab {
    let setting = if by_hand {
        "sync_existing_issues: false\nmirror_since: 2"
    } else {
        "link_existing: by_title"
    };
    let lab = Lab::with(setting, |world| world.premium = true);
    lab.open("Issue", "Text.");
    lab.comment(1, "Comment.");
    lab.edit(1, |issue| {
        issue.labels = ["bug".to_owned(), "both".to_owned()].into();
        issue.weight = Some(3);
        issue.due_date = Some("2026-12-24".to_owned());
        issue.time_estimate = 3600;
    });
    let title = if by_hand { "There" } else { "Issue" };
    {
        let mut world = lab.sim.world();
        let author = if ours {
            world.tokens["writer"].user
        } else {
            lab.alice
        };
        world.open_issue(lab.target, author, title, "Text there.\n\nMore.");
        let there = world.issue_mut(lab.target, 1);
        there.labels = ["both".to_owned(), "theirs".to_owned()].into();
        there.weight = Some(9);
        there.open = false;
    }
    lab.sim.advance(300);
    if by_hand {
        lab.sync();
        let run = lab.run(&["link", "app", "1", "1"]);
        assert_eq!(run.code, 0, "{}", run.shown());
    } else {
        lab.configure(&format!("{setting}\nsync_closed_issues: true"));
        assert_eq!(lab.sync()["joined"], 1);
    }
    lab
}

#[test]
fn p6_what_was_there_before_it_was_joined_is_no_drift_and_what_people_change_then_is() {
    for (ours, by_hand) in [(true, true), (true, false), (false, true), (false, false)] {
        let at = format!("ours {ours}, by hand {by_hand}");
        let lab = joined(ours, by_hand);
        let nothing = || (json!([0, []]), 0);
        assert_eq!(status(&lab), json!([]), "{at}");
        assert_eq!(pass(&lab, &["--full"]), nothing(), "{at}");
        assert_eq!(status(&lab), json!([]), "{at}");
        // A label more, for which the target is read, and a footer line.
        lab.edit(1, |issue| {
            issue.labels.insert("new".to_owned());
            issue.start_date = Some("2027-01-01".to_owned());
        });
        assert_eq!(pass(&lab, &[]).0, json!([0, []]), "{at}");
        assert_eq!(pass(&lab, &["--full"]), nothing(), "{at}");
        // When nothing is remembered, nobody knows who wrote what is there.
        lab.env.lose_store();
        assert_eq!(pass(&lab, &[]).0, json!([0, []]), "{at}");
        assert_eq!(status(&lab), json!([]), "{at}");
        assert_eq!(pass(&lab, &["--full"]), nothing(), "{at}");
        // What people change from now on is counted, once.
        people(&lab, |world| {
            let issue = world.issue_mut(lab.target, 1);
            replace(issue, "Text there.", "Text of later.");
            issue.title = "Title of later".to_owned();
            issue.weight = Some(7);
        });
        let listed = json!([{ "target_number": 1, "fields": ["text", "title", "weight"] }]);
        assert_eq!(
            pass(&lab, &["--full"]),
            (json!([3, listed]), 0),
            "{at}: {:?}",
            counterpart(&lab)
        );
        assert_eq!(status(&lab), listed, "{at}");
        // It stays until the source changes it.
        lab.edit(1, |issue| issue.assignees.clear());
        assert_eq!(pass(&lab, &["--full"]).0, json!([0, []]), "{at}");
        assert!(text(&counterpart(&lab)).starts_with("Text of later.\n\nMore."));
        lab.edit(1, |issue| issue.description = Some("New.".to_owned()));
        pass(&lab, &[]);
        let listed = json!([{ "target_number": 1, "fields": ["title", "weight"] }]);
        assert_eq!(status(&lab), listed, "{at}");
        assert_eq!(author_text(text(&counterpart(&lab))), "New.", "{at}");
        assert_eq!(pass(&lab, &["--full"]), nothing(), "{at}");
        assert_eq!(status(&lab), listed, "{at}");
    }
}

#[test]
fn p6_a_label_in_another_case_is_there_where_case_is_no_difference() {
    for (ignores_case, drift) in [(true, 0), (false, 1)] {
        let env = Env::new("");
        env.source().issue(1, "title: T\nlabels: [bug]", "x");
        let target =
            || Faulty::new(&env, None).claiming(|c| c.label_titles.ignores_case = ignores_case);
        faulty::pass(&env, &target(), &everything()).unwrap();
        env.target().edit("issues/1/issue.md", "- bug", "- Bug");
        let report = full_pass(&env, &target(), &everything()).unwrap();
        assert_eq!(report.tally.drift, drift, "{ignores_case}");
    }
}
