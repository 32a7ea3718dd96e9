//! Discussions that are locked: on the source, by people on the target, and against opening again.

use crate::lab::Lab;
use forge_sim::{Fault, Issue, Role, When};

fn lock(lab: &Lab, iid: u64, locked: bool) {
    lab.edit(iid, |issue| issue.locked = locked);
}

fn first(lab: &Lab) -> Issue {
    lab.mirrored().remove(0)
}

/// Whether it is open and whether it is locked.
fn shown(lab: &Lab) -> (bool, bool) {
    let issue = first(lab);
    (issue.open, issue.locked)
}

fn close(lab: &Lab, iid: u64) {
    let alice = lab.alice;
    lab.edit(iid, |issue| {
        issue.open = false;
        issue.closed = Some((issue.updated_at, alice));
    });
}

fn open_again(lab: &Lab, iid: u64) {
    lab.edit(iid, |issue| {
        issue.open = true;
        issue.closed = None;
    });
}

#[test]
fn a_lock_arrives_behind_the_comments_and_goes() {
    let lab = Lab::new("");
    let iid = lab.open("T", "x");
    lab.comment(iid, "One");
    lock(&lab, iid, true);
    lab.sync();
    assert_eq!(shown(&lab), (true, true));
    {
        let world = lab.sim.world();
        let sent: Vec<&str> = world
            .log
            .iter()
            .filter(|call| call.method != "GET" && !call.target.contains("/labels"))
            .map(|call| call.method.as_str())
            .collect();
        assert_eq!(sent, ["POST", "POST", "PUT"], "issue, comment, lock");
    }
    lab.sim.advance(300);
    lab.idle();
    lab.comment(iid, "Two");
    assert_eq!(lab.writes(), 1, "a member comments on it");
    lock(&lab, iid, false);
    assert_eq!(lab.writes(), 1);
    assert_eq!(shown(&lab), (true, false));
    lock(&lab, iid, true);
    assert_eq!(lab.writes(), 1);
    assert_eq!(shown(&lab), (true, true));
    lab.sim.advance(600);
    lab.env.lose_store();
    assert_eq!(lab.writes(), 0);
}

#[test]
fn p1_whoever_is_no_member_comments_before_it_is_locked() {
    let lab = Lab::with("", |world| {
        let target = world
            .projects
            .values_mut()
            .find(|p| p.path == "mirrors/app");
        let target = target.unwrap();
        target.members.clear();
        target.public = true;
        let bot = world.tokens["writer"].user;
        world.users.get_mut(&bot).unwrap().admin = true;
        for project in world.projects.values_mut() {
            project.public = true;
        }
    });
    let iid = lab.open("T", "x");
    lab.comment(iid, "One");
    lock(&lab, iid, true);
    lab.sync();
    assert_eq!(shown(&lab), (true, true));
    assert_eq!(first(&lab).comments().len(), 1);
}

#[test]
fn an_issue_that_is_opened_again_is_open_however_it_is_locked() {
    let lab = Lab::new("");
    let iid = lab.open("T", "x");
    lock(&lab, iid, true);
    close(&lab, iid);
    lab.configure("sync_closed_issues: true");
    lab.sync();
    assert_eq!(shown(&lab), (false, true));
    // Opened and unlocked at once.
    open_again(&lab, iid);
    lock(&lab, iid, false);
    lab.sync();
    assert_eq!(shown(&lab), (true, false));
    // Opened, and still locked.
    close(&lab, iid);
    lock(&lab, iid, true);
    lab.sync();
    open_again(&lab, iid);
    lab.sync();
    assert_eq!(shown(&lab), (true, true));
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p6_a_lock_of_people_stays() {
    let lab = Lab::new("");
    let iid = lab.open("T", "x");
    lab.sync();
    let number = first(&lab).iid;
    lab.sim.world().issue_mut(lab.target, number).locked = true;
    lab.edit(iid, |issue| issue.title = "Other".to_owned());
    lab.sync();
    assert_eq!(shown(&lab), (true, true));
    close(&lab, iid);
    lab.sync();
    open_again(&lab, iid);
    lab.sync();
    assert_eq!(
        shown(&lab),
        (true, true),
        "opened, and locked by them still"
    );
}

#[test]
fn p9_a_role_that_may_not_lock_says_so_once_and_the_footer_says_it() {
    let lab = Lab::new("");
    let bot = lab.sim.world().tokens["writer"].user;
    lab.sim.world().set_role(lab.target, bot, Role::Guest);
    for number in 1..=5 {
        lab.open(&format!("Issue {number}"), "x");
        lock(&lab, number, true);
    }
    let pair = lab.sync();
    let rows = pair["not_carried"].as_array().unwrap();
    let row = rows.iter().find(|row| row["field"] == "locked").unwrap();
    let why = row["why"].as_str().unwrap();
    assert!(why.contains("the role Planner or Reporter"), "{why}");
    let pair = lab.sync();
    assert_eq!(pair["not_carried"], serde_json::json!([]));
    let line = "- **Locked:** only members comment";
    let says = |issue: &Issue| issue.description.as_deref().unwrap().contains(line);
    assert!(lab.mirrored().iter().all(says));
    lab.sim.advance(300);
    lab.idle();
    lab.sim.world().set_role(lab.target, bot, Role::Maintainer);
    lab.sync_with(&["--full"], 0);
    assert!(
        lab.mirrored()
            .iter()
            .all(|issue| issue.locked && !says(issue))
    );
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p6_a_lock_of_people_comes_back_where_opening_ends_in_the_middle() {
    // The first asks, the second unlocks, the third opens and locks.
    for at in 1..=3 {
        for fault in [Fault::CloseBefore, Fault::DropAnswer] {
            let lab = Lab::new("");
            let iid = lab.open("T", "x");
            lab.sync();
            close(&lab, iid);
            lab.sync();
            let number = first(&lab).iid;
            lab.sim.world().issue_mut(lab.target, number).locked = true;
            open_again(&lab, iid);
            lab.sim.world().plan(When::Write(at), fault.clone());
            let run = lab.run(&["sync"]);
            assert!(run.code == 0 || run.code == 3, "{}", run.shown());
            lab.sim.advance(600);
            lab.retry_now();
            lab.sync();
            assert_eq!(shown(&lab), (true, true), "{fault:?} at {at}");
            lab.sim.advance(600);
            lab.idle();
            // It is theirs still: nothing of ours puts it back.
            lab.sim.world().issue_mut(lab.target, number).locked = false;
            lab.edit(iid, |issue| issue.title = "Changed".to_owned());
            lab.sync();
            assert_eq!(shown(&lab), (true, false));
        }
    }
}
