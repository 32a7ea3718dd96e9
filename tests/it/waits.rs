//! Limits: what servers ask for is waited for, no longer and no shorter, and nothing is lost by it.

use crate::lab::Lab;
use forge_sim::{Fault, Role, When};
use jiff::SignedDuration;
use serde_json::Value;
use std::time::{Duration, Instant};

/// A project with so many issues, each with a comment.
fn many(count: u64) -> Lab {
    let lab = Lab::new("");
    for number in 1..=count {
        let iid = lab.open(&format!("T{number}"), "x");
        lab.comment(iid, "C");
    }
    lab.sim.advance(300);
    lab
}

/// From now on time passes on the server, and it is so many seconds before a full minute.
fn run_clock(lab: &Lab, before: i64) {
    let mut world = lab.sim.world();
    let into = world.clock.now().as_second().rem_euclid(60);
    world
        .clock
        .advance(SignedDuration::from_secs(120 - before - into));
    world.clock.run();
}

fn waited(pair: &Value) -> Duration {
    Duration::from_millis(pair["waited_ms"].as_u64().unwrap())
}

fn refused(lab: &Lab) -> usize {
    let world = lab.sim.world();
    world.log.iter().filter(|l| l.status == 429).count()
}

#[test]
fn p11_what_a_server_asks_for_is_waited_for() {
    let cases = [
        (429, "0", 0),
        (429, "1", 1),
        (429, "date", 1),
        (503, "1", 1),
    ];
    for (status, after, least) in cases {
        let lab = many(1);
        let header = match after {
            // The server's clock is far from ours: a date is meant by its own.
            "date" => {
                let world = lab.sim.world();
                world.clock.header_in(SignedDuration::from_secs(2))
            }
            seconds => seconds.to_owned(),
        };
        let fault = Fault::StatusWith(status, vec![("retry-after", header)]);
        lab.sim.world().plan(When::Request(1), fault);
        let pair = lab.sync();
        let case = format!("{status} and {after}: {pair:#}");
        let waited = waited(&pair);
        assert!(waited > Duration::ZERO, "a moment at least: {case}");
        assert!(waited >= Duration::from_secs(least), "{case}");
        assert!(waited < Duration::from_secs(least + 3), "{case}");
        assert_eq!(lab.mirrored().len(), 1, "{case}");
    }
}

#[test]
fn p11_a_write_that_a_limit_refused_is_sent_again_and_done_once() {
    for write in 1..=3 {
        let lab = many(1);
        let soon = Fault::StatusWith(429, vec![("retry-after", "1".to_owned())]);
        lab.sim.world().plan(When::Write(write), soon);
        let pair = lab.sync();
        assert!(waited(&pair) >= Duration::from_secs(1), "{write}: {pair:#}");
        let issues = lab.mirrored();
        let comments: Vec<usize> = issues.iter().map(|i| i.comments().len()).collect();
        assert_eq!(comments, [1], "write {write}");
    }
}

#[test]
fn p11_a_long_pause_ends_with_the_time_of_the_run() {
    // In the listing, in a write, and in front of a file of comments.
    for (method, end) in [("GET", "/issues"), ("POST", "/issues"), ("POST", "/notes")] {
        let lab = many(3);
        let long = Fault::StatusWith(429, vec![("retry-after", "200".to_owned())]);
        lab.sim.world().plan(When::Every(method, end), long);
        let begun = Instant::now();
        let pair = lab.sync_with(&["--max-time", "1s"], 3);
        let case = format!("{method} {end}: {pair:#}");
        let stopped = pair["stopped"].as_str().unwrap();
        assert!(stopped.contains("--max-time is used up"), "{case}");
        assert!(begun.elapsed() < Duration::from_secs(20), "{case}");
        assert!(waited(&pair) >= Duration::from_millis(500), "{case}");
        lab.sim.world().faults.clear();
        lab.retry_now();
        lab.sync();
        let issues = lab.mirrored();
        let comments: Vec<usize> = issues.iter().map(|i| i.comments().len()).collect();
        assert_eq!(comments, [1, 1, 1], "{case}");
    }
}

#[test]
fn p11_a_pause_that_no_pass_waits_for_is_said_at_once() {
    let lab = many(1);
    let hour = Fault::StatusWith(429, vec![("retry-after", "3600".to_owned())]);
    lab.sim.world().plan(When::Every("GET", "/issues"), hour);
    let begun = Instant::now();
    let run = lab.run(&["sync"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    let said = "429 Retry later; it asks for a pause of 3600 s";
    assert!(run.stdout.contains(said), "{}", run.shown());
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(refused(&lab), 1, "it is not asked again");
}

#[test]
fn p11_a_limit_that_no_header_tells_of_is_over_with_the_minute() {
    let lab = many(5);
    lab.sim.world().notes_per_minute = Some(3);
    run_clock(&lab, 2);
    let pair = lab.sync();
    assert!(
        refused(&lab) > 0 && waited(&pair) > Duration::ZERO,
        "{pair:#}"
    );
    let comments: Vec<usize> = lab.mirrored().iter().map(|i| i.comments().len()).collect();
    assert_eq!(comments, [1, 1, 1, 1, 1]);
}

#[test]
fn p11_what_headers_tell_is_kept_to_before_a_limit_is_hit() {
    let lab = many(10);
    {
        // Reader and writer have a limit each, as two accounts have.
        let mut world = lab.sim.world();
        let other = world.add_user("mirror-writer");
        world.set_role(lab.target, other, Role::Maintainer);
        world.tokens.get_mut("writer").unwrap().user = other;
        world.requests_per_minute = Some(20);
    }
    run_clock(&lab, 2);
    let pair = lab.sync();
    let asked = pair["requests"]["target"].as_u64().unwrap();
    assert!(
        (21..=40).contains(&asked),
        "more than one minute allows: {pair:#}"
    );
    assert_eq!(refused(&lab), 0, "{pair:#}");
    assert!(waited(&pair) > Duration::ZERO, "{pair:#}");
    assert_eq!(lab.mirrored().len(), 10);
}
