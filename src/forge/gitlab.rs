//! GitLab by its REST API v4, from version 15 on. <https://docs.gitlab.com/api/rest/>
//!
//! What is surprising about it, and where it is dealt with:
//!
//! * `updated_at` is throttled for 60 s, so a comment may leave no trace in it: an issue that changed
//!   a moment ago has no two equal versions (`convert::version`), and listings overlap.
//! * Pages are numbered and issues move between them while they are read: a listing goes on from the
//!   time of the last issue that it saw (`pages_by_time`), or by keyset where that exists.
//! * Roles drop fields without a word: whoever writes compares the answer with what was sent.
//! * A new issue with an empty description gets the project's template: ours is never empty.
//! * 404 is also what somebody sees who may not see it.

mod abilities;
mod convert;
mod discussions;
mod files;
mod holds;
mod inspect;
mod kinds;
mod labels;
mod lengths;
mod links;
mod listing;
mod milestones;
mod people;
mod project;
mod read;
mod references;
mod relative;
mod versions;
mod wire;
mod write;

pub use crate::model::KnownProject as Known;
pub use holds::capabilities;
pub use inspect::inspect_server;
pub use project::{Server, settings};

use self::convert::Us;
use super::http::Client;
use super::{Answer, Capabilities, Download, Each, Forge, ForgeError, Meter, Sending, Upload};
use crate::model::{
    Attachment, Beginning, Comment, CommentId, CommentPatch, Cursor, Date, Inspection, Issue,
    IssueId, IssueNumber, KnownMilestone, Label, Listing, Milestone, MilestoneChange, NewComment,
    NewIssue, Numbered, Patch, Project, Relation, Relations, Side, Spelling, Standing, Thread,
    Timestamp,
};
use futures_util::FutureExt;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OnceCell};

/// Rows of a page; GitLab gives no more.
const PAGE: usize = 100;

/// A project on GitLab.
pub struct Gitlab {
    client: Arc<Client>,
    /// Path or number, as the configuration has it.
    path: String,
    id: u64,
    project: Project,
    /// Addresses that the server had before, without scheme.
    aliases: Vec<String>,
    capabilities: Capabilities,
    /// The same of a server that looks for commands anywhere.
    early: Capabilities,
    is_early: OnceCell<bool>,
    meter: Meter,
    us: OnceCell<Us>,
    trusted: Vec<String>,
    /// What the project was when it was last asked for.
    checked: OnceCell<wire::Project>,
    keyset: OnceCell<bool>,
    standing: OnceCell<Standing>,
    /// Numbers of labels by name, once they were listed.
    labels: Mutex<BTreeMap<String, u64>>,
    /// The discussions of comments on issues that something was answered on.
    threads: Mutex<discussions::Threads>,
    /// Why threads of comments could not be read, by the number of the issue.
    no_threads: Mutex<BTreeMap<u64, String>>,
    /// Numbers of milestones by title, those of groups too, once they were listed.
    milestones: Mutex<Option<BTreeMap<String, u64>>>,
    /// Numbers of members by name, once they were listed.
    members: Mutex<Option<BTreeMap<String, u64>>>,
    temporary: OnceCell<tempfile::TempDir>,
    /// Where the project is, if its path led elsewhere.
    moved_to: OnceCell<Option<String>>,
}

impl Forge for Gitlab {
    fn project(&self) -> &Project {
        &self.project
    }

    fn capabilities(&self) -> &Capabilities {
        if self.is_early.get() == Some(&true) {
            return &self.early;
        }
        &self.capabilities
    }

