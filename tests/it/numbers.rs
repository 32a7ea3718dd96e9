//! `preserve_numbers`: counterparts under the numbers of their originals.

use crate::env::Env;
use crate::lab::Lab;
use forge_sim::{Fault, Role, When};

fn lab(role: Role) -> Lab {
    Lab::with("preserve_numbers: true", |world| {
        let bot = world.tokens["writer"].user;
        let mut projects = world.projects.values();
        let target = projects.find(|p| p.path == "mirrors/app").unwrap().id;
        world.set_role(target, bot, role);
    })
}

/// The numbers of the target's issues.
fn numbers(lab: &Lab) -> Vec<u64> {
    lab.mirrored().iter().map(|issue| issue.iid).collect()
}

fn delete(lab: &Lab, iid: u64) {
    let mut world = lab.sim.world();
    let project = world.projects.get_mut(&lab.source).unwrap();
    project.issues.remove(&iid).unwrap();
}

#[test]
fn an_owner_gives_counterparts_the_numbers_of_their_originals() {
    let lab = lab(Role::Owner);
    for title in ["One", "Two", "Three", "Four"] {
        lab.open(title, "Text.");
    }
    delete(&lab, 1);
    delete(&lab, 3);
    lab.sim.advance(5);
    lab.sync();
    assert_eq!(numbers(&lab), [2, 4]);
    lab.idle();
    lab.open("Five", "Text.");
    lab.sync();
    assert_eq!(numbers(&lab), [2, 4, 5]);
}

#[test]
fn below_an_owner_nothing_is_created_and_the_reason_is_told() {
    let lab = lab(Role::Maintainer);
    lab.open("One", "Text.");
    for args in [&["--dry-run"][..], &[]] {
        let pair = lab.sync_with(args, 1);
        let error = pair["failures"][0]["error"].as_str().unwrap();
        assert!(
            error.contains("from an Owner of mirrors/app only")
                && error.contains("is Maintainer there"),
            "{error}"
        );
        assert_eq!(pair["issues"]["created"], 0);
    }
    assert!(numbers(&lab).is_empty());
    // What was too low is set right, and nothing is lost.
    {
        let mut world = lab.sim.world();
        let bot = world.tokens["writer"].user;
        world.set_role(lab.target, bot, Role::Owner);
    }
    lab.sync();
    assert_eq!(numbers(&lab), [1]);
}

#[test]
fn a_number_that_is_taken_fails_its_issue_alone() {
    let lab = lab(Role::Owner);
    lab.sim
        .world()
        .open_issue(lab.target, lab.alice, "Theirs", "Text.");
    lab.open("One", "Text.");
    lab.open("Two", "Text.");
    let pair = lab.sync_with(&[], 3);
    assert_eq!(pair["issues"]["created"], 1);
    let failure = &pair["failures"][0];
    assert_eq!(failure["source_number"], 1);
    let error = failure["error"].as_str().unwrap();
    assert!(
        error.contains("Duplicated issue") && error.contains("it was to be #1 there"),
        "{error}"
    );
    assert_eq!(numbers(&lab), [1, 2]);
    assert_eq!(lab.mirrored()[0].title, "Theirs");
}

#[test]
fn p1_a_lost_answer_makes_no_second_one() {
    let lab = lab(Role::Owner);
    lab.open("One", "Text.");
    lab.sim
        .world()
        .plan(When::Every("POST", "/issues"), Fault::DropAnswer);
    lab.sim.advance(300);
    lab.sync_with(&[], 3);
    lab.sim.world().faults.clear();
    lab.sim.advance(300);
    lab.retry_now();
    lab.sync();
    assert_eq!(numbers(&lab), [1]);
}

#[test]
fn a_directory_keeps_numbers_too() {
    let env = Env::new("preserve_numbers: true");
    env.source().issue(7, "title: Seven", "Text.");
    env.source().issue(9, "title: Nine", "Text.");
    env.sync();
    assert_eq!(env.target().read(7).mirrored_text(), "Text.");
    assert_eq!(env.target().read(9).mirrored_text(), "Text.");
    assert!(!env.path("target/issues/1").exists());
    env.sync_idle();
}

#[test]
fn pairs_that_share_a_target_cannot_preserve_numbers() {
    let env = Env::new("preserve_numbers: true");
    let file = std::fs::read_to_string(env.path("mirror.yaml")).unwrap();
    let (_, pair) = file.split_once("pairs:\n").unwrap();
    let other = pair
        .replace("name: demo", "name: other")
        .replace("preserve_numbers: true", "")
        .replacen(
            "instance: here, project: .",
            "instance: here, project: sub",
            1,
        );
    env.write("mirror.yaml", &format!("{file}{other}"));
    let run = env.run(&["check"]);
    assert_eq!(run.code, 2, "{}", run.shown());
    assert!(
        run.stderr
            .contains("`demo` and `other` share a target, where numbers cannot be preserved"),
        "{}",
        run.shown()
    );
}

#[test]
fn a_server_that_drops_numbers_gets_no_second_issue_of_another_number() {
    let lab = lab(Role::Owner);
    lab.sim.world().drops_numbers = true;
    for title in ["One", "Two", "Three"] {
        lab.open(title, "Text.");
    }
    delete(&lab, 1);
    let run = lab.run(&["sync", "--output", "json"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(
        run.stdout
            .contains("the target made #1 of #2 although `preserve_numbers` asked"),
        "{}",
        run.shown()
    );
    // The one that was made is remembered, and stays the only one.
    assert!(lab.mirrored().len() <= 2, "what was under way may end");
    let made = lab.mirrored().len();
    lab.sim.world().drops_numbers = false;
    lab.sync();
    assert_eq!(lab.mirrored().len(), 2, "{made} before");
}
