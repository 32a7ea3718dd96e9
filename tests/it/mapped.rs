//! `map-label` and `map-milestone`, which are `map-user` for titles.

use crate::env::Env;

/// A pair with one mirrored issue.
fn mirrored(settings: &str) -> Env {
    let env = Env::new(settings);
    env.source().issue(
        1,
        "title: T\nlabels: [bug, \"needs work\", internal]\nmilestone: v1.0",
        "Text.",
    );
    env.sync();
    env
}

fn run(env: &Env, args: &[&str]) -> String {
    env.run(args).shown()
}

/// The labels of the counterpart that come from labels and milestones.
fn labels(env: &Env) -> Vec<String> {
    let issue = env.target().read(1);
    let labels = issue.labels().into_iter().map(str::to_owned);
    labels
        .filter(|label| !label.starts_with("Mirrored-From::"))
        .collect()
}

#[test]
fn p10_a_mapped_label_reaches_mirrored_issues_and_the_more_special_wins() {
    let env = mirrored("labels: { bug: from-file }");
    assert_eq!(
        labels(&env),
        ["Milestone::v1.0", "from-file", "internal", "needs work"]
    );
    assert_eq!(env.run(&["map-label", "bug", "every"]).code, 0);
    env.sync_idle();
    assert_eq!(env.run(&["map-label", "needs work", "to do"]).code, 0);
    assert_eq!(
        env.run(&["map-label", "bug", "special", "--pair", "demo"])
            .code,
        0
    );
    assert_eq!(
        run(&env, &["map-label", "internal", "--skip", "--pair", "demo"]),
        "exit 0\n--- stdout\ninternal is not carried for the pair demo; the next pass applies it.\n"
    );
    assert_eq!(env.sync()["issues"]["updated"], 1);
    assert_eq!(labels(&env), ["Milestone::v1.0", "special", "to do"]);
    env.sync_idle();
    for (label, pair) in [("bug", true), ("internal", true), ("needs work", false)] {
        let mut args = vec!["map-label", label, "--remove"];
        if pair {
            args.extend(["--pair", "demo"]);
        }
        assert_eq!(env.run(&args).code, 0, "{label}");
    }
    env.sync();
    assert_eq!(
        labels(&env),
        ["Milestone::v1.0", "from-file", "internal", "needs work"]
    );
}

#[test]
fn p6_a_label_that_people_added_stays_when_the_mapping_changes() {
    let env = mirrored("");
    env.target()
        .edit("issues/1/issue.md", "labels:\n", "labels:\n  - theirs\n");
    assert_eq!(env.run(&["map-label", "bug", "defect"]).code, 0);
    env.sync();
    let labels = labels(&env);
    assert!(labels.contains(&"theirs".to_owned()), "{labels:?}");
    assert!(labels.contains(&"defect".to_owned()), "{labels:?}");
    assert!(!labels.contains(&"bug".to_owned()), "{labels:?}");
}

#[test]
fn p10_a_mapped_milestone_reaches_mirrored_issues() {
    let env = mirrored("");
    let milestones = |env: &Env| -> Vec<String> {
        let labels = labels(env).into_iter();
        labels
            .filter(|label| label.starts_with("Milestone::"))
            .collect()
    };
    assert_eq!(env.run(&["map-milestone", "v1.0", "1.0 (spring)"]).code, 0);
    env.sync();
    assert_eq!(milestones(&env), ["Milestone::1.0 (spring)"]);
    assert_eq!(
        env.run(&["map-milestone", "v1.0", "--skip", "--pair", "demo"])
            .code,
        0
    );
    env.sync();
    assert!(milestones(&env).is_empty());
    assert!(!env.target().read(1).footer().join("\n").contains("1.0"));
    env.sync_idle();
}

#[test]
fn each_kind_is_listed_by_itself_and_as_lines_of_the_configuration() {
    let env = Env::new("");
    assert_eq!(
        run(&env, &["map-milestone", "--list"]),
        "exit 0\n--- stdout\nno milestone is mapped by hand.\n"
    );
    for args in [
        &["map-label", "needs work", "to do"][..],
        &["map-label", "internal", "--skip", "--pair", "demo"],
        &["map-milestone", "v1.0", "1.0"],
        &["map-user", "alice", "al"],
    ] {
        assert_eq!(env.run(args).code, 0, "{args:?}");
    }
    assert_eq!(
        run(&env, &["map-label", "--list"]),
        "exit 0
--- stdout
needs work  ->  to do          for every pair
internal    ->  (not carried)  for demo
"
    );
    let yaml = env.run(&["map-label", "--list", "--output", "yaml"]).stdout;
    assert_eq!(
        yaml,
        "defaults:
  labels:
    \"needs work\": \"to do\"
pairs:
  - name: \"demo\"
    labels:
      \"internal\": null
      \"needs work\": \"to do\"
"
    );
    let json = env.run(&["map-label", "--list", "--output", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json,
        serde_json::json!([
            {"pair": null, "source": "needs work", "target": "to do"},
            {"pair": "demo", "source": "internal", "target": null}
        ])
    );
    assert_eq!(
        run(&env, &["map-milestone", "--list"]),
        "exit 0\n--- stdout\nv1.0  ->  1.0  for every pair\n"
    );
    assert_eq!(
        run(&env, &["map-user", "needs", "--remove"]),
        "exit 2\n--- stderr\nerror: needs is not mapped for every pair.\n"
    );
}

#[test]
fn what_makes_no_mapping_is_refused() {
    let env = Env::new("");
    for args in [
        &["map-label", "bug"][..],
        &["map-label"],
        &["map-label", " ", "x"],
        &["map-label", "bug", "a\nb"],
        &["map-label", "bug", "defect", "--skip"],
        &["map-label", "bug", "--skip", "--remove"],
        &["map-label", "bug", "--list"],
        &["map-milestone", "v1", "--skip", "--list"],
        &["map-milestone", "v1", "1", "--pair", "nope"],
        &["map-user", "alice", "--skip"],
    ] {
        assert_eq!(env.run(args).code, 2, "{args:?}");
    }
    assert!(!env.path("issue-mirror.db").exists());
}
