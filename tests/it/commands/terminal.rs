//! What reaches the terminal: colours and logs where they are wanted, and nothing that acts.

use crate::env::Env;

#[test]
fn colours_and_logs_go_where_they_are_wanted() {
    let env = Env::new("");
    env.source().issue(1, "title: One", "x");
    let run = env.run(&["sync", "--color", "always", "--dry-run"]);
    assert!(run.stdout.contains("\u{1b}["));
    let run = env.run(&["-v", "sync"]);
    assert!(
        !run.stdout.contains("\u{1b}[") && !run.stderr.contains("\u{1b}["),
        "{}",
        run.shown()
    );
    assert!(run.stderr.contains("issue created"), "{}", run.shown());
    env.source().edit("issues/1/issue.md", "One", "Uno");
    let run = env.run(&["-v", "--log-format", "json", "sync"]);
    let line: serde_json::Value = serde_json::from_str(run.stderr.lines().next().unwrap()).unwrap();
    assert_eq!(line["fields"]["message"], "issue changed");
    assert_eq!(env.run(&["-v", "-q", "sync"]).code, 2);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let env = Env::new("");
    env.source().issue(1, "title: One", "x");
    let mut child = env
        .command(&["sync"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn nothing_from_the_outside_reaches_the_terminal_as_a_command() {
    let env = Env::new("");
    let source = env.source();
    source.issue(
        1,
        "title: \"T\\e[31mred\\a\\u202e\"\nlabels: [\"l\\e[2J\"]",
        "x",
    );
    source.issue(2, "title: T\nweight: \"\\e[2J\"", "x");
    for args in [
        &["sync", "--dry-run"][..],
        &["sync"],
        &["status", "--issues"],
    ] {
        let run = env.run(args);
        for text in [&run.stdout, &run.stderr] {
            assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
        }
    }
}
