//! `only:`: what leaves the selection stays as it is and is reported once, what enters it is mirrored
//! with its history; by every key, by edits of issues and of the configuration.

use crate::env::Env;
use crate::lab::{Lab, author_text};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// A file of the source of which each key of `only:` takes something.
const HEAD: &str = "title: One\nauthor: alice\ncreated_at: 2026-01-02T00:00:00Z\nlabels: [public]\nmilestone: v1\ntype: incident";

/// A key, its value, and a change of the front matter.
type Key = (
    &'static str,
    &'static str,
    Option<(&'static str, &'static str)>,
);

/// A key that takes issue 1 of [`HEAD`], the same with a value that does not, and an edit of the file
/// by which it leaves, where there is one.
const KEYS: [Key; 6] = [
    (
        "labels: [public]",
        "labels: [none]",
        Some(("[public]", "[private]")),
    ),
    (
        "milestone: v1",
        "milestone: v2",
        Some(("milestone: v1", "milestone: v2")),
    ),
    (
        "author: alice",
        "author: bob",
        Some(("author: alice", "author: bob")),
    ),
    (
        "types: [incident]",
        "types: [task]",
        Some(("type: incident", "type: issue")),
    ),
    (
        "created_after: 2026-01-01",
        "created_after: 2026-01-03",
        Some(("2026-01-02T", "2025-12-31T")),
    ),
    ("issues: [1]", "issues: [9]", None),
];

fn only(key: &str) -> String {
    format!("only: {{ {key} }}")
}

#[test]
fn whoever_asks_for_one_issue_gets_it_however_old_it_is() {
    for (begun, toggles) in [
        (true, "sync_existing_issues: false"),
        (true, "sync_existing_issues: false\nmirror_since: 100"),
        (false, "sync_existing_issues: false\nmirror_since: 100"),
    ] {
        let env = Env::new(toggles);
        let source = env.source();
        for (number, head) in [
            (41, "title: Old"),
            (42, "title: Older"),
            (43, "title: Hidden\nconfidential: true"),
            (44, "title: Over\nstate: closed"),
        ] {
            source.issue(number, head, "x");
        }
        if begun {
            env.sync();
        }
        let trial = env.sync_with(&["demo", "--issue", "41", "--dry-run"], 0);
        assert_eq!(trial["issues"]["created"], 1, "{trial:#}");
        let pair = env.sync_with(&["demo", "--issue", "41"], 0);
        assert_eq!(pair["issues"]["created"], 1, "{pair:#}");
        // That it is old was all that was overlooked.
        for (number, why) in [("43", "confidential"), ("44", "closed")] {
            let pair = env.sync_with(&["demo", "--issue", number], 0);
            assert_eq!(pair["skipped_because"], json!({ (why): 1 }), "{pair:#}");
        }
        // From then on it is mirrored like any other, and nothing else that is old.
        source.issue(41, "title: Old", "Changed.");
        source.issue(42, "title: Older", "Changed.");
        let pair = env.sync();
        assert_eq!(pair["issues"]["updated"], 1, "{pair:#}");
        assert_eq!(pair["issues"]["created"], 0, "{pair:#}");
        env.lose_store();
        let pair = env.sync();
        assert_eq!(pair["issues"]["created"], 0, "{pair:#}");
        env.sync_idle();
    }
}

/// One issue left in this pass, and neither later passes nor full ones tell again.
fn told_once(env: &Env, pair: &Value) {
    assert_eq!(pair["left_selection"], 1, "{pair:#}");
    assert_eq!(pair["skipped_because"], json!({ "filtered": 1 }));
    assert_eq!(env.sync_idle()["left_selection"], 0);
    assert_eq!(env.sync_with(&["--full"], 0)["left_selection"], 0);
}

