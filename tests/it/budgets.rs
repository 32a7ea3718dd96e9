//! Runs that end before everything is done: they stop cleanly, say so, and the next one goes on.

use crate::lab::Lab;
use forge_sim::{Fault, When};
use std::collections::BTreeMap;
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

/// What was asked since this place of the log, by project, method and the end of the path.
fn asked(lab: &Lab, since: usize) -> BTreeMap<(&'static str, String), usize> {
    let world = lab.sim.world();
    let mut counts = BTreeMap::new();
    for logged in &world.log[since..] {
        let path = logged.target.split('?').next().unwrap();
        let side = if path.contains("mirrors%2Fapp") {
            "target"
        } else {
            "source"
        };
        let parts: Vec<&str> = path.split('/').skip(5).collect();
        let end = match parts.as_slice() {
            ["issues", _, rest @ ..] if !rest.is_empty() => {
                let last = rest.last().unwrap();
                if rest.len() == 3 {
                    "answers".to_owned()
                } else {
                    (*last).to_owned()
                }
            }
            ["issues", ..] => "issues".to_owned(),
            _ => continue,
        };
        *counts
            .entry((side, format!("{} {end}", logged.method)))
            .or_default() += 1;
    }
    counts
}

#[test]
fn threads_and_links_cost_so_many_requests() {
    let lab = Lab::new("");
    let source = lab.source;
    let (one, two) = (lab.open("T", "x"), lab.open("U", "x"));
    let first = lab.comment(one, "First");
    {
        let mut world = lab.sim.world();
        for text in ["Second", "Third"] {
            world.reply(source, one, first, lab.alice, text);
        }
        world.relate(lab.alice, (source, one), (source, two), false);
    }
    lab.sim.advance(300);
    let expect = |since: usize, expected: &[(&'static str, &str, usize)]| {
        let expected: BTreeMap<_, _> = expected
            .iter()
            .map(|(side, what, count)| ((*side, (*what).to_owned()), *count))
            .collect();
        assert_eq!(asked(&lab, since), expected);
    };
    let since = lab.sim.world().log.len();
    lab.sync();
    expect(
        since,
        &[
            ("source", "GET issues", 2),
            ("source", "GET notes", 1),
            ("source", "GET discussions", 1),
            ("source", "GET links", 2),
            ("target", "GET issues", 1),
            ("target", "POST issues", 2),
            ("target", "POST notes", 1),
            ("target", "GET discussions", 1),
            ("target", "POST answers", 2),
            ("target", "GET links", 1),
            ("target", "POST links", 1),
        ],
    );
    lab.sim.advance(600);
    assert_eq!(lab.idle(), 1);
    // One more answer.
    lab.sim
        .world()
        .reply(source, one, first, lab.alice, "Fourth");
    lab.sim.advance(300);
    let since = lab.sim.world().log.len();
    lab.sync();
    expect(
        since,
        &[
            ("source", "GET issues", 2),
            ("source", "GET notes", 1),
            ("source", "GET discussions", 1),
            ("source", "GET links", 1),
            // Whether it is there already.
            ("target", "GET issues", 1),
            ("target", "GET notes", 1),
            ("target", "GET discussions", 2),
            ("target", "POST answers", 1),
        ],
    );
}
