//! References lead to counterparts, or to the source without a trace there; those to what is mirrored
//! later are put right then.

mod pairs;

use crate::lab::{Lab, author_comment, author_text};
use forge_sim::{Fault, Issue, When};
use issue_mirror::model::Digest;
use serde_json::Value;
use std::fs;

/// What is invisible, made visible.
fn shown(text: &str) -> String {
    text.replace('\u{2060}', "·")
}

/// The author's text of a mirrored issue.
fn text(lab: &Lab, iid: u64) -> String {
    let text = description(lab.sim.world().issue(lab.target, iid));
    shown(author_text(&text))
}

fn description(issue: &Issue) -> String {
    issue.description.clone().unwrap()
}

fn comments(lab: &Lab, iid: u64) -> Vec<String> {
    let world = lab.sim.world();
    let comments = world.issue(lab.target, iid).comments();
    comments
        .iter()
        .map(|note| shown(author_comment(&note.body).1))
        .collect()
}

/// Notes of the forge itself in an issue.
fn traces(lab: &Lab, project: u64, iid: u64) -> Vec<String> {
    let world = lab.sim.world();
    let notes = world.issue(project, iid).notes.iter();
    notes
        .filter(|note| note.system)
        .map(|note| note.body.clone())
        .collect()
}

/// A target with issues of its own, so that no counterpart has the number of its original.
fn shifted(toggles: &str) -> Lab {
    let lab = Lab::new(toggles);
    for title in ["Theirs", "Theirs too"] {
        let (target, alice) = (lab.target, lab.alice);
        lab.sim.world().open_issue(target, alice, title, "x");
    }
    lab
}

/// Passes after some time; answers how many writes there were.
fn writes(lab: &Lab) -> (usize, Value) {
    lab.sim.advance(300);
    let before = lab.sim.world().writes();
    let pair = lab.sync();
    let after = lab.sim.world().writes();
    (after - before, pair)
}

