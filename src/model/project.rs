use super::{Digest, IssueId, IssueNumber};
use std::fmt;

/// What identifies a project for ever: canonical host and the project's own id.
///
/// It survives renaming the project, the instance's key in the file and the pair. Written as
/// `host:id`, for example `gitlab.example.com:278964`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectKey(pub String);

impl fmt::Display for ProjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A project as its forge describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its identity.
    pub key: ProjectKey,
    /// The host, with a port that is not the usual one, as `Mirrored-From::` shows it.
    pub host: String,
    /// The name people use for it, as in `group/project#12`.
    pub name: String,
    /// Below which address its server has its pages, as it says itself: it may be asked at another one.
    /// `None` where there are no pages.
    pub pages: Option<String>,
}

impl Project {
    /// The server as addresses name it, with a port that is not the usual one: as it is asked, and as
    /// its own pages have it.
    pub fn hosts(&self) -> [Option<&str>; 2] {
        let pages = self.pages.as_deref().and_then(|pages| {
            let (_, rest) = pages.split_once("://")?;
            rest.split('/').next()
        });
        let pages = pages.filter(|host| !host.eq_ignore_ascii_case(&self.host));
        [Some(&self.host), pages]
    }

    /// Whether another project is on the same server.
    pub fn is_beside(&self, other: &Self) -> bool {
        let theirs = other.hosts();
        let is_theirs = |host: &str| {
            let mut theirs = theirs.iter().flatten();
            theirs.any(|other| other.eq_ignore_ascii_case(host))
        };
        self.hosts().into_iter().flatten().any(is_theirs)
    }
}

/// What is remembered of a project, so that it need not be asked for again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownProject {
    /// Its identity.
    pub key: ProjectKey,
    /// What people call it.
    pub name: String,
    /// Below which address its pages are; `None` if that was not asked, or there are none.
    pub pages: Option<String>,
}

impl KnownProject {
    /// What is to be remembered of a project.
    pub fn of(project: &Project) -> Self {
        let Project {
            key, name, pages, ..
        } = project.clone();
        Self { key, name, pages }
    }
}

/// Changes whenever an issue or one of its comments does; opaque.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(pub Digest);

/// Up to where a source has been read; only the forge that made it can read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub String);

/// One row of a listing: just enough to know whether the issue must be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The forge's own growing id.
    pub id: IssueId,
    /// The number within the project.
    pub number: IssueNumber,
    /// Changes whenever the issue or its comments do.
    pub version: Version,
}

/// What changed on a source since a cursor.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The issues, in any order, each once.
    pub issues: Vec<Listed>,
    /// Where the next listing may start, taken *before* this one was read; `None` where the forge
    /// lists everything each time.
    pub cursor: Option<Cursor>,
    /// Every issue of the project is in the list, not only those that changed.
    pub complete: bool,
    /// What could not be taken for an issue, in words for a person.
    pub warnings: Vec<String>,
}

/// Where a pair may begin that mirrors only what comes from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beginning {
    /// The greatest id that an issue has; `None` if there is no issue.
    pub newest: Option<IssueId>,
    /// Where the first listing may start, taken before the id was read.
    pub cursor: Option<Cursor>,
}
