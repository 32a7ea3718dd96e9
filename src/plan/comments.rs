//! The plan of the comments of an issue.

use super::draft::CommentDraft;
use super::fields::{Seen, Verdict, verdict};
use super::issue::DescriptionPlan;
use crate::model::{CommentId, CommentLink, Digest, Field, LinkId, LinkState};
use std::collections::{BTreeMap, BTreeSet};

/// What is to be done about one comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommentAction {
    /// Create the counterpart of the draft at this place of the list.
    Create {
        /// Place in the list of drafts.
        draft: usize,
    },
    /// Change the counterpart of the draft at this place of the list.
    Update {
        /// Place in the list of drafts.
        draft: usize,
        /// Place in the list of links.
        link: usize,
        /// What changed.
        body: DescriptionPlan,
    },
    /// Delete a counterpart that others may see than the original, and create it anew for those who
    /// may: no forge can change who sees a comment.
    Replace {
        /// Place in the list of drafts.
        draft: usize,
        /// Row of the link.
        link: LinkId,
        /// The counterpart.
        target: CommentId,
    },
    /// Delete a counterpart whose original is gone or may not be seen any more.
    Delete {
        /// Row of the link.
        link: LinkId,
        /// The counterpart.
        target: CommentId,
        /// Only because the original is not there any more; nobody said that it is to be hidden.
        absent: bool,
    },
}

/// Plans the comments of an issue: deletions and changes first, then what is created, in its order.
///
/// `internal`: comments of the source that are, carried or not. `follow`: comments that are
/// mirrored already follow the source; if not, only what must not be seen any more is taken away.
pub fn plan(
    drafts: &[CommentDraft],
    internal: &BTreeSet<CommentId>,
    links: &[CommentLink],
    follow: bool,
) -> Vec<CommentAction> {
    let by_id: BTreeMap<CommentId, usize> = drafts
        .iter()
        .enumerate()
        .map(|(index, draft)| (draft.id, index))
        .collect();
    let mut actions = Vec::new();
    let mut created = BTreeMap::new();
    let mut linked = BTreeSet::new();
    for (index, link) in links.iter().enumerate() {
        let draft = by_id.get(&link.source_id).copied();
        match (link.state, draft) {
            (LinkState::Active, Some(draft)) if must_go(&drafts[draft], link, follow) => {
                linked.insert(link.source_id);
                let (link, target) = (link.id, link.target_id);
                if follow {
                    let replace = CommentAction::Replace {
                        draft,
                        link,
                        target,
                    };
                    created.insert(draft, replace);
                } else {
                    actions.push(CommentAction::Delete {
                        link,
                        target,
                        absent: false,
                    });
                }
            }
            (LinkState::Active, Some(draft)) => {
                linked.insert(link.source_id);
                let body = change(&drafts[draft], link);
                if follow && body != DescriptionPlan::Settled {
                    actions.push(CommentAction::Update {
                        draft,
                        link: index,
                        body,
                    });
                }
            }
            // Gone from the source, or not to be seen any more.
            (LinkState::Active, None) => {
                let is_hidden = internal.contains(&link.source_id);
                let is_public = !is_internal(link);
                if (is_hidden && is_public) || (follow && !is_hidden) {
                    actions.push(CommentAction::Delete {
                        link: link.id,
                        target: link.target_id,
                        absent: !is_hidden,
                    });
                }
            }
            // We began to delete it: that is finished first, whatever the original says now.
            (LinkState::Leaving, draft) => {
                let (link, target) = (link.id, link.target_id);
                match draft.filter(|_| follow) {
                    Some(draft) => {
                        linked.insert(drafts[draft].id);
                        let replace = CommentAction::Replace {
                            draft,
                            link,
                            target,
                        };
                        created.insert(draft, replace);
                    }
                    None => actions.push(CommentAction::Delete {
                        link,
                        target,
                        absent: false,
                    }),
                }
            }
            // People deleted it on the target: it does not come back.
            (LinkState::Gone, _) => {
                linked.insert(link.source_id);
            }
            // We took it away; if it may be seen again, it is made again.
            (
                LinkState::Removed | LinkState::Hidden | LinkState::Contested | LinkState::Parted,
                _,
            ) => {}
        }
    }
    if follow {
        let new = drafts
            .iter()
            .enumerate()
            .filter(|(_, draft)| !linked.contains(&draft.id));
        created.extend(new.map(|(draft, _)| (draft, CommentAction::Create { draft })));
    }
    actions.extend(created.into_values());
    actions
}

/// Whether a counterpart is seen by others than the original: by more people, whatever else is set,
/// or by fewer, where it follows.
fn must_go(draft: &CommentDraft, link: &CommentLink, follow: bool) -> bool {
    draft.internal != is_internal(link) && (draft.internal || follow)
}

/// Whether a counterpart was created for members only.
pub fn is_internal(link: &CommentLink) -> bool {
    let base = link.bases.get(&Field::Confidential);
    base.is_some_and(|base| base.from == Digest::of(["true"]))
}

