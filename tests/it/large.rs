//! P11: a large file costs no memory.
//!
//! `ISSUE_MIRROR_LARGE_MB` says how large it is, in mebibytes.

use crate::chance::number;
use crate::lab::{FEW_CERTIFICATES, Lab};
use std::fs;
use std::process::Stdio;
use std::time::Duration;

const SECRET: &str = "66dbcd21ec5d24ed6ea225176098d52b";

/// The most memory that a pass had at once, in bytes.
fn peak(lab: &Lab) -> u64 {
    let mut command = lab.env.command(&["sync", "--output", "json"]);
    command
        .envs([("READER", "reader"), ("WRITER", "writer"), FEW_CERTIFICATES])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        // What it was at most so far, so the last look before the end is enough.
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        peak = peak.max(kibibytes.unwrap_or(0) * 1024);
        if let Some(ended) = child.try_wait().unwrap() {
            assert!(ended.success(), "{ended}");
            return peak;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The peak of a pass that carries a file of this length.
fn carried(length: u64) -> u64 {
    let lab = Lab::new("attachment_max_mb: 1024");
    let place = (lab.source, SECRET.to_owned(), "a.bin".to_owned());
    lab.sim.world().large.insert(place, length);
    lab.open("T", &format!("[a](/uploads/{SECRET}/a.bin)"));
    lab.sim.advance(300);
    let peak = peak(&lab);
    let world = lab.sim.world();
    let there = world
        .large
        .iter()
        .filter(|((project, ..), _)| *project == lab.target);
    let kept = world.projects[&lab.target]
        .uploads
        .values()
        .map(|content| content.len() as u64);
    let arrived: Vec<u64> = there.map(|(_, length)| *length).chain(kept).collect();
    assert_eq!(arrived, [length]);
    peak
}

#[test]
#[cfg(target_os = "linux")]
fn p11_a_large_file_costs_no_memory() {
    const MEBIBYTE: u64 = 1024 * 1024;
    let large = u64::from(number("ISSUE_MIRROR_LARGE_MB", 64)) * MEBIBYTE;
    let (small, large_peak) = (carried(1024), carried(large));
    eprintln!(
        "{} KiB at most with a small file, {} KiB with {} MiB",
        small / 1024,
        large_peak / 1024,
        large / MEBIBYTE
    );
    assert!(
        large_peak < small + 16 * MEBIBYTE,
        "{} KiB with a file of {} MiB, {} KiB with a small one",
        large_peak / 1024,
        large / MEBIBYTE,
        small / 1024
    );
}
