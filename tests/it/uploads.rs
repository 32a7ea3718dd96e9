//! Files between two projects on servers: every spelling of a link, and every way in which a file
//! cannot be had.

use crate::lab::{Lab, author_comment, author_text};
use forge_sim::{Fault, When};
use serde_json::Value;

const SECRET: &str = "66dbcd21ec5d24ed6ea225176098d52b";

fn keep(lab: &Lab, name: &str, content: &[u8]) {
    let mut world = lab.sim.world();
    let project = world.projects.get_mut(&lab.source).unwrap();
    let key = (SECRET.to_owned(), name.to_owned());
    project.uploads.insert(key, content.to_vec());
}

/// Where the only file of the target is.
fn uploaded(lab: &Lab) -> String {
    let world = lab.sim.world();
    let uploads = &world.projects[&lab.target].uploads;
    assert_eq!(uploads.len(), 1, "{:?}", uploads.keys());
    let (secret, name) = uploads.keys().next().unwrap();
    format!("/uploads/{secret}/{name}")
}

fn why(pair: &Value) -> String {
    pair["not_carried"].to_string()
}

#[test]
fn every_spelling_of_a_link_to_a_file_leads_to_its_copy() {
    let lab = Lab::new("");
    keep(&lab, "a b.png", b"png");
    let (url, number) = (lab.sim.url(), lab.source);
    let file = format!("uploads/{SECRET}/a%20b.png");
    let spellings = [
        format!("/{file}"),
        format!("/-/project/{number}/{file}"),
        format!("/team/app/{file}"),
        format!("{url}/team/app/{file}"),
        format!("{url}/-/project/{number}/{file}"),
        format!("/{file}?inline=false"),
        format!("/{file}#part"),
    ];
    let forms = [
        "![a](LINK)",
        "[a](LINK)",
        "[a](LINK \"title\")",
        "![a](LINK){width=100 height=50%}",
        "[a](<LINK>)",
        "x <img src=\"LINK\" width=\"3\"> y",
        "<img alt='' src='LINK'>",
        "<div>\n<a href=\"LINK\">a</a>\n</div>",
        "<video src=\"LINK\" controls></video>",
        "<audio src=\"LINK\"></audio>",
    ];
    let (mut text, mut expected) = (String::new(), String::new());
    for spelling in &spellings {
        for form in forms {
            text += &format!("{}\n\n", form.replace("LINK", spelling));
            expected += &format!("{}\n\n", form.replace("LINK", "COPY"));
        }
    }
    // What stands in code or in a comment of HTML is nobody's link.
    let code = format!("`[a](/{file})`\n\n```\n![a](/{file})\n```\n\n<!-- [a](/{file}) -->");
    text += &format!(
        "{url}/team/app/{file} and <{url}/team/app/{file}>\n\n[a][d]\n\n{code}\n\n[d]: /{file} 't'"
    );
    expected += &format!(
        "[a\\%20b.png](COPY) and [a\\%20b.png](COPY)\n\n[a][d]\n\n{code}\n\n[d]: COPY 't'"
    );
    let iid = lab.open("T", &text);
    lab.comment(iid, &text);
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["attachments"]["copied"], 1);
    let expected = expected.replace("COPY", &uploaded(&lab));
    let issue = &lab.mirrored()[0];
    assert_eq!(author_text(issue.description.as_deref().unwrap()), expected);
    assert_eq!(author_comment(&issue.notes[0].body).1, expected);
    lab.idle();
    // An edit of the text uploads nothing again.
    lab.edit(iid, |issue| {
        issue.description.as_mut().unwrap().insert_str(0, "New. ");
    });
    lab.sim.advance(300);
    assert_eq!(lab.sync()["attachments"]["copied"], 0);
    uploaded(&lab);
}

