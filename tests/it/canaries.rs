//! P7 in whatever order things happen: what must not be seen is never sent, never shown, never said.
//!
//! Every text, title, label, milestone, name and content of a file that is ever written on the source
//! has a word of its own. A case is a row of steps drawn at random: issues and threads are opened,
//! edited, hidden and shown again, before, after and in the middle of passes; passes are killed and
//! requests of them meet faults. Before each request, and after each pass, it is asked who sees
//! what.
//!
//! `ISSUE_MIRROR_CANARIES` says how many cases, `ISSUE_MIRROR_SEED` which ones.

mod about;
mod cases;
mod edits;
mod found;
mod known;

use self::about::{is_about_hidden, kept, lists};
use self::cases::{ARGS, Case, Pass, Step, TOGGLES, There, case};
use self::edits::{Edit, Place, carry_out};
use self::known::{EXCLUDED, Eyes, Shared, lock, seen, words};
use crate::chance::faults::plan;
use crate::chance::{Checked, Search, ensure};
use crate::lab::{FEW_CERTIFICATES, Lab};
use forge_sim::{Fault, Role};
use proptest::test_runner::TestCaseError;
use std::fs;
use std::io::Read;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

/// How far is searched by a run that says nothing else.
const SEARCH: Search = Search {
    of: "lives of secrets",
    cases: ("ISSUE_MIRROR_CANARIES", 120),
    threads: 8,
    salt: 7,
};

/// No pass of a case takes more requests.
const REQUESTS: u64 = 400;

/// A case while it runs.
struct Life<'a> {
    case: &'a Case,
    lab: Lab,
    place: Place,
    known: Shared,
    toggles: usize,
}

impl<'a> Life<'a> {
    fn new(case: &'a Case) -> Self {
        let lab = Lab::with("", |world| {
            world.drops_confidential = case.there != There::Keeps;
            let bot = world.tokens["writer"].user;
            let by_path = |path| {
                *world
                    .projects
                    .iter()
                    .find(|(_, p)| p.path == path)
                    .unwrap()
                    .0
            };
            let (source, target) = (by_path("team/app"), by_path("mirrors/app"));
            world.projects.get_mut(&source).unwrap().public = !case.private;
            world.projects.get_mut(&target).unwrap().public = true;
            if case.there == There::Deletes {
                world.set_role(target, bot, Role::Owner);
            }
        });
        let place = Place {
            source: lab.source,
            target: lab.target,
            alice: lab.alice,
        };
        let mut life = Self {
            case,
            lab,
            place,
            known: Shared::default(),
            toggles: 0,
        };
        lock(&life.known).listed = !case.private;
        life.configure(0);
        life
    }

    fn configure(&mut self, toggles: usize) {
        // A target that hides nothing gets nothing of the kind.
        self.toggles = match self.case.there {
            There::Keeps => toggles,
            _ if toggles == 1 || toggles == 4 => 0,
            _ => toggles,
        };
        let only = format!("only: {{ exclude_labels: [{EXCLUDED}] }}");
        self.lab
            .configure(&format!("{only}\n{}", TOGGLES[self.toggles]));
        lock(&self.known).carried |= self.carries();
    }

    fn carries(&self) -> bool {
        TOGGLES[self.toggles].contains("sync_confidential")
    }

    fn edit(&self, edit: Edit) {
        let mut world = self.lab.sim.world();
        let mut known = lock(&self.known);
        carry_out(&mut world, &mut known, self.place, edit);
        known.look(&world, self.place.source, self.place.target);
    }

    fn run(mut self) -> Checked {
        for issue in 0..self.case.issues {
            self.edit(Edit::Open {
                hidden: false,
                file: issue == 1,
            });
            let to = issue;
            self.edit(Edit::Comment {
                to,
                internal: false,
                file: false,
            });
            self.edit(Edit::Reply(to, 0));
        }
        for step in &self.case.steps {
            match step {
                Step::Edit(edit) => self.edit(*edit),
                Step::Wait(seconds) => self.lab.sim.advance(*seconds),
                Step::Pass(pass) => self.pass(pass)?,
                Step::Configure(toggles) => self.configure(*toggles),
                Step::LoseStore => self.lab.env.lose_store(),
            }
        }
        self.come_to_rest()
    }

