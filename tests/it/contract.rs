//! What every forge must do, whatever it is. A new forge is done when this passes.

use forge_sim::{Role, Sim, World};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use issue_mirror::forge::directory::{Access, Directory};
use issue_mirror::forge::gitlab::{self, Gitlab};
use issue_mirror::forge::http::{Client, Token};
use issue_mirror::forge::{Download, ErrorKind, Forge, LocalFile, Upload};
use issue_mirror::model::{
    CommentId, CommentPatch, Digest, Epic, Field, Inspection, Issue, IssueNumber, IssueType, Label,
    Milestone, MilestoneChange, NewComment, NewIssue, Patch, Person, Side, State, StateChange,
    Version,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A new, empty project on some forge.
trait Fixture {
    fn forge(&self) -> BoxFuture<'_, Box<dyn Forge>>;

    /// Time passes, so that nothing is a moment old.
    fn rest(&self) {}
}

struct OnDisk(tempfile::TempDir);

impl Fixture for OnDisk {
    fn forge(&self) -> BoxFuture<'_, Box<dyn Forge>> {
        let root = self.0.path().join("tracker");
        let forge = Directory::open(root, "tracker", Access::Write).unwrap();
        async move { Box::new(forge) as Box<dyn Forge> }.boxed()
    }
}

/// A project on a GitLab that has every feature.
struct OnGitlab(Sim);

impl OnGitlab {
    fn new() -> Self {
        let mut world = World::default();
        world.premium = true;
        world.ultimate = true;
        let bot = world.add_user("bot");
        world.add_token("token", bot);
        let project = world.add_project("group/project");
        world.set_role(project, bot, Role::Owner);
        Self(Sim::start(world))
    }
}

impl Fixture for OnGitlab {
    fn forge(&self) -> BoxFuture<'_, Box<dyn Forge>> {
        let url = self.0.url().parse().unwrap();
        let timeout = std::time::Duration::from_secs(10);
        let settings = gitlab::settings(
            url,
            Token::new("token"),
            None,
            timeout,
            None,
            Arc::default(),
        );
        let client = Client::new(settings);
        async move {
            let server = gitlab::Server {
                client: Arc::new(client.unwrap()),
                first_address: None,
                trusted: Vec::new(),
            };
            let forge = Gitlab::open(&server, "group/project", None).await;
            Box::new(forge.unwrap()) as Box<dyn Forge>
        }
        .boxed()
    }

    fn rest(&self) {
        self.0.advance(200);
    }
}

fn new_issue(title: &str) -> NewIssue {
    NewIssue {
        title: title.into(),
        description: "Text.".into(),
        labels: Vec::new(),
        author: Person::account("alice"),
        created_at: None,
        number: None,
        fields: Patch::default(),
    }
}

fn new_comment(body: &str) -> NewComment {
    NewComment {
        body: body.into(),
        internal: false,
        reply_to: Vec::new(),
        author: Person::account("alice"),
        created_at: None,
    }
}

async fn read(forge: &dyn Forge, number: IssueNumber) -> Issue {
    let mut threads = forge.read(vec![number]).await.unwrap();
    threads.remove(0).unwrap().issue
}

async fn version(fixture: &dyn Fixture, forge: &dyn Forge, number: IssueNumber) -> Version {
    fixture.rest();
    let listing = forge.changed(None).await.unwrap();
    let listed = listing.issues.iter().find(|issue| issue.number == number);
    listed.unwrap().version
}

/// The answer is what is there; what changed a moment ago has no two equal versions.
#[track_caller]
fn same(there: &Issue, mut answer: Issue) {
    answer.version = there.version;
    assert_eq!(*there, answer, "the answer is what is there");
}

/// The whole contract, on one project.
async fn contract(fixture: &dyn Fixture) {
    let forge = fixture.forge().await;
    let forge = forge.as_ref();
    capabilities(forge);
    inspection(forge).await;
    issues(forge).await;
    fields(forge).await;
    comments(forge).await;
    labels(forge).await;
    milestones(forge).await;
    listing(fixture, forge).await;
    attachments(forge).await;
    missing(forge).await;
    identity(fixture).await;
}

