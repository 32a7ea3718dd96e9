//! Trackers of files.

use crate::env::Env;
use crate::tracker::Tracker;

#[test]
fn directories_are_looked_at_and_not_begun() {
    let env = Env::new("");
    assert_eq!(
        env.run(&["check"]).shown(),
        "exit 0
--- stdout
instance here: directory source
instance there: directory target
demo: can run.
  source       ., a tracker
  target       ., begun by the first pass
  as it is     title, description, attachments, comments and threads, open or closed, who closed it and when, type, locked discussion, author, time of writing, labels, weight, due date, time estimate, time spent, iteration, epic, links to other issues
  as labels    milestone (in footers too), assignees (in footers too)
  in footers   number, start date, health status, thumbs up and down
  left out     issues closed when first seen (`sync_closed_issues`), confidential issues (`sync_confidential`), internal comments (`sync_internal_notes`)
"
    );
    assert!(!env.path("target").exists());
    assert!(!env.path("issue-mirror.db").exists());
    // A file where a directory should be.
    env.write("target", "x");
    let run = env.run(&["check"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(run.stdout.contains("demo: cannot run."), "{}", run.shown());
    // Something else than a tracker.
    std::fs::remove_file(env.path("target")).unwrap();
    env.write("target/letter.txt", "x");
    let run = env.run(&["check"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(run.stdout.contains("holds other files"), "{}", run.shown());
    // A copy of the source.
    std::fs::remove_dir_all(env.path("target")).unwrap();
    Tracker::begin(env.path("target"), "source-1", "plans");
    let run = env.run(&["check"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(
        run.stdout.contains("both ends are one project"),
        "{}",
        run.shown()
    );
}

#[test]
fn a_directory_whose_disk_is_missing_is_said() {
    let env = Env::new("");
    env.source().issue(1, "title: T", "x");
    env.sync();
    std::fs::rename(env.path("target"), env.path("elsewhere")).unwrap();
    let run = env.run(&["check"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(run.stdout.contains("is a disk missing?"), "{}", run.shown());
    assert!(!env.path("target").exists());
    // Another tracker lies where one was.
    Tracker::begin(env.path("target"), "other-1", "others");
    let run = env.run(&["check"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    let said = "is directory:other-1 now; everything would be mirrored a second time";
    assert!(run.stdout.contains(said), "{}", run.shown());
}
