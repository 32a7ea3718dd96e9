//! A graph that is there: servers, directories and pairs between them, and what people do in it.

use super::Graph;
use super::Place::{Directory, Server};
use crate::env::{Env, adds_up};
use crate::lab::FEW_CERTIFICATES;
use crate::tracker::Tracker;
use forge_sim::{Role, Sim, World};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A graph that is there.
pub(super) struct Net<'a> {
    graph: &'a Graph,
    env: Env,
    sims: Vec<Sim>,
    /// The ids of the projects that are on servers.
    ids: Vec<u64>,
    /// Where the issues are that people opened: project and number.
    originals: Vec<(usize, u64)>,
}

/// An issue as one sees it, wherever it is.
pub(super) struct Seen {
    pub(super) number: u64,
    pub(super) title: String,
    comments: Vec<String>,
}

const ALICE: &str = "alice";

impl<'a> Net<'a> {
    pub(super) fn new(graph: &'a Graph) -> Self {
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

    pub(super) fn comment(&self, at: usize, iid: u64, text: &str) {
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

    pub(super) fn retitle(&self, number: usize) {
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
    pub(super) fn come_to_rest(&self) {
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

    pub(super) fn seen(&self, at: usize) -> Vec<Seen> {
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
    pub(super) fn check(&self, titled: &str) {
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
    pub(super) fn find(&self, comment: &str) -> Vec<usize> {
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
