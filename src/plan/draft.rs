//! What the target should hold of an issue, and from what.

use super::footer::{self, Attribution, Ends, Fact};
use super::labels::{self, Assigned, Listed, Wanted};
use super::length::{self, Whole};
use super::opaque;
use super::policy::Policy;
use super::references::{self, Leads};
use super::selection;
use crate::model::{
    Attachment, Capabilities, Comment, CommentId, Digest, Epic, Field, Issue, IssueType, Patch,
    Person, Reads, State, StateChange, Thread, Timestamp,
};
use crate::text::escape::one_line;
use crate::text::references::{Kind, Reference};
use crate::text::rewrite::{self, Rules};
use crate::text::{envelope, grammar, maestro};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Stands for a title of which nothing is left on one line.
const NO_TITLE: &str = "(no title)";

/// Everything but the issue that shapes a draft.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// What the pair carries.
    pub policy: &'a Policy,
    /// What the target can hold and acts on.
    pub target: &'a Capabilities,
    /// The two projects.
    pub ends: Ends<'a>,
}

/// What is known of an issue or a comment before it is drafted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextFacts {
    /// It is a counterpart itself and its envelope may be trusted, so only what is inside counts.
    pub trusted: bool,
    /// Links in it that lead to attachments of the source, each once.
    pub attachments: Vec<LinkedFile>,
    /// Where other links in it lead that are no whole addresses.
    pub addresses: BTreeMap<String, String>,
    /// What the target calls the milestone, if it can be set there.
    pub milestone: Option<String>,
    /// It may not be made there, because everybody there would read its title.
    pub milestone_withheld: bool,
    /// Who of the assignees has an account there; `None` where they are labels.
    pub assigned: Option<Assigned>,
    /// The labels that are there, where the issue is to stay hidden from some who read them.
    pub listed: Option<Listed>,
}

/// A link of a text and the attachment of the source that it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedFile {
    /// As it stands in the text.
    pub link: String,
    /// What it leads to.
    pub file: Attachment,
}

/// What the counterpart of an issue should hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The title, inert for the target.
    pub title: String,
    /// The author's text, as the source has it.
    pub text: DraftText,
    /// What the footer says.
    pub facts: Vec<Fact>,
    /// Every project that the issue came through, the source last.
    pub lineage: Vec<String>,
    /// The labels.
    pub labels: Wanted,
    /// Accounts of the target to assign, in this order.
    pub accounts: Vec<String>,
    /// Every other field that is ours, by value; nothing that is not.
    pub values: Patch,
    /// Total time spent in seconds, if it is ours.
    pub time_spent: Option<u64>,
    /// Who wrote it.
    pub author: Person,
    /// When it was written.
    pub created_at: Option<Timestamp>,
    /// For each field that is ours, a digest of what it is made from. What is not here is never
    /// written, cleared or compared.
    pub from: BTreeMap<Field, Digest>,
    /// For each simple field that is ours, the digest of the value that the target should have.
    pub wanted: BTreeMap<Field, Digest>,
    /// Fields of which the source says nothing: no weight, no due date, open, public.
    pub says_nothing: BTreeSet<Field>,
    /// Fields that are carried by other means now: only what we wrote into them is taken out.
    pub retired: BTreeSet<Field>,
    /// Titles that everybody on the target would read, by their kind: once they are there, they arrive.
    pub withheld: BTreeSet<String>,
}

/// An author's text on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftText {
    /// As the source has it, without an envelope of an earlier hop.
    pub source: String,
    /// Links in it that lead to attachments of the source, each once.
    pub attachments: Vec<LinkedFile>,
    /// Where other links in it lead that are no whole addresses. As they follow from the text, no digest
    /// counts them.
    pub addresses: BTreeMap<String, String>,
    /// Nothing stands in front of it on the target.
    pub first: bool,
    /// Where its references lead.
    pub references: Leads,
    /// Where all of it is, if the target takes only a part.
    pub whole: Whole,
}

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

impl DraftText {
    fn new(source: &str, facts: &TextFacts, first: bool, whole: Whole) -> Self {
        Self {
            source: source.to_owned(),
            attachments: facts.attachments.clone(),
            addresses: facts.addresses.clone(),
            first,
            references: Leads::default(),
            whole,
        }
    }

