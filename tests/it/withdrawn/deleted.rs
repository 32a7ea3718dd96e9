//! P7: what may be deleted is, and is made again only where it may be seen.

use super::{CANARY, becomes, mirrored, set_role};
use crate::lab::Lab;
use forge_sim::Role;

#[test]
fn p7_what_may_be_deleted_is_deleted_and_made_again() {
    let (lab, iid) = mirrored("", Role::Maintainer);
    // Whoever may delete may also hide: only a forge that drops it without a word is left.
    lab.sim.world().drops_confidential = true;
    set_role(&lab, Role::Owner);
    becomes(&lab, iid, true);
    let pair = lab.sync();
    assert_eq!(pair["hidden"], 1, "{pair}");
    assert!(pair["warnings"].to_string().contains("deleted"), "{pair}");
    assert!(lab.mirrored().is_empty());
    lab.sim.advance(300);
    lab.idle();
    becomes(&lab, iid, false);
    assert_eq!(lab.sync()["issues"]["created"], 1);
    let mirrored = lab.mirrored();
    assert_eq!(mirrored[0].title, CANARY);
    assert_eq!(mirrored[0].notes.iter().filter(|n| !n.system).count(), 1);
}

pub(super) fn posts(lab: &Lab, end: &str) -> usize {
    let world = lab.sim.world();
    let sent = world.log.iter();
    sent.filter(|logged| logged.method == "POST" && logged.target.ends_with(end))
        .count()
}

#[test]
fn p7_what_the_target_published_once_is_not_created_a_second_time() {
    let lab = Lab::new("sync_confidential: true\nsync_internal_notes: true");
    lab.sim.world().drops_confidential = true;
    set_role(&lab, Role::Owner);
    for _ in 0..3 {
        let iid = lab.open(CANARY, CANARY);
        lab.edit(iid, |issue| issue.confidential = true);
    }
    lab.open("Public", "x");
    lab.sim.advance(300);
    let pair = lab.sync_with(&[], 3);
    let said = pair["warnings"].to_string();
    assert!(said.contains("made public what was created"), "{pair}");
    // The first was enough to know; the others were not tried.
    assert_eq!(posts(&lab, "/issues"), 2, "{pair}");
    assert_eq!(pair["skipped_because"]["confidential"], 2, "{pair}");
    let iid = lab.open(CANARY, CANARY);
    lab.edit(iid, |issue| issue.confidential = true);
    for args in [&[][..], &["--full"], &["app", "--issue", "1"]] {
        lab.sim.advance(300);
        lab.retry_now();
        lab.sync_with(args, 0);
        assert_eq!(posts(&lab, "/issues"), 2);
    }
    assert_eq!(lab.mirrored().len(), 1);
}

#[test]
fn p7_what_was_deleted_to_hide_it_comes_back_also_closed_and_older_than_the_pair() {
    let (lab, iid) = mirrored("", Role::Owner);
    lab.sim.world().drops_confidential = true;
    becomes(&lab, iid, true);
    lab.sync();
    assert!(lab.mirrored().is_empty());
    lab.configure("sync_existing_issues: false\nmirror_since: 100");
    lab.sim.advance(300);
    lab.sync();
    assert!(lab.mirrored().is_empty());
    lab.sim.advance(300);
    lab.edit(iid, |issue| {
        issue.confidential = false;
        issue.open = false;
    });
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["issues"]["created"], 1, "{pair}");
    assert!(!lab.mirrored()[0].open);
}
