//! The command line: one file per command, and what they share.
//!
//! A command answers how it ended or why it was refused; only [`run`] tells a refusal, so that
//! every one reads alike.

mod args;
mod check;
mod link;
mod map;
mod output;
mod status;
mod sync;

use crate::config::{Config, Pair};
use crate::connect::{self, Connections};
use crate::model::ProjectKey;
use crate::report::exit::Exit;
use crate::store::{PairRow, Store, StoreError};
use anyhow::{Context, anyhow};
use args::{Args, Command, DEFAULT_CONFIG};
use clap::Parser;
use output::{Output, tell_error};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Why a command was refused.
struct Refusal {
    exit: Exit,
    /// For a person.
    why: anyhow::Error,
    /// What stands above it: problems of a file with their lines.
    details: String,
    /// Not told with `-q`.
    is_ordinary: bool,
}

impl Refusal {
    fn usage(why: anyhow::Error) -> Self {
        Self {
            exit: Exit::Usage,
            why,
            details: String::new(),
            is_ordinary: false,
        }
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(why: anyhow::Error) -> Self {
        Self {
            exit: Exit::Failed,
            why,
            details: String::new(),
            is_ordinary: false,
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let exit = match error {
            StoreError::Locked { .. } => Exit::Locked,
            _ => Exit::Failed,
        };
        Self {
            exit,
            ..Self::from(anyhow::Error::new(error))
        }
    }
}

/// Runs the program with the arguments of the process.
pub fn run() -> std::process::ExitCode {
    let args = Args::parse();
    let output = Output::new(&args);
    let answer = match &args.command {
        Command::Sync(command) => sync::run(&args, command, &output),
        Command::Status(command) => status::run(&args, command, &output),
        Command::Check(command) => check::run(&args, command, &output),
        Command::MapUser(command) => map::user(&args, command, &output),
        Command::MapLabel(command) => map::label(&args, command, &output),
        Command::MapMilestone(command) => map::milestone(&args, command, &output),
        Command::Link(command) => link::link(&args, command, &output),
        Command::Unlink(command) => link::unlink(&args, command, &output),
    };
    let exit = answer.unwrap_or_else(|refusal| {
        if !(refusal.is_ordinary && args.quiet) {
            tell_error(&refusal.details, &format!("{:#}", refusal.why));
        }
        refusal.exit
    });
    std::process::ExitCode::from(exit.code())
}

/// The commands and options of the program, for tests that compare its help with README.
pub fn command() -> clap::Command {
    <Args as clap::CommandFactory>::command()
}

/// Reads the configuration.
fn configuration(args: &Args, output: &Output) -> Result<Config, Refusal> {
    let path = if args.config.as_os_str().is_empty() {
        // A variable that is set to nothing.
        Path::new(DEFAULT_CONFIG)
    } else {
        &args.config
    };
    let (text, base, shown) = if path.as_os_str() == "-" {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text).map(|_| text);
        (read, PathBuf::new(), "<stdin>".to_owned())
    } else {
        let base = path.parent().map(Path::to_path_buf);
        (
            read_config(path),
            base.unwrap_or_default(),
            path.display().to_string(),
        )
    };
    let text = text
        .map_err(|error| anyhow!(read_error(&error)))
        .context(shown.clone())
        .map_err(Refusal::usage)?;
    let mut config = Config::parse(&text, &base).map_err(|problems| {
        let count = problems.sorted().len();
        let noun = if count == 1 { "problem" } else { "problems" };
        Refusal {
            details: problems.render(&shown, &text, output.color_on_stderr()),
            ..Refusal::usage(anyhow!("{count} {noun} in {shown}; nothing was contacted."))
        }
    })?;
    if let Some(state) = &args.state {
        config.state.clone_from(state);
    }
    Ok(config)
}

/// Reads a file that may be a pipe, but not one without an end.
fn read_config(path: &Path) -> std::io::Result<String> {
    const LARGEST: u64 = 16 * 1024 * 1024;
    let mut text = String::new();
    let file = std::fs::File::open(path)?;
    file.take(LARGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LARGEST {
        return Err(std::io::Error::other("it is larger than any configuration"));
    }
    Ok(text)
}

fn read_error(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            "there is no such file. Name one with --config, or copy mirror.example.yaml and change it."
                .to_owned()
        }
        std::io::ErrorKind::InvalidData => "it is not UTF-8 text.".to_owned(),
        std::io::ErrorKind::IsADirectory => {
            "it is a directory; name the file in it with --config.".to_owned()
        }
        std::io::ErrorKind::PermissionDenied => "this user may not read it.".to_owned(),
        _ => format!("{error}."),
    }
}

