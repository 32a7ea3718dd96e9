//! The same on a server, where it takes a role, and answers are lost.

use crate::lab::Lab;
use forge_sim::{Fault, Role, When};
use jiff::SignedDuration;

/// GitLab with an account of this role on the target.
fn with_role(toggles: &str, role: Role) -> Lab {
    Lab::with(toggles, |world| {
        let bot = world.tokens["writer"].user;
        let target = *world.projects.keys().max().unwrap();
        world.set_role(target, bot, role);
    })
}

/// Four issues that such an account mirrored.
fn lab(toggles: &str, role: Role) -> Lab {
    let lab = with_role(toggles, role);
    for number in 1..=4 {
        lab.open(&format!("T{number}"), "Text.");
    }
    assert_eq!(lab.sync()["issues"]["created"], 4);
    later(&lab);
    lab
}

fn remove(lab: &Lab, iid: u64) -> forge_sim::Issue {
    let mut world = lab.sim.world();
    let project = world.projects.get_mut(&lab.source).unwrap();
    project.issues.remove(&iid).unwrap()
}

fn titles(lab: &Lab) -> Vec<String> {
    lab.mirrored()
        .iter()
        .map(|issue| issue.title.clone())
        .collect()
}

fn later(lab: &Lab) {
    lab.sim.world().clock.advance(SignedDuration::from_hours(1));
}

#[test]
fn gitlab_closes_and_reopens() {
    let lab = lab("sync_deletions: close", Role::Maintainer);
    let away = remove(&lab, 2);
    assert_eq!(lab.sync_with(&["--full"], 0)["closed"], 1);
    assert!(!lab.mirrored()[1].open);
    later(&lab);
    let writes = lab.sim.world().writes();
    assert_eq!(lab.sync_with(&["--full"], 0)["closed"], 0);
    assert_eq!(lab.sim.world().writes(), writes);
    {
        let mut world = lab.sim.world();
        let now = world.clock.now();
        let project = world.projects.get_mut(&lab.source).unwrap();
        let away = forge_sim::Issue {
            updated_at: now,
            ..away
        };
        project.issues.insert(2, away);
    }
    lab.sync();
    assert!(lab.mirrored()[1].open);
    later(&lab);
    lab.idle();
}

#[test]
fn p2_what_is_back_and_could_not_be_made_is_made_by_the_next_pass() {
    let lab = lab("sync_deletions: delete", Role::Owner);
    let away = remove(&lab, 2);
    assert_eq!(lab.sync_with(&["--full"], 0)["deleted"], 1);
    later(&lab);
    {
        let mut world = lab.sim.world();
        let now = world.clock.now();
        let project = world.projects.get_mut(&lab.source).unwrap();
        let away = forge_sim::Issue {
            updated_at: now,
            ..away
        };
        project.issues.insert(2, away);
        world.plan(When::Write(1), Fault::Status(422));
    }
    // The cursor moves over it, so it is not listed again.
    later(&lab);
    lab.open("T5", "Text.");
    assert_eq!(lab.sync_with(&[], 3)["issues"]["created"], 1);
    assert_eq!(titles(&lab), ["T1", "T3", "T4", "T5"]);
    later(&lab);
    lab.retry_now();
    assert_eq!(lab.sync()["issues"]["created"], 1);
    assert_eq!(titles(&lab), ["T1", "T3", "T4", "T5", "T2"]);
    later(&lab);
    lab.idle();
}

#[test]
fn gitlab_deletes_where_the_role_allows_and_says_so_where_it_does_not() {
    let lab = lab("sync_deletions: delete", Role::Maintainer);
    remove(&lab, 2);
    let pair = lab.sync_with(&["--full"], 3);
    let hint = pair["failures"][0]["hint"].as_str().unwrap();
    assert!(hint.contains("sync_deletions: close"), "{hint}");
    assert_eq!(titles(&lab).len(), 4);
    // It waits, and is tried again once the account may.
    lab.sync_with(&[], 3);
    {
        let mut world = lab.sim.world();
        let bot = world.tokens["writer"].user;
        world.set_role(lab.target, bot, Role::Owner);
    }
    lab.retry_now();
    assert_eq!(lab.sync()["deleted"], 1);
    assert_eq!(titles(&lab), ["T1", "T3", "T4"]);
    later(&lab);
    lab.idle();
}

#[test]
fn p1_a_lost_answer_closes_or_deletes_in_the_end() {
    for setting in ["close", "delete"] {
        for fault in [
            Fault::DropAnswer,
            Fault::CloseBefore,
            Fault::StatusAfter(500),
        ] {
            let lab = lab(&format!("sync_deletions: {setting}"), Role::Owner);
            remove(&lab, 2);
            lab.sim.world().plan(When::Write(1), fault);
            lab.run(&["sync", "--full"]);
            later(&lab);
            lab.retry_now();
            lab.sync();
            let gone = match setting {
                "close" => !lab.mirrored()[1].open,
                _ => titles(&lab) == ["T1", "T3", "T4"],
            };
            assert!(gone, "{setting}: {:?}", titles(&lab));
            later(&lab);
            lab.idle();
            let writes = lab.sim.world().writes();
            lab.sync_with(&["--full"], 0);
            assert_eq!(lab.sim.world().writes(), writes);
        }
    }
}

