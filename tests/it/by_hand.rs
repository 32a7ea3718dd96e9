//! `link` and `unlink`: what belongs together, said by a person.

use crate::env::Env;
use crate::lab::{Lab, author_text};
use forge_sim::Role;

/// One issue on the source and one on the target that nobody joined, made by `author`.
fn two(author: &str) -> Lab {
    let lab = Lab::new("sync_existing_issues: false\nmirror_since: 2");
    let iid = lab.open("Here", "Text here.");
    lab.edit(iid, |issue| {
        issue.labels.insert("bug".to_owned());
        issue.weight = Some(3);
        issue.due_date = Some("2026-03-01".to_owned());
    });
    lab.comment(iid, "Comment here.");
    {
        let mut world = lab.sim.world();
        let author = match author {
            "us" => world.tokens["writer"].user,
            _ => {
                let carol = world.add_user("carol");
                world.set_role(lab.target, carol, Role::Developer);
                carol
            }
        };
        world.open_issue(lab.target, author, "There", "Text there.");
    }
    lab.sim.advance(300);
    assert_eq!(lab.sync()["issues"]["created"], 0);
    lab
}

fn link(lab: &Lab, args: &[&str], code: i32) -> String {
    let run = lab.run(args);
    assert_eq!(run.code, code, "{}", run.shown());
    run.stdout
}

#[test]
fn two_issues_are_joined_and_what_the_target_has_stays_until_the_source_changes() {
    let lab = two("us");
    let said = link(&lab, &["link", "app", "1", "1"], 0);
    assert!(
        said.contains("#1 is joined with #1 of the target"),
        "{said}"
    );
    let issue = lab.mirrored().remove(0);
    assert_eq!(issue.title, "There");
    assert_eq!(
        author_text(issue.description.as_deref().unwrap()),
        "Text there."
    );
    assert_eq!(issue.comments().len(), 1);
    assert!(issue.labels.contains("bug"));
    lab.sim.advance(600);
    lab.idle();
    lab.edit(1, |issue| issue.title = "Changed".to_owned());
    lab.sim.advance(300);
    lab.sync();
    let issue = lab.mirrored().remove(0);
    assert_eq!(issue.title, "Changed");
    assert_eq!(
        author_text(issue.description.as_deref().unwrap()),
        "Text there."
    );
    // The marker says it too.
    lab.env.lose_store();
    lab.sync();
    assert_eq!(lab.mirrored().len(), 1);
    lab.edit(1, |issue| issue.title = "Again".to_owned());
    lab.sim.advance(300);
    assert_eq!(lab.sync()["issues"]["updated"], 1);
}

#[test]
fn p6_an_issue_of_somebody_else_keeps_its_text_and_is_marked_by_a_comment() {
    let lab = two("carol");
    link(&lab, &["link", "app", "1", "1"], 0);
    let issue = lab.mirrored().remove(0);
    assert_eq!(issue.description.as_deref(), Some("Text there."));
    let comments = issue.comments();
    assert_eq!(comments.len(), 2);
    assert!(
        comments[0].body.starts_with("Mirrors `") && comments[0].body.contains("role=issue)"),
        "{}",
        comments[0].body
    );
    // What only the footer would say changes nothing in it.
    lab.edit(1, |issue| issue.assignees = vec![issue.author]);
    lab.sim.advance(300);
    lab.sync();
    let text = |lab: &Lab| lab.mirrored()[0].description.clone().unwrap();
    assert_eq!(text(&lab), "Text there.");
    lab.env.lose_store();
    let pair = lab.sync();
    assert_eq!(
        (&pair["links"], &pair["issues"]["created"]),
        (&1.into(), &0.into())
    );
    assert_eq!(lab.mirrored()[0].comments().len(), 2);
    lab.sim.advance(600);
    lab.idle();
    // Parted, it stays so without a store too, until somebody joins them again.
    link(&lab, &["unlink", "app", "1"], 0);
    let said = |lab: &Lab| lab.mirrored()[0].comments()[0].body.clone();
    assert!(said(&lab).starts_with("Does not mirror any more `"));
    lab.env.lose_store();
    assert_eq!(lab.sync()["skipped_because"]["parted"], 1);
    link(&lab, &["link", "app", "1", "1"], 0);
    assert!(said(&lab).starts_with("Mirrors `"));
    lab.env.lose_store();
    assert_eq!(lab.sync()["links"], 1);
    assert_eq!(text(&lab), "Text there.");
    lab.sim.advance(600);
    // The source says something else now.
    lab.edit(1, |issue| issue.description = Some("New.".to_owned()));
    lab.sim.advance(300);
    lab.sync();
    assert_eq!(author_text(&text(&lab)), "New.");
    lab.env.lose_store();
    assert_eq!(lab.sync()["links"], 1);
    assert_eq!(lab.mirrored().len(), 1);
}

