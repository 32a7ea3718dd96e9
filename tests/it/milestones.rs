//! Milestones by title: set where the target has one, created where that is asked for, a label else.

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

/// A pass, and how many writes it took.
fn writes(lab: &Lab) -> usize {
    let before = lab.sim.world().writes();
    lab.sync();
    let after = lab.sim.world().writes();
    after - before
}

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
        assert_eq!(writes(&lab), 1);
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
        assert_eq!(writes(&lab), 1, "{toggles}");
        assert_eq!(shown(&lab), expected, "{toggles}");
        lab.idle();
    }
    // A mapping leads to another one, and to none.
    milestone(&lab, lab.target, titled("1.0"));
    for (mapped, expected) in [("'1.0'", native("1.0")), ("null", (None, false, false))] {
        lab.configure(&format!("{BY_TITLE}\nmilestones: {{ v1: {mapped} }}"));
        assert!(writes(&lab) >= 1, "{mapped}");
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
    std::fs::remove_file(lab.env.path("issue-mirror.db")).unwrap();
    assert_eq!(writes(&lab), 0);
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

/// The milestones of the target, in the order of their numbers.
fn made(lab: &Lab) -> Vec<Milestone> {
    let world = lab.sim.world();
    let all = world.projects[&lab.target].milestones.values();
    all.cloned().collect()
}

/// Changes a milestone, as people do in the browser: the time of no issue moves.
fn edit(lab: &Lab, project: u64, title: &str, change: impl FnOnce(&mut Milestone)) {
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
    assert_eq!(writes(&lab), 2, "the milestone, and the issue");
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

/// The description of the only milestone of the target.
fn described(lab: &Lab) -> String {
    made(lab).remove(0).description
}

fn describe(lab: &Lab, project: u64, title: &str, text: &str) {
    edit(lab, project, title, |one| {
        text.clone_into(&mut one.description);
    });
}

#[test]
fn p8_a_description_arrives_as_text_that_does_nothing_and_follows() {
    const FILE: &str = "66dbcd21ec5d24ed6ea225176098d52b";
    let lab = lab(CREATED);
    lab.open("Second", "x");
    let text = format!(
        "Ask @bob or @all about #2 and #99, !3, ~bug.\n\n/close\n\n![a](/uploads/{FILE}/a.png) and [more](docs/more.md)\n"
    );
    describe(&lab, lab.source, "v1", &text);
    lab.sync();
    // What refers to what is mirrored later leads to the source, and nothing else is hit.
    let there = described(&lab);
    let reading = lab.sim.world().reads(lab.target, &there);
    assert_eq!(reading.commands, Vec::<String>::new(), "{there}");
    assert!(reading.mentions.is_empty(), "{there}");
    assert_eq!(reading.references.len(), 0, "{there}");
    let visible = reading.visible().replace('\u{2060}', "");
    for seen in ["@bob", "@all", "/close", "#2", "#99"] {
        assert!(visible.contains(seen), "{seen} in {there}");
    }
    let links: Vec<&str> = reading
        .links
        .iter()
        .map(|link| link.href.as_str())
        .collect();
    for part in ["/uploads/", "docs/more.md"] {
        let link = links.iter().find(|link| link.contains(part)).unwrap();
        assert!(
            link.contains("team/app") || link.contains("/-/project/"),
            "{links:?}"
        );
    }
    assert!(lab.sim.world().mails.is_empty());
    lab.sim.advance(300);
    lab.idle();
    // It follows by itself, in a full pass or with other work, and leads to what is mirrored by now.
    describe(&lab, lab.source, "v1", "Now #2.");
    let before = lab.sim.world().writes();
    lab.sync_with(&["--full"], 0);
    assert_eq!(lab.sim.world().writes() - before, 1);
    assert_eq!(described(&lab), "Now #2.");
    // What people wrote stays until the source says something else.
    describe(&lab, lab.target, "v1", "Theirs.");
    edit(&lab, lab.source, "v1", |one| one.closed = false);
    lab.sync_with(&["--full"], 0);
    assert_eq!(
        (described(&lab).as_str(), made(&lab)[0].closed),
        ("Theirs.", false)
    );
    describe(&lab, lab.source, "v1", "");
    lab.sync_with(&["--full"], 0);
    assert_eq!(described(&lab), "");
    // One of an older store was made without.
    describe(&lab, lab.source, "v1", "From the beginning.");
    let forget = || {
        let store = rusqlite::Connection::open(lab.env.path("issue-mirror.db")).unwrap();
        store
            .execute_batch("UPDATE milestone SET described = NULL")
            .unwrap();
    };
    forget();
    lab.sync_with(&["--full"], 0);
    assert_eq!(described(&lab), "From the beginning.");
    forget();
    describe(&lab, lab.target, "v1", "Of people.");
    lab.sync_with(&["--full"], 0);
    assert_eq!(described(&lab), "Of people.");
}

#[test]
fn p3_after_a_lost_store_ours_follow_and_those_of_people_do_not() {
    let lab = lab(CREATED);
    milestone(&lab, lab.target, titled("theirs"));
    let second = lab.open("Second", "x");
    let id = milestone(&lab, lab.source, titled("theirs"));
    lab.edit(second, |issue| issue.milestone = Some(id));
    describe(&lab, lab.source, "v1", "About @bob.");
    lab.sync();
    edit(&lab, lab.target, "v1", |one| {
        one.due_date = Some("2026-05-05".to_owned());
    });
    lab.env.lose_store();
    lab.sim.advance(600);
    assert_eq!(writes(&lab), 0);
    for (from, to) in [("v1", "v2"), ("theirs", "of the source")] {
        edit(&lab, lab.source, from, |one| to.clone_into(&mut one.title));
        describe(&lab, lab.source, to, "Another.");
    }
    lab.sync_with(&["--full"], 0);
    let find = |title: &str| made(&lab).into_iter().find(|one| one.title == title);
    let ours = find("v2").unwrap();
    assert_eq!(ours.description, "Another.");
    assert_eq!(ours.due_date.as_deref(), Some("2026-05-05"));
    assert_eq!(find("v1"), None);
    // It stays as it is, and there is a new one beside it.
    assert_eq!(find("theirs").unwrap(), titled("theirs"));
    assert_eq!(find("of the source").unwrap().description, "Another.");
    lab.sim.advance(300);
    lab.idle();
    let before = lab.sim.world().writes();
    lab.sync_with(&["--full"], 0);
    assert_eq!(lab.sim.world().writes(), before);
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

#[test]
fn p6_after_a_lost_store_a_description_that_people_emptied_stays_so() {
    let lab = lab(CREATED);
    describe(&lab, lab.source, "v1", "Text.");
    lab.sync();
    describe(&lab, lab.target, "v1", "");
    lab.env.lose_store();
    lab.sim.advance(600);
    assert_eq!(writes(&lab), 0);
    lab.sync_with(&["--full"], 0);
    assert_eq!(described(&lab), "");
    // What the source says from then on arrives.
    describe(&lab, lab.source, "v1", "Another.");
    lab.sync_with(&["--full"], 0);
    assert_eq!(described(&lab), "Another.");
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
