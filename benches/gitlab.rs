//! How many requests passes from GitLab to GitLab take, how long they last and how much memory they
//! need, against the simulator.
//!
//! ```sh
//! cargo bench --bench gitlab                       # 100 made-up issues
//! cargo bench --bench gitlab -- issues.jsonl       # those of a file, as in benches/passes.rs
//! ```

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use forge_sim::{Role, Sim, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_issue-mirror");

fn main() {
    let file = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with("--"));
    let issues: Vec<Value> = match file {
        Some(file) => fs::read_to_string(file)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
        None => (0..100).map(made_up).collect(),
    };
    println!("latency  pass            time      memory  requests");
    for latency in [0, 20] {
        measure(&issues, latency);
    }
}

fn made_up(number: usize) -> Value {
    let comments: Vec<Value> = (0..number % 7)
        .map(|c| json!({"body": format!("Comment {c}.")}))
        .collect();
    json!({"title": format!("Issue {number}"), "body": "Text of it.\n\n- a list\n", "comments": comments})
}

fn measure(issues: &[Value], latency: u64) {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::default();
    let (alice, bot) = (world.add_user("alice"), world.add_user("bot"));
    world.add_token("token", bot);
    let (source, target) = (
        world.add_project("team/app"),
        world.add_project("mirrors/app"),
    );
    world.set_role(source, bot, Role::Reporter);
    world.set_role(target, bot, Role::Owner);
    for issue in issues {
        let text = |name: &str| issue[name].as_str().unwrap_or("").to_owned();
        let iid = world.open_issue(source, alice, text("title").trim(), text("body").trim_end());
        for comment in issue["comments"].as_array().into_iter().flatten() {
            let body = comment["body"].as_str().unwrap_or("");
            if !body.trim().is_empty() {
                world.comment(source, iid, alice, body);
            }
        }
    }
    world.latency = Duration::from_millis(latency);
    let sim = Sim::start(world);
    sim.advance(600);
    let config = format!(
        "instances:\n  lab: {{ forge: gitlab, url: '{}', token_env: TOKEN }}\npairs:\n  - name: app\n    source: {{ instance: lab, project: team/app }}\n    target: {{ instance: lab, project: mirrors/app }}\n    sync_existing_issues: true\n    sync_closed_issues: true\n    max_creates: 100000\n",
        sim.url()
    );
    fs::write(folder.path().join("mirror.yaml"), config).unwrap();
    let show = |name: &str, args: &[&str]| {
        let before = sim.world().log.len();
        let (time, memory) = pass(folder.path(), args);
        let mut methods: BTreeMap<String, usize> = BTreeMap::new();
        for logged in &sim.world().log[before..] {
            *methods.entry(logged.method.clone()).or_default() += 1;
        }
        let methods: Vec<String> = methods
            .iter()
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        println!(
            "{latency:>4} ms  {name:<10} {:>8.2} s  {memory:>6.1} MiB  {}",
            time.as_secs_f64(),
            methods.join(", ")
        );
        sim.advance(600);
    };
    show("first", &[]);
    show("idle", &[]);
    {
        let mut world = sim.world();
        let now = world.clock.now();
        let iids: Vec<u64> = world.projects[&source]
            .issues
            .keys()
            .copied()
            .take(2)
            .collect();
        world.issue_mut(source, iids[0]).title.push_str(", changed");
        world.issue_mut(source, iids[0]).updated_at = now;
        world.comment(source, iids[1], alice, "New.");
        world.open_issue(source, alice, "New", "x");
    }
    show("3 changes", &[]);
    show("full", &["--full"]);
}

/// One pass: how long, and the most memory that it had resident, in MiB.
fn pass(folder: &Path, args: &[&str]) -> (Duration, f64) {
    let begun = Instant::now();
    let mut child = Command::new(PROGRAM)
        .arg("sync")
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("TOKEN", "token")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0.0_f64;
    while child.try_wait().unwrap().is_none() {
        if let Ok(text) = fs::read_to_string(&status)
            && let Some(line) = text.lines().find(|line| line.starts_with("VmHWM:"))
        {
            let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
            most = most.max(kib / 1024.0);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(child.wait().unwrap().success());
    (begun.elapsed(), most)
}
