//! Links between issues that are both mirrored: made by whichever end is carried later.

use super::carry::{Carrier, Way};
use super::failure::{At, Trouble};
use crate::forge::{ErrorKind, Fate, ForgeError};
use crate::model::{
    IssueLink, IssueNumber, LinkId, LinkState, Relation, RelationKind, Relations, Stage,
};
use crate::plan::relations::{self, Made, RelationAction};
use crate::store::MadeRelation;

/// What it is called where it is told what was not carried.
const FIELD: &str = "links";

impl Carrier<'_> {
    /// Brings the links of a counterpart up to date. One whose other end is not mirrored is found
    /// from there, once it is.
    pub(super) async fn relations(&self, link: LinkId, way: &mut Way<'_>) -> Result<(), Trouble> {
        if !self.pass.policy.issue_links {
            return Ok(());
        }
        if self.ends_now() {
            return Err(Trouble::Stopped);
        }
        let issue = way.thread.issue.number;
        let there = match self.pass.source.relations(issue).await {
            Ok(there) => there,
            Err(error) => return self.without_link(issue, error, Stage::Read),
        };
        // The other end may be on its way too.
        let _alone = self.linking.lock().await;
        let ours = self.pass.store.relations(link)?;
        let made = ours.iter().map(|made| Made {
            other: made.other_source,
            from: made.from,
        });
        let actions = relations::plan(&there, &made.collect::<Vec<_>>());
        if actions.is_empty() {
            return Ok(());
        }
        let here = self.pass.store.issue_link(link)?;
        if here.state != LinkState::Active {
            return Ok(());
        }
        let mut seen = None;
        for action in actions {
            if self.ends_now() {
                return Err(Trouble::Stopped);
            }
            let done = match action {
                RelationAction::Remove(gone) => {
                    let mut known = ours.iter();
                    match known.find(|made| made.other_source == gone.other) {
                        Some(made) => self.unrelate(&here, made).await,
                        None => Ok(false),
                    }
                }
                RelationAction::Add(relation) => self.relate(&here, relation, &mut seen).await,
            };
            match done {
                Ok(wrote) => {
                    if wrote {
                        way.written.changes();
                    }
                }
                Err(Trouble::Issue(stage, error)) => self.without_link(issue, error, stage)?,
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(())
    }

    /// A refusal keeps nothing else of the issue from arriving; it is told.
    fn without_link(
        &self,
        issue: IssueNumber,
        error: ForgeError,
        stage: Stage,
    ) -> Result<(), Trouble> {
        let refused = match error.kind {
            ErrorKind::Denied | ErrorKind::Rejected | ErrorKind::Unsupported => true,
            // On the target it is the counterpart that is not there.
            ErrorKind::NotFound => stage == Stage::Read,
            _ => false,
        };
        if error.fate != Fate::NotDone || !refused {
            return Err(Trouble::Issue(stage, error));
        }
        let end = match stage {
            Stage::Read => "source",
            _ => "target",
        };
        let why = format!("the {end} refused: {}", error.said);
        self.books
            .count(|tally| tally.not_carried(issue, FIELD, why));
        Ok(())
    }

    /// Takes a link away that we made. Answers whether anything was sent.
    async fn unrelate(&self, here: &IssueLink, made: &MadeRelation) -> Result<bool, Trouble> {
        let relation = Relation {
            other: made.other_target,
            kind: made.made,
        };
        let target = self.pass.target;
        let was_there = target
            .remove_relation(here.target_number, relation)
            .await
            .at(Stage::Update)?;
        self.pass.store.drop_relation((here.id, made.other))?;
        Ok(was_there)
    }

    /// Makes a link, if the other end is mirrored too. Answers whether anything was sent. `seen`:
    /// what the counterpart is linked to, once that was read.
    async fn relate(
        &self,
        here: &IssueLink,
        relation: Relation,
        seen: &mut Option<Relations>,
    ) -> Result<bool, Trouble> {
        let (store, target) = (self.pass.store, self.pass.target);
        let other = match store.issue_link_of(self.pair, relation.other)? {
            Some(other) if other.state == LinkState::Active && other.id != here.id => other,
            _ => return Ok(false),
        };
        let there = match seen {
            Some(there) => there,
            None => {
                let read = target.relations(here.target_number).await;
                seen.insert(read.at(Stage::Update)?)
            }
        };
        let ends = (here.id, other.id);
        match there.to(other.target_number) {
            // A lost answer, a lost store, or people had the same in mind.
            Some(kind) if kind == relation.kind => {
                store.put_relation(ends, relation.kind, kind)?;
                return Ok(false);
            }
            Some(_) => {
                let why = "the target has a link of another kind there, which stays";
                self.books
                    .count(|tally| tally.not_carried(here.source_number, FIELD, why));
                return Ok(false);
            }
            None => {}
        }
        let wanted = Relation {
            other: other.target_number,
            kind: relation.kind,
        };
        let mut made = relation.kind;
        let mut answer = target.add_relation(here.target_number, wanted).await;
        if let Err(error) = &answer
            && error.kind == ErrorKind::Unsupported
            && made != RelationKind::Relates
        {
            let why = format!(
                "the target knows no `blocks` ({}); the two are linked as related",
                error.said
            );
            made = RelationKind::Relates;
            let plain = Relation {
                kind: made,
                ..wanted
            };
            answer = target.add_relation(here.target_number, plain).await;
            if answer.is_ok() {
                self.books
                    .count(|tally| tally.not_carried(here.source_number, FIELD, why));
            }
        }
        // The counterpart was just read, so it is the other one that is not there.
        let of_other = |error: ForgeError| match error.kind {
            ErrorKind::NotFound => ForgeError {
                kind: ErrorKind::Rejected,
                ..error
            },
            _ => error,
        };
        answer.map_err(of_other).at(Stage::Update)?;
        store.put_relation(ends, relation.kind, made)?;
        Ok(true)
    }
}
