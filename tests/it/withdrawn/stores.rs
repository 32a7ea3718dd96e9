//! P7 where the store was lost meanwhile.

use super::{CANARY, becomes, mirrored, set_role};
use forge_sim::Role;

#[test]
fn p3_a_withdrawn_counterpart_is_known_again_as_ours() {
    for public in [true, false] {
        let (lab, iid) = mirrored("", Role::Guest);
        becomes(&lab, iid, true);
        lab.sync();
        lab.env.lose_store();
        if public {
            set_role(&lab, Role::Maintainer);
            becomes(&lab, iid, false);
        }
        lab.sim.advance(300);
        lab.sync();
        let issue = &lab.mirrored()[0];
        assert_eq!(lab.mirrored().len(), 1);
        let text = issue.description.as_ref().unwrap();
        if public {
            assert_eq!(issue.title, CANARY);
            assert!(text.starts_with(CANARY), "{text}");
        } else {
            assert!(!format!("{issue:?}").contains(CANARY), "{issue:?}");
            lab.sim.advance(300);
            lab.idle();
        }
    }
}

#[test]
fn p7_what_became_confidential_while_the_store_was_lost_is_withdrawn_with_its_comments() {
    let (lab, iid) = mirrored("", Role::Guest);
    lab.env.lose_store();
    becomes(&lab, iid, true);
    lab.sync();
    let issue = &lab.mirrored()[0];
    assert!(!format!("{issue:?}").contains(CANARY), "{issue:?}");
}
