//! P5: whatever pairs point at each other, nothing comes back to where it started, nothing is there
//! twice, and passes come to rest.

use crate::chance::number;
use crate::env::{Env, adds_up};
use crate::lab::FEW_CERTIFICATES;
use crate::tracker::Tracker;
use forge_sim::{Role, Sim, World};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// Cases of a run that says nothing else.
const CASES: u32 = 24;

/// Projects and the pairs between them.
#[derive(Clone, Debug)]
struct Graph {
    /// Where each project is.
    places: Vec<Place>,
    /// From which project to which.
    pairs: Vec<(usize, usize)>,
    /// In which project people open an issue, with so many comments.
    issues: Vec<(usize, usize)>,
    /// What is read is read by another account than the one that writes.
    two_accounts: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// On this server.
    Server(usize),
    Directory,
}

use Place::{Directory, Server};

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            places,
            pairs,
            issues,
            two_accounts,
        } = self;
        write!(
            f,
            "{places:?}, pairs {pairs:?}, issues {issues:?}, two accounts {two_accounts}"
        )
    }
}

impl Graph {
    /// On how many ways something gets from one project to another without passing one twice: so
    /// many copies of it are there then. One way is to be there from the beginning.
    fn ways(&self, from: usize, to: usize) -> usize {
        fn walk(graph: &Graph, passed: &mut Vec<usize>, at: usize, to: usize) -> usize {
            if at == to {
                return 1;
            }
            passed.push(at);
            let next = graph.pairs.iter().filter(|(from, _)| *from == at);
            let ways = next
                .map(|&(_, next)| {
                    if passed.contains(&next) {
                        0
                    } else {
                        walk(graph, passed, next, to)
                    }
                })
                .sum();
            passed.pop();
            ways
        }
        walk(self, &mut Vec::new(), from, to)
    }

    fn servers(&self) -> usize {
        let servers = self.places.iter().map(|place| match place {
            Server(server) => server + 1,
            Directory => 0,
        });
        servers.max().unwrap_or(0)
    }
}

/// A graph that is there.
struct Net<'a> {
    graph: &'a Graph,
    env: Env,
    sims: Vec<Sim>,
    /// The ids of the projects that are on servers.
    ids: Vec<u64>,
    /// Where the issues are that people opened: project and number.
    originals: Vec<(usize, u64)>,
}

/// An issue as one sees it, wherever it is.
struct Seen {
    number: u64,
    title: String,
    comments: Vec<String>,
}

const ALICE: &str = "alice";

impl<'a> Net<'a> {
    fn new(graph: &'a Graph) -> Self {
        let mut worlds = vec![World::default(); graph.servers()];
        for world in &mut worlds {
            // On every server the same numbers mean something else.
            world.ids_from(5_000_000_000);
            world.add_user(ALICE);
            let writer = world.add_user("mirror-bot");
            let reader = if graph.two_accounts {
                world.add_user("reader-bot")
            } else {
                writer
            };
            world.add_token("writer", writer);
            world.add_token("reader", reader);
        }
        let mut ids = Vec::new();
        for (at, place) in graph.places.iter().enumerate() {
            let Server(server) = place else {
                ids.push(0);
                continue;
            };
            let world = &mut worlds[*server];
            let id = world.add_project(&path(at));
            let accounts: Vec<(u64, Role)> = world
                .tokens
                .iter()
                .map(|(token, account)| match token.as_str() {
                    "writer" => (account.user, Role::Maintainer),
                    _ => (account.user, Role::Reporter),
                })
                .collect();
            // Where both are one account, the greater right is what it has.
            for (user, role) in accounts {
                let known = world.projects[&id].members.get(&user).copied();
                world.set_role(id, user, known.map_or(role, |known| known.max(role)));
            }
            ids.push(id);
        }
        let mut net = Self {
            graph,
            env: Env::empty(),
            sims: worlds.into_iter().map(Sim::start).collect(),
            ids,
            originals: Vec::new(),
        };
        net.configure();
        for (number, (at, comments)) in graph.issues.iter().enumerate() {
            net.open(number, *at, *comments);
        }
        net
    }

