//! Runs that end before everything is done: they stop cleanly, say so, and the next one goes on.

use crate::lab::Lab;
use forge_sim::{Fault, When};
use std::time::Duration;

fn lab(issues: u64) -> Lab {
    let lab = Lab::new("");
    for number in 1..=issues {
        let iid = lab.open(&format!("T{number}"), "x");
        for comment in 1..=3 {
            lab.comment(iid, &format!("{number}.{comment}"));
        }
    }
    lab.sim.advance(300);
    lab
}

fn is_whole(lab: &Lab, issues: usize) -> bool {
    let there = lab.mirrored();
    there.len() == issues && there.iter().all(|issue| issue.comments().len() == 3)
}

#[test]
fn requests_that_are_used_up_end_a_run_and_the_next_one_goes_on() {
    let lab = lab(6);
    let mut runs = 0;
    loop {
        runs += 1;
        let before = lab.sim.world().log.len();
        let run = lab.run(&["sync", "--max-requests", "25"]);
        let made = lab.sim.world().log.len() - before;
        // Those that are under way are finished.
        assert!(made <= 25 + 8, "{made} requests");
        if run.code == 0 {
            break;
        }
        assert_eq!(run.code, 3, "{}", run.shown());
        let said = "the requests of --max-requests are used up; the next run goes on: issue-mirror sync app";
        assert!(run.stdout.contains(said), "{}", run.shown());
        assert!(runs < 20);
    }
    assert!(runs > 1, "{runs} runs");
    assert!(is_whole(&lab, 6));
    lab.sim.advance(600);
    lab.idle();
}

#[test]
fn the_budget_is_that_of_the_whole_run() {
    let lab = lab(2);
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    let other = lab.sim.world().add_project("mirrors/other");
    {
        let mut world = lab.sim.world();
        let bot = world.tokens["writer"].user;
        world.set_role(other, bot, forge_sim::Role::Maintainer);
    }
    let (_, pair) = config.split_once("pairs:\n").unwrap();
    let second = pair
        .replace("name: app", "name: other")
        .replace("mirrors/app", "mirrors/other");
    lab.env.write("mirror.yaml", &format!("{config}{second}"));
    let before = lab.sim.world().log.len();
    let run = lab.run(&["sync", "--max-requests", "5"]);
    assert_eq!(run.code, 3, "{}", run.shown());
    assert!(lab.sim.world().log.len() - before <= 5 + 8);
    assert!(
        run.stdout.contains("other: ") && run.stdout.contains("sync other"),
        "{}",
        run.shown()
    );
    assert!(lab.sim.world().projects[&other].issues.is_empty());
}

#[test]
fn p2_an_issue_that_was_cut_short_by_the_time_is_finished_by_the_next_run() {
    let lab = lab(1);
    // Its third comment takes until the time is up.
    let slow = Fault::Delay(Duration::from_millis(1500));
    lab.sim.world().plan(When::Write(3), slow);
    let pair = lab.sync_with(&["--max-time", "1s"], 3);
    assert!(
        pair["stopped"].as_str().unwrap().contains("--max-time"),
        "{pair:#}"
    );
    assert!(!is_whole(&lab, 1));
    lab.sim.advance(600);
    lab.sync();
    assert!(is_whole(&lab, 1));
    lab.sim.advance(600);
    lab.idle();
}
