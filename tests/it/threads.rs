//! Threads stay threads, those of internal notes too.

use crate::env::Env;
use crate::lab::{Lab, author_comment};
use crate::tracker::Comment;
use forge_sim::{Fault, Note, When};

/// The comments of the first mirrored issue: their text, the text of the first one of their thread,
/// and whether members only see them.
fn mirrored(lab: &Lab) -> Vec<(String, String, bool)> {
    let issues = lab.mirrored();
    let text = |note: &Note| author_comment(&note.body).1.to_owned();
    let notes = issues[0].comments();
    let shown = notes.iter().map(|note| {
        let mut thread = notes.iter().filter(|n| n.discussion == note.discussion);
        (text(note), text(thread.next().unwrap()), note.internal)
    });
    shown.collect()
}

fn row(text: &str, first: &str, internal: bool) -> (String, String, bool) {
    (text.to_owned(), first.to_owned(), internal)
}

fn reply(lab: &Lab, iid: u64, to: u64, text: &str) -> u64 {
    let mut world = lab.sim.world();
    world.reply(lab.source, iid, to, lab.alice, text)
}

#[test]
fn threads_stay_threads_and_a_second_pass_writes_nothing() {
    let lab = Lab::new("");
    let iid = lab.open("T", "x");
    let first = lab.comment(iid, "First");
    lab.comment(iid, "Alone");
    reply(&lab, iid, first, "Answer");
    lab.sync();
    let mut expected = vec![
        row("First", "First", false),
        row("Alone", "Alone", false),
        row("Answer", "First", false),
    ];
    assert_eq!(mirrored(&lab), expected);
    lab.sim.advance(600);
    lab.idle();
    // One more, by a run that knows nothing of the discussion.
    reply(&lab, iid, first, "Late answer");
    lab.sync();
    expected.push(row("Late answer", "First", false));
    assert_eq!(mirrored(&lab), expected);
    lab.sim.advance(600);
    lab.idle();
}

#[test]
fn a_thread_goes_on_where_its_first_comment_is_gone() {
    let lab = Lab::new("");
    let iid = lab.open("T", "x");
    let first = lab.comment(iid, "First");
    let second = reply(&lab, iid, first, "Second");
    lab.sync();
    // People delete the first one on the target, then the source goes on.
    let target = lab.target;
    lab.sim.world().issue_mut(target, 1).notes.remove(0);
    lab.sim.advance(600);
    reply(&lab, iid, first, "Third");
    lab.sync();
    assert_eq!(
        mirrored(&lab)[..2],
        [
            row("Second", "Second", false),
            row("Third", "Second", false)
        ]
    );
    // Nothing of the thread is left there: what follows stands by itself.
    lab.sim.world().issue_mut(target, 1).notes.clear();
    reply(&lab, iid, second, "Fourth");
    lab.sim.advance(600);
    lab.sync();
    let last = mirrored(&lab).pop().unwrap();
    assert_eq!(last, row("Fourth", "Fourth", false));
}

#[test]
fn p1_an_older_store_finds_answers_that_are_there() {
    let lab = Lab::new("");
    let iid = lab.open("T", "x");
    lab.sync();
    let store = std::fs::read(lab.env.path("issue-mirror.db")).unwrap();
    lab.sim.advance(600);
    let first = lab.comment(iid, "First");
    reply(&lab, iid, first, "Second");
    reply(&lab, iid, first, "Third");
    lab.sync();
    let expected = [
        row("First", "First", false),
        row("Second", "First", false),
        row("Third", "First", false),
    ];
    assert_eq!(mirrored(&lab), expected);
    std::fs::write(lab.env.path("issue-mirror.db"), &store).unwrap();
    lab.sim.advance(600);
    lab.sync();
    assert_eq!(mirrored(&lab), expected);
}

