//! Issues and their fields, milestones and locks.

use super::{new_issue, read, same};
use issue_mirror::forge::{ErrorKind, Forge};
use issue_mirror::model::{
    Epic, Field, IssueNumber, IssueType, Milestone, MilestoneChange, Patch, Person, State,
    StateChange,
};

pub(super) async fn issues(forge: &dyn Forge) {
    assert_eq!(
        forge.begin().await.unwrap().newest,
        None,
        "the project is empty"
    );
    let first = forge
        .create_issue(new_issue("First"), &|| true)
        .await
        .unwrap();
    let second = forge
        .create_issue(new_issue("Second"), &|| true)
        .await
        .unwrap();
    assert!(second.id > first.id && second.number > first.number);
    assert_eq!(forge.begin().await.unwrap().newest, Some(second.id));
    assert!(first.ours, "our account wrote it");
    same(&read(forge, first.number).await, first.clone());
    let mut ours = Vec::new();
    let before = forge.now() - jiff::SignedDuration::from_hours(1);
    let mut each = |issue| ours.push(issue);
    forge.written_since(before, &mut each).await.unwrap();
    assert!(ours.iter().any(|issue| issue.id == second.id));
    // In the order asked for, each with its own result.
    let asked = vec![second.number, IssueNumber(999), first.number];
    let threads = forge.read(asked).await.unwrap();
    assert_eq!(threads[0].as_ref().unwrap().issue.id, second.id);
    assert_eq!(threads[1].as_ref().unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(threads[2].as_ref().unwrap().issue.id, first.id);
    for text in [
        "---\na: b\n---",
        "a\n\n[issue-mirror]: # (x)\n\n- y",
        "é\u{1F600}\n\n```\nopen",
    ] {
        let patch = Patch {
            description: Some(text.into()),
            ..Patch::default()
        };
        let answer = forge
            .update_issue(first.number, patch, &|| true)
            .await
            .unwrap();
        assert_eq!(answer.text, text);
        assert_eq!(read(forge, first.number).await.text, text);
    }
}

pub(super) async fn fields(forge: &dyn Forge) {
    let issue = forge
        .create_issue(new_issue("Fields"), &|| true)
        .await
        .unwrap();
    let number = issue.number;
    let capabilities = forge.capabilities();
    let change = async |patch: Patch| {
        let answer = forge.update_issue(number, patch, &|| true).await.unwrap();
        same(&read(forge, number).await, answer.clone());
        answer
    };
    let set = Patch {
        title: Some("New title".into()),
        ..Patch::default()
    };
    assert_eq!(change(set).await.title, "New title");
    for (state, by) in [(State::Closed, Some("bob")), (State::Open, None)] {
        let set = Patch {
            state: Some(StateChange {
                state,
                closed_at: None,
                closed_by: by.map(Person::account),
            }),
            ..Patch::default()
        };
        assert_eq!(change(set).await.state, state);
    }
    if capabilities.can_hold(Field::Weight) {
        for weight in [Some(3), None] {
            let set = Patch {
                weight: Some(weight),
                ..Patch::default()
            };
            assert_eq!(change(set).await.weight, weight);
        }
    }
    if capabilities.can_hold(Field::DueDate) {
        for date in [Some(jiff::civil::date(2026, 3, 1)), None] {
            let set = Patch {
                due_date: Some(date),
                ..Patch::default()
            };
            assert_eq!(change(set).await.due_date, date);
        }
    }
    if capabilities.can_hold(Field::TimeEstimate) {
        for seconds in [5400, 0] {
            let set = Patch {
                time_estimate: Some(seconds),
                ..Patch::default()
            };
            assert_eq!(change(set).await.time_estimate, seconds);
        }
    }
    if capabilities.can_hold(Field::TimeSpent) {
        for (add, total) in [(3600, 3600), (61, 3661), (-3661, 0)] {
            let set = Patch {
                add_time_spent: Some(add),
                ..Patch::default()
            };
            assert_eq!(change(set).await.time_spent, total);
        }
    }
    if capabilities.can_hold(Field::Type) {
        let kinds = IssueType::WORDS.iter().map(|(_, kind)| *kind);
        for kind in kinds.chain([IssueType::Issue]) {
            let set = Patch {
                issue_type: Some(kind),
                ..Patch::default()
            };
            assert_eq!(change(set).await.issue_type, kind);
        }
    }
    if capabilities.confidential {
        for on in [true, false] {
            let set = Patch {
                confidential: Some(on),
                ..Patch::default()
            };
            assert_eq!(change(set).await.confidential, on);
        }
    }
    planned_and_locked(forge, number).await;
    let last = change(Patch::default()).await;
    assert_eq!(last.title, "New title", "an empty patch changes nothing");
}

/// Where milestones are told apart, one is made once and changed value by value.
pub(super) async fn milestones(forge: &dyn Forge) {
    let find = async |title: &str| {
        let mut all = forge.milestones().await.unwrap().unwrap().into_iter();
        all.find(|one| one.milestone.title == title)
    };
    if forge.milestones().await.unwrap().is_none() {
        return;
    }
    let new = Milestone {
        title: "v1".to_owned(),
        start_date: Some(jiff::civil::date(2026, 1, 1)),
        due_date: Some(jiff::civil::date(2026, 2, 1)),
        closed: true,
        description: "What it is *about*.".to_owned(),
    };
    assert!(forge.create_milestone(new.clone()).await.unwrap());
    assert!(!forge.create_milestone(new.clone()).await.unwrap());
    let made = find("v1").await.unwrap();
    assert_eq!(made.milestone, new);
    // Known again where nothing else is remembered.
    assert_eq!(forge.made_milestones().await.unwrap(), [made.id]);
    let change = MilestoneChange {
        title: Some("v2".to_owned()),
        due_date: Some(None),
        closed: Some(false),
        start_date: None,
        description: Some("Another.".to_owned()),
    };
    forge
        .update_milestone("v1".to_owned(), change)
        .await
        .unwrap();
    let expected = Milestone {
        title: "v2".to_owned(),
        due_date: None,
        closed: false,
        description: "Another.".to_owned(),
        ..new
    };
    let after = find("v2").await.unwrap();
    assert_eq!((after.id, after.milestone), (made.id, expected));
    let nothing = MilestoneChange::default();
    let gone = forge.update_milestone("v1".to_owned(), nothing).await;
    assert_eq!(gone.unwrap_err().kind, ErrorKind::NotFound);
}

async fn planned_and_locked(forge: &dyn Forge, number: IssueNumber) {
    let capabilities = forge.capabilities();
    let change = async |patch: Patch| {
        let answer = forge.update_issue(number, patch, &|| true).await.unwrap();
        same(&read(forge, number).await, answer.clone());
        answer
    };
    if capabilities.can_hold(Field::Iteration) {
        for title in [Some("Sprint 3".to_owned()), None] {
            let set = Patch {
                iteration: Some(title.clone()),
                ..Patch::default()
            };
            assert_eq!(change(set).await.iteration, title);
        }
    }
    if capabilities.can_hold(Field::Epic) {
        let epic = |title: Option<&str>| Epic {
            number: 3,
            title: title.map(str::to_owned),
        };
        for epic in [Some(epic(Some("Big: \"it\""))), Some(epic(None)), None] {
            let set = Patch {
                epic: Some(epic.clone()),
                ..Patch::default()
            };
            assert_eq!(change(set).await.epic, epic);
        }
    }
    if capabilities.can_hold(Field::Locked) {
        let state = |state| StateChange {
            state,
            closed_at: None,
            closed_by: None,
        };
        let set = Patch {
            locked: Some(true),
            state: Some(state(State::Closed)),
            ..Patch::default()
        };
        assert!(change(set).await.locked);
        // Opened again it is locked still, until it is unlocked.
        let set = Patch {
            state: Some(state(State::Open)),
            ..Patch::default()
        };
        let answer = change(set).await;
        assert!(answer.state == State::Open && answer.locked);
        let set = Patch {
            locked: Some(false),
            ..Patch::default()
        };
        assert!(!change(set).await.locked);
    }
}