    /// A digest of what decides how the text is rewritten, apart from the text: constant for a text
    /// in which nothing is.
    fn rewriting(&self, policy: &Policy) -> Digest {
        let mut parts = Vec::new();
        if policy.notify_mentions {
            for name in rewrite::mentions(&self.source) {
                parts.extend(notify(policy, name).map(|to| format!("@{name}={to}")));
            }
        }
        if policy.opaque && !self.attachments.is_empty() {
            parts.push("opaque".to_owned());
        }
        for LinkedFile { link, file } in &self.attachments {
            // While they are not ours, another content of theirs is nothing to us.
            parts.push(if policy.attachments {
                let Attachment {
                    place,
                    stamp,
                    private,
                    address: _,
                } = file;
                // Written out, because stores hold digests of it.
                format!(
                    "{link} Attachment {{ place: {place:?}, stamp: {stamp:?}, private: {private} }} {}",
                    policy.attachment_max_bytes
                )
            } else {
                link.clone()
            });
        }
        parts.extend(references::digested(&self.references));
        Digest::of(parts.iter().map(String::as_str))
    }

    /// The beginning of the text for the target, with attachments where `carried` says that they are
    /// and references that `refers` answers.
    pub(super) fn part(
        &self,
        kept: usize,
        setting: Setting<'_>,
        carried: &BTreeMap<String, String>,
        refers: &dyn Fn(&Reference<'_>) -> Option<String>,
    ) -> String {
        rewrite::rewrite(
            &self.source[..kept],
            &Rules {
                destination: &|link| {
                    carried
                        .get(link)
                        .or_else(|| self.references.links.get(link))
                        .or_else(|| self.addresses.get(link))
                        .cloned()
                },
                refers,
                front_matter: self.first && setting.target.front_matter,
                ..rules(setting, &|name| notify(setting.policy, name))
            },
        )
        .text
    }

    /// Where each attachment leads in a text that is there, if that is what [`Self::render`] gives
    /// with them; `None` if it is another text. `further`: what is not known to be mirrored may lead
    /// anywhere there, because more was known when it was written.
    pub fn found_in(
        &self,
        setting: Setting<'_>,
        there: &str,
        further: bool,
    ) -> Option<BTreeMap<String, String>> {
        // No text has these in it: they are as long as it takes.
        let mut mark = "issue-mirror-hole".to_owned();
        while self.source.contains(&mark) {
            mark.push('x');
        }
        let links = self.attachments.iter().map(|file| file.link.clone());
        let holes: BTreeMap<String, String> = links
            .enumerate()
            .map(|(number, link)| (link, format!("{mark}-{number}-")))
            .collect();
        let anywhere = format!("{mark}-anywhere-");
        let refers = |refers: &Reference<'_>| {
            let leads = references::leads_there(refers, &self.references);
            if further && !leads && refers.kind == Kind::Issue {
                Some(anywhere.clone())
            } else {
                references::instead(refers, &self.references, setting)
            }
        };
        let (pattern, _) = self.rendered(setting, &holes, &refers);
        let pattern = pattern.replace('\r', "");
        let mut found = BTreeMap::new();
        let (mut pattern, mut rest) = (pattern.as_str(), there);
        while let Some(at) = pattern.find(&mark) {
            rest = rest.strip_prefix(&pattern[..at])?;
            let is_here = |hole: &str| pattern[at..].starts_with(hole);
            let hole = if is_here(&anywhere) {
                None
            } else {
                Some(holes.iter().find(|(_, hole)| is_here(hole))?)
            };
            pattern = &pattern[at + hole.map_or(anywhere.len(), |(_, hole)| hole.len())..];
            // What follows up to the next one ends it.
            let end = match pattern.find(&mark) {
                Some(next) => rest.find(&pattern[..next])?,
                None => rest.len().checked_sub(pattern.len())?,
            };
            let (destination, after) = rest.split_at_checked(end)?;
            rest = after;
            let Some((link, _)) = hole else {
                continue;
            };
            // A link has no blank in it.
            if destination.contains(char::is_whitespace) {
                return None;
            }
            let destination = destination.to_owned();
            let before = found.insert(link.clone(), destination.clone());
            if before.is_some_and(|before| before != destination) {
                return None;
            }
        }
        (pattern == rest).then_some(found)
    }
}

