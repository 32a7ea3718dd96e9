//! Looks for texts that take too long, among such as are drawn at random.

use crate::inputs::{WORDS, WORST};
use crate::stages::{STAGES, Stage};
use crate::{LIMIT, Row, growth, setting};
use fastrand::Rng;
use std::time::{Duration, Instant};

/// The length at which growth is looked at.
const LENGTH: usize = 12 * 1024;

/// Prints what takes too long; how many that are.
pub(crate) fn search(time: Duration) -> usize {
    let seed = setting("ISSUE_MIRROR_SEED").unwrap_or(1);
    let mut rng = Rng::with_seed(seed);
    let begin = Instant::now();
    let (mut drawn, mut bad) = (0_u64, 0);
    // The slowest of each stage, for a text of this length.
    let mut slowest = vec![(Duration::ZERO, String::new()); STAGES.len()];
    while begin.elapsed() < time {
        let row = draw(&mut rng);
        drawn += 1;
        if growth::is_bad(&row, (LENGTH / 1024) as u64) {
            bad += 1;
        }
        // Debug builds are too slow for the limit.
        if cfg!(debug_assertions) {
            continue;
        }
        let text = row.text(LENGTH * 8);
        for (Stage { name, work, times }, slowest) in STAGES.iter().zip(&mut slowest) {
            let took = work(&text, 1);
            if took > slowest.0 {
                let took = work(&text, 5);
                if took > slowest.0 {
                    *slowest = (took, row.name.clone());
                    let whole = work(&row.text(1024 * 1024), 3);
                    let slow = whole > LIMIT * *times;
                    let mark = if slow { " <--" } else { "" };
                    println!("{name:>8} {:>5} ms {}{mark}", whole.as_millis(), row.name);
                    bad += usize::from(slow);
                }
            }
        }
    }
    println!("{drawn} texts were drawn with seed {seed}");
    bad
}

fn draw(rng: &mut Rng) -> Row {
    // Half of them begin with what was slow once.
    let known = if rng.bool() {
        let (_, first, again) = WORST[rng.usize(..WORST.len())];
        let short = |text: &str| Some(text.to_owned()).filter(|text| text.len() < 100);
        short(first).zip(short(again))
    } else {
        None
    };
    let (first, again) = known.unwrap_or_default();
    let first = first + &words(rng, 0, 3);
    let mut again = match rng.u8(..3) {
        0 if !again.is_empty() => again,
        1 => again + &words(rng, 1, 3),
        _ => words(rng, 1, 2) + &again,
    };
    again.push_str(&words(rng, 0, 5));
    let behind = if rng.u8(..4) == 0 {
        words(rng, 1, 4)
    } else {
        String::new()
    };
    let last = words(rng, 0, 3);
    let name = format!("({first:?}, {again:?}, {behind:?}, {last:?})");
    Row {
        name,
        first,
        again,
        behind,
        last,
    }
}

fn words(rng: &mut Rng, least: usize, most: usize) -> String {
    let count = rng.usize(least..=most);
    (0..count)
        .map(|_| WORDS[rng.usize(..WORDS.len())])
        .collect()
}
