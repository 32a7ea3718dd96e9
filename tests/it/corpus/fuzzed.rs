//! Texts of the corpus, torn and joined at random. A few in each run of the tests; for longer:
//! `ISSUE_MIRROR_FUZZ_SECONDS=600 cargo test --test it corpus::fuzzed -- --nocapture`.

use super::cases;
use super::{KEYS, mirrored, nobody, nothing};
use issue_mirror::text::envelope::{self, FooterLine, FooterName};
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

/// What must hold of every text.
fn holds(text: &str) {
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
    let once = rewrite(text, &rules);
    assert_eq!(restore(&once.text, &once.edits).as_deref(), Some(text));
    assert_eq!(
        rewrite(&once.text, &rules).text,
        once.text,
        "twice: {text:?}"
    );
    // Where what they name is mirrored, and the target is an early server.
    let leading = Rules {
        anywhere: true,
        refers: &mirrored,
        ..rules
    };
    let leads = rewrite(text, &leading);
    assert_eq!(restore(&leads.text, &leads.edits).as_deref(), Some(text));
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
    assert_eq!(rewrite(text, &idle).text, taken, "nothing to do: {text:?}");
    let once_title = title::rewrite(text, &rules);
    let restored = restore(&once_title.text, &once_title.edits);
    assert_eq!(restored.as_deref(), Some(text));
    let inert = &once_title.text;
    assert_eq!(
        title::rewrite(inert, &rules).text,
        *inert,
        "title: {text:?}"
    );
    let read = Read::of(text);
    let _ = (read.references(), read.mentions());
    let marker = Marker {
        key: "imk7f3a9c2d4e".into(),
        ..Marker::default()
    };
    let footer = [FooterLine {
        name: FooterName::Source,
        value: "x".into(),
    }];
    let whole = envelope::description(&once.text, &marker, &footer, true);
    let split = envelope::split_description(&whole).unwrap();
    assert_eq!(split.text, once.text, "{text:?}");
    let whole = envelope::comment("**A**", &once.text, &marker);
    assert_eq!(envelope::split_comment(&whole).unwrap().text, once.text);
}

#[test]
fn what_must_hold_holds_for_texts_that_nobody_thought_of() {
    let seconds = std::env::var("ISSUE_MIRROR_FUZZ_SECONDS").ok();
    let seconds: Option<u64> = seconds.and_then(|seconds| seconds.parse().ok());
    let mut chance = fastrand::Rng::with_seed(seconds.unwrap_or(6));
    let seeds: Vec<String> = cases::all().into_iter().map(|case| case.before).collect();
    let end = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let (mut count, mut broken) = (0_u64, Vec::new());
    while end.map_or(count < 300, |end| Instant::now() < end) {
        let text = made(&mut chance, &seeds);
        if std::panic::catch_unwind(|| holds(&text)).is_err() {
            broken.push(text);
        }
        count += 1;
    }
    println!("{count} texts");
    broken.sort_by_key(String::len);
    let shortest = broken.first();
    assert!(
        shortest.is_none(),
        "{} of {count}; {shortest:?}",
        broken.len()
    );
}
