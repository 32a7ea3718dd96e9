//! What every forge must do, whatever it is. A new forge is done when this passes.

mod around;
mod comments;
mod issues;

use forge_sim::{Role, Sim, World};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use issue_mirror::forge::Forge;
use issue_mirror::forge::directory::{Access, Directory};
use issue_mirror::forge::gitlab::{self, Gitlab};
use issue_mirror::forge::http::{Client, Token};
use issue_mirror::model::{
    Field, Inspection, Issue, IssueNumber, Label, NewComment, NewIssue, Patch, Person, Side,
    Version,
};
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
                aliases: Vec::new(),
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
    issues::issues(forge).await;
    issues::fields(forge).await;
    comments::comments(forge).await;
    around::labels(forge).await;
    issues::milestones(forge).await;
    around::listing(fixture, forge).await;
    around::attachments(forge).await;
    around::missing(forge).await;
    around::identity(fixture).await;
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
