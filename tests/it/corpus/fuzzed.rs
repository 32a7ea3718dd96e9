//! Texts of the corpus, as they are, then torn and joined at random. A few in each run of the tests;
//! for longer:
//! `ISSUE_MIRROR_FUZZ_SECONDS=600 cargo test --test it corpus::fuzzed -- --nocapture`.
//! `ISSUE_MIRROR_SEED` says which ones.
//!
//! What is no UTF-8 is no text: whoever reads a tracker says so (`queue.rs`).

use super::cases::{self, least};
use super::{KEYS, mirrored, nobody, nothing};
use issue_mirror::text::edits::Rewritten;
use issue_mirror::text::envelope::{self, FooterLine, FooterName, Split};
use issue_mirror::text::escape::WORD_JOINER;
use issue_mirror::text::grammar::{GITLAB, Grammar};
use issue_mirror::text::marker::Marker;
use issue_mirror::text::read::Read;
use issue_mirror::text::rewrite::{Rules, restore, rewrite};
use issue_mirror::text::title;
use std::time::{Duration, Instant};

/// What is put in between.
const PIECES: &[&str] = &[
    "\n",
    "\n\n",
    "`",
    "```\n",
    "~~~\n",
    "<!--",
    "-->",
    "<div>",
    "</div>",
    "<code>",
    "</code>",
    "<pre>",
    "ABC-",
    "$",
    "$$",
    "\\",
    "&",
    "&#64;",
    "@alice",
    "#12",
    "0728c00",
    "/close",
    "> ",
    "- ",
    "    ",
    "[",
    "](",
    ")",
    "*",
    "_",
    "\r",
    "\u{a0}",
    "\u{feff}",
    "\u{202e}",
    "\0",
    "---\n",
    "|",
    "|-|\n",
    "https://target.example/g/p/-/issues/1",
    "é",
];

fn pick<'a>(chance: &mut fastrand::Rng, from: &'a [String]) -> &'a str {
    &from[chance.usize(..from.len())]
}

fn somewhere(chance: &mut fastrand::Rng, text: &str) -> usize {
    text.floor_char_boundary(chance.usize(..=text.len()))
}

/// Whether a text in which there was nothing to do is what it was. The label of our marker stays words
/// wherever the marker is put, by a character that is not seen.
fn is_left(now: &str, text: &str) -> bool {
    let names_label = |text: &str| {
        let text = text.replace('\r', "").to_uppercase();
        text.contains("ISSUE-MIRROR")
    };
    let seen = |text: &str| text.replace(WORD_JOINER, "");
    now == text || names_label(text) && seen(now) == seen(text)
}

/// One text more, made from others.
fn made(chance: &mut fastrand::Rng, seeds: &[String]) -> String {
    let mut text = pick(chance, seeds).to_owned();
    for _ in 0..chance.usize(..6) {
        let at = somewhere(chance, &text);
        match chance.u8(..4) {
            0 => text.insert_str(at, PIECES[chance.usize(..PIECES.len())]),
            1 => text.insert_str(at, pick(chance, seeds)),
            2 => {
                let end = somewhere(chance, &text);
                text.replace_range(at.min(end)..at.max(end), "");
            }
            _ => text.truncate(at),
        }
    }
    text.truncate(text.floor_char_boundary(4000));
    text
}

/// What must hold of every text and does not, if anything.
fn broken(text: &str) -> Option<&'static str> {
    let copied = |link: &str| link.contains("/uploads/").then(|| "/uploads/x".to_owned());
    let rules = Rules {
        grammar: Grammar {
            keys: &KEYS,
            ..GITLAB
        },
        front_matter: true,
        behind_paragraph: true,
        quick_actions: true,
        anywhere: false,
        mentions: true,
        references: true,
        code: true,
        hosts: [Some("target.example"), None],
        notify: &nobody,
        destination: &copied,
        refers: &nothing,
    };
    let is_restored = |now: &Rewritten| restore(&now.text, &now.kept()).as_deref() == Some(text);
    let once = rewrite(text, &rules);
    // Where what they name is mirrored, and the target is an early server.
    let leading = Rules {
        anywhere: true,
        refers: &mirrored,
        ..rules
    };
    let idle = Rules {
        behind_paragraph: false,
        quick_actions: false,
        mentions: false,
        references: false,
        code: true,
        destination: &nobody,
        ..rules
    };
    // What no server takes is written otherwise.
    let taken = text.replace('\0', "\u{fffd}");
    let title = title::rewrite(text, &rules);
    let read = Read::of(text);
    let _ = (read.destinations(), read.references(), read.mentions());
    let marker = Marker {
        key: "imk7f3a9c2d4e".into(),
        ..Marker::default()
    };
    let footer = [FooterLine {
        name: FooterName::Source,
        value: "x".into(),
    }];
    let described = envelope::description(&once.text, &marker, &footer, true);
    let described = envelope::split_description(&described);
    let commented = envelope::comment("**A**", &once.text, &marker);
    let commented = envelope::split_comment(&commented);
    let split = [described, commented];
    let is_whole = |split: &Option<Split>| split.as_ref().is_some_and(|s| s.text == once.text);
    let held = [
        ("restored", is_restored(&once)),
        ("twice", rewrite(&once.text, &rules).text == once.text),
        ("leading, restored", is_restored(&rewrite(text, &leading))),
        ("nothing to do", is_left(&rewrite(text, &idle).text, &taken)),
        ("title, restored", is_restored(&title)),
        (
            "title, twice",
            title::rewrite(&title.text, &rules).text == title.text,
        ),
        ("in its envelope", split.iter().all(is_whole)),
    ];
    held.into_iter()
        .find_map(|(what, held)| (!held).then_some(what))
}

/// The same, where it may be that it panics.
fn breaks(text: &str) -> Option<&'static str> {
    std::panic::catch_unwind(|| broken(text)).unwrap_or(Some("no panic"))
}

/// So many are tried unless it is said how long: the corpus as it is, and others.
const FEW: u64 = 2000;

/// So many texts of which something does not hold are cut down to the least of them.
const TOLD: usize = 20;

#[test]
fn what_must_hold_holds_for_texts_that_nobody_thought_of() {
    let number = |name: &str| std::env::var(name).ok().map(|given| given.parse().unwrap());
    let seconds: Option<u64> = number("ISSUE_MIRROR_FUZZ_SECONDS");
    let seed = number("ISSUE_MIRROR_SEED").unwrap_or(6);
    let mut chance = fastrand::Rng::with_seed(seed);
    let seeds: Vec<String> = cases::all().into_iter().map(|case| case.before).collect();
    let end = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let (mut count, mut found) = (0_u64, Vec::new());
    let mut whole = seeds.iter().cloned();
    while end.map_or(count < FEW, |end| Instant::now() < end) {
        let text = whole.next().unwrap_or_else(|| made(&mut chance, &seeds));
        found.extend(breaks(&text).map(|what| (text, what)));
        count += 1;
    }
    println!("{count} texts, seed {seed}, {} found", found.len());
    found.sort_by_key(|(text, _)| text.len());
    let told = found.iter().take(TOLD);
    let mut told: Vec<String> = told
        .map(|(text, what)| {
            let least = least(text, |text| breaks(text) == Some(what));
            format!("{what}: {least:?}")
        })
        .collect();
    told.sort();
    told.dedup();
    assert!(
        told.is_empty(),
        "{} of {count}:\n{}",
        found.len(),
        told.join("\n")
    );
}
