//! What a plan says about comments, carried out in their order.

mod body;
mod change;
mod create;
mod remove;

use super::carry::{Carrier, Way, Written};
use super::counterpart::read_one;
use super::failure::{At, Trouble};
use crate::forge::ForgeError;
use crate::model::{CommentLink, Inspection, LinkId, Side, Stage};
use crate::plan::comments::{self, CommentAction};

impl Carrier<'_> {
    /// Brings the comments of a counterpart up to date. One that is refused for good does not stop
    /// the later ones; one of unknown fate does, or their order would not be kept.
    pub(super) async fn comments(
        &self,
        link: LinkId,
        way: &mut Way<'_>,
        follow: bool,
    ) -> Result<(), Trouble> {
        let mut links = self.pass.store.comment_links(link)?;
        let follow = follow && self.pass.policy.comments;
        let actions = self.comment_actions(way, &links, follow).await;
        let mut actions = actions.at(Stage::Read)?;
        if actions.is_empty() {
            return Ok(());
        }
        let number = self.pass.store.issue_link(link)?.target_number;
        let mut there = None;
        let (mut refused, mut braked) = (None, false);
        let creates = |action: &CommentAction| matches!(action, CommentAction::Create { .. });
        if way.written != Written::Created && actions.iter().any(creates) {
            // One that is about to be created may be there already, if the store is an older copy.
            let thread = read_one(self.pass.target, number).await;
            let thread = there.insert(thread.at(Stage::Comment)?);
            let found = self
                .found_comments(link, &way.comments, thread, way.thread)
                .await?;
            if !found.is_empty() {
                self.pass.store.adopt_comments(link, &found)?;
                links = self.pass.store.comment_links(link)?;
                let planned = self.comment_actions(way, &links, follow).await;
                actions = planned.at(Stage::Read)?;
            }
        }
        for action in actions {
            if self.ends_now() {
                return Err(Trouble::Stopped);
            }
            let done = match action {
                CommentAction::Create { .. } if self.waits_for_others() => {
                    braked = true;
                    Ok(false)
                }
                CommentAction::Create { draft } => self.add(link, number, way, draft).await,
                CommentAction::Update {
                    draft,
                    link: at,
                    body,
                } => {
                    self.change((link, number), way, draft, &links[at], &body, &mut there)
                        .await
                }
                CommentAction::Replace {
                    draft,
                    link: before,
                    target,
                } => match self.take_comment((link, number), before, target).await {
                    Ok(_) => self.add(link, number, way, draft).await,
                    failed => failed,
                },
                // Rather a right or a disk is missing than that people deleted so many.
                CommentAction::Delete { absent: true, .. } if !self.may_delete()? => {
                    braked = true;
                    Ok(false)
                }
                CommentAction::Delete {
                    link: at,
                    target,
                    absent: false,
                } => self.take_comment((link, number), at, target).await,
                CommentAction::Delete {
                    link: at, target, ..
                } => self.remove((link, number), at, target).await,
            };
            match done {
                Ok(wrote) => {
                    if wrote {
                        way.written.changes();
                    }
                }
                Err(trouble) if trouble.is_refusal() => {
                    refused.get_or_insert(trouble);
                }
                Err(trouble) => return Err(trouble),
            }
        }
        match refused {
            Some(trouble) => Err(trouble),
            None if braked => Err(Trouble::Stopped),
            None => Ok(()),
        }
    }

    /// What is to be done about the comments of an issue. Internal ones are not taken for deleted where
    /// the account of the source may not see such any more (P13).
    pub(super) async fn comment_actions(
        &self,
        way: &Way<'_>,
        links: &[CommentLink],
        follow: bool,
    ) -> Result<Vec<CommentAction>, ForgeError> {
        let mut actions = comments::plan(&way.comments, &way.internal, links, follow);
        let is_internal = |id: LinkId| {
            let mut links = links.iter().filter(|link| link.id == id);
            links.any(comments::is_internal)
        };
        let may_be_there = |action: &CommentAction| match action {
            CommentAction::Delete { link, absent, .. } => *absent && is_internal(*link),
            _ => false,
        };
        if actions.iter().any(may_be_there) && !self.sees_internal().await? {
            actions.retain(|action| !may_be_there(action));
        }
        Ok(actions)
    }

    /// Whether the account of the source sees internal comments; if not, that is told once.
    async fn sees_internal(&self) -> Result<bool, ForgeError> {
        let source = self.pass.source;
        let sees = self.sees_internal.get_or_try_init(|| async {
            let Inspection::Project(project) = source.inspect(Side::Source).await? else {
                return Ok(true);
            };
            let right = project.rights.sees_confidential;
            if !right.granted {
                self.books.count(|tally| {
                    tally.warnings.push(format!(
                        "the account of the token does not see internal comments of {} any more; those that were mirrored stay on the target. Give it the role {}.",
                        source.project().name,
                        right.needs
                    ));
                });
            }
            Ok::<_, ForgeError>(right.granted)
        });
        sees.await.copied()
    }
}
