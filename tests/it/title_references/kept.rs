//! What people wrote into titles stays, and what we wrote is known again.

use super::{idle, retitle, title};
use crate::lab::Lab;
use forge_sim::Fault;
use issue_mirror::model::Digest;
use serde_json::{Value, json};
use std::fs;

#[test]
fn p6_a_late_reference_overwrites_no_title_that_people_wrote() {
    let lab = Lab::shifted("");
    lab.open("Before #2", "See #2.");
    lab.open("Before #2 too", "x");
    lab.later();
    retitle(&lab, 3, "Mine");
    lab.open("Three", "x");
    let (count, pair) = lab.later();
    assert_eq!(title(&lab, 3), "Mine");
    assert_eq!(title(&lab, 4), "Before #4 too");
    // The issue itself, and its text; the other one names one that was there.
    assert_eq!(count, 1, "{pair:#}");
    lab.edit(2, |issue| issue.confidential = true);
    let (_, pair) = lab.later();
    assert_eq!(title(&lab, 3), "Mine");
    assert_eq!(pair["drift"], 1, "{pair:#}");
    lab.sim.advance(300);
    assert_eq!(lab.idle(), 1);
    // The source's next title wins.
    lab.edit(1, |issue| issue.title = "Behind #3".into());
    lab.later();
    assert_eq!(title(&lab, 3), "Behind #5");
    idle(&lab);
}

#[test]
fn p6_what_people_put_right_by_hand_is_nobody_elses() {
    let lab = Lab::shifted("");
    lab.open("Before #2", "x");
    lab.later();
    retitle(&lab, 3, "Before #4");
    lab.open("Two", "x");
    let (count, pair) = lab.later();
    // Only the marker tells of it.
    assert_eq!((count, &pair["drift"]), (2, &json!(0)), "{pair:#}");
    assert_eq!(title(&lab, 3), "Before #4");
    idle(&lab);
}

#[test]
fn p6_the_title_of_a_joined_issue_stays_until_the_source_has_another_one() {
    for ours in [true, false] {
        let lab = Lab::new("link_existing: by_title");
        let there = |title: &str| {
            let mut world = lab.sim.world();
            let author = if ours {
                world.tokens["writer"].user
            } else {
                lab.alice
            };
            world.open_issue(lab.target, author, title, "There.")
        };
        there("Theirs");
        there("After #1");
        lab.open("One", "x");
        lab.open("After #1", "Here.");
        lab.later();
        assert_eq!(title(&lab, 2), "After #1", "joined, as it was");
        lab.edit(1, |issue| issue.confidential = true);
        lab.later();
        lab.edit(1, |issue| issue.confidential = false);
        lab.later();
        assert_eq!(title(&lab, 2), "After #1");
        lab.edit(2, |issue| issue.title = "Behind #1 and #3".into());
        lab.later();
        assert_eq!(title(&lab, 2), "Behind #3 and #·3");
        // From then on it is ours.
        lab.open("Three", "x");
        lab.later();
        assert_eq!(title(&lab, 2), "Behind #3 and #4", "{ours}");
        idle(&lab);
    }
}

#[test]
fn p3_a_lost_store_costs_no_write() {
    let lab = Lab::shifted("");
    let url = lab.sim.url();
    lab.open("Before #2 and !3", "x");
    lab.open("After #1, not #9", "x");
    let note = lab.comment(2, "C");
    let page = format!("{url}/team/app/-/issues/2#note_{note}");
    lab.open(&format!("As {page}"), "x");
    lab.edit(1, |issue| issue.title = format!("As {page}, #2 and !3"));
    lab.later();
    let titles: Vec<String> = (3..6).map(|iid| title(&lab, iid)).collect();
    let comment = lab.sim.world().issue(lab.target, 4).comments()[0].id;
    let there = format!("{url}/mirrors/app/-/issues/4#note_{comment}");
    assert_eq!(
        titles,
        [
            format!("As {there}, #4 and !·3"),
            "After #3, not #·9".to_owned(),
            format!("As {there}"),
        ]
    );
    lab.sim.advance(3600);
    lab.env.lose_store();
    let (count, pair) = lab.later();
    assert_eq!(count, 0, "{pair:#}");
    assert_eq!(pair["rebuilt"]["equal"], 3, "{pair:#}");
    idle(&lab);
    // And what they name is known.
    lab.edit(2, |issue| issue.confidential = true);
    lab.later();
    assert!(
        title(&lab, 3).ends_with(", #·2 and !·3"),
        "{}",
        title(&lab, 3)
    );
}

