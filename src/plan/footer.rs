//! What the footer of a description and the attribution of a comment say.
//!
//! First as facts, which are compared, then as Markdown, which is not: a newer version that words a
//! line differently has nothing to write.

mod attribution;
mod ends;
mod times;
mod words;

pub use attribution::Attribution;
pub use ends::Ends;
pub use times::all_to_the_second;
pub use words::render;

use super::labels;
use super::lists::Listed;
use super::policy::Policy;
use crate::model::{Capabilities, Digest, Field, Issue, IssueType, Person, State};
use crate::text::duration;
use crate::text::envelope::FooterName;

/// A line of the footer before it is worded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    name: FooterName,
    /// The values from which the line is made.
    values: Vec<String>,
}

/// Stands among the values of a title of which only a part is told.
pub(super) const PART: &str = "part";

/// What the footer of an issue has to say, in its order.
pub fn facts(
    issue: &Issue,
    policy: &Policy,
    target: &Capabilities,
    ends: Ends<'_>,
    listed: Option<&Listed>,
) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut say = |name, values: Vec<String>| facts.push(Fact { name, values });
    let written_at = issue.created_at.map(|at| at.to_string());
    if policy.opaque {
        if let Some(at) = written_at {
            say(FooterName::Created, vec![at]);
        }
    } else {
        say(
            FooterName::Source,
            vec![
                format!("{}#{}", ends.source.name, issue.number),
                issue.web_url.clone().unwrap_or_default(),
            ],
        );
        let mut author = person(&issue.author, policy).to_vec();
        author.push(written_at.unwrap_or_default());
        say(FooterName::Author, author);
    }
    if issue.state == State::Closed && (issue.closed_by.is_some() || issue.closed_at.is_some()) {
        let mut values = match &issue.closed_by {
            Some(by) => person(by, policy).to_vec(),
            None => vec![String::new(), String::new()],
        };
        values.push(issue.closed_at.map(|at| at.to_string()).unwrap_or_default());
        say(FooterName::Closed, values);
    }
    if policy.milestones
        && let Some(title) = issue
            .milestone
            .as_ref()
            .and_then(|m| policy.milestone(&m.title))
    {
        say(FooterName::Milestone, vec![title.to_owned()]);
    }
    if policy.iterations
        && let Some(title) = &issue.iteration
    {
        say(FooterName::Iteration, vec![title.clone()]);
    }
    if policy.epics
        && let Some(epic) = &issue.epic
    {
        let title = epic.title.clone().unwrap_or_default();
        let number = epic.number.to_string();
        if !policy.opaque {
            say(FooterName::Epic, vec![number, title]);
        } else if !title.is_empty() {
            say(FooterName::Epic, vec![String::new(), title]);
        }
    }
    if policy.assignees && !issue.assignees.is_empty() {
        let people = issue.assignees.iter().flat_map(|who| person(who, policy));
        say(FooterName::Assignees, people.collect());
    }
    let only_told = if target.one_of_a_scope || listed.is_some() {
        labels::wanted(issue, policy, ends.source, target, listed).only_told()
    } else {
        Vec::new()
    };
    for (name, value) in not_held(issue, policy, target, only_told) {
        say(name, vec![value]);
    }
    if policy.notice {
        say(FooterName::Notice, Vec::new());
    }
    facts
}

/// Lets a footer say the whole title, or nothing of it.
pub fn says_title(facts: &mut Vec<Fact>, title: Option<Vec<String>>) {
    facts.retain(|fact| fact.name != FooterName::Title);
    let Some(title) = title else {
        return;
    };
    let fact = Fact {
        name: FooterName::Title,
        values: title,
    };
    let at = facts.partition_point(|before| before.name < fact.name);
    facts.insert(at, fact);
}

/// Whether it says the whole title.
pub fn has_title(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| fact.name == FooterName::Title)
}

/// What it tells only in part, because there is too much of it for a line.
pub fn told_in_part(facts: &[Fact]) -> impl Iterator<Item = Field> {
    let in_part = facts.iter().filter(|fact| words::is_in_part(fact));
    in_part.filter_map(|fact| match fact.name {
        FooterName::Title => Some(Field::Title),
        FooterName::Assignees => Some(Field::Assignees),
        FooterName::Labels => Some(Field::Labels),
        _ => None,
    })
}

