//! What the tests of the plan begin with.

use super::draft::Setting;
use super::footer::Ends;
use super::policy::Policy;
use crate::model::{
    Acts, Capabilities, Digest, Epic, Field, Fields, Issue, IssueId, IssueNumber, IssueType,
    LabelTitles, Lengths, Person, Project, ProjectKey, State, Types, Version,
};
use std::sync::LazyLock;

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
        files_by_link: false,
        one_of_a_scope: false,
        on_create: &Field::ALL,
        confidential: true,
        internal_notes: true,
        threads: true,
        front_matter: true,
        description_lists: true,
        acts: Acts::EVERYTHING,
        longest: Lengths::default(),
        concurrency: 4,
        settles_after_seconds: 120,
    }
}

/// The source and the target of a pair.
pub(crate) fn ends() -> (Project, Project) {
    let project = |key: &str, host: &str, name: &str| Project {
        key: ProjectKey(key.into()),
        host: host.into(),
        name: name.into(),
        pages: None,
    };
    (
        project("s.example:7", "s.example", "plans"),
        project("t.example:8", "t.example", "mirror"),
    )
}

/// A pair of two projects that carries this to this.
pub(crate) fn setting<'a>(policy: &'a Policy, target: &'a Capabilities) -> Setting<'a> {
    static ENDS: LazyLock<(Project, Project)> = LazyLock::new(ends);
    Setting {
        policy,
        target,
        ends: Ends {
            source: &ENDS.0,
            target: &ENDS.1,
        },
    }
}
