//! A server with a canary in everything that may not be told, and one that is told nothing.

use super::{KEY, SECRET};
use crate::env::{Env, Run, adds_up};
use crate::lab::FEW_CERTIFICATES;
use forge_sim::{Issue, Milestone, Role, Sim, World};
use serde_json::Value;

/// Two servers, and a directory with a configuration.
pub(super) struct Two {
    pub(super) env: Env,
    pub(super) here: Sim,
    pub(super) there: Sim,
    pub(super) source: u64,
    pub(super) target: u64,
    pub(super) alice: u64,
    pub(super) bob: u64,
}

impl Two {
    pub(super) fn new() -> Self {
        let mut here = World::default();
        here.ids_from(8_800_000_000);
        here.premium = true;
        "https://gitlab.example.com".clone_into(&mut here.web_address);
        let (alice, bob) = (here.add_user("canaryalice"), here.add_user("canarybob"));
        let bot = here.add_user("canarybot");
        here.add_token("reader", bot);
        let source = here.add_project("canarygroup/canaryapp");
        for user in [alice, bob] {
            here.set_role(source, user, Role::Developer);
        }
        here.set_role(source, bot, Role::Reporter);
        here.projects.get_mut(&source).unwrap().next_iid = 4711;
        let mut there = World::default();
        there.ids_from(3_300_000_000);
        there.premium = true;
        let writer = there.add_user("mirror-bot");
        let robert = there.add_user("robert");
        there.add_token("writer", writer);
        let target = there.add_project("mirrors/app");
        there.set_role(target, writer, Role::Owner);
        there.set_role(target, robert, Role::Developer);
        Self {
            env: Env::empty(),
            here: Sim::start(here),
            there: Sim::start(there),
            source,
            target,
            alice,
            bob,
        }
    }

    pub(super) fn configure(&self, toggles: &str) {
        let (here, there) = (self.here.url(), self.there.url());
        let toggles: String = toggles
            .lines()
            .map(|line| format!("    {}\n", line.trim()))
            .collect();
        self.env.write(
            "mirror.yaml",
            &format!(
                "instances:
  prod: {{ forge: gitlab, url: '{here}', token_env: READER }}
  backup: {{ forge: gitlab, url: '{there}', token_env: WRITER, timeout_seconds: 5 }}
pairs:
  - name: app
    source: {{ instance: prod, project: canarygroup/canaryapp }}
    target: {{ instance: backup, project: mirrors/app }}
    sync_existing_issues: true
    users: {{ canarybob: robert }}
{toggles}"
            ),
        );
    }

    pub(super) fn opaque(&self, toggles: &str) {
        self.configure(&format!(
            "provenance: opaque\nprovenance_key_env: KEY\n{toggles}"
        ));
    }

    pub(super) fn run(&self, args: &[&str], key: &str) -> Run {
        self.env.run_with(
            args,
            &[
                ("READER", "reader"),
                ("WRITER", "writer"),
                ("KEY", key),
                FEW_CERTIFICATES,
            ],
        )
    }

    pub(super) fn sync(&self) -> Value {
        for sim in [&self.here, &self.there] {
            sim.advance(600);
        }
        let run = self.run(&["sync", "--output", "json"], KEY);
        assert_eq!(run.code, 0, "{}", run.shown());
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let pair = document["pairs"][0].clone();
        adds_up(&pair);
        pair
    }

    pub(super) fn edit(&self, iid: u64, change: impl FnOnce(&mut Issue)) {
        let mut world = self.here.world();
        let now = world.clock.now();
        let issue = world.issue_mut(self.source, iid);
        change(issue);
        issue.updated_at = now;
    }

    pub(super) fn mirrored(&self) -> Vec<Issue> {
        let world = self.there.world();
        let issues = world.projects[&self.target].issues.values();
        issues.cloned().collect()
    }