#[test]
fn what_cannot_be_had_leads_to_the_source_and_is_said() {
    // No token goes there, and that none is accepted there says nothing of ours.
    let away = vec![("location", "/api/v4/user".to_owned())];
    let strange = vec![("location", "ftp://files.example/a.txt".to_owned())];
    for (fault, part) in [
        (None, "before which no token could fetch a file"),
        (Some(Fault::Html), "page of HTML"),
        (Some(Fault::Status(403)), "403"),
        (
            Some(Fault::StatusWith(
                302,
                vec![("location", "/users/sign_in".to_owned())],
            )),
            "wants somebody to sign in",
        ),
        (
            Some(Fault::StatusWith(302, away)),
            "where the instance keeps the file, answered",
        ),
        (
            Some(Fault::StatusWith(302, strange)),
            "which is not followed",
        ),
    ] {
        let lab = Lab::new("");
        if fault.is_some() {
            keep(&lab, "a.txt", b"text");
        }
        let iid = lab.open("T", &format!("[a](/uploads/{SECRET}/a.txt)"));
        lab.comment(iid, &format!("[b](/uploads/{SECRET}/a.txt)"));
        lab.sim.advance(300);
        if let Some(fault) = fault {
            lab.sim.world().plan(When::Every("GET", "/a.txt"), fault);
        }
        let pair = lab.sync();
        assert_eq!(pair["attachments"]["failed"], 2);
        assert!(why(&pair).contains(part), "{part}: {}", why(&pair));
        let there = format!("{}/team/app/uploads/{SECRET}/a.txt", lab.sim.url());
        let issue = &lab.mirrored()[0];
        assert_eq!(
            author_text(issue.description.as_deref().unwrap()),
            format!("[a]({there})")
        );
        assert_eq!(
            author_comment(&issue.notes[0].body).1,
            format!("[b]({there})")
        );
        assert!(lab.sim.world().projects[&lab.target].uploads.is_empty());
        lab.idle();
    }
}

#[test]
fn a_file_that_the_target_refuses_keeps_no_issue_back() {
    for status in [413, 400, 403] {
        let lab = Lab::new("");
        keep(&lab, "a.txt", b"text");
        lab.open("T", &format!("[a](/uploads/{SECRET}/a.txt)"));
        lab.sim.advance(300);
        let upload = When::Every("POST", "/uploads");
        lab.sim.world().plan(upload, Fault::Status(status));
        let pair = lab.sync();
        assert_eq!(pair["attachments"]["failed"], 1);
        assert!(
            why(&pair).contains("the target does not take it"),
            "{}",
            why(&pair)
        );
        let there = format!("{}/team/app/uploads/{SECRET}/a.txt", lab.sim.url());
        assert_eq!(
            author_text(lab.mirrored()[0].description.as_deref().unwrap()),
            format!("[a]({there})")
        );
        lab.idle();
    }
}

#[test]
fn a_file_that_came_in_part_is_not_kept() {
    let lab = Lab::new("");
    keep(&lab, "a.txt", &vec![7; 100_000]);
    lab.open("T", &format!("[a](/uploads/{SECRET}/a.txt)"));
    lab.sim.advance(300);
    let file = When::Every("GET", "/a.txt");
    lab.sim.world().plan(file, Fault::CutBody);
    lab.run(&["sync"]);
    assert!(lab.sim.world().projects[&lab.target].uploads.is_empty());
    lab.sim.world().faults.clear();
    lab.retry_now();
    lab.sim.advance(300);
    assert_eq!(lab.sync()["attachments"]["copied"], 1);
    let world = lab.sim.world();
    let uploads = &world.projects[&lab.target].uploads;
    assert!(uploads.values().all(|content| content.len() == 100_000));
}

#[test]
fn a_file_that_says_how_large_it_is_is_not_fetched() {
    let lab = Lab::new("attachment_max_mb: 1");
    keep(&lab, "a.txt", &vec![7; 1024 * 1024 + 1]);
    lab.open("T", &format!("[a](/uploads/{SECRET}/a.txt)"));
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["attachments"]["too_large"], 1);
    lab.idle();
    lab.configure("attachment_max_mb: 2");
    assert_eq!(lab.sync()["attachments"]["copied"], 1);
    let copy = uploaded(&lab);
    assert_eq!(
        author_text(lab.mirrored()[0].description.as_deref().unwrap()),
        format!("[a]({copy})")
    );
}

