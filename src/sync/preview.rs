//! What a trial run writes down instead of doing it. It works on a copy of the store that nobody keeps:
//! what would be created is there as if it were, so that what follows from it is written down too.

mod whole;

use super::apply::{bases, draw_key};
use super::carry::{Carrier, End, Way};
use super::counterpart::read_one;
use super::failure::{At, Trouble};
use super::tally::{Comments, Planned, PlannedAction, named};
use crate::model::{
    CommentId, Field, IntendedKind, Issue, IssueId, IssueLink, IssueNumber, LinkId, LinkState,
    OurLabel, Stage,
};
use crate::plan::comments::CommentAction;
use crate::plan::draft::{Draft, DraftText, digests};
use crate::plan::issue::{self, DescriptionPlan, IssuePlan};
use crate::plan::labels;
use crate::plan::selection::excluded;
use crate::store::{NewLink, StoreError};
use crate::text::envelope::split_description;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a trial run did not do, as far as other things follow from it.
#[derive(Debug, Default)]
pub(super) struct Trial(Mutex<Tried>);

#[derive(Debug, Default)]
struct Tried {
    /// Links to counterparts that would be created.
    made: BTreeSet<LinkId>,
    /// Issues whose links to others would be followed.
    followed: Vec<(LinkId, IssueNumber, String)>,
    /// Comments that would be changed, or made, anyway.
    comments: BTreeSet<CommentId>,
    /// Files that would be uploaded.
    files: BTreeSet<String>,
}

/// The fields of a counterpart, and whether our comment in it would be another one.
struct FieldsPlan {
    fields: IssuePlan,
    marks: bool,
}

