//! GitLab to GitLab, through the real binary and over real sockets, against the simulator.

use crate::env::{Env, Run, adds_up};
use forge_sim::{Fault, Issue, Role, Sim, When, World};
use serde_json::Value;
use std::io::Read;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

/// Reading all certificates of a system takes longer than most passes here, and http needs none.
pub(crate) const FEW_CERTIFICATES: (&str, &str) = (
    "SSL_CERT_FILE",
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/forge-sim/tls/ca.pem"),
);

/// A server with a source and a target project, and a directory with a configuration.
pub(crate) struct Lab {
    pub(crate) env: Env,
    pub(crate) sim: Sim,
    pub(crate) source: u64,
    pub(crate) target: u64,
    /// Writes issues on the source.
    pub(crate) alice: u64,
}

impl Lab {
    /// Everything is mirrored; these lines are added to the pair.
    pub(crate) fn new(toggles: &str) -> Self {
        Self::with(toggles, |_| {})
    }

    /// The same with a world that was changed before it begins.
    pub(crate) fn with(toggles: &str, change: impl FnOnce(&mut World)) -> Self {
        let mut world = World::default();
        let (alice, bob, bot) = (
            world.add_user("alice"),
            world.add_user("bob"),
            world.add_user("mirror-bot"),
        );
        world.add_token("reader", bot);
        world.add_token("writer", bot);
        // Ids of a large server do not fit into 32 bits.
        world.ids_from(5_000_000_000);
        let (source, target) = (
            world.add_project("team/app"),
            world.add_project("mirrors/app"),
        );
        for user in [alice, bob] {
            world.set_role(source, user, Role::Developer);
        }
        world.set_role(source, bot, Role::Reporter);
        world.set_role(target, bot, Role::Maintainer);
        change(&mut world);
        let lab = Self {
            env: Env::empty(),
            sim: Sim::start(world),
            source,
            target,
            alice,
        };
        lab.configure(toggles);
        lab
    }

    /// The same with a target that has issues of its own, so that no counterpart has the number of its
    /// original.
    pub(crate) fn shifted(toggles: &str) -> Self {
        let lab = Self::new(toggles);
        for title in ["Theirs", "Theirs too"] {
            let mut world = lab.sim.world();
            world.open_issue(lab.target, lab.alice, title, "x");
        }
        lab
    }

    /// The same with a tracker of files, `source`, in place of the source.
    pub(crate) fn from_files() -> Self {
        let lab = Self::new("");
        let url = lab.sim.url();
        lab.env.write(
            "mirror.yaml",
            &format!(
                "instances:
  here: {{ forge: directory, path: source }}
  backup: {{ forge: gitlab, url: '{url}', token_env: WRITER }}
pairs:
  - name: files
    source: {{ instance: here, project: . }}
    target: {{ instance: backup, project: mirrors/app }}
    sync_existing_issues: true
"
            ),
        );
        lab
    }

    /// The third write of a pass, which puts something right, comes to harm; a later pass puts it right,
    /// and nothing is there twice. Four issues are on the target then.
    pub(crate) fn comes_right(&self, fault: &Fault, is_right: impl Fn(&Self) -> bool) {
        self.sim.advance(300);
        self.sim.world().plan(When::Write(3), fault.clone());
        self.run(&["sync"]);
        let mut passes = 0;
        while !is_right(self) || passes == 0 {
            passes += 1;
            assert!(passes < 4, "{fault:?}: {:?}", self.mirrored());
            self.sim.advance(600);
            self.retry_now();
            self.run(&["sync"]);
        }
        self.sim.advance(600);
        self.sync();
        assert_eq!(self.mirrored().len(), 4, "{fault:?}");
        self.sim.advance(600);
        self.idle();
    }

    pub(crate) fn configure(&self, toggles: &str) {
        let existing = if toggles.contains("sync_existing_issues") {
            ""
        } else {
            "    sync_existing_issues: true\n"
        };
        let toggles: String = toggles
            .lines()
            .map(|line| format!("    {}\n", line.trim()))
            .collect();
        let url = self.sim.url();
        self.env.write(
            "mirror.yaml",
            &format!(
                "instances:
  prod: {{ forge: gitlab, url: '{url}', token_env: READER }}
  backup: {{ forge: gitlab, url: '{url}', token_env: WRITER, timeout_seconds: 5 }}
pairs:
  - name: app
    source: {{ instance: prod, project: team/app }}
    target: {{ instance: backup, project: mirrors/app }}
{existing}{toggles}"
            ),
        );
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.run_with(args, &[])
    }

    /// The same with these variables.
    pub(crate) fn run_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Run {
        let tokens = [("READER", "reader"), ("WRITER", "writer")];
        self.env.run_with(args, &[&tokens, variables].concat())
    }

