//! P7 in whatever order things happen: what must not be seen is never sent, never shown, never said.
//!
//! Every text, title, label, milestone, name and content of a file that is ever written on the source
//! has a word of its own. A case is a row of steps drawn at random: issues and threads are opened,
//! edited, hidden and shown again, before, after and in the middle of passes; passes are killed and
//! requests of them meet faults. Before each request, and after each pass, it is asked who sees
//! what.
//!
//! `ISSUE_MIRROR_CANARIES` says how many cases, `ISSUE_MIRROR_SEED` which ones.

use crate::lab::{FEW_CERTIFICATES, Lab};
use crate::machine::{At, Bad, at, bad, number, plan, which};
use forge_sim::{Fault, Label, Milestone, Role, When, World};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::collections::BTreeSet;
use std::fmt::{self, Write};
use std::fs;
use std::io::Read;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Cases of a run that says nothing else.
const CASES: u32 = 120;
/// Most of a case is waiting, so more run at once than there are processors.
const THREADS: u32 = 8;
/// No pass of a case takes more requests.
const REQUESTS: u64 = 400;
/// Hides an issue like confidentiality.
const EXCLUDED: &str = "secret";

/// Which of several, counted among those that are there.
type Which = usize;

/// Everything about one case.
#[derive(Clone, Debug)]
struct Case {
    /// What the target does with confidentiality, and what its account may do.
    there: There,
    /// So many issues, each with a thread, are there in the beginning.
    issues: usize,
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum There {
    /// It keeps what is confidential.
    Keeps,
    /// It drops that without a word, and its account may delete issues.
    Deletes,
    /// It drops that, and nothing can be deleted.
    Withdraws,
}

#[derive(Clone, Debug)]
enum Step {
    Edit(Edit),
    /// So many seconds pass.
    Wait(i64),
    Pass(Pass),
    /// The pair is configured anew.
    Configure(usize),
    /// As with a runner that begins with an empty disk.
    LoseStore,
}

#[derive(Clone, Debug)]
struct Pass {
    args: usize,
    /// The process is killed there, before or after it is carried out.
    killed: Option<(At, bool)>,
    fault: Option<(At, Bad)>,
    /// Edits just before the so-manieth request.
    during: Vec<(u64, Edit)>,
}

/// The arguments of a pass.
const ARGS: [&[&str]; 3] = [&[], &["--full"], &["--dry-run"]];

/// What is set for the pair; the first two carry everything that may be carried.
const TOGGLES: [&str; 5] = [
    "",
    "sync_confidential: true\nsync_internal_notes: true",
    "update_existing: false",
    "sync_comments: false",
    "sync_confidential: true\nupdate_existing: false",
];

#[derive(Clone, Copy, Debug)]
enum Edit {
    Open {
        hidden: bool,
        file: bool,
    },
    Retitle(Which),
    Rewrite(Which, bool),
    Label(Which),
    Milestone(Which),
    Comment {
        to: Which,
        internal: bool,
        file: bool,
    },
    Reply(Which, Which),
    Reword(Which, Which, bool),
    RemoveComment(Which, Which),
    /// Confidential or not.
    HideOrShow(Which),
    /// By a label.
    Exclude(Which),
    /// A thread becomes internal, or not any more.
    HideOrShowThread(Which, Which),
    /// It becomes confidential, and what is written then is about that.
    HideAndWrite(Which),
}

impl fmt::Display for Case {
    /// One line for each step.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} issues, {:?}", self.issues, self.there)?;
        let mut steps = self.steps.iter();
        steps.try_for_each(|step| writeln!(f, "  {step:?}"))
    }
}

fn edit() -> impl Strategy<Value = Edit> {
    let yes = any::<bool>;
    prop_oneof![
        3 => (prop::bool::weighted(0.4), yes()).prop_map(|(hidden, file)| Edit::Open { hidden, file }),
        1 => which().prop_map(Edit::Retitle),
        2 => (which(), yes()).prop_map(|(i, file)| Edit::Rewrite(i, file)),
        2 => which().prop_map(Edit::Label),
        1 => which().prop_map(Edit::Milestone),
        3 => (which(), yes(), prop::bool::weighted(0.3))
            .prop_map(|(to, internal, file)| Edit::Comment { to, internal, file }),
        3 => (which(), which()).prop_map(|(i, c)| Edit::Reply(i, c)),
        2 => (which(), which(), prop::bool::weighted(0.3)).prop_map(|(i, c, f)| Edit::Reword(i, c, f)),
        1 => (which(), which()).prop_map(|(i, c)| Edit::RemoveComment(i, c)),
        4 => which().prop_map(Edit::HideOrShow),
        2 => which().prop_map(Edit::Exclude),
        2 => (which(), which()).prop_map(|(i, c)| Edit::HideOrShowThread(i, c)),
        3 => which().prop_map(Edit::HideAndWrite),
    ]
}

