//! The plan of an issue as data: what is to be written, and what of it is left out or read for.

use crate::model::{Field, OurLabel};
use crate::plan::labels::LabelChange;
use std::collections::BTreeSet;

/// What is to be done about the fields of a counterpart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssuePlan {
    /// Fields to write; `Text`, `Rewriting` and `Envelope` are in [`Self::description`].
    pub write: BTreeSet<Field>,
    /// What is to be done about the description.
    pub description: DescriptionPlan,
    /// What is to be done about labels.
    pub labels: LabelChange,
    /// Fields whose base is brought up to date without a write.
    pub record: BTreeSet<Field>,
    /// A closed counterpart is opened again, perhaps one that people locked.
    pub opens: bool,
    /// What the title refers to leads elsewhere: if the target has the title as it was written, it is
    /// written anew.
    pub asks_for_title: bool,
    /// Fields that people changed on the target and the source did not.
    pub drift: BTreeSet<Field>,
}

/// What is to be done about a description or the body of a comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DescriptionPlan {
    /// Nothing.
    #[default]
    Settled,
    /// The author changed the text: text and envelope are written.
    Whole,
    /// Only what is ours changed: the target is read first, and if its text is not ours any more,
    /// only the envelope is replaced. These fields changed.
    Around(BTreeSet<Field>),
}

impl DescriptionPlan {
    /// What changed about a text, from its verdicts. `touches_marker`: something else that is
    /// written changes what the marker says.
    pub fn of(changed: &BTreeSet<Field>, touches_marker: bool) -> Self {
        let around: BTreeSet<Field> = [Field::Rewriting, Field::Envelope]
            .into_iter()
            .filter(|field| changed.contains(field))
            .collect();
        if changed.contains(&Field::Text) {
            Self::Whole
        } else if touches_marker || !around.is_empty() {
            Self::Around(around)
        } else {
            Self::Settled
        }
    }
}

impl IssuePlan {
    /// Nothing is to be sent.
    pub fn sends_nothing(&self) -> bool {
        self.write.is_empty()
            && self.description == DescriptionPlan::Settled
            && self.labels.is_empty()
            && !self.asks_for_title
    }

    /// The plan without fields that were just written. What the target did not keep of them is
    /// tried again when something changes, not at once.
    #[must_use]
    pub fn without(mut self, done: &[Field], ours: &BTreeSet<OurLabel>) -> Self {
        self.write.retain(|field| !done.contains(field));
        self.record.retain(|field| !done.contains(field));
        if done.contains(&Field::Labels) {
            self.labels = LabelChange {
                ours: ours.clone(),
                ..LabelChange::default()
            };
        }
        if done.contains(&Field::Text) {
            self.description = DescriptionPlan::Settled;
        }
        self.asks_for_title &= !done.contains(&Field::Title);
        self
    }

    /// The plan where nothing but labels that the target has not or did not keep would be sent: they go
    /// with something else, and are not tried in every pass that happens to read the issue. `ours`: as it
    /// is.
    #[must_use]
    pub fn without_another_try(mut self, ours: &BTreeSet<OurLabel>) -> Self {
        let change = &self.labels;
        let sends_else = !self.write.is_empty()
            || self.description != DescriptionPlan::Settled
            || !change.remove.is_empty()
            || change.changes_people();
        let missing = |name: &String| ours.iter().any(|label| label.is_missing(name));
        if !sends_else && change.add.iter().all(missing) {
            self.labels.leave_labels(ours);
        }
        self
    }

    /// What the target has decides what is written: its text may not be ours any more, time is logged by
    /// difference, and a label that people put there before us stays theirs.
    pub fn reads_target(&self) -> bool {
        matches!(self.description, DescriptionPlan::Around(_))
            || self.write.contains(&Field::TimeSpent)
            || !self.labels.add.is_empty()
            || self.opens
            || self.asks_for_title
    }

    /// The same for a counterpart that somebody else wrote: its text gets no envelope by itself.
    #[must_use]
    pub fn without_envelope(mut self) -> Self {
        if let DescriptionPlan::Around(fields) = &self.description {
            self.record.extend(fields);
            self.description = DescriptionPlan::Settled;
        }
        self
    }

    /// The fields whose value on the target is not known while the plan is being sent. Time spent
    /// has an intent of its own.
    pub fn doubtful(&self) -> BTreeSet<Field> {
        let mut fields = self.write.clone();
        fields.remove(&Field::TimeSpent);
        if self.description != DescriptionPlan::Settled {
            fields.extend([Field::Text, Field::Rewriting, Field::Envelope]);
        }
        if !self.labels.is_empty() {
            fields.insert(Field::Labels);
        }
        fields
    }

    /// Every field that changes, for people and for the dry run.
    pub fn fields(&self) -> BTreeSet<Field> {
        let mut fields = self.write.clone();
        match &self.description {
            DescriptionPlan::Settled => {}
            DescriptionPlan::Whole => {
                fields.insert(Field::Text);
            }
            DescriptionPlan::Around(changed) => fields.extend(changed),
        }
        if self.labels.changes_labels() {
            fields.insert(Field::Labels);
        }
        fields
    }
}
