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
mod inspect;
mod kinds;
mod labels;
mod links;
mod milestones;
mod people;
mod read;
mod references;
mod relative;
mod wire;

pub use inspect::inspect_server;

use self::abilities::{PLANNER, PLANS, PREMIUM};
use self::convert::Us;
use self::wire::Row;
use super::http::{Call, Client, Kind, Reply, Settings, Token};
use super::{
    Acts, Answer, Capabilities, Download, Each, ErrorKind, Forge, ForgeError, Meter, Sending,
    Upload,
};
use crate::model::{
    Attachment, Beginning, Comment, CommentId, CommentPatch, Cursor, Date, Field, Fields,
    Inspection, Issue, IssueId, IssueNumber, KnownMilestone, Label, LabelTitles, Lengths, Listed,
    Listing, Longest, Milestone, MilestoneChange, Need, NewComment, NewIssue, Numbered, Patch,
    Project, ProjectKey, Relation, Relations, Side, Spelling, Standing, Thread, Timestamp, Types,
};
use futures_util::FutureExt;
use jiff::SignedDuration;
use reqwest::Method;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::sync::{Mutex, OnceCell};

/// Rows of a page; GitLab gives no more.
const PAGE: usize = 100;
/// How far before the server's time a cursor lies: the throttle, and clocks.
const OVERLAP: SignedDuration = SignedDuration::from_secs(120);
/// How many issues' comments are read at once.
const READS: usize = 6;

/// A project on GitLab.
pub struct Gitlab {
    client: Arc<Client>,
    /// Path or number, as the configuration has it.
    path: String,
    id: u64,
    project: Project,
    capabilities: Capabilities,
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

/// What an issue can have. Iterations and epics belong to groups and are made by people.
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
    Field::DueDate,
    Field::TimeEstimate,
    Field::TimeSpent,
];

/// What the creating request can carry; the others follow.
const ON_CREATE: &[Field] = &[
    Field::Title,
    Field::Text,
    Field::Rewriting,
    Field::Envelope,
    Field::Labels,
    Field::Confidential,
    Field::Type,
    Field::Locked,
    Field::DueDate,
    Field::Weight,
    Field::Milestone,
    Field::Assignees,
];

/// What takes more than to be somebody who may write issues. What is missing is dropped without a
/// word, or refused for the times.
const NEEDS: &[(Field, Need)] = &[
    (Field::Labels, Need::role(PLANS)),
    (Field::Locked, Need::role(PLANS)),
    (Field::Milestone, Need::role(PLANS)),
    (Field::Assignees, Need::role(PLANS)),
    (Field::DueDate, Need::role(PLANS)),
    (Field::TimeEstimate, Need::role(PLANS)),
    (Field::TimeSpent, Need::role(PLANS)),
    (
        Field::Weight,
        Need {
            licence: Some(PREMIUM),
            ..Need::role(PLANS)
        },
    ),
];

/// Labels are listed with commas in between.
const LABEL_TITLES: LabelTitles = LabelTitles {
    instead: &[(',', ';')],
    cuts_tags: true,
    longest: 255,
    ignores_case: false,
};

/// How a GitLab server is reached. gitlab.com has limits that no header tells of; we stay a little
/// below them, because others use the account too. Elsewhere they are what its owner set, or off:
/// there a 429 comes before the write, and is waited for.
pub fn settings(
    url: url::Url,
    token: Token,
    certificates: Option<Vec<u8>>,
    timeout: Duration,
    requests_per_minute: Option<u64>,
    ends: Arc<AtomicBool>,
) -> Settings {
    let is_public = url.host_str() == Some("gitlab.com");
    let limit = |limit| is_public.then_some(limit);
    Settings {
        url,
        token,
        token_header: "private-token",
        certificates,
        timeout,
        requests_per_minute,
        issues_per_minute: limit(180),
        comments_per_minute: limit(55),
        ends,
    }
}

/// A server as all pairs of a run share it.
#[derive(Clone)]
pub struct Server {
    /// How it is reached.
    pub client: Arc<Client>,
    /// The address that it had first, if it had another one.
    pub first_address: Option<String>,
    /// Names of accounts that are trusted like that of the token.
    pub trusted: Vec<String>,
}

/// What is remembered of a project, so that it need not be asked for again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its identity.
    pub key: ProjectKey,
    /// What people call it.
    pub name: String,
}

