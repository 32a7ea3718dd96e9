//! What every forge can do, whatever it is.
//!
//! A forge turns its own wire format into the model and back. It knows neither configuration, store
//! nor plan, and no other forge. It says by [`Capabilities`] what it can hold *before* anything is
//! planned, and by [`ForgeError`] what a caller can do about a failure.

pub mod directory;
mod error;
pub mod gitlab;
pub mod http;

pub use crate::model::{Acts, Capabilities, KnownMilestone, MilestoneChange, ServerState};
pub use error::{ErrorKind, Fate, ForgeError};

use crate::model::{
    Attachment, Beginning, Comment, CommentId, CommentPatch, Cursor, Date, Digest, Inspection,
    Issue, IssueId, IssueNumber, Label, Listing, Milestone, NewComment, NewIssue, Numbered, Patch,
    Project, Relation, Relations, Side, Spelling, Standing, Thread, Timestamp,
};
use futures_util::future::BoxFuture;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What a forge answers, later.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, ForgeError>>;

/// Is told each time that a write is about to leave, which may be long after it was asked for;
/// `false`: it must not leave.
pub type Sending<'a> = &'a (dyn Fn() -> bool + Send + Sync);

/// Is handed one issue after the other.
pub type Each<'a> = &'a mut (dyn FnMut(Issue) + Send);

/// One project on one forge, as source, target or both.
pub trait Forge: Send + Sync {
    /// The project's identity and names.
    fn project(&self) -> &Project;

    /// What can be held here and what text sets off.
    fn capabilities(&self) -> &Capabilities;

    /// How many requests were made so far; on files, how many reads of an issue, listings and
    /// writes.
    fn requests(&self) -> u64;

    /// How long limits and faults of the forge made us wait so far.
    fn waited(&self) -> Duration {
        Duration::ZERO
    }

    /// The forge's own clock, by which its answers are to be judged; right once it answered
    /// anything.
    fn now(&self) -> Timestamp;

    /// Makes sure, once, of what every write makes sure of by itself: that the project is there. After
    /// that the clock is right.
    fn ready(&self) -> Answer<'_, ()>;

