//! Labels that the target did not take or that were not there: tried again, and not in every pass.

use super::{label, labels, on_target, shown, told};
use crate::lab::Lab;
use forge_sim::{Issue, Label, Role};

/// People make a label on the target.
fn make(lab: &Lab, name: &str) {
    let id = lab.sim.world().fresh_id();
    on_target(lab, |project| {
        project.labels.push(Label {
            id,
            name: name.to_owned(),
            color: "#112233".to_owned(),
            description: None,
            of_group: false,
        });
    });
}

#[test]
fn p9_a_label_that_was_missing_arrives_by_a_full_pass_once_the_target_has_it() {
    let lab = Lab::new("label_auto_create: false");
    for number in 1..=3 {
        let iid = lab.open(&format!("Issue {number}"), "x");
        label(&lab, iid, if number == 3 { &["ui"] } else { &["bug"] });
    }
    assert_eq!(told(&lab.sync()).len(), 2);
    lab.sim.advance(300);
    lab.idle();
    let full = || {
        let mut world = lab.sim.world();
        world.log.clear();
        drop(world);
        let told = told(&lab.sync_with(&["--full"], 0));
        let world = lab.sim.world();
        let read = |target: &str| target.contains("/links") || target.contains("/graphql");
        let reads = world.log.iter().filter(|call| read(&call.target)).count();
        (told, reads, world.writes())
    };
    // While it is missing, no issue is read for it.
    let (said, reads, _) = full();
    assert_eq!((said, reads), (vec![], 0));
    make(&lab, "bug");
    lab.sim.advance(300);
    let before = lab.mirrored();
    let (said, ..) = full();
    assert_eq!(said, []);
    let after = lab.mirrored();
    assert_eq!(labels(&after[0]), ["bug"]);
    assert_eq!(labels(&after[1]), ["bug"]);
    assert_eq!(after[2].labels, before[2].labels);
    lab.sim.advance(300);
    lab.idle();
    // And with the toggle the other one.
    lab.configure("");
    lab.sync();
    assert_eq!(labels(&lab.mirrored()[2]), ["ui"]);
}

#[test]
fn p11_a_title_that_is_not_taken_is_tried_for_one_issue_by_a_full_pass() {
    let costs = |count: u64, names: &[&str]| {
        let lab = Lab::new("");
        for _ in 0..count {
            let iid = lab.open("T", "x");
            label(&lab, iid, names);
        }
        lab.sync();
        lab.sim.advance(300);
        lab.sync_with(&["--full"], 0);
        lab.sim.world().log.clear();
        // It is tried, as what it was refused for may have ended.
        assert_eq!(told(&lab.sync_with(&["--full"], 0)).len(), names.len());
        let calls: Vec<String> = {
            let world = lab.sim.world();
            world.log.iter().map(|call| call.target.clone()).collect()
        };
        (calls, lab)
    };
    let more = |count: u64| {
        let (plain, _) = costs(count, &[]);
        let (refused, lab) = costs(count, &["a &amp; b"]);
        let calls = format!("{refused:#?}");
        (refused.len() - plain.len(), calls, lab)
    };
    let (one, ..) = more(1);
    let (four, calls, lab) = more(4);
    assert_eq!(one, four, "{calls}");
    // Once it is there, all of them get it.
    make(&lab, "a &amp; b");
    lab.sync_with(&["--full"], 0);
    let without = |issue: &Issue| labels(issue) != ["a &amp; b"];
    assert_eq!(lab.mirrored().iter().filter(|i| without(i)).count(), 0);
}

#[test]
fn p9_a_role_that_was_too_low_gets_all_of_them_once_it_is_not() {
    let lab = Lab::new("");
    let bot = lab.sim.world().tokens["writer"].user;
    lab.sim.world().set_role(lab.target, bot, Role::Guest);
    for title in ["T", "U"] {
        let iid = lab.open(title, "x");
        label(&lab, iid, &["bug"]);
    }
    lab.sync();
    assert_eq!(shown(&lab), Vec::<String>::new());
    lab.sim.world().set_role(lab.target, bot, Role::Maintainer);
    lab.sync_with(&["--full"], 0);
    for issue in lab.mirrored() {
        assert_eq!(labels(&issue), ["bug"]);
    }
    lab.sim.advance(300);
    lab.idle();
}