/// The pair of exactly this name.
fn named<'a>(config: &'a Config, name: &str) -> Result<&'a Pair, Refusal> {
    let mut pairs = config.pairs.iter();
    pairs
        .find(|pair| pair.name == name)
        .ok_or_else(|| no_such_pair(config, &[name]))
}

/// What the store knows of a pair, by its two ends.
fn row_of(config: &Config, store: &Store, pair: &Pair) -> Result<Option<PairRow>, StoreError> {
    let project = |end| -> Result<Option<ProjectKey>, StoreError> {
        match connect::place(config, end) {
            Ok(place) => Ok(store.project_at(&place)?.map(|known| known.key)),
            Err(_) => Ok(None),
        }
    };
    match (project(&pair.source)?, project(&pair.target)?) {
        (Some(source), Some(target)) => store.pair_of(&source, &target),
        // What was set for it by its name is its own after its first pass.
        _ => Ok(None),
    }
}

/// The instances of the pairs that are enabled, with their tokens. Nothing is contacted yet.
fn connections<'a>(
    config: &'a Config,
    pairs: &[&Pair],
    run_ends: &Arc<AtomicBool>,
) -> Result<Connections<'a>, Refusal> {
    let enabled = || pairs.iter().filter(|pair| pair.enabled);
    let ends = enabled().flat_map(|pair| [&pair.source, &pair.target]);
    let connections = Connections::new(config, ends, run_ends);
    let seals = enabled().filter_map(|pair| {
        let said = connect::seal(pair).err()?;
        Some(format!("the pair `{}`: {said}", pair.name))
    });
    let (connections, mut problems) = match connections {
        Ok(connections) => (Some(connections), Vec::new()),
        Err(problems) => (None, problems),
    };
    problems.extend(seals);
    match connections {
        Some(connections) if problems.is_empty() => Ok(connections),
        _ => Err(Refusal::usage(anyhow!(
            "{} Nothing was contacted.",
            problems.join("\n       ")
        ))),
    }
}

/// What waits for answers.
fn runtime() -> Result<tokio::runtime::Runtime, Refusal> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the system refuses what a run needs")?;
    Ok(runtime)
}

fn no_such_pair(config: &Config, names: &[&str]) -> Refusal {
    let known: Vec<&str> = config.pairs.iter().map(|pair| pair.name.as_str()).collect();
    Refusal::usage(anyhow!(
        "no pair is called {}; there are: {}.",
        names.join(", "),
        known.join(", ")
    ))
}

/// The pairs that names or globs choose, in the order of the file; every pair if none is named.
fn chosen<'a>(config: &'a Config, patterns: &[String]) -> Result<Vec<&'a Pair>, Refusal> {
    let mut unmatched = Vec::new();
    for pattern in patterns {
        if !config.pairs.iter().any(|pair| matches(pattern, &pair.name)) {
            unmatched.push(pattern.as_str());
        }
    }
    if !unmatched.is_empty() {
        return Err(no_such_pair(config, &unmatched));
    }
    let is_chosen = |pair: &&Pair| {
        patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern, &pair.name))
    };
    Ok(config.pairs.iter().filter(is_chosen).collect())
}

/// Whether a name matches a pattern in which `*` stands for any text and `?` for one character.
fn matches(pattern: &str, name: &str) -> bool {
    let regex: String = pattern
        .chars()
        .map(|c| match c {
            '*' => ".*".to_owned(),
            '?' => ".".to_owned(),
            c => regex::escape(c.encode_utf8(&mut [0; 4])),
        })
        .collect();
    regex::Regex::new(&format!("(?s)^{regex}$")).is_ok_and(|regex| regex.is_match(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn globs_match_names() {
        for (pattern, name, expected) in [
            ("team-*", "team-a", true),
            ("team-*", "team", false),
            ("*", "anything", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a.c", "abc", false),
            ("[a]", "[a]", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
