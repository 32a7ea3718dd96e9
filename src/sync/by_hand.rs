//! Two issues joined or parted by a person (`link`, `unlink`).

use super::Abort;
use super::carry::Carrier;
use super::counterpart::read_one;
use super::failure::{At, FailedAt, Trouble};
use super::recover::{Held, STILL_WORKING};
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{Issue, IssueLink, IssueNumber, LinkState, Patch, ProjectKey, Stage, Thread};
use crate::plan::opaque;
use crate::text::envelope::split_description;
use crate::text::marker::{Marker, Role};

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
        let elsewhere = store.original_elsewhere(self.pair, there.issue.id)?;
        // A pair that is not configured any more parts nothing.
        let elsewhere = elsewhere.filter(|(project, _)| pass.neighbours.contains(project));
        let elsewhere = elsewhere.map(|(project, number)| format!("{project}:{number}"));
        if let Some(other) = self.other_original(&there.issue).or(elsewhere) {
            let said = format!(
                "#{target} is the counterpart of {other}, by another pair; part them first with `unlink`"
            );
            return Err(no(doing(), &said));
        }
        if thread.issue.confidential && !there.issue.confidential {
            let said = format!("it is confidential, and #{target} is not; hide that first");
            return Err(no(doing(), &said));
        }
        self.join(&thread, &there).await?;
        store.unqueue(self.pair, source)?;
        self.books.count(|tally| {
            tally.warnings.push(format!(
                "#{source} is joined with #{target} of the target; what differs there stays until the source changes."
            ));
        });
        Ok(())
    }

    /// The issue that an issue of the target is the counterpart of by another pair.
    pub(super) fn other_original(&self, there: &Issue) -> Option<String> {
        let mut marker = split_description(&there.text)?.marker;
        for neighbour in self.pass.neighbours {
            marker = opaque::opened(marker, self.pass.policy, &neighbour.0);
        }
        let project = ProjectKey(marker.origin()?.0.to_owned());
        let counts = there.ours
            && marker.role == Role::Counterpart
            && marker.target == self.pass.target.project().key.0
            && project != self.pass.source.project().key
            && self.pass.neighbours.contains(&project);
        counts.then_some(marker.source)
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
        if let Some((comment, _)) = self.marker_comment(there, link.source_id) {
            return self.change_role(there, comment, Role::Parted).await;
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
