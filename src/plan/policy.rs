//! What a pair carries, ready to use.

use crate::model::{
    Capabilities, Date, Digest, Field, IssueNumber, IssueType, LabelOrigin, Person, Timestamp,
};
use crate::text::seal::Seal;
use std::collections::BTreeMap;

/// The toggles and mappings of a pair. A toggle that is off means that the field is not ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Comments, with their edits and deletions.
    pub comments: bool,
    /// Labels.
    pub labels: bool,
    /// Put before and behind every label that is not mapped.
    pub label_affix: (String, String),
    /// Labels that the target lacks are created.
    pub label_auto_create: bool,
    /// Attachments.
    pub attachments: bool,
    /// The largest attachment that is carried.
    pub attachment_max_bytes: u64,
    /// Weight.
    pub weight: bool,
    /// Due date.
    pub due_date: bool,
    /// Estimated time.
    pub time_estimate: bool,
    /// Time spent.
    pub time_spent: bool,
    /// Milestone.
    pub milestones: bool,
    /// The milestone is set by its title where the target has one; else, and without this, it is a
    /// label and a footer line.
    pub milestone_by_title: bool,
    /// Milestones that the target lacks are created.
    pub milestone_auto_create: bool,
    /// Assignees, as footer line and as labels or in the field of the target.
    pub assignees: bool,
    /// How they are found on the target.
    pub assignee_strategy: AssigneeStrategy,
    /// Who is assigned instead of somebody who cannot be found there.
    pub assignee_fallback: AssigneeFallback,
    /// Iteration, as label and footer line.
    pub iterations: bool,
    /// Epic, as label and footer line.
    pub epics: bool,
    /// Links between issues that are mirrored.
    pub issue_links: bool,
    /// Issues that were closed when they were first seen.
    pub closed_issues: bool,
    /// Confidential issues, where the target can keep them so.
    pub confidential: bool,
    /// Internal comments, where the target can keep them so.
    pub internal_notes: bool,
    /// A target that more people see is written although the account of the source would not see that
    /// an issue becomes confidential.
    pub accept_low_role: bool,
    /// Issues that are older than the pair.
    pub existing_issues: bool,
    /// In the first pass, issues that are on both sides under the same title are joined.
    pub link_by_title: bool,
    /// From where on, if it was set by hand.
    pub mirror_since: Option<Since>,
    /// Issues that are mirrored already follow the source.
    pub update_existing: bool,
    /// A counterpart gets the number of its original.
    pub preserve_numbers: bool,
    /// What becomes of counterparts whose originals vanished.
    pub deletions: Deletions,
    /// Mentions of mapped users become real ones.
    pub notify_mentions: bool,
    /// What stands in front of the numbers of issues in other trackers, such as `ABC` in `ABC-12`, which
    /// the target is not to tell them of; in order, each once.
    pub inert_keys: Vec<String>,
    /// Nothing on the target tells where it came from or who wrote it.
    pub opaque: bool,
    /// By which markers are sealed, and opened where they are.
    pub seal: Option<Seal>,
    /// The footer says that changes may be overwritten.
    pub notice: bool,
    /// Source label → target label; `None`: not carried.
    pub label_map: BTreeMap<String, Option<String>>,
    /// Source account, in small letters → target account. Ask [`Self::mapped`].
    pub users: BTreeMap<String, String>,
    /// Source milestone → target milestone; `None`: not carried.
    pub milestone_map: BTreeMap<String, Option<String>>,
    /// Which issues are carried.
    pub only: Selection,
}

/// How people are found on a target to be assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssigneeStrategy {
    /// Not at all: they are labels.
    AsLabel,
    /// By the mapping of users, else by the same name.
    ByUsername,
    /// By the e-mail address that both show, else by the mapping of users.
    ByEmail,
}

/// Who is assigned instead of somebody who cannot be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssigneeFallback {
    /// Nobody: the name is a label.
    Unassign,
    /// The account of the token.
    Bot,
    /// This account.
    Account(String),
}

/// What becomes of a counterpart whose original is not there any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deletions {
    /// It stays as it is.
    #[default]
    Ignore,
    /// It is closed.
    Close,
    /// It is deleted; one that somebody else wrote is closed.
    Delete,
}

/// Where a pair begins, set by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// With the issue of this number.
    Number(IssueNumber),
    /// With the first issue written on this day (UTC).
    Date(Date),
}

/// Which issues are carried; an empty selection takes all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// It has every one of these labels.
    pub labels: Vec<String>,
    /// It has none of these labels.
    pub exclude_labels: Vec<String>,
    /// It belongs to this milestone.
    pub milestone: Option<String>,
    /// This account wrote it.
    pub author: Option<String>,
    /// It is of one of these kinds.
    pub types: Vec<IssueType>,
    /// It was written after this moment.
    pub created_after: Option<Timestamp>,
    /// It has one of these numbers.
    pub issues: Vec<IssueNumber>,
}

