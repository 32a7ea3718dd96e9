//! A tracker kept as files: backup, air-gapped carrying, and the default that needs no server.
//!
//! ```text
//! tracker.yaml                 format, id, name: makes the directory a tracker
//! labels.yaml                  colours and descriptions
//! counters.yaml                the highest numbers ever given
//! issues/12/issue.md           one issue: a head of YAML, then its text
//! issues/12/comment-0031.md    one comment
//! attachments/<digest>-name    files that texts link to
//! ```
//!
//! Equal content has equal bytes, so a tracker lives well in git. Every file appears whole or not at
//! all. There are no times of change: what an issue's files say *is* its version. A person may edit
//! any of it by hand; what is malformed is reported with file and line and harms no other issue.

mod abilities;
mod convert;
mod disk;
mod fields;
mod front_matter;
mod layout;
mod links;
mod open;
mod tracker;

pub use abilities::CAPABILITIES;
pub use open::Access;

use self::tracker::Tracker;
use super::{
    Answer, Capabilities, Download, Each, ErrorKind, Forge, ForgeError, Meter, Sending, Upload,
};
use crate::model::{
    Attachment, Beginning, Comment, CommentId, CommentPatch, Cursor, Inspection, Issue, IssueId,
    IssueNumber, Label, Listing, NewComment, NewIssue, Numbered, Patch, Project, Relation,
    Relations, Side, Spelling, Thread, Timestamp,
};
use futures_util::FutureExt;
use std::sync::Arc;

/// A directory as a forge.
pub struct Directory {
    project: Project,
    tracker: Arc<Tracker>,
    meter: Meter,
}

impl Directory {
    /// Runs an operation of the tracker, counted.
    fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tracker) -> Result<T, ForgeError> + Send + 'static,
    ) -> Answer<'_, T> {
        self.meter.add(1);
        let tracker = Arc::clone(&self.tracker);
        blocking(move || work(&tracker))
    }
}

/// Runs a blocking operation where it blocks nobody.
fn blocking<'a, T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ForgeError> + Send + 'static,
) -> Answer<'a, T> {
    Box::pin(async move {
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => result,
            Err(error) => Err(ForgeError::new(
                ErrorKind::Unavailable,
                "an operation on files",
                error.to_string(),
            )
            .of_unknown_fate()),
        }
    })
}

impl Forge for Directory {
    fn project(&self) -> &Project {
        &self.project
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn requests(&self) -> u64 {
        self.meter.total()
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn ready(&self) -> Answer<'_, ()> {
        async { Ok(()) }.boxed()
    }

    fn inspect(&self, _side: Side) -> Answer<'_, Inspection> {
        let tracker = Arc::clone(&self.tracker);
        blocking(move || {
            tracker.check()?;
            // Names suffice to see whether it can be read.
            tracker.newest()?;
            Ok(Inspection::Files(tracker.state()))
        })
    }

