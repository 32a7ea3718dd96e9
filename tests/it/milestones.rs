//! Milestones by title: set where the target has one, created where that is asked for, a label else.

mod described;
mod ours;

use crate::env::Env;
use crate::lab::Lab;
use forge_sim::{Milestone, Role};

const BY_TITLE: &str = "milestone_strategy: by_title";

const CREATED: &str = "milestone_strategy: by_title\nmilestone_auto_create: true";

fn titled(title: &str) -> Milestone {
    Milestone {
        title: title.to_owned(),
        ..Milestone::default()
    }
}

/// A source with the milestone `v1`, that is over, and an issue of it.
fn lab(toggles: &str) -> Lab {
    let lab = Lab::new(toggles);
    let iid = lab.open("First", "Text.");
    let id = milestone(
        &lab,
        lab.source,
        Milestone {
            start_date: Some("2026-01-01".to_owned()),
            due_date: Some("2026-02-01".to_owned()),
            closed: true,
            of_group: true,
            ..titled("v1")
        },
    );
    lab.edit(iid, |issue| issue.milestone = Some(id));
    lab
}

fn milestone(lab: &Lab, project: u64, new: Milestone) -> u64 {
    let mut world = lab.sim.world();
    let id = world.fresh_id();
    let project = world.projects.get_mut(&project).unwrap();
    project.milestones.insert(id, new);
    id
}

/// The title of the milestone of the first mirrored issue, its label and its line in the footer.
fn shown(lab: &Lab) -> (Option<String>, bool, bool) {
    let issue = lab.mirrored().remove(0);
    let world = lab.sim.world();
    let all = &world.projects[&lab.target].milestones;
    let title = issue.milestone.map(|id| all[&id].title.clone());
    let footer = issue.description.unwrap().contains("**Milestone:**");
    let label = issue.labels.iter().any(|l| l.starts_with("Milestone::"));
    (title, label, footer)
}

fn native(title: &str) -> (Option<String>, bool, bool) {
    (Some(title.to_owned()), false, false)
}

const AS_LABEL: (Option<String>, bool, bool) = (None, true, true);

#[test]
fn p9_a_milestone_of_the_group_is_set_in_the_spelling_of_the_target() {
    let lab = lab(BY_TITLE);
    let there = Milestone {
        closed: true,
        of_group: true,
        ..titled("V1")
    };
    milestone(&lab, lab.target, there.clone());
    lab.sync();
    assert_eq!(shown(&lab), native("V1"));
    lab.idle();
    let world = lab.sim.world();
    let all = world.projects[&lab.target].milestones.values();
    assert_eq!(all.cloned().collect::<Vec<_>>(), [there], "nothing changed");
}

#[test]
fn p9_a_milestone_that_is_not_there_is_a_label_and_told() {
    let lab = lab(BY_TITLE);
    let pair = lab.sync();
    assert_eq!(shown(&lab), AS_LABEL);
    let told = pair["not_carried"].to_string();
    assert!(told.contains("milestone_auto_create"), "{pair:#}");
    lab.idle();
}

#[test]
fn p9_a_milestone_is_created_once_with_its_days_and_over_if_it_is() {
    let lab = lab(CREATED);
    let second = lab.open("Second", "Text.");
    let id = lab.sim.world().issue(lab.source, 1).milestone;
    lab.edit(second, |issue| issue.milestone = id);
    lab.sync();
    assert_eq!(shown(&lab), native("v1"));
    {
        let world = lab.sim.world();
        let all: Vec<&Milestone> = world.projects[&lab.target].milestones.values().collect();
        let expected = Milestone {
            start_date: Some("2026-01-01".to_owned()),
            due_date: Some("2026-02-01".to_owned()),
            closed: true,
            ..titled("v1")
        };
        assert_eq!(all, [&expected]);
    }
    assert_eq!(lab.mirrored()[0].milestone, lab.mirrored()[1].milestone);
    lab.idle();
    // It is taken away, and comes back.
    for (milestone, expected) in [(None, (None, false, false)), (id, native("v1"))] {
        lab.edit(1, |issue| issue.milestone = milestone);
        assert_eq!(lab.writes(), 1);
        assert_eq!(shown(&lab), expected);
        lab.idle();
    }
}