#[test]
fn every_spelling_leads_to_the_counterpart() {
    let lab = shifted("");
    let url = lab.sim.url();
    lab.open("One", "x");
    let note = lab.comment(1, "C");
    let page = format!("{url}/team/app/-/issues/1");
    lab.open(
        "Two #1",
        &format!(
            "#1, team/app#1, app#1, GL-1, [issue:1], #1+ and #1+s; {page} and \
             {url}/team/app/-/work_items/1+. <{page}> [it]({page}) [#1][r] `#1` {page}#note_{note}!\n\n[r]: {page}#note_{note}"
        ),
    );
    let (count, pair) = writes(&lab);
    // The label, two issues and a comment, which is there later than what names it.
    assert_eq!((count, &pair["put_right"]), (4 + 1, &Value::from(1)));
    let there = format!("{url}/mirrors/app/-/issues/3");
    let comment = lab.sim.world().issue(lab.target, 3).comments()[0].id;
    assert_eq!(
        text(&lab, 4),
        format!(
            "#3, #3, #3, #3, #3, #3+ and #3+s; #3 and #3+. #3 [it]({there}) [#·1][r] `#1` <{there}#note_{comment}>!\n\n[r]: {there}#note_{comment}"
        )
    );
    assert_eq!(lab.mirrored()[3].title, "Two #3");
    assert_eq!(traces(&lab, lab.source, 1), Vec::<String>::new());
    assert_eq!(
        traces(&lab, lab.target, 3),
        ["mentioned in issue mirrors/app#4"]
    );
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn links_and_raw_html_lead_where_those_of_the_author_did() {
    let lab = shifted("");
    let url = lab.sim.url();
    let page = format!("{url}/team/app/-/issues/2");
    // What they name is mirrored after them.
    lab.open(
        "One",
        &format!(
            "[a](#2 \"t\") [b](app#2+) [c](%232) ![d](#2) [e](#2-x) [f](docs/x.md#2) &#35;2 \\[issue:2\\]\n\n\
             <table><tr><td>#2</td><td>3</td><td title=\"#2\">&num;2</td><td>{page}#note_900</td></tr></table>"
        ),
    );
    lab.open("Two", "x");
    let (count, pair) = writes(&lab);
    assert_eq!((count, &pair["put_right"]), (3 + 1, &Value::from(1)));
    let there = format!("{url}/mirrors/app/-/issues/4");
    // No such comment is there.
    let silent = page.replace("://", "://·");
    let file = format!("{url}/team/app/-/blob/HEAD/docs/x.md#2");
    assert_eq!(
        text(&lab, 3),
        format!(
            "[a]({there} \"t\") [b]({there}) [c]({there}) ![d](#·2) [e](#2-x) [f]({file}) #4 #4\n\n\
             <table><tr><td>#4</td><td>3</td><td title=\"#2\">#4</td><td>{silent}#note_900</td></tr></table>"
        )
    );
    let traces_there = traces(&lab, lab.target, 4);
    assert_eq!(traces_there, ["mentioned in issue mirrors/app#3"]);
    assert_eq!(traces(&lab, lab.source, 2), Vec::<String>::new());
    lab.sim.advance(300);
    lab.idle();
    // And all of it is found again.
    lab.sim.advance(3600);
    lab.env.lose_store();
    let before = lab.sim.world().writes();
    let pair = lab.sync();
    assert_eq!(lab.sim.world().writes(), before, "{pair:#}");
    assert_eq!(pair["rebuilt"]["equal"], 2, "{pair:#}");
}

#[test]
fn comments_in_raw_html_lead_to_comments() {
    let lab = shifted("");
    let url = lab.sim.url();
    lab.open("One", "x");
    let note = lab.comment(1, "C");
    let page = format!("{url}/team/app/-/issues/1#note_{note}");
    lab.open("Two", &format!("<p>{page}</p>"));
    writes(&lab);
    let comment = lab.sim.world().issue(lab.target, 3).comments()[0].id;
    let there = format!("{url}/mirrors/app/-/issues/3#note_{comment}");
    assert_eq!(
        text(&lab, 4),
        format!("<p><a href=\"{there}\">{there}</a></p>")
    );
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p8_what_is_not_mirrored_is_a_link_in_raw_html_and_an_address_of_links() {
    let lab = shifted("only: { exclude_labels: [secret] }");
    let url = lab.sim.url();
    lab.open("Secret", "x");
    lab.edit(1, |issue| {
        issue.labels.insert("secret".into());
    });
    lab.open(
        "Two",
        "<p>#1 &amp;7 $6</p>\n\n[x](#1) [y](!5) [z]($6) <a href=\"other#2\">#1</a> [[Home]]",
    );
    writes(&lab);
    let base = url.replace("://", "://·");
    assert_eq!(
        text(&lab, 3),
        format!(
            "<p><a href=\"{base}/team/app/-/issues/1\">#·1</a> <a href=\"{base}/groups/team/-/epics/7\">&amp;·7</a> $·6</p>\n\n\
             [x]({base}/team/app/-/issues/1) [y]({base}/team/app/-/merge_requests/5) [z]({base}/team/app/-/snippets/6) \
             <a href=\"{base}/team/other/-/issues/2\">#·1</a> [Home]({url}/team/app/-/wikis/Home)"
        )
    );
    assert_eq!(traces(&lab, lab.source, 1), Vec::<String>::new());
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p8_what_is_not_mirrored_is_a_link_that_leaves_no_trace_on_the_source() {
    let lab = shifted("only: { exclude_labels: [secret] }");
    let url = lab.sim.url();
    lab.open("Secret", "x");
    lab.edit(1, |issue| {
        issue.labels.insert("secret".into());
    });
    let (alice, other) = {
        let mut world = lab.sim.world();
        let other = world.add_project("team/other");
        let alice = lab.alice;
        world.open_issue(other, alice, "Elsewhere", "x");
        (alice, other)
    };
    let _ = alice;
    lab.open(
        "Two",
        &format!("#1 other#1 !5 $6 &7 g/h&8 #99 {url}/team/other/-/issues/1 ~bug %1 [x]({url}/team/app/-/issues/1)"),
    );
    lab.sim.world().issue_mut(lab.source, 1).notes.clear();
    lab.sim.world().issue_mut(other, 1).notes.clear();
    writes(&lab);
    let at = |path: &str| {
        format!(
            "({})",
            shown(&url.replace("://", "://\u{2060}")) + "/" + path
        )
    };
    assert_eq!(
        text(&lab, 3),
        format!(
            "[#·1]{} [other#·1]{} [!·5]{} $·6 [&·7]{} [g/h&·8]{} [#·99]{} {} ~·bug %·1 [x]{}",
            at("team/app/-/issues/1"),
            at("team/other/-/issues/1"),
            at("team/app/-/merge_requests/5"),
            at("groups/team/-/epics/7"),
            at("groups/g/h/-/epics/8"),
            at("team/app/-/issues/99"),
            at("team/other/-/issues/1").trim_matches(['(', ')']),
            at("team/app/-/issues/1"),
        )
        .replace("$·6", "\\$6")
    );
    assert_eq!(traces(&lab, lab.source, 1), Vec::<String>::new());
    assert_eq!(traces(&lab, other, 1), Vec::<String>::new());
    assert_eq!(traces(&lab, lab.target, 1), Vec::<String>::new());
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn two_that_refer_to_each_other_cost_one_more_write() {
    let lab = shifted("");
    lab.open("One", "See #2.");
    lab.open("Two", "See #1.");
    lab.open("Three", "See nothing.");
    let (count, pair) = writes(&lab);
    // The label, three issues, and the first of them once more.
    assert_eq!((count, &pair["put_right"]), (1 + 3 + 1, &Value::from(1)));
    assert_eq!(pair["issues"]["created"], 3);
    assert_eq!(
        (text(&lab, 3), text(&lab, 4)),
        ("See #4.".into(), "See #3.".into())
    );
    let before = lab.sim.world().log.len();
    lab.sim.advance(300);
    lab.idle();
    assert_eq!(lab.sim.world().log.len() - before, 1, "one request");
    // Later passes put right what earlier ones wrote.
    lab.edit(3, |issue| issue.description = Some("See #4.".into()));
    let (count, _) = writes(&lab);
    assert_eq!(count, 1);
    assert!(text(&lab, 5).starts_with("See [#·4]("), "{}", text(&lab, 5));
    lab.open("Four", "x");
    let (count, pair) = writes(&lab);
    assert_eq!((count, &pair["put_right"]), (2, &Value::from(1)));
    assert_eq!(text(&lab, 5), "See #6.");
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn comments_lead_to_comments() {
    let lab = shifted("");
    let url = lab.sim.url();
    let page = |iid: u64, note: u64| format!("{url}/team/app/-/issues/{iid}#note_{note}");
    lab.open("One", "x");
    lab.open("Two", "x");
    // Forward to another issue, and back within one.
    let first = lab.comment(1, "placeholder");
    let second = lab.comment(2, &format!("See {} and #1.", page(1, first)));
    let third = lab.comment(2, &format!("See {}.", page(2, second)));
    let text = format!("See {}.", page(2, third));
    lab.edit(1, |issue| {
        let note = issue.notes.iter_mut().find(|note| note.id == first);
        note.unwrap().body = text;
    });
    let (count, pair) = writes(&lab);
    // The label, two issues, three comments, and whatever named one before it was there.
    let late = pair["put_right"].as_u64().unwrap();
    assert_eq!(count as u64, 6 + late);
    assert!(matches!(late, 1 | 2), "{pair:#}");
    let ids = |iid: u64| -> Vec<u64> {
        let world = lab.sim.world();
        let comments = world.issue(lab.target, iid).comments();
        comments.iter().map(|note| note.id).collect()
    };
    let there = |iid: u64, note: u64| format!("<{url}/mirrors/app/-/issues/{iid}#note_{note}>");
    let (one, two) = (ids(3)[0], ids(4));
    assert_eq!(comments(&lab, 3), [format!("See {}.", there(4, two[1]))]);
    assert_eq!(
        comments(&lab, 4),
        [
            format!("See {} and #3.", there(3, one)),
            format!("See {}.", there(4, two[0]))
        ]
    );
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p6_a_late_reference_overwrites_nothing_that_people_wrote() {
    let lab = shifted("");
    lab.open("One", "See #2.");
    lab.comment(1, "And #2.");
    writes(&lab);
    let theirs = |lab: &Lab| {
        let mut world = lab.sim.world();
        let issue = world.issue_mut(lab.target, 3);
        issue.description = Some(description(issue).replace("See", "Do not see"));
        let note = issue.notes.iter_mut().find(|note| !note.system).unwrap();
        note.body = note.body.replace("And", "And not");
        let comment = note.body.clone();
        (description(issue), comment)
    };
    let written = theirs(&lab);
    lab.open("Two", "x");
    let (_, pair) = writes(&lab);
    let (text, comment) = {
        let world = lab.sim.world();
        let issue = world.issue(lab.target, 3);
        (description(issue), issue.comments()[0].body.clone())
    };
    assert_eq!(author_text(&text), author_text(&written.0));
    assert_eq!(author_comment(&comment), author_comment(&written.1));
    assert!(pair["drift"].as_u64().unwrap() >= 1, "{pair:#}");
    lab.sim.advance(300);
    lab.idle();
    lab.sim.advance(300);
    let before = lab.sim.world().writes();
    lab.sync_with(&["--full"], 0);
    assert_eq!(lab.sim.world().writes(), before);
}

#[test]
fn p7_what_is_hidden_later_is_not_led_to_any_more() {
    let lab = shifted("");
    lab.open("One", "See #2.");
    lab.open("Two", "x");
    writes(&lab);
    assert_eq!(text(&lab, 3), "See #4.");
    lab.edit(2, |issue| issue.confidential = true);
    let (count, pair) = writes(&lab);
    assert_eq!(
        (count, &pair["put_right"]),
        (2, &Value::from(1)),
        "{pair:#}"
    );
    assert!(text(&lab, 3).starts_with("See [#·2]("), "{}", text(&lab, 3));
    lab.sim.advance(300);
    lab.idle();
    lab.edit(2, |issue| issue.confidential = false);
    writes(&lab);
    assert_eq!(text(&lab, 3), "See #4.");
}

#[test]
fn p1_what_was_not_put_right_is_put_right_by_the_next_pass() {
    // The write that puts right is the last one: it fails, is killed by a limit, or is lost.
    for fault in [Fault::Status(500), Fault::CloseBefore, Fault::DropAnswer] {
        let lab = shifted("");
        lab.open("One", "See #2.");
        lab.open("Two", "See #1.");
        lab.sim.advance(300);
        lab.sim.world().plan(When::Write(3), fault.clone());
        lab.run(&["sync"]);
        let mut passes = 0;
        while text(&lab, 3) != "See #4." || passes == 0 {
            passes += 1;
            assert!(passes < 4, "{fault:?}: {}", text(&lab, 3));
            lab.sim.advance(600);
            lab.retry_now();
            lab.run(&["sync"]);
        }
        lab.sim.advance(600);
        lab.sync();
        assert_eq!(lab.mirrored().len(), 4, "{fault:?}");
        lab.sim.advance(600);
        lab.idle();
    }
}

#[test]
fn p11_a_budget_leaves_references_for_the_next_run() {
    for budget in [9, 12, 15, 18, 21] {
        let lab = shifted("");
        lab.open("One", "See #2.");
        lab.open("Two", "See #1.");
        lab.sim.advance(300);
        let budget = budget.to_string();
        let run = lab.run(&["sync", "--max-requests", &budget]);
        assert!(run.code == 3 || run.code == 0, "{}", run.shown());
        if run.code == 0 {
            assert_eq!(text(&lab, 3), "See #4.", "after {budget}");
        }
        lab.sim.advance(300);
        lab.sync();
        assert_eq!(text(&lab, 3), "See #4.", "after {budget}");
        assert_eq!(text(&lab, 4), "See #3.", "after {budget}");
        lab.sim.advance(300);
        lab.idle();
    }
}

#[test]
fn p3_a_lost_store_costs_no_write() {
    let lab = shifted("");
    lab.open("One", "See #2 and !3.");
    lab.open("Two", "See #1.");
    let note = lab.comment(2, "See #1.");
    let url = lab.sim.url();
    lab.comment(
        1,
        &format!("As in {url}/team/app/-/issues/2#note_{note}, then."),
    );
    writes(&lab);
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
    writes(&lab);
    assert_eq!(text(&lab, 4), "See #5.");
}

#[test]
fn p3_a_store_that_is_lost_before_a_reference_was_put_right_costs_one_write() {
    let lab = shifted("");
    lab.open("One", "See #2.");
    lab.open("Two", "See #1.");
    lab.sim.advance(300);
    lab.sim.world().plan(When::Write(4), Fault::CloseBefore);
    lab.run(&["sync"]);
    assert!(text(&lab, 3).starts_with("See [#·2]("), "{}", text(&lab, 3));
    lab.sim.advance(3600);
    lab.env.lose_store();
    let (count, _) = writes(&lab);
    assert_eq!(count, 1);
    assert_eq!(text(&lab, 3), "See #4.");
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p10_what_an_earlier_version_mirrored_is_put_right_by_the_next_full_pass() {
    let lab = shifted("");
    for (title, text) in [("One", "x"), ("Two", "See #1."), ("Three", "See #1 too.")] {
        lab.open(title, text);
    }
    writes(&lab);
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
    assert_eq!(writes(&lab).0, 0, "nothing but a full pass looks at it");
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

#[test]
fn p4_what_left_the_selection_is_not_looked_at_in_every_pass() {
    let lab = shifted("only: { exclude_labels: [secret], author: alice }");
    lab.open("One", "See #2.");
    writes(&lab);
    let bob = lab.sim.world().add_user("robin");
    let alice = lab.alice;
    lab.edit(1, |issue| issue.author = bob);
    writes(&lab);
    lab.open("Two", "x");
    assert_eq!(writes(&lab).0, 1);
    assert!(text(&lab, 3).starts_with("See [#·2]("), "it stays as it is");
    lab.sim.advance(300);
    assert_eq!(lab.idle(), 1, "one request");
    lab.edit(1, |issue| issue.author = alice);
    writes(&lab);
    assert_eq!(text(&lab, 3), "See #4.");
}

#[test]
fn what_is_parted_is_not_led_to_any_more() {
    let lab = shifted("");
    lab.open("One", "See #2.");
    lab.open("Two", "x");
    writes(&lab);
    let run = lab.run(&["unlink", "app", "2"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    writes(&lab);
    assert!(text(&lab, 3).starts_with("See [#·2]("), "{}", text(&lab, 3));
    let run = lab.run(&["link", "app", "2", "1"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    writes(&lab);
    assert_eq!(text(&lab, 3), "See #1.");
}

#[test]
fn a_trial_run_shows_what_refers_forward_and_writes_nothing() {
    let lab = shifted("");
    lab.open("One", "See #2.");
    lab.open("Two", "See #1.");
    lab.sim.advance(300);
    let before = lab.sim.world().writes();
    let pair = lab.sync_with(&["--dry-run"], 0);
    assert_eq!(lab.sim.world().writes(), before);
    assert_eq!(pair["issues"]["created"], 2);
}

#[test]
fn p6_what_is_not_to_follow_is_not_put_right() {
    let lab = shifted("update_existing: false");
    lab.open("One", "See #2.");
    lab.open("Two", "See #1.");
    let (count, pair) = writes(&lab);
    assert_eq!((count, &pair["put_right"]), (3, &Value::from(0)));
    lab.configure("");
    writes(&lab);
    assert_eq!(text(&lab, 3), "See #4.");
}
