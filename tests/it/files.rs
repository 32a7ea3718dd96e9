//! P7 of files: whoever kept the link of one reaches it, so those of what is hidden are deleted.

mod shown;

use crate::lab::Lab;
use forge_sim::{Fault, Role, When};

/// What a file of the source says; its name and its content are its own.
fn keep(lab: &Lab, name: &str) -> String {
    let mut world = lab.sim.world();
    let secret = format!("{:032x}", world.fresh_id());
    let uploads = &mut world.projects.get_mut(&lab.source).unwrap().uploads;
    uploads.insert((secret.clone(), name.to_owned()), name.into());
    format!("/uploads/{secret}/{name}")
}

/// The links of files on the target, by name.
fn there(lab: &Lab) -> Vec<(String, String)> {
    let world = lab.sim.world();
    let uploads = world.projects[&lab.target].uploads.keys();
    let mut all: Vec<_> = uploads
        .map(|(secret, name)| (name.clone(), format!("/uploads/{secret}/{name}")))
        .collect();
    all.sort();
    all
}

fn names(lab: &Lab) -> Vec<String> {
    there(lab).into_iter().map(|(name, _)| name).collect()
}

/// An issue with a file, and a comment with another one.
fn issue(lab: &Lab) -> u64 {
    let (text, comment) = (keep(lab, "text.txt"), keep(lab, "comment.txt"));
    let iid = lab.open("T", &format!("[a]({text})"));
    lab.comment(iid, &format!("[b]({comment})"));
    iid
}

fn hide(lab: &Lab, iid: u64, hidden: bool) {
    lab.sim.advance(300);
    lab.edit(iid, |issue| issue.confidential = hidden);
}

/// Every file of the target is one that a text of it has.
fn all_are_linked(lab: &Lab) {
    let mirrored = lab.mirrored();
    let mut texts = String::new();
    for issue in &mirrored {
        texts.push_str(issue.description.as_deref().unwrap());
        issue
            .notes
            .iter()
            .for_each(|note| texts.push_str(&note.body));
    }
    for (_, link) in there(lab) {
        assert!(texts.contains(&link), "{link}: {texts}");
    }
}

