//! What is on the server: people, tokens, projects, issues.

use crate::clock::Clock;
use crate::faults::{Fault, Hooks, When};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Everything that the simulator knows.
#[derive(Clone, Debug)]
pub struct World {
    /// What time it is.
    pub clock: Clock,
    /// People by id.
    pub users: BTreeMap<u64, User>,
    /// Tokens by what stands in the header.
    pub tokens: BTreeMap<String, Token>,
    /// Projects by id.
    pub projects: BTreeMap<u64, Project>,
    /// What `GET /metadata` says.
    pub version: String,
    /// Weights, epics and iterations, several assignees, exclusive scoped labels.
    pub premium: bool,
    /// The address below which everything is, without a slash at its end; `""` for the root.
    pub relative_url: String,
    /// How long every answer takes, by the real clock.
    pub latency: Duration,
    /// Requests of a user per minute that headers tell of; `None`: no such limit.
    pub requests_per_minute: Option<u64>,
    /// New notes of a user per minute, which no header tells of.
    pub notes_per_minute: Option<u64>,
    /// New issues of a user in a project per minute, which no header tells of.
    pub issues_per_minute: Option<u64>,
    /// Longest description or note, in bytes.
    pub text_limit: usize,
    /// Every request with its answer.
    pub log: Vec<Logged>,
    /// Who was written to because of a mention, and in which issue of which project.
    pub mails: Vec<(String, u64, u64)>,
    /// What is going to go wrong.
    pub faults: Vec<(When, Fault)>,
    /// Requests that arrived, answered or not.
    pub received: u64,
    /// Requests and writes since the last fault was planned.
    pub(crate) counted: (u64, u64),
    /// What people do between requests.
    pub(crate) hooks: Hooks,
    /// Writes that are going to be carried out later.
    pub(crate) later: Vec<(Timestamp, crate::server::Request)>,
    /// How often somebody did something within which minute.
    pub(crate) buckets: BTreeMap<(String, i64), u64>,
    next_id: u64,
}

/// A request that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// `GET`, `POST`, …
    pub method: String,
    /// Below the host, with its query.
    pub target: String,
    /// What was answered.
    pub status: u16,
    /// What was sent, if it was text.
    pub body: String,
    /// Whose token it was.
    pub user: Option<String>,
}

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct User {
    /// The account's number.
    pub id: u64,
    /// Without `@`.
    pub username: String,
    /// As it is shown.
    pub name: String,
    /// May do everything.
    pub admin: bool,
}

/// What a header may say instead of a password.
#[derive(Clone, Debug)]
pub struct Token {
    /// Whose it is.
    pub user: u64,
    /// `api`, `read_api`, …
    pub scopes: Vec<&'static str>,
    /// Not any more.
    pub revoked: bool,
    /// Its time is over.
    pub expired: bool,
    /// When its time is over.
    pub expires_at: Option<jiff::civil::Date>,
}

/// What somebody may do in a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reads and opens issues.
    Guest,
    /// Plans: labels, milestones, dates, confidential issues.
    Planner,
    /// Reads everything.
    Reporter,
    /// Works on it.
    Developer,
    /// Edits what others wrote.
    Maintainer,
    /// Sets times.
    Owner,
}

/// A project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its number.
    pub id: u64,
    /// `group/project`.
    pub path: String,
    /// Where it was before.
    pub old_paths: Vec<String>,
    /// Who may do what.
    pub members: BTreeMap<u64, Role>,
    /// Whoever is no member may read it.
    pub public: bool,
    /// It has issues.
    pub issues_enabled: bool,
    /// What an issue without a description gets.
    pub template: Option<String>,
    /// Labels, those of the group too.
    pub labels: Vec<Label>,
    /// Titles of milestones by their global ids.
    pub milestones: BTreeMap<u64, String>,
    /// Issues by their number.
    pub issues: BTreeMap<u64, Issue>,
    /// Files by secret and name.
    pub uploads: BTreeMap<(String, String), Vec<u8>>,
    /// The next number of an issue.
    pub next_iid: u64,
}