impl Gitlab {
    /// Opens a project. `known`: what is remembered of it; then nothing is asked before it is needed.
    ///
    /// # Errors
    ///
    /// If it cannot be found or seen.
    pub async fn open(
        server: &Server,
        path: &str,
        known: Option<Known>,
    ) -> Result<Self, ForgeError> {
        let client = Arc::clone(&server.client);
        // Whatever it is called now, what it was called first stays in the keys of its projects.
        let host = server
            .first_address
            .clone()
            .unwrap_or_else(|| host(&client));
        let meter = Meter::default();
        let remembered = known.and_then(|known| {
            let id = known
                .key
                .0
                .strip_prefix(&format!("{host}:"))?
                .parse()
                .ok()?;
            Some((id, known.name))
        });
        let checked = OnceCell::new();
        let (id, name) = match remembered {
            Some(remembered) => remembered,
            None => {
                let call = Call::get(vec!["api", "v4", "projects", path]);
                let found: wire::Project = match client.send(call, &meter).await {
                    Ok(reply) => reply.read()?,
                    Err(error) if is_elsewhere(&error) => {
                        let to = new_path(&client, path, &meter).await;
                        return Err(moved(error, to.as_deref()));
                    }
                    Err(error) => return Err(no_project(error)),
                };
                let named = (found.id, found.path_with_namespace.clone());
                let _ = checked.set(found);
                named
            }
        };
        Ok(Self {
            project: Project {
                key: ProjectKey(format!("{host}:{id}")),
                host: shown_host(&client),
                name,
            },
            path: path.to_owned(),
            id,
            capabilities: capabilities(client.timeout()),
            client,
            meter,
            us: OnceCell::new(),
            trusted: server.trusted.clone(),
            checked,
            keyset: OnceCell::new(),
            standing: OnceCell::new(),
            labels: Mutex::default(),
            threads: Mutex::default(),
            no_threads: Mutex::default(),
            milestones: Mutex::default(),
            members: Mutex::default(),
            temporary: OnceCell::new(),
            moved_to: OnceCell::new(),
        })
    }

