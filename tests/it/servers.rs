//! What servers, clocks and accounts do at the wrong moment: GitLab again, but nothing goes well.

mod late;

use crate::lab::Lab;
use forge_sim::{Fault, Role, When};
use jiff::SignedDuration;
use late::put_back;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// One issue that is mirrored, long enough ago.
fn one() -> Lab {
    let lab = Lab::new("");
    lab.open("Title", "Text");
    lab.sim.advance(300);
    lab.sync();
    lab.sim.advance(600);
    lab
}

/// Sets the server's clock so many seconds ahead of ours.
fn set_clock(lab: &Lab, ahead: i64) {
    let mut world = lab.sim.world();
    let behind = jiff::Timestamp::now().duration_since(world.clock.now());
    world
        .clock
        .advance(behind + SignedDuration::from_secs(ahead));
}

/// Another account of the same rights is behind the target's token from now on.
fn change_account(lab: &Lab) {
    let mut world = lab.sim.world();
    let other = world.add_user("mirror-bot-2");
    world.set_role(lab.target, other, Role::Maintainer);
    world.tokens.get_mut("writer").unwrap().user = other;
}

#[test]
fn p1_time_is_logged_once_although_what_follows_fails() {
    let lab = one();
    lab.edit(1, |issue| issue.time_spent = 660);
    let reading = When::Every("GET", "/issues/1");
    lab.sim.world().plan(reading, Fault::Status(500));
    lab.sync_with(&[], 3);
    lab.sim.world().faults.clear();
    for _ in 0..3 {
        lab.sim.advance(300);
        lab.retry_now();
        lab.run(&["sync"]);
    }
    assert_eq!(lab.mirrored()[0].time_spent, 660);
}

#[test]
fn p2_a_change_of_which_half_was_done_is_not_taken_for_none() {
    let lab = one();
    lab.edit(1, |issue| {
        issue.title = "New".into();
        issue.time_estimate = 7200;
    });
    let estimate = When::Every("POST", "/time_estimate");
    lab.sim.world().plan(estimate, Fault::Status(401));
    lab.run(&["sync"]);
    assert_eq!(lab.mirrored()[0].title, "New");
    lab.sim.world().faults.clear();
    lab.sim.advance(300);
    lab.edit(1, |issue| issue.title = "Title".into());
    lab.retry_now();
    lab.sync();
    assert_eq!(lab.mirrored()[0].title, "Title");
    assert_eq!(lab.mirrored()[0].time_estimate, 7200);
}

#[test]
fn p1_another_account_behind_the_token_makes_nothing_twice() {
    let lab = Lab::new("");
    lab.open("A", "x");
    lab.sim.advance(300);
    let create = When::Every("POST", "/issues");
    lab.sim.world().plan(create, Fault::DropAnswer);
    lab.sync_with(&[], 3);
    lab.sim.world().faults.clear();
    change_account(&lab);
    lab.sim.advance(300);
    lab.retry_now();
    lab.sync();
    assert_eq!(lab.mirrored().len(), 1);

    lab.sim.advance(300);
    change_account(&lab);
    put_back(&lab, None);
    let run = lab.run(&["sync"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(run.stdout.contains("knows nothing of"), "{}", run.shown());
    assert_eq!(lab.mirrored().len(), 1);
}

#[test]
fn p2_a_comment_that_is_deleted_while_pages_are_read_takes_no_other_one_with_it() {
    let lab = Lab::new("");
    let iid = lab.open("T", "x");
    let comments: Vec<u64> = (0..150)
        .map(|number| lab.comment(iid, &format!("C{number}.")))
        .collect();
    lab.sim.advance(300);
    lab.sync();
    lab.sim.advance(600);
    // Every issue is read again, and a comment of the first page is deleted behind its first request.
    lab.configure("sync_due_date: false");
    let before = lab.sim.world().log.len();
    lab.sim.world().latency = Duration::from_millis(30);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let deadline = Instant::now() + Duration::from_secs(30);
            while Instant::now() < deadline {
                let mut world = lab.sim.world();
                let is_read = |target: &str| target.contains("team") && target.contains("/notes");
                if world.log[before..].iter().any(|l| is_read(&l.target)) {
                    let notes = &mut world.issue_mut(lab.source, iid).notes;
                    notes.retain(|note| note.id != comments[5]);
                    return;
                }
                drop(world);
                std::thread::sleep(Duration::from_micros(100));
            }
        });
        lab.sync();
    });
    lab.sim.world().latency = Duration::ZERO;
    let mirrored = lab.mirrored();
    let has = |text: &str| {
        let comments = mirrored[0].comments();
        comments.iter().any(|comment| comment.body.contains(text))
    };
    assert!(has("C100."), "the first one of the second page");
    assert!(!has("C5."), "it is deleted");
    assert_eq!(mirrored[0].comments().len(), 149);
}

#[test]
fn an_empty_project_at_the_path_is_not_taken_for_one_whose_issues_were_deleted() {
    for is_source in [false, true] {
        let lab = one();
        {
            let mut world = lab.sim.world();
            let (id, path) = if is_source {
                (lab.source, "team/app")
            } else {
                (lab.target, "mirrors/app")
            };
            world.projects.get_mut(&id).unwrap().path = "old/place".into();
            let other = world.add_project(path);
            let bot = world.tokens["writer"].user;
            world.set_role(other, bot, Role::Maintainer);
        }
        lab.edit(1, |issue| issue.title = "New".into());
        let run = lab.run(&["sync", "--full"]);
        assert_ne!(run.code, 0, "{}", run.shown());
        let said = "another project is at";
        assert!(run.stdout.contains(said), "{}", run.shown());
        assert!(!run.stdout.contains("allow-deletions"), "{}", run.shown());
    }
}

