//! What of an issue arrives how, part by part, with what both ends were found to be. Pure.

use super::findings::{project, server};
use super::{EndRow, InstanceRow, PairRow, left_out};
use crate::model::{Capabilities, Extra, Field, IssueType, Lack, Need, Types};
use crate::plan::arrival::{self, Arrival, Part, Takes, Ways};
use crate::plan::draft::Setting;
use crate::plan::footer::Ends;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How a part arrives, and what would change that.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) arrival: Arrival,
    /// How it would if nothing were missing.
    at_best: Ways,
    /// How it does if everything is missing that nothing tells of.
    at_worst: Ways,
    /// What is missing, each with what for.
    pub(super) lacks: Vec<(&'static str, Lack)>,
    /// The pair is told to leave it out.
    is_off: bool,
}

impl Row {
    pub(super) fn part(&self) -> Part {
        self.arrival.part
    }

    /// What is surely missing for it.
    pub(super) fn surely_lacks(&self) -> impl Iterator<Item = Need> {
        let surely = self.lacks.iter().filter(|(_, lack)| lack.surely);
        surely.map(|(_, lack)| lack.need)
    }
}

/// Every part; nothing if not both ends were to be had.
pub(super) fn rows(pair: &PairRow, instances: &BTreeMap<String, InstanceRow>) -> Vec<Row> {
    let (Some(source), Some(target)) = (pair.source.good(), pair.target.good()) else {
        return Vec::new();
    };
    let lacks = Lacks::of(pair, instances);
    let offered = &target.capabilities;
    let arrivals = |surely: bool, unsure: bool| {
        let is_missing = |lack: &Lack| if lack.surely { surely } else { unsure };
        let fields = lacks.fields.iter().filter(|(_, lack)| is_missing(lack));
        let mut lost = fields.map(|(field, _)| *field).collect::<BTreeSet<Field>>();
        if surely {
            let before = offered.holds.iter().copied();
            lost.extend(before.filter(|field| offered.lost.contains(*field)));
        }
        let types = lacks.types.iter().filter(|(_, lack)| is_missing(lack));
        let mut lost_types = types.fold(Types::NONE, |types, (kind, _)| types.with(*kind));
        if surely {
            let kinds = IssueType::WORDS.iter().map(|(_, kind)| *kind);
            let before = kinds.filter(|kind| offered.lost_types.contains(*kind));
            lost_types = before.fold(lost_types, Types::with);
        }
        let extras = lacks.extras.iter().filter(|(_, lack)| is_missing(lack));
        let without: BTreeSet<Extra> = extras.map(|(extra, _)| *extra).collect();
        let capabilities = Capabilities {
            lost: lost.into_iter().collect(),
            lost_types,
            ..offered.clone()
        };
        let setting = Setting {
            policy: &pair.policy,
            target: &capabilities,
            ends: Ends {
                source: &source.project,
                target: &target.project,
            },
        };
        arrival::arrivals(setting, &without)
    };
    let now = arrivals(true, false);
    let best = arrivals(false, false);
    let worst = arrivals(true, true);
    let off: Vec<&str> = left_out(&pair.policy).iter().map(|(_, key)| *key).collect();
    let both = best.into_iter().zip(worst);
    let rows = now.into_iter().zip(both);
    rows.map(|(arrival, (best, worst))| Row {
        arrival,
        at_best: best.by,
        at_worst: worst.by,
        lacks: lacks.of_part(arrival.part),
        is_off: arrival.part.key().is_some_and(|key| off.contains(&key)),
    })
    .collect()
}

/// What both ends lack.
struct Lacks {
    fields: Vec<(Field, Lack)>,
    types: Vec<(IssueType, Lack)>,
    extras: Vec<(Extra, Lack)>,
}

impl Lacks {
    fn of(pair: &PairRow, instances: &BTreeMap<String, InstanceRow>) -> Self {
        let found = project(pair.target.good());
        let mut lacks = Self {
            fields: found.map_or_else(Vec::new, |project| project.fields.clone()),
            types: found.map_or_else(Vec::new, |project| project.types.clone()),
            extras: found.map_or_else(Vec::new, |project| project.extras.clone()),
        };
        if server(instances, &pair.target.instance).is_some_and(|server| server.unlicensed) {
            let fields = lacks.fields.iter_mut().map(|(_, lack)| lack);
            let types = lacks.types.iter_mut().map(|(_, lack)| lack);
            let extras = lacks.extras.iter_mut().map(|(_, lack)| lack);
            let unlicensed = fields.chain(types).chain(extras);
            unlicensed
                .filter(|lack| lack.need.licence.is_some())
                .for_each(|lack| lack.surely = true);
        }
        let downloads = |end: &EndRow| {
            let need = end.good()?.capabilities.offer(Extra::Downloads)?;
            let version = server(instances, &end.instance)?.version;
            let least = need.version?;
            version
                .is_none_or(|version| version < least)
                .then_some(Lack {
                    need,
                    surely: version.is_some(),
                })
        };
        let lack = downloads(&pair.source).map(|lack| (Extra::Downloads, lack));
        lacks.extras.extend(lack);
        lacks
    }