    /// A pass that must end with this exit status; answers its JSON for the pair.
    pub(crate) fn sync_with(&self, args: &[&str], code: i32) -> Value {
        let mut all = vec!["sync", "--output", "json"];
        all.extend(args);
        let before = self.sim.world().received;
        let run = self.run(&all);
        assert_eq!(run.code, code, "{}", run.shown());
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let pair = document["pairs"][0].clone();
        adds_up(&pair);
        // What the summary counts is what the server saw (P12).
        let requests = &pair["requests"];
        let counted = requests["source"].as_u64().unwrap() + requests["target"].as_u64().unwrap();
        let seen = self.sim.world().received - before;
        // A directory counts what the server does not see.
        if pair["name"] == "app" {
            assert_eq!(counted, seen, "requests that were counted and seen");
        }
        pair
    }

    pub(crate) fn sync(&self) -> Value {
        self.sync_with(&[], 0)
    }

    /// A run that is killed at this request, before or after it is carried out. Answers whether it
    /// came so far.
    pub(crate) fn killed(&self, args: &[&str], request: u64, after: bool) -> bool {
        let mut command = self.env.command(args);
        command
            .env("READER", "reader")
            .env("WRITER", "writer")
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let (child, mut stdout) = {
            // Nothing is answered before the victim is known.
            let mut world = self.sim.world();
            world.plan(When::Request(request), Fault::Kill { after });
            let mut child = command.spawn().unwrap();
            let stdout = child.stdout.take().unwrap();
            let child = Arc::new(Mutex::new(child));
            world.victim = Some(Arc::clone(&child));
            (child, stdout)
        };
        stdout.read_to_string(&mut String::new()).unwrap();
        let status = child.lock().unwrap().wait().unwrap();
        // What it sent besides counts as its own, and not as requests of the next run.
        self.sim.settle();
        let mut world = self.sim.world();
        world.victim = None;
        world.faults.clear();
        status.code().is_none()
    }

    /// A pass, and how many writes it took.
    pub(crate) fn writes(&self) -> usize {
        let before = self.sim.world().writes();
        self.sync();
        self.sim.world().writes() - before
    }

    /// A pass after some time: how many writes it took, and its JSON for the pair.
    pub(crate) fn later(&self) -> (usize, Value) {
        self.sim.advance(300);
        let before = self.sim.world().writes();
        let pair = self.sync();
        (self.sim.world().writes() - before, pair)
    }

    /// A pass that writes nothing; answers how many requests it took.
    pub(crate) fn idle(&self) -> usize {
        let before = self.sim.world().log.len();
        let writes = self.sim.world().writes();
        self.sync();
        let world = self.sim.world();
        assert_eq!(world.writes(), writes, "{:#?}", &world.log[before..]);
        world.log.len() - before
    }

    /// Time passes for what waits for another try.
    pub(crate) fn retry_now(&self) {
        self.env.retry_now();
    }

    /// Issues of the target by number.
    pub(crate) fn mirrored(&self) -> Vec<Issue> {
        let world = self.sim.world();
        world.projects[&self.target]
            .issues
            .values()
            .cloned()
            .collect()
    }

    /// Notes of the forge itself in an issue.
    pub(crate) fn traces(&self, project: u64, iid: u64) -> Vec<String> {
        let world = self.sim.world();
        let notes = world.issue(project, iid).notes.iter();
        notes
            .filter(|note| note.system)
            .map(|note| note.body.clone())
            .collect()
    }

    /// An issue of the source to be changed, as a person does in the browser: its time moves.
    pub(crate) fn edit(&self, iid: u64, change: impl FnOnce(&mut Issue)) {
        let mut world = self.sim.world();
        let now = world.clock.now();
        let issue = world.issue_mut(self.source, iid);
        change(issue);
        issue.updated_at = now;
    }

    pub(crate) fn open(&self, title: &str, text: &str) -> u64 {
        self.sim
            .world()
            .open_issue(self.source, self.alice, title, text)
    }

    pub(crate) fn comment(&self, iid: u64, text: &str) -> u64 {
        self.sim.world().comment(self.source, iid, self.alice, text)
    }
}

/// What is invisible, made visible.
pub(crate) fn shown(text: &str) -> String {
    text.replace('\u{2060}', "·")
}

/// The author's text of a mirrored issue, in front of the rule.
pub(crate) fn author_text(text: &str) -> &str {
    let before = in_front_of_marker(text);
    let text = before.strip_suffix("***").or(before.strip_suffix("---"));
    text.unwrap().trim_end()
}

/// The author's text of a mirrored comment, and the line above it.
pub(crate) fn author_comment(body: &str) -> (&str, &str) {
    let (attribution, text) = body.split_once("\n\n").unwrap();
    (attribution, in_front_of_marker(text))
}

fn in_front_of_marker(text: &str) -> &str {
    let at = text.rfind("[issue-mirror]: # (").unwrap();
    text[..at].trim_end()
}
