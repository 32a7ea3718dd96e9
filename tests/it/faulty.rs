//! A forge around a forge: it can die, lose answers or refuse at any request, and claim to act on
//! texts. Passes over it run through the library, because a process cannot be stopped between two
//! writes from the outside.

use crate::env::Env;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Either, select};
use issue_mirror::forge::directory::{Access, Directory};
use issue_mirror::forge::{
    Answer, Capabilities, Download, Each, ErrorKind, Forge, ForgeError, Sending, Upload,
};
use issue_mirror::model::{
    Attachment, Beginning, Comment, CommentId, CommentPatch, Cursor, Inspection, Issue, IssueId,
    IssueNumber, Label, Listed, Listing, NewComment, NewIssue, Numbered, Patch, Project, Relation,
    Relations, Side, Spelling, Thread, Timestamp,
};
use issue_mirror::plan::policy::Policy;
use issue_mirror::store::Store;
use issue_mirror::sync::{self, Options, PairReport, Pass, Stop};
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// What happens at one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The process dies before the request arrives.
    DieBefore,
    /// The process dies after the request was carried out.
    DieAfter,
    /// The request is carried out and the answer is lost.
    LoseAnswer,
    /// The request is refused for now.
    Refuse,
    /// The request is refused for good.
    Reject,
    /// What the request is about is not there.
    Vanish,
}

/// A directory that misbehaves at the `at`th write, counted from 1.
pub(crate) struct Faulty {
    inner: Directory,
    capabilities: Capabilities,
    fault: Option<(u64, Fault)>,
    writes: AtomicU64,
    pub(crate) died: Notify,
    /// It lists only what changed since the cursor, as servers do.
    incremental: bool,
    /// It drops the weight and a label `bug` without a word, as servers do for a low role.
    forgetful: bool,
    /// It cannot be reached, but says of every issue that it is not there.
    sick: bool,
    /// It cannot say what is ours.
    pub(crate) blind: bool,
    /// It refuses to delete comments, in this way.
    pub(crate) no_delete: Option<ErrorKind>,
    /// It refuses to change labels.
    pub(crate) no_label_update: bool,
    /// Since when it was asked what is ours.
    pub(crate) asked: Mutex<Vec<Timestamp>>,
}

impl Faulty {
    /// The target.
    pub(crate) fn new(env: &Env, fault: Option<(u64, Fault)>) -> Self {
        Self::around(
            Directory::open(env.path("target"), "target", Access::Write).unwrap(),
            fault,
        )
    }

    /// The source.
    pub(crate) fn source(env: &Env, incremental: bool) -> Self {
        let inner = Directory::open(env.path("source"), "source", Access::Read).unwrap();
        Self {
            incremental,
            ..Self::around(inner, None)
        }
    }

    /// It keeps less than it is given.
    pub(crate) fn forgetful(mut self) -> Self {
        self.forgetful = true;
        self
    }

    /// It is not well.
    pub(crate) fn sick(mut self) -> Self {
        self.sick = true;
        self
    }

    fn around(inner: Directory, fault: Option<(u64, Fault)>) -> Self {
        Self {
            capabilities: inner.capabilities().clone(),
            inner,
            fault,
            writes: AtomicU64::new(0),
            died: Notify::new(),
            incremental: false,
            forgetful: false,
            sick: false,
            blind: false,
            no_delete: None,
            no_label_update: false,
            asked: Mutex::default(),
        }
    }

    /// With other capabilities than it has.
    pub(crate) fn claiming(mut self, change: impl FnOnce(&mut Capabilities)) -> Self {
        change(&mut self.capabilities);
        self
    }

    /// How many writes there were.
    pub(crate) fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }

    fn write<'a, T: Send + 'a>(
        &'a self,
        request: BoxFuture<'a, Result<T, ForgeError>>,
    ) -> Answer<'a, T> {
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        let fault = self
            .fault
            .filter(|(at, _)| *at == number)
            .map(|(_, fault)| fault);
        let failed = |kind| ForgeError::new(kind, "a write", "so it was arranged");
        async move {
            match fault {
                None => request.await,
                Some(Fault::DieBefore) => {
                    self.died.notify_one();
                    std::future::pending().await
                }
                Some(Fault::DieAfter) => {
                    request.await?;
                    self.died.notify_one();
                    std::future::pending().await
                }
                Some(Fault::LoseAnswer) => {
                    request.await?;
                    Err(failed(ErrorKind::Unavailable).of_unknown_fate())
                }
                Some(Fault::Refuse) => Err(failed(ErrorKind::Unavailable)),
                Some(Fault::Reject) => Err(failed(ErrorKind::Rejected)),
                Some(Fault::Vanish) => Err(failed(ErrorKind::NotFound)),
            }
        }
        .boxed()
    }
}