    fn learn_commands(&self) -> Answer<'_, ()> {
        async move {
            self.is_early
                .get_or_try_init(|| self.looks_anywhere())
                .await
                .map(drop)
        }
        .boxed()
    }

    fn requests(&self) -> u64 {
        self.meter.total()
    }

    fn waited(&self) -> Duration {
        self.meter.waited()
    }

    fn now(&self) -> Timestamp {
        self.client.now()
    }

    fn ready(&self) -> Answer<'_, ()> {
        async move { self.check().await.map(drop) }.boxed()
    }

    fn standing(&self) -> Answer<'_, Standing> {
        async move {
            self.standing
                .get_or_try_init(|| self.stands())
                .await
                .cloned()
        }
        .boxed()
    }

    fn inspect(&self, side: Side) -> Answer<'_, Inspection> {
        self.look_around(side).boxed()
    }

    fn token_ends(&self) -> Answer<'_, Option<Date>> {
        self.last_day().boxed()
    }

    fn changed(&self, since: Option<Cursor>) -> Answer<'_, Listing> {
        self.list(since).boxed()
    }

    fn begin(&self) -> Answer<'_, Beginning> {
        self.first_listing().boxed()
    }

    fn newest(&self) -> Answer<'_, Option<IssueId>> {
        self.newest_issue().boxed()
    }

    fn read(&self, numbers: Vec<IssueNumber>) -> Answer<'_, Vec<Result<Thread, ForgeError>>> {
        self.threads(numbers).boxed()
    }

    fn written_since<'a>(&'a self, since: Timestamp, each: Each<'a>) -> Answer<'a, ()> {
        self.each_since(since, each).boxed()
    }

    fn create_issue<'a>(&'a self, new: NewIssue, sending: Sending<'a>) -> Answer<'a, Issue> {
        self.make_issue(new, sending).boxed()
    }

    fn refuses_numbers(&self) -> Answer<'_, Option<String>> {
        self.numbers().boxed()
    }

    fn update_issue<'a>(
        &'a self,
        number: IssueNumber,
        patch: Patch,
        sending: Sending<'a>,
    ) -> Answer<'a, Issue> {
        self.change(number, patch, sending).boxed()
    }

    fn delete_issue(&self, number: IssueNumber) -> Answer<'_, ()> {
        self.drop_issue(number).boxed()
    }

    fn no_threads(&self) -> Answer<'_, Vec<(IssueNumber, String)>> {
        async move {
            let no_threads = self.no_threads.lock().await;
            let all = no_threads.iter();
            Ok(all
                .map(|(iid, why)| (IssueNumber(*iid), why.clone()))
                .collect())
        }
        .boxed()
    }

    fn create_comment<'a>(
        &'a self,
        number: IssueNumber,
        new: NewComment,
        sending: Sending<'a>,
    ) -> Answer<'a, Comment> {
        self.make_comment(number, new, sending).boxed()
    }

    fn update_comment(
        &self,
        number: IssueNumber,
        comment: CommentId,
        patch: CommentPatch,
    ) -> Answer<'_, Comment> {
        self.change_comment(number, comment, patch).boxed()
    }

    fn delete_comment(&self, number: IssueNumber, comment: CommentId) -> Answer<'_, ()> {
        self.drop_comment(number, comment).boxed()
    }

    fn relations(&self, number: IssueNumber) -> Answer<'_, Relations> {
        self.related(number).boxed()
    }

    fn add_relation(&self, number: IssueNumber, relation: Relation) -> Answer<'_, ()> {
        self.relate(number, relation).boxed()
    }

    fn remove_relation(&self, number: IssueNumber, relation: Relation) -> Answer<'_, bool> {
        self.unrelate(number, relation).boxed()
    }

    fn labels(&self) -> Answer<'_, Vec<Label>> {
        self.all_labels().boxed()
    }

    fn create_label(&self, label: Label) -> Answer<'_, ()> {
        self.make_label(label).boxed()
    }

    fn update_label(&self, label: Label) -> Answer<'_, ()> {
        self.change_label(label).boxed()
    }

    fn milestones(&self) -> Answer<'_, Option<Vec<KnownMilestone>>> {
        async move { self.all_milestones().await.map(Some) }.boxed()
    }

    fn create_milestone(&self, new: Milestone) -> Answer<'_, bool> {
        async move { self.new_milestone(&new).await }.boxed()
    }

    fn made_milestones(&self) -> Answer<'_, Vec<u64>> {
        self.milestones_of_ours().boxed()
    }

    fn update_milestone(&self, title: String, change: MilestoneChange) -> Answer<'_, ()> {
        async move { self.change_milestone(&title, &change).await }.boxed()
    }

    fn members(&self) -> Answer<'_, Option<Vec<String>>> {
        async move {
            let names = self.all_members().await?.into_keys().collect();
            Ok(Some(names))
        }
        .boxed()
    }

    fn account(&self) -> Answer<'_, Option<String>> {
        async move { self.own_name().await.map(Some) }.boxed()
    }

    fn email_of(&self, account: String) -> Answer<'_, Option<String>> {
        async move { self.email_of_account(&account).await }.boxed()
    }

    fn member_by_email(&self, email: String) -> Answer<'_, Option<String>> {
        async move { self.with_email(&email).await }.boxed()
    }

    fn means(&self, host: Option<&str>, project: Option<&str>) -> Option<String> {
        self.meant(host, project)
    }

    fn page_of(&self, project: &str, group: Option<&str>, of: Numbered) -> Option<String> {
        self.web_page(project, group, of)
    }

    fn spelling(
        &self,
        project: Option<&str>,
        number: IssueNumber,
        comment: Option<CommentId>,
    ) -> Spelling {
        self.spelled(project, number, comment)
    }

    fn attachments(
        &self,
        _number: IssueNumber,
        links: Vec<String>,
    ) -> Answer<'_, Vec<Option<Attachment>>> {
        let found = links.iter().map(|link| self.attachment_of(link)).collect();
        async move { Ok(found) }.boxed()
    }

    fn absolute(&self, number: IssueNumber, link: &str) -> Option<String> {
        relative::absolute(link, &self.pages(), &self.project.name, number.0)
    }

    fn download(
        &self,
        _number: IssueNumber,
        destination: String,
        max_bytes: u64,
    ) -> Answer<'_, Download> {
        async move { self.fetch(&destination, max_bytes).await }.boxed()
    }

    fn delete_upload(&self, destination: String) -> Answer<'_, ()> {
        async move { self.unstore(&destination).await }.boxed()
    }

    fn upload(&self, file: Upload) -> Answer<'_, String> {
        self.store(file).boxed()
    }
}