#[test]
fn p3_a_title_without_a_marker_is_known_by_its_words() {
    let lab = Lab::shifted("");
    lab.open("Before #2", "x");
    lab.open("Two", "x");
    lab.open("Three", "x");
    lab.later();
    // Somebody took away all that tells of the source, also from what the title names.
    for iid in [3, 4] {
        let mut world = lab.sim.world();
        world.issue_mut(lab.target, iid).description = Some("x".into());
    }
    lab.sim.advance(3600);
    lab.env.lose_store();
    lab.sim.advance(300);
    lab.run(&["sync"]);
    assert_eq!(lab.mirrored().len(), 5, "nothing is there twice");
}

#[test]
fn p1_what_was_not_put_right_is_put_right_by_the_next_pass() {
    for fault in [Fault::Status(500), Fault::CloseBefore, Fault::DropAnswer] {
        let lab = Lab::shifted("");
        lab.open("Before #2", "x");
        lab.open("After #1", "x");
        lab.comes_right(&fault, |lab| title(lab, 3) == "Before #4");
    }
}

#[test]
fn p10_what_an_earlier_version_wrote_is_put_right_by_the_next_full_pass() {
    let lab = Lab::shifted("");
    for title in ["One", "After #1", "Also after #1", "Nothing"] {
        lab.open(title, "x");
    }
    lab.later();
    // As it was left: inert.
    for iid in [4, 5] {
        let mut world = lab.sim.world();
        let issue = world.issue_mut(lab.target, iid);
        issue.title = issue.title.replace("#3", "#\u{2060}1");
    }
    as_an_earlier_version_left_it(&lab, &[(4, 2), (5, 3)]);
    // One of them people edited since.
    retitle(&lab, 5, "Mine");
    assert_eq!(lab.later().0, 0, "nothing but a full pass looks at it");
    lab.sim.advance(300);
    let before = lab.sim.world().writes();
    let pair = lab.sync_with(&["--full"], 0);
    assert_eq!(lab.sim.world().writes() - before, 1, "{pair:#}");
    assert_eq!(title(&lab, 4), "After #3");
    assert_eq!(title(&lab, 5), "Mine");
    lab.sim.advance(300);
    let before = lab.sim.world().log.len();
    let pair = lab.sync_with(&["--full"], 0);
    assert!(lab.sim.world().log.len() - before < 8, "each is read once");
    assert_eq!(pair["put_right"], Value::from(0));
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p6_a_title_that_was_joined_by_an_earlier_version_stays() {
    for ours in [true, false] {
        let lab = Lab::new("link_existing: by_title\nsync_time_spent: false");
        for title in ["Theirs", "After #1"] {
            let mut world = lab.sim.world();
            let author = if ours {
                world.tokens["writer"].user
            } else {
                lab.alice
            };
            world.open_issue(lab.target, author, title, "There.");
        }
        lab.open("One", "x");
        lab.open("After #1", "Here.");
        lab.later();
        // Its text is ours by now.
        lab.edit(2, |issue| issue.description = Some("Here, too.".into()));
        lab.later();
        as_an_earlier_version_left_it(&lab, &[(2, 2)]);
        lab.sim.advance(300);
        lab.sync_with(&["--full"], 0);
        assert_eq!(title(&lab, 2), "After #1", "{ours}");
        idle(&lab);
        lab.edit(2, |issue| issue.title = "Behind #1".into());
        lab.later();
        assert_eq!(title(&lab, 2), "Behind #3", "{ours}");
        idle(&lab);
    }
}

/// The store as it was before titles led anywhere, brought up to date. Each issue: its number on the
/// target, where its title is as it was left, and on the source.
fn as_an_earlier_version_left_it(lab: &Lab, issues: &[(u64, i64)]) {
    let store = rusqlite::Connection::open(lab.env.path("issue-mirror.db")).unwrap();
    for &(iid, source) in issues {
        let wrote = Digest::of([lab.sim.world().issue(lab.target, iid).title.as_str()]);
        let here = "link = (SELECT id FROM issue_link WHERE source_number = ?2)";
        for (sql, digest) in [
            (
                "UPDATE issue_base SET wrote = ?1, value = NULL WHERE field = 'title'",
                wrote,
            ),
            (
                "UPDATE issue_base SET made = ?1 WHERE field = 'rewriting'",
                Digest::of([]),
            ),
        ] {
            let changed = store.execute(&format!("{sql} AND {here}"), (digest.as_bytes(), source));
            assert_eq!(changed.unwrap(), 1, "{sql}");
        }
    }
    let sql = fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/store/schema/22.sql"
    ));
    store.execute_batch("DELETE FROM reference").unwrap();
    store.execute_batch(&sql.unwrap()).unwrap();
}
