//! What a file says ↔ the model. Pure.

use super::fields::Fields;
use super::front_matter::{self, FileProblem, Head};
use super::links::Links;
use crate::model::{
    CommentId, Date, Epic, IssueType, Label, NewComment, NewIssue, Patch, Person, State, Timestamp,
};
use crate::text::duration;
use crate::text::yaml::{self, Value};
use std::collections::BTreeSet;

/// The account under which this tool writes into a directory. A marker pasted into a text of
/// somebody else's is not taken for ours; whoever can write `posted_by` can write every file here.
pub(super) const OUR_ACCOUNT: &str = "issue-mirror";

/// `issue.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IssueFile {
    pub(super) title: String,
    pub(super) text: String,
    pub(super) state: State,
    pub(super) issue_type: IssueType,
    pub(super) confidential: bool,
    pub(super) locked: bool,
    pub(super) author: Person,
    pub(super) posted_by: Option<String>,
    pub(super) created_at: Option<Timestamp>,
    pub(super) closed_at: Option<Timestamp>,
    pub(super) closed_by: Option<Person>,
    pub(super) labels: BTreeSet<String>,
    pub(super) milestone: Option<String>,
    pub(super) iteration: Option<String>,
    pub(super) epic: Option<Epic>,
    pub(super) assignees: Vec<Person>,
    pub(super) weight: Option<u32>,
    pub(super) due_date: Option<Date>,
    pub(super) time_estimate: u64,
    pub(super) time_spent: u64,
    pub(super) links: Links,
}

/// `comment-0001.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CommentFile {
    pub(super) text: String,
    pub(super) author: Person,
    pub(super) posted_by: Option<String>,
    pub(super) created_at: Option<Timestamp>,
    pub(super) internal: bool,
    /// The comment that it answers, as the file says.
    pub(super) reply_to: Option<CommentId>,
}

/// Somebody of whom a file written by hand says nothing.
fn nobody() -> Person {
    Person::account("unknown")
}

impl IssueFile {
    pub(super) fn parse(content: &str) -> Result<Self, FileProblem> {
        let parts = front_matter::parse(content)?;
        if !parts.present {
            return Err(FileProblem::new(
                1,
                "an issue begins with a line `---`, then `title: …`, then `---` again.",
            ));
        }
        let mut fields = Fields::new(parts.fields);
        let title = fields
            .text("title")?
            .ok_or_else(|| FileProblem::new(1, "the issue has no `title:`."))?;
        let file = Self {
            title,
            text: parts.body.to_owned(),
            state: fields
                .word("state", &[("open", State::Open), ("closed", State::Closed)])?
                .unwrap_or(State::Open),
            issue_type: fields.word("type", &IssueType::WORDS)?.unwrap_or_default(),
            confidential: fields.bool("confidential")?.unwrap_or(false),
            locked: fields.bool("locked")?.unwrap_or(false),
            author: fields.person("author")?.unwrap_or_else(nobody),
            posted_by: fields.text("posted_by")?,
            created_at: fields.time("created_at")?,
            closed_at: fields.time("closed_at")?,
            closed_by: fields.person("closed_by")?,
            labels: fields.texts("labels")?.into_iter().collect(),
            milestone: fields.text("milestone")?,
            iteration: fields.text("iteration")?,
            epic: fields.epic("epic")?,
            assignees: fields.people("assignees")?,
            weight: fields.number("weight")?,
            due_date: fields.date("due_date")?,
            time_estimate: fields.duration("time_estimate")?.unwrap_or(0),
            time_spent: fields.duration("time_spent")?.unwrap_or(0),
            links: fields.links("links")?,
        };
        fields.nothing_else()?;
        Ok(file)
    }

    pub(super) fn render(&self) -> String {
        let mut head = Head::default();
        head.text("title", &self.title);
        head.raw("state", self.state.word());
        if self.issue_type != IssueType::Issue {
            head.raw("type", self.issue_type.word());
        }
        if self.confidential {
            head.raw("confidential", "true");
        }
        if self.locked {
            head.raw("locked", "true");
        }
        head.raw("author", &person(&self.author));
        written(&mut head, self.posted_by.as_deref(), self.created_at);
        if let Some(at) = self.closed_at {
            head.raw("closed_at", &at.to_string());
        }
        if let Some(by) = &self.closed_by {
            head.raw("closed_by", &person(by));
        }
        head.list(
            "labels",
            self.labels.iter().map(|label| yaml::scalar(label)),
        );
        if let Some(title) = &self.milestone {
            head.text("milestone", title);
        }
        if let Some(title) = &self.iteration {
            head.text("iteration", title);
        }
        if let Some(epic) = &self.epic {
            match &epic.title {
                Some(title) => head.raw(
                    "epic",
                    &format!(
                        "{{number: {}, title: {}}}",
                        epic.number,
                        yaml::scalar(title)
                    ),
                ),
                None => head.raw("epic", &epic.number.to_string()),
            }
        }
        head.list("assignees", self.assignees.iter().map(person));
        if let Some(weight) = self.weight {
            head.raw("weight", &weight.to_string());
        }
        if let Some(date) = self.due_date {
            head.raw("due_date", &date.to_string());
        }
        for (name, seconds) in [
            ("time_estimate", self.time_estimate),
            ("time_spent", self.time_spent),
        ] {
            if seconds > 0 {
                head.raw(name, &duration::compact(seconds));
            }
        }
        self.links.render(&mut head);
        head.with_body(&self.text)
    }

