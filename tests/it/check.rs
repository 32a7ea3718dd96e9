//! `check`: everything that can be found out before a first pass, and tokens that end soon.

mod directories;
mod tokens;

use crate::env::Run;
use crate::lab::Lab;
use forge_sim::{Fault, Project, Role, When};
use serde_json::Value;

/// What `check` finds of the pair: its document, and the exit status that goes with it.
fn check(lab: &Lab) -> (Value, i32) {
    let (bytes, writes) = (stored(lab), lab.sim.world().writes());
    let run = lab.run(&["check", "--output", "json"]);
    assert_eq!(run.stderr, "", "{}", run.shown());
    assert_eq!(stored(lab), bytes, "the store is left alone");
    assert_eq!(lab.sim.world().writes(), writes);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["exit_code"], run.code);
    (document, run.code)
}

fn stored(lab: &Lab) -> Option<Vec<u8>> {
    std::fs::read(lab.env.path("issue-mirror.db")).ok()
}

/// The findings of the pair by their codes; those that keep it from running have a `!`.
fn codes(document: &Value) -> Vec<String> {
    let findings = document["pairs"][0]["findings"].as_array().unwrap();
    let code = |finding: &Value| {
        let mark = if finding["blocks"] == true { "!" } else { "" };
        format!("{mark}{}", finding["code"].as_str().unwrap())
    };
    findings.iter().map(code).collect()
}

/// What is said under a code.
fn said<'a>(document: &'a Value, code: &str) -> &'a str {
    let findings = document["pairs"][0]["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["code"] == code);
    found.unwrap_or_else(|| panic!("{code} is not in {document:#}"))["text"]
        .as_str()
        .unwrap()
}

/// With the address of the server masked.
fn masked(lab: &Lab, run: &Run) -> String {
    let port = lab.sim.port().to_string();
    run.shown().replace(&format!(":{port}"), ":PORT")
}

fn change(lab: &Lab, project: u64, change: impl FnOnce(&mut Project)) {
    change(lab.sim.world().projects.get_mut(&project).unwrap());
}

/// The account has this role in a project.
fn set_role(lab: &Lab, project: u64, role: Role) {
    let mut world = lab.sim.world();
    let bot = world.tokens["writer"].user;
    world.set_role(project, bot, role);
}

#[test]
fn what_a_pair_can_carry_is_said_before_anything_is_written() {
    let lab = Lab::new("");
    let run = lab.run(&["check"]);
    assert_eq!(
        masked(&lab, &run),
        "exit 0
--- stdout
instance backup: GitLab 18.3.0-ee at http://127.0.0.1:PORT
  account      mirror-bot
  token        api; does not end
instance prod: GitLab 18.3.0-ee at http://127.0.0.1:PORT
  account      mirror-bot
  token        api; does not end
app: can run.
  source       team/app (number 5000000001, private); the account is Reporter there
  target       mirrors/app (number 5000000002, private); the account is Maintainer there
  as it is     title, description, attachments, comments and threads, open or closed, type, locked discussion, labels, weight, due date, time estimate, time spent, links to other issues
  as labels    milestone (in footers too), assignees (in footers too), iteration (in footers too), epic (in footers too)
  in footers   who closed it and when, author, time of writing, number, start date, health status, thumbs up and down
  could be     as it is, with the role Owner: time of writing
  not told     whether there is GitLab Premium (without it a footer line): weight
  left out     issues closed when first seen (`sync_closed_issues`), confidential issues (`sync_confidential`), internal comments (`sync_internal_notes`)
  note: both ends are on 127.0.0.1:PORT: links to the source stand in code spans, so that they leave no trace on it.
  note: the target does not keep the original times of issues and comments; they stand in footers. It would with the role Owner.
"
    );
    assert!(!lab.env.path("issue-mirror.db").exists());
    assert_eq!(lab.sim.world().writes(), 0);
    assert_eq!(lab.run(&["-q", "check"]).shown(), "exit 0\n");
}

