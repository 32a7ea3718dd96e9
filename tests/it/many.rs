//! Texts that have more of something than any author writes.

use crate::env::Env;
use crate::lab::{Lab, author_text};
use std::fs;

/// The author's text of a mirrored issue.
fn text(lab: &Lab, number: usize) -> String {
    let description = lab.mirrored().remove(number).description.unwrap();
    author_text(&description).to_owned()
}

#[test]
fn p9_more_references_than_are_looked_up_are_counted_and_inert() {
    let lab = Lab::new("");
    lab.open("One", "x");
    let many: String = (10_000..15_001)
        .map(|number| format!("#{number} "))
        .collect();
    lab.open("Two", &format!("#1 {many} #1 #15001"));
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["issues"]["created"], 2);
    let not_carried = &pair["not_carried"][0];
    assert_eq!(not_carried["field"], "references");
    assert_eq!(not_carried["count"], 1);
    let there = text(&lab, 1);
    assert!(
        there.starts_with("#1 [#\u{2060}10000]("),
        "{}",
        &there[..80]
    );
    // What was looked up once is known however late it comes.
    assert!(
        there.ends_with(" #1 #\u{2060}15001"),
        "{}",
        &there[there.len() - 80..]
    );
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn one_reference_that_leads_nowhere_takes_the_place_of_no_other() {
    let lab = Lab::new("provenance: opaque\nprovenance_key_env: KEY");
    let sync = || {
        let run = lab.run_with(
            &["sync"],
            &[("KEY", "a secret of more than thirty-two letters")],
        );
        assert_eq!(run.code, 0, "{}", run.stderr);
    };
    lab.open("One", "x");
    lab.open("Two", &format!("{}#1", "#9 ".repeat(5001)));
    lab.sim.advance(300);
    sync();
    let there = text(&lab, 1);
    assert!(
        there.ends_with("#\u{2060}9 #1"),
        "{}",
        &there[there.len() - 80..]
    );
}

#[test]
fn a_file_is_one_however_it_is_spelled() {
    let env = Env::new("");
    let file = env.path("source/attachments/a.bin");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, b"bin").unwrap();
    let many: String = (0..2000)
        .map(|number| format!("[a](../../attachments/a.bin?{number})\n"))
        .collect();
    env.source().issue(1, "title: T", &many);
    let pair = env.sync();
    assert_eq!(pair["attachments"]["copied"], 1);
    assert_eq!(pair["attachments"]["reused"], 1999);
    let issue = env.target().read(1);
    let there = issue.mirrored_text();
    assert_eq!(there.lines().count(), 2000);
    assert!(!there.contains('?'), "{}", &there[..80]);
}
