//! Two pairs mirror two projects into each other: what refers to a counterpart leads to its original, which
//! is to know nothing of that.

use super::description;
use crate::env::Env;
use crate::lab::{FEW_CERTIFICATES, author_comment, author_text, shown};
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
fn p5_what_names_a_counterpart_leads_to_its_original_without_a_trace() {
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
            "See #3, mirrors/app#3+, {there}, [it]({there}#note_{mirrored}), [this](/mirrors/app/-/issues/3), {here} and #1."
        ),
    );
    both.comment(1, 4, &format!("As {there}#note_{mirrored}"));
    both.sync(SOME, "");
    let quiet = here.replacen("://", "://·", 1);
    let expected = format!(
        "See [#·1]({quiet}), [#·1]({quiet}), [#·1]({quiet}), [it]({quiet}#note_{note}), [this]({quiet}), {quiet} and #2."
    );
    assert_eq!(both.text(0, 4), expected);
    {
        let world = both.sims[0].world();
        let there = world.issue(both.ids[0], 4);
        assert_eq!(shown(&there.title), "At B about #·1");
        let comment = author_comment(&there.comments()[0].body).1;
        assert_eq!(shown(comment), format!("As [#·1]({quiet}#note_{note})"));
        let notes = &world.issue(both.ids[0], 1).notes;
        assert!(notes.iter().all(|note| !note.system), "{notes:#?}");
    }
    // And what is mirrored the other way.
    let theirs = both.page(1, 4);
    both.open(0, "At A", &format!("See #4, {theirs} and #2."));
    both.sync(SOME, "");
    let quiet = |page: &str| page.replacen("://", "://·", 1);
    let [four, one] = [quiet(&theirs), quiet(&both.page(1, 1))];
    assert_eq!(
        both.text(1, 5),
        format!("See [#·4]({four}), {four} and [#·1]({one}).")
    );
    both.comes_to_rest(SOME, "");
}

#[test]
fn p3_originals_are_found_again_without_the_store_in_any_order() {
    for order in [SOME, ["back", "there"]] {
        let both = Opposite::new();
        both.open(0, "Shared", "x");
        both.sync(order, "");
        both.open(1, "Theirs about #1", "See #1.");
        both.sync(order, "");
        let quiet = both.page(0, 1).replacen("://", "://·", 1);
        assert_eq!(both.text(0, 2), format!("See [#·1]({quiet})."));
        let before = both.writes();
        both.env.lose_store();
        // What is found again by the second pair lets the first one look once more.
        both.sync(order, "");
        both.comes_to_rest(order, "");
        assert_eq!(both.writes(), before);
    }
}

#[test]
fn p7_what_comes_through_an_opaque_pair_is_not_named() {
    let both = Opposite::new();
    let veiled = ", provenance: opaque, provenance_key_env: SECRET";
    both.open(0, "Shared", "x");
    both.sync(SOME, veiled);
    both.open(1, "Theirs", "See #1.");
    both.sync(SOME, veiled);
    assert_eq!(both.text(0, 2), format!("See [#·1]({}).", both.page(1, 1)));
    // From then on it may be told.
    both.sync(SOME, "");
    both.sync(SOME, "");
    let quiet = both.page(0, 1).replacen("://", "://·", 1);
    assert_eq!(both.text(0, 2), format!("See [#·1]({quiet})."));
    both.comes_to_rest(SOME, "");
}
