//! What is on the server: people, tokens, projects, issues.

use crate::clock::Clock;
use crate::faults::{Fault, Hooks, When};
use crate::gitlab::Named;
pub use crate::people::{Role, Token, User};
pub use crate::project::{Event, Happened, Issue, IssueLink, Label, Milestone, Note, Project};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Child;
use std::sync::{Arc, Mutex, PoisonError};
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
    /// Links between issues.
    pub links: Vec<IssueLink>,
    /// Files that are too large to be kept, by project, secret and name: how long they are. What is in
    /// them is zeros, in those that were uploaded too, or they would not be here.
    pub large: BTreeMap<(u64, String, String), u64>,
    /// Numbers that new issues are to have are dropped, whoever asks.
    pub drops_numbers: bool,
    /// What `GET /metadata` says.
    pub version: String,
    /// Weights, epics and iterations, several assignees, exclusive scoped labels.
    pub premium: bool,
    /// The licence has what Ultimate has beyond that.
    pub ultimate: bool,
    /// Confidentiality is dropped without a word, on create and on update, whoever asks for it. No
    /// GitLab does so: it takes it on create from whoever may create, and on update from planners.
    pub drops_confidential: bool,
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
    /// Lists of a user per minute that search, which no header tells of.
    pub searches_per_minute: Option<u64>,
    /// The whole server is at another origin: every answer is this status and names it.
    pub moved_to: Option<(u16, String)>,
    /// Relations may be imported; off by default where people run GitLab themselves.
    pub imports_enabled: bool,
    /// Imports of relations, the newest last.
    pub(crate) imports: Vec<crate::gitlab::Import>,
    /// Longest description or note, in bytes, where a version knows such a setting
    /// (`description_and_note_max_size`).
    pub text_limit: usize,
    /// Every request with its answer.
    pub log: Vec<Logged>,
    /// Who was written to because of a mention, and in which issue of which project.
    pub mails: Vec<(String, u64, u64)>,
    /// Lines that were taken for commands, and in which issue of which project.
    pub executed: Vec<(String, u64, u64)>,
    /// What got a note that it was mentioned, and in which issue of which project that was.
    pub backlinks: Vec<(Named, u64, u64)>,
    /// The address that links on pages begin with; that of a server, if nothing else is said.
    pub web_address: String,
    /// Hosts under which it was asked: it knows itself by these.
    pub(crate) hosts: BTreeSet<String>,
    /// What is going to go wrong.
    pub faults: Vec<(When, Fault)>,
    /// The process that [`Fault::Kill`] kills. Who waits for its end must not hold this lock
    /// meanwhile.
    pub victim: Option<Arc<Mutex<Child>>>,
    /// Requests that arrived, answered or not.
    pub received: u64,
    /// Requests and writes since the last fault was planned.
    pub(crate) since_planned: (u64, u64),
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
    /// What was sent; of a file its name and beginning.
    pub body: String,
    /// Whose token it was.
    pub user: Option<String>,
    /// There was a token, known or not.
    pub with_token: bool,
}

impl Default for World {
    fn default() -> Self {
        Self {
            clock: Clock::default(),
            users: BTreeMap::new(),
            tokens: BTreeMap::new(),
            projects: BTreeMap::new(),
            links: Vec::new(),
            large: BTreeMap::new(),
            drops_numbers: false,
            version: "18.3.0-ee".to_owned(),
            premium: false,
            ultimate: false,
            drops_confidential: false,
            relative_url: String::new(),
            latency: Duration::ZERO,
            requests_per_minute: None,
            notes_per_minute: None,
            issues_per_minute: None,
            searches_per_minute: Some(30),
            moved_to: None,
            imports_enabled: false,
            imports: Vec::new(),
            text_limit: 1_048_576,
            log: Vec::new(),
            mails: Vec::new(),
            executed: Vec::new(),
            backlinks: Vec::new(),
            web_address: String::new(),
            hosts: BTreeSet::new(),
            faults: Vec::new(),
            victim: None,
            received: 0,
            since_planned: (0, 0),
            hooks: Hooks::default(),
            later: Vec::new(),
            buckets: BTreeMap::new(),
            next_id: 100,
        }
    }
}

