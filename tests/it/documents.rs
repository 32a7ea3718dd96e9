//! README, the example configuration and the quickstart, held against the program.

use crate::env::{Env, PROGRAM};
use issue_mirror::config::{Config, pair_keys};
use issue_mirror::model::RowState;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn project(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

fn read(relative: &str) -> String {
    fs::read_to_string(project(relative)).unwrap()
}

/// The text between two marks.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    text.split_once(from).unwrap().1.split_once(to).unwrap().0
}

#[test]
fn the_usage_in_readme_is_that_of_the_program() {
    let output = Command::new(PROGRAM)
        .arg("-h")
        .env_clear()
        .output()
        .unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let readme = read("README.md");
    assert_eq!(
        between(&readme, "$ issue-mirror -h\n", "\n```"),
        help.trim_end()
    );
}

#[test]
fn every_command_has_help_with_examples() {
    for command in [
        "sync",
        "status",
        "check",
        "map-user",
        "map-label",
        "map-milestone",
        "link",
        "unlink",
    ] {
        let output = Command::new(PROGRAM)
            .args([command, "--help"])
            .env_clear()
            .output()
            .unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(help.contains("Examples:\n  issue-mirror"), "{help}");
    }
}

#[test]
fn the_states_in_readme_and_in_the_help_are_those_that_are_shown() {
    let run = Command::new(PROGRAM)
        .args(["status", "--help"])
        .env_clear()
        .output()
        .unwrap();
    let help = String::from_utf8(run.stdout).unwrap();
    let rows: String = RowState::WORDS
        .iter()
        .map(|(word, _, meaning)| format!("| `{word}` | {meaning} |\n"))
        .collect();
    let readme = read("README.md");
    let table = between(&readme, "| state | what it says |\n| --- | --- |\n", "\n\n");
    assert_eq!(table, rows.trim_end());
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for (word, _, meaning) in RowState::WORDS {
        assert!(help.contains(&format!("- {word}: {meaning}")), "{help}");
    }
}

#[test]
fn the_contents_of_readme_name_every_chapter() {
    let readme = read("README.md");
    let contents = between(&readme, "\n[Five minutes", "\n\n");
    let anchors = contents.split("](#").skip(1);
    let anchors: Vec<&str> = anchors.map(|rest| between(rest, "", ")")).collect();
    let is_code = |block: &(usize, &str)| block.0 % 2 == 1;
    let blocks = readme.split("\n```").enumerate();
    let prose: Vec<&str> = blocks
        .filter(|b| !is_code(b))
        .map(|(_, text)| text)
        .collect();
    let prose = prose.join("\n");
    let heads = prose.lines().filter(|line| line.starts_with("##"));
    let heads: Vec<String> = heads
        .map(|head| {
            let title = head.trim_start_matches('#').trim().to_lowercase();
            let kept = title.chars().filter(|c| c.is_alphanumeric() || *c == ' ');
            kept.collect::<String>().replace(' ', "-")
        })
        .collect();
    assert_eq!(anchors, heads);
}

#[test]
fn exactly_two_commands_do_all_the_set_up() {
    let readme = read("README.md");
    let start = between(&readme, "## Five minutes", "## A mirror of your own");
    let commands: Vec<&str> = start
        .split("```sh\n")
        .skip(1)
        .map(|block| block.split_once("\n```").unwrap().0)
        .collect();
    assert_eq!(
        commands,
        [
            "cargo run -- sync --config examples/quickstart/mirror.yaml",
            "cargo test --workspace"
        ]
    );
    let ci = read(".ci/run");
    assert!(
        ci.contains("\ncargo test --workspace"),
        "CI runs the test command of README"
    );
}

#[test]
fn the_quickstart_says_what_readme_says() {
    let env = Env::empty();
    copy(
        &project("examples/quickstart"),
        &env.path("examples/quickstart"),
    );
    let run = env.run(&["sync", "--config", "examples/quickstart/mirror.yaml"]);
    let readme = read("README.md");
    let shown = between(&readme, "```text\nteapot: ", "\n```").to_owned();
    let time = regex::Regex::new(r"in \d+ ms").unwrap();
    let expected = time.replace(&shown, "in TIME");
    assert_eq!(
        run.shown(),
        format!("exit 0\n--- stdout\nteapot: {expected}\n")
    );
    let again = env.run(&["sync", "--config", "examples/quickstart/mirror.yaml"]);
    assert!(
        again.stdout.contains("nothing changed"),
        "{}",
        again.shown()
    );
    // What README tells people to try.
    let file = env.path("examples/quickstart/tracker/issues/2/issue.md");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("how often", "how often and when")).unwrap();
    let run = env.run(&["sync", "--config", "examples/quickstart/mirror.yaml"]);
    assert!(
        run.stdout.contains("1 updated, 5 unchanged"),
        "{}",
        run.shown()
    );
}

/// Copies what a clone would have.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if name == "mirror" || name.to_string_lossy().starts_with("issue-mirror.db") {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

#[test]
fn the_example_configuration_is_right_and_has_every_key() {
    let text = read("mirror.example.yaml");
    let config = Config::parse(&text, Path::new("")).unwrap_or_else(|problems| {
        panic!("{}", problems.render("mirror.example.yaml", &text, false))
    });
    assert_eq!(config.pairs.len(), 1);
    for key in pair_keys() {
        assert!(text.contains(&format!(" {key}:")), "{key} is missing");
    }
}

#[test]
fn the_defaults_in_the_example_are_those_of_the_program() {
    // Taking a line with a default away must change nothing.
    let text = read("mirror.example.yaml");
    let keeps = |line: &str| {
        let key = line.trim().split(':').next().unwrap();
        let is_default =
            pair_keys().contains(&key) && !["only", "labels", "users", "milestones"].contains(&key);
        !is_default
    };
    let without: String = text
        .lines()
        .filter(|line| line.trim().starts_with('#') || keeps(line))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(without.len() < text.len() - 1000);
    let parse = |text: &str| {
        let config = Config::parse(text, Path::new("")).unwrap();
        format!("{:#?}", config.pairs)
    };
    assert_eq!(parse(&text), parse(&without));
}

#[test]
fn the_configuration_in_readme_is_right() {
    let readme = read("README.md");
    let yaml = between(&readme, "```yaml\n", "\n```");
    let config = Config::parse(yaml, Path::new("")).unwrap();
    assert_eq!(config.pairs[0].name, "payments");
    let wrong = yaml.replace("    sync_existing_issues: true", "    sync_coments: true");
    let env = Env::empty();
    env.write("mirror.yaml", &wrong);
    let said = env.run(&["sync"]).stderr;
    assert!(
        readme.contains(said.trim_end()),
        "README shows something else than\n{said}"
    );
}

#[test]
fn the_issue_in_readme_is_one() {
    let readme = read("README.md");
    let issue = between(&readme, "```markdown\n---\n", "\n```");
    let env = Env::new("sync_closed_issues: true");
    env.source()
        .write("issues/1/issue.md", &format!("---\n{issue}\n"));
    assert_eq!(env.sync()["issues"]["created"], 1);
    assert_eq!(env.target().read(1).mirrored_text(), "Text, in Markdown.");
}