#[test]
fn what_leaves_by_the_configuration_stays_as_it_is_and_is_told_once() {
    for (inside, outside, _) in KEYS {
        let env = Env::new(&only(inside));
        let source = env.source();
        source.issue(1, HEAD, "x");
        assert_eq!(env.sync()["issues"]["created"], 1, "{inside}");
        let before = env.target().bytes();
        env.configure(&only(outside));
        assert_eq!(env.sync_with(&["--dry-run"], 0)["left_selection"], 1);
        told_once(&env, &env.sync());
        // Nothing of it follows, and its next change is no news.
        source.edit("issues/1/issue.md", "title: One", "title: Two");
        source.comment(1, 1, "author: bob", "Meanwhile.");
        assert_eq!(env.sync()["left_selection"], 0, "{outside}");
        assert_eq!(env.target().bytes(), before, "{outside}");
        // It enters again, and everything that it missed arrives; leaving then is news again.
        env.configure(&only(inside));
        env.sync();
        assert_eq!(env.target().read(1).field("title"), "Two", "{inside}");
        assert_eq!(env.target().read(1).comments.len(), 1);
        env.configure(&only(outside));
        told_once(&env, &env.sync());
    }
}

#[test]
fn what_leaves_by_an_edit_stays_as_it_is_and_enters_with_its_history() {
    for (key, _, edit) in KEYS {
        let Some((inside, outside)) = edit else {
            continue;
        };
        let env = Env::new(&only(key));
        let source = env.source();
        source.issue(1, HEAD, "x");
        let outsider = HEAD.replace(inside, outside).replace("One", "Other");
        source.issue(2, &outsider, "y");
        source.comment(
            2,
            1,
            "author: bob\ncreated_at: 2026-01-02T00:00:00Z",
            "Old.",
        );
        assert_eq!(env.sync()["issues"]["created"], 1, "{key}");
        let before = env.target().bytes();
        source.edit("issues/1/issue.md", inside, outside);
        let pair = env.sync();
        assert_eq!(pair["left_selection"], 1, "{key}");
        assert_eq!(env.target().bytes(), before, "{key}");
        assert_eq!(env.sync_idle()["left_selection"], 0);
        // The other one enters, and had a life before.
        source.edit("issues/2/issue.md", outside, inside);
        assert_eq!(env.sync()["issues"]["created"], 1, "{key}");
        let there = env.target().read(2);
        assert_eq!(there.field("title"), "Other");
        assert_eq!(there.comments[0].mirrored_text(), "Old.");
        env.sync_idle();
    }
}

#[test]
fn the_summary_says_what_left() {
    let env = Env::new("only: { issues: [1, 2, 3] }");
    for number in 1..=3 {
        env.source().issue(number, "title: T\nauthor: a", "x");
    }
    env.sync();
    env.configure("only: { issues: [1, 2] }");
    let run = env.run(&["sync"]);
    let said = "1 issue left the selection (`only`); its counterpart stays";
    assert!(run.stdout.contains(said), "{}", run.shown());
    env.configure("only: { issues: [9] }");
    let run = env.run(&["sync"]);
    let said = "2 issues left the selection (`only`); their counterparts stay";
    assert!(run.stdout.contains(said), "{}", run.shown());
    let run = env.run(&["sync"]);
    assert!(!run.stdout.contains("selection"), "{}", run.shown());
}

#[test]
fn an_issue_that_entered_the_selection_is_as_old_as_the_pair_or_younger() {
    let env = Env::empty();
    env.configure("sync_existing_issues: false\nonly: { labels: [public] }");
    let source = env.source();
    source.issue(1, "title: Before\nauthor: a", "x");
    env.sync();
    source.issue(2, "title: After\nauthor: a", "x");
    env.sync();
    for number in [1, 2] {
        let file = format!("issues/{number}/issue.md");
        source.edit(&file, "author: a", "author: a\nlabels: [public]");
    }
    let pair = env.sync();
    assert_eq!(pair["issues"]["created"], 1);
    assert_eq!(pair["skipped_because"], json!({ "baseline": 1 }));
    assert_eq!(env.target().read(1).field("title"), "After");
}

