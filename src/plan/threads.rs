//! Where in a thread a comment goes.

use super::comments::is_internal;
use super::draft::CommentDraft;
use crate::model::{CommentId, CommentLink, LinkState};

/// Counterparts that a comment may answer so that it stays in its thread, the first one first.
///
/// Only those that the same people see: an answer is seen by whoever sees the thread.
pub fn answers(
    drafts: &[CommentDraft],
    draft: &CommentDraft,
    links: &[CommentLink],
) -> Vec<CommentId> {
    let thread = drafts
        .iter()
        .filter(|other| other.thread == draft.thread && other.id != draft.id);
    let counterparts = thread.filter_map(|other| {
        let link = links
            .iter()
            .find(|link| link.source_id == other.id && link.state == LinkState::Active)?;
        (other.internal == draft.internal && is_internal(link) == draft.internal)
            .then_some(link.target_id)
    });
    counterparts.collect()
}

#[cfg(test)]
mod tests {
    use super::super::comments::tests::{comment, drafts, linked};
    use super::*;

    #[test]
    fn p7_a_comment_answers_only_what_the_same_people_see() {
        let mut comments = vec![
            comment(1, "a"),
            comment(2, "b"),
            comment(3, "c"),
            comment(4, "d"),
        ];
        for at in [1, 2] {
            comments[at].reply_to = Some(CommentId(1));
        }
        let all = drafts(comments.clone());
        let links: Vec<_> = all[..2]
            .iter()
            .map(|draft| linked(draft, LinkState::Active))
            .collect();
        let targets: Vec<_> = links.iter().map(|link| link.target_id).collect();
        assert_eq!(answers(&all, &all[2], &links), targets);
        assert_eq!(answers(&all, &all[3], &links), []);
        // The first was deleted by people: the next one keeps the thread together.
        let mut gone = links.clone();
        gone[0].state = LinkState::Gone;
        assert_eq!(answers(&all, &all[2], &gone), targets[1..]);
        // One that became internal, whose counterpart is not yet, is answered by nobody.
        comments[0].internal = true;
        let policy = crate::plan::policy::Policy {
            internal_notes: true,
            ..crate::plan::policy::Policy::default()
        };
        let hidden = super::super::comments::tests::drafts_by(comments, &policy);
        assert_eq!(answers(&hidden, &hidden[2], &links), targets[1..]);
    }
}