/// A label.
#[derive(Clone, Debug)]
pub struct Label {
    /// Its number.
    pub id: u64,
    /// Its title.
    pub name: String,
    /// `#rrggbb`
    pub color: String,
    /// May be nothing.
    pub description: Option<String>,
    /// It belongs to the group of the project.
    pub of_group: bool,
}

/// An issue.
#[derive(Clone, Debug)]
pub struct Issue {
    /// Its number on the server.
    pub id: u64,
    /// Its number in the project.
    pub iid: u64,
    /// One line.
    pub title: String,
    /// Markdown.
    pub description: Option<String>,
    /// Not closed.
    pub open: bool,
    /// When it was made, or is said to be.
    pub created_at: Timestamp,
    /// When it changed last, with the throttle.
    pub updated_at: Timestamp,
    /// When and by whom it was closed.
    pub closed: Option<(Timestamp, u64)>,
    /// Who wrote it.
    pub author: u64,
    /// Titles of labels.
    pub labels: BTreeSet<String>,
    /// Global id of the milestone.
    pub milestone: Option<u64>,
    /// Who is to work on it.
    pub assignees: Vec<u64>,
    /// `2026-01-31`
    pub due_date: Option<String>,
    /// Seen by few.
    pub confidential: bool,
    /// `issue`, `incident`, `task`, `test_case`
    pub issue_type: String,
    /// Points, if the licence has them.
    pub weight: Option<u64>,
    /// Number and title of its epic, if the licence has them.
    pub epic: Option<(u64, String)>,
    /// Title of its iteration, if the licence has them.
    pub iteration: Option<String>,
    /// In seconds.
    pub time_estimate: i64,
    /// In seconds.
    pub time_spent: i64,
    /// In the order in which they were written.
    pub notes: Vec<Note>,
}

/// A note: a comment, or what the server wrote itself.
#[derive(Clone, Debug)]
pub struct Note {
    /// Its number on the server.
    pub id: u64,
    /// Markdown.
    pub body: String,
    /// Who wrote it.
    pub author: u64,
    /// When it was written, or is said to be.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Timestamp,
    /// The server wrote it.
    pub system: bool,
    /// Seen by members only.
    pub internal: bool,
}

impl Default for World {
    fn default() -> Self {
        Self {
            clock: Clock::default(),
            users: BTreeMap::new(),
            tokens: BTreeMap::new(),
            projects: BTreeMap::new(),
            version: "18.3.0-ee".to_owned(),
            premium: false,
            relative_url: String::new(),
            latency: Duration::ZERO,
            requests_per_minute: None,
            notes_per_minute: None,
            issues_per_minute: None,
            text_limit: 1_048_576,
            log: Vec::new(),
            mails: Vec::new(),
            faults: Vec::new(),
            received: 0,
            counted: (0, 0),
            hooks: Hooks::default(),
            later: Vec::new(),
            buckets: BTreeMap::new(),
            next_id: 100,
        }
    }
}

impl World {
    /// A number that nothing has yet.
    pub fn fresh_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Numbers from now on are greater than this one.
    pub fn ids_from(&mut self, least: u64) {
        self.next_id = self.next_id.max(least);
    }

    /// Somebody new; answers the account's number.
    pub fn add_user(&mut self, username: &str) -> u64 {
        let id = self.fresh_id();
        let name = format!("{} of {username}", "Name");
        self.users.insert(
            id,
            User {
                id,
                username: username.to_owned(),
                name,
                admin: false,
            },
        );
        id
    }

    /// A token of somebody with every right of theirs.
    pub fn add_token(&mut self, text: &str, user: u64) {
        self.tokens.insert(
            text.to_owned(),
            Token {
                user,
                scopes: vec!["api"],
                revoked: false,
                expired: false,
                expires_at: None,
            },
        );
    }

    /// A private project; answers its number.
    pub fn add_project(&mut self, path: &str) -> u64 {
        let id = self.fresh_id();
        self.projects.insert(
            id,
            Project {
                id,
                path: path.to_owned(),
                old_paths: Vec::new(),
                members: BTreeMap::new(),
                public: false,
                issues_enabled: true,
                template: None,
                labels: Vec::new(),
                milestones: BTreeMap::new(),
                issues: BTreeMap::new(),
                uploads: BTreeMap::new(),
                next_iid: 1,
            },
        );
        id
    }

