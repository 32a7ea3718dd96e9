//! P8: nothing fires where the target is a forge that acts on what it finds in texts.

use crate::env::Env;
use crate::faulty::{Faulty, everything, pass};
use issue_mirror::model::Acts;
use issue_mirror::plan::policy::Policy;

const WORD_JOINER: &str = "\u{2060}";

fn mirrored(policy: &Policy) -> (Env, crate::tracker::Issue) {
    let env = Env::new("");
    let source = env.source();
    source.issue(
        1,
        "title: 'Crash for @all, see #1'
author: {username: eve, name: '@everyone /close'}
milestone: '@all #2'
state: closed
closed_by: {username: eve, name: '#3 @all'}
closed_at: 2026-01-01T00:00:00Z
assignees: [{username: eve, name: '!4 @all'}]",
        "/close\n\n@alice, @team/sub and @all: closes #12, group/project#3, !4, &5, ~bug, %\"v 1\", GL-7.\n\n```\n/close @all #1\n```\n\n`@all #1` \\@all",
    );
    source.comment(
        1,
        1,
        "author: {username: eve, name: 'Eve @all #9'}",
        "/label ~bug\n@bob look at #1",
    );
    let target = Faulty::new(&env, None).claiming(|c| c.acts = Acts::EVERYTHING);
    pass(&env, &target, policy).unwrap();
    let issue = env.target().read(1);
    (env, issue)
}

/// Every mention, reference and command of a text that a forge would act on. Written from the
/// forges' rules and not from the program: code is left out, everything else counts.
fn live(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        if fenced || line.starts_with("[issue-mirror]: # (") {
            continue;
        }
        if line.starts_with('/') {
            found.push(line.to_owned());
        }
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join(" ");
        let characters: Vec<char> = prose.chars().collect();
        for (index, c) in characters.iter().enumerate() {
            let before = index.checked_sub(1).map(|at| characters[at]);
            let after = characters.get(index + 1).copied().unwrap_or(' ');
            let escaped = before == Some('\\');
            let mentions = *c == '@' && (after.is_alphanumeric() || after == '_');
            let refers = "#!&~%$".contains(*c)
                && (after.is_ascii_digit()
                    || (after == '"' || after.is_alphabetic()) && "~%".contains(*c));
            if (mentions || refers) && !escaped {
                found.push(characters[index..].iter().take(10).collect());
            }
        }
    }
    found
}

#[test]
fn p8_commands_mentions_and_references_are_inert_everywhere() {
    let (_env, issue) = mirrored(&everything());
    let title = issue.field("title").as_str().unwrap();
    // The issue itself is mirrored: what names it leads to its counterpart.
    assert_eq!(live(title), ["#1"], "title: {title}");
    assert_eq!(live(&issue.text), Vec::<String>::new(), "{}", issue.text);
    assert_eq!(live(&issue.comments[0].text), ["#1"]);
    // What people see is what was written, and code is untouched.
    let seen = issue.text.replace(WORD_JOINER, "").replace("\\/", "/");
    assert!(seen.starts_with("/close\n\n@alice, @team/sub and @all: closes #12, group/project#3, !4, &5, ~bug, %\"v 1\", GL-7.\n\n```\n/close @all #1\n```\n\n`@all #1` \\@all"), "{seen}");
    assert!(
        issue
            .text
            .contains("```\n/close @all #1\n```\n\n`@all #1` \\@all")
    );
}

#[test]
fn p8_the_check_sees_what_is_live() {
    for text in ["@all", "see #1", "/close", "a ~bug", "%\"v 1\"", "x `y` @z"] {
        assert_eq!(live(text).len(), 1, "{text}");
    }
    for text in [
        "`@all`",
        "\\@all",
        "a@\u{2060}b",
        "```\n@all\n```",
        "50 % off",
        "# title",
    ] {
        assert_eq!(live(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn p8_only_mapped_users_are_notified_and_only_where_it_was_asked_for() {
    let mut policy = everything();
    policy.users.insert("bob".into(), "robert".into());
    let (_env, issue) = mirrored(&policy);
    assert_eq!(live(&issue.comments[0].text), ["#1"]);
    policy.notify_mentions = true;
    let (_env, issue) = mirrored(&policy);
    assert_eq!(live(&issue.comments[0].text), ["@robert lo", "#1"]);
    assert_eq!(live(&issue.text), Vec::<String>::new());
}

#[test]
fn p9_what_a_target_cannot_hold_becomes_a_footer_line() {
    let env = Env::new("");
    env.source().issue(
        1,
        "title: T\ntype: incident\nweight: 3\ndue_date: 2026-03-01\ntime_estimate: 1h\ntime_spent: 30m",
        "Text.",
    );
    let poor = |target: Faulty| {
        target.claiming(|c| {
            use issue_mirror::model::Field;
            c.holds = &[
                Field::Title,
                Field::Text,
                Field::Rewriting,
                Field::Envelope,
                Field::Labels,
                Field::State,
            ];
            c.on_create = c.holds;
        })
    };
    pass(&env, &poor(Faulty::new(&env, None)), &everything()).unwrap();
    let issue = env.target().read(1);
    assert!(issue.field("weight").is_null());
    assert_eq!(
        issue.footer()[2..],
        [
            "- **Type:** incident",
            "- **Weight:** 3",
            "- **Due date:** 2026-03-01",
            "- **Time estimate:** 1h",
            "- **Time spent:** 30m",
        ]
    );
    let idle = poor(Faulty::new(&env, None));
    pass(&env, &idle, &everything()).unwrap();
    assert_eq!(idle.writes(), 0);
}

#[test]
fn what_a_create_cannot_carry_follows_in_an_update() {
    let env = Env::new("");
    env.source().issue(
        1,
        "title: T\nstate: closed\nweight: 3\ntime_spent: 30m\nlabels: [bug]",
        "Text.",
    );
    let target = Faulty::new(&env, None).claiming(|c| {
        use issue_mirror::model::Field;
        c.on_create = &[Field::Title, Field::Text, Field::Rewriting, Field::Envelope];
    });
    pass(&env, &target, &everything()).unwrap();
    // Two labels, the create, and one update for all that it could not carry.
    assert_eq!(target.writes(), 4);
    let issue = env.target().read(1);
    assert_eq!(issue.field("state"), "closed");
    assert_eq!(issue.field("weight"), 3);
    assert_eq!(issue.field("time_spent"), "30m");
    assert_eq!(issue.labels(), ["Mirrored-From::plans", "bug"]);
}
