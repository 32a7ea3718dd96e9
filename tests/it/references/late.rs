//! References to what is mirrored after them, hidden or parted: put right then, once, and with nothing
//! that people wrote overwritten.

use super::{description, each_other, text};
use crate::lab::{Lab, author_comment, author_text};
use forge_sim::Fault;
use serde_json::Value;

/// Two issues that are mirrored, of which the first one refers to the other one.
fn led() -> Lab {
    let lab = Lab::shifted("");
    lab.open("One", "See #2.");
    lab.open("Two", "x");
    lab.later();
    assert_eq!(text(&lab, 3), "See #4.");
    lab
}

#[test]
fn two_that_refer_to_each_other_cost_one_more_write() {
    let lab = each_other("");
    lab.open("Three", "See nothing.");
    let (count, pair) = lab.later();
    // The label, three issues, and the first of them once more.
    assert_eq!((count, &pair["put_right"]), (1 + 3 + 1, &Value::from(1)));
    assert_eq!(pair["issues"]["created"], 3);
    assert_eq!(
        (text(&lab, 3), text(&lab, 4)),
        ("See #4.".into(), "See #3.".into())
    );
    let before = lab.sim.world().log.len();
    lab.sim.advance(300);
    lab.idle();
    assert_eq!(lab.sim.world().log.len() - before, 1, "one request");
    // Later passes put right what earlier ones wrote.
    lab.edit(3, |issue| issue.description = Some("See #4.".into()));
    let (count, _) = lab.later();
    assert_eq!(count, 1);
    assert!(text(&lab, 5).starts_with("See [#·4]("), "{}", text(&lab, 5));
    lab.open("Four", "x");
    let (count, pair) = lab.later();
    assert_eq!((count, &pair["put_right"]), (2, &Value::from(1)));
    assert_eq!(text(&lab, 5), "See #6.");
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p6_a_late_reference_overwrites_nothing_that_people_wrote() {
    let lab = Lab::shifted("");
    lab.open("One", "See #2.");
    lab.comment(1, "And #2.");
    lab.later();
    let theirs = |lab: &Lab| {
        let mut world = lab.sim.world();
        let issue = world.issue_mut(lab.target, 3);
        issue.description = Some(description(issue).replace("See", "Do not see"));
        let note = issue.notes.iter_mut().find(|note| !note.system).unwrap();
        note.body = note.body.replace("And", "And not");
        let comment = note.body.clone();
        (description(issue), comment)
    };
    let written = theirs(&lab);
    lab.open("Two", "x");
    let (_, pair) = lab.later();
    let (text, comment) = {
        let world = lab.sim.world();
        let issue = world.issue(lab.target, 3);
        (description(issue), issue.comments()[0].body.clone())
    };
    assert_eq!(author_text(&text), author_text(&written.0));
    assert_eq!(author_comment(&comment), author_comment(&written.1));
    assert!(pair["drift"].as_u64().unwrap() >= 1, "{pair:#}");
    lab.sim.advance(300);
    lab.idle();
    lab.sim.advance(300);
    let before = lab.sim.world().writes();
    lab.sync_with(&["--full"], 0);
    assert_eq!(lab.sim.world().writes(), before);
}

#[test]
fn p7_what_is_hidden_later_is_not_led_to_any_more() {
    let lab = led();
    lab.edit(2, |issue| issue.confidential = true);
    let (count, pair) = lab.later();
    assert_eq!(
        (count, &pair["put_right"]),
        (2, &Value::from(1)),
        "{pair:#}"
    );
    assert!(text(&lab, 3).starts_with("See [#·2]("), "{}", text(&lab, 3));
    lab.sim.advance(300);
    lab.idle();
    lab.edit(2, |issue| issue.confidential = false);
    lab.later();
    assert_eq!(text(&lab, 3), "See #4.");
}

#[test]
fn p1_what_was_not_put_right_is_put_right_by_the_next_pass() {
    // The write that puts right is the last one: it fails, is killed by a limit, or is lost.
    for fault in [Fault::Status(500), Fault::CloseBefore, Fault::DropAnswer] {
        each_other("").comes_right(&fault, |lab| text(lab, 3) == "See #4.");
    }
}

#[test]
fn p11_a_budget_leaves_references_for_the_next_run() {
    for budget in [9, 12, 15, 18, 21] {
        let lab = each_other("");
        lab.sim.advance(300);
        let budget = budget.to_string();
        let run = lab.run(&["sync", "--max-requests", &budget]);
        assert!(run.code == 3 || run.code == 0, "{}", run.shown());
        if run.code == 0 {
            assert_eq!(text(&lab, 3), "See #4.", "after {budget}");
        }
        lab.sim.advance(300);
        lab.sync();
        assert_eq!(text(&lab, 3), "See #4.", "after {budget}");
        assert_eq!(text(&lab, 4), "See #3.", "after {budget}");
        lab.sim.advance(300);
        lab.idle();
    }
}

#[test]
fn p4_what_left_the_selection_is_not_looked_at_in_every_pass() {
    let lab = Lab::shifted("only: { exclude_labels: [secret], author: alice }");
    lab.open("One", "See #2.");
    lab.later();
    let bob = lab.sim.world().add_user("robin");
    let alice = lab.alice;
    lab.edit(1, |issue| issue.author = bob);
    lab.later();
    lab.open("Two", "x");
    assert_eq!(lab.later().0, 1);
    assert!(text(&lab, 3).starts_with("See [#·2]("), "it stays as it is");
    lab.sim.advance(300);
    assert_eq!(lab.idle(), 1, "one request");
    lab.edit(1, |issue| issue.author = alice);
    lab.later();
    assert_eq!(text(&lab, 3), "See #4.");
}

#[test]
fn what_is_parted_is_not_led_to_any_more() {
    let lab = led();
    let run = lab.run(&["unlink", "app", "2"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    lab.later();
    assert!(text(&lab, 3).starts_with("See [#·2]("), "{}", text(&lab, 3));
    let run = lab.run(&["link", "app", "2", "1"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    lab.later();
    assert_eq!(text(&lab, 3), "See #1.");
}

#[test]
fn a_trial_run_shows_what_refers_forward_and_writes_nothing() {
    let lab = each_other("");
    lab.sim.advance(300);
    let before = lab.sim.world().writes();
    let pair = lab.sync_with(&["--dry-run"], 0);
    assert_eq!(lab.sim.world().writes(), before);
    assert_eq!(pair["issues"]["created"], 2);
}

#[test]
fn p6_what_is_not_to_follow_is_not_put_right() {
    let lab = each_other("update_existing: false");
    let (count, pair) = lab.later();
    assert_eq!((count, &pair["put_right"]), (3, &Value::from(0)));
    lab.configure("");
    lab.later();
    assert_eq!(text(&lab, 3), "See #4.");
}