impl World {
    /// An empty server with the limits of gitlab.com (reference §5).
    pub fn as_gitlab_com() -> Self {
        Self {
            premium: true,
            imports_enabled: true,
            requests_per_minute: Some(2000),
            notes_per_minute: Some(60),
            issues_per_minute: Some(200),
            ..Self::default()
        }
    }

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
                public_email: String::new(),
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
                archived: false,
                emails_disabled: false,
                free: false,
                issues_enabled: true,
                integrations: BTreeMap::new(),
                template: None,
                labels: Vec::new(),
                archived_labels: BTreeSet::new(),
                milestones: BTreeMap::new(),
                milestone_authors: BTreeMap::new(),
                issues: BTreeMap::new(),
                uploads: BTreeMap::new(),
                merge_requests: BTreeSet::new(),
                commits: BTreeSet::new(),
                next_iid: 1,
            },
        );
        id
    }

    /// Whether the licence of a project has weights and their kin.
    pub(crate) fn is_premium(&self, project: u64) -> bool {
        self.premium && !self.projects[&project].free
    }

    /// Gives somebody a role.
    pub fn set_role(&mut self, project: u64, user: u64, role: Role) {
        if let Some(project) = self.projects.get_mut(&project) {
            project.members.insert(user, role);
        }
    }

    /// An issue as a person opens it in the browser; answers its number in the project.
    pub fn open_issue(&mut self, project: u64, author: u64, title: &str, text: &str) -> u64 {
        let next = self.projects.get(&project).map(|project| project.next_iid);
        next.map_or(0, |iid| self.open_as(project, author, iid, title, text))
    }

    /// The same under a number that no issue has; those that come later have greater ones.
    pub(crate) fn open_as(
        &mut self,
        project: u64,
        author: u64,
        iid: u64,
        title: &str,
        text: &str,
    ) -> u64 {
        let (id, now) = (self.fresh_id(), self.clock.now());
        let Some(project) = self.projects.get_mut(&project) else {
            return 0;
        };
        project.next_iid = project.next_iid.max(iid + 1);
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
                start_date: None,
                health: None,
                thumbs: (0, 0),
                confidential: false,
                issue_type: "issue".to_owned(),
                locked: false,
                weight: None,
                epic: None,
                iteration: None,
                time_estimate: 0,
                time_spent: 0,
                notes: Vec::new(),
                events: Vec::new(),
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
            discussion: id,
            in_thread: false,
        });
        issue.touch(now);
        id
    }

    /// An answer to a comment as a person writes it in the browser; answers its number.
    ///
    /// # Panics
    ///
    /// If that comment is not there.
    pub fn reply(&mut self, project: u64, iid: u64, to: u64, author: u64, body: &str) -> u64 {
        let id = self.comment(project, iid, author, body);
        let notes = &mut self.issue_mut(project, iid).notes;
        let first = notes.iter().find(|note| note.id == to).cloned();
        let first = first.expect("the comment that is answered is not there");
        for note in notes.iter_mut() {
            if note.id == id {
                note.discussion = first.discussion;
                note.internal = first.internal;
            }
            note.in_thread |= note.discussion == first.discussion;
        }
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
        self.since_planned = (0, 0);
        self.faults.push((when, fault));
    }

    /// Kills the victim and returns when it is dead: it sends nothing any more.
    pub(crate) fn kill_victim(&mut self) {
        if let Some(victim) = self.victim.take() {
            let mut victim = victim.lock().unwrap_or_else(PoisonError::into_inner);
            // It cannot be dead already: it waits for an answer.
            victim.kill().expect("a process that runs");
            victim.wait().expect("a process of ours");
        }
    }

    /// Lets people do something just before a request is carried out, counted from the next one on,
    /// from 1.
    pub fn at_request(&mut self, request: u64, change: impl FnOnce(&mut World) + Send + 'static) {
        self.since_planned = (0, 0);
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
        limit.is_none_or(|limit| self.counted(what) <= limit)
    }

    /// Counts something within this minute; windows are those of the clock (reference §5 A).
    pub(crate) fn counted(&mut self, what: String) -> u64 {
        let minute = self.clock.now().as_second().div_euclid(60);
        let count = self.buckets.entry((what, minute)).or_default();
        *count += 1;
        *count
    }
}
