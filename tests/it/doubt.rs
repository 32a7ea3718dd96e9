//! What nobody knows to be done, and what people did meanwhile.

use crate::env::Env;
use crate::faulty::{Fault, Faulty, everything, pass};
use issue_mirror::model::Outcome;
use issue_mirror::plan::policy::Policy;
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::PermissionsExt;

fn carries_all() -> Policy {
    Policy {
        confidential: true,
        internal_notes: true,
        ..everything()
    }
}

/// Everything of the source tracker.
fn kept(env: &Env) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    env.source().bytes().into_iter().collect()
}

#[test]
fn p2_a_write_that_was_not_recorded_is_undone_when_the_source_goes_back() {
    let (issue, comment) = ("issues/1/issue.md", "issues/1/comment-0001.md");
    let changes = [
        ("title", issue, "title: T", "title: New"),
        ("text", issue, "Text.", "New."),
        ("state", issue, "author", "state: closed\nauthor"),
        ("weight", issue, "author", "weight: 3\nauthor"),
        ("label added", issue, "[bug]", "[bug, ui]"),
        ("label gone", issue, "[bug]", "[]"),
        (
            "confidential",
            issue,
            "author",
            "confidential: true\nauthor",
        ),
        ("comment", comment, "Comment.", "Edited."),
        ("internal", comment, "author", "internal: true\nauthor"),
    ];
    for policy in [everything(), carries_all()] {
        for (name, file, from, to) in changes {
            for at in 1..=3 {
                let env = Env::new("");
                let source = env.source();
                source.issue(1, "title: T\nauthor: a\nlabels: [bug]", "Text.");
                source.comment(1, 1, "author: bob", "Comment.");
                pass(&env, &Faulty::new(&env, None), &policy).unwrap();
                let mirrored = env.target().read(1);
                let before = kept(&env);
                source.edit(file, from, to);
                pass(
                    &env,
                    &Faulty::new(&env, Some((at, Fault::DieAfter))),
                    &policy,
                );
                for (path, bytes) in before {
                    fs::write(path, bytes).unwrap();
                }
                let report = pass(&env, &Faulty::new(&env, None), &policy).unwrap();
                assert_eq!(report.outcome, Outcome::Success, "{name} {at}");
                let after = env.target().read(1);
                assert_eq!(after.head, mirrored.head, "{name} {at}");
                assert_eq!(after.mirrored_text(), "Text.", "{name} {at}");
                assert_eq!(after.comments.len(), 1, "{name} {at}");
                assert_eq!(after.comments[0].mirrored_text(), "Comment.", "{name} {at}");
                let idle = Faulty::new(&env, None);
                pass(&env, &idle, &policy).unwrap();
                assert_eq!(idle.writes(), 0, "{name} {at}");
            }
        }
    }
}

#[test]
fn p2_labels_in_doubt_stay_so_until_a_write_is_known_to_be_done() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: T\nauthor: a\nlabels: [bug]", "Text.");
    pass(&env, &Faulty::new(&env, None), &everything()).unwrap();
    source.edit("issues/1/issue.md", "[bug]", "[bug, ui]");
    // Write 1 creates the label, 2 sets it.
    pass(
        &env,
        &Faulty::new(&env, Some((2, Fault::DieBefore))),
        &everything(),
    );
    let report = pass(
        &env,
        &Faulty::new(&env, Some((1, Fault::Refuse))),
        &everything(),
    )
    .unwrap();
    assert_eq!(report.outcome, Outcome::Partial);
    env.retry_now();
    pass(&env, &Faulty::new(&env, None), &everything()).unwrap();
    assert!(env.target().read(1).labels().contains(&"ui"));
}

