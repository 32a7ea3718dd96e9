//! The verdict on one field, from three values: source now, base, target now.

use crate::model::{Base, Digest};

/// What is to be done about one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Settled,
    /// Nothing is sent, but the base is brought up to date.
    Record,
    /// The source's value is written.
    Write,
    /// The source did not change, people changed the target: left alone and counted.
    Drift,
}

/// What is known of one field.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// What we last wrote; `None` if the field was never ours.
    pub base: Option<&'a Base>,
    /// What the source's value is made from now.
    pub source: Digest,
    /// The source says nothing: no weight, open, public.
    pub says_nothing: bool,
    /// What the target should have, where that is known before it is rendered.
    pub wanted: Option<Digest>,
    /// What the target has, where it was read.
    pub target: Option<Digest>,
}

/// The verdict on one field of a one-way pair: the source wins where it changed, and only there.
pub fn verdict(seen: Seen<'_>) -> Verdict {
    let as_wanted = seen.target.is_some() && seen.target == seen.wanted;
    match seen.base {
        // Never ours, and the source has nothing to say: what people set stays.
        None if seen.says_nothing => Verdict::Record,
        // Never ours, but both sides say the same.
        None if as_wanted => Verdict::Record,
        // Never ours, and the source says something: the toggle was switched on, or it could not
        // be part of the create.
        None => Verdict::Write,
        Some(base) if base.from == seen.source => match seen.target {
            // Unchanged at the source, changed at the target.
            Some(target) if target != base.wrote => Verdict::Drift,
            // Unchanged on both sides, or the target was not looked at.
            _ => Verdict::Settled,
        },
        // Changed at the source, and somebody made the same change at the target.
        Some(_) if as_wanted => Verdict::Record,
        // Changed at the source, whatever happened at the target.
        Some(_) => Verdict::Write,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values that a field can have in the small space.
    fn values() -> [Digest; 3] {
        ["none", "a", "b"].map(|value| Digest::of([value]))
    }

    /// Every combination of base, source, target and what the source says.
    fn every(mut check: impl FnMut(Option<Base>, Digest, bool, Option<Digest>)) {
        let mut bases = vec![None];
        for from in values() {
            for wrote in values() {
                bases.push(Some(Base {
                    from,
                    wrote,
                    value: None,
                }));
            }
        }
        let mut count = 0;
        for base in bases {
            for source in values() {
                for target in [None].into_iter().chain(values().map(Some)) {
                    let says_nothing = source == values()[0];
                    check(base.clone(), source, says_nothing, target);
                    count += 1;
                }
            }
        }
        assert_eq!(count, 10 * 3 * 4);
    }

    /// In the small space a value is rendered as itself.
    fn judge(
        base: Option<&Base>,
        source: Digest,
        says_nothing: bool,
        target: Option<Digest>,
    ) -> Verdict {
        verdict(Seen {
            base,
            source,
            says_nothing,
            wanted: Some(source),
            target,
        })
    }

    #[test]
    fn p4_planning_after_applying_gives_nothing() {
        every(|base, source, says_nothing, target| {
            let first = judge(base.as_ref(), source, says_nothing, target);
            let (base, target) = match first {
                Verdict::Write => (
                    Some(Base {
                        from: source,
                        wrote: source,
                        value: None,
                    }),
                    Some(source),
                ),
                Verdict::Record => (
                    Some(Base {
                        from: source,
                        wrote: target.unwrap_or(source),
                        value: None,
                    }),
                    target,
                ),
                Verdict::Settled | Verdict::Drift => (base, target),
            };
            let second = judge(base.as_ref(), source, says_nothing, target);
            let expected = match first {
                Verdict::Drift => Verdict::Drift,
                _ => Verdict::Settled,
            };
            assert_eq!(second, expected, "after {first:?}");
        });
    }

    #[test]
    fn p6_without_a_change_at_the_source_nothing_is_written() {
        every(|base, source, says_nothing, target| {
            if let Some(base) = base
                && base.from == source
            {
                let verdict = judge(Some(&base), source, says_nothing, target);
                assert!(
                    matches!(verdict, Verdict::Settled | Verdict::Drift),
                    "{verdict:?}"
                );
            }
        });
    }

    #[test]
    fn p6_what_was_never_ours_is_never_cleared() {
        every(|base, source, says_nothing, target| {
            if base.is_none() && says_nothing {
                assert_eq!(judge(None, source, true, target), Verdict::Record);
            }
        });
    }

    #[test]
    fn p2_a_change_at_the_source_always_arrives() {
        every(|base, source, says_nothing, target| {
            if let Some(base) = base
                && base.from != source
            {
                let verdict = judge(Some(&base), source, says_nothing, target);
                let arrives = match verdict {
                    Verdict::Write => true,
                    Verdict::Record => target == Some(source),
                    Verdict::Settled | Verdict::Drift => false,
                };
                assert!(arrives, "{verdict:?}");
            }
        });
    }

    #[test]
    fn drift_is_seen_only_where_the_target_was_read() {
        every(|base, source, says_nothing, target| {
            let verdict = judge(base.as_ref(), source, says_nothing, target);
            if verdict == Verdict::Drift {
                assert!(target.is_some() && target != base.map(|base| base.wrote));
            }
        });
    }
}