/// The account that a mention of somebody is to reach. Groups and everybody are not reached, whatever
/// a mapping says.
fn notify(policy: &Policy, name: &str) -> Option<String> {
    let is_one = |name: &str| !name.contains('/') && !name.eq_ignore_ascii_case("all");
    let account = policy.users.get(name)?;
    (policy.notify_mentions && is_one(name) && is_one(account)).then(|| account.clone())
}

fn rules<'a>(setting: Setting<'a>, notify: &'a dyn Fn(&str) -> Option<String>) -> Rules<'a> {
    let acts = setting.target.acts;
    Rules {
        grammar: match acts.reads {
            Reads::Nothing => &grammar::NOTHING,
            Reads::GitLab => &grammar::GITLAB,
        },
        front_matter: false,
        quick_actions: acts.quick_actions,
        anywhere: acts.anywhere,
        mentions: acts.mentions,
        references: acts.references,
        host: Some(&setting.ends.target.host),
        notify,
        destination: &|_| None,
        refers: &|_| None,
    }
}

/// Takes the meaning from everything in a line of ours that the target would act on.
pub fn defuse(setting: Setting<'_>, line: &str) -> String {
    rewrite::line(line, &rules(setting, &|_| None))
}

fn defuse_title(setting: Setting<'_>, title: &str) -> String {
    rewrite::title(title, &rules(setting, &|_| None))
}

/// Where the whole of a text is, as far as the target may know.
fn whole_of(issue: &Issue, comment: Option<&Comment>, setting: Setting<'_>) -> Whole {
    if setting.policy.opaque {
        return Whole::default();
    }
    let url = comment.map_or(&issue.web_url, |comment| &comment.web_url);
    Whole {
        label: format!("{}#{}", setting.ends.source.name, issue.number),
        url: url.clone().unwrap_or_default(),
    }
}

/// Drafts the counterpart of an issue.
pub fn draft(issue: &Issue, facts: &TextFacts, setting: Setting<'_>) -> Draft {
    let policy = setting.policy;
    let split = envelope::split_description(&issue.text);
    let source_text = match &split {
        Some(split) if facts.trusted && split.is_whole(&issue.text) => split.text,
        _ => issue.text.as_str(),
    };
    // What it came through is handed on also where its marker is not trusted: without that it could
    // come back to where it started.
    let lineage = split.filter(|_| facts.trusted || selection::is_mirrored(issue));
    let mut lineage = lineage.map_or_else(Vec::new, |split| split.marker.lineage);
    lineage.push(setting.ends.source.key.to_string());
    let text = DraftText::new(source_text, facts, true, whole_of(issue, None, setting));
    // What the target has a field for needs neither label nor footer line.
    let mut rest = Cow::Borrowed(issue);
    if facts.milestone.is_some() {
        rest.to_mut().milestone = None;
    }
    if let Some(assigned) = &facts.assigned
        && assigned.surely
    {
        rest.to_mut().assignees.clone_from(&assigned.labels);
    }
    let has = |on, field| on && setting.target.can_hold(field);
    if has(policy.iterations, Field::Iteration) {
        rest.to_mut().iteration = None;
    }
    if has(policy.epics && !policy.opaque, Field::Epic) {
        rest.to_mut().epic = None;
    }
    let listed = facts.listed.as_ref();
    let mut footer_facts = footer::facts(&rest, policy, setting.target, setting.ends, listed);
    // Whoever is assigned by name stays in the footer: the target may not keep all of them.
    if let Some(assigned) = &facts.assigned {
        rest.to_mut().assignees.clone_from(&assigned.labels);
    }
    let wanted_labels = labels::wanted(&rest, policy, setting.ends.source, setting.target, listed);
    let title = match one_line(&issue.title) {
        title if title.trim().is_empty() => NO_TITLE.to_owned(),
        title => title,
    };

    let shown = defuse_title(setting, &title);
    let kept = length::title(shown.clone(), setting.target);
    if kept != shown {
        footer::says_title(&mut footer_facts, &title);
    }

    let mut draft = Draft {
        title: kept,
        facts: footer_facts,
        labels: wanted_labels,
        accounts: facts
            .assigned
            .as_ref()
            .map_or_else(Vec::new, |assigned| assigned.accounts.clone()),
        values: Patch::default(),
        time_spent: None,
        author: issue.author.clone(),
        created_at: issue.created_at,
        from: BTreeMap::new(),
        wanted: BTreeMap::new(),
        says_nothing: BTreeSet::new(),
        retired: BTreeSet::new(),
        withheld: BTreeSet::new(),
        lineage,
        text,
    };
    draft.is_withheld(issue, facts, policy);
    draft.ours(Field::Title, &title, false);
    draft
        .wanted
        .insert(Field::Title, Digest::of([draft.title.as_str()]));
    draft.ours(Field::Text, &draft.text.source.clone(), false);
    let rewriting = draft.text.rewriting(policy);
    draft.from.insert(Field::Rewriting, rewriting);
    let envelope = footer::digest(&draft.facts, &draft.lineage);
    let envelope = opaque::digest(envelope, policy);
    draft.from.insert(Field::Envelope, envelope);
    draft.labels_are_ours(setting.target);
    draft.simple_fields(issue, setting);
    draft.milestone(facts.milestone.as_ref(), setting);
    if policy.assignees && setting.target.can_hold(Field::Assignees) {
        let accounts = draft.accounts.iter().map(String::as_str);
        let digest = Digest::of(accounts);
        draft.from.insert(Field::Assignees, digest);
        if draft.accounts.is_empty() {
            draft.says_nothing.insert(Field::Assignees);
        }
    }
    draft
}

