//! What may stand in the lists of a target, of labels and milestones, for the sake of an issue that not
//! everybody there sees (P7).

use super::labels::{Want, Wanted};
use super::policy::Policy;
use crate::model::{Inspection, LabelOrigin, Visibility};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What may stand in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lists {
    /// Nothing but what an issue brings that everybody sees.
    Open,
    /// What the source lists itself too: whoever sees the target's lists may see those.
    AsSource,
    /// Everything: only members see them.
    Closed,
}

impl Lists {
    /// What the target alone decides, whatever the source is; `None` if that counts too.
    pub fn of(target: &Inspection) -> Option<Self> {
        let Inspection::Project(target) = target else {
            return Some(Self::Open);
        };
        match target.visibility {
            Some(Visibility::Private) => Some(Self::Closed),
            Some(_) => None,
            // Nothing tells who sees it.
            None => Some(Self::Open),
        }
    }

    /// What the two ends of a pair make of the lists of the target.
    pub fn between(source: &Inspection, target: &Inspection) -> Self {
        if let Some(decided) = Self::of(target) {
            return decided;
        }
        match (source, target) {
            (Inspection::Project(source), Inspection::Project(target))
                if source.visibility >= target.visibility =>
            {
                Self::AsSource
            }
            _ => Self::Open,
        }
    }
}

/// The labels of a target that shows its list to more people than an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Those that are there, by what titles have in common that are one.
    pub titles: Arc<BTreeSet<String>>,
    /// What else may be.
    pub lists: Lists,
}

impl Want {
    /// Whether the title may stand in the list of the target for the sake of an issue that not everybody
    /// there sees.
    pub fn may_be_listed(&self, lists: Lists) -> bool {
        match self.origin {
            // It says of the pair what every mirrored issue says.
            LabelOrigin::MirroredFrom => true,
            LabelOrigin::Label | LabelOrigin::Milestone => self.mapped || lists != Lists::Open,
            LabelOrigin::Iteration => lists != Lists::Open,
            // No list of the source says these.
            LabelOrigin::Epic
            | LabelOrigin::Assignee
            | LabelOrigin::Assigned
            | LabelOrigin::Type
            | LabelOrigin::NotOurs
            | LabelOrigin::NotKept => lists == Lists::Closed,
        }
    }
}

impl Wanted {
    /// Takes out what may not be made there.
    pub(super) fn withhold(&mut self, listed: &Listed, policy: &Policy) {
        let titles = self.titles;
        let (there, withheld) =
            std::mem::take(&mut self.labels)
                .into_iter()
                .partition(|(name, want)| {
                    let is_made = want.origin != LabelOrigin::Label || policy.label_auto_create;
                    let is_there = listed.titles.contains(&titles.key(name));
                    is_there || !is_made || want.may_be_listed(listed.lists)
                });
        (self.labels, self.withheld) = (there, withheld);
    }
}

/// How a label that is withheld is noted, by what titles have in common that are one.
pub fn withheld_label(key: &str) -> String {
    format!("label {key}")
}

/// How a milestone that is withheld is noted, by its title in small letters.
pub fn withheld_milestone(key: &str) -> String {
    format!("milestone {key}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FilesState, ProjectState, Right, Rights};

    /// A project on a server that so many see.
    fn project(visibility: Option<Visibility>) -> Inspection {
        let right = Right {
            granted: true,
            needs: "",
        };
        Inspection::Project(Box::new(ProjectState {
            id: 1,
            visibility,
            archived: false,
            has_issues: true,
            role: None,
            rights: Rights {
                sees_confidential: right,
                sets_fields: right,
                edits_others: right,
                sets_times: right,
            },
            fields: Vec::new(),
            types: Vec::new(),
            extras: Vec::new(),
            mailed: None,
            tells: None,
        }))
    }

    #[test]
    fn p7_lists_take_what_whoever_reads_them_reads_at_the_source_too() {
        let files = Inspection::Files(FilesState {
            exists: true,
            writable: true,
        });
        let (private, internal, public) = (
            project(Some(Visibility::Private)),
            project(Some(Visibility::Internal)),
            project(Some(Visibility::Public)),
        );
        let untold = project(None);
        for (source, target, lists) in [
            (&untold, &private, Lists::Closed),
            (&files, &private, Lists::Closed),
            (&public, &internal, Lists::AsSource),
            (&internal, &internal, Lists::AsSource),
            (&internal, &public, Lists::Open),
            (&private, &internal, Lists::Open),
            (&untold, &internal, Lists::Open),
            (&files, &public, Lists::Open),
            (&public, &untold, Lists::Open),
            (&public, &files, Lists::Open),
        ] {
            assert_eq!(
                Lists::between(source, target),
                lists,
                "{source:?} {target:?}"
            );
            assert!(Lists::of(target).is_none_or(|decided| decided == lists));
        }
    }
}
