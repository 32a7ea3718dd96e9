//! What was last written into a counterpart that was found again, as far as what is there tells it
//! (P3).
//!
//! The source wins where what is there is ours, and people where it is theirs. What cannot be told
//! apart is left as it is.

use super::draft::{CommentDraft, Draft, comment_digests, digests};
use crate::model::{Base, Bases, Digest, Field, Issue, LabelOrigin, OurLabel};
use std::collections::BTreeSet;

/// Whose a title or a text is that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// It is what would be written now.
    Same,
    /// It is what we wrote; the source changed since.
    Ours,
    /// People wrote it.
    Theirs,
}

/// What the envelope of a counterpart says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The title and the text around which it was put were those of people, if it was put there at all.
    pub joined: bool,
    /// It is what would be written now.
    pub same: bool,
    /// It says who closed the issue, so it was we who did.
    pub closed: bool,
}

/// Stands in the base of a title that people wrote on the target before it was joined.
const THEIRS: u64 = 1;

/// Stands in the base of a title of which an earlier version did not note whose it is.
const UNKNOWN_WHOSE: u64 = 2;

/// What is known again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// What was last written.
    pub bases: Bases,
    /// The labels that are ours.
    pub labels: BTreeSet<OurLabel>,
    /// Fields in which the source wins.
    pub overwritten: BTreeSet<Field>,
    /// Fields in which people win.
    pub kept: BTreeSet<Field>,
    /// The same where it was we who wrote them before.
    pub drift: BTreeSet<Field>,
}

/// Stands for what nobody knows: equal to no value of any field.
fn unknown() -> Digest {
    Digest::of(["unknown"])
}

/// The base of a field that tells whether people changed it. A text that never was ours is known from what
/// stood there when it was joined, which is what nothing was rewritten in.
pub fn base(bases: &Bases, field: Field) -> Option<Base> {
    let mut base = bases.get(&field)?.clone();
    if field == Field::Text && base.wrote == unknown() {
        base.wrote = bases.get(&Field::Rewriting)?.wrote;
    }
    Some(base)
}

/// Whether a title may be what people wrote before it was joined. `inert`: the title in which nothing leads
/// anywhere, and earlier versions wrote no other.
pub fn is_title_of_people(base: &Base, inert: Digest) -> bool {
    match base.value {
        Some(UNKNOWN_WHOSE) => base.wrote != inert,
        value => value.is_some(),
    }
}

impl Found {
    /// Both sides are in step.
    fn same(&mut self, field: Field, from: Digest, wrote: Digest, value: Option<u64>) {
        let base = Base { from, wrote, value };
        self.bases.insert(field, base);
    }

    /// The source's value is to be written.
    fn overwrite(&mut self, field: Field, wrote: Digest, value: Option<u64>) {
        self.same(field, unknown(), wrote, value);
        self.overwritten.insert(field);
    }

    /// The target's value stays until the source changes.
    fn keep(&mut self, field: Field, from: Digest) {
        self.same(field, from, unknown(), None);
        self.kept.insert(field);
    }

    fn as_whose(&mut self, field: Field, from: Digest, wrote: Digest, whose: Whose) {
        match whose {
            Whose::Same => self.same(field, from, wrote, None),
            Whose::Ours => self.overwrite(field, wrote, None),
            Whose::Theirs => self.keep(field, from),
        }
    }
}

/// What was last written into an issue. `there`: the counterpart as it is.
pub fn issue(draft: &Draft, there: &Issue, title: Whose, text: Whose, envelope: Envelope) -> Found {
    let mut found = Found::default();
    let seen = digests(there);
    for (&field, &from) in &draft.from {
        if draft.retired.contains(&field) {
            continue;
        }
        let Some(&wrote) = seen.get(&field) else {
            continue;
        };
        match field {
            // It was like that when it was joined, or nobody knows better.
            Field::Title if envelope.joined && title == Whose::Theirs => {
                found.same(field, from, wrote, Some(THEIRS));
                found.kept.insert(field);
            }
            Field::Title => found.as_whose(field, from, wrote, title),
            Field::Rewriting if envelope.joined => found.same(field, from, wrote, None),
            // What was rewritten in a text is part of it.
            Field::Text => found.as_whose(field, from, wrote, text),
            Field::Rewriting if text == Whose::Theirs => found.same(field, from, unknown(), None),
            Field::Rewriting => found.same(field, from, wrote, None),
            Field::Envelope if envelope.same => found.same(field, from, wrote, None),
            Field::Envelope => found.same(field, unknown(), wrote, None),
            Field::TimeSpent => {
                // What people logged there beyond ours stays, and what is missing is logged.
                let total = draft.time_spent.unwrap_or(0);
                if there.time_spent >= total {
                    found.same(field, from, wrote, Some(total));
                } else {
                    found.overwrite(field, wrote, Some(there.time_spent));
                }
            }
            _ if draft.wanted.get(&field) == Some(&wrote) => found.same(field, from, wrote, None),
            // It says who closed it, and it is open now.
            Field::State if draft.says_nothing.contains(&field) && envelope.closed => {
                found.overwrite(field, wrote, None);
            }
            // The source says nothing of it: people may have set it.
            _ if draft.says_nothing.contains(&field) => found.same(field, from, wrote, None),
            _ => found.overwrite(field, wrote, None),
        }
    }
    found.labels = labels_there(draft, there);
    if !envelope.joined {
        found.drift.clone_from(&found.kept);
    }
    found
}

