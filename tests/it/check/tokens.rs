//! Tokens: what they open, whose they are, and when they end.

use super::{check, codes, said, set_role};
use crate::lab::Lab;
use forge_sim::{Fault, Role, When};
use jiff::ToSpan;
use serde_json::Value;

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
