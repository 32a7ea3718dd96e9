//! What the target should hold of the comments on an issue.

use super::fields::bool_word;
use super::text::whole_of;
use super::{DraftText, Setting, TextFacts};
use crate::model::{Comment, CommentId, Digest, Field, Person, Thread, Timestamp};
use crate::plan::footer::Attribution;
use crate::plan::opaque;
use crate::plan::policy::Policy;
use crate::plan::references::Leads;
use crate::plan::selection;
use crate::text::envelope;
use std::collections::BTreeMap;

/// What the counterpart of a comment should hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentDraft {
    /// The source's own id.
    pub id: CommentId,
    /// The author's text.
    pub text: DraftText,
    /// What the first line says.
    pub attribution: Attribution,
    /// Every project that the comment came through, the source last.
    pub lineage: Vec<String>,
    /// Seen by members only.
    pub internal: bool,
    /// The first comment of its thread, itself if it begins one.
    pub thread: CommentId,
    /// Who wrote it.
    pub author: Person,
    /// When it was written.
    pub created_at: Option<Timestamp>,
    /// What each of its fields is made from.
    pub from: BTreeMap<Field, Digest>,
}

/// Drafts the counterparts of the comments that may be carried, in their order. `facts` has one
/// entry per comment.
pub fn draft_comments(
    thread: &Thread,
    facts: &[TextFacts],
    setting: Setting<'_>,
) -> Vec<CommentDraft> {
    thread
        .comments
        .iter()
        .zip(facts)
        .filter(|(comment, _)| may_be_seen(comment, setting))
        .filter(|(comment, facts)| {
            let (target, seal) = (setting.ends.target, setting.policy.seal.as_ref());
            // What was mirrored goes on: that nobody can read any more where it was is no reason to
            // take it away.
            let travels = selection::travels(comment, facts.trusted, target, seal);
            travels.unwrap_or(facts.linked)
        })
        .map(|(comment, facts)| draft_comment(comment, thread, facts, setting))
        .collect()
}

/// Comments that are not mirrored because only another secret could tell whether they came from the
/// target.
pub fn untold<'t>(
    thread: &'t Thread,
    drafts: &[CommentDraft],
    setting: Setting<'_>,
) -> impl Iterator<Item = &'t Comment> {
    let (target, seal) = (setting.ends.target, setting.policy.seal.as_ref());
    thread.comments.iter().filter(move |comment| {
        // Whatever is not trusted was drafted.
        may_be_seen(comment, setting)
            && drafts.iter().all(|draft| draft.id != comment.id)
            && selection::travels(comment, true, target, seal).is_none()
    })
}

/// Whether a comment may go to the target.
pub fn may_be_seen(comment: &Comment, setting: Setting<'_>) -> bool {
    !comment.internal || (setting.policy.internal_notes && setting.target.keeps_internal())
}

fn draft_comment(
    comment: &Comment,
    thread: &Thread,
    facts: &TextFacts,
    setting: Setting<'_>,
) -> CommentDraft {
    let whole = facts
        .trusted
        .then(|| envelope::split_comment(&comment.text))
        .flatten()
        .filter(|split| split.is_whole(&comment.text));
    let (source_text, mut lineage) = match whole {
        Some(split) => (split.text, split.marker.lineage),
        None => (comment.text.as_str(), Vec::new()),
    };
    lineage.push(setting.ends.source.key.to_string());
    let whole = whole_of(&thread.issue, Some(comment), setting);
    let text = DraftText::new(source_text, facts, false, whole);
    let mut attribution = Attribution::of(comment, &thread.issue, setting.policy, setting.ends);
    if !setting.target.threads
        && let Some(id) = comment.reply_to
        && let Some(first) = thread.comments.iter().find(|first| first.id == id)
    {
        attribution = attribution.answering(first, setting.policy);
    }
    let said = attribution.digest();
    let envelope = setting.policy.with_keys(said, [attribution.name()]);
    let from = BTreeMap::from([
        (Field::Text, Digest::of([text.source.as_str()])),
        (Field::Rewriting, text.rewriting(setting.policy)),
        (Field::Envelope, opaque::digest(envelope, setting.policy)),
        (
            Field::Confidential,
            Digest::of([bool_word(comment.internal)]),
        ),
    ]);
    CommentDraft {
        id: comment.id,
        internal: comment.internal,
        thread: comment.reply_to.unwrap_or(comment.id),
        author: comment.author.clone(),
        created_at: comment.created_at,
        text,
        attribution,
        lineage,
        from,
    }
}

impl CommentDraft {
    /// Says where the references of the text lead.
    pub fn lead(&mut self, leads: Leads, policy: &Policy) {
        self.text.references = leads;
        let rewriting = self.text.rewriting(policy);
        self.from.insert(Field::Rewriting, rewriting);
    }
}
