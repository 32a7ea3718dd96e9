//! References where the store was lost, or is one of an earlier version.

use super::{comments, description, each_other, text};
use crate::lab::{Lab, author_text};
use forge_sim::{Fault, When};
use issue_mirror::model::Digest;
use std::fs;

#[test]
fn p3_a_lost_store_costs_no_write() {
    let lab = Lab::shifted("");
    lab.open("One", "See #2 and !3.");
    lab.open("Two", "See #1.");
    let note = lab.comment(2, "See #1.");
    let url = lab.sim.url();
    lab.comment(
        1,
        &format!("As in {url}/team/app/-/issues/2#note_{note}, then."),
    );
    lab.later();
    assert!(comments(&lab, 3)[0].contains("/mirrors/app/"));
    lab.sim.advance(3600);
    lab.env.lose_store();
    let before = lab.sim.world().writes();
    let pair = lab.sync();
    assert_eq!(lab.sim.world().writes(), before, "{pair:#}");
    assert_eq!(pair["rebuilt"]["equal"], 2, "{pair:#}");
    lab.sim.advance(300);
    lab.idle();
    lab.open("Three", "x");
    lab.edit(2, |issue| issue.description = Some("See #3.".into()));
    lab.later();
    assert_eq!(text(&lab, 4), "See #5.");
}

#[test]
fn p3_a_store_that_is_lost_before_a_reference_was_put_right_costs_one_write() {
    let lab = each_other("");
    lab.sim.advance(300);
    lab.sim.world().plan(When::Write(4), Fault::CloseBefore);
    lab.run(&["sync"]);
    assert!(text(&lab, 3).starts_with("See [#·2]("), "{}", text(&lab, 3));
    lab.sim.advance(3600);
    lab.env.lose_store();
    let (count, _) = lab.later();
    assert_eq!(count, 1);
    assert_eq!(text(&lab, 3), "See #4.");
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p10_what_an_earlier_version_mirrored_is_put_right_by_the_next_full_pass() {
    let lab = Lab::shifted("");
    for (title, text) in [("One", "x"), ("Two", "See #1."), ("Three", "See #1 too.")] {
        lab.open(title, text);
    }
    lab.later();
    // As it was left: made inert, and nothing known of references.
    let store = rusqlite::Connection::open(lab.env.path("issue-mirror.db")).unwrap();
    for (iid, source) in [(4, 2), (5, 3)] {
        let mut world = lab.sim.world();
        let issue = world.issue_mut(lab.target, iid);
        let text = author_text(issue.description.as_deref().unwrap()).to_owned();
        let inert = text.replace("#3", "#\u{2060}1");
        issue.description = Some(description(issue).replace(&text, &inert));
        let (wrote, none) = (Digest::of([inert.as_str()]), Digest::of([]));
        for field in ["text", "rewriting"] {
            let changed = store
                .execute(
                    "UPDATE issue_base SET wrote = ?1, made = CASE field WHEN 'rewriting' THEN ?2 ELSE made END
                     WHERE field = ?3 AND link = (SELECT id FROM issue_link WHERE source_number = ?4)",
                    (wrote.as_bytes(), none.as_bytes(), field, source),
                )
                .unwrap();
            assert_eq!(changed, 1, "{field}");
        }
    }
    let sql = fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/store/schema/12.sql"
    ));
    let sql = sql.unwrap();
    let filled = &sql[sql.rfind("INSERT INTO reference").unwrap()..];
    store.execute_batch("DELETE FROM reference").unwrap();
    store.execute_batch(filled).unwrap();
    drop(store);
    // One of them people edited since.
    let mut world = lab.sim.world();
    let issue = world.issue_mut(lab.target, 5);
    issue.description = Some(description(issue).replace("too.", "too!"));
    drop(world);
    assert_eq!(lab.later().0, 0, "nothing but a full pass looks at it");
    lab.sim.advance(300);
    let before = lab.sim.world().writes();
    let pair = lab.sync_with(&["--full"], 0);
    assert_eq!(lab.sim.world().writes() - before, 1, "{pair:#}");
    assert_eq!(text(&lab, 4), "See #3.");
    assert_eq!(text(&lab, 5), "See #·1 too!");
    lab.sim.advance(300);
    let before = lab.sim.world().log.len();
    lab.sync_with(&["--full"], 0);
    assert!(lab.sim.world().log.len() - before < 8, "each is read once");
    lab.sim.advance(300);
    lab.idle();
}
