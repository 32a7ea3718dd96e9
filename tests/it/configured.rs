//! What the configuration asks for, and that a change of it arrives.

mod selected;
mod several;

use crate::env::Env;
use crate::tracker::Tracker;

const ISSUE: &str = "title: T
author: alice
labels: [bug, internal]
milestone: v1.0
iteration: S3
epic: 3
assignees: [bob]
weight: 3
due_date: 2026-03-01
time_estimate: 1h
time_spent: 30m";

fn mirrored(toggles: &str) -> Env {
    let env = Env::new(toggles);
    let source = env.source();
    source.issue(1, ISSUE, "Text.");
    source.comment(1, 1, "author: bob", "Comment.");
    env.sync();
    env
}

#[test]
fn p6_a_toggle_that_is_off_means_untouched() {
    let off = "sync_comments: false
sync_labels: false
sync_weight: false
sync_due_date: false
sync_time_estimate: false
sync_time_spent: false
sync_milestones: false
sync_assignees: false
sync_iterations: false
sync_epics: false";

    let env = mirrored(off);
    let issue = env.target().read(1);
    assert_eq!(issue.labels(), ["Mirrored-From::plans"]);
    let off = [
        "weight",
        "due_date",
        "time_estimate",
        "time_spent",
        "iteration",
        "epic",
    ];
    for field in off {
        assert!(issue.field(field).is_null(), "{field}");
    }
    assert!(issue.comments.is_empty());
    assert_eq!(
        issue.footer(),
        ["- **Source:** `plans#1`", "- **Author:** `alice`"]
    );
    // What people set there stays, whatever the source does.
    env.target().edit(
        "issues/1/issue.md",
        "labels:\n",
        "weight: 9\ndue_date: 2030-01-01\ntime_spent: 5h\nlabels:\n  - theirs\n",
    );
    env.source()
        .edit("issues/1/issue.md", "weight: 3", "weight: 4");
    env.source()
        .edit("issues/1/issue.md", "title: T", "title: U");
    env.sync();
    let issue = env.target().read(1);
    assert_eq!(issue.field("title"), "U");
    assert_eq!(issue.field("weight"), 9);
    assert_eq!(issue.field("due_date"), "2030-01-01");
    assert_eq!(issue.field("time_spent"), "5h");
    assert_eq!(issue.labels(), ["Mirrored-From::plans", "theirs"]);
}

#[test]
fn p10_each_toggle_switched_on_arrives_and_switched_off_takes_nothing_away() {
    for (toggle, sign) in [
        ("sync_comments", "Comment."),
        ("sync_labels", "- bug"),
        ("sync_weight", "weight: 3"),
        ("sync_due_date", "due_date: 2026-03-01"),
        ("sync_time_estimate", "time_estimate: 1h"),
        ("sync_time_spent", "time_spent: 30m"),
        ("sync_milestones", "Milestone::v1.0"),
        ("sync_assignees", "Assignee::@bob"),
        ("sync_iterations", "iteration: S3"),
        ("sync_epics", "epic: 3"),
    ] {
        let env = mirrored(&format!("{toggle}: false"));
        let shown = |env: &Env| {
            let files = env.target().bytes();
            let issue = files.iter().filter(|(path, _)| {
                path.ends_with("issue.md") || path.to_string_lossy().contains("comment-")
            });
            issue
                .map(|(_, bytes)| String::from_utf8(bytes.clone()).unwrap())
                .collect::<String>()
        };
        assert!(!shown(&env).contains(sign), "{toggle} was off");
        env.configure("");
        let pair = env.sync();
        assert_eq!(pair["issues"]["updated"], 1, "{toggle}");
        assert!(shown(&env).contains(sign), "{toggle} was switched on");
        env.sync_idle();
        env.configure(&format!("{toggle}: false"));
        env.sync();
        let label = sign.starts_with('-') || sign.contains("::");
        let kept = if label {
            sign.trim_start_matches("- ")
        } else {
            sign
        };
        assert!(shown(&env).contains(kept), "{toggle} was switched off");
    }
}

