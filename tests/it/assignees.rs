//! Assignees: found on the target by name or address, next to those whom people assigned there.

use crate::env::Env;
use crate::lab::Lab;
use forge_sim::Role;

const BY_NAME: &str = "assignee_strategy: by_username";
const BY_EMAIL: &str = "assignee_strategy: by_email";

/// An issue of alice and bob, of whom bob can be assigned on the target; a licence for several.
fn lab(toggles: &str) -> Lab {
    let lab = Lab::with(toggles, |world| world.premium = true);
    let iid = lab.open("First", "Text.");
    let (alice, bob) = (user(&lab, "alice"), user(&lab, "bob"));
    lab.edit(iid, |issue| issue.assignees = vec![alice, bob]);
    lab.sim.world().set_role(lab.target, bob, Role::Developer);
    lab
}

fn user(lab: &Lab, name: &str) -> u64 {
    let world = lab.sim.world();
    let mut users = world.users.values();
    users.find(|user| user.username == name).unwrap().id
}

fn shows(lab: &Lab, name: &str, email: &str) {
    let id = user(lab, name);
    let mut world = lab.sim.world();
    let user = world.users.get_mut(&id).unwrap();
    email.clone_into(&mut user.public_email);
}

/// A member of the target of this name.
fn member(lab: &Lab, name: &str) -> u64 {
    let mut world = lab.sim.world();
    let id = world.add_user(name);
    world.set_role(lab.target, id, Role::Developer);
    id
}

/// Who is assigned on the target, and the labels that name people.
fn shown(lab: &Lab) -> (Vec<String>, Vec<String>) {
    let issue = lab.mirrored().remove(0);
    let footer = issue.description.unwrap();
    assert!(footer.contains("**Assignees:**") || issue.assignees.is_empty());
    let world = lab.sim.world();
    let names = issue.assignees.iter();
    let names = names.map(|id| world.users[id].username.clone()).collect();
    let labels = issue.labels.iter();
    let labels = labels.filter_map(|l| l.strip_prefix("Assignee::@"));
    (names, labels.map(str::to_owned).collect())
}

fn expected(names: &[&str], labels: &[&str]) -> (Vec<String>, Vec<String>) {
    let owned = |all: &[&str]| all.iter().map(ToString::to_string).collect();
    (owned(names), owned(labels))
}

#[test]
fn p9_who_is_found_is_assigned_and_who_is_not_is_a_label() {
    let lab = lab(BY_NAME);
    let pair = lab.sync();
    assert_eq!(shown(&lab), expected(&["bob"], &["alice"]));
    let told = pair["not_carried"].to_string();
    assert!(told.contains("nobody on the target is alice"), "{pair:#}");
    lab.idle();
    // Nobody is left of them.
    lab.edit(1, |issue| issue.assignees.clear());
    assert_eq!(lab.writes(), 1);
    assert_eq!(shown(&lab), expected(&[], &[]));
    lab.idle();
}

#[test]
fn p10_strategy_mapping_and_fallback_move_what_is_there() {
    let lab = lab("");
    member(&lab, "alicia");
    lab.sync();
    assert_eq!(shown(&lab).0, [""; 0]);
    let bot = format!("{BY_NAME}\nassignee_fallback: bot");
    let bob = format!("{BY_NAME}\nassignee_fallback: '@BOB'");
    let mapped = format!("{BY_NAME}\nusers: {{ Alice: alicia }}");
    let off = format!("{BY_NAME}\nsync_assignees: false");
    for (toggles, writing, names, labels) in [
        (BY_NAME, 1, &["bob"][..], &["alice"][..]),
        (&bot, 1, &["bob", "mirror-bot"], &[]),
        (&bob, 1, &["bob"], &[]),
        (&mapped, 1, &["bob", "alicia"], &[]),
        // What is off stays; its footer line goes.
        (&off, 1, &["bob", "alicia"], &[]),
        (&mapped, 1, &["bob", "alicia"], &[]),
    ] {
        lab.configure(toggles);
        assert_eq!(lab.writes(), writing, "{toggles}");
        let issue = lab.mirrored().remove(0);
        if toggles == off {
            assert_eq!(issue.assignees.len(), names.len());
        } else {
            assert_eq!(shown(&lab), expected(names, labels), "{toggles}");
        }
        lab.idle();
    }
    lab.configure("");
    lab.sync();
    assert!(lab.mirrored()[0].assignees.is_empty());
}

#[test]
fn p6_whom_people_assigned_stays() {
    let lab = lab(BY_NAME);
    lab.sync();
    let carol = member(&lab, "carol");
    let bob = user(&lab, "bob");
    lab.sim.world().issue_mut(lab.target, 1).assignees = vec![carol, bob];
    lab.edit(1, |issue| issue.title = "Changed".to_owned());
    lab.sync();
    lab.sync_with(&["--full"], 0);
    assert_eq!(lab.mirrored()[0].assignees, [carol, bob]);
    lab.edit(1, |issue| issue.assignees.clear());
    lab.sync();
    assert_eq!(lab.mirrored()[0].assignees, [carol]);
    lab.edit(1, |issue| issue.assignees = vec![bob]);
    lab.sync();
    assert_eq!(lab.mirrored()[0].assignees, [carol, bob]);
    lab.idle();
}