#[test]
fn a_file_that_can_be_had_after_all_is_carried_by_a_full_pass() {
    let lab = Lab::new("sync_issue_links: false");
    let link = format!("[a](/uploads/{SECRET}/a.txt)");
    let iid = lab.open("T", &link);
    lab.comment(iid, &link);
    lab.open("Other", "x");
    lab.sim.advance(300);
    assert_eq!(lab.sync()["attachments"]["failed"], 2);
    lab.sim.advance(600);
    // A pass that finds nothing changed costs what it always does.
    assert_eq!(lab.idle(), 1);
    let full = |copied: u64, failed: u64, writes: usize| {
        let (before, written) = {
            let world = lab.sim.world();
            (world.log.len(), world.writes())
        };
        let pair = lab.sync_with(&["--full"], 0);
        assert_eq!(pair["attachments"]["copied"], copied, "{pair:#}");
        assert_eq!(pair["attachments"]["failed"], failed, "{pair:#}");
        let world = lab.sim.world();
        assert_eq!(world.writes() - written, writes);
        world.log.len() - before
    };
    // The counterparts were not looked at since they were made.
    full(0, 2, 0);
    lab.sim.advance(600);
    // The project and account of the source, listing and labels of both; and what it costs that the file
    // is not there still: the account of the target, the issue with its comment, the counterpart with its
    // own, for the text and for the comment, and the file for each of them.
    let nothing_lost = 6;
    assert_eq!(full(0, 2, 0), nothing_lost + 1 + 2 + 4 + 2);
    keep(&lab, "a.txt", b"text");
    lab.sim.advance(600);
    // The file comes and goes once, the text and the comment change.
    full(1, 0, 3);
    let copy = uploaded(&lab);
    let issue = &lab.mirrored()[0];
    assert_eq!(
        author_text(issue.description.as_deref().unwrap()),
        format!("[a]({copy})")
    );
    assert_eq!(
        author_comment(&issue.notes[0].body).1,
        format!("[a]({copy})")
    );
    // What was just written is looked at once more.
    lab.sim.advance(600);
    full(0, 0, 0);
    lab.sim.advance(600);
    assert_eq!(full(0, 0, 0), nothing_lost);
}

/// The target gives up after a second.
fn impatient(lab: &Lab) {
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    let config = config.replace("timeout_seconds: 5", "timeout_seconds: 1");
    lab.env.write("mirror.yaml", &config);
}

#[test]
fn a_file_of_which_nothing_is_accepted_any_more_is_given_up() {
    let lab = Lab::new("");
    impatient(&lab);
    // More than what is between the two takes by itself.
    keep(&lab, "a.bin", &vec![7; 24 * 1024 * 1024]);
    lab.open("T", &format!("[a](/uploads/{SECRET}/a.bin)"));
    lab.open("U", "x");
    lab.sim.advance(300);
    let upload = When::Every("POST", "/uploads");
    lab.sim.world().plan(upload, Fault::Stall);
    let pair = lab.sync_with(&[], 3);
    let failure = pair["failures"][0].to_string();
    assert!(
        failure.contains("nothing more of the file was accepted"),
        "{failure}"
    );
    assert_eq!(pair["issues"]["created"], 1, "the other goes on");
    lab.sim.world().calm();
    lab.retry_now();
    lab.sim.advance(300);
    assert_eq!(lab.sync()["attachments"]["copied"], 1);
}

