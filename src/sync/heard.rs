//! What the target did not keep of what was written: heard, told once, and put into the footer from
//! then on (P9).

use super::carry::Carrier;
use super::failure::{At, Trouble};
use super::{Abort, Pass, listing};
use crate::model::{Capabilities, Digest, Field, Fields, Issue, IssueNumber, Mode, Stage};
use crate::plan::draft::Draft;
use crate::plan::footer::STAND_INS;
use crate::store::PairRow;
use crate::text::envelope::Split;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// What the target can hold, which turns out to be less while a pass runs.
#[derive(Debug)]
pub(super) struct Abilities {
    known: Capabilities,
    /// The same without what was found not to be kept.
    less: OnceLock<Box<Self>>,
}

impl Abilities {
    pub(super) fn new(known: Capabilities) -> Self {
        Self {
            known,
            less: OnceLock::new(),
        }
    }

    /// What it can hold as far as is known by now.
    pub(super) fn now(&self) -> &Capabilities {
        &self.newest().known
    }

    fn newest(&self) -> &Self {
        let mut newest = self;
        while let Some(less) = newest.less.get() {
            newest = less;
        }
        newest
    }

    /// Takes a field away; `false` if it was not there any more.
    fn lose(&self, field: Field) -> bool {
        loop {
            let newest = self.newest();
            if newest.known.lost.contains(field) {
                return false;
            }
            let mut known = newest.known.clone();
            known.lost = known.lost.with(field);
            if newest.less.set(Box::new(Self::new(known))).is_ok() {
                return true;
            }
        }
    }
}

/// What the target can hold, without what earlier passes found not to be kept. A full pass tries that
/// again if the account or the licence became another one.
pub(super) async fn abilities(
    pass: &Pass<'_>,
    row: &PairRow,
    mode: Mode,
) -> Result<Capabilities, Abort> {
    let mut lost = pass.store.lost_fields(row.id)?;
    if mode == Mode::Full && !lost.is_empty() {
        let standing = pass.target.standing().await.map_err(listing)?.word();
        for (field, _) in lost.extract_if(.., |(_, then)| *then != standing) {
            pass.store.drop_lost_field(row.id, field)?;
        }
    }
    Ok(Capabilities {
        lost: lost.into_iter().map(|(field, _)| field).collect::<Fields>(),
        ..pass.target.capabilities().clone()
    })
}

impl Carrier<'_> {
    /// The fields that the target did not keep for want of a role or a licence.
    pub(super) fn dropped(
        &self,
        draft: &Draft,
        fields: &BTreeSet<Field>,
        there: &BTreeMap<Field, Digest>,
    ) -> BTreeSet<Field> {
        let dropped = fields.iter().filter(|field| {
            let (wanted, kept) = (draft.wanted.get(field), there.get(field));
            wanted.is_some() && kept.is_some() && wanted != kept
        });
        let known = self.pass.target.capabilities();
        let dropped = dropped.filter(|field| known.need(**field).is_some());
        dropped.copied().collect()
    }

    /// Tells what the target did not keep of what was written.
    pub(super) async fn hear(
        &self,
        number: IssueNumber,
        draft: &Draft,
        fields: &BTreeSet<Field>,
        there: &BTreeMap<Field, Digest>,
    ) -> Result<(), Trouble> {
        for &field in fields {
            if let (Some(wanted), Some(kept)) = (draft.wanted.get(&field), there.get(&field))
                && wanted != kept
            {
                self.not_kept(number, field).await?;
            }
        }
        Ok(())
    }

    /// Tells which labels the target did not keep of those that were added.
    pub(super) async fn hear_labels(
        &self,
        number: IssueNumber,
        added: &[String],
        there: &Issue,
    ) -> Result<(), Trouble> {
        let kept = |name: &&String| there.labels.contains(*name);
        if !added.is_empty() && !added.iter().any(|name| kept(&name)) {
            return self.not_kept(number, Field::Labels).await;
        }
        for name in added.iter().filter(|name| !kept(name)) {
            let why = format!("the target did not keep {name}");
            self.books
                .count(|tally| tally.not_carried(number, Field::Labels.word(), why));
        }
        Ok(())
    }

    /// Tells that the target did not keep a field. Where that may be for want of a role or a licence,
    /// nothing of the kind is sent any more in this pair.
    pub(super) async fn not_kept(&self, number: IssueNumber, field: Field) -> Result<(), Trouble> {
        let mut why = "the target did not keep it".to_owned();
        if let Some(need) = self.abilities.now().need(field) {
            let target = self.pass.target;
            let standing = target.standing().await.at(Stage::Update)?;
            let role = standing.role.map_or_else(
                || "the account is no member".to_owned(),
                |role| format!("the account is {role}"),
            );
            let needs = need.words();
            why = format!("{why}: it takes {needs} ({role}); the footer says it instead");
            if self.abilities.lose(field) {
                let store = self.pass.store;
                store.put_lost_field(self.pair, field, &standing.word())?;
            }
        }
        self.books
            .count(|tally| tally.not_carried(number, field.word(), why));
        Ok(())
    }

    /// The target published what was to be hidden from the beginning: it gets nothing of the kind any
    /// more, in no later pass either, until the account or the licence is another one (P7).
    pub(super) async fn keeps_nothing_hidden(&self) -> Result<(), Trouble> {
        if !self.abilities.lose(Field::Confidential) {
            return Ok(());
        }
        // Remembered before it is asked who we are: that may fail.
        let store = self.pass.store;
        store.put_lost_field(self.pair, Field::Confidential, "")?;
        self.books.count(|tally| {
            tally.warnings.push(
                "the target made public what was created as confidential; nothing confidential or internal is created there any more. Once that was mended there, a full pass with another role of the account tries again.".to_owned(),
            );
        });
        let standing = self.pass.target.standing().await.at(Stage::Hide)?;
        store.put_lost_field(self.pair, Field::Confidential, &standing.word())?;
        Ok(())
    }

    /// The footer of a counterpart that was found again may say what the target did not keep before
    /// the store was lost.
    pub(super) async fn recall_lost(&self, there: &Split<'_>) -> Result<(), Trouble> {
        for (line, field) in STAND_INS {
            let abilities = self.abilities.now();
            if there.says(line) && abilities.can_hold(field) && abilities.need(field).is_some() {
                let standing = self.pass.target.standing().await.at(Stage::Read)?;
                if self.abilities.lose(field) {
                    let store = self.pass.store;
                    store.put_lost_field(self.pair, field, &standing.word())?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::draft::tests::target;

    #[test]
    fn what_is_lost_is_lost_once() {
        let abilities = Abilities::new(target());
        let before = abilities.now();
        assert!(abilities.lose(Field::Weight) && abilities.lose(Field::DueDate));
        assert!(!abilities.lose(Field::Weight));
        assert!(before.can_hold(Field::Weight));
        let now = abilities.now();
        assert!(!now.can_hold(Field::Weight) && !now.can_hold(Field::DueDate));
        assert!(now.can_hold(Field::Title) && !now.creates_with(Field::Weight));
    }
}