    /// A file that cannot be read any more, so that what stands in it can still be looked for.
    pub(super) fn unread(content: String) -> Self {
        Self {
            text: content,
            ..Self::new(&NewIssue {
                title: String::new(),
                description: String::new(),
                labels: Vec::new(),
                author: nobody(),
                created_at: None,
                number: None,
                fields: Patch::default(),
            })
        }
    }

    /// The file of an issue that we create.
    pub(super) fn new(new: &NewIssue) -> Self {
        let mut file = Self {
            title: new.title.clone(),
            text: new.description.clone(),
            state: State::Open,
            issue_type: IssueType::Issue,
            confidential: false,
            locked: false,
            author: new.author.clone(),
            posted_by: Some(OUR_ACCOUNT.to_owned()),
            created_at: new.created_at,
            closed_at: None,
            closed_by: None,
            labels: new.labels.iter().cloned().collect(),
            milestone: None,
            iteration: None,
            epic: None,
            assignees: Vec::new(),
            weight: None,
            due_date: None,
            time_estimate: 0,
            time_spent: 0,
            links: Links::default(),
        };
        file.apply(&new.fields);
        file
    }

    /// Changes what a patch names.
    pub(super) fn apply(&mut self, patch: &Patch) {
        if let Some(title) = &patch.title {
            self.title.clone_from(title);
        }
        if let Some(description) = &patch.description {
            self.text.clone_from(description);
        }
        for label in &patch.remove_labels {
            self.labels.remove(label);
        }
        self.labels.extend(patch.add_labels.iter().cloned());
        if let Some(change) = &patch.state {
            self.state = change.state;
            self.closed_at = change.closed_at;
            self.closed_by.clone_from(&change.closed_by);
        }
        if let Some(author) = &patch.author {
            self.author.clone_from(author);
        }
        if let Some(closed_by) = &patch.closed_by
            && self.state == State::Closed
        {
            self.closed_by.clone_from(closed_by);
        }
        if let Some(confidential) = patch.confidential {
            self.confidential = confidential;
        }
        if let Some(locked) = patch.locked {
            self.locked = locked;
        }
        if let Some(title) = &patch.iteration {
            self.iteration.clone_from(title);
        }
        if let Some(epic) = &patch.epic {
            self.epic.clone_from(epic);
        }
        if let Some(issue_type) = patch.issue_type {
            self.issue_type = issue_type;
        }
        if let Some(weight) = patch.weight {
            self.weight = weight;
        }
        if let Some(title) = &patch.milestone {
            self.milestone.clone_from(title);
        }
        self.assignees.retain(|person| {
            let taken = |name: &String| name.eq_ignore_ascii_case(&person.username);
            !patch.remove_assignees.iter().any(taken)
        });
        for name in &patch.add_assignees {
            let same = |person: &Person| person.username.eq_ignore_ascii_case(name);
            if !self.assignees.iter().any(same) {
                self.assignees.push(Person::account(name));
            }
        }
        if let Some(date) = patch.due_date {
            self.due_date = date;
        }
        if let Some(seconds) = patch.time_estimate {
            self.time_estimate = seconds;
        }
        if let Some(seconds) = patch.add_time_spent {
            self.time_spent = self.time_spent.saturating_add_signed(seconds);
        }
    }
}

impl CommentFile {
    pub(super) fn parse(content: &str) -> Result<Self, FileProblem> {
        let parts = front_matter::parse(content)?;
        let mut fields = Fields::new(parts.fields);
        let file = Self {
            text: parts.body.to_owned(),
            author: fields.person("author")?.unwrap_or_else(nobody),
            posted_by: fields.text("posted_by")?,
            created_at: fields.time("created_at")?,
            internal: fields.bool("internal")?.unwrap_or(false),
            reply_to: fields.number("reply_to")?.map(CommentId),
        };
        fields.nothing_else()?;
        Ok(file)
    }