#[test]
fn p1_a_file_whose_answer_was_lost_is_told_of_and_linked_once() {
    let lab = Lab::new("");
    keep(&lab, "a.txt", b"text");
    let iid = lab.open(
        "T",
        &format!("[a](/uploads/{SECRET}/a.txt) and [b](/uploads/{SECRET}/a.txt)"),
    );
    lab.comment(iid, &format!("[c](/uploads/{SECRET}/a.txt)"));
    lab.sim.advance(300);
    lab.sim.world().plan(When::Write(1), Fault::DropAnswer);
    let pair = lab.sync_with(&[], 3);
    assert_eq!(pair["attachments"]["unreferenced"], 1, "{pair:#}");
    let failure = pair["failures"][0].to_string();
    assert!(
        failure.contains("a file that nothing links to"),
        "{failure}"
    );
    lab.retry_now();
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["attachments"]["unreferenced"], 0);
    assert_eq!(pair["attachments"]["copied"], 1);
    let there = lab.mirrored();
    let texts = [
        author_text(there[0].description.as_deref().unwrap()).to_owned(),
        author_comment(&there[0].notes[0].body).1.to_owned(),
    ];
    let world = lab.sim.world();
    let uploads = &world.projects[&lab.target].uploads;
    assert_eq!((there.len(), uploads.len()), (1, 2));
    // Both of the links lead to one of them.
    let links = uploads.keys().map(|(secret, _)| {
        texts
            .iter()
            .map(|text| text.matches(secret.as_str()).count())
            .sum::<usize>()
    });
    let mut links: Vec<usize> = links.collect();
    links.sort_unstable();
    assert_eq!(links, [0, 3]);
}

#[test]
fn links_that_are_no_whole_addresses_lead_to_the_source() {
    let lab = Lab::new("");
    let here = format!("{}/team/app/-", lab.sim.url());
    let text = "[a](docs/a.md) ![b](img/b.png) [c](/team/app/-/wikis/c 't') [d](#d) `[e](e.md)` [f][f]\n\n[f]: ../wikis/f";
    let iid = lab.open("T", text);
    lab.comment(iid, text);
    lab.sim.advance(300);
    lab.sync();
    let expected = format!(
        "[a]({here}/blob/HEAD/docs/a.md) ![b]({here}/raw/HEAD/img/b.png) [c]({here}/wikis/c 't') [d](#d) `[e](e.md)` [f][f]\n\n[f]: {here}/wikis/f"
    );
    let issue = &lab.mirrored()[0];
    assert_eq!(author_text(issue.description.as_deref().unwrap()), expected);
    assert_eq!(author_comment(&issue.notes[0].body).1, expected);
    lab.sim.advance(300);
    lab.idle();
    lab.sync_with(&["--full"], 0);
    lab.idle();
}

#[test]
fn p6_a_lost_file_lets_nothing_follow_that_is_not_to() {
    let lab = Lab::new("");
    let iid = lab.open("T", &format!("[a](/uploads/{SECRET}/a.txt)"));
    lab.sim.advance(300);
    assert_eq!(lab.sync()["attachments"]["failed"], 1);
    lab.configure("update_existing: false");
    keep(&lab, "a.txt", b"text");
    lab.edit(iid, |issue| issue.title = "U".to_owned());
    lab.sim.advance(300);
    let writes = lab.sim.world().writes();
    for _ in 0..2 {
        lab.sync_with(&["--full"], 0);
        lab.sim.advance(300);
    }
    assert_eq!(lab.sim.world().writes(), writes);
    // Once it follows again, its file comes too.
    lab.configure("");
    assert_eq!(lab.sync_with(&["--full"], 0)["attachments"]["copied"], 1);
}

#[test]
fn an_upload_that_waits_for_its_turn_is_not_given_up() {
    let lab = Lab::new("");
    keep(&lab, "a.txt", b"text");
    lab.open("T", &format!("[a](/uploads/{SECRET}/a.txt)"));
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    // Between two requests is more than the time that an answer may take.
    let config = config.replace(
        "timeout_seconds: 5",
        "timeout_seconds: 1, requests_per_minute: 45",
    );
    lab.env.write("mirror.yaml", &config);
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["attachments"]["copied"], 1);
    assert_eq!(pair["attachments"]["unreferenced"], 0);
}