    /// What must not be told: names, path, ids and numbers, and the addresses of the server.
    pub(super) fn canaries(&self) -> Vec<String> {
        let mut canaries: Vec<String> = ["canary", "88000000", "4711", "4712", "4713"]
            .map(str::to_owned)
            .to_vec();
        canaries.push(self.here.url().replace("http://", ""));
        canaries.push("gitlab.example.com".to_owned());
        canaries
    }

    /// Nothing that was sent to the target since tells any of it.
    pub(super) fn tells_nothing(&self, since: usize) {
        let world = self.there.world();
        for logged in &world.log[since..] {
            let sent = format!("{} {} {}", logged.method, logged.target, logged.body);
            for canary in self.canaries() {
                assert!(!tells(&sent, &canary), "{canary} in {sent}");
            }
        }
    }

    /// All that the target shows of its issues and labels.
    pub(super) fn shown(&self) -> String {
        let world = self.there.world();
        let project = &world.projects[&self.target];
        let mut shown = String::new();
        for issue in project.issues.values() {
            shown += &format!(
                "{} {:?} {:?}\n",
                issue.title, issue.description, issue.labels
            );
            for note in issue.comments() {
                shown += &note.body;
                shown.push('\n');
            }
        }
        shown
    }

    /// An issue with something of everything, with a comment, an answer and files.
    pub(super) fn open(&self, title: &str) -> u64 {
        let mut world = self.here.world();
        let project = world.projects.get_mut(&self.source).unwrap();
        let key = (SECRET.to_owned(), "shot.png".to_owned());
        project.uploads.insert(key, b"png".to_vec());
        project.milestones.insert(
            99,
            Milestone {
                title: "v1".to_owned(),
                ..Milestone::default()
            },
        );
        let text = format!(
            "See ![a](/uploads/{SECRET}/shot.png), [b](/uploads/{SECRET}/lost.txt) and #77."
        );
        let iid = world.open_issue(self.source, self.alice, title, &text);
        let first = world.comment(
            self.source,
            iid,
            self.bob,
            &format!("First ![a](/uploads/{SECRET}/gone.png)."),
        );
        world.reply(self.source, iid, first, self.alice, "Answer.");
        drop(world);
        let (alice, bob) = (self.alice, self.bob);
        self.edit(iid, |issue| {
            issue.labels.insert("bug".to_owned());
            issue.milestone = Some(99);
            issue.assignees = vec![alice, bob];
            issue.epic = Some((4712, "Big thing".to_owned()));
            issue.iteration = Some("Sprint 3".to_owned());
            issue.weight = Some(3);
            issue.time_spent = 60;
        });
        iid
    }

    /// What happens to issues after they were mirrored, with a pass after each.
    pub(super) fn live(&self) {
        let bob = self.bob;
        let changes: [&dyn Fn(&mut Issue); 7] = [
            &|issue| "Another title".clone_into(&mut issue.title),
            &|issue| issue.description = Some("Another text.".to_owned()),
            &|issue| {
                issue.open = false;
                issue.closed = Some((issue.updated_at, bob));
            },
            &|issue| {
                "Another answer.".clone_into(&mut issue.notes.last_mut().unwrap().body);
            },
            &|issue| issue.assignees.clear(),
            &|issue| issue.confidential = true,
            &|issue| issue.confidential = false,
        ];
        for change in changes {
            self.edit(4711, change);
            self.sync();
        }
    }
}

/// Whether a text has a canary in it. A number counts where it stands by itself: digests have any
/// digits in them.
pub(super) fn tells(text: &str, canary: &str) -> bool {
    let text = text.to_lowercase();
    let is_number = canary.bytes().all(|byte| byte.is_ascii_digit());
    let alone = |at: usize| {
        let before = text[..at].chars().next_back();
        !before.is_some_and(|c| c.is_ascii_alphanumeric())
    };
    text.match_indices(canary)
        .any(|(at, _)| !is_number || alone(at))
}