#[test]
fn p6_an_edit_of_people_between_a_lost_create_and_its_recovery_stays() {
    let env = Env::new("");
    env.source().issue(1, "title: T\nauthor: a", "Text.");
    env.source().comment(1, 1, "author: bob", "Comment.");
    // Write 1 is the label, 2 the issue.
    pass(
        &env,
        &Faulty::new(&env, Some((2, Fault::DieAfter))),
        &everything(),
    );
    env.target()
        .edit("issues/1/issue.md", "Text.", "Text of people.");
    pass(&env, &Faulty::new(&env, None), &everything()).unwrap();
    env.source()
        .edit("issues/1/issue.md", "title", "milestone: m\ntitle");
    let report = pass(&env, &Faulty::new(&env, None), &everything()).unwrap();
    assert_eq!(env.target().read(1).mirrored_text(), "Text of people.");
    assert_eq!(report.tally.drift, 1);
    assert!(env.target().read(1).labels().contains(&"Milestone::m"));
    // Something like a marker below the footer hides nothing.
    let env = Env::new("");
    env.source().issue(1, "title: T\nauthor: a", "Text.");
    pass(
        &env,
        &Faulty::new(&env, Some((2, Fault::DieAfter))),
        &everything(),
    );
    let mut text = env.target().content("issues/1/issue.md");
    text.push_str("\n[issue-mirror]: # (imkaaaaaaaaaa v1 src=x)\n");
    env.target().write("issues/1/issue.md", &text);
    pass(&env, &Faulty::new(&env, None), &everything()).unwrap();
    assert_eq!(env.target().numbers(), [1]);
}

#[test]
fn p1_hours_of_people_are_not_taken_for_ours() {
    let env = Env::new("");
    env.source()
        .issue(1, "title: T\nauthor: a\ntime_spent: 1h", "x");
    pass(&env, &Faulty::new(&env, None), &everything()).unwrap();
    env.source().edit("issues/1/issue.md", "1h", "3h");
    pass(
        &env,
        &Faulty::new(&env, Some((1, Fault::DieBefore))),
        &everything(),
    );
    env.target()
        .edit("issues/1/issue.md", "time_spent: 1h", "time_spent: 1h30m");
    pass(&env, &Faulty::new(&env, None), &everything()).unwrap();
    assert_eq!(env.target().read(1).field("time_spent"), "3h30m");
}

