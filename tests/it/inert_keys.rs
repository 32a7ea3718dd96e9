//! P8: text of the source writes nothing into the tracker that the target is connected with, where the
//! configuration says what its keys begin with.

use crate::lab::{Lab, author_comment, author_text, shown};
use forge_sim::{Named, World};

/// A target that is connected with Jira, which has two projects.
fn lab(toggles: &str) -> Lab {
    let connect = |world: &mut World| {
        let mut projects = world.projects.values_mut();
        let target = projects.find(|project| project.path == "mirrors/app");
        target.unwrap().connect("jira", &["ABC", "DEF"]);
    };
    Lab::with(toggles, connect)
}

/// The keys that Jira heard of.
fn heard(lab: &Lab) -> Vec<String> {
    let world = lab.sim.world();
    let heard = world.backlinks.iter().map(|(named, ..)| match named {
        Named::Ticket(_, key) => key.clone(),
        other => panic!("{other:?}"),
    });
    let mut heard: Vec<String> = heard.collect();
    heard.sort();
    heard
}

/// An issue with keys wherever text can stand.
fn open(lab: &Lab) {
    lab.open(
        "As ABC-1",
        "See ABC-2, DEF-2 and UTF-8.\n\n`ABC-3` https://e.org/ABC-4",
    );
    lab.comment(1, "[ABC-5](ABC-6)\n\n<p>ABC&#45;7</p>");
    let mut world = lab.sim.world();
    let alice = world.users.get_mut(&lab.alice).unwrap();
    "Alice of ABC-8".clone_into(&mut alice.name);
}

/// Title, text and comment of the counterpart.
fn texts(lab: &Lab) -> [String; 3] {
    let issue = lab.mirrored().remove(0);
    let comment = shown(author_comment(&issue.comments()[0].body).1);
    [
        shown(&issue.title),
        shown(author_text(issue.description.as_deref().unwrap())),
        comment,
    ]
}

#[test]
fn p8_keys_are_names_elsewhere_until_somebody_says_them() {
    let lab = lab("");
    open(&lab);
    lab.sync();
    // What it costs not to say them, and why nobody can be spared saying them.
    assert!(
        heard(&lab).starts_with(&["ABC-1".to_owned()]),
        "{:?}",
        heard(&lab)
    );
    assert_eq!(texts(&lab)[0], "As ABC-1");
}

#[test]
fn p8_keys_that_are_said_write_nothing_elsewhere() {
    let lab = lab("inert_keys: [DEF, ABC]");
    open(&lab);
    lab.sync();
    assert_eq!(heard(&lab), Vec::<String>::new());
    let [title, text, comment] = texts(&lab);
    assert_eq!(title, "As ABC-·1");
    assert_eq!(
        text,
        "See ABC-·2, DEF-·2 and UTF-8.\n\n`ABC-3` https://e.org/ABC-4"
    );
    let issue = lab.mirrored().remove(0);
    let whole = shown(issue.description.as_deref().unwrap());
    assert!(whole.contains("Alice of ABC-·8"), "{whole}");
    // The address of that link is a page of the source.
    assert!(comment.starts_with("[ABC-·5](http"), "{comment}");
    assert!(comment.ends_with("<p>ABC&#45;·7</p>"), "{comment}");
    // Later, too.
    lab.edit(1, |issue| {
        issue.title = "As DEF-9".to_owned();
        issue.description = Some("ABC-10".to_owned());
    });
    lab.comment(1, "ABC-11");
    lab.later();
    assert_eq!(texts(&lab)[..2], ["As DEF-·9", "ABC-·10"]);
    assert_eq!(heard(&lab), Vec::<String>::new());
    lab.sim.advance(300);
    assert_eq!(lab.idle(), 1);
}

#[test]
fn p10_keys_that_are_said_later_reach_what_is_mirrored() {
    let lab = lab("");
    open(&lab);
    lab.open("Plain", "Nothing of the kind but who wrote it.");
    lab.sync();
    lab.configure("inert_keys: [ABC]");
    let (writes, _) = lab.later();
    // One for title, text and footer, one for the comment, and one for the other footer.
    assert_eq!(writes, 3);
    let [title, text, comment] = texts(&lab);
    assert_eq!(title, "As ABC-·1");
    assert!(text.starts_with("See ABC-·2, DEF-2 and UTF-8."), "{text}");
    assert!(comment.starts_with("[ABC-·5]("), "{comment}");
    let issue = lab.mirrored().remove(0);
    let whole = shown(issue.description.as_deref().unwrap());
    assert!(whole.contains("Alice of ABC-·8"), "{whole}");
    lab.sim.advance(300);
    assert_eq!(lab.idle(), 1);
    // What is there is what is written where nothing is known of it.
    lab.env.lose_store();
    let (writes, pair) = lab.later();
    assert_eq!(writes, 0, "{pair:#}");
    // And back.
    lab.configure("");
    assert_eq!(lab.later().0, 3);
    assert_eq!(texts(&lab)[0], "As ABC-1");
    assert!(texts(&lab)[1].starts_with("See ABC-2, DEF-2"));
    lab.sim.advance(300);
    assert_eq!(lab.idle(), 1);
}

#[test]
fn p6_text_of_people_on_the_target_keeps_its_keys() {
    let lab = lab("");
    open(&lab);
    lab.sync();
    {
        let mut world = lab.sim.world();
        let now = world.clock.now();
        let issue = world.issue_mut(lab.target, 1);
        let text = issue.description.as_deref().unwrap();
        issue.description = Some(text.replacen("See ABC-2", "Look at ABC-2", 1));
        issue.updated_at = now;
    }
    lab.configure("inert_keys: [ABC]");
    lab.later();
    let [title, text, _] = texts(&lab);
    assert_eq!(title, "As ABC-·1");
    assert!(text.starts_with("Look at ABC-2, DEF-2"), "{text}");
}
