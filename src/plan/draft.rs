//! What the target should hold of an issue, and from what.

mod comment;
mod fields;
mod text;
mod there;
mod title;

pub use comment::{CommentDraft, draft_comments, may_be_seen, untold};
pub use text::{DraftText, defuse};
pub use there::{comment_digests, digests, text_alone};
pub use title::{DraftTitle, Pattern};

use self::text::whole_of;
use super::footer::{self, Ends, Fact};
use super::labels::{self, Assigned, Wanted};
use super::lists::{self, Listed};
use super::policy::Policy;
use super::references::Leads;
use super::{opaque, selection};
use crate::model::{Attachment, Capabilities, Digest, Field, Issue, Patch, Person, Timestamp};
use crate::text::envelope;
use crate::text::escape::one_line;
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
    /// It is a comment and has a counterpart.
    pub linked: bool,
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
    /// The title as the target gets it.
    pub title: String,
    /// What that is made from.
    pub titled: DraftTitle,
    /// A digest of the title as the target would get it if nothing in it led anywhere.
    pub inert_title: Digest,
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
    let footer_facts = footer::facts(&rest, policy, setting.target, setting.ends, listed);
    // Whoever is assigned by name stays in the footer: the target may not keep all of them.
    if let Some(assigned) = &facts.assigned {
        rest.to_mut().assignees.clone_from(&assigned.labels);
    }
    let wanted_labels = labels::wanted(&rest, policy, setting.ends.source, setting.target, listed);
    let title = match one_line(&issue.title) {
        title if title.trim().is_empty() => NO_TITLE.to_owned(),
        title => title,
    };

    let mut draft = Draft {
        title: String::new(),
        titled: DraftTitle::new(title),
        inert_title: Digest::of([]),
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
    draft.ours(Field::Title, &draft.titled.source.clone(), false);
    draft.ours(Field::Text, &draft.text.source.clone(), false);
    draft.rewritten(setting);
    // Where it leads is not known yet.
    draft.inert_title = draft.wanted[&Field::Title];
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
    /// Says where the references of title and text lead.
    pub fn lead(&mut self, title: Leads, text: Leads, setting: Setting<'_>) {
        self.titled.references = title;
        self.text.references = text;
        self.rewritten(setting);
    }

    /// What follows from where references lead: the title, what the footer says of it, and digests.
    fn rewritten(&mut self, setting: Setting<'_>) {
        let (title, is_cut) = self.titled.render(setting);
        let whole = is_cut.then(|| self.titled.told(setting, &self.text.whole));
        footer::says_title(&mut self.facts, whole);
        let digest = Digest::of([title.as_str()]);
        self.title = title;
        self.wanted.insert(Field::Title, digest);
        let rewriting = title::rewriting(&self.titled, &self.text, setting.policy);
        self.from.insert(Field::Rewriting, rewriting);
        let envelope = footer::digest(&self.facts, &self.lineage);
        let envelope = setting
            .policy
            .with_keys(envelope, footer::said(&self.facts));
        let envelope = opaque::digest(envelope, setting.policy);
        self.from.insert(Field::Envelope, envelope);
    }

    /// Notes which titles do not reach the target.
    fn is_withheld(&mut self, issue: &Issue, facts: &TextFacts, policy: &Policy) {
        let titles = self.labels.titles;
        let labels = self.labels.withheld.keys();
        self.withheld = labels
            .map(|name| lists::withheld_label(&titles.key(name)))
            .collect();
        let milestone = issue
            .milestone
            .as_ref()
            .filter(|_| facts.milestone_withheld);
        if let Some(title) = milestone.and_then(|m| policy.milestone(&m.title)) {
            let title = lists::withheld_milestone(&title.to_lowercase());
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Acts, Comment, CommentId, Thread};
    use crate::plan::fixtures::{issue, setting, target};

    fn drafted(issue: &Issue, policy: &Policy, target: &Capabilities) -> Draft {
        let setting = setting(policy, target);
        draft(issue, &TextFacts::default(), setting)
    }

    #[test]
    fn p8_titles_and_texts_are_inert_where_the_target_acts() {
        let target = target();
        let policy = Policy::default();
        let setting = setting(&policy, &target);
        let draft = draft(&issue(), &TextFacts::default(), setting);
        assert_eq!(draft.title, "Crash of @\u{2060}all");
        let text = draft
            .text
            .render(setting, &BTreeMap::new(), &|all| all.text.clone());
        assert_eq!(text.unwrap().text, "It crashes, see #\u{2060}1.");
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
        let (policy, target) = (Policy::default(), target());
        let setting = setting(&policy, &target);
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
            let setting = setting(&policy, &target);
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