fn capabilities(forge: &dyn Forge) {
    let capabilities = forge.capabilities();
    for field in capabilities.on_create {
        assert!(capabilities.can_hold(*field), "{field} on create");
    }
    for field in [Field::Title, Field::Text, Field::Envelope, Field::Rewriting] {
        assert!(capabilities.creates_with(field), "{field}");
    }
    assert!(capabilities.concurrency > 0);
}

/// Looking around changes nothing; here everything is as it should be.
async fn inspection(forge: &dyn Forge) {
    for side in [Side::Source, Side::Target] {
        match forge.inspect(side).await.unwrap() {
            Inspection::Files(files) => assert!(files.exists && files.writable),
            Inspection::Project(project) => {
                assert!(project.has_issues && !project.archived);
                let rights = project.rights;
                assert!(rights.sees_confidential.granted && rights.sets_fields.granted);
                assert!(rights.edits_others.granted && rights.sets_times.granted);
                let mailed = (side == Side::Target).then_some(0);
                assert_eq!(project.mailed, mailed, "nobody else is a member");
            }
        }
    }
    assert_eq!(forge.token_ends().await.unwrap(), None);
    assert_eq!(forge.begin().await.unwrap().newest, None);
}

async fn issues(forge: &dyn Forge) {
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

async fn fields(forge: &dyn Forge) {
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
async fn milestones(forge: &dyn Forge) {
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
    };
    assert!(forge.create_milestone(new.clone()).await.unwrap());
    assert!(!forge.create_milestone(new.clone()).await.unwrap());
    let made = find("v1").await.unwrap();
    assert_eq!(made.milestone, new);
    let change = MilestoneChange {
        title: Some("v2".to_owned()),
        due_date: Some(None),
        closed: Some(false),
        start_date: None,
    };
    forge
        .update_milestone("v1".to_owned(), change)
        .await
        .unwrap();
    let expected = Milestone {
        title: "v2".to_owned(),
        due_date: None,
        closed: false,
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

async fn comments(forge: &dyn Forge) {
    let issue = forge
        .create_issue(new_issue("Comments"), &|| true)
        .await
        .unwrap();
    let mut ids = Vec::new();
    for body in ["One", "Two", "Three"] {
        let comment = forge
            .create_comment(issue.number, new_comment(body), &|| true)
            .await
            .unwrap();
        assert_eq!(comment.text, body);
        assert!(comment.ours);
        ids.push(comment.id);
    }
    assert!(ids.is_sorted());
    let patch = CommentPatch {
        author: None,
        body: "Two, edited".into(),
    };
    let answer = forge
        .update_comment(issue.number, ids[1], patch)
        .await
        .unwrap();
    assert_eq!(answer.text, "Two, edited");
    forge.delete_comment(issue.number, ids[0]).await.unwrap();
    let threads = forge.read(vec![issue.number]).await.unwrap();
    let texts: Vec<&str> = threads[0]
        .as_ref()
        .unwrap()
        .comments
        .iter()
        .map(|comment| comment.text.as_str())
        .collect();
    assert_eq!(texts, ["Two, edited", "Three"]);
    // An id is never given twice.
    forge.delete_comment(issue.number, ids[2]).await.unwrap();
    let next = forge
        .create_comment(issue.number, new_comment("Four"), &|| true)
        .await
        .unwrap();
    assert!(next.id > ids[2]);
    if forge.capabilities().internal_notes {
        let internal = NewComment {
            internal: true,
            ..new_comment("Internal")
        };
        assert!(
            forge
                .create_comment(issue.number, internal, &|| true)
                .await
                .unwrap()
                .internal
        );
    }
    stay_in_threads(forge, issue.number, next.id, ids[2]).await;
}

/// Comments of a thread name its first one, and one whose thread is gone stands by itself.
async fn stay_in_threads(forge: &dyn Forge, issue: IssueNumber, first: CommentId, gone: CommentId) {
    let mut answers = Vec::new();
    for (body, reply_to) in [
        ("An answer", vec![gone, first]),
        ("Another", vec![first]),
        ("To nobody", vec![gone]),
    ] {
        let new = NewComment {
            reply_to,
            ..new_comment(body)
        };
        let made = forge.create_comment(issue, new, &|| true).await.unwrap();
        answers.push(made.id);
    }
    let answered = || async {
        let thread = forge.read(vec![issue]).await.unwrap().remove(0).unwrap();
        let comments = thread.comments.into_iter();
        let found = comments.map(|comment| (comment.id, comment.reply_to));
        found.collect::<BTreeMap<_, _>>()
    };
    let all = answered().await;
    assert_eq!(all[&first], None);
    let said: Vec<_> = answers.iter().map(|id| all[id]).collect();
    assert_eq!(said, [Some(first), Some(first), None]);
    // Without its first comment it is a thread still.
    forge.delete_comment(issue, first).await.unwrap();
    let left = answered().await;
    let said: Vec<_> = answers.iter().map(|id| left[id]).collect();
    assert_eq!(said, [None, Some(answers[0]), None]);
}

async fn labels(forge: &dyn Forge) {
    let label = |name: &str, color: &str| Label {
        name: name.into(),
        color: Some(color.into()),
        description: "What it means".into(),
        archived: false,
    };
    forge.create_label(label("a::b", "#ff0000")).await.unwrap();
    forge.create_label(label("c d", "#00ff00")).await.unwrap();
    // One that is there already is no error and stays.
    forge.create_label(label("c d", "#0000ff")).await.unwrap();
    let known = forge.labels().await.unwrap();
    assert!(known.contains(&label("a::b", "#ff0000")) && known.contains(&label("c d", "#00ff00")));
    forge.update_label(label("c d", "#0000ff")).await.unwrap();
    assert!(
        forge
            .labels()
            .await
            .unwrap()
            .contains(&label("c d", "#0000ff"))
    );
    let issue = NewIssue {
        labels: vec!["a::b".into()],
        ..new_issue("Labels")
    };
    let issue = forge.create_issue(issue, &|| true).await.unwrap();
    assert_eq!(issue.labels, ["a::b".to_owned()].into());
    let patch = Patch {
        add_labels: vec!["c d".into()],
        remove_labels: vec!["a::b".into(), "never there".into()],
        ..Patch::default()
    };
    let issue = forge
        .update_issue(issue.number, patch, &|| true)
        .await
        .unwrap();
    assert_eq!(issue.labels, ["c d".to_owned()].into());
}

async fn listing(fixture: &dyn Fixture, forge: &dyn Forge) {
    let issue = forge
        .create_issue(new_issue("Listed"), &|| true)
        .await
        .unwrap();
    let comment = forge
        .create_comment(issue.number, new_comment("C"), &|| true)
        .await
        .unwrap();
    let listing = forge.changed(None).await.unwrap();
    let mut numbers: Vec<IssueNumber> = listing.issues.iter().map(|issue| issue.number).collect();
    numbers.sort();
    let count = numbers.len();
    numbers.dedup();
    assert_eq!(numbers.len(), count, "each issue once");
    assert!(listing.complete, "everything since the beginning");
    // The version changes with everything of the issue, and with nothing else.
    let mut last = version(fixture, forge, issue.number).await;
    assert_eq!(last, version(fixture, forge, issue.number).await);
    let mut differs = async |what: &str| {
        let now = version(fixture, forge, issue.number).await;
        assert_ne!(now, last, "{what}");
        last = now;
    };
    let patch = Patch {
        title: Some("Listed again".into()),
        ..Patch::default()
    };
    forge
        .update_issue(issue.number, patch, &|| true)
        .await
        .unwrap();
    differs("title").await;
    let patch = CommentPatch {
        author: None,
        body: "D".into(),
    };
    forge
        .update_comment(issue.number, comment.id, patch)
        .await
        .unwrap();
    differs("an edited comment").await;
    forge
        .create_comment(issue.number, new_comment("E"), &|| true)
        .await
        .unwrap();
    differs("a new comment").await;
    forge
        .delete_comment(issue.number, comment.id)
        .await
        .unwrap();
    differs("a deleted comment").await;
}

async fn attachments(forge: &dyn Forge) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("local");
    std::fs::write(&path, b"content").unwrap();
    let upload = |name: &str| Upload {
        path: LocalFile::kept(path.clone()),
        name: name.into(),
        digest: Digest::of(["content"]),
        private: false,
    };
    let issue = forge
        .create_issue(new_issue("Files"), &|| true)
        .await
        .unwrap();
    for name in ["a.txt", "with blanks é.txt", "../../x", &"n".repeat(300)] {
        let link = forge.upload(upload(name)).await.unwrap();
        let found = forge.attachments(issue.number, vec![link.clone()]).await;
        let found = found.unwrap()[0].clone().unwrap();
        assert!(found.stamp.is_some(), "{link}");
        assert!(
            !link.contains([' ', '(', ')', '<', '>']),
            "a link in any Markdown: {link}"
        );
        match forge.download(issue.number, link, 7).await.unwrap() {
            Download::File { path, .. } => {
                assert_eq!(std::fs::read(&*path).unwrap(), b"content");
            }
            Download::TooLarge { size } => panic!("{size} is too large"),
        }
    }
    let link = forge.upload(upload("a.txt")).await.unwrap();
    let answer = forge.download(issue.number, link, 6).await.unwrap();
    assert!(
        matches!(answer, Download::TooLarge { size: 7 }),
        "{answer:?}"
    );
    for link in [
        "https://example.org/a.txt",
        "#top",
        "mailto:a@example.org",
        "",
    ] {
        let found = forge.attachments(issue.number, vec![link.to_owned()]).await;
        assert_eq!(found.unwrap(), [None], "{link}");
    }
}

async fn missing(forge: &dyn Forge) {
    let nowhere = IssueNumber(9999);
    let patch = || Patch {
        title: Some("T".into()),
        ..Patch::default()
    };
    let kind = |result: Result<(), issue_mirror::forge::ForgeError>| result.unwrap_err().kind;
    let updated = forge
        .update_issue(nowhere, patch(), &|| true)
        .await
        .map(drop);
    assert_eq!(kind(updated), ErrorKind::NotFound);
    let created = forge
        .create_comment(nowhere, new_comment("C"), &|| true)
        .await
        .map(drop);
    assert_eq!(kind(created), ErrorKind::NotFound);
    let issue = forge
        .create_issue(new_issue("Here"), &|| true)
        .await
        .unwrap();
    let deleted = forge.delete_comment(issue.number, CommentId(9999)).await;
    assert_eq!(kind(deleted), ErrorKind::NotFound);
    let body = CommentPatch {
        author: None,
        body: "C".into(),
    };
    let updated = forge
        .update_comment(issue.number, CommentId(9999), body)
        .await;
    assert_eq!(kind(updated.map(drop)), ErrorKind::NotFound);
}

async fn identity(fixture: &dyn Fixture) {
    let (one, two) = (fixture.forge().await, fixture.forge().await);
    fixture.rest();
    assert_eq!(
        one.project().key,
        two.project().key,
        "the same project, opened again"
    );
    let before = one.requests();
    one.changed(None).await.unwrap();
    assert_eq!(one.requests(), before + 1, "one request is counted as one");
    // Two programs at once never give one number twice.
    let mut numbers = Vec::new();
    for _ in 0..5 {
        for forge in [&one, &two] {
            numbers.push(
                forge
                    .create_issue(new_issue("Race"), &|| true)
                    .await
                    .unwrap()
                    .number,
            );
        }
    }
    assert!(numbers.is_sorted());
    numbers.dedup();
    assert_eq!(numbers.len(), 10);
}

fn run(fixture: &dyn Fixture) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(contract(fixture));
}

#[test]
fn the_directory_keeps_the_contract() {
    run(&OnDisk(tempfile::tempdir().unwrap()));
}

#[test]
fn gitlab_keeps_the_contract() {
    run(&OnGitlab::new());
}

#[test]
fn equal_content_has_equal_bytes() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let write = |folder: &Path, order: [&str; 2]| {
        let forge = Directory::open(folder.join("t"), "t", Access::Write).unwrap();
        runtime.block_on(async {
            for name in order {
                let label = Label {
                    name: name.into(),
                    color: None,
                    description: String::new(),
                    archived: false,
                };
                forge.create_label(label).await.unwrap();
            }
            let new = NewIssue {
                labels: order.map(String::from).into(),
                ..new_issue("T")
            };
            forge.create_issue(new, &|| true).await.unwrap();
        });
        let file = |name: &str| std::fs::read(folder.join("t").join(name)).unwrap();
        [
            file("issues/1/issue.md"),
            file("labels.yaml"),
            file("counters.yaml"),
        ]
    };
    assert_eq!(
        write(folders[0].path(), ["a", "b"]),
        write(folders[1].path(), ["b", "a"])
    );
}
