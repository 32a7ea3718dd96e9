//! How long passes over directories take and how much memory they need.
//!
//! ```sh
//! cargo bench --bench passes                     # 300 and 10,000 made-up issues
//! cargo bench --bench passes -- 1000 issues.jsonl # 1,000 issues made from a file
//! ```
//!
//! A file has one issue a line: `title`, `body`, `labels`, `author`, `created_at` and `comments` with
//! `body`, `author`, `created_at`. It is repeated until there are enough. Memory is the high-water mark
//! of resident memory that the system reports.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_issue-mirror");

fn main() {
    let mut counts = Vec::new();
    let mut file = None;
    for argument in std::env::args().skip(1) {
        match argument.parse::<usize>() {
            Ok(count) => counts.push(count),
            Err(_) if argument.starts_with("--") => {}
            Err(_) => file = Some(argument),
        }
    }
    if counts.is_empty() {
        counts = vec![300, 10_000];
    }
    let issues = match file {
        Some(file) => fs::read_to_string(file)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
        None => made_up(),
    };
    println!("issues  comments  pass          time      memory  requests (source + target)");
    for count in counts {
        measure(&issues, count);
    }
}

/// Ten issues of ordinary length with five comments each.
fn made_up() -> Vec<Value> {
    let paragraph = "It does not start when the network is slow, see `log`.\n\n".repeat(6);
    (0..10)
        .map(|number| {
            let comment = json!({
                "body": paragraph,
                "author": {"username": "bob"},
                "created_at": "2026-01-02T00:00:00Z"
            });
            json!({
                "title": format!("Something is wrong with part {number}"),
                "body": paragraph.repeat(3),
                "labels": ["bug", format!("part {number}")],
                "author": {"username": "alice", "name": "Alice A."},
                "created_at": "2026-01-01T00:00:00Z",
                "comments": vec![comment; 5]
            })
        })
        .collect()
}

fn measure(issues: &[Value], count: usize) {
    let folder = tempfile::tempdir().unwrap();
    let comments = write(folder.path(), issues, count);
    fs::write(
        folder.path().join("mirror.yaml"),
        "instances: { d: { forge: directory, path: . } }
pairs:
  - name: bench
    source: { instance: d, project: source }
    target: { instance: d, project: target }
    sync_existing_issues: true
    sync_closed_issues: true
    max_creates: 1000000
",
    )
    .unwrap();
    let show = |name: &str, args: &[&str]| {
        let (time, memory, pair) = run(folder.path(), args);
        println!(
            "{count:>6}  {comments:>8}  {name:<10}  {:>6.2} s  {:>6.1} MiB  {} + {}",
            time.as_secs_f64(),
            memory,
            pair["requests"]["source"],
            pair["requests"]["target"]
        );
    };
    show("first", &[]);
    show("idle", &[]);
    for number in 1..=3 {
        let path = folder
            .path()
            .join(format!("source/issues/{number}/issue.md"));
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text.replacen("title: \"", "title: \"New: ", 1)).unwrap();
    }
    show("3 changes", &[]);
    show("full", &["--full"]);
}

/// Writes a tracker; answers how many comments it has.
fn write(folder: &Path, issues: &[Value], count: usize) -> usize {
    let mut comments = 0;
    let root = folder.join("source");
    fs::create_dir_all(&root).unwrap();
    fs::write(root.join("tracker.yaml"), "format: 1\nid: bench\n").unwrap();
    for (number, issue) in (1..=count).zip(issues.iter().cycle()) {
        let folder = root.join(format!("issues/{number}"));
        fs::create_dir_all(&folder).unwrap();
        let state = issue["state"].as_str().unwrap_or("open");
        let head = format!(
            "title: {}\nstate: {state}\nauthor: {}\ncreated_at: {}\nlabels: {}\n",
            issue["title"],
            issue["author"],
            issue["created_at"].as_str().unwrap(),
            issue["labels"]
        );
        let body = issue["body"].as_str().unwrap();
        fs::write(
            folder.join("issue.md"),
            format!("---\n{head}---\n\n{body}\n"),
        )
        .unwrap();
        for comment in issue["comments"].as_array().unwrap() {
            comments += 1;
            let head = format!(
                "author: {}\ncreated_at: {}\n",
                comment["author"],
                comment["created_at"].as_str().unwrap()
            );
            let body = comment["body"].as_str().unwrap();
            fs::write(
                folder.join(format!("comment-{comments:04}.md")),
                format!("---\n{head}---\n\n{body}\n"),
            )
            .unwrap();
        }
    }
    comments
}

/// Makes one pass; answers its time, its peak of resident memory in MiB, and what it says.
fn run(folder: &Path, args: &[&str]) -> (Duration, f64, Value) {
    let begun = Instant::now();
    let mut child = Command::new(PROGRAM)
        .args(["sync", "--output", "json"])
        .args(args)
        .current_dir(folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0_f64;
    while child.try_wait().unwrap().is_none() {
        if let Some(now) = high_water(&status) {
            peak = peak.max(now);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let time = begun.elapsed();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    (time, peak, document["pairs"][0].clone())
}

fn high_water(status: &str) -> Option<f64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes / 1024.0)
}