impl Forge for Faulty {
    fn project(&self) -> &Project {
        self.inner.project()
    }
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }
    fn requests(&self) -> u64 {
        self.inner.requests()
    }
    fn now(&self) -> Timestamp {
        self.inner.now()
    }
    fn ready(&self) -> Answer<'_, ()> {
        self.inner.ready()
    }

    fn inspect(&self, side: Side) -> Answer<'_, Inspection> {
        self.inner.inspect(side)
    }
    fn changed(&self, since: Option<Cursor>) -> Answer<'_, Listing> {
        if !self.incremental {
            return self.inner.changed(since);
        }
        let word = |issue: &Listed| format!("{} {}", issue.number, issue.version.0.hex());
        async move {
            let mut listing = self.inner.changed(None).await?;
            let all: Vec<String> = listing.issues.iter().map(word).collect();
            if let Some(Cursor(before)) = since {
                let before: Vec<&str> = before.split(',').collect();
                listing
                    .issues
                    .retain(|issue| !before.contains(&word(issue).as_str()));
                listing.complete = false;
            }
            listing.cursor = Some(Cursor(all.join(",")));
            Ok(listing)
        }
        .boxed()
    }
    fn begin(&self) -> Answer<'_, Beginning> {
        self.inner.begin()
    }
    fn newest(&self) -> Answer<'_, Option<IssueId>> {
        if self.sick {
            let down = ForgeError::new(ErrorKind::Unavailable, "reading the project", "down");
            return async move { Err(down) }.boxed();
        }
        self.inner.newest()
    }
    fn read(&self, numbers: Vec<IssueNumber>) -> Answer<'_, Vec<Result<Thread, ForgeError>>> {
        if self.sick {
            let gone = ForgeError::new(ErrorKind::NotFound, "reading an issue", "it is not there");
            return async move { Ok(vec![Err(gone); numbers.len()]) }.boxed();
        }
        self.inner.read(numbers)
    }
    fn written_since<'a>(&'a self, since: Timestamp, each: Each<'a>) -> Answer<'a, ()> {
        self.asked.lock().unwrap().push(since);
        if self.blind {
            let down = ForgeError::new(ErrorKind::Unavailable, "listing what is ours", "down");
            return async move { Err(down) }.boxed();
        }
        self.inner.written_since(since, each)
    }
    fn create_issue<'a>(&'a self, mut new: NewIssue, sending: Sending<'a>) -> Answer<'a, Issue> {
        if self.forgetful {
            new.labels.retain(|label| label != "bug");
            new.fields.weight = None;
        }
        self.write(async move { self.inner.create_issue(new, sending).await }.boxed())
    }
    fn delete_issue(&self, number: IssueNumber) -> Answer<'_, ()> {
        self.write(async move { self.inner.delete_issue(number).await }.boxed())
    }
    fn update_issue<'a>(
        &'a self,
        number: IssueNumber,
        mut patch: Patch,
        sending: Sending<'a>,
    ) -> Answer<'a, Issue> {
        if self.forgetful {
            patch.add_labels.retain(|label| label != "bug");
            patch.weight = None;
        }
        self.write(async move { self.inner.update_issue(number, patch, sending).await }.boxed())
    }
    fn create_comment<'a>(
        &'a self,
        number: IssueNumber,
        new: NewComment,
        sending: Sending<'a>,
    ) -> Answer<'a, Comment> {
        self.write(async move { self.inner.create_comment(number, new, sending).await }.boxed())
    }
    fn update_comment(
        &self,
        number: IssueNumber,
        comment: CommentId,
        patch: CommentPatch,
    ) -> Answer<'_, Comment> {
        self.write(async move { self.inner.update_comment(number, comment, patch).await }.boxed())
    }
    fn delete_comment(&self, number: IssueNumber, comment: CommentId) -> Answer<'_, ()> {
        if let Some(kind) = self.no_delete {
            let refused = ForgeError::new(kind, "deleting a comment", "no");
            return async move { Err(refused) }.boxed();
        }
        self.write(async move { self.inner.delete_comment(number, comment).await }.boxed())
    }
    fn relations(&self, number: IssueNumber) -> Answer<'_, Relations> {
        self.inner.relations(number)
    }
    fn add_relation(&self, number: IssueNumber, relation: Relation) -> Answer<'_, ()> {
        self.write(async move { self.inner.add_relation(number, relation).await }.boxed())
    }
    fn remove_relation(&self, number: IssueNumber, relation: Relation) -> Answer<'_, bool> {
        self.write(async move { self.inner.remove_relation(number, relation).await }.boxed())
    }
    fn labels(&self) -> Answer<'_, Vec<Label>> {
        self.inner.labels()
    }
    fn create_label(&self, label: Label) -> Answer<'_, ()> {
        self.write(async move { self.inner.create_label(label).await }.boxed())
    }
    fn update_label(&self, label: Label) -> Answer<'_, ()> {
        if self.no_label_update {
            let refused = ForgeError::new(ErrorKind::Denied, "changing a label", "no");
            return async move { Err(refused) }.boxed();
        }
        self.write(async move { self.inner.update_label(label).await }.boxed())
    }
    fn means(&self, host: Option<&str>, project: Option<&str>) -> Option<String> {
        self.inner.means(host, project)
    }
    fn page_of(&self, project: &str, group: Option<&str>, of: Numbered) -> Option<String> {
        self.inner.page_of(project, group, of)
    }
    fn linked_to(&self, link: &str) -> Option<(IssueNumber, Option<CommentId>)> {
        self.inner.linked_to(link)
    }
    fn spelling(
        &self,
        project: Option<&str>,
        number: IssueNumber,
        comment: Option<CommentId>,
    ) -> Spelling {
        self.inner.spelling(project, number, comment)
    }
    fn attachments(
        &self,
        number: IssueNumber,
        links: Vec<String>,
    ) -> Answer<'_, Vec<Option<Attachment>>> {
        self.inner.attachments(number, links)
    }
    fn download(
        &self,
        number: IssueNumber,
        destination: String,
        max_bytes: u64,
    ) -> Answer<'_, Download> {
        self.inner.download(number, destination, max_bytes)
    }
    fn upload(&self, file: Upload) -> Answer<'_, String> {
        self.write(async move { self.inner.upload(file).await }.boxed())
    }
}

