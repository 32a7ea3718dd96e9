//! What people write on the target stays (P6).

use super::rich;
use crate::env::Env;

#[test]
fn p6_what_people_do_on_the_target_stays() {
    let env = Env::new("");
    let source = rich(&env);
    env.sync();
    let target = env.target();
    target.edit("issues/1/issue.md", "labels:\n", "labels:\n  - theirs\n");
    target.edit("issues/1/issue.md", "weight: 3", "weight: 8");
    target.comment(1, 50, "author: eve", "A comment of ours.");
    source.edit("issues/1/issue.md", "[bug, ui]", "[ui]");
    source.edit(
        "issues/1/issue.md",
        "due_date: 2026-03-01",
        "due_date: 2026-03-02",
    );
    env.sync();
    let issue = env.target().read(1);
    assert!(issue.labels().contains(&"theirs") && !issue.labels().contains(&"bug"));
    assert_eq!(issue.field("weight"), 8, "not changed on the source");
    assert_eq!(issue.field("due_date"), "2026-03-02");
    assert_eq!(issue.comments[2].text, "A comment of ours.");
}

#[test]
fn p6_text_that_people_wrote_stays_where_only_the_envelope_changes() {
    let env = Env::new("");
    let source = rich(&env);
    env.sync();
    let target = env.target();
    target.edit("issues/1/issue.md", "It crashes.", "It crashes. (We know.)");
    let below = format!(
        "{}\nBelow the footer.\n",
        target.content("issues/1/issue.md")
    );
    target.write("issues/1/issue.md", &below);
    source.edit("issues/1/issue.md", "milestone: v1.0", "milestone: v2.0");
    let pair = env.sync();
    assert_eq!(pair["drift"], 1);
    let issue = env.target().read(1);
    assert!(
        issue.text.starts_with("It crashes. (We know.)"),
        "{}",
        issue.text
    );
    assert!(issue.text.contains("- **Milestone:** v2.0"));
    assert!(issue.text.ends_with("Below the footer."));
    assert!(issue.labels().contains(&"Milestone::v2.0"));
    env.sync_idle();
    // A change of the text itself on the source wins.
    source.edit("issues/1/issue.md", "It crashes.", "It crashed.");
    env.sync();
    assert!(env.target().read(1).text.starts_with("It crashed."));
}

#[test]
fn p6_the_same_holds_for_comments() {
    let env = Env::new("");
    rich(&env);
    env.sync();
    env.target().edit(
        "issues/1/comment-0001.md",
        "Here too.",
        "Here too. (Edited there.)",
    );
    // Who bob is on the target concerns only the first line.
    assert_eq!(env.run(&["map-user", "bob", "robert"]).code, 0);
    let pair = env.sync();
    assert_eq!(pair["comments"]["updated"], 1);
    assert_eq!(pair["drift"], 1);
    let issue = env.target().read(1);
    assert_eq!(
        issue.comments[0].mirrored_text(),
        "Here too. (Edited there.)"
    );
    assert!(
        issue.comments[0]
            .attribution()
            .starts_with("**Bob B.** (`robert`)")
    );
    env.sync_idle();
}

#[test]
fn p6_hours_that_people_log_on_the_target_stay() {
    let env = Env::new("");
    let source = rich(&env);
    env.sync();
    env.target()
        .edit("issues/1/issue.md", "time_spent: 45m", "time_spent: 2h45m");
    source.edit("issues/1/issue.md", "time_spent: 45m", "time_spent: 1h");
    env.sync();
    assert_eq!(env.target().read(1).field("time_spent"), "3h");
    source.edit("issues/1/issue.md", "time_spent: 1h", "time_spent: 30m");
    env.sync();
    assert_eq!(env.target().read(1).field("time_spent"), "2h30m");
    // The target never owes time.
    env.target()
        .edit("issues/1/issue.md", "time_spent: 2h30m", "time_spent: 10m");
    source.edit("issues/1/issue.md", "time_spent: 30m", "time_spent: 0");
    env.sync();
    assert!(env.target().read(1).field("time_spent").is_null());
    env.sync_idle();
}
