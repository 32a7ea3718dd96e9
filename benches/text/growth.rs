//! What takes longer in a greater proportion than it is longer.

use crate::Row;
use crate::stages::{STAGES, Stage};
use std::time::Duration;

/// Four times the text may take so many times as long: what is quadratic takes sixteen, what no longer
/// fits into the caches of a machine that has other work up to eight.
const MOST: f64 = 9.0;

/// What takes less is not looked at: its growth is noise.
const LEAST: Duration = Duration::from_millis(4);

/// Prints what grows too fast in a row; whether anything does.
pub(crate) fn is_bad(row: &Row, kib: u64) -> bool {
    let grown = stages(row, crate::bytes(kib));
    for (stage, short, long) in &grown {
        println!(
            "{:36} {stage:>8} {:>9.3} ms {:>9.3} ms {:>5.1} times <--",
            row.name,
            short.as_secs_f64() * 1e3,
            long.as_secs_f64() * 1e3,
            times(*short, *long)
        );
    }
    !grown.is_empty()
}

/// The stages in which a text of four times the length takes too long, with both times.
pub(crate) fn stages(row: &Row, length: usize) -> Vec<(&'static str, Duration, Duration)> {
    let [short, long] = [length, length * 4].map(|length| row.text(length));
    let grown = STAGES.iter().filter_map(|Stage { name, work, .. }| {
        let measure = |rounds| (work(&short, rounds), work(&long, rounds));
        let seems = |(short, long)| long > LEAST && times(short, long) > MOST;
        // Once is enough for most; what the machine did meanwhile is no reason to call it slow.
        let rounds = [1, 3, 9];
        let mut found = None;
        for rounds in rounds {
            found = Some(measure(rounds)).filter(|found| seems(*found));
            found?;
        }
        found.map(|(short, long)| (*name, short, long))
    });
    grown.collect()
}

fn times(short: Duration, long: Duration) -> f64 {
    long.as_secs_f64() / short.as_secs_f64().max(1e-6)
}
