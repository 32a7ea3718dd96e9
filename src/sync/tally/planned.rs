//! What a trial run would do.

use super::Comments;
use crate::model::{Field, IssueNumber};
use crate::plan::selection::SkipReason;
use std::collections::BTreeSet;

/// What a trial run would do with one issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Its number on the source.
    pub number: IssueNumber,
    /// Its title on the source; empty where it must not be shown.
    pub title: String,
    /// What would happen.
    pub action: PlannedAction,
    /// Which fields would be written.
    pub fields: Vec<Field>,
    /// Labels that would be added.
    pub add_labels: Vec<String>,
    /// Labels that would be taken away.
    pub remove_labels: Vec<String>,
    /// What would happen to comments.
    pub comments: Comments,
    /// How many attachments of its texts the target has not.
    pub attachments: u64,
    /// How many links to other issues would be made. One that two issues name counts once.
    pub add_links: u64,
    /// How many would be taken away.
    pub remove_links: u64,
}

/// What would happen to an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlannedAction {
    /// A counterpart would be created.
    Create,
    /// The counterpart would be changed.
    Update,
    /// The counterpart would be hidden.
    Hide,
    /// The counterpart would be shown again, and changed where it lags behind.
    Show,
    /// It would be joined with this issue of the target, which has its title.
    Join(IssueNumber),
    /// The counterpart would be closed, because the original vanished.
    Close,
    /// The counterpart would be deleted, because the original vanished.
    Delete,
    /// Nothing: it is not mirrored.
    Skip(SkipReason),
}

impl Planned {
    /// How many writes it would take.
    pub fn writes(&self) -> u64 {
        let comments = self.comments.created + self.comments.updated + self.comments.deleted;
        let issue = match self.action {
            PlannedAction::Create
            | PlannedAction::Hide
            | PlannedAction::Close
            | PlannedAction::Delete => 1,
            PlannedAction::Show => 1 + u64::from(!self.fields.is_empty()),
            PlannedAction::Update => u64::from(!self.fields.is_empty()),
            PlannedAction::Skip(_) | PlannedAction::Join(_) => 0,
        };
        issue + comments + self.attachments + self.add_links + self.remove_links
    }

    /// Takes in what else would be done with the same issue.
    pub(super) fn add(&mut self, more: Self) {
        self.fields.extend(more.fields);
        self.fields.sort();
        self.fields.dedup();
        self.add_labels.extend(more.add_labels);
        self.remove_labels.extend(more.remove_labels);
        self.comments.created += more.comments.created;
        self.comments.updated += more.comments.updated;
        self.comments.deleted += more.comments.deleted;
        self.attachments += more.attachments;
        self.add_links += more.add_links;
        self.remove_links += more.remove_links;
    }
}

/// What a trial run would do beside the issues, by the titles on the target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// Labels that would be created.
    pub new_labels: BTreeSet<String>,
    /// Labels that would be changed.
    pub changed_labels: BTreeSet<String>,
    /// Milestones that would be created.
    pub new_milestones: BTreeSet<String>,
    /// Milestones that would be changed.
    pub changed_milestones: BTreeSet<String>,
}

impl Beside {
    /// A title as a report names it: one that a confidential issue brings by its place among those.
    pub(in crate::sync) fn add(
        titles: &mut BTreeSet<String>,
        title: &str,
        hidden: Option<IssueNumber>,
    ) {
        let Some(number) = hidden else {
            titles.insert(title.to_owned());
            return;
        };
        let mut place = 1;
        while !titles.insert(format!("{place} of #{number}")) {
            place += 1;
        }
    }

    /// How many writes it would take.
    pub fn writes(&self) -> u64 {
        let all = [
            &self.new_labels,
            &self.changed_labels,
            &self.new_milestones,
            &self.changed_milestones,
        ];
        all.iter().map(|titles| titles.len() as u64).sum()
    }
}