impl Draft {
    /// Says where the references of the text lead.
    pub fn lead(&mut self, leads: Leads, policy: &Policy) {
        self.text.references = leads;
        let rewriting = self.text.rewriting(policy);
        self.from.insert(Field::Rewriting, rewriting);
    }

    /// Notes which titles do not reach the target.
    fn is_withheld(&mut self, issue: &Issue, facts: &TextFacts, policy: &Policy) {
        let titles = self.labels.titles;
        let labels = self.labels.withheld.keys();
        self.withheld = labels
            .map(|name| labels::withheld_label(&titles.key(name)))
            .collect();
        let milestone = issue
            .milestone
            .as_ref()
            .filter(|_| facts.milestone_withheld);
        if let Some(title) = milestone.and_then(|m| policy.milestone(&m.title)) {
            let title = labels::withheld_milestone(&title.to_lowercase());
            self.withheld.insert(title);
        }
    }

    fn ours(&mut self, field: Field, value: &str, says_nothing: bool) {
        self.from.insert(field, Digest::of([value]));
        if says_nothing {
            self.says_nothing.insert(field);
        }
    }

    /// Labels are; not where the target keeps none.
    fn labels_are_ours(&mut self, target: &Capabilities) {
        if !target.can_hold(Field::Labels) {
            return;
        }
        let names: Vec<String> = self
            .labels
            .labels
            .iter()
            .map(|(name, want)| format!("{} {name}", want.origin.word()))
            .collect();
        self.from
            .insert(Field::Labels, Digest::of(names.iter().map(String::as_str)));
    }

