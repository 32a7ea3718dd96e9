//! Links between issues that are both mirrored.

use crate::env::Env;
use crate::lab::Lab;
use forge_sim::{Fault, IssueLink, Role, When};
use std::fs;

/// Links of the target: numbers, and whether the first blocks the second.
fn linked(lab: &Lab) -> Vec<(u64, u64, bool)> {
    let world = lab.sim.world();
    let links = world
        .links
        .iter()
        .filter(|link| link.source.0 == lab.target);
    let mut links: Vec<_> = links
        .map(|link| match (link.source.1, link.target.1) {
            (one, other) if one > other && !link.blocks => (other, one, false),
            (one, other) => (one, other, link.blocks),
        })
        .collect();
    links.sort_unstable();
    links
}

fn relate(lab: &Lab, project: u64, one: u64, other: u64, blocks: bool) -> u64 {
    let mut world = lab.sim.world();
    world.relate(lab.alice, (project, one), (project, other), blocks)
}

/// Three issues that are mirrored, and time that passed since.
fn lab(toggles: &str) -> Lab {
    let lab = Lab::with(toggles, |world| world.premium = true);
    for title in ["One", "Two", "Three"] {
        lab.open(title, "Text.");
    }
    lab.sim.advance(300);
    lab
}

#[test]
fn links_are_made_once_and_removed_again() {
    let lab = lab("");
    let plain = relate(&lab, lab.source, 1, 2, false);
    relate(&lab, lab.source, 3, 1, true);
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(linked(&lab), [(1, 2, false), (3, 1, true)]);
    lab.sim.advance(300);
    lab.idle();
    // Between issues that are mirrored already, and of another kind.
    let alice = lab.alice;
    lab.sim.world().unrelate(alice, plain);
    relate(&lab, lab.source, 1, 2, true);
    relate(&lab, lab.source, 2, 3, false);
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(linked(&lab), [(1, 2, true), (2, 3, false), (3, 1, true)]);
    assert_eq!(pair["not_carried"], serde_json::json!([]));
    lab.sim
        .world()
        .links
        .retain(|link| link.source.0 == lab.target);
    for iid in 1..=3 {
        lab.edit(iid, |_| {});
    }
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(linked(&lab), []);
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p6_what_people_linked_on_the_target_stays() {
    let lab = lab("");
    lab.sync();
    relate(&lab, lab.target, 1, 3, false);
    relate(&lab, lab.target, 1, 2, false);
    // The source has another kind where people have theirs.
    relate(&lab, lab.source, 1, 2, true);
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(linked(&lab), [(1, 2, false), (1, 3, false)]);
    let why = pair["not_carried"].to_string();
    assert!(why.contains("a link of another kind there"), "{why}");
    lab.sim
        .world()
        .links
        .retain(|link| link.source.0 == lab.target);
    lab.edit(1, |_| {});
    lab.edit(2, |_| {});
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(linked(&lab), [(1, 2, false), (1, 3, false)]);
    // And what they took away is not made again.
    relate(&lab, lab.source, 2, 3, false);
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(linked(&lab).len(), 3);
    lab.sim
        .world()
        .links
        .retain(|link| link.source.0 == lab.source);
    lab.edit(2, |issue| issue.title = "Two, edited".into());
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(linked(&lab), []);
}

#[test]
fn p10_links_are_left_alone_while_the_toggle_is_off() {
    let lab = lab("sync_issue_links: false");
    relate(&lab, lab.source, 1, 2, false);
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(linked(&lab), []);
    let asked = |lab: &Lab| {
        let world = lab.sim.world();
        let mut log = world.log.iter();
        log.any(|logged| logged.target.contains("/links"))
    };
    assert!(!asked(&lab), "nothing is asked for that is not carried");
    lab.configure("");
    lab.sync();
    assert_eq!(linked(&lab), [(1, 2, false)]);
    lab.configure("sync_issue_links: false");
    lab.sim
        .world()
        .links
        .retain(|link| link.source.0 == lab.target);
    lab.edit(1, |_| {});
    lab.edit(2, |_| {});
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(linked(&lab), [(1, 2, false)]);
}

#[test]
fn the_end_that_is_mirrored_later_makes_the_link() {
    let lab = lab("only: { labels: [public] }");
    lab.sim
        .world()
        .projects
        .get_mut(&lab.source)
        .unwrap()
        .issues
        .values_mut()
        .for_each(|issue| issue.labels.extend(["public".to_owned()]));
    lab.edit(3, |issue| issue.labels.clear());
    relate(&lab, lab.source, 1, 3, false);
    lab.sim.advance(300);
    lab.sync();
    assert_eq!((lab.mirrored().len(), linked(&lab)), (2, vec![]));
    lab.sim.advance(300);
    lab.idle();
    lab.edit(3, |issue| issue.labels.extend(["public".to_owned()]));
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["issues"]["created"], 1);
    assert_eq!(pair["issues"]["updated"], 0, "the other end is not touched");
    assert_eq!(linked(&lab), [(1, 3, false)]);
}