#[test]
fn p10_mappings_arrive_on_issues_that_are_mirrored_already() {
    let env = mirrored("");
    env.configure(
        "labels: { bug: defect, internal: null }
milestones: { v1.0: '1.0' }
users: { bob: robert }",
    );
    let pair = env.sync();
    assert_eq!(pair["issues"]["updated"], 1);
    let issue = env.target().read(1);
    assert_eq!(
        issue.labels(),
        [
            "Assignee::@robert",
            "Milestone::1.0",
            "Mirrored-From::plans",
            "defect",
        ]
    );
    assert!(issue.text.contains("- **Milestone:** 1.0"));
    assert_eq!(issue.comments[0].attribution(), "`robert` · `plans#1`");
    env.sync_idle();
}

#[test]
fn labels_take_an_affix() {
    let env = mirrored("label_strategy: affix\nlabel_prefix: up/\nlabels: { bug: defect }");
    let issue = env.target().read(1);
    assert!(issue.labels().contains(&"up/internal") && issue.labels().contains(&"defect"));
    env.configure("label_strategy: affix\nlabel_prefix: src/\nlabels: { bug: defect }");
    env.sync();
    let issue = env.target().read(1);
    assert!(issue.labels().contains(&"src/internal") && !issue.labels().contains(&"up/internal"));
}

#[test]
fn p9_labels_that_may_not_be_created_are_counted() {
    let env = Env::new("label_auto_create: false");
    env.source().issue(1, ISSUE, "Text.");
    env.source().write("labels.yaml", "bug: {}\n");
    // The target has one of the two.
    let target = Tracker::begin(env.path("target"), "target-1", "mirror");
    target.write("labels.yaml", "bug: {color: \"#123456\"}\n");
    let pair = env.sync();
    assert_eq!(
        pair["not_carried"],
        serde_json::json!([{
            "field": "labels",
            "count": 1,
            "why": "the target has no internal and `label_auto_create` is off",
            "issues": [1]
        }])
    );
    let issue = env.target().read(1);
    assert!(issue.labels().contains(&"bug") && !issue.labels().contains(&"internal"));
    assert!(
        env.target()
            .content("labels.yaml")
            .contains("bug: {color: \"#123456\"}")
    );
    env.sync_idle();
}

#[test]
fn map_user_reaches_mirrored_issues_and_the_more_special_wins() {
    let env = mirrored("users: { alice: from.file }");
    let author = |env: &Env| env.target().read(1).footer()[1].to_owned();
    assert_eq!(author(&env), "- **Author:** `from.file`");
    assert_eq!(env.run(&["map-user", "@alice", "@every"]).code, 0);
    env.sync_idle();
    assert_eq!(
        author(&env),
        "- **Author:** `from.file`",
        "the file is more special"
    );
    assert_eq!(
        env.run(&["map-user", "alice", "special", "--pair", "demo"])
            .code,
        0
    );
    let pair = env.sync();
    assert_eq!(pair["issues"]["updated"], 1);
    assert_eq!(author(&env), "- **Author:** `special`");
    assert_eq!(
        env.run(&["map-user", "alice", "--remove", "--pair", "demo"])
            .code,
        0
    );
    env.configure("");
    env.sync();
    assert_eq!(author(&env), "- **Author:** `every`");
    // The case of letters does not count.
    let again = env.run(&["map-user", "Alice", "someone"]);
    assert_eq!(again.code, 0);
    let told = "Alice is someone for every pair (it was every)";
    assert!(again.stdout.starts_with(told), "{}", again.stdout);
    env.sync();
    assert_eq!(author(&env), "- **Author:** `someone`");
    assert_eq!(env.run(&["map-user", "ALICE", "--remove"]).code, 0);
    env.sync();
    assert_eq!(author(&env), "- **Author:** `alice`");
}

