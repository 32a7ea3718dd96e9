//! What is carried out late, and stores that are older than what was written.

use super::{one, set_clock};
use crate::lab::Lab;
use forge_sim::{Fault, When};
use jiff::SignedDuration;

/// The store is lost, or this copy of it is put back.
pub(super) fn put_back(lab: &Lab, copy: Option<&str>) {
    lab.env.lose_store();
    if let Some(copy) = copy {
        std::fs::copy(lab.env.path(copy), lab.env.path("issue-mirror.db")).unwrap();
    }
}

#[test]
fn p1_what_is_carried_out_late_is_there_once_whatever_the_clocks_say() {
    for ahead in [-180, 0, 180] {
        for write in 2..=6 {
            let lab = Lab::new("");
            set_clock(&lab, ahead - 300);
            for title in ["A", "B"] {
                let iid = lab.open(title, "x");
                lab.comment(iid, "C");
            }
            lab.edit(1, |issue| issue.time_spent = 60);
            lab.sim.advance(300);
            let late = Fault::ApplyLater(SignedDuration::from_secs(90));
            lab.sim.world().plan(When::Write(write), late);
            lab.run(&["sync"]);
            for seconds in [10, 50, 45, 60, 300] {
                lab.sim.advance(seconds);
                lab.retry_now();
                lab.run(&["sync"]);
            }
            let issues = lab.mirrored();
            let comments: Vec<usize> = issues.iter().map(|i| i.comments().len()).collect();
            let spent: i64 = issues.iter().map(|issue| issue.time_spent).sum();
            let case = format!("clock {ahead}, write {write}");
            assert_eq!((comments, spent), (vec![1, 1], 60), "{case}");
        }
    }
}

#[test]
fn p1_an_older_store_is_noticed_behind_many_other_changes() {
    let lab = Lab::new("");
    set_clock(&lab, -2000);
    for number in 0..110 {
        lab.open(&format!("T{number}"), "x");
    }
    lab.sim.advance(300);
    lab.sync();
    lab.sim.advance(300);
    lab.sync();
    std::fs::copy(lab.env.path("issue-mirror.db"), lab.env.path("old.db")).unwrap();
    lab.open("Late", "x");
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(lab.mirrored().len(), 111);
    lab.sim.advance(100);
    {
        let mut world = lab.sim.world();
        let now = world.clock.now();
        for iid in 1..=105 {
            world.issue_mut(lab.target, iid).updated_at = now;
        }
    }
    put_back(&lab, Some("old.db"));
    lab.sim.advance(300);
    let writes = lab.sim.world().writes();
    let warnings = lab.sync()["warnings"].to_string();
    assert!(warnings.contains("1 mirrored issue that"), "{warnings}");
    assert_eq!(lab.mirrored().len(), 111);
    assert_eq!(lab.sim.world().writes(), writes);
}

#[test]
fn p1_an_older_store_is_noticed_however_far_the_clocks_are_apart() {
    for days in [-400, 400] {
        let lab = Lab::new("");
        set_clock(&lab, days * 24 * 3600);
        lab.open("A", "x");
        lab.sim.advance(300);
        lab.sync();
        std::fs::copy(lab.env.path("issue-mirror.db"), lab.env.path("old.db")).unwrap();
        lab.open("B", "x");
        lab.sim.advance(300);
        lab.sync();
        put_back(&lab, Some("old.db"));
        lab.sim.advance(300);
        let warnings = lab.sync()["warnings"].to_string();
        assert!(warnings.contains("knew nothing of"), "{warnings}");
        assert_eq!(lab.mirrored().len(), 2, "{days} days");
    }
}

#[test]
fn p2_a_change_that_is_carried_out_late_does_not_undo_a_newer_one() {
    let lab = one();
    lab.edit(1, |issue| issue.title = "Older".into());
    let late = Fault::ApplyLater(SignedDuration::from_secs(90));
    lab.sim.world().plan(When::Write(1), late);
    lab.sync_with(&[], 3);
    lab.sim.advance(10);
    lab.edit(1, |issue| issue.title = "Newer".into());
    lab.run(&["sync"]);
    for _ in 0..2 {
        lab.sim.advance(200);
        lab.retry_now();
        lab.run(&["sync"]);
    }
    assert_eq!(lab.mirrored()[0].title, "Newer");
}

#[test]
fn p7_what_is_shown_late_is_hidden_again() {
    let lab = Lab::new("");
    lab.open("Title", "Text");
    lab.open("Other", "Text");
    lab.sim.advance(300);
    lab.sync();
    lab.sim.advance(300);
    lab.edit(1, |issue| issue.confidential = true);
    lab.sync();
    lab.sim.advance(300);
    lab.edit(1, |issue| issue.confidential = false);
    let late = Fault::ApplyLater(SignedDuration::from_secs(90));
    lab.sim.world().plan(When::Write(1), late);
    lab.sync_with(&[], 3);
    lab.sim.advance(10);
    lab.edit(1, |issue| issue.confidential = true);
    lab.run(&["sync"]);
    for _ in 0..2 {
        lab.sim.advance(200);
        lab.retry_now();
        lab.run(&["sync"]);
    }
    assert!(lab.mirrored()[0].confidential);
}
