//! `check`: everything that can be found out before a first pass, and tokens that end soon.

use crate::env::{Env, Run};
use crate::lab::Lab;
use crate::tracker::Tracker;
use forge_sim::{Fault, Project, Role, When};
use jiff::ToSpan;
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

/// A token ends so many days after the server's today.
fn set_end(lab: &Lab, token: &str, days: i64) {
    let mut world = lab.sim.world();
    let today = world.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    world.tokens.get_mut(token).unwrap().expires_at = Some(today + days.days());
}

/// Each end has an account of its own.
fn other_account(lab: &Lab, name: &str, role: Role) {
    let mut world = lab.sim.world();
    let other = world.add_user(name);
    world.set_role(lab.target, other, role);
    world.tokens.get_mut("writer").unwrap().user = other;
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
        ]
    );
}

#[test]
fn each_finding_is_found_and_nothing_else() {
    type Arrange = fn(&Lab);
    let cases: [(&str, Arrange, &[&str], i32); 12] = [
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
fn tokens_that_open_too_little_are_told_apart() {
    let cases: [(&str, &'static str, &[&str], i32); 5] = [
        ("reader", "read_api", &[], 0),
        ("reader", "read_user", &["!scope"], 1),
        ("writer", "read_api", &["!scope"], 1),
        ("writer", "read_user", &["!scope"], 1),
        ("writer", "read_repository", &["!instance"], 1),
    ];
    for (token, scope, expected, code) in cases {
        let lab = Lab::new("");
        set_role(&lab, lab.target, Role::Owner);
        lab.sim.world().tokens.get_mut(token).unwrap().scopes = vec![scope];
        let (document, exit) = check(&lab);
        let mut found = codes(&document);
        found.retain(|code| code != "one_instance");
        assert_eq!(found, expected, "{token} {scope}: {document:#}");
        assert_eq!(exit, code, "{token} {scope}");
        if found == ["!scope"] {
            let needs = if token == "reader" {
                "has not the scope `read_api` (or `api`): no issue can be read"
            } else {
                "has not the scope `api`: no issue can be written"
            };
            assert!(said(&document, "scope").contains(needs), "{document:#}");
        }
    }
}

#[test]
fn a_token_that_opens_nothing_is_sent_once() {
    let lab = Lab::new("");
    lab.sim.world().tokens.get_mut("writer").unwrap().revoked = true;
    let run = lab.run(&["check"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    for part in [
        "instance backup: cannot be used.\n  error: GET http",
        "401 invalid_token: Token was revoked.",
        "hint: make a new token there with the scope `api`",
        "instance prod: GitLab 18.3.0-ee at",
        "app: cannot run.\n  source       team/app (number",
        "  target       mirrors/app, not to be had\n",
        "error: the target is on the instance `backup`, which cannot be used\n",
    ] {
        assert!(run.stdout.contains(part), "{part}: {}", run.shown());
    }
    let world = lab.sim.world();
    assert_eq!(world.log.iter().filter(|l| l.status == 401).count(), 1);
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
fn another_account_behind_the_token_is_noticed_by_what_is_mirrored() {
    let lab = Lab::new("");
    lab.open("T", "x");
    lab.sim.advance(300);
    lab.sync();
    let (document, _) = check(&lab);
    assert!(!codes(&document).contains(&"other_account".to_owned()));
    other_account(&lab, "mirror-bot-2", Role::Developer);
    let (document, code) = check(&lab);
    assert_eq!(code, 0);
    let told = said(&document, "other_account");
    let named = "write `trusted_authors: [mirror-bot]` into the instance `backup`";
    assert!(told.contains(named), "{told}");
    let told = said(&document, "former_comments");
    assert!(
        told.contains("comments that `mirror-bot` mirrored cannot be edited"),
        "{told}"
    );
    // And once it is named there, only what it cannot do remains.
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    let config = config.replace("WRITER,", "WRITER, trusted_authors: [mirror-bot],");
    lab.env.write("mirror.yaml", &config);
    let found = codes(&check(&lab).0);
    assert!(!found.contains(&"other_account".to_owned()), "{found:?}");
    assert!(found.contains(&"former_comments".to_owned()), "{found:?}");
}

#[test]
fn a_counterpart_that_somebody_else_wrote_and_a_person_joined_is_no_other_account() {
    let lab = Lab::new("");
    lab.open("T", "x");
    let theirs = {
        let mut world = lab.sim.world();
        world.open_issue(lab.target, lab.alice, "T", "x")
    };
    lab.sim.advance(300);
    let run = lab.run(&["link", "app", "1", &theirs.to_string()]);
    assert_eq!(run.code, 0, "{}", run.shown());
    let found = codes(&check(&lab).0);
    assert!(!found.contains(&"other_account".to_owned()), "{found:?}");
}

#[test]
fn a_token_that_ends_soon_is_warned_of_and_one_that_tells_nothing_is_not() {
    for (days, warned) in [(15, false), (14, true), (1, true)] {
        let lab = Lab::new("");
        set_end(&lab, "writer", days);
        let (document, code) = check(&lab);
        assert_eq!(code, 0);
        let warnings = document["instances"][0]["warnings"].to_string();
        assert_eq!(
            warnings.contains("the instance `backup` ends"),
            warned,
            "{warnings}"
        );
        assert_eq!(document["instances"][1]["warnings"], Value::Array(vec![]));
        assert!(document["instances"][0]["token_ends"].is_string());
        let told = lab.run(&["check"]).stdout;
        assert_eq!(told.contains("Renew it there"), warned, "{told}");
    }
    for status in [400, 403, 404] {
        let lab = Lab::new("");
        let about_itself = When::Every("GET", "/personal_access_tokens/self");
        lab.sim.world().plan(about_itself, Fault::Status(status));
        let run = lab.run(&["check"]);
        assert_eq!(run.code, 0, "{status}: {}", run.shown());
        let told = "token        the server does not tell what it may do";
        assert!(run.stdout.contains(told), "{status}: {}", run.shown());
    }
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
fn directories_are_looked_at_and_not_begun() {
    let env = Env::new("");
    assert_eq!(
        env.run(&["check"]).shown(),
        "exit 0
--- stdout
instance here: directory source
instance there: directory target
demo: can run.
  source       ., a tracker
  target       ., begun by the first pass
  as it is     title, description, attachments, comments and threads, open or closed, who closed it and when, type, locked discussion, author, time of writing, labels, weight, due date, time estimate, time spent, iteration, epic, links to other issues
  as labels    milestone (in footers too), assignees (in footers too)
  in footers   number, start date, health status, thumbs up and down
  left out     issues closed when first seen (`sync_closed_issues`), confidential issues (`sync_confidential`), internal comments (`sync_internal_notes`)
"
    );
    assert!(!env.path("target").exists());
    assert!(!env.path("issue-mirror.db").exists());
    // A file where a directory should be.
    env.write("target", "x");
    let run = env.run(&["check"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(run.stdout.contains("demo: cannot run."), "{}", run.shown());
    // Something else than a tracker.
    std::fs::remove_file(env.path("target")).unwrap();
    env.write("target/letter.txt", "x");
    let run = env.run(&["check"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(run.stdout.contains("holds other files"), "{}", run.shown());
    // A copy of the source.
    std::fs::remove_dir_all(env.path("target")).unwrap();
    Tracker::begin(env.path("target"), "source-1", "plans");
    let run = env.run(&["check"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(
        run.stdout.contains("both ends are one project"),
        "{}",
        run.shown()
    );
}

#[test]
fn a_directory_whose_disk_is_missing_is_said() {
    let env = Env::new("");
    env.source().issue(1, "title: T", "x");
    env.sync();
    std::fs::rename(env.path("target"), env.path("elsewhere")).unwrap();
    let run = env.run(&["check"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(run.stdout.contains("is a disk missing?"), "{}", run.shown());
    assert!(!env.path("target").exists());
    // Another tracker lies where one was.
    Tracker::begin(env.path("target"), "other-1", "others");
    let run = env.run(&["check"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    let said = "is directory:other-1 now; everything would be mirrored a second time";
    assert!(run.stdout.contains(said), "{}", run.shown());
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

/// How often servers were asked about their tokens.
fn asked(lab: &Lab) -> usize {
    let world = lab.sim.world();
    let about = |logged: &&forge_sim::world::Logged| logged.target.ends_with("/self");
    world.log.iter().filter(about).count()
}

/// A day passes for what is asked once a day.
fn next_day(lab: &Lab) {
    let store = rusqlite::Connection::open(lab.env.path("issue-mirror.db")).unwrap();
    store
        .execute_batch("UPDATE token SET asked_at = asked_at - 86400000")
        .unwrap();
}

#[test]
fn a_pass_warns_once_a_day_of_a_token_that_ends_soon() {
    let lab = Lab::new("");
    lab.open("T", "x");
    lab.sim.advance(300);
    set_end(&lab, "writer", 10);
    assert_eq!(lab.run(&["sync", "--dry-run"]).code, 0);
    assert_eq!(asked(&lab), 0, "a trial run");
    let warnings = |pair: &Value| pair["warnings"].to_string();
    let pair = lab.sync();
    assert_eq!(asked(&lab), 2, "each of the two tokens");
    let warned = "the token of the instance `backup` ends in 10 days";
    assert!(warnings(&pair).contains(warned), "{pair:#}");
    assert!(!warnings(&pair).contains("`prod`"), "{pair:#}");
    lab.sim.advance(600);
    lab.idle();
    lab.sim.advance(600);
    assert_eq!(lab.idle(), 1, "nothing more that day");
    next_day(&lab);
    assert_eq!(lab.idle(), 3);
    next_day(&lab);
    lab.sync_with(&["--issue", "1", "app"], 0);
    assert_eq!(asked(&lab), 4, "one issue is no pass");
    let run = lab.run(&["sync"]);
    assert!(
        run.stdout.contains(&format!("note: {warned}")),
        "{}",
        run.shown()
    );
}

#[test]
fn a_server_that_tells_nothing_of_a_token_is_not_asked_again_that_day() {
    for status in [400, 403, 404, 500] {
        let lab = Lab::new("");
        lab.open("T", "x");
        lab.sim.advance(300);
        let about_itself = When::Every("GET", "/personal_access_tokens/self");
        lab.sim.world().plan(about_itself, Fault::Status(status));
        let pair = lab.sync();
        assert_eq!(pair["warnings"], Value::Array(vec![]), "{status}");
        assert_eq!(asked(&lab), 2, "{status}: once for each token");
        lab.sim.advance(600);
        lab.idle();
        lab.sim.advance(600);
        assert_eq!(lab.idle(), 1, "{status}");
    }
}
