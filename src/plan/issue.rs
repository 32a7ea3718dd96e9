//! The plan of one issue that has a counterpart.

mod planned;

pub use planned::{DescriptionPlan, IssuePlan};

use super::draft::Draft;
use super::fields::{Seen, Verdict, verdict};
use super::found;
use super::labels;
use super::policy::Policy;
use crate::model::{Base, Bases, Digest, Field, OurLabel, Patch};
use std::collections::{BTreeMap, BTreeSet};

/// Plans the fields of a counterpart. `target` is what it holds, where it was read.
pub fn plan(
    draft: &Draft,
    bases: &Bases,
    ours: &BTreeSet<OurLabel>,
    policy: &Policy,
    target: Option<&BTreeMap<Field, Digest>>,
) -> IssuePlan {
    let mut labels = labels::change(&draft.labels, &draft.accounts, ours, policy);
    if !draft.from.contains_key(&Field::Labels) {
        labels.leave_labels(ours);
    }
    let mut plan = IssuePlan {
        labels,
        ..IssuePlan::default()
    };
    // Labels are members of a set and have no base, unless nobody knows whether a change of them was
    // done: then it is done again.
    if bases.contains_key(&Field::Labels) && draft.from.contains_key(&Field::Labels) {
        let labels = plan.labels.ours.iter();
        let labels = labels.filter(|label| label.is_label_of_ours());
        let names: BTreeSet<String> = labels.map(|label| label.name.clone()).collect();
        plan.labels.add = names.into_iter().collect();
    }
    if bases.contains_key(&Field::Labels) {
        plan.labels.assign.clone_from(&draft.accounts);
    }
    let mut changed = BTreeSet::new();
    for (&field, &source) in &draft.from {
        // What people set there is theirs.
        if draft.retired.contains(&field) && !bases.contains_key(&field) {
            continue;
        }
        // It was unlocked for a moment, and nobody knows whether that moment is over.
        if field == Field::Locked && bases.get(&field).is_some_and(is_of_people) {
            changed.insert(field);
            continue;
        }
        let base = found::base(bases, field);
        let seen = Seen {
            base: base.as_ref(),
            source,
            says_nothing: draft.says_nothing.contains(&field),
            // Where the target has as much time as the source, that was logged already: an older store
            // does not know it.
            wanted: match field {
                Field::TimeSpent => Some(source),
                _ => draft.wanted.get(&field).copied(),
            },
            target: target.and_then(|digests| digests.get(&field)).copied(),
        };
        match verdict(seen) {
            Verdict::Settled => {}
            Verdict::Record => {
                plan.record.insert(field);
            }
            Verdict::Drift => {
                plan.drift.insert(field);
            }
            Verdict::Write => {
                changed.insert(field);
            }
        }
    }
    // Labels are compared by their members, not as one value.
    changed.remove(&Field::Labels);
    // So are assignees; but whom the target did not keep is not sent again each time.
    if !changed.contains(&Field::Assignees) {
        plan.labels.leave_people(ours);
    } else if !plan.labels.changes_people() {
        changed.remove(&Field::Assignees);
        plan.record.insert(Field::Assignees);
    }
    if changed.contains(&Field::Rewriting) && !changed.contains(&Field::Title) {
        let there = target.map(|digests| digests.get(&Field::Title).copied());
        match led(draft, bases, there.flatten()) {
            Some(Verdict::Write) if there.is_none() => plan.asks_for_title = true,
            Some(Verdict::Write) => drop(changed.insert(Field::Title)),
            Some(Verdict::Record) => {
                plan.drift.remove(&Field::Title);
                plan.record.insert(Field::Title);
            }
            _ => {}
        }
    }
    // The text of a counterpart holds what was rewritten in it: one drift, not two.
    plan.drift.remove(&Field::Rewriting);
    // Hours that people log are meant to be there.
    plan.drift.remove(&Field::TimeSpent);
    plan.description = DescriptionPlan::of(&changed, changed.contains(&Field::Title));
    for field in [Field::Text, Field::Rewriting, Field::Envelope] {
        changed.remove(&field);
    }
    // A forge may have to unlock what it opens again: it is locked again then.
    let opens = changed.contains(&Field::State) && draft.says_nothing.contains(&Field::State);
    if opens && draft.values.locked == Some(true) && bases.contains_key(&Field::Locked) {
        changed.insert(Field::Locked);
    }
    plan.opens = opens;
    plan.write = changed;
    plan
}