    /// Makes sure that [`Self::capabilities`] say where commands are looked for: asked before a text is
    /// written for which that matters. At most one request, made once.
    fn learn_commands(&self) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    /// What decides which fields are kept here. At most two requests, made once.
    fn standing(&self) -> Answer<'_, Standing> {
        Box::pin(async { Ok(Standing::default()) })
    }

    /// What is found here as an end of a pair, without anything being changed.
    fn inspect(&self, side: Side) -> Answer<'_, Inspection>;

    /// The day from which on the token opens nothing any more; `None` if there is no token, it does
    /// not end, or the forge does not tell. At most one request, which is not repeated.
    fn token_ends(&self) -> Answer<'_, Option<Date>> {
        Box::pin(async { Ok(None) })
    }

    /// What changed since a cursor, or everything.
    ///
    /// # Errors
    ///
    /// Any failure here stops the pair: a listing that is not whole must not move the cursor.
    fn changed(&self, since: Option<Cursor>) -> Answer<'_, Listing>;

    /// Where a pair may begin that mirrors only what comes from now on.
    fn begin(&self) -> Answer<'_, Beginning>;

    /// An id that no issue exceeds: the newest one's, or the largest that there can be if one request
    /// does not tell. Also the way to find out whether the project is well.
    fn newest(&self) -> Answer<'_, Option<IssueId>>;

    /// Issues with their comments, in the order asked for, each with its own result. As few requests
    /// as the forge allows.
    fn read(&self, numbers: Vec<IssueNumber>) -> Answer<'_, Vec<Result<Thread, ForgeError>>>;

    /// Issues of which it could not be read which comments belong to one thread, and why: they were read
    /// as if each stood by itself. No request.
    fn no_threads(&self) -> Answer<'_, Vec<(IssueNumber, String)>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Hands over every issue that was written or changed since a moment of the forge's clock, by
    /// whomever, as it stands in the listing: to find out what became of a create whose answer was lost,
    /// or since the epoch what is there at all. Not all of them are in memory at once.
    fn written_since<'a>(&'a self, since: Timestamp, each: Each<'a>) -> Answer<'a, ()>;

    /// Creates an issue. Never repeated by itself, unless the forge said that it did nothing.
    fn create_issue<'a>(&'a self, new: NewIssue, sending: Sending<'a>) -> Answer<'a, Issue>;

    /// Why issues cannot be created under a number that is asked for; `None` if they can. May ask what
    /// every write asks anyway, and nothing else.
    fn refuses_numbers(&self) -> Answer<'_, Option<String>> {
        Box::pin(async { Ok(None) })
    }

    /// Changes fields of an issue; answers the issue as it then is.
    fn update_issue<'a>(
        &'a self,
        number: IssueNumber,
        patch: Patch,
        sending: Sending<'a>,
    ) -> Answer<'a, Issue>;

    /// Deletes an issue.
    fn delete_issue(&self, number: IssueNumber) -> Answer<'_, ()>;

    /// Creates a comment. Never repeated by itself, unless the forge said that it did nothing.
    fn create_comment<'a>(
        &'a self,
        number: IssueNumber,
        new: NewComment,
        sending: Sending<'a>,
    ) -> Answer<'a, Comment>;

    /// Changes a comment; answers the comment as it then is.
    fn update_comment(
        &self,
        number: IssueNumber,
        comment: CommentId,
        patch: CommentPatch,
    ) -> Answer<'_, Comment>;

    /// Deletes a comment.
    fn delete_comment(&self, number: IssueNumber, comment: CommentId) -> Answer<'_, ()>;

    /// What links an issue to others of its project, as far as it may be seen.
    fn relations(&self, number: IssueNumber) -> Answer<'_, Relations>;

    /// Links an issue to another one; that they are linked so already is no error. Of a kind that the
    /// forge does not have it says [`ErrorKind::Unsupported`].
    fn add_relation(&self, number: IssueNumber, relation: Relation) -> Answer<'_, ()>;

    /// Takes a link of an issue away; that there is none is no error. Answers whether there was one.
    fn remove_relation(&self, number: IssueNumber, relation: Relation) -> Answer<'_, bool>;

    /// Every label of the project.
    fn labels(&self) -> Answer<'_, Vec<Label>>;

    /// Creates a label; one of that name that exists already is no error and stays as it is. Where it
    /// would get another name it says [`ErrorKind::Unsupported`].
    fn create_label(&self, label: Label) -> Answer<'_, ()>;

    /// Changes colour and description of the label of that name.
    fn update_label(&self, label: Label) -> Answer<'_, ()>;

    /// Every milestone that an issue can have; `None`: whatever it is called.
    fn milestones(&self) -> Answer<'_, Option<Vec<KnownMilestone>>> {
        Box::pin(async { Ok(None) })
    }

    /// Creates a milestone; one of that title that exists already is no error and stays as it is.
    /// Answers whether it was created.
    fn create_milestone(&self, _new: Milestone) -> Answer<'_, bool> {
        Box::pin(async { Ok(false) })
    }

    /// Numbers of the milestones that our account created, as far as that is on record.
    fn made_milestones(&self) -> Answer<'_, Vec<u64>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Changes the milestone of that title.
    fn update_milestone(&self, _title: String, _change: MilestoneChange) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Accounts that an issue can be assigned to; `None`: whatever they are called.
    fn members(&self) -> Answer<'_, Option<Vec<String>>> {
        Box::pin(async { Ok(None) })
    }

    /// The account by which everything is written here, where there are accounts.
    fn account(&self) -> Answer<'_, Option<String>> {
        Box::pin(async { Ok(None) })
    }

    /// The e-mail address that an account shows to everybody.
    fn email_of(&self, _account: String) -> Answer<'_, Option<String>> {
        Box::pin(async { Ok(None) })
    }

    /// The one of the [`Self::members`] that shows this e-mail address.
    fn member_by_email(&self, _email: String) -> Answer<'_, Option<String>> {
        Box::pin(async { Ok(None) })
    }

    /// The whole name of the project that a text here means: this one, where it names none; another of
    /// this server, by its path or by the last part of it. `host`: the server, as an address names it.
    /// `None`: it is on another server.
    fn means(&self, host: Option<&str>, project: Option<&str>) -> Option<String>;

    /// The page of something of a project here that has a number, by the whole name of the project;
    /// `group`: what it belongs to instead, where that is said. `None` where there are no pages.
    fn page_of(&self, project: &str, group: Option<&str>, of: Numbered) -> Option<String>;

    /// The issue here, or the comment, to which a link in the text of another one leads that is no
    /// address of a page.
    fn linked_to(&self, _link: &str) -> Option<(IssueNumber, Option<CommentId>)> {
        None
    }

    /// How texts here refer to an issue or a comment of a project of this server: of this project, where
    /// none is named.
    fn spelling(
        &self,
        project: Option<&str>,
        number: IssueNumber,
        comment: Option<CommentId>,
    ) -> Spelling;

    /// What links in the text of an issue lead to, one answer per link; `None` for what is no
    /// attachment of this project.
    fn attachments(
        &self,
        number: IssueNumber,
        links: Vec<String>,
    ) -> Answer<'_, Vec<Option<Attachment>>>;

    /// Where a link in the text of an issue leads that is no whole address and no attachment; `None`
    /// for any other, or where nothing can be said of it.
    fn absolute(&self, _number: IssueNumber, _link: &str) -> Option<String> {
        None
    }

    /// Fetches an attachment, unless it is larger than `max_bytes`.
    fn download(
        &self,
        number: IssueNumber,
        destination: String,
        max_bytes: u64,
    ) -> Answer<'_, Download>;

    /// Stores an attachment; answers the link by which texts here reach it.
    fn upload(&self, file: Upload) -> Answer<'_, String>;

    /// Deletes an attachment by its link; that it is not there is no error. An error does not name it,
    /// because whoever has its link reaches it. Of what goes with its text nothing is deleted.
    fn delete_upload(&self, _destination: String) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// An attachment that was fetched.
