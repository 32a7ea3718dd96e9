//! A directory in which the program runs, and what it says there.

use crate::tracker::Tracker;
use regex::Regex;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_issue-mirror");

/// A directory with a configuration, a source and a target tracker.
pub(crate) struct Env {
    dir: tempfile::TempDir,
}

/// How a run ended and what it said.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Env {
    /// An empty directory.
    pub(crate) fn empty() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// One pair `demo` from `source` to `target`, everything mirrored, with these lines added to
    /// the pair.
    pub(crate) fn new(toggles: &str) -> Self {
        let env = Self::empty();
        env.configure(toggles);
        env.source();
        env
    }

    /// Writes the configuration anew.
    pub(crate) fn configure(&self, toggles: &str) {
        let toggles: String = toggles
            .lines()
            .map(|line| format!("    {}\n", line.trim()))
            .collect();
        let existing = if toggles.contains("sync_existing_issues") {
            ""
        } else {
            "    sync_existing_issues: true\n"
        };
        self.write(
            "mirror.yaml",
            &format!(
                "instances:
  here: {{ forge: directory, path: source }}
  there: {{ forge: directory, path: target }}
pairs:
  - name: demo
    source: {{ instance: here, project: . }}
    target: {{ instance: there, project: . }}
{existing}{toggles}"
            ),
        );
    }

    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(relative)
    }

    pub(crate) fn write(&self, relative: &str, text: &str) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The source tracker.
    pub(crate) fn source(&self) -> Tracker {
        Tracker::begin(self.path("source"), "source-1", "plans")
    }

    /// The target tracker.
    pub(crate) fn target(&self) -> Tracker {
        Tracker::at(self.path("target"))
    }

    /// A command that runs the program here, in an empty environment.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(args)
            .current_dir(self.dir.path())
            .env_clear()
            .stdin(Stdio::null());
        command
    }

    /// Runs the program here.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.run_with(args, &[])
    }

    /// Runs the program here with these variables and no others.
    pub(crate) fn run_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Run {
        let mut command = self.command(args);
        let output = command.envs(variables.iter().copied()).output().unwrap();
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The store is gone, as with a runner that begins with an empty disk.
    pub(crate) fn lose_store(&self) {
        for end in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(self.path(format!("issue-mirror.db{end}")));
        }
    }

    /// Time passes for what waits for another try.
    pub(crate) fn retry_now(&self) {
        let store = rusqlite::Connection::open(self.path("issue-mirror.db")).unwrap();
        store.execute_batch("UPDATE retry SET next_at = 0").unwrap();
    }

    /// A pass that must succeed and say nothing on stderr; answers its JSON for the pair.
    pub(crate) fn sync(&self) -> Value {
        self.sync_with(&[], 0)
    }

    /// A pass that must end with this exit status; answers its JSON for the first pair.
    pub(crate) fn sync_with(&self, args: &[&str], code: i32) -> Value {
        let mut all = vec!["sync", "--output", "json"];
        all.extend(args);
        let run = self.run(&all);
        assert_eq!(run.code, code, "{}", run.shown());
        assert_eq!(run.stderr, "", "{}", run.shown());
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(document["exit_code"], code);
        let pair = document["pairs"][0].clone();
        adds_up(&pair);
        pair
    }

    /// A pass after which nothing may have been written on the target.
    pub(crate) fn sync_idle(&self) -> Value {
        let before = self.target().bytes();
        let pair = self.sync();
        assert_eq!(before, self.target().bytes());
        assert_eq!(pair["requests"]["target"], 0, "{pair:#}");
        pair
    }
}

/// Every issue that was seen is in exactly one count (P12).
pub(crate) fn adds_up(pair: &Value) {
    let issues = pair["issues"].as_object().unwrap();
    let sum: u64 = issues
        .iter()
        .filter(|(name, _)| *name != "seen")
        .map(|(_, count)| count.as_u64().unwrap())
        .sum();
    assert_eq!(issues["seen"].as_u64().unwrap(), sum, "{pair:#}");
    let because = pair["skipped_because"].as_object().unwrap();
    let skipped: u64 = because.values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(issues["skipped"].as_u64().unwrap(), skipped, "{pair:#}");
}

impl Run {
    /// Everything the run said, with what differs from run to run masked.
    pub(crate) fn shown(&self) -> String {
        format!(
            "exit {}\n{}{}",
            self.code,
            section("stdout", &self.stdout),
            section("stderr", &self.stderr)
        )
    }
}

fn section(name: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let mut text = text.to_owned();
    for (pattern, mask) in [
        (r"in (\d+ ms|\d+\.\d s)\b", "in TIME"),
        (r"\d+ (s|min) ago", "AGO"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "WHEN"),
        (r"process \d+", "process PID"),
    ] {
        text = Regex::new(pattern)
            .unwrap()
            .replace_all(&text, mask)
            .into_owned();
    }
    format!("--- {name}\n{text}")
}
