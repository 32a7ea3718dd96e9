//! P7 where the target does not hide: what must not be seen is deleted there, or withdrawn.

mod comments;
mod deleted;
mod stores;

use crate::lab::Lab;
use forge_sim::Role;

const CANARY: &str = "canary-4711";

/// A lab with one mirrored issue and a comment, whose writer then has this role.
fn mirrored(toggles: &str, role: Role) -> (Lab, u64) {
    let lab = Lab::new(toggles);
    let iid = lab.open(CANARY, CANARY);
    lab.edit(iid, |issue| {
        issue.labels.insert("bug".to_owned());
        issue.due_date = Some("2026-05-01".to_owned());
    });
    lab.comment(iid, CANARY);
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(lab.mirrored()[0].notes.len(), 1);
    set_role(&lab, role);
    (lab, iid)
}

fn set_role(lab: &Lab, role: Role) {
    let mut world = lab.sim.world();
    let bot = world
        .users
        .values()
        .find(|user| user.username == "mirror-bot");
    let bot = bot.unwrap().id;
    world.set_role(lab.target, bot, role);
}

fn becomes(lab: &Lab, iid: u64, confidential: bool) {
    lab.sim.advance(300);
    lab.edit(iid, |issue| issue.confidential = confidential);
    lab.sim.advance(300);
}

#[test]
fn p7_a_role_that_may_neither_hide_nor_delete_withdraws() {
    for toggles in [
        "",
        "update_existing: false",
        "only: { exclude_labels: [secret] }",
    ] {
        let (lab, iid) = mirrored(toggles, Role::Guest);
        if toggles.starts_with("only") {
            lab.sim.advance(300);
            lab.edit(iid, |issue| {
                issue.labels.insert("secret".to_owned());
            });
            lab.sim.advance(300);
        } else {
            becomes(&lab, iid, true);
        }
        let pair = lab.sync();
        assert_eq!(pair["hidden"], 1, "{pair}");
        assert!(pair["warnings"].to_string().contains("withdrawn"), "{pair}");
        assert!(pair["warnings"].to_string().contains("history"), "{pair}");
        let issue = &lab.mirrored()[0];
        assert!(!issue.confidential && issue.labels.contains("bug"));
        // Its role may not change those, and that is said.
        assert!(
            pair["warnings"].to_string().contains("keeps its labels"),
            "{pair}"
        );
        assert!(!format!("{issue:?}").contains(CANARY), "{issue:?}");
        assert!(!format!("{issue:?}").contains("alice"), "{issue:?}");
        // Nothing is repeated.
        lab.sim.advance(300);
        lab.idle();
    }
}

#[test]
fn p7_what_was_withdrawn_is_carried_again_once_it_may_be_seen() {
    let (lab, iid) = mirrored("", Role::Guest);
    becomes(&lab, iid, true);
    lab.sync();
    set_role(&lab, Role::Maintainer);
    becomes(&lab, iid, false);
    lab.sync();
    let mirrored = lab.mirrored();
    assert_eq!(mirrored.len(), 1);
    let issue = &mirrored[0];
    assert_eq!(issue.title, CANARY);
    assert!(issue.description.as_ref().unwrap().starts_with(CANARY));
    assert!(issue.labels.contains("bug"), "{issue:?}");
    assert_eq!(issue.due_date.as_deref(), Some("2026-05-01"));
    assert_eq!(issue.notes.iter().filter(|n| !n.system).count(), 1);
    lab.sim.advance(300);
    lab.idle();
}

/// The milestone of the target's issue.
fn milestone(lab: &Lab) -> Option<u64> {
    lab.mirrored()[0].milestone
}

