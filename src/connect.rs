//! From configuration to forges: the only place that names every forge.

use crate::config::{Config, End, Instance, Kind, Pair, Server, TokenSource};
use crate::forge::directory::{Access, Directory};
pub use crate::forge::gitlab::Known;
use crate::forge::gitlab::{self, Gitlab};
use crate::forge::http::{Client, Token};
use crate::forge::{ErrorKind, Forge, ForgeError, ServerState};
use crate::text::path::project_path;
use crate::text::seal::Seal;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// How long a program may take that prints a token: one that asks somebody would never end in cron.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long the secret of a seal is at least.
const SECRET: usize = 16;

/// The instances of a run, each with one client that its pairs share.
pub struct Connections<'a> {
    config: &'a Config,
    servers: BTreeMap<String, gitlab::Server>,
}

impl<'a> Connections<'a> {
    /// Reads the tokens of the instances that these ends are on. Nothing is contacted yet.
    /// `run_ends` becomes true when the run is to end and nothing is to be waited for any more.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with them, for a person.
    pub fn new<'e>(
        config: &'a Config,
        ends: impl IntoIterator<Item = &'e End>,
        run_ends: &Arc<AtomicBool>,
    ) -> Result<Self, Vec<String>> {
        let names: BTreeSet<&str> = ends.into_iter().map(|end| end.instance.as_str()).collect();
        let (mut servers, mut problems) = (BTreeMap::new(), Vec::new());
        for name in names {
            let Some(instance) = config.instances.get(name) else {
                continue;
            };
            if let Kind::Gitlab(server) = &instance.kind {
                match client(server, run_ends) {
                    Ok(client) => {
                        let server = gitlab::Server {
                            client: Arc::new(client),
                            aliases: server.aliases.clone(),
                            trusted: server.trusted_authors.clone(),
                        };
                        servers.insert(name.to_owned(), server);
                    }
                    Err(said) => problems.push(format!("the instance `{name}`: {said}")),
                }
            }
        }
        if problems.is_empty() {
            Ok(Self { config, servers })
        } else {
            Err(problems)
        }
    }

    /// Opens the end of a pair that is read. `known`: what is remembered of what was found there.
    ///
    /// # Errors
    ///
    /// If the project cannot be reached or read.
    pub async fn source(
        &self,
        end: &End,
        known: Option<Known>,
    ) -> Result<Box<dyn Forge>, ForgeError> {
        self.open(end, Access::Read, known).await
    }

    /// Opens the end of a pair that is written. `preview`: it is only a trial, so nothing is touched.
    /// `known`: what is remembered of what was found there; then it must be there still.
    ///
    /// # Errors
    ///
    /// If the project cannot be reached or written.
    pub async fn target(
        &self,
        end: &End,
        preview: bool,
        known: Option<Known>,
    ) -> Result<Box<dyn Forge>, ForgeError> {
        let access = match (&known, preview) {
            (Some(_), _) => Access::Existing,
            (None, true) => Access::Preview,
            (None, false) => Access::Write,
        };
        self.open(end, access, known).await
    }

    /// How many requests were made so far to the instance of an end.
    pub fn requests(&self, end: &End) -> u64 {
        let server = self.servers.get(&end.instance);
        server.map_or(0, |server| server.client.sent())
    }

    /// Whether an instance is a server, to which a token belongs.
    pub fn has_token(&self, instance: &str) -> bool {
        self.servers.contains_key(instance)
    }

    /// What the server of an instance says of itself and of the token; `None` for a directory.
    ///
    /// # Errors
    ///
    /// If it cannot be reached, or the token opens nothing.
    pub async fn inspect(&self, instance: &str) -> Result<Option<ServerState>, ForgeError> {
        match self.servers.get(instance) {
            Some(server) => gitlab::inspect_server(server).await.map(Some),
            None => Ok(None),
        }
    }

    async fn open(
        &self,
        end: &End,
        access: Access,
        known: Option<Known>,
    ) -> Result<Box<dyn Forge>, ForgeError> {
        let instance = instance(self.config, end)?;
        match &instance.kind {
            Kind::Directory { path } => {
                let root = root(path, end)?;
                let name = name(&end.project, path, &instance.name);
                Ok(Box::new(Directory::open(root, &name, access)?))
            }
            Kind::Gitlab(_) => match self.servers.get(&end.instance) {
                Some(server) => Ok(Box::new(Gitlab::open(server, &end.project, known).await?)),
                None => Err(no_instance(end)),
            },
        }
    }
}

/// Where the end of a pair is looked for, in words that stay the same for as long as it is there.
///
/// # Errors
///
/// If the configuration names no place.
pub fn place(config: &Config, end: &End) -> Result<String, ForgeError> {
    match &instance(config, end)?.kind {
        Kind::Directory { path } => {
            let root = root(path, end)?;
            // Another way to the same directory is the same place.
            let path = std::fs::canonicalize(&root)
                .or_else(|_| std::path::absolute(&root))
                .unwrap_or(root);
            Ok(format!("directory:{}", path.display()))
        }
        Kind::Gitlab(server) => {
            let url = server.url.as_str().trim_end_matches('/');
            Ok(format!("gitlab:{url}:{}", end.project))
        }
    }
}

