//! Two issues joined or parted by a person (`link`, `unlink`).

use super::Abort;
use super::apply::{created, draw_key};
use super::carry::Carrier;
use super::counterpart::read_one;
use super::failure::{At, FailedAt, Trouble};
use super::rebuild::is_of_pair;
use super::recover::{Held, STILL_WORKING};
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{
    Comment, CommentPatch, Issue, IssueId, IssueLink, IssueNumber, LinkState, NewComment, Patch,
    ProjectKey, Stage, Thread,
};
use crate::plan::found;
use crate::text::envelope::{self, split_comment, split_description};
use crate::text::marker::{Marker, Role};

/// What our comment in an issue of somebody else begins with.
const MIRRORS: &str = "Mirrors ";
/// The same once a person parted it.
const MIRRORED: &str = "Does not mirror any more ";

/// What a person asks for, of one issue of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByHand {
    /// This issue of the target is its counterpart.
    Link(IssueNumber),
    /// It has none any more.
    Unlink {
        /// And what was its counterpart is deleted.
        delete: bool,
    },
}

/// Does what a person asked for. Answers whether the issue is to be carried then.
pub(super) async fn carry_out(
    carrier: &Carrier<'_>,
    number: IssueNumber,
    wish: ByHand,
    held: &Held,
) -> Result<bool, Abort> {
    let done = match wish {
        // What is still being made would be a second counterpart.
        ByHand::Link(target) if held.contains(number) => Err(no(
            format!("joining #{number} with #{target} of the target"),
            STILL_WORKING,
        )),
        ByHand::Link(target) => carrier.link(number, target).await.map(|()| true),
        ByHand::Unlink { delete } => carrier.unlink(number, delete).await.map(|()| false),
    };
    match done {
        Ok(carry) => Ok(carry),
        Err(Trouble::Stopped) => Ok(false),
        Err(Trouble::Store(error)) => Err(Abort::Store(error)),
        Err(Trouble::Issue(stage, error)) => Err(Abort::Forge(FailedAt::Issue(stage), error)),
    }
}

/// Why a wish cannot be granted.
fn no(doing: String, said: &str) -> Trouble {
    Trouble::Issue(
        Stage::Update,
        ForgeError::new(ErrorKind::Rejected, doing, said),
    )
}

