//! What is not read: text of which forges do not agree whether it is code.

use super::destinations::destination_at;
use super::{Structure, push};
use crate::text::cells;
use crate::text::flow::Flow;
use crate::text::html::{Open, Raw};
use std::ops::Range;

/// What may be code or not: as it stands there, in pieces and as HTML, behind what is known already.
pub(super) fn in_all_ways(text: &str, range: &Range<usize>, mut flow: Flow) -> Structure {
    let inside = &text[range.clone()];
    flow.say(text, range.clone());
    flow.gap();
    // What makes emphasis, links and code is no part of a name.
    let is_mark = |b: u8| b"_*~`[]\\".contains(&b);
    let mut said = range.start;
    for (at, _) in inside.bytes().enumerate().filter(|(_, b)| is_mark(*b)) {
        let mark = range.start + at;
        if said < mark {
            flow.say(text, said..mark);
            flow.gap();
        }
        said = mark + 1;
    }
    flow.say(text, said..range.end);
    flow.gap();
    let mut read = Structure {
        flow,
        ..Structure::default()
    };
    // Nothing else is read otherwise there.
    if inside.contains(['&', '<']) {
        let mut raw = Raw::default();
        raw.push(text, range);
        raw.plain(text, &mut read);
        read.flow.gap();
        raw.read(text, &mut Open::default(), &mut read);
        read.flow.gap();
    }
    read
}

/// A document of which nobody knows what is code in it: all of it is in doubt, and whatever could be
/// the destination of a link is one. This costs much less than to read it.
pub fn unread(text: &str) -> Structure {
    let whole = 0..text.len();
    let mut found = in_all_ways(text, &whole, Flow::default());
    found.doubt = std::mem::take(&mut found.flow);
    let mut at = 0;
    let mut is_data = false;
    for line in text.split_inclusive('\n') {
        let range = at..at + line.len();
        at = range.end;
        // Whatever stands in front of a fence: nobody knows where it is one.
        if line.contains("```") || line.contains("~~~") {
            is_data = cells::is_table(line);
        } else if is_data {
            push(&mut found.tables, range);
        }
    }
    let opens = text.match_indices(']').map(|(at, _)| at + 1);
    let opens = opens.filter(|at| text[*at..].starts_with(['(', ':']));
    let mut opens = opens.map(|at| at + 1).peekable();
    while let Some(open) = opens.next() {
        let end = opens.peek().copied().unwrap_or(text.len());
        if let Some(mut range) = destination_at(text, open..end) {
            range.end -=
                text[range.clone()].len() - text[range.clone()].trim_end_matches(')').len();
            found.destinations.push(range);
        }
    }
    found
}
