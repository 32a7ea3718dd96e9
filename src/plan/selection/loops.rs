//! Whether something came from the target or through it, so that it does not go round in circles (P5).

use crate::model::{Comment, Issue, Project};
use crate::plan::labels::{MIRRORED_FROM, OPAQUE};
use crate::text::envelope::{split_comment, split_description};
use crate::text::marker::{Marker, Role};
use crate::text::seal::{Seal, is_sealed};

/// Whether an issue came from the target or through it, so that mirroring it would send it round in
/// circles (P5). `trusted`: the marker in it is one of ours. For this question alone a marker that
/// is not trusted counts too, if a `Mirrored-From::` label stands by it; the label alone counts only
/// where there is no marker.
/// A hop that only another secret could read counts as the target: what came through it and came from
/// there could not be told from it.
pub fn comes_back(
    issue: &Issue,
    trusted: bool,
    source: &Project,
    target: &Project,
    seal: Option<&Seal>,
) -> bool {
    if let Some(split) = split_description(&issue.text) {
        came_through(&split.marker, target, seal) && (trusted || is_mirrored(issue))
    } else {
        let of_target = format!("{MIRRORED_FROM}{}", target.host);
        let of_nobody = format!("{MIRRORED_FROM}{OPAQUE}");
        issue.labels.contains(&of_nobody)
            || source.host != target.host && issue.labels.contains(&of_target)
    }
}

/// Whether a marker says that something came from a project or through it, or may say so.
pub fn came_through(marker: &Marker, project: &Project, seal: Option<&Seal>) -> bool {
    let mut hops = marker.lineage.iter();
    hops.any(|hop| is_hop(hop, project, seal).unwrap_or(true))
}

/// Whether a hop of a marker is a project; `None` if only another secret could tell.
fn is_hop(hop: &str, project: &Project, seal: Option<&Seal>) -> Option<bool> {
    match seal {
        Some(seal) => seal.names(hop, &project.key.0),
        None if is_sealed(hop) => None,
        None => Some(hop == project.key.0),
    }
}

/// Whether a comment marks an issue of somebody else as the counterpart of one of the target, or of one
/// that came through it (P5). `trusted`: the marker in it is one of ours.
pub fn marks_as_coming_back(
    comment: &Comment,
    trusted: bool,
    target: &Project,
    seal: Option<&Seal>,
) -> bool {
    let marker = trusted.then(|| split_comment(&comment.text)).flatten();
    marker.is_some_and(|split| {
        split.marker.role == Role::OfIssue && came_through(&split.marker, target, seal)
    })
}

/// Whether a comment is one that people wrote, here or elsewhere, and did not come from the target or
/// through it; `None` if only another secret could tell. `trusted`: the marker in it is one of ours.
pub fn travels(
    comment: &Comment,
    trusted: bool,
    target: &Project,
    seal: Option<&Seal>,
) -> Option<bool> {
    let split = trusted.then(|| split_comment(&comment.text)).flatten();
    let Some(marker) = split.map(|split| split.marker) else {
        return Some(true);
    };
    let mut hops = marker.lineage.iter();
    if marker.role != Role::Counterpart || hops.any(|hop| is_hop(hop, target, seal) == Some(true)) {
        return Some(false);
    }
    (!came_through(&marker, target, seal)).then_some(true)
}

/// Whether a label says that an issue is a counterpart.
pub fn is_mirrored(issue: &Issue) -> bool {
    let mut labels = issue.labels.iter();
    labels.any(|label| label.starts_with(MIRRORED_FROM))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixtures::{ends, issue};

    #[test]
    fn p5_what_came_from_the_target_does_not_go_back() {
        let (source, target) = ends();
        let marker = |lineage: &str| {
            format!(
                "T.\n\n---\n\n[issue-mirror]: # (imk7f3a9c2d4e v1 src=t.example:8:1 sid=1 \
                 pid=s.example:7 t=a.b lineage={lineage})\n\n- **Source:** x"
            )
        };
        let came = |text: String, label: &str, trusted| {
            let mut issue = issue();
            issue.text = text;
            issue.labels.insert(label.to_owned());
            comes_back(&issue, trusted, &source, &target, None)
        };
        assert!(came(marker("t.example:8"), "x", true));
        assert!(came(marker("t.example:8,u.example:9"), "x", true));
        assert!(!came(marker("u.example:9"), "x", true));
        // A marker that somebody pasted hides nothing by itself.
        assert!(!came(marker("t.example:8"), "x", false));
        assert!(came(marker("t.example:8"), "Mirrored-From::z", false));
        assert!(came("T.".into(), "Mirrored-From::t.example", false));
        assert!(!came("T.".into(), "Mirrored-From::u.example", false));
        assert!(came("T.".into(), "Mirrored-From::opaque", false));
    }

    #[test]
    fn p5_what_came_through_a_seal_is_known_by_the_same_secret_and_held_back_by_any_other() {
        let (source, target) = ends();
        let seal = Seal::new("a secret of some length");
        let came_from = |project: &str, by: Option<&Seal>| {
            let marker = seal.close(&Marker {
                key: "imk7f3a9c2d4e".into(),
                source: format!("{project}:1"),
                target: source.key.0.clone(),
                written: "a.b".into(),
                lineage: vec![project.to_owned()],
                ..Marker::default()
            });
            let mut issue = issue();
            issue.text = format!("T.\n\n---\n\n{}", marker.render());
            comes_back(&issue, true, &source, &target, by)
        };
        assert!(came_from(&target.key.0, Some(&seal)));
        assert!(!came_from("u.example:9", Some(&seal)));
        assert!(came_from("u.example:9", Some(&Seal::new("another"))));
        assert!(came_from("u.example:9", None));
    }
}