#[test]
fn p7_internal_threads_stay_internal_or_at_home() {
    for (toggles, carried) in [("", false), ("sync_internal_notes: true", true)] {
        let lab = Lab::new(toggles);
        let iid = lab.open("T", "x");
        let secret = lab.comment(iid, "CANARY one");
        let source = lab.source;
        for note in &mut lab.sim.world().issue_mut(source, iid).notes {
            note.internal = true;
        }
        let open = lab.comment(iid, "Open");
        reply(&lab, iid, secret, "CANARY two");
        reply(&lab, iid, open, "Answer");
        lab.sync();
        let mut expected = vec![row("Open", "Open", false), row("Answer", "Open", false)];
        if carried {
            expected.insert(0, row("CANARY one", "CANARY one", true));
            expected.insert(2, row("CANARY two", "CANARY one", true));
        }
        assert_eq!(mirrored(&lab), expected);
        let world = lab.sim.world();
        let seen = world
            .projects
            .get(&lab.target)
            .unwrap()
            .issues
            .values()
            .flat_map(|issue| &issue.notes)
            .filter(|note| !note.internal && note.body.contains("CANARY"));
        assert_eq!(seen.count(), 0);
    }
}

#[test]
fn p7_an_internal_answer_never_goes_into_a_public_thread() {
    let env = Env::new("sync_internal_notes: true");
    env.source().issue(1, "title: T\nauthor: a", "x");
    env.source().comment(1, 1, "author: bob", "Open");
    env.source()
        .comment(1, 2, "author: bob\ninternal: true\nreply_to: 1", "Hidden");
    env.source()
        .comment(1, 3, "author: bob\nreply_to: 2", "Answer");
    env.sync();
    let content = |name: &str| env.target().content(&format!("issues/1/{name}"));
    assert!(!content("comment-0001.md").contains("reply_to"));
    assert!(content("comment-0002.md").contains("internal: true\n"));
    assert!(!content("comment-0002.md").contains("reply_to"));
    assert!(content("comment-0003.md").contains("reply_to: 1\n"));
    // The first becomes internal: its counterpart goes and comes again, the answers stay.
    env.source().edit(
        "issues/1/comment-0001.md",
        "author: bob",
        "author: bob\ninternal: true",
    );
    env.sync();
    let comments = env.target().read(1).comments;
    let texts: Vec<_> = comments.iter().map(Comment::mirrored_text).collect();
    assert_eq!(texts, ["Hidden", "Answer", "Open"]);
    let open = content("comment-0004.md");
    assert!(open.contains("internal: true\nreply_to: 2\n"), "{open}");
}

#[test]
fn a_comment_that_answers_itself_is_told_of() {
    let env = Env::new("");
    env.source().issue(1, "title: T\nauthor: a", "x");
    env.source()
        .comment(1, 1, "author: bob\nreply_to: 1", "Mine");
    let run = env.run(&["sync"]);
    assert_eq!(run.code, 3, "{}", run.shown());
    assert!(
        run.shown().contains("a comment answers an earlier one"),
        "{}",
        run.shown()
    );
}

#[test]
fn a_thread_is_found_among_more_discussions_than_fit_on_a_page() {
    let lab = Lab::new("");
    let iid = lab.open("T", "x");
    for n in 0..120 {
        lab.comment(iid, &format!("Alone {n}"));
    }
    let late = lab.comment(iid, "First");
    reply(&lab, iid, late, "Answer");
    lab.sync();
    let all = mirrored(&lab);
    assert_eq!(all.len(), 122);
    assert_eq!(all[121], row("Answer", "First", false));
}

