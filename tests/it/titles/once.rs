//! A first pass that is killed, loses its store or an answer: nothing is double.

use super::lab;
use crate::lab::Lab;
use forge_sim::{Fault, When};
use std::collections::BTreeMap;

/// What is on the target: by title and text the comments, without what differs by chance.
fn seen(lab: &Lab) -> BTreeMap<(String, String), Vec<String>> {
    let first_line = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    // Each run has a server at another port.
    let server = lab.sim.url();
    let mut seen = BTreeMap::new();
    for issue in lab.mirrored() {
        let text = issue.description.clone().unwrap_or_default();
        let notes = issue.comments();
        let comments = notes.iter().map(|note| {
            let lines: Vec<&str> = note.body.lines().collect();
            let above = lines[..lines.len().saturating_sub(1)].join("\n");
            above.replace(&server, "https://forge.example")
        });
        let mut comments: Vec<String> = comments.collect();
        // The port of the server is part of the one that names it.
        let labels = issue.labels.iter();
        comments.extend(labels.filter_map(|label| label.split(':').next().map(str::to_owned)));
        let before = seen.insert((issue.title.clone(), first_line(&text)), comments);
        assert_eq!(before, None, "{} is there twice", issue.title);
    }
    seen
}

/// What is there after a pass that nothing disturbed.
fn undisturbed() -> BTreeMap<(String, String), Vec<String>> {
    let lab = lab("");
    lab.sync();
    seen(&lab)
}

#[test]
fn p1_a_killed_first_pass_leaves_nothing_double() {
    let undisturbed = undisturbed();
    let mut points = 0;
    for after in [false, true] {
        // Every other request before, the rest after it is carried out.
        for request in (1 + u64::from(after)..).step_by(2) {
            let lab = lab("");
            if !lab.killed(&["sync"], request, after) {
                break;
            }
            points += 1;
            for _ in 0..3 {
                lab.sim.advance(300);
                lab.run(&["sync"]);
            }
            assert_eq!(
                seen(&lab),
                undisturbed,
                "killed at {request}, after: {after}"
            );
            lab.sim.advance(600);
            lab.idle();
        }
    }
    assert!(points > 20, "{points}");
}

#[test]
fn p3_a_killed_first_pass_whose_store_is_lost_leaves_nothing_double() {
    let undisturbed = undisturbed();
    for after in [false, true] {
        // Every other request before, the rest after it is carried out.
        for request in (1 + u64::from(after)..).step_by(2) {
            let lab = lab("");
            if !lab.killed(&["sync"], request, after) {
                break;
            }
            lab.env.lose_store();
            for _ in 0..3 {
                lab.sim.advance(300);
                lab.run(&["sync"]);
            }
            assert_eq!(
                seen(&lab),
                undisturbed,
                "killed at {request}, after: {after}"
            );
        }
    }
}

#[test]
fn p1_a_lost_answer_marks_and_joins_once() {
    let undisturbed = undisturbed();
    for write in 1..8 {
        for fault in [
            Fault::DropAnswer,
            Fault::CloseBefore,
            Fault::StatusAfter(502),
            Fault::Status(500),
            Fault::ApplyLater(jiff::SignedDuration::from_secs(60)),
        ] {
            let lab = lab("");
            lab.sim.world().plan(When::Write(write), fault.clone());
            lab.run(&["sync"]);
            for seconds in [30, 300, 300] {
                lab.sim.advance(seconds);
                lab.retry_now();
                lab.run(&["sync"]);
            }
            assert_eq!(seen(&lab), undisturbed, "{fault:?} at write {write}");
        }
    }
}
