//! References that lead to a part of an issue, stand in a text without blanks, or behind a name.

use super::{Lab, text};
use crate::lab::shown;

#[test]
fn parts_of_an_issue_lead_to_the_same_part() {
    let lab = Lab::shifted("");
    let url = lab.sim.url();
    lab.open("One", "x");
    let page = format!("{url}/team/app/-/issues/1");
    lab.open(
        &format!("See {page}#related-issues"),
        &format!("{page}#related-issues [it]({page}#designs) <{page}#event-5>.\n\n<p>{page}#a</p>"),
    );
    lab.later();
    let there = format!("{url}/mirrors/app/-/issues/3");
    assert_eq!(
        text(&lab, 4),
        format!(
            "<{there}#related-issues> [it]({there}#designs) <{there}#event-5>.\n\n\
             <p><a href=\"{there}#a\">{there}#a</a></p>"
        )
    );
    assert_eq!(shown(&lab.mirrored()[3].title), "See #3");
    assert_eq!(lab.traces(lab.source, 1), Vec::<String>::new());
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn references_lead_where_a_text_goes_on_without_a_blank() {
    let lab = Lab::shifted("");
    let url = lab.sim.url();
    lab.open("One", "x");
    let note = lab.comment(1, "C");
    let page = format!("{url}/team/app/-/issues/1");
    lab.open(
        "Two",
        &format!("请看{page}。\n{page}#note_{note}，好\n参见#1和（#1）"),
    );
    lab.later();
    let comment = lab.sim.world().issue(lab.target, 3).comments()[0].id;
    let there = format!("{url}/mirrors/app/-/issues/3#note_{comment}");
    assert_eq!(
        text(&lab, 4),
        format!("请看#3。\n<{there}>，好\n参见#3和（#3）")
    );
    lab.sim.advance(300);
    lab.idle();
}

/// A group has not the path of a project, so what looks like one is none.
#[test]
fn the_path_of_a_project_leads_behind_what_begins_a_name() {
    let lab = Lab::shifted("");
    lab.open("One", "x");
    lab.open(
        "Two, @team/app#1",
        "@team/app#1 @team/other#1 @app#1 @team/app#9",
    );
    lab.later();
    assert_eq!(text(&lab, 4), "@#3 @·team/other#·1 @·app#·1 @·team/app#·9");
    assert_eq!(shown(&lab.mirrored()[3].title), "Two, @#3");
    assert_eq!(lab.sim.world().mails.len(), 0);
    lab.sim.advance(300);
    lab.idle();
}