    pub(super) fn render(&self) -> String {
        let mut head = Head::default();
        head.raw("author", &person(&self.author));
        written(&mut head, self.posted_by.as_deref(), self.created_at);
        if self.internal {
            head.raw("internal", "true");
        }
        if let Some(first) = self.reply_to {
            head.raw("reply_to", &first.to_string());
        }
        head.with_body(&self.text)
    }

    /// The file of a comment that we create.
    pub(super) fn new(new: &NewComment) -> Self {
        Self {
            text: new.body.clone(),
            author: new.author.clone(),
            posted_by: Some(OUR_ACCOUNT.to_owned()),
            created_at: new.created_at,
            internal: new.internal,
            reply_to: None,
        }
    }
}

fn written(head: &mut Head, posted_by: Option<&str>, created_at: Option<Timestamp>) {
    if let Some(account) = posted_by {
        head.text("posted_by", account);
    }
    if let Some(at) = created_at {
        head.raw("created_at", &at.to_string());
    }
}

fn person(person: &Person) -> String {
    let username = yaml::scalar(&person.username);
    match &person.name {
        Some(name) => format!("{{username: {username}, name: {}}}", yaml::scalar(name)),
        None => username,
    }
}

/// Reads `labels.yaml`: one entry per label, `name: {color: "#rrggbb", description: …}`.
pub(super) fn parse_labels(content: &str) -> Result<Vec<Label>, FileProblem> {
    front_matter::file(content)?
        .into_iter()
        .map(|(key, node)| {
            let entries = match node.value {
                Value::Map(entries) => entries,
                Value::Null => Vec::new(),
                other => {
                    return Err(FileProblem::new(
                        node.place.line,
                        format!(
                            "expected `{{color: …, description: …}}`, found {}.",
                            other.kind()
                        ),
                    ));
                }
            };
            let mut fields = Fields::new(entries);
            let label = Label {
                name: key.name,
                color: fields.text("color")?,
                description: fields.text("description")?.unwrap_or_default(),
                archived: false,
            };
            fields.nothing_else()?;
            Ok(label)
        })
        .collect()
}

