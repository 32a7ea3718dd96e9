//! Doubt made on purpose: a lost or older store meets what people did meanwhile, and what a person
//! joins or parts meets what is under way.

use crate::lab::{Lab, author_comment, author_text};
use forge_sim::{Fault, Role, When};
use jiff::SignedDuration;

/// So many issues, each with a comment, mirrored and at rest.
fn mirrored(issues: usize, toggles: &str) -> Lab {
    let lab = Lab::new(toggles);
    for number in 1..=issues {
        let iid = lab.open(&format!("Title {number}"), &format!("Text {number}."));
        lab.comment(iid, &format!("Comment of {number}."));
    }
    lab.sim.advance(300);
    lab.sync();
    lab.sim.advance(600);
    lab.idle();
    lab
}

fn run(lab: &Lab, args: &[&str], code: i32) -> String {
    let run = lab.run(args);
    assert_eq!(run.code, code, "{args:?}: {}", run.shown());
    run.stdout
}

#[test]
fn p3_p7_a_trial_run_without_a_store_hides_nothing() {
    let lab = mirrored(1, "sync_confidential: true");
    lab.env.lose_store();
    lab.edit(1, |issue| issue.confidential = true);
    lab.sim.advance(300);
    let writes = lab.sim.world().writes();
    lab.sync_with(&["--dry-run"], 0);
    assert_eq!(lab.sim.world().writes(), writes);
    lab.sync();
    assert!(lab.mirrored()[0].confidential);
}

#[test]
fn p1_a_comment_that_people_wrote_something_below_is_not_made_twice() {
    let lab = mirrored(1, "");
    {
        let mut world = lab.sim.world();
        for note in &mut world.issue_mut(lab.target, 1).notes {
            note.body.push_str("\n\nP.S. theirs");
        }
    }
    lab.env.lose_store();
    lab.sync();
    let comments = |lab: &Lab| -> Vec<String> {
        let issue = lab.mirrored().remove(0);
        let comments = issue.comments();
        comments.iter().map(|note| note.body.clone()).collect()
    };
    assert_eq!(comments(&lab).len(), 1);
    assert!(comments(&lab)[0].ends_with("P.S. theirs"));
    lab.sim.advance(600);
    lab.idle();
    lab.sim.world().issue_mut(lab.source, 1).notes[0].body = "Edited.".to_owned();
    lab.edit(1, |_| {});
    lab.sim.advance(300);
    assert_eq!(lab.sync()["comments"]["updated"], 1);
    assert_eq!(comments(&lab).len(), 1);
}

#[test]
fn p3_what_is_contested_stays_so_until_a_person_ends_it() {
    let lab = mirrored(2, "");
    {
        // Another run with another store made it at the same time.
        let mut world = lab.sim.world();
        let (bot, text) = {
            let there = world.issue(lab.target, 1);
            (there.author, there.description.clone().unwrap())
        };
        let at = text.find("(imk").unwrap();
        let text = format!(
            "{}(imkzzzzzzzzzzzzzzzzzzzz{}",
            &text[..at],
            &text[at + 24..]
        );
        world.open_issue(lab.target, bot, "Title 1", &text);
    }
    lab.env.lose_store();
    lab.sync_with(&[], 3);
    let writes = lab.sim.world().writes();
    assert_eq!(lab.sync_with(&["--full"], 0)["dead_letters"], 1);
    assert_eq!(lab.sim.world().writes(), writes);
    lab.open("Third", "x");
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(
        (&pair["dead_letters"], &pair["links"]),
        (&1.into(), &2.into()),
        "{pair:#}"
    );
    run(&lab, &["link", "app", "1", "1"], 0);
    lab.sim.advance(600);
    assert_eq!(lab.sync()["links"], 3);
}

