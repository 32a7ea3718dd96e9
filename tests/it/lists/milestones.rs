//! P7 of milestones: those that only confidential issues have are in no list.

use super::{CREATED, labelled, list, open_lab, said_at_hidden_ones_only, text};
use crate::lab::Lab;
use forge_sim::Milestone;

pub(super) fn add_milestone(lab: &Lab, title: &str) -> u64 {
    let mut world = lab.sim.world();
    let id = world.fresh_id();
    let milestone = Milestone {
        title: title.to_owned(),
        due_date: Some("2026-03-01".to_owned()),
        ..Milestone::default()
    };
    let project = world.projects.get_mut(&lab.source).unwrap();
    project.milestones.insert(id, milestone);
    id
}

#[test]
fn p7_a_milestone_that_only_confidential_issues_have_is_not_made() {
    let lab = open_lab(CREATED);
    let titles = || -> Vec<String> {
        let world = lab.sim.world();
        let all = world.projects[&lab.target].milestones.values();
        all.map(|milestone| milestone.title.clone()).collect()
    };
    let iid = labelled(&lab, true, &[]);
    let id = add_milestone(&lab, "CANARY");
    lab.edit(iid, |issue| issue.milestone = Some(id));
    let pair = lab.sync();
    assert_eq!((titles(), list(&lab)), (vec![], vec![]));
    assert!(text(&lab, 1).contains("**Milestone:** CANARY"));
    let told = pair["not_carried"].to_string();
    assert!(
        told.contains("milestone") && !told.contains("CANARY"),
        "{told}"
    );
    said_at_hidden_ones_only(&lab, "CANARY");
    lab.sim.advance(300);
    lab.idle();
    let public = labelled(&lab, false, &[]);
    lab.edit(public, |issue| issue.milestone = Some(id));
    // It, its issue, and the one that waited for it.
    assert_eq!(lab.later().0, 3);
    assert_eq!(titles(), ["CANARY"]);
    let mirrored = lab.mirrored();
    assert!(mirrored[0].milestone.is_some());
    assert_eq!(mirrored[0].milestone, mirrored[1].milestone);
    assert!(!text(&lab, 1).contains("**Milestone:**"));
    lab.sim.advance(300);
    lab.idle();
    // What becomes of it while nobody sees an issue of it is nobody's to read.
    lab.edit(public, |issue| issue.milestone = None);
    lab.sim.advance(300);
    lab.sync();
    {
        let mut world = lab.sim.world();
        let source = world.projects.get_mut(&lab.source).unwrap();
        source.milestones.get_mut(&id).unwrap().title = "SECRET".to_owned();
    }
    lab.edit(iid, |issue| issue.title = "U".to_owned());
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(titles(), ["CANARY"]);
    assert!(text(&lab, 1).contains("**Milestone:** SECRET"));
    said_at_hidden_ones_only(&lab, "SECRET");
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p7_a_milestone_of_the_settings_is_made_without_its_days_until_they_may_be_known() {
    let lab = open_lab(&format!("{CREATED}\nmilestones: {{ CANARY: plain }}"));
    let iid = labelled(&lab, true, &[]);
    let id = add_milestone(&lab, "CANARY");
    lab.edit(iid, |issue| issue.milestone = Some(id));
    lab.sync();
    let due = || -> Vec<(String, Option<String>)> {
        let world = lab.sim.world();
        let all = world.projects[&lab.target].milestones.values();
        all.map(|m| (m.title.clone(), m.due_date.clone())).collect()
    };
    assert_eq!(due(), [("plain".to_owned(), None)]);
    said_at_hidden_ones_only(&lab, "2026-03-01");
    lab.sim.advance(300);
    lab.idle();
    let public = labelled(&lab, false, &[]);
    lab.edit(public, |issue| issue.milestone = Some(id));
    lab.sync();
    lab.edit(public, |issue| issue.title = "Then".to_owned());
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(due(), [("plain".to_owned(), Some("2026-03-01".to_owned()))]);
}