fn pass() -> impl Strategy<Value = Pass> {
    let args = prop_oneof![8 => Just(0_usize), 2 => Just(1), 1 => Just(2)];
    let during = prop_oneof![
        2 => Just(Vec::new()),
        1 => prop::collection::vec((1..24_u64, edit()), 1..4),
    ];
    let killed = prop::option::weighted(0.25, (at(), any::<bool>()));
    let fault = prop::option::weighted(0.35, (at(), bad()));
    (args, killed, fault, during).prop_map(|(args, killed, fault, during)| Pass {
        args,
        killed,
        fault,
        during,
    })
}

fn case() -> impl Strategy<Value = Case> {
    let step = prop_oneof![
        8 => edit().prop_map(Step::Edit),
        2 => prop::sample::select(vec![10, 100, 200, 4000]).prop_map(Step::Wait),
        5 => pass().prop_map(Step::Pass),
        1 => (0..TOGGLES.len()).prop_map(Step::Configure),
        1 => Just(Step::LoseStore),
    ];
    let there = prop_oneof![4 => Just(There::Keeps), 1 => Just(There::Deletes), 1 => Just(There::Withdraws)];
    (there, 1..4_usize, prop::collection::vec(step, 4..14)).prop_map(|(there, issues, steps)| {
        Case {
            there,
            issues,
            steps,
        }
    })
}

/// The words in a text: `qx`, a number, `xq`. Nothing else looks so.
fn words(text: &str) -> BTreeSet<u64> {
    let parts = text.split("qx").skip(1);
    let numbers = parts.filter_map(|part| part.split_once("xq")?.0.parse().ok());
    numbers.collect()
}

/// What is known of who may see what; shared with what happens between requests.
#[derive(Debug, Default)]
struct Known {
    drawn: u64,
    /// Words that everybody who sees the source saw at some moment.
    ever: BTreeSet<u64>,
    /// Those of them that were seen since the pass began.
    lately: BTreeSet<u64>,
    /// What everybody who sees the target saw and should not have.
    leaked: BTreeSet<String>,
    /// Hidden issues are on the target, so their labels are.
    carried: bool,
}

impl Known {
    /// A new word.
    fn word(&mut self) -> String {
        self.drawn += 1;
        format!("qx{}xq", self.drawn)
    }

