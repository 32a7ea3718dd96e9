//! What a server refuses, and what a person is told about it: tokens, projects and servers that are
//! not what or where they were.

use crate::lab::Lab;
use forge_sim::{Fault, Sim, Token, When, World};
use std::time::{Duration, Instant};

/// One issue that is mirrored, another one that is new, and both changed since.
fn changed() -> Lab {
    let lab = Lab::new("");
    lab.open("Title", "Text");
    lab.sim.advance(300);
    lab.sync();
    lab.sim.advance(600);
    lab.edit(1, |issue| issue.title = "New".into());
    lab.open("Second", "Text");
    lab.sim.advance(300);
    lab
}

/// A second pair whose ends are files, so that nothing of the server can keep it from being passed.
fn with_files(lab: &Lab) {
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    let config = config.replace(
        "pairs:\n",
        "  files: { forge: directory, path: . }\npairs:\n",
    );
    let pair = "  - name: files
    source: { instance: files, project: here }
    target: { instance: files, project: there }
    sync_existing_issues: true
";
    lab.env.write("mirror.yaml", &format!("{config}{pair}"));
    crate::tracker::Tracker::begin(lab.env.path("here"), "here-1", "plans");
}

fn rename(lab: &Lab, project: u64, to: &str) {
    let mut world = lab.sim.world();
    let project = world.projects.get_mut(&project).unwrap();
    let old = std::mem::replace(&mut project.path, to.to_owned());
    project.old_paths.push(old);
}

#[test]
fn p9_a_token_that_opens_nothing_is_said_and_other_pairs_go_on() {
    type Spoil = fn(&mut Token);
    let cases: [(&str, Spoil, &str); 3] = [
        (
            "expired",
            |t| t.expired = true,
            "401 invalid_token: Token is expired.",
        ),
        (
            "revoked",
            |t| t.revoked = true,
            "401 invalid_token: Token was revoked.",
        ),
        (
            "no scope",
            |t| t.scopes = vec!["read_user"],
            "403 insufficient_scope: ",
        ),
    ];
    for (token, path) in [("reader", "team%2Fapp"), ("writer", "mirrors%2Fapp")] {
        for (name, spoil, said) in cases {
            let lab = changed();
            with_files(&lab);
            spoil(lab.sim.world().tokens.get_mut(token).unwrap());
            let run = lab.run(&["sync"]);
            assert_eq!(run.code, 1, "{name}: {}", run.shown());
            let request = format!(
                "GET {}/api/v4/projects/{path}/issues: {said}",
                lab.sim.url()
            );
            for part in [
                "app: failed.",
                &request,
                "hint: make a new token there with the scope `api`",
                "files: nothing to do",
            ] {
                assert!(run.stdout.contains(part), "{name}, {part}: {}", run.shown());
            }
            assert!(
                !run.stdout.contains("issues switched on"),
                "{}",
                run.shown()
            );
            // The store knows it too, and the pass goes on once the token is well again.
            let good = Token {
                user: lab.sim.world().tokens[token].user,
                scopes: vec!["api"],
                revoked: false,
                expired: false,
                expires_at: None,
            };
            lab.sim.world().tokens.insert(token.to_owned(), good);
            let status = lab.run(&["status"]);
            assert!(
                status.stdout.contains(said.trim_end()),
                "{}",
                status.shown()
            );
            lab.sync();
            let titles: Vec<String> = lab.mirrored().into_iter().map(|i| i.title).collect();
            assert_eq!(titles, ["New", "Second"], "{name}");
        }
    }
}

