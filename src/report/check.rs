//! What a pair will be able to carry, found out without anything being written.

mod fields;
mod findings;
mod json;
mod text;
mod tracker;

pub use findings::{Finding, findings};
pub use json::render_json;
pub use text::render;

use super::hints;
use crate::model::{Capabilities, Inspection, Project, ProjectKey, ServerState};
use crate::plan::policy::Policy;
use crate::sync::ForgeError;
use std::collections::BTreeMap;

/// Everything that was found.
#[derive(Clone, Debug)]
pub struct CheckReport {
    /// The instances of the pairs that are enabled, by their keys in the configuration.
    pub instances: BTreeMap<String, InstanceRow>,
    /// The pairs, in the order of the configuration.
    pub pairs: Vec<PairRow>,
}

/// An instance, and what it says.
#[derive(Clone, Debug)]
pub struct InstanceRow {
    /// Its address, or the path of a directory.
    pub place: String,
    /// What it says; `None` for a directory.
    pub server: Result<Option<ServerState>, ForgeError>,
}

/// A pair, and what is at its ends.
#[derive(Clone, Debug)]
pub struct PairRow {
    /// What it is called.
    pub name: String,
    /// Passes happen; otherwise nothing was tried.
    pub enabled: bool,
    /// What it is to carry.
    pub policy: Policy,
    /// What is read.
    pub source: EndRow,
    /// What is written.
    pub target: EndRow,
    /// Who wrote what is on the target already.
    pub former: Option<Former>,
}

/// An end of a pair.
#[derive(Clone, Debug)]
pub struct EndRow {
    /// Key of its instance.
    pub instance: String,
    /// The project as the configuration has it.
    pub project: String,
    /// What is there; `None` if nothing was tried.
    pub found: Option<Result<Found, ForgeError>>,
}

impl EndRow {
    /// An end at which nothing was tried yet.
    pub fn new(instance: &str, project: &str) -> Self {
        Self {
            instance: instance.to_owned(),
            project: project.to_owned(),
            found: None,
        }
    }

    fn good(&self) -> Option<&Found> {
        self.found.as_ref()?.as_ref().ok()
    }
}

/// What is at an end of a pair.
#[derive(Clone, Debug)]
pub struct Found {
    /// The project.
    pub project: Project,
    /// What it is like.
    pub inspection: Inspection,
    /// What is held there, without what passes found not to be kept.
    pub capabilities: Capabilities,
    /// Who can be assigned there, if that was asked for and is told.
    pub members: Option<Vec<String>>,
    /// Which project was there at the last pass, if there was one.
    pub before: Option<ProjectKey>,
}

/// The author of the newest counterpart that the pair made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// Name of the account.
    pub account: String,
    /// It is that of the token, or one of `trusted_authors`.
    pub trusted: bool,
}

impl CheckReport {
    /// Whether nothing was found that keeps a pair from being passed.
    pub fn every_pair_can_run(&self) -> bool {
        self.pairs
            .iter()
            .all(|pair| !pair.enabled || self.can_run(pair))
    }

    fn can_run(&self, pair: &PairRow) -> bool {
        findings(pair, &self.instances)
            .iter()
            .all(|finding| !finding.blocks)
    }
}

fn ends_soon(name: &str, server: &ServerState) -> Option<String> {
    let ends = server.token.as_ref()?.ends?;
    hints::token_ends_soon(name, ends, server.today)
}

/// What a pair does not carry because it is told so, with the keys that say it.
fn left_out(policy: &Policy) -> Vec<(&'static str, &'static str)> {
    let switches = [
        (
            policy.existing_issues || policy.mirror_since.is_some(),
            "issues from before the first pass",
            "sync_existing_issues",
        ),
        (
            policy.closed_issues,
            "issues closed when first seen",
            "sync_closed_issues",
        ),
        (
            policy.confidential,
            "confidential issues",
            "sync_confidential",
        ),
        (
            policy.internal_notes,
            "internal comments",
            "sync_internal_notes",
        ),
        (policy.comments, "comments", "sync_comments"),
        (policy.labels, "labels", "sync_labels"),
        (policy.attachments, "attachments", "sync_attachments"),
        (policy.weight, "weights", "sync_weight"),
        (policy.due_date, "due dates", "sync_due_date"),
        (policy.time_estimate, "estimates", "sync_time_estimate"),
        (policy.time_spent, "time spent", "sync_time_spent"),
        (policy.milestones, "milestones", "sync_milestones"),
        (policy.assignees, "assignees", "sync_assignees"),
        (policy.iterations, "iterations", "sync_iterations"),
        (policy.epics, "epics", "sync_epics"),
        (
            policy.issue_links,
            "links to other issues",
            "sync_issue_links",
        ),
        (
            policy.update_existing,
            "changes of what is mirrored",
            "update_existing",
        ),
    ];
    let off = switches.into_iter().filter(|(on, ..)| !on);
    off.map(|(_, what, key)| (what, key)).collect()
}