#[test]
fn p2_one_odd_issue_does_not_stop_the_others() {
    let lab = Lab::with("", |world| world.premium = true);
    lab.open("A", "x");
    let negative = lab.open("Negative", "x");
    lab.edit(negative, |issue| issue.time_spent = -3600);
    let odd = lab.open("Odd", "x");
    lab.edit(odd, |issue| issue.weight = Some(u64::MAX));
    lab.open("B", "x");
    lab.sim.advance(300);
    let pair = lab.sync_with(&[], 3);
    let titles: Vec<String> = lab.mirrored().into_iter().map(|i| i.title).collect();
    assert_eq!(titles, ["A", "Negative", "B"]);
    assert_eq!(pair["failures"][0]["source_number"], odd);
    let failures = pair["failures"].to_string();
    assert!(failures.contains("not of the form"), "{failures}");
    // It is tried again, and arrives once it is well.
    lab.edit(odd, |issue| issue.weight = Some(3));
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(lab.mirrored().len(), 4);
}

#[test]
fn p7_a_sign_in_page_is_no_attachment_whatever_the_file_is_called() {
    let lab = Lab::new("");
    let secret = "66dbcd21ec5d24ed6ea225176098d52b";
    lab.open("T", &format!("[a](/uploads/{secret}/a.html)"));
    lab.sim.advance(300);
    let file = When::Every("GET", "/a.html");
    lab.sim.world().plan(file, Fault::Html);
    lab.run(&["sync"]);
    let world = lab.sim.world();
    assert!(world.projects[&lab.target].uploads.is_empty());
}

#[test]
fn a_limit_is_not_waited_for_once_the_run_is_to_end() {
    for signal in [false, true] {
        let lab = Lab::new("");
        set_clock(&lab, -300);
        lab.open("T", "x");
        lab.sim.advance(300);
        let create = When::Every("POST", "/issues");
        lab.sim.world().plan(create, Fault::Status(429));
        let done = AtomicBool::new(false);
        let (code, took) = std::thread::scope(|scope| {
            // The server says to come back with the next minute, and it never comes.
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(50));
                    set_clock(&lab, 0);
                }
            });
            let begun = Instant::now();
            let limit: &[&str] = if signal { &[] } else { &["--max-time", "1s"] };
            let mut command = lab.env.command(&[&["sync"], limit].concat());
            command.env("READER", "reader").env("WRITER", "writer");
            command.stdout(std::process::Stdio::null());
            let mut child = command.spawn().unwrap();
            if signal {
                while !lab.sim.world().log.iter().any(|l| l.status == 429) {
                    assert!(begun.elapsed() < Duration::from_secs(30));
                    std::thread::sleep(Duration::from_millis(20));
                }
                let id = child.id().to_string();
                let kill = std::process::Command::new("kill")
                    .args(["-INT", &id])
                    .status();
                assert!(kill.unwrap().success());
            }
            let code = child.wait().unwrap().code();
            done.store(true, Ordering::Relaxed);
            (code, begun.elapsed())
        });
        assert_eq!(code, Some(if signal { 130 } else { 3 }));
        assert!(took < Duration::from_secs(20), "{took:?}");
        // Nothing was sent that had been given up, and the next run does it.
        lab.sim.world().faults.clear();
        lab.sync();
        assert_eq!(lab.mirrored().len(), 1);
    }
}

#[test]
fn p7_a_role_that_sees_no_confidential_issue_is_said() {
    let lab = Lab::with("", |world| {
        let bot = world.tokens["reader"].user;
        let mut projects = world.projects.iter();
        let (&app, _) = projects.find(|(_, p)| p.path == "team/app").unwrap();
        world.set_role(app, bot, Role::Guest);
    });
    lab.open("T", "x");
    lab.sim.advance(300);
    let run = lab.run(&["sync"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    let said = "a Guest in team/app: it sees no confidential issue";
    assert!(run.stdout.contains(said), "{}", run.shown());
    let full = lab.run(&["sync", "--full"]);
    assert!(full.stdout.contains(said), "{}", full.shown());
    let lab = one();
    let run = lab.run(&["sync", "--full"]);
    assert!(!run.stdout.contains("Guest"), "{}", run.shown());
}

#[test]
fn p2_an_issue_that_is_deleted_behind_the_listing_is_not_tried_for_ever() {
    let lab = one();
    let iid = lab.open("Short", "x");
    let source = lab.source;
    // The listing is the first request.
    lab.sim.world().at_request(2, move |world| {
        let issues = &mut world.projects.get_mut(&source).unwrap().issues;
        issues.remove(&iid);
    });
    // One answer alone proves nothing.
    let pair = lab.sync_with(&[], 3);
    assert_eq!(pair["failures"][0]["source_number"], iid);
    lab.retry_now();
    let pair = lab.sync();
    assert_eq!(
        (&pair["retries"], &pair["issues"]["failed"]),
        (&0.into(), &0.into())
    );
    assert_eq!(lab.mirrored().len(), 1);
}

#[test]
fn p7_a_page_of_html_is_no_answer_to_a_delete() {
    let lab = one();
    let note = lab.comment(1, "Soon secret.");
    lab.sim.advance(300);
    lab.sync();
    lab.sim.advance(300);
    lab.edit(1, |issue| issue.notes.retain(|other| other.id != note));
    lab.sim.world().plan(When::Write(1), Fault::Html);
    lab.sync_with(&[], 3);
    lab.sim.advance(300);
    lab.retry_now();
    lab.sync();
    assert!(lab.mirrored()[0].comments().is_empty());
}
