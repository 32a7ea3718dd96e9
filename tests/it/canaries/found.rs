//! What the canaries found, each by itself.

use crate::lab::Lab;
use forge_sim::{Fault, Role, When};
use std::fs;

#[test]
fn p7_what_becomes_confidential_while_it_is_read_is_hidden_with_its_comments() {
    let lab = Lab::new("");
    let iid = lab.open("T", "x");
    lab.comment(iid, "First.");
    lab.sync();
    lab.sim.advance(300);
    lab.edit(iid, |issue| issue.title = "U".to_owned());
    let (source, alice) = (lab.source, lab.alice);
    let listed = lab.sim.world().log.len();
    // Behind the listings, before its comments are read.
    for request in 1..=6 {
        lab.sim.world().at_request(request, move |world| {
            let mut since = world.log[listed..].iter();
            let is_read = since.any(|logged| logged.target.contains("iids"));
            if is_read && !world.issue(source, iid).confidential {
                world.issue_mut(source, iid).confidential = true;
                world.comment(source, iid, alice, "CANARY");
            }
        });
    }
    let pair = lab.sync();
    assert_eq!(pair["hidden"], 1);
    let world = lab.sim.world();
    let writes = world.log.iter().filter(|logged| logged.method != "GET");
    let said = writes.filter(|logged| logged.body.contains("CANARY"));
    assert_eq!(said.count(), 0);
    assert!(world.issue(lab.target, 1).confidential);
}

#[test]
fn p7_a_page_of_a_proxy_is_not_taken_for_a_deletion() {
    let lab = Lab::with("", |world| {
        world.drops_confidential = true;
        let bot = world.tokens["writer"].user;
        let target = *world.projects.keys().last().unwrap();
        world.set_role(target, bot, Role::Owner);
    });
    let iid = lab.open("T", "x");
    lab.sync();
    lab.sim.advance(300);
    lab.edit(iid, |issue| issue.confidential = true);
    // It is asked for confidentiality first.
    lab.sim.world().plan(When::Write(2), Fault::Html);
    let pair = lab.sync_with(&[], 3);
    let failure = &pair["failures"][0];
    assert_eq!(failure["stage"], "hide", "{failure:#}");
    assert!(failure["error"].to_string().contains("page of HTML"));
    assert_eq!(lab.mirrored().len(), 1);
    lab.retry_now();
    lab.sync();
    assert!(lab.mirrored().is_empty());
}

#[test]
fn p7_what_is_withdrawn_after_the_store_was_lost_keeps_no_label() {
    let lab = Lab::with("", |world| world.drops_confidential = true);
    let iid = lab.open("T", "x");
    lab.edit(iid, |issue| {
        issue.labels = ["secret plan".to_owned()].into();
    });
    lab.sync();
    lab.env.lose_store();
    lab.sim.advance(300);
    lab.edit(iid, |issue| issue.confidential = true);
    lab.sync();
    let there = &lab.mirrored()[0];
    assert_eq!((there.title.as_str(), there.labels.len()), ("Withdrawn", 0));
}

#[test]
fn p7_a_hide_whose_answer_was_lost_does_not_end_that_confidential_issues_are_carried() {
    for fault in [Fault::CutBody, Fault::CloseBefore] {
        let lab = Lab::new("sync_confidential: true");
        let iid = lab.open("T", "x");
        lab.sync();
        lab.sim.advance(300);
        lab.edit(iid, |issue| issue.confidential = true);
        lab.sim.world().plan(When::Write(1), fault);
        lab.sync_with(&[], 3);
        lab.sim.advance(300);
        lab.retry_now();
        lab.edit(iid, |issue| issue.title = "U".to_owned());
        lab.sync();
        let there = &lab.mirrored()[0];
        assert!(there.confidential);
        assert_eq!(there.title, "U");
        lab.sim.advance(300);
        lab.idle();
    }
}

#[test]
fn p5_what_is_withdrawn_does_not_come_back_as_an_issue() {
    let lab = Lab::with("", |world| {
        world.drops_confidential = true;
        let bot = world.tokens["writer"].user;
        let source = *world.projects.keys().next().unwrap();
        world.set_role(source, bot, Role::Developer);
    });
    let config = fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    let (_, pair) = config.split_once("pairs:\n").unwrap();
    let back = pair
        .replace("name: app", "name: back")
        .replace("project: team/app", "project: HERE")
        .replace("project: mirrors/app", "project: team/app")
        .replace("project: HERE", "project: mirrors/app")
        .replace("instance: prod", "instance: X")
        .replace("instance: backup", "instance: prod")
        .replace("instance: X", "instance: backup");
    lab.env.write("mirror.yaml", &format!("{config}{back}"));
    let iid = lab.open("T", "x");
    lab.comment(iid, "y");
    let both = || {
        lab.sim.advance(300);
        let run = lab.run(&["sync"]);
        assert_eq!(run.code, 0, "{}", run.shown());
    };
    both();
    lab.edit(iid, |issue| issue.confidential = true);
    both();
    assert_eq!(lab.mirrored()[0].title, "Withdrawn");
    both();
    let world = lab.sim.world();
    assert_eq!(world.projects[&lab.source].issues.len(), 1);
    assert_eq!(world.projects[&lab.target].issues.len(), 1);
}
