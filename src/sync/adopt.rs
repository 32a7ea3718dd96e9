//! What was last written into a counterpart that was found again: told from what is there (P3).

use super::apply::draw_key;
use super::carry::Carrier;
use super::counterpart::read_one;
use super::description::short;
use super::failure::{At, Trouble};
use super::rebuild::{is_of_pair, split_of_comment, split_of_issue};
use super::withdraw;
use crate::model::{
    Comment, CommentId, CommentLink, Digest, Issue, LinkId, LinkState, Stage, Thread,
};
use crate::plan::draft::{CommentDraft, Draft, DraftText};
use crate::plan::found::{self, Envelope, Found, Whose};
use crate::plan::length::Fitted;
use crate::plan::{footer, selection};
use crate::store::FoundComment;
use crate::text::envelope::{FooterName, Split, split_comment, split_description};
use crate::text::maestro;
use crate::text::marker::{self, Marker, Role};
use std::collections::{BTreeMap, BTreeSet};

impl Carrier<'_> {
    /// Finds out what was last written into a counterpart of which only the two ends are known.
    pub(super) async fn adopt(&self, link: LinkId, thread: &Thread) -> Result<(), Trouble> {
        let known = self.pass.store.issue_link(link)?;
        if !known.found {
            let unmarked = known.theirs && known.settled.is_none();
            if unmarked && !self.privacy_only && !self.pass.options.dry_run {
                self.mark(&known, thread).await?;
            }
            return Ok(());
        }
        if thread.issue.confidential && !self.pass.options.dry_run {
            // What must not be seen does not wait for it.
            self.must_be_hidden(link).await?;
        }
        let there = read_one(self.pass.target, known.target_number).await;
        let there = there.at(Stage::Read)?;
        self.vouch(&thread.issue, &there.issue);
        let split = split_of_issue(self.pass, &there.issue.text);
        if let Some(split) = split.filter(|split| is_of_pair(self.pass, &split.marker)) {
            self.recall_lost(&split, &there.issue, &thread.issue)
                .await?;
        }
        if there.issue.confidential && !thread.issue.confidential {
            let number = there.issue.number;
            self.books.count(|tally| {
                tally.warnings.push(format!(
                    "#{number} of the target is confidential and its original is not; nobody knows any more who hid it, so it stays hidden until somebody shows it there."
                ));
            });
        }
        // Those that are not carried now may be later, and people may have edited them.
        let (draft, comments) = self.drafts(thread, true).await?;
        let found = self.found_issue(&draft, &there.issue, thread).await?;
        let comments = self.found_comments(link, &comments, &there, thread).await?;
        self.books.count(|tally| {
            let rebuilt = &mut tally.rebuilt;
            if !found.kept.is_empty() {
                rebuilt.kept += 1;
            } else if found.overwritten.is_empty() {
                rebuilt.equal += 1;
            } else {
                rebuilt.overwritten += 1;
            }
        });
        self.add_drift(link, there.issue.number, &found.drift)?;
        let store = self.pass.store;
        store.adopt(link, &found.bases, &found.labels, &comments)?;
        Ok(())
    }

    /// The marker in an original that is a counterpart itself may be one of a pair that is not found
    /// again yet. Where ours has no trace of it, it was trusted when that was written.
    fn vouch(&self, issue: &Issue, there: &Issue) {
        let ours = split_of_issue(self.pass, &there.text)
            .filter(|split| there.ours && is_of_pair(self.pass, &split.marker));
        let is_whole = split_description(&issue.text).is_some_and(|s| s.is_whole(&issue.text));
        if let Some(ours) = ours
            && is_whole
            && selection::is_mirrored(issue)
            && marker::keys(ours.text).is_empty()
        {
            self.lock_vouched().insert(issue.id);
        }
    }

    async fn found_issue(
        &self,
        draft: &Draft,
        there: &Issue,
        thread: &Thread,
    ) -> Result<Found, Trouble> {
        let split = split_of_issue(self.pass, &there.text)
            .filter(|split| is_of_pair(self.pass, &split.marker));
        let before = split
            .as_ref()
            .map_or("", |split| split.marker.written.as_str());
        let (title_half, text_half) = before.split_once('.').unwrap_or_default();
        let is_withdrawn = withdraw::says_so(there);
        let title = match &there.title {
            _ if is_withdrawn => Whose::Ours,
            now if *now == draft.title => Whose::Same,
            // What is found again after this issue, it may lead to already.
            now if short(now) == title_half => {
                let pattern = draft.titled.pattern(self.setting());
                let same = pattern.is_some_and(|pattern| pattern.matches(now));
                if same { Whose::Same } else { Whose::Ours }
            }
            _ => Whose::Theirs,
        };
        let text = match (&split, maestro::split(&there.text)) {
            (Some(split), _) => split.text,
            (None, Some(maestro)) => maestro.text,
            (None, None) => there.text.as_str(),
        };
        let whose = if is_withdrawn {
            Whose::Ours
        } else {
            let kept = split.as_ref().and_then(|split| split.marker.kept);
            self.whose((&draft.text, None), text, (text_half, kept), &thread.issue)
                .await?
        };
        // Nobody wrote on record what we wrote there, so it may never have been ours.
        let joined = text_half.is_empty() && maestro::split(&there.text).is_none();
        let envelope = match &split {
            Some(split) => Envelope {
                joined,
                same: self.has_this_envelope(draft, &there.text, split),
                closed: split.says(FooterName::Closed),
            },
            None => Envelope {
                joined,
                same: false,
                closed: false,
            },
        };
        Ok(found::issue(draft, there, title, whose, envelope))
    }

    /// Whether what stands around a text is what would be put there now.
    fn has_this_envelope(&self, draft: &Draft, whole: &str, split: &Split<'_>) -> bool {
        let marker = Marker {
            lineage: draft.lineage.clone(),
            ..split.marker.clone()
        };
        let now = self.description(draft, split.text, &marker);
        says_the_same(&now, &whole[..whole.len() - split.after.len()])
    }

    /// Whose a text is that is there. Attachments that it leads to are known again then. `last`, `kept`:
    /// what its marker says of it.
    async fn whose(
        &self,
        (draft, comment): (&DraftText, Option<CommentId>),
        there: &str,
        (last, kept): (&str, Option<usize>),
        issue: &Issue,
    ) -> Result<Whose, Trouble> {
        // A forge that keeps no `\r` changed nothing.
        let plain = there.replace('\r', "");
        let is_ours = short(there) == last;
        let setting = self.setting();
        // What is found again after this issue, it may lead to already.
        let found = draft
            .found_in(setting, &plain, kept, false)
            .or_else(|| draft.found_in(setting, &plain, kept, is_ours));
        if let Some(carried) = found {
            let known = self.known_again(draft, comment, carried, issue).await?;
            return Ok(if known { Whose::Same } else { Whose::Ours });
        }
        Ok(if is_ours { Whose::Ours } else { Whose::Theirs })
    }

    /// Remembers where attachments are on the target, so that none is uploaded a second time. `false` if
    /// one of them was given up, so that the text needs another one.
    async fn known_again(
        &self,
        draft: &DraftText,
        comment: Option<CommentId>,
        carried: BTreeMap<String, String>,
        issue: &Issue,
    ) -> Result<bool, Trouble> {
        let (store, target) = (self.pass.store, self.pass.target);
        let key = &target.project().key;
        for destination in carried.values() {
            if store.given_up(key, destination)?.is_some() {
                return Ok(false);
            }
        }
        for file in &draft.attachments {
            let Some(destination) = carried.get(&file.link).filter(|to| **to != file.link) else {
                continue;
            };
            let there = target.attachments(issue.number, vec![destination.clone()]);
            let is_there = there
                .await
                .at(Stage::Attachment)?
                .iter()
                .any(Option::is_some);
            if let (true, Some(stamp)) = (is_there, file.file.stamp) {
                // Its content is not at hand; what stands for it only has to be its own.
                let content = Digest::of(["found", &file.file.place, destination]);
                // What else has it is not known.
                store.put_attachment(key, content, destination, false)?;
                self.has_file(issue, comment, destination)?;
                let source = &self.pass.source.project().key;
                store.put_file(source, &file.file.place, stamp, content)?;
            }
        }
        Ok(true)
    }

    /// Counterparts of comments, by the markers in them; of what the earlier tool made, by their text.
    pub(super) async fn found_comments(
        &self,
        link: LinkId,
        drafts: &[CommentDraft],
        there: &Thread,
        thread: &Thread,
    ) -> Result<Vec<FoundComment>, Trouble> {
        let known = self.pass.store.comment_links(link)?;
        self.comments_there(&known, drafts, there, thread).await
    }

    /// The same for an issue of which these are known already.
    pub(super) async fn comments_there(
        &self,
        known: &[CommentLink],
        drafts: &[CommentDraft],
        there: &Thread,
        thread: &Thread,
    ) -> Result<Vec<FoundComment>, Trouble> {
        let mut found: Vec<FoundComment> = Vec::new();
        // What was taken away may be there again; what is there or was deleted by people is known.
        let mut taken: BTreeSet<CommentId> = known
            .iter()
            .filter(|link| matches!(link.state, LinkState::Active | LinkState::Gone))
            .map(|link| link.source_id)
            .collect();
        for comment in there.comments.iter().filter(|comment| comment.ours) {
            let Some(split) = split_of_comment(self.pass, &comment.text) else {
                continue;
            };
            // Also where people wrote something behind it: it is our comment within our counterpart,
            // and another one would say the same twice.
            let counts = is_of_pair(self.pass, &split.marker);
            let source_id = CommentId(split.marker.source_id);
            // The first of two is the one that was there first.
            if !counts
                || split.marker.role != Role::Counterpart
                || !taken.insert(source_id)
                || self.pass.store.knows(&split.marker.key)?
            {
                continue;
            }
            let draft = drafts.iter().find(|draft| draft.id == source_id);
            let (whose, same) = match draft {
                Some(_) if withdraw::comment_says_so(&comment.text) => (Whose::Ours, false),
                Some(draft) => (
                    self.whose(
                        (&draft.text, Some(draft.id)),
                        split.text,
                        (&split.marker.written, split.marker.kept),
                        &thread.issue,
                    )
                    .await?,
                    self.has_this_attribution(draft, thread, &comment.text, &split),
                ),
                None => (Whose::Ours, true),
            };
            let told = found::comment(draft, &comment.text, comment.internal, whose, same);
            found.push(FoundComment {
                source_id,
                target_id: comment.id,
                key: split.marker.key,
                bases: told.bases,
            });
        }
        if maestro::split(&there.issue.text).is_some() {
            same_comments(drafts, there, &mut found);
        }
        Ok(found)
    }

    fn has_this_attribution(
        &self,
        draft: &CommentDraft,
        thread: &Thread,
        whole: &str,
        split: &Split<'_>,
    ) -> bool {
        let (key, written) = (&split.marker.key, &split.marker.written);
        let there = Fitted {
            text: split.text.to_owned(),
            kept: split.marker.kept,
        };
        let now = self.comment_body(&thread.issue, draft, &there, key, written);
        says_the_same(&now, &whole[..whole.len() - split.after.len()])
    }
}

/// Whether two envelopes say the same: earlier versions wrote times to the last digit.
fn says_the_same(one: &str, other: &str) -> bool {
    footer::all_to_the_second(one.trim_end()) == footer::all_to_the_second(other.trim_end())
}

/// Mirror Maestro copied comments as they are and left no mark in them: equal ones belong
/// together, in their order.
fn same_comments(drafts: &[CommentDraft], there: &Thread, found: &mut Vec<FoundComment>) {
    let mut free: Vec<&Comment> = there
        .comments
        .iter()
        .filter(|comment| comment.ours && split_comment(&comment.text).is_none())
        .collect();
    for draft in drafts {
        if found.iter().any(|comment| comment.source_id == draft.id) {
            continue;
        }
        let same = |comment: &&Comment| comment.text.trim_end() == draft.text.source.trim_end();
        let Some(at) = free.iter().position(same) else {
            continue;
        };
        let comment = free.remove(at);
        // It gets an envelope, by which it is known from then on.
        let told = found::comment(
            Some(draft),
            &comment.text,
            comment.internal,
            Whose::Same,
            false,
        );
        found.push(FoundComment {
            source_id: draft.id,
            target_id: comment.id,
            key: draw_key(),
            bases: told.bases,
        });
    }
}