    /// Looks at both projects.
    fn look(&mut self, world: &World, source: u64, target: u64) {
        let here = seen(world, source, Eyes::Public);
        self.lately.extend(&here);
        self.ever.extend(here);
        let mut there = seen(world, target, Eyes::Public);
        if !self.carried {
            // Titles of labels are there for everybody.
            let project = &world.projects[&target];
            let labels = project.labels.iter().map(|label| label.name.as_str());
            let titles = project.milestones.values().map(|m| m.title.as_str());
            there.extend(labels.chain(titles).flat_map(words));
        }
        let leaked = there
            .difference(&self.ever)
            .map(|word| format!("word {word}"));
        self.leaked.extend(leaked);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Eyes {
    /// Nothing confidential and nothing internal.
    Public,
    Members,
}

/// The words that somebody sees in the issues of a project, with the files that they link to.
fn seen(world: &World, project: u64, eyes: Eyes) -> BTreeSet<u64> {
    let project = &world.projects[&project];
    let all = eyes == Eyes::Members;
    let issues = project.issues.values();
    let issues = issues.filter(|i| all || !(i.confidential || i.labels.contains(EXCLUDED)));
    let mut text = String::new();
    for issue in issues {
        let milestone = issue.milestone.and_then(|id| project.milestones.get(&id));
        let milestone = milestone.map_or("", |milestone| &milestone.title);
        let description = issue.description.as_deref().unwrap_or("");
        let labels: Vec<_> = issue.labels.iter().cloned().collect();
        let _ = writeln!(
            text,
            "{} {description} {} {milestone}",
            issue.title,
            labels.join(" ")
        );
        for note in issue.notes.iter().filter(|note| all || !note.internal) {
            let _ = writeln!(text, "{}", note.body);
        }
    }
    for ((secret, name), content) in &project.uploads {
        if text.contains(secret.as_str()) {
            let _ = writeln!(text, "{name} {}", String::from_utf8_lossy(content));
        }
    }
    words(&text)
}

type Checked = Result<(), TestCaseError>;

macro_rules! ensure {
    ($holds:expr, $($said:tt)+) => {
        if !$holds {
            return Err(TestCaseError::fail(format!($($said)+)));
        }
    };
}

type Shared = Arc<Mutex<Known>>;

fn lock(known: &Shared) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The projects, and who writes.
#[derive(Clone, Copy)]
struct Place {
    source: u64,
    target: u64,
    alice: u64,
}

/// A text with a word in it, and perhaps a file whose name and content have one too.
fn text(world: &mut World, known: &mut Known, place: Place, file: bool) -> String {
    let text = format!("Text {}.", known.word());
    if !file {
        return text;
    }
    let (name, content) = (format!("{}.txt", known.word()), known.word());
    let secret = format!("{:032x}", world.fresh_id());
    let uploads = &mut world.projects.get_mut(&place.source).unwrap().uploads;
    uploads.insert((secret.clone(), name.clone()), content.into_bytes());
    format!("{text}\n\n[file](/uploads/{secret}/{name})")
}

/// An edit as a person makes it in the browser.
fn carry_out(world: &mut World, known: &mut Known, place: Place, edit: Edit) {
    let Place { source, alice, .. } = place;
    let now = world.clock.now();
    let (Edit::Retitle(which)
    | Edit::Rewrite(which, _)
    | Edit::Label(which)
    | Edit::Milestone(which)
    | Edit::Comment { to: which, .. }
    | Edit::Reply(which, _)
    | Edit::Reword(which, ..)
    | Edit::RemoveComment(which, _)
    | Edit::HideOrShow(which)
    | Edit::Exclude(which)
    | Edit::HideOrShowThread(which, _)
    | Edit::HideAndWrite(which)) = edit
    else {
        if let Edit::Open { hidden, file } = edit {
            let text = text(world, known, place, file);
            let iid = world.open_issue(source, alice, &format!("Title {}", known.word()), &text);
            world.issue_mut(source, iid).confidential = hidden;
        }
        return;
    };
    let count = world.projects[&source].issues.len();
    let Some(iid) = world.projects[&source]
        .issues
        .keys()
        .nth(which % count.max(1))
        .copied()
    else {
        return;
    };
    let notes = world.issue(source, iid).notes.len();
    let at = |which: Which| (notes > 0).then(|| which % notes);
    match edit {
        Edit::Open { .. } => {}
        Edit::Retitle(_) => world.issue_mut(source, iid).title = format!("Title {}", known.word()),
        Edit::Rewrite(_, file) => {
            let text = text(world, known, place, file);
            world.issue_mut(source, iid).description = Some(text);
        }
        Edit::Label(_) => {
            let (id, name) = (world.fresh_id(), known.word());
            let label = Label {
                id,
                name: name.clone(),
                color: "#ff0000".to_owned(),
                description: Some(format!("About {name}.")),
                of_group: false,
            };
            world.projects.get_mut(&source).unwrap().labels.push(label);
            world.issue_mut(source, iid).labels.insert(name);
        }
        Edit::Milestone(_) => {
            let (id, title) = (world.fresh_id(), known.word());
            let milestone = Milestone {
                title,
                ..Milestone::default()
            };
            let project = world.projects.get_mut(&source).unwrap();
            project.milestones.insert(id, milestone);
            world.issue_mut(source, iid).milestone = Some(id);
        }
        Edit::Comment { internal, file, .. } => {
            let text = text(world, known, place, file);
            let id = world.comment(source, iid, alice, &text);
            let notes = &mut world.issue_mut(source, iid).notes;
            notes
                .iter_mut()
                .find(|note| note.id == id)
                .unwrap()
                .internal = internal;
            return;
        }
        Edit::Reply(_, to) => {
            if let Some(at) = at(to) {
                let to = world.issue(source, iid).notes[at].id;
                let text = text(world, known, place, false);
                world.reply(source, iid, to, alice, &text);
            }
            return;
        }
        Edit::Reword(_, which, file) => {
            let Some(at) = at(which) else { return };
            let text = text(world, known, place, file);
            let note = &mut world.issue_mut(source, iid).notes[at];
            note.body = text;
            note.updated_at = now;
        }
        Edit::RemoveComment(_, which) => {
            if let Some(at) = at(which) {
                world.issue_mut(source, iid).notes.remove(at);
            }
            // It leaves no trace in the time of the issue.
            return;
        }
        Edit::HideOrShow(_) => {
            let issue = world.issue_mut(source, iid);
            issue.confidential = !issue.confidential;
        }
        Edit::Exclude(_) => {
            let labels = &mut world.issue_mut(source, iid).labels;
            if !labels.remove(EXCLUDED) {
                labels.insert(EXCLUDED.to_owned());
            }
        }
        Edit::HideOrShowThread(_, which) => {
            let Some(at) = at(which) else { return };
            let notes = &mut world.issue_mut(source, iid).notes;
            let (thread, internal) = (notes[at].discussion, !notes[at].internal);
            for note in notes.iter_mut().filter(|note| note.discussion == thread) {
                note.internal = internal;
            }
        }
        Edit::HideAndWrite(_) => {
            world.issue_mut(source, iid).confidential = true;
            let text = text(world, known, place, true);
            world.issue_mut(source, iid).description = Some(text);
            let comment = format!("Text {}.", known.word());
            world.comment(source, iid, alice, &comment);
        }
    }
    world.issue_mut(source, iid).updated_at = now;
}

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
            for project in [source, target] {
                world.projects.get_mut(&project).unwrap().public = true;
            }
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
                let when = match at {
                    At::Request(number) => When::Request(number),
                    At::Write(number) => When::Write(number),
                };
                world.plan(when, Fault::Kill { after });
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
        if !self.carries() {
            ensure!(hidden(&said).is_empty(), "said {:?}: {said}", hidden(&said));
            for logged in &world.log[begun..] {
                // What is asked of the source is the source's own.
                if !self.is_to_target(&logged.target) {
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
        let missing: Vec<_> = public.difference(&there).collect();
        let shown: Vec<_> = there.difference(&public).collect();
        ensure!(shown.is_empty(), "everybody sees {shown:?}: {}", last.1);
        ensure!(missing.is_empty(), "{missing:?} did not arrive: {}", last.1);
        Ok(())
    }
}

#[test]
fn p7_what_must_not_be_seen_is_never_sent_shown_or_said_whatever_happens() {
    let (cases, seed) = (
        number("ISSUE_MIRROR_CANARIES", CASES),
        number("ISSUE_MIRROR_SEED", 1),
    );
    let failed: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let cases = cases / THREADS + u32::from(thread < cases % THREADS);
                scope.spawn(move || explore(cases, seed, thread))
            })
            .collect();
        let results = threads.into_iter().map(|thread| thread.join().unwrap());
        results.filter_map(Result::err).collect()
    });
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