    fn simple_fields(&mut self, issue: &Issue, setting: Setting<'_>) {
        let (policy, target) = (setting.policy, setting.target);
        let closed = issue.state == State::Closed;
        self.values.state = Some(StateChange {
            state: issue.state,
            closed_at: issue.closed_at.filter(|_| closed),
            closed_by: issue.closed_by.clone().filter(|_| closed),
        });
        self.simple(Field::State, issue.state.word(), !closed);
        if policy.confidential && target.confidential {
            self.values.confidential = Some(issue.confidential);
            self.simple(
                Field::Confidential,
                bool_word(issue.confidential),
                !issue.confidential,
            );
        }
        if target.can_hold(Field::Type) {
            // A kind that the target does not keep is a label.
            let kept = Some(issue.issue_type).filter(|kind| target.can_be(*kind));
            let kind = kept.unwrap_or_default();
            self.values.issue_type = Some(kind);
            self.simple(Field::Type, kind.word(), kind == IssueType::Issue);
        }
        if target.can_hold(Field::Locked) {
            self.values.locked = Some(issue.locked);
            self.simple(Field::Locked, bool_word(issue.locked), !issue.locked);
        }
        if policy.iterations && target.can_hold(Field::Iteration) {
            let title = issue.iteration.as_ref().map(|title| one_line(title));
            let title = title.filter(|title| !title.is_empty());
            self.simple(Field::Iteration, &shown(title.as_ref()), title.is_none());
            self.values.iteration = Some(title);
        }
        if policy.epics && target.can_hold(Field::Epic) {
            // Its number is one of the source.
            let epic = issue.epic.as_ref().filter(|_| !policy.opaque);
            if policy.opaque {
                self.retired.insert(Field::Epic);
            }
            let epic = epic.map(|epic| Epic {
                title: epic.title.as_ref().map(|title| one_line(title)),
                number: epic.number,
            });
            let epic = epic.map(|epic| Epic {
                title: epic.title.filter(|title| !title.is_empty()),
                ..epic
            });
            self.simple(Field::Epic, &epic_word(epic.as_ref()), epic.is_none());
            self.values.epic = Some(epic);
        }
        if policy.weight && target.can_hold(Field::Weight) {
            self.values.weight = Some(issue.weight);
            self.simple(Field::Weight, &shown(issue.weight), issue.weight.is_none());
        }
        if policy.due_date && target.can_hold(Field::DueDate) {
            self.values.due_date = Some(issue.due_date);
            self.simple(
                Field::DueDate,
                &shown(issue.due_date),
                issue.due_date.is_none(),
            );
        }
        if policy.time_estimate && target.can_hold(Field::TimeEstimate) {
            self.values.time_estimate = Some(issue.time_estimate);
            self.simple(
                Field::TimeEstimate,
                &issue.time_estimate.to_string(),
                issue.time_estimate == 0,
            );
        }
        if policy.time_spent && target.can_hold(Field::TimeSpent) {
            self.time_spent = Some(issue.time_spent);
            self.ours(
                Field::TimeSpent,
                &issue.time_spent.to_string(),
                issue.time_spent == 0,
            );
        }
    }

    /// `title`: what the target calls it, if it can be set there.
    fn milestone(&mut self, title: Option<&String>, setting: Setting<'_>) {
        if !setting.policy.milestones || !setting.target.can_hold(Field::Milestone) {
            return;
        }
        self.values.milestone = Some(title.cloned());
        self.simple(Field::Milestone, &shown(title), title.is_none());
        if !setting.policy.milestone_by_title {
            self.retired.insert(Field::Milestone);
        }
    }

    fn simple(&mut self, field: Field, value: &str, says_nothing: bool) {
        self.ours(field, value, says_nothing);
        self.wanted.insert(field, Digest::of([value]));
    }
}

