//! `pairs:`, what is mirrored where.

use super::instances::{Instances, Kind};
use super::problem::{Problems, START};
use super::section::{Section, nearest};
use super::settings::Settings;
use crate::plan::policy::Policy;
use crate::text::path::project_path;
use crate::text::yaml::{Node, Place, Value};
use jiff::SignedDuration;

/// A source and a target, ready to be mirrored.
#[derive(Clone, Debug)]
pub struct Pair {
    /// What people call it.
    pub name: String,
    /// A pair that is not enabled is skipped.
    pub enabled: bool,
    /// Where issues come from; the direction is already applied.
    pub source: End,
    /// Where they go.
    pub target: End,
    /// What is carried.
    pub policy: Policy,
    /// The environment variable that holds the secret by which markers are sealed.
    pub provenance_key_env: Option<String>,
    /// A pass before it is due is skipped.
    pub interval: Option<SignedDuration>,
    /// A full pass happens by itself this often.
    pub full_every: SignedDuration,
    /// A pass that would create more issues writes nothing.
    pub max_creates: u64,
}

/// A project on an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Key of the instance in the file.
    pub instance: String,
    /// Path or number of the project.
    pub project: String,
}

pub(super) fn read(
    node: Option<Node>,
    defaults: Option<Section>,
    instances: &Instances,
    problems: &mut Problems,
) -> Vec<Pair> {
    let mut defaults = defaults.unwrap_or_else(Section::empty);
    // Read once by themselves, or what is wrong in them would depend on what pairs override.
    let mut alone = defaults.clone();
    Settings::read(&mut alone, problems);
    defaults.keep_only(&alone.asked());
    alone.finish(problems);

    let Some(node) = node else {
        problems.add(
            START,
            "the file has no `pairs`",
            "add `pairs:` with at least one `- name: …`",
        );
        return Vec::new();
    };
    let items = match node.value {
        Value::List(items) if !items.is_empty() => items,
        other => {
            let found = match other {
                Value::List(_) => "an empty list",
                _ => other.kind(),
            };
            problems.add(
                node.place,
                format!("`pairs` must be a list of pairs, found {found}"),
                "expected `- name: …` with `source:` and `target:`",
            );
            return Vec::new();
        }
    };
    let mut pairs: Vec<Pair> = Vec::new();
    for item in items {
        let place = item.place.clone();
        let Some(section) = Section::of(item, "a pair", problems) else {
            continue;
        };
        if let Some(pair) = pair(section, &defaults, instances, problems) {
            check(&pair, &pairs, &place, problems);
            pairs.push(pair);
        }
    }
    pairs
}

fn pair(
    mut section: Section,
    defaults: &Section,
    instances: &Instances,
    problems: &mut Problems,
) -> Option<Pair> {
    let place = section.place.clone();
    let name = section.text("name", problems);
    section.call(match &name {
        Some(name) => format!("the pair `{name}`"),
        None => "a pair".to_owned(),
    });
    if name.is_none() && !section.says("name") {
        problems.add(place.clone(), "a pair has no `name`", "add `name: …`");
    }
    let mut end = |key| {
        let Some(node) = section.take(key) else {
            let of = name.as_deref().unwrap_or("?");
            problems.add(
                place.clone(),
                format!("the pair `{of}` has no `{key}`"),
                format!("add `{key}: {{ instance: …, project: … }}`"),
            );
            return None;
        };
        read_end(key, node, instances, problems)
    };
    let (source, target) = (end("source"), end("target"));
    let mut section = section.over(defaults);
    let settings = Settings::read(&mut section, problems);
    section.finish(problems);
    provenance(&settings, &place, problems);
    let (mut source, mut target) = (source?, target?);
    if settings.reversed {
        std::mem::swap(&mut source, &mut target);
    }
    Some(Pair {
        name: name?,
        enabled: settings.enabled,
        source,
        target,
        policy: settings.policy,
        provenance_key_env: settings.provenance_key_env,
        interval: settings.interval,
        full_every: settings.full_every,
        max_creates: settings.max_creates,
    })
}

