mod maps;

pub(super) use maps::{ListFormat, MapLabel, MapMilestone, MapScope, MapTitles, MapUser};

use crate::model::RowState;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The configuration if none is named.
pub(super) const DEFAULT_CONFIG: &str = "mirror.yaml";

/// Mirrors issues from one tracker to another, one incremental pass at a time.
///
/// Run it from cron or a scheduled CI job. It reads a YAML file of pairs of projects, carries over
/// what changed since the last pass, prints a summary and exits. What it did is remembered in one
/// SQLite file.
#[derive(Debug, Parser)]
#[command(
    name = "issue-mirror",
    version,
    propagate_version = false,
    max_term_width = 100,
    after_help = "Exit status:
  0    every pass succeeded, or there was nothing to do
  1    at least one pair failed as a whole
  2    usage or configuration is wrong; nothing was contacted
  3    some issues failed, wait, or were left for the next run
  75   another run holds the store
  130  stopped by Ctrl-C; 143 by SIGTERM

Examples:
  issue-mirror sync --dry-run
      what would be done, and nothing is touched
  issue-mirror sync
      one pass over every pair
  */5 * * * *  cd /srv/mirror && issue-mirror -q sync
      the same as a line of a crontab; mails only if something is wrong"
)]
pub(super) struct Args {
    /// The configuration; `-` reads it from standard input
    #[arg(
        long,
        global = true,
        help_heading = "Global options",
        value_name = "PATH",
        env = "ISSUE_MIRROR_CONFIG",
        default_value = DEFAULT_CONFIG
    )]
    pub(super) config: PathBuf,

    /// The SQLite file that remembers what was done; overrides `state:` of the configuration
    #[arg(
        long,
        global = true,
        help_heading = "Global options",
        value_name = "PATH"
    )]
    pub(super) state: Option<PathBuf>,

    /// Tell on stderr what is done; twice for more
    #[arg(short, long, global = true, help_heading = "Global options", action = clap::ArgAction::Count)]
    pub(super) verbose: u8,

    /// Print only if the exit status is not 0
    #[arg(
        short,
        long,
        global = true,
        help_heading = "Global options",
        conflicts_with = "verbose"
    )]
    pub(super) quiet: bool,

    /// When to use colours
    #[arg(
        long,
        global = true,
        help_heading = "Global options",
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub(super) color: Color,

    /// The form of what --verbose tells
    #[arg(
        long,
        global = true,
        help_heading = "Global options",
        value_name = "FORMAT",
        default_value = "text"
    )]
    pub(super) log_format: Format,

    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    Auto,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Makes one pass over every pair, or over those that are named
    Sync(Sync),
    /// Tells where each pair stands
    Status(Status),
    /// Tries configuration, tokens, roles and projects, and writes nothing
    Check(Check),
    /// Sets who somebody is on the target
    MapUser(MapUser),
    /// Sets what a label is called on the target
    MapLabel(MapLabel),
    /// Sets what a milestone is called on the target
    MapMilestone(MapMilestone),
    /// Joins an issue with one that is on the target already
    Link(Link),
    /// Parts an issue and its counterpart
    Unlink(Unlink),
}

/// Makes one pass over every pair, or over those that are named
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  issue-mirror sync --dry-run
      prints what would be created and changed, and writes nothing anywhere
  issue-mirror sync 'team-*' --output json
      one pass over every pair whose name begins with team-, for a machine
  issue-mirror sync payments --issue 12
      one issue, now, whatever happened to it before, also if it is older than the pair;
      a first pass goes before it
  issue-mirror sync payments --max-creates 200
      a large first pass in portions; each run goes on where the last one stopped")]
pub(super) struct Sync {
    /// Names of pairs; `*` stands for any text
    #[arg(value_name = "PAIR")]
    pub(super) pairs: Vec<String>,

    /// Print the plan and write nothing, neither on the target nor in the store
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Read everything again, the target too: finds what was deleted or changed there
    #[arg(long)]
    pub(super) full: bool,

    /// Only the issue of this number, of exactly one PAIR, however old it is
    #[arg(long, value_name = "N", value_parser = number())]
    pub(super) issue: Option<u64>,

    /// Do not wait until a pair is due (`sync_interval_minutes`)
    #[arg(long)]
    pub(super) force: bool,