    /// A pass, and everything that must hold of it however it ended. Answers its exit status.
    fn pass(&self, pass: &Pass) -> Checked {
        {
            let mut world = self.lab.sim.world();
            if let Some((at, bad)) = pass.fault {
                plan(&mut world, at, bad);
            }
            if let Some((at, after)) = pass.killed {
                world.plan(at.when(), Fault::Kill { after });
            }
            for (request, edit) in pass.during.clone() {
                let (known, place) = (Arc::clone(&self.known), self.place);
                world.at_request(request, move |world| {
                    carry_out(world, &mut lock(&known), place, edit);
                });
            }
        }
        let (code, said) = self.sync(ARGS[pass.args])?;
        self.lab.sim.world().calm();
        let excused = pass.fault.is_some() || pass.killed.is_some();
        ensure!(
            excused || !pass.during.is_empty() || matches!(code, Some(0 | 3)),
            "exit {code:?}: {said}"
        );
        Ok(())
    }

    fn sync(&self, args: &[&str]) -> Result<(Option<i32>, String), TestCaseError> {
        let begun = {
            let mut world = self.lab.sim.world();
            let mut known = lock(&self.known);
            known.lately.clear();
            known.look(&world, self.place.source, self.place.target);
            for request in 1..=REQUESTS {
                let (known, Place { source, target, .. }) = (Arc::clone(&self.known), self.place);
                world.at_request(request, move |world| {
                    lock(&known).look(world, source, target);
                });
            }
            world.log.len()
        };
        let args = [&["-vv", "sync", "--output", "json"], args].concat();
        let (code, said) = self.execute(&args);
        let (_, status) = self.execute(&["status", "--issues"]);
        let world = self.lab.sim.world();
        let mut known = lock(&self.known);
        known.look(&world, self.place.source, self.place.target);
        ensure!(
            known.leaked.is_empty(),
            "everybody saw {:?}: {said}",
            known.leaked
        );
        let lately = known.lately.clone();
        let hidden =
            |text: &str| -> Vec<u64> { words(text).difference(&lately).copied().collect() };
        // What an earlier pass said is kept, and told of what was seen then.
        let told: Vec<_> = words(&status).difference(&known.ever).copied().collect();
        ensure!(told.is_empty(), "status told {told:?}: {status}");
        ensure!(hidden(&said).is_empty(), "said {:?}: {said}", hidden(&said));
        if !self.carries() {
            for logged in &world.log[begun..] {
                // What is asked of the source is the source's own; a file that is there is named to be
                // deleted.
                let deletes = logged.method == "DELETE" && logged.target.contains("/uploads/");
                if !self.is_to_target(&logged.target) || deletes {
                    continue;
                }
                // A label that is there is named to be taken off.
                let kept = |part: &&str| !part.contains("remove_labels");
                let body: String = logged.body.split("\",\"").filter(kept).collect();
                let sent = format!("{} {body}", logged.target);
                ensure!(
                    hidden(&sent).is_empty(),
                    "sent {:?}: {logged:#?}",
                    hidden(&sent)
                );
            }
        } else if self.case.private {
            for logged in &world.log[begun..] {
                let said = (&*logged.method, &*logged.target, &*logged.body);
                if self.is_to_target(&logged.target)
                    && !is_about_hidden(&world, self.place.target, said)
                {
                    let kept = |part: &&str| !part.contains("remove_labels");
                    let body: String = logged.body.split("\",\"").filter(kept).collect();
                    let told = hidden(&format!("{} {body}", logged.target));
                    ensure!(told.is_empty(), "told {told:?}: {logged:#?}");
                }
            }
        }
        if !known.carried {
            for end in ["", "-wal"] {
                let store = fs::read(self.lab.env.path(format!("issue-mirror.db{end}")));
                let kept = words(&String::from_utf8_lossy(&store.unwrap_or_default()));
                let kept: Vec<_> = kept.difference(&known.ever).collect();
                ensure!(kept.is_empty(), "the store has {kept:?}");
            }
        }
        Ok((code, said))
    }