#[test]
fn p1_a_killed_pass_closes_or_deletes_in_the_end_and_nothing_else() {
    for setting in ["close", "delete"] {
        for after in [false, true] {
            // Every other request before, the rest after it is carried out.
            for request in (1 + u64::from(after)..).step_by(2) {
                let lab = lab(&format!("sync_deletions: {setting}"), Role::Owner);
                remove(&lab, 2);
                if !lab.killed(&["sync", "--full"], request, after) {
                    break;
                }
                for _ in 0..2 {
                    lab.sim.advance(300);
                    lab.run(&["sync", "--full"]);
                }
                let (count, open): (usize, Vec<u64>) = {
                    let issues = lab.mirrored();
                    let open = issues.iter().filter(|issue| issue.open);
                    (issues.len(), open.map(|issue| issue.iid).collect())
                };
                let left = if setting == "close" { 4 } else { 3 };
                assert_eq!(
                    count, left,
                    "{setting}, killed at {request}, after: {after}"
                );
                assert_eq!(open, [1, 3, 4], "{setting}, killed at {request}");
                later(&lab);
                lab.idle();
            }
        }
    }
}

#[test]
fn a_pass_that_ends_before_all_of_it_is_closed_says_so() {
    let lab = lab("sync_deletions: close", Role::Maintainer);
    remove(&lab, 2);
    let mut asked = 1;
    let stopped = loop {
        let run = lab.run(&["sync", "--full", "--max-requests", &asked.to_string()]);
        let is_closed = !lab.mirrored()[1].open;
        if is_closed {
            break run;
        }
        assert_eq!(run.code, 3, "{}", run.shown());
        asked += 1;
    };
    assert_eq!(stopped.code, 0, "{}", stopped.shown());
    assert!(asked > 3, "{asked}");
}

#[test]
fn p13_a_lost_right_or_a_moved_project_is_not_taken_for_deletions() {
    let lab = lab(
        "sync_deletions: delete\nsync_confidential: true",
        Role::Owner,
    );
    lab.edit(2, |issue| issue.confidential = true);
    lab.sync();
    later(&lab);
    let bot = lab.sim.world().tokens["reader"].user;
    lab.sim.world().set_role(lab.source, bot, Role::Guest);
    let pair = lab.sync_with(&["--full"], 0);
    assert_eq!(
        (&pair["vanished"], &pair["deleted"]),
        (&1.into(), &0.into())
    );
    let said = pair["warnings"].to_string();
    assert!(said.contains("or are confidential now"), "{said}");
    lab.sim.world().set_role(lab.source, bot, Role::Reporter);
    "away/app".clone_into(&mut lab.sim.world().projects.get_mut(&lab.source).unwrap().path);
    lab.sync_with(&["--full"], 1);
    assert_eq!(titles(&lab).len(), 4);
}

#[test]
fn p13_a_project_whose_issues_are_switched_off_loses_none() {
    let lab = lab("sync_deletions: delete", Role::Owner);
    let switch = |on| {
        let mut world = lab.sim.world();
        world.projects.get_mut(&lab.source).unwrap().issues_enabled = on;
    };
    switch(false);
    lab.sync_with(&["--full"], 1);
    switch(true);
    assert_eq!(lab.sync_with(&["--full"], 0)["deleted"], 0);
    assert_eq!(titles(&lab).len(), 4);
}

#[test]
fn what_was_moved_to_another_project_is_closed_and_not_deleted() {
    let lab = lab("sync_deletions: delete", Role::Owner);
    // GitLab closes the original, which says where its copy is.
    let elsewhere = lab.sim.world().add_project("team/other");
    lab.sim
        .world()
        .open_issue(elsewhere, lab.alice, "T2", "Text.");
    lab.edit(2, |issue| issue.open = false);
    let pair = lab.sync_with(&["--full"], 0);
    assert_eq!((&pair["closed"], &pair["deleted"]), (&0.into(), &0.into()));
    assert_eq!(titles(&lab).len(), 4);
    assert!(!lab.mirrored()[1].open);
}

#[test]
fn what_somebody_else_wrote_is_closed_instead_of_deleted() {
    let lab = with_role("sync_deletions: delete", Role::Owner);
    let theirs = lab
        .sim
        .world()
        .open_issue(lab.target, lab.alice, "Theirs", "Text.");
    for title in ["A", "B", "C"] {
        lab.open(title, "Text.");
    }
    let joined = lab.run(&["link", "app", "1", &theirs.to_string()]);
    assert_eq!(joined.code, 0, "{}", joined.shown());
    lab.sync();
    later(&lab);
    remove(&lab, 1);
    let pair = lab.sync_with(&["--full"], 0);
    assert_eq!((&pair["closed"], &pair["deleted"]), (&1.into(), &0.into()));
    assert!(!lab.mirrored()[0].open);
}