#[test]
fn p3_a_lost_store_finds_equal_links_and_writes_nothing() {
    let lab = lab("");
    relate(&lab, lab.source, 1, 2, false);
    let blocks = relate(&lab, lab.source, 3, 1, true);
    lab.sim.advance(300);
    lab.sync();
    lab.env.lose_store();
    lab.sim.advance(600);
    lab.idle();
    assert_eq!(linked(&lab), [(1, 2, false), (3, 1, true)]);
    // They are ours again.
    let alice = lab.alice;
    lab.sim.world().unrelate(alice, blocks);
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(linked(&lab), [(1, 2, false)]);
}

#[test]
fn what_blocks_is_linked_as_related_where_the_licence_has_no_more() {
    for version in ["18.3.0-ee", "18.3.0"] {
        let lab = lab("");
        relate(&lab, lab.source, 1, 2, true);
        {
            let mut world = lab.sim.world();
            world.premium = false;
            world.version = version.to_owned();
        }
        lab.sim.advance(300);
        let pair = lab.sync();
        assert_eq!(linked(&lab), [(1, 2, false)]);
        let row = &pair["not_carried"][0];
        assert_eq!((&row["field"], &row["count"]), (&"links".into(), &1.into()));
        assert!(
            row["why"].to_string().contains("knows no `blocks`"),
            "{row}"
        );
        // It is told once, and taken away like any other.
        lab.edit(1, |issue| issue.title = "One, edited".into());
        lab.sim.advance(300);
        assert_eq!(lab.sync()["not_carried"], serde_json::json!([]));
        lab.sim
            .world()
            .links
            .retain(|link| link.source.0 == lab.target);
        lab.edit(1, |_| {});
        lab.sim.advance(300);
        lab.sync();
        assert_eq!(linked(&lab), []);
    }
}

#[test]
fn p1_a_lost_answer_makes_no_second_link() {
    let lab = lab("");
    lab.sync();
    relate(&lab, lab.source, 1, 2, false);
    lab.sim.advance(300);
    lab.sim
        .world()
        .plan(When::Every("POST", "/links"), Fault::DropAnswer);
    lab.sync_with(&[], 3);
    lab.sim.world().faults.clear();
    lab.sim.advance(600);
    lab.retry_now();
    lab.sync();
    assert_eq!(linked(&lab), [(1, 2, false)]);
    let alice = lab.alice;
    let made = {
        let world = lab.sim.world();
        let ours = |link: &&IssueLink| link.source.0 == lab.source;
        world.links.iter().find(ours).unwrap().id
    };
    lab.sim.world().unrelate(alice, made);
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(linked(&lab), [], "it was ours");
}

