//! Cases one behind the other, within one another and cut off: what one opens, another may end.

use super::cases::{self, Case, least};
use super::{Servers, carried_out_early, fires, full, mirrored, nothing, rewritten_with};
use regex::Regex;
use std::sync::LazyLock;

/// Draws numbers, the same ones for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }
}

const BETWEEN: &[&str] = &[
    "\n",
    "\n\n",
    "",
    " ",
    "\n\n\n",
    "\r\n",
    "\n---\n",
    "\n***\n\n",
    "\n<div>\n",
    "\n</div>\n",
    "\n```\n",
    "`",
    "``",
    "*",
    "\n>>>\n",
    "\n- ",
    "\n> ",
    "\n    ",
    "\n\n1. ",
    "|",
    "\n| a |\n|---|\n| ",
    "<!--",
    "-->",
    "\n<pre>\n",
    "</pre>",
    "<b>",
    "</b>",
    "<code>",
    "</code>",
    "[",
    "](/x)",
    "\\",
    "\n[x]: ",
    "$",
    "$$",
    "\n$$\n",
    "~~",
    "<a href=\"",
    "\">",
    "\n/close\n",
    " @alice ABC-7 ",
    " #12 A1_B-8 ",
    "\n\n/close\n\n",
    "&",
    "\u{a0}",
    "\n\\",
];

const BEFORE_LINES: &[&str] = &[
    "", "", "", "> ", "- ", "  ", "    ", "\t", "1. ", "# ", ">", "| ",
];

/// A text from pieces of cases.
fn mixed(dice: &mut Dice, cases: &[Case]) -> String {
    let mut text = String::new();
    for _ in 0..=1 + dice.below(3) {
        let mut piece = cases[dice.below(cases.len())].before.clone();
        if dice.below(4) == 0 {
            let cut = dice.below(piece.chars().count().max(1));
            piece = if dice.below(2) == 0 {
                piece.chars().take(cut).collect()
            } else {
                piece.chars().skip(cut).collect()
            };
        }
        let prefix = BEFORE_LINES[dice.below(BEFORE_LINES.len())];
        if !prefix.is_empty() {
            let lines: Vec<String> = piece
                .split('\n')
                .map(|line| format!("{prefix}{line}"))
                .collect();
            piece = lines.join("\n");
        }
        text.push_str(&piece);
        text.push_str(BETWEEN[dice.below(BETWEEN.len())]);
    }
    text
}

/// Whether a name of a commit may be a part of a word like `feedback`, which is left alone.
fn has_words_of_digits(text: &str) -> bool {
    static WORD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("(?i)[g-z][a-f]{7}|[a-f]{7}[g-z]").unwrap());
    WORD.is_match(text)
}

/// So many mixed texts are tried.
const TRIED: u64 = 1500;

/// With `ISSUE_MIRROR_MIXED` so many are tried. The least of each text that fires is told.
#[test]
fn p8_of_cases_mixed_at_random_none_fires() {
    let number = |name: &str| std::env::var(name).ok().map(|given| given.parse().unwrap());
    let (asked, seed) = (number("ISSUE_MIRROR_MIXED"), number("ISSUE_MIRROR_SEED"));
    let (tries, seed) = (asked.unwrap_or(TRIED), seed.unwrap_or(1));
    let servers = Servers::new();
    let (mut early, here) = full("https://target.example", "mirrors/app");
    early.version = "15.11.0".to_owned();
    let cases: Vec<Case> = cases::all()
        .into_iter()
        // Keys stand in between.
        .filter(|case| !case.is_title() && case.topic != "keys" && case.open.is_none())
        .collect();
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut wrong = Vec::new();
    let fired = |text: &str| {
        if has_words_of_digits(text) {
            return None;
        }
        let case = Case {
            before: text.to_owned(),
            ..Case::default()
        };
        let looks = servers.look(&case);
        if !looks.fires.is_empty() {
            let leading = rewritten_with(&case, true, &mirrored);
            return Some(format!("leading {leading:?}\n  {:?}", looks.fires));
        }
        let early = carried_out_early(&early, here, text);
        if !early.is_empty() {
            return Some(format!("early: {early:?}"));
        }
        [true, false].into_iter().find_map(|first| {
            let after = rewritten_with(&case, first, &nothing);
            let fired = fires(&servers.read_there(&after, first));
            (!fired.is_empty()).then(|| format!("becomes {after:?}\n  {fired:?}"))
        })
    };
    for _ in 0..tries {
        let text = mixed(&mut dice, &cases);
        if fired(&text).is_some() {
            let text = least(&text, |text| fired(text).is_some());
            let fired = fired(&text).unwrap_or_default();
            wrong.push(format!("{text:?}\n  {fired}"));
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(
        wrong.is_empty(),
        "{} kinds of {tries} fire:\n{}",
        wrong.len(),
        wrong
            .iter()
            .take(40)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
}
