//! `map-user`, `map-label` and `map-milestone`.

use clap::{Args as ClapArgs, ValueEnum};

/// Sets who somebody is on the target
#[derive(Debug, ClapArgs)]
#[command(
    override_usage = "issue-mirror map-user SOURCE TARGET [--pair PAIR]
       issue-mirror map-user SOURCE --remove [--pair PAIR]
       issue-mirror map-user --list [--output FORMAT]",
    after_help = "The mapping reaches issues that are mirrored already at the next pass. For one pair, \
--pair comes before `users:` of the configuration, and that before a mapping for every pair.

Examples:
  issue-mirror map-user alice alice.smith
      alice of every source is alice.smith on its target
  issue-mirror map-user alice asmith --pair payments
      but asmith for this pair
  issue-mirror map-user --list --output yaml
      as lines for `users:` of the configuration"
)]
pub(in crate::cli) struct MapUser {
    /// Account on the source
    #[arg(
        value_name = "SOURCE",
        required_unless_present = "list",
        conflicts_with = "list"
    )]
    pub(in crate::cli) source: Option<String>,

    /// Account on the target
    #[arg(
        value_name = "TARGET",
        required_unless_present_any = ["list", "remove"],
        conflicts_with_all = ["list", "remove"]
    )]
    pub(in crate::cli) target: Option<String>,

    #[command(flatten)]
    pub(in crate::cli) scope: MapScope,
}

/// Sets what a label is called on the target
#[derive(Debug, ClapArgs)]
#[command(
    override_usage = "issue-mirror map-label SOURCE TARGET [--pair PAIR]
       issue-mirror map-label SOURCE --skip [--pair PAIR]
       issue-mirror map-label SOURCE --remove [--pair PAIR]
       issue-mirror map-label --list [--output FORMAT]",
    after_help = "The mapping reaches issues that are mirrored already at the next pass. For one pair, \
--pair comes before `labels:` of the configuration, and that before a mapping for every pair.

Examples:
  issue-mirror map-label bug defect
      bug of every source is defect on its target
  issue-mirror map-label internal --skip --pair payments
      internal stays on the source of this pair
  issue-mirror map-label --list --output yaml
      as lines for `labels:` of the configuration"
)]
pub(in crate::cli) struct MapLabel {
    #[command(flatten)]
    pub(in crate::cli) titles: MapTitles,
}

/// Sets what a milestone is called on the target
#[derive(Debug, ClapArgs)]
#[command(
    override_usage = "issue-mirror map-milestone SOURCE TARGET [--pair PAIR]
       issue-mirror map-milestone SOURCE --skip [--pair PAIR]
       issue-mirror map-milestone SOURCE --remove [--pair PAIR]
       issue-mirror map-milestone --list [--output FORMAT]",
    after_help = "The mapping reaches issues that are mirrored already at the next pass. For one pair, \
--pair comes before `milestones:` of the configuration, and that before a mapping for every pair.

Examples:
  issue-mirror map-milestone v1.0 1.0
      v1.0 of every source is 1.0 on its target
  issue-mirror map-milestone someday --skip --pair payments
      someday stays on the source of this pair
  issue-mirror map-milestone --list --output yaml
      as lines for `milestones:` of the configuration"
)]
pub(in crate::cli) struct MapMilestone {
    #[command(flatten)]
    pub(in crate::cli) titles: MapTitles,
}

/// What is said of labels and of milestones alike.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct MapTitles {
    /// Title on the source
    #[arg(
        value_name = "SOURCE",
        required_unless_present = "list",
        conflicts_with = "list"
    )]
    pub(in crate::cli) source: Option<String>,

    /// Title on the target
    #[arg(
        value_name = "TARGET",
        required_unless_present_any = ["list", "remove", "skip"],
        conflicts_with_all = ["list", "remove", "skip"]
    )]
    pub(in crate::cli) target: Option<String>,

    /// Do not carry SOURCE
    #[arg(long, conflicts_with_all = ["list", "remove"])]
    pub(in crate::cli) skip: bool,

    #[command(flatten)]
    pub(in crate::cli) scope: MapScope,
}

/// What all mappings have in common.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct MapScope {
    /// Only for this pair
    #[arg(long, value_name = "PAIR")]
    pub(in crate::cli) pair: Option<String>,

    /// List the mappings
    #[arg(long)]
    pub(in crate::cli) list: bool,

    /// Remove the mapping of SOURCE
    #[arg(long, conflicts_with = "list")]
    pub(in crate::cli) remove: bool,

    /// The form of the list
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) output: ListFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ListFormat {
    Text,
    Json,
    Yaml,
}