    /// Gives somebody a role.
    pub fn set_role(&mut self, project: u64, user: u64, role: Role) {
        if let Some(project) = self.projects.get_mut(&project) {
            project.members.insert(user, role);
        }
    }

    /// An issue as a person opens it in the browser; answers its number in the project.
    pub fn open_issue(&mut self, project: u64, author: u64, title: &str, text: &str) -> u64 {
        let (id, now) = (self.fresh_id(), self.clock.now());
        let Some(project) = self.projects.get_mut(&project) else {
            return 0;
        };
        let iid = project.next_iid;
        project.next_iid += 1;
        project.issues.insert(
            iid,
            Issue {
                id,
                iid,
                title: title.to_owned(),
                description: (!text.is_empty()).then(|| text.to_owned()),
                open: true,
                created_at: now,
                updated_at: now,
                closed: None,
                author,
                labels: BTreeSet::new(),
                milestone: None,
                assignees: Vec::new(),
                due_date: None,
                confidential: false,
                issue_type: "issue".to_owned(),
                weight: None,
                epic: None,
                iteration: None,
                time_estimate: 0,
                time_spent: 0,
                notes: Vec::new(),
            },
        );
        iid
    }

    /// A comment as a person writes it in the browser; answers its number.
    pub fn comment(&mut self, project: u64, iid: u64, author: u64, body: &str) -> u64 {
        let (id, now) = (self.fresh_id(), self.clock.now());
        let issue = self.issue_mut(project, iid);
        issue.notes.push(Note {
            id,
            body: body.to_owned(),
            author,
            created_at: now,
            updated_at: now,
            system: false,
            internal: false,
        });
        issue.touch(now);
        id
    }

    /// An issue that must be there.
    ///
    /// # Panics
    ///
    /// If it is not.
    pub fn issue(&self, project: u64, iid: u64) -> &Issue {
        &self.projects[&project].issues[&iid]
    }

    /// An issue that must be there, to be changed.
    ///
    /// # Panics
    ///
    /// If it is not.
    pub fn issue_mut(&mut self, project: u64, iid: u64) -> &mut Issue {
        self.projects
            .get_mut(&project)
            .and_then(|project| project.issues.get_mut(&iid))
            .expect("an issue that is there")
    }

    /// Plans a fault, counted from the next request on.
    pub fn plan(&mut self, when: When, fault: Fault) {
        self.counted = (0, 0);
        self.faults.push((when, fault));
    }

    /// Lets people do something just before a request is carried out, counted from the next one on,
    /// from 1.
    pub fn at_request(&mut self, request: u64, change: impl FnOnce(&mut World) + Send + 'static) {
        self.counted = (0, 0);
        self.hooks.add(request, Box::new(change));
    }

    /// Forgets every fault and every change that did not happen yet.
    pub fn calm(&mut self) {
        self.faults.clear();
        self.hooks.clear();
    }

    /// How many requests of a method the log has.
    pub fn requests(&self, method: &str) -> usize {
        self.log
            .iter()
            .filter(|logged| logged.method == method)
            .count()
    }

    /// How many requests the log has that are no GET.
    pub fn writes(&self) -> usize {
        self.log
            .iter()
            .filter(|logged| logged.method != "GET")
            .count()
    }

    /// Counts something of somebody within this minute; `false` if that is too often.
    pub(crate) fn within(&mut self, what: String, limit: Option<u64>) -> bool {
        let Some(limit) = limit else {
            return true;
        };
        let minute = self.clock.now().as_second().div_euclid(60);
        let count = self.buckets.entry((what, minute)).or_default();
        *count += 1;
        *count <= limit
    }
}

impl Issue {
    /// Touches an issue: within a minute of its last change it stays as it was (reference §9.2).
    pub fn touch(&mut self, now: Timestamp) {
        if now.duration_since(self.updated_at).as_secs() > 60 {
            self.updated_at = now;
        }
    }

    /// What people wrote.
    pub fn comments(&self) -> Vec<&Note> {
        self.notes.iter().filter(|note| !note.system).collect()
    }
}