/// Runs cases drawn from a seed; answers the smallest one found that fails.
fn explore(cases: u32, seed: u32, thread: u32) -> Result<(), String> {
    let mut chance = [7; 32];
    chance[..4].copy_from_slice(&seed.to_le_bytes());
    chance[4..8].copy_from_slice(&thread.to_le_bytes());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let chance = TestRng::from_seed(RngAlgorithm::ChaCha, &chance);
    let mut runner = TestRunner::new_with_rng(config, chance);
    match runner.run(&case(), |case| Life::new(&case).run()) {
        Ok(()) => Ok(()),
        Err(TestError::Fail(why, case)) => Err(format!("{case}{why}")),
        Err(TestError::Abort(why)) => Err(why.to_string()),
    }
}

#[test]
fn p7_what_becomes_confidential_while_it_is_read_is_hidden_with_its_comments() {
    let lab = Lab::new("");
    let iid = lab.open("T", "x");
    lab.comment(iid, "First.");
    lab.sync();
    lab.sim.advance(300);
    lab.edit(iid, |issue| issue.title = "U".to_owned());
    let (source, alice) = (lab.source, lab.alice);
    let listed = lab.sim.world().log.len();
    // Behind the listings, before its comments are read.
    for request in 1..=6 {
        lab.sim.world().at_request(request, move |world| {
            let mut since = world.log[listed..].iter();
            let is_read = since.any(|logged| logged.target.contains("iids"));
            if is_read && !world.issue(source, iid).confidential {
                world.issue_mut(source, iid).confidential = true;
                world.comment(source, iid, alice, "CANARY");
            }
        });
    }
    let pair = lab.sync();
    assert_eq!(pair["hidden"], 1);
    let world = lab.sim.world();
    let writes = world.log.iter().filter(|logged| logged.method != "GET");
    let said = writes.filter(|logged| logged.body.contains("CANARY"));
    assert_eq!(said.count(), 0);
    assert!(world.issue(lab.target, 1).confidential);
}