/// Every issue that was seen is in exactly one count (P12).
fn adds_up(report: &PairReport) {
    let issues = report.tally.issues;
    let sum = issues.created
        + issues.updated
        + issues.unchanged
        + issues.skipped
        + issues.failed
        + issues.conflicts
        + issues.left;
    assert_eq!(issues.seen, sum, "{report:#?}");
}

/// Everything that is mirrored, so that a pass has much to do.
pub(crate) fn everything() -> Policy {
    Policy {
        existing_issues: true,
        closed_issues: true,
        ..Policy::default()
    }
}

/// One pass from `source` to this target. `None`: it died on the way; whatever the store had
/// written by then is what the next pass finds.
pub(crate) fn pass(env: &Env, target: &Faulty, policy: &Policy) -> Option<PairReport> {
    pass_from(env, &Faulty::source(env, false), target, policy)
}

/// The same with a source of one's own.
pub(crate) fn pass_from(
    env: &Env,
    source: &Faulty,
    target: &Faulty,
    policy: &Policy,
) -> Option<PairReport> {
    pass_with(env, source, target, policy, Options::default())
}

/// The same that reads everything.
pub(crate) fn full_pass(env: &Env, target: &Faulty, policy: &Policy) -> Option<PairReport> {
    let options = Options {
        full: true,
        ..Options::default()
    };
    pass_with(env, &Faulty::source(env, true), target, policy, options)
}

fn pass_with(
    env: &Env,
    source: &Faulty,
    target: &Faulty,
    policy: &Policy,
    options: Options,
) -> Option<PairReport> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let path = env.path("issue-mirror.db");
    // Another test that starts a process at this moment may hold the lock for a blink.
    let store = Store::open(&path, Duration::from_secs(5)).unwrap();
    let report = runtime.block_on(async {
        let clock = || "2026-06-01T00:00:00Z".parse().unwrap();
        let pass = Pass {
            name: "demo",
            policy,
            interval: None,
            full_every: jiff::SignedDuration::from_hours(100_000),
            max_creates: 1_000_000,
            source,
            target,
            store: &store,
            neighbours: &std::collections::BTreeSet::new(),
            options,
            clock: &clock,
            stop: &Stop::default(),
            listen: &|_| {},
        };
        let passed = pin!(sync::pass(&pass));
        let died = pin!(target.died.notified());
        match select(passed, died).await {
            Either::Left((passed, _)) => Some(passed.report),
            Either::Right(_) => None,
        }
    });
    if let Some(report) = &report {
        adds_up(report);
        store.close().unwrap();
    } else {
        // A process that is killed closes nothing: keep the files as they are at this moment.
        let files = ["", "-wal", "-shm"].map(|end| env.path(format!("issue-mirror.db{end}")));
        let kept: Vec<_> = files.iter().map(|file| std::fs::read(file).ok()).collect();
        drop(store);
        for (file, content) in files.iter().zip(kept) {
            match content {
                Some(content) if !file.to_string_lossy().ends_with("-shm") => {
                    std::fs::write(file, content).unwrap();
                }
                _ => drop(std::fs::remove_file(file)),
            }
        }
    }
    report
}
