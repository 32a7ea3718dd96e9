//! What the source loses, the target loses too, and nothing else: not where the toggle is off, and not
//! what people set there themselves.

use super::world::{Mirror, difference, shown};
use forge_sim::{Issue, World};

/// What is cleared, with which settings, how, what switches it off, and what is sent.
struct Row {
    name: &'static str,
    toggles: &'static str,
    clear: fn(&mut World, u64),
    off: &'static str,
    sent: &'static [&'static str],
}

/// Changes the issue with everything, as a person does.
fn edit(world: &mut World, project: u64, change: impl FnOnce(&mut Issue)) {
    let now = world.clock.now();
    let issue = world.issue_mut(project, 1);
    change(issue);
    issue.updated_at = now;
}

const ROWS: &[Row] = &[
    Row {
        name: "weight",
        toggles: "",
        clear: |world, source| edit(world, source, |issue| issue.weight = None),
        off: "sync_weight: false",
        sent: &["PUT issues/1 weight=null"],
    },
    Row {
        name: "estimate",
        toggles: "",
        clear: |world, source| edit(world, source, |issue| issue.time_estimate = 0),
        off: "sync_time_estimate: false",
        sent: &["POST issues/1/reset_time_estimate"],
    },
    Row {
        name: "time spent",
        toggles: "",
        clear: |world, source| edit(world, source, |issue| issue.time_spent = 0),
        off: "sync_time_spent: false",
        sent: &["POST issues/1/add_spent_time duration=-1800s"],
    },
    Row {
        name: "due date",
        toggles: "",
        clear: |world, source| edit(world, source, |issue| issue.due_date = None),
        off: "sync_due_date: false",
        sent: &["PUT issues/1 due_date="],
    },
    Row {
        name: "start date",
        toggles: "",
        clear: |world, source| edit(world, source, |issue| issue.start_date = None),
        off: "sync_due_date: false",
        sent: &["PUT issues/1 description(-Start date)"],
    },
    Row {
        name: "labels",
        toggles: "",
        clear: |world, source| edit(world, source, |issue| issue.labels.clear()),
        off: "sync_labels: false",
        sent: &["PUT issues/1 remove_labels=bug,internal"],
    },
    Row {
        name: "milestone as a label",
        toggles: "",
        clear: |world, source| edit(world, source, |issue| issue.milestone = None),
        off: "sync_milestones: false",
        sent: &["PUT issues/1 description(-Milestone) remove_labels=Milestone::v1"],
    },
    Row {
        name: "milestone",
        toggles: "milestone_strategy: by_title",
        clear: |world, source| edit(world, source, |issue| issue.milestone = None),
        off: "sync_milestones: false",
        sent: &["PUT issues/1 milestone_id=0"],
    },
    Row {
        name: "assignees as labels",
        toggles: "",
        clear: |world, source| edit(world, source, |issue| issue.assignees.clear()),
        off: "sync_assignees: false",
        sent: &["PUT issues/1 description(-Assignees) remove_labels=Assignee::@alice"],
    },
    Row {
        name: "assignees",
        toggles: "assignee_strategy: by_username",
        clear: |world, source| edit(world, source, |issue| issue.assignees.clear()),
        off: "sync_assignees: false",
        sent: &["PUT issues/1 assignees=nobody description(-Assignees)"],
    },
    Row {
        name: "iteration",
        toggles: "",
        clear: |world, source| edit(world, source, |issue| issue.iteration = None),
        off: "sync_iterations: false",
        sent: &["PUT issues/1 description(-Iteration) remove_labels=Iteration::Sprint"],
    },
    Row {
        name: "epic",
        toggles: "",
        clear: |world, source| edit(world, source, |issue| issue.epic = None),
        off: "sync_epics: false",
        sent: &["PUT issues/1 description(-Epic) remove_labels=Epic::&4"],
    },
    Row {
        name: "link",
        toggles: "",
        clear: |world, source| {
            let mut links = world.links.iter();
            let link = links.find(|link| link.source.0 == source).unwrap().id;
            let alice = world.issue(source, 1).author;
            world.unrelate(alice, link);
        },
        off: "sync_issue_links: false",
        sent: &["DELETE link"],
    },
    Row {
        name: "comment",
        toggles: "",
        clear: |world, source| {
            edit(world, source, |issue| {
                issue.notes.retain(|note| note.system);
            });
        },
        off: "sync_comments: false",
        sent: &["DELETE issues/1/notes/1", "DELETE issues/1/notes/2"],
    },
    Row {
        name: "text",
        toggles: "",
        clear: |world, source| edit(world, source, |issue| issue.description = None),
        off: "",
        sent: &["PUT issues/1 description(text)"],
    },
    Row {
        name: "health",
        toggles: "",
        clear: |world, source| edit(world, source, |issue| issue.health = None),
        off: "",
        sent: &["PUT issues/1 description(-Health status)"],
    },
    Row {
        name: "thumbs",
        toggles: "",
        clear: |world, source| edit(world, source, |issue| issue.thumbs = (0, 0)),
        off: "",
        sent: &["PUT issues/1 description(-Reactions)"],
    },
];

