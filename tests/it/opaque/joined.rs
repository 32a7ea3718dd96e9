//! Issues of somebody else that an opaque pair joins.

use super::KEY;
use super::two::{Two, tells};
use crate::env::Env;

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