/// Writes `labels.yaml`, by name.
pub(super) fn render_labels(labels: &[Label]) -> String {
    let mut sorted: Vec<&Label> = labels.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    let mut head = Head::default();
    for label in sorted {
        let mut parts = Vec::new();
        if let Some(color) = &label.color {
            parts.push(format!("color: {}", yaml::scalar(color)));
        }
        if !label.description.is_empty() {
            parts.push(format!("description: {}", yaml::scalar(&label.description)));
        }
        head.raw(
            &yaml::scalar(&label.name),
            &format!("{{{}}}", parts.join(", ")),
        );
    }
    head.into_yaml()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_issue_by_hand_needs_little() {
        let file =
            IssueFile::parse("---\ntitle: 404\nlabels: [1.10, yes, bug]\n---\nHelp.\n").unwrap();
        assert_eq!(file.title, "404");
        assert_eq!(file.text, "Help.");
        assert!(file.labels.contains("1.10") && file.labels.contains("yes"));
        assert_eq!(file.state, State::Open);
    }

    #[test]
    fn problems_name_line_and_cure() {
        for (content, said) in [
            (
                "Help.\n",
                "line 1: an issue begins with a line `---`, then `title: …`, then `---` again.",
            ),
            (
                "---\nstate: open\n---\n",
                "line 1: the issue has no `title:`.",
            ),
            ("---\ntitle: ''\n---\n", "line 2: `title` is empty."),
            (
                "---\ntitle: x\nlables: [a]\n---\n",
                "line 3: `lables` is not a field; did you mean `labels`?",
            ),
            (
                "---\ntitle: x\nstate: done\n---\n",
                "line 3: `state` must be one of `open`, `closed`; found `done`.",
            ),
            (
                "---\ntitle: x\nlabels: bug\n---\n",
                "line 3: `labels` must be a list such as `[one, two]`; found `bug`.",
            ),
            (
                "---\ntitle: x\nweight: -1\n---\n",
                "line 3: `weight` must be a whole number, not negative; found `-1`.",
            ),
            (
                "---\ntitle: x\ndue_date: tomorrow\n---\n",
                "line 3: `due_date` must be a date such as `2026-01-31`; found `tomorrow`.",
            ),
            (
                "---\ntitle: x\ncreated_at: 2026-01-31\n---\n",
                "line 3: `created_at` must be a time such as `2026-01-31T09:30:00Z`; found `2026-01-31`.",
            ),
            (
                "---\ntitle: x\ntime_spent: 2d\n---\n",
                "line 3: `time_spent` must be a duration such as `1h30m`, in hours, minutes and seconds; found `2d`.",
            ),
            (
                "---\ntitle: x\nlinks: [3]\n---\n",
                "line 3: `links` must be a mapping such as `{relates: [3], blocks: [5]}`; found a list.",
            ),
            (
                "---\ntitle: x\nlinks: {relates: 3}\n---\n",
                "line 3: `relates` must be a list such as `[one, two]`; found `3`.",
            ),
            (
                "---\ntitle: x\nlinks: {relates: [-3]}\n---\n",
                "line 3: `relates` must be a whole number, not negative; found `-3`.",
            ),
            (
                "---\ntitle: x\nlinks: {block: [3]}\n---\n",
                "line 3: `block` is not a field; did you mean `blocks`?",
            ),
            (
                "---\ntitle: x\nlinks: {relates: [3], blocks: [3]}\n---\n",
                "line 3: `links` names 3 twice; leave it in `blocks` alone.",
            ),
            (
                "---\ntitle: x\nconfidential: yes\n---\n",
                "line 3: `confidential` must be `true` or `false`; found `yes`.",
            ),
            (
                "---\ntitle: x\nassignees:\n  - {name: A}\n---\n",
                "line 4: `assignees` needs a `username`.",
            ),
        ] {
            assert_eq!(IssueFile::parse(content).unwrap_err().to_string(), said);
        }
    }

    #[test]
    fn labels_are_read_as_they_are_written() {
        let labels = vec![
            Label {
                name: "a: b, {c}".into(),
                color: Some("#0052CC".into()),
                description: String::new(),
                archived: false,
            },
            Label {
                name: "bug".into(),
                color: None,
                description: "It's \"broken\"".into(),
                archived: false,
            },
        ];
        assert_eq!(parse_labels(&render_labels(&labels)).unwrap(), labels);
    }

    fn any_person() -> impl Strategy<Value = Person> {
        ("[a-z.]{1,6}[a-z]", proptest::option::of("\\PC{1,10}[a-z]"))
            .prop_map(|(username, name)| Person { username, name })
    }

    prop_compose! {
        fn any_issue()(
            title in "\\PC{0,20}[a-z]", text in any::<String>(),
            labels in proptest::collection::btree_set("\\PC{0,10}[a-z]", 0..4),
            milestone in proptest::option::of("\\PC{0,8}[a-z]"),
            epic in proptest::option::of((1_u64..99, proptest::option::of("\\PC{0,8}[a-z]"))),
            assignees in proptest::collection::vec(any_person(), 0..3),
            author in any_person(), closed_by in proptest::option::of(any_person()),
            weight in proptest::option::of(any::<u32>()),
            times in (0_u64..100_000_000, 0_u64..100_000_000),
            flags in any::<(bool, bool)>(), seconds in 0_i64..4_000_000_000,
            links in proptest::collection::btree_map(1_u64..99, any::<bool>(), 0..4),
        ) -> IssueFile {
            IssueFile {
                title, text, labels, milestone, assignees, author, closed_by, weight,
                state: if flags.0 { State::Open } else { State::Closed },
                issue_type: if flags.1 { IssueType::Task } else { IssueType::Issue },
                confidential: flags.1,
                locked: flags.0,
                posted_by: flags.0.then(|| OUR_ACCOUNT.to_owned()),
                created_at: Some(Timestamp::from_second(seconds).unwrap()),
                closed_at: flags.1.then(|| Timestamp::from_millisecond(seconds).unwrap()),
                iteration: flags.1.then(|| "Sprint 3".to_owned()),
                epic: epic.map(|(number, title)| Epic { number, title }),
                due_date: flags.0.then(|| jiff::civil::date(2026, 2, 28)),
                time_estimate: times.0, time_spent: times.1,
                links: links.into_iter().fold(Links::default(), |mut links, (other, blocks)| {
                    links.add(crate::model::IssueNumber(other), blocks);
                    links
                }),
            }
        }
    }

    proptest! {
        #[test]
        fn an_issue_is_read_as_it_was_written(file in any_issue()) {
            let content = file.render();
            let read = IssueFile::parse(&content).unwrap();
            prop_assert_eq!(&read, &file);
            prop_assert_eq!(read.render(), content);
        }

        #[test]
        fn no_file_panics(content in any::<String>()) {
            let _ = (IssueFile::parse(&content), CommentFile::parse(&content), parse_labels(&content));
            let _ = IssueFile::parse(&format!("---\n{content}\n---\n"));
        }
    }
}