#[test]
fn p7_a_page_of_a_proxy_is_not_taken_for_a_deletion() {
    let lab = Lab::with("", |world| {
        world.drops_confidential = true;
        let bot = world.tokens["writer"].user;
        let target = *world.projects.keys().last().unwrap();
        world.set_role(target, bot, Role::Owner);
    });
    let iid = lab.open("T", "x");
    lab.sync();
    lab.sim.advance(300);
    lab.edit(iid, |issue| issue.confidential = true);
    // It is asked for confidentiality first.
    lab.sim.world().plan(When::Write(2), Fault::Html);
    let pair = lab.sync_with(&[], 3);
    let failure = &pair["failures"][0];
    assert_eq!(failure["stage"], "hide", "{failure:#}");
    assert!(failure["error"].to_string().contains("page of HTML"));
    assert_eq!(lab.mirrored().len(), 1);
    lab.retry_now();
    lab.sync();
    assert!(lab.mirrored().is_empty());
}

#[test]
fn p7_what_is_withdrawn_after_the_store_was_lost_keeps_no_label() {
    let lab = Lab::with("", |world| world.drops_confidential = true);
    let iid = lab.open("T", "x");
    lab.edit(iid, |issue| {
        issue.labels = ["secret plan".to_owned()].into();
    });
    lab.sync();
    lab.env.lose_store();
    lab.sim.advance(300);
    lab.edit(iid, |issue| issue.confidential = true);
    lab.sync();
    let there = &lab.mirrored()[0];
    assert_eq!((there.title.as_str(), there.labels.len()), ("Withdrawn", 0));
}

#[test]
fn p7_a_hide_whose_answer_was_lost_does_not_end_that_confidential_issues_are_carried() {
    for fault in [Fault::CutBody, Fault::CloseBefore] {
        let lab = Lab::new("sync_confidential: true");
        let iid = lab.open("T", "x");
        lab.sync();
        lab.sim.advance(300);
        lab.edit(iid, |issue| issue.confidential = true);
        lab.sim.world().plan(When::Write(1), fault);
        lab.sync_with(&[], 3);
        lab.sim.advance(300);
        lab.retry_now();
        lab.edit(iid, |issue| issue.title = "U".to_owned());
        lab.sync();
        let there = &lab.mirrored()[0];
        assert!(there.confidential);
        assert_eq!(there.title, "U");
        lab.sim.advance(300);
        lab.idle();
    }
}

#[test]
fn p5_what_is_withdrawn_does_not_come_back_as_an_issue() {
    let lab = Lab::with("", |world| {
        world.drops_confidential = true;
        let bot = world.tokens["writer"].user;
        let source = *world.projects.keys().next().unwrap();
        world.set_role(source, bot, Role::Developer);
    });
    let config = fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    let (_, pair) = config.split_once("pairs:\n").unwrap();
    let back = pair
        .replace("name: app", "name: back")
        .replace("project: team/app", "project: HERE")
        .replace("project: mirrors/app", "project: team/app")
        .replace("project: HERE", "project: mirrors/app")
        .replace("instance: prod", "instance: X")
        .replace("instance: backup", "instance: prod")
        .replace("instance: X", "instance: backup");
    lab.env.write("mirror.yaml", &format!("{config}{back}"));
    let iid = lab.open("T", "x");
    lab.comment(iid, "y");
    let both = || {
        lab.sim.advance(300);
        let run = lab.run(&["sync"]);
        assert_eq!(run.code, 0, "{}", run.shown());
    };
    both();
    lab.edit(iid, |issue| issue.confidential = true);
    both();
    assert_eq!(lab.mirrored()[0].title, "Withdrawn");
    both();
    let world = lab.sim.world();
    assert_eq!(world.projects[&lab.source].issues.len(), 1);
    assert_eq!(world.projects[&lab.target].issues.len(), 1);
}
