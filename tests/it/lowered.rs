//! What an account of the source cannot see any more is not taken for deleted (P13).

use crate::lab::Lab;
use forge_sim::Role;

/// An issue with two comments of which one is internal, both mirrored.
fn mirrored() -> Lab {
    let lab = Lab::new("sync_internal_notes: true");
    let iid = lab.open("First", "x");
    lab.comment(iid, "For all.");
    let id = lab.comment(iid, "For few.");
    {
        let mut world = lab.sim.world();
        let notes = &mut world.issue_mut(lab.source, iid).notes;
        notes
            .iter_mut()
            .find(|note| note.id == id)
            .unwrap()
            .internal = true;
    }
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(lab.mirrored()[0].comments().len(), 2);
    lab.sim.advance(600);
    lab
}

fn set_role(lab: &Lab, role: Role) {
    let mut world = lab.sim.world();
    let bot = world.tokens["reader"].user;
    world.set_role(lab.source, bot, role);
}

fn retitle(lab: &Lab, title: &str) {
    lab.edit(1, |issue| title.clone_into(&mut issue.title));
    lab.sim.advance(600);
}

#[test]
fn p13_internal_comments_stay_where_the_account_may_not_see_them_any_more() {
    let lab = mirrored();
    set_role(&lab, Role::Guest);
    retitle(&lab, "Second");
    let planned = lab.sync_with(&["--dry-run"], 0);
    assert_eq!(planned["plan"][0]["comments"]["delete"], 0, "{planned:#}");
    let pair = lab.sync();
    assert_eq!(pair["comments"]["deleted"], 0);
    let said = pair["warnings"][0].as_str().unwrap();
    assert!(said.contains("internal comments"), "{said}");
    assert!(said.contains("Planner or Reporter"), "{said}");
    let issue = lab.mirrored().remove(0);
    assert_eq!(
        (issue.title.as_str(), issue.comments().len()),
        ("Second", 2)
    );
    // Whoever sees it again goes on with it.
    set_role(&lab, Role::Reporter);
    {
        let mut world = lab.sim.world();
        world.issue_mut(lab.source, 1).notes[1].body = "Edited.".to_owned();
    }
    retitle(&lab, "Third");
    let pair = lab.sync();
    assert_eq!(
        (&pair["comments"]["updated"], &pair["comments"]["created"]),
        (&1.into(), &0.into())
    );
    // Deleted by people, it goes.
    lab.sim
        .world()
        .issue_mut(lab.source, 1)
        .notes
        .retain(|note| !note.internal);
    retitle(&lab, "Fourth");
    assert_eq!(lab.sync()["comments"]["deleted"], 1);
}

#[test]
fn p7_what_became_internal_goes_also_where_the_account_does_not_see_that() {
    let lab = mirrored();
    set_role(&lab, Role::Guest);
    {
        let mut world = lab.sim.world();
        world.issue_mut(lab.source, 1).notes[0].internal = true;
    }
    retitle(&lab, "Second");
    assert_eq!(lab.sync()["comments"]["deleted"], 1);
    let issue = lab.mirrored().remove(0);
    let left: Vec<bool> = issue.comments().iter().map(|n| n.internal).collect();
    assert_eq!(left, [true]);
}
