//! Addresses of uploaded files that make a link by themselves.

use super::finding;
use super::structure::{self, Structure};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Addresses of uploaded files that stand in prose or in angle brackets and not in a link: what is
/// to be replaced, and the address in it.
pub(super) fn bare(text: &str, structure: &Structure) -> Vec<(Range<usize>, Range<usize>)> {
    static FILE: LazyLock<Regex> = LazyLock::new(|| {
        structure::regex(r#"https?://[^\s<>()\[\]"'`|*]*/uploads/[0-9a-f]{32}/[^\s<>()\[\]"'`|*]+"#)
    });
    let labels = finding::outermost(&structure.links);
    let mut found = Vec::new();
    for file in FILE.find_iter(text) {
        // Letters right before it make another word of it, which is no address.
        if text[..file.start()].ends_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        // With a link right behind them brackets would mean something else.
        if text[..file.start()].ends_with("](") || text[..file.start()].ends_with(']') {
            continue;
        }
        let address = file
            .as_str()
            .trim_end_matches(['.', ',', ';', ':', '!', '?', '_']);
        let range = file.start()..file.start() + address.len();
        let after = structure
            .autolinks
            .partition_point(|auto| auto.start <= range.start);
        if let Some(auto) = after
            .checked_sub(1)
            .map(|index| &structure.autolinks[index])
            .filter(|auto| file.end() <= auto.end)
        {
            let whole = &text[auto.clone()];
            // With or without its angle brackets.
            let inside = whole.trim_start_matches('<').trim_end_matches('>');
            if inside == file.as_str() {
                let start = file.start().saturating_sub(1);
                found.push((start..file.end() + 1, file.range()));
            }
            continue;
        }
        if structure.is_prose(&range) && !structure::holds(&labels, &range) {
            found.push((range.clone(), range));
        }
    }
    found
}