impl Carrier<'_> {
    /// Joins two issues: what the target has stays until the source changes.
    async fn link(&self, source: IssueNumber, target: IssueNumber) -> Result<(), Trouble> {
        let (store, pass) = (self.pass.store, self.pass);
        let doing = || format!("joining #{source} with #{target} of the target");
        let thread = read_one(pass.source, source).await.at(Stage::Read)?;
        let there = read_one(pass.target, target).await.at(Stage::Read)?;
        let known = store.issue_link_of(self.pair, source)?;
        if let Some(known) = known.filter(is_carried) {
            let said = format!(
                "it is mirrored as #{} already; part them first with `unlink`",
                known.target_number
            );
            return Err(no(doing(), &said));
        }
        if let Some(other) = store.original_of(self.pair, there.issue.id)? {
            let said =
                format!("#{target} is the counterpart of #{other}; part them first with `unlink`");
            return Err(no(doing(), &said));
        }
        if let Some(other) = self.other_original(&there.issue) {
            let said = format!(
                "#{target} is the counterpart of {other}, by another pair; part them first with `unlink`"
            );
            return Err(no(doing(), &said));
        }
        if thread.issue.confidential && !there.issue.confidential {
            let said = format!("it is confidential, and #{target} is not; hide that first");
            return Err(no(doing(), &said));
        }
        let key = match self.key_there(&there, thread.issue.id) {
            Some(key) => key,
            None => draw_key(),
        };
        let (draft, comments) = self.drafts(&thread, true).await?;
        if !there.issue.ours {
            match self.marker_comment(&there, thread.issue.id) {
                Some((comment, marker)) if marker.role == Role::Parted => {
                    self.change_role(&there, comment, &marker, Role::OfIssue)
                        .await?;
                }
                Some(_) => {}
                None => {
                    self.mark_by_comment(&thread, &there, &draft.lineage, &key)
                        .await?;
                }
            }
        }
        let found = found::joined(&draft, &there.issue, there.issue.ours);
        let link = created(
            thread.issue.id,
            source,
            &thread.issue.location,
            &there.issue,
            &key,
        );
        let link = store.find(self.pair, &link, LinkState::Active)?;
        let comments = self
            .found_comments(link, &comments, &there, &thread)
            .await?;
        store.adopt(link, &found.bases, &found.labels, &comments)?;
        store.set_theirs(link, !there.issue.ours)?;
        store.unqueue(self.pair, source)?;
        self.books.count(|tally| {
            tally.warnings.push(format!(
                "#{source} is joined with #{target} of the target; what differs there stays until the source changes."
            ));
        });
        Ok(())
    }

    /// The issue that an issue of the target is the counterpart of by another pair.
    fn other_original(&self, there: &Issue) -> Option<String> {
        let marker = split_description(&there.text)?.marker;
        let project = ProjectKey(marker.origin()?.0.to_owned());
        let counts = there.ours
            && marker.role == Role::Counterpart
            && marker.target == self.pass.target.project().key.0
            && project != self.pass.source.project().key
            && self.pass.neighbours.contains(&project);
        counts.then_some(marker.source)
    }

    /// The key by which the target is marked as the counterpart of an issue already. That of another
    /// one is not its own.
    fn key_there(&self, there: &Thread, source: IssueId) -> Option<String> {
        let comment = self.marker_comment(there, source).map(|(_, marker)| marker);
        let split = split_description(&there.issue.text);
        let own = split.map(|split| split.marker).filter(|_| there.issue.ours);
        let own = own.filter(|marker| self.is_of(marker, source));
        Some(own.or(comment)?.key)
    }

    /// Our comment that says of the issue of somebody else that it is the counterpart of this one, or
    /// was.
    fn marker_comment<'t>(
        &self,
        there: &'t Thread,
        source: IssueId,
    ) -> Option<(&'t Comment, Marker)> {
        let ours = there.comments.iter().filter(|comment| comment.ours);
        ours.filter_map(|comment| Some((comment, split_comment(&comment.text)?.marker)))
            .find(|(_, marker)| marker.role != Role::Counterpart && self.is_of(marker, source))
    }

    fn is_of(&self, marker: &Marker, source: IssueId) -> bool {
        is_of_pair(self.pass, marker) && marker.source_id == source.0
    }

    /// Lets our comment in an issue of somebody else say something else of it.
    async fn change_role(
        &self,
        there: &Thread,
        comment: &Comment,
        marker: &Marker,
        role: Role,
    ) -> Result<(), Trouble> {
        let changed = Marker {
            role,
            ..marker.clone()
        };
        let (before, after) = match role {
            Role::Parted => (MIRRORS, MIRRORED),
            _ => (MIRRORED, MIRRORS),
        };
        let body = comment.text.replacen(before, after, 1);
        let body = body.replacen(&marker.render(), &changed.render(), 1);
        let patch = CommentPatch { body };
        let target = self.pass.target;
        let sent = target.update_comment(there.issue.number, comment.id, patch);
        sent.await.map(drop).at(Stage::Comment)
    }

    /// An issue of somebody else carries its marker in a comment of ours.
    async fn mark_by_comment(
        &self,
        thread: &Thread,
        there: &Thread,
        lineage: &[String],
        key: &str,
    ) -> Result<(), Trouble> {
        let issue = &thread.issue;
        let marker = Marker {
            key: key.to_owned(),
            source: format!("{}:{}", self.pass.source.project().key, issue.number),
            source_id: issue.id.0,
            target: self.pass.target.project().key.to_string(),
            baseline: self.plan.baseline.to_string(),
            lineage: lineage.to_vec(),
            role: Role::OfIssue,
            ..Marker::default()
        };
        let name = format!("{}#{}", self.pass.source.project().name, issue.number);
        let link = self
            .setting()
            .ends
            .link(&name, issue.web_url.as_deref().unwrap_or(""));
        let new = NewComment {
            body: envelope::comment(&format!("{MIRRORS}{link}."), "", &marker),
            // Hidden where its issue is.
            internal: false,
            reply_to: Vec::new(),
            author: issue.author.clone(),
            created_at: None,
        };
        let sent = self
            .pass
            .target
            .create_comment(there.issue.number, new, &|| true);
        sent.await.map(drop).at(Stage::Comment)
    }

    /// Parts an issue and its counterpart: neither joined nor made again by itself.
    async fn unlink(&self, source: IssueNumber, delete: bool) -> Result<(), Trouble> {
        let (store, target) = (self.pass.store, self.pass.target);
        let doing = || format!("parting #{source}");
        let Some(link) = store.issue_link_of(self.pair, source)? else {
            return Err(no(doing(), "it has no counterpart"));
        };
        if link.state == LinkState::Parted && !delete {
            return Err(no(doing(), "it is parted already"));
        }
        // Of one that is only suspected nothing is known that could be changed or deleted.
        let is_known = link.state != LinkState::Contested;
        if delete && !is_known {
            let said = "nobody knows whether it is its counterpart; delete it there by hand";
            return Err(no(doing(), said));
        }
        let number = link.target_number;
        let there = match read_one(target, number).await {
            Ok(there) => Some(there),
            Err(error) if error.kind == ErrorKind::NotFound => None,
            Err(error) => return Err(error).at(Stage::Read),
        };
        if let Some(there) = there.filter(|_| is_known) {
            let other = store.original_of(self.pair, there.issue.id)?;
            if let Some(other) = other.filter(|other| *other != source) {
                let said = format!("#{number} of the target is the counterpart of #{other} now");
                return Err(no(doing(), &said));
            }
            if delete {
                target.delete_issue(number).await.at(Stage::Update)?;
            } else {
                self.mark_as_parted(&link, &there).await?;
            }
        }
        store.part(self.pair, link.id, source)?;
        let what = match (delete, is_known) {
            (true, _) => {
                format!("#{source} is parted from #{number} of the target, which is deleted")
            }
            (false, true) => format!("#{source} is parted from #{number} of the target"),
            (false, false) => {
                format!("#{number} of the target is not the counterpart of #{source}")
            }
        };
        self.books.count(|tally| {
            tally.warnings.push(format!(
                "{what}; no other counterpart is made unless you ask for it with `sync --issue {source}`."
            ));
        });
        Ok(())
    }

    /// Says so in the marker too, so that a lost store does not join them again.
    async fn mark_as_parted(&self, link: &IssueLink, there: &Thread) -> Result<(), Trouble> {
        let target = self.pass.target;
        let number = link.target_number;
        if let Some((comment, marker)) = self.marker_comment(there, link.source_id) {
            return self
                .change_role(there, comment, &marker, Role::Parted)
                .await;
        }
        let text = &there.issue.text;
        let split = split_description(text).filter(|split| split.marker.key == link.key);
        let Some(split) = split else {
            return Ok(());
        };
        let parted = Marker {
            role: Role::Parted,
            ..split.marker.clone()
        };
        let patch = Patch {
            description: Some(text.replacen(&split.marker.render(), &parted.render(), 1)),
            ..Patch::default()
        };
        let sent = target.update_issue(number, patch, &|| true).await;
        sent.map(drop).at(Stage::Update)
    }
}

fn is_carried(link: &IssueLink) -> bool {
    matches!(link.state, LinkState::Active | LinkState::Hidden)
}
