//! GitLab's JSON, as far as it is read. A field that is missing or null is as good as absent, unless
//! something would be shown or taken away because of it: then the whole is not of the expected form.

use crate::model::RelationKind;
use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

/// `GET /projects/:id`
#[derive(Debug, Deserialize)]
pub(super) struct Project {
    pub(super) id: u64,
    pub(super) path_with_namespace: String,
    #[serde(default)]
    web_url: Option<String>,
    #[serde(default)]
    pub(super) visibility: Option<String>,
    #[serde(default)]
    pub(super) archived: Option<bool>,
    #[serde(default)]
    issues_enabled: Option<bool>,
    /// `disabled`, `private` or `enabled`: what `issues_enabled` was before.
    #[serde(default)]
    issues_access_level: Option<String>,
    #[serde(default)]
    emails_disabled: Option<bool>,
    /// What `emails_disabled` is called from 16.5 on.
    #[serde(default)]
    emails_enabled: Option<bool>,
    #[serde(default)]
    permissions: Option<Permissions>,
}

impl Project {
    /// Below which address the server has its pages, without a slash at the end; `None` where it does
    /// not tell.
    pub(super) fn pages(&self) -> Option<String> {
        let url = Url::parse(self.web_url.as_deref()?).ok()?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return None;
        }
        let below = url.as_str().trim_end_matches('/');
        let pages = below.strip_suffix(&self.path_with_namespace)?;
        Some(pages.strip_suffix('/')?.to_owned())
    }

    /// The role of the account, if it has one: 10 is a Guest, 15 a Planner, 20 a Reporter.
    pub(super) fn role(&self) -> Option<u64> {
        let permissions = self.permissions.as_ref()?;
        let both = [&permissions.project_access, &permissions.group_access];
        both.into_iter()
            .flatten()
            .filter_map(|access| access.access_level)
            .max()
    }

    /// Whether there are issues; true where it is not told.
    pub(super) fn has_issues(&self) -> bool {
        match &self.issues_access_level {
            Some(level) => level != "disabled",
            None => self.issues_enabled != Some(false),
        }
    }

    /// Whether nobody is mailed about anything in it.
    pub(super) fn sends_no_mail(&self) -> bool {
        self.emails_disabled == Some(true) || self.emails_enabled == Some(false)
    }
}

/// What an account may do in a project, by itself and by the project's group.
#[derive(Debug, Deserialize)]
struct Permissions {
    #[serde(default)]
    project_access: Option<Access>,
    #[serde(default)]
    group_access: Option<Access>,
}

/// A role.
#[derive(Debug, Deserialize)]
struct Access {
    #[serde(default)]
    access_level: Option<u64>,
}

/// `GET /user`, and people in other objects.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct User {
    pub(super) id: u64,
    pub(super) username: String,
    #[serde(default)]
    pub(super) name: Option<String>,
}

/// `GET /user`, as far as it is told of oneself alone.
#[derive(Debug, Deserialize)]
pub(super) struct Oneself {
    pub(super) id: u64,
    pub(super) username: String,
    /// Only administrators are told.
    #[serde(default)]
    pub(super) is_admin: Option<bool>,
}

/// `GET /personal_access_tokens/self`, which access tokens of projects and groups have too.
/// <https://docs.gitlab.com/api/personal_access_tokens/>
#[derive(Debug, Deserialize)]
pub(super) struct Token {
    #[serde(default)]
    pub(super) scopes: Vec<String>,
    #[serde(default)]
    pub(super) expires_at: Option<jiff::civil::Date>,
}

/// A row of `GET /projects/:id/integrations`
#[derive(Debug, Deserialize)]
pub(super) struct Integration {
    #[serde(default)]
    pub(super) slug: String,
    #[serde(default)]
    pub(super) active: bool,
}

/// A row of `GET /projects/:id/members/all`
#[derive(Debug, Deserialize)]
pub(super) struct Member {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) username: Option<String>,
    #[serde(default)]
    state: Option<String>,
}

impl Member {
    /// Whether it is an account that can be used.
    pub(super) fn is_active(&self) -> bool {
        self.state.as_deref().is_none_or(|state| state == "active")
    }
}

/// `GET /users/:id`
#[derive(Debug, Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    pub(super) public_email: Option<String>,
}

/// `GET /metadata`
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub(super) version: String,
}

/// An issue in lists and by itself.
/// <https://docs.gitlab.com/api/issues/>
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Issue {
    pub(super) id: u64,
    pub(super) iid: u64,
    pub(super) project_id: u64,
    pub(super) title: String,
    #[serde(default)]
    pub(super) description: Option<String>,
    pub(super) state: String,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    #[serde(default)]
    pub(super) closed_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) closed_by: Option<User>,
    pub(super) labels: Vec<String>,
    #[serde(default)]
    pub(super) milestone: Option<Milestone>,
    #[serde(default)]
    pub(super) assignees: Option<Vec<User>>,
    #[serde(default)]
    pub(super) author: Option<User>,
    #[serde(default)]
    pub(super) user_notes_count: Option<u64>,
    #[serde(default)]
    pub(super) due_date: Option<String>,
    /// There from 18 on.
    #[serde(default)]
    pub(super) start_date: Option<String>,
    #[serde(default)]
    pub(super) health_status: Option<String>,
    #[serde(default)]
    pub(super) upvotes: Option<u64>,
    #[serde(default)]
    pub(super) downvotes: Option<u64>,
    pub(super) confidential: bool,
    #[serde(default)]
    pub(super) discussion_locked: Option<bool>,
    #[serde(default, rename = "issue_type")]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) web_url: Option<String>,
    #[serde(default)]
    pub(super) time_stats: Option<TimeStats>,
    /// There only where the licence has weights.
    #[serde(default)]
    pub(super) weight: Option<u32>,
    #[serde(default)]
    pub(super) epic: Option<Epic>,
    #[serde(default)]
    pub(super) iteration: Option<Titled>,
}