    fn of_part(&self, part: Part) -> Vec<(&'static str, Lack)> {
        let found = part.takes().iter().filter_map(|takes| match takes {
            Takes::Field(field) => {
                let lack = self.fields.iter().find(|(of, _)| of == field)?;
                Some(("", lack.1))
            }
            Takes::Type(kind, what) => {
                let lack = self.types.iter().find(|(of, _)| of == kind)?;
                Some((*what, lack.1))
            }
            Takes::Extra(extra, what) => {
                let lack = self.extras.iter().find(|(of, _)| of == extra)?;
                Some((*what, lack.1))
            }
        });
        found.collect()
    }
}

/// The whole for a person: lines, each with what it is about.
pub(super) fn lines(rows: &[Row]) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    let on: Vec<&Row> = rows.iter().filter(|row| !row.is_off).collect();
    let mut say = |label, rows: Vec<&&Row>| {
        let names: Vec<String> = rows.into_iter().map(|row| shown(row)).collect();
        if !names.is_empty() {
            lines.push((label, names.join(", ")));
        }
    };
    let by = |is: fn(Ways) -> bool| on.iter().filter(|row| is(row.arrival.by)).collect();
    say("as it is", by(|ways| ways.field));
    say("as labels", by(|ways| !ways.field && ways.label));
    let footer = |ways: Ways| !ways.field && !ways.label && ways.footer;
    say("in footers", by(footer));
    say("not carried", by(Ways::is_nothing));
    for (need, names) in grouped(&on, |row| {
        let need = row.surely_lacks().next()?;
        (row.at_best != row.arrival.by).then_some(need)
    }) {
        lines.push((
            "could be",
            format!("as it is, with {}: {names}", need.words()),
        ));
    }
    let unsure = |row: &Row| {
        let mut unsure = row.lacks.iter().filter(|(_, lack)| !lack.surely);
        let (_, lack) = unsure.next()?;
        (row.at_worst != row.arrival.by).then_some((lack.need, row.at_worst))
    };
    for ((need, ways), names) in grouped(&on, unsure) {
        let (need, ways) = (need.words(), ways.words());
        lines.push((
            "not told",
            format!("whether there is {need} (without it {ways}): {names}"),
        ));
    }
    lines
}

/// A part, and what else it becomes.
fn shown(row: &Row) -> String {
    let name = row.part().words();
    match row.arrival.otherwise {
        Some(otherwise) => format!("{name} (else {})", otherwise.words()),
        None if row.arrival.by.label && row.arrival.by.footer => format!("{name} (in footers too)"),
        None => name.to_owned(),
    }
}

/// The names of those of which something is the same, the first that was found first.
fn grouped<K: PartialEq>(rows: &[&Row], of: impl Fn(&Row) -> Option<K>) -> Vec<(K, String)> {
    let mut groups: Vec<(K, String)> = Vec::new();
    for row in rows {
        let Some(key) = of(row) else { continue };
        let name = row.part().words();
        match groups.iter_mut().find(|(other, _)| *other == key) {
            Some((_, names)) => {
                names.push_str(", ");
                names.push_str(name);
            }
            None => groups.push((key, name.to_owned())),
        }
    }
    groups
}

/// The same for a machine.
#[derive(Serialize)]
pub(super) struct FieldDocument {
    field: &'static str,
    key: Option<&'static str>,
    arrives: Vec<&'static str>,
    /// Where the target has nothing of that name; `null` if that makes no difference.
    otherwise: Option<Vec<&'static str>>,
    /// If nothing were missing.
    would_arrive: Vec<&'static str>,
    missing: Vec<MissingDocument>,
}

#[derive(Serialize)]
struct MissingDocument {
    role: Option<&'static str>,
    licence: Option<&'static str>,
    version: Option<String>,
    /// `null`: for the whole.
    what_for: Option<&'static str>,
    /// Otherwise nothing tells yet whether it is missing.
    surely: bool,
}

pub(super) fn document(row: &Row) -> FieldDocument {
    FieldDocument {
        field: row.part().word(),
        key: row.part().key(),
        arrives: words(row.arrival.by),
        otherwise: row.arrival.otherwise.map(words),
        would_arrive: words(row.at_best),
        missing: row.lacks.iter().map(missing).collect(),
    }
}

fn missing((what_for, lack): &(&'static str, Lack)) -> MissingDocument {
    let version = lack.need.version;
    MissingDocument {
        role: lack.need.role,
        licence: lack.need.licence,
        version: version.map(|(major, minor)| format!("{major}.{minor}")),
        what_for: Some(*what_for).filter(|what| !what.is_empty()),
        surely: lack.surely,
    }
}

fn words(ways: Ways) -> Vec<&'static str> {
    let all = [
        (ways.field, "field"),
        (ways.label, "label"),
        (ways.footer, "footer"),
    ];
    let some = all.into_iter().filter(|(is, _)| *is);
    some.map(|(_, word)| word).collect()
}