    /// Create at most N issues, lowest numbers first; replaces the guard `max_creates`
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) max_creates: Option<u64>,

    /// Stop after this time, such as `50m`; the next run goes on
    #[arg(long, value_name = "TIME")]
    pub(super) max_time: Option<String>,

    /// Stop after about N requests, over all pairs; the next run goes on
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) max_requests: Option<u64>,

    /// Believe that up to N issues that are missing were deleted by people
    #[arg(long, value_name = "N")]
    pub(super) allow_deletions: Option<u64>,

    /// The form of the summary
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) output: Format,

    /// Whether to show progress on a terminal
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) progress: When,
}

impl Sync {
    /// An ordinary pass over one pair.
    pub(super) fn of(pair: &str) -> Self {
        Self {
            pairs: vec![pair.to_owned()],
            dry_run: false,
            full: false,
            issue: None,
            force: false,
            max_creates: None,
            max_time: None,
            max_requests: None,
            allow_deletions: None,
            output: Format::Text,
            progress: When::Auto,
        }
    }
}

/// Tells where each pair stands
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  issue-mirror status
      a table of all pairs
  issue-mirror status payments --issues
      every mirrored issue with both places
  issue-mirror status --max-age 1h
      for monitoring: exits 3 if a pair has not succeeded for an hour")]
pub(super) struct Status {
    /// Names of pairs; `*` stands for any text
    #[arg(value_name = "PAIR")]
    pub(super) pairs: Vec<String>,

    /// List the issues that are mirrored, wait or failed
    #[arg(long)]
    pub(super) issues: bool,

    /// List only the issues in this state
    #[arg(long, value_name = "STATE", value_parser = row_states())]
    pub(super) only: Option<RowState>,

    /// Exit 3 if the last success of a pair is longer ago, such as `90m` or `1d`
    #[arg(long, value_name = "AGE")]
    pub(super) max_age: Option<String>,

    /// The form of the answer
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) output: Format,
}

/// The words for how an issue stands.
fn row_states() -> impl TypedValueParser<Value = RowState> {
    let words = RowState::WORDS.map(|(word, _, meaning)| PossibleValue::new(word).help(meaning));
    PossibleValuesParser::new(words)
        .try_map(|word| RowState::from_word(&word).ok_or("there is no such state"))
}

/// Tries configuration, tokens, roles and projects, and writes nothing
///
/// Says of every pair whether it can run, and what it will not be able to carry, keep or see. Exits 1
/// if a pair cannot run.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  issue-mirror check
      every pair and every instance, before a first pass
  issue-mirror check payments --output json
      one pair, for a machine")]
pub(super) struct Check {
    /// Names of pairs; `*` stands for any text
    #[arg(value_name = "PAIR")]
    pub(super) pairs: Vec<String>,

    /// The form of the answer
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) output: Format,
}

/// Joins an issue with one that is on the target already
///
/// What the target has stays until the source changes; from then on the issue is mirrored like any
/// other.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  issue-mirror link payments 12 7
      #12 of the source and #7 of the target are the same issue")]
pub(super) struct Link {
    /// Name of the pair
    #[arg(value_name = "PAIR")]
    pub(super) pair: String,

    /// Number of the issue on the source
    #[arg(value_name = "SOURCE", value_parser = number())]
    pub(super) source: u64,

    /// Number of its counterpart on the target
    #[arg(value_name = "TARGET", value_parser = number())]
    pub(super) target: u64,
}

/// Parts an issue and its counterpart
///
/// Neither is changed any more, and no other counterpart is made unless you ask for one with `sync
/// --issue`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  issue-mirror unlink payments 12
      #12 is not mirrored any more; its counterpart stays as it is
  issue-mirror unlink payments 12 --delete
      and its counterpart is deleted")]
pub(super) struct Unlink {
    /// Name of the pair
    #[arg(value_name = "PAIR")]
    pub(super) pair: String,

    /// Number of the issue on the source
    #[arg(value_name = "SOURCE", value_parser = number())]
    pub(super) source: u64,

    /// Delete the counterpart on the target
    #[arg(long)]
    pub(super) delete: bool,
}

/// The number of an issue.
fn number() -> clap::builder::RangedU64ValueParser<u64> {
    clap::value_parser!(u64).range(1..=i64::MAX as u64)
}
