//! What people change of issues that were there before they were joined.

use super::rows::{replace, text};
use super::{counterpart, pass, people, status};
use crate::lab::{Lab, author_text};
use serde_json::json;

/// An issue that was on both sides before it was joined, by title or by hand, with other values there.
fn joined(ours: bool, by_hand: bool) -> Lab {
    let setting = if by_hand {
        "sync_existing_issues: false\nmirror_since: 2"
    } else {
        "link_existing: by_title"
    };
    let lab = Lab::with(setting, |world| world.premium = true);
    lab.open("Issue", "Text.");
    lab.comment(1, "Comment.");
    lab.edit(1, |issue| {
        issue.labels = ["bug".to_owned(), "both".to_owned()].into();
        issue.weight = Some(3);
        issue.due_date = Some("2026-12-24".to_owned());
        issue.time_estimate = 3600;
    });
    let title = if by_hand { "There" } else { "Issue" };
    {
        let mut world = lab.sim.world();
        let author = if ours {
            world.tokens["writer"].user
        } else {
            lab.alice
        };
        world.open_issue(lab.target, author, title, "Text there.\n\nMore.");
        let there = world.issue_mut(lab.target, 1);
        there.labels = ["both".to_owned(), "theirs".to_owned()].into();
        there.weight = Some(9);
        there.open = false;
    }
    lab.sim.advance(300);
    if by_hand {
        lab.sync();
        let run = lab.run(&["link", "app", "1", "1"]);
        assert_eq!(run.code, 0, "{}", run.shown());
    } else {
        lab.configure(&format!("{setting}\nsync_closed_issues: true"));
        assert_eq!(lab.sync()["joined"], 1);
    }
    lab
}

#[test]
fn p6_what_was_there_before_it_was_joined_is_no_drift_and_what_people_change_then_is() {
    for (ours, by_hand) in [(true, true), (true, false), (false, true), (false, false)] {
        let at = format!("ours {ours}, by hand {by_hand}");
        let lab = joined(ours, by_hand);
        let nothing = || (json!([0, []]), 0);
        assert_eq!(status(&lab), json!([]), "{at}");
        assert_eq!(pass(&lab, &["--full"]), nothing(), "{at}");
        assert_eq!(status(&lab), json!([]), "{at}");
        // A label more, for which the target is read, and a footer line.
        lab.edit(1, |issue| {
            issue.labels.insert("new".to_owned());
            issue.start_date = Some("2027-01-01".to_owned());
        });
        assert_eq!(pass(&lab, &[]).0, json!([0, []]), "{at}");
        assert_eq!(pass(&lab, &["--full"]), nothing(), "{at}");
        // When nothing is remembered, nobody knows who wrote what is there.
        lab.env.lose_store();
        assert_eq!(pass(&lab, &[]).0, json!([0, []]), "{at}");
        assert_eq!(status(&lab), json!([]), "{at}");
        assert_eq!(pass(&lab, &["--full"]), nothing(), "{at}");
        // What people change from now on is counted, once.
        people(&lab, |world| {
            let issue = world.issue_mut(lab.target, 1);
            replace(issue, "Text there.", "Text of later.");
            issue.title = "Title of later".to_owned();
            issue.weight = Some(7);
        });
        let listed = json!([{ "target_number": 1, "fields": ["text", "title", "weight"] }]);
        assert_eq!(
            pass(&lab, &["--full"]),
            (json!([3, listed]), 0),
            "{at}: {:?}",
            counterpart(&lab)
        );
        assert_eq!(status(&lab), listed, "{at}");
        // It stays until the source changes it.
        lab.edit(1, |issue| issue.assignees.clear());
        assert_eq!(pass(&lab, &["--full"]).0, json!([0, []]), "{at}");
        assert!(text(&counterpart(&lab)).starts_with("Text of later.\n\nMore."));
        lab.edit(1, |issue| issue.description = Some("New.".to_owned()));
        pass(&lab, &[]);
        let listed = json!([{ "target_number": 1, "fields": ["title", "weight"] }]);
        assert_eq!(status(&lab), listed, "{at}");
        assert_eq!(author_text(text(&counterpart(&lab))), "New.", "{at}");
        assert_eq!(pass(&lab, &["--full"]), nothing(), "{at}");
        assert_eq!(status(&lab), listed, "{at}");
    }
}
