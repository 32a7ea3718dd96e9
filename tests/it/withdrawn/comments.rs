//! P7: comments of what does not stay hidden are taken away, or withdrawn.

use super::deleted::posts;
use super::{CANARY, becomes, mirrored};
use crate::lab::Lab;
use forge_sim::{Fault, Role, When};

#[test]
fn p7_comments_are_taken_away_also_where_the_issue_cannot_be_hidden() {
    let (lab, iid) = mirrored("sync_confidential: true", Role::Maintainer);
    becomes(&lab, iid, true);
    lab.edit(iid, |issue| issue.notes[0].internal = true);
    lab.sim
        .world()
        .plan(When::Every("PUT", "/issues/1"), Fault::Status(400));
    lab.sync_with(&[], 3);
    let issue = &lab.mirrored()[0];
    assert!(!issue.confidential);
    assert!(issue.notes.is_empty(), "{issue:?}");
}

#[test]
fn p7_a_comment_that_may_not_be_deleted_is_withdrawn_once() {
    let (lab, iid) = mirrored("", Role::Maintainer);
    let note = lab.mirrored()[0].notes[0].id;
    let end: &'static str = format!("/notes/{note}").leak();
    lab.sim
        .world()
        .plan(When::Every("DELETE", end), Fault::Status(403));
    lab.sim.advance(300);
    lab.edit(iid, |issue| issue.notes[0].internal = true);
    lab.sim.advance(300);
    let pair = lab.sync();
    let said = pair["warnings"].to_string();
    assert!(said.contains("its text was withdrawn"), "{pair}");
    let body = lab.mirrored()[0].notes[0].body.clone();
    assert!(body.starts_with("This text was withdrawn."), "{body}");
    assert!(!body.contains(CANARY) && !body.contains("alice"), "{body}");
    lab.sim.advance(300);
    lab.idle();
    lab.edit(iid, |issue| issue.title = "Other".to_owned());
    lab.sim.advance(300);
    let before = lab.sim.world().requests("DELETE");
    lab.sync();
    assert_eq!(lab.sim.world().requests("DELETE"), before);
    // It is written anew once it may be seen.
    lab.edit(iid, |issue| issue.notes[0].internal = false);
    lab.sim.advance(300);
    lab.sync();
    let notes = &lab.mirrored()[0].notes;
    assert!(notes.last().unwrap().body.contains(CANARY), "{notes:?}");
}

#[test]
fn p7_an_internal_comment_that_becomes_public_is_taken_away_and_not_tried_again() {
    let lab = Lab::new("sync_internal_notes: true");
    let iid = lab.open("T", "x");
    lab.comment(iid, CANARY);
    lab.edit(iid, |issue| issue.notes[0].internal = true);
    let public = Fault::Fields(vec![
        ("internal", serde_json::json!(false)),
        ("confidential", serde_json::json!(false)),
    ]);
    lab.sim.world().plan(When::Every("POST", "/notes"), public);
    lab.sim.advance(300);
    lab.sync_with(&[], 3);
    assert_eq!(posts(&lab, "/notes"), 1);
    assert!(lab.mirrored()[0].notes.is_empty());
    for _ in 0..2 {
        lab.retry_now();
        lab.sim.advance(300);
        lab.sync();
        assert_eq!(posts(&lab, "/notes"), 1);
    }
}