/// What an issue holds that a person joined with one of the source: all of it is theirs, and stays
/// until the source changes. `envelope`: it is to get one.
pub fn joined(draft: &Draft, there: &Issue, envelope: bool) -> Found {
    let mut found = Found::default();
    let seen = digests(there);
    for (&field, &from) in &draft.from {
        if draft.retired.contains(&field) {
            continue;
        }
        let Some(&wrote) = seen.get(&field) else {
            continue;
        };
        match field {
            // What is there is not ours; what it is stands in the other one.
            Field::Text => found.same(field, from, unknown(), None),
            Field::Envelope if envelope => found.same(field, unknown(), wrote, None),
            Field::Title => found.same(field, from, wrote, Some(THEIRS)),
            _ => found.same(field, from, wrote, draft.time_spent),
        }
    }
    // They were there before us.
    let labels = labels_there(draft, there).into_iter();
    found.labels = labels
        .map(|label| OurLabel {
            origin: if label.is_label() {
                LabelOrigin::NotOurs
            } else {
                label.origin
            },
            ..label
        })
        .collect();
    found
}

/// Labels and assignees that the draft would set are ours, others theirs.
fn labels_there(draft: &Draft, there: &Issue) -> BTreeSet<OurLabel> {
    let titles = draft.labels.titles;
    let is_there = |name: &str| there.labels.iter().any(|label| titles.same(label, name));
    let wanted = draft.labels.labels.iter();
    let mut labels: BTreeSet<OurLabel> = wanted
        .filter(|(name, _)| is_there(name))
        .map(|(name, want)| OurLabel {
            name: name.clone(),
            origin: want.origin,
        })
        .collect();
    let accounts = draft.accounts.iter().filter(|name| there.is_assigned(name));
    labels.extend(accounts.map(|name| OurLabel::assigned(name)));
    labels
}

/// What was last written into a comment. `draft`: of its original, if that is there still.
pub fn comment(
    draft: Option<&CommentDraft>,
    body: &str,
    internal: bool,
    text: Whose,
    same_envelope: bool,
) -> Found {
    let mut found = Found::default();
    let hidden = Digest::of([if internal { "true" } else { "false" }]);
    found.same(Field::Confidential, hidden, hidden, None);
    let seen = comment_digests(body);
    for (field, wrote) in seen {
        let from = draft.and_then(|draft| draft.from.get(&field)).copied();
        let Some(from) = from else {
            found.same(field, unknown(), wrote, None);
            continue;
        };
        match field {
            Field::Text => found.as_whose(field, from, wrote, text),
            Field::Rewriting if text == Whose::Theirs => found.same(field, from, unknown(), None),
            Field::Envelope if !same_envelope => found.same(field, unknown(), wrote, None),
            _ => found.same(field, from, wrote, None),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{State, Version};
    use crate::plan::draft::{TextFacts, draft};
    use crate::plan::fixtures::{issue as original, setting, target};

    use crate::plan::issue::plan;
    use crate::plan::policy::Policy;

    const IN_STEP: Envelope = Envelope {
        joined: false,
        same: true,
        closed: false,
    };

    /// The counterpart as it would be, and what is then planned when `change` happened to it.
    fn after(
        change: impl FnOnce(&mut Issue),
        whose: (Whose, Whose),
        envelope: Envelope,
    ) -> (Found, BTreeSet<Field>) {
        let (policy, target) = (Policy::default(), target());
        let setting = setting(&policy, &target);
        let draft = draft(&original(), &TextFacts::default(), setting);
        let mut there = Issue {
            version: Version(Digest::of(["there"])),
            title: draft.title.clone(),
            labels: draft.labels.labels.keys().cloned().collect(),
            ..original()
        };
        change(&mut there);
        let found = issue(&draft, &there, whose.0, whose.1, envelope);
        let plan = plan(&draft, &found.bases, &found.labels, &policy, None);
        (found, plan.fields())
    }

    #[test]
    fn p3_what_is_in_step_is_not_written() {
        let (found, written) = after(|_| {}, (Whose::Same, Whose::Same), IN_STEP);
        assert_eq!(written, BTreeSet::new());
        assert!(found.kept.is_empty() && found.overwritten.is_empty());
    }

    #[test]
    fn p3_the_source_wins_where_nobody_edited_and_people_where_they_did() {
        let (found, written) = after(
            |there| {
                there.title = "Old".into();
                there.weight = Some(9);
                there.labels.remove("bug");
                there.labels.insert("theirs".into());
                there.time_spent = 60;
            },
            (Whose::Ours, Whose::Theirs),
            IN_STEP,
        );
        let expected = [Field::Title, Field::Weight, Field::Labels, Field::TimeSpent];
        assert_eq!(written, expected.into());
        assert_eq!(found.kept, [Field::Text].into());
        assert_eq!(found.bases[&Field::TimeSpent].value, Some(60));
        assert!(found.labels.iter().all(|label| label.name != "theirs"));
    }

    #[test]
    fn p3_what_people_closed_stays_closed_and_what_we_closed_is_opened_again() {
        let close = |there: &mut Issue| there.state = State::Closed;
        let same = (Whose::Same, Whose::Same);
        assert_eq!(after(close, same, IN_STEP).1, BTreeSet::new());
        let by_us = Envelope {
            joined: false,
            same: false,
            closed: true,
        };
        let written = after(close, same, by_us).1;
        assert_eq!(written, [Field::State, Field::Envelope].into());
    }

    #[test]
    fn p3_hours_that_people_logged_are_theirs() {
        let same = (Whose::Same, Whose::Same);
        let (found, written) = after(|there| there.time_spent += 3600, same, IN_STEP);
        assert_eq!(written, BTreeSet::new());
        let value = found.bases[&Field::TimeSpent].value;
        assert_eq!(value, Some(original().time_spent));
    }
}