#[derive(Debug)]
pub enum Download {
    /// Here it is.
    File {
        /// A local file with its content; it is only read.
        path: LocalFile,
        /// The name that people gave it.
        name: String,
        /// SHA-256 of the content, shortened.
        digest: Digest,
    },
    /// It is larger than was allowed.
    TooLarge {
        /// In bytes.
        size: u64,
    },
}

/// A file on this machine, perhaps only for as long as this lives.
#[derive(Debug)]
pub struct LocalFile {
    path: PathBuf,
    _temporary: Option<tempfile::TempPath>,
}

impl LocalFile {
    /// A file that stays.
    pub fn kept(path: PathBuf) -> Self {
        Self {
            path,
            _temporary: None,
        }
    }

    /// A file that is removed with this.
    pub fn temporary(path: tempfile::TempPath) -> Self {
        Self {
            path: path.to_path_buf(),
            _temporary: Some(path),
        }
    }
}

impl std::ops::Deref for LocalFile {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

/// An attachment to be stored.
#[derive(Debug)]
pub struct Upload {
    /// A local file with its content.
    pub path: LocalFile,
    /// The name that people gave it: text from the outside.
    pub name: String,
    /// SHA-256 of the content, shortened.
    pub digest: Digest,
    /// The text that links to it is hidden from the public.
    pub private: bool,
}

/// Counts requests, and how long was waited for them.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    requests: AtomicU64,
    waited_ms: AtomicU64,
}

impl Meter {
    pub(crate) fn add(&self, count: u64) {
        self.requests.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn total(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(crate) fn add_wait(&self, time: Duration) {
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.waited_ms.fetch_add(milliseconds, Ordering::Relaxed);
    }

    pub(crate) fn waited(&self) -> Duration {
        Duration::from_millis(self.waited_ms.load(Ordering::Relaxed))
    }
}
