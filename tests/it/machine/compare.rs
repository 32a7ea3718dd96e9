//! Both sides, compared by what people did and by nothing of how it is rendered.

use super::{Added, Machine, THEIR_COMMENT, THEIRS};
use crate::chance::{Checked, ensure};
use crate::lab::{author_comment, author_text};
use crate::replay::{shown, starts_with};
use forge_sim::{Issue, World};
use proptest::test_runner::TestCaseError;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

impl Machine<'_> {
    /// Compares both sides by what people did.
    pub(super) fn compare(&self) -> Checked {
        let world = self.lab.sim.world();
        let source = &world.projects[&self.lab.source].issues;
        let mut mirrored: BTreeMap<u64, &Issue> = BTreeMap::new();
        for there in world.projects[&self.lab.target].issues.values() {
            let of = original(&there.title);
            ensure!(mirrored.insert(of, there).is_none(), "#{of} is there twice");
        }
        for (iid, issue) in source {
            let there = mirrored.get(iid);
            if issue.confidential && !self.case.confidential {
                ensure!(
                    there.is_none_or(|there| there.confidential),
                    "#{iid} can be seen"
                );
                continue;
            }
            let Some(there) = there else {
                return Err(TestCaseError::fail(format!("#{iid} is not there")));
            };
            let added = self.added.get(&there.iid).cloned().unwrap_or_default();
            self.same(&world, issue, there, &added)?;
        }
        self.same_links(&world, &mirrored)?;
        for (iid, added) in &self.added {
            let there = world.issue(self.lab.target, *iid);
            let theirs = there.notes.iter().filter(|note| note.body == THEIR_COMMENT);
            ensure!(
                theirs.count() == added.comments && (!added.label || there.labels.contains(THEIRS)),
                "what people added to #{iid} there is not there any more: {there:#?}"
            );
        }
        ensure!(world.mails.is_empty(), "written to: {:?}", world.mails);
        Ok(())
    }

    /// Links between what is on both sides.
    fn same_links(&self, world: &World, mirrored: &BTreeMap<u64, &Issue>) -> Checked {
        let visible = |iid: &u64| {
            let issue = world.projects[&self.lab.source].issues.get(iid);
            issue.is_some_and(|issue| self.case.confidential || !issue.confidential)
        };
        let original_of: BTreeMap<u64, u64> = mirrored
            .iter()
            .map(|(iid, there)| (there.iid, *iid))
            .collect();
        let links =
            |project: u64, name: &dyn Fn(u64) -> Option<u64>| -> BTreeSet<(u64, u64, bool)> {
                let here = world.links.iter().filter(|link| link.source.0 == project);
                let named = here.filter_map(|link| {
                    let (one, two) = (name(link.source.1)?, name(link.target.1)?);
                    // Whoever is related has no direction.
                    let turned = !link.blocks && two < one;
                    let (one, two) = if turned { (two, one) } else { (one, two) };
                    (visible(&one) && visible(&two)).then_some((one, two, link.blocks))
                });
                named.collect()
            };
        let here = links(self.lab.source, &Some);
        let there = links(self.lab.target, &|iid| original_of.get(&iid).copied());
        ensure!(here == there, "links {here:?} arrived as {there:?}");
        Ok(())
    }

    fn same(&self, world: &World, issue: &Issue, there: &Issue, added: &Added) -> Checked {
        let iid = issue.iid;
        let differ = |what: &str, here: &dyn fmt::Debug, there: &dyn fmt::Debug| {
            let said = format!("{what} of #{iid}: {here:?} arrived as {there:?}");
            Err(TestCaseError::fail(said))
        };
        macro_rules! equal {
            ($what:expr, $here:expr, $there:expr) => {
                if $here != $there {
                    return differ($what, &$here, &$there);
                }
            };
        }
        let at = format!("#{iid}");
        equal!("title", issue.title, shown(&there.title));
        let text = author_text(there.description.as_deref().unwrap_or_default());
        let (source, target) = (self.lab.source, self.lab.target);
        let masked = |project: u64, text: &str| masked(text, &world.projects[&project]);
        let here = masked(source, issue.description.as_deref().unwrap_or_default());
        let there_text = masked(target, &shown(text));
        if !there_text.starts_with(&here) {
            return differ("text", &here, &there_text);
        }
        starts_with(&there_text, &here, &at);
        equal!("state", issue.open, there.open);
        equal!("confidentiality", issue.confidential, there.confidential);
        equal!("due date", issue.due_date, there.due_date);
        equal!("weight", issue.weight, there.weight);
        equal!("estimate", issue.time_estimate, there.time_estimate);
        equal!(
            "spent time",
            issue.time_spent + added.spent,
            there.time_spent
        );
        let mut labels = issue.labels.clone();
        labels.insert(format!("Mirrored-From::127.0.0.1:{}", self.lab.sim.port()));
        labels.extend(added.label.then(|| THEIRS.to_owned()));
        equal!("labels", labels, there.labels);
        let bot = world.tokens["writer"].user;
        let comments: Vec<_> = issue.comments();
        let mirrored: Vec<_> = there
            .comments()
            .into_iter()
            .filter(|note| note.author == bot)
            .collect();
        let bodies = |notes: &[&forge_sim::Note]| -> Vec<String> {
            notes.iter().map(|note| note.body.clone()).collect()
        };
        if comments.len() != mirrored.len() {
            return differ("comments", &bodies(&comments), &bodies(&mirrored));
        }
        for (comment, mirror) in comments.iter().zip(&mirrored) {
            let text = masked(target, &shown(author_comment(&mirror.body).1));
            let here = masked(source, &comment.body);
            if !text.starts_with(&here) {
                return differ("comments", &bodies(&comments), &bodies(&mirrored));
            }
            starts_with(&text, &here, &at);
        }
        // For each the place of the first one of its thread.
        let threads = |notes: &[&forge_sim::Note]| -> Vec<Option<usize>> {
            let first = |note: &&forge_sim::Note| {
                notes
                    .iter()
                    .position(|other| other.discussion == note.discussion)
            };
            notes.iter().map(first).collect()
        };
        // Where a first comment is gone the answers to it may stand by themselves.
        if !self.deletes_comments() {
            equal!("threads", threads(&comments), threads(&mirrored));
        }
        Ok(())
    }
}

/// A text with what is in the files that it links to, wherever they are.
fn masked(text: &str, project: &forge_sim::Project) -> String {
    let mut text = text.to_owned();
    for ((secret, name), content) in &project.uploads {
        let content = String::from_utf8_lossy(content);
        text = text.replace(
            &format!("/uploads/{secret}/{name}"),
            &format!("/uploads/<{content}>"),
        );
    }
    text
}

/// The number that a title says.
fn original(title: &str) -> u64 {
    let number = title
        .split(' ')
        .next()
        .and_then(|word| word.strip_prefix('T'));
    number.and_then(|number| number.parse().ok()).unwrap()
}