/// A row of a list of issues: one that is not of the expected form is no reason to do without the
/// others.
#[derive(Clone, Debug)]
pub(super) enum Row {
    /// An issue.
    Whole(Box<Issue>),
    /// Something else with the numbers of an issue, and what is wrong with it.
    Odd(Odd, String),
}

impl Row {
    /// Reads a row.
    ///
    /// # Errors
    ///
    /// If not even the numbers are there.
    pub(super) fn from(value: serde_json::Value) -> Result<Self, serde_json::Error> {
        match Issue::deserialize(&value) {
            Ok(issue) => Ok(Self::Whole(Box::new(issue))),
            Err(error) => Ok(Self::Odd(Odd::deserialize(value)?, error.to_string())),
        }
    }

    pub(super) fn id(&self) -> u64 {
        match self {
            Self::Whole(issue) => issue.id,
            Self::Odd(odd, _) => odd.id,
        }
    }

    pub(super) fn iid(&self) -> u64 {
        match self {
            Self::Whole(issue) => issue.iid,
            Self::Odd(odd, _) => odd.iid,
        }
    }

    pub(super) fn project_id(&self) -> u64 {
        match self {
            Self::Whole(issue) => issue.project_id,
            Self::Odd(odd, _) => odd.project_id,
        }
    }

    pub(super) fn updated_at(&self) -> Timestamp {
        match self {
            Self::Whole(issue) => issue.updated_at,
            Self::Odd(odd, _) => odd.updated_at,
        }
    }
}

/// What is known of an issue that is not of the expected form.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Odd {
    pub(super) id: u64,
    pub(super) iid: u64,
    pub(super) project_id: u64,
    pub(super) updated_at: Timestamp,
}

/// Something of which only the title is read.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Titled {
    #[serde(default)]
    pub(super) title: Option<String>,
}

/// A milestone, of the project or of a group.
/// <https://docs.gitlab.com/api/milestones/>
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Milestone {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) start_date: Option<String>,
    #[serde(default)]
    pub(super) due_date: Option<String>,
    #[serde(default)]
    pub(super) state: Option<String>,
    #[serde(default)]
    pub(super) description: Option<String>,
}

/// Something that happened in a project.
/// <https://docs.gitlab.com/api/events/>
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Event {
    #[serde(default)]
    pub(super) target_id: Option<u64>,
    #[serde(default)]
    pub(super) author: Option<User>,
}

/// The epic of an issue.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Epic {
    pub(super) iid: u64,
    #[serde(default)]
    pub(super) title: Option<String>,
}

/// Times in seconds.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct TimeStats {
    #[serde(default)]
    pub(super) time_estimate: Option<i64>,
    #[serde(default)]
    pub(super) total_time_spent: Option<i64>,
}

/// A note.
/// <https://docs.gitlab.com/api/notes/>
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Note {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) body: Option<String>,
    #[serde(default)]
    pub(super) author: Option<User>,
    pub(super) created_at: Timestamp,
    #[serde(default)]
    pub(super) updated_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) system: Option<bool>,
    /// `DiscussionNote` where it is one of a thread.
    #[serde(default, rename = "type")]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) internal: Option<bool>,
    /// What `internal` was called before 15.
    #[serde(default)]
    pub(super) confidential: Option<bool>,
}

impl Note {
    /// When it was last written; `None` if that is not told.
    pub(super) fn written_at(&self) -> Option<Timestamp> {
        self.updated_at.map(|at| at.max(self.created_at))
    }

    pub(super) fn is_internal(&self) -> bool {
        self.internal.or(self.confidential).unwrap_or(false)
    }

    /// Whether it is told if only members see it; what the server wrote itself is not mirrored.
    pub(super) fn says_who_sees_it(&self) -> bool {
        self.system == Some(true) || self.internal.or(self.confidential).is_some()
    }
}

/// Notes that belong together.
/// <https://docs.gitlab.com/api/discussions/>
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Discussion {
    pub(super) id: String,
    #[serde(default)]
    pub(super) individual_note: bool,
    pub(super) notes: Vec<Note>,
}

/// A label.
/// <https://docs.gitlab.com/api/labels/>
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Label {
    pub(super) id: u64,
    pub(super) name: String,
    #[serde(default)]
    pub(super) color: Option<String>,
    #[serde(default)]
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) archived: Option<bool>,
}

/// `POST /projects/:id/uploads`
#[derive(Debug, Deserialize)]
pub(super) struct Upload {
    pub(super) url: String,
}

/// An issue that another one is linked to.
#[derive(Debug, Deserialize)]
pub(super) struct Linked {
    pub(super) iid: u64,
    pub(super) project_id: u64,
    pub(super) issue_link_id: u64,
    link_type: String,
}

const LINK_TYPES: [(&str, RelationKind); 3] = [
    ("relates_to", RelationKind::Relates),
    ("blocks", RelationKind::Blocks),
    ("is_blocked_by", RelationKind::BlockedBy),
];

impl Linked {
    /// Its kind, if it is one that we know.
    pub(super) fn kind(&self) -> Option<RelationKind> {
        let mut types = LINK_TYPES.iter();
        let found = types.find(|(word, _)| *word == self.link_type);
        found.map(|(_, kind)| *kind)
    }
}

/// The word for a kind of link.
pub(super) fn link_type(kind: RelationKind) -> &'static str {
    let found = LINK_TYPES.iter().find(|(_, known)| *known == kind);
    found.map_or("relates_to", |(word, _)| word)
}