/// What hides where issues come from takes a secret, and numbers would tell it.
fn provenance(settings: &Settings, place: &Place, problems: &mut Problems) {
    if !settings.policy.opaque {
        return;
    }
    if settings.provenance_key_env.is_none() {
        problems.add(
            place.clone(),
            "`provenance: opaque` needs a `provenance_key_env`",
            "name an environment variable with a secret of your own; with it a lost store is found again",
        );
    }
    if settings.policy.preserve_numbers {
        problems.add(
            place.clone(),
            "`preserve_numbers` tells what `provenance: opaque` hides",
            "remove one of the two",
        );
    }
}

fn read_end(
    key: &'static str,
    node: Node,
    instances: &Instances,
    problems: &mut Problems,
) -> Option<End> {
    let place = node.place.clone();
    let mut section = Section::of(node, format!("`{key}`"), problems)?;
    let instance_node = section.take("instance");
    let project_node = section.take("project");
    section.finish(problems);
    let mut required = |name: &str, node: Option<Node>| {
        if let Some(node) = node {
            let place = node.place.clone();
            super::section::text(name, node, problems).map(|text| (text, place))
        } else {
            problems.add(
                place.clone(),
                format!("`{key}` has no `{name}`"),
                format!("add `{name}: …`"),
            );
            None
        }
    };
    let instance = required("instance", instance_node);
    let project = required("project", project_node);
    if let Some((name, place)) = &instance
        && !instances.named.contains(name)
    {
        let help = match nearest(name, instances.named.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "add it under `instances:`; there are: {}",
                listed(instances)
            ),
        };
        problems.add(
            place.clone(),
            format!("there is no instance `{name}`"),
            help,
        );
    }
    let (instance, (project, place)) = (instance?.0, project?);
    let kind = instances
        .ready
        .get(&instance)
        .map(|instance| &instance.kind);
    let wrong = match kind {
        Some(Kind::Directory { .. }) if project_path(&project).is_none() => Some((
            "directory",
            "expected a relative path such as `team/app`, or `.` for the directory itself",
        )),
        Some(Kind::Gitlab(_)) if !is_gitlab_project(&project) => Some((
            "GitLab server",
            "expected a path such as `group/project`, or the project's number",
        )),
        _ => None,
    };
    if let Some((what, help)) = wrong {
        problems.add(
            place,
            format!("`{project}` is no project of a {what}"),
            help,
        );
        return None;
    }
    Some(End { instance, project })
}

/// A number, or at least a group and a name.
fn is_gitlab_project(project: &str) -> bool {
    let parts: Vec<&str> = project.split('/').collect();
    let is_number = project.bytes().all(|byte| byte.is_ascii_digit());
    is_number || (parts.len() >= 2 && parts.iter().all(|part| !part.trim().is_empty()))
}

fn listed(instances: &Instances) -> String {
    if instances.named.is_empty() {
        "none".to_owned()
    } else {
        let names: Vec<&str> = instances.named.iter().map(String::as_str).collect();
        names.join(", ")
    }
}

/// What can only be seen beside other pairs.
fn check(pair: &Pair, before: &[Pair], place: &Place, problems: &mut Problems) {
    if pair.source == pair.target {
        problems.add(
            place.clone(),
            format!("both ends of the pair `{}` are one project", pair.name),
            "a project cannot be mirrored into itself",
        );
    }
    if before.iter().any(|other| other.name == pair.name) {
        problems.add(
            place.clone(),
            format!("two pairs are called `{}`", pair.name),
            "give one of them another name",
        );
    }
    if let Some(other) = before
        .iter()
        .find(|other| other.source == pair.source && other.target == pair.target)
    {
        problems.add(
            place.clone(),
            format!(
                "the pairs `{}` and `{}` have the same ends",
                other.name, pair.name
            ),
            "a pair is its two ends; remove one of them",
        );
    } else if let Some(other) = before.iter().find(|other| {
        other.target == pair.target
            && (pair.policy.preserve_numbers || other.policy.preserve_numbers)
    }) {
        problems.add(
            place.clone(),
            format!(
                "the pairs `{}` and `{}` share a target, where numbers cannot be preserved",
                other.name, pair.name
            ),
            "remove `preserve_numbers`, or give each a target of its own",
        );
    }
}
