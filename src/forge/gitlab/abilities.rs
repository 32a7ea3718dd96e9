//! What GitLab does beside holding fields, and what an account lacks for any of it.

use crate::model::{Extra, IssueType, Lack, Need};

/// The lowest role that sees confidential issues.
pub(super) const PLANNER: u64 = 15;
/// What an account must be to write incidents.
const REPORTER: u64 = 20;
/// What an account must be to edit what others wrote.
const MAINTAINER: u64 = 40;
/// What an account must be for GitLab to take times and numbers from it.
const OWNER: u64 = 50;

/// Who plans: sets fields, and sees what is confidential.
pub(super) const PLANS: &str = "Planner or Reporter";
const REPORTS: &str = "Reporter";
pub(super) const MAINTAINS: &str = "Maintainer";
pub(super) const OWNS: &str = "Owner";
pub(super) const PREMIUM: &str = "GitLab Premium";
const ULTIMATE: &str = "GitLab Ultimate";

/// Kinds of issues that not everybody may have.
pub(super) const TYPE_NEEDS: &[(IssueType, Need)] = &[
    (IssueType::Incident, Need::role(REPORTS)),
    (
        IssueType::TestCase,
        Need {
            licence: Some(ULTIMATE),
            ..Need::role(PLANS)
        },
    ),
];

/// What there is beside the fields. Who wrote something is whose token it is.
pub(super) const OFFERS: &[(Extra, Need)] = &[
    (Extra::Times, Need::role(OWNS)),
    (Extra::Numbers, Need::role(OWNS)),
    (Extra::Milestones, Need::role(PLANS)),
    (Extra::SeveralAssignees, Need::licence(PREMIUM)),
    (Extra::Blocks, Need::licence(PREMIUM)),
    (Extra::InternalNotes, Need::role(PLANS)),
    (Extra::Hiding, Need::role(PLANS)),
    (Extra::OthersComments, Need::role(MAINTAINS)),
    (
        Extra::Downloads,
        Need {
            version: Some((17, 4)),
            ..Need::NOTHING
        },
    ),
];

/// What people call a role.
pub(super) fn role_word(level: u64) -> &'static str {
    match level {
        OWNER.. => "Owner",
        MAINTAINER.. => "Maintainer",
        30.. => "Developer",
        20.. => "Reporter",
        PLANNER.. => "Planner",
        10.. => "Guest",
        _ => "member with minimal access",
    }
}

/// Whether a role is at least that of a need.
pub(super) fn reaches(role: Option<u64>, least: &str) -> bool {
    let level = match least {
        PLANS => PLANNER,
        REPORTS => REPORTER,
        MAINTAINS => MAINTAINER,
        // Whatever else it may be, an Owner is enough.
        _ => OWNER,
    };
    role.is_some_and(|role| role >= level)
}

/// Whether the licence is enough for a need. `shown`: the fields that an issue shows for the sake of it.
pub(super) fn licensed(need: Need, shown: &str) -> bool {
    match need.licence {
        Some(ULTIMATE) => shown.contains("health_status"),
        _ => !shown.is_empty(),
    }
}

/// What an account lacks of a need. `licensed`: `None` where nothing tells. The version is that of the
/// server and not looked at here.
pub(super) fn lack(need: Need, role: Option<u64>, licensed: Option<bool>) -> Option<Lack> {
    let missing = Need {
        role: need.role.filter(|least| !reaches(role, least)),
        licence: need.licence.filter(|_| licensed != Some(true)),
        version: None,
    };
    (!missing.is_nothing()).then_some(Lack {
        need: missing,
        surely: missing.role.is_some() || licensed == Some(false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_that_is_asked_for_is_known() {
        let needs = super::super::holds::NEEDS.iter().map(|(_, need)| need);
        let offers = OFFERS.iter().map(|(_, need)| need);
        let kinds = TYPE_NEEDS.iter().map(|(_, need)| need);
        let needs = needs.chain(offers).chain(kinds);
        for least in needs.filter_map(|need| need.role) {
            let known = [PLANS, REPORTS, MAINTAINS, OWNS];
            assert!(known.contains(&least), "{least}");
        }
        assert!(reaches(Some(20), REPORTS) && !reaches(Some(15), REPORTS));
        assert!(reaches(Some(20), PLANS) && !reaches(Some(10), PLANS) && !reaches(None, PLANS));
        assert!(reaches(Some(40), MAINTAINS) && !reaches(Some(40), OWNS));
    }

    #[test]
    fn a_licence_that_nothing_tells_of_is_not_surely_missing() {
        let need = Need {
            licence: Some(PREMIUM),
            ..Need::role(PLANS)
        };
        assert_eq!(lack(need, Some(20), Some(true)), None);
        let untold = lack(need, Some(20), None).unwrap();
        assert_eq!(
            (untold.need, untold.surely),
            (Need::licence(PREMIUM), false)
        );
        assert!(lack(need, Some(20), Some(false)).unwrap().surely);
        assert!(lack(need, Some(10), None).unwrap().surely);
    }
}
