//! Two pairs mirror two projects into each other: what refers to an issue that both have leads to the one
//! that is there.

use super::description;
use crate::env::Env;
use crate::lab::{FEW_CERTIFICATES, author_text, shown};
use forge_sim::{Role, Sim, World};
use serde_json::Value;

const SOME: [&str; 2] = ["there", "back"];

/// A project on each of two servers; `there` mirrors the first one, `back` the second one.
struct Opposite {
    env: Env,
    sims: [Sim; 2],
    ids: [u64; 2],
    people: [u64; 2],
}

impl Opposite {
    fn new() -> Self {
        let server = |path: &str, first: u64| {
            let mut world = World::default();
            let (alice, bot) = (world.add_user("alice"), world.add_user("mirror-bot"));
            world.add_token("token", bot);
            world.ids_from(first);
            let project = world.add_project(path);
            world.set_role(project, alice, Role::Developer);
            world.set_role(project, bot, Role::Maintainer);
            (Sim::start(world), project, alice)
        };
        let (a, b) = (server("team/app", 4000), server("mirrors/app", 9000));
        Self {
            env: Env::empty(),
            ids: [a.1, b.1],
            people: [a.2, b.2],
            sims: [a.0, b.0],
        }
    }

    fn open(&self, at: usize, title: &str, text: &str) -> u64 {
        let mut world = self.sims[at].world();
        world.open_issue(self.ids[at], self.people[at], title, text)
    }

    fn comment(&self, at: usize, iid: u64, text: &str) -> u64 {
        let mut world = self.sims[at].world();
        world.comment(self.ids[at], iid, self.people[at], text)
    }

    /// The address of an issue.
    fn page(&self, at: usize, iid: u64) -> String {
        let path = ["team/app", "mirrors/app"][at];
        format!("{}/{path}/-/issues/{iid}", self.sims[at].url())
    }

    /// A pass over both pairs, in this order; `there` has these settings too.
    fn sync(&self, order: [&str; 2], there: &str) -> Value {
        let [a, b] = [0, 1].map(|at| {
            self.sims[at].advance(3600);
            self.sims[at].url()
        });
        let pairs = order.map(|name| match name {
            "there" => format!(
                "  - {{ name: there, source: {{ instance: a, project: team/app }}, target: {{ instance: b, project: mirrors/app }}{there} }}\n"
            ),
            _ => "  - { name: back, source: { instance: b, project: mirrors/app }, target: { instance: a, project: team/app } }\n".to_owned(),
        });
        self.env.write(
            "mirror.yaml",
            &format!(
                "instances:
  a: {{ forge: gitlab, url: '{a}', token_env: TOKEN }}
  b: {{ forge: gitlab, url: '{b}', token_env: TOKEN }}
defaults: {{ sync_existing_issues: true, sync_confidential: true }}
pairs:
{}",
                pairs.concat()
            ),
        );
        let tokens = [
            ("TOKEN", "token"),
            ("SECRET", "a secret that nobody guesses"),
            FEW_CERTIFICATES,
        ];
        let run = self.env.run_with(&["sync", "--output", "json"], &tokens);
        assert_eq!(run.code, 0, "{}", run.shown());
        serde_json::from_str(&run.stdout).unwrap()
    }

    fn text(&self, at: usize, iid: u64) -> String {
        let world = self.sims[at].world();
        shown(author_text(&description(world.issue(self.ids[at], iid))))
    }

    fn writes(&self) -> usize {
        self.sims.iter().map(|sim| sim.world().writes()).sum()
    }

    /// Two passes that write nothing, the second with one request for each pair.
    fn comes_to_rest(&self, order: [&str; 2], there: &str) {
        let before = self.writes();
        self.sync(order, there);
        let document = self.sync(order, there);
        assert_eq!(self.writes(), before, "{document:#}");
        for pair in document["pairs"].as_array().unwrap() {
            let count = |end: &str| pair["requests"][end].as_u64().unwrap();
            assert_eq!(count("source") + count("target"), 1, "{pair:#}");
        }
    }
}

#[test]
fn what_both_projects_have_is_named_as_it_is_called_there() {
    let both = Opposite::new();
    for title in ["Theirs", "Theirs too"] {
        both.open(1, title, "x");
    }
    both.open(0, "Shared", "x");
    let note = both.comment(0, 1, "First.");
    both.sync(SOME, "");
    let mirrored = both.sims[1].world().issue(both.ids[1], 3).comments()[0].id;
    let (here, there) = (both.page(0, 1), both.page(1, 3));
    both.open(
        1,
        "At B about #3",
        &format!(
            "See #3, mirrors/app#3+, {there}, {here} and #1. {there}#note_{mirrored} [it]({here}#note_{note}) {here}#note_{note}"
        ),
    );
    both.sync(SOME, "");
    let expected = format!(
        "See #1, #1+, #1, #1 and #2. <{here}#note_{note}> [it]({here}#note_{note}) <{here}#note_{note}>"
    );
    assert_eq!(both.text(0, 4), expected);
    let title = both.sims[0].world().issue(both.ids[0], 4).title.clone();
    assert_eq!(title, "At B about #1");
    // And what is mirrored the other way.
    both.open(0, "At A", &format!("See #4, {} and #2.", both.page(1, 4)));
    both.sync(SOME, "");
    assert_eq!(both.text(1, 5), "See #4, #4 and #1.");
    both.comes_to_rest(SOME, "");
}

#[test]
fn what_both_projects_have_later_is_put_right_then() {
    let both = Opposite::new();
    let order = ["back", "there"];
    let page = both.page(0, 1);
    both.open(0, "Shared", "x");
    both.open(1, "Theirs", &format!("See {page}."));
    both.sync(order, "");
    assert_ne!(both.text(0, 2), "See #1.");
    let before = both.writes();
    let document = both.sync(order, "");
    assert_eq!(document["pairs"][0]["put_right"], 1, "{document:#}");
    assert_eq!(both.text(0, 2), "See #1.");
    assert_eq!(both.writes(), before + 1);
    both.comes_to_rest(order, "");
}

#[test]
fn p7_what_is_confidential_or_comes_through_an_opaque_pair_is_not_named() {
    let both = Opposite::new();
    let veiled = ", provenance: opaque, provenance_key_env: SECRET";
    both.open(0, "Shared", "x");
    let secret = both.open(0, "Secret", "x");
    {
        let mut world = both.sims[0].world();
        world.issue_mut(both.ids[0], secret).confidential = true;
    }
    both.sync(SOME, veiled);
    both.open(1, "Theirs", "See #1 and #2.");
    both.sync(SOME, veiled);
    let [one, two] = [1, 2].map(|iid| format!("[#·{iid}]({})", both.page(1, iid)));
    assert_eq!(both.text(0, 3), format!("See {one} and {two}."));
    // From then on it may be told, but of nothing that is confidential.
    both.sync(SOME, "");
    both.sync(SOME, "");
    assert_eq!(both.text(0, 3), format!("See #1 and {two}."));
    both.comes_to_rest(SOME, "");
}