#[test]
fn p7_what_was_withdrawn_is_hidden_once_the_role_suffices() {
    for toggles in ["", "only: { exclude_labels: [secret] }"] {
        let (lab, iid) = mirrored(toggles, Role::Guest);
        becomes(&lab, iid, true);
        lab.sync();
        lab.sim.advance(300);
        let writes = lab.sim.world().writes();
        // As long as the account is what it was, nothing is asked of the target again.
        for args in [&["--full"][..], &["--full"], &["app", "--issue", "1"]] {
            let pair = lab.sync_with(args, 0);
            assert_eq!(pair["skipped_because"]["confidential"], 1, "{pair}");
        }
        assert_eq!(lab.sim.world().writes(), writes);
        set_role(&lab, Role::Maintainer);
        let pair = lab.sync_with(&["--full", "--dry-run"], 0);
        assert!(pair["plan"].to_string().contains("\"hide\""), "{pair}");
        assert!(!lab.mirrored()[0].confidential);
        let pair = lab.sync_with(&["--full"], 0);
        assert_eq!(pair["hidden"], 1, "{pair}");
        assert!(lab.mirrored()[0].confidential);
        let writes = lab.sim.world().writes();
        lab.sim.advance(300);
        lab.sync_with(&["--full"], 0);
        assert_eq!(lab.sim.world().writes(), writes);
        // It has everything again, and only then is shown.
        becomes(&lab, iid, false);
        lab.sync();
        let issue = &lab.mirrored()[0];
        assert!(!issue.confidential && issue.labels.contains("bug"));
        assert_eq!(issue.title, CANARY);
        assert_eq!(issue.due_date.as_deref(), Some("2026-05-01"));
        assert_eq!(issue.comments().len(), 1);
        lab.sim.advance(300);
        lab.idle();
    }
}

#[test]
fn p7_a_target_that_hides_nothing_is_not_asked_in_every_full_pass() {
    let (lab, iid) = mirrored("", Role::Maintainer);
    lab.sim.world().drops_confidential = true;
    becomes(&lab, iid, true);
    lab.sync();
    let writes = lab.sim.world().writes();
    for _ in 0..2 {
        lab.sim.advance(300);
        lab.sync_with(&["--full"], 0);
    }
    assert_eq!(lab.sim.world().writes(), writes);
    // Another role is a reason to ask once.
    set_role(&lab, Role::Developer);
    for pass in 1..=2 {
        lab.sim.advance(300);
        let pair = lab.sync_with(&["--full"], 0);
        assert_eq!(pair["hidden"], 0, "{pair}");
        assert_eq!(lab.sim.world().writes(), writes + 1, "{pass}");
    }
}

#[test]
fn p7_the_milestone_that_we_set_is_taken_off_what_is_withdrawn() {
    for theirs in [false, true] {
        let lab = Lab::new("milestone_strategy: by_title\nmilestone_auto_create: true");
        let iid = lab.open(CANARY, CANARY);
        let (ours, other) = {
            let mut world = lab.sim.world();
            let new = |title: &str| forge_sim::Milestone {
                title: title.to_owned(),
                ..forge_sim::Milestone::default()
            };
            let (ours, other) = (world.fresh_id(), world.fresh_id());
            let mut put = |project, id, title| {
                let project = world.projects.get_mut(&project).unwrap();
                project.milestones.insert(id, new(title));
            };
            put(lab.source, ours, "v1");
            put(lab.target, other, "Theirs");
            (ours, other)
        };
        lab.edit(iid, |issue| issue.milestone = Some(ours));
        lab.sim.advance(300);
        lab.sync();
        let made = milestone(&lab);
        assert!(made.is_some() && made != Some(other));
        if theirs {
            lab.sim.world().issue_mut(lab.target, 1).milestone = Some(other);
        }
        // A Maintainer changes everything and deletes nothing.
        lab.sim.world().drops_confidential = true;
        becomes(&lab, iid, true);
        lab.sync();
        assert_eq!(milestone(&lab), theirs.then_some(other));
        becomes(&lab, iid, false);
        lab.sync();
        assert_eq!(milestone(&lab), made);
        lab.sim.advance(300);
        lab.idle();
    }
}

