use super::{Date, Extra, Field, IssueType, Need};

/// What a server says of itself, of an account and of the token that opens it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerState {
    /// What it is, with its version, such as `GitLab 18.3.0-ee`.
    pub software: String,
    /// Its version, where it could be read.
    pub version: Option<(u32, u32)>,
    /// It is of a kind that no licence can be had for.
    pub unlicensed: bool,
    /// Name of the account.
    pub account: String,
    /// The account may do everything, whatever its role in a project is.
    pub admin: bool,
    /// The token; `None` where the server does not tell.
    pub token: Option<TokenState>,
    /// What day it is there, in UTC.
    pub today: Date,
}

/// What a token opens, and for how long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenState {
    /// As the server calls them.
    pub scopes: Vec<String>,
    /// With it issues can be read.
    pub reads: bool,
    /// With it issues can be written.
    pub writes: bool,
    /// The first day on which it opens nothing any more; `None`: it does not end.
    pub ends: Option<Date>,
}

/// Which end of a pair something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It is read.
    Source,
    /// It is written.
    Target,
}

impl Side {
    /// The word that stands for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
        }
    }
}

/// What is found where an end of a pair is, before anything is carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inspection {
    /// A project on a server.
    Project(Box<ProjectState>),
    /// A tracker kept as files.
    Files(FilesState),
}

/// What a project on a server is like, and what the account may do in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectState {
    /// The project's own number on the server.
    pub id: u64,
    /// Who may see it; `None` where the server does not tell.
    pub visibility: Option<Visibility>,
    /// Nothing in it can be changed.
    pub archived: bool,
    /// It has issues.
    pub has_issues: bool,
    /// What the account is there, such as `Reporter`; `None`: no member.
    pub role: Option<&'static str>,
    /// What that role allows.
    pub rights: Rights,
    /// Fields whose needs are not met, or not surely.
    pub fields: Vec<(Field, Lack)>,
    /// The same of kinds of issues.
    pub types: Vec<(IssueType, Lack)>,
    /// The same of what it can do beside them.
    pub extras: Vec<(Extra, Lack)>,
    /// How many others a new issue may mail: members, if mails are not switched off. Only told of a
    /// target.
    pub mailed: Option<u64>,
    /// Another tracker, such as Jira, that it tells of every text in which a key of its issues stands.
    /// Only told of a target, and only to who may administer it.
    pub tells: Option<&'static str>,
}

impl ProjectState {
    /// Whether it would not be seen that an issue becomes confidential which a target shows to more
    /// people. Whoever sees a private project has a role in it; one by an invited group is not told.
    pub fn exposes_to(&self, target: &Self) -> bool {
        let is_untold = self.role.is_none() && self.visibility == Some(Visibility::Private);
        let (Some(from), Some(to)) = (self.visibility, target.visibility) else {
            return false;
        };
        !self.rights.sees_confidential.granted && !is_untold && from < to
    }
}

/// What is missing of a need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lack {
    /// The part that is not met.
    pub need: Need,
    /// That is known; otherwise nothing tells yet whether it is met.
    pub surely: bool,
}

/// What decides which fields a server keeps: another standing is a reason to try again what was
/// dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What the account is, such as `Reporter`; `None`: no member, or not told.
    pub role: Option<&'static str>,
    /// What the licence has, as far as an issue shows it; `None` where there is no issue to show it.
    pub licence: Option<String>,
    /// The role is enough for labels, assignees, dates and the like; `None`: not told.
    pub plans: Option<bool>,
    /// One label of a scope excludes the others, as in `a::b`.
    pub one_of_a_scope: bool,
}

impl Standing {
    /// The whole as one word for the store.
    pub fn word(&self) -> String {
        {
            let licence = self.licence.as_deref().unwrap_or_default();
            format!("{} {licence}", self.role.unwrap_or("-"))
        }
    }
}

/// Who may see a project, the fewest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Visibility {
    /// Its members.
    Private,
    /// Everybody with an account on the server.
    Internal,
    /// Everybody.
    Public,
}

impl Visibility {
    /// Every kind with the word that stands for it.
    pub const WORDS: [(&'static str, Self); 3] = [
        ("private", Self::Private),
        ("internal", Self::Internal),
        ("public", Self::Public),
    ];

    /// The word that stands for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Internal => "internal",
            Self::Public => "public",
        }
    }
}

/// What an account may do in a project by its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// See confidential issues and internal comments.
    pub sees_confidential: Right,
    /// Set labels, assignees, dates and times.
    pub sets_fields: Right,
    /// Edit comments that others wrote.
    pub edits_others: Right,
    /// Say when something was written first.
    pub sets_times: Right,
}

/// Something that one may do or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Right {
    /// The account may.
    pub granted: bool,
    /// What it takes, such as `Maintainer`.
    pub needs: &'static str,
}

/// What a directory is like, as far as this user is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilesState {
    /// It is a tracker already; otherwise one is begun there.
    pub exists: bool,
    /// This user may write there.
    pub writable: bool,
}