#[test]
fn what_is_parted_is_neither_followed_nor_made_again_by_itself() {
    let lab = Lab::new("");
    {
        // Only an Owner deletes issues.
        let mut world = lab.sim.world();
        let bot = world.tokens["writer"].user;
        world.set_role(lab.target, bot, Role::Owner);
    }
    lab.open("A", "x");
    lab.sim.advance(300);
    lab.sync();
    let said = link(&lab, &["unlink", "app", "1"], 0);
    assert!(
        said.contains("#1 is parted from #1 of the target"),
        "{said}"
    );
    lab.edit(1, |issue| issue.title = "B".to_owned());
    lab.sim.advance(300);
    let pair = lab.sync_with(&["--full"], 0);
    assert_eq!(pair["skipped_because"]["parted"], 1);
    assert_eq!(lab.mirrored()[0].title, "A");
    // Also where the store was lost.
    lab.env.lose_store();
    assert_eq!(lab.sync()["skipped_because"]["parted"], 1);
    assert_eq!(lab.mirrored().len(), 1);
    // Whoever asks for it gets a new one.
    let pair = lab.sync_with(&["app", "--issue", "1"], 0);
    assert_eq!(pair["issues"]["created"], 1);
    let titles: Vec<String> = lab
        .mirrored()
        .into_iter()
        .map(|issue| issue.title)
        .collect();
    assert_eq!(titles, ["A", "B"]);
    lab.sim.advance(600);
    lab.idle();
    // And may have it deleted.
    link(&lab, &["unlink", "app", "1", "--delete"], 0);
    assert_eq!(lab.mirrored().len(), 1);
    lab.sim.advance(600);
    assert_eq!(lab.sync()["issues"]["created"], 0);
}

#[test]
fn what_cannot_be_joined_or_parted_says_why_and_changes_nothing() {
    let lab = Lab::new("");
    lab.open("A", "x");
    lab.open("B", "x");
    lab.sim.advance(300);
    lab.sync();
    for (args, said) in [
        (
            &["link", "app", "1", "2"][..],
            "it is mirrored as #1 already",
        ),
        (&["link", "app", "9", "1"], "#9"),
        (&["link", "app", "1", "9"], "#9"),
        (&["unlink", "app", "9"], "it has no counterpart"),
    ] {
        let writes = lab.sim.world().writes();
        let out = link(&lab, args, 1);
        assert!(out.contains(said), "{args:?}: {out}");
        assert_eq!(lab.sim.world().writes(), writes);
    }
    assert_eq!(lab.run(&["link", "nobody", "1", "1"]).code, 2);
    assert_eq!(lab.run(&["link", "app", "0", "1"]).code, 2);
    link(&lab, &["unlink", "app", "1"], 0);
    let out = link(&lab, &["link", "app", "1", "2"], 1);
    assert!(out.contains("#2 is the counterpart of #2"), "{out}");
    link(&lab, &["link", "app", "1", "1"], 0);
    lab.sim.advance(600);
    assert_eq!(lab.sync()["links"], 2);
}

#[test]
fn issues_in_files_are_joined_and_parted_too() {
    let env = Env::new("sync_existing_issues: false\nmirror_since: 2");
    env.source().issue(1, "title: Here\nauthor: a", "x");
    env.sync();
    env.target().issue(5, "title: There\nauthor: b", "y");
    let run = env.run(&["link", "demo", "1", "5"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    assert_eq!(env.sync()["links"], 1);
    let run = env.run(&["unlink", "demo", "1", "--delete"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    assert_eq!(env.target().numbers(), [0_u64; 0]);
}

#[test]
fn p3_a_person_ends_what_is_in_doubt() {
    let lab = Lab::new("");
    for title in ["A", "B"] {
        lab.open(title, "x");
    }
    lab.sim.advance(300);
    lab.sync();
    for iid in [1, 2] {
        let mut world = lab.sim.world();
        world.issue_mut(lab.target, iid).description = Some("No marker.".to_owned());
    }
    lab.env.lose_store();
    // Where no marker is left at all it is a new pair, so one is.
    lab.sim.world().issue_mut(lab.source, 1).labels.clear();
    let bot = lab.sim.world().tokens["writer"].user;
    lab.open("C", "x");
    lab.configure("only: { labels: [none] }");
    lab.sync();
    lab.configure("");
    {
        let host = lab.sim.url().replace("http://", "");
        let mut world = lab.sim.world();
        let (source, target) = (lab.source, lab.target);
        let id = world.issue(source, 3).id;
        let marker = format!(
            "x\n\n---\n\n[issue-mirror]: # (imkaaaaaaaaaaaaaaaaaaaa v1 src={host}:{source}:3 sid={id} pid={host}:{target} b=all t=a.b lineage=)"
        );
        world.open_issue(target, bot, "C", &marker);
    }
    lab.env.lose_store();
    let pair = lab.sync_with(&[], 3);
    assert_eq!(pair["failures"].as_array().unwrap().len(), 2, "{pair:#}");
    let hint = pair["failures"][0]["hint"].as_str().unwrap();
    assert!(
        hint.contains("issue-mirror link PAIR SOURCE_NUMBER TARGET_NUMBER"),
        "{hint}"
    );
    lab.sync_with(&["app", "--issue", "1"], 3);
    link(&lab, &["link", "app", "1", "1"], 0);
    link(&lab, &["unlink", "app", "2"], 0);
    lab.sync_with(&["app", "--issue", "2"], 0);
    lab.sim.advance(600);
    let pair = lab.sync();
    assert_eq!(
        (&pair["links"], &pair["dead_letters"]),
        (&3.into(), &0.into())
    );
    let titles: Vec<String> = lab
        .mirrored()
        .into_iter()
        .map(|issue| issue.title)
        .collect();
    assert_eq!(titles, ["A", "B", "C", "B"]);
}