#[test]
fn what_was_joined_the_wrong_way_round_is_joined_the_right_way() {
    let lab = mirrored(2, "");
    {
        // Only an Owner deletes issues.
        let mut world = lab.sim.world();
        let bot = world.tokens["writer"].user;
        world.set_role(lab.target, bot, Role::Owner);
    }
    run(&lab, &["unlink", "app", "1"], 0);
    run(&lab, &["unlink", "app", "2"], 0);
    run(&lab, &["link", "app", "2", "1"], 0);
    // What was its counterpart is that of another one now.
    let said = run(&lab, &["unlink", "app", "1", "--delete"], 1);
    assert!(said.contains("#1 of the target is the counterpart of #2 now"));
    run(&lab, &["link", "app", "1", "2"], 0);
    let crossed = |lab: &Lab, title: &str| {
        lab.edit(1, |issue| issue.title = title.to_owned());
        lab.sim.advance(600);
        let pair = lab.sync();
        assert_eq!(
            (&pair["links"], &pair["issues"]["created"]),
            (&2.into(), &0.into())
        );
        assert_eq!(lab.mirrored()[1].title, title);
        lab.sim.advance(600);
        lab.idle();
    };
    crossed(&lab, "New");
    lab.env.lose_store();
    crossed(&lab, "Newer");
    run(&lab, &["unlink", "app", "2", "--delete"], 0);
    run(&lab, &["unlink", "app", "2", "--delete"], 0);
    assert_eq!(lab.mirrored().len(), 1);
}

#[test]
fn p1_what_is_still_being_made_is_not_joined_with_another_one() {
    let lab = mirrored(1, "");
    lab.open("B", "x");
    {
        let mut world = lab.sim.world();
        let bot = world.tokens["writer"].user;
        world.open_issue(lab.target, bot, "There", "Text there.");
        let later = Fault::ApplyLater(SignedDuration::from_secs(60));
        world.plan(When::Write(1), later);
    }
    lab.sync_with(&[], 3);
    let said = run(&lab, &["link", "app", "2", "2"], 1);
    assert!(said.contains("may still be working"), "{said}");
    lab.sim.advance(300);
    lab.retry_now();
    let pair = lab.sync();
    assert_eq!(
        (&pair["links"], &pair["issues"]["created"]),
        (&2.into(), &0.into())
    );
    assert_eq!(lab.mirrored().len(), 3);
}

#[test]
fn p3_p6_what_people_wrote_into_a_comment_stays_though_comments_are_not_carried_meanwhile() {
    let lab = mirrored(1, "");
    {
        let mut world = lab.sim.world();
        let note = &mut world.issue_mut(lab.target, 1).notes[0];
        note.body = note.body.replace("Comment of 1.", "Theirs.");
    }
    lab.env.lose_store();
    lab.configure("sync_comments: false");
    lab.sync();
    lab.configure("");
    lab.sim.advance(600);
    lab.sync();
    let issue = lab.mirrored().remove(0);
    assert_eq!(author_comment(&issue.comments()[0].body).1, "Theirs.");
}

