//! P3: what the store does not know any more the target tells, and nothing is made a second time.

use super::{source, undisturbed};
use crate::env::Env;
use crate::faulty::{Fault, Faulty, everything, pass};
use crate::tracker::Comment;
use rusqlite::Connection;
use std::collections::BTreeSet;

#[test]
fn p3_without_the_journal_the_markers_tell_what_was_created() {
    let (_, writes) = undisturbed();
    let mut found = 0;
    for at in 1..=writes[0] {
        let env = Env::new("");
        source(&env);
        // One issue after the other, so that the same write is the same every time.
        let alone = |target: Faulty| target.claiming(|c| c.concurrency = 1);
        let target = alone(Faulty::new(&env, Some((at, Fault::DieAfter))));
        pass(&env, &target, &everything());
        let store = Connection::open(env.path("issue-mirror.db")).unwrap();
        store.execute_batch("DELETE FROM intent").unwrap();
        drop(store);
        let report = pass(&env, &alone(Faulty::new(&env, None)), &everything()).unwrap();
        // What the store does not know of is seen from its marker, and not made again.
        found += u64::from(!report.tally.warnings.is_empty());
        for issue in env.target().issues().values() {
            let texts: BTreeSet<&str> = issue.comments.iter().map(Comment::mirrored_text).collect();
            assert_eq!(texts.len(), issue.comments.len(), "write {at}");
        }
        assert_eq!(env.target().numbers(), [1, 2, 3, 4, 5, 6], "write {at}");
    }
    assert_eq!(found, 6, "creates of issues that were found again");
}

#[test]
fn p3_with_the_store_lost_nothing_is_made_a_second_time() {
    let env = Env::new("");
    source(&env);
    env.sync();
    let older = std::fs::read(env.path("issue-mirror.db")).unwrap();
    let target = env.target().bytes();
    std::fs::remove_file(env.path("issue-mirror.db")).unwrap();
    assert_eq!(
        env.run(&["sync"]).shown(),
        "exit 0
--- stdout
demo: 6 issues seen: nothing changed, 6 unchanged.
  requests     8 to the source, 8 to the target, in TIME
  note: nothing was remembered of this pair; 6 mirrored issues were found again on the target. What `map-user` had set is lost with a store.
"
    );
    assert_eq!(env.target().bytes(), target);
    env.sync_idle();
    // A copy that is older than the last issue.
    env.source().issue(7, "title: T7", "x");
    env.sync();
    let target = env.target().bytes();
    std::fs::write(env.path("issue-mirror.db"), &older).unwrap();
    let pair = env.sync();
    let said = pair["warnings"][0].as_str().unwrap();
    assert!(said.contains("knew nothing of"), "{said}");
    assert_eq!(env.target().bytes(), target);
    env.sync_idle();
}

#[test]
fn what_people_do_on_the_target_is_not_taken_for_a_lost_store() {
    let env = Env::new("");
    let source = source(&env);
    env.sync();
    let target = env.target();
    target.issue(20, "title: Theirs", "Own.");
    // A copy of a counterpart, marker and all.
    let copy = target.content("issues/1/issue.md");
    target.write("issues/21/issue.md", &copy);
    source.issue(7, "title: T7", "x");
    assert_eq!(env.sync()["issues"]["created"], 1);
    assert_eq!(target.numbers(), [1, 2, 3, 4, 5, 6, 20, 21, 22]);
}
