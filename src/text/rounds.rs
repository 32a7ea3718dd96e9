//! A text is rewritten until nothing more is found in it: what came of all that can be undone at once.

use super::edits::{self, Change, Edit, Edits, Rewritten};
use super::nul;
use super::rewrite::{ENOUGH, Rules};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;

/// How often a text is read again at most.
const ROUNDS: usize = 4;

/// Rewrites a text, and then what came of it. `first`: what changes in the text; `again`: what changes in
/// one that was rewritten.
pub(super) fn rewritten(
    text: &str,
    rules: &Rules<'_>,
    first: impl FnOnce(&str, &Rules<'_>) -> Vec<Change>,
    again: impl Fn(&Rewritten, &Rules<'_>) -> Vec<Change>,
) -> Rewritten {
    let written = if rules.grammar.refuses_nul {
        nul::written(text)
    } else {
        None
    };
    let text = written.as_ref().map_or(text, |written| &written.text);
    let (acts, moved) = (Cell::new(false), RefCell::new(HashSet::new()));
    let noted = Rules {
        notify: &|name| (rules.notify)(name).inspect(|_| acts.set(true)),
        refers: &|to| (rules.refers)(to).inspect(|_| acts.set(true)),
        destination: &|link| {
            let to = (rules.destination)(link)?;
            moved.borrow_mut().insert(to.clone());
            Some(to)
        },
        ..*rules
    };
    let mut now = edits::apply(text, first(text, &noted));
    // What names something is final: what looks like more of it now, the author did not name. And so is
    // where a link leads.
    let stays = |link: &str| moved.borrow().get(link).cloned();
    let rules = &Rules {
        notify: &|_| None,
        refers: &|_| None,
        destination: &|link| stays(link).or_else(|| (rules.destination)(link)),
        ..*rules
    };
    for _ in 0..ROUNDS.min(ENOUGH / text.len().max(1)) {
        let mut more = again(&now, rules);
        more.retain(|change| !is_ours(change, &now.edits, acts.get()));
        if more.is_empty() {
            break;
        }
        now = joined(&now, edits::apply(&now.text, more));
    }
    if let Some(written) = &written {
        now = joined(written, now);
    }
    now
}

/// Whether a change would touch what was put there instead of something else: that is final, but where
/// nothing acts in the text, what is only made inert may need more of that.
fn is_ours((range, _): &Change, edits: &Edits, acts: bool) -> bool {
    // Nothing that is put in front of an edit touches it.
    let is_touched = edits
        .behind(range.start)
        .take_while(|edit| edit.at < range.end)
        .any(|edit| !edit.was.is_empty());
    is_touched && (acts || !range.is_empty())
}

/// Two rewrites as one. `again` is of the text that came of `first`.
fn joined(first: &Rewritten, again: Rewritten) -> Rewritten {
    let mut edits = Edits::default();
    let mut old = first.edits.iter().peekable();
    let mut new = again.edits.iter().peekable();
    // How much longer the text has become in front of what comes next.
    let mut grown: isize = 0;
    let (mut was, mut now) = (String::new(), String::new());
    loop {
        // In the text between both.
        let next = old.peek().map(|edit| edit.at);
        let start = match (next, new.peek().map(|edit| before(edit, grown))) {
            (Some(old), Some(new)) => old.min(new),
            (Some(old), None) => old,
            (None, Some(new)) => new,
            (None, None) => break,
        };
        let at = start.saturating_add_signed(grown);
        let (mut end, mut was_end, mut now_end) = (start, start, at);
        was.clear();
        now.clear();
        loop {
            if let Some(edit) = old.next_if(|edit| edit.at <= end) {
                was.push_str(&first.text[was_end..edit.at]);
                was.push_str(edit.was);
                was_end = edit.end();
                end = end.max(was_end);
            } else if let Some(edit) = new.next_if(|edit| before(edit, grown) <= end) {
                now.push_str(&again.text[now_end..edit.at]);
                now.push_str(edit.now);
                now_end = edit.end();
                end = end.max(before(&edit, grown) + edit.was.len());
                grown += edit.now.len().cast_signed() - edit.was.len().cast_signed();
            } else {
                break;
            }
        }
        was.push_str(&first.text[was_end..end]);
        now.push_str(&again.text[now_end..end.saturating_add_signed(grown)]);
        edits.push(at, &was, &now);
    }
    Rewritten {
        text: again.text,
        edits,
    }
}

/// Where an edit stood in the text that it changed.
fn before(edit: &Edit<'_>, grown: isize) -> usize {
    edit.at.saturating_add_signed(-grown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::edits::restore;
    use proptest::prelude::*;

    /// A text in which each piece of another is kept, replaced or has something put in front of it.
    fn rewritten(text: &str, choices: &[u8]) -> Rewritten {
        let mut out = Rewritten::default();
        for (c, choice) in text.chars().zip(choices.iter().cycle()) {
            let (was, now) = match choice % 4 {
                0 => (c.to_string(), format!("<{choice}>")),
                1 => (String::new(), "+".to_owned()),
                _ => (String::new(), String::new()),
            };
            if was != now {
                let at = out.text.len();
                out.text.push_str(&now);
                out.edits.push(at, &was, &now);
            }
            if choice % 4 != 0 {
                out.text.push(c);
            }
        }
        out
    }

    proptest! {
        #[test]
        fn both_are_undone_at_once(
            text in "[a-eé]{0,12}",
            first in proptest::collection::vec(any::<u8>(), 1..8),
            again in proptest::collection::vec(any::<u8>(), 1..8),
        ) {
            let first = rewritten(&text, &first);
            let again = rewritten(&first.text, &again);
            let both = joined(&first, again.clone());
            prop_assert_eq!(&both.text, &again.text);
            prop_assert_eq!(restore(&both.text, &both.kept()), Some(text));
        }
    }

    #[test]
    fn what_was_put_there_is_final() {
        let mut edits = Edits::default();
        edits.push(2, "", "x");
        edits.push(5, "#1", "#101");
        let touches = |range| is_ours(&(range, "".into()), &edits, true);
        assert!(touches(6..6) && touches(4..6) && touches(8..10));
        assert!(!touches(2..4) && !touches(5..5) && !touches(9..9) && !touches(9..12));
        assert!(!is_ours(&(6..6, "".into()), &edits, false));
    }
}
