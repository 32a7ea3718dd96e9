//! What a title names leads to counterparts, and is put right with as few writes as what texts name.

mod kept;

use crate::lab::{Lab, author_text, shown};
use serde_json::json;

/// The title of an issue of the target.
fn title(lab: &Lab, iid: u64) -> String {
    shown(&lab.sim.world().issue(lab.target, iid).title)
}

/// A person writes the title of an issue of the target.
fn retitle(lab: &Lab, iid: u64, title: &str) {
    let mut world = lab.sim.world();
    let now = world.clock.now();
    let issue = world.issue_mut(lab.target, iid);
    title.clone_into(&mut issue.title);
    issue.updated_at = now;
}

/// Nothing is left to do, not even for a full pass.
fn idle(lab: &Lab) {
    lab.sim.advance(300);
    assert_eq!(lab.idle(), 1, "one request");
    lab.sim.advance(300);
    let before = lab.sim.world().writes();
    let pair = lab.sync_with(&["--full"], 0);
    assert_eq!(lab.sim.world().writes(), before, "{pair:#}");
    assert_eq!(pair["drift"], 0, "{pair:#}");
}

#[test]
fn every_spelling_leads_to_the_counterpart_and_costs_nothing() {
    let lab = Lab::shifted("");
    let url = lab.sim.url();
    lab.open("One", "x");
    let note = lab.comment(1, "C");
    lab.later();
    let page = format!("{url}/team/app/-/issues/1");
    for title in [
        "#1, app#1, team/app#1+ and GL-1",
        "[issue:1] (#1+s): #1!",
        &format!("See {page}, {url}/team/app/-/work_items/1+."),
        &format!("As {page}#note_{note}"),
    ] {
        lab.open(title, "x");
    }
    let (count, pair) = lab.later();
    assert_eq!((count, &pair["put_right"]), (4, &json!(0)), "{pair:#}");
    let comment = lab.sim.world().issue(lab.target, 3).comments()[0].id;
    let titles: Vec<String> = (4..8).map(|iid| title(&lab, iid)).collect();
    assert_eq!(
        titles,
        [
            "#3, #3, #3+ and #3".to_owned(),
            "#3 (#3+s): #3!".to_owned(),
            "See #3, #3+.".to_owned(),
            format!("As {url}/mirrors/app/-/issues/3#note_{comment}"),
        ]
    );
    // The same server does the same with both.
    let named = |iid: u64| format!("mentioned in issue mirrors/app#{iid}");
    assert_eq!(lab.traces(lab.target, 3), [4, 5, 6, 7].map(named));
    assert_eq!(lab.traces(lab.source, 1), Vec::<String>::new());
    idle(&lab);
}

#[test]
fn p8_what_no_title_can_link_to_stays_as_it_is_written_and_leads_nowhere() {
    let lab = Lab::shifted("only: { exclude_labels: [secret] }");
    let url = lab.sim.url();
    lab.open("Secret", "x");
    lab.edit(1, |issue| {
        issue.labels.insert("secret".into());
    });
    let page = format!("{url}/team/app/-/issues/1");
    lab.open("Our #1, app#99, !5, &3, ~bug, %v1 and `#2`", "x");
    lab.open(&format!("See {page}"), "x");
    let (count, pair) = lab.later();
    assert_eq!((count, &pair["put_right"]), (3, &json!(0)), "{pair:#}");
    assert_eq!(
        title(&lab, 3),
        "Our #·1, app#·99, !·5, &·3, ~·bug, %·v1 and `#·2`"
    );
    let silent = page.replace("://", "://·");
    assert_eq!(title(&lab, 4), format!("See {silent}"));
    for iid in [1, 2, 3, 4] {
        assert_eq!(lab.traces(lab.target, iid), Vec::<String>::new());
    }
    assert_eq!(lab.traces(lab.source, 1), Vec::<String>::new());
    idle(&lab);
    // Once it is mirrored, each title is written once.
    lab.edit(1, |issue| {
        issue.labels.remove("secret");
    });
    let (count, pair) = lab.later();
    assert_eq!((count, &pair["put_right"]), (3, &json!(2)), "{pair:#}");
    assert_eq!(
        title(&lab, 3),
        "Our #5, app#·99, !·5, &·3, ~·bug, %·v1 and `#·2`"
    );
    assert_eq!(title(&lab, 4), "See #5");
    idle(&lab);
}

