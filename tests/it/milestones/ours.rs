//! Milestones that we made follow their originals; those of people stay as they are.

use super::{BY_TITLE, CREATED, lab, milestone, native, shown, titled};
use crate::lab::Lab;
use forge_sim::Milestone;

/// The milestones of the target, in the order of their numbers.
pub(super) fn made(lab: &Lab) -> Vec<Milestone> {
    let world = lab.sim.world();
    let all = world.projects[&lab.target].milestones.values();
    all.cloned().collect()
}

/// Changes a milestone, as people do in the browser: the time of no issue moves.
pub(super) fn edit(lab: &Lab, project: u64, title: &str, change: impl FnOnce(&mut Milestone)) {
    let mut world = lab.sim.world();
    let project = world.projects.get_mut(&project).unwrap();
    let mut all = project.milestones.values_mut();
    change(all.find(|one| one.title == title).unwrap());
}

#[test]
fn p10_a_milestone_that_we_made_follows_its_title_days_and_state() {
    let lab = lab(CREATED);
    for number in 2..=3 {
        let iid = lab.open("More", "x");
        let id = lab.sim.world().issue(lab.source, 1).milestone;
        lab.edit(iid, |issue| issue.milestone = id);
        assert_eq!(iid, number);
    }
    lab.sync();
    lab.sim.advance(300);
    lab.idle();
    edit(&lab, lab.source, "v1", |one| {
        one.title = "Version 1".to_owned();
        one.start_date = None;
        one.due_date = Some("2026-03-01".to_owned());
        one.closed = false;
    });
    // Nothing else moves with it: it is the same one still.
    let before = lab.sim.world().writes();
    lab.sync_with(&["--full"], 0);
    assert_eq!(lab.sim.world().writes() - before, 1);
    let expected = Milestone {
        due_date: Some("2026-03-01".to_owned()),
        ..titled("Version 1")
    };
    assert_eq!(made(&lab), [expected]);
    assert_eq!(shown(&lab), native("Version 1"));
    lab.sim.advance(300);
    lab.idle();
    // With other work it needs no full pass.
    edit(&lab, lab.source, "Version 1", |one| {
        one.title = "Version 2".to_owned();
        one.closed = true;
        one.due_date = None;
    });
    lab.edit(2, |issue| issue.title = "Changed".to_owned());
    assert_eq!(lab.writes(), 2, "the milestone, and the issue");
    let expected = Milestone {
        closed: true,
        ..titled("Version 2")
    };
    assert_eq!(made(&lab), [expected]);
    lab.sim.advance(300);
    lab.idle();
    let before = lab.sim.world().writes();
    lab.sync_with(&["--full"], 0);
    assert_eq!(lab.sim.world().writes(), before);
}

#[test]
fn p6_what_people_changed_of_it_stays_and_what_is_theirs_is_not_touched() {
    let lab = lab(CREATED);
    let theirs = Milestone {
        due_date: Some("2026-09-09".to_owned()),
        ..titled("v2")
    };
    milestone(&lab, lab.target, theirs.clone());
    let second = lab.open("Second", "x");
    let id = milestone(&lab, lab.source, titled("v2"));
    lab.edit(second, |issue| issue.milestone = Some(id));
    lab.sync();
    // Theirs does not follow, and of ours only what the source changed.
    edit(&lab, lab.source, "v2", |one| {
        one.due_date = Some("2026-12-31".to_owned());
    });
    edit(&lab, lab.target, "v1", |one| {
        one.due_date = Some("2026-05-05".to_owned());
    });
    edit(&lab, lab.source, "v1", |one| one.closed = false);
    lab.sync_with(&["--full"], 0);
    let find = |title: &str| made(&lab).into_iter().find(|one| one.title == title);
    assert_eq!(find("v2"), Some(theirs.clone()));
    let ours = find("v1").unwrap();
    assert_eq!(ours.due_date.as_deref(), Some("2026-05-05"));
    assert!(!ours.closed);
    // Switched off it is not ours.
    lab.configure(BY_TITLE);
    edit(&lab, lab.source, "v1", |one| one.closed = true);
    lab.sync_with(&["--full"], 0);
    assert!(!find("v1").unwrap().closed);
    // One that people called otherwise is theirs from then on.
    lab.configure(CREATED);
    edit(&lab, lab.target, "v1", |one| {
        one.title = "Ours now".to_owned();
    });
    let before = lab.sim.world().writes();
    edit(&lab, lab.source, "v1", |one| one.start_date = None);
    lab.sync_with(&["--full"], 0);
    assert_eq!(lab.sim.world().writes(), before);
    assert_eq!(
        find("Ours now").unwrap().start_date.as_deref(),
        Some("2026-01-01")
    );
}

#[test]
fn p6_a_rename_to_what_is_there_moves_the_issues_and_not_the_milestone() {
    let lab = lab(CREATED);
    milestone(&lab, lab.target, titled("v2"));
    lab.sync();
    edit(&lab, lab.source, "v1", |one| one.title = "v2".to_owned());
    lab.sync_with(&["--full"], 0);
    assert_eq!(shown(&lab), native("v2"));
    let mut titles: Vec<String> = made(&lab).into_iter().map(|one| one.title).collect();
    titles.sort();
    assert_eq!(titles, ["v1", "v2"]);
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p6_one_that_our_account_made_by_hand_is_of_people() {
    let lab = Lab::new(CREATED);
    lab.open("First", "Text.");
    lab.sync();
    for project in [lab.source, lab.target] {
        let id = milestone(&lab, project, titled("mine"));
        let mut world = lab.sim.world();
        let bot = world.tokens["writer"].user;
        let project = world.projects.get_mut(&project).unwrap();
        project.milestone_authors.insert(id, bot);
    }
    lab.sync_with(&["--full"], 0);
    edit(&lab, lab.source, "mine", |one| {
        one.title = "of the source".to_owned();
        one.closed = true;
    });
    lab.sync_with(&["--full"], 0);
    assert_eq!(made(&lab), [titled("mine")]);
}