    /// The path of a request below the project.
    fn below<'a>(&'a self, rest: &[&'a str]) -> Vec<&'a str> {
        let mut path = vec!["api", "v4", "projects", self.path.as_str()];
        path.extend(rest);
        path
    }

    async fn send(&self, call: Call<'_>) -> Result<Reply, ForgeError> {
        match self.client.send(call, &self.meter).await {
            Err(error) if is_elsewhere(&error) => {
                let ask = || new_path(&self.client, &self.path, &self.meter);
                let to = self.moved_to.get_or_init(ask).await;
                Err(moved(error, to.as_deref()))
            }
            answer => answer,
        }
    }

    /// The account of the token, and those that are trusted like it.
    async fn us(&self) -> Result<&Us, ForgeError> {
        let ask = || async {
            let user: wire::Oneself = self
                .send(Call::get(vec!["api", "v4", "user"]))
                .await?
                .read()?;
            Ok(Us {
                id: user.id,
                admin: user.is_admin == Some(true),
                trusted: self.trusted.clone(),
            })
        };
        self.us.get_or_try_init(ask).await
    }

    /// Makes sure once, before anything is written, that the path still leads to this project.
    /// Answers what it is.
    async fn check(&self) -> Result<&wire::Project, ForgeError> {
        let ask = || async {
            let reply = self
                .send(Call::get(self.below(&[])))
                .await
                .map_err(no_project)?;
            let found: wire::Project = reply.read()?;
            self.is_this(found.id, &reply.doing)?;
            Ok(found)
        };
        self.checked.get_or_try_init(ask).await
    }

    fn is_this(&self, id: u64, doing: &str) -> Result<(), ForgeError> {
        if id == self.id {
            return Ok(());
        }
        let said = format!(
            "another project is at {} now (number {id} instead of {}); write the new path of the former one into the configuration",
            self.path, self.id
        );
        Err(ForgeError::new(ErrorKind::Rejected, doing, said))
    }

    async fn change(
        &self,
        number: IssueNumber,
        patch: Patch,
        sending: Sending<'_>,
    ) -> Result<Issue, ForgeError> {
        self.check().await?;
        let mut begun = false;
        let changed = self
            .change_stepwise(number, patch, sending, &mut begun)
            .await;
        // Of a change of several steps, some may be done.
        changed.map_err(|error| {
            if begun {
                error.of_unknown_fate()
            } else {
                error
            }
        })
    }

    /// Changes an issue by as many requests as it takes. `begun`: one of them was carried out.
    async fn change_stepwise(
        &self,
        number: IssueNumber,
        patch: Patch,
        sending: Sending<'_>,
        begun: &mut bool,
    ) -> Result<Issue, ForgeError> {
        let us = self.us().await?;
        let iid = number.to_string();
        let mut body = convert::patch(&patch);
        self.name_milestone(&mut body, &patch).await?;
        self.name_assignees(&mut body, &patch, Some(number)).await?;
        // What the answers to the other steps do not have is read before them.
        let writes = !body.is_empty();
        let put = |body: serde_json::Map<String, serde_json::Value>| {
            let path = self.below(&["issues", &iid]);
            if body.is_empty() {
                return Call::get(path);
            }
            Call::new(Method::PUT, path).json(body.into())
        };
        let reply = self.send_kind(body, put).await?;
        *begun = writes;
        let answer: wire::Issue = reply.read()?;
        let mut answer = self.open_locked(&iid, &patch, answer).await?;
        if let Some(seconds) = patch.time_estimate {
            let call = match seconds {
                0 => Call::new(
                    Method::POST,
                    self.below(&["issues", &iid, "reset_time_estimate"]),
                ),
                _ => Call::new(Method::POST, self.below(&["issues", &iid, "time_estimate"]))
                    .json(serde_json::json!({ "duration": format!("{seconds}s") })),
            };
            self.log(call, &mut answer, begun).await?;
        }
        if let Some(seconds) = patch.add_time_spent {
            let call = Call::new(
                Method::POST,
                self.below(&["issues", &iid, "add_spent_time"]),
            )
            .json(serde_json::json!({ "duration": format!("{seconds}s") }))
            .telling(sending);
            self.log(call, &mut answer, begun).await?;
        }
        Ok(convert::issue(&answer, us, self.client.now()))
    }

    /// Changes a time of an issue. Whoever may not is refused; what else was changed is done, so the
    /// answer only tells that the time is what it was.
    async fn log(
        &self,
        call: Call<'_>,
        answer: &mut wire::Issue,
        begun: &mut bool,
    ) -> Result<(), ForgeError> {
        match self.send(call).await {
            Err(error) if error.kind == ErrorKind::Denied => Ok(()),
            reply => {
                let reply = reply?;
                *begun = true;
                answer.time_stats = Some(reply.read()?);
                Ok(())
            }
        }
    }

    /// Sends a comment; what the forge took for commands alone is none.
    async fn written(&self, call: Call<'_>) -> Result<Comment, ForgeError> {
        let us = self.us().await?;
        let reply = self.send(call).await?;
        if reply.status.as_u16() == 202 {
            let said = "it took the whole comment for commands and kept nothing of it";
            return Err(ForgeError::new(ErrorKind::Rejected, reply.doing, said).of_unknown_fate());
        }
        let note: wire::Note = reply.read().map_err(ForgeError::of_unknown_fate)?;
        convert::comment(&note, us, None).ok_or_else(|| {
            ForgeError::new(
                ErrorKind::Malformed,
                reply.doing,
                "it answered a note of its own",
            )
            .of_unknown_fate()
        })
    }
}

/// The host with a port that is not the usual one, and the relative address if there is one: what
/// the keys of all its projects begin with.
fn host(client: &Client) -> String {
    let path = client.base().path().trim_matches('/');
    let host = shown_host(client);
    if path.is_empty() {
        host
    } else {
        format!("{host}/{path}")
    }
}

fn shown_host(client: &Client) -> String {
    let host = client.base().host_str().unwrap_or("").to_owned();
    match client.base().port() {
        Some(port) => format!("{host}:{port}"),
        None => host,
    }
}

/// What GitLab holds, with what each takes. `timeout`: how long an answer is waited for.
pub fn capabilities(timeout: Duration) -> Capabilities {
    let twice = u32::try_from(timeout.as_secs().saturating_mul(2)).unwrap_or(u32::MAX);
    Capabilities {
        // Weights too: what a licence drops without a word is heard from the answer.
        holds: HOLDS,
        needs: NEEDS,
        offers: abilities::OFFERS,
        lost: Fields::NONE,
        type_needs: abilities::TYPE_NEEDS,
        lost_types: Types::NONE,
        label_titles: LABEL_TITLES,
        one_of_a_scope: false,
        on_create: ON_CREATE,
        confidential: true,
        internal_notes: true,
        threads: true,
        front_matter: true,
        acts: Acts::EVERYTHING,
        longest: LENGTHS,
        concurrency: 8,
        settles_after_seconds: twice.max(120),
    }
}

/// `Issuable` and `Note` in GitLab's `app/models/concerns`.
const LENGTHS: Lengths = Lengths {
    title: Longest::Characters(255),
    text: Longest::Bytes(1024 * 1024),
    comment: Longest::Characters(1_000_000),
};

/// A project that is not there and one that may not be seen look the same.
fn no_project(error: ForgeError) -> ForgeError {
    if error.kind == ErrorKind::NotFound {
        return ForgeError {
            said: format!(
                "{}; there is no such project, or the account of the token is no member of it",
                error.said
            ),
            ..error
        };
    }
    if error.kind == ErrorKind::Denied && error.status == Some(403) {
        return ForgeError {
            said: format!(
                "{}; are issues switched on there, and has the token the scope `api`?",
                error.said
            ),
            ..error
        };
    }
    error
}

/// Whether an error is what a project answers that was moved: reads are led to its number, and writes
/// are refused.
fn is_elsewhere(error: &ForgeError) -> bool {
    error.kind == ErrorKind::Moved || error.status == Some(405)
}

/// The path of the project that a former path leads to.
async fn new_path(client: &Client, path: &str, meter: &Meter) -> Option<String> {
    let projects = ["api", "v4", "projects"];
    let to = client
        .leads_to(&[&projects[..], &[path]].concat(), meter)
        .await?;
    if to.origin() != client.base().origin() {
        return None;
    }
    let number = to.path_segments()?.next_back()?;
    let call = Call::get([&projects[..], &[number]].concat());
    let found: wire::Project = client.send(call, meter).await.ok()?.read().ok()?;
    Some(found.path_with_namespace)
}

/// The same error with where the project is now, if that is known.
fn moved(error: ForgeError, to: Option<&str>) -> ForgeError {
    let Some(to) = to else {
        return error;
    };
    // What a redirect said is the address of the request, which nobody can write anywhere.
    let refused = match error.kind {
        ErrorKind::Moved => error.said.split(' ').next().unwrap_or(""),
        _ => &format!("{};", error.said),
    };
    ForgeError {
        kind: ErrorKind::Moved,
        said: format!(
            "{refused} the project was moved to {to}; write `project: {to}` into the configuration, and the next run goes on"
        ),
        ..error
    }
}

impl Forge for Gitlab {
    fn project(&self) -> &Project {
        &self.project
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
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
        async move {
            let after = since.as_ref().and_then(|Cursor(text)| text.parse().ok());
            // Who we are makes no difference to a version.
            let nobody = Us::default();
            let mut issues: BTreeMap<u64, Listed> = BTreeMap::new();
            let mut take = |row: Row, now: Timestamp| {
                let listed = Listed {
                    id: IssueId(row.id()),
                    number: IssueNumber(row.iid()),
                    version: match &row {
                        Row::Whole(issue) => convert::issue(issue, &nobody, now).version,
                        Row::Odd(odd, _) => convert::odd_version(odd),
                    },
                };
                issues.insert(row.id(), listed);
            };
            let mut warnings = Vec::new();
            // Another project that took the path, and has no issue yet, is no project without issues.
            if after.is_none()
                && let Some(role) = self.check().await?.role()
                && role < PLANNER
                && !self.us().await?.admin
            {
                warnings.push(format!(
                    "the account of the token is a Guest in {}: it sees no confidential issue, so one that becomes confidential stays on the target as it is. Give it the role Planner or Reporter.",
                    self.project.name
                ));
            }
            let begun = self.changed_since(after, &mut take).await?;
            let cursor = begun.checked_sub(OVERLAP).unwrap_or(begun);
            Ok(Listing {
                issues: issues.into_values().collect(),
                cursor: Some(Cursor(cursor.to_string())),
                complete: after.is_none(),
                warnings,
            })
        }
        .boxed()
    }