/// What the toggles ask for and the target has no field for (P9).
fn not_held(
    issue: &Issue,
    policy: &Policy,
    target: &Capabilities,
    only_told: Vec<String>,
) -> impl Iterator<Item = (FooterName, String)> {
    let missing = |on: bool, field| on && !target.can_hold(field);
    let all = issue.labels.iter();
    let labels = if missing(policy.labels, Field::Labels) {
        all.filter_map(|label| labels::on_target(label, policy))
            .collect()
    } else {
        only_told
    };
    let lines = [
        (!labels.is_empty()).then(|| (FooterName::Labels, labels.join(", "))),
        (!target.can_be(issue.issue_type) && issue.issue_type != IssueType::Issue)
            .then(|| (FooterName::Type, issue.issue_type.word().replace('_', " "))),
        (issue.locked && missing(true, Field::Locked))
            .then(|| (FooterName::Locked, "only members comment".to_owned())),
        issue
            .weight
            .filter(|_| missing(policy.weight, Field::Weight))
            .map(|weight| (FooterName::Weight, weight.to_string())),
        issue
            .due_date
            .filter(|_| missing(policy.due_date, Field::DueDate))
            .map(|date| (FooterName::DueDate, date.to_string())),
        (issue.time_estimate > 0 && missing(policy.time_estimate, Field::TimeEstimate)).then(
            || {
                (
                    FooterName::TimeEstimate,
                    duration::compact(issue.time_estimate),
                )
            },
        ),
        (issue.time_spent > 0 && missing(policy.time_spent, Field::TimeSpent))
            .then(|| (FooterName::TimeSpent, duration::compact(issue.time_spent))),
        // No forge takes these from us.
        issue
            .start_date
            .filter(|_| policy.due_date)
            .map(|date| (FooterName::StartDate, date.to_string())),
        issue
            .health
            .as_ref()
            .map(|health| (FooterName::Health, health.replace('_', " "))),
        reactions(issue.reactions).map(|shown| (FooterName::Reactions, shown)),
    ];
    lines.into_iter().flatten()
}

/// The field for which a line stands, where the target does not keep it. The lines of labels and of the
/// type stand for some of them too.
pub const STAND_INS: [(FooterName, Field); 5] = [
    (FooterName::Locked, Field::Locked),
    (FooterName::Weight, Field::Weight),
    (FooterName::DueDate, Field::DueDate),
    (FooterName::TimeEstimate, Field::TimeEstimate),
    (FooterName::TimeSpent, Field::TimeSpent),
];

/// Thumbs up and down, as far as there are some.
fn reactions((up, down): (u64, u64)) -> Option<String> {
    let both = [("👍", up), ("👎", down)];
    let some = both.iter().filter(|(_, count)| *count > 0);
    let shown: Vec<String> = some
        .map(|(sign, count)| format!("{sign} {count}"))
        .collect();
    (!shown.is_empty()).then(|| shown.join(", "))
}

/// A person as two values: display name, or nothing, and account on the target.
fn person(person: &Person, policy: &Policy) -> [String; 2] {
    [
        person.name.clone().unwrap_or_default(),
        policy.account(person).to_owned(),
    ]
}

/// What a footer says, as it was written.
pub fn said(facts: &[Fact]) -> impl Iterator<Item = &str> {
    facts
        .iter()
        .flat_map(|fact| &fact.values)
        .map(String::as_str)
}

