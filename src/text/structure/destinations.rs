//! Where the destinations of links stand in what the parser says of them.

use std::ops::Range;

/// Where the destination stands in what follows the label of an inline link: `](<dest> "title")`.
pub(super) fn inline_destination(text: &str, tail: Range<usize>) -> Option<Range<usize>> {
    let open = tail.start + text.get(tail.clone())?.find("](")? + 2;
    destination_at(text, open..tail.end.saturating_sub(1))
}

/// Where the destination stands in `[label]: dest "title"`; `is_pointed`: it begins with what makes a
/// quote, and else that is one.
pub(super) fn definition_destination(
    text: &str,
    span: Range<usize>,
    is_pointed: bool,
) -> Option<Range<usize>> {
    let mut open = span.start + text.get(span.clone())?.find("]:")? + 2;
    let blank = |c: char| c.is_ascii_whitespace() || c == '>' && !is_pointed;
    let inside = &text[open..span.end];
    open += inside.len() - inside.trim_start_matches(blank).len();
    destination_at(text, open..span.end)
}

/// A destination at the start of a range, after white space.
pub(super) fn destination_at(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let inside = text.get(range.clone())?;
    let start = range.start + (inside.len() - inside.trim_start().len());
    let rest = &text[start..range.end];
    if let Some(pointed) = rest.strip_prefix('<') {
        let length = pointed.find('>')?;
        return Some(start + 1..start + 1 + length);
    }
    let length = rest
        .find(|c: char| c.is_ascii_whitespace())
        .unwrap_or(rest.len());
    (length > 0).then(|| start..start + length)
}