/// The verdict on a title that is the same on the source, of which what it refers to leads elsewhere
/// now. `there`: the target's, where it was read.
fn led(draft: &Draft, bases: &Bases, there: Option<Digest>) -> Option<Verdict> {
    let (base, wanted) = (bases.get(&Field::Title)?, *draft.wanted.get(&Field::Title)?);
    // What people wrote there stays as they wrote it.
    if base.wrote == wanted || found::is_title_of_people(base, draft.inert_title) {
        return None;
    }
    match there {
        Some(there) if there == wanted => Some(Verdict::Record),
        Some(there) if there != base.wrote => Some(Verdict::Drift),
        _ => Some(Verdict::Write),
    }
}

/// What is noted while an issue is opened again that people locked: their lock comes back, whatever
/// happens meanwhile.
pub fn locked_by_people() -> Base {
    let theirs = Digest::of(["locked by people"]);
    Base {
        from: theirs,
        wrote: theirs,
        value: Some(1),
    }
}

/// Whether a base is [`locked_by_people`].
pub fn is_of_people(base: &Base) -> bool {
    *base == locked_by_people()
}

/// The values of fields, to be written.
pub fn values(draft: &Draft, fields: &BTreeSet<Field>) -> Patch {
    let all = &draft.values;
    let has = |field| fields.contains(&field);
    Patch {
        title: has(Field::Title).then(|| draft.title.clone()),
        state: all.state.clone().filter(|_| has(Field::State)),
        confidential: all.confidential.filter(|_| has(Field::Confidential)),
        issue_type: all.issue_type.filter(|_| has(Field::Type)),
        locked: all.locked.filter(|_| has(Field::Locked)),
        iteration: all.iteration.clone().filter(|_| has(Field::Iteration)),
        epic: all.epic.clone().filter(|_| has(Field::Epic)),
        weight: all.weight.filter(|_| has(Field::Weight)),
        milestone: all.milestone.clone().filter(|_| has(Field::Milestone)),
        due_date: all.due_date.filter(|_| has(Field::DueDate)),
        time_estimate: all.time_estimate.filter(|_| has(Field::TimeEstimate)),
        ..Patch::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Base, Issue};
    use crate::plan::draft::{TextFacts, draft};
    use crate::plan::fixtures::{issue, setting, target};

    fn drafted(issue: &Issue, policy: &Policy) -> Draft {
        drafted_with(issue, &TextFacts::default(), policy)
    }

    fn drafted_with(issue: &Issue, facts: &TextFacts, policy: &Policy) -> Draft {
        let target = target();
        let setting = setting(policy, &target);
        draft(issue, facts, setting)
    }

    /// What the store holds after everything of a draft was written.
    fn applied(draft: &Draft, policy: &Policy) -> (Bases, BTreeSet<OurLabel>) {
        let bases = draft
            .from
            .iter()
            .filter(|(field, _)| **field != Field::Labels)
            .map(|(&field, &from)| {
                let wrote = draft.wanted.get(&field).copied().unwrap_or(from);
                let value = draft.time_spent.filter(|_| field == Field::TimeSpent);
                (field, Base { from, wrote, value })
            })
            .collect();
        let ours = labels::change(&draft.labels, &draft.accounts, &BTreeSet::new(), policy).ours;
        (bases, ours)
    }

    fn replan(changed: &Issue, then: &Policy) -> IssuePlan {
        let policy = Policy {
            confidential: true,
            ..Policy::default()
        };
        let (bases, ours) = applied(&drafted(&issue(), &policy), &policy);
        plan(&drafted(changed, then), &bases, &ours, then, None)
    }

    fn everything_on() -> Policy {
        Policy {
            confidential: true,
            ..Policy::default()
        }
    }

    #[test]
    fn p4_a_plan_that_was_carried_out_is_empty() {
        let plan = replan(&issue(), &everything_on());
        assert!(plan.sends_nothing() && plan.record.is_empty(), "{plan:?}");
    }

    #[test]
    fn a_change_of_one_field_writes_that_field() {
        type Change = fn(&mut Issue);
        let changes: [(Change, &[Field]); 11] = [
            (|i| i.title = "New".into(), &[Field::Title]),
            (|i| i.text = "New".into(), &[Field::Text]),
            (|i| i.weight = None, &[Field::Weight]),
            (|i| i.due_date = None, &[Field::DueDate]),
            (|i| i.time_estimate = 0, &[Field::TimeEstimate]),
            (|i| i.time_spent = 60, &[Field::TimeSpent]),
            (|i| i.confidential = true, &[Field::Confidential]),
            (|i| i.state = crate::model::State::Closed, &[Field::State]),
            (
                |i| {
                    i.labels.clear();
                },
                &[Field::Labels],
            ),
            (|i| i.milestone = None, &[Field::Envelope, Field::Labels]),
            (|i| i.assignees.clear(), &[Field::Envelope, Field::Labels]),
        ];
        for (change, fields) in changes {
            let mut changed = issue();
            change(&mut changed);
            let plan = replan(&changed, &everything_on());
            assert_eq!(plan.fields(), fields.iter().copied().collect(), "{plan:?}");
        }
    }

    #[test]
    fn p6_switching_a_toggle_off_writes_nothing_of_that_field() {
        let off = Policy {
            weight: false,
            due_date: false,
            time_estimate: false,
            time_spent: false,
            labels: false,
            confidential: false,
            ..Policy::default()
        };
        let plan = replan(&issue(), &off);
        assert!(plan.sends_nothing(), "{plan:?}");
    }

    #[test]
    fn p10_switching_a_toggle_on_writes_that_field() {
        let off = Policy {
            weight: false,
            milestones: false,
            ..Policy::default()
        };
        let (bases, ours) = applied(&drafted(&issue(), &off), &off);
        let on = Policy::default();
        let plan = plan(&drafted(&issue(), &on), &bases, &ours, &on, None);
        assert_eq!(plan.labels.add, ["Milestone::v1"]);
        assert_eq!(
            plan.fields(),
            [Field::Weight, Field::Labels, Field::Envelope].into()
        );
    }

    #[test]
    fn p10_a_mapping_arrives_without_a_change_of_the_issue() {
        let mut mapped = everything_on();
        mapped.users.insert("bob".into(), "robert".into());
        let plan = replan(&issue(), &mapped);
        assert_eq!(plan.labels.add, ["Assignee::@robert"]);
        assert_eq!(plan.labels.remove, ["Assignee::@bob"]);
        assert_eq!(plan.fields(), [Field::Labels, Field::Envelope].into());
    }

    #[test]
    fn p10_another_strategy_moves_the_milestone_between_label_and_field() {
        let on_label = everything_on();
        let by_title = Policy {
            milestone_by_title: true,
            ..everything_on()
        };
        let there = TextFacts {
            milestone: Some("V1".into()),
            ..TextFacts::default()
        };
        let moved = [Field::Milestone, Field::Labels, Field::Envelope];
        let label = drafted(&issue(), &on_label);
        let native = drafted_with(&issue(), &there, &by_title);
        let (bases, ours) = applied(&label, &on_label);
        let forth = plan(&native, &bases, &ours, &by_title, None);
        assert_eq!(forth.fields(), moved.into());
        assert_eq!(forth.labels.remove, ["Milestone::v1"]);
        let (bases, ours) = applied(&native, &by_title);
        let again = plan(&native, &bases, &ours, &by_title, None);
        assert!(again.sends_nothing() && again.record.is_empty());
        let back = plan(&label, &bases, &ours, &on_label, None);
        assert_eq!(back.fields(), moved.into());
        assert_eq!(values(&label, &back.write).milestone, Some(None));
    }

    #[test]
    fn p6_a_milestone_that_was_never_ours_is_not_looked_at() {
        let label = drafted(&issue(), &everything_on());
        let theirs = [(Field::Milestone, Digest::of(["theirs"]))];
        let target = BTreeMap::from(theirs);
        let (mut bases, ours) = applied(&label, &everything_on());
        bases.remove(&Field::Milestone);
        let plan = plan(&label, &bases, &ours, &everything_on(), Some(&target));
        assert!(plan.sends_nothing() && plan.record.is_empty() && plan.drift.is_empty());
    }

    #[test]
    fn p6_only_the_envelope_changes_where_only_that_is_ours() {
        let mut changed = issue();
        changed.milestone = None;
        let plan = replan(&changed, &everything_on());
        assert_eq!(
            plan.description,
            DescriptionPlan::Around([Field::Envelope].into())
        );
        changed.text = "And the text.".into();
        let plan = replan(&changed, &everything_on());
        assert_eq!(plan.description, DescriptionPlan::Whole);
    }
}