    fn configure(&self) {
        let mut text = "instances:\n  files: { forge: directory, path: . }\n".to_owned();
        for (at, sim) in self.sims.iter().enumerate() {
            let url = sim.url();
            for (end, token) in [("r", "READER"), ("w", "WRITER")] {
                text.push_str(&format!(
                    "  s{at}{end}: {{ forge: gitlab, url: '{url}', token_env: {token} }}\n"
                ));
            }
        }
        text.push_str("pairs:\n");
        let end = |at: usize, end: &str| match self.graph.places[at] {
            Server(server) => format!("{{ instance: s{server}{end}, project: {} }}", path(at)),
            Directory => format!("{{ instance: files, project: {} }}", path(at)),
        };
        for (from, to) in &self.graph.pairs {
            text.push_str(&format!(
                "  - name: p{from}-{to}
    source: {}
    target: {}
    sync_existing_issues: true
",
                end(*from, "r"),
                end(*to, "w")
            ));
        }
        self.env.write("mirror.yaml", &text);
        for (at, place) in self.graph.places.iter().enumerate() {
            if *place == Directory {
                self.tracker(at);
            }
        }
    }

    fn tracker(&self, at: usize) -> Tracker {
        let id = format!("tracker-{at}");
        Tracker::begin(self.env.path(path(at)), &id, &path(at))
    }

    fn world(&self, at: usize) -> Option<(std::sync::MutexGuard<'_, World>, u64)> {
        match self.graph.places[at] {
            Server(server) => Some((self.sims[server].world(), self.ids[at])),
            Directory => None,
        }
    }

    /// Somebody opens an issue that names others in every way.
    fn open(&mut self, number: usize, at: usize, comments: usize) {
        let named: String = (0..self.graph.places.len())
            .map(|other| {
                let url = match self.graph.places[other] {
                    Server(server) => self.sims[server].url(),
                    Directory => "https://forge.example".to_owned(),
                };
                let other = path(other);
                let address = format!("{url}/{other}/-/issues/1");
                format!(" and {other}#1 and {address}, [it]({address}), <{address}>")
            })
            .collect();
        let text = format!("It is like #1{named}.");
        let iid = match self.world(at) {
            Some((mut world, id)) => {
                let alice = account(&world, ALICE);
                world.open_issue(id, alice, &format!("I{number} new"), &text)
            }
            None => {
                let tracker = self.tracker(at);
                let iid = tracker.numbers().last().map_or(1, |last| last + 1);
                tracker.issue(iid, &format!("title: I{number} new\nauthor: alice"), &text);
                iid
            }
        };
        self.originals.push((at, iid));
        for comment in 0..comments {
            self.comment(at, iid, &format!("C{comment}. See #1{named}."));
        }
    }

    fn comment(&self, at: usize, iid: u64, text: &str) {
        match self.world(at) {
            Some((mut world, id)) => {
                let alice = account(&world, ALICE);
                world.comment(id, iid, alice, text);
            }
            None => {
                let tracker = self.tracker(at);
                let last = tracker.read(iid).comments.last().map_or(0, |c| c.number);
                tracker.comment(iid, last + 1, "author: alice", text);
            }
        }
    }

    fn retitle(&self, number: usize) {
        let (at, iid) = self.originals[number];
        match self.world(at) {
            Some((mut world, id)) => {
                let now = world.clock.now();
                let issue = world.issue_mut(id, iid);
                issue.title = format!("I{number} anew");
                issue.updated_at = now;
            }
            None => self
                .tracker(at)
                .edit(&format!("issues/{iid}/issue.md"), "new", "anew"),
        }
    }

    fn advance(&self, seconds: i64) {
        for sim in &self.sims {
            sim.advance(seconds);
        }
    }

    /// Everything that is written somewhere leaves another mark.
    fn mark(&self) -> (Vec<usize>, BTreeMap<PathBuf, Vec<u8>>) {
        let writes = self.sims.iter().map(|sim| sim.world().writes()).collect();
        let mut files = BTreeMap::new();
        for (at, place) in self.graph.places.iter().enumerate() {
            if *place == Directory {
                files.extend(self.tracker(at).bytes());
            }
        }
        (writes, files)
    }

