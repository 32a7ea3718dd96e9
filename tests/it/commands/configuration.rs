//! What people see of a configuration, from wherever it comes.

use crate::env::Env;

#[test]
fn a_configuration_that_is_wrong_is_shown_line_by_line_and_nothing_is_contacted() {
    let env = Env::empty();
    env.write(
        "mirror.yaml",
        "instances:
  here: { forge: directory, path: source }
pairs:
  - name: demo
    source: { instance: heer, project: a }
    target: { instance: here, project: b }
    sync_coments: true
    sync_labels: yes
",
    );
    assert_eq!(
        env.run(&["sync"]).shown(),
        "exit 2
--- stderr
error: there is no instance `heer`
 --> mirror.yaml:5:25
  |
5 |     source: { instance: heer, project: a }
  |                         ^^^^ did you mean `here`?
error: `sync_coments` is not a key of the pair `demo`
 --> mirror.yaml:7:5
  |
7 |     sync_coments: true
  |     ^^^^^^^^^^^^ did you mean `sync_comments`?
error: `sync_labels` cannot be `yes`
 --> mirror.yaml:8:18
  |
8 |     sync_labels: yes
  |                  ^^^ write `true`
error: 3 problems in mirror.yaml; nothing was contacted.
"
    );
    assert_eq!(std::fs::read_dir(env.path("")).unwrap().count(), 1);
    assert_eq!(
        env.run(&["sync", "--config", "missing.yaml"]).shown(),
        "exit 2\n--- stderr\nerror: missing.yaml: there is no such file. Name one with --config, or copy mirror.example.yaml and change it.\n"
    );
}

#[test]
fn the_configuration_comes_from_a_variable_or_from_standard_input() {
    use std::io::Write;
    let env = Env::new("");
    env.source().issue(1, "title: One", "x");
    std::fs::rename(env.path("mirror.yaml"), env.path("other.yaml")).unwrap();
    let output = env
        .command(&["sync"])
        .env("ISSUE_MIRROR_CONFIG", "other.yaml")
        .output()
        .unwrap();
    assert!(output.status.success());
    let mut child = env
        .command(&["sync", "--config", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let config = std::fs::read(env.path("other.yaml")).unwrap();
    child.stdin.take().unwrap().write_all(&config).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("nothing changed")
    );
}
