//! What a summary counts is what the server saw (P12).

use crate::chance::{Checked, ensure};
use forge_sim::Logged;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Compares them. `new`: the counterparts that the pass made.
pub(super) fn counts(pair: &Value, log: &[Logged], new: &BTreeSet<u64>) -> Checked {
    let mut comments = BTreeMap::from([("POST", 0), ("PUT", 0), ("DELETE", 0)]);
    let (mut created, mut touched) = (0, BTreeSet::new());
    for logged in log {
        let path = logged.target.split('?').next().unwrap_or("");
        if logged.method == "GET" || logged.status >= 300 {
            continue;
        }
        let parts: Vec<&str> = path
            .split('/')
            .skip_while(|part| *part != "issues")
            .collect();
        match parts.as_slice() {
            ["issues"] => created += 1,
            ["issues", iid, rest @ ..] => {
                touched.insert(iid.parse::<u64>().unwrap());
                let is_comment = matches!(rest, ["notes", ..] | ["discussions", _, "notes"]);
                if is_comment {
                    *comments.get_mut(logged.method.as_str()).unwrap() += 1;
                }
            }
            _ => {}
        }
    }
    let updated = touched.difference(new).count();
    let said = |group: &str, name: &str| pair[group][name].as_u64().unwrap();
    let counted = [
        ("issues", "created", created),
        ("issues", "updated", updated as u64),
        ("comments", "created", comments["POST"]),
        ("comments", "updated", comments["PUT"]),
        ("comments", "deleted", comments["DELETE"]),
    ];
    for (group, name, seen) in counted {
        ensure!(
            said(group, name) == seen,
            "{seen} {group} {name} seen: {pair:#}\n{log:#?}"
        );
    }
    Ok(())
}
