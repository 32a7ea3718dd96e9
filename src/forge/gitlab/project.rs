//! A project on a server: how it is opened, asked for below its path, and known again after it moved.
//! <https://docs.gitlab.com/api/projects/>

use super::convert::Us;
use super::holds::{self, capabilities};
use super::{Gitlab, wire};
use crate::forge::http::{Call, Client, Reply, Settings, Token};
use crate::forge::{ErrorKind, ForgeError, Meter};
use crate::model::{KnownProject, Project, ProjectKey};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::sync::{Mutex, OnceCell};
use url::Url;

/// How a GitLab server is reached. gitlab.com has limits that no header tells of; we stay a little
/// below them, because others use the account too. Elsewhere they are what its owner set, or off:
/// there a 429 comes before the write, and is waited for.
pub fn settings(
    url: Url,
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
    /// Addresses that it had before, without scheme, the oldest first.
    pub aliases: Vec<String>,
    /// Names of accounts that are trusted like that of the token.
    pub trusted: Vec<String>,
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
        known: Option<KnownProject>,
    ) -> Result<Self, ForgeError> {
        let client = Arc::clone(&server.client);
        // Whatever it is called now, what it was called first stays in the keys of its projects.
        let first = server.aliases.first();
        let host = first.cloned().unwrap_or_else(|| host(&client));
        let meter = Meter::default();
        let remembered = known.and_then(|known| {
            let id = known
                .key
                .0
                .strip_prefix(&format!("{host}:"))?
                .parse()
                .ok()?;
            // Asked once more if the store is of a version that did not ask for the last of it.
            Some((id, known.name, known.pages?))
        });
        let checked = OnceCell::new();
        let (id, name, pages) = match remembered {
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
                let base = client.base().as_str().trim_end_matches('/');
                let pages = found.pages().unwrap_or_else(|| base.to_owned());
                let named = (found.id, found.path_with_namespace.clone(), pages);
                let _ = checked.set(found);
                named
            }
        };
        Ok(Self {
            project: Project {
                key: ProjectKey(format!("{host}:{id}")),
                host: shown_host(&client),
                name,
                pages: Some(pages),
            },
            aliases: server.aliases.clone(),
            path: path.to_owned(),
            id,
            early: holds::early(client.timeout()),
            capabilities: capabilities(client.timeout()),
            is_early: OnceCell::new(),
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

    /// Below which address the server has its pages.
    pub(super) fn pages(&self) -> Url {
        let pages = self.project.pages.as_deref();
        let pages = pages.and_then(|pages| Url::parse(pages).ok());
        pages.unwrap_or_else(|| self.client.base().clone())
    }

    /// The path of a request below the project.
    pub(super) fn below<'a>(&'a self, rest: &[&'a str]) -> Vec<&'a str> {
        let mut path = vec!["api", "v4", "projects", self.path.as_str()];
        path.extend(rest);
        path
    }

    pub(super) async fn send(&self, call: Call<'_>) -> Result<Reply, ForgeError> {
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
    pub(super) async fn us(&self) -> Result<&Us, ForgeError> {
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
    pub(super) async fn check(&self) -> Result<&wire::Project, ForgeError> {
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

    pub(super) fn is_this(&self, id: u64, doing: &str) -> Result<(), ForgeError> {
        if id == self.id {
            return Ok(());
        }
        let said = format!(
            "another project is at {} now (number {id} instead of {}); write the new path of the former one into the configuration",
            self.path, self.id
        );
        Err(ForgeError::new(ErrorKind::Rejected, doing, said))
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
    host_of(client.base())
}

/// The host of an address, with a port that is not the usual one.
pub(super) fn host_of(address: &Url) -> String {
    let host = address.host_str().unwrap_or("").to_owned();
    match address.port() {
        Some(port) => format!("{host}:{port}"),
        None => host,
    }
}

/// A project that is not there and one that may not be seen look the same.
pub(super) fn no_project(error: ForgeError) -> ForgeError {
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