    /// A pass over all pairs; answers whether anything was written anywhere.
    fn pass(&self) -> bool {
        let before = self.mark();
        let tokens = [("READER", "reader"), ("WRITER", "writer"), FEW_CERTIFICATES];
        let run = self.env.run_with(&["sync", "--output", "json"], &tokens);
        assert_eq!(run.code, 0, "{}\n{}", self.graph, run.shown());
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        document["pairs"]
            .as_array()
            .unwrap()
            .iter()
            .for_each(adds_up);
        self.mark() != before
    }

    /// Passes until one writes nothing; there must be one soon.
    fn come_to_rest(&self) {
        let bound = self.graph.places.len() + 2;
        let rests = (0..bound).any(|_| {
            self.advance(200);
            !self.pass()
        });
        assert!(rests, "no rest after {bound} passes: {}", self.graph);
        self.advance(600);
        let received = || -> u64 { self.sims.iter().map(|sim| sim.world().received).sum() };
        let before = received();
        assert!(!self.pass(), "{}", self.graph);
        // A directory is not asked over a wire.
        let is_asked = |(from, _): &&(usize, usize)| self.graph.places[*from] != Directory;
        let asked = self.graph.pairs.iter().filter(is_asked).count() as u64;
        assert_eq!(
            received() - before,
            asked,
            "one request each: {}",
            self.graph
        );
    }

    fn seen(&self, at: usize) -> Vec<Seen> {
        let Some((world, id)) = self.world(at) else {
            let issues = self.tracker(at).issues().into_iter();
            return issues
                .map(|(number, issue)| Seen {
                    number,
                    title: issue.field("title").as_str().unwrap().to_owned(),
                    comments: issue.comments.into_iter().map(|c| c.text).collect(),
                })
                .collect();
        };
        let issues = world.projects[&id].issues.values();
        issues
            .map(|issue| Seen {
                number: issue.iid,
                title: issue.title.clone(),
                comments: issue.comments().iter().map(|c| c.body.clone()).collect(),
            })
            .collect()
    }

    /// Every issue is in every project as often as there are ways to it, with its comments.
    fn check(&self, titled: &str) {
        let graph = self.graph;
        for at in 0..graph.places.len() {
            let seen = self.seen(at);
            for (number, (from, comments)) in graph.issues.iter().enumerate() {
                let title = format!("I{number} {titled}");
                let copies: Vec<&Seen> = seen.iter().filter(|s| s.title == title).collect();
                let ways = graph.ways(*from, at);
                let count = copies.len();
                assert_eq!(count, ways, "{title:?} in project {at} of {graph}");
                for copy in copies {
                    for comment in 0..*comments {
                        let comment = format!("C{comment}. ");
                        let found = copy.comments.iter().filter(|c| c.contains(&comment));
                        assert_eq!(found.count(), 1, "{comment} in project {at} of {graph}");
                    }
                }
            }
            let all: usize = (graph.issues.iter().map(|(from, _)| graph.ways(*from, at))).sum();
            assert_eq!(seen.len(), all, "issues in project {at} of {graph}");
        }
        // What is written about an issue leaves no trace in it.
        for (at, iid) in &self.originals {
            if let Some((world, id)) = self.world(*at) {
                let notes = &world.issue(id, *iid).notes;
                assert!(
                    notes.iter().all(|note| !note.system),
                    "{notes:#?} in {graph}"
                );
            }
        }
    }

    /// How often a comment is found in each project.
    fn find(&self, comment: &str) -> Vec<usize> {
        let count = |at: usize| {
            let seen = self.seen(at);
            let comments = seen.iter().flat_map(|issue| &issue.comments);
            comments.filter(|text| text.contains(comment)).count()
        };
        (0..self.graph.places.len()).map(count).collect()
    }
}

fn path(at: usize) -> String {
    format!("team/p{at}")
}

