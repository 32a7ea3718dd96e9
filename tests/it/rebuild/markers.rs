//! P3: what people and strangers did to markers, and markers of other tools and accounts.

use super::{begun, mirrored, quiet};
use crate::lab::{Lab, author_comment, author_text};
use forge_sim::Role;

#[test]
fn p3_whoever_deleted_a_marker_is_told_and_nothing_is_made_twice() {
    let lab = mirrored("");
    lab.env.lose_store();
    {
        let mut world = lab.sim.world();
        // From one the whole envelope was deleted, and another one was written below.
        let there = world.issue_mut(lab.target, 1);
        there.description = Some("Only this.".to_owned());
        let there = world.issue_mut(lab.target, 2);
        there
            .description
            .as_mut()
            .unwrap()
            .push_str("\n\nP.S. see above");
    }
    let pair = quiet(&lab, 3);
    let mut said: Vec<&str> = pair["failures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["error"].as_str().unwrap())
        .collect();
    said.sort_unstable();
    assert_eq!(
        said,
        [
            "#1 of the target has its title and no marker; it may have been deleted there; nothing was created and nothing changed",
            "#2 of the target may be its counterpart, but somebody changed the lines around its marker; nothing was created and nothing changed",
        ]
    );
    assert_eq!(pair["dead_letters"], 2);
    let status = lab.run(&["status"]).stdout;
    assert!(status.contains("has its title and no marker"), "{status}");
    // Whatever happens on the source: told before, and nothing is guessed.
    lab.edit(1, |issue| issue.title = "Another".to_owned());
    lab.edit(2, |issue| issue.title = "Another too".to_owned());
    lab.sim.advance(300);
    quiet(&lab, 0);
    quiet(&lab, 0);
    assert_eq!(lab.mirrored().len(), 3);
}

#[test]
fn p3_two_issues_that_name_one_source_are_told() {
    let lab = mirrored("");
    lab.env.lose_store();
    {
        let mut world = lab.sim.world();
        let bot = world.issue(lab.target, 1).author;
        let text = world.issue(lab.target, 1).description.clone().unwrap();
        world.open_issue(lab.target, bot, "Copy", &text);
    }
    let pair = quiet(&lab, 3);
    let said = pair["failures"][0]["error"].as_str().unwrap();
    assert!(said.starts_with("#1 and #4 of the target say"), "{said}");
    assert_eq!(pair["issues"]["unchanged"], 2);
}

#[test]
fn p3_p7_a_marker_of_a_stranger_captures_and_blocks_nothing() {
    let lab = mirrored("");
    {
        let mut world = lab.sim.world();
        let mallory = world.add_user("mallory");
        world.set_role(lab.target, mallory, Role::Developer);
        let text = world.issue(lab.target, 1).description.clone().unwrap();
        world.open_issue(lab.target, mallory, "Forged", &text);
    }
    lab.env.lose_store();
    assert_eq!(quiet(&lab, 0)["issues"]["unchanged"], 3);
    lab.edit(1, |issue| issue.title = "Mine".to_owned());
    lab.sim.advance(300);
    lab.sync();
    let titles: Vec<String> = lab
        .mirrored()
        .into_iter()
        .map(|issue| issue.title)
        .collect();
    assert_eq!([&titles[0], &titles[3]], ["Mine", "Forged"]);
}

#[test]
fn p3_another_account_is_trusted_where_the_configuration_says_so() {
    let lab = mirrored("");
    {
        let mut world = lab.sim.world();
        let other = world.add_user("new-bot");
        world.set_role(lab.target, other, Role::Maintainer);
        world.tokens.get_mut("writer").unwrap().user = other;
    }
    lab.env.lose_store();
    let run = lab.run(&["sync"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(
        run.stdout
            .contains("written by mirror-bot, which is not the account of the token"),
        "{}",
        run.shown()
    );
    assert!(run.stdout.contains("trusted_authors"), "{}", run.shown());
    assert_eq!(lab.mirrored().len(), 3);
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    let config = config.replace(
        "timeout_seconds: 5",
        "timeout_seconds: 5, trusted_authors: [mirror-bot]",
    );
    lab.env.write("mirror.yaml", &config);
    assert_eq!(quiet(&lab, 0)["issues"]["unchanged"], 3);
    // A Maintainer edits what the former account wrote.
    lab.edit(1, |issue| issue.title = "New".to_owned());
    lab.sim.advance(300);
    assert_eq!(lab.sync()["issues"]["updated"], 1);
}

#[test]
fn p3_users_of_mirror_maestro_change_over_without_a_duplicate() {
    let lab = Lab::new("");
    for number in 1..=12 {
        let iid = lab.open(&format!("Title {number}"), &format!("Text {number}."));
        lab.comment(iid, "Comment.");
    }
    {
        let mut world = lab.sim.world();
        let bot = world.tokens["writer"].user;
        for number in [1, 12] {
            let footer = format!(
                "Text {number}.\n\n---\n\n<!-- MIRROR_MAESTRO_FOOTER -->\n\n### 📋 Mirror Information\n\n🔗 **Source**: [team/app#{number}](https://gitlab.example.com/team/app/-/issues/{number})\n"
            );
            let iid = world.open_issue(lab.target, bot, &format!("Title {number}"), &footer);
            world.comment(lab.target, iid, bot, "Comment.");
        }
        // An issue that only speaks of it.
        let person = lab.alice;
        world.open_issue(
            lab.target,
            person,
            "Theirs",
            "See [team/app#2](u) <!-- MIRROR_MAESTRO_FOOTER -->",
        );
    }
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(
        (&pair["issues"]["created"], &pair["issues"]["updated"]),
        (&10.into(), &2.into()),
        "{pair:#}"
    );
    let issues = lab.mirrored();
    assert_eq!(issues.len(), 13);
    for (at, text) in [(0, "Text 1."), (1, "Text 12.")] {
        let there = issues[at].description.as_deref().unwrap();
        assert_eq!(author_text(there), text);
        assert!(!there.contains("MIRROR_MAESTRO"), "{there}");
        let comments = issues[at].comments();
        assert_eq!(comments.len(), 1);
        assert_eq!(author_comment(&comments[0].body).1, "Comment.");
    }
    lab.sim.advance(600);
    lab.idle();
    // And from then on the markers are known.
    lab.env.lose_store();
    assert_eq!(quiet(&lab, 0)["issues"]["unchanged"], 12);
}

#[test]
fn p3_the_baseline_comes_back_with_a_marker_that_people_touched() {
    let lab = begun();
    {
        let mut world = lab.sim.world();
        let there = world.issue_mut(lab.target, 1);
        there.description.as_mut().unwrap().push_str("\n\nP.S.");
    }
    lab.env.lose_store();
    lab.open("Newer", "x");
    lab.sim.advance(300);
    assert_eq!(lab.sync_with(&[], 3)["issues"]["created"], 1);
}