#[test]
fn p7_a_carried_issue_that_the_target_does_not_hide_gets_nothing_more() {
    let (lab, iid) = mirrored("sync_confidential: true", Role::Guest);
    becomes(&lab, iid, true);
    lab.edit(iid, |issue| {
        issue.description = Some(format!("{CANARY} anew"));
    });
    lab.sync_with(&[], 3);
    let issue = &lab.mirrored()[0];
    assert!(!format!("{issue:?}").contains(CANARY), "{issue:?}");
    // With the role it needs it is hidden, and has its text again.
    set_role(&lab, Role::Maintainer);
    lab.retry_now();
    lab.sync();
    let issue = &lab.mirrored()[0];
    assert!(issue.confidential);
    assert!(issue.description.as_ref().unwrap().starts_with(CANARY));
}

#[test]
fn p7_a_more_public_target_is_refused_where_the_source_would_not_tell() {
    let low = |world: &mut forge_sim::World| {
        let bot = world.tokens["reader"].user;
        let path = |world: &forge_sim::World, path: &str| {
            let mut projects = world.projects.iter();
            *projects.find(|(_, p)| p.path == path).unwrap().0
        };
        let (app, mirror) = (path(world, "team/app"), path(world, "mirrors/app"));
        world.set_role(app, bot, Role::Guest);
        world.projects.get_mut(&mirror).unwrap().public = true;
        world.projects.get_mut(&app).unwrap().public = false;
    };
    let lab = Lab::with("", low);
    lab.open("T", "x");
    lab.sim.advance(300);
    // Neither the first pass nor a later one, nor one by hand.
    for args in [&[][..], &[], &["app", "--issue", "1"]] {
        let pair = lab.sync_with(args, 1);
        let said = pair["failures"][0]["error"].to_string();
        for word in [
            "Guest",
            "accept_low_role: true",
            "public",
            "Planner or Reporter",
        ] {
            assert!(said.contains(word), "{said}");
        }
    }
    assert_eq!(lab.sim.world().writes(), 0);
    lab.configure("accept_low_role: true");
    let pair = lab.sync();
    assert_eq!(pair["issues"]["created"], 1);
    assert!(pair["warnings"].to_string().contains("Guest"), "{pair}");
}

#[test]
fn p7_an_admin_without_a_role_sees_everything() {
    let lab = Lab::with("", |world| {
        let bot = world.tokens["reader"].user;
        world.users.get_mut(&bot).unwrap().admin = true;
        for project in world.projects.values_mut() {
            project.public = project.path == "mirrors/app";
            if project.path == "team/app" {
                project.members.insert(bot, Role::Guest);
            }
        }
    });
    let iid = lab.open(CANARY, "x");
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["issues"]["created"], 1, "{pair}");
    assert!(!pair["warnings"].to_string().contains("Guest"), "{pair}");
    becomes(&lab, iid, true);
    lab.sync();
    assert!(lab.mirrored()[0].confidential);
}

#[test]
fn p7_a_trial_run_says_what_would_be_hidden() {
    for toggles in ["", "sync_confidential: true"] {
        let (lab, iid) = mirrored(toggles, Role::Guest);
        becomes(&lab, iid, true);
        let pair = lab.sync_with(&["--dry-run"], 0);
        let plan = pair["plan"].to_string();
        assert!(plan.contains("\"hide\""), "{pair}");
        assert_eq!(lab.mirrored()[0].title, CANARY);
    }
}

#[test]
fn p7_whom_we_assigned_is_taken_off_what_is_withdrawn() {
    let lab = Lab::new("assignee_strategy: by_username");
    lab.sim
        .world()
        .set_role(lab.target, lab.alice, Role::Developer);
    let iid = lab.open(CANARY, CANARY);
    lab.edit(iid, |issue| issue.assignees = vec![lab.alice]);
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(lab.mirrored()[0].assignees, [lab.alice]);
    // A Maintainer changes everything and deletes nothing.
    lab.sim.world().drops_confidential = true;
    becomes(&lab, iid, true);
    let pair = lab.sync();
    assert!(pair["warnings"].to_string().contains("withdrawn"), "{pair}");
    let issue = &lab.mirrored()[0];
    assert!(issue.assignees.is_empty(), "{issue:?}");
    assert!(!format!("{issue:?}").contains(CANARY), "{issue:?}");
    lab.sim.advance(300);
    lab.idle();
}
