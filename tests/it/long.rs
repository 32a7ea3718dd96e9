//! What is longer than GitLab takes arrives as far as it can, and says where the rest is.

use crate::lab::{Lab, author_comment, author_text, shown};
use serde_json::Value;

/// A text of so many bytes, in lines, that ends with a mark.
fn text(bytes: usize) -> String {
    let line = "a line with an é, @alice and `code` in it\n";
    let mut text = line.repeat(bytes / line.len());
    text.push_str("the end of it");
    text
}

/// What was not carried, and how often.
fn not_carried(pair: &Value) -> Vec<(String, u64)> {
    let all = pair["not_carried"].as_array().unwrap();
    let mut all: Vec<_> = all
        .iter()
        .map(|one| {
            let field = one["field"].as_str().unwrap().to_owned();
            (field, one["count"].as_u64().unwrap())
        })
        .collect();
    all.sort();
    all
}

/// Without a store the one mirrored issue is found again as it is.
fn is_known_again(lab: &Lab) {
    lab.env.lose_store();
    lab.sim.advance(300);
    let writes = lab.sim.world().writes();
    let pair = lab.sync();
    assert_eq!(lab.sim.world().writes(), writes);
    assert_eq!(pair["rebuilt"]["equal"], 1, "{pair}");
}

fn counted(field: &str) -> Vec<(String, u64)> {
    vec![(field.to_owned(), 1)]
}

#[test]
fn p9_a_description_that_is_too_long_is_cut_and_leads_to_the_rest() {
    let lab = Lab::new("");
    let long = text(1_048_400);
    lab.open("Long", &format!("```\n{long}"));
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["issues"]["created"], 1);
    assert_eq!(not_carried(&pair), counted("text"));
    let there = lab.mirrored().remove(0).description.unwrap();
    assert!(there.len() <= 1_048_576);
    assert!(there.len() > 1_048_400, "as much as there is room for");
    let kept = author_text(&there);
    // The block of code was ended, and the envelope is whole.
    let (lines, rest) = kept.rsplit_once("\n```\n\n… ").unwrap();
    assert!(
        lines.ends_with("`code` in it"),
        "{}",
        &lines[lines.len() - 80..]
    );
    let page = format!("`{}/team/app/-/issues/1`", lab.sim.url());
    assert_eq!(rest, page);
    assert!(there.contains("- **Source:**"));
    lab.sim.advance(300);
    lab.idle();
    // What the author makes of it later arrives.
    lab.edit(1, |issue| issue.description = Some("Short now.".into()));
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(not_carried(&pair), []);
    let there = lab.mirrored().remove(0).description.unwrap();
    assert_eq!(author_text(&there), "Short now.");
}

#[test]
fn p9_a_comment_that_is_too_long_is_cut_at_a_character() {
    let lab = Lab::new("");
    let issue = lab.open("Talk", "x");
    // No line ends anywhere near, and characters are counted, not bytes, as the refusal says.
    let first = lab.comment(issue, &"é".repeat(999_990));
    lab.comment(issue, &"é".repeat(900_000));
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["comments"]["created"], 2);
    assert_eq!(not_carried(&pair), counted("comment"));
    let there = lab.mirrored().remove(0);
    let notes: Vec<_> = there
        .comments()
        .iter()
        .map(|note| note.body.clone())
        .collect();
    let (_, text) = author_comment(&notes[0]);
    let (kept, rest) = text.rsplit_once("\n\n… ").unwrap();
    assert!(kept.chars().all(|c| c == 'é'));
    let page = format!("{}/team/app/-/issues/1", lab.sim.url());
    assert_eq!(rest, format!("`{page}#note_{first}`"), "not the issue's");
    let (_, text) = author_comment(&notes[1]);
    assert_eq!(text.chars().count(), 900_000, "this one is whole");
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p8_a_cut_mentions_nobody_whom_the_author_did_not_name() {
    let lab = Lab::with("users: { ali: robert }\nmentions: notify", |world| {
        world.add_user("robert");
    });
    // Only alice is named, who is mapped to nobody, and the cut would fall into a name.
    lab.open("Long", &format!("xx{}", " @alice".repeat(149_500)));
    // Here ali is named in code, and the cut takes its end away.
    let names = "@ali ".repeat(13_000);
    lab.open("Code", &format!("{}`{names}`", "x ".repeat(495_000)));
    lab.sim.world().mails.clear();
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(not_carried(&pair), [("text".to_owned(), 2)]);
    for (there, name) in lab.mirrored().into_iter().zip(["alice", "ali"]) {
        let text = there.description.unwrap();
        let (kept, _) = author_text(&text).rsplit_once("\n\n… ").unwrap();
        let name = format!(" @\u{2060}{name}");
        assert!(kept.ends_with(&name), "{}", &kept[kept.len() - 15..]);
    }
    assert_eq!(lab.sim.world().mails, []);
}

