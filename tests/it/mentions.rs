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
    let lab = lab("users: { all: robert, team/sub: robert }
mentions: notify");
    lab.sync();
    assert_eq!(mails(&lab), Vec::<String>::new());
    assert_eq!(texts(&lab).0, "Ask @·bob, @·carol, @·team/sub and @·all.");
    // What is no account of one is none, wherever it is said.
    let before = lab.sim.world().received;
    for account in [
        "all",
        "all.",
        "all ",
        "robert @all",
        "robert#3",
        "mirrors/app",
        "robert.git",
    ] {
        lab.configure(&format!(
            "users: {{ bob: \"{account}\" }}\nmentions: notify"
        ));
        let run = lab.run(&["sync"]);
        assert_eq!(run.code, 2, "{}", run.shown());
        let said = format!("`users` maps `bob` to `{account}`, which is no account");
        assert!(run.shown().contains(&said), "{}", run.shown());
        lab.configure("mentions: notify");
        if account != account.trim() {
            continue;
        }
        let run = lab.run(&["map-user", "bob", account]);
        assert_eq!(run.code, 2, "{}", run.shown());
    }
    lab.configure("assignee_fallback: all");
    assert_eq!(lab.run(&["sync"]).code, 2);
    assert_eq!(lab.sim.world().received, before, "nothing was contacted");
}

#[test]
fn p8_what_an_older_version_let_into_the_store_reaches_nobody() {
    let lab = lab("mentions: notify");
    assert_eq!(lab.run(&["map-user", "bob", "robert"]).code, 0);
    let store = rusqlite::Connection::open(lab.env.path("issue-mirror.db")).unwrap();
    let changed = store
        .execute("UPDATE name_map SET target = 'all.'", [])
        .unwrap();
    assert_eq!(changed, 1);
    drop(store);
    lab.sync();
    assert_eq!(mails(&lab), Vec::<String>::new());
    assert!(
        texts(&lab).0.starts_with("Ask @·bob, "),
        "{:?}",
        texts(&lab)
    );
}

#[test]
fn p8_an_account_is_the_same_in_large_letters() {
    let lab = lab("users: { BOB: robert }\nmentions: notify");
    lab.open("Another", "@bob @Bob @BOB");
    lab.edit(1, |issue| issue.description = Some("See.".to_owned()));
    lab.sim.advance(300);
    lab.sync();
    let text = lab.mirrored()[1].description.clone().unwrap();
    assert_eq!(author_text(&text), "@robert @robert @robert");
    assert_eq!(texts(&lab).1, "Not `@bob` but @robert.");
    // What is said of a pair comes before what is said in the file.
    let mapping = ["map-user", "Bob", "caroline", "--pair", "app"];
    assert_eq!(lab.run(&mapping).code, 0);
    lab.sim.advance(300);
    lab.sync();
    let text = lab.mirrored()[1].description.clone().unwrap();
    assert_eq!(author_text(&text), "@caroline @caroline @caroline");
    lab.configure("users: { bob: robert, Bob: robert }");
    let run = lab.run(&["sync"]);
    assert_eq!(run.code, 2, "{}", run.shown());
    assert!(run.shown().contains("twice"), "{}", run.shown());
}