/// A digest of everything that the envelope of a description says.
pub fn digest(facts: &[Fact], lineage: &[String]) -> Digest {
    let names: Vec<String> = facts
        .iter()
        .map(|fact| format!("{:?}", fact.name))
        .collect();
    let parts = facts.iter().zip(&names).flat_map(|(fact, name)| {
        std::iter::once(name.as_str())
            .chain(fact.values.iter().map(String::as_str))
            .chain(["\n"])
    });
    Digest::of(parts.chain(lineage.iter().map(String::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixtures::{ends, issue, target};

    fn lines(issue: &Issue, policy: &Policy, target: &Capabilities) -> Vec<String> {
        let (source, other) = ends();
        let ends = Ends {
            source: &source,
            target: &other,
        };
        let facts = facts(issue, policy, target, ends, None);
        render(&facts, ends, &|text| text.replace('@', "@·"))
            .into_iter()
            .map(|line| format!("{:?}: {}", line.name, line.value))
            .collect()
    }

    #[test]
    fn times_are_shown_to_the_second_and_known_to_the_last_digit() {
        let at = |time: &str| Issue {
            created_at: Some(time.parse().unwrap()),
            ..issue()
        };
        let shown = |time: &str| {
            let lines = lines(&at(time), &Policy::default(), &target());
            let author = lines.into_iter().find(|line| line.starts_with("Author"));
            author.unwrap().rsplit_once(", ").unwrap().1.to_owned()
        };
        assert_eq!(shown("2026-01-02T03:04:05.678Z"), "2026-01-02T03:04:05Z");
        assert_eq!(shown("2026-01-02T04:04:05+01:00"), "2026-01-02T03:04:05Z");
        let digested = |time: &str| {
            let (source, other) = ends();
            let ends = Ends {
                source: &source,
                target: &other,
            };
            let facts = facts(&at(time), &Policy::default(), &target(), ends, None);
            digest(&facts, &[])
        };
        let (one, other) = ("2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05Z");
        assert_ne!(digested(one), digested(other), "stores hold digests of it");
    }

    #[test]
    fn p9_what_no_target_takes_from_us_is_a_line() {
        let with = Issue {
            start_date: Some(jiff::civil::date(2026, 1, 31)),
            health: Some("at_risk".into()),
            reactions: (3, 1),
            ..issue()
        };
        let plain = issue();
        let shown = |issue: &Issue, policy: &Policy| {
            let before = lines(&plain, policy, &target());
            let mut lines = lines(issue, policy, &target());
            lines.retain(|line| !before.contains(line));
            lines
        };
        let all = [
            "StartDate: 2026-01-31",
            "Health: at risk",
            "Reactions: 👍 3, 👎 1",
        ];
        assert_eq!(shown(&with, &Policy::default()), all);
        let without = Policy {
            due_date: false,
            ..Policy::default()
        };
        assert_eq!(shown(&with, &without), all[1..]);
        let liked = Issue {
            reactions: (2, 0),
            ..issue()
        };
        assert_eq!(shown(&liked, &without), ["Reactions: 👍 2"]);
    }

    #[test]
    fn the_footer_says_what_the_toggles_ask_for_in_order() {
        let closed = Issue {
            state: State::Closed,
            closed_by: Some(Person::account("bob")),
            closed_at: Some("2026-02-01T00:00:00Z".parse().unwrap()),
            ..issue()
        };
        assert_eq!(
            lines(&closed, &Policy::default(), &target()),
            [
                "Source: [plans#12](<https://s.example/12>)",
                "Author: Alice @·A. (`alice`), 2026-01-02T03:04:05Z",
                "Closed: `bob`, 2026-02-01T00:00:00Z",
                "Milestone: v1",
                "Iteration: Sprint 3",
                "Epic: `&3` Big thing",
                "Assignees: Bob (`bob`), `carol`",
            ]
        );
        let off = Policy {
            milestones: false,
            iterations: false,
            epics: false,
            assignees: false,
            notice: true,
            ..Policy::default()
        };
        assert_eq!(
            lines(&issue(), &off, &target())[2..],
            ["Notice: this is a mirror; changes made here may be overwritten."]
        );
    }

    #[test]
    fn p9_what_the_target_cannot_hold_becomes_a_line() {
        let poor = Capabilities {
            holds: &[Field::Title, Field::Text],
            ..target()
        };
        let lines = lines(&issue(), &Policy::default(), &poor);
        assert_eq!(
            lines[6..],
            [
                "Labels: bug",
                "Weight: 3",
                "DueDate: 2026-03-01",
                "TimeEstimate: 1h30m",
                "TimeSpent: 45m"
            ]
        );
    }

    #[test]
    fn names_cannot_break_out_of_their_line() {
        let nasty = Issue {
            author: Person {
                username: "a`b".into(),
                name: Some("**x**\n/close\n@all".into()),
            },
            milestone: Some(crate::model::Milestone::titled("<b>\r\n---")),
            ..issue()
        };
        let lines = lines(&nasty, &Policy::default(), &target());
        assert_eq!(
            lines[1],
            "Author: \\*\\*x\\*\\* /close @·all (``a`b``), 2026-01-02T03:04:05Z"
        );
        assert_eq!(lines[2], "Milestone: \\<b\\> ---");
    }
}