impl Carrier<'_> {
    fn tried(&self) -> MutexGuard<'_, Tried> {
        self.trial.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a counterpart is one that a trial run only would have created.
    pub(super) fn is_pretended(&self, link: LinkId) -> bool {
        self.tried().made.contains(&link)
    }

    /// How many of them there are.
    pub(super) fn pretended(&self) -> u64 {
        self.tried().made.len() as u64
    }

    pub(super) async fn plan_create(&self, way: &Way<'_>) -> Result<(), Trouble> {
        let (draft, issue) = (&way.draft, &way.thread.issue);
        let mut wanted = labels::change(
            &draft.labels,
            &draft.accounts,
            &BTreeSet::new(),
            self.pass.policy,
        );
        if !draft.from.contains_key(&Field::Labels) {
            wanted.leave_labels(&BTreeSet::new());
        }
        let available = self
            .ensure_labels(issue, &wanted.add, &draft.labels)
            .await?;
        let ours = available.ours(wanted.ours, &wanted.add);
        wanted.add.retain(|name| available.there.contains(name));
        let texts = std::iter::once(&draft.text).chain(way.comments.iter().map(|c| &c.text));
        let attachments = self.new_files(texts)?;
        self.planned(issue, PlannedAction::Create, |planned| {
            planned.fields = draft
                .from
                .keys()
                .copied()
                .filter(|field| !draft.says_nothing.contains(field))
                .filter(|field| *field != Field::Rewriting)
                .collect();
            planned.add_labels = wanted.add;
            planned.comments.created = way.comments.len() as u64;
            planned.attachments = attachments;
        });
        let link = self.pretend(issue, draft, &ours)?;
        self.follows(link, issue);
        Ok(())
    }

    /// Lets the copy of the store know a counterpart that would be created.
    fn pretend(
        &self,
        issue: &Issue,
        draft: &Draft,
        ours: &BTreeSet<OurLabel>,
    ) -> Result<LinkId, StoreError> {
        let (store, key) = (self.pass.store, draw_key());
        let fields: BTreeSet<Field> = draft.from.keys().copied().collect();
        let written = bases(draft, &fields, |_| None);
        let kind = IntendedKind::Issue {
            id: issue.id,
            number: issue.number,
        };
        let now = self.pass.target.now();
        let intent = store.intend(self.pair, &key, kind, now, written.clone(), Vec::new())?;
        let number = store.free_number()?;
        let new = NewLink {
            source_id: issue.id,
            source_number: issue.number,
            target_id: IssueId(number),
            target_number: IssueNumber(number),
            key: &key,
            source_location: &issue.location,
            target_location: "",
        };
        let link = store.settle_issue(self.pair, &intent, &new, &written, ours)?;
        self.tried().made.insert(link);
        Ok(link)
    }

    /// How many files of texts the target has not, each once.
    fn new_files<'d>(&self, texts: impl Iterator<Item = &'d DraftText>) -> Result<u64, StoreError> {
        if !self.pass.policy.attachments {
            return Ok(0);
        }
        let (store, source) = (self.pass.store, &self.pass.source.project().key);
        let mut new = 0;
        for file in texts.flat_map(|text| &text.attachments) {
            let Some(stamp) = file.file.stamp else {
                continue;
            };
            let is_there = match store.file_of(source, &file.file.place, Some(stamp))? {
                Some(content) => {
                    let there = store.attachment(&self.pass.target.project().key, content)?;
                    there.is_some()
                }
                None => false,
            };
            new += u64::from(!is_there && self.tried().files.insert(file.file.place.clone()));
        }
        Ok(new)
    }

    /// The fields of a counterpart as they would be written.
    async fn plan_fields(&self, known: &IssueLink, way: &Way<'_>) -> Result<FieldsPlan, Trouble> {
        let (store, draft) = (self.pass.store, &way.draft);
        let (bases, ours) = store.issue_bases(known.id)?;
        let (mut there, mut enveloped, mut marks) = (None, !known.theirs, false);
        let said = bases.get(&Field::Envelope).map(|base| base.from);
        if known.theirs && said != draft.from.get(&Field::Envelope).copied() {
            let read = read_one(self.pass.target, known.target_number).await;
            let read = read.at(Stage::Update)?;
            let lineage = draft.lineage.clone();
            marks = self
                .marks_otherwise(known, way.thread, lineage, &read)
                .is_some();
            let split = split_description(&read.issue.text);
            enveloped = split.is_some_and(|split| split.marker.key == known.key);
            there = Some(read.issue);
        }
        let planned = |there: Option<&Issue>| {
            let seen = there.map(digests);
            let mut plan = issue::plan(draft, &bases, &ours, self.pass.policy, seen.as_ref());
            if !self.sends_again && !bases.contains_key(&Field::Labels) {
                plan = plan.without_another_try(&ours);
            }
            if enveloped {
                plan
            } else {
                plan.without_envelope()
            }
        };
        let mut fields = planned(None);
        if fields.reads_target() {
            let there = match there {
                Some(there) => there,
                None => {
                    let read = read_one(self.pass.target, known.target_number).await;
                    read.at(Stage::Update)?.issue
                }
            };
            fields = planned(Some(&there));
            let titles = draft.labels.titles;
            fields.labels.leave_theirs(&there, &ours, titles);
        }
        let issue = &way.thread.issue;
        let available = self
            .ensure_labels(issue, &fields.labels.add, &draft.labels)
            .await?;
        let add = &mut fields.labels.add;
        add.retain(|name| available.there.contains(name));
        Ok(FieldsPlan { fields, marks })
    }

    pub(super) async fn plan_update(
        &self,
        link: LinkId,
        state: LinkState,
        way: &Way<'_>,
        follow: bool,
    ) -> Result<End, Trouble> {
        let known = self.pass.store.issue_link(link)?;
        let FieldsPlan {
            fields: plan,
            marks,
        } = if follow {
            self.plan_fields(&known, way).await?
        } else {
            FieldsPlan {
                fields: IssuePlan::default(),
                marks: false,
            }
        };
        let links = self.pass.store.comment_links(link)?;
        let talks = follow && self.pass.policy.comments;
        let actions = self.comment_actions(way, &links, talks).await;
        let actions = actions.at(Stage::Read)?;
        let shows = state == LinkState::Hidden
            && self.is_to_be_shown(link, way)?
            && self.is_all_ours(link, talks)?;
        // Whether it is hidden, deleted or withdrawn only the target can tell.
        let hides = way.thread.issue.confidential && !self.is_hidden(link)?;
        if follow {
            self.follows(link, &way.thread.issue);
        }
        if plan.sends_nothing() && actions.is_empty() && !shows && !hides && !marks {
            return Ok(End::Unchanged);
        }
        let mut texts: Vec<&DraftText> = Vec::new();
        texts.extend((plan.description != DescriptionPlan::Settled).then_some(&way.draft.text));
        let mut counts = Comments {
            updated: u64::from(marks),
            ..Comments::default()
        };
        for action in &actions {
            match action {
                CommentAction::Create { draft } => {
                    counts.created += 1;
                    texts.push(&way.comments[*draft].text);
                }
                CommentAction::Update { draft, .. } => {
                    counts.updated += 1;
                    self.tried().comments.insert(way.comments[*draft].id);
                    texts.push(&way.comments[*draft].text);
                }
                CommentAction::Delete { .. } => counts.deleted += 1,
                CommentAction::Replace { draft, .. } => {
                    counts.deleted += 1;
                    counts.created += 1;
                    texts.push(&way.comments[*draft].text);
                }
            }
        }
        let attachments = self.new_files(texts.into_iter())?;
        let action = if hides {
            PlannedAction::Hide
        } else if shows {
            PlannedAction::Show
        } else {
            PlannedAction::Update
        };
        self.planned(&way.thread.issue, action, |planned| {
            planned.fields = plan.fields().into_iter().collect();
            planned.add_labels.clone_from(&plan.labels.add);
            planned.remove_labels.clone_from(&plan.labels.remove);
            planned.comments = counts;
            planned.attachments = attachments;
        });
        Ok(End::Updated)
    }

    /// Writes down what a trial run would do.
    pub(super) fn planned(
        &self,
        issue: &Issue,
        action: PlannedAction,
        say: impl FnOnce(&mut Planned),
    ) {
        if !self.pass.options.dry_run {
            return;
        }
        let mut planned = plan_of(issue.number, self.shown(issue), action);
        say(&mut planned);
        if issue.confidential {
            planned.add_labels.clear();
            planned.remove_labels.clear();
        }
        self.books.plan(planned);
    }

    /// The title of an issue; that of a confidential one is nothing for a log.
    fn shown(&self, issue: &Issue) -> String {
        let is_told = !excluded(issue, self.pass.policy);
        let title = is_told.then(|| named(issue, &issue.title, ""));
        title.unwrap_or_default().to_owned()
    }
}

/// A plan of nothing.
pub(super) fn plan_of(number: IssueNumber, title: String, action: PlannedAction) -> Planned {
    Planned {
        number,
        title,
        action,
        fields: Vec::new(),
        add_labels: Vec::new(),
        remove_labels: Vec::new(),
        comments: Comments::default(),
        attachments: 0,
        add_links: 0,
        remove_links: 0,
    }
}
