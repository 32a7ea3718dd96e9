//! What a file says ↔ the model. Pure.

mod comment;
mod issue;
mod labels;

pub(super) use self::labels::{parse_labels, render_labels};
use super::front_matter::Head;
use super::links::Links;
use crate::model::{
    CommentId, Date, Epic, IssueType, NewComment, NewIssue, Patch, Person, State, Timestamp,
};
use crate::text::yaml;
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_file_panics(content in any::<String>()) {
            let _ = (IssueFile::parse(&content), CommentFile::parse(&content), parse_labels(&content));
            let _ = IssueFile::parse(&format!("---\n{content}\n---\n"));
        }
    }
}