/// A lab with a project in which each key of `only:` takes issue 1, and issue 2 with a past.
fn lab(only: &str) -> Lab {
    let lab = Lab::new(only);
    for title in ["One", "Other"] {
        lab.open(title, "Text.");
    }
    lab.comment(2, "Old.");
    lab.sim
        .world()
        .projects
        .get_mut(&lab.source)
        .unwrap()
        .milestones = [(
        1,
        forge_sim::Milestone {
            title: "v1".to_owned(),
            ..forge_sim::Milestone::default()
        },
    )]
    .into();
    lab.edit(1, |issue| {
        issue.labels.insert("public".to_owned());
        issue.milestone = Some(1);
        "incident".clone_into(&mut issue.issue_type);
    });
    lab.sim.world().clock.advance(SignedDuration::from_hours(1));
    lab
}

#[test]
fn what_leaves_on_gitlab_by_an_edit_stays_and_what_enters_has_its_history() {
    type Edit = fn(&mut forge_sim::Issue, bool);
    let keys: [(&str, Edit); 3] = [
        ("labels: [public]", |issue, inside| {
            issue.labels.clear();
            issue.labels.extend(inside.then(|| "public".to_owned()));
        }),
        ("milestone: v1", |issue, inside| {
            issue.milestone = inside.then_some(1);
        }),
        ("types: [incident]", |issue, inside| {
            let word = if inside { "incident" } else { "issue" };
            issue.issue_type = word.to_owned();
        }),
    ];
    for (key, edit) in keys {
        let lab = lab(&only(key));
        assert_eq!(lab.sync()["issues"]["created"], 1, "{key}");
        let later = || lab.sim.world().clock.advance(SignedDuration::from_hours(1));
        later();
        lab.sync();
        let writes = lab.sim.world().writes();
        lab.edit(1, |issue| edit(issue, false));
        let pair = lab.sync();
        assert_eq!(pair["left_selection"], 1, "{key}");
        // Changes after that are no news and do not arrive.
        later();
        lab.edit(1, |issue| issue.title = "Changed".to_owned());
        assert_eq!(lab.sync()["left_selection"], 0, "{key}");
        assert_eq!(lab.sync_with(&["--full"], 0)["left_selection"], 0);
        assert_eq!(lab.sim.world().writes(), writes, "{key}");
        assert_eq!(lab.mirrored()[0].title, "One");
        // One that the cursor passed long ago enters with what was said in it.
        lab.edit(2, |issue| edit(issue, true));
        assert_eq!(lab.sync()["issues"]["created"], 1, "{key}");
        let there = &lab.mirrored()[1];
        assert_eq!(author_text(there.description.as_deref().unwrap()), "Text.");
        assert!(there.comments()[0].body.contains("Old."), "{key}");
        // Back again, everything that was missed arrives.
        lab.edit(1, |issue| edit(issue, true));
        lab.sync();
        assert_eq!(lab.mirrored()[0].title, "Changed", "{key}");
        later();
        lab.idle();
    }
}

#[test]
fn what_leaves_on_gitlab_by_the_configuration_stays_and_what_enters_has_its_history() {
    for (inside, outside) in [
        ("labels: [public]", "labels: [none]"),
        ("milestone: v1", "milestone: v2"),
        ("author: alice", "author: bob"),
        ("types: [incident]", "types: [task]"),
        ("created_after: 2001-01-01", "created_after: 2999-01-01"),
        ("issues: [1]", "issues: [2]"),
    ] {
        let lab = lab(&only(inside));
        let all = lab.sync()["issues"]["created"].as_u64().unwrap();
        let writes = lab.sim.world().writes();
        lab.configure(&only(outside));
        let pair = lab.sync();
        assert_eq!(pair["left_selection"], all, "{outside}");
        assert_eq!(lab.sync()["left_selection"], 0, "{outside}");
        if outside == "issues: [2]" {
            assert!(lab.mirrored()[1].comments()[0].body.contains("Old."));
        } else {
            assert_eq!(lab.sim.world().writes(), writes, "{outside}");
        }
        lab.configure("");
        lab.sync();
        assert_eq!(lab.mirrored().len(), 2, "{inside}");
        lab.sim.world().clock.advance(SignedDuration::from_hours(1));
        lab.idle();
    }
}