#[test]
fn p9_what_a_licence_or_a_role_drops_is_heard_and_in_the_footer() {
    let lab = lab(BY_NAME);
    let alice = lab.alice;
    lab.sim.world().premium = false;
    lab.sim.world().set_role(lab.target, alice, Role::Developer);
    let pair = lab.sync();
    let told = pair["not_carried"].to_string();
    assert!(
        told.contains("without Premium an issue has one assignee"),
        "{pair:#}"
    );
    assert_eq!(shown(&lab), expected(&["alice"], &[]));
    let text = lab.mirrored().remove(0).description.unwrap();
    assert!(text.contains("`bob`"), "{text}");
    lab.idle();
    let bot = user(&lab, "mirror-bot");
    lab.sim.world().set_role(lab.target, bot, Role::Guest);
    let bob = user(&lab, "bob");
    lab.edit(1, |issue| issue.assignees = vec![bob]);
    let pair = lab.sync();
    let told = pair["not_carried"].to_string();
    assert!(told.contains("the role Planner or Reporter"), "{told}");
    assert_eq!(shown(&lab), expected(&["alice"], &[]));
    lab.sync();
    lab.idle();
    // Who was not let go is so once it is allowed.
    lab.sim.world().set_role(lab.target, bot, Role::Maintainer);
    lab.sync_with(&["--full"], 0);
    assert_eq!(shown(&lab), expected(&["bob"], &[]));
    for (assignees, names) in [(vec![], &[][..]), (vec![bob], &["bob"])] {
        lab.edit(1, |issue| issue.assignees = assignees);
        lab.sync();
        assert_eq!(shown(&lab), expected(names, &[]));
    }
}

#[test]
fn p9_by_address_only_the_one_member_that_shows_it() {
    let lab = lab(BY_EMAIL);
    member(&lab, "lissy");
    // Called as an address of somebody else, and showing none.
    let spoof = member(&lab, "eve");
    lab.sim.world().users.get_mut(&spoof).unwrap().name = "a@x.example".to_owned();
    shows(&lab, "alice", "a@x.example");
    lab.sync();
    // Of the two labels Premium keeps one.
    assert_eq!(shown(&lab), expected(&[], &["bob"]));
    // The other server is the same here, so it is one account.
    let alice = lab.alice;
    lab.sim.world().set_role(lab.target, alice, Role::Reporter);
    lab.configure(&format!("{BY_EMAIL}\nusers: {{ bob: Lissy }}"));
    lab.sync();
    assert_eq!(shown(&lab), expected(&["alice", "lissy"], &[]));
    lab.idle();
    // Two show it: neither is meant.
    shows(&lab, "lissy", "A@x.example");
    lab.edit(1, |issue| issue.title = "Changed".to_owned());
    lab.sync();
    assert_eq!(shown(&lab), expected(&["lissy"], &["alice"]));
}

#[test]
fn p3_after_a_lost_store_nothing_is_written() {
    let lab = lab(BY_NAME);
    lab.sync();
    lab.env.lose_store();
    assert_eq!(lab.writes(), 0);
    lab.edit(1, |issue| issue.assignees.clear());
    lab.sync();
    assert_eq!(shown(&lab), expected(&[], &[]));
}

#[test]
fn a_directory_holds_assignees_in_its_front_matter() {
    let env = Env::new(BY_NAME);
    env.source()
        .issue(1, "title: T\nassignees: [bob, carol]", "Text.");
    env.sync();
    let issue = env.target().read(1);
    assert_eq!(
        issue.field("assignees"),
        &serde_json::json!(["bob", "carol"])
    );
    assert_eq!(issue.labels(), ["Mirrored-From::plans"]);
    assert!(!issue.footer().iter().any(|line| line.contains("Assignees")));
    env.sync_idle();
    env.target()
        .edit("issues/1/issue.md", "  - carol\n", "  - carol\n  - dave\n");
    env.source()
        .edit("issues/1/issue.md", "[bob, carol]", "[carol]");
    env.sync();
    let issue = env.target().read(1);
    assert_eq!(
        issue.field("assignees"),
        &serde_json::json!(["carol", "dave"])
    );
    env.sync_idle();
}

#[test]
fn p9_an_account_that_may_assign_nobody_is_told_once() {
    let lab = lab(BY_NAME);
    let bot = user(&lab, "mirror-bot");
    let (alice, bob) = (lab.alice, user(&lab, "bob"));
    lab.sim.world().set_role(lab.target, alice, Role::Developer);
    lab.sim.world().set_role(lab.target, bot, Role::Guest);
    for number in 2..=12 {
        lab.open(&format!("Issue {number}"), "x");
        lab.edit(number, |issue| issue.assignees = vec![alice, bob]);
    }
    let told = |pair: &serde_json::Value| {
        let rows = pair["not_carried"].as_array().unwrap().iter();
        rows.filter(|row| row["field"] == "assignees").count()
    };
    assert_eq!(told(&lab.sync()), 1, "one line for all of them");
    lab.sync();
    // One that comes later is not tried, and says nothing of it.
    let iid = lab.open("Later", "x");
    lab.edit(iid, |issue| issue.assignees = vec![bob]);
    assert_eq!(told(&lab.sync()), 0);
    for issue in lab.mirrored() {
        let text = issue.description.unwrap();
        assert!(text.contains("- **Assignees:** "), "{text}");
        assert!(issue.assignees.is_empty());
    }
    lab.sim.advance(300);
    lab.idle();
    lab.sim.world().set_role(lab.target, bot, Role::Maintainer);
    lab.sync_with(&["--full"], 0);
    let assigned = |issue: &forge_sim::Issue| !issue.assignees.is_empty();
    assert!(lab.mirrored().iter().all(assigned));
    lab.sim.advance(300);
    lab.idle();
}
