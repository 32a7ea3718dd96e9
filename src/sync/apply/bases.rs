//! What is remembered of what was written.

use crate::model::{Base, Bases, Digest, Field};
use crate::plan::draft::Draft;
use crate::plan::found;
use crate::plan::issue::IssuePlan;
use crate::sync::description::NewDescription;
use std::collections::{BTreeMap, BTreeSet};

/// The bases of what was just written. `there`: what the target then has.
pub(super) fn up_to_date(
    draft: &Draft,
    plan: &IssuePlan,
    body: &NewDescription,
    known: &Bases,
    there: Option<&BTreeMap<Field, Digest>>,
) -> Bases {
    let mut written = plan.write.clone();
    written.extend(&body.fields);
    let mut fresh = bases(draft, &written, |field| {
        // Text of people that was kept is not what we wrote.
        if body.kept_theirs && field == Field::Rewriting {
            return found::base(known, Field::Text).map(|base| base.wrote);
        }
        there.and_then(|there| there.get(&field)).copied()
    });
    // And it is not in doubt any more.
    if body.kept_theirs
        && let Some(text) = known.get(&Field::Text)
    {
        fresh.insert(Field::Text, text.clone());
    }
    fresh
}

/// Bases for fields of a draft. `there`: what the target has, where that is known.
pub(in crate::sync) fn bases(
    draft: &Draft,
    fields: &BTreeSet<Field>,
    there: impl Fn(Field) -> Option<Digest>,
) -> Bases {
    // Labels are kept as members of a set.
    let single = fields.iter().filter(|field| **field != Field::Labels);
    single
        .filter_map(|&field| {
            let from = *draft.from.get(&field)?;
            let base = Base {
                from,
                wrote: there(field).unwrap_or(from),
                value: draft.time_spent.filter(|_| field == Field::TimeSpent),
            };
            Some((field, base))
        })
        .collect()
}