#[test]
fn p10_each_strategy_takes_out_what_the_other_one_wrote() {
    let lab = lab("");
    milestone(&lab, lab.target, titled("v1"));
    lab.sync();
    assert_eq!(shown(&lab), AS_LABEL);
    for (toggles, expected) in [(BY_TITLE, native("v1")), ("", AS_LABEL)] {
        lab.configure(toggles);
        assert_eq!(lab.writes(), 1, "{toggles}");
        assert_eq!(shown(&lab), expected, "{toggles}");
        lab.idle();
    }
    // A mapping leads to another one, and to none.
    milestone(&lab, lab.target, titled("1.0"));
    for (mapped, expected) in [("'1.0'", native("1.0")), ("null", (None, false, false))] {
        lab.configure(&format!("{BY_TITLE}\nmilestones: {{ v1: {mapped} }}"));
        assert!(lab.writes() >= 1, "{mapped}");
        assert_eq!(shown(&lab), expected, "{mapped}");
        lab.idle();
    }
}

#[test]
fn p6_a_milestone_that_people_set_stays_where_ours_says_nothing_or_is_off() {
    for toggles in [
        "",
        BY_TITLE,
        "milestone_strategy: by_title\nsync_milestones: false",
    ] {
        let lab = Lab::new(toggles);
        lab.open("First", "Text.");
        lab.sync();
        let theirs = milestone(&lab, lab.target, titled("theirs"));
        lab.sim.world().issue_mut(lab.target, 1).milestone = Some(theirs);
        lab.edit(1, |issue| issue.title = "Changed".to_owned());
        lab.sync();
        lab.sync_with(&["--full"], 0);
        assert_eq!(shown(&lab).0.as_deref(), Some("theirs"), "{toggles}");
        assert_eq!(lab.mirrored()[0].title, "Changed");
    }
}

#[test]
fn p3_after_a_lost_store_a_milestone_that_is_in_step_is_not_written() {
    let lab = lab(CREATED);
    lab.sync();
    lab.env.lose_store();
    assert_eq!(lab.writes(), 0);
    assert_eq!(shown(&lab), native("v1"));
}

#[test]
fn p9_what_a_role_drops_is_heard() {
    let lab = Lab::new(BY_TITLE);
    let iid = lab.open("First", "Text.");
    lab.sync();
    milestone(&lab, lab.target, titled("v1"));
    let id = milestone(&lab, lab.source, titled("v1"));
    {
        let mut world = lab.sim.world();
        let bot = world.projects[&lab.target].issues[&1].author;
        world.set_role(lab.target, bot, Role::Guest);
    }
    lab.edit(iid, |issue| issue.milestone = Some(id));
    let pair = lab.sync();
    let told = pair["not_carried"].to_string();
    assert!(told.contains("milestone"), "{pair:#}");
    assert_eq!(shown(&lab).0, None);
    // A guest makes no label either, so the footer says it.
    lab.sync();
    lab.sync();
    let mirrored = lab.mirrored();
    let text = mirrored[0].description.as_deref().unwrap();
    assert!(text.contains("- **Milestone:** v1"), "{text}");
    lab.idle();
}

#[test]
fn a_directory_holds_the_milestone_in_its_front_matter() {
    let env = Env::new(BY_TITLE);
    env.source().issue(1, "title: T\nmilestone: v1", "Text.");
    env.sync();
    let issue = env.target().read(1);
    assert_eq!(issue.field("milestone"), "v1");
    assert_eq!(issue.labels(), ["Mirrored-From::plans"]);
    env.sync_idle();
    env.source()
        .edit("issues/1/issue.md", "milestone: v1\n", "");
    env.sync();
    assert!(env.target().read(1).field("milestone").is_null());
    env.sync_idle();
}

#[test]
fn p11_milestones_that_did_not_change_cost_two_requests() {
    let lab = lab(CREATED);
    lab.sync();
    // Work that needs no write, for which nothing else asks what the projects are.
    let costs = |toggles: &str| {
        lab.configure(toggles);
        lab.sync();
        lab.sim.advance(300);
        lab.edit(1, |_| {});
        let before = lab.sim.world().received;
        lab.sync();
        lab.sim.world().received - before
    };
    // Both sides are asked for them, and nothing else.
    assert_eq!(costs(CREATED), costs(BY_TITLE) + 2);
}
