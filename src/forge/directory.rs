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

mod convert;
mod disk;
mod fields;
mod front_matter;
mod layout;
mod links;
mod tracker;

use self::tracker::{Identity, Tracker};
use super::{
    Answer, Capabilities, Download, Each, ErrorKind, Forge, ForgeError, Meter, Sending, Upload,
};
use crate::model::{
    Acts, Attachment, Beginning, Comment, CommentId, CommentPatch, Cursor, Extra, Field, Fields,
    Inspection, Issue, IssueId, IssueNumber, Label, LabelTitles, Lengths, Listing, Longest, Need,
    NewComment, NewIssue, Numbered, Patch, Project, ProjectKey, Relation, Relations, Side,
    Spelling, Thread, Timestamp, Types,
};
use futures_util::FutureExt;
use std::path::PathBuf;
use std::sync::Arc;

/// A directory as a forge.
pub struct Directory {
    project: Project,
    tracker: Arc<Tracker>,
    meter: Meter,
}

/// What is going to be done with a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only read: it must be a tracker already.
    Read,
    /// Written: an empty or missing directory becomes a tracker.
    Write,
    /// Written, and a tracker already: if it is none any more, a disk is missing rather than that a
    /// new tracker was meant.
    Existing,
    /// Would be written if this were no trial: nothing is touched.
    Preview,
}

/// Everything that an issue can have; `Rewriting` and `Envelope` are part of its text.
const HOLDS: &[Field] = &[
    Field::Title,
    Field::Text,
    Field::Rewriting,
    Field::Envelope,
    Field::Labels,
    Field::State,
    Field::Confidential,
    Field::Type,
    Field::Locked,
    Field::Weight,
    Field::Milestone,
    Field::Assignees,
    Field::Iteration,
    Field::Epic,
    Field::DueDate,
    Field::TimeEstimate,
    Field::TimeSpent,
];

/// Files take whatever is written into them.
const OFFERS: &[(Extra, Need)] = &[
    (Extra::Authors, Need::NOTHING),
    (Extra::Times, Need::NOTHING),
    (Extra::Numbers, Need::NOTHING),
    (Extra::Milestones, Need::NOTHING),
    (Extra::SeveralAssignees, Need::NOTHING),
    (Extra::Blocks, Need::NOTHING),
    (Extra::InternalNotes, Need::NOTHING),
    (Extra::Hiding, Need::NOTHING),
    (Extra::OthersComments, Need::NOTHING),
    (Extra::Downloads, Need::NOTHING),
];

/// What files hold.
pub const CAPABILITIES: Capabilities = Capabilities {
    holds: HOLDS,
    needs: &[],
    offers: OFFERS,
    lost: Fields::NONE,
    type_needs: &[],
    lost_types: Types::NONE,
    label_titles: LabelTitles::ANY,
    unlisted_labels: true,
    files_by_link: false,
    one_of_a_scope: false,
    on_create: HOLDS,
    confidential: true,
    internal_notes: true,
    threads: true,
    front_matter: false,
    acts: Acts::NOTHING,
    longest: Lengths {
        title: Longest::Any,
        text: Longest::Any,
        comment: Longest::Any,
    },
    // Files are written one after the other anyway; two keep reading and writing apart.
    concurrency: 2,
    // A system call that failed does not go on working.
    settles_after_seconds: 0,
};

impl Directory {
    /// Opens a directory as a tracker.
    ///
    /// `name` is what a tracker without a name of its own is called: the project as the
    /// configuration names it, or the last part of its path.
    ///
    /// # Errors
    ///
    /// If it is to be read and is no tracker, if it is to be written and is something else than a
    /// tracker, or if the system refuses.
    pub fn open(root: PathBuf, name: &str, access: Access) -> Result<Self, ForgeError> {
        let found = Tracker::identity(&root, name)?;
        let absent = found.is_none() && access == Access::Preview;
        let identity = match found {
            Some(identity) => identity,
            None => begin(&root, name, access)?,
        };
        Ok(Self {
            project: Project {
                key: ProjectKey(format!("directory:{}", identity.id)),
                host: identity.name.clone(),
                name: identity.name,
            },
            tracker: Arc::new(Tracker::new(root, identity.url, absent)),
            meter: Meter::default(),
        })
    }

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

/// Makes a tracker of a directory that is none yet.
fn begin(root: &std::path::Path, name: &str, access: Access) -> Result<Identity, ForgeError> {
    let identity = Identity {
        // A letter first, so that YAML never takes it for a number.
        id: std::iter::once('t')
            .chain(std::iter::repeat_with(|| {
                fastrand::alphanumeric().to_ascii_lowercase()
            }))
            .take(16)
            .collect(),
        name: name.to_owned(),
        url: None,
    };
    let failed = |kind, said: String| {
        Err(ForgeError::new(
            kind,
            format!("opening {}", root.display()),
            said,
        ))
    };
    let is_there = root.exists();
    if access == Access::Existing {
        return failed(
            ErrorKind::NotFound,
            "at the last pass a tracker was here, and now there is none; is a disk missing? A new tracker is begun in another place only".to_owned(),
        );
    }
    if access == Access::Read {
        return if is_there {
            failed(
                ErrorKind::Malformed,
                format!(
                    "it is no tracker yet; put a file tracker.yaml in it that says:\n  format: 1\n  id: {}\n  name: {name}\n(the id may be anything that no other tracker has, and must not change later)",
                    identity.id
                ),
            )
        } else {
            failed(ErrorKind::NotFound, "there is no such directory".to_owned())
        };
    }
    let has_content = is_there
        && std::fs::read_dir(root)
            .map_err(|error| {
                ForgeError::new(
                    ErrorKind::Denied,
                    format!("opening {}", root.display()),
                    error.to_string(),
                )
            })?
            .flatten()
            .any(|entry| {
                // An empty folder is what a beginning leaves that was interrupted.
                let is_empty = || {
                    let inside = std::fs::read_dir(entry.path());
                    inside.is_ok_and(|mut inside| inside.next().is_none())
                };
                let name = entry.file_name();
                let counts = name != "issues" || !is_empty();
                counts && !name.to_string_lossy().starts_with('.')
            });
    if has_content {
        return failed(
            ErrorKind::Rejected,
            "it holds other files and no tracker.yaml; name an empty directory or one that does not exist yet".to_owned(),
        );
    }
    if access == Access::Write {
        Tracker::begin(root, &identity)?;
    }
    Ok(identity)
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
        blocking(move || {
            let found = links.iter().map(|link| tracker.attachment(number, link));
            Ok(found.collect())
        })
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
