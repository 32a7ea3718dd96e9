//! P7 in what is said: what only few see of an issue is in no report, also where it is carried.

use crate::lab::Lab;
use forge_sim::{Label, Milestone};

const TOGGLES: &str = "sync_confidential: true
sync_internal_notes: true
label_auto_create: false
milestone_strategy: by_title
assignee_strategy: by_username";

/// A confidential issue of which everything is called so, and an internal comment with a file that is
/// not there.
fn secrets(lab: &Lab) {
    let gone = format!("/uploads/{:032x}/canary-file.txt", 7);
    let iid = lab.open("canary-title", &format!("canary-text [a]({gone})"));
    let public = lab.open("Public", "Text.");
    let note = lab.comment(public, &format!("[b]({gone})"));
    let mut world = lab.sim.world();
    let alice = world.add_user("canary-person");
    let (label, milestone) = (world.fresh_id(), world.fresh_id());
    let project = world.projects.get_mut(&lab.source).unwrap();
    project.labels.push(Label {
        id: label,
        name: "canary-label".to_owned(),
        color: "#ff0000".to_owned(),
        description: None,
        of_group: false,
    });
    project.milestones.insert(
        milestone,
        Milestone {
            title: "canary-milestone".to_owned(),
            ..Milestone::default()
        },
    );
    drop(world);
    lab.edit(iid, |issue| {
        issue.confidential = true;
        issue.labels.insert("canary-label".to_owned());
        issue.milestone = Some(milestone);
        issue.assignees = vec![alice];
    });
    lab.edit(public, |issue| {
        let notes = issue.notes.iter_mut();
        notes
            .filter(|n| n.id == note)
            .for_each(|n| n.internal = true);
    });
}

#[test]
fn p7_no_report_names_what_is_confidential_also_where_it_is_carried() {
    let lab = Lab::new(TOGGLES);
    secrets(&lab);
    for args in [
        &["sync", "--dry-run"][..],
        &["sync", "--dry-run", "--output", "json"],
        &["sync", "-vv"],
        &["status", "--issues"],
        &["status", "--issues", "--output", "json"],
    ] {
        let run = lab.run(args);
        let shown = run.shown();
        let said = shown.to_lowercase();
        assert_eq!(run.code, 0, "{shown}");
        assert!(!said.contains("canary"), "{args:?}: {shown}");
    }
    // It was carried, and what could not be was told.
    let there = lab.mirrored();
    assert!(there[0].confidential && there[0].title == "canary-title");
}
