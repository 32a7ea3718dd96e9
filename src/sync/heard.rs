//! What the target did not keep of what was written: heard, told once, and put into the footer from
//! then on (P9).

use super::carry::Carrier;
use super::failure::{At, Trouble};
use super::tally::named;
use super::{Abort, Pass, listing};
use crate::model::{
    Acts, Bases, Capabilities, Digest, Field, Issue, IssueNumber, LabelOrigin, LinkId, Longest,
    Lost, Mode, OurLabel, Stage, label_scope,
};
use crate::plan::draft::Draft;
use crate::plan::footer::STAND_INS;
use crate::plan::labels;
use crate::store::PairRow;
use crate::text::envelope::{FooterName, Split};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// What the target can hold, which turns out to be less while a pass runs.
#[derive(Debug)]
pub(super) struct Abilities {
    known: Capabilities,
    /// It is less than when the pass began.
    less: bool,
    /// What is known since then.
    next: OnceLock<Box<Self>>,
}

impl Abilities {
    pub(super) fn new(known: Capabilities) -> Self {
        Self {
            known,
            less: false,
            next: OnceLock::new(),
        }
    }

    /// What it can hold as far as is known by now.
    pub(super) fn now(&self) -> &Capabilities {
        &self.newest().known
    }

    /// Whether less is kept than when the pass began.
    pub(super) fn are_less(&self) -> bool {
        self.newest().less
    }

    fn newest(&self) -> &Self {
        let mut newest = self;
        while let Some(next) = newest.next.get() {
            newest = next;
        }
        newest
    }

    /// Takes something away; `false` if it was not there any more.
    fn lose(&self, lost: Lost) -> bool {
        loop {
            let newest = self.newest();
            if newest.known.lacks(lost) {
                return false;
            }
            let known = newest.known.clone().without(lost);
            if newest.becomes(known, true) {
                return true;
            }
        }
    }

    /// Learns what the target carries out in texts.
    pub(super) fn learn(&self, acts: Acts) {
        loop {
            let newest = self.newest();
            let known = Capabilities {
                acts,
                ..newest.known.clone()
            };
            if newest.known.acts == acts || newest.becomes(known, newest.less) {
                return;
            }
        }
    }

    /// Learns how long a text may be. `first`: it is the description of an issue.
    pub(super) fn take(&self, first: bool, longest: Longest) {
        loop {
            let newest = self.newest();
            if newest.known.longest.of_text(first) == longest {
                return;
            }
            let known = Capabilities {
                longest: newest.known.longest.with_text(first, longest),
                ..newest.known.clone()
            };
            if newest.becomes(known, newest.less) {
                return;
            }
        }
    }

    /// `false`: somebody was faster.
    fn becomes(&self, known: Capabilities, less: bool) -> bool {
        let next = Self {
            known,
            less,
            next: OnceLock::new(),
        };
        self.next.set(Box::new(next)).is_ok()
    }
}

