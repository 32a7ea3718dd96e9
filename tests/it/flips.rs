//! A change of configuration arrives (P10): every setting is flipped by itself on issues that are
//! mirrored already. What is sent then is told request by request and field by field; nothing else
//! moves, nothing is written again, and what flipping back brings back is told too.

mod cleared;
mod files;
mod rows;
mod world;

use issue_mirror::config::pair_keys;
use rows::{Flip, ROWS};
use std::collections::BTreeSet;
use world::{Mirror, shown};

#[test]
fn p10_every_setting_is_flipped() {
    let flipped: BTreeSet<&str> = ROWS.iter().map(Flip::key).collect();
    let keys: BTreeSet<&str> = pair_keys().into_iter().collect();
    let missing: Vec<_> = keys.difference(&flipped).collect();
    assert!(missing.is_empty(), "no row flips these: {missing:?}");
    let unknown: Vec<_> = flipped.difference(&keys).collect();
    assert!(unknown.is_empty(), "there are no such keys: {unknown:?}");
}

/// What was seen when a setting was flipped, there and back.
struct Seen {
    forth: Vec<String>,
    /// What the pass after that sent, which must be nothing.
    again: Vec<String>,
    back: Vec<String>,
    back_again: Vec<String>,
    stays: Vec<String>,
}

/// `more`: set from the beginning to the end.
fn flip(row: &Flip, more: &str) -> Seen {
    let with = |toggles: &str| format!("{toggles}\n{more}");
    let mirror = Mirror::new(&with(row.before));
    let before = mirror.target();
    mirror.lab.configure(&with(row.after));
    let (forth, again) = (mirror.pass(), mirror.pass());
    mirror.lab.configure(&with(row.before));
    let (back, back_again) = (mirror.pass(), mirror.pass());
    Seen {
        forth,
        again,
        back,
        back_again,
        stays: world::difference(&before, &mirror.target()),
    }
}

/// Flips every fourth setting, from this one on.
fn flip_each(from: usize) {
    let mut wrong = String::new();
    for row in ROWS.iter().skip(from).step_by(4) {
        let seen = flip(row, "");
        for (what, seen, told) in [
            ("forth", &seen.forth, row.forth),
            ("again", &seen.again, &[]),
            ("back", &seen.back, row.back),
            ("back again", &seen.back_again, &[]),
            ("stays", &seen.stays, row.stays),
        ] {
            if shown(seen) != shown(told) {
                wrong += &format!("{}\n  {what}: {}", row.name(), shown(seen));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn p10_each_setting_flipped_alone_sends_exactly_what_follows_1() {
    flip_each(0);
}

#[test]
fn p10_each_setting_flipped_alone_sends_exactly_what_follows_2() {
    flip_each(1);
}

#[test]
fn p10_each_setting_flipped_alone_sends_exactly_what_follows_3() {
    flip_each(2);
}

#[test]
fn p10_each_setting_flipped_alone_sends_exactly_what_follows_4() {
    flip_each(3);
}

/// The same where nothing that exists is to be touched: only what is new comes, and what must not be
/// seen is hidden.
fn flip_each_frozen(from: usize) {
    let mut wrong = String::new();
    let rows = ROWS.iter().filter(|row| {
        let sends = !row.forth.is_empty() || !row.back.is_empty();
        sends && row.key() != "update_existing"
    });
    for row in rows.skip(from).step_by(2) {
        let seen = flip(row, "update_existing: false");
        for (what, seen, told) in [
            ("forth", &seen.forth, touching_nothing(row.forth)),
            ("again", &seen.again, Vec::new()),
            ("back", &seen.back, touching_nothing(row.back)),
            ("back again", &seen.back_again, Vec::new()),
        ] {
            if shown(seen) != shown(&told) {
                wrong += &format!("{}\n  {what}: {}", row.name(), shown(seen));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Those requests that make something new, or hide what exists.
fn touching_nothing(told: &[&'static str]) -> Vec<&'static str> {
    let makes = |line: &&&str| line.starts_with("POST issues ");
    let is_new = told.iter().any(|line| makes(&line));
    let stay = told.iter().filter(|line| {
        let closes_it = line.starts_with("PUT issues/4 ");
        // What was hidden is shown only where it is brought up to date.
        let hides = line.contains(" confidential=true");
        makes(line) || closes_it || hides || (is_new && line.starts_with("POST labels "))
    });
    // An internal comment belongs to an issue that exists.
    let stay = stay.filter(|line| !line.contains("/notes "));
    stay.copied().collect()
}

#[test]
fn p6_with_update_existing_off_nothing_that_exists_is_touched_1() {
    flip_each_frozen(0);
}

#[test]
fn p6_with_update_existing_off_nothing_that_exists_is_touched_2() {
    flip_each_frozen(1);
}
