//! P5: two pairs mirror in opposite directions between the same two projects, and issues that somebody
//! else wrote were joined.

use crate::lab::Lab;
use forge_sim::Role;
use serde_json::Value;

/// Two projects that are mirrored into each other. `B` is on both sides.
struct Both(Lab);

impl Both {
    fn new(toggles: &str) -> Self {
        let lab = Lab::with("", |world| {
            let bot = world.tokens["writer"].user;
            let source = *world.projects.keys().next().unwrap();
            world.set_role(source, bot, Role::Maintainer);
        });
        for title in ["A", "B"] {
            let iid = lab.open(title, "here");
            lab.comment(iid, &format!("Here on {title}."));
        }
        {
            let (target, alice) = (lab.target, lab.alice);
            let mut world = lab.sim.world();
            for title in ["B", "C"] {
                let iid = world.open_issue(target, alice, title, "there");
                world.comment(target, iid, alice, &format!("There on {title}."));
            }
        }
        let both = Self(lab);
        both.configure(toggles);
        both
    }

    fn configure(&self, toggles: &str) {
        let url = self.0.sim.url();
        self.0.env.write(
            "mirror.yaml",
            &format!(
                "instances:
  one: {{ forge: gitlab, url: '{url}', token_env: WRITER }}
defaults:
  sync_existing_issues: true
  {toggles}
pairs:
  - name: there
    source: {{ instance: one, project: team/app }}
    target: {{ instance: one, project: mirrors/app }}
  - name: back
    source: {{ instance: one, project: mirrors/app }}
    target: {{ instance: one, project: team/app }}
"
            ),
        );
    }

    /// A pass over both pairs; answers what is said of each.
    fn sync(&self) -> [Value; 2] {
        self.0.sim.advance(600);
        let run = self.0.run(&["sync", "--output", "json"]);
        assert_eq!(run.code, 0, "{}", run.shown());
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        [0, 1].map(|at| document["pairs"][at].clone())
    }

    /// Title and number of comments of each issue, on both sides.
    fn holds(&self) -> [Vec<(String, usize)>; 2] {
        let world = self.0.sim.world();
        [self.0.source, self.0.target].map(|project| {
            let issues = world.projects[&project].issues.values();
            issues
                .map(|issue| (issue.title.clone(), issue.comments().len()))
                .collect()
        })
    }

    fn comes_to_rest(&self) {
        self.sync();
        let writes = self.0.sim.world().writes();
        self.sync();
        self.sync();
        let holds = self.holds();
        assert_eq!(self.0.sim.world().writes(), writes, "{holds:?}");
    }
}

fn holds(all: &[(&str, usize)]) -> Vec<(String, usize)> {
    let own = |(title, count): &(&str, usize)| ((*title).to_owned(), *count);
    all.iter().map(own).collect()
}

#[test]
fn p5_what_one_pair_joined_does_not_go_back() {
    let both = Both::new("link_existing: by_title");
    let [there, back] = both.sync();
    assert_eq!((&there["joined"], &back["joined"]), (&1.into(), &0.into()));
    assert_eq!(back["skipped_because"]["loop"], 2, "{back:#}");
    both.comes_to_rest();
    // The comment that marks it, and what was written here.
    assert_eq!(both.holds()[1], holds(&[("B", 3), ("C", 1), ("A", 1)]));
    assert_eq!(both.holds()[0], holds(&[("A", 1), ("B", 1), ("C", 1)]));
    // Also where nobody remembers anything.
    both.0.env.lose_store();
    both.comes_to_rest();
    assert_eq!(both.holds()[0], holds(&[("A", 1), ("B", 1), ("C", 1)]));
}

#[test]
fn p5_comments_of_what_was_joined_both_ways_go_once() {
    let both = Both::new("link_existing: never\n  only: { issues: [9] }");
    both.sync();
    both.configure("only: { issues: [1, 2] }");
    for pair in [["there", "2", "1"], ["back", "1", "2"]] {
        let run = both.0.run(&["link", pair[0], pair[1], pair[2]]);
        assert_eq!(run.code, 0, "{}", run.shown());
    }
    both.comes_to_rest();
    let before = both.holds();
    assert_eq!(before[0][1], ("B".to_owned(), 3));
    assert_eq!(before[1][0], ("B".to_owned(), 3));
    both.0.comment(2, "One more.");
    both.comes_to_rest();
    assert_eq!(both.holds()[0][1].1, 4);
    assert_eq!(both.holds()[1][0].1, 4);
    both.0.env.lose_store();
    both.comes_to_rest();
    assert_eq!(both.holds()[0][1].1, 4);
    assert_eq!(both.holds()[1][0].1, 4);
}