#[test]
fn mentions_reach_mapped_users_only_where_the_pair_says_so() {
    let env = Env::new("users: { bob: robert }");
    env.source().issue(1, "title: T", "Ask @bob or @carol.");
    env.sync();
    assert_eq!(env.target().read(1).mirrored_text(), "Ask @bob or @carol.");
    env.configure("users: { bob: robert }\nmentions: notify");
    env.sync();
    assert_eq!(
        env.target().read(1).mirrored_text(),
        "Ask @robert or @carol."
    );
    // Another mapping finds our own text there, however often it changes.
    for account in ["bert", "robert"] {
        env.configure(&format!("users: {{ bob: {account} }}\nmentions: notify"));
        let pair = env.sync();
        assert_eq!(pair["drift"], 0);
        let text = format!("Ask @{account} or @carol.");
        assert_eq!(env.target().read(1).mirrored_text(), text);
    }
    // People's own text is not touched for the sake of a mapping.
    env.target()
        .edit("issues/1/issue.md", "or @carol.", "or @carol!");
    env.configure("users: { bob: bobby }\nmentions: notify");
    let pair = env.sync();
    assert_eq!(pair["drift"], 1);
    assert_eq!(
        env.target().read(1).mirrored_text(),
        "Ask @robert or @carol!"
    );
    env.sync_idle();
}

#[test]
fn the_direction_can_be_turned() {
    let env = Env::new("direction: target_to_source");
    std::fs::remove_dir_all(env.path("source")).unwrap();
    let other = Tracker::begin(env.path("target"), "target-1", "mirror");
    other.issue(1, "title: From there", "x");
    env.sync();
    let here = Tracker::at(env.path("source"));
    assert_eq!(here.read(1).field("title"), "From there");
}

#[test]
fn a_notice_can_be_added() {
    let env = mirrored("notice: true");
    assert_eq!(
        env.target().read(1).footer().last().unwrap(),
        &"- **Note:** this is a mirror; changes made here may be overwritten."
    );
}

#[test]
fn p10_what_a_label_looks_like_arrives_with_other_work_and_with_a_full_pass() {
    let env = mirrored("");
    let source = env.source();
    let looks = |color: &str| format!("bug: {{color: \"{color}\", description: Broken}}\n");
    source.write("labels.yaml", &looks("#111111"));
    assert_eq!(
        env.sync_idle()["labels_written"],
        0,
        "no issue changes when a label does"
    );
    assert_eq!(env.sync_with(&["--full"], 0)["labels_written"], 1);
    assert!(env.target().content("labels.yaml").contains("#111111"));
    source.write("labels.yaml", &looks("#222222"));
    source.edit("issues/1/issue.md", "title: T", "title: U");
    assert_eq!(env.sync()["labels_written"], 1);
    assert!(env.target().content("labels.yaml").contains("#222222"));
    // One that people changed on the target stays until the source changes it.
    env.target().edit("labels.yaml", "#222222", "#333333");
    assert_eq!(env.sync_with(&["--full"], 0)["labels_written"], 0);
    assert!(env.target().content("labels.yaml").contains("#333333"));
}

#[test]
fn a_mapping_for_one_pair_holds_before_its_first_pass_and_under_any_name() {
    let env = Env::new("");
    env.source().issue(1, "title: T\nassignees: [bob]", "x");
    assert_eq!(
        env.run(&["map-user", "bob", "robert", "--pair", "demo"])
            .code,
        0
    );
    env.sync();
    assert!(env.target().read(1).labels().contains(&"Assignee::@robert"));
    let config = std::fs::read_to_string(env.path("mirror.yaml")).unwrap();
    env.write("mirror.yaml", &config.replace("name: demo", "name: other"));
    env.sync_idle();
    let list = env.run(&["map-user", "--list"]).stdout;
    assert!(list.contains("bob  ->  robert  for other"), "{list}");
    assert_eq!(
        env.run(&["map-user", "bob", "--remove", "--pair", "other"])
            .code,
        0
    );
    env.sync();
    assert!(env.target().read(1).labels().contains(&"Assignee::@bob"));
}

#[test]
fn a_title_of_which_nothing_is_left_is_said_to_be_none() {
    let env = Env::new("");
    env.source().issue(1, "title: \"\\u200b\\n\"", "x");
    env.source()
        .issue(2, "title: \"\\u00a0\\r\\n\\u00a0\"", "x");
    let run = env.run(&["sync"]);
    for issue in env.target().issues().values() {
        let title = issue.field("title").as_str().unwrap();
        assert!(!title.trim().is_empty(), "{title:?}, {}", run.shown());
    }
}