#[test]
fn p9_a_title_that_becomes_too_long_is_cut_and_stands_in_the_footer() {
    let lab = Lab::new("");
    // What makes it inert is a character too.
    let title = format!("{} #9", "t".repeat(252));
    lab.open(&title, "x");
    lab.open(&"u".repeat(255), "x");
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["issues"]["created"], 2);
    assert_eq!(not_carried(&pair), counted("title"));
    let there = lab.mirrored();
    assert_eq!(there[0].title, format!("{}…", "t".repeat(252)));
    assert_eq!(there[1].title, "u".repeat(255));
    let footer = there[0].description.as_ref().unwrap();
    let whole = format!("- **Title:** {} #\u{2060}9", "t".repeat(252));
    assert!(footer.contains(&whole), "{footer}");
    assert!(
        !there[1]
            .description
            .as_ref()
            .unwrap()
            .contains("**Title:**")
    );
    lab.sim.advance(300);
    lab.idle();
    lab.edit(1, |issue| issue.title = "Short".into());
    lab.sim.advance(300);
    lab.sync();
    let there = lab.mirrored();
    assert_eq!(there[0].title, "Short");
    assert!(
        !there[0]
            .description
            .as_ref()
            .unwrap()
            .contains("**Title:**")
    );
}

#[test]
fn p9_a_title_that_is_one_long_address_keeps_its_beginning() {
    let lab = Lab::new("");
    let page = format!("{}/team/other/-/issues/1?x=", lab.sim.url());
    // What keeps it from leading to the same server is a character too.
    let title = format!("{page}{}", "x".repeat(255 - page.len()));
    lab.open(&title, "x");
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(not_carried(&pair), counted("title"));
    let there = lab.mirrored().remove(0);
    let shown = there.title.replace('\u{2060}', "");
    let (kept, dots) = shown.split_at(shown.len() - '…'.len_utf8());
    assert!(
        title.starts_with(kept) && kept.len() > 240 && dots == "…",
        "{shown}"
    );
    assert!(there.description.unwrap().contains("- **Title:** "));
    assert!(lab.sim.world().backlinks.is_empty());
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p3_what_was_cut_is_known_again_without_a_store() {
    let lab = Lab::new("");
    lab.open("Long", &text(1_048_400));
    lab.sim.advance(300);
    lab.sync();
    is_known_again(&lab);
}

#[test]
fn p8_of_a_comment_of_more_bytes_than_gitlab_looks_at_nothing_is_carried_out() {
    let lab = Lab::new("");
    let iid = lab.open("Title", "Text");
    // GitLab would look for commands two lines below where they stand.
    let filler = format!("{}\n", "é".repeat(999)).repeat(600);
    lab.comment(iid, &format!("/x\n```\n/close\n```\n{filler}"));
    lab.sim.advance(300);
    lab.sync();
    let there = lab.mirrored().remove(0);
    assert!(there.open && lab.sim.world().executed.is_empty());
    let (_, text) = author_comment(&there.comments()[0].body);
    assert!(text.starts_with("\\/x\n```\n\u{2060}/close\n```\né"));
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p9_what_gitlab_refuses_to_read_is_written_as_markdown_shows_it() {
    let lab = Lab::new("");
    let iid = lab.open("A\0B", "a\0b `\0`");
    lab.comment(iid, "c\0d");
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["issues"]["created"], 1);
    let there = lab.mirrored().remove(0);
    assert_eq!(there.title.replace(' ', "\u{fffd}"), "A\u{fffd}B");
    let text = author_text(there.description.as_deref().unwrap()).to_owned();
    assert_eq!(text, "a\u{fffd}b `\u{fffd}`");
    assert_eq!(author_comment(&there.comments()[0].body).1, "c\u{fffd}d");
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p9_a_title_that_is_cut_leads_in_the_footer_also_where_its_target_arrives_later() {
    let lab = Lab::shifted("");
    let long = "t".repeat(252);
    lab.open(&format!("{long} #8"), "x");
    lab.sim.advance(300);
    lab.sync();
    let title = |lab: &Lab| {
        let text = lab.mirrored()[2].description.clone().unwrap();
        let line = text.lines().find(|line| line.starts_with("- **Title:**"));
        shown(line.unwrap()).replace(&long, "t")
    };
    assert_eq!(title(&lab), "- **Title:** t #·8");
    for n in 2..9 {
        lab.open(&format!("T{n}"), "x");
    }
    lab.sim.advance(300);
    lab.sync();
    // With its number, which is longer, the title is cut as before.
    assert_eq!(lab.mirrored()[2].title, format!("{long}…"));
    assert_eq!(title(&lab), "- **Title:** t #10");
    lab.sim.advance(300);
    lab.idle();
    lab.env.lose_store();
    lab.sim.advance(300);
    let writes = lab.sim.world().writes();
    lab.sync();
    assert_eq!(lab.sim.world().writes(), writes, "it is known again");
}

#[test]
fn p9_a_title_that_is_longer_than_a_line_of_the_footer_leaves_room_for_the_text() {
    let lab = Lab::from_files();
    let title = "@a ".repeat(25_000);
    let front = format!("title: \"{}\"\nauthor: a", title.trim());
    lab.env.source().issue(1, &front, &"x\n".repeat(520_000));
    let run = lab.run(&["sync"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    assert!(
        run.stdout.contains("title of #1: there is more of it than"),
        "{}",
        run.shown()
    );
    let there = lab.mirrored().remove(0);
    let text = there.description.unwrap();
    let line = text.lines().find(|line| line.starts_with("- **Title:**"));
    let line = line.unwrap();
    assert!(
        line.len() > 2048 && line.len() < 8192 && line.contains("@\u{2060}a… "),
        "{line}"
    );
}

/// A pair whose target is of this version and takes so many bytes of a text.
fn short(version: &str, most: usize) -> Lab {
    Lab::with("", |world| {
        world.version = version.into();
        world.text_limit = most;
    })
}

/// How many requests the target refused.
fn refused(lab: &Lab) -> usize {
    let world = lab.sim.world();
    world.log.iter().filter(|one| one.status == 400).count()
}

#[test]
fn p9_a_description_that_fits_with_its_envelope_is_whole() {
    let lab = Lab::new("");
    lab.open("Some", "x");
    lab.sim.advance(300);
    lab.sync();
    let around = lab.mirrored()[0].description.as_ref().unwrap().len() - 1;
    for (more, is_cut) in [(0, false), (1, true)] {
        let text = "x".repeat(1_048_576 - around + more);
        let iid = lab.open("Long", &text);
        lab.sim.advance(300);
        let pair = lab.sync();
        assert_eq!(!not_carried(&pair).is_empty(), is_cut, "{more}");
        let there = lab.mirrored().pop().unwrap().description.unwrap();
        assert_eq!(author_text(&there) == text, !is_cut, "{iid}");
        assert!(there.len() <= 1_048_576 && there.len() > 1_048_000);
    }
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p9_a_comment_is_cut_by_bytes_where_the_target_counts_these() {
    let lab = short("19.1.0-ee", 1_048_576);
    let issue = lab.open("Talk", "x");
    lab.comment(issue, &"é".repeat(900_000));
    lab.comment(issue, &"z".repeat(1_020_000));
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["comments"]["created"], 2);
    assert_eq!(not_carried(&pair), counted("comment"));
    assert_eq!(refused(&lab), 1);
    let there = lab.mirrored().remove(0);
    let notes: Vec<_> = there.comments().iter().map(|n| n.body.clone()).collect();
    let (_, text) = author_comment(&notes[0]);
    let (kept, _) = text.rsplit_once("\n\n… ").unwrap();
    assert!(kept.chars().all(|c| c == 'é'));
    assert!(notes[0].len() <= 1_048_576 && notes[0].len() > 1_040_000);
    assert_eq!(author_comment(&notes[1]).1.len(), 1_020_000);
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p1_a_limit_that_a_refusal_tells_is_learned_once_and_nothing_is_made_twice() {
    let lab = short("19.1.0-ee", 20_000);
    for number in 0..4 {
        let iid = lab.open(&format!("Long {number}"), &text(30_000));
        lab.comment(iid, &text(40_000));
        lab.comment(iid, "short");
    }
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["issues"]["created"], 4);
    assert_eq!(pair["comments"]["created"], 8);
    let expected = [("comment".to_owned(), 4), ("text".to_owned(), 4)];
    assert_eq!(not_carried(&pair), expected);
    // Several are under way at once, before the first is told.
    let tries = refused(&lab);
    assert!((2..=8).contains(&tries), "{tries}");
    let there = lab.mirrored();
    assert_eq!(there.len(), 4);
    for issue in there {
        let text = issue.description.clone().unwrap();
        assert!(
            text.len() <= 20_000 && text.len() > 19_500,
            "{}",
            text.len()
        );
        assert!(author_text(&text).contains("\n\n… `"));
        let notes = issue.comments();
        assert_eq!(notes.len(), 2);
        assert!(notes[0].body.len() <= 20_000 && notes[0].body.len() > 19_500);
        assert_eq!(author_comment(&notes[1].body).1, "short");
    }
    lab.sim.advance(300);
    lab.idle();
    assert_eq!(refused(&lab), tries);
    // What is edited later is cut too, and time that is logged with it is logged once.
    lab.edit(1, |issue| {
        issue.description = Some(format!("More\n{}", text(50_000)));
        issue.time_spent = 3600;
    });
    lab.edit(2, |issue| {
        let note = issue.notes.iter_mut().find(|note| !note.system);
        note.unwrap().body = format!("More\n{}", text(60_000));
    });
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["issues"]["updated"], 2, "{pair}");
    let expected = [("comment".to_owned(), 1), ("text".to_owned(), 1)];
    assert_eq!(not_carried(&pair), expected);
    assert_eq!(lab.mirrored()[0].time_spent, 3600);
    assert_eq!(refused(&lab), tries + 2);
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p3_what_was_cut_to_a_limit_that_nobody_knows_any_more_is_known_again() {
    let lab = short("19.1.0-ee", 20_000);
    let iid = lab.open("Long", &format!("```\n{}", text(30_000)));
    lab.comment(iid, &text(40_000));
    lab.sim.advance(300);
    lab.sync();
    is_known_again(&lab);
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn p12_what_is_cut_and_put_right_in_one_pass_is_counted_once() {
    let lab = short("19.0.0", 3000);
    let long = "words ".repeat(600);
    for number in [2, 1] {
        let text = format!("See #{number}. {long}");
        lab.open("Long", &text);
        lab.comment(3 - number, &text);
    }
    lab.sim.advance(300);
    let pair = lab.sync();
    assert!(pair["put_right"].as_u64().unwrap() > 0, "{pair:#}");
    let both = [("comment", 2), ("text", 2)].map(|(field, count)| (field.to_owned(), count));
    assert_eq!(not_carried(&pair), both);
    assert_eq!(pair["not_carried"][0]["issues"], serde_json::json!([1, 2]));
    // The next pass that writes one counts that one.
    lab.edit(1, |issue| issue.description = Some(format!("{long}.")));
    lab.sim.advance(300);
    assert_eq!(not_carried(&lab.sync()), counted("text"));
}

#[test]
fn p12_a_limit_that_leaves_no_room_for_a_text_is_told() {
    let lab = short("19.1.0-ee", 300);
    lab.open("One", &text(30_000));
    lab.open("Other", "x");
    lab.sim.advance(300);
    let pair = lab.sync_with(&[], 3);
    assert_eq!(pair["issues"]["created"], 0);
    let failures = pair["failures"].to_string();
    assert!(
        failures.contains("the target takes 300 bytes at most"),
        "{failures}"
    );
    assert!(lab.mirrored().is_empty());
    let tries = refused(&lab);
    assert!((1..=2).contains(&tries), "{tries}");
    // Once there is room, they arrive.
    lab.sim.world().text_limit = 2000;
    lab.retry_now();
    let pair = lab.sync();
    assert_eq!(pair["issues"]["created"], 2, "{pair}");
    lab.sim.advance(300);
    lab.idle();
}