#[test]
fn p3_a_lost_store_doubles_nothing_whatever_else_is_on_the_target() {
    // People wrote below the footer.
    let env = Env::new("");
    env.source().issue(1, "title: T\nauthor: a", "x");
    env.sync();
    let text = env.target().content("issues/1/issue.md");
    env.target()
        .write("issues/1/issue.md", &format!("{text}\nnote by people\n"));
    fs::remove_file(env.path("issue-mirror.db")).unwrap();
    let pair = env.sync_with(&[], 3);
    let said = pair["failures"][0]["error"].as_str().unwrap();
    assert!(
        said.contains("changed the lines around its marker"),
        "{said}"
    );
    assert_eq!(env.target().numbers(), [1]);
    // Told once; it stays in `status` and is not made by any later pass.
    env.source().write(
        "issues/1/issue.md",
        "---\ntitle: Changed\nauthor: a\n---\n\nx\n",
    );
    assert_eq!(env.sync_with(&["--full"], 0)["dead_letters"], 1);
    assert_eq!(env.target().numbers(), [1]);
    // Another source made a newer one there.
    let env = Env::new("");
    let second = crate::tracker::Tracker::begin(env.path("second"), "source-2", "second");
    let config = fs::read_to_string(env.path("mirror.yaml")).unwrap();
    let (head, pair) = config.split_once("pairs:\n").unwrap();
    let other = pair
        .replace("name: demo", "name: other")
        .replace("instance: here", "instance: also");
    env.write(
        "mirror.yaml",
        &format!("{head}  also: {{ forge: directory, path: second }}\npairs:\n{other}{pair}"),
    );
    env.source().issue(1, "title: One", "x");
    second.issue(1, "title: Uno", "x");
    assert_eq!(env.run(&["sync"]).code, 0);
    let older = fs::read(env.path("issue-mirror.db")).unwrap();
    env.source().issue(2, "title: Two", "x");
    assert_eq!(env.run(&["sync"]).code, 0);
    fs::write(env.path("issue-mirror.db"), older).unwrap();
    second.issue(2, "title: Due", "x");
    let run = env.run(&["sync"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    assert!(run.stdout.contains("knew nothing of"), "{}", run.shown());
    let titles: Vec<String> = env
        .target()
        .issues()
        .values()
        .map(|issue| issue.field("title").to_string())
        .collect();
    assert_eq!(titles, ["\"Uno\"", "\"One\"", "\"Two\"", "\"Due\""]);
}

#[test]
fn p7_what_does_not_follow_is_not_shown_again() {
    let mode = |env: &Env| {
        let meta = fs::metadata(env.target().path("issues/1/issue.md")).unwrap();
        meta.permissions().mode() & 0o777
    };
    let env = Env::new("sync_confidential: true\nupdate_existing: false");
    env.source()
        .issue(1, "title: T\nauthor: a\nconfidential: true", "SECRET");
    env.sync();
    env.source().edit("issues/1/issue.md", "SECRET", "SECRET 2");
    env.sync();
    env.source().issue(1, "title: T\nauthor: a", "cleaned");
    let pair = env.sync();
    let said = pair["warnings"][0].as_str().unwrap();
    assert!(
        said.starts_with("#1 may be seen again, and stays hidden"),
        "{said}"
    );
    assert_eq!(mode(&env), 0o600);
    // With everything following, it is brought up to date and shown.
    env.configure("sync_confidential: true");
    env.sync();
    assert_ne!(mode(&env) & 0o044, 0);
    assert_eq!(env.target().read(1).mirrored_text(), "cleaned");
    let env = Env::new("sync_confidential: true");
    env.source()
        .issue(1, "title: T\nauthor: a\nconfidential: true", "x");
    env.source().comment(1, 1, "author: a", "SECRET");
    env.sync();
    env.configure("sync_confidential: true\nsync_comments: false");
    env.source().issue(1, "title: T\nauthor: a", "cleaned");
    env.source().remove("issues/1/comment-0001.md");
    env.sync();
    assert_eq!(env.target().read(1).field("confidential"), true);
    env.configure("sync_confidential: true");
    env.sync();
    assert!(env.target().read(1).field("confidential").is_null());
    assert!(env.target().read(1).comments.is_empty());
}

#[test]
fn p7_a_comment_that_comes_back_is_under_control_again() {
    let env = Env::new("");
    env.source().issue(1, "title: T", "x");
    env.source().comment(1, 1, "author: bob", "Hi.");
    env.sync();
    let file = env.target().path("issues/1/comment-0001.md");
    fs::rename(&file, env.path("away")).unwrap();
    assert_eq!(env.sync_with(&["--full"], 0)["gone"], 1);
    env.source()
        .edit("issues/1/comment-0001.md", "Hi.", "Hello.");
    fs::rename(env.path("away"), &file).unwrap();
    env.sync_with(&["--full"], 0);
    assert_eq!(env.target().read(1).comments[0].mirrored_text(), "Hello.");
    fs::rename(&file, env.path("away")).unwrap();
    env.sync_with(&["--full"], 0);
    fs::rename(env.path("away"), &file).unwrap();
    env.source().edit(
        "issues/1/comment-0001.md",
        "author: bob",
        "author: bob\ninternal: true",
    );
    env.sync_with(&["--full"], 0);
    assert!(env.target().read(1).comments.is_empty());
}

#[test]
fn p2_files_in_folders_are_watched_too() {
    let env = Env::new("");
    let source = env.source();
    source.write("attachments/sub/a.txt", "v1");
    source.write("issues/1/f/b.txt", "w1");
    source.write("attachments/c.txt", "x1");
    source.issue(
        1,
        "title: T",
        "[a](../../attachments/sub/a.txt) [b](f/b.txt) [c](../../%61ttachments/c.txt)",
    );
    assert_eq!(env.sync()["attachments"]["copied"], 3);
    env.sync_idle();
    source.write("attachments/sub/a.txt", "v2-longer");
    source.write("issues/1/f/b.txt", "w2-longer");
    source.write("attachments/c.txt", "x2-longer");
    assert_eq!(env.sync()["attachments"]["copied"], 3);
    env.sync_idle();
}

#[test]
fn p7_a_link_inside_the_tracker_leads_to_nothing_that_is_hidden() {
    let env = Env::new("");
    let source = env.source();
    source.issue(2, "title: Secret\nconfidential: true", "canary-4711");
    source.write("issues/2/secret.txt", "canary-4711");
    source.write("attachments/x", "");
    std::os::unix::fs::symlink("../issues/2/issue.md", source.path("attachments/l.md")).unwrap();
    source.issue(
        1,
        "title: T",
        "[a](../../attachments/l.md) [b](x.txt) [c](d/secret.txt)",
    );
    std::os::unix::fs::symlink("../2/secret.txt", source.path("issues/1/x.txt")).unwrap();
    std::os::unix::fs::symlink("../2", source.path("issues/1/d")).unwrap();
    let pair = env.sync();
    assert_eq!(pair["attachments"]["copied"], 0);
    for (path, bytes) in env.target().bytes() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("canary-4711"), "{}", path.display());
    }
}

