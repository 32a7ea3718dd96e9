//! Files that another text still shows stay, whatever became of its issue.

use super::{all_are_linked, hide, issue, keep, names, there};
use crate::lab::Lab;
use forge_sim::{Fault, When};

/// No text of the target that everybody sees leads to a file that is not there.
fn none_is_dead(lab: &Lab) {
    let there: Vec<_> = there(lab).into_iter().map(|(_, link)| link).collect();
    for issue in lab.mirrored().iter().filter(|issue| !issue.confidential) {
        let bodies = issue.notes.iter().map(|note| note.body.as_str());
        for text in bodies.chain(issue.description.as_deref()) {
            for (at, _) in text.match_indices("(/uploads/") {
                let link = text[at + 1..].split(')').next().unwrap().to_owned();
                assert!(there.contains(&link), "{link} is dead: {text}");
            }
        }
    }
}

/// Issue 1 has a file, the store is put aside, the file gets into a second text, and the store is put
/// back.
fn shared_and_forgotten(second: impl FnOnce(&Lab, &str)) -> Lab {
    let lab = Lab::new("");
    let file = keep(&lab, "both.txt");
    lab.open("A", &format!("[a]({file})"));
    lab.open("B", "x");
    lab.sync();
    let (store, aside) = (lab.env.path("issue-mirror.db"), lab.env.path("aside.db"));
    std::fs::copy(&store, &aside).unwrap();
    lab.sim.advance(300);
    second(&lab, &file);
    let pair = lab.sync();
    assert_eq!(pair["attachments"]["reused"], 1, "{pair:#}");
    lab.env.lose_store();
    std::fs::copy(&aside, &store).unwrap();
    lab.sim.advance(300);
    lab
}

#[test]
fn p2_a_file_that_a_forgotten_counterpart_shows_stays() {
    for at_once in [false, true] {
        let lab = shared_and_forgotten(|lab, file| {
            lab.open("C", &format!("[a]({file})"));
        });
        if !at_once {
            lab.sync();
        }
        let before = there(&lab);
        hide(&lab, 1, true);
        let pair = lab.sync();
        assert_eq!(
            (&pair["hidden"], &pair["attachments"]["deleted"]),
            (&1.into(), &0.into())
        );
        assert_eq!(there(&lab), before, "{at_once}");
        none_is_dead(&lab);
        lab.sim.advance(300);
        lab.sync();
        lab.sim.advance(300);
        lab.idle();
        // Nobody knows whether it is the last one.
        hide(&lab, 3, true);
        let told = lab.sync()["warnings"].to_string();
        assert!(told.contains("1 of its files stay"), "{told}");
        assert_eq!(there(&lab), before);
    }
}

#[test]
fn p2_a_file_that_a_forgotten_comment_shows_stays_or_is_another_one() {
    for at_once in [false, true] {
        let lab = shared_and_forgotten(|lab, file| {
            lab.comment(2, &format!("[a]({file})"));
        });
        if !at_once {
            lab.sync();
        }
        hide(&lab, 1, true);
        lab.sync();
        none_is_dead(&lab);
        assert_eq!(there(&lab).len(), 1, "{at_once}");
        lab.sim.advance(300);
        lab.sync();
        lab.sim.advance(300);
        lab.idle();
        none_is_dead(&lab);
    }
}

#[test]
fn p6_a_file_that_a_parted_counterpart_shows_stays() {
    let lab = Lab::new("");
    let file = keep(&lab, "both.txt");
    for title in ["A", "B"] {
        lab.open(title, &format!("[a]({file})"));
    }
    lab.sync();
    let before = there(&lab);
    let run = lab.run(&["unlink", "app", "2"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    hide(&lab, 1, true);
    let pair = lab.sync();
    assert_eq!(pair["attachments"]["deleted"], 0, "{pair:#}");
    let told = pair["warnings"].to_string();
    assert!(told.contains("1 of its files stay"), "{told}");
    assert_eq!(there(&lab), before);
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p7_what_was_never_made_shows_no_file() {
    let lab = Lab::new("");
    let file = keep(&lab, "both.txt");
    lab.open("A", &format!("[a]({file})"));
    lab.sync();
    lab.sim.advance(300);
    let never = lab.open("B", &format!("[a]({file})"));
    lab.sim.world().plan(When::Write(1), Fault::Status(422));
    lab.sync_with(&[], 3);
    let source = lab.source;
    lab.sim
        .world()
        .projects
        .get_mut(&source)
        .unwrap()
        .issues
        .remove(&never);
    hide(&lab, 1, true);
    // The other one still waits for another try.
    let pair = lab.sync_with(&[], 3);
    assert_eq!(pair["attachments"]["deleted"], 1, "{pair:#}");
    assert_eq!(names(&lab), Vec::<String>::new());
}

#[test]
fn p6_text_that_people_edited_gets_the_new_link_and_nothing_else() {
    for toggles in ["", "sync_confidential: true"] {
        let lab = Lab::new(toggles);
        let iid = issue(&lab);
        lab.sync();
        let before = there(&lab);
        {
            let mut world = lab.sim.world();
            let there = world.issue_mut(lab.target, 1);
            let text = there.description.as_mut().unwrap();
            *text = text.replace("[a](", "Theirs: [a](");
            let note = there
                .notes
                .iter_mut()
                .find(|note| note.body.contains("[b]("))
                .unwrap();
            note.body = note.body.replace("[b](", "Also theirs: [b](");
        }
        hide(&lab, iid, true);
        let pair = lab.sync();
        assert_eq!(pair["attachments"]["deleted"], 2, "{pair:#}");
        lab.sim.advance(300);
        lab.idle();
        if toggles.is_empty() {
            hide(&lab, iid, false);
            let pair = lab.sync();
            assert_eq!(pair["attachments"]["copied"], 2, "{pair:#}");
        }
        assert_eq!(names(&lab), ["comment.txt", "text.txt"]);
        all_are_linked(&lab);
        none_is_dead(&lab);
        assert!(there(&lab).iter().all(|file| !before.contains(file)));
        let there = lab.mirrored().remove(0);
        assert!(
            there
                .description
                .unwrap()
                .starts_with("Theirs: [a](/uploads/")
        );
        assert!(
            there
                .notes
                .iter()
                .any(|note| note.body.contains("Also theirs: [b](/uploads/"))
        );
        lab.sim.advance(300);
        lab.idle();
        // It is theirs still.
        lab.sim.advance(300);
        lab.sync_with(&["--full"], 0);
        assert!(
            lab.mirrored()[0]
                .description
                .as_ref()
                .unwrap()
                .starts_with("Theirs")
        );
    }
}
