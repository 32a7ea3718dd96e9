//! A GitLab to play with: prints how to reach it and runs until it is ended.

use clap::Parser;
use forge_sim::{Role, Sim, World};
use std::time::Duration;

/// Runs a double of GitLab's API on 127.0.0.1, with two projects and a few issues.
///
/// Everything is in memory and gone at the end. Tokens: `owner-token` may do everything in both
/// projects, `guest-token` next to nothing.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Milliseconds that every answer takes
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// How many issues the first project has
    #[arg(long, default_value_t = 3)]
    issues: u64,
    /// What `GET /metadata` says
    #[arg(long, default_value = "18.3.0-ee")]
    gitlab_version: String,
}

fn main() {
    let args = Args::parse();
    let mut world = World::default();
    world.version = args.gitlab_version;
    world.latency = Duration::from_millis(args.latency_ms);
    let (owner, guest) = (world.add_user("owner"), world.add_user("guest"));
    world.add_token("owner-token", owner);
    world.add_token("guest-token", guest);
    let source = world.add_project("team/app");
    let target = world.add_project("mirrors/app");
    for project in [source, target] {
        world.set_role(project, owner, Role::Owner);
        world.set_role(project, guest, Role::Guest);
    }
    for number in 1..=args.issues {
        let iid = world.open_issue(source, guest, &format!("Issue {number}"), "Text of it.");
        world.comment(source, iid, owner, "A comment.");
    }
    let sim = Sim::start_at(world, args.port);
    println!(
        "url: {}\nprojects: team/app, mirrors/app\ntokens: owner-token, guest-token",
        sim.url()
    );
    loop {
        std::thread::park();
    }
}
