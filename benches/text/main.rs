//! How long the worst texts of 1 MiB take: `cargo bench --bench text`. Each must stay below 200 ms for
//! whatever is done with it, twice that where that takes two rounds by its nature (a text that is too
//! long is rewritten as a whole and as a part), else it ends with status 1. A word behind `--` chooses the rows that have it in their names.
//!
//! Without a release build, and for texts that nobody thought of yet (`cargo test --bench text`):
//!
//! * `ISSUE_MIRROR_TEXT_KIB=64`: they are that long.
//! * `ISSUE_MIRROR_TEXT_AGAIN='#1 $a$\r\n'`: only what that makes when it is repeated, perhaps behind
//!   `ISSUE_MIRROR_TEXT_FIRST`.
//! * `ISSUE_MIRROR_TEXT_GROWTH=64`: each is taken at that length and at four times of it, and what
//!   takes more than nine times as long fails.
//! * `ISSUE_MIRROR_TEXT_SEARCH_SECONDS=600`: so long texts are drawn at random and looked at in the
//!   same way, and by the limit. `ISSUE_MIRROR_SEED` draws others.

#![allow(clippy::print_stdout, missing_docs)]

mod growth;
mod inputs;
mod search;
mod stages;

use inputs::{NUMBER, WORST};
use stages::{STAGES, Stage};
use std::process::ExitCode;
use std::time::Duration;

/// What 1 MiB may take.
const LIMIT: Duration = Duration::from_millis(200);

fn main() -> ExitCode {
    let bad = if let Some(seconds) = setting("ISSUE_MIRROR_TEXT_SEARCH_SECONDS") {
        search::search(Duration::from_secs(seconds))
    } else if let Some(kib) = setting("ISSUE_MIRROR_TEXT_GROWTH") {
        rows().filter(|row| growth::is_bad(row, kib)).count()
    } else {
        let kib = setting("ISSUE_MIRROR_TEXT_KIB").unwrap_or(1024);
        print!("{:36}", format!("{kib} KiB of"));
        for stage in STAGES {
            print!(" {:>8}", stage.name);
        }
        println!();
        rows().filter(|row| is_slow(row, kib)).count()
    };
    println!("{bad} take too long");
    if bad == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// A number from the environment.
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// A name and what makes a text of any length.
struct Row {
    name: String,
    /// What stands in front once.
    first: String,
    /// What is repeated.
    again: String,
    /// What is repeated as often behind all of that.
    behind: String,
    /// What stands at the end once.
    last: String,
}

impl Row {
    /// A text of about this length.
    fn text(&self, length: usize) -> String {
        let room = length.saturating_sub(self.first.len() + self.last.len());
        if self.again.contains(NUMBER) {
            let mut text = self.first.clone();
            let mut number = 0;
            while text.len() < length {
                text.push_str(&self.again.replace(NUMBER, &number.to_string()));
                number += 1;
            }
            return text;
        }
        let count = room.div_ceil((self.again.len() + self.behind.len()).max(1));
        let parts = [
            self.first.clone(),
            self.again.repeat(count),
            self.behind.repeat(count),
            self.last.clone(),
        ];
        parts.concat()
    }
}

/// The rows that are asked for.
fn rows() -> impl Iterator<Item = Row> {
    let only = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let own = |name: &str| {
        let text = std::env::var(format!("ISSUE_MIRROR_TEXT_{name}")).ok()?;
        Some(text.replace("\\n", "\n").replace("\\r", "\r"))
    };
    let row = |name: &str, first: &str, again: &str| Row {
        name: name.to_owned(),
        first: first.to_owned(),
        again: again.to_owned(),
        behind: String::new(),
        last: String::new(),
    };
    let rows: Vec<Row> = match own("AGAIN") {
        Some(again) => vec![row("this", &own("FIRST").unwrap_or_default(), &again)],
        None => WORST
            .iter()
            .map(|(name, first, again)| row(name, first, again))
            .collect(),
    };
    rows.into_iter()
        .filter(move |row| only.as_ref().is_none_or(|only| row.name.contains(only)))
}

/// Prints how long a text takes; whether that is too long.
fn is_slow(row: &Row, kib: u64) -> bool {
    let text = row.text(bytes(kib));
    print!("{:36}", row.name);
    let mut slow = false;
    for Stage { work, times, .. } in STAGES {
        let time = work(&text, 3);
        slow |= time > LIMIT * *times;
        print!(" {:>5} ms", time.as_millis());
    }
    println!("{}", if slow { " <--" } else { "" });
    slow
}

fn bytes(kib: u64) -> usize {
    usize::try_from(kib).unwrap_or(1024) * 1024
}