#[test]
fn p7_a_broken_comment_of_a_confidential_issue_is_told_without_a_word_of_it() {
    let env = Env::new("sync_confidential: true");
    env.source().issue(1, "title: T\nconfidential: true", "x");
    env.source().comment(1, 1, "author: bob", "Hi.");
    env.sync();
    env.target().edit(
        "issues/1/comment-0001.md",
        "author",
        "created_at: canary-4711\nauthor",
    );
    env.source()
        .edit("issues/1/comment-0001.md", "Hi.", "Hello.");
    let run = env.run(&["sync"]);
    assert_eq!(run.code, 3);
    assert!(!run.shown().contains("canary-4711"), "{}", run.shown());
}

#[test]
fn a_pass_that_was_killed_does_not_count_as_made() {
    let env = Env::new("sync_interval_minutes: 60");
    env.source().issue(1, "title: T", "x");
    env.sync();
    env.source().issue(2, "title: U", "x");
    let store = Connection::open(env.path("issue-mirror.db")).unwrap();
    store
        .execute_batch("UPDATE pass SET started_at = started_at - 3600000; INSERT INTO pass (pair, started_at, mode) SELECT pair, started_at + 3600000, mode FROM pass")
        .unwrap();
    drop(store);
    assert_eq!(env.sync()["issues"]["created"], 1);
    assert_eq!(env.sync()["outcome"], "not_due");
}

#[test]
fn a_log_that_cannot_be_written_ends_no_pass() {
    let env = Env::new("");
    env.source().issue(1, "title: T", "x");
    env.source().issue(2, "title: U", "x");
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = env.command(&["-v", "sync"]).stderr(full).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(env.target().numbers(), [1, 2]);
}

#[test]
fn what_would_be_too_large_to_be_read_again_is_not_written() {
    let env = Env::new("");
    env.source()
        .issue(1, "title: T", &"x".repeat(16 * 1024 * 1024 - 100));
    env.source().issue(2, "title: U", "x");
    let pair = env.sync_with(&[], 3);
    let said = pair["failures"][0]["error"].as_str().unwrap();
    assert!(said.contains("it would be larger than 16 MiB"), "{said}");
    let issues = env.target().issues();
    assert_eq!(issues.values().next().unwrap().field("title"), "U");
}

#[test]
fn a_configuration_without_end_is_refused() {
    let env = Env::empty();
    let run = env.run(&["status", "--config", "/dev/zero"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(
        run.stderr.contains("larger than any configuration"),
        "{}",
        run.stderr
    );
}
