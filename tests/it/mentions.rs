//! Who is written to because a mirrored text names somebody.

use crate::lab::{Lab, author_comment, author_text};
use forge_sim::Role;

/// What stands there, with what is invisible made visible.
fn texts(lab: &Lab) -> (String, String) {
    let issue = &lab.mirrored()[0];
    let comment = issue.comments()[0].body.clone();
    let shown = |text: &str| text.replace('\u{2060}', "·");
    (
        shown(author_text(issue.description.as_deref().unwrap())),
        shown(author_comment(&comment).1),
    )
}

/// Who was written to on the target since this was last asked.
fn mails(lab: &Lab) -> Vec<String> {
    let mut world = lab.sim.world();
    let target = lab.target;
    let mails = std::mem::take(&mut world.mails);
    let names = mails
        .into_iter()
        .filter(|(_, project, _)| *project == target);
    names.map(|(name, _, _)| name).collect()
}

/// A text that names everybody, and the people of the target.
fn lab(settings: &str) -> Lab {
    let lab = Lab::with(settings, |world| {
        for name in ["robert", "caroline"] {
            let user = world.add_user(name);
            let project = world.projects.values().find(|p| p.path == "mirrors/app");
            let project = project.unwrap().id;
            world.set_role(project, user, Role::Developer);
        }
    });
    let iid = lab.open("Title of @bob", "Ask @bob, @carol, @team/sub and @all.");
    lab.comment(iid, "Not `@bob` but @bob.");
    lab.sim.advance(300);
    mails(&lab);
    lab
}

#[test]
fn p8_nobody_is_written_to_unless_the_pair_says_so() {
    let lab = lab("users: { bob: robert }");
    lab.sync();
    assert_eq!(mails(&lab), Vec::<String>::new());
    let (text, comment) = texts(&lab);
    assert_eq!(text, "Ask @·bob, @·carol, @·team/sub and @·all.");
    assert_eq!(comment, "Not `@bob` but @·bob.");
}

#[test]
fn p10_mapped_users_are_written_to_once_the_pair_says_so_and_nobody_else() {
    let lab = lab("users: { bob: robert }");
    lab.sync();
    lab.configure("users: { bob: robert }\nmentions: notify");
    assert_eq!(lab.later().0, 2, "title and description, and a comment");
    let (text, comment) = texts(&lab);
    assert_eq!(text, "Ask @robert, @·carol, @·team/sub and @·all.");
    assert_eq!(comment, "Not `@bob` but @robert.");
    assert_eq!(mails(&lab), ["robert"; 3], "its title names him too");
    assert_eq!(lab.mirrored()[0].title, "Title of @robert");
    lab.sim.advance(300);
    lab.idle();
    // Somebody who is mapped later follows, where something names them.
    assert_eq!(lab.run(&["map-user", "carol", "caroline"]).code, 0);
    assert_eq!(lab.later().0, 1);
    assert_eq!(
        texts(&lab).0,
        "Ask @robert, @caroline, @·team/sub and @·all."
    );
    assert_eq!(mails(&lab), ["caroline"]);
    // And back.
    lab.configure("users: { bob: robert }");
    assert_eq!(lab.later().0, 2);
    assert_eq!(texts(&lab).0, "Ask @·bob, @·carol, @·team/sub and @·all.");
    assert_eq!(mails(&lab), Vec::<String>::new());
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p8_no_mapping_reaches_groups_or_everybody() {
    let lab = lab(
        "users: { all: robert, team/sub: robert, bob: all, carol: mirrors/app }
mentions: notify",
    );
    lab.sync();
    assert_eq!(mails(&lab), Vec::<String>::new());
    assert_eq!(texts(&lab).0, "Ask @·bob, @·carol, @·team/sub and @·all.");
}
