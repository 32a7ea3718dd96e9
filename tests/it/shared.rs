//! Two pairs with one target: what one of them does leaves to the other what it made.

use crate::lab::Lab;
use forge_sim::{Milestone, Role, World};
use serde_json::Value;

/// Two sources, each with an issue, and one target.
struct Two {
    lab: Lab,
    second: u64,
}

impl Two {
    fn new(toggles: &str) -> Self {
        let mut second = 0;
        let lab = Lab::with("", |world: &mut World| {
            second = world.add_project("team/second");
            let bot = world.tokens["reader"].user;
            world.set_role(second, bot, Role::Reporter);
        });
        let two = Self { lab, second };
        two.lab.open("Of the first", "x");
        let alice = two.lab.alice;
        let mut world = two.lab.sim.world();
        world.open_issue(two.second, alice, "Of the second", "y");
        drop(world);
        two.configure(toggles);
        two
    }

    fn configure(&self, toggles: &str) {
        self.lab.configure(toggles);
        let path = self.lab.env.path("mirror.yaml");
        let text = std::fs::read_to_string(path).unwrap();
        let at = text.find("  - name: app").unwrap();
        let second = text[at..]
            .replace("name: app", "name: second")
            .replace("project: team/app", "project: team/second");
        self.lab
            .env
            .write("mirror.yaml", &format!("{text}{second}"));
    }

    /// A pass over both; answers what is said of each.
    fn sync(&self, args: &[&str]) -> [Value; 2] {
        let run = self
            .lab
            .run(&[&["sync", "--output", "json"], args].concat());
        assert_eq!(run.code, 0, "{}", run.shown());
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        [0, 1].map(|at| document["pairs"][at].clone())
    }

    /// The milestone of each mirrored issue.
    fn milestones(&self) -> Vec<Option<String>> {
        let issues = self.lab.mirrored();
        let world = self.lab.sim.world();
        let all = &world.projects[&self.lab.target].milestones;
        let title = |id: u64| all[&id].title.clone();
        issues.iter().map(|i| i.milestone.map(title)).collect()
    }
}

fn titled(title: &str) -> Milestone {
    Milestone {
        title: title.to_owned(),
        ..Milestone::default()
    }
}

#[test]
fn p6_a_milestone_that_both_use_is_not_renamed_for_one_of_them() {
    let two = Two::new("milestone_strategy: by_title\nmilestone_auto_create: true");
    let lab = &two.lab;
    {
        let mut world = lab.sim.world();
        for project in [lab.source, two.second] {
            let id = world.fresh_id();
            let project = world.projects.get_mut(&project).unwrap();
            project.milestones.insert(id, titled("v1"));
            project.issues.get_mut(&1).unwrap().milestone = Some(id);
        }
    }
    lab.sim.advance(300);
    two.sync(&[]);
    assert_eq!(
        two.milestones(),
        [Some("v1".to_owned()), Some("v1".to_owned())]
    );
    // One of the sources renames and closes its own.
    {
        let mut world = lab.sim.world();
        let project = world.projects.get_mut(&lab.source).unwrap();
        for milestone in project.milestones.values_mut() {
            milestone.title = "v2".to_owned();
            milestone.closed = true;
        }
    }
    lab.sim.advance(300);
    two.sync(&["--full"]);
    lab.sim.advance(300);
    two.sync(&["--full"]);
    assert_eq!(
        two.milestones(),
        [Some("v2".to_owned()), Some("v1".to_owned())]
    );
    let world = lab.sim.world();
    let mut all: Vec<_> = world.projects[&lab.target].milestones.values().collect();
    all.sort_by_key(|milestone| milestone.title.clone());
    let states: Vec<_> = all.iter().map(|m| (m.title.as_str(), m.closed)).collect();
    assert_eq!(states, [("v1", false), ("v2", true)]);
}

#[test]
fn p9_a_milestone_that_both_use_follows_once_it_is_not_shared_and_is_told_until_then() {
    let two = Two::new("milestone_strategy: by_title\nmilestone_auto_create: true");
    let lab = &two.lab;
    for project in [lab.source, two.second] {
        let mut world = lab.sim.world();
        let id = world.fresh_id();
        let project = world.projects.get_mut(&project).unwrap();
        project.milestones.insert(id, titled("v1"));
        project.issues.get_mut(&1).unwrap().milestone = Some(id);
    }
    lab.sim.advance(300);
    two.sync(&[]);
    let works = |title: &str| {
        lab.sim.advance(300);
        lab.edit(1, |issue| issue.title = title.to_owned());
        let warnings = two.sync(&[])[0]["warnings"].clone();
        warnings.as_array().unwrap().clone()
    };
    let closed = |project: u64| {
        let world = lab.sim.world();
        let all = &world.projects[&project].milestones;
        all.values().map(|one| one.closed).collect::<Vec<_>>()
    };
    // An older version noted no description: that is no change.
    rusqlite::Connection::open(lab.env.path("issue-mirror.db"))
        .unwrap()
        .execute_batch("UPDATE milestone SET described = NULL")
        .unwrap();
    assert_eq!(works("A"), Vec::<Value>::new());
    for one in lab
        .sim
        .world()
        .projects
        .get_mut(&lab.source)
        .unwrap()
        .milestones
        .values_mut()
    {
        one.closed = true;
    }
    let told = works("B");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].as_str().unwrap().contains("v1"), "{told:?}");
    assert_eq!(works("C"), Vec::<Value>::new(), "it was told");
    assert_eq!(closed(lab.target), [false]);
    // The other source does without it.
    lab.sim.world().issue_mut(two.second, 1).milestone = None;
    lab.sim.advance(300);
    two.sync(&["--full"]);
    assert_eq!(two.milestones(), [Some("v1".to_owned()), None]);
    assert_eq!(works("D"), Vec::<Value>::new());
    assert_eq!(closed(lab.target), [true]);
}

#[test]
fn p6_what_one_of_them_hides_or_takes_away_concerns_its_own() {
    let two = Two::new("sync_deletions: close");
    let lab = &two.lab;
    two.sync(&[]);
    lab.edit(1, |issue| issue.confidential = true);
    lab.sim.advance(300);
    two.sync(&[]);
    let issues = lab.mirrored();
    assert!(issues[0].confidential && !issues[1].confidential);
    lab.env.lose_store();
    let [first, second] = two.sync(&[]);
    assert_eq!((&first["links"], &second["links"]), (&1.into(), &1.into()));
    assert_eq!(lab.mirrored().len(), 2);
}

#[test]
fn p12_a_trial_run_knows_what_each_of_both_would_make() {
    let two = Two::new("");
    let lab = &two.lab;
    let page = format!("{}/team/app/-/issues/2", lab.sim.url());
    {
        let mut world = lab.sim.world();
        world.issue_mut(two.second, 1).description = Some(format!("See {page}."));
    }
    lab.sim.advance(300);
    two.sync(&[]);
    // The first would make what the second refers to, and the second something else.
    lab.open("New of the first", "x");
    {
        let mut world = lab.sim.world();
        world.open_issue(two.second, lab.alice, "New of the second", "y");
    }
    lab.sim.advance(300);
    let [_, trial] = two.sync(&["--dry-run"]);
    let [_, pass] = two.sync(&[]);
    assert_eq!(pass["put_right"], 1, "{pass:#}");
    assert_eq!(trial["put_right"], pass["put_right"], "{trial:#}");
}
