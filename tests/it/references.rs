//! References lead to counterparts, or to the source without a trace there. Those to what is mirrored
//! later are put right then (`late`).

mod late;
mod opposite;
mod pairs;
mod parts;
mod stores;

use crate::lab::{Lab, author_comment, author_text, shown};
use forge_sim::Issue;
use serde_json::Value;

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

/// Two issues of which each refers to the other one.
fn each_other(toggles: &str) -> Lab {
    let lab = Lab::shifted(toggles);
    lab.open("One", "See #2.");
    lab.open("Two", "See #1.");
    lab
}

#[test]
fn every_spelling_leads_to_the_counterpart() {
    let lab = Lab::shifted("");
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
    let (count, pair) = lab.later();
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
    assert_eq!(lab.traces(lab.source, 1), Vec::<String>::new());
    assert_eq!(
        lab.traces(lab.target, 3),
        ["mentioned in issue mirrors/app#4"]
    );
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn links_and_raw_html_lead_where_those_of_the_author_did() {
    let lab = Lab::shifted("");
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
    let (count, pair) = lab.later();
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
    let traces_there = lab.traces(lab.target, 4);
    assert_eq!(traces_there, ["mentioned in issue mirrors/app#3"]);
    assert_eq!(lab.traces(lab.source, 2), Vec::<String>::new());
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
    let lab = Lab::shifted("");
    let url = lab.sim.url();
    lab.open("One", "x");
    let note = lab.comment(1, "C");
    let page = format!("{url}/team/app/-/issues/1#note_{note}");
    lab.open("Two", &format!("<p>{page}</p>"));
    lab.later();
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
    let lab = Lab::shifted("only: { exclude_labels: [secret] }");
    let url = lab.sim.url();
    lab.open("Secret", "x");
    lab.edit(1, |issue| {
        issue.labels.insert("secret".into());
    });
    lab.open(
        "Two",
        "<p>#1 &amp;7 $6</p>\n\n[x](#1) [y](!5) [z]($6) <a href=\"other#2\">#1</a> [[Home]]",
    );
    lab.later();
    let base = url.replace("://", "://·");
    assert_eq!(
        text(&lab, 3),
        format!(
            "<p><a href=\"{base}/team/app/-/issues/1\">#·1</a> <a href=\"{base}/groups/team/-/epics/7\">&amp;·7</a> $·6</p>\n\n\
             [x]({base}/team/app/-/issues/1) [y]({base}/team/app/-/merge_requests/5) [z]({base}/team/app/-/snippets/6) \
             <a href=\"{url}/team/app/-/blob/HEAD/other#2\">#·1</a> [Home]({url}/team/app/-/wikis/Home)"
        )
    );
    assert_eq!(lab.traces(lab.source, 1), Vec::<String>::new());
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p8_what_is_not_mirrored_is_a_link_that_leaves_no_trace_on_the_source() {
    let lab = Lab::shifted("only: { exclude_labels: [secret] }");
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
    lab.later();
    let at = |path: &str| {
        format!(
            "({})",
            shown(&url.replace("://", "://\u{2060}")) + "/" + path
        )
    };
    assert_eq!(
        text(&lab, 3),
        format!(
            "[#·1]{} other#·1 [!·5]{} $·6 [&·7]{} [g/h&·8]{} [#·99]{} {} ~·bug %·1 [x]{}",
            at("team/app/-/issues/1"),
            at("team/app/-/merge_requests/5"),
            at("groups/team/-/epics/7"),
            at("groups/g/h/-/epics/8"),
            at("team/app/-/issues/99"),
            at("team/other/-/issues/1").trim_matches(['(', ')']),
            at("team/app/-/issues/1"),
        )
        .replace("$·6", "\\$6")
    );
    assert_eq!(lab.traces(lab.source, 1), Vec::<String>::new());
    assert_eq!(lab.traces(other, 1), Vec::<String>::new());
    assert_eq!(lab.traces(lab.target, 1), Vec::<String>::new());
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn a_link_to_the_source_shows_the_digits_that_were_written_and_nothing_has_the_number_0() {
    let lab = Lab::shifted("");
    let source = lab.sim.url().replace("://", "://·");
    lab.open("One", "x");
    lab.open(
        "Two",
        "color: #000; #0 !0 &0 team/app#00, 2>&1 3<&1 &1 #099 !007 and #01 [x](#0)",
    );
    lab.later();
    assert_eq!(
        text(&lab, 4),
        format!(
            "color: #·000; #·0 !·0 &·0 team/app#·00, 2>&·1 3<&·1 [&·1]({source}/groups/team/-/epics/1) \
             [#·099]({source}/team/app/-/issues/99) [!·007]({source}/team/app/-/merge_requests/7) and #3 [x](#·0)"
        )
    );
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn comments_lead_to_comments() {
    let lab = Lab::shifted("");
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
    let (count, pair) = lab.later();
    // The label, two issues, three comments, and whatever named one before it was there: of the two
    // comments of one issue one or both.
    let late = pair["put_right"].as_u64().unwrap();
    assert!(matches!(late, 1 | 2), "{pair:#}");
    let again = count as u64 - 6;
    assert!((late..=late + 1).contains(&again), "{again}: {pair:#}");
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