#[test]
fn a_link_to_another_project_is_nobodys_business() {
    let lab = lab("");
    {
        let mut world = lab.sim.world();
        let elsewhere = world.add_project("team/other");
        let bot = world.tokens["reader"].user;
        world.set_role(elsewhere, bot, Role::Reporter);
        let alice = lab.alice;
        // Of the same number as one that is mirrored.
        for _ in 0..2 {
            world.open_issue(elsewhere, alice, "Elsewhere", "x");
        }
        world.relate(alice, (lab.source, 1), (elsewhere, 2), false);
    }
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(linked(&lab), []);
    assert_eq!(pair["not_carried"], serde_json::json!([]));
}

#[test]
fn a_target_that_refuses_links_gets_everything_else() {
    let lab = lab("");
    relate(&lab, lab.source, 1, 2, false);
    lab.sim
        .world()
        .plan(When::Every("POST", "/links"), Fault::Status(403));
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(
        (pair["issues"]["created"].as_u64(), linked(&lab)),
        (Some(3), vec![])
    );
    let why = pair["not_carried"].to_string();
    assert!(why.contains("the target refused"), "{why}");
}

/// The head of a file of the target.
fn head(env: &Env, issue: u64) -> String {
    let text = fs::read_to_string(env.path(format!("target/issues/{issue}/issue.md"))).unwrap();
    text.split("---").nth(1).unwrap().to_owned()
}

#[test]
fn a_directory_says_it_on_one_end_and_both_see_it() {
    let env = Env::new("");
    env.source().issue(1, "title: One", "Text.");
    env.source()
        .issue(2, "title: Two\nlinks: {relates: [1], blocks: [3]}", "Text.");
    env.source().issue(3, "title: Three", "Text.");
    env.sync();
    // Whichever end comes later says it.
    let (one, two) = (head(&env, 1), head(&env, 2));
    assert!(
        two.contains("blocks: [3]") && !head(&env, 3).contains("links"),
        "{two}"
    );
    let related = [
        one.contains("{relates: [2]}"),
        two.contains("{relates: [1], "),
    ];
    assert_eq!(
        related.iter().filter(|says| **says).count(),
        1,
        "{one}{two}"
    );
    env.sync_idle();
    // The other ends change, and what only this one says stays.
    env.source().issue(3, "title: Three, edited", "Text.");
    env.source().issue(1, "title: One, edited", "Text.");
    env.sync();
    assert!(head(&env, 1).contains("One, edited"));
    assert!(head(&env, 2).contains("blocks: [3]"));
    env.source()
        .issue(2, "title: Two\nlinks: {relates: [1]}", "Text.");
    env.sync();
    assert!(!head(&env, 2).contains("blocks"));
    env.source().issue(2, "title: Two", "Text.");
    env.sync();
    let heads: String = (1..=3).map(|issue| head(&env, issue)).collect();
    assert!(!heads.contains("links"), "{heads}");
}

#[test]
fn an_issue_that_cannot_be_read_loses_no_link() {
    let env = Env::new("");
    env.source().issue(1, "title: One", "Text.");
    env.source()
        .issue(2, "title: Two\nlinks: {blocks: [1]}", "Text.");
    env.sync();
    assert!(head(&env, 2).contains("blocks: [1]"));
    env.source().issue(1, "title: One, edited", "Text.");
    env.source()
        .issue(2, "title: Two\nlinks: {blocks: 1}", "Text.");
    let pair = env.sync_with(&[], 3);
    let error = pair["failures"][0]["error"].as_str().unwrap();
    assert!(error.contains("`blocks` must be a list"), "{error}");
    assert!(head(&env, 2).contains("blocks: [1]"));
}

#[test]
fn p7_what_may_be_seen_does_not_name_what_is_hidden() {
    let env = Env::new("sync_confidential: true");
    let source = env.source();
    source.issue(1, "title: One\nlinks: {relates: [2]}", "Text.");
    source.issue(2, "title: Two\nconfidential: true", "Text.");
    env.sync();
    assert!(!head(&env, 1).contains("links"), "{}", head(&env, 1));
    assert!(head(&env, 2).contains("links: {relates: [1]}"));
    env.sync_idle();
}
