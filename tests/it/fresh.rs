//! What a person does who sets it up, makes mistakes and mends them.

use crate::lab::Lab;
use forge_sim::Role;

/// Two mirrored issues, the second one by the account of a new token, and a lost store.
fn by_two_accounts() -> Lab {
    let lab = Lab::new("");
    lab.open("First", "By the former account.");
    lab.comment(1, "Its comment.");
    lab.sim.advance(300);
    lab.sync();
    {
        let mut world = lab.sim.world();
        let second = world.add_user("new-bot");
        world.set_role(lab.source, second, Role::Reporter);
        world.set_role(lab.target, second, Role::Maintainer);
        world.tokens.get_mut("writer").unwrap().user = second;
    }
    lab.open("Second", "By the new account.");
    lab.sim.advance(300);
    assert_eq!(lab.sync()["issues"]["created"], 1);
    lab.sim.advance(600);
    lab.env.lose_store();
    lab
}

fn believe(lab: &Lab) {
    let path = lab.env.path("mirror.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let told = text.replace(
        "timeout_seconds: 5",
        "timeout_seconds: 5, trusted_authors: [mirror-bot]",
    );
    assert_ne!(text, told);
    lab.env.write("mirror.yaml", &told);
}

#[test]
fn p3_who_is_believed_later_is_found_by_the_next_full_pass() {
    let lab = by_two_accounts();
    let pair = lab.sync_with(&[], 3);
    let told = pair["failures"][0]["error"].as_str().unwrap();
    for word in ["mirror-bot wrote it", "`trusted_authors`", "sync --full"] {
        assert!(told.contains(word), "{told}");
    }
    believe(&lab);
    let writes = lab.sim.world().writes();
    lab.sync_with(&["--full"], 0);
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(lab.sim.world().writes(), writes);
    assert_eq!(
        (&pair["links"], &pair["dead_letters"]),
        (&2.into(), &0.into()),
        "{pair:#}"
    );
    lab.edit(1, |issue| issue.title = "New".to_owned());
    lab.sim.advance(600);
    assert_eq!(lab.sync()["issues"]["updated"], 1);
    let issues = lab.mirrored();
    assert_eq!((issues.len(), issues[0].title.as_str()), (2, "New"));
    assert_eq!(issues[0].comments().len(), 1);
}

#[test]
fn p3_who_is_still_not_believed_is_told_once() {
    let lab = by_two_accounts();
    lab.sync_with(&[], 3);
    let pair = lab.sync_with(&["--full"], 0);
    assert_eq!(pair["dead_letters"], 1);
    // And what people changed around a marker likewise.
    believe(&lab);
    lab.sim
        .world()
        .issue_mut(lab.target, 1)
        .description
        .as_mut()
        .unwrap()
        .push_str("\n\nTheirs.");
    let pair = lab.sync_with(&["--full"], 0);
    assert_eq!(pair["dead_letters"], 1);
    assert_eq!(lab.mirrored().len(), 2);
}

/// Two issues of the target that name one original, and a lost store.
fn contested() -> Lab {
    let lab = Lab::new("");
    lab.open("First", "x");
    lab.sim.advance(300);
    lab.sync();
    {
        let mut world = lab.sim.world();
        let there = world.issue(lab.target, 1);
        let (bot, text) = (there.author, there.description.clone().unwrap());
        let at = text.find("(imk").unwrap();
        let other = format!(
            "{}(imkzzzzzzzzzzzzzzzzzzzz{}",
            &text[..at],
            &text[at + 24..]
        );
        world.open_issue(lab.target, bot, "First", &other);
    }
    lab.env.lose_store();
    lab.sync_with(&[], 3);
    lab
}

#[test]
fn p3_of_two_counterparts_the_one_that_people_leave_is_the_counterpart() {
    for gone in [1, 2] {
        let lab = contested();
        let left = 3 - gone;
        {
            let mut world = lab.sim.world();
            let target = world.projects.get_mut(&lab.target).unwrap();
            target.issues.remove(&gone);
        }
        lab.sim.advance(600);
        lab.sync_with(&["--full"], 0);
        let pair = lab.sync();
        assert_eq!(
            (&pair["links"], &pair["dead_letters"]),
            (&1.into(), &0.into()),
            "without #{gone}: {pair:#}"
        );
        lab.edit(1, |issue| issue.title = "New".to_owned());
        lab.sim.advance(600);
        lab.sync();
        let world = lab.sim.world();
        assert_eq!(world.issue(lab.target, left).title, "New");
        assert_eq!(world.projects[&lab.target].issues.len(), 1);
    }
}