fn change(draft: &CommentDraft, link: &CommentLink) -> DescriptionPlan {
    let changed = draft
        .from
        .iter()
        .filter(|&(field, &source)| {
            let seen = Seen {
                base: link.bases.get(field),
                source,
                says_nothing: false,
                wanted: None,
                target: None,
            };
            verdict(seen) == Verdict::Write
        })
        .map(|(&field, _)| field)
        .collect();
    DescriptionPlan::of(&changed, false)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::{Base, Comment, Person, Thread};
    use crate::plan::draft::{Setting, TextFacts, draft_comments};
    use crate::plan::fixtures::{ends, issue, target};
    use crate::plan::footer::Ends;
    use crate::plan::policy::Policy;

    pub(in crate::plan) fn comment(id: u64, text: &str) -> Comment {
        Comment {
            id: CommentId(id),
            text: text.into(),
            author: Person::account("bob"),
            ours: false,
            created_at: None,
            internal: false,
            reply_to: None,
            web_url: None,
        }
    }

    pub(in crate::plan) fn drafts(comments: Vec<Comment>) -> Vec<CommentDraft> {
        drafts_by(comments, &Policy::default())
    }

    pub(in crate::plan) fn drafts_by(comments: Vec<Comment>, policy: &Policy) -> Vec<CommentDraft> {
        let ((source, other), target) = (ends(), target());
        let facts = vec![TextFacts::default(); comments.len()];
        let thread = Thread {
            issue: issue(),
            comments,
        };
        draft_comments(
            &thread,
            &facts,
            Setting {
                policy,
                target: &target,
                ends: Ends {
                    source: &source,
                    target: &other,
                },
            },
        )
    }

    pub(in crate::plan) fn linked(draft: &CommentDraft, state: LinkState) -> CommentLink {
        let bases = draft.from.iter().map(|(&field, &from)| {
            (
                field,
                Base {
                    from,
                    wrote: from,
                    value: None,
                },
            )
        });
        CommentLink {
            id: LinkId(i64::try_from(draft.id.0).unwrap()),
            source_id: draft.id,
            target_id: CommentId(draft.id.0 + 100),
            key: "imkaaaaaaaa".into(),
            state,
            bases: bases.collect(),
        }
    }

    #[test]
    fn new_comments_come_in_their_order() {
        let drafts = drafts(vec![comment(1, "a"), comment(2, "b"), comment(3, "c")]);
        let links = [linked(&drafts[1], LinkState::Active)];
        assert_eq!(
            plan(&drafts, &BTreeSet::new(), &links, true),
            [
                CommentAction::Create { draft: 0 },
                CommentAction::Create { draft: 2 }
            ]
        );
    }

    #[test]
    fn an_edit_is_written_whole_and_a_settled_one_not_at_all() {
        let before = drafts(vec![comment(1, "a"), comment(2, "b")]);
        let links: Vec<CommentLink> = before
            .iter()
            .map(|draft| linked(draft, LinkState::Active))
            .collect();
        let after = drafts(vec![comment(1, "a"), comment(2, "b, edited")]);
        assert_eq!(
            plan(&after, &BTreeSet::new(), &links, true),
            [CommentAction::Update {
                draft: 1,
                link: 1,
                body: DescriptionPlan::Whole
            }]
        );
    }

    #[test]
    fn what_vanished_is_deleted_and_what_people_deleted_stays_deleted() {
        let all = drafts(vec![comment(1, "a"), comment(2, "b")]);
        let links = [
            linked(&all[0], LinkState::Active),
            linked(&all[1], LinkState::Gone),
        ];
        assert_eq!(
            plan(&all[1..], &BTreeSet::new(), &links, true),
            [CommentAction::Delete {
                link: LinkId(1),
                target: CommentId(101),
                absent: true,
            }]
        );
    }

    #[test]
    fn p7_what_must_not_be_seen_goes_even_where_nothing_else_follows() {
        let all = drafts(vec![comment(1, "a"), comment(2, "b")]);
        let links: Vec<CommentLink> = all
            .iter()
            .map(|draft| linked(draft, LinkState::Active))
            .collect();
        let hidden = [CommentId(2)].into();
        assert_eq!(
            plan(&[], &hidden, &links, false),
            [CommentAction::Delete {
                link: LinkId(2),
                target: CommentId(102),
                absent: false,
            }]
        );
    }

    #[test]
    fn p7_a_comment_that_others_may_see_is_replaced() {
        let public = drafts(vec![comment(1, "a")]);
        let internal: Vec<CommentDraft> = public
            .iter()
            .map(|draft| {
                let mut draft = draft.clone();
                draft.internal = true;
                draft.from.insert(Field::Confidential, Digest::of(["true"]));
                draft
            })
            .collect();
        let delete = CommentAction::Delete {
            link: LinkId(1),
            target: CommentId(101),
            absent: false,
        };
        let replace = CommentAction::Replace {
            draft: 0,
            link: LinkId(1),
            target: CommentId(101),
        };
        let nobody = BTreeSet::new();
        let links = [linked(&public[0], LinkState::Active)];
        assert_eq!(
            plan(&internal, &nobody, &links, true),
            std::slice::from_ref(&replace)
        );
        assert_eq!(
            plan(&internal, &nobody, &links, false),
            std::slice::from_ref(&delete)
        );
        let links = [linked(&internal[0], LinkState::Active)];
        assert_eq!(plan(&public, &nobody, &links, true), [replace]);
        assert_eq!(plan(&public, &nobody, &links, false), []);
        // Switched off, what was mirrored as internal stays so.
        let hidden = [CommentId(1)].into();
        assert_eq!(plan(&[], &hidden, &links, true), []);
    }

    #[test]
    fn an_author_who_was_mapped_changes_only_the_envelope() {
        let all = drafts(vec![comment(1, "a")]);
        let mut link = linked(&all[0], LinkState::Active);
        link.bases.get_mut(&Field::Envelope).unwrap().from = Digest::of(["other"]);
        assert_eq!(
            plan(&all, &BTreeSet::new(), &[link], true),
            [CommentAction::Update {
                draft: 0,
                link: 0,
                body: DescriptionPlan::Around([Field::Envelope].into())
            }]
        );
    }
}
