//! `provenance: opaque`: nothing that is sent to the target tells where it came from or who wrote it.

use crate::env::{Env, Run, adds_up};
use crate::lab::FEW_CERTIFICATES;
use forge_sim::{Issue, Milestone, Role, Sim, World};
use serde_json::Value;

const SECRET: &str = "66dbcd21ec5d24ed6ea225176098d52b";
const KEY: &str = "a secret that nobody guesses";

/// Two servers, and a directory with a configuration.
struct Two {
    env: Env,
    here: Sim,
    there: Sim,
    source: u64,
    target: u64,
    alice: u64,
    bob: u64,
}

impl Two {
    fn new() -> Self {
        let mut here = World::default();
        here.ids_from(8_800_000_000);
        here.premium = true;
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

    fn configure(&self, toggles: &str) {
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

    fn opaque(&self, toggles: &str) {
        self.configure(&format!(
            "provenance: opaque\nprovenance_key_env: KEY\n{toggles}"
        ));
    }

    fn run(&self, args: &[&str], key: &str) -> Run {
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

    fn sync(&self) -> Value {
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

    fn edit(&self, iid: u64, change: impl FnOnce(&mut Issue)) {
        let mut world = self.here.world();
        let now = world.clock.now();
        let issue = world.issue_mut(self.source, iid);
        change(issue);
        issue.updated_at = now;
    }

    fn mirrored(&self) -> Vec<Issue> {
        let world = self.there.world();
        let issues = world.projects[&self.target].issues.values();
        issues.cloned().collect()
    }

    /// What must not be told: names, path, ids and numbers, and the addresses of the server.
    fn canaries(&self) -> Vec<String> {
        let mut canaries: Vec<String> = ["canary", "88000000", "4711", "4712", "4713"]
            .map(str::to_owned)
            .to_vec();
        canaries.push(self.here.url().replace("http://", ""));
        canaries.push("gitlab.example.com".to_owned());
        canaries
    }

    /// Nothing that was sent to the target since tells any of it.
    fn tells_nothing(&self, since: usize) {
        let world = self.there.world();
        for logged in &world.log[since..] {
            let sent = format!("{} {} {}", logged.method, logged.target, logged.body);
            for canary in self.canaries() {
                assert!(!tells(&sent, &canary), "{canary} in {sent}");
            }
        }
    }

    /// All that the target shows of its issues and labels.
    fn shown(&self) -> String {
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
    fn open(&self, title: &str) -> u64 {
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
    fn live(&self) {
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
fn tells(text: &str, canary: &str) -> bool {
    let text = text.to_lowercase();
    let is_number = canary.bytes().all(|byte| byte.is_ascii_digit());
    let alone = |at: usize| {
        let before = text[..at].chars().next_back();
        !before.is_some_and(|c| c.is_ascii_alphanumeric())
    };
    text.match_indices(canary)
        .any(|(at, _)| !is_number || alone(at))
}

#[test]
fn p7_nothing_that_is_sent_tells_of_the_source() {
    for toggles in [
        "",
        "assignee_strategy: by_username\nassignee_fallback: bot",
        "assignee_strategy: by_email",
        "sync_attachments: false\nnotice: true\nmilestone_strategy: by_title\nmilestone_auto_create: true",
    ] {
        let two = Two::new();
        two.opaque(toggles);
        two.open("One");
        two.open("Two");
        two.sync();
        assert_eq!(two.mirrored().len(), 2);
        two.live();
        two.tells_nothing(0);
        let shown = two.shown();
        assert!(shown.contains("Mirrored-From::opaque"), "{shown}");
        assert!(shown.contains("Comment · 2026-01-01T"), "{shown}");
        assert!(shown.contains("- **Created:** 2026-01-01T"), "{shown}");
        let writes = two.there.world().writes();
        two.sync();
        assert_eq!(two.there.world().writes(), writes);
    }
}

#[test]
fn p3_what_is_sealed_is_found_again_by_its_secret_and_by_no_other() {
    let two = Two::new();
    two.opaque("");
    two.open("One");
    two.open("Two");
    two.sync();
    let writes = two.there.world().writes();
    two.env.lose_store();
    let pair = two.sync();
    assert_eq!(pair["links"], 2);
    assert_eq!(pair["rebuilt"]["equal"], 2, "{pair:#}");
    assert_eq!(two.there.world().writes(), writes);
    two.edit(4712, |issue| issue.title = "Changed".to_owned());
    assert_eq!(two.sync()["issues"]["updated"], 1);
    assert_eq!(two.mirrored()[1].title, "Changed");
    two.tells_nothing(0);
    // By another secret, or none.
    two.env.lose_store();
    let writes = two.there.world().writes();
    let run = two.run(&["sync"], "another secret that is long");
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(
        run.stdout.contains("sealed by another secret"),
        "{}",
        run.shown()
    );
    two.env.lose_store();
    two.configure("");
    let run = two.run(&["sync"], "");
    assert_eq!(run.code, 1, "{}", run.shown());
    let said = "and no `provenance_key_env` is named";
    assert!(run.stdout.contains(said), "{}", run.shown());
    assert_eq!(two.there.world().writes(), writes);
}

#[test]
fn p3_the_baseline_is_sealed_and_found_again() {
    let two = Two::new();
    two.open("Old");
    two.opaque("");
    let text = std::fs::read_to_string(two.env.path("mirror.yaml")).unwrap();
    let text = text.replace("sync_existing_issues: true", "sync_existing_issues: false");
    two.env.write("mirror.yaml", &text);
    two.sync();
    two.open("New");
    assert_eq!(two.sync()["issues"]["created"], 1);
    two.env.lose_store();
    let pair = two.sync();
    assert_eq!(pair["issues"]["created"], 0, "{pair:#}");
    assert_eq!(two.mirrored().len(), 1);
    two.tells_nothing(0);
}

#[test]
fn p10_what_was_told_before_is_taken_back_in_the_next_pass() {
    let two = Two::new();
    two.configure("");
    two.open("One");
    two.open("Two");
    two.sync();
    let told = two.shown();
    assert!(
        told.contains("canaryalice") && told.contains("4711"),
        "{told}"
    );
    two.opaque("");
    let pair = two.sync();
    assert_eq!(pair["issues"]["updated"], 2);
    let shown = two.shown();
    for canary in two.canaries() {
        assert!(tells(&told, &canary) || canary == "4713", "{canary}");
        assert!(!tells(&shown, &canary), "{canary} in {shown}");
    }
    let said = pair["warnings"].to_string();
    assert!(
        said.contains("2 mirrored issues told where they came from"),
        "{said}"
    );
    assert!(said.contains("history"), "{said}");
    let writes = two.there.world().writes();
    let pair = two.sync();
    assert_eq!(two.there.world().writes(), writes);
    assert_eq!(pair["warnings"].as_array().unwrap().len(), 0, "{pair:#}");
    // Another secret, then none, and back: each arrives, and everything is known.
    let run = two.run(&["sync"], "another secret that is long");
    assert_eq!(run.code, 0, "{}", run.shown());
    assert!(two.there.world().writes() > writes);
    two.env.lose_store();
    for sim in [&two.here, &two.there] {
        sim.advance(600);
    }
    let run = two.run(&["sync"], "another secret that is long");
    assert_eq!(run.code, 0, "{}", run.shown());
    two.configure("");
    two.sync();
    let told = two.shown();
    assert!(
        told.contains("canaryalice") && told.contains("4711"),
        "{told}"
    );
    assert_eq!(two.mirrored().len(), 2);
}

#[test]
fn p5_what_came_through_an_opaque_pair_does_not_go_back() {
    let env = Env::empty();
    env.source()
        .issue(1, "title: One\nauthor: alice", "One here.");
    let back = |second: &str| {
        env.write(
            "mirror.yaml",
            &format!(
                "instances:
  here: {{ forge: directory, path: source }}
  there: {{ forge: directory, path: target }}
pairs:
  - name: forth
    source: {{ instance: here, project: . }}
    target: {{ instance: there, project: . }}
    sync_existing_issues: true
    provenance: opaque
    provenance_key_env: KEY
  - name: back
    source: {{ instance: there, project: . }}
    target: {{ instance: here, project: . }}
    sync_existing_issues: true
{second}"
            ),
        );
    };
    let key = [("KEY", KEY), ("OTHER", "another secret that is long")];
    for second in [
        "    provenance_key_env: KEY\n",
        "    provenance: opaque\n    provenance_key_env: KEY\n",
        "    provenance_key_env: OTHER\n",
        "",
    ] {
        back(second);
        for _ in 0..2 {
            let run = env.run_with(&["sync"], &key);
            assert_eq!(run.code, 0, "{}", run.shown());
        }
        assert_eq!(env.source().numbers(), [1], "{second}");
        assert_eq!(env.target().numbers(), [1], "{second}");
    }
    // Files name nobody either.
    let file = env.target().path("issues/1/issue.md");
    let text = std::fs::read_to_string(file).unwrap();
    assert!(!text.contains("alice") && !text.contains("plans"), "{text}");
}

/// An issue of which everything names somebody.
const RICH: &str = "title: One
author: {username: canaryalice, name: Canary Alice}
created_at: 2026-01-02T00:00:00Z
state: closed
closed_by: canarybob
closed_at: 2026-01-03T00:00:00Z
assignees: [canarybob, canarycarol]
epic: {number: 4712, title: Big thing}
iteration: Sprint 3
labels: [bug]";

#[test]
fn p10_files_name_nobody_and_after_a_change_of_the_settings_nobody_any_more() {
    for toggles in ["", "assignee_strategy: by_username"] {
        let env = Env::empty();
        let source = crate::tracker::Tracker::begin(env.path("source"), "source-1", "canaryplans");
        source.issue(4711, RICH, "One here. [x](lost.txt)");
        source.comment(4711, 1, "author: canarybob", "It is so.");
        let full = format!("sync_closed_issues: true\nusers: {{ canarybob: robert }}\n{toggles}");
        let opaque = format!("provenance: opaque\nprovenance_key_env: KEY\n{full}");
        let run = |toggles: &str| {
            env.configure(toggles);
            let run = env.run_with(&["sync"], &[("KEY", KEY)]);
            assert_eq!(run.code, 0, "{}", run.shown());
            let files = env.target().bytes().into_iter();
            let files = files.filter(|(path, _)| !path.ends_with("labels.yaml"));
            files
                .map(|(path, bytes)| format!("{path:?} {}\n", String::from_utf8_lossy(&bytes)))
                .collect::<String>()
        };
        let names_nobody = |shown: &str| {
            for canary in ["canary", "4711", "4712", "source-1"] {
                assert!(!tells(shown, canary), "{canary} in {shown}");
            }
            assert!(shown.contains("robert"), "{shown}");
        };
        let shown = run(&opaque);
        names_nobody(&shown);
        assert_eq!(run(&opaque), shown);
        let told = run(&full);
        for canary in ["canaryalice", "canarycarol", "canaryplans", "4711", "4712"] {
            assert!(tells(&told, canary), "{canary} in {told}");
        }
        names_nobody(&run(&opaque));
        assert_eq!(env.target().numbers(), [1]);
    }
}

#[test]
fn a_secret_that_is_not_there_or_can_be_guessed_is_a_mistake() {
    let two = Two::new();
    two.opaque("");
    let run = two.run(&["sync"], "short");
    assert_eq!(run.code, 2, "{}", run.shown());
    assert!(
        run.stderr.contains("less than 16 characters"),
        "{}",
        run.shown()
    );
    assert!(!run.stderr.contains("short"), "{}", run.shown());
    let run = two
        .env
        .run_with(&["sync"], &[("READER", "reader"), ("WRITER", "writer")]);
    assert_eq!(run.code, 2, "{}", run.shown());
    let said =
        "the environment variable KEY is not set (`provenance_key_env`). Nothing was contacted.";
    assert!(run.stderr.contains(said), "{}", run.shown());
    two.configure("provenance: opaque\npreserve_numbers: true");
    let run = two.run(&["sync"], KEY);
    assert_eq!(run.code, 2, "{}", run.shown());
    for said in [
        "`provenance: opaque` needs a `provenance_key_env`",
        "`preserve_numbers` tells what `provenance: opaque` hides",
    ] {
        assert!(run.stderr.contains(said), "{}", run.shown());
    }
    assert_eq!(two.there.world().received, 0);
}

#[test]
fn an_issue_of_somebody_else_is_marked_without_telling_what_it_mirrors() {
    let two = Two::new();
    two.opaque("link_existing: by_title");
    two.open("One");
    let robert = {
        let mut world = two.there.world();
        let robert = world.add_user("roberta");
        world.open_issue(two.target, robert, "One", "One there.");
        robert
    };
    assert_eq!(two.sync()["joined"], 1);
    let shown = two.shown();
    assert!(
        shown.contains("Mirrors an issue of another tracker."),
        "{shown}"
    );
    two.tells_nothing(0);
    two.env.lose_store();
    let pair = two.sync();
    assert_eq!(
        (&pair["joined"], &pair["issues"]["created"]),
        (&0.into(), &0.into()),
        "{pair:#}"
    );
    assert_eq!(two.mirrored().len(), 1);
    assert!(robert > 0);
}

#[test]
fn p10_what_marks_an_issue_of_somebody_else_follows_the_provenance() {
    for writes_text in [false, true] {
        let two = Two::new();
        two.configure("link_existing: by_title");
        two.open("One");
        {
            let mut world = two.there.world();
            let robert = world.add_user("roberta");
            world.open_issue(two.target, robert, "One", "One there.");
        }
        assert_eq!(two.sync()["joined"], 1);
        if writes_text {
            let text = Some("Another text.".to_owned());
            two.edit(4711, |issue| issue.description = text);
            two.sync();
        }
        let told = two.shown();
        assert!(
            told.contains("Mirrors [canarygroup/canaryapp#4711]"),
            "{told}"
        );
        two.opaque("link_existing: by_title");
        two.sync();
        let shown = two.shown();
        for canary in two.canaries() {
            assert!(!tells(&shown, &canary), "{canary} in {shown}");
        }
        assert!(shown.contains("Mirrors an issue of another"), "{shown}");
        let writes = two.there.world().writes();
        two.sync();
        assert_eq!(two.there.world().writes(), writes);
        // Another secret reaches it as well, so that it is found again by that one.
        let other = "another secret that is long";
        let run = two.run(&["sync"], other);
        assert_eq!(run.code, 0, "{}", run.shown());
        two.env.lose_store();
        for sim in [&two.here, &two.there] {
            sim.advance(600);
        }
        let run = two.run(&["sync"], other);
        assert_eq!(run.code, 0, "{}", run.shown());
        assert_eq!(two.mirrored().len(), 1, "{}", run.shown());
        two.env.lose_store();
        let run = two.run(&["sync"], KEY);
        assert_eq!(run.code, 1, "{}", run.shown());
        assert_eq!(two.mirrored().len(), 1, "{}", run.shown());
        // And back.
        let run = two.run(&["sync"], other);
        assert_eq!(run.code, 0, "{}", run.shown());
        two.configure("");
        two.sync();
        let shown = two.shown();
        assert!(
            shown.contains("Mirrors [canarygroup/canaryapp#4711]"),
            "{shown}"
        );
        assert_eq!(two.mirrored().len(), 1);
    }
}

#[test]
fn p3_what_another_secret_sealed_is_not_made_again_beside_what_is_plain() {
    let two = Two::new();
    two.configure("");
    two.open("One");
    two.sync();
    two.opaque("update_existing: false");
    two.open("Two");
    two.sync();
    assert!(two.shown().contains("canaryalice"), "{}", two.shown());
    two.env.lose_store();
    let writes = two.there.world().writes();
    let run = two.run(&["sync"], "another secret that is long");
    assert_eq!(run.code, 1, "{}", run.shown());
    let said = "sealed by another secret";
    assert!(run.stdout.contains(said), "{}", run.shown());
    assert_eq!(two.there.world().writes(), writes);
    two.env.lose_store();
    assert_eq!(two.sync()["links"], 2);
    assert_eq!(two.mirrored().len(), 2);
}

#[test]
fn p6_who_wrote_an_issue_that_was_joined_is_said_to_have_written_it_whatever_is_told() {
    let env = Env::new("");
    let closed = "state: closed\nclosed_at: 2026-01-03T00:00:00Z\nclosed_by:";
    env.source()
        .issue(1, &format!("title: One\nauthor: alice\n{closed} bob"), "x");
    let target = crate::tracker::Tracker::begin(env.path("target"), "target-1", "there");
    target.issue(7, &format!("title: One\nauthor: carol\n{closed} dave"), "y");
    let full = "link_existing: by_title\nsync_closed_issues: true";
    let opaque = format!("provenance: opaque\nprovenance_key_env: KEY\n{full}");
    for toggles in [full, &opaque, full] {
        env.configure(toggles);
        let run = env.run_with(&["sync"], &[("KEY", KEY)]);
        assert_eq!(run.code, 0, "{}", run.shown());
        let text = std::fs::read_to_string(target.path("issues/7/issue.md")).unwrap();
        let is_opaque = toggles == opaque;
        assert_eq!(text.contains("Mirrored-From::opaque"), is_opaque, "{text}");
        for said in ["author: carol", "closed_by: dave"] {
            assert!(text.contains(said), "{toggles}: {text}");
        }
    }
    assert_eq!(target.numbers(), [7]);
}

#[test]
fn check_says_what_is_not_told() {
    let two = Two::new();
    two.opaque("");
    let run = two.run(&["check"], KEY);
    let line = |what: &str| {
        let mut lines = run.stdout.lines();
        let found = lines.find(|line| line.trim_start().starts_with(what));
        found.unwrap_or_default().to_owned()
    };
    let missing = line("not carried");
    for part in ["number", "author"] {
        assert!(missing.contains(part), "{part}: {}", run.shown());
    }
    assert!(
        line("as labels").contains("assignees (else not carried)"),
        "{}",
        run.shown()
    );
}

#[test]
fn a_text_that_names_the_source_itself_stays_and_is_told() {
    let two = Two::new();
    two.opaque("");
    let url = two.here.url();
    two.open("One");
    let iid = two.here.world().open_issue(
        two.source,
        two.alice,
        "Two",
        &format!("See {url}/canarygroup/canaryapp/-/wikis/x."),
    );
    let pair = two.sync();
    let told = pair["not_carried"].as_array().unwrap().iter();
    let told: Vec<&Value> = told.filter(|row| row["field"] == "provenance").collect();
    assert_eq!(told.len(), 1, "{pair:#}");
    assert_eq!(told[0]["issues"], serde_json::json!([iid]));
    let text = two.mirrored()[1].description.clone().unwrap();
    assert!(text.contains("/canarygroup/canaryapp/-/wikis/x"), "{text}");
}