#[test]
fn it_asks_once_for_each_thing() {
    let lab = Lab::new("");
    check(&lab);
    let world = lab.sim.world();
    let asked: Vec<&str> = world
        .log
        .iter()
        .map(|logged| logged.target.strip_prefix("/api/v4/").unwrap())
        .collect();
    assert_eq!(
        asked,
        [
            "personal_access_tokens/self",
            "user",
            "metadata",
            "personal_access_tokens/self",
            "user",
            "metadata",
            "projects/team%2Fapp",
            "projects/mirrors%2Fapp",
            "projects/mirrors%2Fapp/members/all?per_page=100",
            "user",
            "projects/mirrors%2Fapp/issues?scope=all&per_page=1",
            "projects/mirrors%2Fapp/integrations",
        ]
    );
}

#[test]
fn each_finding_is_found_and_nothing_else() {
    type Arrange = fn(&Lab);
    let cases: [(&str, Arrange, &[&str], i32); 14] = [
        ("an owner", |_| {}, &[], 0),
        (
            "a guest at the source",
            |lab| set_role(lab, lab.source, Role::Guest),
            &["sees_no_confidential"],
            0,
        ),
        (
            "a guest at the source of a public target",
            |lab| {
                set_role(lab, lab.source, Role::Guest);
                change(lab, lab.target, |project| project.public = true);
            },
            &["!sees_no_confidential", "more_visible"],
            1,
        ),
        (
            "a guest at the target",
            |lab| set_role(lab, lab.target, Role::Guest),
            &[
                "fields_dropped",
                "times_dropped",
                "no_hiding",
                "former_comments",
            ],
            0,
        ),
        (
            "a planner at the target",
            |lab| set_role(lab, lab.target, Role::Planner),
            &["times_dropped", "former_comments"],
            0,
        ),
        (
            "a maintainer at the target",
            |lab| set_role(lab, lab.target, Role::Maintainer),
            &["times_dropped"],
            0,
        ),
        (
            "a public target",
            |lab| change(lab, lab.target, |project| project.public = true),
            &["more_visible"],
            0,
        ),
        (
            "others at the target",
            |lab| lab.sim.world().set_role(lab.target, lab.alice, Role::Guest),
            &["mails"],
            0,
        ),
        (
            "others who are not mailed",
            |lab| {
                lab.sim.world().set_role(lab.target, lab.alice, Role::Guest);
                change(lab, lab.target, |project| project.emails_disabled = true);
            },
            &[],
            0,
        ),
        (
            "a target that tells Jira",
            |lab| change(lab, lab.target, |project| project.connect("jira", &["ABC"])),
            &["tracker"],
            0,
        ),
        (
            "a target that links the keys of a tracker and tells it nothing",
            |lab| {
                change(lab, lab.target, |project| {
                    project.connect("redmine", &["ABC"]);
                });
            },
            &[],
            0,
        ),
        (
            "an archived source",
            |lab| change(lab, lab.source, |project| project.archived = true),
            &["archived"],
            0,
        ),
        (
            "an archived target",
            |lab| change(lab, lab.target, |project| project.archived = true),
            &["!archived"],
            1,
        ),
        (
            "no issues",
            |lab| change(lab, lab.source, |project| project.issues_enabled = false),
            &["!no_issues"],
            1,
        ),
    ];
    for (name, arrange, expected, code) in cases {
        let lab = Lab::new("");
        set_role(&lab, lab.target, Role::Owner);
        arrange(&lab);
        let (document, exit) = check(&lab);
        let mut found = codes(&document);
        assert_eq!(exit, code, "{name}: {document:#}");
        let one = found.iter().position(|code| code == "one_instance");
        found.remove(one.unwrap());
        assert_eq!(found, expected, "{name}: {document:#}");
        assert_eq!(document["pairs"][0]["can_run"], code == 0, "{name}");
    }
}

