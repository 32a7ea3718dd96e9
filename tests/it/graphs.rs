//! P5: whatever pairs point at each other, nothing comes back to where it started, nothing is there
//! twice, and passes come to rest.

mod net;

use crate::chance::number;
use Place::{Directory, Server};
use net::Net;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use std::fmt;

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