#[test]
fn p9_a_token_that_nobody_knows_is_told_from_an_expired_one_and_sent_once() {
    let lab = changed();
    lab.sim.world().tokens.remove("writer");
    let before = lab.sim.world().log.len();
    let run = lab.run(&["sync"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    let said = "401 Unauthorized; it knows no such token, or not any more";
    assert!(run.stdout.contains(said), "{}", run.shown());
    let refused = |log: &[forge_sim::world::Logged]| log.iter().filter(|l| l.status == 401).count();
    assert_eq!(refused(&lab.sim.world().log[before..]), 1);
    // Also if it is revoked in the middle of a pass with much to do: who fails often is locked out.
    let lab = Lab::new("");
    for number in 0..20 {
        lab.open(&format!("T{number}"), "x");
    }
    lab.sim.advance(300);
    lab.sim
        .world()
        .plan(When::Every("POST", "/issues"), Fault::Status(401));
    let before = lab.sim.world().log.len();
    let run = lab.run(&["sync"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(run.stdout.contains("401"), "{}", run.shown());
    let refused = refused(&lab.sim.world().log[before..]);
    assert!(
        (1..=8).contains(&refused),
        "only what was under way: {refused}"
    );
    lab.sim.world().faults.clear();
    lab.retry_now();
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(lab.mirrored().len(), 20);
}

#[test]
fn p9_a_token_without_the_scope_to_write_ends_the_pair() {
    let lab = changed();
    lab.sim.world().tokens.get_mut("writer").unwrap().scopes = vec!["read_api"];
    let pair = lab.sync_with(&[], 1);
    let failures = pair["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 1, "{pair:#}");
    for failure in failures {
        let error = failure["error"].as_str().unwrap();
        assert!(
            error.contains("mirrors%2Fapp/issues") && error.contains("403 insufficient_scope"),
            "{error}"
        );
        assert!(
            failure["hint"]
                .as_str()
                .unwrap()
                .contains("make a new token"),
            "{failure}"
        );
    }
    lab.sim.world().tokens.get_mut("writer").unwrap().scopes = vec!["api"];
    lab.retry_now();
    lab.sync();
    assert_eq!(lab.mirrored().len(), 2);
}

#[test]
fn p9_a_project_that_was_renamed_is_named_with_its_new_path() {
    for is_source in [true, false] {
        let lab = changed();
        let (project, old) = if is_source {
            (lab.source, "team/app")
        } else {
            (lab.target, "mirrors/app")
        };
        rename(&lab, project, "new/place");
        let writes = lab.sim.world().writes();
        let run = lab.run(&["sync"]);
        assert_eq!(run.code, 1, "{}", run.shown());
        let said = "301 the project was moved to new/place; write `project: new/place` into";
        let request = format!("{}/issues: {said}", old.replace('/', "%2F"));
        for part in [request.as_str(), "hint: nothing is lost"] {
            assert!(run.stdout.contains(part), "{part}: {}", run.shown());
        }
        assert_eq!(lab.sim.world().writes(), writes, "nothing was written");
        // Done as it says, the pass goes on where it was.
        let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
        lab.env
            .write("mirror.yaml", &config.replace(old, "new/place"));
        lab.sync();
        assert_eq!(lab.mirrored().len(), 2, "nothing twice");
        lab.sim.advance(600);
        lab.idle();
    }
}

#[test]
fn p9_a_project_that_is_opened_the_first_time_by_a_former_path_is_named() {
    let lab = Lab::new("");
    lab.open("T", "x");
    rename(&lab, lab.target, "new/place");
    let run = lab.run(&["sync"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    let said = "mirrors%2Fapp: 301 the project was moved to new/place; write `project: new/place`";
    assert!(run.stdout.contains(said), "{}", run.shown());
    // An account that may not see it where it is now is told what is known.
    let lab = changed();
    rename(&lab, lab.source, "new/place");
    let project = format!("/projects/{}", lab.source);
    lab.sim
        .world()
        .plan(When::Every("GET", project.leak()), Fault::Status(404));
    let run = lab.run(&["sync"]);
    let said = format!("301 it was moved to /api/v4/projects/{}/issues", lab.source);
    assert!(run.stdout.contains(&said), "{}", run.shown());
}

#[test]
fn p9_a_project_that_is_renamed_while_a_pass_runs_refuses_writes_and_says_where_it_is() {
    let lab = Lab::new("");
    for number in 0..40 {
        lab.open(&format!("T{number}"), "x");
    }
    lab.sim.advance(300);
    lab.sim.world().latency = Duration::from_millis(10);
    let (run, created) = std::thread::scope(|scope| {
        scope.spawn(|| {
            let deadline = Instant::now() + Duration::from_secs(30);
            while Instant::now() < deadline && lab.mirrored().len() < 3 {
                std::thread::yield_now();
            }
            rename(&lab, lab.target, "new/place");
        });
        (lab.run(&["sync"]), lab.mirrored().len())
    });
    assert!((3..40).contains(&created), "{created} were created before");
    assert_eq!(run.code, 1, "{}", run.shown());
    let said = "405 Non GET methods are not allowed for moved projects; the project was moved to new/place; write `project: new/place` into the configuration";
    assert!(run.stdout.contains(said), "{}", run.shown());
    assert!(
        run.stdout.contains("hint: nothing is lost"),
        "{}",
        run.shown()
    );
    assert!(
        !run.stdout.contains("change it on the source"),
        "{}",
        run.shown()
    );
    lab.sim.world().latency = Duration::ZERO;
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    lab.env
        .write("mirror.yaml", &config.replace("mirrors/app", "new/place"));
    lab.retry_now();
    lab.sync();
    let titles: std::collections::BTreeSet<String> = lab
        .mirrored()
        .into_iter()
        .map(|issue| issue.title)
        .collect();
    assert_eq!((lab.mirrored().len(), titles.len()), (40, 40));
}

#[test]
fn p7_a_server_that_moved_is_named_and_nothing_is_sent_to_the_other_one() {
    let other = Sim::start(World::default());
    for status in [301, 302, 308] {
        for fresh in [true, false] {
            let lab = if fresh { Lab::new("") } else { changed() };
            lab.open("T", "x");
            let origin = other.url();
            lab.sim.world().moved_to = Some((status, origin.clone()));
            let run = lab.run(&["sync"]);
            assert_eq!(run.code, 1, "{}", run.shown());
            for part in [
                format!("GET {}/api/v4/projects/team%2Fapp", lab.sim.url()),
                format!(": {status} the instance is at {origin} now, and nothing was sent there"),
                format!("write `url: {origin}` into the configuration"),
                // Nobody is to find out by having everything twice.
                "begins anew and needs a target without the copies of before".to_owned(),
                "hint: nothing is lost".to_owned(),
            ] {
                assert!(run.stdout.contains(&part), "{part}: {}", run.shown());
            }
            assert!(
                other.world().log.is_empty(),
                "neither a token nor a request"
            );
        }
    }
}

#[test]
fn p7_files_of_a_server_that_moved_are_not_asked_for_with_the_token() {
    let lab = Lab::new("");
    let secret = "66dbcd21ec5d24ed6ea225176098d52b";
    lab.open("T", &format!("[a](/uploads/{secret}/a.txt)"));
    lab.sim.advance(300);
    // As an installation with its files elsewhere does: the address opens by itself.
    let other = Sim::start(World::default());
    let to = vec![("location", format!("{}/signed/a.txt", other.url()))];
    lab.sim
        .world()
        .plan(When::Every("GET", "/a.txt"), Fault::StatusWith(302, to));
    lab.run(&["sync"]);
    let world = other.world();
    assert!(!world.log.is_empty(), "it was followed");
    assert!(
        world.log.iter().all(|logged| !logged.with_token),
        "{:?}",
        world.log
    );
}

#[test]
fn p2_a_lock_of_a_moment_is_waited_for_and_one_that_stays_is_queued() {
    let lab = changed();
    // Write 1 may be either of two; each is repeated or has nothing to lock.
    let put = When::Every("PUT", "/issues/1");
    lab.sim.world().plan(When::Write(1), Fault::Status(409));
    lab.sim.world().plan(When::Write(2), Fault::Status(409));
    lab.run(&["sync"]);
    lab.sim.world().faults.clear();
    lab.retry_now();
    lab.sync();
    let titles: Vec<String> = lab.mirrored().into_iter().map(|i| i.title).collect();
    assert_eq!(titles, ["New", "Second"]);

    lab.sim.advance(600);
    lab.edit(1, |issue| issue.title = "Newer".into());
    lab.sim.world().plan(When::Write(1), Fault::Status(409));
    let pair = lab.sync();
    assert_eq!(
        pair["issues"]["updated"], 1,
        "repeated within the pass: {pair:#}"
    );
    assert!(pair["waited_ms"].as_u64().unwrap() > 0);
    assert_eq!(lab.mirrored()[0].title, "Newer");

    lab.sim.advance(600);
    lab.edit(1, |issue| issue.title = "Newest".into());
    lab.sim.world().plan(put, Fault::Status(409));
    let pair = lab.sync_with(&[], 3);
    let failure = &pair["failures"][0];
    assert!(
        failure["error"]
            .as_str()
            .unwrap()
            .contains("409 Conflict: Resource lock"),
        "{failure}"
    );
    assert_eq!(failure["hint"], "later passes try again");
    lab.sim.world().faults.clear();
    lab.retry_now();
    lab.sync();
    assert_eq!(lab.mirrored()[0].title, "Newest");
}
