//! What everybody on the target reads beside its issues: the titles of labels and milestones. What only
//! hidden issues have of them is not made there, stands in their footer, and arrives once it is there
//! (P7).

use super::Abort;
use super::carry::{Carrier, Way};
use super::failure::{At, FailedAt, Trouble};
use crate::model::{Digest, Field, Issue, IssueNumber, Label, LinkId, Mode, Side, Stage};
use crate::plan::lists::{Listed, Lists, withheld_label, withheld_milestone};
use crate::store::StoreError;
use std::collections::BTreeSet;

impl Carrier<'_> {
    /// What may stand in the lists of the target for the sake of an issue that is hidden there. Asked for
    /// once, when that is first needed.
    pub(super) async fn lists(&self) -> Result<Lists, Trouble> {
        let asked = self.labels.lists.get_or_try_init(|| async {
            // Neither is asked more than what every pass asks; who would be mailed makes no difference.
            let target = self.pass.target.inspect(Side::Source).await;
            let target = target.at(Stage::Label)?;
            if let Some(decided) = Lists::of(&target) {
                return Ok(decided);
            }
            let source = self.pass.source.inspect(Side::Source).await;
            Ok(Lists::between(&source.at(Stage::Label)?, &target))
        });
        asked.await.copied()
    }

    /// The labels of the target, if an issue is to stay hidden from some who read them; `None` if nothing
    /// has to be withheld.
    pub(super) async fn listed(&self, issue: &Issue) -> Result<Option<Listed>, Trouble> {
        let target = self.abilities.now();
        let needs_list = target.can_hold(Field::Labels) && !target.unlisted_labels;
        if !issue.confidential || !self.pass.policy.confidential || !needs_list {
            return Ok(None);
        }
        let lists = self.lists().await?;
        if lists == Lists::Closed {
            return Ok(None);
        }
        let titles = self.titles_there(true).await?;
        Ok(titles.map(|titles| Listed { titles, lists }))
    }

    /// Whether a milestone may be made for the sake of an issue. `mapped`: the settings name it.
    pub(super) async fn may_be_listed(&self, issue: &Issue, mapped: bool) -> Result<bool, Trouble> {
        Ok(!issue.confidential || mapped || self.lists().await? != Lists::Open)
    }

    /// Tells that a label is not in the list, so that nothing says what it looks like.
    pub(super) fn is_unlisted(&self, number: IssueNumber, original: Option<&Label>) {
        if original.is_some_and(|label| label.color.is_some() || !label.description.is_empty()) {
            let why = "colour and description of a label that only confidential issues have do not stand in the list of labels, which everybody reads".to_owned();
            self.books
                .count(|tally| tally.not_carried(number, Field::Labels.word(), why));
        }
    }

    /// Notes which titles a counterpart that was just brought up to date has not, and tells it once.
    pub(super) fn note_withheld(&self, link: LinkId, way: &Way<'_>) -> Result<(), StoreError> {
        let store = self.pass.store;
        let known = store.withheld_of(link)?;
        let withheld = &way.draft.withheld;
        let noted: BTreeSet<Digest> = withheld.iter().map(|word| Digest::of([&**word])).collect();
        if noted == known {
            return Ok(());
        }
        let number = way.thread.issue.number;
        let news = withheld
            .iter()
            .filter(|word| !known.contains(&Digest::of([&***word])));
        let fields: BTreeSet<Field> = news
            .map(|word| {
                if word.starts_with(&withheld_milestone("")) {
                    Field::Milestone
                } else {
                    Field::Labels
                }
            })
            .collect();
        for field in fields {
            // Without the title: who reads this may not be one of those who may.
            let why = "only confidential issues have it, and more people see the lists of the target than those issues: it is not made there, and the footer says it".to_owned();
            self.books
                .count(|tally| tally.not_carried(number, field.word(), why));
        }
        store.set_withheld(link, &noted)
    }

    /// Counterparts that lack a title which is on the target by now, with the numbers of their originals.
    pub(super) async fn arrived(&self) -> Result<Vec<(LinkId, IssueNumber)>, Abort> {
        let mut lacking = self.pass.store.withheld(self.pair)?;
        if lacking.is_empty() {
            return Ok(Vec::new());
        }
        let is_full = self.plan.mode == Mode::Full;
        let there = match self.may_have_now(is_full).await {
            Ok(there) => there,
            Err(Trouble::Store(error)) => return Err(error.into()),
            Err(Trouble::Stopped) => return Ok(Vec::new()),
            Err(Trouble::Issue(stage, error)) => {
                return Err(Abort::Forge(FailedAt::Issue(stage), error));
            }
        };
        if let Some(there) = there {
            lacking.retain(|(_, _, title)| there.contains(title));
        }
        Ok(lacking
            .into_iter()
            .map(|(link, number, _)| (link, number))
            .collect())
    }

    /// The titles that are on the target, as far as it was asked; `None`: whatever they are, they may be
    /// there. `ask`: it is asked.
    async fn may_have_now(&self, ask: bool) -> Result<Option<BTreeSet<Digest>>, Trouble> {
        if ask && self.lists().await? == Lists::Closed {
            return Ok(None);
        }
        let labels = self.titles_there(ask).await?;
        let labels = labels.iter().flat_map(|titles| titles.iter());
        let milestones = self.milestones.titles().await;
        let words = labels.map(|key| withheld_label(key));
        let words = words.chain(milestones.iter().map(|key| withheld_milestone(key)));
        Ok(Some(words.map(|word| Digest::of([&*word])).collect()))
    }
}