#[test]
fn p1_an_answer_whose_fate_is_unknown_is_written_once_and_in_its_thread() {
    for fault in [Fault::DropAnswer, Fault::CutBody, Fault::StatusAfter(502)] {
        let lab = Lab::new("");
        let iid = lab.open("T", "x");
        let first = lab.comment(iid, "First");
        reply(&lab, iid, first, "Second");
        reply(&lab, iid, first, "Third");
        // A label, the issue, its first comment, then the answer.
        lab.sim.world().plan(When::Write(4), fault.clone());
        let run = lab.run(&["sync"]);
        assert!([0, 3].contains(&run.code), "{}", run.shown());
        lab.sim.advance(600);
        lab.retry_now();
        lab.sync();
        let expected = [
            row("First", "First", false),
            row("Second", "First", false),
            row("Third", "First", false),
        ];
        assert_eq!(mirrored(&lab), expected, "{fault:?}");
    }
}

#[test]
fn a_thread_that_goes_between_look_up_and_answer_blocks_nothing() {
    let lab = Lab::new("");
    let iid = lab.open("T", "x");
    let first = lab.comment(iid, "First");
    reply(&lab, iid, first, "Second");
    // A label, the issue, its first comment, then the answer.
    lab.sim.world().plan(When::Write(4), Fault::Status(404));
    lab.sync();
    let expected = [row("First", "First", false), row("Second", "Second", false)];
    assert_eq!(mirrored(&lab), expected);
}

#[test]
fn p7_an_answer_that_became_public_after_all_is_taken_away_at_once() {
    let lab = Lab::new("sync_internal_notes: true");
    let iid = lab.open("T", "x");
    let first = lab.comment(iid, "First");
    let source = lab.source;
    lab.sim.world().issue_mut(source, iid).notes[0].internal = true;
    reply(&lab, iid, first, "CANARY");
    let public = vec![("internal", false.into()), ("confidential", false.into())];
    let answer = Fault::Fields(public);
    lab.sim.world().plan(When::Write(4), answer);
    lab.sync_with(&[], 3);
    assert_eq!(mirrored(&lab), [row("First", "First", true)]);
}

#[test]
fn threads_that_cannot_be_read_are_told_of_and_keep_no_comment_back() {
    for status in [403, 404] {
        let lab = Lab::new("");
        for title in ["T", "U"] {
            let iid = lab.open(title, "x");
            let first = lab.comment(iid, "First");
            reply(&lab, iid, first, "Second");
        }
        lab.sim.advance(300);
        let discussions = When::Every("GET", "/discussions");
        lab.sim.world().plan(discussions, Fault::Status(status));
        let pair = lab.sync();
        let expected = [row("First", "First", false), row("Second", "Second", false)];
        assert_eq!(mirrored(&lab), expected);
        let told = pair["not_carried"].as_array().unwrap();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(
            (&told[0]["field"], &told[0]["count"]),
            (&"threads".into(), &2.into())
        );
        lab.idle();
        // What is written once they can be read goes where it belongs.
        lab.sim.world().calm();
        let first = lab.sim.world().issue(lab.source, 1).notes[0].id;
        reply(&lab, 1, first, "Third");
        lab.sim.advance(300);
        let pair = lab.sync();
        assert_eq!(mirrored(&lab)[2], row("Third", "First", false));
        assert_eq!(pair["not_carried"], serde_json::json!([]));
    }
}

#[test]
fn p9_a_target_whose_threads_cannot_be_read_gets_plain_comments() {
    let lab = Lab::new("");
    let iid = lab.open("T", "x");
    lab.comment(iid, "First");
    lab.sync();
    let first = lab.sim.world().issue(lab.source, iid).notes[0].id;
    reply(&lab, iid, first, "Second");
    lab.sim.advance(300);
    let discussions = When::Every("GET", "mirrors%2Fapp/issues/1/discussions");
    lab.sim.world().plan(discussions, Fault::Status(404));
    let pair = lab.sync();
    let told = pair["not_carried"].as_array().unwrap();
    assert!(told.iter().any(|row| row["field"] == "threads"), "{told:?}");
    let expected = [row("First", "First", false), row("Second", "Second", false)];
    assert_eq!(mirrored(&lab), expected);
    lab.idle();
}