#[test]
fn p7_files_of_what_is_hidden_are_deleted_and_come_back_with_it() {
    let lab = Lab::new("");
    let iid = issue(&lab);
    lab.sync();
    let before = there(&lab);
    assert_eq!(before.len(), 2);
    hide(&lab, iid, true);
    let pair = lab.sync();
    assert_eq!(
        (&pair["hidden"], &pair["attachments"]["deleted"]),
        (&1.into(), &2.into())
    );
    assert_eq!(names(&lab), Vec::<String>::new());
    lab.sim.advance(300);
    lab.idle();
    hide(&lab, iid, false);
    let pair = lab.sync();
    assert_eq!(pair["attachments"]["copied"], 2, "{pair:#}");
    assert_eq!(names(&lab), ["comment.txt", "text.txt"]);
    assert!(there(&lab).iter().all(|file| !before.contains(file)));
    all_are_linked(&lab);
    assert!(!lab.mirrored()[0].confidential);
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p7_what_is_carried_on_hidden_has_files_of_another_link() {
    let lab = Lab::new("sync_confidential: true");
    let iid = issue(&lab);
    lab.sync();
    let before = there(&lab);
    hide(&lab, iid, true);
    let pair = lab.sync();
    assert_eq!(pair["attachments"]["copied"], 2, "{pair:#}");
    assert_eq!(pair["attachments"]["deleted"], 2);
    assert_eq!(names(&lab), ["comment.txt", "text.txt"]);
    assert!(there(&lab).iter().all(|file| !before.contains(file)));
    all_are_linked(&lab);
    lab.sim.advance(300);
    lab.idle();
    // Shown again it keeps them.
    hide(&lab, iid, false);
    assert_eq!(lab.sync()["attachments"]["deleted"], 0);
    all_are_linked(&lab);
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p7_a_file_that_another_text_shows_stays_until_that_is_hidden_too() {
    let lab = Lab::new("sync_confidential: true");
    let file = keep(&lab, "both.txt");
    for title in ["A", "B"] {
        lab.open(title, &format!("[a]({file})"));
    }
    lab.sync();
    let before = there(&lab);
    assert_eq!(before.len(), 1, "uploaded once");
    hide(&lab, 1, true);
    assert_eq!(lab.sync()["attachments"]["deleted"], 0);
    assert_eq!(there(&lab), before);
    lab.sim.advance(300);
    lab.idle();
    hide(&lab, 2, true);
    let pair = lab.sync();
    assert_eq!(pair["attachments"]["deleted"], 1, "{pair:#}");
    let after = there(&lab);
    assert_eq!(after.len(), 1);
    assert_ne!(after, before);
    // Both lead to the new one.
    for issue in lab.mirrored() {
        assert!(issue.description.unwrap().contains(&after[0].1));
    }
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p7_a_file_of_a_comment_that_becomes_internal_is_deleted() {
    for toggles in ["", "sync_internal_notes: true"] {
        let lab = Lab::new(toggles);
        let iid = issue(&lab);
        lab.sync();
        let before = there(&lab);
        lab.sim.advance(300);
        lab.edit(iid, |issue| issue.notes[0].internal = true);
        let pair = lab.sync();
        assert_eq!(pair["attachments"]["deleted"], 1, "{pair:#}");
        let kept = if toggles.is_empty() { 1 } else { 2 };
        assert_eq!(there(&lab).len(), kept);
        assert!(!there(&lab).contains(&before[0]), "the comment's");
        assert!(there(&lab).contains(&before[1]), "the text's");
        all_are_linked(&lab);
        lab.sim.advance(300);
        lab.idle();
    }
}

#[test]
fn p7_files_of_what_is_withdrawn_or_deleted_are_deleted() {
    for role in [Role::Maintainer, Role::Owner] {
        let lab = Lab::with("", |world| {
            world.drops_confidential = true;
            let bot = world.tokens["writer"].user;
            let target = *world.projects.keys().last().unwrap();
            world.set_role(target, bot, role);
        });
        let iid = issue(&lab);
        lab.sync();
        hide(&lab, iid, true);
        let pair = lab.sync();
        assert_eq!(pair["attachments"]["deleted"], 2, "{pair:#}");
        assert_eq!(names(&lab), Vec::<String>::new());
        hide(&lab, iid, false);
        lab.sync();
        assert_eq!(names(&lab), ["comment.txt", "text.txt"]);
        all_are_linked(&lab);
    }
}

#[test]
fn p7_what_may_not_be_deleted_is_told_once_without_its_link_and_tried_by_a_full_pass() {
    for old in [false, true] {
        let lab = Lab::new("");
        let set = |may: bool| {
            let mut world = lab.sim.world();
            if old {
                let version = if may { "18.3.0-ee" } else { "17.3.0-ee" };
                version.clone_into(&mut world.version);
            } else {
                let bot = world.tokens["writer"].user;
                let role = if may {
                    Role::Maintainer
                } else {
                    Role::Developer
                };
                world.set_role(lab.target, bot, role);
            }
        };
        let iid = issue(&lab);
        set(false);
        lab.sync();
        hide(&lab, iid, true);
        let pair = lab.sync();
        let told = pair["warnings"].to_string();
        assert!(told.contains("2 of its files stay"), "{told}");
        let why = if old { "17.4" } else { "Maintainer" };
        assert!(told.contains(why), "{told}");
        for (_, link) in there(&lab) {
            assert!(!pair.to_string().contains(&link[..42]), "{pair:#}");
        }
        lab.sim.advance(300);
        lab.idle();
        set(true);
        lab.sim.advance(300);
        let pair = lab.sync_with(&["--full"], 0);
        assert_eq!(pair["attachments"]["deleted"], 2, "{pair:#}");
        assert_eq!(names(&lab), Vec::<String>::new());
    }
}

#[test]
fn p7_a_deletion_that_fails_is_told_and_done_by_the_next_pass() {
    for fault in [Fault::Status(500), Fault::CloseBefore, Fault::DropAnswer] {
        let lab = Lab::new("");
        let iid = issue(&lab);
        lab.sync();
        hide(&lab, iid, true);
        // The issue is hidden by the first one.
        lab.sim.world().plan(When::Write(2), fault);
        let pair = lab.sync_with(&[], 3);
        assert_eq!(pair["failures"][0]["stage"], "hide", "{pair:#}");
        assert!(lab.mirrored()[0].confidential);
        lab.sim.advance(300);
        lab.sync();
        assert_eq!(names(&lab), Vec::<String>::new());
        lab.sim.advance(300);
        lab.idle();
    }
}

#[test]
fn p7_of_files_of_which_little_is_remembered_it_is_told_that_they_stay() {
    for lost in [false, true] {
        let lab = Lab::new("");
        let iid = issue(&lab);
        lab.sync();
        if lost {
            lab.env.lose_store();
        } else {
            // As an older version left it.
            let store = rusqlite::Connection::open(lab.env.path("issue-mirror.db")).unwrap();
            let old = "UPDATE attachment SET counted = 0; DELETE FROM file_use;";
            store.execute_batch(old).unwrap();
        }
        hide(&lab, iid, true);
        let pair = lab.sync();
        assert_eq!(pair["hidden"], 1, "{pair:#}");
        let told = pair["warnings"].to_string();
        assert!(told.contains("2 of its files stay"), "{told}");
        assert_eq!(names(&lab).len(), 2);
        lab.sim.advance(300);
        lab.idle();
    }
}