impl Default for Policy {
    /// What holds where the file says nothing.
    fn default() -> Self {
        Self {
            comments: true,
            labels: true,
            label_affix: (String::new(), String::new()),
            label_auto_create: true,
            attachments: true,
            attachment_max_bytes: 100 * 1024 * 1024,
            weight: true,
            due_date: true,
            time_estimate: true,
            time_spent: true,
            milestones: true,
            milestone_by_title: false,
            milestone_auto_create: false,
            assignees: true,
            assignee_strategy: AssigneeStrategy::AsLabel,
            assignee_fallback: AssigneeFallback::Unassign,
            iterations: true,
            epics: true,
            issue_links: true,
            closed_issues: false,
            confidential: false,
            internal_notes: false,
            accept_low_role: false,
            existing_issues: false,
            link_by_title: false,
            mirror_since: None,
            update_existing: true,
            preserve_numbers: false,
            deletions: Deletions::Ignore,
            notify_mentions: false,
            inert_keys: Vec::new(),
            opaque: false,
            seal: None,
            notice: false,
            label_map: BTreeMap::new(),
            users: BTreeMap::new(),
            milestone_map: BTreeMap::new(),
            only: Selection::default(),
        }
    }
}

impl Policy {
    /// A digest of every setting that could change what a target should hold. If it changed since
    /// an issue was last in step, the issue is planned anew (P10); whether anything is written is
    /// then decided field by field.
    pub fn fingerprint(&self, target: &Capabilities) -> Digest {
        // `Debug` names every field, so a new toggle cannot be forgotten here.
        Digest::of([format!("{self:?}").as_str(), format!("{target:?}").as_str()])
    }

    /// Whether a field is ours at all, where the target can hold it.
    pub fn carries(&self, field: Field) -> bool {
        match field {
            Field::Title
            | Field::Text
            | Field::Rewriting
            | Field::Envelope
            | Field::Labels
            | Field::State
            | Field::Type
            | Field::Locked => true,
            Field::Confidential => self.confidential,
            Field::Weight => self.weight,
            Field::Milestone => self.milestones,
            Field::Assignees => self.assignees,
            Field::Iteration => self.iterations,
            Field::Epic => self.epics,
            Field::DueDate => self.due_date,
            Field::TimeEstimate => self.time_estimate,
            Field::TimeSpent => self.time_spent,
        }
    }

    /// Whether labels of this kind are not ours for now: they stay as they are.
    pub fn is_frozen(&self, origin: LabelOrigin) -> bool {
        match origin {
            LabelOrigin::Label => !self.labels,
            LabelOrigin::Milestone => !self.milestones,
            LabelOrigin::Iteration => !self.iterations,
            LabelOrigin::Epic => !self.epics,
            LabelOrigin::Assignee | LabelOrigin::Assigned => !self.assignees,
            LabelOrigin::Type
            | LabelOrigin::MirroredFrom
            | LabelOrigin::NotOurs
            | LabelOrigin::NotKept => false,
        }
    }

    /// Those of the keys that name nothing elsewhere which texts may have in them: a part of what decides
    /// how these are rewritten, and nothing for most. Written otherwise, any key may be.
    pub fn keys_in<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Option<String> {
        const OTHERWISE: [char; 4] = ['&', '<', '\\', '%'];
        if self.inert_keys.is_empty() {
            return None;
        }
        let texts: Vec<&str> = texts.into_iter().collect();
        let any = texts.iter().any(|text| text.contains(OTHERWISE));
        let is_in = |key: &&String| any || texts.iter().any(|text| text.contains(key.as_str()));
        let keys = self.inert_keys.iter().filter(is_in);
        let keys: Vec<&str> = keys.map(String::as_str).collect();
        (!keys.is_empty()).then(|| format!("keys {}", keys.join(" ")))
    }

    /// A digest of what an envelope says, and of how keys in it are written there.
    pub fn with_keys<'t>(&self, said: Digest, texts: impl IntoIterator<Item = &'t str>) -> Digest {
        match self.keys_in(texts) {
            Some(keys) => Digest::of([said.hex().as_str(), keys.as_str()]),
            None => said,
        }
    }

    /// The account by which somebody is known on the target.
    pub fn account<'a>(&'a self, person: &'a Person) -> &'a str {
        self.mapped(&person.username)
            .unwrap_or(person.username.as_str())
    }

    /// The account that is named for one of the source: however that is written, it is the same.
    pub fn mapped(&self, account: &str) -> Option<&str> {
        if self.users.is_empty() {
            return None;
        }
        let named = self.users.get(&account.to_ascii_lowercase());
        named.map(String::as_str)
    }

    /// What a milestone is called on the target; `None` if it is not carried.
    pub fn milestone<'a>(&'a self, title: &'a str) -> Option<&'a str> {
        match self.milestone_map.get(title) {
            Some(mapped) => mapped.as_deref(),
            None => Some(title),
        }
    }
}
