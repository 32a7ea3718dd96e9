//! What the account may not do, or may do more than others.

use crate::lab::Lab;

#[test]
fn p9_what_a_low_role_drops_without_a_word_is_said() {
    let lab = Lab::with("", |world| {
        let (bot, target) = (
            world.tokens["writer"].user,
            world
                .projects
                .values()
                .find(|p| p.path == "mirrors/app")
                .unwrap()
                .id,
        );
        world.set_role(target, bot, forge_sim::Role::Guest);
        for name in ["bug", "Mirrored-From::x"] {
            let id = world.fresh_id();
            world
                .projects
                .get_mut(&target)
                .unwrap()
                .labels
                .push(forge_sim::Label {
                    id,
                    name: name.to_owned(),
                    color: "#000000".to_owned(),
                    description: None,
                    of_group: false,
                });
        }
    });
    let iid = lab.open("T", "x");
    lab.edit(iid, |issue| issue.due_date = Some("2026-03-01".into()));
    lab.sim.advance(300);
    let run = lab.run(&["sync"]);
    // A guest may not even create the label that says where an issue comes from; the issue is there
    // nevertheless, and says itself what could not be kept.
    assert_eq!(run.code, 0, "{}", run.shown());
    assert!(
        run.stdout.contains("labels") && run.stdout.contains("it takes the role Planner"),
        "{}",
        run.shown()
    );
    assert_eq!(lab.mirrored().len(), 1);
    let run = lab.run(&["sync", "--full"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    let text = lab.mirrored()[0].description.clone().unwrap();
    assert!(text.contains("- **Due date:** 2026-03-01"), "{text}");
}

#[test]
fn an_owner_sets_the_times_of_the_original() {
    let lab = Lab::with("", |world| {
        let bot = world.tokens["writer"].user;
        let target = world
            .projects
            .values()
            .find(|p| p.path == "mirrors/app")
            .unwrap()
            .id;
        world.set_role(target, bot, forge_sim::Role::Owner);
    });
    let iid = lab.open("T", "x");
    let note = lab.comment(iid, "C");
    lab.edit(iid, |issue| {
        issue.created_at = "2020-01-02T03:04:05Z".parse().unwrap();
        let note = issue.notes.iter_mut().find(|n| n.id == note).unwrap();
        note.created_at = "2020-02-03T04:05:06Z".parse().unwrap();
    });
    lab.sim.advance(300);
    lab.sync();
    let issue = &lab.mirrored()[0];
    assert_eq!(issue.created_at.to_string(), "2020-01-02T03:04:05Z");
    assert_eq!(
        issue.comments()[0].created_at.to_string(),
        "2020-02-03T04:05:06Z"
    );
    // A lost answer is found nevertheless: by what our account changed, not by what it created.
    lab.open("U", "x");
    lab.sim.world().plan(
        forge_sim::When::Every("POST", "/issues"),
        forge_sim::Fault::DropAnswer,
    );
    lab.sim.advance(300);
    lab.sync_with(&[], 3);
    lab.sim.world().faults.clear();
    lab.sim.advance(300);
    lab.retry_now();
    lab.sync();
    assert_eq!(lab.mirrored().len(), 2);
}
