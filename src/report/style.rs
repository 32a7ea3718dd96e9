//! Colours, for terminals that want them. Whoever prints takes them out elsewhere.

use anstyle::{AnsiColor, Style};

/// What went well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What needs a look.
pub const WARN: Style = AnsiColor::Yellow.on_default();
/// What failed.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// What a line is about.
pub const NAME: Style = Style::new().bold();
/// What matters less.
pub const DIM: Style = Style::new().dimmed();

/// A text in a style.
pub fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// A text from the outside on a terminal: what could move the cursor or change colours becomes
/// visible instead. Line breaks stay.
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' => '\n',
            '\t' => ' ',
            c if c.is_control() => '\u{fffd}',
            // Right-to-left overrides could show a line in another order.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// `1 issue`, `2 issues`.
pub fn count(number: u64, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// Milliseconds as people read them.
pub fn took(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    if seconds < 1 {
        format!("{milliseconds} ms")
    } else if seconds < 60 {
        format!("{seconds}.{} s", milliseconds % 1000 / 100)
    } else {
        format!("{} min {} s", seconds / 60, seconds % 60)
    }
}