#[test]
fn p3_while_two_counterparts_are_there_neither_is_joined() {
    let lab = contested();
    lab.sim.advance(600);
    for args in [&[][..], &["--full"]] {
        let pair = lab.sync_with(args, 0);
        assert_eq!(
            (&pair["links"], &pair["dead_letters"]),
            (&0.into(), &1.into()),
            "{pair:#}"
        );
    }
    assert_eq!(lab.mirrored().len(), 2);
}

#[test]
fn what_a_person_did_wrong_has_advice_that_fits() {
    let lab = Lab::new("");
    lab.open("First", "x");
    lab.sync();
    let run = lab.run(&["unlink", "app", "7"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("it has no counterpart"));
    assert!(!run.stdout.contains("hint:"), "{}", run.shown());
    let said = |args: &[&str]| {
        let run = lab.run(args);
        assert_eq!(run.code, 0);
        run.stdout
    };
    said(&["map-user", "alice", "a"]);
    let again = said(&["map-user", "alice", "a"]);
    assert!(!again.contains("it was"), "{again}");
    said(&["map-user", "alice", "other", "--pair", "app"]);
    let other = said(&["map-user", "alice", "b"]);
    assert!(other.starts_with("alice is b for every pair (it was a);"));
    let skipped = said(&["map-label", "bug", "--skip"]);
    assert!(!skipped.contains("it was"), "{skipped}");
    let label = said(&["map-label", "bug", "defect"]);
    assert!(label.contains("(it was not carried)"), "{label}");
}

#[test]
fn a_store_that_cannot_be_written_says_what_to_do() {
    let lab = Lab::new("");
    let run = lab.run(&["sync", "--state", "missing/x.db"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("missing/x.db cannot be used"));
    assert!(run.stderr.contains("--state"), "{}", run.stderr);
    lab.sync();
    // Nothing more can be written into it, from the very beginning of a run on.
    let store = rusqlite::Connection::open(lab.env.path("issue-mirror.db")).unwrap();
    store
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON holder BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END")
        .unwrap();
    drop(store);
    let run = lab.run(&["sync"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("issue-mirror.db"), "{}", run.stderr);
    assert!(run.stderr.contains("Make room"), "{}", run.stderr);
}

#[test]
fn an_address_of_https_where_nothing_speaks_it_says_so() {
    let lab = Lab::new("");
    let path = lab.env.path("mirror.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    lab.env
        .write("mirror.yaml", &text.replace("http://", "https://"));
    let run = lab.run(&["check"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("speaks no TLS"), "{}", run.shown());
}

#[test]
fn p10_settings_that_were_tried_on_a_part_of_it_are_taken_back() {
    for tried in [&["app", "--issue", "1"][..], &["--max-requests", "22"]] {
        let lab = Lab::new("");
        for number in 1..=9 {
            lab.open(&format!("Title {number}"), "x");
        }
        lab.sim.advance(300);
        lab.sync();
        lab.sim.advance(600);
        let before: Vec<_> = lab.mirrored().into_iter().map(|i| i.description).collect();
        lab.configure("notice: true\nlabel_strategy: affix\nlabel_prefix: p-");
        lab.run(&[&["sync"], tried].concat());
        let is_told =
            |i: &forge_sim::Issue| i.description.as_ref().unwrap().contains("overwritten");
        let told = lab.mirrored().iter().filter(|i| is_told(i)).count();
        assert!((1..9).contains(&told), "{told}");
        lab.configure("");
        lab.sim.advance(600);
        assert_eq!(lab.sync()["issues"]["updated"], told);
        let after: Vec<_> = lab.mirrored().into_iter().map(|i| i.description).collect();
        assert_eq!(before, after);
        lab.sim.advance(600);
        lab.idle();
        lab.sim.advance(600);
        assert_eq!(lab.idle(), 1);
    }
}