    fn changed(&self, _since: Option<Cursor>) -> Answer<'_, Listing> {
        self.run(Tracker::list)
    }

    fn newest(&self) -> Answer<'_, Option<IssueId>> {
        self.run(|tracker| {
            tracker.check()?;
            tracker.newest()
        })
    }

    fn begin(&self) -> Answer<'_, Beginning> {
        self.run(|tracker| {
            Ok(Beginning {
                newest: tracker.newest()?,
                cursor: None,
            })
        })
    }

    fn read(&self, numbers: Vec<IssueNumber>) -> Answer<'_, Vec<Result<Thread, ForgeError>>> {
        self.meter.add((numbers.len() as u64).saturating_sub(1));
        self.run(move |tracker| {
            Ok(numbers
                .into_iter()
                .map(|number| tracker.read(number))
                .collect())
        })
    }

    fn written_since<'a>(&'a self, _since: Timestamp, each: Each<'a>) -> Answer<'a, ()> {
        // A request, however many files that is; and not all of them are in memory at once.
        let numbers = self.run(Tracker::numbers);
        async move {
            for numbers in numbers.await?.chunks(100) {
                let (tracker, numbers) = (Arc::clone(&self.tracker), numbers.to_vec());
                let issues = blocking(move || tracker.issues(&numbers)).await?;
                issues.into_iter().for_each(&mut *each);
            }
            Ok(())
        }
        .boxed()
    }

    // Files are written at once, so there is nothing to be told before.
    fn create_issue<'a>(&'a self, new: NewIssue, _sending: Sending<'a>) -> Answer<'a, Issue> {
        self.run(move |tracker| tracker.create_issue(&new))
    }

    fn update_issue<'a>(
        &'a self,
        number: IssueNumber,
        patch: Patch,
        _sending: Sending<'a>,
    ) -> Answer<'a, Issue> {
        self.run(move |tracker| tracker.update_issue(number, &patch))
    }

    fn delete_issue(&self, number: IssueNumber) -> Answer<'_, ()> {
        self.run(move |tracker| tracker.delete_issue(number))
    }

    fn create_comment<'a>(
        &'a self,
        number: IssueNumber,
        new: NewComment,
        _sending: Sending<'a>,
    ) -> Answer<'a, Comment> {
        self.run(move |tracker| tracker.create_comment(number, &new))
    }

    fn update_comment(
        &self,
        number: IssueNumber,
        comment: CommentId,
        patch: CommentPatch,
    ) -> Answer<'_, Comment> {
        self.run(move |tracker| tracker.update_comment(number, comment, &patch))
    }

    fn delete_comment(&self, number: IssueNumber, comment: CommentId) -> Answer<'_, ()> {
        self.run(move |tracker| tracker.delete_comment(number, comment))
    }

    fn relations(&self, number: IssueNumber) -> Answer<'_, Relations> {
        // Read with the issue, however many files that takes.
        let tracker = Arc::clone(&self.tracker);
        blocking(move || tracker.relations(number))
    }

    fn add_relation(&self, number: IssueNumber, relation: Relation) -> Answer<'_, ()> {
        self.run(move |tracker| tracker.add_relation(number, relation))
    }

    fn remove_relation(&self, number: IssueNumber, relation: Relation) -> Answer<'_, bool> {
        self.run(move |tracker| tracker.remove_relation(number, relation))
    }

    fn labels(&self) -> Answer<'_, Vec<Label>> {
        self.run(Tracker::labels)
    }

    fn create_label(&self, label: Label) -> Answer<'_, ()> {
        self.run(move |tracker| tracker.write_label(&label, false))
    }

    fn update_label(&self, label: Label) -> Answer<'_, ()> {
        self.run(move |tracker| tracker.write_label(&label, true))
    }

    fn means(&self, host: Option<&str>, project: Option<&str>) -> Option<String> {
        // A tracker is on no server.
        let own = || self.project.name.clone();
        host.is_none()
            .then(|| project.map_or_else(own, str::to_owned))
    }

    fn page_of(&self, project: &str, _group: Option<&str>, of: Numbered) -> Option<String> {
        match of {
            Numbered::Issue(number, comment) if project == self.project.name => {
                self.tracker.page_of(number, comment)
            }
            _ => None,
        }
    }

    fn linked_to(&self, link: &str) -> Option<(IssueNumber, Option<CommentId>)> {
        layout::linked_to(link)
    }

    fn spelling(
        &self,
        project: Option<&str>,
        number: IssueNumber,
        comment: Option<CommentId>,
    ) -> Spelling {
        // Where another tracker is nobody knows from where this one is read.
        if project.is_some() {
            return Spelling::default();
        }
        Spelling {
            short: comment.is_none().then(|| format!("#{number}")),
            native: true,
            address: Some(layout::link_to(number, comment)),
        }
    }

    fn attachments(
        &self,
        number: IssueNumber,
        links: Vec<String>,
    ) -> Answer<'_, Vec<Option<Attachment>>> {
        let tracker = Arc::clone(&self.tracker);
        blocking(move || Ok(tracker.attachments(number, &links)))
    }

    fn download(
        &self,
        number: IssueNumber,
        destination: String,
        max_bytes: u64,
    ) -> Answer<'_, Download> {
        self.run(move |tracker| tracker.download(number, &destination, max_bytes))
    }

    fn upload(&self, file: Upload) -> Answer<'_, String> {
        self.run(move |tracker| tracker.upload(&file))
    }
}
