//! What is left of an issue where nothing on the target may tell where it came from and who wrote it
//! (`provenance: opaque`).

use super::policy::Policy;
use crate::model::{Comment, Digest, Issue, Person, Project, Thread};
use crate::text::marker::Marker;
use crate::text::seal::is_sealed;

/// Who wrote what nobody may know the author of, where a forge asks for somebody.
fn nobody() -> Person {
    Person::account("unknown")
}

/// An issue with its comments as the target may know them. Texts are the authors' own and stay.
pub fn veil(thread: &Thread, policy: &Policy) -> Thread {
    Thread {
        issue: issue(&thread.issue, policy),
        comments: thread.comments.iter().map(comment).collect(),
    }
}

fn issue(issue: &Issue, policy: &Policy) -> Issue {
    Issue {
        author: nobody(),
        closed_by: None,
        assignees: issue
            .assignees
            .iter()
            .filter(|person| names(person, policy))
            // The account on the target stands for it; the name is one of the source.
            .map(|person| Person::account(&person.username))
            .collect(),
        web_url: None,
        ..issue.clone()
    }
}

fn comment(comment: &Comment) -> Comment {
    Comment {
        author: nobody(),
        web_url: None,
        ..comment.clone()
    }
}

/// Whether a text of an author tells of the source by itself: by its host, or by the path of the
/// project. Such a text stays as it is.
pub fn tells(text: &str, source: &Project) -> bool {
    let text = text.to_lowercase();
    let names = |name: &str| !name.is_empty() && text.contains(&name.to_lowercase());
    // A name without a group may be any word.
    let mut hosts = source.hosts().into_iter().flatten();
    hosts.any(|host| names(host) && host.contains(['.', ':']))
        || names(&source.name) && source.name.contains('/')
}

/// Whether the target may know of somebody: only by the account that the settings name there.
pub fn names(person: &Person, policy: &Policy) -> bool {
    !policy.opaque || policy.mapped(&person.username).is_some()
}

/// A marker as the target may have it.
pub fn marker(marker: Marker, policy: &Policy) -> Marker {
    match &policy.seal {
        _ if !policy.opaque => marker,
        Some(seal) => seal.close(&marker),
        // A pair is not opened without its secret.
        None => Marker {
            source: String::new(),
            source_id: 0,
            baseline: String::new(),
            lineage: Vec::new(),
            ..marker
        },
    }
}

/// A marker with what was sealed in it, if it is one of this source by this secret.
pub fn opened(mut marker: Marker, policy: &Policy, source: &str) -> Marker {
    if is_sealed(&marker.source)
        && let Some(seal) = &policy.seal
        && let Some(opened) = seal.open(&marker, source)
    {
        marker = opened;
    }
    marker
}

/// A digest of what an envelope says, and of what it hides it by.
pub fn digest(envelope: Digest, policy: &Policy) -> Digest {
    match &policy.seal {
        Some(seal) if policy.opaque => Digest::of([&envelope.hex(), "opaque", seal.name()]),
        _ => envelope,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::draft::{TextFacts, draft, draft_comments};
    use crate::plan::fixtures::{ends, issue as original, setting, target};
    use crate::plan::footer;
    use crate::text::seal::Seal;

    fn policy() -> Policy {
        Policy {
            opaque: true,
            seal: Some(Seal::new("a secret of some length")),
            users: [("bob".to_owned(), "robert".to_owned())].into(),
            ..Policy::default()
        }
    }

    #[test]
    fn nothing_that_is_drafted_tells_of_the_source() {
        let (policy, target) = (policy(), target());
        let setting = setting(&policy, &target);
        let thread = Thread {
            issue: Issue {
                closed_by: Some(Person::account("carol")),
                state: crate::model::State::Closed,
                closed_at: Some("2026-02-01T00:00:00Z".parse().unwrap()),
                ..original()
            },
            comments: vec![Comment {
                id: crate::model::CommentId(77),
                text: "It is so.".into(),
                author: Person::account("carol"),
                ours: false,
                created_at: Some("2026-01-03T00:00:00Z".parse().unwrap()),
                internal: false,
                reply_to: None,
                web_url: Some("https://s.example/12#note_77".into()),
            }],
        };
        let veiled = veil(&thread, &policy);
        let facts = TextFacts::default();
        let issue = draft(&veiled.issue, &facts, setting);
        let lines = footer::render(&issue.facts, setting.ends, &str::to_owned);
        let lines: Vec<String> = lines
            .iter()
            .map(|line| format!("{:?}: {}", line.name, line.value))
            .collect();
        assert_eq!(
            lines,
            [
                "Created: 2026-01-02T03:04:05Z",
                "Closed: 2026-02-01T00:00:00Z",
                "Milestone: v1",
                "Epic: Big thing",
                "Assignees: `robert`",
            ]
        );
        let labels: Vec<&str> = issue.labels.labels.keys().map(String::as_str).collect();
        assert_eq!(
            labels,
            [
                "Assignee::@robert",
                "Epic::Big thing",
                "Milestone::v1",
                "Mirrored-From::opaque",
                "bug",
            ]
        );
        let values = (&issue.values.iteration, &issue.values.epic);
        assert_eq!(values, (&Some(Some("Sprint 3".into())), &Some(None)));
        let comments = draft_comments(&veiled, &[facts], setting);
        let attribution = comments[0].attribution.render(setting.ends, &str::to_owned);
        assert_eq!(attribution, "Comment · 2026-01-03T00:00:00Z");
        let said = format!(
            "{:?} {:?} {:?} {:?}",
            issue.author, issue.values, comments[0].author, comments[0].attribution
        );
        for told in ["alice", "Alice", "carol", "s.example", "plans"] {
            assert!(!said.contains(told), "{told}: {said}");
        }
    }

    #[test]
    fn a_text_tells_of_the_source_by_its_host_or_its_path() {
        let source = |host: &str, name: &str| Project {
            host: host.to_owned(),
            name: name.to_owned(),
            pages: Some("https://pages.example/git".into()),
            ..ends().0
        };
        let team = source("s.example:8443", "team/app");
        assert!(tells("See https://S.example:8443/x", &team));
        assert!(tells("See http://Pages.example/x", &team));
        assert!(tells("As in Team/App#3.", &team));
        assert!(!tells("As in app#3 of the team at example.", &team));
        // A directory has the name of its tracker only.
        assert!(!tells("Our plans.", &source("plans", "plans")));
    }

    #[test]
    fn p10_another_secret_is_another_envelope() {
        let envelope = Digest::of(["x"]);
        let full = Policy::default();
        assert_eq!(digest(envelope, &full), envelope);
        let other = Policy {
            seal: Some(Seal::new("another secret of some length")),
            ..policy()
        };
        assert_ne!(digest(envelope, &policy()), envelope);
        assert_ne!(digest(envelope, &policy()), digest(envelope, &other));
    }
}
