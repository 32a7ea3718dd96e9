//! GitLab's JSON ↔ the model. Pure. Here is what is read; what is sent is in `bodies`.

mod bodies;
mod uploads;

pub(super) use bodies::{
    label_body, milestone_change, new_comment, new_issue, new_milestone, patch, reply,
};
pub(super) use uploads::{plain, upload};

use super::wire;
use crate::model::{
    Comment, CommentId, Date, Digest, Epic, Issue, IssueId, IssueNumber, IssueType, KnownMilestone,
    Label, Milestone, Person, State, Timestamp, Version,
};

/// How long after an issue's last change a comment on it may leave no trace in its time: touches are
/// throttled for 60 s, and clocks and requests take some.
pub(super) const THROTTLE_SECONDS: i64 = 90;

/// The account of the token, and those that are trusted like it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Us {
    /// The account's number.
    pub(super) id: u64,
    /// It may do everything, whatever its role in a project is.
    pub(super) admin: bool,
    /// Names of others.
    pub(super) trusted: Vec<String>,
}

impl Us {
    pub(super) fn wrote(&self, author: Option<&wire::User>) -> bool {
        let is_us = |author: &wire::User| {
            author.id == self.id
                || self
                    .trusted
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(&author.username))
        };
        author.is_some_and(is_us)
    }
}

/// An issue. `now`: the server's time when it answered.
pub(super) fn issue(wire: &wire::Issue, us: &Us, now: Timestamp) -> Issue {
    let closed = wire.state == "closed";
    // A total below zero is none.
    let time = |read: fn(&wire::TimeStats) -> Option<i64>| {
        let seconds = wire.time_stats.as_ref().and_then(read).unwrap_or(0);
        u64::try_from(seconds).unwrap_or(0)
    };
    let mut issue = Issue {
        id: IssueId(wire.id),
        number: IssueNumber(wire.iid),
        version: Version(Digest::of([""])),
        title: wire.title.clone(),
        text: wire.description.clone().unwrap_or_default(),
        state: if closed { State::Closed } else { State::Open },
        issue_type: wire
            .kind
            .as_deref()
            .and_then(IssueType::from_word)
            .unwrap_or_default(),
        confidential: wire.confidential,
        locked: wire.discussion_locked == Some(true),
        author: wire.author.as_ref().map_or_else(nobody, person),
        ours: false,
        created_at: Some(seconds(wire.created_at)),
        closed_at: wire.closed_at.filter(|_| closed).map(seconds),
        closed_by: wire.closed_by.as_ref().filter(|_| closed).map(person),
        labels: wire.labels.iter().cloned().collect(),
        milestone: wire.milestone.as_ref().and_then(milestone),
        iteration: wire
            .iteration
            .as_ref()
            .and_then(|iteration| iteration.title.clone()),
        epic: wire.epic.as_ref().map(|epic| Epic {
            number: epic.iid,
            title: epic.title.clone(),
        }),
        assignees: wire.assignees.iter().flatten().map(person).collect(),
        weight: wire.weight,
        due_date: day(wire.due_date.as_deref()),
        start_date: day(wire.start_date.as_deref()),
        health: wire.health_status.clone(),
        reactions: (wire.upvotes.unwrap_or(0), wire.downvotes.unwrap_or(0)),
        time_estimate: time(|stats| stats.time_estimate),
        time_spent: time(|stats| stats.total_time_spent),
        web_url: wire.web_url.clone(),
        location: wire
            .web_url
            .clone()
            .unwrap_or_else(|| format!("#{}", wire.iid)),
    };
    // Whoever asks, the same issue has the same version.
    issue.version = version(&issue, wire, now);
    issue.ours = us.wrote(wire.author.as_ref());
    issue
}

fn day(text: Option<&str>) -> Option<Date> {
    text.and_then(|date| date.parse().ok())
}

pub(super) fn milestone(wire: &wire::Milestone) -> Option<Milestone> {
    Some(Milestone {
        title: wire.title.clone()?,
        start_date: day(wire.start_date.as_deref()),
        due_date: day(wire.due_date.as_deref()),
        closed: wire.state.as_deref() == Some("closed"),
        description: String::new(),
    })
}

/// A milestone in the list of all.
pub(super) fn known_milestone(wire: &wire::Milestone) -> Option<KnownMilestone> {
    let milestone = Milestone {
        description: wire.description.clone().unwrap_or_default(),
        ..milestone(wire)?
    };
    Some(KnownMilestone {
        id: wire.id,
        milestone,
    })
}

/// Changes whenever the issue does, or may have: within the throttle a comment leaves no trace, so
/// then no two versions are equal, and the issue is read again.
fn version(issue: &Issue, wire: &wire::Issue, now: Timestamp) -> Version {
    let age = now.duration_since(wire.updated_at).as_secs();
    let young = (age < THROTTLE_SECONDS).then_some(now);
    let parts = [
        format!("{issue:?}"),
        wire.updated_at.to_string(),
        format!("{:?}", wire.user_notes_count),
        format!("{young:?}"),
    ];
    Version(Digest::of(parts.iter().map(String::as_str)))
}

/// Changes whenever an issue does that is not of the expected form.
pub(super) fn odd_version(odd: &wire::Odd) -> Version {
    Version(Digest::of(["odd", &odd.updated_at.to_string()]))
}

/// Whole seconds: not every way to read a time has more.
fn seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn nobody() -> Person {
    Person::account("ghost")
}

fn person(user: &wire::User) -> Person {
    Person {
        username: user.username.clone(),
        name: user
            .name
            .clone()
            .filter(|name| !name.is_empty() && *name != user.username),
    }
}

/// A comment; `None` for what the server wrote itself.
pub(super) fn comment(wire: &wire::Note, us: &Us, issue_url: Option<&str>) -> Option<Comment> {
    if wire.system == Some(true) {
        return None;
    }
    Some(Comment {
        id: CommentId(wire.id),
        text: wire.body.clone().unwrap_or_default(),
        author: wire.author.as_ref().map_or_else(nobody, person),
        ours: us.wrote(wire.author.as_ref()),
        created_at: Some(seconds(wire.created_at)),
        internal: wire.is_internal(),
        reply_to: None,
        web_url: issue_url.map(|url| format!("{url}#note_{}", wire.id)),
    })
}

pub(super) fn label(wire: wire::Label) -> Label {
    Label {
        name: wire.name,
        color: wire.color,
        description: wire.description.unwrap_or_default(),
        archived: wire.archived == Some(true),
    }
}