    fn begin(&self) -> Answer<'_, Beginning> {
        async move {
            let listing = self.changed(None).await?;
            Ok(Beginning {
                newest: listing.issues.iter().map(|issue| issue.id).max(),
                cursor: listing.cursor,
            })
        }
        .boxed()
    }

    fn newest(&self) -> Answer<'_, Option<IssueId>> {
        async move {
            // A create moves the time of the issue, however its `created_at` was set.
            let call = Call::get(self.below(&["issues"]))
                .query("scope", "all")
                .query("state", "all")
                .query("order_by", "updated_at")
                .query("sort", "desc")
                .query("per_page", PAGE);
            let reply = self.send(call).await.map_err(no_project)?;
            let issues = self.issues(&reply)?;
            if issues.is_empty() {
                self.check().await?;
            }
            // Behind a full page there may be newer ones that changed longer ago.
            if issues.len() == PAGE {
                return Ok(Some(IssueId(u64::MAX)));
            }
            Ok(issues.iter().map(|issue| IssueId(issue.id())).max())
        }
        .boxed()
    }

    fn read(&self, numbers: Vec<IssueNumber>) -> Answer<'_, Vec<Result<Thread, ForgeError>>> {
        self.threads(numbers).boxed()
    }

    fn written_since<'a>(&'a self, since: Timestamp, each: Each<'a>) -> Answer<'a, ()> {
        async move {
            let us = self.us().await?;
            let mut odd = None;
            let mut take = |row: Row, now: Timestamp| match row {
                Row::Whole(issue) => each(convert::issue(&issue, us, now)),
                Row::Odd(which, said) => odd = Some(self.odd(which.iid, &said)),
            };
            self.changed_since(Some(since), &mut take).await?;
            // It may be the one that is looked for.
            odd.map_or(Ok(()), Err)
        }
        .boxed()
    }

    fn create_issue<'a>(&'a self, new: NewIssue, sending: Sending<'a>) -> Answer<'a, Issue> {
        async move {
            self.check().await?;
            let us = self.us().await?;
            let mut body = convert::new_issue(&new);
            self.name_milestone(&mut body, &new.fields).await?;
            self.name_assignees(&mut body, &new.fields, None).await?;
            let post = |body: serde_json::Map<String, serde_json::Value>| {
                let call = Call::new(Method::POST, self.below(&["issues"]));
                let call = call.counts_as(Kind::Issue).telling(sending);
                call.json(body.into())
            };
            let reply = self.send_kind(body, post).await?;
            let issue: wire::Issue = reply.read().map_err(ForgeError::of_unknown_fate)?;
            Ok(convert::issue(&issue, us, self.client.now()))
        }
        .boxed()
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
        async move {
            self.check().await?;
            let iid = number.to_string();
            let path = self.below(&["issues", &iid]);
            self.send(Call::new(Method::DELETE, path)).await.map(drop)
        }
        .boxed()
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
        async move {
            self.check().await?;
            let iid = number.to_string();
            if let Some(answer) = self.reply(number, &new, sending).await? {
                return Ok(answer);
            }
            let call = Call::new(Method::POST, self.below(&["issues", &iid, "notes"]))
                .counts_as(Kind::Comment)
                .telling(sending);
            self.written(call.json(convert::new_comment(&new))).await
        }
        .boxed()
    }

    fn update_comment(
        &self,
        number: IssueNumber,
        comment: CommentId,
        patch: CommentPatch,
    ) -> Answer<'_, Comment> {
        async move {
            self.check().await?;
            let (iid, id) = (number.to_string(), comment.to_string());
            let call = Call::new(Method::PUT, self.below(&["issues", &iid, "notes", &id]));
            let body = serde_json::json!({ "body": patch.body });
            self.written(call.json(body)).await
        }
        .boxed()
    }

    fn delete_comment(&self, number: IssueNumber, comment: CommentId) -> Answer<'_, ()> {
        async move {
            self.check().await?;
            let (iid, id) = (number.to_string(), comment.to_string());
            let path = self.below(&["issues", &iid, "notes", &id]);
            let reply = self.send(Call::new(Method::DELETE, path)).await?;
            // Whatever stands in between answers 200 with a page of its own, and nothing was done.
            if reply.status.as_u16() != 204 {
                reply
                    .read::<serde_json::Value>()
                    .map_err(ForgeError::of_unknown_fate)?;
            }
            Ok(())
        }
        .boxed()
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
        let (base, project) = (self.client.base(), self.project.name.as_str());
        relative::absolute(link, base, project, number.0)
    }

    fn download(
        &self,
        _number: IssueNumber,
        destination: String,
        max_bytes: u64,
    ) -> Answer<'_, Download> {
        async move { self.fetch(&destination, max_bytes).await }.boxed()
    }

    fn upload(&self, file: Upload) -> Answer<'_, String> {
        self.store(file).boxed()
    }
}