#[test]
fn p2_what_is_cleared_on_the_source_is_cleared_on_the_target_and_nothing_else() {
    for row in ROWS {
        let mirror = Mirror::new(row.toggles);
        let source = mirror.lab.source;
        (row.clear)(&mut mirror.lab.sim.world(), source);
        assert_eq!(shown(&mirror.pass()), shown(row.sent), "{}", row.name);
        assert!(mirror.pass().is_empty(), "{}", row.name);
        assert!(mirror.pass_with(&["--full"]).is_empty(), "{}", row.name);
    }
}

#[test]
fn p6_what_is_cleared_while_its_toggle_is_off_is_not_touched() {
    for row in ROWS.iter().filter(|row| !row.off.is_empty()) {
        let mirror = Mirror::new(row.toggles);
        mirror
            .lab
            .configure(&format!("{}\n{}", row.toggles, row.off));
        mirror.pass();
        let before = mirror.target();
        let source = mirror.lab.source;
        (row.clear)(&mut mirror.lab.sim.world(), source);
        assert!(mirror.pass().is_empty(), "{}", row.name);
        assert!(mirror.pass_with(&["--full"]).is_empty(), "{}", row.name);
        assert_eq!(difference(&before, &mirror.target()), Vec::<String>::new());
        // Switched on again, it arrives.
        mirror.lab.configure(row.toggles);
        let sent = mirror.pass();
        // Its line went with the toggle.
        let went = row.name == "start date";
        assert_eq!(sent.is_empty(), went, "{}: {sent:?}", row.name);
        assert!(mirror.pass().is_empty(), "{}", row.name);
    }
}

/// Sets a field; it is told who Alice is.
type Set = fn(&mut Issue, u64);

/// What people set on the counterpart of an issue that says nothing.
const THEIRS: &[(&str, &str, Set)] = &[
    ("weight", "", |issue, _| issue.weight = Some(9)),
    ("estimate", "", |issue, _| issue.time_estimate = 7200),
    ("spent", "", |issue, _| issue.time_spent = 600),
    ("due_date", "", |issue, _| {
        issue.due_date = Some("2030-01-01".to_owned());
    }),
    ("labels", "", |issue, _| {
        issue.labels.insert("theirs".to_owned());
    }),
    ("milestone", "", |issue, _| issue.milestone = Some(201)),
    ("milestone", "milestone_strategy: by_title", |issue, _| {
        issue.milestone = Some(201);
    }),
    ("assignees", "", |issue, alice| {
        issue.assignees = vec![alice];
    }),
    (
        "assignees",
        "assignee_strategy: by_username",
        |issue, alice| {
            issue.assignees = vec![alice];
        },
    ),
    ("confidential", "", |issue, _| issue.confidential = true),
    ("confidential", "sync_confidential: true", |issue, _| {
        issue.confidential = true;
    }),
];

#[test]
fn p6_what_people_set_where_the_source_says_nothing_stays() {
    for (field, toggles, set) in THEIRS {
        let mirror = Mirror::new(toggles);
        // The counterpart of the task, of which the source says nothing.
        {
            let mut world = mirror.lab.sim.world();
            let (now, alice) = (world.clock.now(), mirror.lab.alice);
            let issue = world.issue_mut(mirror.lab.target, 3);
            set(issue, alice);
            issue.updated_at = now;
        }
        let theirs = mirror.target()[&format!("3 {field}")].clone();
        assert!(mirror.pass_with(&["--full"]).is_empty(), "{field}");
        mirror.lab.edit(3, |issue| issue.title.push('!'));
        let sent = mirror.pass();
        assert_eq!(
            shown(&sent),
            shown(&["PUT issues/3 description() title=Task!"])
        );
        // Something that is ours comes and goes.
        mirror.lab.edit(3, |issue| {
            issue.labels.insert("bug".to_owned());
            issue.time_spent = 60;
        });
        mirror.pass();
        mirror.lab.edit(3, |issue| {
            issue.labels.remove("bug");
            issue.time_spent = 0;
        });
        mirror.pass();
        assert_eq!(
            mirror.target()[&format!("3 {field}")],
            theirs,
            "{field}, {toggles}"
        );
        assert!(mirror.pass_with(&["--full"]).is_empty(), "{field}");
    }
}

#[test]
fn p6_a_link_and_a_comment_of_people_stay_when_ours_go() {
    let mirror = Mirror::new("");
    let (source, target, alice) = (mirror.lab.source, mirror.lab.target, mirror.lab.alice);
    {
        let mut world = mirror.lab.sim.world();
        world.relate(alice, (target, 1), (target, 3), false);
        world.comment(target, 1, alice, "Theirs.");
        let link = world
            .links
            .iter()
            .find(|link| link.source.0 == source)
            .unwrap()
            .id;
        world.unrelate(alice, link);
    }
    mirror
        .lab
        .edit(1, |issue| issue.notes.retain(|note| note.system));
    mirror.pass();
    let held = mirror.target();
    assert!(
        held.contains_key("link 1 3") && !held.contains_key("link 1 2"),
        "{held:#?}"
    );
    assert_eq!(held["1 note 1"], "Theirs.");
    assert!(!held.contains_key("1 note 2"), "{held:#?}");
}