fn bool_word(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

fn epic_word(epic: Option<&Epic>) -> String {
    epic.map_or_else(String::new, |epic| {
        let title = epic.title.as_deref().unwrap_or("");
        format!("{} {title}", epic.number)
    })
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Digests of what an issue on the target holds, field by field, to be compared with what we wrote
/// and with what we want.
pub fn digests(issue: &Issue) -> BTreeMap<Field, Digest> {
    let split = envelope::split_description(&issue.text);
    let (text, envelope) = match &split {
        Some(split) => (split.text, Digest::of(split.envelope())),
        None => (text_alone(&issue.text), Digest::of(["none"])),
    };
    let value = |text: &str| Digest::of([text]);
    BTreeMap::from([
        (Field::Title, value(&issue.title)),
        (Field::Text, value(text)),
        // What was rewritten is part of the text.
        (Field::Rewriting, value(text)),
        (Field::Envelope, envelope),
        (Field::State, value(issue.state.word())),
        (Field::Confidential, value(bool_word(issue.confidential))),
        (Field::Type, value(issue.issue_type.word())),
        (Field::Locked, value(bool_word(issue.locked))),
        (Field::Iteration, value(&shown(issue.iteration.as_ref()))),
        (Field::Epic, value(&epic_word(issue.epic.as_ref()))),
        (Field::Weight, value(&shown(issue.weight))),
        (
            Field::Milestone,
            value(issue.milestone.as_ref().map_or("", |m| m.title.as_str())),
        ),
        (Field::DueDate, value(&shown(issue.due_date))),
        (Field::TimeEstimate, value(&issue.time_estimate.to_string())),
        (Field::TimeSpent, value(&issue.time_spent.to_string())),
    ])
}

/// The text of people in a description that has no envelope of ours.
pub fn text_alone(description: &str) -> &str {
    maestro::split(description).map_or(description, |found| found.text)
}

/// Digests of what a comment on the target holds.
pub fn comment_digests(body: &str) -> BTreeMap<Field, Digest> {
    let split = envelope::split_comment(body);
    let (text, envelope) = match &split {
        Some(split) => (split.text, Digest::of(split.envelope())),
        None => (body, Digest::of(["none"])),
    };
    BTreeMap::from([
        (Field::Text, Digest::of([text])),
        (Field::Rewriting, Digest::of([text])),
        (Field::Envelope, envelope),
    ])
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
            selection::travels(comment, facts.trusted, target, seal)
        })
        .map(|(comment, facts)| draft_comment(comment, thread, facts, setting))
        .collect()
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
    let from = BTreeMap::from([
        (Field::Text, Digest::of([text.source.as_str()])),
        (Field::Rewriting, text.rewriting(setting.policy)),
        (
            Field::Envelope,
            opaque::digest(attribution.digest(), setting.policy),
        ),
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::{
        Acts, Fields, IssueId, IssueNumber, IssueType, LabelTitles, Lengths, Project, ProjectKey,
        Types, Version,
    };

    /// An issue with something in every field.
    pub(crate) fn issue() -> Issue {
        Issue {
            id: IssueId(120),
            number: IssueNumber(12),
            version: Version(Digest::of(["v"])),
            title: "Crash of @all".into(),
            text: "It crashes, see #1.".into(),
            state: State::Open,
            issue_type: IssueType::Issue,
            confidential: false,
            locked: false,
            author: Person {
                username: "alice".into(),
                name: Some("Alice @A.".into()),
            },
            ours: false,
            created_at: Some("2026-01-02T03:04:05Z".parse().unwrap()),
            closed_at: None,
            closed_by: None,
            labels: ["bug".to_owned()].into(),
            milestone: Some(crate::model::Milestone::titled("v1")),
            start_date: None,
            health: None,
            reactions: (0, 0),
            iteration: Some("Sprint 3".into()),
            epic: Some(Epic {
                number: 3,
                title: Some("Big thing".into()),
            }),
            assignees: vec![
                Person {
                    username: "bob".into(),
                    name: Some("Bob".into()),
                },
                Person::account("carol"),
            ],
            weight: Some(3),
            due_date: Some(jiff::civil::date(2026, 3, 1)),
            time_estimate: 5400,
            time_spent: 2700,
            web_url: Some("https://s.example/12".into()),
            location: "https://s.example/12".into(),
        }
    }

    /// A target that holds everything and acts on everything.
    pub(crate) fn target() -> Capabilities {
        Capabilities {
            holds: &Field::ALL,
            needs: &[],
            offers: &[],
            lost: Fields::NONE,
            type_needs: &[],
            lost_types: Types::NONE,
            label_titles: LabelTitles::ANY,
            unlisted_labels: false,
            one_of_a_scope: false,
            on_create: &Field::ALL,
            confidential: true,
            internal_notes: true,
            threads: true,
            front_matter: true,
            acts: Acts::EVERYTHING,
            longest: Lengths::default(),
            concurrency: 4,
            settles_after_seconds: 120,
        }
    }

    pub(crate) fn ends() -> (Project, Project) {
        let project = |key: &str, host: &str, name: &str| Project {
            key: ProjectKey(key.into()),
            host: host.into(),
            name: name.into(),
        };
        (
            project("s.example:7", "s.example", "plans"),
            project("t.example:8", "t.example", "mirror"),
        )
    }

    fn drafted(issue: &Issue, policy: &Policy, target: &Capabilities) -> Draft {
        let (source, other) = ends();
        let setting = Setting {
            policy,
            target,
            ends: Ends {
                source: &source,
                target: &other,
            },
        };
        draft(issue, &TextFacts::default(), setting)
    }

    #[test]
    fn p8_titles_and_texts_are_inert_where_the_target_acts() {
        let (source, other) = ends();
        let target = target();
        let policy = Policy::default();
        let setting = Setting {
            policy: &policy,
            target: &target,
            ends: Ends {
                source: &source,
                target: &other,
            },
        };
        let draft = draft(&issue(), &TextFacts::default(), setting);
        assert_eq!(draft.title, "Crash of @\u{2060}all");
        let (text, _) = draft.text.render(setting, &BTreeMap::new());
        assert_eq!(text, "It crashes, see #\u{2060}1.");
    }

    #[test]
    fn p6_a_toggle_that_is_off_leaves_no_trace_in_the_draft() {
        let off = Policy {
            weight: false,
            due_date: false,
            time_estimate: false,
            time_spent: false,
            ..Policy::default()
        };
        let draft = drafted(&issue(), &off, &target());
        for field in [
            Field::Weight,
            Field::DueDate,
            Field::TimeEstimate,
            Field::TimeSpent,
            Field::Confidential,
        ] {
            assert!(!draft.from.contains_key(&field), "{field}");
        }
        assert_eq!(draft.values.weight, None);
        assert_eq!(draft.values.due_date, None);
        assert_eq!(draft.values.time_estimate, None);
        assert_eq!(draft.time_spent, None);
        assert_eq!(draft.values.confidential, None);
    }

    #[test]
    fn a_trusted_envelope_of_an_earlier_hop_does_not_travel() {
        let mut mirrored = issue();
        mirrored.text = "Text.\n\n---\n\n[issue-mirror]: # (imk7f3a9c2d4e v1 src=o.example:1:5 \
                         sid=9 pid=s.example:7 t=a.b lineage=o.example:1)\n\n- **Source:** x"
            .into();
        let (source, other) = ends();
        let (policy, target) = (Policy::default(), target());
        let setting = Setting {
            policy: &policy,
            target: &target,
            ends: Ends {
                source: &source,
                target: &other,
            },
        };
        let trusted = TextFacts {
            trusted: true,
            ..TextFacts::default()
        };
        let with = draft(&mirrored, &trusted, setting);
        assert_eq!(with.text.source, "Text.");
        assert_eq!(with.lineage, ["o.example:1", "s.example:7"]);
        let without = draft(&mirrored, &TextFacts::default(), setting);
        assert_eq!(without.text.source, mirrored.text);
        assert_eq!(without.lineage, ["s.example:7"]);
    }

    #[test]
    fn p9_an_answer_says_what_it_answers_where_there_are_no_threads() {
        let (source, other) = ends();
        let policy = Policy::default();
        let comment = |id: u64, to: Option<u64>| Comment {
            id: CommentId(id),
            text: "x".into(),
            author: Person::account(if id == 1 { "bob" } else { "carol" }),
            ours: false,
            created_at: None,
            internal: false,
            reply_to: to.map(CommentId),
            web_url: Some(format!("https://s.example/12#note_{id}")),
        };
        let thread = Thread {
            issue: issue(),
            // The first comment of the last one's thread is not there any more.
            comments: vec![comment(1, None), comment(2, Some(1)), comment(4, Some(3))],
        };
        let lines = |threads: bool| -> Vec<String> {
            let target = Capabilities {
                threads,
                ..target()
            };
            let setting = Setting {
                policy: &policy,
                target: &target,
                ends: Ends {
                    source: &source,
                    target: &other,
                },
            };
            let facts = vec![TextFacts::default(); 3];
            let drafts = draft_comments(&thread, &facts, setting);
            let lines = drafts.iter().map(|draft| {
                let defuse = |line: &str| line.to_owned();
                draft.attribution.render(setting.ends, &defuse)
            });
            lines.collect()
        };
        let plain = |id| format!("`carol` · [plans#12](<https://s.example/12#note_{id}>)");
        let answer = format!(
            "{} · ↩ `bob` · [plans#12](<https://s.example/12#note_1>)",
            plain(2)
        );
        assert_eq!(lines(true)[1..], [plain(2), plain(4)]);
        assert_eq!(lines(false)[1..], [answer, plain(4)]);
        assert_eq!(lines(false)[0], lines(true)[0]);
    }

    #[test]
    fn p4_the_digests_do_not_depend_on_how_something_is_rendered() {
        let acting = drafted(&issue(), &Policy::default(), &target());
        let quiet = Capabilities {
            acts: Acts::NOTHING,
            ..target()
        };
        let plain = drafted(&issue(), &Policy::default(), &quiet);
        assert_ne!(acting.title, plain.title);
        assert_eq!(acting.from, plain.from);
    }
}
