//! What a trial run would do that follows from other issues than the one it is done to: links between
//! issues, and references that lead elsewhere.

use super::plan_of;
use crate::model::{Field, Issue, LinkId, LinkState, Stage};
use crate::plan::comments::{self, CommentAction};
use crate::plan::issue::DescriptionPlan;
use crate::plan::relations::{self, Made, RelationAction};
use crate::sync::Abort;
use crate::sync::carry::{Carrier, End, Way, Written};
use crate::sync::failure::{At, Trouble};
use crate::sync::tally::PlannedAction;

impl Carrier<'_> {
    /// Remembers an issue whose links to others would be followed.
    pub(super) fn follows(&self, link: LinkId, issue: &Issue) {
        if self.pass.policy.issue_links {
            let title = self.shown(issue);
            self.tried().followed.push((link, issue.number, title));
        }
    }

    /// Writes down what would be put right: of an issue that would be changed anyway its texts.
    pub(in crate::sync) async fn plan_put_right(
        &self,
        link: LinkId,
        way: &Way<'_>,
    ) -> Result<Written, Trouble> {
        let issue = &way.thread.issue;
        if !self.books.planned().contains(&issue.number) {
            let end = self.plan_update(link, LinkState::Active, way, true).await?;
            return Ok(match end {
                End::Updated => Written::Changed,
                _ => Written::Nothing,
            });
        }
        let known = self.pass.store.issue_link(link)?;
        let plan = self.plan_fields(&known, way).await?.fields;
        let text = matches!(&plan.description, DescriptionPlan::Around(fields)
            if fields.contains(&Field::Rewriting));
        let title = text && plan.write.contains(&Field::Title);
        let links = self.pass.store.comment_links(link)?;
        let actions = comments::plan(&way.comments, &way.internal, &links, true);
        let mut comments = 0;
        for action in actions {
            if let CommentAction::Update {
                draft,
                body: DescriptionPlan::Around(fields),
                ..
            } = action
            {
                let leads = fields.contains(&Field::Rewriting);
                // What would be changed anyway was counted then.
                comments +=
                    u64::from(leads && self.tried().comments.insert(way.comments[draft].id));
            }
        }
        if !text && comments == 0 {
            return Ok(Written::Nothing);
        }
        self.planned(issue, PlannedAction::Update, |planned| {
            planned.fields.extend(text.then_some(Field::Rewriting));
            planned.fields.extend(title.then_some(Field::Title));
            planned.comments.updated = comments;
        });
        Ok(Written::Changed)
    }

    /// Writes down which links between issues would be made and taken away.
    pub(in crate::sync) async fn plan_relations(&self) -> Result<(), Abort> {
        let mut followed = std::mem::take(&mut self.tried().followed);
        // A link is counted with the end to which more is done.
        let planned = self.books.planned();
        followed.sort_by_key(|(_, number, _)| (!planned.contains(number), *number));
        for (link, number, title) in followed {
            let (added, removed) = match self.count_relations(link).await {
                Ok(counts) => counts,
                Err(Trouble::Store(error)) => return Err(error.into()),
                Err(Trouble::Issue(stage, error)) => {
                    // What a pass would tell of that it tells itself.
                    tracing::debug!(issue = number.0, stage = stage.word(), "{error}");
                    continue;
                }
                Err(Trouble::Stopped) => return Ok(()),
            };
            if added + removed == 0 {
                continue;
            }
            let mut planned = plan_of(number, title, PlannedAction::Update);
            (planned.add_links, planned.remove_links) = (added, removed);
            if self.books.plan(planned) {
                self.books.count(|tally| {
                    tally.issues.updated += 1;
                    tally.issues.unchanged = tally.issues.unchanged.saturating_sub(1);
                });
            }
        }
        Ok(())
    }

    /// How many links of an issue would be made and taken away, but for those that were counted with
    /// their other end.
    async fn count_relations(&self, link: LinkId) -> Result<(u64, u64), Trouble> {
        if self.ends_now() {
            return Err(Trouble::Stopped);
        }
        let (store, target) = (self.pass.store, self.pass.target);
        let here = store.issue_link(link)?;
        if here.state != LinkState::Active {
            return Ok((0, 0));
        }
        let there = self.pass.source.relations(here.source_number).await;
        let ours = store.relations(link)?;
        let made = ours.iter().map(|made| Made {
            other: made.other_source,
            from: made.from,
        });
        let actions = relations::plan(&there.at(Stage::Read)?, &made.collect::<Vec<_>>());
        let (mut added, mut removed, mut seen) = (0, 0, None);
        for action in actions {
            match action {
                RelationAction::Remove(gone) => {
                    let mut known = ours.iter();
                    if let Some(made) = known.find(|made| made.other_source == gone.other) {
                        store.drop_relation((here.id, made.other))?;
                        removed += 1;
                    }
                }
                RelationAction::Add(relation) => {
                    let other = store.issue_link_of(self.pair, relation.other)?;
                    let is_there = |state| state == LinkState::Active;
                    let Some(other) = other.filter(|o| is_there(o.state) && o.id != here.id) else {
                        continue;
                    };
                    let is_new = self.is_pretended(here.id) || self.is_pretended(other.id);
                    if !is_new {
                        let there = match &mut seen {
                            Some(there) => there,
                            None => {
                                let read = target.relations(here.target_number).await;
                                seen.insert(read.at(Stage::Update)?)
                            }
                        };
                        if there.to(other.target_number).is_some() {
                            continue;
                        }
                    }
                    store.put_relation((here.id, other.id), relation.kind, relation.kind)?;
                    added += 1;
                }
            }
        }
        Ok((added, removed))
    }
}
