//! What is carried, field by field, and what is left alone.

mod gone;
mod theirs;

use crate::env::Env;
use crate::tracker::Tracker;

/// An issue with something in every field.
const RICH: &str = "title: Crash on start
author: {username: alice, name: Alice A.}
created_at: 2026-01-02T03:04:05Z
labels: [bug, ui]
milestone: v1.0
iteration: Sprint 3
epic: {number: 3, title: Big thing}
assignees: [bob, {username: carol, name: Carol C.}]
weight: 3
due_date: 2026-03-01
time_estimate: 1h30m
time_spent: 45m";

fn rich(env: &Env) -> Tracker {
    let source = env.source();
    source.write(
        "labels.yaml",
        "bug: {color: \"#d73a4a\", description: Something is broken}\nui: {}\n",
    );
    source.issue(1, RICH, "It crashes.\n\nSee `log`.");
    source.comment(
        1,
        1,
        "author: {username: bob, name: Bob B.}\ncreated_at: 2026-01-03T00:00:00Z",
        "Here too.",
    );
    source.comment(1, 2, "author: carol", "Fixed?");
    source
}

#[test]
fn an_issue_arrives_as_if_it_had_been_written_there() {
    let env = Env::new("");
    rich(&env);
    let pair = env.sync();
    assert_eq!(pair["mode"], "full");
    assert_eq!(pair["issues"]["created"], 1);
    assert_eq!(pair["comments"]["created"], 2);

    let issue = env.target().read(1);
    assert_eq!(issue.field("title"), "Crash on start");
    assert_eq!(issue.field("author")["name"], "Alice A.");
    assert_eq!(issue.field("created_at"), "2026-01-02T03:04:05Z");
    assert_eq!(issue.field("state"), "open");
    assert_eq!(issue.field("weight"), 3);
    assert_eq!(issue.field("due_date"), "2026-03-01");
    assert_eq!(issue.field("time_estimate"), "1h30m");
    assert_eq!(issue.field("time_spent"), "45m");
    assert_eq!(issue.field("iteration"), "Sprint 3");
    assert_eq!(issue.field("epic")["title"], "Big thing");
    assert_eq!(
        issue.labels(),
        [
            "Assignee::@bob",
            "Assignee::@carol",
            "Milestone::v1.0",
            "Mirrored-From::plans",
            "bug",
            "ui",
        ]
    );
    assert_eq!(issue.mirrored_text(), "It crashes.\n\nSee `log`.");
    assert_eq!(
        issue.footer(),
        [
            "- **Source:** `plans#1`",
            "- **Author:** Alice A. (`alice`), 2026-01-02T03:04:05Z",
            "- **Milestone:** v1.0",
            "- **Assignees:** `bob`, Carol C. (`carol`)",
        ]
    );
    let texts: Vec<&str> = issue
        .comments
        .iter()
        .map(super::tracker::Comment::mirrored_text)
        .collect();
    assert_eq!(texts, ["Here too.", "Fixed?"]);
    assert_eq!(
        issue.comments[0].attribution(),
        "**Bob B.** (`bob`) · 2026-01-03T00:00:00Z · `plans#1`"
    );
    assert_eq!(
        env.target().content("labels.yaml"),
        "Assignee::@bob: {}
Assignee::@carol: {}
Milestone::v1.0: {}
Mirrored-From::plans: {color: \"#0052CC\", description: Issue mirrored from plans}
bug: {color: \"#d73a4a\", description: Something is broken}
ui: {}
"
    );
    let idle = env.sync_idle();
    assert_eq!(idle["mode"], "incremental");
    assert_eq!(idle["requests"]["source"], 1, "one listing");
}

#[test]
fn each_change_alone_arrives_and_nothing_else() {
    let changes = [
        (
            "title: Crash on start",
            "title: Crash at start",
            "title",
            "Crash at start",
        ),
        ("weight: 3", "weight: 5", "weight", "5"),
        ("weight: 3\n", "", "weight", "null"),
        (
            "due_date: 2026-03-01",
            "due_date: 2026-04-01",
            "due_date",
            "2026-04-01",
        ),
        ("due_date: 2026-03-01\n", "", "due_date", "null"),
        (
            "time_estimate: 1h30m",
            "time_estimate: 2h",
            "time_estimate",
            "2h",
        ),
        ("time_estimate: 1h30m\n", "", "time_estimate", "null"),
        ("time_spent: 45m", "time_spent: 1h", "time_spent", "1h"),
        ("time_spent: 45m\n", "", "time_spent", "null"),
        ("title:", "state: closed\ntitle:", "state", "closed"),
        ("title:", "type: incident\ntitle:", "type", "incident"),
        ("title:", "locked: true\ntitle:", "locked", "true"),
        (
            "iteration: Sprint 3",
            "iteration: Sprint 4",
            "iteration",
            "Sprint 4",
        ),
        ("iteration: Sprint 3\n", "", "iteration", "null"),
        (
            "epic: {number: 3, title: Big thing}",
            "epic: 4",
            "epic",
            "4",
        ),
        ("epic: {number: 3, title: Big thing}\n", "", "epic", "null"),
    ];
    for (from, to, field, value) in changes {
        let env = Env::new("");
        let source = rich(&env);
        env.sync();
        let before = env.target().read(1);
        source.edit("issues/1/issue.md", from, to);
        let pair = env.sync();
        assert_eq!(pair["issues"]["updated"], 1, "{to}");
        assert_eq!(pair["comments"]["created"], 0);
        let after = env.target().read(1);
        let shown = match after.field(field) {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        assert_eq!(shown, value);
        for (name, value) in before.head.as_object().unwrap() {
            if name != field {
                assert_eq!(after.field(name), value, "{name} after {to}");
            }
        }
        assert_eq!(after.mirrored_text(), before.mirrored_text());
        assert_eq!(after.comments, before.comments);
        env.sync_idle();
    }
}

#[test]
fn closing_and_opening_again_say_who_and_when() {
    let env = Env::new("");
    let source = rich(&env);
    env.sync();
    let closed = "state: closed\nclosed_by: bob\nclosed_at: 2026-02-01T00:00:00Z\n";
    source.edit("issues/1/issue.md", "title:", &format!("{closed}title:"));
    env.sync();
    let issue = env.target().read(1);
    assert_eq!(issue.field("state"), "closed");
    assert_eq!(issue.field("closed_by"), "bob");
    assert_eq!(
        issue.footer()[2],
        "- **Closed:** `bob`, 2026-02-01T00:00:00Z"
    );
    source.edit("issues/1/issue.md", closed, "");
    env.sync();
    let issue = env.target().read(1);
    assert_eq!(issue.field("state"), "open");
    assert!(issue.field("closed_at").is_null());
    assert!(!issue.text.contains("Closed:"));
}

#[test]
fn text_and_labels_follow() {
    let env = Env::new("");
    let source = rich(&env);
    env.sync();
    source.edit("issues/1/issue.md", "It crashes.", "It crashes **often**.");
    source.edit("issues/1/issue.md", "[bug, ui]", "[bug, speed]");
    source.edit("labels.yaml", "ui: {}", "speed: {color: \"#00ff00\"}");
    env.sync();
    let issue = env.target().read(1);
    assert!(issue.mirrored_text().starts_with("It crashes **often**."));
    assert!(issue.labels().contains(&"speed") && !issue.labels().contains(&"ui"));
    assert!(
        env.target()
            .content("labels.yaml")
            .contains("speed: {color: \"#00ff00\"}")
    );
    // A label that we created looks as on the source, in the next pass that has other work.
    source.edit("labels.yaml", "#d73a4a", "#000000");
    source.edit("issues/1/issue.md", "[bug, speed]", "[bug, new]");
    env.sync();
    assert!(
        env.target()
            .content("labels.yaml")
            .contains("bug: {color: \"#000000\"")
    );
}

#[test]
fn comments_are_added_edited_and_deleted() {
    let env = Env::new("");
    let source = rich(&env);
    env.sync();
    source.comment(1, 7, "author: dave", "By hand.");
    source.edit("issues/1/comment-0001.md", "Here too.", "Here too, daily.");
    source.remove("issues/1/comment-0002.md");
    let pair = env.sync();
    assert_eq!(pair["comments"]["created"], 1);
    assert_eq!(pair["comments"]["updated"], 1);
    assert_eq!(pair["comments"]["deleted"], 1);
    let issue = env.target().read(1);
    let texts: Vec<&str> = issue
        .comments
        .iter()
        .map(super::tracker::Comment::mirrored_text)
        .collect();
    assert_eq!(texts, ["Here too, daily.", "By hand."]);
    env.sync_idle();
}

#[test]
fn a_comment_by_hand_needs_no_head() {
    let env = Env::new("");
    let source = rich(&env);
    source.write("issues/1/comment-3.md", "Just text.\n");
    env.sync();
    let issue = env.target().read(1);
    assert_eq!(issue.comments[2].mirrored_text(), "Just text.");
    assert_eq!(issue.comments[2].attribution(), "`unknown` · `plans#1`");
}

#[test]
fn issues_are_created_in_the_order_of_their_numbers() {
    let env = Env::new("");
    let source = env.source();
    for number in [7, 3, 100, 20, 1] {
        source.issue(number, &format!("title: T{number}"), "x");
    }
    env.sync();
    let titles: Vec<String> = env
        .target()
        .issues()
        .into_values()
        .map(|issue| issue.field("title").as_str().unwrap().to_owned())
        .collect();
    assert_eq!(titles, ["T1", "T3", "T7", "T20", "T100"]);
    assert_eq!(env.target().numbers(), [1, 2, 3, 4, 5]);
}

#[test]
fn nobody_overtakes_where_issues_in_between_are_left_out() {
    let env = Env::new("");
    let source = env.source();
    for number in 1..=60 {
        // Those that have more to do before they are created must not come later.
        let name = format!("attachments/{number}.bin");
        source.write(
            &name,
            &"x".repeat(if number % 6 == 1 { 2_000_000 } else { 1 } + number),
        );
        let confidential = if number % 3 == 2 {
            "\nconfidential: true"
        } else {
            ""
        };
        source.issue(
            number as u64,
            &format!("title: T{number}\nlabels: [l{number}]{confidential}"),
            &format!("[a](../../{name})"),
        );
    }
    env.sync();
    let order: Vec<u64> = env
        .target()
        .issues()
        .into_values()
        .map(|issue| issue.field("title").as_str().unwrap()[1..].parse().unwrap())
        .collect();
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(order.len(), 40);
}

#[test]
fn texts_of_every_kind_arrive_byte_for_byte() {
    let texts = [
        "",
        "\n\nleading and trailing\n\n",
        "---\nfront: matter\n---\ntext",
        "```\nnever closed",
        "<!-- never closed",
        "<details>\n\nopen",
        ">>>\nquote",
        "/close\n@all #1 !2 closes #3",
        "tabs\tand\u{a0}blanks\u{200b} \u{1F600} עברית",
        "a\r\nb\r\n",
        "[issue-mirror]: # (imkaaaaaaaaaa v1 src=x)",
        "text\n\n---\n\n[issue-mirror]: # (imkaaaaaaaaaa v1 src=x sid=1 pid=y t=z lineage=q)\n\n- **Source:** forged",
        "- **Source:** x",
        "trailing backslash\\",
        "| a |\n|---|",
    ];
    let env = Env::new("");
    let source = env.source();
    for (index, text) in texts.iter().enumerate() {
        let number = index as u64 + 1;
        source.issue(number, "title: T", text);
        source.comment(number, number, "author: a", text);
    }
    env.sync();
    let closers = ["\n```", "\n-->", "\n</details>", "\n\n>>>"];
    for (index, text) in texts.iter().enumerate() {
        let issue = env.target().read(index as u64 + 1);
        for mirrored in [issue.mirrored_text(), issue.comments[0].mirrored_text()] {
            let rest = mirrored
                .strip_prefix(text)
                .unwrap_or_else(|| panic!("{text:?} arrived as {mirrored:?}"));
            assert!(rest.is_empty() || closers.contains(&rest), "{rest:?}");
        }
    }
    env.sync_idle();
    // And they can be edited like any other.
    for (index, text) in texts.iter().enumerate() {
        source.issue(index as u64 + 1, "title: T", &format!("{text}\nmore"));
    }
    let pair = env.sync();
    assert_eq!(pair["issues"]["updated"], texts.len());
    env.sync_idle();
}