    fn is_to_target(&self, path: &str) -> bool {
        path.contains("mirrors%2Fapp") || path.contains(&format!("projects/{}", self.place.target))
    }

    /// Runs the program, which may be killed; answers its exit status and everything that it said.
    fn execute(&self, args: &[&str]) -> (Option<i32>, String) {
        let log = self.lab.env.path("log.txt");
        let mut command = self.lab.env.command(args);
        command
            .envs([("READER", "reader"), ("WRITER", "writer"), FEW_CERTIFICATES])
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log).unwrap());
        let (mut stdout, child) = {
            // Nothing is answered before the server knows whom to kill.
            let mut world = self.lab.sim.world();
            let mut child = command.spawn().unwrap();
            let stdout = child.stdout.take().unwrap();
            let child = Arc::new(Mutex::new(child));
            world.victim = Some(Arc::clone(&child));
            (stdout, child)
        };
        let mut said = String::new();
        stdout.read_to_string(&mut said).unwrap();
        let status = child.lock().unwrap().wait().unwrap();
        self.lab.sim.world().victim = None;
        let log = fs::read_to_string(log).unwrap();
        let lines = log
            .lines()
            .filter(|line| !line.contains(" connection for ") && !line.contains("connect"));
        said.extend(lines.map(|line| format!("{line}\n")));
        (status.code(), said)
    }

    /// Nothing goes wrong any more: what must not be seen is not, and everything else is there.
    fn come_to_rest(&mut self) -> Checked {
        if self.toggles > 1 {
            self.configure(usize::from(self.carries()));
        }
        let mut last = (Some(0), String::new());
        for args in [&[][..], &["--full"], &["--full"]] {
            self.lab.sim.advance(200);
            if self.lab.env.path("issue-mirror.db").exists() {
                self.lab.retry_now();
            }
            last = self.sync(args)?;
        }
        ensure!(last.0 == Some(0), "exit {:?} at rest: {}", last.0, last.1);
        let world = self.lab.sim.world();
        let Place { source, target, .. } = self.place;
        let (public, there) = (
            seen(&world, source, Eyes::Public),
            seen(&world, target, Eyes::Public),
        );
        let mut missing: Vec<_> = public.difference(&there).collect();
        let mut shown: Vec<_> = there.difference(&public).collect();
        if self.case.steps.iter().any(|s| matches!(s, Step::LoseStore)) {
            // Labels that the source does not have any more are theirs then.
            let labels = lists(&world, target);
            let ever = &lock(&self.known).ever;
            shown.retain(|word| !(labels.contains(word) && ever.contains(word)));
            // And nobody knows who hid an issue, so it stays hidden.
            let hidden = seen(&world, target, Eyes::Members);
            missing.retain(|word| !hidden.contains(word));
        } else {
            // Whoever kept the link of a file of what is hidden now reaches nothing by it.
            let kept = kept(&world, target, &lock(&self.known).reached);
            let members = seen(&world, source, Eyes::Members);
            let hidden: Vec<_> = members.difference(&public).collect();
            let reached: Vec<_> = hidden.iter().filter(|w| kept.contains(w)).collect();
            ensure!(reached.is_empty(), "files lead to {reached:?}: {}", last.1);
        }
        ensure!(shown.is_empty(), "everybody sees {shown:?}: {}", last.1);
        ensure!(missing.is_empty(), "{missing:?} did not arrive: {}", last.1);
        Ok(())
    }
}

#[test]
fn p7_what_must_not_be_seen_is_never_sent_shown_or_said_whatever_happens() {
    SEARCH.explore(case, |case| Life::new(case).run());
}