#[test]
fn p5_a_ring_without_its_store_brings_nothing_back_to_where_it_started() {
    let lab = Lab::new("");
    let copies = {
        // One account reads and another one writes.
        let mut world = lab.sim.world();
        let copies = world.add_project("copies/app");
        let (reader, writer) = (world.add_user("reader-bot"), world.tokens["writer"].user);
        world.tokens.get_mut("reader").unwrap().user = reader;
        for project in [lab.source, lab.target, copies] {
            world.set_role(project, reader, Role::Reporter);
            world.set_role(project, writer, Role::Maintainer);
        }
        copies
    };
    let url = lab.sim.url();
    let mut config = format!(
        "instances:
  prod: {{ forge: gitlab, url: '{url}', token_env: READER }}
  backup: {{ forge: gitlab, url: '{url}', token_env: WRITER, timeout_seconds: 5 }}
pairs:
"
    );
    // A pair that reads comes before the one that wrote what it reads.
    let ring = ["copies/app", "team/app", "mirrors/app", "copies/app"];
    for (number, ends) in [[0, 1], [2, 3], [1, 2]].into_iter().enumerate() {
        let [from, to] = ends.map(|end: usize| ring[end]);
        config.push_str(&format!(
            "  - name: pair-{number}
    source: {{ instance: prod, project: {from} }}
    target: {{ instance: backup, project: {to} }}
    sync_existing_issues: true
"
        ));
    }
    lab.env.write("mirror.yaml", &config);
    let iid = lab.open("A", "Text.");
    lab.comment(iid, "Comment.");
    let pass = || {
        lab.sim.advance(600);
        run(&lab, &["sync"], 0);
        let world = lab.sim.world();
        let counts = [lab.source, lab.target, copies].map(|p| world.projects[&p].issues.len());
        (counts, world.writes())
    };
    for _ in 0..3 {
        pass();
    }
    let before = pass();
    lab.env.lose_store();
    // What is there tells that the markers were trusted, also before they are known again.
    for _ in 0..3 {
        assert_eq!(pass(), before);
    }
    // Whatever changes takes the same way.
    lab.edit(1, |issue| issue.title = "New".to_owned());
    lab.env.lose_store();
    for _ in 0..3 {
        assert_eq!(pass().0, [1, 1, 1]);
    }
    assert_eq!(pass().1, pass().1);
    let world = lab.sim.world();
    let there = world.issue(copies, 1);
    assert_eq!(there.title, "New");
    assert_eq!(author_text(there.description.as_deref().unwrap()), "Text.");
}

#[test]
fn two_pairs_with_one_target_keep_out_of_each_others_way() {
    let lab = Lab::new("");
    let other = {
        let mut world = lab.sim.world();
        let (other, bot) = (world.add_project("team/other"), world.tokens["writer"].user);
        world.set_role(other, bot, Role::Reporter);
        world.open_issue(other, lab.alice, "B", "y");
        other
    };
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    let second = "  - name: second
    source: { instance: prod, project: team/other }
    target: { instance: backup, project: mirrors/app }
    sync_existing_issues: true
";
    lab.env.write("mirror.yaml", &(config + second));
    for number in 1..=30 {
        lab.open(&format!("A {number}"), "x");
    }
    lab.sim.advance(300);
    run(&lab, &["sync"], 0);
    // What one joined, the other one cannot take.
    run(&lab, &["unlink", "second", "1"], 0);
    let said = run(&lab, &["link", "second", "1", "1"], 1);
    assert!(
        said.contains(&format!(":{}:1, by another pair", lab.source)),
        "{said}"
    );
    run(&lab, &["link", "second", "1", "31"], 0);
    // And without a store each looks at its own ones only.
    lab.env.lose_store();
    let writes = lab.sim.world().writes();
    let reads = lab.sim.world().requests("GET");
    run(&lab, &["sync", "second"], 0);
    let world = lab.sim.world();
    assert_eq!(world.writes(), writes);
    let reads = world.requests("GET") - reads;
    assert!(reads < 15, "{reads} requests");
    assert_eq!(world.projects[&other].issues.len(), 1);
}

#[test]
fn p3_a_footer_of_mirror_maestro_that_people_saved_or_changed_makes_no_duplicate() {
    let footer = "Text.\n\n---\n\n<!-- MIRROR_MAESTRO_FOOTER -->\n\n### 📋 Mirror Information\n\n🔗 **Source**: [team/app#1](https://gitlab.example.com/team/app/-/issues/1)\n";
    for (text, code, links) in [
        (footer.replace('\n', "\r\n"), 0, 1),
        (format!("{footer}\nP.S. hello"), 3, 0),
    ] {
        let lab = Lab::new("");
        lab.open("Title", "Text.");
        {
            let mut world = lab.sim.world();
            let bot = world.tokens["writer"].user;
            world.open_issue(lab.target, bot, "Title", &text);
        }
        lab.sim.advance(300);
        let pair = lab.sync_with(&[], code);
        assert_eq!(pair["links"], links, "{pair:#}");
        lab.sim.advance(300);
        lab.sync();
        assert_eq!(lab.mirrored().len(), 1);
    }
}
