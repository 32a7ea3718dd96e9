//! Labels of a scope of which a target keeps one.

use super::{labels, on_target, told};
use crate::lab::Lab;
use forge_sim::Issue;

/// A source without and a target with scopes that exclude each other.
fn scoped(toggles: &str) -> Lab {
    let lab = Lab::with(toggles, |world| world.premium = true);
    let mut world = lab.sim.world();
    let bob = world
        .users
        .values()
        .find(|u| u.username == "bob")
        .unwrap()
        .id;
    world.projects.get_mut(&lab.source).unwrap().free = true;
    let alice = lab.alice;
    drop(world);
    for number in 1..=10 {
        let iid = lab.open(&format!("Issue {number}"), "x");
        lab.edit(iid, |issue| {
            issue.labels = ["a::x", "a::y", "plain"].map(String::from).into();
            issue.assignees = vec![alice, bob];
        });
    }
    lab
}

fn footer(issue: &Issue, line: &str) -> bool {
    let text = issue.description.as_deref().unwrap();
    text.lines().any(|there| there == line)
}

#[test]
fn p9_of_a_scope_that_excludes_one_label_is_kept_and_the_others_are_in_the_footer() {
    let lab = scoped("");
    let pair = lab.sync();
    let said = told(&pair);
    assert!(
        said.iter().any(|(why, _)| why.contains("`Assignee::`")),
        "{said:?}"
    );
    assert!(
        said.iter().any(|(why, _)| why.contains("`a::`")),
        "{said:?}"
    );
    // Those that were under way get their line in the next pass.
    assert_eq!(told(&lab.sync()), []);
    let check = |lab: &Lab| {
        for issue in lab.mirrored() {
            assert_eq!(labels(&issue), ["Assignee::@bob", "a::y", "plain"]);
            assert!(
                footer(&issue, "- **Labels:** a::x"),
                "{:?}",
                issue.description
            );
        }
    };
    check(&lab);
    lab.sim.advance(300);
    lab.idle();
    // When something else changes, no label is sent.
    lab.edit(3, |issue| issue.title = "Other".to_owned());
    assert_eq!(told(&lab.sync()), []);
    {
        let world = lab.sim.world();
        let last = world.log.iter().rev().find(|call| call.method == "PUT");
        assert!(!last.unwrap().body.contains("labels"), "{last:?}");
    }
    // It is known again when the store is lost.
    lab.sim.advance(600);
    lab.env.lose_store();
    assert_eq!(lab.writes(), 0);
    check(&lab);
    // Without the licence all of them arrive.
    on_target(&lab, |project| project.free = true);
    lab.sync_with(&["--full"], 0);
    for issue in lab.mirrored() {
        assert_eq!(labels(&issue).len(), 5, "{:?}", issue.labels);
        assert!(!footer(&issue, "- **Labels:** a::x"));
    }
    lab.sim.advance(300);
    lab.idle();
}
