//! What people change on the target, field by field: it stays, it is counted and listed once, `status`
//! goes on telling it, and it is overwritten only where the source changes that very field.

mod joined;
mod rows;

use crate::env::Env;
use crate::faulty::{self, Faulty, everything, full_pass};
use crate::lab::{Lab, author_text};
use forge_sim::{Issue, World};
use rows::{ROWS, replace, text};
use serde_json::{Value, json};

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
fn p6_what_people_write_below_our_lines_is_an_edit_of_the_text() {
    let lab = lab("");
    lab.sync();
    let below = "\n\nP.S. theirs";
    let add = |more: &str| {
        people(&lab, |world| {
            let issue = world.issue_mut(lab.target, 1);
            issue.description.as_mut().unwrap().push_str(more);
            let note = issue.notes.iter_mut().find(|note| !note.system);
            note.unwrap().body.push_str(more);
        });
    };
    let there = |lab: &Lab| {
        let issue = counterpart(lab);
        let comment = issue.comments()[0].body.clone();
        [issue.description.unwrap(), comment]
    };
    // Blanks and the ends of lines are nothing.
    add("\r\n \n");
    assert_eq!(pass(&lab, &["--full"]), (json!([0, []]), 0));
    add(below);
    let both = json!([{ "target_number": 1, "fields": ["comments", "text"] }]);
    assert_eq!(pass(&lab, &["--full"]), (json!([2, both]), 0));
    assert_eq!(pass(&lab, &["--full"]), (json!([0, []]), 0));
    // What is around the texts changes, and it stays and is listed still.
    lab.configure("users: { alice: alice.a }");
    assert_eq!(pass(&lab, &[]).0, json!([0, []]));
    for text in there(&lab) {
        assert!(
            text.contains("`alice.a`") && text.ends_with(below),
            "{text}"
        );
    }
    assert_eq!(status(&lab), both);
    // The source wins where it changes the text.
    lab.edit(1, |issue| issue.description = Some("Text 2.".to_owned()));
    assert_eq!(pass(&lab, &[]), (json!([0, []]), 1));
    let [text, comment] = there(&lab);
    assert!(
        text.starts_with("Text 2.") && !text.contains("theirs"),
        "{text}"
    );
    assert!(comment.ends_with(below), "{comment}");
    assert_eq!(status(&lab), listed("comments"));
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