/// What the target can hold, without what earlier passes found not to be kept. A full pass tries that
/// again if the account or the licence became another one.
pub(super) async fn abilities(
    pass: &Pass<'_>,
    row: &PairRow,
    mode: Mode,
) -> Result<Capabilities, Abort> {
    let mut lost = pass.store.lost(row.id)?;
    if mode == Mode::Full && !lost.is_empty() {
        let standing = pass.target.standing().await.map_err(listing)?.word();
        for (lost, _) in lost.extract_if(.., |(_, then)| *then != standing) {
            pass.store.drop_lost(row.id, lost)?;
        }
    }
    let all = pass.target.capabilities().clone();
    let lost = lost.into_iter().map(|(lost, _)| lost);
    Ok(lost.fold(all, Capabilities::without))
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
        let dropped = dropped.filter(|field| known.is_lost_for_all(lost(draft, **field)));
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
                self.not_kept(number, lost(draft, field)).await?;
            }
        }
        Ok(())
    }

    /// Tells which labels the target did not keep of those that were added.
    pub(super) async fn hear_labels(
        &self,
        link: LinkId,
        number: IssueNumber,
        added: &[String],
        there: &Issue,
    ) -> Result<(), Trouble> {
        let titles = self.abilities.now().label_titles;
        let kept = |name: &str| there.labels.iter().any(|label| titles.same(label, name));
        let is_crowded = |name: &str| {
            let scopes = there.labels.iter().filter_map(|label| label_scope(label));
            let mut scopes = scopes.map(|scope| titles.key(scope));
            label_scope(name).is_some_and(|scope| scopes.any(|there| there == titles.key(scope)))
        };
        let mut dropped: Vec<&String> = added.iter().filter(|name| !kept(name)).collect();
        let none = dropped.len() == added.len();
        for name in dropped.extract_if(.., |name| is_crowded(name)) {
            let scope = label_scope(name).unwrap_or_default();
            let scope = named(there, scope, "…");
            self.one_of_a_scope(number, scope).await?;
        }
        if dropped.is_empty() {
            return Ok(());
        }
        let store = self.pass.store;
        let mut ours = store.issue_bases(link)?.1;
        // Where it keeps others of ours, it is this one that it does not keep.
        let mut others = ours.iter().filter(|label| label.is_label_of_ours());
        let keeps_some = others.any(|label| kept(&label.name));
        // They are tried again when something changes.
        ours.extend(dropped.iter().map(|name| OurLabel {
            name: (*name).clone(),
            origin: LabelOrigin::NotKept,
        }));
        store.record_issue(link, &Bases::new(), Some(&ours))?;
        if none {
            let plans = self.pass.target.standing().await.at(Stage::Update)?.plans;
            if plans == Some(false) || plans.is_none() && !keeps_some {
                return self.not_kept(number, Lost::Field(Field::Labels)).await;
            }
        }
        for name in dropped {
            let name = named(there, name, "a label");
            let why = format!("the target did not keep {name}");
            self.books
                .count(|tally| tally.not_carried(number, Field::Labels.word(), why));
        }
        Ok(())
    }

    /// The target keeps one label of a scope: the others are not sent any more.
    async fn one_of_a_scope(&self, number: IssueNumber, scope: &str) -> Result<(), Trouble> {
        if self.abilities.lose(Lost::SecondOfScope) {
            let standing = self.pass.target.standing().await.at(Stage::Update)?;
            let store = self.pass.store;
            store.put_lost(self.pair, Lost::SecondOfScope, &standing.word())?;
        }
        let why = format!(
            "the target keeps one label that begins with `{scope}::`; the footer says the others"
        );
        self.books
            .count(|tally| tally.not_carried(number, Field::Labels.word(), why));
        Ok(())
    }

    /// Tells that the target did not keep something. Where that may be for want of a role or a licence,
    /// nothing of the kind is sent any more in this pair.
    pub(super) async fn not_kept(&self, number: IssueNumber, lost: Lost) -> Result<(), Trouble> {
        let mut why = "the target did not keep it".to_owned();
        let word = match lost {
            Lost::Field(field) => field.word(),
            Lost::Type(kind) => {
                why = format!("the target did not keep `{}`", kind.word());
                Field::Type.word()
            }
            Lost::SecondOfScope => Field::Labels.word(),
        };
        let known = self.abilities.now();
        if known.is_lost_for_all(lost) {
            let standing = self.pass.target.standing().await.at(Stage::Update)?;
            if let Some(need) = known.need_of(lost) {
                let role = standing.role.map_or_else(
                    || "the account is no member".to_owned(),
                    |role| format!("the account is {role}"),
                );
                why = format!("{why}: it takes {} ({role})", need.words());
            }
            why.push_str(match lost {
                Lost::Type(_) => "; a label and the footer say it instead",
                _ => "; the footer says it instead",
            });
            if self.abilities.lose(lost) {
                let store = self.pass.store;
                store.put_lost(self.pair, lost, &standing.word())?;
            }
        }
        self.books
            .count(|tally| tally.not_carried(number, word, why));
        Ok(())
    }

    /// The target published what was to be hidden from the beginning: it gets nothing of the kind any
    /// more, in no later pass either, until the account or the licence is another one (P7).
    pub(super) async fn keeps_nothing_hidden(&self) -> Result<(), Trouble> {
        let lost = Lost::Field(Field::Confidential);
        if !self.abilities.lose(lost) {
            return Ok(());
        }
        // Remembered before it is asked who we are: that may fail.
        let store = self.pass.store;
        store.put_lost(self.pair, lost, "")?;
        self.books.count(|tally| {
            tally.warnings.push(
                "the target made public what was created as confidential; nothing confidential or internal is created there any more. Once that was mended there, a full pass with another role of the account tries again.".to_owned(),
            );
        });
        let standing = self.pass.target.standing().await.at(Stage::Hide)?;
        store.put_lost(self.pair, lost, &standing.word())?;
        Ok(())
    }

    /// A counterpart that was found again may say what the target did not keep before the store was
    /// lost: in its footer, and by the labels that it has. `original`: of the source.
    pub(super) async fn recall_lost(
        &self,
        footer: &Split<'_>,
        there: &Issue,
        original: &Issue,
    ) -> Result<(), Trouble> {
        let mut lost: Vec<Lost> = STAND_INS
            .into_iter()
            .filter(|(line, _)| footer.says(*line))
            .map(|(_, field)| Lost::Field(field))
            .collect();
        let setting = self.setting();
        let kind = original.issue_type;
        if footer.says(FooterName::Type) && there.issue_type != kind {
            lost.push(Lost::Type(kind));
        }
        let source = setting.ends.source;
        let listed = self.listed(original).await?;
        let listed = listed.as_ref();
        let wanted = labels::wanted(original, setting.policy, source, setting.target, listed);
        // It has nothing of ours, not even where it came from.
        if footer.says(FooterName::Labels) && there.labels.is_empty() {
            lost.push(Lost::Field(Field::Labels));
        }
        lost.retain(|lost| !setting.target.lacks(*lost) && setting.target.is_lost_for_all(*lost));
        let crowded = wanted.crowds(there) && !setting.target.one_of_a_scope;
        if lost.is_empty() && !crowded {
            return Ok(());
        }
        let standing = self.pass.target.standing().await.at(Stage::Read)?;
        if crowded && standing.one_of_a_scope {
            lost.push(Lost::SecondOfScope);
        }
        for lost in lost {
            if self.abilities.lose(lost) {
                let store = self.pass.store;
                store.put_lost(self.pair, lost, &standing.word())?;
            }
        }
        Ok(())
    }
}

/// What is lost where the target does not keep a field of a draft.
fn lost(draft: &Draft, field: Field) -> Lost {
    match (field, draft.values.issue_type) {
        (Field::Type, Some(kind)) => Lost::Type(kind),
        _ => Lost::Field(field),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixtures::target;

    #[test]
    fn what_is_lost_is_lost_once() {
        let abilities = Abilities::new(target());
        let before = abilities.now();
        let lose = |field| abilities.lose(Lost::Field(field));
        assert!(lose(Field::Weight) && lose(Field::DueDate));
        assert!(!lose(Field::Weight));
        assert!(before.can_hold(Field::Weight));
        let now = abilities.now();
        assert!(!now.can_hold(Field::Weight) && !now.can_hold(Field::DueDate));
        assert!(now.can_hold(Field::Title) && !now.creates_with(Field::Weight));
    }
}