fn account(world: &World, name: &str) -> u64 {
    let mut users = world.users.values();
    users.find(|user| user.username == name).unwrap().id
}

/// People open issues, edit them and comment on copies, and each time everything comes to rest.
fn live(graph: &Graph) {
    let net = Net::new(graph);
    net.come_to_rest();
    net.check("new");
    for number in 0..graph.issues.len() {
        net.retitle(number);
    }
    net.come_to_rest();
    net.check("anew");
    // A comment on a copy goes on from there and not back.
    let (from, _) = graph.issues[0];
    let elsewhere = |at: &usize| *at != from && graph.ways(from, *at) > 0;
    let Some(at) = (0..graph.places.len()).find(elsewhere) else {
        return;
    };
    let copy = net.seen(at).into_iter().find(|s| s.title == "I0 anew");
    net.comment(at, copy.unwrap().number, "Only here.");
    net.come_to_rest();
    net.check("anew");
    let found = net.find("Only here.");
    assert_eq!(found[from], 0, "{graph}");
    assert_eq!(found[at], 1, "{graph}");
    for (there, found) in found.iter().enumerate() {
        let ways = graph.ways(at, there);
        assert!(*found <= ways, "{found} in project {there} of {graph}");
    }
}

/// The same graph on one server, on one each, on one and a directory; with one account and two.
fn everywhere(projects: usize, pairs: &[(usize, usize)]) {
    let on = |place: fn(usize) -> Place| -> Vec<Place> { (0..projects).map(place).collect() };
    let mixed = |at| if at % 2 == 0 { Server(0) } else { Directory };
    for places in [on(|_| Server(0)), on(Server), on(mixed), on(|_| Directory)] {
        for two_accounts in [false, true] {
            live(&Graph {
                places: places.clone(),
                pairs: pairs.to_vec(),
                issues: (0..projects).flat_map(|at| [(at, 2), (at, 0)]).collect(),
                two_accounts,
            });
        }
    }
}

#[test]
fn p5_there_and_back() {
    everywhere(2, &[(0, 1), (1, 0)]);
}

#[test]
fn p5_round_through_three_projects() {
    everywhere(3, &[(0, 1), (1, 2), (2, 0)]);
}

#[test]
fn p5_two_projects_into_one() {
    everywhere(3, &[(0, 2), (1, 2)]);
}

#[test]
fn p5_everything_with_everything() {
    everywhere(3, &[(0, 1), (1, 0), (1, 2), (2, 1), (0, 2), (2, 0)]);
}

fn graph() -> impl Strategy<Value = Graph> {
    (2..7_usize).prop_flat_map(|projects| {
        let place = prop_oneof![
            2 => Just(Server(0)),
            1 => Just(Server(1)),
            1 => Just(Directory),
        ];
        let pairs: Vec<(usize, usize)> = (0..projects)
            .flat_map(|from| (0..projects).map(move |to| (from, to)))
            .filter(|(from, to)| from != to)
            .collect();
        let most = pairs.len().min(projects + 1);
        (
            prop::collection::vec(place, projects),
            prop::sample::subsequence(pairs, 1..=most).prop_shuffle(),
            prop::collection::vec((0..projects, 0..3_usize), 1..4),
            any::<bool>(),
        )
            .prop_map(|(places, pairs, issues, two_accounts)| Graph {
                places,
                pairs,
                issues,
                two_accounts,
            })
    })
}

#[test]
fn p5_whatever_points_at_whatever_comes_to_rest() {
    let seed = number("ISSUE_MIRROR_SEED", 1);
    let mut chance = [0; 32];
    chance[..4].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases: number("ISSUE_MIRROR_GRAPHS", CASES),
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let chance = TestRng::from_seed(RngAlgorithm::ChaCha, &chance);
    let mut runner = TestRunner::new_with_rng(config, chance);
    match runner.run(&graph(), |graph| {
        live(&graph);
        Ok(())
    }) {
        Ok(()) => {}
        Err(TestError::Fail(why, graph)) => panic!("{graph}\n{why}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}
