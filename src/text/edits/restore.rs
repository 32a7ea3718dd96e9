//! Undoes edits in what people made of a text.
//!
//! An edit is found again where the same stands with the same beside it, if that stands in the text as
//! often as it did. Where it stands there more often, or in place of different things, an unchanged
//! stretch must lead to it from one that is known or from an end of the text. Nothing else is known: the
//! edit was touched, or somebody wrote the same elsewhere, and what is to become of that is not guessed.

use super::around::{Stretch, beside};
use super::kept::{Around, Kept};
use super::occurrences::Kinds;

/// Gives back the original; what people inserted, deleted or changed elsewhere stays so. `None` if
/// somebody changed a place that was rewritten or the word in which it stands right beside it, put two in
/// another order, or if it is in doubt which place is which.
pub fn restore(text: &str, kept: &Kept) -> Option<String> {
    let edits = &kept.edits;
    let mut out = String::with_capacity(text.len() + edits.was.len());
    let mut done = 0;
    for (edit, at) in edits.iter().zip(places(text, kept)?) {
        // Here they are in order too, or none is left.
        out.push_str(text.get(done..at)?);
        out.push_str(edit.was);
        done = at + edit.now.len();
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

/// Where each edit stands in a text, if that is sure.
fn places(text: &str, kept: &Kept) -> Option<Vec<usize>> {
    let kinds = Kinds::of(kept);
    let (counted, is_one) = counted(text, kept, &kinds)?;
    let behind = behind(text, kept, &counted);
    let before = before(text, kept, &counted);
    let sure = |index: usize| {
        let led = [behind[index], before[index]];
        let mut all = led.into_iter().flatten().chain(counted[index]);
        let at = all.next()?;
        if is_one[kinds.kind(index)] && counted[index].is_some() {
            return counted[index];
        }
        // Nothing may speak against it, and a stretch must speak for it.
        (all.all(|other| other == at) && led != [None, None]).then_some(at)
    };
    (0..kept.edits.len()).map(sure).collect()
}

/// Where the edits stand of which there are as many as there were; and of each kind, whether all stand
/// in place of one thing. `None` if there are fewer of one.
fn counted(text: &str, kept: &Kept, kinds: &Kinds<'_>) -> Option<(Vec<Option<usize>>, Vec<bool>)> {
    let mut found = vec![Vec::new(); kinds.len()];
    kinds.find(text, |kind, at| found[kind].push(at));
    let mut was: Vec<Option<&str>> = vec![None; kinds.len()];
    let (mut ours, mut is_one) = (vec![0; kinds.len()], vec![true; kinds.len()]);
    for (index, edit) in kept.edits.iter().enumerate() {
        let kind = kinds.kind(index);
        ours[kind] += 1;
        is_one[kind] &= *was[kind].get_or_insert(edit.was) == edit.was;
    }
    let mut next = vec![0; kinds.len()];
    let one = |(index, around): (usize, &Around)| {
        let kind = kinds.kind(index);
        let (found, nth) = (&found[kind], next[kind]);
        next[kind] += 1;
        if found.len() < around.seen {
            return None;
        }
        let is_counted = found.len() == around.seen && ours[kind] == around.seen;
        Some(is_counted.then(|| found[nth]))
    };
    let counted: Option<Vec<Option<usize>>> = kept.around.iter().enumerate().map(one).collect();
    Some((counted?, is_one))
}

/// Where edits stand behind a stretch that nobody changed and that begins at the start of the text or at
/// an edit that is known.
fn behind(text: &str, kept: &Kept, counted: &[Option<usize>]) -> Vec<Option<usize>> {
    let mut all = Vec::with_capacity(kept.edits.len());
    let mut from = Some(0);
    for (index, edit) in kept.edits.iter().enumerate() {
        let between = kept.around[index].between;
        let at = from.and_then(|from| between.end(text, from));
        let at = at.filter(|at| stands(text, kept, index, *at));
        all.push(at);
        from = counted[index].or(at).map(|at| at + edit.now.len());
    }
    all
}

/// The same from the end of the text.
fn before(text: &str, kept: &Kept, counted: &[Option<usize>]) -> Vec<Option<usize>> {
    let mut all = vec![None; kept.edits.len()];
    let (mut to, mut stretch): (_, &Stretch) = (Some(text.len()), &kept.rest);
    for index in (0..kept.edits.len()).rev() {
        let length = kept.edits.get(index).now.len();
        let end = to.and_then(|to| stretch.start(text, to));
        let at = end.and_then(|end| end.checked_sub(length));
        all[index] = at.filter(|at| stands(text, kept, index, *at));
        to = counted[index].or(all[index]);
        stretch = &kept.around[index].between;
    }
    all
}

/// Whether what an edit put there stands in a text at a place, with the same beside it.
fn stands(text: &str, kept: &Kept, index: usize, at: usize) -> bool {
    let now = kept.edits.get(index).now;
    let place = at..at + now.len();
    text.get(place.clone()) == Some(now) && beside(text, place) == kept.around[index].beside
}

#[cfg(test)]
mod tests;