fn instance<'a>(config: &'a Config, end: &End) -> Result<&'a Instance, ForgeError> {
    config
        .instances
        .get(&end.instance)
        .ok_or_else(|| no_instance(end))
}

fn no_instance(end: &End) -> ForgeError {
    ForgeError::new(
        ErrorKind::Unsupported,
        format!("opening {}", end.project),
        format!("there is no instance `{}`", end.instance),
    )
}

fn client(server: &Server, run_ends: &Arc<AtomicBool>) -> Result<Client, String> {
    let token = token(&server.token)?;
    let certificates =
        match &server.ca_file {
            Some(path) => Some(std::fs::read(path).map_err(|error| {
                format!("`ca_file` {} cannot be read: {error}.", path.display())
            })?),
            None => None,
        };
    Client::new(gitlab::settings(
        server.url.clone(),
        token,
        certificates,
        server.timeout,
        server.requests_per_minute,
        Arc::clone(run_ends),
    ))
    .map_err(|error| format!("{}.", error.said))
}

/// The seal of a pair's markers, if it names a secret for it.
///
/// # Errors
///
/// If there is none, or it can be guessed; for a person.
pub fn seal(pair: &Pair) -> Result<Option<Seal>, String> {
    let Some(name) = &pair.provenance_key_env else {
        return Ok(None);
    };
    let secret = std::env::var(name).map_err(|_| {
        format!("the environment variable {name} is not set (`provenance_key_env`).")
    })?;
    let secret = secret.trim();
    if secret.chars().count() < SECRET {
        return Err(format!(
            "the environment variable {name} (`provenance_key_env`) holds less than {SECRET} characters; take some that nobody guesses, and keep them."
        ));
    }
    Ok(Some(Seal::new(secret)))
}

fn token(source: &TokenSource) -> Result<Token, String> {
    let (token, from) = match source {
        TokenSource::Env(name) => (
            std::env::var(name).map_err(|_| {
                format!("the environment variable {name} is not set (`token_env`).")
            })?,
            format!("the environment variable {name}"),
        ),
        TokenSource::File(path) => {
            let shown = path.display();
            let token = std::fs::read_to_string(path)
                .map_err(|error| format!("the token cannot be read from {shown}: {error}."))?;
            (token, format!("{shown}"))
        }
        TokenSource::Command(words) => {
            (printed(words, PATIENCE)?, format!("`{}`", words.join(" ")))
        }
    };
    let token = Token::new(&token);
    if token.is_empty() {
        return Err(format!("{from} holds no token, it is empty."));
    }
    Ok(token)
}

/// The first line that a program prints.
fn printed(words: &[String], patience: Duration) -> Result<String, String> {
    let [program, arguments @ ..] = words else {
        return Err("`token_command` names no program.".to_owned());
    };
    let failed = |error| format!("`token_command` {program} cannot be run: {error}.");
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(failed)?;
    let (said, hears) = mpsc::channel();
    if let Some(mut stdout) = child.stdout.take() {
        std::thread::spawn(move || {
            let mut text = Vec::new();
            let read = stdout.read_to_end(&mut text);
            // Nobody listens any more if it took too long.
            let _ = said.send(read.map(|_| text));
        });
    }
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        if begun.elapsed() >= patience {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!(
                "`token_command` {program} did not end within {} s; does it wait for somebody to type something?",
                patience.as_secs()
            ));
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    if !status.success() {
        return Err(format!("`token_command` {program} failed: {status}."));
    }
    // What it left running may hold on to its output.
    let left = patience.saturating_sub(begun.elapsed());
    let text = hears.recv_timeout(left).map_err(|_| {
        format!(
            "`token_command` {program} ended, and something that it began still holds its output."
        )
    })?;
    let text = text.map_err(failed)?;
    let text = String::from_utf8_lossy(&text);
    Ok(text.lines().next().unwrap_or("").to_owned())
}

/// The directory that an end is.
fn root(path: &Path, end: &End) -> Result<PathBuf, ForgeError> {
    let Some(inside) = project_path(&end.project) else {
        return Err(ForgeError::new(
            ErrorKind::Rejected,
            format!("opening {}", end.project),
            "it is no path inside the instance",
        ));
    };
    Ok(if inside.as_os_str().is_empty() {
        path.to_owned()
    } else {
        path.join(inside)
    })
}

/// What a tracker is called that has no name of its own.
fn name(project: &str, path: &Path, instance: &str) -> String {
    if project != "." {
        return project.to_owned();
    }
    match path.file_name().and_then(|name| name.to_str()) {
        Some(name) if name != "." && name != ".." => name.to_owned(),
        _ => instance.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(script: &str, patience: Duration) -> Result<String, String> {
        let words = ["sh", "-c", script].map(str::to_owned);
        printed(&words, patience)
    }

    #[test]
    fn a_program_that_does_not_end_is_not_waited_for_for_ever() {
        let long = Duration::from_secs(30);
        assert_eq!(ran("echo one; echo two", long).unwrap(), "one");
        assert_eq!(ran("exit 0", long).unwrap(), "");
        assert!(ran("exit 3", long).unwrap_err().contains("exit status: 3"));
        let begun = Instant::now();
        let said = ran("exec sleep 20", Duration::from_millis(50)).unwrap_err();
        assert!(said.contains("did not end"), "{said}");
        assert!(begun.elapsed() < long / 2);
    }
}
