//! What the journal is for: without it the matrix would fail.

use super::life;
use super::life::Seen;
use super::place::Place;
use super::{Every, LONG_ENOUGH, Point, UNDISTURBED, at_requests, disturbed, later, made, try_all};
use forge_sim::{Fault, World};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Takes the markers off everything on the target that the store has not settled.
fn unmark_unsettled(place: &Place, world: &mut World) {
    let store = Connection::open(place.env.path("issue-mirror.db")).unwrap();
    let sql = "SELECT key FROM issue_link UNION SELECT key FROM comment_link";
    let mut statement = store.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get::<_, String>(0));
    let settled: BTreeSet<String> = rows.unwrap().map(Result::unwrap).collect();
    let is_unsettled = |line: &str| {
        let inside = line.strip_prefix("[issue-mirror]: # (");
        let key = inside.and_then(|inside| inside.split(' ').next());
        key.is_some_and(|key| !settled.contains(key))
    };
    let target = life::project(world, life::TARGET);
    let issues = &mut world.projects.get_mut(&target).unwrap().issues;
    for issue in issues.values_mut() {
        let notes = issue.notes.iter_mut().map(|note| &mut note.body);
        for text in notes.chain(&mut issue.description) {
            let kept = text.lines().filter(|line| !is_unsettled(line));
            *text = kept.collect::<Vec<_>>().join("\n");
        }
    }
}

#[test]
fn p1_without_the_journal_the_matrix_would_fail() {
    let all = at_requests(&Fault::Kill { after: true }, Every::Write);
    let mut points: Vec<(Point, bool)> = Vec::new();
    for point in all.into_iter().filter(|p| p.which == 0).step_by(3) {
        points.extend([(point.clone(), false), (point, true)]);
    }
    let expected = made(&UNDISTURBED.seen[0]);
    let [creates, twice] = [0, 0].map(AtomicUsize::new);
    try_all(
        "without the journal",
        20,
        &points,
        |place, _, (point, unmarked)| {
            let (mut world, ..) = disturbed(place, point);
            let last = world.log.last().unwrap();
            let ends = ["/issues", "/notes"];
            if last.method != "POST" || !ends.iter().any(|end| last.target.ends_with(end)) {
                return Ok(());
            }
            place.on_store("DELETE FROM intent");
            // An issue without a marker that has the title of one to be created is suspected and told,
            // so only comments tell what the journal is for.
            let is_comment = last.target.ends_with("/notes");
            if *unmarked {
                unmark_unsettled(place, &mut world);
                creates.fetch_add(usize::from(is_comment), Ordering::Relaxed);
            }
            let (world, ..) = later(place, world, LONG_ENOUGH);
            match made(&Seen::of(&world)).cmp(&expected) {
                std::cmp::Ordering::Greater if *unmarked => {
                    twice.fetch_add(1, Ordering::Relaxed);
                }
                // What the store does not know of is seen from its marker, and not made again.
                std::cmp::Ordering::Greater => return Err("something was made twice".to_owned()),
                _ if *unmarked && is_comment && !place.has_contested() => {
                    return Err("nothing was made twice, and nothing was told".to_owned());
                }
                _ => {}
            }
            Ok(())
        },
    );
    let [creates, twice] = [creates, twice].map(AtomicUsize::into_inner);
    assert!(creates >= 5, "only {creates} creates were tried");
    // Where two were under way, the other one may be an issue that is now told and not made.
    assert!(twice > 0, "none of {creates} was made twice");
}