#[test]
fn two_that_name_each_other_cost_one_more_write_with_their_texts() {
    let lab = Lab::shifted("");
    lab.open("Before #2", "See #2 and #2.");
    lab.open("After #1", "See nothing.");
    lab.open("Beside", "See nothing.");
    let (count, pair) = lab.later();
    // The label, three issues, and the first of them once more, title and text together.
    assert_eq!((count, &pair["put_right"]), (5, &json!(1)), "{pair:#}");
    assert_eq!(pair["issues"]["created"], 3);
    assert_eq!(
        [title(&lab, 3), title(&lab, 4)],
        ["Before #4".to_owned(), "After #3".to_owned()]
    );
    let text = lab.sim.world().issue(lab.target, 3).description.clone();
    assert_eq!(author_text(&text.unwrap()), "See #4 and #4.");
    let named = ["mentioned in issue mirrors/app#3"];
    assert_eq!(lab.traces(lab.target, 4), named, "once");
    idle(&lab);
    // What is named later is put right later.
    lab.edit(3, |issue| issue.title = "Beside #4".into());
    let (count, pair) = lab.later();
    assert_eq!((count, &pair["put_right"]), (1, &json!(0)), "{pair:#}");
    assert_eq!(title(&lab, 5), "Beside #·4");
    lab.open("Four", "x");
    let (count, pair) = lab.later();
    assert_eq!((count, &pair["put_right"]), (2, &json!(1)), "{pair:#}");
    assert_eq!(title(&lab, 5), "Beside #6");
    idle(&lab);
}

#[test]
fn what_is_hidden_or_parted_is_not_led_to_any_more() {
    let lab = Lab::shifted("");
    lab.open("Before #2 and #3", "x");
    lab.open("Two", "x");
    lab.open("Three", "x");
    lab.later();
    assert_eq!(title(&lab, 3), "Before #4 and #5");
    lab.edit(2, |issue| issue.confidential = true);
    let (count, pair) = lab.later();
    assert_eq!((count, &pair["put_right"]), (2, &json!(1)), "{pair:#}");
    assert_eq!(title(&lab, 3), "Before #·2 and #5", "P7");
    idle(&lab);
    lab.edit(2, |issue| issue.confidential = false);
    lab.later();
    assert_eq!(title(&lab, 3), "Before #4 and #5");
    let run = lab.run(&["unlink", "app", "3"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    lab.later();
    assert_eq!(title(&lab, 3), "Before #4 and #·3");
    let run = lab.run(&["link", "app", "3", "1"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    lab.later();
    assert_eq!(title(&lab, 3), "Before #4 and #1");
}

#[test]
fn p8_mapped_people_are_notified_by_titles_as_by_texts() {
    let lab = Lab::shifted("users: { carol: alice }");
    lab.open("Ask @carol and @bob", "x");
    lab.later();
    assert_eq!(title(&lab, 3), "Ask @·carol and @·bob");
    assert!(lab.sim.world().mails.is_empty());
    lab.configure("users: { carol: alice }\nmentions: notify");
    let (count, _) = lab.later();
    assert_eq!(count, 1);
    assert_eq!(title(&lab, 3), "Ask @alice and @·bob");
    let mails: Vec<String> = {
        let world = lab.sim.world();
        world.mails.iter().map(|(name, ..)| name.clone()).collect()
    };
    assert_eq!(mails, ["alice"]);
    idle(&lab);
}

#[test]
fn p9_a_title_that_becomes_too_long_takes_no_part_of_a_number_along() {
    let lab = Lab::shifted("");
    // Two characters more than there is room for, once it leads to a number of two digits.
    let long = format!("{} #2", "x".repeat(252));
    for _ in 0..7 {
        let (target, alice) = (lab.target, lab.alice);
        lab.sim.world().open_issue(target, alice, "Theirs", "x");
    }
    lab.open(&long, "x");
    lab.open("Two", "x");
    let (count, pair) = lab.later();
    assert_eq!((count, &pair["put_right"]), (4, &json!(1)), "{pair:#}");
    assert_eq!(title(&lab, 10), format!("{}…", "x".repeat(252)));
    let text = lab.sim.world().issue(lab.target, 10).description.clone();
    let text = shown(&text.unwrap());
    assert!(
        text.contains(&format!("{} #11\n", "x".repeat(252))),
        "{text}"
    );
    assert_eq!(pair["not_carried"][0]["field"], "title", "{pair:#}");
    assert_eq!(lab.traces(lab.target, 1), Vec::<String>::new());
    idle(&lab);
}

#[test]
fn a_trial_run_tells_which_titles_would_be_put_right() {
    let lab = Lab::shifted("");
    lab.open("Before #2", "x");
    lab.later();
    lab.open("Two", "x");
    lab.sim.advance(300);
    let before = lab.sim.world().writes();
    let pair = lab.sync_with(&["--dry-run"], 0);
    assert_eq!(lab.sim.world().writes(), before);
    let plan = pair["plan"].as_array().unwrap();
    let fields = &plan
        .iter()
        .find(|issue| issue["source_number"] == 1)
        .unwrap()["fields"];
    assert_eq!(*fields, json!(["title", "rewriting"]), "{pair:#}");
    assert_eq!(lab.later().0, 2);
    assert_eq!(title(&lab, 3), "Before #4");
}