#[test]
fn what_is_found_is_what_a_pass_meets() {
    // What is said to block does, and what is said to run does.
    let lab = Lab::new("");
    lab.open("T", "x");
    lab.sim.advance(300);
    change(&lab, lab.target, |project| project.archived = true);
    assert_eq!(check(&lab).1, 1);
    assert_ne!(lab.run(&["sync"]).code, 0);
    change(&lab, lab.target, |project| project.archived = false);
    set_role(&lab, lab.target, Role::Planner);
    assert_eq!(check(&lab).1, 0);
    lab.retry_now();
    lab.sync();
    assert_eq!(lab.mirrored().len(), 1);
    assert_eq!(check(&lab).1, 0, "with a store too");
}

#[test]
fn projects_that_are_not_there_or_not_the_same_are_said() {
    let lab = Lab::new("");
    lab.sim.world().projects.remove(&lab.target);
    let (document, code) = check(&lab);
    assert_eq!(code, 1);
    assert_eq!(codes(&document), ["!open"]);
    assert!(said(&document, "open").contains("there is no such project"));

    let lab = Lab::new("");
    lab.open("T", "x");
    lab.sync();
    change(&lab, lab.target, |project| {
        project.path = "old/place".into();
    });
    {
        let mut world = lab.sim.world();
        let (other, bot) = (
            world.add_project("mirrors/app"),
            world.tokens["writer"].user,
        );
        world.set_role(other, bot, Role::Maintainer);
    }
    let (document, code) = check(&lab);
    assert_eq!(code, 1);
    assert_eq!(codes(&document), ["!open"]);
    assert!(said(&document, "open").contains("another project is at mirrors/app now"));
}

#[test]
fn configuration_that_is_wrong_and_tokens_that_are_not_set_are_2_and_nothing_is_contacted() {
    let lab = Lab::new("");
    let run = lab.env.run_with(&["check"], &[("READER", "reader")]);
    assert_eq!(run.code, 2, "{}", run.shown());
    assert!(run.stderr.contains("WRITER is not set"), "{}", run.shown());
    assert_eq!(lab.run(&["check", "other"]).code, 2);
    lab.configure("sync_coments: true");
    assert_eq!(lab.run(&["check"]).code, 2);
    assert!(lab.sim.world().log.is_empty());
    // A pair that is disabled needs no token.
    lab.configure("enabled: false");
    let run = lab.env.run(&["check"]);
    assert_eq!(
        run.shown(),
        "exit 0\n--- stdout\napp: disabled in the configuration; not tried.\n"
    );
}

#[test]
fn a_server_that_is_down_is_asked_for_nothing_else() {
    let lab = Lab::new("");
    lab.sim
        .world()
        .plan(When::Every("GET", "/self"), Fault::Status(500));
    let (document, code) = check(&lab);
    assert_eq!(code, 1);
    assert_eq!(codes(&document), ["!instance", "!instance"]);
    assert_eq!(document["instances"][0]["reachable"], false);
    assert!(document["instances"][0]["hint"].is_string());
    let world = lab.sim.world();
    assert!(world.log.iter().all(|l| l.target.ends_with("/self")));
}

#[test]
fn an_administrator_lacks_nothing_although_it_is_no_member() {
    let lab = Lab::with("", |world| {
        let root = world.add_user("root");
        world.users.get_mut(&root).unwrap().admin = true;
        for token in ["reader", "writer"] {
            world.tokens.get_mut(token).unwrap().user = root;
        }
    });
    let (document, code) = check(&lab);
    assert_eq!(code, 0, "{document:#}");
    // The account that was meant for it is still a member, and would be mailed.
    assert_eq!(codes(&document), ["one_instance", "mails"], "{document:#}");
    let run = lab.run(&["check"]);
    for part in ["root, an administrator", "; the account is no member"] {
        assert!(run.stdout.contains(part), "{part}: {}", run.shown());
    }
}

#[test]
fn several_pairs_are_counted() {
    let lab = Lab::new("");
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    let pair = "  - name: lost
    source: { instance: prod, project: team/app }
    target: { instance: backup, project: mirrors/lost }
";

    lab.env.write("mirror.yaml", &format!("{config}{pair}"));
    let run = lab.run(&["check"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(
        run.stdout.ends_with("2 pairs: 1 can run.\n"),
        "{}",
        run.shown()
    );
    assert_eq!(lab.run(&["check", "app"]).code, 0);
}
